"""What those who run a panel see of it: each item with how its reviews stand, and who owes what.

The database masks by the kernel what a person may not see; everything here is made of what came through, so that a hidden item, review
or mark leaves no trace in a count, an average, a place or a load.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import cached_property
from statistics import fmean
from typing import Any, Final
from uuid import UUID

from django.db.models import Expression, ExpressionWrapper, F, FloatField, OuterRef, Q, QuerySet, Subquery, Sum, Value
from django.db.models.functions import Cast, Coalesce

from moonbridge.accounts.models import User
from moonbridge.cooperation.review.models import (
    JUDGING,
    MANAGING,
    SITTING,
    Duty,
    Item,
    Mark,
    Panel,
    PanelKind,
    Review,
    Seat,
)
from moonbridge.cooperation.review.queries.rounds import panels_run
from moonbridge.cooperation.review.sight import Sight, masked
from moonbridge.cooperation.review.states import ACTIVE, ItemState, ReviewState

BY_INVITATION: Final = frozenset({Duty.REFEREE, Duty.PEER})
"""They sit in a panel for what they review alone: who sees none of their reviews does not see their seat."""


def panels_visible_to(user: User) -> QuerySet[Panel]:
    """Return the panels whose desk ``user`` may open: as office, or from a seat in which one sits or observes."""
    seen = panels_run(user, (*SITTING, Duty.OBSERVER)).values("pk")
    return Panel.objects.filter(pk__in=seen).select_related("round__opportunity__agency")


def panels_managed_by(user: User) -> QuerySet[Panel]:
    """Return the panels that ``user`` runs: as office, chair or secretary."""
    seen = panels_run(user, MANAGING).values("pk")
    return Panel.objects.filter(pk__in=seen).select_related("round__opportunity__agency")


@dataclass(frozen=True, slots=True)
class Given:
    """A review as one person sees it. ``points`` (0 to 100) and ``seat`` are None where its marks or its author are hidden."""

    key: UUID
    item: UUID
    proposal: UUID
    panel: UUID
    state: str
    seat: UUID | None
    points: float | None
    verdict: str | None

    @property
    def submitted(self) -> bool:
        """Whether it is there to be read."""
        return self.state == ReviewState.SUBMITTED


@dataclass(frozen=True, slots=True)
class Line:
    """An item as one person sees it; None stands for what is hidden as for what is not there.

    ``place`` is its place among the items that this person sees in the order of discussion. ``mean`` and ``spread`` (from the lowest to
    the highest review) are points from 0 to 100. ``verdicts`` are those of technical reviews.
    """

    key: UUID
    code: str
    title: str
    synthetic: bool
    state: str | None
    left_out_because: str | None
    place: int | None
    given: int | None
    wanted: int | None
    mean: float | None
    spread: float | None
    verdicts: tuple[str, ...]

    @property
    def complete(self) -> bool | None:
        """Whether all its reviews are there."""
        return None if self.given is None or self.wanted is None else self.given >= self.wanted


@dataclass(frozen=True, slots=True)
class Load:
    """What one reviewer was given, of what the person who asks may see."""

    seat: Seat
    assigned: int
    untouched: int
    submitted: int
    late: int

    @property
    def begun(self) -> int:
        """How many are begun and not submitted."""
        return self.assigned - self.untouched - self.submitted


@dataclass(frozen=True)
class Board:
    """Everything of a panel that one person sees, read by few queries whatever its size."""

    user: User
    panel: Panel

    @cached_property
    def sight(self) -> Sight:
        """What the person may see."""
        return Sight(self.user)

    @cached_property
    def reviews(self) -> list[Given]:
        """The reviews of its items, and the technical ones of the same proposals."""
        return [Given(*row) for row in _reviews(self.sight, self.panel)]

    @cached_property
    def ours(self) -> list[Given]:
        """The reviews of the panel itself."""
        return [one for one in self.reviews if one.panel == self.panel.pk]

    @cached_property
    def lines(self) -> list[Line]:
        """The items in the order of discussion, those that are not discussed last."""
        given, verdicts = _by_item(self.ours), _verdicts(self.reviews, self.panel)
        rows = list(_items(self.sight, self.panel))
        places = _places(rows)
        return [_line(row, given.get(row["pk"], []), verdicts, places) for row in rows]

    def loads(self, due: datetime | None, now: datetime) -> list[Load]:
        """Return what each reviewer was given; late is what is not submitted at the instant ``due``."""
        over = due is not None and due < now
        seats = Seat.objects.filter(panel=self.panel, left_at=None, duty__in=JUDGING).select_related("user")
        found = (_load(seat, self._of_seat.get(seat.pk, []), over=over) for seat in seats)
        return [load for load in found if load.assigned or load.seat.duty not in BY_INVITATION]

    @cached_property
    def _of_seat(self) -> dict[UUID, list[Given]]:
        found: dict[UUID, list[Given]] = {}
        for one in self.ours:
            if one.seat is not None:
                found.setdefault(one.seat, []).append(one)
        return found


def points_of_review() -> Expression:
    """Rooted at Review: which part of the full mark it gives, 0 to 100, by the criteria that it marks (see ``merits``)."""
    part = F("value_permille") - 1000 * F("criterion__lowest")
    width = 10 * (F("criterion__highest") - F("criterion__lowest"))
    reached = Sum(Cast(F("criterion__weight") * part, FloatField()) / width)
    marks = Mark.objects.filter(review=OuterRef("pk"), value_permille__isnull=False).order_by().values("review")
    points = marks.annotate(points=reached / Sum("criterion__weight")).values("points")
    return ExpressionWrapper(Subquery(points), output_field=FloatField())


def _reviews(sight: Sight, panel: Panel) -> Iterable[tuple[Any, ...]]:
    wanted = Q(item__panel=panel)
    if panel.kind == PanelKind.SCIENCE:
        ours = Item.objects.filter(sight.items(), panel=panel).values("proposal_id")
        technical = Q(item__panel__round_id=panel.round_id, item__panel__kind=PanelKind.TECHNICAL)
        wanted |= technical & Q(item__proposal_id__in=ours)
    found = Review.objects.filter(wanted, sight.reviews(), state__in=sorted(ACTIVE)).order_by("assigned_at", "pk")
    return found.annotate(
        author=masked("seat_id", sight.authors()),
        points=masked(points_of_review(), sight.marks()),
        finding=masked("verdict", sight.marks()),
    ).values_list("pk", "item_id", "item__proposal_id", "item__panel_id", "state", "author", "points", "finding")


def _items(sight: Sight, panel: Panel) -> Iterable[Any]:
    discussed = sight.thread()
    demand = Coalesce("demand", Value(panel.demand))
    return (
        Item.objects.filter(sight.items(), panel=panel)
        .annotate(
            code=F("proposal__code"), title=F("proposal__title"), synthetic=F("proposal__synthetic"),
            standing=masked("state", discussed), left_out=masked("left_out_because", discussed),
            order=masked("position", discussed), wanted=masked(demand, discussed),
        )
        .order_by("order", "code")
        .values("pk", "proposal_id", "code", "title", "synthetic", "standing", "left_out", "wanted")
    )  # fmt: skip


def _places(rows: Iterable[Any]) -> dict[UUID, int]:
    """Return the place of each item that is to be discussed, counted over what is seen."""
    discussed = (row["pk"] for row in rows if row["standing"] is not None and not row["left_out"])
    return {key: place for place, key in enumerate(discussed, start=1)}


def _by_item(reviews: Iterable[Given]) -> dict[UUID, list[Given]]:
    found: dict[UUID, list[Given]] = {}
    for one in reviews:
        if one.submitted:
            found.setdefault(one.item, []).append(one)
    return found


def _verdicts(reviews: Iterable[Given], panel: Panel) -> dict[UUID, tuple[str, ...]]:
    """Return what technical reviews find of each proposal, in the order in which they were assigned."""
    found: dict[UUID, tuple[str, ...]] = {}
    for one in reviews:
        if one.submitted and one.verdict and (one.panel != panel.pk or panel.kind == PanelKind.TECHNICAL):
            found[one.proposal] = (*found.get(one.proposal, ()), one.verdict)
    return found


def _line(row: Any, given: Sequence[Given], verdicts: dict[UUID, tuple[str, ...]], places: dict[UUID, int]) -> Line:
    shown = row["wanted"] is not None
    points = [one.points for one in given if one.points is not None] if shown else []
    return Line(
        row["pk"], row["code"], row["title"], row["synthetic"], row["standing"], row["left_out"], places.get(row["pk"]),
        given=len(given) if shown else None,
        wanted=row["wanted"],
        mean=fmean(points) if points else None,
        spread=max(points) - min(points) if len(points) > 1 else None,
        verdicts=verdicts.get(row["proposal_id"], ()),
    )  # fmt: skip


def _load(seat: Seat, given: Sequence[Given], *, over: bool) -> Load:
    untouched = sum(one.state == ReviewState.ASSIGNED for one in given)
    submitted = sum(one.submitted for one in given)
    return Load(seat, len(given), untouched, submitted, late=(len(given) - submitted) if over else 0)


STATES: Final = (ItemState.WAITING, ItemState.OPEN, ItemState.CLOSED)
"""In the order of a meeting."""
