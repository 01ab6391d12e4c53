"""Read a table from the bytes of a CSV or XLSX file; which of the two it is, its content says, not its name.

Every cell becomes text, exactly as it was typed. Formulas are not computed and not trusted: their cells are listed, so that
whoever reads the table can say where a value has to stand instead.
"""

import csv
import io
import zipfile
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Any, Final

from moonbridge.errors import InputError

MAX_BYTES: Final = 2 * 1024 * 1024
"""The largest file that is read."""
MAX_UNPACKED: Final = 50 * 1024 * 1024
"""What an XLSX file may grow to when it is unpacked: a small file must not fill the memory."""
MAX_ROWS: Final = 20_000
MAX_COLUMNS: Final = 100
_ZIP: Final = b"PK\x03\x04"
_ACTING: Final = ("=", "+", "-", "@")
_MARKS: Final = {b"\xff\xfe": "utf-16", b"\xfe\xff": "utf-16", b"\xef\xbb\xbf": "utf-8-sig"}


@dataclass(frozen=True, slots=True)
class Row:
    """One row under the header: its number in the file (the header is row 1) and the text of each cell."""

    number: int
    cells: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Table:
    """A header, the rows under it that are not empty, and where formulas stand (row number, column from 0)."""

    header: tuple[str, ...]
    rows: tuple[Row, ...]
    formulas: frozenset[tuple[int, int]] = frozenset()


def read(data: bytes) -> Table:
    """Return the table in ``data``; raises :class:`InputError` when it is too large, or neither CSV nor XLSX."""
    if len(data) > MAX_BYTES:
        raise InputError(f"The file has {len(data)} bytes; a table may have at most {MAX_BYTES}.", bytes=len(data))
    lines, formulas = _xlsx(data) if data.startswith(_ZIP) else (_csv(data), frozenset())
    return _table(lines, formulas)


def _table(lines: Iterable[tuple[str, ...]], formulas: frozenset[tuple[int, int]]) -> Table:
    numbered = enumerate(lines, start=1)
    header = next((cells for _, cells in numbered), ())
    if not any(header):
        raise InputError("The table has no header; its first row names the columns.", line=1)
    rows = (Row(number, cells) for number, cells in numbered if any(cells))
    return Table(header, tuple(rows), formulas)


def _csv(data: bytes) -> Iterator[tuple[str, ...]]:
    text = _decoded(data)
    first = text.split("\n", 1)[0]
    delimiter = max(",;\t", key=first.count)
    try:
        for line, cells in enumerate(csv.reader(io.StringIO(text), delimiter=delimiter, strict=True), start=1):
            yield _bounded(cells, line)
    except csv.Error as error:
        raise InputError(f"The file cannot be read as CSV: {error}.") from None


def _decoded(data: bytes) -> str:
    encoding = next((name for mark, name in _MARKS.items() if data.startswith(mark)), "utf-8")
    try:
        text = data.decode(encoding)
    except UnicodeDecodeError:
        raise InputError(
            "The file is neither XLSX nor CSV in UTF-8; save it again as 'CSV UTF-8' or as XLSX."
        ) from None
    if "\0" in text:
        raise InputError("The file is neither XLSX nor CSV: it holds zero bytes.")
    return text


def _bounded(cells: list[str], line: int) -> tuple[str, ...]:
    if line > MAX_ROWS:
        raise InputError(f"The table has more than {MAX_ROWS} rows.", line=line)
    if len(cells) > MAX_COLUMNS:
        raise InputError(f"The table has more than {MAX_COLUMNS} columns.", line=line)
    return tuple(_unquoted(cell.strip()) for cell in cells)


def _unquoted(cell: str) -> str:
    """Take away the apostrophe that keeps a spreadsheet from computing a text (see ``writing``)."""
    return cell[1:] if cell.startswith("'") and cell[1:].startswith(_ACTING) else cell


def _xlsx(data: bytes) -> tuple[list[tuple[str, ...]], frozenset[tuple[int, int]]]:
    # openpyxl takes long to import, and most tables are CSV.
    from openpyxl import load_workbook
    from openpyxl.utils.exceptions import InvalidFileException

    _check_size(data)
    try:
        book = load_workbook(io.BytesIO(data), read_only=True, data_only=False, keep_links=False)
        sheet = book.worksheets[0]
        return _sheet(sheet.iter_rows(max_col=MAX_COLUMNS + 1))
    except (InvalidFileException, KeyError, ValueError, IndexError, SyntaxError, zipfile.BadZipFile):
        # SyntaxError is what the standard library's XML parser raises.
        raise InputError("The file cannot be read as XLSX; save it again, or save it as CSV UTF-8.") from None


def _check_size(data: bytes) -> None:
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as packed:
            unpacked = sum(part.file_size for part in packed.infolist())
    except zipfile.BadZipFile:
        raise InputError("The file begins like XLSX but is damaged; save it again.") from None
    if unpacked > MAX_UNPACKED:
        raise InputError("The file would unpack to more than a table can need.", bytes=unpacked)


def _sheet(cells: Iterable[tuple[Any, ...]]) -> tuple[list[tuple[str, ...]], frozenset[tuple[int, int]]]:
    lines, formulas = [], set()
    for number, row in enumerate(cells, start=1):
        formulas |= {(number, column) for column, cell in enumerate(row) if cell.data_type == "f"}
        texts = [_cell_text(cell.value) for cell in row]
        while texts and not texts[-1]:
            texts.pop()
        lines.append(_bounded(texts, number))
    return lines, frozenset(formulas)


def _cell_text(value: object) -> str:
    if value is None:
        return ""
    if isinstance(value, float) and value.is_integer():
        return str(int(value))
    return str(value)
