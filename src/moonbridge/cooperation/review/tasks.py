"""Jobs of the review: reminders by the calendar, and mails."""

from procrastinate import RetryStrategy
from procrastinate.contrib.django import app

from moonbridge.cooperation.review import mails, notices
from moonbridge.cooperation.review.actions import allocations
from moonbridge.cooperation.review.actions.reminders import remind_due
from moonbridge.cooperation.review.models import Allocation, Reminder, Review

_AGAIN = RetryStrategy(max_attempts=8, exponential_wait=4)


@app.periodic(cron="23 * * * *")
@app.task(name="review.remind_due", queueing_lock="review.remind_due", pass_context=False)
def remind_all(timestamp: int) -> None:  # noqa: ARG001 - the scheduler's argument
    """Queue the reminders that the calendars hold; each hour, by the database's clock."""
    remind_due()


@app.task(name=notices.REMIND_TASK, retry=_AGAIN)
def remind(reminder: int) -> None:
    """Mail a reminder, unless nothing is owed any more."""
    seats = Reminder.objects.select_related("seat__user", "seat__panel__round__opportunity", "sent_by")
    mail = mails.reminder(seats.get(pk=reminder))
    if mail is not None:
        mail.send()


@app.task(name=notices.GIVEN_BACK_TASK, retry=_AGAIN)
def tell_given_back(review: str, reason: str) -> None:
    """Mail an author that a review was given back, unless it is not theirs any more."""
    reviews = Review.objects.select_related("seat__user", "item__proposal", "item__panel__round__opportunity")
    mail = mails.given_back(reviews.get(pk=review), reason)
    if mail is not None:
        mail.send()


@app.task(name=notices.ALLOCATE_TASK)
def allocate(allocation: str) -> None:
    """Work out an assignment; one that is finished or cancelled is left alone."""
    held = Allocation.objects.select_related("panel").filter(pk=allocation).first()
    if held is not None:
        allocations.carry_out(held)
