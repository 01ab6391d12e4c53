"""Write a table so that a spreadsheet shows its cells and never acts on them.

A text that begins with ``=``, ``+``, ``-``, ``@``, a tab or a carriage return would be computed when the file is opened. In CSV such a text
gets an apostrophe in front (:func:`moonbridge.formats.tables.read` takes it away again); in XLSX its cell is typed as text.
"""

import csv
import io
from collections.abc import Iterable, Sequence
from typing import Final

type Value = str | float | None
"""What a cell may hold; None is an empty cell."""

ACTING: Final = ("=", "+", "-", "@", "\t", "\r")
_WIDEST = 60


def csv_bytes(header: Sequence[str], rows: Iterable[Sequence[Value]]) -> bytes:
    """Return the table as CSV in UTF-8 with a byte-order mark, by which spreadsheets know the encoding."""
    file = io.StringIO(newline="")
    writer = csv.writer(file)
    writer.writerow([_harmless(name) for name in header])
    writer.writerows([_harmless(value) for value in row] for row in rows)
    return file.getvalue().encode("utf-8-sig")


def _harmless(value: Value) -> Value:
    return f"'{value}" if isinstance(value, str) and value.startswith(ACTING) else value


def xlsx_bytes(header: Sequence[str], rows: Iterable[Sequence[Value]]) -> bytes:
    """Return the table as an XLSX file with one sheet, its header fixed on screen."""
    from openpyxl import Workbook
    from openpyxl.utils import get_column_letter

    book = Workbook()
    sheet = book.worksheets[0]
    for number, row in enumerate([header, *rows], start=1):
        for column, value in enumerate(row, start=1):
            cell = sheet.cell(number, column, value)
            if isinstance(value, str):
                cell.data_type = "s"
                cell.quotePrefix = value.startswith(ACTING)
    for column, name in enumerate(header, start=1):
        sheet.column_dimensions[get_column_letter(column)].width = min(_WIDEST, len(name) + 10)
    sheet.freeze_panes = "A2"
    file = io.BytesIO()
    book.save(file)
    return file.getvalue()
