"""Reviewing by JSON: each change sent twice and done once, each role sees what its pages show, forbidden answers as absent."""

import uuid

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

import builders
from api.test_lending import Program
from cooperation.review.panels import Meeting
from cooperation.review.test_debriefs import Judged
from cooperation.review.test_handover import judged
from moonbridge.cooperation.review import handovers, tasks
from moonbridge.cooperation.review.models import Calibration, Duty, Review, ScoreTable
from moonbridge.cooperation.review.states import ReviewState, RoundState

pytestmark = pytest.mark.django_db


@pytest.fixture
def made() -> Meeting:
    return Meeting(2, state=RoundState.REVIEWING)


def owed(made: Meeting) -> tuple[Program, str, Review]:
    seat = made.member(made.items[0])
    review = Review.objects.get(seat=seat)
    return Program(seat.user), f"/reviews/{review.pk}", review


def words(made: Meeting, version: int, **more: object) -> dict[str, object]:
    mark = {"criterion": str(made.call.criteria.get().pk), "mark": "7.5", "comment": "Sound."}
    return {"version": version, "marks": [mark], "to_team": "Good.", "confidential": "Hm.", "expertise": 2} | more


def test_a_review_is_read_saved_submitted_and_reopened_each_once(made: Meeting) -> None:
    program, path, review = owed(made)
    [listed] = program.get("/reviews").json()
    assert (listed["id"], listed["proposal"], listed["state"]) == (str(review.pk), made.proposals[0].code, "assigned")
    told = program.get(path).json()
    assert (told["version"], len(told["missing"]), told["may_write"]) == (1, 3, True)
    saved = program.post(path, words(made, 1))
    assert (saved["version"], saved["criteria"][0]["mark"], saved["missing"]) == (2, "7.5", [])
    sent = program.post(f"{path}/submit", {"version": 2})
    assert (sent["state"], Review.objects.get(pk=review.pk).marks.get().value_permille) == ("submitted", 7500)
    assert program.post(f"{path}/reopen")["state"] == "draft"


def test_a_stale_save_is_refused_and_what_is_missing_is_told(made: Meeting) -> None:
    program, path, review = owed(made)
    refused = program.post(f"{path}/submit", {"version": 1}, status=409)
    assert len(refused["numbers"]["missing"]) == 3
    program.post(path, words(made, 1))
    stale = program.post(path, words(made, 1, to_team="Mine."), status=409)
    assert (stale["code"], stale["numbers"]) == ("stale", {"read": 1, "now": 2})
    assert Review.objects.get(pk=review.pk).to_team == "Good."


@pytest.mark.parametrize("mark", [{"mark": "11"}, {"mark": "x"}, {"criterion": str(uuid.uuid4())}])
def test_what_cannot_be_read_is_refused_whole(made: Meeting, mark: dict[str, str]) -> None:
    program, path, review = owed(made)
    given = words(made, 1)
    given["marks"] = [given["marks"][0] | mark]  # type: ignore[index]
    program.post(path, given, status=400)
    assert Review.objects.get(pk=review.pk).state == ReviewState.ASSIGNED


def test_a_review_is_its_authors_alone_and_others_are_answered_as_if_it_were_absent(made: Meeting) -> None:
    _, path, _ = owed(made)
    absent = f"/reviews/{uuid.uuid4()}"
    others = [made.office, made.chair.user, made.secretary.user, made.member().user, builders.person()]
    others.append(made.proposals[0].members.get().user)
    for user in others:
        program = Program(user)
        answers = [program.get(where) for where in (path, absent)]
        assert [answer.status_code for answer in answers] == [404, 404]
        assert answers[0].content == answers[1].content
        for verb, given in (("", words(made, 1)), ("/submit", {"version": 1}), ("/reopen", {})):
            assert program.post(path + verb, given, status=404) == program.post(absent + verb, given, status=404)
    stranger = Program(None)
    assert [stranger.get(where).status_code for where in (path, "/reviews")] == [401, 401]


def test_a_conflict_takes_a_review_away(made: Meeting) -> None:
    program, path, review = owed(made)
    Review.objects.filter(pk=review.pk).update(state=ReviewState.RECUSED)
    made.conflict(review.seat.user, made.items[0])
    assert (program.get(path).status_code, program.get("/reviews").json()) == (404, [])


def test_managers_see_progress_without_what_a_conflict_hides(made: Meeting) -> None:
    made.written(made.items[0], made.member(), 6)
    made.member(made.items[0])
    path = f"/opportunities/{made.call.slug}/review"
    for user in (made.office, made.chair.user, made.secretary.user):
        [panel] = Program(user).get(path).json()["panels"]
        items = {item["proposal"]: item for item in panel["items"]}
        first = items[made.proposals[0].code]
        assert (first["submitted"], first["mean"], len(items)) == (1, "60.0000", 2)
    made.conflict(made.chair.user, made.items[0])
    [panel] = Program(made.chair.user).get(path).json()["panels"]
    assert [item["proposal"] for item in panel["items"]] == [made.proposals[1].code]
    absent = Program(made.office).get("/opportunities/absent/review").content
    outsiders = [made.member().user, made.seat(Duty.OBSERVER).user, made.proposals[0].members.get().user]
    for user in (*outsiders, builders.office_of(builders.agency()), builders.person()):
        answer = Program(user).get(path)
        assert (answer.status_code, answer.content) == (404, absent)
    assert Program(None).get(path).status_code == 401


def test_the_office_previews_and_hands_over() -> None:
    done = judged()
    path, office = f"/opportunities/{done.call.slug}/review/hand-over", Program(done.office)
    told = office.get(path).json()
    assert [row["raw_mean"] for row in sorted(told["proposals"], key=lambda row: row["raw_rank"])] == [
        "80",
        "70",
        "50",
        "45",
    ]
    assert (told["missing"], told["calibrated"]) == ([], True)
    office.post(path, {"counts": "raw means", "seen": "0" * 64}, status=409)
    answer = office.post(path, {"counts": "calibrated merits", "seen": told["seen"]})
    assert (answer["number"], ScoreTable.objects.count(), Calibration.objects.get().counts) == (1, 1, True)
    standings = office.get(f"/opportunities/{done.call.slug}/scores").json()
    assert standings["tables"][0]["counts"] == "calibrated merits"
    assert {row["proposal"]: row["raw_mean"] for row in standings["standings"]}[done.proposals[0].code] == "80"
    assert all(row["doubt"] for row in standings["standings"])


def test_many_reviews_are_calibrated_by_a_job_before_they_are_handed_over(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(handovers, "AT_ONCE", 3)
    done = judged()
    path, office = f"/opportunities/{done.call.slug}/review/hand-over", Program(done.office)
    told = office.get(path).json()
    assert (told["waiting"], told["calibrated"], told["blocks"]) == (True, False, [])
    office.post(path, {"counts": "raw means", "seen": told["seen"]}, status=409)
    Program(done.chair.user).post(f"{path}/calibrate", {}, status=404)
    assert office.post(f"{path}/calibrate", {}) == {"waiting": True}
    tasks.calibrate(str(done.round.pk))
    assert office.post(f"{path}/calibrate", {}) == {"waiting": False}
    told = office.get(path).json()
    assert (told["waiting"], told["calibrated"]) == (False, True)
    assert office.post(path, {"counts": "calibrated merits", "seen": told["seen"]})["number"] == 1


def test_nobody_else_hands_over() -> None:
    done = judged()
    path = f"/opportunities/{done.call.slug}/review/hand-over"
    conflicted = builders.office_of(done.call.agency)
    done.conflict(conflicted, done.items[0])
    absent = Program(done.office).get("/opportunities/absent/review/hand-over").content
    people = [conflicted, done.chair.user, done.secretary.user, done.proposals[0].members.get().user]
    for user in (*people, builders.office_of(builders.agency())):
        assert Program(user).get(path).content == absent
        Program(user).post(path, {"counts": "raw means", "seen": "0" * 64}, status=404)
    Program(None).post(path, {"counts": "raw means", "seen": "0" * 64}, status=401)
    assert not ScoreTable.objects.exists()


def test_a_team_reads_its_debrief_when_it_is_released() -> None:
    done = Judged()
    path = f"/proposals/{done.proposals[0].pk}/debrief"
    lead, rival = Program(done.lead), Program(done.proposals[1].members.get().user)
    absent = lead.get(f"/proposals/{uuid.uuid4()}/debrief").content
    assert lead.get(path).content == absent
    done.release()
    told = lead.get(path).json()
    assert told["panels"][0]["criteria"][0]["mean"] == "5.667"
    for program in (rival, Program(done.chair.user), Program(done.seats[0].user)):
        assert program.get(path).content == absent
    assert Program(None).get(path).status_code == 401


@pytest.mark.parametrize("what", ["reviews", "progress", "hand-over"])
def test_lists_ask_the_database_as_often_for_three_as_for_one(what: str) -> None:
    counts = []
    for size in (1, 3):
        made = Meeting(size, state=RoundState.REVIEWING)
        member = made.member()
        for item in made.items:
            for seat in (member, made.member(), made.member()):
                made.written(item, seat, 6)
        path, user = {
            "reviews": ("/reviews", member.user), "progress": (f"/opportunities/{made.call.slug}/review", made.office),
            "hand-over": (f"/opportunities/{made.call.slug}/review/hand-over", made.office),
        }[what]  # fmt: skip
        program = Program(user)
        with CaptureQueriesContext(connection) as counted:
            assert program.get(path).status_code == 200
        counts.append(len(counted))
    assert counts[0] == counts[1]
