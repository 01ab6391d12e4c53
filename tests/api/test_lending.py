"""Lending by JSON: a whole loan, each command sent twice and done once, and nobody does what is not theirs."""

from uuid import uuid4

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from cooperation.samples import lending
from cooperation.samples.lending import House
from moonbridge.accounts.actions import make_token
from moonbridge.accounts.models import User
from moonbridge.cooperation.samples.models import Loan, Report, Request
from moonbridge.engines.ledger.accounts import AccountKind
from moonbridge.ledger.models import Movement

pytestmark = pytest.mark.django_db


class Program:
    """Sends each change twice under one key, as a program on a bad line does, and finds both answers alike."""

    def __init__(self, user: User | None) -> None:
        self.headers = {"Authorization": f"Bearer {make_token('script', by=user)}"} if user else {}

    def get(self, path: str):
        return Client(headers=self.headers).get(f"/api/v1{path}")

    def post(self, path: str, given: dict | None = None, *, key: object = None, status: int = 200):
        headers = self.headers | {"Idempotency-Key": str(key or uuid4())}
        answers = [
            Client(headers=headers).post(f"/api/v1{path}", given or {}, content_type="application/json")
            for _ in range(2)
        ]
        assert [answer.status_code for answer in answers] == [status] * 2, answers[0].content
        assert answers[0].json() == answers[1].json()
        return answers[0].json()


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


def test_a_whole_loan_by_json_is_done_once_though_everything_is_sent_twice(house: House) -> None:
    borrower, office, curator, second = map(Program, (house.borrower, house.office, house.curator, house.second))
    made = borrower.post("/sample-requests", wanted(house))
    assert (made["missing"], made["hindrances"], made["lines"][0]["mass"]) == ([], [], "20 mg")
    request = f"/sample-requests/{made['id']}"
    assert borrower.post(f"{request}/submit", {"version": made["version"]})["state"] == "submitted"
    Program(house.reviewer).post(f"{request}/assess", {"mark": 8})
    loan = office.post(f"{request}/grant")
    path = f"/loans/{loan['code']}"
    assert (loan["state"], Loan.objects.count(), loan["steps"]) == ("approved", 1, ["send-agreement", "cancel"])
    office.post(f"{path}/steps/send-agreement")
    assert borrower.get(path).json()["steps"] == ["sign"]
    borrower.post(f"{path}/steps/sign")
    assert office.post(f"{path}/steps/certify", {"fields": {"number": "C-1"}})["state"] == "certified"
    weight = {"lines": [{"line": 1, "mass": "20.01 mg", "sigma": "10 ug"}], "balance": "XP26"}
    curator.post(f"{path}/weights", weight)
    assert second.post(f"{path}/steps/prepare")["state"] == "prepared"
    curator.post(f"{path}/steps/dispatch", {"fields": {"carrier": "By hand"}})
    assert borrower.post(f"{path}/weights", weight)["state"] == "active"
    used = {"line": 1, "kind": "consumed", "mass": "2 mg", "what": "Dissolved.", "video_sha256": "A" * 64}
    assert borrower.post(f"{path}/reports", used)["lines"][0]["consumed"] == "2 mg"
    assert Report.objects.count() == 1
    assert borrower.post(f"{path}/send-back", {"lines": [1]})["state"] == "returning"
    box = {"pieces": [{"piece": f"{loan['code']}/1", "mass": "18.01 mg", "sigma": "10 ug"}]}
    (back,) = curator.post(f"/agencies/{house.agency.slug}/returns", box)
    assert back["state"] == "weighed"
    assert curator.post(f"{path}/steps/reconcile", {"fields": {"reason": ""}})["state"] == "reconciled"
    assert lending.held(house, AccountKind.CONSUMED) == 2 * lending.MG
    assert lending.held(house, AccountKind.LOAN) == 0
    lending.require_sound(house)


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


@pytest.mark.parametrize("who", ["borrower", "office", "curator", "auditor", "reviewer", "other", "stranger"])
@pytest.mark.parametrize("verb", CHANGES)
def test_a_request_is_changed_by_those_whose_it_is(house: House, who: str, verb: str) -> None:
    given, allowed = CHANGES[verb]
    key = submitted(house)
    Program(getattr(house, who)).post(f"/sample-requests/{key}/{verb}", given, status=allowed.get(who, 404))


STEPS = {
    "steps/accept-weights": ({"fields": {"reason": "x"}}, {"office": 409, "curator": 409}),
    "steps/ask-extension": ({"fields": {"until": "2020-01-01", "reason": "x"}}, {"borrower": 400}),
    "steps/sign": ({}, {"borrower": 409}),
    "weights": ({"lines": [{"line": 1, "mass": "1 mg"}]}, {"borrower": 409, "curator": 409}),
    "reports": ({"line": 1, "kind": "residue", "mass": "1 mg", "what": "x"}, {"borrower": 200}),
    "send-back": ({"lines": [1]}, {"borrower": 200}),
}


@pytest.mark.parametrize("who", ["borrower", "office", "curator", "auditor", "reviewer", "other", "stranger"])
@pytest.mark.parametrize("path", STEPS)
def test_a_loan_is_changed_by_those_whose_it_is(house: House, who: str, path: str) -> None:
    given, allowed = STEPS[path]
    loan = lending.on_loan(house)
    Program(getattr(house, who)).post(f"/loans/{loan.code}/{path}", given, status=allowed.get(who, 404))


@pytest.mark.parametrize(("who", "status"), [("curator", 200), ("office", 404), ("borrower", 404), ("other", 404)])
def test_only_curators_take_returns(house: House, who: str, status: int) -> None:
    loan = lending.sent_back(house)
    box = {"pieces": [{"piece": f"{loan.code}/1", "mass": "20 mg", "sigma": "10 ug"}]}
    Program(getattr(house, who)).post(f"/agencies/{house.agency.slug}/returns", box, status=status)


def test_nobody_changes_anything_without_a_key_to_the_api(house: House) -> None:
    key, loan = submitted(house), lending.on_loan(house)
    for path in (f"/sample-requests/{key}/grant", f"/loans/{loan.code}/steps/sign", "/sample-requests"):
        Program(None).post(path, status=401)
