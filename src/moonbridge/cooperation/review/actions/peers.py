"""Distributed review: seat one person of each team, let teams name another one, and set aside what belongs to a team that gave nothing."""

from collections.abc import Iterator
from uuid import UUID

from django.utils.translation import gettext

from moonbridge.accounts.models import User
from moonbridge.cooperation.proposals.models import Proposal, TeamMember, TeamRole
from moonbridge.cooperation.proposals.states import State as ProposalState
from moonbridge.cooperation.review import notices
from moonbridge.cooperation.review.actions.rounds import seal
from moonbridge.cooperation.review.actions.seats import About, held_panel, place
from moonbridge.cooperation.review.models import Duty, Item, Panel, Review, Round, Seat, SetAside
from moonbridge.cooperation.review.rules import ANSWERABLE, reviews_are_over
from moonbridge.cooperation.review.sight import Sight
from moonbridge.cooperation.review.states import ACTIVE, DUE
from moonbridge.errors import InputError, NotAllowed, Refused, WrongState
from moonbridge.record.actions import once
from moonbridge.record.queries import database_now


def seat_peers(panel: Panel, *, by: User, command: UUID) -> int:
    """Seat one peer for each team whose proposal is before a distributed panel, as the office, and share the work out evenly.

    A team that has a peer keeps it. Else its lead is asked, or, if the lead sits there for another team, its next member. Each
    peer gives ``per_team`` reviews (fewer where there are fewer other proposals), and the demand of the proposals follows from that, so
    that both come out even. Return how many peers sit there now; a team without anybody free has none.
    """

    def act() -> int:
        held = held_panel(panel, by)
        if not held.distributed:
            raise WrongState(gettext("In this panel the teams do not review each other."))
        items = list(
            held.items.filter(proposal__state=ProposalState.SUBMITTED)
            .select_related("proposal")
            .order_by("proposal__code")
        )
        for item in items:
            _seat_for(held, item.proposal, by=by)
        return _share_out(held, items)

    return once(command, "review.seat-peers", {"panel": str(panel.pk)}, act, by=by)


def _seat_for(panel: Panel, team: Proposal, *, by: User) -> None:
    if panel.seats.filter(for_team=team, left_at=None).exists():
        return
    taken = set(panel.seats.filter(left_at=None).values_list("user", flat=True))
    person = next((member for member in _in_order(team) if member.pk not in taken), None)
    if person is not None:
        notices.tell_peer(place(panel, person, Duty.PEER, by=by, about=About(), for_team=team))


def _in_order(team: Proposal) -> Iterator[User]:
    """Yield the active members of a team: the lead, then editors, then readers, each by when they joined."""
    order = {role.value: place for place, role in enumerate(TeamRole)}
    members = TeamMember.objects.filter(proposal=team, user__is_active=True).select_related("user")
    for member in sorted(members, key=lambda one: (order[one.role], one.joined_at, one.pk)):
        yield member.user


def _share_out(panel: Panel, items: list[Item]) -> int:
    """Write how many reviews each peer gives and each proposal gets, which come to the same total; return the number of peers."""
    peers = panel.seats.filter(duty=Duty.PEER, left_at=None)
    count, load = peers.count(), max(min(panel.per_team, len(items) - 1), 0)
    peers.update(least=load, most=load)
    each, more = divmod(count * load, len(items)) if items else (0, 0)
    for place_, item in enumerate(items):
        item.demand = each + (place_ < more)
    Item.objects.bulk_update(items, ["demand"])
    return count


def name_peer(seat: Seat, member: TeamMember, *, by: User, command: UUID) -> Seat:
    """Let the lead of a team name another member as its peer, as long as nothing is assigned to the present one."""

    def act() -> str:
        panel = _held_for_team(seat, by)
        kept = panel.seats.select_for_update(of=("self",), no_key=True).get(pk=seat.pk)
        if kept.left_at is not None or Review.objects.filter(seat=kept, state__in=sorted(ACTIVE)).exists():
            raise WrongState(
                gettext("Reviews are assigned already; ask the office to change who reviews for your team.")
            )
        chosen = TeamMember.objects.filter(pk=member.pk, proposal=kept.for_team_id).select_related("user").first()
        if chosen is None or kept.for_team is None:
            raise InputError(gettext("Choose a member of your team."), field="member")
        kept.left_at, kept.left_because = database_now(), gettext("the team named somebody else")
        kept.save(update_fields=["left_at", "left_because"])
        about = About(least=kept.least, most=kept.most)
        named = place(panel, chosen.user, Duty.PEER, by=by, about=about, for_team=kept.for_team)
        notices.tell_peer(named)
        return str(named.pk)

    asked = {"seat": str(seat.pk), "member": str(member.pk)}
    return Seat.objects.select_related("panel__round").get(pk=once(command, "review.name-peer", asked, act, by=by))


def _held_for_team(seat: Seat, by: User) -> Panel:
    """Lock the round and the panel of a peer's seat, for the lead of the team that sent the peer."""
    leads = TeamMember.objects.filter(proposal=seat.for_team_id, user=by, role=TeamRole.LEAD)
    if seat.for_team_id is None or not leads.exists():
        raise NotAllowed("Only the lead names who reviews for the team.")
    locked = Round.objects.select_for_update(of=("self",), no_key=True).select_related("opportunity__agency")
    round_ = locked.get(pk=seat.panel.round_id)
    if round_.state not in ANSWERABLE:
        raise WrongState(gettext("The reviews are over."), state=round_.state)
    panel = Panel.objects.select_for_update(of=("self",), no_key=True).get(pk=seat.panel_id)
    panel.round = round_
    return panel


def set_aside(panel: Panel, proposal: Proposal, *, because: str, by: User, command: UUID) -> SetAside:
    """Set a proposal aside whose team owes reviews of others after their date, as the office and with a written reason.

    Nothing is set aside by itself, and only in a panel that announced it. The team reads the reason on its page.
    """

    def act() -> str:
        held = held_panel(panel, by)
        if not held.penalty:
            raise WrongState(gettext("This panel did not announce that a team may be set aside."))
        if not because.strip():
            raise InputError(gettext("Say why; the team reads it."), field="because")
        _require_late(held, proposal, by)
        if SetAside.objects.filter(proposal=proposal, lifted_at=None).exists():
            raise WrongState(gettext("This proposal is set aside already."))
        made = SetAside.objects.create(panel=held, proposal=proposal, because=because.strip()[:500], by=by)
        seal(held.round, "set aside", {"panel": str(held.pk), "id": str(made.pk)}, by=by)
        return str(made.pk)

    asked = {"panel": str(panel.pk), "proposal": str(proposal.pk), "because": because}
    return SetAside.objects.get(pk=once(command, "review.set-aside", asked, act, by=by))


def _require_late(panel: Panel, proposal: Proposal, by: User) -> None:
    """Refuse a proposal that ``by`` must not know, and one whose team owes nothing or still has time."""
    if not Item.objects.filter(Sight(by).managed(), panel=panel, proposal=proposal).exists():
        raise NotAllowed("This proposal is not before this panel.")
    if not reviews_are_over(panel.round.opportunity):
        raise WrongState(gettext("The date of the reviews is not over yet."))
    owed = Review.objects.filter(Sight(by).managed("item__"), seat__panel=panel, seat__for_team=proposal)
    if not owed.filter(state__in=sorted(DUE)).exists():
        raise Refused(gettext("This team has given all its reviews."))


def lift(kept: SetAside, *, by: User, command: UUID) -> None:
    """Let a proposal that was set aside count again, as the office."""

    def act() -> None:
        held = held_panel(kept.panel, by)
        row = SetAside.objects.select_for_update(of=("self",)).get(pk=kept.pk)
        if row.lifted_at is not None:
            raise WrongState(gettext("This was lifted already."))
        row.lifted_by, row.lifted_at = by, database_now()
        row.save(update_fields=["lifted_by", "lifted_at"])
        seal(held.round, "lift set aside", {"panel": str(held.pk), "id": str(row.pk)}, by=by)

    once(command, "review.lift-set-aside", {"id": str(kept.pk)}, act, by=by)
