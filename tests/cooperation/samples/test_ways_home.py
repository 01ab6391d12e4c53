"""However the lines of a loan leave their borrower, and in whichever order: the loan comes to its end."""

from uuid import uuid4

import pytest

from cooperation.samples import lending
from cooperation.samples.lending import MG, SIGMA, House
from moonbridge.cooperation.samples import asking
from moonbridge.cooperation.samples.actions import changing, incidents, missing, returning, using
from moonbridge.cooperation.samples.models import Loan, LoanLine, Reconciliation, ReportKind, Transfer
from moonbridge.cooperation.samples.states.lending import LoanState
from moonbridge.cooperation.samples.weights import Weight
from moonbridge.engines.ledger.accounts import AccountKind
from moonbridge.errors import InputError, NotAllowed, Refused, WrongState

pytestmark = pytest.mark.django_db


@pytest.fixture
def house() -> House:
    return House()


@pytest.fixture
def loan(house: House) -> Loan:
    """Powder (line 1) and a clast (line 2) with their borrower."""
    clast = asking.Line(house.clast.pk, disposition="consume")
    return lending.on_loan(house, lending.powder(house, disposition="consume"), clast)


def lines(loan: Loan) -> list[LoanLine]:
    return list(loan.lines.select_related("loan", "lent", "split__collection__book").order_by("number"))


def back(house: House, loan: Loan, line: LoanLine) -> None:
    returning.send_back(loan, [line], by=loan.borrower, command=uuid4())


def weighed(house: House, line: LoanLine) -> None:
    line.refresh_from_db()
    found = {line.pk: Weight(line.sent_back_ng, SIGMA)}
    returning.weigh_back(house.agency, found, balance="", by=house.curator, command=uuid4())


def handed_on(house: House, line: LoanLine) -> Transfer:
    borrower = line.loan.borrower
    told = {"institution": "University of Dust", "reason": "Moved.", "by": borrower, "command": uuid4()}
    asked = changing.ask_transfer(line, house.other, **told)
    changing.accept_transfer(asked, by=house.other, command=uuid4())
    return changing.decide_transfer(asked, approved=True, by=house.office, command=uuid4())


def used_up(line: LoanLine, mass: int) -> None:
    film = {"video_sha256": "0" * 64, "by": line.loan.borrower, "command": uuid4()}
    using.report(line, ReportKind.CONSUMED, mass, what="All of it.", **film)


def require_closes(house: House, loan: Loan) -> None:
    loan.refresh_from_db()
    assert loan.state == LoanState.WEIGHED
    assert returning.reconcile(loan, by=house.curator, command=uuid4()).state == LoanState.RECONCILED
    assert lending.held(house, AccountKind.TRANSIT) == 0
    lending.require_sound(house)


def test_one_line_is_sent_back_and_the_other_one_handed_on(house: House, loan: Loan) -> None:
    powder, clast = lines(loan)
    back(house, loan, powder)
    handed_on(house, clast)
    loan.refresh_from_db()
    assert loan.state == LoanState.RETURNING
    weighed(house, powder)
    require_closes(house, loan)


def test_one_line_is_back_and_weighed_when_the_other_one_is_handed_on(house: House, loan: Loan) -> None:
    powder, clast = lines(loan)
    back(house, loan, powder)
    weighed(house, powder)
    handed_on(house, clast)
    require_closes(house, loan)


def test_one_line_is_back_and_weighed_when_the_other_one_turns_out_used_up(house: House, loan: Loan) -> None:
    powder, clast = lines(loan)
    back(house, loan, clast)
    weighed(house, clast)
    used_up(powder, 20 * MG)
    back(house, loan, powder)
    require_closes(house, loan)


def test_what_is_left_of_a_line_that_was_partly_used_is_handed_on(house: House, loan: Loan) -> None:
    powder, clast = lines(loan)
    used_up(powder, 5 * MG)
    made = handed_on(house, powder).made
    assert lending.first(made).granted_ng == 15 * MG
    back(house, loan, clast)
    weighed(house, clast)
    require_closes(house, loan)


def test_a_loan_whose_residue_stays_is_not_over_when_the_rest_of_its_line_is_handed_on(
    house: House, loan: Loan
) -> None:
    powder, clast = lines(loan)
    using.report(powder, ReportKind.RESIDUE, MG, what="Left.", by=loan.borrower, command=uuid4())
    handed_on(house, powder)
    back(house, loan, clast)
    loan.refresh_from_db()
    assert loan.state == LoanState.ACTIVE
    residue = lines(loan)[2]
    with pytest.raises(Refused, match="goes back to the lender"):
        handed_on(house, residue)
    back(house, loan, residue)
    weighed(house, residue)
    weighed(house, clast)
    require_closes(house, loan)


def test_a_line_that_is_lost_altogether_on_its_way_back_does_not_hold_up_the_rest(house: House, loan: Loan) -> None:
    powder, clast = lines(loan)
    returning.send_back(loan, [powder, clast], by=loan.borrower, command=uuid4())
    weighed(house, clast)
    lost = {"what": "The parcel was empty.", "by": house.curator, "command": uuid4()}
    incident = incidents.report_missing(powder, 20 * MG, **lost)
    require_closes(house, loan)
    missing.find(incident, by=house.curator, command=uuid4())
    assert lending.held(house, AccountKind.STORE) == 1300 * MG
    lending.require_sound(house)


def differing(house: House) -> Loan:
    """A loan of two lines that is back: the powder agrees, the clast lacks more than one officer may sign for."""
    loan = lending.sent_back(house, lending.powder(house), asking.Line(house.clast.pk, disposition="remainder"))
    powder, clast = lines(loan)
    found = {powder.pk: Weight(20 * MG, SIGMA), clast.pk: Weight(290 * MG, SIGMA)}
    return returning.weigh_back(house.agency, found, balance="", by=house.curator, command=uuid4())[0]


@pytest.mark.parametrize("second", ["office", "second"])
def test_the_office_countersigns_a_loan_of_which_one_line_agrees(house: House, second: str) -> None:
    loan = differing(house)
    returning.reconcile(loan, reason="Broken.", by=house.curator, command=uuid4())
    loan = returning.reconcile(loan, by=getattr(house, second), command=uuid4())
    assert loan.state == LoanState.RECONCILED
    signed = {one.issued: (one.signed_by, one.countersigned_by) for one in Reconciliation.objects.all()}
    assert signed == {
        20 * MG: (house.curator, None), 300 * MG: (house.curator, getattr(house, second)),
    }  # fmt: skip
    lending.require_sound(house)


def test_the_office_alone_closes_no_loan(house: House) -> None:
    loan = differing(house)
    with pytest.raises(NotAllowed):
        returning.reconcile(loan, reason="Broken.", by=house.office, command=uuid4())


def test_what_should_have_come_back_intact_and_was_used_up_altogether_takes_two_officers(house: House) -> None:
    loan = lending.on_loan(house, lending.powder(house, disposition="intact"))
    (powder,) = lines(loan)
    used_up(powder, 20 * MG)
    back(house, loan, powder)
    with pytest.raises(InputError):
        returning.reconcile(loan, by=house.curator, command=uuid4())
    loan = returning.reconcile(loan, reason="By mistake.", by=house.curator, command=uuid4())
    assert loan.state == LoanState.WEIGHED
    assert returning.reconcile(loan, by=house.office, command=uuid4()).state == LoanState.RECONCILED


def test_what_is_back_and_weighed_is_not_missing_on_its_way(house: House, loan: Loan) -> None:
    powder, _clast = lines(loan)
    back(house, loan, powder)
    weighed(house, powder)
    lost = {"what": "Gone.", "by": house.curator, "command": uuid4()}
    with pytest.raises(WrongState):
        incidents.report_missing(powder, MG, **lost)
    assert lending.held(house, AccountKind.LOST) == 0
