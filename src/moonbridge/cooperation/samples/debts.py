"""What is owed on loans, worked out from their dates whenever somebody asks; nothing of it is stored."""

from datetime import date

from django.db.models import Prefetch, Q, QuerySet

from moonbridge.accounts.models import User
from moonbridge.cooperation.samples.models import Loan, LoanLine
from moonbridge.cooperation.samples.states.lending import OWES, LoanState
from moonbridge.engines.lending.policy import Duty
from moonbridge.engines.lending.standing import Debt, Lent, debts, delinquent
from moonbridge.record.queries import database_now


def today() -> date:
    """Return the day by the database's clock, in UTC."""
    return database_now().date()


def loans_with_parts(loans: QuerySet[Loan]) -> QuerySet[Loan]:
    """Return the loans with what pages and the engine ask of them, in a fixed number of queries."""
    lines = LoanLine.objects.select_related("split__collection__book", "lent__collection__book", "loan")
    return loans.select_related("agency", "borrower").prefetch_related(Prefetch("lines", lines), "fulfilments")


def lent_of(loan: Loan) -> Lent | None:
    """Return the dates of a loan (with its lines and fulfilments) as the engine takes them; None before it was received."""
    if loan.state not in OWES or loan.received_on is None or loan.ends_on is None:
        return None
    holds = loan.state in {LoanState.RECEIVED, LoanState.ACTIVE} and any(line.is_held for line in loan.lines.all())
    fulfilled = frozenset(Duty(one.duty) for one in loan.fulfilments.all())
    return Lent(
        loan.code, loan.received_on, loan.ends_on, loan.last_inventory_on, holds=holds, ended=_sent_on(loan),
        fulfilled=fulfilled,
    )  # fmt: skip


def _sent_on(loan: Loan) -> date | None:
    """Return the day on which the last of the material left the borrower, None while some is there."""
    days = [line.sent_back_on or line.closed_on for line in loan.lines.all()]
    return max(day for day in days if day) if days and all(days) else None


def debts_of(loan: Loan) -> tuple[Debt, ...]:
    """Return what is still owed on a loan."""
    found = lent_of(loan)
    return debts(loan.policy, found) if found else ()


def owed_by(user: User, institution: str) -> list[Debt]:
    """Return all that the person, or the institution, owes on any loan.

    The institution is the one that a request or a loan names, and the one of the account as well, on both sides: who writes it in
    another way in one of the two owes no less.
    """
    who = Q(borrower=user)
    for name in {institution.strip(), user.institution.strip()} - {""}:
        who |= Q(institution__iexact=name) | Q(borrower__institution__iexact=name)
    found = loans_with_parts(Loan.objects.filter(who, state__in=OWES))
    return [debt for loan in found for debt in debts_of(loan)]


def delinquency(user: User, institution: str, on: date) -> tuple[Debt, ...]:
    """Return the debts for which neither the person nor the institution gets anything new on that day."""
    return delinquent(owed_by(user, institution), on)
