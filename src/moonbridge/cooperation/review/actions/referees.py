"""Invite people by mail to judge: a link that its addressee may use once."""

import base64
import hashlib
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Final
from uuid import UUID, uuid4

from django.db.models import QuerySet
from django.db.models.functions import Now
from django.utils.crypto import salted_hmac
from django.utils.translation import gettext

from moonbridge.accounts.models import User
from moonbridge.cooperation.proposals.models import Proposal
from moonbridge.cooperation.review import notices
from moonbridge.cooperation.review.actions.rounds import seal
from moonbridge.cooperation.review.actions.seats import About, held_panel, place, said
from moonbridge.cooperation.review.models import (
    JUDGING,
    Conflict,
    Duty,
    Item,
    Panel,
    RefereeInvitation,
    Review,
    Round,
    Seat,
)
from moonbridge.cooperation.review.rules import ANSWERABLE, owns_address
from moonbridge.cooperation.review.sight import Sight
from moonbridge.cooperation.review.states import ReviewState
from moonbridge.errors import InputError, NotAllowed, Refused
from moonbridge.record.actions import once
from moonbridge.record.queries import database_now

LIFE: Final = timedelta(days=21)
"""How long an invitation can be used."""
MOST_OPEN: Final = 1000
"""Open invitations of one panel, so that nobody makes this site send mail without end."""
BETWEEN_MAILS: Final = timedelta(hours=1)
"""How soon the same invitation is mailed again."""


@dataclass(frozen=True, slots=True)
class Asked:
    """What an invitation asks: of whom, as what, to judge which proposals (ids), with which words."""

    email: str
    duty: Duty = Duty.REFEREE
    proposals: tuple[UUID, ...] = ()
    note: str = ""
    about: About = field(default_factory=About)

    def plain(self) -> dict[str, object]:
        """Return it as JSON."""
        return {
            "email": self.email, "duty": self.duty.value, "proposals": sorted(map(str, self.proposals)), "note": self.note,
            "about": said(self.about),
        }  # fmt: skip


def secret_of(invitation_id: UUID) -> str:
    """Return the secret of an invitation's link. It follows from the id and the site's key; stored is only its digest."""
    made = salted_hmac("moonbridge.cooperation.review.referee", str(invitation_id), algorithm="sha256")
    return base64.urlsafe_b64encode(made.digest()).decode().rstrip("=")


def digest_of(secret: str) -> str:
    """Return what is kept of a secret."""
    return hashlib.sha256(secret.encode()).hexdigest()


def invite(panel: Panel, asked: Asked, *, by: User, command: UUID) -> RefereeInvitation:
    """Invite the owner of an address into a panel, as the office; the link works once, for three weeks, and goes by mail."""

    def act() -> str:
        return str(invite_into(held_panel(panel, by), asked, by=by).pk)

    content = {"panel": str(panel.pk)} | asked.plain()
    return again(once(command, "review.invite-referee", content, act, by=by))


def invite_into(panel: Panel, asked: Asked, *, by: User) -> RefereeInvitation:
    """Write an invitation and queue its mail; the caller holds the panel's lock and the right to do so."""
    email = asked.email.strip().lower()
    if panel.invitations.filter(seat=None, declined_at=None, revoked_at=None).count() >= MOST_OPEN:
        raise Refused(gettext("This panel has too many open invitations; revoke some first."), most=MOST_OPEN)
    if open_ones(panel).filter(email=email).exists():
        raise Refused(gettext("This address is invited already; send the mail again instead."))
    if asked.duty == Duty.PEER:
        raise InputError(gettext("Peers come from teams; they are not invited."), field="duty")
    key = uuid4()
    made = RefereeInvitation.objects.create(
        id=key, panel=panel, email=email, duty=asked.duty, about=said(asked.about), note=asked.note.strip(),
        secret_sha256=digest_of(secret_of(key)), invited_by=by, expires_at=database_now() + LIFE,
    )  # fmt: skip
    before = Item.objects.filter(Sight(by).managed(), panel=panel, proposal__in=asked.proposals)
    made.proposals.set(Proposal.objects.filter(items__in=before))
    seal(panel.round, "invite", {"panel": str(panel.pk), "invitation": str(key), "duty": asked.duty.value}, by=by)
    notices.invite(made)
    return made


def open_ones(panel: Panel) -> QuerySet[RefereeInvitation]:
    """Return the invitations of a panel that can still be used."""
    return panel.invitations.filter(seat=None, declined_at=None, revoked_at=None, expires_at__gt=Now())


def revoke(invitation: RefereeInvitation, *, by: User, command: UUID) -> None:
    """Make the link of an unanswered invitation worthless, as the office."""

    def act() -> None:
        panel = held_panel(invitation.panel, by)
        _unanswered(invitation)
        panel.invitations.filter(pk=invitation.pk).update(revoked_at=database_now())
        seal(panel.round, "revoke invitation", {"invitation": str(invitation.pk)}, by=by)

    once(command, "review.revoke-referee", {"invitation": str(invitation.pk)}, act, by=by)


def send_again(invitation: RefereeInvitation, *, by: User, command: UUID) -> None:
    """Mail the same link once more and let it live for another three weeks, as the office."""

    def act() -> None:
        held_panel(invitation.panel, by)
        row, now = _unanswered(invitation), database_now()
        if row.sent_at > now - BETWEEN_MAILS:
            raise Refused(gettext("This mail went out less than an hour ago."), sent=row.sent_at.isoformat())
        row.sent_at, row.expires_at = now, now + LIFE
        row.save(update_fields=["sent_at", "expires_at"])
        notices.invite(row)

    once(command, "review.resend-referee", {"invitation": str(invitation.pk)}, act, by=by)


def _unanswered(invitation: RefereeInvitation) -> RefereeInvitation:
    """Lock an invitation and return it as it stands now; one that was answered or revoked stays as it is."""
    row = RefereeInvitation.objects.select_for_update(of=("self",)).get(pk=invitation.pk)
    if row.seat_id or row.declined_at or row.revoked_at:
        raise Refused(gettext("This invitation was answered or revoked already."))
    return row


def accept(secret: str, *, by: User, command: UUID) -> Seat:
    """Take the seat that a link offers, as the owner of the address to which it went; what the referee is asked to judge is assigned.

    What they may not judge is left out, and until they declare that they have no conflict they see codes and titles only. Raises
    :class:`NotAllowed` for a link that is unknown, used, revoked, expired or somebody else's, without saying which.
    """
    digest = digest_of(secret)

    def act() -> str:
        panel, invitation = _answered(digest, by)
        seat = panel.seats.filter(user=by, left_at=None).first()
        if seat is None:
            about = About.of(invitation.about)
            seat = place(panel, by, Duty(invitation.duty), by=invitation.invited_by, about=about)
        _assign(seat, invitation)
        invitation.seat = seat
        invitation.save(update_fields=["seat"])
        seal(panel.round, "accept invitation", {"invitation": str(invitation.pk), "seat": str(seat.pk)}, by=by)
        return str(seat.pk)

    key = once(command, "review.accept-referee", {"invitation": digest}, act, by=by)
    return Seat.objects.select_related("panel__round__opportunity").get(pk=key)


def _answered(digest: str, by: User) -> tuple[Panel, RefereeInvitation]:
    """Lock round, panel and invitation for the owner of its address, who may answer it now."""
    found = RefereeInvitation.objects.filter(secret_sha256=digest).select_related("panel").first()
    if found is None or not owns_address(by, found.email):
        raise NotAllowed("This invitation cannot be used.")
    round_ = Round.objects.select_for_update(of=("self",), no_key=True).get(pk=found.panel.round_id)
    panel = Panel.objects.select_for_update(of=("self",), no_key=True).get(pk=found.panel_id)
    panel.round = Round.objects.select_related("opportunity__agency").get(pk=round_.pk)
    row = open_ones(panel).select_for_update(of=("self",)).select_related("invited_by").filter(pk=found.pk).first()
    if row is None or round_.state not in ANSWERABLE:
        raise NotAllowed("This invitation cannot be used.")
    return panel, row


def _assign(seat: Seat, invitation: RefereeInvitation) -> None:
    """Assign what was named, unless a conflict or a place in the team stands against it."""
    if seat.duty not in JUDGING:
        return
    barred = Conflict.objects.filter(user=seat.user_id, standing=True).values("proposal")
    items = Item.objects.filter(panel=seat.panel_id, proposal__in=invitation.proposals.all())
    free = items.exclude(proposal__in=barred).exclude(proposal__members__user=seat.user_id)
    for item in free.exclude(reviews__seat=seat):
        Review.objects.create(item=item, seat=seat, state=ReviewState.ASSIGNED, assigned_by=invitation.invited_by)


def decline(secret: str, *, because: str, by: User, command: UUID) -> None:
    """Say no to an invitation, with a reason that the office reads; raises what :func:`accept` raises."""
    digest = digest_of(secret)

    def act() -> None:
        panel, invitation = _answered(digest, by)
        invitation.declined_at, invitation.declined_because = database_now(), because.strip()[:300]
        invitation.save(update_fields=["declined_at", "declined_because"])
        seal(panel.round, "decline invitation", {"invitation": str(invitation.pk)}, by=by)

    once(command, "review.decline-referee", {"invitation": digest, "because": because}, act, by=by)


def again(key: str | UUID) -> RefereeInvitation:
    """Return the invitation with this id as it stands now."""
    return RefereeInvitation.objects.select_related("panel__round__opportunity", "invited_by").get(pk=key)
