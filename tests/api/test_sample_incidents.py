"""What is missing, by JSON: reported once, looked for by curators, written off by two; and read by those whom it concerns."""

from uuid import uuid4

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from api.programs import PEOPLE, Program, program_of
from cooperation.samples import lending
from cooperation.samples.lending import MG, House
from moonbridge.cooperation.samples.actions import incidents, missing
from moonbridge.cooperation.samples.models import Incident, Loan
from moonbridge.engines.ledger.accounts import AccountKind

pytestmark = pytest.mark.django_db
LOST = {"line": 1, "mass": "2 mg", "what": "It was blown off the stub."}
NOTE = {"public_note": "2 mg of soil were blown away."}


@pytest.fixture
def house() -> House:
    return House()


def reported(house: House, loan: Loan | None = None, milligrams: int = 2) -> Incident:
    line = lending.first(loan or lending.on_loan(house))
    return incidents.report_missing(line, milligrams * MG, what="Gone.", by=house.office, command=uuid4())


def test_what_is_missing_waits_until_it_is_found(house: House) -> None:
    loan, borrower, curator = lending.on_loan(house), Program(house.borrower), Program(house.curator)
    told = borrower.post(f"/loans/{loan.code}/incidents", LOST)
    place = f"loan:{loan.code}/1"
    assert (told["mass"], told["missing_from"].casefold(), told["state"], told["steps"]) == (
        "2 mg", place.casefold(), "open", [],
    )  # fmt: skip
    assert (told["what"], told["public_note"], told["signatures"]) == (LOST["what"], None, 0)
    assert lending.held(house, AccountKind.LOST) == 2 * MG
    path = f"/sample-incidents/{told['id']}"
    assert curator.read(path)["steps"] == ["investigate", "find"]
    assert curator.post(f"{path}/investigate")["state"] == "investigated"
    assert curator.post(f"{path}/investigate", status=409)["code"] == "wrong-state"
    assert curator.read(path)["goes_to"] == told["missing_from"]
    found = curator.post(f"{path}/find")
    assert (found["state"], found["goes_to"], found["steps"]) == ("found", None, [])
    (row,) = borrower.read(f"/loans/{loan.code}/incidents")
    assert found.items() >= row.items()
    assert (lending.held(house, AccountKind.LOST), lending.held(house, AccountKind.LOAN)) == (0, 20 * MG)
    lending.require_sound(house)


def test_two_officers_write_off_each_with_their_own_key(house: House) -> None:
    curator, second, office = map(Program, (house.curator, house.second, house.office))
    lost = reported(house)
    path = f"/sample-incidents/{lost.pk}/write-off"
    assert curator.post(path, NOTE, status=409)["code"] == "wrong-state"
    missing.investigate(lost, by=house.curator, command=uuid4())
    assert "write-off" not in office.read(f"/sample-incidents/{lost.pk}")["steps"]
    office.post(path, NOTE, status=404)
    curator.post(path, {"public_note": " "}, status=400)
    signed = curator.post(path, NOTE)
    assert (signed["state"], signed["signatures"], signed["steps"]) == ("investigated", 1, ["find"])
    curator.post(path, NOTE, status=404)
    assert second.read(f"/sample-incidents/{lost.pk}")["steps"] == ["find", "write-off"]
    over = office.post(path, {})
    assert (over["state"], over["signatures"], over["public_note"]) == ("written-off", 2, NOTE["public_note"])
    assert curator.read(f"/sample-incidents?agency={house.agency.slug}") == []
    assert [one["state"] for one in curator.read("/sample-incidents?over=true")] == ["written-off"]
    assert curator.post(f"/sample-incidents/{lost.pk}/find")["state"] == "found"


@pytest.mark.parametrize(
    ("wrong", "status"),
    [
        ({"line": 9}, 400),
        ({"mass": "nothing"}, 400),
        ({"mass": "0 mg"}, 400),
        ({"what": " "}, 400),
        ({"mass": "21 mg"}, 409),
        ({"mass": "9.2e9 g"}, 409),
    ],
)
def test_what_cannot_be_missing_is_refused(house: House, wrong: dict[str, object], status: int) -> None:
    loan = lending.on_loan(house)
    Program(house.borrower).post(f"/loans/{loan.code}/incidents", LOST | wrong, status=status)
    assert not Incident.objects.exists()


def test_nothing_is_missing_of_a_loan_that_never_left(house: House) -> None:
    loan = lending.prepared(house)
    refused = Program(house.borrower).post(f"/loans/{loan.code}/incidents", LOST, status=409)
    assert refused["sentence"] == "Nothing of this loan is out now."


def test_an_incident_is_reported_by_borrower_and_officers_alone(house: House) -> None:
    loan = lending.on_loan(house)
    for who in PEOPLE:
        may = who in {"borrower", "office", "curator"}
        program_of(house, who).post(f"/loans/{loan.code}/incidents", LOST, status=200 if may else 404)
    Program(None).post(f"/loans/{loan.code}/incidents", LOST, status=401)
    assert Incident.objects.count() == 3


@pytest.mark.parametrize("verb", ["investigate", "find", "write-off"])
def test_an_incident_is_led_on_by_curators_alone(house: House, verb: str) -> None:
    lost = reported(house)
    if verb == "write-off":
        missing.investigate(lost, by=house.curator, command=uuid4())
    for who in PEOPLE:
        if who != "curator":
            program_of(house, who).post(f"/sample-incidents/{lost.pk}/{verb}", NOTE, status=404)
    Program(None).post(f"/sample-incidents/{lost.pk}/{verb}", NOTE, status=401)
    lost.refresh_from_db()
    assert (lost.state, lost.signed_by) == ("investigated" if verb == "write-off" else "open", None)
    Program(house.curator).post(f"/sample-incidents/{lost.pk}/{verb}", NOTE)


def test_an_incident_is_read_by_the_borrower_of_the_loan_and_those_who_keep_the_books(house: House) -> None:
    lost = reported(house)
    lending.on_loan(house, lending.powder(house, 5), by=house.other)
    readers = {who for who in PEOPLE if program_of(house, who).get(f"/sample-incidents/{lost.pk}").status_code == 200}
    listed = {who for who in PEOPLE if program_of(house, who).read("/sample-incidents")}
    assert readers == listed == {"borrower", "office", "curator", "auditor"}
    assert Program(house.curator).read("/sample-incidents?agency=another") == []
    assert {Program(None).get(f"/sample-incidents{end}").status_code for end in ("", f"/{lost.pk}")} == {401}


@pytest.mark.parametrize("rows", [1, 3])
def test_lists_ask_the_database_as_often_for_three_as_for_one(house: House, rows: int) -> None:
    loan, program = lending.on_loan(house), Program(house.curator)
    made = [reported(house, loan) for _ in range(rows)]
    for path, most in (("/sample-incidents", 2), (f"/loans/{loan.code}/incidents", 5)):
        with CaptureQueriesContext(connection) as counted:
            assert [one["id"] for one in program.read(path)] == [str(one.pk) for one in made]
        assert len(counted) == most, path
    assert [one["id"] for one in program.read("/sample-incidents?offset=1&limit=1")] == [
        str(one.pk) for one in made[1:2]
    ]
