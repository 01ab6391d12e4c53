"""Score tables: each fault with its row, column and what was expected; nothing taken when there is one."""

import io

import pytest
from openpyxl import Workbook

from moonbridge.formats.tables import csv_bytes, read
from moonbridge.formats.tables.scores import Fault, FaultCode, Scale, Scheme, Score, TableError, read_scores

SCHEME = Scheme(("P-001", "P-002"), (Scale("Merit", 0, 10, ("科学价值",)), Scale("Feasibility", 1, 5)))


def faults(text: str):
    with pytest.raises(TableError) as caught:
        read_scores(read(text.encode()), SCHEME)
    return [(fault.code, fault.row, fault.column, fault.found) for fault in caught.value.faults]


LONG = """proposal,reviewer,criterion,score,comment
P-001,R1,Merit,8.5,strong
P-001,R1,Feasibility,4,
p-002,R1,merit,"7,25",
P-002,R1,Feasibility,1,
P-002,R2,Merit,10,
P-002,,Feasibility,,
"""
WIDE = """提案;评审人;标题;科学价值;Feasibility;comment
P-001;R1;A title;8.5;4;strong
P-002;R1;;7,25;1;
P-002;R2;;10;;
P-001;;;;;
"""


def test_the_long_and_the_wide_form_say_the_same() -> None:
    long, wide = (read_scores(read(text.encode()), SCHEME) for text in (LONG, WIDE))
    expected = {
        ("P-001", "R1", "Merit", 8500, "strong"), ("P-001", "R1", "Feasibility", 4000, ""),
        ("P-002", "R1", "Merit", 7250, ""), ("P-002", "R1", "Feasibility", 1000, ""), ("P-002", "R2", "Merit", 10000, ""),
    }  # fmt: skip

    def told(score: Score):
        return (score.proposal, score.reviewer, score.criterion, score.thousandths, score.comment)

    assert {told(score) for score in long.scores} == {told(score) for score in wide.scores} == expected
    assert long.gaps == wide.gaps == (("P-002", "R2", "Feasibility"),)


def test_every_fault_is_told_at_once_with_its_place() -> None:
    text = """proposal,reviewer,criterion,score,comment
P-001,R1,Merit,8,
P-001,R1,Merit,9,
P-009,R1,Merit,8,
P-001,R1,Beauty,8,
P-001,R2,Merit,11,
P-001,R2,Feasibility,0.5,
P-001,R3,Merit,good,
P-001,R4,Merit,8.0001,
P-002,,Merit,8,
P-002,R1,Merit,,only words
"""
    assert faults(text) == [
        (FaultCode.DOUBLED, 3, "Merit", "P-001, R1, Merit"),
        (FaultCode.UNKNOWN_PROPOSAL, 4, "proposal", "P-009"),
        (FaultCode.UNKNOWN_CRITERION, 5, "criterion", "Beauty"),
        (FaultCode.OUT_OF_SCALE, 6, "score", "11"),
        (FaultCode.OUT_OF_SCALE, 7, "score", "0.5"),
        (FaultCode.NOT_A_NUMBER, 8, "score", "good"),
        (FaultCode.TOO_FINE, 9, "score", "8.0001"),
        (FaultCode.EMPTY, 10, "reviewer", ""),
        (FaultCode.WITHOUT_SCORE, 11, "score", "only words"),
    ]


def test_a_proposal_without_a_score_for_a_criterion_is_named() -> None:
    assert faults("proposal,reviewer,Merit,Feasibility\nP-001,R1,8,\nP-002,R1,8,3\n") == [
        (FaultCode.NO_SCORE, None, "Feasibility", "")
    ]


def test_columns_are_known_and_needed() -> None:
    assert faults("proposal,score,score,beauty\nP-001,1,2,3\n") == [
        (FaultCode.DOUBLED_COLUMN, 1, "score", "score"),
        (FaultCode.UNKNOWN_COLUMN, 1, "beauty", "beauty"),
        (FaultCode.MISSING_COLUMN, 1, "reviewer", ""),
        (FaultCode.MISSING_COLUMN, 1, "criterion", ""),
    ]


@pytest.mark.parametrize("number", ["nan", "inf", "1e1", "1_0", "0x8", "8.8.8", "--1", "८"])
def test_only_plain_decimals_are_numbers(number) -> None:
    text = f"proposal,reviewer,Merit,Feasibility\nP-001,R1,{number},3\nP-002,R1,8,3\n"
    assert faults(text)[0][:3] == (FaultCode.NOT_A_NUMBER, 2, "Merit")


def test_a_formula_is_refused_where_it_stands() -> None:
    book = Workbook()
    sheet = book.worksheets[0]
    for row in (["proposal", "reviewer", "Merit", "Feasibility"], ["P-001", "R1", "=C3", 3], ["P-002", "R1", 8, 3]):
        sheet.append(row)
    file = io.BytesIO()
    book.save(file)
    with pytest.raises(TableError) as caught:
        read_scores(read(file.getvalue()), SCHEME)
    assert caught.value.faults == (Fault(FaultCode.FORMULA, 2, "Merit", "=C3"),)


def test_a_reviewer_called_like_a_formula_survives_a_round_through_csv() -> None:
    header = ("proposal", "reviewer", "Merit", "Feasibility")
    data = csv_bytes(header, [("P-001", "=R1", 8, 3), ("P-002", "=R1", 7, 3)])
    assert {score.reviewer for score in read_scores(read(data), SCHEME).scores} == {"=R1"}
