"""Remind borrowers and curators of what is due, each time once."""

from datetime import date
from typing import Final

from django.db import transaction

from moonbridge.cooperation.samples import notices
from moonbridge.cooperation.samples.debts import debts_of, loans_with_parts, today
from moonbridge.cooperation.samples.models import Loan, Reminder
from moonbridge.cooperation.samples.states.lending import OWES

DAYS_BEFORE: Final = (30, 7, 0, -14, -30)
"""How many days before something is due a reminder goes out; below zero it is late."""


def remind_due() -> int:
    """Queue the reminders that are due today and were not sent yet; return how many. For the worker, once a day.

    A worker that was away sends only the latest of those it missed.
    """
    day = today()
    loans = loans_with_parts(Loan.objects.filter(state__in=OWES))
    return sum(_remind(loan, debt.what.value, debt.due, day) for loan in loans for debt in debts_of(loan))


@transaction.atomic
def _remind(loan: Loan, what: str, due: date, day: date) -> bool:
    reached = [days for days in DAYS_BEFORE if (due - day).days <= days]
    if not reached:
        return False
    made, fresh = Reminder.objects.get_or_create(loan=loan, what=what, due=due, days_before=reached[-1])
    if fresh:
        notices.remind(made)
    return fresh
