"""What somebody owes on a day, and whether they get anything new. Nothing of it is stored: it follows from dates alone."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from enum import StrEnum

from moonbridge.engines.lending.policy import Duty, Policy
from moonbridge.engines.lending.terms import delinquent_from, next_inventory


class Owed(StrEnum):
    """What can be owed on a loan."""

    RETURN = "return"
    INVENTORY = "inventory"
    REPORT = "report"
    DATA = "data"
    PUBLICATIONS = "publications"


@dataclass(frozen=True, slots=True)
class Lent:
    """The dates of one loan. ``holds`` says whether the borrower still has any of it; ``fulfilled`` are the duties that are done."""

    id: str
    received: date
    ends: date
    last_inventory: date | None
    holds: bool
    ended: date | None
    fulfilled: frozenset[Duty]


@dataclass(frozen=True, slots=True)
class Debt:
    """Something owed on a loan, since when it is due, and from when its debtor is delinquent for it."""

    loan: str
    what: Owed
    due: date
    delinquent_from: date

    def is_overdue(self, today: date) -> bool:
        """Return whether the day on which it was due is over."""
        return today > self.due

    def is_delinquent(self, today: date) -> bool:
        """Return whether the grace is over as well."""
        return today > self.delinquent_from


def debts(policy: Policy, loan: Lent) -> tuple[Debt, ...]:
    """Return all that is still owed on ``loan``, the next due first: the return and the inventory while material is held, then the duties.

    The duties run from the day on which the material was back, and from the agreed end while it is not.
    """
    due: list[tuple[Owed, date]] = []
    if loan.holds:
        due.append((Owed.RETURN, loan.ends))
        inventory = next_inventory(policy, loan.last_inventory or loan.received)
        due += [(Owed.INVENTORY, inventory)] if inventory else []
    for duty, after in policy.duties.items():
        if duty not in loan.fulfilled and after.used is not None:
            due.append((Owed(duty.value), after.used.after(loan.ended or loan.ends)))
    found = (Debt(loan.id, what, day, delinquent_from(policy, day)) for what, day in due)
    return tuple(sorted(found, key=lambda debt: (debt.due, debt.what)))


def overdue(found: Iterable[Debt], today: date) -> tuple[Debt, ...]:
    """Return the debts whose day is over."""
    return tuple(debt for debt in found if debt.is_overdue(today))


def delinquent(found: Iterable[Debt], today: date) -> tuple[Debt, ...]:
    """Return the debts for which nothing new is lent."""
    return tuple(debt for debt in found if debt.is_delinquent(today))
