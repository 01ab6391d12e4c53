"""The letters to a team: one mail to each member, in the member's language."""

from collections.abc import Iterator

from django.conf import settings
from django.core.mail import EmailMessage
from django.template.loader import render_to_string
from django.urls import reverse
from django.utils import translation
from django.utils.translation import gettext as _

from moonbridge.accounts.models import User
from moonbridge.cooperation.selection import letters as words
from moonbridge.cooperation.selection.models import Outcome
from moonbridge.cooperation.selection.queries import own_scores


def letters(outcome: Outcome, event: str) -> Iterator[EmailMessage]:
    """Yield the mail to each active member of the team."""
    members = User.objects.filter(team_memberships__proposal=outcome.proposal, is_active=True)
    for member in members.order_by("email"):
        with translation.override(member.language or settings.LANGUAGE_CODE):
            yield _letter(outcome, event, member)


def _letter(outcome: Outcome, event: str, member: User) -> EmailMessage:
    opportunity = outcome.decision.opportunity
    context = {
        "outcome": outcome,
        "opportunity": opportunity,
        "event": event,
        "member": member,
        "reason": words.reason(outcome),
        "next": words.next_step(outcome),
        "scores": own_scores(member, outcome),
        "page": settings.BASE_URL.rstrip("/") + reverse("outcome", args=[outcome.proposal_id]),
    }
    subject = _("%(code)s: %(outcome)s") % {"code": outcome.proposal.code, "outcome": outcome.get_kind_display()}
    return EmailMessage(
        subject=" ".join(subject.split()),
        body=render_to_string("selection/mail/letter.txt", context),
        to=[member.email],
    )
