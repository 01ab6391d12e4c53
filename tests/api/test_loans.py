"""Loans by JSON: a whole one, each command sent twice and done once; and nobody does, or reads, what is not theirs."""

from uuid import uuid4

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from api.programs import PEOPLE, Program, program_of
from cooperation.samples import lending
from cooperation.samples.lending import MG, House
from moonbridge.cooperation.samples import asking
from moonbridge.cooperation.samples.actions import returning
from moonbridge.cooperation.samples.models import Fulfilment, Inventory, Loan, Report
from moonbridge.engines.ledger.accounts import AccountKind
from moonbridge.ledger.models import Movement

pytestmark = pytest.mark.django_db
COUNTED = {"line": 1, "condition": "changed", "place": "Desiccator 2", "mass": "19.98 mg", "note": "Oxidised."}
DIVIDED = {"line": 1, "parts": ["5 mg", "4000 ug"], "loss": "1 mg", "what": "Cut with a wire saw."}


@pytest.fixture
def house() -> House:
    return House()


def test_a_whole_loan_by_json_is_done_once_though_everything_is_sent_twice(house: House) -> None:
    borrower, office, curator, second = map(Program, (house.borrower, house.office, house.curator, house.second))
    texts = {name: text for name, text in lending.TEXTS.items() if name != "unread"}
    line = {"piece": str(house.powder.pk), "mass": "20 mg", "then": "remainder"}
    made = borrower.post("/sample-requests", {"agency": house.agency.slug, "lines": [line], **texts})
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


CHANGES = {
    "steps/accept-weights": ({"fields": {"reason": "x"}}, {"office": 409, "curator": 409}),
    "steps/ask-extension": ({"fields": {"until": "2020-01-01", "reason": "x"}}, {"borrower": 400}),
    "steps/end-early": ({"fields": {"until": "2020-01-01", "reason": "x"}}, {"office": 400, "curator": 400}),
    "steps/sign": ({}, {"borrower": 409}),
    "weights": ({"lines": [{"line": 1, "mass": "1 mg"}]}, {"borrower": 409, "curator": 409}),
    "reports": ({"line": 1, "kind": "residue", "mass": "1 mg", "what": "x"}, {"borrower": 200}),
    "divisions": (DIVIDED, {"borrower": 200}),
    "inventories": ({"lines": [COUNTED]}, {"borrower": 200}),
    "duties": ({"duty": "data", "reference": "doi:10.1234/grains"}, {"borrower": 200}),
    "waivers": ({"duty": "data", "reason": "The instrument burned."}, {"office": 200, "curator": 200}),
    "send-back": ({"lines": [1]}, {"borrower": 200}),
}


@pytest.mark.parametrize("path", CHANGES)
def test_a_loan_is_changed_by_nobody_whose_it_is_not(house: House, path: str) -> None:
    (given, allowed), loan = CHANGES[path], lending.on_loan(house)
    for who in PEOPLE:
        if who not in allowed:
            program_of(house, who).post(f"/loans/{loan.code}/{path}", given, status=404)
    Program(None).post(f"/loans/{loan.code}/{path}", given, status=401)


@pytest.mark.parametrize(("path", "who"), [(path, who) for path, (_, allowed) in CHANGES.items() for who in allowed])
def test_a_loan_is_changed_by_those_whose_it_is(house: House, path: str, who: str) -> None:
    given, allowed = CHANGES[path]
    loan = lending.on_loan(house)
    program_of(house, who).post(f"/loans/{loan.code}/{path}", given, status=allowed[who])
    without = Client(headers=program_of(house, who).headers)
    answer = without.post(f"/api/v1/loans/{loan.code}/{path}", given, content_type="application/json")
    assert (answer.status_code, answer.json()["code"]) == (400, "input")


@pytest.mark.parametrize(("who", "status"), [("curator", 200), ("office", 404), ("borrower", 404), ("other", 404)])
def test_only_curators_take_returns(house: House, who: str, status: int) -> None:
    loan = lending.sent_back(house)
    box = {"pieces": [{"piece": f"{loan.code}/1", "mass": "20 mg", "sigma": "10 ug"}]}
    Program(getattr(house, who)).post(f"/agencies/{house.agency.slug}/returns", box, status=status)


READERS = {who: 200 if who in {"borrower", "office", "curator", "auditor"} else 404 for who in PEOPLE}


@pytest.mark.parametrize("what", ["reports", "inventories", "duties", "extensions", "transfers", "incidents"])
def test_what_stands_in_a_loan_is_read_by_those_whom_it_concerns(house: House, what: str) -> None:
    loan = lending.on_loan(house)
    statuses = {who: program_of(house, who).get(f"/loans/{loan.code}/{what}").status_code for who in PEOPLE}
    assert statuses == READERS
    assert Program(None).get(f"/loans/{loan.code}/{what}").status_code == 401


def test_a_line_is_divided_into_lines_of_its_own(house: House) -> None:
    loan, borrower = lending.on_loan(house), Program(house.borrower)
    lines = borrower.post(f"/loans/{loan.code}/divisions", DIVIDED)["lines"]
    assert [(line["line"], line["with_borrower"]) for line in lines] == [
        (f"{loan.code}/1", "10 mg"),
        (f"{loan.code}/2", "5 mg"),
        (f"{loan.code}/3", "4 mg"),
    ]
    assert len({line["piece"] for line in lines}) == 3
    (told,) = Program(house.auditor).read(f"/loans/{loan.code}/reports")
    assert (told["line"], told["kind"], told["mass"]) == (f"{loan.code}/1", "sub-split", "10 mg")
    assert Report.objects.count() == 1
    assert lending.held(house, AccountKind.PREP_LOSS) == MG
    lending.require_sound(house)


@pytest.mark.parametrize(
    ("wrong", "status"),
    [
        ({"parts": []}, 400),
        ({"parts": ["5 mg", ""]}, 400),
        ({"parts": ["5 mg", "0 mg"]}, 400),
        ({"parts": ["5 mg\n5 mg"]}, 400),
        ({"parts": ["-5 mg"]}, 400),
        ({"parts": ["0.5 ng"]}, 400),
        ({"what": " "}, 400),
        ({"line": 2}, 400),
        ({"parts": ["19 mg", "1 mg"]}, 409),
        ({"parts": ["9e9 g", "9e9 g"]}, 409),
        ({"loss": "9.2e9 g"}, 409),
    ],
)
def test_a_division_that_cannot_be_changes_nothing(house: House, wrong: dict[str, object], status: int) -> None:
    loan, before = lending.on_loan(house), Movement.objects.count()
    Program(house.borrower).post(f"/loans/{loan.code}/divisions", DIVIDED | wrong, status=status)
    assert (Movement.objects.count(), loan.lines.count()) == (before, 1)


def test_an_inventory_answers_for_every_line_and_is_taken_once(house: House) -> None:
    loan = lending.on_loan(house, lending.powder(house), asking.Line(house.clast.pk, None))
    borrower, path = Program(house.borrower), f"/loans/{loan.code}/inventories"
    partly = borrower.post(path, {"lines": [COUNTED]}, status=400)
    assert partly["numbers"]["lines"] == [f"{loan.code}/2"]
    key, both = uuid4(), {"lines": [{"line": 2, "condition": "missing"}, COUNTED]}
    made = borrower.post(path, both, key=key)
    assert made["lines"] == [
        COUNTED | {"line": f"{loan.code}/1"},
        {"line": f"{loan.code}/2", "condition": "missing", "place": "", "mass": None, "note": ""},
    ]
    assert Program(house.curator).read(path) == [made]
    assert made["on"] == Loan.objects.get().last_inventory_on.isoformat()
    returning.send_back(loan, [loan.lines.get(number=1)], by=house.borrower, command=uuid4())
    assert borrower.post(path, both, key=key) == made
    gone = borrower.post(path, both, status=409)
    assert f"{loan.code}/1 is not with you any more." in gone["sentence"]
    assert Inventory.objects.count() == 1


@pytest.mark.parametrize(
    "lines", [[COUNTED, COUNTED], [COUNTED | {"line": 3}], [COUNTED | {"mass": "some"}], []], ids=str
)
def test_an_inventory_that_cannot_be_read_is_not_taken(house: House, lines: list[dict[str, object]]) -> None:
    loan = lending.on_loan(house)
    Program(house.borrower).post(f"/loans/{loan.code}/inventories", {"lines": lines}, status=400)
    assert not Inventory.objects.exists()


def test_duties_are_met_or_waived_once_each(house: House) -> None:
    loan, borrower, office = lending.on_loan(house), Program(house.borrower), Program(house.office)
    path = f"/loans/{loan.code}"
    met = borrower.post(f"{path}/duties", {"duty": "data", "reference": " doi:10.1234/grains "})
    waived = office.post(f"{path}/waivers", {"duty": "report", "reason": "Nothing was found."})
    assert (met["reference"], met["waived"], waived["waived"]) == ("doi:10.1234/grains", False, True)
    assert borrower.read(f"{path}/duties") == [met, waived]
    assert {one["what"] for one in borrower.read(path)["owed"]} & {"data", "report"} == set()
    again = office.post(f"{path}/waivers", {"duty": "data", "reason": "x"}, status=409)
    assert again["sentence"] == "This duty is met already."
    borrower.post(f"{path}/duties", {"duty": "publications", "reference": " "}, status=400)
    assert Fulfilment.objects.count() == 2


def test_nothing_is_owed_before_a_loan_has_arrived(house: House) -> None:
    loan = lending.prepared(house)
    for who, path, given in (
        (house.borrower, "duties", {"duty": "data", "reference": "x"}),
        (house.office, "waivers", {"duty": "data", "reason": "x"}),
        (house.borrower, "inventories", {"lines": [COUNTED]}),
        (house.borrower, "divisions", DIVIDED),
    ):
        assert Program(who).post(f"/loans/{loan.code}/{path}", given, status=409)["code"] == "wrong-state"


@pytest.mark.parametrize("rows", [1, 3])
def test_what_stands_in_a_loan_takes_as_many_queries_for_three_as_for_one(house: House, rows: int) -> None:
    loan, borrower = lending.on_loan(house), Program(house.borrower)
    for duty in ("report", "data", "publications")[:rows]:
        borrower.post(f"/loans/{loan.code}/duties", {"duty": duty, "reference": "x"})
        used = {"line": 1, "kind": "consumed", "mass": "1 mg", "what": "x", "video_sha256": "e" * 64}
        borrower.post(f"/loans/{loan.code}/reports", used)
        borrower.post(f"/loans/{loan.code}/inventories", {"lines": [COUNTED]})
    for what, most in (("duties", 5), ("reports", 5), ("inventories", 8)):
        with CaptureQueriesContext(connection) as counted:
            assert len(borrower.read(f"/loans/{loan.code}/{what}")) == rows
        assert len(counted) == most, what
