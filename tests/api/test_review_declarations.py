"""Declarations by JSON: a reviewer's panels, conflicts and bids, and stepping back; each for its person alone."""

import uuid
from typing import get_args

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

import builders
from api.programs import Program
from api.review_people import absent_alike
from cooperation.review.panels import Meeting
from moonbridge.api.review_declarations import Bidding
from moonbridge.api.review_fields import Tie
from moonbridge.cooperation.review.actions.declarations import GROUNDS
from moonbridge.cooperation.review.models import Allocation, Bid, Conflict, Declaration, Review
from moonbridge.cooperation.review.states import ReviewState, RoundState

pytestmark = pytest.mark.django_db


@pytest.fixture
def made() -> Meeting:
    return Meeting(3, state=RoundState.DECLARING)


def test_what_can_be_declared_is_what_the_page_offers() -> None:
    assert set(get_args(Tie)) == {ground.value for ground in GROUNDS}
    assert set(get_args(Bidding)) == {bid.name.lower() for bid in Bid}


def test_a_reviewer_declares_bids_and_conflicts_once(made: Meeting) -> None:
    seat = made.seat()
    program, path = Program(seat.user), f"/panels/{made.panel.pk}/declarations"
    [panel] = program.read("/panels")
    assert (panel["id"], panel["duty"], panel["to_declare"], panel["due"]) == (str(made.panel.pk), "member", 3, 0)
    told = program.read(path)
    assert [one["proposal"] for one in told["items"]] == sorted(one.code for one in made.proposals)
    assert all(one["institutions"] and one["people"] and one["bid"] is None for one in told["items"])
    keys = [one["id"] for one in told["items"]]
    answers = [{"item": keys[0], "bid": "eager"}, {"item": keys[1], "tie": "family", "words": "My brother leads it."}]
    assert program.post(path, {"answers": answers}) == {"declared": 2, "conflicts": 1}
    assert [one["id"] for one in program.read(path)["items"]] == keys[2:]
    after = program.read(f"{path}?which=declared")
    assert [(one["id"], one["bid"]) for one in after["items"]] == [(keys[0], "eager")]
    [conflict] = after["conflicts"]
    [tie] = conflict["ties"]
    assert (conflict["proposal"], tie["tie"], tie["words"]) == (
        told["items"][1]["proposal"],
        "family",
        "My brother leads it.",
    )
    assert (Declaration.objects.get(seat=seat).bid, Conflict.objects.get().user) == (Bid.EAGER, seat.user)
    program.post(path, {"answers": [{"item": keys[1]}]}, status=400)


def test_where_teams_are_hidden_nobody_is_named() -> None:
    made = Meeting(1, state=RoundState.DECLARING, mode="dual-anonymous")
    [told] = Program(made.seat().user).read(f"/panels/{made.panel.pk}/declarations")["items"]
    assert (told["institutions"], told["people"]) == ([], [])


def test_one_declares_from_a_seat_of_ones_own_only(made: Meeting) -> None:
    path, lost = (f"/panels/{key}/declarations" for key in (made.panel.pk, uuid.uuid4()))
    given = {"answers": [{"item": str(made.items[0].pk)}]}
    others = [made.office, made.proposals[0].members.get().user, builders.person()]
    others.append(made.seat(panel=made.another_panel("Engineers")).user)
    for user in others:
        absent_alike(user, path, lost)
        absent_alike(user, path, lost, given)
    assert [Program(None).get(where).status_code for where in (path, "/panels")] == [401, 401]
    assert Program(made.office).read("/panels") == []


def test_a_conflict_that_was_found_is_in_no_list(made: Meeting) -> None:
    seat = made.seat()
    made.conflict(seat.user, made.items[0])
    program, path = Program(seat.user), f"/panels/{made.panel.pk}/declarations"
    told = program.read(path)
    assert (told["count"], made.proposals[0].code in {one["proposal"] for one in told["items"]}) == (2, False)
    assert (program.read("/panels")[0]["to_declare"], told["conflicts"]) == (2, [])
    program.post(path, {"answers": [{"item": str(made.items[0].pk)}]}, status=400)


def test_stepping_back_is_answered_alike_though_the_conflict_hides_the_review(made: Meeting) -> None:
    review = Review.objects.get(seat=made.member(made.items[0]))
    program, path, lost = Program(review.seat.user), f"/reviews/{review.pk}/recuse", f"/reviews/{uuid.uuid4()}/recuse"
    given = {"reason": "My brother leads it.", "tie": "family"}
    assert program.post(path, given) == {"id": str(review.pk), "state": "recused"}
    assert (Conflict.objects.get().evidence, Allocation.objects.get().asked["aim"]) == (given["reason"], "replace")
    assert program.get(f"/reviews/{review.pk}").status_code == 404
    absent_alike(review.seat.user, path, lost, given)


def test_who_steps_back_or_takes_a_review_from_its_author(made: Meeting) -> None:
    review = Review.objects.get(seat=made.member(made.items[0]))
    path, lost = f"/reviews/{review.pk}/recuse", f"/reviews/{uuid.uuid4()}/recuse"
    conflicted = builders.office_of(made.call.agency)
    made.conflict(conflicted, made.items[0])
    others = [made.chair.user, made.member().user, made.proposals[0].members.get().user, conflicted, builders.person()]
    for user in others:
        absent_alike(user, path, lost, {"reason": "Out."})
    Program(None).post(path, {"reason": "Out."}, status=401)
    assert Program(made.secretary.user).post(path, {"reason": " "}, status=400)["code"] == "input"
    Program(made.secretary.user).post(path, {"reason": "Out."})
    review.refresh_from_db()
    assert (review.state, review.ended_because) == (ReviewState.RECUSED, "Out.")


@pytest.mark.parametrize("which", ["open", "declared"])
def test_lists_ask_the_database_as_often_for_three_as_for_one(which: str) -> None:
    counts = []
    for size in (1, 3):
        made = Meeting(size, state=RoundState.DECLARING)
        seat = made.member(*made.items) if which == "declared" else made.seat()
        program = Program(seat.user)
        for where in (f"/panels/{made.panel.pk}/declarations?which={which}", "/panels"):
            with CaptureQueriesContext(connection) as counted:
                program.read(where)
            counts.append(len(counted))
    assert counts[:2] == counts[2:]
