"""Put mails into the queue, in the transaction of what they tell: no decision without its mail, no mail without its decision."""

from procrastinate.contrib.django import app

from moonbridge.cooperation.samples.models import Loan, Reminder, Request, Transfer

BORROWER_TASK = "samples.tell_borrower"
APPLICANT_TASK = "samples.tell_applicant"
REMIND_TASK = "samples.remind"
TRANSFER_TASK = "samples.ask_receiver"


def tell_borrower(loan: Loan, event: str) -> None:
    """Queue the mail that tells the borrower what happened to a loan."""
    app.configure_task(BORROWER_TASK).defer(loan=str(loan.pk), event=event)


def tell_applicant(request: Request) -> None:
    """Queue the mail that tells the applicant that a request is declined."""
    app.configure_task(APPLICANT_TASK).defer(request=str(request.pk))


def remind(reminder: Reminder) -> None:
    """Queue a reminder to the borrower and to the curators."""
    app.configure_task(REMIND_TASK).defer(reminder=reminder.pk)


def ask_receiver(transfer: Transfer) -> None:
    """Queue the question to the receiver of a transfer."""
    app.configure_task(TRANSFER_TASK).defer(transfer=str(transfer.pk))
