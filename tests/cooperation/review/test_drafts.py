"""One's own reviews as a table: what one may see, hostile cells harmless, brought back whole or not at all."""

import uuid

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.urls import reverse

from cooperation.review.panels import Meeting
from cooperation.review.test_reviews import save, says
from moonbridge.cooperation.review.models import Item, PanelKind, Review, Seat
from moonbridge.cooperation.review.states import ReviewState
from moonbridge.cooperation.review.writing import Judged, read
from moonbridge.formats import tables

pytestmark = pytest.mark.django_db

HOSTILE = ["=1+1", "+cmd|' /C calc'!A0", "-2", "@SUM(A1)", '"quoted", and\nmore', "'plain", "评语"]


def client_of(seat: Seat) -> Client:
    client = Client()
    client.force_login(seat.user, backend="django.contrib.auth.backends.ModelBackend")
    return client


def taken_out(seat: Seat, ending: str = "csv") -> tables.Table:
    answer = client_of(seat).get(reverse("review-table", args=[seat.panel_id, ending]))
    assert answer["Content-Disposition"].startswith("attachment")
    return tables.read(answer.content)


def brought_in(seat: Seat, header, rows, write=tables.csv_bytes):
    file = SimpleUploadedFile("mine.csv", write(header, rows))
    sent = {"file": file, "command": str(uuid.uuid4())}
    return client_of(seat).post(reverse("review-tables", args=[seat.panel_id]), sent)


def changed(table: tables.Table, **cells: str) -> list[list[str]]:
    """The rows of ``table`` with these cells in all of them; ``_`` in names stands for a space, ``__`` for ``: ``."""
    named = {name.replace("__", ": ").replace("_", " "): text for name, text in cells.items()}
    rows = []
    for row in table.rows:
        texts = [*row.cells, *[""] * (len(table.header) - len(row.cells))]
        rows.append([named.get(name, text) for name, text in zip(table.header, texts, strict=True)])
    return rows


@pytest.mark.parametrize(("ending", "write"), [("csv", tables.csv_bytes), ("xlsx", tables.xlsx_bytes)])
def test_a_table_comes_out_is_filled_in_and_comes_back_as_drafts(ending, write) -> None:
    made = Meeting(3)
    seat = made.member(*made.items[:2])
    table = taken_out(seat, ending)
    assert table.header == (
        "proposal", "title", "version", "Scientific merit", "Scientific merit: comment", "comment to the team",
        "confidential comment", "expertise", "origin",
    )  # fmt: skip
    assert [row.cells[0] for row in table.rows] == sorted(proposal.code for proposal in made.proposals[:2])
    rows = changed(
        table, Scientific_merit="7,5", Scientific_merit__comment="Good", comment_to_the_team="Well", expertise="3"
    )
    assert brought_in(seat, table.header, rows, write).status_code == 302
    for review in Review.objects.filter(seat=seat):
        said = read(review)
        assert (review.state, review.version, said.to_team, said.expertise) == (ReviewState.DRAFT, 2, "Well", 3)
        assert list(said.judged.values()) == [Judged(7500, "Good")]
    again = taken_out(seat, ending)
    assert brought_in(seat, again.header, changed(again), write).status_code == 302
    assert set(Review.objects.filter(seat=seat).values_list("version", flat=True)) == {2}


@pytest.mark.parametrize("ending", ["csv", "xlsx"])
@pytest.mark.parametrize("words", HOSTILE)
def test_hostile_words_do_nothing_in_a_spreadsheet_and_come_back_as_they_were(ending: str, words: str) -> None:
    made = Meeting(1)
    seat = made.member(made.items[0])
    review = Review.objects.get(seat=seat)
    save(review, says(review, to_team=words))
    content = client_of(seat).get(reverse("review-table", args=[seat.panel_id, ending])).content
    table = tables.read(content)
    assert not table.formulas
    assert table.rows[0].cells[5] == words
    if ending == "csv" and words.startswith(tuple("=+-@")):
        assert f"'{words[0]}".encode() in content
    write = tables.csv_bytes if ending == "csv" else tables.xlsx_bytes
    assert brought_in(seat, table.header, changed(table), write).status_code == 302
    assert Review.objects.get(pk=review.pk).version == 2


def test_only_ones_own_reviews_come_out_and_none_that_is_hidden() -> None:
    made = Meeting(3)
    seat = made.member(*made.items)
    made.written(made.items[0], made.member(), to_team="hidden-words")
    Review.objects.filter(seat=seat, item=made.items[1]).update(state=ReviewState.RECUSED)
    Review.objects.filter(seat=seat, item=made.items[2]).update(state=ReviewState.RECUSED)
    made.conflict(seat.user, made.items[2])
    table = taken_out(seat)
    assert [row.cells[0] for row in table.rows] == [made.proposals[0].code]
    assert "hidden-words" not in str(table)
    assert taken_out(made.chair).rows == ()


def test_every_fault_is_told_with_its_row_and_column_and_nothing_is_taken() -> None:
    made = Meeting(4)
    seat = made.member(*made.items)
    table = taken_out(seat)
    rows = changed(table, comment_to_the_team="New")
    rows[0][3], rows[0][7] = "eleven", "9"
    rows[1][3], rows[1][2] = "11", "77"
    rows[2][0], rows[2][3] = "P-HIDDEN", "7.0001"
    rows[3][4] = "x" * 20_001
    rows.append(list(rows[0]))
    answer = brought_in(seat, table.header, rows)
    assert answer.status_code == 400
    assert sorted((fault.row, fault.column, fault.trouble.value) for fault, _ in answer.context["faults"]) == [
        (2, "Scientific merit", "not-a-mark"), (2, "expertise", "not-a-choice"), (3, "Scientific merit", "not-a-mark"),
        (3, "version", "changed"), (4, "Scientific merit", "not-a-mark"), (4, "proposal", "not-yours"),
        (5, "Scientific merit: comment", "too-long"), (6, "Scientific merit", "not-a-mark"), (6, "expertise", "not-a-choice"),
        (6, "proposal", "twice"),
    ]  # fmt: skip
    assert set(Review.objects.filter(seat=seat).values_list("version", flat=True)) == {1}
    assert "stands in row 2 already" in answer.content.decode()


@pytest.mark.parametrize(
    ("header", "trouble"),
    [
        (["proposal", "version"], "missing-column"),
        (["proposal", "version", "Other"], "unknown-column"),
        (["proposal", "proposal"], "doubled-column"),
    ],
)
def test_columns_are_those_that_came_out(header: list[str], trouble: str) -> None:
    made = Meeting(1)
    seat = made.member(made.items[0])
    answer = brought_in(seat, header, [["x"] * len(header)])
    assert trouble in {fault.trouble.value for fault, _ in answer.context["faults"]}


def test_a_formula_is_refused() -> None:
    from openpyxl import load_workbook

    made = Meeting(1)
    seat = made.member(made.items[0])
    table = taken_out(seat)

    def with_formula(header, rows):
        import io

        book = load_workbook(io.BytesIO(tables.xlsx_bytes(header, rows)))
        book.worksheets[0].cell(2, 4).value = "=3+4"
        file = io.BytesIO()
        book.save(file)
        return file.getvalue()

    answer = brought_in(seat, table.header, changed(table), with_formula)
    assert [(fault.row, fault.column, fault.trouble.value) for fault, _ in answer.context["faults"]] == [
        (2, "Scientific merit", "formula")
    ]


def test_what_was_saved_meanwhile_or_submitted_is_not_overwritten() -> None:
    made = Meeting(2)
    seat = made.member(*made.items)
    table = taken_out(seat)
    first, second = sorted(Review.objects.filter(seat=seat), key=lambda one: one.item.proposal.code)
    save(first, says(first))
    made.written(second.item, seat)
    answer = brought_in(seat, table.header, changed(table, comment_to_the_team="Offline"))
    assert [(fault.row, fault.trouble.value) for fault, _ in answer.context["faults"]] == [
        (2, "changed"),
        (3, "submitted"),
    ]
    assert Review.objects.get(pk=first.pk).to_team == "A good instrument."


def test_what_is_no_table_is_refused_in_words() -> None:
    made = Meeting(1)
    seat = made.member(made.items[0])
    answer = brought_in(seat, [], [], write=lambda _header, _rows: b"\xff\x00nothing")
    assert (answer.status_code, b"errorlist" in answer.content) == (400, True)
    empty = client_of(seat).post(reverse("review-tables", args=[seat.panel_id]), {"command": str(uuid.uuid4())})
    assert empty.status_code == 400
    assert client_of(seat).get(reverse("review-table", args=[seat.panel_id, "exe"])).status_code == 404


def test_technical_panels_bring_a_verdict() -> None:
    made = Meeting(1)
    panel = made.another_panel("Technical", kind=PanelKind.TECHNICAL)
    item = Item.objects.create(panel=panel, proposal=made.proposals[0])
    seat = made.seat(panel=panel)
    made.declare(seat)
    review = Review.objects.create(item=item, seat=seat)
    table = taken_out(seat)
    assert "verdict" in table.header
    assert brought_in(seat, table.header, changed(table, verdict="Infeasible")).status_code == 302
    assert Review.objects.get(pk=review.pk).verdict == "infeasible"
