"""Read proposals, each only by those whom it concerns."""

import hashlib
from uuid import UUID

from django.db.models import Exists, F, OuterRef, Prefetch, Q, QuerySet
from django.db.models.functions import Now

from moonbridge.accounts.models import RoleKind, Scope, User
from moonbridge.accounts.queries import Visitor, holds, scope_ids
from moonbridge.cooperation.opportunities.models import Opportunity
from moonbridge.cooperation.opportunities.states import State as CallState
from moonbridge.cooperation.proposals.models import (
    Attachment,
    Invitation,
    Merge,
    Proposal,
    Submission,
    TeamMember,
    TeamRole,
)
from moonbridge.cooperation.proposals.states import State


def visible_to(user: Visitor) -> QuerySet[Proposal]:
    """Return the proposals that ``user`` may see.

    * A member of the team, in any role, sees the team's proposal in every state.
    * The programme office of the agency that called sees what it has received: submitted and merged proposals, and those that
      were withdrawn after the deadline. It sees them once the deadline has passed by the database's clock, or the call was
      closed. Until then it learns how many letters of intent were sent (:func:`letters_sent`) and nothing else; drafts it
      never sees, nor how many there are.
    * Nobody else sees anything. Reviewers are given their access by the review.
    """
    if not user.is_authenticated:
        return Proposal.objects.none()
    offices = scope_ids(user, RoleKind.OFFICE, Scope.AGENCY)
    return Proposal.objects.filter(Q(pk__in=_teams(user)) | (_received() & Q(opportunity__agency_id__in=offices)))


def _teams(user: User) -> QuerySet[TeamMember, UUID]:
    """Return the ids of the proposals in whose teams ``user`` is: a subquery."""
    return TeamMember.objects.filter(user=user).values_list("proposal_id", flat=True)


def _received() -> Q:
    """Return the condition that a proposal has reached the office and the office may open it."""
    over = Q(opportunity__deadline__lte=Now()) | Q(opportunity__state__in=[CallState.CLOSED, CallState.DECIDED])
    stood = Q(state__in=[State.SUBMITTED, State.MERGED])
    withdrawn_late = Q(state=State.WITHDRAWN, submitted_at__isnull=False) & (
        Q(opportunity__deadline__isnull=True) | Q(withdrawn_at__gt=F("opportunity__deadline"))
    )
    return over & (stood | withdrawn_late)


def mine(user: Visitor) -> QuerySet[Proposal]:
    """Return the proposals in whose team ``user`` is, those with the next deadline first."""
    if not user.is_authenticated:
        return Proposal.objects.none()
    own = Proposal.objects.filter(members__user=user).annotate(my_role=F("members__role"))
    return own.select_related("opportunity__agency").order_by("opportunity__deadline", "code")


def received(user: Visitor, opportunity: Opportunity) -> QuerySet[Proposal]:
    """Return what the office has received for ``opportunity`` and ``user`` may see, by code; teams see their own."""
    return visible_to(user).filter(opportunity=opportunity).filter(_received())


def submitted(opportunity: Opportunity) -> QuerySet[Proposal]:
    """Return the proposals that stand as submitted for ``opportunity``: the candidates. For later stages; no person asks here."""
    return Proposal.objects.filter(opportunity=opportunity, state=State.SUBMITTED)


def letters_sent(user: Visitor, opportunity: Opportunity) -> int | None:
    """Return how many letters of intent were sent, which only the office may know; None for everybody else."""
    if not holds(user, RoleKind.OFFICE, Scope.AGENCY, opportunity.agency_id):
        return None
    return Proposal.objects.filter(opportunity=opportunity, letter_sent_at__isnull=False).count()


def with_content(proposals: QuerySet[Proposal]) -> QuerySet[Proposal]:
    """Return ``proposals`` with all that they say, in a number of queries that never grows."""
    return proposals.select_related(
        "opportunity__agency", "opportunity__mission", "opportunity__site", "merged_into"
    ).prefetch_related(
        "participants__partner", "options__element__mission", "options__demands__line", "options__modes", "relations__other",
        "opportunity__envelope__element__mission", "opportunity__accommodations", "opportunity__elements__mission",
    )  # fmt: skip


def for_page(user: Visitor) -> QuerySet[Proposal]:
    """Return the visible proposals with everything that a page shows."""
    return with_content(visible_to(user)).prefetch_related(
        Prefetch("attachments", Attachment.objects.defer("text")), "members__user", "explanations"
    )


def submissions_visible_to(user: Visitor) -> QuerySet[Submission]:
    """Return the receipts that ``user`` may see: a team all of its own, the office the one that stands."""
    if not user.is_authenticated:
        return Submission.objects.none()
    standing = Q(proposal__in=visible_to(user), received_at=F("proposal__submitted_at"))
    return Submission.objects.filter(Q(proposal__in=_teams(user)) | standing).select_related(
        "proposal__opportunity", "by"
    )


def attachments_visible_to(user: Visitor) -> QuerySet[Attachment]:
    """Return the files of the proposals that ``user`` may see."""
    return Attachment.objects.filter(proposal__in=visible_to(user))


def files(proposal: Proposal, *, sealed: bool) -> QuerySet[Attachment]:
    """Return the files of the open or of the sealed part, the oldest first. For the review; no person asks here."""
    return Attachment.objects.filter(proposal=proposal, sealed=sealed).order_by("added_at", "pk")


def merges_visible_to(user: Visitor) -> QuerySet[Merge]:
    """Return the merges that concern ``user``: asked by their team, asked of their team, or (office) agreed by both leads.

    Who asks names the other proposal by its code and does not learn whether it exists until the other lead agrees.
    """
    if not user.is_authenticated:
        return Merge.objects.none()
    asked_of = Proposal.objects.filter(
        pk__in=_teams(user), code=OuterRef("target_code"), opportunity=OuterRef("source__opportunity")
    )
    ours = Q(source__in=_teams(user)) | Q(target__in=_teams(user)) | Q(Exists(asked_of))
    theirs = Q(target__isnull=False, source__in=visible_to(user), target__in=visible_to(user))
    return (
        Merge.objects.filter(ours | theirs).select_related("source__opportunity", "target").order_by("asked_at", "pk")
    )


def open_invitation(secret: str) -> QuerySet[Invitation]:
    """Return the invitation that the holder of ``secret`` may still use; the secret is the authority."""
    kept = hashlib.sha256(secret.encode()).hexdigest()
    unused = Invitation.objects.filter(secret_sha256=kept, used_by=None, revoked_at=None, expires_at__gt=Now())
    return unused.select_related("proposal__opportunity", "invited_by")


def open_invitations(user: User) -> QuerySet[Invitation]:
    """Return the invitations that can still be used, to teams that ``user`` leads."""
    led = TeamMember.objects.filter(user=user, role=TeamRole.LEAD).values_list("proposal_id", flat=True)
    unused = Invitation.objects.filter(proposal__in=led, used_by=None, revoked_at=None, expires_at__gt=Now())
    return unused.select_related("proposal").order_by("created_at", "pk")
