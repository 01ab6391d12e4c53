"""A proposal, its team, its options, and what was received of it."""

import uuid

import pghistory
import pgtrigger
from django.conf import settings
from django.db import models
from django.db.models.functions import Now
from django.utils.translation import gettext_lazy as _

from moonbridge.cooperation.opportunities.models import EnvelopeLine, Opportunity
from moonbridge.cooperation.programmes.models import Element, Partner
from moonbridge.cooperation.proposals.states import TRANSITIONS, State


def random_name(attachment: "Attachment", name: str) -> str:  # noqa: ARG001 - the signature of ``upload_to``
    """Return where a file is kept: a name that nobody can guess and that says nothing about its content."""
    return f"proposals/{uuid.uuid4().hex}"


@pghistory.track()
class Proposal(models.Model):
    """What a team proposes for an opportunity. ``version`` rises with each save, so that a second writer is told.

    ``code`` is drawn by lot, since a running number would tell each team how many others there are. ``unread`` keeps what was
    typed into a field of the form (by its name) and cannot be read yet: nothing typed is lost. ``submitted_at`` and
    ``withdrawn_at`` stay when a submitted proposal is withdrawn; whether that was before the deadline decides who may see it.
    """

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    opportunity = models.ForeignKey(Opportunity, models.PROTECT, related_name="proposals")
    code = models.CharField(max_length=20, help_text=_("short name within the opportunity, P-7KX2"))
    title = models.CharField(_("title"), max_length=200, blank=True)
    acronym = models.CharField(_("short name"), max_length=30, blank=True)
    abstract = models.TextField(_("abstract"), blank=True)
    objectives = models.TextField(_("objectives"), blank=True)
    theme = models.CharField(_("science theme"), max_length=80, blank=True)
    first_time = models.BooleanField(_("a first participation in deep space"), default=False)
    accommodation = models.TextField(_("accommodation: field of view, pointing, deployment, cleanliness"), blank=True)
    export_control = models.TextField(_("export-control status of components and technology"), blank=True)
    export_control_clear = models.BooleanField(
        _("no licence of another country is needed, or all are granted"), default=False
    )
    expertise = models.TextField(
        _("who you are and why you can do it"),
        blank=True,
        help_text=_("sealed until marks are given, where the call is dual-anonymous"),
    )
    letter = models.TextField(_("letter of intent"), blank=True)
    letter_sent_at = models.DateTimeField(null=True)
    state = models.CharField(max_length=12, choices=State, default=State.DRAFT)
    unread = models.JSONField(default=dict)
    synthetic = models.BooleanField(default=False)
    merged_into = models.ForeignKey("self", models.PROTECT, null=True, related_name="merged_from")
    version = models.PositiveIntegerField(default=1)
    created_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+")
    created_at = models.DateTimeField(db_default=Now(), editable=False)
    saved_at = models.DateTimeField(db_default=Now())
    submitted_at = models.DateTimeField(null=True)
    withdrawn_at = models.DateTimeField(null=True)

    class Meta:
        ordering = ("code",)
        constraints = (
            models.UniqueConstraint(fields=["opportunity", "code"], name="one_proposal_per_code"),
            models.CheckConstraint(condition=models.Q(state__in=State.values), name="proposal_state_known"),
            models.CheckConstraint(
                condition=~models.Q(state__in=[State.SUBMITTED, State.MERGED]) | models.Q(submitted_at__isnull=False),
                name="submitted_proposal_has_instant",
            ),
            models.CheckConstraint(
                condition=models.Q(state=State.WITHDRAWN, withdrawn_at__isnull=False)
                | (~models.Q(state=State.WITHDRAWN) & models.Q(withdrawn_at__isnull=True)),
                name="withdrawn_proposal_has_instant",
            ),
            models.CheckConstraint(
                condition=models.Q(state=State.MERGED, merged_into__isnull=False)
                | (~models.Q(state=State.MERGED) & models.Q(merged_into__isnull=True)),
                name="merged_proposal_names_its_heir",
            ),
        )
        triggers = (TRANSITIONS.trigger(),)

    def __str__(self) -> str:
        return f"{self.code} {self.title}"

    @property
    def address(self) -> str:
        """The stable address used in the record and in certificates."""
        return f"{self.opportunity.address}/proposal/{self.code}"


class TeamRole(models.TextChoices):
    """What somebody may do in a team."""

    LEAD = "lead", _("lead")
    EDITOR = "editor", _("editor")
    READER = "reader", _("reader")


@pghistory.track()
class TeamMember(models.Model):
    """A person in a proposal's team. The database allows one lead at most; actions keep it at exactly one."""

    proposal = models.ForeignKey(Proposal, models.CASCADE, related_name="members")
    user = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="team_memberships")
    role = models.CharField(max_length=8, choices=TeamRole)
    joined_at = models.DateTimeField(db_default=Now(), editable=False)

    class Meta:
        constraints = (
            models.UniqueConstraint(fields=["proposal", "user"], name="one_membership_per_person"),
            models.UniqueConstraint(
                fields=["proposal"], condition=models.Q(role=TeamRole.LEAD), name="one_lead_per_proposal"
            ),
        )

    def __str__(self) -> str:
        return f"{self.user}: {self.role}"


class Invitation(models.Model):
    """A link by which one person may join a team once. Only the digest of the link's secret is kept."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    proposal = models.ForeignKey(Proposal, models.CASCADE, related_name="invitations")
    role = models.CharField(max_length=8, choices=TeamRole, default=TeamRole.EDITOR)
    email = models.EmailField(blank=True)
    secret_sha256 = models.CharField(max_length=64, unique=True)
    invited_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+")
    created_at = models.DateTimeField(db_default=Now(), editable=False)
    expires_at = models.DateTimeField()
    used_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+")
    revoked_at = models.DateTimeField(null=True)

    def __str__(self) -> str:
        return f"invitation to {self.proposal_id}"


@pghistory.track()
class Participant(models.Model):
    """A country's or body's share in a proposal, in thousandths; ``partner`` where the catalogue knows it, words otherwise."""

    proposal = models.ForeignKey(Proposal, models.CASCADE, related_name="participants")
    partner = models.ForeignKey(Partner, models.PROTECT, null=True, related_name="+")
    institution = models.CharField(_("institution"), max_length=200, blank=True)
    country = models.CharField(_("country"), max_length=2, blank=True)
    contribution = models.CharField(_("contribution"), max_length=300, blank=True)
    share_permille = models.PositiveSmallIntegerField(_("share"), default=0)
    leads = models.BooleanField(default=False)
    position = models.PositiveSmallIntegerField(default=0)

    class Meta:
        ordering = ("position", "id")
        constraints = (models.CheckConstraint(condition=models.Q(share_permille__lte=1000), name="share_at_most_all"),)

    def __str__(self) -> str:
        return self.institution or str(self.partner or self.country)


class OptionKind(models.TextChoices):
    """How an option relates to the full proposal."""

    FULL = "full", _("full")
    DESCOPED = "descoped", _("descoped")
    ALTERNATIVE = "alternative", _("alternative")


@pghistory.track()
class Option(models.Model):
    """A version of a proposal with its own resources; at most one flies. ``merit_permille`` is its worth against the full one.

    Names differ within a submitted proposal; in a draft they may be empty or equal while somebody is typing.
    """

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    proposal = models.ForeignKey(Proposal, models.CASCADE, related_name="options")
    kind = models.CharField(max_length=12, choices=OptionKind, default=OptionKind.FULL)
    name = models.CharField(_("name"), max_length=80, blank=True)
    element = models.ForeignKey(Element, models.PROTECT, null=True, related_name="+")
    argument = models.TextField(_("what is kept and what is lost"), blank=True)
    merit_permille = models.PositiveSmallIntegerField(_("worth against the full version"), default=1000)
    length_um = models.BigIntegerField(null=True)
    width_um = models.BigIntegerField(null=True)
    height_um = models.BigIntegerField(null=True)
    coldest_centidegree = models.IntegerField(null=True)
    hottest_centidegree = models.IntegerField(null=True)
    position = models.PositiveSmallIntegerField(default=0)

    class Meta:
        ordering = ("position", "id")
        constraints = (
            models.CheckConstraint(condition=models.Q(merit_permille__lte=1000), name="option_not_above_full"),
        )

    def __str__(self) -> str:
        return self.name


@pghistory.track()
class Demand(models.Model):
    """How much of one envelope line an option asks, in the line's base units."""

    option = models.ForeignKey(Option, models.CASCADE, related_name="demands")
    line = models.ForeignKey(EnvelopeLine, models.PROTECT, related_name="+")
    amount = models.BigIntegerField()

    class Meta:
        constraints = (
            models.UniqueConstraint(fields=["option", "line"], name="one_demand_per_line"),
            models.CheckConstraint(condition=models.Q(amount__gte=0), name="demand_not_negative"),
        )

    def __str__(self) -> str:
        return f"{self.option}: {self.line.kind.text(self.amount)}"


@pghistory.track()
class Mode(models.Model):
    """A mode in which an option operates: power in milliwatts, data in bytes per day, share of time in thousandths."""

    option = models.ForeignKey(Option, models.CASCADE, related_name="modes")
    name = models.CharField(_("mode"), max_length=80)
    power_mw = models.BigIntegerField(default=0)
    data_per_day = models.BigIntegerField(default=0)
    duty_permille = models.PositiveSmallIntegerField(default=0)
    position = models.PositiveSmallIntegerField(default=0)

    class Meta:
        ordering = ("position", "id")

    def __str__(self) -> str:
        return self.name


class RelationKind(models.TextChoices):
    """How one proposal bears on another."""

    INTERFERES = "interferes", _("cannot fly with")
    NEEDS = "needs", _("needs")


@pghistory.track()
class Relation(models.Model):
    """A statement about another proposal. Teams cannot see each other's, so they name it in words; the office resolves it."""

    proposal = models.ForeignKey(Proposal, models.CASCADE, related_name="relations")
    kind = models.CharField(max_length=12, choices=RelationKind)
    named = models.CharField(_("which instrument or kind of instrument, and why"), max_length=300)
    other = models.ForeignKey(Proposal, models.CASCADE, null=True, related_name="related_from")
    position = models.PositiveSmallIntegerField(default=0)

    class Meta:
        ordering = ("position", "id")

    def __str__(self) -> str:
        return f"{self.proposal_id} {self.kind} {self.named}"


class Attachment(models.Model):
    """A file of a proposal; outside the web root, served as a download to those who may see the proposal."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    proposal = models.ForeignKey(Proposal, models.CASCADE, related_name="attachments")
    title = models.CharField(max_length=200, blank=True)
    sealed = models.BooleanField(_("belongs to the sealed part"), default=False)
    file = models.FileField(upload_to=random_name)
    name = models.CharField(max_length=200)
    media_type = models.CharField(max_length=100)
    size = models.BigIntegerField()
    sha256 = models.CharField(max_length=64)
    text = models.TextField(blank=True, help_text=_("what a file of an open part says, to look for names in"))
    added_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+")
    added_at = models.DateTimeField(db_default=Now(), editable=False)

    def __str__(self) -> str:
        return self.name


class Explanation(models.Model):
    """Why a passage of the open part that could tell who proposes stays as it is. ``key`` says which passage, in which words."""

    proposal = models.ForeignKey(Proposal, models.CASCADE, related_name="explanations")
    key = models.CharField(max_length=64)
    where = models.CharField(max_length=300)
    excerpt = models.CharField(max_length=300)
    reason = models.TextField(_("why this does not tell who proposes"))
    by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+")
    at = models.DateTimeField(db_default=Now(), editable=False)

    class Meta:
        ordering = ("at", "id")
        constraints = (models.UniqueConstraint(fields=["proposal", "key"], name="one_explanation_per_passage"),)

    def __str__(self) -> str:
        return f"{self.proposal_id}: {self.excerpt}"


class Tie(models.TextChoices):
    """Why a team does not want somebody to judge its proposal; the values are grounds of the review's conflicts."""

    INSTITUTION = "institution", _("same institution")
    COAUTHOR = "coauthor", _("recent paper together")
    ADVISER = "adviser", _("adviser or student")
    FAMILY = "family", _("family or close friend")
    RIVAL = "rival", _("competing work")
    MONEY = "money", _("financial interest")
    OTHER = "other", _("another reason")


@pghistory.track()
class NamedConflict(models.Model):
    """Somebody who should not judge a proposal, as its team says: a person by name or address, or everybody of an institution."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    proposal = models.ForeignKey(Proposal, models.CASCADE, related_name="named_conflicts")
    name = models.CharField(_("name"), max_length=200, blank=True)
    email = models.EmailField(_("e-mail address"), blank=True)
    institution = models.CharField(_("institution"), max_length=200, blank=True)
    tie = models.CharField(_("ground"), max_length=12, choices=Tie)
    words = models.CharField(_("in your words"), max_length=500, blank=True)
    named_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+")
    named_at = models.DateTimeField(db_default=Now(), editable=False)

    class Meta:
        ordering = ("named_at", "id")
        constraints = (
            models.CheckConstraint(
                condition=~models.Q(name="", email="", institution=""), name="named_conflict_names_somebody"
            ),
        )

    def __str__(self) -> str:
        return f"{self.proposal_id}: {self.name or self.email or self.institution}"


class Submission(models.Model):
    """Exactly what was received, and the signed receipt for it. Never edited."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    proposal = models.ForeignKey(Proposal, models.PROTECT, related_name="submissions")
    number = models.PositiveIntegerField()
    begun_at = models.DateTimeField(help_text=_("when the request reached the server"))
    received_at = models.DateTimeField(help_text=_("the database's instant that counts"))
    by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+")
    content = models.JSONField()
    digest = models.CharField(max_length=64)
    receipt = models.JSONField()

    class Meta:
        ordering = ("number",)
        constraints = (models.UniqueConstraint(fields=["proposal", "number"], name="submissions_are_numbered_once"),)
        triggers = (pgtrigger.Protect(name="submissions_stay", operation=pgtrigger.Update | pgtrigger.Delete),)

    def __str__(self) -> str:
        return f"{self.proposal_id} submission {self.number}"


@pghistory.track()
class Merge(models.Model):
    """A wish to merge ``source`` into ``target``: both leads agree, then the office approves.

    The lead who asks names the other proposal by its code; ``target`` stays empty until the other lead agrees, so that asking tells
    nobody whether a proposal exists.
    """

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    source = models.ForeignKey(Proposal, models.CASCADE, related_name="merges_out")
    target_code = models.CharField(_("code of the other proposal"), max_length=20)
    target = models.ForeignKey(Proposal, models.CASCADE, null=True, related_name="merges_in")
    reason = models.TextField(_("reason"))
    source_agreed_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+")
    target_agreed_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+")
    decided_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+")
    approved = models.BooleanField(null=True)
    asked_at = models.DateTimeField(db_default=Now(), editable=False)
    decided_at = models.DateTimeField(null=True)

    class Meta:
        constraints = (
            models.CheckConstraint(condition=~models.Q(source=models.F("target")), name="merge_joins_two"),
            models.CheckConstraint(
                condition=~models.Q(approved=True)
                | models.Q(source_agreed_by__isnull=False, target_agreed_by__isnull=False),
                name="merge_needs_both_leads",
            ),
            models.CheckConstraint(
                condition=models.Q(target__isnull=True) | models.Q(target_agreed_by__isnull=False),
                name="merge_target_has_agreed",
            ),
            models.UniqueConstraint(
                fields=["source"], condition=models.Q(decided_at__isnull=True), name="one_open_merge_per_source"
            ),
        )

    def __str__(self) -> str:
        return f"{self.source_id} into {self.target_code}"
