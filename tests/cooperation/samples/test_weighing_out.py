"""What may be weighed out, and which uncertainties count: a loan is as large as was granted, and closes by the lender's balances."""

from uuid import uuid4

import pytest

from cooperation.samples import lending
from cooperation.samples.lending import MG, SIGMA, House
from moonbridge.cooperation.samples import asking
from moonbridge.cooperation.samples.actions import changing, preparing, returning, using
from moonbridge.cooperation.samples.models import Loan, LoanLine
from moonbridge.cooperation.samples.states.lending import LoanState
from moonbridge.cooperation.samples.weights import Weight
from moonbridge.engines.ledger.accounts import AccountKind
from moonbridge.errors import DoesNotFit, InputError

pytestmark = pytest.mark.django_db


@pytest.fixture
def house() -> House:
    return House()


def weigh_out(house: House, loan: Loan, mass: int) -> Loan:
    found = {lending.first(loan).pk: Weight(mass, SIGMA)}
    return preparing.weigh_out(loan, found, balance="XP26", by=house.curator, command=uuid4())


@pytest.mark.parametrize(("granted", "most"), [(20, 20 * MG + MG // 2), (400, 402 * MG)])
def test_no_more_is_weighed_out_than_was_granted_but_for_half_a_milligram_or_half_a_percent(
    house: House, granted: int, most: int
) -> None:
    loan = lending.certified(house, lending.powder(house, granted))
    for mass in (most + 1, 2000 * MG):
        with pytest.raises(InputError, match="was granted"):
            weigh_out(house, loan, mass)
    loan.refresh_from_db()
    assert loan.prepared_by is None
    weigh_out(house, loan, most)
    loan = preparing.prepare(loan, by=house.second, command=uuid4())
    assert lending.held(house, AccountKind.STORE) == 1300 * MG
    assert lending.first(loan).issued_ng == most


def test_less_than_was_granted_may_be_weighed_out(house: House) -> None:
    loan = lending.certified(house)
    weigh_out(house, loan, 12 * MG)
    assert preparing.prepare(loan, by=house.second, command=uuid4()).state == LoanState.PREPARED


def test_the_reserve_floor_is_not_weighed_out(house: House) -> None:
    loan = lending.certified(house, lending.powder(house, 800))
    with pytest.raises(DoesNotFit, match="800 mg available"):
        weigh_out(house, loan, 800 * MG + 1)
    weigh_out(house, loan, 800 * MG)
    assert preparing.prepare(loan, by=house.second, command=uuid4()).state == LoanState.PREPARED


def test_what_others_were_promised_meanwhile_is_not_weighed_out(house: House) -> None:
    loan = lending.certified(house)
    weigh_out(house, loan, 20 * MG + 100)
    lending.granted(house, lending.powder(house, 780), by=house.other)
    with pytest.raises(DoesNotFit):
        preparing.prepare(loan, by=house.second, command=uuid4())
    weigh_out(house, loan, 20 * MG)
    assert preparing.prepare(loan, by=house.second, command=uuid4()).state == LoanState.PREPARED


def test_a_clast_weighs_what_it_weighs(house: House) -> None:
    loan = lending.certified(house, asking.Line(house.clast.pk, disposition="intact"))
    weigh_out(house, loan, 301 * MG)
    loan = preparing.prepare(loan, by=house.second, command=uuid4())
    assert lending.first(loan).issued_ng == 301 * MG
    lending.require_sound(house)


BAD = 10 * MG
"""An uncertainty that would explain the loss of half a loan."""


def received(house: House, off: int, *lines: asking.Line) -> Loan:
    """A loan that arrived on a borrower's bad balance, lighter than it left."""
    loan = lending.prepared(house, *lines)
    preparing.dispatch(loan, carrier="By hand", by=house.curator, command=uuid4())
    found = {line.pk: Weight(line.issued_ng + off, BAD) for line in loan.lines.all()}
    return preparing.receive(loan, found, by=house.borrower, command=uuid4())


def returned(house: House, line: LoanLine, short: int) -> Loan:
    """The loan of a line that comes back so much lighter, weighed on the lender's balance."""
    returning.send_back(line.loan, [line], by=line.loan.borrower, command=uuid4())
    line.refresh_from_db()
    found = {line.pk: Weight(line.sent_back_ng - short, SIGMA)}
    return returning.weigh_back(house.agency, found, balance="", by=house.curator, command=uuid4())[0]


def test_a_borrowers_bad_balance_explains_nothing_that_is_missing(house: House) -> None:
    assert received(house, -3 * SIGMA).state == LoanState.RECEIVED
    assert received(house, -2 * SIGMA).state == LoanState.ACTIVE


def test_parts_are_measured_by_the_lenders_balance(house: House) -> None:
    loan = received(house, 0)
    told = {"what": "Quartered.", "by": house.borrower, "command": uuid4()}
    (part,) = using.sub_split(lending.first(loan), [400_000], **told)
    returning.send_back(loan, [lending.first(loan)], by=house.borrower, command=uuid4())
    whole = lending.first(loan)
    found = {whole.pk: Weight(whole.sent_back_ng, SIGMA)}
    returning.weigh_back(house.agency, found, balance="", by=house.curator, command=uuid4())
    loan = returned(house, part, short=399_000)
    assert returning.reconcile(loan, reason="Static.", by=house.curator, command=uuid4()).state == LoanState.WEIGHED


def test_what_was_handed_on_is_measured_by_the_lenders_balance(house: House) -> None:
    line = lending.first(received(house, 0))
    told = {"institution": "University of Dust", "reason": "Moved.", "by": house.borrower, "command": uuid4()}
    asked = changing.ask_transfer(line, house.other, **told)
    changing.accept_transfer(asked, by=house.other, command=uuid4())
    made = changing.decide_transfer(asked, approved=True, by=house.office, command=uuid4()).made
    loan = returned(house, lending.first(made), short=5 * SIGMA)
    with pytest.raises(InputError):
        returning.reconcile(loan, by=house.curator, command=uuid4())
