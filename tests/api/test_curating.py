"""The curator's bench by JSON: everything sent twice and done once, exact to the nanogram, and for nobody but a curator of the agency."""

from uuid import uuid4

import pytest
from django.test import Client

import builders
from api.test_lending import Program
from cooperation.samples import lending
from cooperation.samples.lending import House
from moonbridge.accounts.models import RoleKind, Scope
from moonbridge.cooperation.samples.models import Collection, Split
from moonbridge.engines.ledger.accounts import AccountKind
from moonbridge.ledger.models import Movement
from moonbridge.record.models import Entry

pytestmark = pytest.mark.django_db


@pytest.fixture
def house() -> House:
    return House()


def part(mass: str, **more: object) -> dict[str, object]:
    return {"mass": mass, "sigma": "10 ug"} | more


def test_a_collection_from_its_first_sample_to_a_mixture(house: House) -> None:
    curator = Program(house.curator)
    made = curator.post(
        f"/agencies/{house.agency.slug}/collections", {"name": "Soil of Mare Crisium", "material": "powder"}
    )
    assert (made["slug"], made["mission"], made["synthetic"]) == ("soil-of-mare-crisium", None, False)
    arrived = {"name": "L24", "mass": "170.1 g", "sigma": "1 mg", "witness": house.second.email, "material": "powder"}
    sample = curator.post(f"/collections/{made['slug']}/pieces", arrived)
    assert (sample["in_store"], sample["free"], sample["custodian"]) == ("170.1 g", "170.1 g", house.agency.name)
    told = {
        "parts": [part("0.123456789 g"), part("1 g", contamination=1)],
        "loss": "1 ng",
        "witness": house.second.email,
    }
    divided = curator.post(f"/pieces/{sample['id']}/divisions", told)
    assert [(one["name"], one["in_store"], one["contamination"]) for one in divided["parts"]] == [
        ("L24,1", "123.456789 mg", 0),
        ("L24,2", "1 g", 1),
    ]
    assert divided["in_store"] == "168.97654321 g"
    shares = [{"piece": "L24", "mass": "1 g", "sigma": "3 ug"}, {"piece": "L24,2", "mass": "500 mg", "sigma": "4 ug"}]
    mixed = curator.post(f"/collections/{made['slug']}/mixtures", {"shares": shares, "name": "L24 standard"})
    assert (mixed["kind"], mixed["in_store"], mixed["contamination"]) == ("mixture", "1.5 g", 1)
    assert [(one["name"], one["mass"]) for one in mixed["made_of"]] == [("L24", "1 g"), ("L24,2", "500 mg")]
    again = curator.post(f"/pieces/{mixed['id']}/number", {"name": "LS-1", "reason": "One scheme."})
    assert (again["name"], again["aliases"]) == ("LS-1", ["L24 standard"])
    old = curator.get(f"/pieces/{mixed['id']}/bench").json()
    assert (old["in_store"], old["called_now"]) == ("0 g", again["id"])
    held = curator.post(f"/pieces/{again['id']}/custody", {"custodian": "Vault B", "reason": "Flood."})
    assert held["custodian"] == "Vault B"
    book = Collection.objects.get(slug=made["slug"]).book
    assert Movement.objects.filter(book=book).count() == 4
    assert Split.objects.get(name="L24,1").weighings.get().witness == house.second


def test_a_difference_is_signed_by_as_many_as_it_takes(house: House) -> None:
    curator, second = Program(house.curator), Program(house.second)
    path = f"/pieces/{house.clast.pk}/weighings"
    weighed = {"mass": "290 mg", "sigma": "10 ug", "balance": "XP26"}
    found = curator.post(path, weighed)
    assert (found["state"], found["booked"], found["missing"], found["two_officers"]) == (
        "open",
        "300 mg",
        "10 mg",
        True,
    )
    place = f"/weighings/{found['id']}"
    curator.post(f"{place}/signatures", {"reason": ""}, status=400)
    assert curator.post(f"{place}/signatures", {"reason": "Spilled."})["state"] == "signed"
    assert curator.post(f"{place}/signatures", status=409)["code"] == "refused"
    settled = second.post(f"{place}/signatures")
    assert (settled["state"], settled["signatures"], settled["reason"]) == ("settled", 2, "Spilled.")
    assert Program(house.auditor).get(place).json() == settled
    assert lending.held(house, AccountKind.ADJUST) == 10 * lending.MG
    lending.require_sound(house)


@pytest.mark.parametrize(
    ("told", "status", "said"),
    [
        ({"parts": [part("900 mg"), part("200 mg")]}, 409, "T0001 has 1 g free and 0 g set aside for loans; 1.1 g was asked."),
        ({"parts": [part("5 mg"), part("a lot")]}, 400, "is not an amount"),
        ({"parts": [part("5 mg", sigma="")]}, 400, "Say how good the balance is"),
        ({"parts": [part("5 mg", name="T0002")]}, 409, "has a piece “T0002” already"),
        ({"parts": [part("5 mg", kind="mixture")]}, 400, "Select a valid choice"),
        ({"parts": [part("1e-12 mg")]}, 400, "finer than one ng"),
        ({"parts": [part("5 mg")], "witness": "nobody@example.org"}, 400, "no other curator"),
        ({"parts": [part("5 mg")], "loss": "-1 mg"}, 400, "is negative"),
    ],
)  # fmt: skip
def test_what_cannot_be_divided_is_refused_whole(house: House, told: dict[str, object], status: int, said: str) -> None:
    answer = Program(house.curator).post(f"/pieces/{house.powder.pk}/divisions", told, status=status)
    assert said in answer["sentence"]
    assert Split.objects.count() == 2
    assert not Movement.objects.filter(kind="split").exists()


def test_a_class_only_rises(house: House) -> None:
    dirty = house.piece("T0003", 10 * lending.MG, contamination=2)
    answer = Program(house.curator).post(
        f"/pieces/{dirty.pk}/divisions", {"parts": [part("1 mg", contamination=1)]}, status=400
    )
    assert answer["sentence"].endswith("What is made of class 2 cannot be of class 1; the class only rises.")
    assert answer["field"] == "part-0-contamination"


def test_one_key_means_one_thing(house: House) -> None:
    curator, key, path = Program(house.curator), uuid4(), f"/pieces/{house.powder.pk}/divisions"
    curator.post(path, {"parts": [part("5 mg")]}, key=key)
    assert curator.post(path, {"parts": [part("5 mg", kind="mount")]}, key=key, status=409)["code"] == "command-reused"
    no_key = Client(headers=curator.headers).post(f"/api/v1{path}", {"parts": [part("5 mg")]}, "application/json")
    assert (no_key.status_code, no_key.json()["field"]) == (400, "command")
    assert Movement.objects.filter(kind="split").count() == 1


@pytest.mark.parametrize("who", ["office", "auditor", "reviewer", "borrower", "stranger", "elsewhere"])
def test_nobody_but_a_curator_of_the_agency_changes_anything(house: House, who: str) -> None:
    elsewhere = builders.role(RoleKind.CURATOR, Scope.AGENCY, builders.agency())
    program = Program(elsewhere if who == "elsewhere" else getattr(house, who))
    piece, book = f"/pieces/{house.clast.pk}", f"/collections/{house.collection.slug}"
    before = Movement.objects.count(), Split.objects.count(), Entry.objects.count()
    posts: dict[str, dict[str, object]] = {
        f"/agencies/{house.agency.slug}/collections": {"name": "Another"},
        f"{book}/pieces": {"name": "T0009", "mass": "1 mg", "sigma": "1 ug"},
        f"{book}/mixtures": {
            "shares": [{"piece": name, "mass": "1 mg", "sigma": "1 ug"} for name in ("T0001", "T0002")]
        },
        f"{piece}/divisions": {"parts": [part("1 mg")]},
        f"{piece}/number": {"name": "LS-1", "reason": "x"},
        f"{piece}/custody": {"custodian": "Vault B", "reason": "x"},
        f"{piece}/weighings": {"mass": "1 mg", "sigma": "1 ug"},
    }
    for path, told in posts.items():
        assert program.post(path, told, status=404)["code"] == "not-found"
    assert program.get(f"{piece}/bench").status_code == 404
    assert (Movement.objects.count(), Split.objects.count(), Entry.objects.count()) == before


def test_a_stranger_has_no_key(house: House) -> None:
    Program(None).post(f"/pieces/{house.clast.pk}/divisions", {"parts": [part("1 mg")]}, status=401)
    assert Program(None).get(f"/pieces/{house.clast.pk}/bench").status_code == 401
