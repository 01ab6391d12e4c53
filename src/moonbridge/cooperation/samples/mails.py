"""Mails on loans: one to each person, in that person's language."""

from collections.abc import Iterator, Mapping
from typing import Any, Final

from django.conf import settings
from django.core.mail import EmailMessage
from django.template.loader import render_to_string
from django.urls import reverse
from django.utils import translation
from django.utils.translation import gettext as _
from django.utils.translation import gettext_noop

from moonbridge.accounts.models import RoleKind, Scope, User
from moonbridge.accounts.queries import holders
from moonbridge.cooperation.samples.debts import debts_of, loans_with_parts
from moonbridge.cooperation.samples.models import Loan, Reminder, Request, Transfer
from moonbridge.cooperation.samples.words import OWED

EVENTS: Final[Mapping[str, str]] = {
    "granted": gettext_noop("Your request is granted; the material is set aside for you."),
    "agreement": gettext_noop("The agreement is ready. Read and sign it before the day named below."),
    "lapsed": gettext_noop("The agreement was not signed in time; the material is free for others again."),
    "cancelled": gettext_noop("The loan is cancelled; the material is free for others again."),
    "dispatched": gettext_noop("The material is on its way. Weigh each piece when it arrives, and confirm it."),
    "extended": gettext_noop("Your extension is granted."),
    "not-extended": gettext_noop("Your extension is refused; the end stays as it was."),
    "ended-early": gettext_noop("The lender calls the material back before the agreed end."),
    "taken-over": gettext_noop("You answer for this material now."),
    "reconciled": gettext_noop("Everything is back and adds up; the material of this loan is closed."),
}


def news(loan: Loan, event: str) -> EmailMessage:
    """Return the mail that tells the borrower what happened."""
    return _mail(loan.borrower, loan.code, "news", {"loan": loan, "event": EVENTS[event]}, loan)


def declined(request: Request) -> EmailMessage:
    """Return the mail that tells an applicant why a request is declined."""
    page = settings.BASE_URL.rstrip("/") + reverse("sample-request", args=[request.pk])
    return _mail(request.by, request.code, "declined", {"request": request, "page": page})


def reminders(reminder: Reminder) -> Iterator[EmailMessage]:
    """Yield the reminder to the borrower and to each curator of the agency, if the debt still stands."""
    loan = loans_with_parts(Loan.objects.filter(pk=reminder.loan_id)).get()
    owed = [debt for debt in debts_of(loan) if (debt.what.value, debt.due) == (reminder.what, reminder.due)]
    if not owed:
        return
    curators = holders(RoleKind.CURATOR, Scope.AGENCY, loan.agency_id)
    for person in (loan.borrower, *curators.exclude(pk=loan.borrower_id).order_by("email")):
        yield _mail(
            person, loan.code, "reminder", {"loan": loan, "reminder": reminder, "owed": OWED[owed[0].what]}, loan
        )


def question(transfer: Transfer) -> EmailMessage:
    """Return the mail that asks the receiver of a transfer."""
    page = settings.BASE_URL.rstrip("/") + reverse("loans-mine")
    return _mail(transfer.to, transfer.line.label, "transfer", {"transfer": transfer, "page": page})


def _mail(to: User, code: str, name: str, context: dict[str, Any], loan: Loan | None = None) -> EmailMessage:
    with translation.override(to.language or settings.LANGUAGE_CODE):
        if loan is not None:
            context |= {"page": settings.BASE_URL.rstrip("/") + reverse("loan", args=[loan.code])}
        said = {key: _(value) if key == "event" else value for key, value in context.items()}
        return EmailMessage(
            subject=_("Samples, %(code)s") % {"code": code},
            body=render_to_string(f"samples/mail/{name}.txt", {"person": to, **said}),
            to=[to.email],
        )
