"""What a call demands of the portfolio as a whole."""

import uuid
from fractions import Fraction
from typing import Final

import pghistory
from django.db import models
from django.utils.translation import gettext_lazy as _

from moonbridge.cooperation.opportunities import guards
from moonbridge.cooperation.opportunities.models.calls import Opportunity
from moonbridge.cooperation.opportunities.models.envelope import QUANTITY, Resource
from moonbridge.quantities import COUNT, KINDS, Kind, custom


class GroupKind(models.TextChoices):
    """By what a rule groups proposals."""

    COUNTRY = "country", _("country")
    INSTITUTION = "institution", _("institution")
    THEME = "theme", _("theme")
    FIRST_TIME = "first-time", _("first-time participants")
    ELEMENT = "element", _("element")
    ALL = "all", _("all proposals")


class Measure(models.TextChoices):
    """What a rule measures of a group."""

    NUMBER = "number", _("selected proposals")
    SHARES = "shares", _("shares in selected proposals")
    AMOUNT = "amount", _("an amount of a resource")
    PART = "part", _("a part of what is selected, in per cent")


PERMILLE: Final = 1000
"""Shares and parts are kept in thousandths."""
PER_CENT: Final = Kind("part", "0.1 %", {"%": Fraction(PERMILLE, 100)}, ("%",), "%")
SHARES: Final = Kind("shares", "0.001", {"": Fraction(PERMILLE)}, ("",), "")


@pghistory.track()
class PortfolioRule(models.Model):
    """At least / at most so much of the portfolio for a group.

    ``group`` names one (a country code, a theme, an institution) or is empty for each. ``measure`` says what is counted, and in
    what the bounds are kept: proposals, thousandths of a share or of the whole, or base units of the ``resource`` over all
    elements. A part is one of the resource as it is granted, or without one of the selected proposals.
    """

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    opportunity = models.ForeignKey(Opportunity, models.CASCADE, related_name="portfolio_rules")
    by = models.CharField(max_length=12, choices=GroupKind)
    group = models.CharField(max_length=80, blank=True)
    measure = models.CharField(max_length=6, choices=Measure, default=Measure.NUMBER)
    resource = models.CharField(max_length=16, choices=Resource, blank=True)
    name = models.CharField(_("name of the resource"), max_length=80, blank=True)
    unit = models.CharField(_("unit"), max_length=20, blank=True)
    at_least = models.PositiveBigIntegerField(null=True)
    at_most = models.PositiveBigIntegerField(null=True)
    distinct = models.BooleanField(
        default=False, help_text=_("count different groups instead of items: at least 6 countries")
    )

    class Meta:
        constraints = (
            models.CheckConstraint(
                condition=models.Q(at_least__isnull=False) | models.Q(at_most__isnull=False),
                name="portfolio_rule_says_something",
            ),
            models.UniqueConstraint(
                fields=["opportunity", "by", "group", "distinct", "measure", "resource", "name"],
                name="one_portfolio_rule_per_group",
            ),
            models.CheckConstraint(
                condition=models.Q(measure=Measure.AMOUNT) & ~models.Q(resource="")
                | models.Q(measure=Measure.PART)
                | models.Q(measure__in=[Measure.NUMBER, Measure.SHARES], resource=""),
                name="portfolio_rule_measures_a_resource",
            ),
            models.CheckConstraint(
                condition=~models.Q(measure=Measure.PART)
                | (models.Q(at_least__isnull=True) | models.Q(at_least__lte=PERMILLE))
                & (models.Q(at_most__isnull=True) | models.Q(at_most__lte=PERMILLE)),
                name="portfolio_rule_part_of_the_whole",
            ),
            models.CheckConstraint(
                condition=models.Q(measure=Measure.NUMBER) | models.Q(distinct=False),
                name="portfolio_rule_counts_different_groups",
            ),
            models.CheckConstraint(
                condition=models.Q(resource=Resource.OTHER) & ~models.Q(name="") & ~models.Q(unit="")
                | ~models.Q(resource=Resource.OTHER) & models.Q(name="", unit=""),
                name="portfolio_rule_names_other_resource",
            ),
        )
        triggers = (guards.part_of_terms(),)

    def __str__(self) -> str:
        return f"{self.by} {self.group}: {self.at_least}..{self.at_most}"

    @property
    def kind(self) -> Kind:
        """How the bounds are read and written, by what is measured."""
        match self.measure:
            case Measure.AMOUNT:
                return custom(self.unit) if self.resource == Resource.OTHER else KINDS[QUANTITY[self.resource]]
            case Measure.PART:
                return PER_CENT
            case Measure.SHARES:
                return SHARES
        return COUNT

    @property
    def of_resource(self) -> tuple[str, str, str]:
        """What tells the rule's resource from others: the same as of the lines of the envelope that offer it."""
        return (self.resource, self.name, self.unit)

    @property
    def resource_label(self) -> str:
        """The name of the rule's resource as people read it; empty where it has none."""
        return self.name or (str(Resource(self.resource).label) if self.resource else "")

    def bound_text(self, bound: int) -> str:
        """Return a bound of this rule as exact text: a number, an amount with its unit, or a percentage."""
        return self.kind.text(bound)
