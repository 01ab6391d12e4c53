"""Samples for programs: pieces for everybody, loans for those whom they concern."""

import pytest
from django.test import Client

from cooperation.samples.lending import House, granted
from moonbridge.accounts.actions import make_token
from moonbridge.accounts.models import User

pytestmark = pytest.mark.django_db


def program(user: User | None) -> Client:
    return Client(headers={"Authorization": f"Bearer {make_token('script', by=user)}"} if user else {})


def test_everybody_lists_the_pieces_and_what_is_free_of_them() -> None:
    house = House()
    granted(house)
    found = program(None).get("/api/v1/pieces", {"collection": house.collection.slug}).json()
    assert [piece["name"] for piece in found] == ["T0001", "T0002"]
    assert program(None).get(f"/api/v1/pieces/{house.powder.pk}").json()["name"] == "T0001"
    assert program(None).get("/api/v1/samples").json().keys() >= {"batches", "rounds"}


@pytest.mark.parametrize(
    ("who", "status"),
    [("borrower", 200), ("curator", 200), ("office", 200), ("auditor", 200), ("other", 404), ("stranger", 404)],
)
def test_a_loan_is_read_by_those_whom_it_concerns(who: str, status: int) -> None:
    house = House()
    loan = granted(house)
    client = program(getattr(house, who))
    assert client.get(f"/api/v1/loans/{loan.code}").status_code == status
    assert [one["code"] for one in client.get("/api/v1/loans").json()] == [loan.code] * (status == 200)


def test_nobody_reads_loans_without_a_key() -> None:
    loan = granted(House())
    assert {program(None).get(path).status_code for path in ("/api/v1/loans", f"/api/v1/loans/{loan.code}")} == {401}
