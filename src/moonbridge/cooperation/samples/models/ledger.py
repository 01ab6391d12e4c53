"""What a collection keeps: pieces, where they come from, what they weighed, who has them. The amounts are in the books of ``ledger``."""

import uuid

import pghistory
import pgtrigger
from django.conf import settings
from django.contrib.postgres.constraints import ExclusionConstraint
from django.contrib.postgres.fields import DateTimeRangeField, RangeOperators
from django.db import models
from django.db.models.functions import Now
from django.utils.translation import gettext_lazy as _

from moonbridge.cooperation.programmes.models import Mission, Partner
from moonbridge.cooperation.samples.states.ledger import (
    INCIDENTS,
    REWEIGHINGS,
    UNSETTLED,
    IncidentState,
    ReweighingState,
)
from moonbridge.engines.ledger.conservation import Closure, closure, nearest
from moonbridge.engines.ledger.genealogy import Descent, PieceKind
from moonbridge.ledger.models import Book, Movement


class Collection(models.Model):
    """The samples of one mission and material, kept by one agency, with a book of their own."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    slug = models.SlugField(max_length=80, unique=True)
    name = models.CharField(_("name"), max_length=200)
    agency = models.ForeignKey(Partner, models.PROTECT, related_name="collections")
    mission = models.ForeignKey(Mission, models.PROTECT, null=True, related_name="collections")
    material = models.CharField(_("material"), max_length=120, blank=True)
    source = models.CharField(_("source"), max_length=500, blank=True)
    book = models.OneToOneField(Book, models.PROTECT, related_name="collection")

    class Meta:
        ordering = ("slug",)

    def __str__(self) -> str:
        return self.name

    @property
    def address(self) -> str:
        """The stable address used in the record."""
        return f"collection/{self.slug}"


class Split(models.Model):
    """One piece that can be handed on: a sample as it came, a split, a thin section, a mount, a mixture, a residue.

    Its mass is the balance of the account ``STORE:<name>`` in the collection's book. ``nominal`` pieces (sections, mounts) have an
    agreed mass and are counted: ``pieces``. The contamination class (0 is cleanest) never falls from parent to child.
    """

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    collection = models.ForeignKey(Collection, models.PROTECT, related_name="splits")
    name = models.CharField(_("name"), max_length=80)
    kind = models.CharField(max_length=12, choices=[(kind.value, kind.value) for kind in PieceKind])
    description = models.TextField(_("description"), blank=True)
    material = models.CharField(_("material"), max_length=120, blank=True)
    nominal = models.BooleanField(default=False)
    pieces = models.PositiveIntegerField(default=1)
    contamination = models.PositiveSmallIntegerField(default=0)
    facts = models.JSONField(default=dict)
    made_at = models.DateTimeField(db_default=Now(), editable=False)

    class Meta:
        ordering = ("collection", "name")
        constraints = (
            models.UniqueConstraint(fields=["collection", "name"], name="one_split_per_name"),
            models.CheckConstraint(
                condition=models.Q(kind__in=[kind.value for kind in PieceKind]), name="split_kind_known"
            ),
        )
        triggers = (
            pgtrigger.Protect(name="splits_stay", operation=pgtrigger.Delete),
            pgtrigger.Protect(
                name="contamination_never_falls",
                operation=pgtrigger.Update,
                condition=pgtrigger.Q(new__contamination__lt=pgtrigger.F("old__contamination")),
            ),
        )

    def __str__(self) -> str:
        return self.name


class Parentage(models.Model):
    """``child`` was made of ``parent``. The database refuses a circle, and a child cleaner than its parent (migration 0002)."""

    child = models.ForeignKey(Split, models.PROTECT, related_name="parentage")
    parent = models.ForeignKey(Split, models.PROTECT, related_name="descent")
    kind = models.CharField(max_length=12, choices=[(kind.value, kind.value) for kind in Descent])
    movement = models.ForeignKey(Movement, models.PROTECT, null=True, related_name="+", db_index=False)

    class Meta:
        constraints = (
            models.UniqueConstraint(fields=["child", "parent"], name="one_parentage_per_pair"),
            models.CheckConstraint(condition=~models.Q(child=models.F("parent")), name="no_piece_is_its_own_parent"),
            models.CheckConstraint(condition=models.Q(kind__in=[kind.value for kind in Descent]), name="descent_known"),
        )
        indexes = (
            # The catalogue leaves out what goes under another number by now, and asks so for each piece that it lists.
            models.Index(
                fields=["parent"], condition=models.Q(kind=Descent.RENUMBERING.value), name="renumbered_pieces"
            ),
        )
        triggers = (pgtrigger.Protect(name="parentage_stays", operation=pgtrigger.Update | pgtrigger.Delete),)

    def __str__(self) -> str:
        return f"{self.child_id} of {self.parent_id}"


class Alias(models.Model):
    """Another name of a piece: an old number, the number of another register."""

    split = models.ForeignKey(Split, models.PROTECT, related_name="aliases")
    name = models.CharField(max_length=80, db_index=True)
    scheme = models.CharField(max_length=80, blank=True)

    class Meta:
        verbose_name_plural = "aliases"
        constraints = (models.UniqueConstraint(fields=["split", "name"], name="one_alias_once"),)

    def __str__(self) -> str:
        return self.name


class WeighingKind(models.TextChoices):
    """How a mass is known."""

    MEASURED = "measured", _("measured")
    NOMINAL = "nominal", _("nominal")
    BOUNDED = "bounded", _("bounded")
    DERIVED = "derived", _("derived")


class Weighing(models.Model):
    """A piece on a balance: the mass and its standard uncertainty in nanograms, by whom, and who watched.

    A ``bounded`` weighing knows no more than that the mass lies between ``least`` (0 where nothing is known below) and ``mass``.
    """

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    split = models.ForeignKey(Split, models.PROTECT, related_name="weighings")
    kind = models.CharField(max_length=8, choices=WeighingKind)
    mass = models.BigIntegerField(help_text=_("in nanograms"))
    sigma = models.BigIntegerField(null=True, help_text=_("standard uncertainty in nanograms; empty: not known"))
    least = models.BigIntegerField(null=True, help_text=_("lower bound in nanograms, of a bounded weighing"))
    balance = models.CharField(_("balance"), max_length=120, blank=True)
    operator = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+")
    witness = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+")
    note = models.TextField(blank=True)
    weighed_at = models.DateTimeField()
    written_at = models.DateTimeField(db_default=Now(), editable=False)

    class Meta:
        ordering = ("weighed_at",)
        constraints = (
            models.CheckConstraint(condition=models.Q(mass__gte=0), name="weighing_not_negative"),
            models.CheckConstraint(
                condition=models.Q(sigma__isnull=True) | models.Q(sigma__gte=0), name="weighing_sigma_not_negative"
            ),
            models.CheckConstraint(
                condition=~models.Q(kind=WeighingKind.MEASURED) | models.Q(sigma__isnull=False),
                name="measured_weighing_has_sigma",
            ),
            models.CheckConstraint(
                condition=models.Q(
                    kind=WeighingKind.BOUNDED,
                    sigma=None,
                    least__isnull=False,
                    least__gte=0,
                    least__lte=models.F("mass"),
                )
                | (~models.Q(kind=WeighingKind.BOUNDED) & models.Q(least=None)),
                name="bounded_weighing_has_bounds",
            ),
            models.CheckConstraint(
                condition=models.Q(witness__isnull=True) | ~models.Q(operator=models.F("witness")),
                name="weighing_has_two_people",
            ),
        )
        triggers = (pgtrigger.Protect(name="weighings_stay", operation=pgtrigger.Update | pgtrigger.Delete),)

    def __str__(self) -> str:
        return f"{self.split_id}: {self.mass} ng"

    @property
    def is_bounded(self) -> bool:
        """Whether only bounds are known."""
        return self.least is not None

    def against(self, booked: int) -> int:
        """Return what it says of an amount that the books put at ``booked`` nanograms: itself, or the nearest within its bounds."""
        return self.mass if self.least is None else nearest(booked, self.least, self.mass)


class Reconciliation(models.Model):
    """How what came back compares with what was issued, and who signed for the rest, which went to ``ADJUST:<label>``.

    ``remainder`` is issued minus accounted: above zero something is missing, below zero there is more than there was.
    """

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    collection = models.ForeignKey(Collection, models.PROTECT, related_name="reconciliations")
    label = models.CharField(max_length=120, help_text=_("what is reconciled: a line of a loan, an inventory"))
    issued = models.BigIntegerField()
    accounted = models.BigIntegerField()
    sigma = models.BigIntegerField()
    two_officers = models.BooleanField()
    reason = models.TextField()
    signed_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+")
    countersigned_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+")
    at = models.DateTimeField(db_default=Now(), editable=False)

    class Meta:
        constraints = (
            models.UniqueConstraint(fields=["collection", "label"], name="reconciled_once"),
            models.CheckConstraint(
                condition=models.Q(two_officers=False) | models.Q(countersigned_by__isnull=False),
                name="large_difference_has_two_officers",
            ),
            models.CheckConstraint(
                condition=models.Q(countersigned_by__isnull=True) | ~models.Q(signed_by=models.F("countersigned_by")),
                name="two_officers_are_two",
            ),
        )
        triggers = (pgtrigger.Protect(name="reconciliations_stay", operation=pgtrigger.Update | pgtrigger.Delete),)

    def __str__(self) -> str:
        return f"{self.label}: {self.remainder:+} ng"

    @property
    def remainder(self) -> int:
        """Issued minus accounted, in nanograms."""
        return self.issued - self.accounted


@pghistory.track()
class Reweighing(models.Model):
    """A piece in store that was weighed anew: what the books said at that instant, and who signed for the difference.

    It compares all that the store has of the piece. ``before_sigma`` is the uncertainty of the weighing before, zero where none is known.
    """

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    weighing = models.OneToOneField(Weighing, models.PROTECT, related_name="reweighing")
    state = models.CharField(max_length=10, choices=ReweighingState, default=ReweighingState.OPEN)
    booked = models.BigIntegerField(help_text=_("what the books said, in nanograms"))
    before_sigma = models.BigIntegerField(help_text=_("standard uncertainty of the weighing before, in nanograms"))
    reason = models.TextField(_("reason"), blank=True)
    signed_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+")
    reconciliation = models.OneToOneField(Reconciliation, models.PROTECT, null=True, related_name="+")

    class Meta:
        constraints = (
            models.CheckConstraint(condition=models.Q(state__in=ReweighingState.values), name="reweighing_state_known"),
            models.CheckConstraint(
                condition=~models.Q(state=ReweighingState.SIGNED) | models.Q(signed_by__isnull=False),
                name="signed_reweighing_has_an_officer",
            ),
        )
        triggers = (
            pgtrigger.Protect(name="reweighings_stay", operation=pgtrigger.Delete),
            pgtrigger.ReadOnly(
                name="reweighings_keep_what_was_weighed", fields=["id", "weighing", "booked", "before_sigma"]
            ),
            REWEIGHINGS.trigger(),
        )

    def __str__(self) -> str:
        return f"{self.weighing}: {self.state}"

    @property
    def sigmas(self) -> tuple[int, int]:
        """The uncertainties that may explain a difference, in nanograms."""
        return self.before_sigma, self.weighing.sigma or 0

    @property
    def closure(self) -> Closure:
        """What the books said against what was weighed."""
        weighing = self.weighing
        return closure(self.booked, weighing.against(self.booked), self.sigmas, bounded=weighing.is_bounded)

    @property
    def waits(self) -> bool:
        """Whether somebody has to sign yet."""
        return self.state in UNSETTLED


class Custody(models.Model):
    """Who answers for a piece, and since when; the database allows one custodian at any instant."""

    split = models.ForeignKey(Split, models.PROTECT, related_name="custodies")
    custodian = models.CharField(max_length=200, help_text=_("an institution, as agreements name it"))
    partner = models.ForeignKey(Partner, models.PROTECT, null=True, related_name="+")
    period = DateTimeRangeField()
    reason = models.CharField(max_length=200, blank=True)

    class Meta:
        verbose_name_plural = "custodies"
        constraints = (
            ExclusionConstraint(
                name="one_custodian_at_an_instant",
                expressions=[("split", RangeOperators.EQUAL), ("period", RangeOperators.OVERLAPS)],
            ),
        )
        triggers = (
            pgtrigger.Protect(name="custodies_stay", operation=pgtrigger.Delete),
            pgtrigger.ReadOnly(name="custodies_keep_their_custodian", exclude=["period"]),
            pgtrigger.Trigger(
                name="custodies_only_end",
                when=pgtrigger.Before,
                operation=pgtrigger.Update,
                condition=pgtrigger.Condition(
                    "lower(OLD.period) IS DISTINCT FROM lower(NEW.period) OR NOT upper_inf(OLD.period) OR upper_inf(NEW.period)"
                ),
                func="RAISE EXCEPTION 'custody that is over, and since when it is, stays as it was';",
            ),
        )

    def __str__(self) -> str:
        return f"{self.split_id}: {self.custodian}"


@pghistory.track()
class Incident(models.Model):
    """A piece that is missing. Its mass waits in ``LOST:<id>`` until it is found; writing it off takes two officers and a public note."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    split = models.ForeignKey(Split, models.PROTECT, related_name="incidents")
    state = models.CharField(max_length=12, choices=IncidentState, default=IncidentState.OPEN)
    mass = models.BigIntegerField(help_text=_("in nanograms"))
    missing_from = models.CharField(max_length=140, help_text=_("the account it was in"))
    description = models.TextField(_("what happened"))
    public_note = models.TextField(_("public note"), blank=True)
    reported_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+")
    signed_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+")
    countersigned_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+")
    at = models.DateTimeField(db_default=Now(), editable=False)

    class Meta:
        constraints = (
            models.CheckConstraint(condition=models.Q(state__in=IncidentState.values), name="incident_state_known"),
            models.CheckConstraint(condition=models.Q(mass__gt=0), name="incident_has_mass"),
            models.CheckConstraint(
                condition=~models.Q(state=IncidentState.WRITTEN_OFF)
                | (
                    models.Q(signed_by__isnull=False, countersigned_by__isnull=False)
                    & ~models.Q(signed_by=models.F("countersigned_by"))
                    & ~models.Q(public_note="")
                ),
                name="written_off_by_two_with_a_note",
            ),
        )
        triggers = (INCIDENTS.trigger(),)

    def __str__(self) -> str:
        return f"{self.split_id}: {self.state}"

    @property
    def label(self) -> str:
        """The label of its LOST account."""
        return str(self.pk)
