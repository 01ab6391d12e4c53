"""Put work into the queue, in the transaction of what it follows from."""

from uuid import UUID

from procrastinate.contrib.django import app

from moonbridge.cooperation.review.models import Allocation, Reminder, Review

ALLOCATE_TASK = "review.allocate"
RECHECK_TASK = "review.recheck"
REMIND_TASK = "review.remind"
GIVEN_BACK_TASK = "review.tell_given_back"


def begin(allocation: Allocation, *, after: int = 0) -> None:
    """Queue an assignment to be worked out, ``after`` so many seconds if it is not finished by then."""
    app.configure_task(ALLOCATE_TASK, schedule_in={"seconds": after}).defer(allocation=str(allocation.pk))


def recheck(round_: UUID) -> None:
    """Queue the search for conflicts that came up since."""
    app.configure_task(RECHECK_TASK).defer(round_=str(round_))


def remind(reminder: Reminder) -> None:
    """Queue a reminder's mail."""
    app.configure_task(REMIND_TASK).defer(reminder=reminder.pk)


def given_back(review: Review, reason: str) -> None:
    """Queue the mail that tells an author that a review is theirs to change again, and why."""
    app.configure_task(GIVEN_BACK_TASK).defer(review=str(review.pk), reason=reason)
