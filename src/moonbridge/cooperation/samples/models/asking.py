"""Who lends by which policy, and what teams ask for."""

import uuid

import pghistory
import pgtrigger
from django.conf import settings
from django.core.validators import MaxValueValidator
from django.db import models
from django.db.models.functions import Now
from django.utils.translation import gettext_lazy as _

from moonbridge.cooperation.programmes.models import Partner
from moonbridge.cooperation.review.models import Ground, Source
from moonbridge.cooperation.samples.states.lending import REQUESTS, RequestState
from moonbridge.engines.lending.balance import Disposition as EngineDisposition
from moonbridge.engines.lending.policy import Policy
from moonbridge.engines.lending.policy import Purpose as EnginePurpose
from moonbridge.formats import policies

BEST_MARK = 10


class Purpose(models.TextChoices):
    """What material is lent for."""

    RESEARCH = EnginePurpose.RESEARCH.value, _("research")
    PUBLIC = EnginePurpose.PUBLIC.value, _("public benefit: exhibition, teaching")


class Disposition(models.TextChoices):
    """What is to become of a line of a loan."""

    INTACT = EngineDisposition.INTACT.value, _("return it intact")
    REMAINDER = EngineDisposition.REMAINDER.value, _("return what remains")
    CONSUME = EngineDisposition.CONSUME.value, _("use it up")


@pghistory.track()
class Lender(models.Model):
    """An agency that lends samples, and the slug of the policy pack by which it does."""

    agency = models.OneToOneField(Partner, models.PROTECT, related_name="lender")
    policy_slug = models.CharField(max_length=40)

    def __str__(self) -> str:
        return f"{self.agency} lends by {self.policy_slug}"

    @property
    def policy(self) -> Policy:
        """The policy pack."""
        return policies.load()[self.policy_slug]


@pghistory.track()
class Request(models.Model):
    """What a team asks to borrow, and why. ``version`` rises with each save, so that a second writer is told.

    ``code`` is drawn by lot; ``unread`` keeps what was typed into a field and cannot be read yet: nothing typed is lost.
    """

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    agency = models.ForeignKey(Partner, models.PROTECT, related_name="sample_requests")
    code = models.CharField(max_length=20, unique=True)
    by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="sample_requests")
    institution = models.CharField(_("borrowing institution"), max_length=200, blank=True)
    country = models.CharField(_("country"), max_length=2, blank=True)
    purpose = models.CharField(_("purpose"), max_length=10, choices=Purpose, default=Purpose.RESEARCH)
    title = models.CharField(_("title"), max_length=200, blank=True)
    hypothesis = models.TextField(_("hypothesis: what you want to find out"), blank=True)
    technique = models.TextField(_("technique: how, and on what instruments"), blank=True)
    destructive = models.BooleanField(_("some of the material is altered or used up"), default=False)
    justification = models.TextField(_("why it cannot be done without destroying material"), blank=True)
    team = models.TextField(_("team: who will touch the samples, with institution"), blank=True)
    facilities = models.TextField(_("facilities: cleanliness, storage, security"), blank=True)
    funding = models.TextField(_("source of funding"), blank=True)
    restrictions = models.TextField(
        _("laws or rules that restrict what you may do with us, or we with you"), blank=True
    )
    state = models.CharField(max_length=10, choices=RequestState, default=RequestState.DRAFT)
    decision_note = models.TextField(blank=True)
    unread = models.JSONField(default=dict)
    synthetic = models.BooleanField(default=False)
    version = models.PositiveIntegerField(default=1)
    created_at = models.DateTimeField(db_default=Now(), editable=False)
    saved_at = models.DateTimeField(db_default=Now())
    submitted_at = models.DateTimeField(null=True)

    class Meta:
        ordering = ("-created_at",)
        constraints = (
            models.CheckConstraint(condition=models.Q(state__in=RequestState.values), name="request_state_known"),
            models.CheckConstraint(condition=models.Q(purpose__in=Purpose.values), name="request_purpose_known"),
            models.CheckConstraint(
                condition=models.Q(state__in=[RequestState.DRAFT, RequestState.WITHDRAWN])
                | models.Q(submitted_at__isnull=False),
                name="submitted_request_has_instant",
            ),
        )
        triggers = (REQUESTS.trigger(),)

    def __str__(self) -> str:
        return f"{self.code} {self.title}"

    @property
    def address(self) -> str:
        """The stable address used in the record."""
        return f"sample-request/{self.code}"


@pghistory.track()
class RequestLine(models.Model):
    """One split of a request: how many nanograms (null: the whole piece), and the least with which the work still makes sense."""

    request = models.ForeignKey(Request, models.CASCADE, related_name="lines")
    split = models.ForeignKey("samples.Split", models.PROTECT, related_name="asked_in")
    mass_ng = models.BigIntegerField(null=True)
    least_ng = models.BigIntegerField(null=True)
    disposition = models.CharField(max_length=10, choices=Disposition, default=Disposition.INTACT)
    position = models.PositiveSmallIntegerField(default=0)

    class Meta:
        ordering = ("position", "id")
        constraints = (
            models.UniqueConstraint(fields=["request", "split"], name="one_request_line_per_split"),
            models.CheckConstraint(condition=models.Q(mass_ng__gt=0), name="request_line_asks_something"),
            models.CheckConstraint(
                condition=models.Q(least_ng__gt=0, least_ng__lte=models.F("mass_ng")),
                name="least_at_most_what_is_asked",
            ),
        )

    def __str__(self) -> str:
        return f"{self.request_id}: {self.split_id}"


@pghistory.track()
class Assessment(models.Model):
    """What one member of the committee says of a request; whoever declares a conflict gives no mark."""

    request = models.ForeignKey(Request, models.CASCADE, related_name="assessments")
    by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+")
    conflict = models.CharField(_("conflict of interest"), max_length=300, blank=True)
    mark = models.PositiveSmallIntegerField(_("mark"), null=True, validators=[MaxValueValidator(BEST_MARK)])
    comment = models.TextField(_("comment"), blank=True)
    at = models.DateTimeField(db_default=Now(), editable=False)

    class Meta:
        ordering = ("at",)
        constraints = (
            models.UniqueConstraint(fields=["request", "by"], name="one_assessment_per_member"),
            models.CheckConstraint(condition=models.Q(mark__lte=BEST_MARK), name="mark_on_its_scale"),
            models.CheckConstraint(
                condition=models.Q(conflict="", mark__isnull=False)
                | (~models.Q(conflict="") & models.Q(mark__isnull=True)),
                name="either_a_mark_or_a_conflict",
            ),
        )

    def __str__(self) -> str:
        return f"{self.request_id}: {self.mark}"


@pghistory.track()
class RequestConflict(models.Model):
    """A reason why a member of the committee must not judge a request, set by the office; or one that was found, and lifted since.

    What is found needs no row while it stands: it is found anew whenever somebody asks. A lifted one is not found again on the same
    evidence. What members declare stands with their assessments.
    """

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    request = models.ForeignKey(Request, models.CASCADE, related_name="conflicts")
    user = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+")
    source = models.CharField(max_length=10, choices=Source)
    ground = models.CharField(max_length=12, choices=Ground)
    evidence = models.CharField(max_length=500, blank=True)
    standing = models.BooleanField(default=True)
    by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+")
    at = models.DateTimeField(db_default=Now(), editable=False)
    lifted_because = models.CharField(max_length=500, blank=True)

    class Meta:
        ordering = ("at", "id")
        constraints = (
            models.UniqueConstraint(
                fields=["request", "user", "source", "ground", "evidence"], name="one_request_conflict_per_reason"
            ),
            models.CheckConstraint(
                condition=models.Q(source=Source.OFFICE) | models.Q(source=Source.DETECTED, standing=False),
                name="request_conflict_set_or_lifted",
            ),
            models.CheckConstraint(
                condition=models.Q(standing=True, lifted_because="")
                | (models.Q(standing=False) & ~models.Q(lifted_because="")),
                name="lifted_request_conflict_has_reason",
            ),
        )
        indexes = (models.Index(fields=["user", "standing"], name="request_conflicts_of_a_person"),)

    def __str__(self) -> str:
        return f"{self.user_id} and {self.request_id}: {self.ground}"


class Allocation(models.Model):
    """One run of the solver over the requests of an agency: exactly the problem, and what it found with its reasons. Never edited."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    agency = models.ForeignKey(Partner, models.PROTECT, related_name="allocations")
    problem = models.JSONField()
    problem_digest = models.CharField(max_length=64)
    result = models.JSONField()
    by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+")
    at = models.DateTimeField(db_default=Now(), editable=False)

    class Meta:
        ordering = ("-at",)
        triggers = (pgtrigger.Protect(name="allocations_stay", operation=pgtrigger.Update | pgtrigger.Delete),)

    def __str__(self) -> str:
        return f"allocation {self.problem_digest[:8]}"
