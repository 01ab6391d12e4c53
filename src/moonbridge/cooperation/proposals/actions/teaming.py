"""Who is in a team, and as what."""

import base64
import hashlib
from datetime import timedelta
from typing import Final
from uuid import UUID, uuid4

from django.utils.crypto import salted_hmac
from django.utils.translation import gettext

from moonbridge.accounts.models import User
from moonbridge.cooperation.proposals import notices, rules
from moonbridge.cooperation.proposals.actions.holding import again, held, seal
from moonbridge.cooperation.proposals.models import Invitation, Proposal, TeamMember, TeamRole
from moonbridge.errors import InputError, NotAllowed, Refused
from moonbridge.record.actions import once
from moonbridge.record.queries import database_now

LIFE: Final = timedelta(days=14)
"""How long an invitation can be used."""
MOST_OPEN: Final = 50
"""Open invitations of one team, so that nobody makes this site send mail by the thousand."""


def secret_of(invitation_id: UUID) -> str:
    """Return the secret of an invitation's link. It follows from the id and the site's key; stored is only its digest."""
    made = salted_hmac("moonbridge.cooperation.proposals.invitation", str(invitation_id), algorithm="sha256")
    return base64.urlsafe_b64encode(made.digest()).decode().rstrip("=")


def invite(proposal: Proposal, *, role: TeamRole, email: str = "", by: User, command: UUID) -> Invitation:
    """Make a link by which one person may join the team as ``role``, once, within two weeks; mail it if ``email`` is given."""

    def act() -> str:
        kept = held(proposal, by, rules.is_lead)
        if role == TeamRole.LEAD:
            raise InputError(gettext("The lead is handed over, not invited."), field="role")
        if kept.invitations.filter(used_by=None, revoked_at=None).count() >= MOST_OPEN:
            raise Refused(gettext("This team has too many open invitations; revoke some first."), most=MOST_OPEN)
        key = uuid4()
        made = Invitation.objects.create(
            id=key, proposal=kept, role=role, email=email.strip().lower(), invited_by=by,
            secret_sha256=hashlib.sha256(secret_of(key).encode()).hexdigest(), expires_at=database_now() + LIFE,
        )  # fmt: skip
        seal(kept, "invite", {"invitation": str(key), "role": role.value}, by=by)
        if made.email:
            notices.send_invitation(made)
        return str(key)

    asked = {"proposal": str(proposal.pk), "role": role.value, "email": email}
    key = once(command, "proposal.invite", asked, act, by=by)
    return Invitation.objects.select_related("proposal__opportunity").get(pk=key)


def revoke(invitation: Invitation, *, by: User, command: UUID) -> None:
    """Make an unused invitation's link worthless."""

    def act() -> None:
        kept = held(invitation.proposal, by, rules.is_lead)
        Invitation.objects.filter(pk=invitation.pk, used_by=None, revoked_at=None).update(revoked_at=database_now())
        seal(kept, "revoke-invitation", {"invitation": str(invitation.pk)}, by=by)

    once(command, "proposal.revoke", {"invitation": str(invitation.pk)}, act, by=by)


def join(secret: str, *, by: User, command: UUID) -> Proposal:
    """Join a team by an invitation's link; whoever is in the team already keeps the higher of the two roles.

    Raises :class:`NotAllowed` for a link that is unknown, used, revoked or expired, without saying which.
    """
    digest = hashlib.sha256(secret.encode()).hexdigest()

    def act() -> str:
        found = Invitation.objects.select_for_update(of=("self",)).filter(secret_sha256=digest).first()
        if found is None or found.used_by_id or found.revoked_at or found.expires_at <= database_now():
            raise NotAllowed("This invitation cannot be used.")
        kept = Proposal.objects.select_related("opportunity__agency").get(pk=found.proposal_id)
        member, fresh = TeamMember.objects.get_or_create(proposal=kept, user=by, defaults={"role": found.role})
        if not fresh and member.role == TeamRole.READER:
            member.role = found.role
            member.save(update_fields=["role"])
        found.used_by = by
        found.save(update_fields=["used_by"])
        seal(kept, "join", {"invitation": str(found.pk), "role": member.role}, by=by)
        return str(kept.pk)

    return again(once(command, "proposal.join", {"invitation": digest}, act, by=by))


def change_role(member: TeamMember, role: TeamRole, *, by: User, command: UUID) -> None:
    """Make an editor a reader or a reader an editor."""

    def act() -> None:
        kept, row = _member(member, by)
        if TeamRole.LEAD in {role, row.role}:
            raise InputError(gettext("The lead is handed over, not changed."), field="role")
        row.role = role
        row.save(update_fields=["role"])
        seal(kept, "change-role", {"member": str(row.pk), "role": role.value}, by=by)

    once(command, "proposal.change-role", {"member": str(member.pk), "role": role.value}, act, by=by)


def remove(member: TeamMember, *, by: User, command: UUID) -> None:
    """Take somebody out of the team: the lead anybody but themself, everybody but the lead themself."""

    def act() -> None:
        rule = rules.is_member if member.user_id == by.pk else rules.is_lead
        kept = held(member.proposal, by, rule)
        row = kept.members.select_for_update().get(pk=member.pk)
        if row.role == TeamRole.LEAD:
            raise Refused(gettext("The lead cannot leave; hand the lead over first."))
        seal(kept, "remove-member", {"member": str(row.pk), "role": row.role}, by=by)
        row.delete()

    once(command, "proposal.remove-member", {"member": str(member.pk)}, act, by=by)


def hand_over(member: TeamMember, *, by: User, command: UUID) -> None:
    """Make ``member`` the lead; who led before becomes an editor."""

    def act() -> None:
        kept, row = _member(member, by)
        kept.members.filter(role=TeamRole.LEAD).exclude(pk=row.pk).update(role=TeamRole.EDITOR)
        row.role = TeamRole.LEAD
        row.save(update_fields=["role"])
        seal(kept, "hand-over", {"member": str(row.pk)}, by=by)

    once(command, "proposal.hand-over", {"member": str(member.pk)}, act, by=by)


def _member(member: TeamMember, by: User) -> tuple[Proposal, TeamMember]:
    """Return the locked proposal and the member as they stand now, for its lead."""
    kept = held(member.proposal, by, rules.is_lead)
    row = kept.members.select_for_update().filter(pk=member.pk).first()
    if row is None:
        raise NotAllowed("This person is not in the team.")
    return kept, row
