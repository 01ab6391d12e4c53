"""More time and other people by JSON: asked, answered once however often it is sent, and by nobody whose it is not."""

from datetime import timedelta
from uuid import uuid4

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from api.programs import PEOPLE, Program, program_of
from cooperation.samples import lending
from cooperation.samples.lending import MG, House
from moonbridge.cooperation.samples.actions import changing, using
from moonbridge.cooperation.samples.models import Extension, Loan, LoanLine, Transfer
from moonbridge.engines.ledger.accounts import AccountKind

pytestmark = pytest.mark.django_db


@pytest.fixture
def house() -> House:
    return House()


def asked_for_time(house: House, loan: Loan, days: int = 30) -> Extension:
    until = loan.ends_on + timedelta(days=days)
    return changing.ask_extension(loan, until, reason="The laser broke.", by=loan.borrower, command=uuid4())


def asked_to_pass(house: House, line: LoanLine, *, accepted: bool = False) -> Transfer:
    told = {"institution": "University of Dust", "reason": "The project moves."}
    made = changing.ask_transfer(line, house.other, **told, by=house.borrower, command=uuid4())
    return changing.accept_transfer(made, by=house.other, command=uuid4()) if accepted else made


def test_more_time_is_asked_for_and_granted_once(house: House) -> None:
    loan, borrower, office = lending.on_loan(house), Program(house.borrower), Program(house.office)
    until = (loan.ends_on + timedelta(days=30)).isoformat()
    borrower.post(f"/loans/{loan.code}/steps/ask-extension", {"fields": {"until": until, "reason": "It broke."}})
    (waiting,) = office.read("/loan-extensions")
    assert borrower.read("/loan-extensions") == [waiting]
    assert {name: waiting[name] for name in ("loan", "agency", "ends_on", "until", "reason", "granted")} == {
        "loan": loan.code, "agency": house.agency.slug, "ends_on": loan.ends_on.isoformat(), "until": until,
        "reason": "It broke.", "granted": None,
    }  # fmt: skip
    path = f"/loan-extensions/{waiting['id']}/decide"
    told = office.post(path, {"granted": True, "answer": "Gladly."})
    assert (told["granted"], told["answer"], told["ends_on"]) == (True, "Gladly.", until)
    assert Loan.objects.get().renewed == 1
    assert office.post(path, {"granted": False}, status=409)["sentence"] == "This was decided already."
    assert borrower.read("/loan-extensions") == []
    assert borrower.read(f"/loans/{loan.code}/extensions") == [told]


def test_who_is_delinquent_gets_no_more_time_but_an_answer(house: House) -> None:
    loan = lending.on_loan(house)
    asked, curator = asked_for_time(house, loan), Program(house.curator)
    lending.ended(lending.on_loan(house, lending.powder(house, 5)), 200)
    path = f"/loan-extensions/{asked.pk}/decide"
    assert curator.post(path, {"granted": True}, status=409)["code"] == "refused"
    assert curator.post(path, {"granted": False, "answer": "First send the other back."})["granted"] is False
    assert Loan.objects.get(pk=loan.pk).renewed == 0


def test_an_extension_is_answered_by_officers_alone(house: House) -> None:
    asked, path = asked_for_time(house, lending.on_loan(house)), "/loan-extensions"
    for who in PEOPLE:
        if who not in {"office", "curator"}:
            program_of(house, who).post(f"{path}/{asked.pk}/decide", {"granted": True}, status=404)
    Program(None).post(f"{path}/{asked.pk}/decide", {"granted": True}, status=401)
    readers = {who for who in PEOPLE if program_of(house, who).read(path)}
    assert readers == {"borrower", "office", "curator", "auditor"}
    assert Program(None).get(path).status_code == 401


def test_a_line_passes_to_another_person_who_agrees_and_an_officer_who_approves(house: House) -> None:
    loan, borrower, receiver, office = (
        lending.on_loan(house),
        *map(Program, (house.borrower, house.other, house.office)),
    )
    given = {"line": 1, "email": house.other.email.upper(), "institution": "University of Dust", "country": "GB"}
    asked = borrower.post(f"/loans/{loan.code}/transfers", given | {"reason": "The project moves."})
    assert (asked["line"], asked["country"], asked["approved"], asked["answers"]) == (f"{loan.code}/1", "GB", None, [])
    path = f"/loan-transfers/{asked['id']}"
    assert office.read("/loan-transfers") == office.read(f"/loans/{loan.code}/transfers") == []
    office.post(f"{path}/decide", {"approved": True}, status=404)
    (waiting,) = receiver.read("/loan-transfers")
    assert waiting == asked | {"answers": ["accept"]}
    accept, decide = uuid4(), uuid4()
    assert receiver.post(f"{path}/accept", key=accept)["answers"] == []
    assert [one["answers"] for one in office.read("/loan-transfers")] == [["decide"]]
    decided = office.post(f"{path}/decide", {"approved": True}, key=decide)
    taken = Loan.objects.get(borrower=house.other)
    assert (decided["approved"], decided["became"], decided["answers"]) == (True, taken.code, [])
    assert borrower.read(f"/loans/{loan.code}/transfers") == [decided | {"became": None}]
    assert receiver.read(f"/loans/{taken.code}")["lines"][0]["with_borrower"] == "20 mg"
    assert receiver.post(f"{path}/accept", key=accept) == decided
    assert receiver.post(f"{path}/accept", status=409)["code"] == "wrong-state"
    assert office.post(f"{path}/decide", {"approved": False}, status=409)["code"] == "wrong-state"
    assert receiver.read("/loan-transfers") == office.read("/loan-transfers") == []
    assert lending.held(house, AccountKind.LOAN) == 20 * MG
    lending.require_sound(house)


def test_a_refused_transfer_leaves_all_as_it_was(house: House) -> None:
    loan = lending.on_loan(house)
    asked, office = asked_to_pass(house, lending.first(loan), accepted=True), Program(house.curator)
    assert office.post(f"/loan-transfers/{asked.pk}/decide", {"approved": False})["became"] is None
    assert [one.code for one in Loan.objects.all()] == [loan.code]


@pytest.mark.parametrize(
    ("wrong", "status"),
    [
        ({"email": "nobody@example.org"}, 400),
        ({"email": "not an address"}, 400),
        ({"country": "XX"}, 400),
        ({"institution": " "}, 400),
        ({"reason": ""}, 400),
        ({"line": 7}, 400),
        ({"country": "France"}, 422),
    ],
)
def test_a_transfer_that_cannot_be_is_not_asked_for(house: House, wrong: dict[str, object], status: int) -> None:
    loan = lending.on_loan(house)
    given = {"line": 1, "email": house.other.email, "institution": "University of Dust", "reason": "It moves."}
    Program(house.borrower).post(f"/loans/{loan.code}/transfers", given | wrong, status=status)
    Program(house.borrower).post(f"/loans/{loan.code}/transfers", given | {"email": house.borrower.email}, status=400)
    assert not Transfer.objects.exists()


def test_a_line_is_asked_to_pass_once_at_a_time_and_by_its_borrower(house: House) -> None:
    loan = lending.on_loan(house)
    given = {"line": 1, "email": house.other.email, "institution": "University of Dust", "reason": "It moves."}
    for who in PEOPLE:
        if who != "borrower":
            program_of(house, who).post(f"/loans/{loan.code}/transfers", given, status=404)
    Program(None).post(f"/loans/{loan.code}/transfers", given, status=401)
    Program(house.borrower).post(f"/loans/{loan.code}/transfers", given)
    refused = Program(house.borrower).post(f"/loans/{loan.code}/transfers", given, status=409)
    assert refused["sentence"] == "A transfer of this line is open already."


@pytest.mark.parametrize(
    ("verb", "accepted", "allowed"), [("accept", False, {"other"}), ("decide", True, {"office", "curator"})]
)
def test_a_transfer_is_answered_by_whom_it_waits_for(
    house: House, verb: str, accepted: bool, allowed: set[str]
) -> None:
    asked = asked_to_pass(house, lending.first(lending.on_loan(house)), accepted=accepted)
    for who in PEOPLE:
        if who not in allowed:
            program_of(house, who).post(f"/loan-transfers/{asked.pk}/{verb}", {"approved": True}, status=404)
    Program(None).post(f"/loan-transfers/{asked.pk}/{verb}", {"approved": True}, status=401)
    seen = {who for who in PEOPLE if program_of(house, who).read("/loan-transfers")}
    assert seen == {"borrower", "other"} | ({"office", "curator"} if accepted else set())
    asked.refresh_from_db()
    assert (asked.approved, asked.accepted_at is not None) == (None, accepted)


@pytest.mark.parametrize("rows", [1, 3])
def test_lists_ask_the_database_as_often_for_three_as_for_one(house: House, rows: int) -> None:
    loan = lending.on_loan(house)
    parts = using.sub_split(lending.first(loan), [MG] * rows, what="Cut.", by=house.borrower, command=uuid4())
    for number, line in enumerate(parts):
        changing.decide_transfer(
            asked_to_pass(house, line, accepted=True), approved=number == 0, by=house.office, command=uuid4()
        )
        asked_to_pass(house, line if number else lending.first(loan), accepted=True)
        other = lending.on_loan(house, lending.powder(house, 5))
        asked_for_time(house, other)
        Extension.objects.create(loan=loan, until=loan.ends_on, reason="x", asked_by=house.borrower, granted=False)
    program = Program(house.curator)
    lists = {
        "/loan-extensions": (rows, 2), "/loan-transfers": (rows, 3), f"/loans/{loan.code}/extensions": (rows, 5),
        f"/loans/{loan.code}/transfers": (2 * rows, 6),
    }  # fmt: skip
    for path, (many, most) in lists.items():
        with CaptureQueriesContext(connection) as counted:
            assert len(program.read(path)) == many, path
        assert len(counted) == most, path
