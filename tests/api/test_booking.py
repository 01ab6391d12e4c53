"""What officers book by their signatures, by JSON: everything sent twice and done once, each signature under its own person's key."""

import pytest

from api.programs import PEOPLE, Program, program_of
from cooperation.samples.lending import House
from cooperation.samples.test_booking import in_store, intake
from moonbridge.cooperation.samples.models import Booking, Incident
from moonbridge.engines.ledger.accounts import AccountKind
from moonbridge.ledger.models import Account

pytestmark = pytest.mark.django_db
MG = 10**6


@pytest.fixture
def house() -> House:
    return House()


def test_a_gift_takes_two_and_can_be_given_up(house: House) -> None:
    curator, office = Program(house.curator), Program(house.office)
    given = {"mass": "1.5 mg", "receiver": "France", "reason": "Against Luna 16."}
    path = f"/pieces/{house.powder.pk}/cessions"
    first, second = curator.post(path, given), curator.post(path, given | {"receiver": "Nobody"})
    assert (first["state"], first["signatures"], first["movement"]) == ("signed", 1, None)
    assert [one["receiver"] for one in office.read("/sample-bookings?waiting=true")] == ["Nobody", "France"]
    assert curator.post(f"/sample-bookings/{first['id']}/signatures", status=409)["code"] == "refused"
    signed = office.post(f"/sample-bookings/{first['id']}/signatures")
    assert (signed["state"], signed["signatures"]) == ("booked", 2)
    assert curator.post(f"/sample-bookings/{second['id']}/drop")["state"] == "dropped"
    assert Account.objects.get(book=house.book, kind=AccountKind.CEDED, balance__gt=0).label == "France"
    assert office.read(f"/sample-bookings/{first['id']}") == signed


def test_a_wrong_intake_is_corrected_and_a_consumption_noted(house: House) -> None:
    curator = Program(house.curator)
    wrong = intake(house, house.powder)
    path = f"/collections/{house.collection.slug}/corrections"
    told = curator.post(path, {"movement": str(wrong.pk), "instead": "1000.1 mg", "reason": "A slip."})
    assert (told["state"], told["corrects"], told["mass"], told["instead"]) == (
        "booked", str(wrong.pk), "1 g", "1.0001 g",
    )  # fmt: skip
    assert curator.post(path, {"movement": str(wrong.pk), "reason": "Again."}, status=409)["code"] == "refused"
    used = curator.post(f"/pieces/{house.powder.pk}/consumptions", {"mass": "100 ug", "reason": "A test."})
    assert (used["kind"], used["state"], in_store(house.powder)) == ("consume", "booked", 1000 * MG)


def test_what_is_missing_from_the_store_becomes_an_incident(house: House) -> None:
    told = Program(house.curator).post(f"/pieces/{house.powder.pk}/incidents", {"mass": "2 mg", "what": "A spill."})
    assert (told["mass"], told["missing_from"]) == ("2 mg", "STORE:T0001")
    assert str(Incident.objects.get().pk) == told["incident"]
    assert Program(house.curator).read(f"/sample-incidents/{told['incident']}")["state"] == "open"


@pytest.mark.parametrize("who", sorted(set(PEOPLE) - {"curator"}))
def test_for_nobody_else(house: House, who: str) -> None:
    given = {"mass": "1 mg", "receiver": "France", "reason": "x", "what": "x"}
    made = Program(house.curator).post(f"/pieces/{house.powder.pk}/cessions", given)
    person = program_of(house, who)
    for verb in ("cessions", "consumptions", "incidents"):
        person.post(f"/pieces/{house.powder.pk}/{verb}", given, status=404)
    wrong = {"movement": str(intake(house, house.powder).pk), "reason": "x"}
    person.post(f"/collections/{house.collection.slug}/corrections", wrong, status=404)
    person.post(f"/sample-bookings/{made['id']}/drop", status=404)
    reads = who in {"office", "auditor"}
    assert person.get(f"/sample-bookings/{made['id']}").status_code == (200 if reads else 404)
    assert len(person.read("/sample-bookings")) == (1 if reads else 0)
    if who != "office":
        person.post(f"/sample-bookings/{made['id']}/signatures", status=404)
        assert Booking.objects.get().state == "signed"
