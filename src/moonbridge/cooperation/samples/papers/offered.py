"""Which papers there are of a loan in each of its states."""

from collections.abc import Callable
from typing import Final

from moonbridge.cooperation.samples.models import Loan
from moonbridge.cooperation.samples.states.lending import OUT, OWES, LoanState

_EXISTS: Final[dict[str, Callable[[Loan], bool]]] = {
    "agreement": lambda _loan: True,
    "certificate": lambda loan: bool(loan.certificate),
    "return": lambda loan: loan.state in OUT | OWES | {LoanState.CLOSED},
    "inventory": lambda loan: loan.state in OWES,
}


def offered(loan: Loan) -> list[str]:
    """Return the names of the papers that there are of ``loan`` now."""
    return [name for name, exists in _EXISTS.items() if exists(loan)]
