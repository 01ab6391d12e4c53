"""How a loan comes home: when nothing is with its borrower any more, and when nothing is left to be weighed."""

from moonbridge.cooperation.samples.actions.holding import step
from moonbridge.cooperation.samples.debts import today
from moonbridge.cooperation.samples.models import Loan, LoanLine
from moonbridge.cooperation.samples.states.lending import LoanState
from moonbridge.cooperation.samples.stock import OUT_OF_STORE, balances


def close_if_empty(line: LoanLine) -> None:
    """Close a line of which nothing is left to be sent back or weighed: used up, handed on, lost."""
    if not OUT_OF_STORE & balances(line).keys():
        line.closed_on = today()
        line.save(update_fields=["closed_on"])


def lead_home(loan: Loan) -> None:
    """Lead a loan to where its lines are by now, whichever of them left its borrower last and in whichever way."""
    lines = list(loan.lines.all())
    if loan.state == LoanState.ACTIVE and not any(line.is_held for line in lines):
        step(loan, "send back")
    if loan.state == LoanState.RETURNING and not any(line.is_awaited for line in lines):
        step(loan, "weigh")
