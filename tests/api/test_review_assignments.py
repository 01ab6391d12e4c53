"""Assignments by JSON: what is proposed with its scores, what becomes of it, and who learns of it."""

import uuid
from decimal import Decimal

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

import builders
from api.programs import Program
from api.review_people import absent_alike
from cooperation.review.panels import Meeting
from cooperation.review.test_recusals import work
from moonbridge.accounts.models import User
from moonbridge.cooperation.review.models import Allocation, Duty, Review
from moonbridge.cooperation.review.states import ReviewState, RoundState

pytestmark = pytest.mark.django_db


@pytest.fixture
def made() -> Meeting:
    """Two proposals that need one review each; the chair reviews nothing, two members are free."""
    made = Meeting(2)
    made.panel.seats.filter(pk=made.chair.pk).update(most=0)
    type(made.panel).objects.filter(pk=made.panel.pk).update(demand=1, most=1)
    for _ in range(2):
        made.member()
    return made


def path_of(made: Meeting) -> str:
    return f"/panels/{made.panel.pk}/assignment"


def outsiders(made: Meeting) -> list[User]:
    """A team's lead, another agency's office, a member, an observer, and somebody who has nothing to do with it."""
    people = [made.proposals[0].members.get().user, builders.office_of(builders.agency()), made.member().user]
    return [*people, made.seat(Duty.OBSERVER).user, builders.person()]


def test_from_asking_to_adopting_each_once(made: Meeting) -> None:
    office, path = Program(made.office), path_of(made)
    told = office.post(path, {"aim": "total"})
    assert (told["state"], told["count"], told["new"], told["taken_back"], told["proven"]) == (
        "proposed",
        2,
        2,
        0,
        True,
    )
    pairs = [pair for row in told["items"] for pair in row["reviewers"]]
    assert sum(Decimal(pair["score"]) for pair in pairs) == Decimal(told["total"])
    assert all(sum(part["percent"] for part in pair["why"]) >= 0 and pair["new"] for pair in pairs)
    assert told["loads"] == [{"reviews": 1, "people": 2}]
    [listed] = office.read(path)["assignments"]
    assert (listed["id"], listed["aim"], Allocation.objects.count()) == (told["id"], "total", 1)
    adopted = office.post(f"/assignments/{told['id']}/decide", {"decision": "adopt"})
    assert (adopted["state"], adopted["new"]) == ("adopted", 0)
    now = {row["proposal"]: [one["reviewer"] for one in row["reviews"]] for row in office.read(path)["items"]}
    assert now == {row["proposal"]: [one["reviewer"] for one in row["reviewers"]] for row in told["items"]}
    assert Review.objects.filter(state=ReviewState.ASSIGNED).count() == 2
    assert office.post(f"/assignments/{told['id']}/decide", {"decision": "drop"}, status=409)["code"] == "wrong-state"


def test_a_part_of_an_assignment_and_of_the_list(made: Meeting) -> None:
    office = Program(made.office)
    told = office.post(path_of(made), {})
    second = office.read(f"/assignments/{told['id']}?offset=1&limit=1")
    assert (second["count"], second["items"]) == (2, told["items"][1:])
    part = office.read(f"{path_of(made)}?offset=1&limit=1")
    assert (part["count"], [row["proposal"] for row in part["items"]]) == (2, [told["items"][1]["proposal"]])


def test_what_cannot_be_meant_is_refused_in_the_words_of_the_page(made: Meeting) -> None:
    office, path = Program(made.office), path_of(made)
    nobody = {"proposal": "P-NONE", "reviewer": "R-NONE"}
    refused = office.post(path, {"must": [nobody]}, status=400)
    assert refused["sentence"].endswith("There is no such pair here: P-NONE R-NONE")
    pair = {"proposal": made.proposals[0].code, "reviewer": made.panel.seats.filter(duty=Duty.MEMBER).first().label}
    refused = office.post(path, {"must": [pair], "must_not": [pair]})
    assert (refused["state"], refused["items"], pair["proposal"] in refused["refusal"]) == ("impossible", [], True)
    type(made.round).objects.filter(pk=made.round.pk).update(state=RoundState.CHECKING)
    assert office.post(path, {}, status=409)["numbers"] == {"state": "checking"}


def test_it_is_for_those_who_run_the_panel_and_the_chair_only_reads(made: Meeting) -> None:
    key = Program(made.secretary.user).post(path_of(made), {})["id"]
    where, lost = (
        (path_of(made), f"/assignments/{key}"),
        (f"/panels/{uuid.uuid4()}/assignment", f"/assignments/{uuid.uuid4()}"),
    )
    for user in (made.office, made.secretary.user, made.chair.user):
        assert [Program(user).get(one).status_code for one in where] == [200, 200]
    for user in outsiders(made):
        for one, absent in zip(where, lost, strict=True):
            absent_alike(user, one, absent)
    for user in (made.chair.user, *outsiders(made)):
        absent_alike(user, where[0], lost[0], {})
        absent_alike(user, f"{where[1]}/decide", f"{lost[1]}/decide", {"decision": "adopt"})
    stranger = Program(None)
    assert [stranger.get(one).status_code for one in where] == [401, 401]
    stranger.post(where[0], {}, status=401)
    assert Allocation.objects.get().state == "proposed"


def test_in_conflict_one_meets_neither_the_proposal_nor_an_assignment_of_it(made: Meeting) -> None:
    key = Program(made.office).post(path_of(made), {})["id"]
    made.conflict(made.secretary.user, made.items[0])
    program = Program(made.secretary.user)
    told = program.read(path_of(made))
    assert [row["proposal"] for row in told["items"]] == [made.proposals[1].code]
    assert (told["count"], told["rests_on"]["items"], told["assignments"]) == (1, 1, [])
    one, absent = f"/assignments/{key}", f"/assignments/{uuid.uuid4()}"
    absent_alike(made.secretary.user, one, absent)
    absent_alike(made.secretary.user, f"{one}/decide", f"{absent}/decide", {"decision": "drop"})
    assert [row["proposal"] for row in program.post(path_of(made), {})["items"]] == [made.proposals[1].code]


def test_after_a_recusal_a_replacement_is_proposed_and_adopted(made: Meeting) -> None:
    item, office = made.items[0], Program(made.office)
    review = Review.objects.get(seat=made.member(item))
    office.post(f"/reviews/{review.pk}/recuse", {"reason": "No time."})
    work()
    told = office.read(path_of(made))
    assert [(one["proposal"], one["because"]) for one in told["ended"]] == [(item.proposal.code, "No time.")]
    [proposed] = told["assignments"]
    assert (proposed["aim"], proposed["state"], proposed["made_by"]) == ("replace", "proposed", None)
    [row] = office.post(f"/assignments/{proposed['id']}/decide", {"decision": "adopt"})["items"]
    active = Review.objects.get(item=item, state=ReviewState.ASSIGNED)
    assert [one["reviewer"] for one in row["reviewers"]] == [active.seat.label]
    assert active.seat_id != review.seat_id


def test_lists_ask_the_database_as_often_for_three_as_for_one() -> None:
    counts = []
    for size in (1, 3):
        made = Meeting(size)
        type(made.panel).objects.update(demand=1)
        for item in made.items:
            made.member(item)
        office = Program(made.office)
        key = office.post(path_of(made), {})["id"]
        for where in (path_of(made), f"/assignments/{key}"):
            with CaptureQueriesContext(connection) as counted:
                assert office.read(where)["count"] == size
            counts.append(len(counted))
    assert counts[:2] == counts[2:]
