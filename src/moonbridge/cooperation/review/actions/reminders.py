"""Remind those who owe something: twice by the calendar, and when somebody who runs the panel presses the button."""

from collections.abc import Iterable
from uuid import UUID

from django.db import transaction

from moonbridge.accounts.models import User
from moonbridge.cooperation.review import notices
from moonbridge.cooperation.review import reminding as calendar
from moonbridge.cooperation.review.boards import panels_managed_by
from moonbridge.cooperation.review.models import Panel, Reminder, Seat
from moonbridge.cooperation.review.sight import Sight
from moonbridge.errors import NotAllowed
from moonbridge.record.actions import once
from moonbridge.record.queries import database_now


def remind_due() -> int:
    """Queue the reminders that the calendar holds for this hour, each to those who owe something; return how many. For the worker."""
    now = database_now()
    return sum(
        _remind_by_calendar(panel, one)
        for round_, announced in calendar.due_rounds()
        for one in announced if one.goes_out(now)
        for panel in round_.panels.all()
    )  # fmt: skip


@transaction.atomic
def _remind_by_calendar(panel: Panel, one: calendar.Announced) -> int:
    held = _held(panel)
    return _queue(calendar.owing(held, one.what), calendar.by_calendar(one), by=None)


def remind(panel: Panel, what: calendar.What, *, by: User, command: UUID) -> int:
    """Remind now those who owe something on items that ``by`` may see, at most once a day each; return how many are reminded."""

    def act() -> int:
        if not panels_managed_by(by).filter(pk=panel.pk).exists():
            raise NotAllowed("Only those who run a panel remind its reviewers.")
        held = _held(panel)
        seats = calendar.owing(held, what, Sight(by).managed())
        return _queue(seats, calendar.by_hand(what, database_now()), by=by)

    return once(command, "review.remind", {"panel": str(panel.pk), "what": what.value}, act, by=by)


def _held(panel: Panel) -> Panel:
    """Lock a panel against a second round of reminders, and return it as it stands now."""
    locked = Panel.objects.select_for_update(of=("self",), no_key=True).select_related("round")
    return locked.get(pk=panel.pk)


def _queue(seats: Iterable[Seat], name: str, *, by: User | None) -> int:
    """Queue the reminder called ``name`` to those of the seats that did not get it yet."""
    seats = list(seats)
    had = set(Reminder.objects.filter(seat__in=seats, what=name).values_list("seat_id", flat=True))
    made = Reminder.objects.bulk_create(
        Reminder(seat=seat, what=name, sent_by=by) for seat in seats if seat.pk not in had
    )
    for reminder in made:
        notices.remind(reminder)
    return len(made)
