"""Tables of what came back: one row for each piece, its mass and the uncertainty of the balance; taken whole or not at all.

A scanner types the code of a label and an end of line; a spreadsheet gives columns. Both are read: the first column names the piece by its
line of a loan (L-7KX2P/1) or by its own name, the second its mass, the third the standard uncertainty. Column names may be English or
Chinese. A fourth column is for what the balance could only bound: the least that it weighs, its mass then being the most.
"""

from collections.abc import Iterable, Mapping
from dataclasses import asdict, dataclass
from enum import StrEnum
from typing import Final

from moonbridge.errors import InputError, QuantityError
from moonbridge.formats.tables.reading import Row, Table
from moonbridge.quantities import SAMPLE_MASS

PIECE, MASS, SIGMA, LEAST = "piece", "mass", "sigma", "least"
NAMES: Final[Mapping[str, str]] = {
    "piece": PIECE, "line": PIECE, "sample": PIECE, "name": PIECE, "样品": PIECE, "编号": PIECE,
    "mass": MASS, "weight": MASS, "质量": MASS, "重量": MASS,
    "sigma": SIGMA, "uncertainty": SIGMA, "不确定度": SIGMA,
    "least": LEAST, "at least": LEAST, "下限": LEAST,
}  # fmt: skip


class Trouble(StrEnum):
    """What can be wrong with a row or a column."""

    MISSING_COLUMN = "missing-column"
    EMPTY = "empty"
    TWICE = "twice"
    NOT_AN_AMOUNT = "not-an-amount"
    UNKNOWN = "unknown"
    AMBIGUOUS = "ambiguous"


@dataclass(frozen=True, slots=True)
class Fault:
    """One thing wrong: in which row and column, what stands there, and what would help (the row of the first of two, an example)."""

    trouble: Trouble
    row: int
    column: str
    found: str = ""
    help: str = ""


class ReturnsError(InputError):
    """Everything wrong with a table of returns, together; nothing of it was taken."""

    code = "returns"

    def __init__(self, faults: Iterable[Fault]) -> None:
        self.faults = tuple(faults)
        told = [asdict(fault) for fault in self.faults]
        super().__init__(f"The table has {len(told)} faults; nothing was taken from it.", faults=told)


@dataclass(frozen=True, slots=True)
class Returned:
    """One piece that came back: what names it, and its mass and uncertainty in nanograms, with the row in which it stands.

    With ``least`` only bounds are known: the mass lies between ``least`` and ``mass``.
    """

    row: int
    piece: str
    mass: int
    sigma: int
    least: int | None = None


def read_returns(table: Table) -> tuple[Returned, ...]:
    """Return the rows of ``table``; raises :class:`ReturnsError` with every fault when there is any."""
    columns = {name: place for place, title in enumerate(table.header) if (name := NAMES.get(title.strip().casefold()))}
    faults = [Fault(Trouble.MISSING_COLUMN, 1, name) for name in (PIECE, MASS, SIGMA) if name not in columns]
    if faults:
        raise ReturnsError(faults)
    found, seen = [], dict[str, int]()
    for row in table.rows:
        piece = _cell(row, columns[PIECE])
        if not piece:
            faults.append(Fault(Trouble.EMPTY, row.number, PIECE))
        elif piece in seen:
            faults.append(Fault(Trouble.TWICE, row.number, PIECE, piece, str(seen[piece])))
        seen.setdefault(piece, row.number)
        found.append(_returned(row, piece, columns, faults))
    if faults:
        raise ReturnsError(faults)
    return tuple(found)


def _returned(row: Row, piece: str, columns: Mapping[str, int], faults: list[Fault]) -> Returned:
    """Return what a row says; of what has bounds no uncertainty is asked."""
    mass = _amount(row, MASS, columns[MASS], faults)
    if LEAST not in columns or not _cell(row, columns[LEAST]):
        return Returned(row.number, piece, mass, _amount(row, SIGMA, columns[SIGMA], faults))
    least = _amount(row, LEAST, columns[LEAST], faults)
    if least > mass:
        faults.append(Fault(Trouble.NOT_AN_AMOUNT, row.number, LEAST, _cell(row, columns[LEAST])[:80], "0 mg"))
    return Returned(row.number, piece, mass, 0, least)


def _cell(row: Row, place: int) -> str:
    return row.cells[place].strip() if place < len(row.cells) else ""


def _amount(row: Row, name: str, place: int, faults: list[Fault]) -> int:
    text = _cell(row, place)
    try:
        return SAMPLE_MASS.parse(text)
    except QuantityError:
        faults.append(Fault(Trouble.NOT_AN_AMOUNT, row.number, name, text[:80], "20.013 mg"))
        return 0
