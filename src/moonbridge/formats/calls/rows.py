"""The rows of a CSV file by column name, each knowing its line."""

import csv
import io
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import NoReturn

from moonbridge.errors import InputError


@dataclass(frozen=True, slots=True)
class Row:
    """One row: its cells by lower-case column name, without surrounding blanks."""

    cells: Mapping[str, str]
    file: str
    line: int

    def refuse(self, column: str, sentence: str) -> NoReturn:
        """Raise an InputError that points to a cell."""
        raise InputError(sentence, file=self.file, line=self.line, field=column)

    def text(self, column: str) -> str:
        """Return a cell's text; empty where the column or the cell is missing."""
        return self.cells.get(column, "")

    def read[T](self, column: str, meaning: Callable[[str], T]) -> T:
        """Return what ``meaning`` makes of a cell; its InputError gets this place."""
        try:
            return meaning(self.text(column))
        except InputError as error:
            self.refuse(column, error.bare)


def rows_of(text: str, file: str) -> tuple[list[str], Iterator[Row]]:
    """Return the column names and the rows of a CSV text; the separator is a comma, a semicolon or a tab."""
    first = text.splitlines()[0] if text.strip() else ""
    separator = max(",;\t", key=first.count)
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=separator)
    columns = [name.strip().casefold() for name in next(reader, [])]
    doubled = {name for name in columns if columns.count(name) > 1}
    if doubled or not any(columns):
        sentence = f"column {min(doubled)!r} appears twice" if doubled else "the first row must name the columns"
        raise InputError(sentence, file=file, line=1)

    def rows() -> Iterator[Row]:
        for cells in reader:
            if not any(cell.strip() for cell in cells):
                continue
            if len(cells) > len(columns):
                sentence = f"has {len(cells)} cells for {len(columns)} columns"
                raise InputError(sentence, file=file, line=reader.line_num)
            named = dict(zip(columns, (cell.strip() for cell in cells), strict=False))
            yield Row(named, file, reader.line_num)

    return columns, rows()
