"""Who must not judge what, and who would like to."""

import uuid

import pghistory
from django.conf import settings
from django.db import models
from django.db.models.functions import Now
from django.utils.translation import gettext_lazy as _

from moonbridge.cooperation.proposals.models import Proposal
from moonbridge.cooperation.review import guards
from moonbridge.cooperation.review.models.rounds import Item, Round, Seat
from moonbridge.engines.reviewing.conflicts import COAUTHOR_YEARS


class Source(models.TextChoices):
    """Who says that there is a conflict."""

    REVIEWER = "reviewer", _("declared by the reviewer")
    TEAM = "team", _("declared by the team")
    DETECTED = "detected", _("detected")
    OFFICE = "office", _("set by the office")


class Ground(models.TextChoices):
    """What kind of tie it is."""

    SELF = "self", _("the same person")
    MAIL = "mail", _("same mail domain")
    INSTITUTION = "institution", _("same institution")
    PARENT = "parent", _("institutions under the same roof")
    COAUTHOR = "coauthor", _("recent paper together")
    AGENCY = "agency", _("same national agency")
    FUNDING = "funding", _("same funding")
    TEAM = "team", _("earlier team mates")
    NAME = "name", _("close names")
    FAMILY = "family", _("family or close friend")
    ADVISER = "adviser", _("adviser or student")
    RIVAL = "rival", _("competing work")
    MONEY = "money", _("financial interest")
    OTHER = "other", _("another reason")


@pghistory.track()
class Conflict(models.Model):
    """A reason why a person must not judge a proposal, with its source and evidence. Any standing one hides it from them altogether.

    The office may lift a conflict with a written reason; a lifted one stays, and is not detected anew on the same ground and evidence.
    Members of a proposal's team are in conflict without any row.
    """

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    proposal = models.ForeignKey(Proposal, models.CASCADE, related_name="conflicts")
    user = models.ForeignKey(settings.AUTH_USER_MODEL, models.CASCADE, related_name="conflicts")
    source = models.CharField(max_length=10, choices=Source)
    ground = models.CharField(max_length=12, choices=Ground)
    evidence = models.CharField(max_length=500, blank=True)
    certain = models.BooleanField(default=True)
    standing = models.BooleanField(default=True)
    found_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+")
    found_at = models.DateTimeField(db_default=Now(), editable=False)
    lifted_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+")
    lifted_at = models.DateTimeField(null=True)
    lifted_because = models.CharField(max_length=500, blank=True)

    class Meta:
        ordering = ("found_at", "id")
        constraints = (
            models.UniqueConstraint(
                fields=["proposal", "user", "source", "ground", "evidence"], name="one_conflict_per_reason"
            ),
            models.CheckConstraint(
                condition=models.Q(standing=True, lifted_at__isnull=True)
                | (models.Q(standing=False, lifted_at__isnull=False) & ~models.Q(lifted_because="")),
                name="lifted_conflict_has_reason",
            ),
        )
        indexes = (models.Index(fields=["user", "standing"], name="conflicts_of_a_person"),)
        triggers = (guards.no_active_review_in_conflict(),)

    def __str__(self) -> str:
        return f"{self.user_id} and {self.proposal_id}: {self.ground}"


class LateFinding(models.Model):
    """A conflict that the search found of somebody who reviews the proposal now: nothing ends by itself, so it waits to be settled.

    It is one for each pair, source and ground, and is gone when it is settled or found no more. Kept, so that those who settle it are
    told once, and that no page has to search in order to say how many there are.
    """

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    proposal = models.ForeignKey(Proposal, models.CASCADE, related_name="late_findings")
    user = models.ForeignKey(settings.AUTH_USER_MODEL, models.CASCADE, related_name="late_findings")
    source = models.CharField(max_length=10, choices=Source)
    ground = models.CharField(max_length=12, choices=Ground)
    found_at = models.DateTimeField(db_default=Now(), editable=False)

    class Meta:
        ordering = ("found_at", "id")
        constraints = (
            models.UniqueConstraint(fields=["proposal", "user", "source", "ground"], name="one_late_finding_per_tie"),
        )

    def __str__(self) -> str:
        return f"{self.user_id} and {self.proposal_id}: {self.ground}"


class KnownKind(models.TextChoices):
    """What a list that the office brings in tells."""

    PARENTS = "parents", _("parents of institutions")
    PAPERS = "papers", _("papers with their authors")


class KnownList(models.Model):
    """A list by which conflicts are detected, as the office brought it in; the newest of a kind counts.

    ``rows``: pairs of ROR ids (institution, the one above it), or papers as [id, year, [ORCID iDs]]. ``years``: how old a paper may
    be to make a conflict.
    """

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    round = models.ForeignKey(Round, models.CASCADE, related_name="known_lists")
    kind = models.CharField(max_length=8, choices=KnownKind)
    name = models.CharField(max_length=200)
    rows = models.JSONField()
    years = models.PositiveSmallIntegerField(default=COAUTHOR_YEARS)
    uploaded_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+")
    uploaded_at = models.DateTimeField(db_default=Now(), editable=False)

    class Meta:
        ordering = ("-uploaded_at", "id")
        triggers = (guards.stays("known_lists_stay"),)

    def __str__(self) -> str:
        return f"{self.name}: {self.kind}"


class Bid(models.IntegerChoices):
    """How much somebody would like to judge a proposal; the words are those of the engine's bids."""

    UNWILLING = -2, _("unwilling")
    RELUCTANT = -1, _("reluctant")
    NEUTRAL = 0, _("neutral")
    WILLING = 1, _("willing")
    EAGER = 2, _("eager")


@pghistory.track()
class Declaration(models.Model):
    """That somebody looked at who proposes an item and has no conflict; only then anything more of it is shown to them."""

    seat = models.ForeignKey(Seat, models.CASCADE, related_name="declarations")
    item = models.ForeignKey(Item, models.CASCADE, related_name="declarations")
    bid = models.SmallIntegerField(choices=Bid, default=Bid.NEUTRAL)
    declared_at = models.DateTimeField(db_default=Now())

    class Meta:
        constraints = (models.UniqueConstraint(fields=["seat", "item"], name="one_declaration_per_item"),)

    def __str__(self) -> str:
        return f"{self.seat_id} may judge {self.item_id}"
