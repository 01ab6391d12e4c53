"""What an opportunity offers, per element, and what it demands of each item."""

import uuid

import pghistory
from django.db import models
from django.utils.translation import gettext_lazy as _

from moonbridge.cooperation.opportunities import guards
from moonbridge.cooperation.opportunities.models.calls import Opportunity
from moonbridge.cooperation.programmes.models import Element
from moonbridge.quantities import KINDS, Kind, custom


class Resource(models.TextChoices):
    """Resources with a meaning of their own; any other is ``other`` with a name and a unit."""

    MASS = "mass", _("mass")
    POWER_AVERAGE = "power-average", _("average power")
    POWER_PEAK = "power-peak", _("peak power")
    DATA_PER_DAY = "data-per-day", _("data per day")
    SLOTS = "slots", _("mounting slots")
    STATION_TIME = "station-time", _("station time")
    OTHER = "other", _("other resource")


QUANTITY: dict[str, str] = {
    Resource.MASS: "mass",
    Resource.POWER_AVERAGE: "power",
    Resource.POWER_PEAK: "power",
    Resource.DATA_PER_DAY: "data per day",
    Resource.SLOTS: "number",
    Resource.STATION_TIME: "time",
}
"""The kind of quantity (see :data:`moonbridge.quantities.KINDS`) in which a resource is counted."""


@pghistory.track()
class EnvelopeLine(models.Model):
    """How much of one resource one element offers, in exact base units; null means no limit is stated."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    opportunity = models.ForeignKey(Opportunity, models.CASCADE, related_name="envelope")
    element = models.ForeignKey(
        Element, models.PROTECT, null=True, related_name="+", help_text=_("empty: the whole mission")
    )
    resource = models.CharField(max_length=16, choices=Resource)
    name = models.CharField(_("name of the resource"), max_length=80, blank=True)
    unit = models.CharField(_("unit"), max_length=20, blank=True)
    total = models.BigIntegerField(_("in total"), null=True)
    per_item = models.BigIntegerField(_("at most per item"), null=True)
    margin = models.BigIntegerField(_("held back"), default=0)
    position = models.PositiveSmallIntegerField(default=0)

    class Meta:
        ordering = ("position", "id")
        constraints = (
            models.UniqueConstraint(
                fields=["opportunity", "element", "resource", "name"],
                name="one_line_per_resource",
                nulls_distinct=False,
            ),
            models.CheckConstraint(
                condition=models.Q(total__isnull=True) | models.Q(total__gte=models.F("margin")),
                name="margin_within_total",
            ),
            models.CheckConstraint(
                condition=models.Q(per_item__isnull=True) | models.Q(per_item__gte=0), name="per_item_not_negative"
            ),
            models.CheckConstraint(condition=models.Q(margin__gte=0), name="margin_not_negative"),
            models.CheckConstraint(
                condition=~models.Q(resource=Resource.OTHER) | (~models.Q(name="") & ~models.Q(unit="")),
                name="other_resource_is_named",
            ),
        )
        triggers = (guards.part_of_terms(),)

    def __str__(self) -> str:
        return self.label

    @property
    def label(self) -> str:
        """The resource's name as people read it."""
        return self.name or str(Resource(self.resource).label)

    @property
    def kind(self) -> Kind:
        """How amounts of this line are read and written."""
        return custom(self.unit) if self.resource == Resource.OTHER else KINDS[QUANTITY[self.resource]]

    @property
    def of_resource(self) -> tuple[str, str, str]:
        """What tells the line's resource from others, on whatever element."""
        return (self.resource, self.name, self.unit)

    @property
    def available(self) -> int | None:
        """What may be granted: the total without the margin held back, in base units."""
        return None if self.total is None else self.total - self.margin


@pghistory.track()
class Accommodation(models.Model):
    """What an element demands of each item: box, temperatures, and words. Lengths in micrometres, temperatures in 0.01 °C."""

    opportunity = models.ForeignKey(Opportunity, models.CASCADE, related_name="accommodations")
    element = models.ForeignKey(Element, models.PROTECT, null=True, related_name="+")
    length_um = models.BigIntegerField(null=True)
    width_um = models.BigIntegerField(null=True)
    height_um = models.BigIntegerField(null=True)
    coldest_centidegree = models.IntegerField(null=True)
    hottest_centidegree = models.IntegerField(null=True)
    note = models.TextField(blank=True)

    class Meta:
        constraints = (
            models.UniqueConstraint(
                fields=["opportunity", "element"], name="one_accommodation_per_element", nulls_distinct=False
            ),
        )
        triggers = (guards.part_of_terms(),)

    def __str__(self) -> str:
        return f"{self.opportunity}: {self.element or 'any element'}"
