"""What came back, or never left, is lent again like any other piece."""

from uuid import uuid4

import pytest

from cooperation.samples import lending
from cooperation.samples.lending import MG, House
from moonbridge.cooperation.samples import asking
from moonbridge.cooperation.samples.actions import granting, requesting, returning, using
from moonbridge.cooperation.samples.models import Loan, ReportKind
from moonbridge.cooperation.samples.queries import showing
from moonbridge.errors import InputError

pytestmark = pytest.mark.django_db


@pytest.fixture
def house() -> House:
    return House()


def listed(house: House) -> dict[str, int]:
    """What the catalogue offers of each piece, in milligrams."""
    found = showing.shown(list(showing.found()), showing.policies())
    return {one.split.name: one.available // MG for one in found}


def lent_from(house: House, loan: Loan) -> Loan:
    """A loan of what another loan was made of, to somebody else."""
    piece = lending.first(loan).lent
    return lending.on_loan(house, asking.Line(piece.pk, 5 * MG, disposition="remainder"), by=house.other)


def test_a_portion_is_in_no_list_while_a_loan_has_it_and_in_all_once_it_is_back(house: House) -> None:
    loan = lending.on_loan(house)
    piece = lending.first(loan).lent
    assert listed(house) == {"T0001": 780, "T0002": 300}
    begun = requesting.begin(house.agency, by=house.other, command=uuid4())
    with pytest.raises(InputError, match="not in the catalogue"):
        requesting.add(begun, piece, by=house.other, command=uuid4())
    back = lending.weighed_back(house, lending.powder(house, 10))
    assert listed(house) == {"T0001": 770, "T0002": 300}
    returning.reconcile(back, by=house.curator, command=uuid4())
    assert listed(house) == {"T0001": 770, "T0001,2": 8, "T0002": 300}


def test_what_came_back_is_lent_again_and_stays_in_the_catalogue_meanwhile(house: House) -> None:
    loan = returning.reconcile(lending.weighed_back(house), by=house.curator, command=uuid4())
    again = lent_from(house, loan)
    assert lending.first(again).lent.name == "T0001,2"
    assert listed(house) == {"T0001": 780, "T0001,1": 11, "T0002": 300}
    lending.require_sound(house)


def test_what_was_weighed_out_for_a_loan_that_was_cancelled_is_lent_to_somebody_else(house: House) -> None:
    loan = lending.prepared(house)
    assert "T0001,1" not in listed(house)
    granting.cancel(loan, reason="Not needed.", by=house.curator, command=uuid4())
    assert listed(house) == {"T0001": 780, "T0001,1": 16, "T0002": 300}
    assert lent_from(house, loan).state == "active"


def test_a_portion_that_was_used_up_is_not_listed(house: House) -> None:
    loan = lending.on_loan(house, lending.powder(house, disposition="consume"))
    line = lending.first(loan)
    film = {"video_sha256": "0" * 64, "by": loan.borrower, "command": uuid4()}
    using.report(line, ReportKind.CONSUMED, 20 * MG, what="All of it.", **film)
    loan = returning.send_back(loan, [line], by=loan.borrower, command=uuid4())
    returning.reconcile(loan, by=house.curator, command=uuid4())
    assert "T0001,1" not in listed(house)
