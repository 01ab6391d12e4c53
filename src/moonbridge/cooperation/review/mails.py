"""Mails to those who judge: rendered for each by what their own desk shows, in their language."""

from collections.abc import Collection, Iterator
from typing import Any, Final

from django.conf import settings
from django.core.mail import EmailMessage
from django.template.loader import render_to_string
from django.urls import reverse
from django.utils import translation
from django.utils.translation import gettext as _

from moonbridge.accounts.models import User
from moonbridge.cooperation.opportunities.models import ReviewMode, StageKind
from moonbridge.cooperation.review import reminding
from moonbridge.cooperation.review.actions.referees import secret_of
from moonbridge.cooperation.review.late import late_findings
from moonbridge.cooperation.review.models import Debrief, Duty, RefereeInvitation, Reminder, Review, Round, Seat
from moonbridge.cooperation.review.queries.reviews import dates_of
from moonbridge.cooperation.review.sight import Sight
from moonbridge.cooperation.review.states import DUE

_WITH_TITLES: Final = frozenset({ReviewMode.OPEN})
"""Modes in which a mail names titles. A mail lies in other hands than the desk does; in the other modes it names codes alone."""


def reminder(sent: Reminder) -> EmailMessage | None:
    """Return the mail of a reminder, or None where the person owes nothing of it any more."""
    owed = list(reminding.owed_of(sent))
    if not owed:
        return None
    panel, what = sent.seat.panel, reminding.What(sent.what.split()[0])
    call = panel.round.opportunity
    due = next((one.due for one in reminding.announced(panel.round) if one.what == what), None)
    context = {
        "what": what, "panel": panel, "opportunity": call, "due": due, "sent_by": sent.sent_by,
        "items": owed, "titles": panel.round.mode in _WITH_TITLES, "page": _absolute("review-desk"),
    }  # fmt: skip
    with translation.override(sent.seat.user.language or settings.LANGUAGE_CODE):
        subject = _("Please declare: %(call)s") if what == reminding.What.DECLARATIONS else _("Reviews due: %(call)s")
        return _mail(sent.seat.user, subject % {"call": call.shown_title}, "reminder", context)


def given_back(review: Review, reason: str) -> EmailMessage | None:
    """Return the mail that a review is its author's to change again, or None where the author does not see it or has submitted it."""
    author = review.seat.user
    if not Review.objects.filter(Sight(author).own(), pk=review.pk, state__in=sorted(DUE)).exists():
        return None
    call = review.item.panel.round.opportunity
    context = {
        "code": review.item.proposal.code,
        "opportunity": call,
        "reason": reason,
        "page": _absolute("review-desk"),
    }
    with translation.override(author.language or settings.LANGUAGE_CODE):
        subject = _("A review was given back to you: %(call)s") % {"call": call.shown_title}
        return _mail(author, subject, "given-back", context)


def assigned(seat: Seat) -> EmailMessage | None:
    """Return the mail that says how many reviews somebody owes and by when, or None where they owe none; it names no proposal."""
    owed = Review.objects.filter(Sight(seat.user).unconflicted("item__"), seat=seat, state__in=sorted(DUE)).count()
    if seat.left_at is not None or not owed or not seat.user.is_active:
        return None
    call = seat.panel.round.opportunity
    context = {
        "panel": seat.panel, "opportunity": call, "owed": owed, "page": _absolute("review-desk"),
        "due": dates_of(seat.panel).get(StageKind.REVIEWS),
    }  # fmt: skip
    with translation.override(seat.user.language or settings.LANGUAGE_CODE):
        subject = _("Reviews are assigned to you: %(call)s") % {"call": call.shown_title}
        return _mail(seat.user, subject, "assigned", context)


def late(round_: Round, person: User, findings: Collection[str]) -> EmailMessage | None:
    """Return the mail that says how many of these conflicts wait for somebody to settle them; it names no proposal and nobody."""
    waiting = late_findings(person, round_).filter(pk__in=findings).count()
    if not waiting or not person.is_active:
        return None
    call = round_.opportunity
    context = {"opportunity": call, "waiting": waiting, "page": _absolute("review-recheck", call.slug)}
    with translation.override(person.language or settings.LANGUAGE_CODE):
        subject = _("Conflicts of interest to settle: %(call)s")
        return _mail(person, subject % {"call": call.shown_title}, "late", context)


def peer(seat: Seat) -> EmailMessage | None:
    """Return the mail that tells somebody that they review for their team, or None where they do not any more."""
    if seat.left_at is not None or seat.for_team is None or not seat.user.is_active:
        return None
    call = seat.panel.round.opportunity
    context = {
        "code": seat.for_team.code, "opportunity": call, "many": seat.most or 0, "penalty": seat.panel.penalty,
        "due": dates_of(seat.panel).get(StageKind.REVIEWS), "page": _absolute("proposal-peer", seat.for_team.pk),
    }  # fmt: skip
    with translation.override(seat.user.language or settings.LANGUAGE_CODE):
        subject = _("You review for your team: %(call)s") % {"call": call.shown_title}
        return _mail(seat.user, subject, "peer", context)


def invitation(asked: RefereeInvitation) -> EmailMessage:
    """Return the mail with the link by which the owner of an address may take a seat; in the host's language where theirs is unknown."""
    call, host = asked.panel.round.opportunity, asked.invited_by
    theirs = User.objects.filter(email__iexact=asked.email).values_list("language", flat=True).first()
    context = {
        "invitation": asked, "duty": Duty(asked.duty).label, "opportunity": call, "host": host, "asked": asked.proposals.count(),
        "page": _absolute("referee-invitation", secret_of(asked.pk)),
    }  # fmt: skip
    with translation.override(theirs or host.language or settings.LANGUAGE_CODE):
        subject = _("Would you review for “%(call)s”?") % {"call": call.shown_title}
        body = render_to_string("review/mail/invitation.txt", context)
        return EmailMessage(subject=" ".join(subject.split()), body=body, to=[asked.email])


def debriefed(debrief: Debrief) -> Iterator[EmailMessage]:
    """Yield the mail to each active member of a team that its debrief can be read; what it says stays on the page."""
    members = User.objects.filter(team_memberships__proposal=debrief.proposal_id, is_active=True)
    for member in members.order_by("email"):
        with translation.override(member.language or settings.LANGUAGE_CODE):
            call = debrief.proposal.opportunity
            context = {
                "code": debrief.proposal.code,
                "opportunity": call,
                "page": _absolute("proposal-debrief", debrief.proposal_id),
            }
            subject = _("What the panels said of %(code)s: %(call)s")
            said = subject % {"code": debrief.proposal.code, "call": call.shown_title}
            yield _mail(member, said, "debriefed", context)


def _mail(to: User, subject: str, name: str, context: dict[str, Any]) -> EmailMessage:
    body = render_to_string(f"review/mail/{name}.txt", {"person": to, **context})
    return EmailMessage(subject=" ".join(subject.split()), body=body, to=[to.email])


def _absolute(name: str, *arguments: object) -> str:
    return settings.BASE_URL.rstrip("/") + reverse(name, args=arguments)
