"""On what an assignment rests: the rows of a panel, read in a number of queries that never grows.

Within a distributed panel the teams review each other: each gives the same number of reviews, so the proposals get as even a number
as can be. A reserve is asked only where somebody stepped back; a referee only for what the invitation names.
"""

import hashlib
import json
from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any
from uuid import UUID

from django.db.models import Q, QuerySet

from moonbridge.cooperation.proposals.states import State
from moonbridge.cooperation.review.aims import Pair
from moonbridge.cooperation.review.models import (
    JUDGING,
    Bid,
    Conflict,
    Declaration,
    Duty,
    Item,
    Panel,
    RefereeInvitation,
    Review,
    Seat,
)
from moonbridge.cooperation.review.people import members_among
from moonbridge.cooperation.review.states import ACTIVE, ReviewState

type Bounds = Mapping[UUID, tuple[int, int]]
"""Least and most reviews of each seat, by its id."""


@dataclass(frozen=True)
class Inputs:
    """The rows on which an assignment of ``items`` rests, in the order of codes and labels.

    ``held``: the state of each active review of ``items``; ``recused``: pairs that ended so, or since somebody left; ``elsewhere``: how
    many active reviews each seat has of other items. ``demand``: how many reviews each item gets; ``whole``: these are all items of the
    panel.
    """

    panel: Panel
    items: Sequence[Item]
    seats: Sequence[Seat]
    held: Mapping[Pair, str]
    recused: frozenset[Pair]
    elsewhere: Mapping[UUID, int]
    barred: frozenset[Pair]
    bids: Mapping[Pair, int]
    demand: Mapping[UUID, int]
    bounds: Bounds
    whole: bool

    @cached_property
    def rows(self) -> dict[UUID, int]:
        """The position of each item."""
        return {item.pk: place for place, item in enumerate(self.items)}

    @cached_property
    def columns(self) -> dict[UUID, int]:
        """The position of each seat."""
        return {seat.pk: place for place, seat in enumerate(self.seats)}

    def places(self, pairs: Iterable[Pair]) -> list[tuple[int, int]]:
        """Return the positions of those pairs whose item and seat take part."""
        rows, columns = self.rows, self.columns
        return [(rows[item], columns[seat]) for item, seat in pairs if item in rows and seat in columns]

    def digest(self) -> str:
        """Return a digest of all of it: where that has become another one, an assignment may no longer be what it says."""
        told = ("title", "abstract", "objectives", "theme")
        items = [[one.pk, self.demand[one.pk], *(getattr(one.proposal, name) for name in told)] for one in self.items]
        seats = [[
            one.pk, one.duty, self.bounds[one.pk], self.elsewhere.get(one.pk, 0), one.kinds, one.keywords, one.texts,
            one.languages, one.ror, one.user.country, one.user.institution,
        ] for one in self.seats]  # fmt: skip
        pairs = [sorted((str(pair), value) for pair, value in part.items()) for part in (self.held, self.bids)]
        whole = [self.panel.quotas, items, seats, pairs, sorted(map(str, self.barred))]
        return hashlib.sha256(json.dumps(whole, default=str).encode()).hexdigest()


def gathered(panel: Panel, items: Iterable[Item], *, reserves: bool = False) -> Inputs:
    """Return what an assignment of ``items`` of ``panel`` rests on. ``reserves``: those held in reserve may be asked too."""
    standing = panel.items.filter(proposal__state=State.SUBMITTED)
    every = list(standing.select_related("proposal").order_by("proposal__code"))
    keys = {item.pk for item in items}
    chosen = [item for item in every if item.pk in keys]
    reviews = list(Review.objects.filter(item__panel=panel).values_list("item_id", "seat_id", "state"))
    active = {(item, seat): state for item, seat, state in reviews if state in ACTIVE}
    left = set(panel.seats.filter(left_at__isnull=False).values_list("pk", flat=True))
    seats = _judging(panel, {seat for item, seat in active if item in keys}, reserves=reserves)
    bounds = _bounds(panel, seats, active, len(every))
    bids = Declaration.objects.filter(item__in=chosen, seat__in=seats).exclude(bid=Bid.NEUTRAL)
    recused = frozenset(
        (item, seat) for item, seat, state in reviews
        if item in keys and (state == ReviewState.RECUSED or (state == ReviewState.RELEASED and seat in left))
    )  # fmt: skip
    return Inputs(
        panel,
        chosen,
        seats,
        {pair: state for pair, state in active.items() if pair[0] in keys},
        recused,
        Counter(seat for item, seat in active if item not in keys),
        _barred(chosen, seats) | recused,
        {(item, seat): bid for item, seat, bid in bids.values_list("item_id", "seat_id", "bid")},
        _demand(panel, every, bounds),
        bounds,
        whole=len(chosen) == len(every),
    )


def judging(panel: Panel, *, reserves: bool = False) -> QuerySet[Seat]:
    """Return the seats that may be given reviews: only peers where the teams review each other, reserves only if they may be asked."""
    duties = {Duty.PEER} if panel.distributed else set(JUDGING) - {Duty.RESERVE}
    return Seat.objects.filter(panel=panel, left_at=None, duty__in=duties | ({Duty.RESERVE} if reserves else set()))


def _judging(panel: Panel, holding: set[UUID], *, reserves: bool) -> list[Seat]:
    """Return who may be given reviews, and whoever has one, in whatever way they came to it."""
    found = Seat.objects.filter(Q(pk__in=judging(panel, reserves=reserves).values("pk")) | Q(pk__in=holding))
    return list(found.select_related("user").order_by("label"))


def _bounds(panel: Panel, seats: Sequence[Seat], active: Iterable[Pair], items: int) -> Bounds:
    """Return how many reviews each seat gives. Who has left takes no more than they have; the panel's least is for its members."""
    loads = Counter(seat for _, seat in active)
    peers: dict[Any, list[Seat]] = defaultdict(list)
    found = {}
    for seat in seats:
        found[seat.pk] = _own_bounds(panel, seat) if seat.left_at is None else (0, loads[seat.pk])
        if seat.for_team_id is not None and panel.distributed and seat.left_at is None:
            peers[seat.for_team_id].append(seat)
    for team in peers.values():
        for place, seat in enumerate(team):
            share = min((panel.per_team + place) // len(team), max(items - 1, 0))
            found[seat.pk] = (share, share)
    return found


def _own_bounds(panel: Panel, seat: Seat) -> tuple[int, int]:
    most = panel.most if seat.most is None else seat.most
    usual = panel.least if seat.duty == Duty.MEMBER else 0
    return min(usual if seat.least is None else seat.least, most), most


def _demand(panel: Panel, items: Sequence[Item], bounds: Bounds) -> dict[UUID, int]:
    """Return how many reviews each item gets. Where teams review each other, their reviews are shared out as evenly as can be."""
    found = {item.pk: panel.demand if item.demand is None else item.demand for item in items}
    if panel.distributed:
        free = [item.pk for item in items if item.demand is None]
        left = sum(least for least, _ in bounds.values()) - sum(item.demand or 0 for item in items)
        for place, key in enumerate(free):
            found[key] = (max(0, left) + place) // len(free)
    return found


def _barred(items: Sequence[Item], seats: Sequence[Seat]) -> frozenset[Pair]:
    """Return the pairs that must not be: conflicts, members of the team, its peers, and referees who were not asked for it."""
    places: dict[UUID, list[UUID]] = defaultdict(list)
    for seat in seats:
        places[seat.user_id].append(seat.pk)
    rows = {item.proposal_id: item.pk for item in items}
    standing = Conflict.objects.filter(proposal__in=rows, user__in=places, standing=True)
    people = set(standing.values_list("proposal_id", "user_id")) | members_among(rows.keys(), places.keys())
    found = {(rows[proposal], seat) for proposal, user in people for seat in places[user]}
    found |= {(rows[seat.for_team_id], seat.pk) for seat in seats if seat.for_team_id in rows}
    return frozenset(found | _not_asked(rows, seats))


def _not_asked(rows: Mapping[UUID, UUID], seats: Sequence[Seat]) -> set[Pair]:
    """Return the pairs of a referee with items that their invitation does not name; one that names none is for all."""
    named: dict[UUID, set[UUID]] = defaultdict(set)
    invited = RefereeInvitation.objects.filter(seat__in=[seat for seat in seats if seat.duty == Duty.REFEREE])
    for seat, proposal in invited.exclude(proposals=None).values_list("seat_id", "proposals"):
        if seat is not None:
            named[seat].add(proposal)
    return {(item, seat) for seat, asked in named.items() for proposal, item in rows.items() if proposal not in asked}
