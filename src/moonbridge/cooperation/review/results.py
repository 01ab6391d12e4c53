"""A kept assignment as its page shows it: pairs with reasons, what changes, loads, and who may step in."""

from collections import Counter, defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Final
from uuid import UUID

from django.utils.functional import Promise
from django.utils.translation import get_language, gettext
from django.utils.translation import gettext_lazy as _

from moonbridge.cooperation.review.models import Allocation, Item, Review, Seat
from moonbridge.cooperation.review.states import ACTIVE
from moonbridge.formats.reviewing.pairs import score_text

_PARTS: Final[dict[str, str | Promise]] = {
    "texts": _("texts"),
    "keywords": _("keywords"),
    "bids": _("bid"),
    "scores": _("given score"),
}


@dataclass(frozen=True, slots=True)
class Pair:
    """A reviewer of an item: how well they fit, why, and whether the pair is new."""

    seat: Seat
    score: str
    why: tuple[tuple[str, int], ...]
    fresh: bool


@dataclass(frozen=True, slots=True)
class Row:
    """An item with the reviewers that it gets, those who would lose it, and those who may step in."""

    item: Item
    pairs: tuple[Pair, ...]
    lost: tuple[Seat, ...]
    alternates: tuple[Seat, ...]


@dataclass(frozen=True)
class Proposed:
    """What an assignment says, for its page; ``refusal`` says why there is none, ``concerned`` where to look."""

    rows: tuple[Row, ...]
    loads: tuple[tuple[int, int], ...]
    fresh: int
    lost: int
    total: str
    bound: str
    floor: str
    floor_bound: str
    proven: bool
    drawn: bool
    refusal: str
    concerned: tuple[Item | Seat, ...]


def proposed(allocation: Allocation, items: Sequence[Item]) -> Proposed:
    """Return what ``allocation`` says of ``items`` (a page of its own) and in all; whoever asks sees all of its items."""
    answer: dict[str, Any] = allocation.answer or {}
    seats = {str(seat.pk): seat for seat in Seat.objects.filter(panel=allocation.panel_id).select_related("user")}
    given = answer.get("pairs", [])
    wanted = {(item, seat) for item, seat, *_rest in given}
    active = Review.objects.filter(item__in=allocation.items.all(), state__in=sorted(ACTIVE))
    held = {(str(item), str(seat)) for item, seat in active.values_list("item_id", "seat_id")}
    decided = "total" not in answer
    by_item: dict[str, list[Any]] = defaultdict(list)
    lost: dict[str, list[Seat]] = defaultdict(list)
    for row in given:
        by_item[row[0]].append(row)
    for item, seat in sorted(held - wanted):
        lost[item].append(seats[seat])
    others = {key: tuple(seats[seat] for seat in named) for key, named in answer.get("alternates", {}).items()}
    rows = () if decided else tuple(
        Row(item, _pairs(by_item[key], seats, held), tuple(lost[key]), others.get(key, ()))
        for item in items for key in [str(item.pk)]
    )  # fmt: skip
    loads = Counter(Counter(seat for _item, seat in wanted).values())
    return Proposed(
        rows, tuple(sorted(loads.items())), len(wanted - held), 0 if decided else len(held - wanted),
        **{name: score_text(answer[name]) if answer.get(name) is not None else "" for name in ("total", "bound", "floor", "floor_bound")},
        proven=bool(answer.get("proven")), drawn=bool(answer.get("drawn")), refusal=_refusal(answer),
        concerned=_concerned(allocation, answer, seats),
    )  # fmt: skip


def _pairs(given: list[Any], seats: dict[str, Seat], held: set[tuple[str, str]]) -> tuple[Pair, ...]:
    return tuple(
        Pair(seats[seat], score_text(score), _why(parts), (key, seat) not in held) for key, seat, score, parts in given
    )


def _why(parts: dict[str, float]) -> tuple[tuple[str, int], ...]:
    return tuple((str(_PARTS[name]), round(100 * value)) for name, value in parts.items())


def _refusal(answer: dict[str, Any]) -> str:
    """Return why there is no assignment, in the reader's language where the engine speaks it."""
    refusal = answer.get("refusal")
    if refusal is None:
        return ""
    chinese = (get_language() or "").startswith("zh")
    said = refusal["numbers"].get("sentence_zh") if chinese else None
    return str(said or gettext(refusal["sentence"]))


def _concerned(allocation: Allocation, answer: dict[str, Any], seats: dict[str, Seat]) -> tuple[Item | Seat, ...]:
    """Return the items and people of whom the refusal speaks."""
    keys = [UUID(key) for key in answer.get("items", [])]
    items = allocation.items.filter(pk__in=keys).select_related("proposal").order_by("proposal__code")
    return (*items, *(seats[key] for key in answer.get("seats", [])))
