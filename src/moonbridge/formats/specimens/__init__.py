"""Lists of samples as collections publish them: one row per sample, with its mass and how much of it is said to remain.

The form is that of the list of lunar root specimens in EarthChem's MoonDBLoader: ``sample_num``, ``mission``, ``weight`` (grams),
``pristiny`` (percent remaining, as the source spells it), ``material``, ``taxonimy``, ``description``. Masses are read as exact nanograms.
"""

import csv
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from decimal import Decimal, InvalidOperation
from typing import Final

from moonbridge.errors import InputError
from moonbridge.quantities import SAMPLE_MASS

COLUMNS: Final = ("sample_num", "mission", "weight", "pristiny", "material", "taxonimy", "description")
_PERCENT: Final = 100


@dataclass(frozen=True, slots=True)
class Specimen:
    """One row: its line in the file, the sample, its mass (None or 0: empty) and what is said to remain of it, both in nanograms."""

    line: int
    number: str
    mission: str
    mass: int | None
    remaining: int | None
    stated_percent: str
    material: str
    description: str

    @property
    def is_empty(self) -> bool:
        """Whether the row states no mass."""
        return not self.mass

    @property
    def is_impossible(self) -> bool:
        """Whether more is said to remain than there ever was."""
        return bool(self.stated_percent) and Decimal(self.stated_percent) > _PERCENT

    @property
    def excess(self) -> int:
        """How much more is said to remain than there was, in nanograms."""
        return max(0, (self.remaining or 0) - (self.mass or 0))


def read(lines: Iterable[str], *, name: str) -> Iterator[Specimen]:
    """Yield the rows of a list; raises :class:`InputError` naming the line and column of what cannot be read exactly."""
    rows = csv.DictReader(lines)
    if missing := [column for column in COLUMNS if column not in (rows.fieldnames or ())]:
        raise InputError(f"columns are missing: {', '.join(missing)}", file=name, line=1)
    for row in rows:
        yield _specimen(row, rows.line_num, name)


def _specimen(row: dict[str, str], line: int, name: str) -> Specimen:
    weight, percent = row["weight"].strip(), row["pristiny"].strip()
    mass = _mass(weight, line, name) if weight else None
    return Specimen(
        line, row["sample_num"].strip(), row["mission"].strip(), mass, _remaining(mass, percent, line, name), percent,
        row["taxonimy"].strip() or row["material"].strip(), row["description"].strip(),
    )  # fmt: skip


def _mass(text: str, line: int, name: str) -> int:
    try:
        return SAMPLE_MASS.parse(f"{text} g")
    except InputError as error:
        raise InputError(error.bare, file=name, line=line, field="weight") from None


def _remaining(mass: int | None, percent: str, line: int, name: str) -> int | None:
    if not percent or mass is None:
        return None
    try:
        share = mass * Decimal(percent) / _PERCENT
    except InvalidOperation:
        raise InputError(f"“{percent}” is not a percentage", file=name, line=line, field="pristiny") from None
    if share != int(share):
        raise InputError(
            f"{percent} % of {mass} ng is not a whole number of nanograms", file=name, line=line, field="pristiny"
        )
    return int(share)
