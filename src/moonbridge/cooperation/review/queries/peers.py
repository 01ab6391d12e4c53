"""Distributed review: which team sent whom and what it delivered, for the office; and what a team is told."""

from collections.abc import Mapping
from dataclasses import dataclass
from uuid import UUID

from django.db.models import Count, Q, QuerySet

from moonbridge.accounts.models import User
from moonbridge.cooperation.proposals.models import Proposal, TeamMember
from moonbridge.cooperation.review.models import Duty, Item, Panel, Review, Seat, SetAside
from moonbridge.cooperation.review.queries.rounds import rounds_of_office
from moonbridge.cooperation.review.sight import Sight
from moonbridge.cooperation.review.states import ACTIVE, ReviewState


@dataclass(frozen=True, slots=True)
class TeamWork:
    """What the team of one proposal reviews in a panel: its peer if it has one, and how many reviews are given and submitted."""

    proposal: Proposal
    peer: Seat | None
    given: int
    submitted: int
    set_aside: SetAside | None

    @property
    def due(self) -> int:
        """How many reviews the team still owes."""
        return self.given - self.submitted


def work_of_teams(user: User, panel: Panel) -> list[TeamWork]:
    """Return the work of each team before ``panel``, as far as ``user`` runs it; four queries however many there are."""
    items = (
        Item.objects.filter(Sight(user).managed(), panel=panel).select_related("proposal").order_by("proposal__code")
    )
    peers = {seat.for_team_id: seat for seat in panel.seats.filter(duty=Duty.PEER, left_at=None).select_related("user")}
    counted = _counted(user, panel)
    aside = {one.proposal_id: one for one in panel.set_aside.filter(lifted_at=None)}
    return [_work(item.proposal, peers.get(item.proposal_id), counted, aside) for item in items]


def _counted(user: User, panel: Panel) -> Mapping[UUID, tuple[int, int]]:
    seen = Review.objects.filter(Sight(user).managed("item__"), item__panel=panel, state__in=sorted(ACTIVE))
    done = Count("pk", filter=Q(state=ReviewState.SUBMITTED))
    rows = seen.order_by().values_list("seat_id").annotate(given=Count("pk"), done=done)
    return {seat: (given, submitted) for seat, given, submitted in rows}


def _work(
    proposal: Proposal, peer: Seat | None, counted: Mapping[UUID, tuple[int, int]], aside: Mapping[UUID, SetAside]
) -> TeamWork:
    given, submitted = counted.get(peer.pk, (0, 0)) if peer is not None else (0, 0)
    return TeamWork(proposal, peer, given, submitted, aside.get(proposal.pk))


def set_aside_of_office(user: User) -> QuerySet[SetAside]:
    """Return what is set aside by the agencies whose office ``user`` is, without what they have a conflict with."""
    kept = SetAside.objects.filter(panel__round__in=rounds_of_office(user), lifted_at=None)
    seen = Proposal.objects.filter(Sight(user).uninvolved())
    return kept.filter(proposal__in=seen).select_related("panel__round__opportunity__agency", "proposal")


def duty_of_team(user: User, proposal: UUID) -> QuerySet[Seat]:
    """Return the peers that a team of which ``user`` is a member sends, one for each panel: the only thing of a review it sees.

    How far a peer is, the peer alone sees at their desk.
    """
    mine = TeamMember.objects.filter(user=user, proposal=proposal).values("proposal")
    sent = Seat.objects.filter(for_team__in=mine, duty=Duty.PEER, left_at=None)
    return sent.select_related("user", "for_team__opportunity", "panel__round").order_by("panel__position", "pk")


def set_aside_of_team(user: User, proposal: UUID) -> SetAside | None:
    """Return why the proposal of a team of which ``user`` is a member is set aside; None where it is not."""
    mine = TeamMember.objects.filter(user=user, proposal=proposal).values("proposal")
    return SetAside.objects.filter(proposal__in=mine, lifted_at=None).first()
