"""Tables of what came back: read whole from a scan, a paste or a spreadsheet, or refused whole with every fault."""

import pytest

from moonbridge.formats.tables import csv_bytes, read, xlsx_bytes
from moonbridge.formats.tables.returns import Fault, Returned, ReturnsError, Trouble, read_returns

HEADER = ("piece", "mass", "sigma")


@pytest.mark.parametrize("write", [csv_bytes, xlsx_bytes])
def test_masses_are_read_exactly_from_either_form(write) -> None:
    table = read(write(HEADER, [("L-7KX2P/1", "20.013 mg", "10 ug"), ("15555,62", "1,5 g", "0.02 mg")]))
    assert read_returns(table) == (
        Returned(2, "L-7KX2P/1", 20_013_000, 10_000),
        Returned(3, "15555,62", 1_500_000_000, 20_000),
    )


def test_columns_may_be_chinese_and_stand_in_any_order() -> None:
    assert read_returns(read("质量;样品;不确定度\n5 mg;A0001-b;1 ug\n".encode())) == (
        Returned(2, "A0001-b", 5 * 10**6, 1000),
    )


def test_every_fault_is_told_and_nothing_is_taken() -> None:
    rows = [("A", "5 mg", "1 ug"), ("", "5 mg", "1 ug"), ("A", "much", "1 ug"), ("B", "-5 mg", "")]
    with pytest.raises(ReturnsError) as caught:
        read_returns(read(csv_bytes(HEADER, rows)))
    assert [(fault.trouble, fault.row, fault.column) for fault in caught.value.faults] == [
        (Trouble.EMPTY, 3, "piece"),
        (Trouble.TWICE, 4, "piece"),
        (Trouble.NOT_AN_AMOUNT, 4, "mass"),
        (Trouble.NOT_AN_AMOUNT, 5, "mass"),
        (Trouble.NOT_AN_AMOUNT, 5, "sigma"),
    ]


def test_a_missing_column_is_named() -> None:
    with pytest.raises(ReturnsError) as caught:
        read_returns(read(b"piece,mass\nA,5 mg\n"))
    assert caught.value.faults == (Fault(Trouble.MISSING_COLUMN, 1, "sigma"),)
