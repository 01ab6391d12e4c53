"""One's own reviews as a table: a row for each, filled in with a spreadsheet, read back cell by cell, taken whole or not at all."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass
from decimal import Decimal
from enum import StrEnum
from typing import Final

from moonbridge.cooperation.opportunities.models import Criterion
from moonbridge.cooperation.review.models import Panel, PanelKind, Review, Verdict
from moonbridge.cooperation.review.states import ReviewState
from moonbridge.cooperation.review.writing import LONGEST, NOTHING, Draft, Judged, changed, plain_lines, read
from moonbridge.errors import InputError
from moonbridge.formats.tables.reading import Row, Table
from moonbridge.formats.tables.scores import number, score_text

PROPOSAL, TITLE, VERSION, ORIGIN = "proposal", "title", "version", "origin"
TO_TEAM, CONFIDENTIAL, EXPERTISE, VERDICT = "comment to the team", "confidential comment", "expertise", "verdict"
_LEVELS: Final = ("1", "2", "3")
_PERMILLE: Final = 1000
_LONGEST_SHOWN: Final = 80


class Trouble(StrEnum):
    """What can be wrong with a cell or a column."""

    MISSING_COLUMN = "missing-column"
    UNKNOWN_COLUMN = "unknown-column"
    DOUBLED_COLUMN = "doubled-column"
    FORMULA = "formula"
    NOT_YOURS = "not-yours"
    TWICE = "twice"
    NOT_A_MARK = "not-a-mark"
    NOT_A_CHOICE = "not-a-choice"
    TOO_LONG = "too-long"
    CHANGED = "changed"
    SUBMITTED = "submitted"


@dataclass(frozen=True, slots=True)
class Fault:
    """One thing wrong: in which row and column, what stands there, and what would belong there (a scale, words, a row)."""

    trouble: Trouble
    row: int
    column: str
    found: str = ""
    expected: str = ""


class SheetError(InputError):
    """Everything wrong with a table of reviews, together; nothing of it was taken."""

    code = "reviews-table"

    def __init__(self, faults: Sequence[Fault]) -> None:
        self.faults = tuple(faults)
        told = [asdict(fault) for fault in self.faults]
        super().__init__(f"The table has {len(told)} faults; nothing was taken from it.", faults=told)


def header(panel: Panel, criteria: Sequence[Criterion]) -> list[str]:
    """Return the names of the columns for reviews in ``panel``."""
    by_criterion = [name for one in criteria for name in (one.name, _comment(one))]
    verdict = [VERDICT] if panel.kind == PanelKind.TECHNICAL else []
    return [PROPOSAL, TITLE, VERSION, *by_criterion, TO_TEAM, CONFIDENTIAL, EXPERTISE, *verdict, ORIGIN]


def _comment(criterion: Criterion) -> str:
    return f"{criterion.name}: comment"


def rows(panel: Panel, criteria: Sequence[Criterion], reviews: Sequence[Review], origin: str) -> Iterator[list[str]]:
    """Yield a row for each of ``reviews``, which carry ``code`` and ``title``, in the order of :func:`header`."""
    for review in reviews:
        said = read(review)
        judged = [said.judged.get(one.pk, NOTHING) for one in criteria]
        by_criterion = [text for one in judged for text in (_mark(one.value_permille), one.comment)]
        verdict = [said.verdict] if panel.kind == PanelKind.TECHNICAL else []
        about = [review.code, review.title, str(review.version)]  # type: ignore[attr-defined]  # annotated
        level = "" if said.expertise is None else str(said.expertise)
        yield [*about, *by_criterion, said.to_team, said.confidential, level, *verdict, origin]


def _mark(permille: int | None) -> str:
    return "" if permille is None else score_text(permille)


def read_sheet(
    table: Table, panel: Panel, criteria: Sequence[Criterion], reviews: Sequence[Review]
) -> list[tuple[Review, int, Draft]]:
    """Return the ``reviews`` that ``table`` changes, each with the version that was read and what it says now.

    Raises :class:`SheetError` with every fault when there is any. A row that says what is saved is passed over.
    """
    reading = _Reading(table, panel, criteria, {review.code.casefold(): review for review in reviews})  # type: ignore[attr-defined]
    found = [] if reading.faults else [one for row in table.rows if (one := reading.review(row))]
    if reading.faults:
        raise SheetError(sorted(reading.faults, key=lambda fault: fault.row))
    return found


class _Reading:
    """One reading of one table; faults gather while it goes on."""

    def __init__(
        self, table: Table, panel: Panel, criteria: Sequence[Criterion], reviews: Mapping[str, Review]
    ) -> None:
        self.table, self.criteria, self.reviews = table, criteria, reviews
        self.faults: list[Fault] = []
        self.seen: dict[str, int] = {}
        self.columns = self._columns(header(panel, criteria))

    def _columns(self, expected: Sequence[str]) -> dict[str, int]:
        known = {name.casefold(): name for name in expected}
        found: dict[str, int] = {}
        for place, title in enumerate(self.table.header):
            name = known.get(title.strip().casefold())
            if name is None and title:
                self._fault(Trouble.UNKNOWN_COLUMN, 1, title, title, ", ".join(expected))
            elif name in found:
                self._fault(Trouble.DOUBLED_COLUMN, 1, title, title)
            elif name is not None:
                found[name] = place
        for name in expected:
            if name not in found and name not in {TITLE, ORIGIN}:
                self._fault(Trouble.MISSING_COLUMN, 1, name)
        return found

    def _fault(self, trouble: Trouble, row: int, column: str, found: str = "", expected: str = "") -> None:
        self.faults.append(Fault(trouble, row, column, found[:_LONGEST_SHOWN], expected))

    def review(self, row: Row) -> tuple[Review, int, Draft] | None:
        """Return the review that ``row`` changes, or None; tell what is wrong with it."""
        draft, code = self._draft(row), self._cell(row, PROPOSAL)
        review = self.reviews.get(code.casefold())
        if review is None:
            self._fault(Trouble.NOT_YOURS, row.number, PROPOSAL, code)
            return None
        first = self.seen.setdefault(code.casefold(), row.number)
        if first != row.number:
            self._fault(Trouble.TWICE, row.number, PROPOSAL, code, str(first))
        if not changed(read(review), draft):
            return None
        version = self._cell(row, VERSION)
        if review.state == ReviewState.SUBMITTED:
            self._fault(Trouble.SUBMITTED, row.number, PROPOSAL, code)
        elif version != str(review.version):
            self._fault(Trouble.CHANGED, row.number, VERSION, version, str(review.version))
        return review, review.version, draft

    def _draft(self, row: Row) -> Draft:
        judged = {one.pk: Judged(self._mark(row, one), self._words(row, _comment(one))) for one in self.criteria}
        level = self._choice(row, EXPERTISE, _LEVELS)
        verdict = self._choice(row, VERDICT, Verdict.values) if VERDICT in self.columns else ""
        return Draft(
            judged={key: one for key, one in judged.items() if one != NOTHING},
            to_team=self._words(row, TO_TEAM), confidential=self._words(row, CONFIDENTIAL),
            expertise=int(level) if level else None, verdict=verdict,
        )  # fmt: skip

    def _cell(self, row: Row, name: str) -> str:
        place = self.columns[name]
        text = row.cells[place].strip() if place < len(row.cells) else ""
        if (row.number, place) in self.table.formulas:
            fault = Fault(Trouble.FORMULA, row.number, name, text[:_LONGEST_SHOWN])
            self.faults += [] if fault in self.faults else [fault]
            return ""
        return text

    def _mark(self, row: Row, criterion: Criterion) -> int | None:
        text = self._cell(row, criterion.name)
        value = number(text) if text else None
        if not text:
            return None
        if value is None or not criterion.lowest <= value <= criterion.highest or value * _PERMILLE % 1:
            scale = f"{criterion.lowest} … {criterion.highest}"
            self._fault(Trouble.NOT_A_MARK, row.number, criterion.name, text, scale)
            return None
        return int(value * Decimal(_PERMILLE))

    def _words(self, row: Row, name: str) -> str:
        text = plain_lines(self._cell(row, name))
        if len(text) > LONGEST:
            self._fault(Trouble.TOO_LONG, row.number, name, text, str(LONGEST))
        return text

    def _choice(self, row: Row, name: str, known: Sequence[str]) -> str:
        text = self._cell(row, name).casefold()
        if text and text not in known:
            self._fault(Trouble.NOT_A_CHOICE, row.number, name, text, ", ".join(known))
            return ""
        return text
