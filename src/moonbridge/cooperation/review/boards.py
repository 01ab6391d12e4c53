"""What those who run a panel see of it: each item with how its reviews stand, and who owes what.

The database masks by the kernel what a person may not see; everything here is made of what came through, so that a hidden item, review
or mark leaves no trace in a count, an average, a place or a load.
"""

import math
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from functools import cached_property
from typing import Any, Final
from uuid import UUID

from django.db.models import (
    Avg,
    Count,
    Expression,
    ExpressionWrapper,
    F,
    FloatField,
    Max,
    Min,
    OuterRef,
    Q,
    QuerySet,
    Subquery,
    Sum,
    Value,
)
from django.db.models.functions import Cast, Coalesce, JSONObject

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
from moonbridge.cooperation.review.reach import panels_run
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
class Judged:
    """A submitted review whose marks and author a person sees; ``points`` are 0 to 100."""

    key: UUID
    item: UUID
    seat: UUID
    points: float


@dataclass(frozen=True, slots=True)
class Tally:
    """What the submitted reviews of an item come to, over those that one person may read."""

    given: int
    mean: float | None
    lowest: float | None
    highest: float | None
    last: datetime | None

    @property
    def spread(self) -> float | None:
        """How far they lie apart; None for a single one."""
        if self.given < 2 or self.lowest is None or self.highest is None:  # noqa: PLR2004 - one lies apart from nothing
            return None
        return self.highest - self.lowest


@dataclass(frozen=True, slots=True)
class Burden:
    """How many reviews somebody was given, has not begun, and has submitted, over those that one person sees."""

    assigned: int = 0
    untouched: int = 0
    submitted: int = 0


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
    def tallies(self) -> dict[UUID, Tally]:
        """What the panel's own submitted reviews come to, by item; items without any are absent."""
        return {key: Tally(*rest) for key, *rest in _tallies(self.sight, self.panel)}

    @cached_property
    def burdens(self) -> dict[UUID, Burden]:
        """What each seat was given, where the person may know who that is."""
        return {key: Burden(*rest) for key, *rest in _burdens(self.sight, self.panel)}

    @cached_property
    def lines(self) -> list[Line]:
        """The items in the order of discussion, those that are not discussed last."""
        rows, verdicts = _items(self.sight, self.panel), _verdicts(self.sight, self.panel)
        places = _places(rows)
        return [_line(row, self.tallies.get(row["pk"]), verdicts, places) for row in rows]

    def judged(self) -> list[Judged]:
        """Return the submitted reviews whose marks and authors the person sees."""
        rows = _submitted(self.sight, self.panel).filter(self.sight.authors(), points__isnull=False)
        return [
            Judged(*row) for row in rows.order_by("assigned_at", "pk").values_list("pk", "item_id", "seat_id", "points")
        ]

    def loads(self, *, over: bool) -> list[Load]:
        """Return what each reviewer was given; what is not submitted is late once the date is ``over``."""
        seats = Seat.objects.filter(panel=self.panel, left_at=None, duty__in=JUDGING).select_related("user")
        found = (_load(seat, self.burdens.get(seat.pk, Burden()), over=over) for seat in seats)
        return [load for load in found if load.assigned or load.seat.duty not in BY_INVITATION]


def points_of_review() -> Expression:
    """Rooted at Review: which part of the full mark it gives, 0 to 100, by the criteria that it marks (see ``merits``)."""
    part = F("value_permille") - 1000 * F("criterion__lowest")
    width = 10 * (F("criterion__highest") - F("criterion__lowest"))
    reached = Sum(Cast(F("criterion__weight") * part, FloatField()) / width)
    marks = Mark.objects.filter(review=OuterRef("pk"), value_permille__isnull=False).order_by().values("review")
    points = marks.annotate(points=reached / Sum("criterion__weight")).values("points")
    return ExpressionWrapper(Subquery(points), output_field=FloatField())


def _submitted(sight: Sight, panel: Panel) -> QuerySet[Any]:
    """Return the panel's own submitted reviews whose marks may be read, with their points."""
    seen = Review.objects.filter(sight.marks(), item__panel=panel, state=ReviewState.SUBMITTED).order_by()
    return seen.annotate(points=points_of_review())


def _tallies(sight: Sight, panel: Panel) -> Iterable[Any]:
    found: QuerySet[Any] = (
        _submitted(sight, panel)
        .values("item_id")
        .annotate(
            given=Count("pk"), mean=Avg("points"), lowest=Min("points"), highest=Max("points"), last=Max("submitted_at")
        )
    )
    return found.values_list("item_id", "given", "mean", "lowest", "highest", "last")


def _burdens(sight: Sight, panel: Panel) -> Iterable[Any]:
    """Count by seat. Who sees how far a review is sees who writes it (``authors`` holds wherever ``progress`` does)."""
    rows = Review.objects.filter(sight.progress(), item__panel=panel, state__in=sorted(ACTIVE)).order_by()
    found: QuerySet[Any] = rows.values("seat_id").annotate(
        assigned=Count("pk"),
        untouched=Count("pk", filter=Q(state=ReviewState.ASSIGNED)),
        submitted=Count("pk", filter=Q(state=ReviewState.SUBMITTED)),
    )
    return found.values_list("seat_id", "assigned", "untouched", "submitted")


def _items(sight: Sight, panel: Panel) -> list[dict[str, Any]]:
    """Return the items that are seen; where their discussion is too, with "told": one column, so that one condition masks all of it."""
    told = JSONObject(
        state="state", left_out="left_out_because", position="position", wanted=Coalesce("demand", Value(panel.demand))
    )
    rows: Any = (
        Item.objects.filter(sight.items(), panel=panel)
        .annotate(
            code=F("proposal__code"), title=F("proposal__title"), synthetic=F("proposal__synthetic"),
            told=masked(told, sight.thread()),
        )
        .order_by("code")
        .values("pk", "proposal_id", "code", "title", "synthetic", "told")
    )  # fmt: skip
    return sorted(rows, key=lambda row: row["told"]["position"] if row["told"] else math.inf)


def _places(rows: Iterable[Any]) -> dict[UUID, int]:
    """Return the place of each item that is to be discussed, counted over what is seen."""
    discussed = (row["pk"] for row in rows if row["told"] and not row["told"]["left_out"])
    return {key: place for place, key in enumerate(discussed, start=1)}


def _verdicts(sight: Sight, panel: Panel) -> dict[UUID, tuple[str, ...]]:
    """Return what technical reviews find of each proposal, in the order in which they were assigned."""
    wanted = Q(item__panel=panel)
    if panel.kind == PanelKind.SCIENCE:
        wanted = Q(item__panel__round_id=panel.round_id, item__proposal__in=panel.items.values("proposal_id"))
    seen = Review.objects.filter(wanted, sight.marks(), item__panel__kind=PanelKind.TECHNICAL)
    rows = seen.filter(state=ReviewState.SUBMITTED).order_by("assigned_at", "pk")
    found: dict[UUID, tuple[str, ...]] = {}
    for proposal, verdict in rows.values_list("item__proposal_id", "verdict"):
        if verdict:
            found[proposal] = (*found.get(proposal, ()), verdict)
    return found


def _line(row: Any, tally: Tally | None, verdicts: dict[UUID, tuple[str, ...]], places: dict[UUID, int]) -> Line:
    told = row["told"] or {}
    seen = tally if tally is not None and told else Tally(0, None, None, None, None)
    return Line(
        row["pk"], row["code"], row["title"], row["synthetic"], told.get("state"), told.get("left_out"), places.get(row["pk"]),
        given=seen.given if told else None,
        wanted=told.get("wanted"),
        mean=seen.mean,
        spread=seen.spread,
        verdicts=verdicts.get(row["proposal_id"], ()),
    )  # fmt: skip


def _load(seat: Seat, burden: Burden, *, over: bool) -> Load:
    late = burden.assigned - burden.submitted if over else 0
    return Load(seat, burden.assigned, burden.untouched, burden.submitted, late)


STATES: Final = (ItemState.WAITING, ItemState.OPEN, ItemState.CLOSED)
"""In the order of a meeting."""
