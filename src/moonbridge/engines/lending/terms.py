"""Until when: the end of a loan, its renewals, and the day on which a reservation lapses."""

from datetime import date

from moonbridge.engines.lending.dates import Period, working_day_after
from moonbridge.engines.lending.policy import LENT_FOR, Policy, Purpose, Term
from moonbridge.errors import Refused


def term_of(policy: Policy, purpose: Purpose) -> Term:
    """Return the term of loans for ``purpose``; raises :class:`Refused` where the policy does not lend for it."""
    if purpose not in LENT_FOR or purpose not in policy.terms:
        raise Refused(f"Under {policy.name} nothing is lent for the purpose {purpose.value}.", purpose=purpose.value)
    return policy.terms[purpose]


def latest_end(policy: Policy, purpose: Purpose, start: date) -> date | None:
    """Return the last day of a loan that begins on ``start``; None where the policy states no longest time."""
    longest = term_of(policy, purpose).longest.used
    return longest.after(start) if longest else None


def latest_renewal(policy: Policy, purpose: Purpose, end: date, renewed: int) -> date | None:
    """Return the last day to which a loan can be renewed that ends on ``end`` and was ``renewed`` so many times.

    None where the policy states no longest time of a renewal. Raises :class:`Refused` when it can be renewed no more.
    """
    term = term_of(policy, purpose)
    allowed = term.renewals.used
    if allowed is not None and renewed >= allowed:
        raise Refused(
            f"It was renewed {renewed} times; {policy.name} allows {allowed}.", renewed=renewed, allowed=allowed
        )
    longest = term.renewal.used
    return longest.after(end) if longest else None


def signing_deadline(policy: Policy, sent: date) -> date | None:
    """Return the last day on which an agreement sent on ``sent`` can be signed; then its reservation lapses. None: it never does."""
    days = policy.signing_working_days.used
    return working_day_after(sent, days) if days is not None else None


def next_inventory(policy: Policy, last: date) -> date | None:
    """Return the day on which the next inventory is due after one (or the receipt) on ``last``; None where none is asked for."""
    return policy.inventory.used.after(last) if policy.inventory.used else None


def delinquent_from(policy: Policy, due: date) -> date:
    """Return the first day on which something due on ``due`` makes its debtor delinquent."""
    return (policy.grace.used or Period()).after(due)
