"""Score tables in a stage: whole or not at all, the newest counts, and only the office sees them."""

import base64
import uuid

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import DatabaseError, connection, transaction
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

import builders
from moonbridge.cooperation.opportunities.models import Opportunity
from moonbridge.cooperation.opportunities.states import State
from moonbridge.cooperation.review import actions, queries
from moonbridge.cooperation.review.models import Score, ScoreTable
from moonbridge.errors import CommandReused, NotAllowed, WrongState
from moonbridge.formats import tables
from moonbridge.formats.tables.scores import FaultCode, TableError
from moonbridge.record.models import PUBLIC, Entry

pytestmark = pytest.mark.django_db


@pytest.fixture
def call() -> Opportunity:
    return builders.open_opportunity(state=State.CLOSED)


@pytest.fixture
def office(call):
    return builders.office_of(call.agency)


def table_of(*rows: tuple[str, str, str], column: str = "Scientific merit") -> bytes:
    return tables.csv_bytes(("proposal", "reviewer", column), rows)


def upload(call, office, *rows, command=None) -> ScoreTable:
    return actions.upload_scores(call, table_of(*rows), "scores.csv", command=command or uuid.uuid4(), by=office)


def test_the_newest_table_counts_and_earlier_ones_stay(call, office) -> None:
    first, second = builders.submitted_proposal(call), builders.submitted_proposal(call)
    upload(call, office, (first.code, "R1", "8"), (second.code, "R1", "6"))
    newest = upload(call, office, (first.code, "R1", "9"), (first.code, "R2", "8"), (second.code, "R1", "6.5"))
    assert queries.current_table(call) == newest
    assert {key: standing.merit for key, standing in queries.standings(call).items()} == {
        first.pk: 850_000,
        second.pk: 650_000,
    }
    assert list(queries.history(office, call).values_list("number", "rows", "reviewers")) == [(2, 3, 2), (1, 2, 1)]


def test_a_table_with_one_fault_brings_nothing(call, office) -> None:
    proposal = builders.submitted_proposal(call)
    with pytest.raises(TableError) as caught:
        upload(call, office, (proposal.code, "R1", "8"), ("P-999", "R1", "8"))
    assert [(f.code, f.row, f.found) for f in caught.value.faults] == [(FaultCode.UNKNOWN_PROPOSAL, 3, "P-999")]
    assert (ScoreTable.objects.count(), Score.objects.count(), Entry.objects.count()) == (0, 0, 0)


def test_drafts_and_withdrawn_proposals_are_not_scored(call, office) -> None:
    proposal, draft = builders.submitted_proposal(call), builders.proposal(call)
    with pytest.raises(TableError):
        upload(call, office, (proposal.code, "R1", "8"), (draft.code, "R1", "8"))
    assert upload(call, office, (proposal.code, "R1", "8")).rows == 1


def test_sent_twice_it_is_taken_in_once(call, office) -> None:
    proposal, command = builders.submitted_proposal(call), uuid.uuid4()
    tables_made = {upload(call, office, (proposal.code, "R1", "8"), command=command).pk for _ in range(2)}
    assert len(tables_made) == ScoreTable.objects.count() == 1
    with pytest.raises(CommandReused):
        upload(call, office, (proposal.code, "R1", "9"), command=command)


def test_scores_come_in_only_between_deadline_and_decision() -> None:
    call = builders.open_opportunity()
    proposal = builders.submitted_proposal(call)
    with pytest.raises(WrongState):
        upload(call, builders.office_of(call.agency), (proposal.code, "R1", "8"))


def test_the_database_keeps_tables_and_scores(call, office) -> None:
    proposal = builders.submitted_proposal(call)
    upload(call, office, (proposal.code, "R1", "8"))
    for change in (
        lambda: Score.objects.update(value_permille=10_000),
        lambda: Score.objects.all().delete(),
        lambda: ScoreTable.objects.update(name="other"),
    ):
        with pytest.raises(DatabaseError, match="Cannot"), transaction.atomic():
            change()


def test_the_record_keeps_the_file_and_no_score(call, office) -> None:
    proposal = builders.submitted_proposal(call)
    table = upload(call, office, (proposal.code, "R1", "8"))
    entry = Entry.objects.get()
    assert (entry.chain, entry.verb, entry.body["facts"]) == (
        f"agency:{call.agency.slug}",
        "upload scores",
        {"table": 1, "sha256": table.sha256, "scores": "1", "proposals": "1", "reviewers": "1"},
    )
    assert not Entry.objects.filter(chain=PUBLIC).exists()


def test_only_the_office_sees_or_brings_scores(call, office) -> None:
    lead = builders.person()
    proposal = builders.submitted_proposal(call, lead)
    upload(call, office, (proposal.code, "R1", "8"))
    other_office = builders.office_of(builders.agency())
    for user in (lead, other_office):
        with pytest.raises(NotAllowed):
            upload(call, user, (proposal.code, "R1", "9"))
        assert not queries.visible_to(user).exists()
        assert not queries.scores_visible_to(user).exists()
    assert queries.scores_visible_to(office).count() == 1


def test_a_team_sees_its_own_scores_once_the_decision_is_out(call, office) -> None:
    lead, other = builders.person(), builders.person()
    mine, theirs = builders.submitted_proposal(call, lead), builders.submitted_proposal(call, other)
    upload(call, office, (mine.code, "R1", "1"), (theirs.code, "R1", "1"))
    upload(call, office, (mine.code, "R1", "8"), (theirs.code, "R1", "7"))
    Opportunity.objects.filter(pk=call.pk).update(state=State.DECIDED)
    assert [s.value_permille for s in queries.scores_visible_to(lead)] == [8000]
    assert [s.value_permille for s in queries.scores_visible_to(other)] == [7000]


def as_client(user) -> Client:
    client = Client()
    if user:
        client.force_login(user)
    return client


def routes(call: Opportunity) -> list[str]:
    return [
        reverse("scores", args=[call.slug]),
        reverse("scores-template", args=[call.slug, "wide", "csv"]),
        reverse("scores-download", args=[call.slug, 1, "csv"]),
    ]


def test_every_route_is_hidden_from_strangers_teams_and_other_offices(call, office) -> None:
    lead = builders.person()
    upload(call, office, (builders.submitted_proposal(call, lead).code, "R1", "8"))
    for address in routes(call):
        assert as_client(None).get(address).status_code == 302
        assert as_client(lead).get(address).status_code == 404
        assert as_client(builders.office_of(builders.agency())).get(address).status_code == 404
        assert as_client(office).get(address).status_code == 200
    for user, status in ((None, 302), (lead, 404), (office, 400)):
        assert as_client(user).post(reverse("scores-confirm", args=[call.slug])).status_code == status


def test_the_page_checks_then_takes_in_what_was_shown(call, office) -> None:
    proposal, client = builders.submitted_proposal(call), as_client(office)
    data = table_of((proposal.code, "R1", "8.25"))
    preview = client.post(reverse("scores", args=[call.slug]), {"file": SimpleUploadedFile("scores.csv", data)})
    assert preview.status_code == 200
    assert "8.25" in preview.content.decode()
    assert not ScoreTable.objects.exists()
    sent = {"name": "scores.csv", "content": base64.b64encode(data).decode(), "command": str(uuid.uuid4())}
    answer = client.post(reverse("scores-confirm", args=[call.slug]), sent)
    assert (answer.status_code, answer["Location"]) == (302, reverse("scores", args=[call.slug]))
    assert [standing.merit for standing in queries.standings(call).values()] == [825_000]


def test_the_page_lists_all_faults_with_row_and_column(call, office) -> None:
    builders.submitted_proposal(call)
    data = table_of(("P-999", "R1", "11"), ("P-998", "R1", "x"))
    answer = as_client(office).post(reverse("scores", args=[call.slug]), {"file": SimpleUploadedFile("a.csv", data)})
    assert answer.status_code == 400
    assert [(f.row, f.column, f.found) for f, _ in answer.context["faults"]] == [
        (2, "proposal", "P-999"), (2, "Scientific merit", "11"), (3, "proposal", "P-998"), (3, "Scientific merit", "x"),
    ]  # fmt: skip


@pytest.mark.parametrize(("form", "ending"), [("wide", "csv"), ("wide", "xlsx"), ("long", "csv"), ("long", "xlsx")])
def test_a_filled_template_comes_back_without_faults(call, office, form, ending) -> None:
    proposal = builders.submitted_proposal(call)
    address = reverse("scores-template", args=[call.slug, form, ending])
    empty = tables.read(as_client(office).get(address).content)
    place = empty.header.index("Scientific merit" if form == "wide" else "score")
    rows = []
    for row in empty.rows:
        cells = [*row.cells, *[""] * (len(empty.header) - len(row.cells))]
        cells[empty.header.index("reviewer")], cells[place] = "R1", "7"
        rows.append(cells)
    data = (tables.csv_bytes if ending == "csv" else tables.xlsx_bytes)(empty.header, rows)
    actions.upload_scores(call, data, "filled", command=uuid.uuid4(), by=office)
    assert queries.standings(call)[proposal.pk].merit == 700_000


def test_a_download_brings_the_same_scores_again(call, office) -> None:
    proposal = builders.submitted_proposal(call)
    upload(call, office, (proposal.code, "R1", "7.125"), (proposal.code, "=R2", "8"))
    content = as_client(office).get(reverse("scores-download", args=[call.slug, 1, "csv"])).content
    actions.upload_scores(call, content, "again", command=uuid.uuid4(), by=office)
    first, second = (set(table.scores.values_list("reviewer", "value_permille")) for table in ScoreTable.objects.all())
    assert first == second == {("R1", 7125), ("=R2", 8000)}


def test_the_page_asks_the_database_equally_often_for_one_and_three_rows(call, office) -> None:
    counts = []
    for rows in (1, 2):
        proposals = [builders.submitted_proposal(call) for _ in range(rows)]
        everything = [*call.proposals.values_list("code", flat=True)]
        assert proposals
        for _ in range(rows):
            upload(call, office, *((code, "R1", "8") for code in everything))
        client = as_client(office)
        with CaptureQueriesContext(connection) as counted:
            client.get(reverse("scores", args=[call.slug]))
        counts.append(len(counted))
    assert counts[0] == counts[1]
