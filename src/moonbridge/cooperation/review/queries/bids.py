"""Who has declared and bid, and who has not yet, counted over the items that somebody manages."""

from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from uuid import UUID

from django.db.models import Count, Exists, OuterRef, Q, QuerySet

from moonbridge.accounts.queries import Visitor
from moonbridge.cooperation.proposals.models import TeamMember
from moonbridge.cooperation.review.models import SITTING, Bid, Conflict, Declaration, Duty, Item, Panel, Review, Seat
from moonbridge.cooperation.review.sight import Sight
from moonbridge.cooperation.review.states import ACTIVE

ASKED_OF_ALL = (*SITTING, Duty.RESERVE, Duty.OBSERVER)
"""They declare on everything before their panel; referees and peers on what they were given."""


@dataclass(frozen=True, slots=True)
class Declared:
    """How far somebody is: items on which they declared no conflict, items that a conflict settles, items still open, and bids."""

    seat: Seat
    declared: int
    conflicts: int
    open: int
    bids: Mapping[int, int]

    @property
    def bids_in_order(self) -> list[int]:
        """How many bids of each kind, from unwilling to eager."""
        return [self.bids.get(bid, 0) for bid in Bid.values]


def seats_of(panel: Panel) -> QuerySet[Seat]:
    """Return who is asked to declare in a panel, by label."""
    return Seat.objects.filter(panel=panel, left_at=None).select_related("user").order_by("label")


def declared(user: Visitor, panel: Panel, seats: Iterable[Seat]) -> list[Declared]:
    """Return how far each of ``seats`` is, over the items that ``user`` manages, in a number of queries that never grows."""
    asked, items = list(seats), Item.objects.filter(Sight(user).managed(), panel=panel)
    total, bids, settled = items.count(), _bids(asked, items), _settled(asked, items)
    given = _given(asked, items)
    return [
        _line(seat, bids[seat.pk], settled.get(seat.user_id, 0), total if seat.duty in ASKED_OF_ALL else None, given)
        for seat in asked
    ]


def _line(seat: Seat, bids: Mapping[int, int], settled: int, total: int | None, given: Mapping[UUID, int]) -> Declared:
    declared = sum(bids.values())
    left = given.get(seat.pk, 0) if total is None else total - declared - settled
    return Declared(seat, declared, settled, max(0, left), bids)


def _bids(seats: list[Seat], items: QuerySet[Item]) -> Mapping[UUID, dict[int, int]]:
    """Return the declarations that count, by seat and bid: a conflict that came up later outweighs them."""
    rows = Declaration.objects.filter(
        ~_tied("item__proposal_id", "seat__user_id"), seat__in=seats, item__in=items.values("pk")
    )
    found: dict[UUID, dict[int, int]] = defaultdict(dict)
    for seat, bid, count in rows.values_list("seat_id", "bid").annotate(n=Count("pk")).order_by():
        found[seat][bid] = count
    return found


def _settled(seats: list[Seat], items: QuerySet[Item]) -> dict[UUID, int]:
    """Return of how many items a conflict or a place in the team keeps each person away."""
    proposals, users = items.values("proposal"), [seat.user_id for seat in seats]
    standing = Conflict.objects.filter(standing=True, proposal__in=proposals, user__in=users)
    members = TeamMember.objects.filter(proposal__in=proposals, user__in=users)
    pairs = set(standing.values_list("user_id", "proposal_id")) | set(members.values_list("user_id", "proposal_id"))
    found: dict[UUID, int] = defaultdict(int)
    for user, _proposal in pairs:
        found[user] += 1
    return found


def _given(seats: list[Seat], items: QuerySet[Item]) -> dict[UUID, int]:
    """Return how many reviews each seat has without having declared on them."""
    there = Declaration.objects.filter(seat=OuterRef("seat"), item=OuterRef("item"))
    open_ones = Review.objects.filter(
        ~Exists(there), seat__in=seats, item__in=items.values("pk"), state__in=sorted(ACTIVE)
    )
    return dict(open_ones.values_list("seat_id").annotate(n=Count("pk")).order_by())


def _tied(proposal: str, user: str) -> Q:
    standing = Conflict.objects.filter(proposal=OuterRef(proposal), user=OuterRef(user), standing=True)
    members = TeamMember.objects.filter(proposal=OuterRef(proposal), user=OuterRef(user))
    return Q(Exists(standing)) | Q(Exists(members))
