"""The mails to teams, in the language of whom they go to."""

from collections.abc import Iterator
from typing import Any

from django.conf import settings
from django.core.mail import EmailMessage
from django.template.loader import render_to_string
from django.urls import reverse
from django.utils import translation
from django.utils.translation import gettext

from moonbridge.cooperation.proposals.actions import secret_of
from moonbridge.cooperation.proposals.models import Invitation, Submission


def receipts(submission: Submission) -> Iterator[EmailMessage]:
    """Yield the receipt's mail for each active member of the team."""
    proposal = submission.proposal
    for member in proposal.members.select_related("user").filter(user__is_active=True):
        with translation.override(member.user.language or settings.LANGUAGE_CODE):
            page = _absolute("proposal-receipt", proposal.pk, submission.number)
            subject = gettext("Received: %(code)s %(title)s") % {"code": proposal.code, "title": proposal.title}
            context = {"submission": submission, "proposal": proposal, "page": page}
            yield _mail(member.user.email, subject, "proposals/mail/receipt.txt", context)


def invitation(invitation: Invitation) -> EmailMessage:
    """Return the mail with the link by which one person may join."""
    proposal, host = invitation.proposal, invitation.invited_by
    with translation.override(host.language or settings.LANGUAGE_CODE):
        subject = gettext("Join the team of %(code)s") % {"code": proposal.code}
        page = _absolute("invitation", secret_of(invitation.pk))
        context = {"invitation": invitation, "proposal": proposal, "host": host, "page": page}
        return _mail(invitation.email, subject, "proposals/mail/invitation.txt", context)


def _mail(to: str, subject: str, template: str, context: dict[str, Any]) -> EmailMessage:
    return EmailMessage(subject=" ".join(subject.split()), body=render_to_string(template, context), to=[to])


def _absolute(name: str, *arguments: object) -> str:
    return settings.BASE_URL.rstrip("/") + reverse(name, args=arguments)
