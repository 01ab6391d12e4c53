"""The page of the hand-over and the spreadsheets: what they show, to whom, and what a conflict takes away."""

import csv
import io
import uuid

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

import builders
from cooperation.review.panels import Meeting
from cooperation.review.test_handover import handed, judged
from moonbridge.accounts.models import User
from moonbridge.cooperation.review import queries
from moonbridge.cooperation.review.actions import upload_scores
from moonbridge.cooperation.review.handovers import handover
from moonbridge.cooperation.review.models import Calibration, Duty, Item, PanelKind, ScoreTable
from moonbridge.cooperation.review.states import RoundState
from moonbridge.cooperation.selection.candidates import candidates, digest_of

pytestmark = pytest.mark.django_db


def client(user: User | None) -> Client:
    found = Client()
    if user:
        found.force_login(user)
    return found


def page(made: Meeting) -> str:
    return reverse("review-hand-over", args=[made.call.slug])


def marks_page(made: Meeting, ending: str = "csv") -> str:
    return reverse("review-marks", args=[made.call.slug, ending])


def sent(made: Meeting, **more: object) -> dict[str, object]:
    return {"command": str(uuid.uuid4()), "seen": handover(made.round).digest, "counts": "calibrated"} | more


def rows_of(answer) -> list[dict[str, str]]:
    return list(csv.DictReader(io.StringIO(answer.content.decode("utf-8-sig"))))


def test_the_page_shows_both_merits_and_the_change_of_rank_then_hands_over() -> None:
    made = judged()
    answer = client(made.office).get(page(made))
    rows = answer.context["found"].rows
    assert {row.code: (row.raw.merit, row.raw_rank) for row in rows} == {
        p.code: pair
        for p, pair in zip(made.proposals, [(800_000, 1), (500_000, 3), (700_000, 2), (450_000, 4)], strict=True)
    }
    assert all(row.merit is not None and row.doubt for row in rows)
    answer = client(made.office).post(page(made), sent(made))
    assert (answer.status_code, answer["Location"]) == (302, reverse("scores", args=[made.call.slug]))
    assert Calibration.objects.get().counts
    shown = client(made.office).get(reverse("scores", args=[made.call.slug])).content.decode()
    assert "handed over by the panels" in shown
    assert all(where.raw_text in shown and where.merit_text in shown for where in queries.standings(made.call).values())


def test_raw_means_can_be_chosen() -> None:
    made = judged()
    client(made.office).post(page(made), sent(made, counts="raw"))
    assert not Calibration.objects.get().counts
    assert queries.standings(made.call)[made.proposals[0].pk].merit == 800_000


def test_before_the_end_it_asks_for_a_word_and_a_stale_preview_is_shown_anew() -> None:
    made = judged(RoundState.REVIEWING)
    made.member(made.items[0])
    refused = client(made.office).post(page(made), sent(made))
    assert (refused.status_code, "confirm that you hand it over" in refused.context["wrong"]) == (409, True)
    stale = client(made.office).post(page(made), sent(made, seen="0" * 64, incomplete="on"))
    assert (stale.status_code, "changed since this preview" in stale.context["wrong"]) == (409, True)
    assert stale.context["form"].initial["seen"] == handover(made.round).digest
    assert not ScoreTable.objects.exists()
    assert client(made.office).post(page(made), sent(made, incomplete="on")).status_code == 302


def test_an_empty_round_has_an_empty_page() -> None:
    made = Meeting(1, state=RoundState.DECLARING)
    assert "No reviews yet" in client(made.office).get(page(made)).content.decode()


def people(made: Meeting) -> dict[str, User | None]:
    return {
        "stranger": None, "lead": made.proposals[0].members.get().user, "member": made.member().user,
        "observer": made.seat(Duty.OBSERVER).user, "other office": builders.office_of(builders.agency()),
        "chair": made.chair.user, "secretary": made.secretary.user, "office": made.office,
    }  # fmt: skip


def test_who_may_open_which() -> None:
    made = judged()
    for name, user in people(made).items():
        expected = {"stranger": (302, 302), "office": (200, 200), "chair": (404, 200), "secretary": (404, 200)}
        answers = [client(user).get(address) for address in (page(made), marks_page(made))]
        assert tuple(answer.status_code for answer in answers) == expected.get(name, (404, 404)), name
        assert client(user).post(page(made), sent(made)).status_code == {"stranger": 302, "office": 302}.get(name, 404)
    assert client(made.office).get(marks_page(made, "pdf")).status_code == 404


def test_a_conflicted_officer_hands_nothing_over_and_sees_no_mark_of_it_anywhere() -> None:
    made = judged()
    handed(made)
    second, hidden = builders.office_of(made.call.agency), made.proposals[0]
    made.conflict(second, made.items[0])
    blocked = client(second).get(page(made))
    assert (blocked.status_code, hidden.code in blocked.content.decode()) == (200, False)
    assert client(second).post(page(made), sent(made)).status_code == 200
    assert ScoreTable.objects.count() == 1
    scores = client(second).get(reverse("scores", args=[made.call.slug]))
    assert [one.code for one in scores.context["page"]] == [made.proposals[number].code for number in (2, 1, 3)]
    assert {one.standing.doubt for one in scores.context["page"]} == {None}
    [table] = scores.context["history"]
    assert (table.seen, table.reviewers, table.digest) == (7, 3, None)
    for address in (marks_page(made), reverse("scores-download", args=[made.call.slug, 1, "csv"])):
        assert {row["proposal"] for row in rows_of(client(second).get(address))} == {p.code for p in made.proposals[1:]}


def test_a_conflicted_chair_gets_the_spreadsheet_without_the_item() -> None:
    made = judged()
    made.conflict(made.chair.user, made.items[0])
    codes = {row["proposal"] for row in rows_of(client(made.chair.user).get(marks_page(made)))}
    assert codes == {p.code for p in made.proposals[1:]}
    assert len(rows_of(client(made.secretary.user).get(marks_page(made)))) == 10


def test_marks_that_are_not_submitted_are_nobodys() -> None:
    made = judged()
    begun = made.written(made.items[0], made.member(), 1)
    type(begun).objects.filter(pk=begun.pk).update(state="draft")
    for user in (made.office, made.chair.user, begun.seat.user):
        found = client(user).get(marks_page(made))
        assert found.status_code == 404 or len(rows_of(found)) == 10


def test_the_chair_reads_technical_marks_without_their_authors() -> None:
    made = judged(RoundState.DISCUSSING)
    technical = made.another_panel("Technical", kind=PanelKind.TECHNICAL)
    item = Item.objects.create(panel=technical, proposal=made.proposals[0])
    engineer = made.seat(panel=technical)
    made.declare(engineer)
    type(made.round).objects.filter(pk=made.round.pk).update(state=RoundState.REVIEWING)
    made.written(item, engineer, 3)
    type(made.round).objects.filter(pk=made.round.pk).update(state=RoundState.DISCUSSING)
    seen = {user: rows_of(client(user).get(marks_page(made))) for user in (made.chair.user, made.office)}
    assert [row["reviewer"] for row in seen[made.chair.user] if row["score"] == "3"] == [""]
    assert [row["reviewer"] for row in seen[made.office] if row["score"] == "3"] == [engineer.label]


def test_what_the_office_exports_brings_the_same_problem_when_it_is_imported() -> None:
    made = judged()
    handed(made, calibrated=False)
    by_panel = digest_of(candidates(made.call))
    exported = client(made.office).get(marks_page(made, "xlsx")).content
    upload_scores(made.call, exported, "marks.xlsx", by=made.office, command=uuid.uuid4())
    assert digest_of(candidates(made.call)) == by_panel


def test_pages_ask_the_database_as_often_for_few_as_for_many() -> None:
    counts = []
    for size in (1, 3):
        made = Meeting(size, state=RoundState.REVIEWING)
        for item in made.items:
            for _ in range(3):
                made.written(item, made.member(), 6)
        found = []
        for address in (page(made), marks_page(made)):
            with CaptureQueriesContext(connection) as counted:
                assert client(made.office).get(address).status_code == 200
            found.append(len(counted))
        counts.append(found)
    assert counts[0] == counts[1]
