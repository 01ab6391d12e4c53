"""Tables of review scores: checked cell by cell, every fault told with its place, and taken whole or not at all.

Two forms are read. The *long* form has a row for each score: proposal, reviewer, criterion, score, comment. The
*wide* form has a row for each proposal and reviewer and a column for each criterion; its comment belongs to the first criterion
scored in the row. Column names may be English or Chinese. A row without score and comment is an unused line of the template and
is passed over.
"""

import re
import unicodedata
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import asdict, dataclass
from decimal import Decimal
from enum import StrEnum
from fractions import Fraction
from typing import Final

from moonbridge.errors import InputError
from moonbridge.formats.tables.reading import Row, Table
from moonbridge.quantities import decimal_text

PROPOSAL, REVIEWER, CRITERION, SCORE, COMMENT = "proposal", "reviewer", "criterion", "score", "comment"
TITLE, ORIGIN = "title", "origin"
LONG: Final = (PROPOSAL, REVIEWER, CRITERION, SCORE, COMMENT)
NAMES: Final[Mapping[str, str]] = {
    **{name: name for name in (*LONG, TITLE, ORIGIN)},
    "code": PROPOSAL, "提案": PROPOSAL, "编号": PROPOSAL, "评审人": REVIEWER, "评审专家": REVIEWER,
    "准则": CRITERION, "标准": CRITERION, "评分": SCORE, "分数": SCORE, "评语": COMMENT, "意见": COMMENT, "标题": TITLE, "名称": TITLE,
}  # fmt: skip
"""Accepted column names (any letter case) and what they mean; title and origin are for people and not read."""
THOUSANDTHS: Final = 1000
LONGEST_REVIEWER: Final = 40
LONGEST_COMMENT: Final = 10_000
_DECIMAL: Final = re.compile(r"^[+-]?[0-9]{1,9}(\.[0-9]{0,15})?$")
"""Short enough that decimals of 28 digits compute with it exactly."""


class FaultCode(StrEnum):
    """What can be wrong with a cell or a column."""

    MISSING_COLUMN = "missing-column"
    UNKNOWN_COLUMN = "unknown-column"
    DOUBLED_COLUMN = "doubled-column"
    FORMULA = "formula"
    EMPTY = "empty"
    TOO_LONG = "too-long"
    UNKNOWN_PROPOSAL = "unknown-proposal"
    UNKNOWN_CRITERION = "unknown-criterion"
    NOT_A_NUMBER = "not-a-number"
    TOO_FINE = "too-fine"
    OUT_OF_SCALE = "out-of-scale"
    DOUBLED = "doubled"
    WITHOUT_SCORE = "without-score"
    NO_SCORE = "no-score"


@dataclass(frozen=True, slots=True)
class Fault:
    """One thing wrong: in which row (None: nowhere in particular) and column, what stands there, what belongs there.

    What ``expected`` holds, the code says: names to choose from, a scale, a number of characters, the row of the first of two,
    the code of a proposal.
    """

    code: FaultCode
    row: int | None
    column: str
    found: str
    expected: str = ""


class TableError(InputError):
    """Everything wrong with a table, together; nothing of it was taken."""

    code = "table"

    def __init__(self, faults: Iterable[Fault]) -> None:
        self.faults = tuple(faults)
        told = [asdict(fault) for fault in self.faults]
        super().__init__(f"The table has {len(told)} faults; nothing was taken from it.", faults=told)


@dataclass(frozen=True, slots=True)
class Scale:
    """A criterion: its name, further names under which it may appear, and its lowest and highest score."""

    name: str
    lowest: int
    highest: int
    aliases: tuple[str, ...] = ()

    @property
    def text(self) -> str:
        """The scale in words of numbers."""
        return f"{self.lowest} … {self.highest}"


@dataclass(frozen=True)
class Scheme:
    """What may appear in a table: the codes of the proposals, and the criteria with their scales."""

    codes: tuple[str, ...]
    criteria: tuple[Scale, ...]

    def scale(self, name: str) -> Scale | None:
        """Return the criterion of that name, whatever its letter case."""
        wanted = _folded(name)
        return next((s for s in self.criteria if wanted in {_folded(known) for known in (s.name, *s.aliases)}), None)

    def code(self, text: str) -> str | None:
        """Return the code meant by ``text``, whatever its letter case."""
        return next((code for code in self.codes if _folded(code) == _folded(text)), None)


@dataclass(frozen=True, slots=True)
class Score:
    """One score, in thousandths, with the row in which it stands."""

    row: int
    proposal: str
    reviewer: str
    criterion: str
    thousandths: int
    comment: str = ""

    @property
    def text(self) -> str:
        """The score as exact digits."""
        return score_text(self.thousandths)


@dataclass(frozen=True)
class ScoreSheet:
    """A table without faults. ``gaps`` are criteria that a reviewer of a proposal left out: (proposal, reviewer, criterion)."""

    scores: tuple[Score, ...]
    gaps: tuple[tuple[str, str, str], ...]


def read_scores(table: Table, scheme: Scheme) -> ScoreSheet:
    """Return the scores in ``table``; raises :class:`TableError` with every fault when there is any.

    Each proposal needs at least one score for each criterion, or it would have no merit.
    """
    reading = _Reading(scheme, table)
    scores = reading.scores()
    faults = reading.faults or _unscored(scheme, scores)
    if faults:
        raise TableError(sorted(faults, key=lambda fault: (fault.row is None, fault.row or 0)))
    return ScoreSheet(tuple(scores), tuple(_gaps(scheme, scores)))


class _Reading:
    """One reading of one table; faults gather while it goes on."""

    def __init__(self, scheme: Scheme, table: Table) -> None:
        self.scheme, self.table = scheme, table
        self.faults: list[Fault] = []
        self.columns = self._columns()

    def _columns(self) -> dict[str, int]:
        """Return where each known column stands; a criterion's column goes under ``=`` and its name."""
        found: dict[str, int] = {}
        for position, title in enumerate(self.table.header):
            scale = self.scheme.scale(title)
            name = f"={scale.name}" if scale else NAMES.get(_folded(title))
            if name is None and (title or self._used(position)):
                known = ", ".join((*LONG, *(s.name for s in self.scheme.criteria)))
                self.fault(FaultCode.UNKNOWN_COLUMN, 1, title or f"{position + 1}", title, known)
            elif name in found:
                self.fault(FaultCode.DOUBLED_COLUMN, 1, title, title)
            elif name is not None:
                found[name] = position
        self._require(found)
        return found

    def _used(self, position: int) -> bool:
        return any(len(row.cells) > position and row.cells[position] for row in self.table.rows)

    def _require(self, found: Mapping[str, int]) -> None:
        wide = any(name.startswith("=") for name in found)
        for name in (PROPOSAL, REVIEWER) if wide else (PROPOSAL, REVIEWER, CRITERION, SCORE):
            if name not in found:
                self.fault(FaultCode.MISSING_COLUMN, 1, name, "")

    def fault(self, code: FaultCode, row: int | None, column: str, found: str, expected: str = "") -> None:
        self.faults.append(Fault(code, row, column, found[:80], expected))

    def scores(self) -> list[Score]:
        if self.faults:
            return []
        seen: dict[tuple[str, str, str], int] = {}
        kept: list[Score] = []
        for row in self.table.rows:
            for score in self._scores_of(row):
                key = (score.proposal, score.reviewer, score.criterion)
                if key in seen:
                    self.fault(
                        FaultCode.DOUBLED, row.number, score.criterion, f"{key[0]}, {key[1]}, {key[2]}", str(seen[key])
                    )
                seen.setdefault(key, row.number)
                kept.append(score)
        return kept

    def _scores_of(self, row: Row) -> Iterator[Score]:
        cells = list(self._scored_cells(row))
        comment = self._cell(row, COMMENT)
        if not cells and not comment:
            return
        proposal, reviewer = self._proposal(row), self._reviewer(row)
        if len(comment) > LONGEST_COMMENT:
            self.fault(FaultCode.TOO_LONG, row.number, COMMENT, comment, str(LONGEST_COMMENT))
        if not cells:
            self.fault(FaultCode.WITHOUT_SCORE, row.number, SCORE, comment)
        for scale, column, text in cells:
            amount = self._amount(row.number, column, text, scale)
            if proposal and reviewer and amount is not None:
                yield Score(row.number, proposal, reviewer, scale.name, amount, comment)
                comment = ""

    def _scored_cells(self, row: Row) -> Iterator[tuple[Scale, str, str]]:
        """Yield (criterion, column, text) for each cell of the row that holds a score."""
        if CRITERION in self.columns and SCORE in self.columns:
            yield from self._long_cell(row)
        for scale in self.scheme.criteria:
            if text := self._cell(row, f"={scale.name}"):
                yield scale, scale.name, text

    def _long_cell(self, row: Row) -> Iterator[tuple[Scale, str, str]]:
        text = self._cell(row, SCORE)
        if not text:
            return
        name = self._cell(row, CRITERION)
        scale = self.scheme.scale(name)
        if scale is None:
            known = ", ".join(s.name for s in self.scheme.criteria)
            self.fault(FaultCode.UNKNOWN_CRITERION, row.number, CRITERION, name, known)
        else:
            yield scale, SCORE, text

    def _cell(self, row: Row, name: str) -> str:
        position = self.columns.get(name)
        if position is None or position >= len(row.cells):
            return ""
        if (row.number, position) in self.table.formulas:
            self._formula(row, name, position)
            return ""
        return row.cells[position]

    def _formula(self, row: Row, name: str, position: int) -> None:
        fault = Fault(FaultCode.FORMULA, row.number, name.removeprefix("="), row.cells[position][:80])
        if fault not in self.faults:
            self.faults.append(fault)

    def _proposal(self, row: Row) -> str | None:
        text = self._cell(row, PROPOSAL)
        code = self.scheme.code(text)
        if code is None:
            known = self.scheme.codes
            shown = ", ".join(known[:6]) + (" …" if len(known) > 6 else "")  # noqa: PLR2004 - a few examples are enough
            self.fault(FaultCode.UNKNOWN_PROPOSAL, row.number, PROPOSAL, text, shown)
        return code

    def _reviewer(self, row: Row) -> str:
        label = self._cell(row, REVIEWER)
        if not label:
            self.fault(FaultCode.EMPTY, row.number, REVIEWER, "")
        elif len(label) > LONGEST_REVIEWER:
            self.fault(FaultCode.TOO_LONG, row.number, REVIEWER, label, str(LONGEST_REVIEWER))
        return label

    def _amount(self, row: int, column: str, text: str, scale: Scale) -> int | None:
        """Return the score in thousandths, or None after telling the fault."""
        value = number(text)
        if value is None:
            self.fault(FaultCode.NOT_A_NUMBER, row, column, text, scale.text)
        elif not scale.lowest <= value <= scale.highest:
            self.fault(FaultCode.OUT_OF_SCALE, row, column, text, scale.text)
        elif value * THOUSANDTHS % 1:
            self.fault(FaultCode.TOO_FINE, row, column, text)
        else:
            return int(value * THOUSANDTHS)
        return None


def score_text(thousandths: int) -> str:
    """Return a score as exact digits: ``score_text(8500) == "8.5"``."""
    return decimal_text(Fraction(thousandths, THOUSANDTHS))


def _folded(text: str) -> str:
    return unicodedata.normalize("NFKC", text).strip().casefold()


def number(text: str) -> Decimal | None:
    """Return the number that ``text`` states, with a point or a decimal comma; None when it is none."""
    plain = unicodedata.normalize("NFKC", text).strip().replace(",", ".")
    return Decimal(plain) if _DECIMAL.match(plain) else None


def _unscored(scheme: Scheme, scores: Iterable[Score]) -> list[Fault]:
    there = {(score.proposal, score.criterion) for score in scores}
    return [
        Fault(FaultCode.NO_SCORE, None, scale.name, "", code)
        for code in scheme.codes
        for scale in scheme.criteria
        if (code, scale.name) not in there
    ]


def _gaps(scheme: Scheme, scores: Iterable[Score]) -> Iterator[tuple[str, str, str]]:
    there = {(score.proposal, score.reviewer, score.criterion) for score in scores}
    for proposal, reviewer in dict.fromkeys((p, r) for p, r, _ in sorted(there)):
        for scale in scheme.criteria:
            if (proposal, reviewer, scale.name) not in there:
                yield proposal, reviewer, scale.name
