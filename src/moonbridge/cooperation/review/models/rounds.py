"""The review of an opportunity: its panels, who sits in them, and what each panel has to judge."""

import uuid

import pghistory
from django.conf import settings
from django.db import models
from django.db.models.functions import Now
from django.utils.translation import gettext_lazy as _

from moonbridge.cooperation.opportunities.models import Criterion, Opportunity, ReviewMode
from moonbridge.cooperation.proposals.models import Proposal
from moonbridge.cooperation.review import guards
from moonbridge.cooperation.review.states import ITEM, ROUND, ItemState, RoundState


@pghistory.track()
class Round(models.Model):
    """The review of one opportunity. Its mode is the one that the call announced; its dates are stage dates of the opportunity."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    opportunity = models.OneToOneField(Opportunity, models.PROTECT, related_name="round")
    mode = models.CharField(max_length=16, choices=ReviewMode)
    state = models.CharField(max_length=12, choices=RoundState, default=RoundState.PREPARING)
    first_reminder_days = models.PositiveSmallIntegerField(_("first reminder, days before the date"), default=7)
    second_reminder_days = models.PositiveSmallIntegerField(_("second reminder, days before the date"), default=2)
    version = models.PositiveIntegerField(default=1)
    begun_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+")
    begun_at = models.DateTimeField(db_default=Now(), editable=False)
    concluded_at = models.DateTimeField(null=True)

    class Meta:
        constraints = (
            models.CheckConstraint(condition=models.Q(state__in=RoundState.values), name="round_state_known"),
            models.CheckConstraint(
                condition=models.Q(first_reminder_days__gt=models.F("second_reminder_days")),
                name="reminders_come_one_after_the_other",
            ),
            models.CheckConstraint(
                condition=models.Q(state=RoundState.CONCLUDED, concluded_at__isnull=False)
                | (~models.Q(state=RoundState.CONCLUDED) & models.Q(concluded_at__isnull=True)),
                name="concluded_round_has_instant",
            ),
        )
        triggers = (ROUND.trigger(),)

    def __str__(self) -> str:
        return f"{self.opportunity}: {self.state}"

    @property
    def is_dual(self) -> bool:
        """Whether neither side knows the other."""
        return self.mode == ReviewMode.DUAL


class PanelKind(models.TextChoices):
    """What a panel judges: the worth of a proposal, or whether it can be done."""

    SCIENCE = "science", _("science")
    TECHNICAL = "technical", _("technical feasibility")


@pghistory.track()
class Panel(models.Model):
    """A group of people who judge the same proposals by the same criteria.

    ``demand`` reviews of each proposal; each member ``least`` to ``most`` of them. ``distributed``: the teams review each other
    (``per_team`` reviews each); ``penalty``: a team that does not deliver its reviews in time may be set aside by the office.
    """

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    round = models.ForeignKey(Round, models.CASCADE, related_name="panels")
    kind = models.CharField(max_length=10, choices=PanelKind, default=PanelKind.SCIENCE)
    name = models.CharField(_("name"), max_length=80)
    criteria = models.ManyToManyField(Criterion, related_name="panels")
    demand = models.PositiveSmallIntegerField(_("reviews of each proposal"), default=3)
    least = models.PositiveSmallIntegerField(_("least reviews for each member"), default=0)
    most = models.PositiveSmallIntegerField(_("most reviews for each member"), default=8)
    quotas = models.JSONField(
        default=list, help_text=_("list of {by, value, low, high}: engineer at least 1, country at most 1")
    )
    distributed = models.BooleanField(_("the teams review each other"), default=False)
    per_team = models.PositiveSmallIntegerField(_("reviews by each team"), default=10)
    penalty = models.BooleanField(_("a team that does not deliver may be set aside"), default=False)
    position = models.PositiveSmallIntegerField(default=0)

    class Meta:
        ordering = ("position", "name")
        constraints = (
            models.UniqueConstraint(fields=["round", "name"], name="one_panel_per_name"),
            models.CheckConstraint(condition=models.Q(least__lte=models.F("most")), name="least_load_within_most"),
            models.CheckConstraint(condition=models.Q(demand__gte=1), name="panel_demands_a_review"),
            models.CheckConstraint(
                condition=~models.Q(penalty=True) | models.Q(distributed=True), name="penalty_is_for_peers"
            ),
        )

    def __str__(self) -> str:
        return self.name


class Descriptor(models.Model):
    """What a mark means: "4: excellent, with minor weaknesses". In thousandths, within the scale of its criterion."""

    panel = models.ForeignKey(Panel, models.CASCADE, related_name="descriptors")
    criterion = models.ForeignKey(Criterion, models.CASCADE, related_name="descriptors")
    value_permille = models.IntegerField()
    text = models.CharField(max_length=300)
    text_zh = models.CharField(max_length=300, blank=True)

    class Meta:
        ordering = ("criterion", "-value_permille")
        constraints = (
            models.UniqueConstraint(fields=["panel", "criterion", "value_permille"], name="one_descriptor_per_mark"),
        )

    def __str__(self) -> str:
        return f"{self.value_permille / 1000}: {self.text}"


class Duty(models.TextChoices):
    """What somebody is in a panel."""

    CHAIR = "chair", _("chair")
    SECRETARY = "secretary", _("secretary")
    MEMBER = "member", _("member")
    RESERVE = "reserve", _("reserve")
    REFEREE = "referee", _("external referee")
    PEER = "peer", _("reviewer from another team")
    OBSERVER = "observer", _("observer")


MANAGING = (Duty.CHAIR, Duty.SECRETARY)
"""They see who reviews what, and all that was submitted."""
STEERING = (Duty.SECRETARY,)
"""They settle conflicts and assignments beside the office."""
SITTING = (Duty.CHAIR, Duty.SECRETARY, Duty.MEMBER)
"""They discuss with each other."""
JUDGING = (Duty.CHAIR, Duty.MEMBER, Duty.RESERVE, Duty.REFEREE, Duty.PEER)
"""They may be given reviews; reserves only when somebody recuses."""


@pghistory.track()
class Seat(models.Model):
    """A person in a panel, with what is known of them for the assignment. ``label`` is how teams and tables call them.

    ``for_team``: the proposal whose team sent this peer. ``kinds``, ``keywords`` and ``languages`` are lists of words, ``texts`` of
    summaries of own papers. A seat that was left stays, for what was done in it.
    """

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    panel = models.ForeignKey(Panel, models.CASCADE, related_name="seats")
    user = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="seats")
    duty = models.CharField(max_length=10, choices=Duty, default=Duty.MEMBER)
    label = models.CharField(max_length=20)
    for_team = models.ForeignKey(Proposal, models.PROTECT, null=True, related_name="+")
    least = models.PositiveSmallIntegerField(_("least reviews"), null=True)
    most = models.PositiveSmallIntegerField(_("most reviews"), null=True)
    orcid = models.CharField(_("ORCID iD"), max_length=19, blank=True)
    ror = models.CharField(_("ROR id of the institution"), max_length=40, blank=True)
    funding = models.JSONField(default=list)
    kinds = models.JSONField(default=list)
    keywords = models.JSONField(default=list)
    texts = models.JSONField(default=list)
    languages = models.JSONField(default=list)
    seated_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+")
    seated_at = models.DateTimeField(db_default=Now(), editable=False)
    left_at = models.DateTimeField(null=True)
    left_because = models.CharField(max_length=300, blank=True)

    class Meta:
        ordering = ("label",)
        constraints = (
            models.UniqueConstraint(fields=["panel", "user"], name="one_seat_per_person_and_panel"),
            models.UniqueConstraint(fields=["panel", "label"], name="one_label_per_panel"),
            models.UniqueConstraint(
                fields=["panel"],
                condition=models.Q(duty=Duty.CHAIR, left_at__isnull=True),
                name="one_chair_per_panel",
            ),
            models.CheckConstraint(
                condition=models.Q(duty=Duty.PEER, for_team__isnull=False)
                | (~models.Q(duty=Duty.PEER) & models.Q(for_team__isnull=True)),
                name="peer_comes_from_a_team",
            ),
        )
        indexes = (models.Index(fields=["user", "duty"], name="seats_of_a_person"),)

    def __str__(self) -> str:
        return f"{self.label} ({self.duty})"


class RefereeInvitation(models.Model):
    """A link by which the owner of one address may take a seat once. Only the digest of its secret is kept.

    ``duty`` is that of an external referee, who is asked to judge ``proposals``, or another one for people whom the agency does not
    know yet. ``about`` is what the assignment needs to know of them. An answer stays: a seat, or the instant of declining.
    """

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    panel = models.ForeignKey(Panel, models.CASCADE, related_name="invitations")
    email = models.EmailField(_("e-mail address"))
    secret_sha256 = models.CharField(max_length=64, unique=True)
    duty = models.CharField(max_length=10, choices=Duty, default=Duty.REFEREE)
    about = models.JSONField(default=dict)
    proposals = models.ManyToManyField(Proposal, related_name="+", help_text=_("what the referee is asked to judge"))
    note = models.TextField(_("a word to the referee"), blank=True)
    invited_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+")
    created_at = models.DateTimeField(db_default=Now(), editable=False)
    sent_at = models.DateTimeField(db_default=Now())
    expires_at = models.DateTimeField()
    seat = models.ForeignKey(Seat, models.PROTECT, null=True, related_name="invitations")
    declined_at = models.DateTimeField(null=True)
    declined_because = models.CharField(max_length=300, blank=True)
    revoked_at = models.DateTimeField(null=True)

    class Meta:
        ordering = ("created_at", "id")
        constraints = (
            models.CheckConstraint(
                condition=models.Q(seat__isnull=True) | models.Q(declined_at__isnull=True, revoked_at__isnull=True),
                name="referee_invitation_has_one_answer",
            ),
            models.CheckConstraint(condition=~models.Q(duty=Duty.PEER), name="nobody_is_invited_as_peer"),
        )

    def __str__(self) -> str:
        return f"invitation to {self.panel_id}"


@pghistory.track()
class Item(models.Model):
    """A proposal before a panel: first to be reviewed, then on the agenda of its meeting.

    ``consensus`` is what the panel agreed on, in words; ``to_team`` goes into the debrief, ``confidential`` never leaves the panels and the
    office. ``position`` is the place in the order of discussion; ``left_out_because`` says why the panel does not discuss the item, and
    is empty where it does.
    """

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    panel = models.ForeignKey(Panel, models.CASCADE, related_name="items")
    proposal = models.ForeignKey(Proposal, models.PROTECT, related_name="items")
    demand = models.PositiveSmallIntegerField(_("reviews of this proposal"), null=True)
    state = models.CharField(max_length=8, choices=ItemState, default=ItemState.WAITING)
    position = models.PositiveIntegerField(default=0)
    left_out_because = models.CharField(_("why it is not discussed"), max_length=300, blank=True)
    opened_at = models.DateTimeField(null=True)
    closed_at = models.DateTimeField(null=True)
    consensus = models.TextField(_("consensus"), blank=True)
    to_team = models.TextField(_("comment to the team"), blank=True)
    confidential = models.TextField(_("confidential comment"), blank=True)
    recorded_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+")
    version = models.PositiveIntegerField(default=1)

    class Meta:
        ordering = ("position", "proposal__code")
        constraints = (
            models.UniqueConstraint(fields=["panel", "proposal"], name="a_proposal_is_before_a_panel_once"),
            models.UniqueConstraint(
                fields=["panel"], condition=models.Q(state=ItemState.OPEN), name="a_panel_discusses_one_item"
            ),
            models.CheckConstraint(
                condition=models.Q(left_out_because="") | models.Q(state=ItemState.WAITING), name="left_out_item_waits"
            ),
        )
        triggers = (ITEM.trigger(), guards.item_of_the_same_call())

    def __str__(self) -> str:
        return f"{self.proposal_id} before {self.panel_id}"


class Remark(models.Model):
    """What somebody said about an item in the panel's own thread. Never edited; never shown outside the panel and the office."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    item = models.ForeignKey(Item, models.CASCADE, related_name="remarks")
    by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+")
    text = models.TextField()
    at = models.DateTimeField(db_default=Now(), editable=False)

    class Meta:
        ordering = ("at", "id")
        triggers = (guards.stays("remarks_stay"),)

    def __str__(self) -> str:
        return f"{self.item_id}: {self.text[:40]}"


class Reminder(models.Model):
    """A reminder that went to a seat: the first, the second, or one that a chair sent by hand, at most one of these a day."""

    seat = models.ForeignKey(Seat, models.CASCADE, related_name="reminders")
    what = models.CharField(
        max_length=24, help_text=_("declarations or reviews, with first, second or the day it was sent by hand")
    )
    sent_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+")
    sent_at = models.DateTimeField(db_default=Now(), editable=False)

    class Meta:
        ordering = ("sent_at", "id")
        constraints = (models.UniqueConstraint(fields=["seat", "what"], name="one_reminder_of_a_kind"),)

    def __str__(self) -> str:
        return f"{self.seat_id}: {self.what}"
