"""What is said of pairs of a proposal and a reviewer: bids, scores, conflicts, what must be, and assignments."""

import datetime as dt
from collections.abc import Callable, Collection, Iterable, Iterator
from fractions import Fraction
from pathlib import Path
from typing import Any, Final

from moonbridge.engines.reviewing.affinity import BIDS
from moonbridge.engines.reviewing.conflicts import Conflict, Ground
from moonbridge.engines.reviewing.panel import UNIT
from moonbridge.engines.reviewing.result import Assignment
from moonbridge.engines.selection.rules import exact
from moonbridge.errors import InputError
from moonbridge.formats.calls.read import text_of
from moonbridge.formats.calls.rows import Row, rows_of
from moonbridge.formats.tables import csv_bytes
from moonbridge.quantities import decimal_text

type Named = tuple[str, str]
"""A proposal and a reviewer, by id."""

MUST: Final = "must"
MUST_NOT: Final = "must not"
_DECLARABLE: Final = {
    "reviewer": Ground.DECLARED_BY_REVIEWER,
    "team": Ground.DECLARED_BY_TEAM,
    "office": Ground.PINNED,
}


def read_bids(file: str | Path, proposals: Collection[str], reviewers: Collection[str]) -> dict[Named, str]:
    """Return bids from the columns proposal, reviewer, bid (eager, willing, neutral, reluctant, unwilling)."""
    return _read(file, proposals, reviewers, "bid", lambda row: _one_of(row, "bid", BIDS))


def read_fit(file: str | Path, proposals: Collection[str], reviewers: Collection[str]) -> dict[Named, float]:
    """Return scores from 0 to 1 from the columns proposal, reviewer, score."""
    return _read(file, proposals, reviewers, "score", _fit)


def read_orders(file: str | Path, proposals: Collection[str], reviewers: Collection[str]) -> dict[Named, bool]:
    """Return which pairs must be (true) and must not be (false), from the columns proposal, reviewer, order."""
    return _read(file, proposals, reviewers, "order", lambda row: _one_of(row, "order", (MUST, MUST_NOT)) == MUST)


def read_assigned(file: str | Path, proposals: Collection[str], reviewers: Collection[str]) -> frozenset[Named]:
    """Return the pairs of an assignment, from the columns proposal and reviewer, as :func:`assignment_csv` writes them."""
    return frozenset(_read(file, proposals, reviewers, "reviewer", lambda _: True))


def read_conflicts(file: str | Path, proposals: Collection[str], reviewers: Collection[str]) -> tuple[Conflict, ...]:
    """Return declared and pinned conflicts.

    The columns are proposal, reviewer, source (reviewer, team or office), date (as 2026-11-21), and perhaps type, evidence.
    """

    def conflict(row: Row) -> Conflict:
        source = _one_of(row, "source", _DECLARABLE)
        try:
            date = dt.date.fromisoformat(row.text("date"))
        except ValueError:
            row.refuse("date", f"{row.text('date')!r} is not a date; write for example 2026-11-21")
        pair = row.text("proposal"), row.text("reviewer")
        return Conflict(*pair, _DECLARABLE[source], source, row.text("evidence"), date, row.text("type"))

    return tuple(_read(file, proposals, reviewers, "source", conflict).values())


def _read[T](
    file: str | Path, proposals: Collection[str], reviewers: Collection[str], column: str, meaning: Callable[[Row], T]
) -> dict[Named, T]:
    """Return what ``meaning`` makes of each row, by pair; refuses unknown names and pairs given twice."""
    columns, rows = rows_of(text_of(Path(file)), str(file))
    for needed in (name for name in ("proposal", "reviewer", column) if name not in columns):
        raise InputError(f"the column {needed!r} is missing", file=str(file), line=1)
    found: dict[Named, T] = {}
    for row in rows:
        pair = (_known(row, "proposal", proposals), _known(row, "reviewer", reviewers))
        if pair in found:
            row.refuse("reviewer", f"{pair[0]} and {pair[1]} were given before")
        found[pair] = meaning(row)
    return found


def _known(row: Row, column: str, names: Collection[str]) -> str:
    if row.text(column) not in names:
        row.refuse(column, f"there is no {column} {row.text(column)!r}")
    return row.text(column)


def _one_of(row: Row, column: str, words: Collection[str]) -> str:
    word = row.text(column).casefold()
    if word not in words:
        row.refuse(column, f"{row.text(column)!r} is none of: {', '.join(words)}")
    return word


def _fit(row: Row) -> float:
    value = row.read("score", exact)
    if not 0 <= value <= 1:
        row.refuse("score", f"{row.text('score')} does not lie between 0 and 1")
    return float(value)


def score_text(units: int) -> str:
    """Return a score in millionths as exact decimal digits."""
    return decimal_text(Fraction(units, UNIT))


def assignment_csv(assignment: Assignment) -> bytes:
    """Return the pairs with their scores as CSV, by proposal and within it best first."""
    return csv_bytes(("proposal", "reviewer", "score"), _rows(assignment))


def _rows(assignment: Assignment) -> Iterator[tuple[str, str, str]]:
    panel = assignment.panel
    for p, r in assignment.pairs:
        yield panel.proposals[p], panel.reviewers[r], score_text(int(panel.scores[p, r]))


def assignment_data(assignment: Assignment, conflicts: Iterable[Conflict] = ()) -> dict[str, Any]:
    """Return an assignment as plain data for programs, with the conflicts that it kept to."""
    panel = assignment.panel
    data = {
        "total": score_text(assignment.total),
        "bound": score_text(assignment.bound),
        "floor": score_text(assignment.floor),
        "proven": assignment.proven,
        "pairs": [dict(zip(("proposal", "reviewer", "score"), row, strict=True)) for row in _rows(assignment)],
        "loads": dict(zip(panel.reviewers, assignment.loads.tolist(), strict=True)),
        "conflicts": [_conflict_data(conflict) for conflict in conflicts],
    }
    return data | ({} if assignment.floor_bound is None else {"floor_bound": score_text(assignment.floor_bound)})


def _conflict_data(conflict: Conflict) -> dict[str, Any]:
    return {
        "proposal": conflict.proposal,
        "reviewer": conflict.reviewer,
        "ground": conflict.ground.value,
        "source": conflict.source,
        "evidence": conflict.evidence,
        "date": conflict.date.isoformat(),
        "type": conflict.type,
        "certain": conflict.certain,
    }
