"""Requests for samples by JSON: each command sent twice and done once, and nobody does what is not theirs."""

from uuid import uuid4

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from api.programs import PEOPLE, Program, program_of
from cooperation.samples import lending
from cooperation.samples.lending import House
from moonbridge.cooperation.samples.models import Request
from moonbridge.ledger.models import Movement

pytestmark = pytest.mark.django_db


@pytest.fixture
def house() -> House:
    return House()


def wanted(house: House, mass: str = "20 mg", **more: object) -> dict[str, object]:
    texts = {name: text for name, text in lending.TEXTS.items() if name != "unread"}
    line = {"piece": str(house.powder.pk), "mass": mass, "then": "remainder"}
    return {"agency": house.agency.slug, "lines": [line], **texts} | more


def submitted(house: House, mass: str = "20 mg") -> str:
    borrower = Program(house.borrower)
    made = borrower.post("/sample-requests", wanted(house, mass))
    borrower.post(f"/sample-requests/{made['id']}/submit", {"version": made["version"]})
    return str(made["id"])


def test_one_key_means_one_thing(house: House) -> None:
    borrower, key = Program(house.borrower), uuid4()
    borrower.post("/sample-requests", wanted(house), key=key)
    refused = borrower.post("/sample-requests", wanted(house, "21 mg"), key=key, status=409)
    assert refused["code"] == "command-reused"
    assert [row.mass_ng for row in Request.objects.get().lines.all()] == [20 * lending.MG]
    no_key = Client(headers=borrower.headers).post("/api/v1/sample-requests", wanted(house), "application/json")
    assert (no_key.status_code, no_key.json()["field"]) == (400, "command")


def test_the_second_of_two_grants_is_refused_and_sets_nothing_aside(house: House) -> None:
    first, other = submitted(house, "500 mg"), submitted(house, "500 mg")
    Program(house.office).post(f"/sample-requests/{first}/grant")
    answer = Program(house.curator).post(f"/sample-requests/{other}/grant", status=409)
    assert (answer["code"], answer["numbers"]["available"]) == ("does-not-fit", "300 mg")
    assert Movement.objects.filter(kind="reserve").count() == 1


@pytest.mark.parametrize(
    "line",
    [{"mass": "a lot"}, {"mass": "1e-12 mg"}, {"mass": "5 mg", "least": "6 mg"}, {"piece": str(uuid4())}],
)
def test_what_cannot_be_read_is_refused_whole(house: House, line: dict[str, str]) -> None:
    given = wanted(house)
    given["lines"] = [given["lines"][0] | line]  # type: ignore[index]
    Program(house.borrower).post("/sample-requests", given, status=400)
    assert not Request.objects.exists()


def test_a_mass_of_zero_is_no_mass(house: House) -> None:
    made = Program(house.borrower).post("/sample-requests", wanted(house, "0 mg"))
    assert made["hindrances"] == ["Say how much of T0001 you need."]


READS = {"borrower": 200, "office": 200, "curator": 200, "auditor": 200, "reviewer": 200, "other": 404, "stranger": 404}


@pytest.mark.parametrize(("who", "status"), READS.items())
def test_a_request_is_read_by_those_whom_it_concerns(house: House, who: str, status: int) -> None:
    key = submitted(house)
    program = Program(getattr(house, who))
    assert program.get(f"/sample-requests/{key}").status_code == status
    assert [one["id"] for one in program.get("/sample-requests").json()] == [key] * (status == 200)


@pytest.mark.parametrize("rows", [1, 3])
def test_lists_ask_the_database_as_often_for_three_as_for_one(house: House, rows: int) -> None:
    for number in range(rows):
        lending.on_loan(house, lending.powder(house, 5 + number))
    program = Program(house.curator)
    for path, most in (("/sample-requests", 8), ("/loans", 8)):
        with CaptureQueriesContext(connection) as counted:
            assert len(program.get(path).json()) == rows
        assert len(counted) <= most


CHANGES = {
    "submit": ({"version": 3}, {"borrower": 409}),
    "withdraw": ({}, {"borrower": 200}),
    "take-back": ({}, {"borrower": 200}),
    "assess": ({"mark": 5}, {"reviewer": 200, "office": 200}),
    "grant": ({}, {"office": 200, "curator": 200}),
    "decline": ({"reason": "Too little is left."}, {"office": 200, "curator": 200}),
}


@pytest.mark.parametrize("who", PEOPLE)
@pytest.mark.parametrize("verb", CHANGES)
def test_a_request_is_changed_by_those_whose_it_is(house: House, who: str, verb: str) -> None:
    given, allowed = CHANGES[verb]
    key = submitted(house)
    program_of(house, who).post(f"/sample-requests/{key}/{verb}", given, status=allowed.get(who, 404))


def test_nobody_changes_anything_without_a_key_to_the_api(house: House) -> None:
    for path in (f"/sample-requests/{submitted(house)}/grant", "/sample-requests"):
        Program(None).post(path, status=401)
