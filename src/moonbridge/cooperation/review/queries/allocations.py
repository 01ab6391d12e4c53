"""Read who reviews what now, and on what an assignment would rest."""

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from django.db.models import Count, OuterRef, QuerySet, Subquery, Sum, Value
from django.db.models.functions import Coalesce

from moonbridge.accounts.queries import Visitor
from moonbridge.cooperation.review.inputs import judging
from moonbridge.cooperation.review.models import Bid, Conflict, Declaration, Item, Panel, Review
from moonbridge.cooperation.review.sight import Sight
from moonbridge.cooperation.review.states import ACTIVE, OVER


def assigned(user: Visitor, items: Iterable[Item]) -> dict[UUID, list[Review]]:
    """Return the active reviews of some items, by item, as far as ``user`` may know who reviews them."""
    active = Review.objects.filter(Sight(user).managed("item__"), item__in=list(items), state__in=sorted(ACTIVE))
    found: dict[UUID, list[Review]] = defaultdict(list)
    told = ("item", "state", "seat__label", "seat__user__name", "seat__user__email")
    for review in active.select_related("seat__user").only(*told).order_by("seat__label"):
        found[review.item_id].append(review)
    return found


def ended(user: Visitor, panel: Panel) -> QuerySet[Review]:
    """Return the reviews of ``panel`` that were given back or taken back, with why, as far as ``user`` may know who reviews."""
    over = Review.objects.filter(Sight(user).managed("item__"), item__panel=panel, state__in=sorted(OVER))
    return over.select_related("item__proposal", "seat__user").order_by("item__proposal__code", "seat__label")


@dataclass(frozen=True, slots=True)
class InputsSeen:
    """On what an assignment would rest, counted over the items that somebody manages."""

    items: int
    demand: int
    active: int
    seats: int
    capacity: int
    conflicts: int
    bids: int

    @property
    def short(self) -> bool:
        """Whether all reviewers together can take fewer reviews than are asked for."""
        return self.capacity < self.demand


def inputs_seen(user: Visitor, panel: Panel) -> InputsSeen:
    """Return on what an assignment of ``panel`` would rest, as far as ``user`` may know, in two queries."""
    seats = judging(panel)
    each = panel.per_team if panel.distributed else panel.most
    people = seats.aggregate(seats=Count("pk"), capacity=Sum(Coalesce("most", Value(each))))
    conflicts = Conflict.objects.filter(proposal=OuterRef("proposal_id"), standing=True, user__in=seats.values("user"))
    bids = Declaration.objects.filter(item=OuterRef("pk"), seat__in=seats.values("pk")).exclude(bid=Bid.NEUTRAL)
    active = Review.objects.filter(item=OuterRef("pk"), state__in=sorted(ACTIVE))
    items = Item.objects.filter(Sight(user).managed(), panel=panel).annotate(
        wanted=Coalesce("demand", Value(panel.demand)),
        given=_number(active),
        tied=_number(conflicts),
        bid=_number(bids),
    )
    told = items.aggregate(
        items=Count("pk"), demand=Sum("wanted"), active=Sum("given"), conflicts=Sum("tied"), bids=Sum("bid")
    )
    counted = {name: value or 0 for name, value in (told | people).items()}
    return InputsSeen(**counted | ({"demand": counted["capacity"]} if panel.distributed else {}))


def _number(rows: QuerySet[Any]) -> Subquery:
    """Return how many ``rows`` there are, as a part of another query."""
    return Subquery(rows.order_by().annotate(one=Value(1)).values("one").annotate(told=Count("pk")).values("told"))
