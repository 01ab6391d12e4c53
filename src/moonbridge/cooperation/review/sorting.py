"""Choose and order the lines of a panel's table. What is hidden is like nothing: it fits no filter and stands last either way."""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from typing import Any, Final
from uuid import UUID

from django.http import QueryDict

from moonbridge.cooperation.review.boards import STATES, Line, Load
from moonbridge.cooperation.review.models import Verdict
from moonbridge.cooperation.review.states import ItemState

type Key = Callable[[Any], Any]
type Fits = Callable[[Line, frozenset[UUID]], bool]


def _in(state: ItemState) -> Fits:
    return lambda line, _: line.state == state and not line.left_out_because


BY: Final[Mapping[str, Key]] = {
    "place": lambda line: line.place,
    "code": lambda line: line.code,
    "title": lambda line: line.title.casefold(),
    "given": lambda line: None if line.given is None else (line.given - line.wanted, line.given),
    "mean": lambda line: line.mean,
    "spread": lambda line: line.spread,
    "verdict": lambda line: _gravest(line.verdicts),
    "state": lambda line: None if line.state is None else STATES.index(line.state),
}
"""By what the items can be sorted; "given" is how many reviews are missing."""
PEOPLE_BY: Final[Mapping[str, Key]] = {
    "late": lambda load: load.late,
    "untouched": lambda load: load.untouched,
    "assigned": lambda load: load.assigned,
    "submitted": lambda load: load.submitted,
    "name": lambda load: str(load.seat.user).casefold(),
}
"""By what the reviewers can be sorted."""
LEFT_OUT: Final = "left-out"
SHOW: Final[Mapping[str, Fits]] = {
    "incomplete": lambda line, _: line.complete is False,
    "complete": lambda line, _: line.complete is True,
    "outlying": lambda line, outlying: line.key in outlying,
    **{str(state): _in(state) for state in STATES},
    LEFT_OUT: lambda line, _: bool(line.left_out_because),
}
"""What can be shown alone."""
_LONGEST: Final = 80
_GRAVITY: Final = (Verdict.INFEASIBLE, Verdict.CONDITIONAL, Verdict.FEASIBLE)


def _gravest(verdicts: Iterable[str]) -> int | None:
    return min((_GRAVITY.index(Verdict(one)) for one in verdicts), default=None)


@dataclass(frozen=True, slots=True)
class Asked:
    """What somebody wants to see of a table, as the address says it; what an address cannot mean is left out."""

    text: str = ""
    show: str = ""
    sort: str = ""

    @classmethod
    def of(cls, query: QueryDict, keys: Mapping[str, Key]) -> "Asked":
        """Read the query of an address for a table that sorts by ``keys``."""
        sort, show = query.get("sort", ""), query.get("show", "")
        return cls(
            query.get("q", "").strip()[:_LONGEST],
            show if show in SHOW else "",
            sort if sort.removeprefix("-") in keys else "",
        )


def chosen(lines: Iterable[Line], asked: Asked, outlying: frozenset[UUID] = frozenset()) -> list[Line]:
    """Return the lines that are asked for, in the order that is asked for; ``outlying`` are the items with an outlying review."""
    text = asked.text.casefold()
    found = [one for one in lines if text in one.code.casefold() or text in one.title.casefold()]
    if asked.show:
        found = [one for one in found if SHOW[asked.show](one, outlying)]
    return ordered(found, asked.sort, BY)


def people(loads: Iterable[Load], asked: Asked) -> list[Load]:
    """Return the reviewers whose name or label holds the text; by default those first who are late or have not begun."""
    text = asked.text.casefold()
    found = [one for one in loads if text in str(one.seat.user).casefold() or text in one.seat.label.casefold()]
    found.sort(key=lambda one: (-one.late, -one.untouched, one.seat.label))
    return ordered(found, asked.sort, PEOPLE_BY)


def ordered[Row](rows: list[Row], sort: str, keys: Mapping[str, Key]) -> list[Row]:
    """Return ``rows`` sorted by the key ``sort`` names, downwards after a minus sign; those without a value last either way."""
    if not sort:
        return rows
    key = keys[sort.removeprefix("-")]
    valued = [row for row in rows if key(row) is not None]
    valued.sort(key=key, reverse=sort.startswith("-"))
    return [*valued, *(row for row in rows if key(row) is None)]
