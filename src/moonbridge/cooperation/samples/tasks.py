"""Jobs: what lapses, what is due, and the mails to borrowers, applicants and curators."""

from procrastinate import RetryStrategy
from procrastinate.contrib.django import app

from moonbridge.accounts.models import User
from moonbridge.cooperation.samples import mails, notices
from moonbridge.cooperation.samples.actions import auditing
from moonbridge.cooperation.samples.actions.granting import again, lapse_due
from moonbridge.cooperation.samples.actions.reminding import remind_due
from moonbridge.cooperation.samples.models import Collection, Reminder, Request, Transfer

_AGAIN = RetryStrategy(max_attempts=8, exponential_wait=4)


@app.periodic(cron="7 * * * *")
@app.task(name="samples.lapse_due", queueing_lock="samples.lapse_due", pass_context=False)
def lapse(timestamp: int) -> None:  # noqa: ARG001 - the scheduler's argument
    """Free what was set aside for loans that nobody signed in time; each hour, by the database's clock."""
    lapse_due()


@app.periodic(cron="30 5 * * *")
@app.task(name="samples.remind_due", queueing_lock="samples.remind_due", pass_context=False)
def remind_all(timestamp: int) -> None:  # noqa: ARG001 - the scheduler's argument
    """Remind both sides of what is due; each day."""
    remind_due()


@app.task(name=notices.BORROWER_TASK, retry=_AGAIN)
def tell_borrower(loan: str, event: str) -> None:
    """Mail the borrower what happened, in the borrower's language."""
    mails.news(again(loan), event).send()


@app.task(name=notices.APPLICANT_TASK, retry=_AGAIN)
def tell_applicant(request: str) -> None:
    """Mail the applicant that a request is declined, with the reason."""
    mails.declined(Request.objects.select_related("agency", "by").get(pk=request)).send()


@app.task(name=notices.REMIND_TASK, retry=_AGAIN)
def remind(reminder: int) -> None:
    """Mail a reminder to the borrower and to each curator; one that is not owed any more is not sent."""
    held = Reminder.objects.select_related("loan__agency", "loan__borrower").get(pk=reminder)
    for mail in mails.reminders(held):
        mail.send()


@app.task(name=notices.TRANSFER_TASK, retry=_AGAIN)
def ask_receiver(transfer: str) -> None:
    """Ask the receiver of a transfer whether they take it over."""
    mails.question(Transfer.objects.select_related("line__loan", "line__split", "to").get(pk=transfer)).send()


@app.task(name=auditing.TASK)
def audit(collection: str, by: str) -> None:
    """Audit a large book that somebody asked to be audited."""
    found = Collection.objects.select_related("agency", "book").get(pk=collection)
    auditing.carry_out(found, by=User.objects.get(pk=by))
