"""Tables: read cell by cell from either form, refused in one sentence otherwise, and harmless when written."""

import io
import zipfile

import pytest
from openpyxl import Workbook, load_workbook

from moonbridge.errors import InputError
from moonbridge.formats.tables import MAX_BYTES, Row, csv_bytes, read, xlsx_bytes
from moonbridge.formats.tables.reading import MAX_COLUMNS, MAX_ROWS

HEADER = ("proposal", "reviewer", "comment")
ROWS = (("P-001", "R1", "=1+1"), ("P-002", "R2", "-3 is low, +4 is fair\n@home"), ("P-003", "R3", "嫦娥, “quoted”"))


@pytest.mark.parametrize("write", [csv_bytes, xlsx_bytes])
def test_what_is_written_is_read_back_exactly(write) -> None:
    table = read(write(HEADER, ROWS))
    assert table.header == HEADER
    assert table.rows == tuple(Row(number, cells) for number, cells in enumerate(ROWS, start=2))
    assert table.formulas == frozenset()


def test_no_cell_of_a_written_file_is_computed_by_a_spreadsheet() -> None:
    sheet = load_workbook(io.BytesIO(xlsx_bytes(HEADER, ROWS))).worksheets[0]
    assert {cell.data_type for row in sheet.iter_rows() for cell in row} == {"s"}
    lines = csv_bytes(("=a", "b"), [("+1", "\t2"), ("@c", 5)]).decode("utf-8-sig").splitlines()
    assert lines == ["'=a,b", "'+1,'\t2", "'@c,5"]


@pytest.mark.parametrize("delimiter", [",", ";", "\t"])
@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16"])
def test_csv_of_every_usual_kind_is_read(delimiter, encoding) -> None:
    data = f"proposal{delimiter}评分\r\n\r\nP-001{delimiter} 8 \r\n".encode(encoding)
    table = read(data)
    assert (table.header, table.rows) == (("proposal", "评分"), (Row(3, ("P-001", "8")),))


def test_xlsx_numbers_become_their_digits_and_formulas_are_listed() -> None:
    book = Workbook()
    sheet = book.worksheets[0]
    sheet.append(["proposal", "score", "more"])
    sheet.append(["P-001", 8.25, 8.0])
    sheet.append(["P-002", "=B2*2"])
    file = io.BytesIO()
    book.save(file)
    table = read(file.getvalue())
    assert table.rows == (Row(2, ("P-001", "8.25", "8")), Row(3, ("P-002", "=B2*2")))
    assert table.formulas == frozenset({(3, 1)})


def _packed(size: int) -> bytes:
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as packed:
        packed.writestr("xl/worksheets/sheet1.xml", b"0" * size)
    return file.getvalue()


@pytest.mark.parametrize(
    ("data", "sentence"),
    [
        (b"", "has no header"),
        (b"\n\n", "has no header"),
        (b"a,b\n\xff\xfe,1\n", "neither XLSX nor CSV in UTF-8"),
        (b"a,b\n\x00,1\n", "zero bytes"),
        (b'a,b\n"open,1\n', "cannot be read as CSV"),
        (b"a" * (MAX_BYTES + 1), "may have at most"),
        (b"PK\x03\x04 but nothing of the kind", "damaged"),
        (_packed(10), "cannot be read as XLSX"),
        (_packed(60 * 1024 * 1024), "unpack to more"),
        (b"a\n" * (MAX_ROWS + 1), "more than 20000 rows"),
        (b"," * MAX_COLUMNS, "more than 100 columns"),
    ],
)
def test_what_is_no_table_is_refused_in_one_sentence(data, sentence) -> None:
    with pytest.raises(InputError, match=sentence):
        read(data)
