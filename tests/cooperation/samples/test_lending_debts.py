"""Who gets nothing new: an institution is known by what a loan says of it and by the accounts of its people."""

import pytest

import builders
from cooperation.samples import lending
from cooperation.samples.lending import House
from moonbridge.cooperation.samples.debts import delinquency, today

pytestmark = pytest.mark.django_db


@pytest.fixture
def house() -> House:
    """An agency to which somebody of the University of Dust owes a return for long."""
    house = House()
    lending.ended(lending.on_loan(house, by=house.other), days=31)
    return house


@pytest.mark.parametrize("written", ["University of Dust", " university of dust ", "Univ. of Dust", ""])
def test_a_colleague_gets_nothing_however_the_request_spells_their_institution(house: House, written: str) -> None:
    colleague = builders.person(institution="University of DUST", country="GB")
    assert [debt.what.value for debt in delinquency(colleague, written, today())] == ["return"]


def test_nor_does_who_left_the_account_without_an_institution_and_names_it_in_the_request(house: House) -> None:
    visitor = builders.person(institution="")
    assert delinquency(visitor, "University of Dust", today())
    assert not delinquency(visitor, "", today())


def test_a_loan_that_spelled_the_institution_otherwise_counts_by_the_account_of_its_borrower(house: House) -> None:
    house.other.sample_loans.update(institution="Univ. of Dust")
    colleague = builders.person(institution="University of Dust", country="GB")
    assert delinquency(colleague, "University of Dust", today())


def test_people_of_other_institutions_are_no_debtors(house: House) -> None:
    assert not delinquency(house.borrower, "Institute of Basalt", today())
    assert not delinquency(builders.person(institution=""), "Institute of Basalt", today())
