"""An opportunity, its criteria, its dates, and everything said about it in public."""

import uuid
from fractions import Fraction
from typing import Final

import pghistory
import pgtrigger
from django.conf import settings
from django.db import models
from django.db.models.functions import Now
from django.utils.translation import get_language
from django.utils.translation import gettext_lazy as _

from moonbridge.cooperation.opportunities import guards
from moonbridge.cooperation.opportunities.states import TRANSITIONS, State
from moonbridge.cooperation.programmes.models import Element, Mission, Partner, Site
from moonbridge.quantities import decimal_text

POINT: Final = 10_000
"""A point of merit, of which a proposal has at most 100, in millionths of the full mark."""
MOST_APART: Final = 100 * POINT
"""Nothing is drawn among portfolios that lie further apart than by the full mark."""


class Origin(models.TextChoices):
    """Where an opportunity's content comes from."""

    REAL = "real", _("real")
    REPLAY = "replay", _("replay of a real call with its public figures")
    SYNTHETIC = "synthetic", _("synthetic demonstration")


class ReviewMode(models.TextChoices):
    """Who learns whose name while proposals are judged."""

    OPEN = "open", _("open: teams and reviewers know each other")
    REVIEWER_BLIND = "reviewer-blind", _("teams do not know the reviewers")
    DUAL = "dual-anonymous", _("dual-anonymous: neither side knows the other")


@pghistory.track()
class Opportunity(models.Model):
    """A call: what an agency offers, to whom, by which criteria, until when."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    slug = models.SlugField(max_length=80, unique=True)
    agency = models.ForeignKey(Partner, models.PROTECT, related_name="opportunities")
    mission = models.ForeignKey(Mission, models.PROTECT, related_name="opportunities")
    elements = models.ManyToManyField(Element, related_name="opportunities")
    site = models.ForeignKey(
        Site, models.PROTECT, null=True, blank=True, related_name="opportunities", verbose_name=_("site on the Moon")
    )
    title = models.CharField(_("title"), max_length=200)
    title_zh = models.CharField(_("title in Chinese"), max_length=200, blank=True)
    summary = models.TextField(_("summary"), blank=True)
    summary_zh = models.TextField(_("summary in Chinese"), blank=True)
    eligibility = models.TextField(_("eligibility"), blank=True)
    eligibility_zh = models.TextField(_("eligibility in Chinese"), blank=True)
    state = models.CharField(max_length=12, choices=State, default=State.DRAFT)
    origin = models.CharField(max_length=12, choices=Origin, default=Origin.REAL)
    catalogue_call = models.CharField(
        max_length=120, blank=True, help_text=_("address of the catalogued call it replays")
    )
    deadline = models.DateTimeField(_("deadline for proposals"), null=True)
    deadline_zone = models.CharField(_("time zone shown with the deadline"), max_length=60, default="Asia/Shanghai")
    letter_required = models.BooleanField(_("a letter of intent comes first"), default=False)
    letter_deadline = models.DateTimeField(_("deadline for letters of intent"), null=True)
    review_mode = models.CharField(
        _("how proposals are judged"), max_length=16, choices=ReviewMode, default=ReviewMode.REVIEWER_BLIND
    )
    lottery_within = models.PositiveIntegerField(
        _("portfolios so close to the best are drawn by lot"),
        default=0,
        help_text=_("in millionths of the full mark; 0: no lottery"),
    )
    cancelled_because = models.TextField(_("why it was cancelled"), blank=True)
    version = models.PositiveIntegerField(default=1)
    created_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+")
    created_at = models.DateTimeField(db_default=Now(), editable=False)
    published_at = models.DateTimeField(null=True, editable=False)

    class Meta:
        ordering = ("-published_at", "-created_at", "id")
        verbose_name_plural = "opportunities"
        constraints = (
            models.CheckConstraint(condition=models.Q(state__in=State.values), name="opportunity_state_known"),
            models.CheckConstraint(
                condition=models.Q(state=State.DRAFT) | models.Q(published_at__isnull=False),
                name="published_opportunity_has_instant",
            ),
            models.CheckConstraint(
                condition=models.Q(state__in=[State.DRAFT, State.CANCELLED])
                | models.Q(deadline__isnull=False)
                | models.Q(origin=Origin.REPLAY),
                name="published_opportunity_has_deadline",
            ),
            models.CheckConstraint(
                condition=models.Q(lottery_within__lte=MOST_APART), name="lottery_within_the_full_mark"
            ),
        )
        triggers = (
            TRANSITIONS.trigger(),
            guards.terms(
                "agency", "mission", "title", "title_zh", "summary", "summary_zh", "eligibility", "eligibility_zh", "origin",
                "deadline", "deadline_zone", "letter_required", "letter_deadline", "site",
                "review_mode", "lottery_within",
            ),
            guards.deadline_only_moves_later(),
            guards.published_once(),
            guards.review_mode_stays(),
            guards.lottery_stays(),
        )  # fmt: skip

    def __str__(self) -> str:
        return self.title

    @property
    def address(self) -> str:
        """The stable address used in the record and in certificates."""
        return f"opportunity/{self.slug}"

    @property
    def lottery_points(self) -> str:
        """How close to the best portfolios are drawn by lot, in points of merit; empty where the call holds no lottery."""
        return decimal_text(Fraction(self.lottery_within, POINT)) if self.lottery_within else ""

    @property
    def draw_seed(self) -> str:
        """The public seed of every draw between portfolios of this call; it is there before anybody proposes."""
        return str(self.pk)

    @property
    def shown_title(self) -> str:
        """The title in the reader's language where there is one."""
        return self._in_readers_language("title")

    @property
    def shown_summary(self) -> str:
        """The summary in the reader's language where there is one."""
        return self._in_readers_language("summary")

    @property
    def shown_eligibility(self) -> str:
        """Who may take part, in the reader's language where it is written in it."""
        return self._in_readers_language("eligibility")

    def _in_readers_language(self, name: str) -> str:
        chinese = (get_language() or "").startswith("zh")
        text: str = (chinese and getattr(self, f"{name}_zh")) or getattr(self, name)
        return text


@pghistory.track()
class Criterion(models.Model):
    """What proposals are judged by. Weights are integers; a merit is the weighted sum of scores."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    opportunity = models.ForeignKey(Opportunity, models.CASCADE, related_name="criteria")
    name = models.CharField(max_length=120)
    name_zh = models.CharField(max_length=120, blank=True)
    description = models.TextField(blank=True)
    weight = models.PositiveIntegerField(default=1)
    lowest = models.IntegerField(default=0)
    highest = models.IntegerField(default=10)
    position = models.PositiveSmallIntegerField(default=0)

    class Meta:
        ordering = ("position", "id")
        verbose_name_plural = "criteria"
        constraints = (
            models.UniqueConstraint(fields=["opportunity", "name"], name="one_criterion_per_name"),
            models.CheckConstraint(condition=models.Q(highest__gt=models.F("lowest")), name="criterion_scale_rises"),
            models.CheckConstraint(condition=models.Q(weight__gte=1), name="criterion_has_weight"),
        )
        triggers = (guards.part_of_terms(),)

    def __str__(self) -> str:
        return self.name


class StageKind(models.TextChoices):
    """The stages whose dates an agency promises."""

    OPEN = "open", _("call opens")
    LETTERS = "letters", _("letters of intent due")
    SHORTLIST = "shortlist", _("first selection announced")
    PROPOSALS = "proposals", _("proposals due")
    DECLARATIONS = "declarations", _("reviewers declare conflicts")
    REVIEWS = "reviews", _("reviews due")
    DISCUSSION = "discussion", _("panels meet")
    DECISION = "decision", _("decision announced")
    CONFIRMATION = "confirmation", _("places confirmed")


@pghistory.track()
class StageDate(models.Model):
    """When a stage was promised first, is promised now, and happened."""

    opportunity = models.ForeignKey(Opportunity, models.CASCADE, related_name="stage_dates")
    stage = models.CharField(max_length=12, choices=StageKind)
    first_promised = models.DateTimeField(null=True)
    promised = models.DateTimeField(null=True)
    kept = models.DateTimeField(null=True)
    note = models.CharField(max_length=300, blank=True)

    class Meta:
        ordering = ("promised", "id")
        constraints = (models.UniqueConstraint(fields=["opportunity", "stage"], name="one_date_per_stage"),)
        triggers = (guards.promises(), guards.promises_stay())

    def __str__(self) -> str:
        return f"{self.opportunity}: {self.stage}"


class Document(models.Model):
    """A file of the call; outside the web root, served as a download."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    opportunity = models.ForeignKey(Opportunity, models.CASCADE, related_name="documents")
    title = models.CharField(max_length=200)
    file = models.FileField(upload_to="opportunities/%Y/")
    name = models.CharField(max_length=200)
    media_type = models.CharField(max_length=100)
    size = models.BigIntegerField()
    sha256 = models.CharField(max_length=64)
    added_at = models.DateTimeField(db_default=Now(), editable=False)

    class Meta:
        ordering = ("added_at", "id")
        triggers = (guards.part_of_terms(),)

    def __str__(self) -> str:
        return self.title


@pghistory.track()
class Question(models.Model):
    """A question about the call; public with its answer once answered."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    opportunity = models.ForeignKey(Opportunity, models.CASCADE, related_name="questions")
    asked_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+")
    asked_at = models.DateTimeField(db_default=Now(), editable=False)
    text = models.TextField()
    answer = models.TextField(blank=True)
    answered_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+")
    answered_at = models.DateTimeField(null=True)

    class Meta:
        ordering = ("asked_at", "id")

    def __str__(self) -> str:
        return self.text[:60]


class Amendment(models.Model):
    """A change to a published opportunity: who, when, what and why. Never edited."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    opportunity = models.ForeignKey(Opportunity, models.PROTECT, related_name="amendments")
    number = models.PositiveIntegerField()
    at = models.DateTimeField(db_default=Now(), editable=False)
    by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+")
    reason = models.TextField()
    changes = models.JSONField(help_text=_("list of {subject, field, before, after} as people read them"))
    transaction = models.BigIntegerField(db_default=guards.CurrentTransaction(), editable=False)

    class Meta:
        ordering = ("number",)
        constraints = (models.UniqueConstraint(fields=["opportunity", "number"], name="amendments_are_numbered_once"),)
        triggers = (pgtrigger.Protect(name="amendments_stay", operation=pgtrigger.Update | pgtrigger.Delete),)

    def __str__(self) -> str:
        return f"{self.opportunity}: amendment {self.number}"


class Follow(models.Model):
    """An address that is told about every change of an opportunity; strangers confirm it once by mail."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    opportunity = models.ForeignKey(Opportunity, models.CASCADE, related_name="followers")
    email = models.EmailField()
    language = models.CharField(max_length=10, default="en")
    token = models.UUIDField(
        default=uuid.uuid4, unique=True, help_text=_("confirms and ends the following; never shown to others")
    )
    asked_at = models.DateTimeField(db_default=Now(), help_text=_("when the last mail asked for confirmation"))
    confirmed_at = models.DateTimeField(null=True)

    class Meta:
        constraints = (models.UniqueConstraint(fields=["opportunity", "email"], name="one_follow_per_address"),)

    def __str__(self) -> str:
        return f"{self.email} follows {self.opportunity}"
