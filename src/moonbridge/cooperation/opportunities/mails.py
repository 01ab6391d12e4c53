"""The mails to those who follow an opportunity, in their language, each with a way to end it."""

import email.message
import email.policy
from email.policy import Policy
from typing import Any, Final

from django.conf import settings
from django.core.mail import EmailMessage
from django.template.loader import render_to_string
from django.urls import reverse
from django.utils import translation
from django.utils.translation import gettext as _

from moonbridge.cooperation.opportunities import notices
from moonbridge.cooperation.opportunities.models import Amendment, Follow, Question

_LONGEST_LINE: Final = 998


def news(follow: Follow, event: str, about: str) -> EmailMessage:
    """Return the mail that tells ``follow`` of ``event``; ``about`` is the id of the amendment or question."""
    with translation.override(follow.language):
        subject = {
            notices.AMENDED: _("Amended: %(title)s"),
            notices.ANSWERED: _("A question was answered: %(title)s"),
            notices.CANCELLED: _("Cancelled: %(title)s"),
            notices.CLOSED: _("Closed: %(title)s"),
            notices.DECIDED: _("Decided: %(title)s"),
        }[event]
        return _mail(follow, subject, f"opportunities/mail/{event}.txt", {"thing": _thing(event, about)})


def confirmation(follow: Follow) -> EmailMessage:
    """Return the mail that asks whether the owner of the address wants to follow."""
    with translation.override(follow.language):
        return _mail(follow, _("Follow “%(title)s”?"), "opportunities/mail/confirm.txt", {})


def _thing(event: str, about: str) -> Amendment | Question | None:
    if event == notices.AMENDED:
        return Amendment.objects.get(pk=about)
    return Question.objects.get(pk=about) if event == notices.ANSWERED else None


def _mail(follow: Follow, subject: str, template: str, context: dict[str, Any]) -> EmailMessage:
    page = _absolute("opportunity", follow.opportunity.slug)
    stop = _absolute("following", follow.token)
    known = {"follow": follow, "opportunity": follow.opportunity, "page": page, "stop": stop}
    return _Mail(
        subject=" ".join((subject % {"title": follow.opportunity.shown_title}).split()),
        body=render_to_string(template, known | context),
        to=[follow.email],
        headers={
            "List-Unsubscribe": f"<{_absolute('following-stop', follow.token)}>",
            "List-Unsubscribe-Post": "List-Unsubscribe=One-Click",
        },
    )


class _Mail(EmailMessage):
    """A mail whose headers are not folded: mail programs read no address of one click that was cut and encoded (RFC 8058)."""

    def message(self, *, policy: "Policy[Any] | None" = None) -> email.message.EmailMessage:
        """Return the message with lines as long as RFC 5322 allows."""
        return super().message(policy=(policy or email.policy.default).clone(max_line_length=_LONGEST_LINE))


def _absolute(name: str, argument: object) -> str:
    return settings.BASE_URL.rstrip("/") + reverse(name, args=[argument])
