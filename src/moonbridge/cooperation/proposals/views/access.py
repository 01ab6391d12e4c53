"""Fetch what a page is about; fetching is authorising."""

from uuid import UUID

from django.http import Http404
from django.shortcuts import get_object_or_404

from moonbridge.accounts.models import User
from moonbridge.cooperation.proposals import queries
from moonbridge.cooperation.proposals.models import Proposal, TeamRole
from moonbridge.cooperation.proposals.rules import WRITERS


def seen(user: User, key: UUID) -> Proposal:
    """Return a proposal that ``user`` may see with everything that a page shows of it, else answer as if there were none."""
    return get_object_or_404(queries.for_page(user), pk=key)


def own(user: User, key: UUID) -> Proposal:
    """Return a proposal of one of the teams of ``user``."""
    found = seen(user, key)
    if role(user, found) is None:
        raise Http404
    return found


def written(user: User, key: UUID) -> Proposal:
    """Return a proposal that ``user`` may write."""
    found = seen(user, key)
    if role(user, found) not in WRITERS:
        raise Http404
    return found


def led(user: User, key: UUID) -> Proposal:
    """Return a proposal whose team ``user`` leads."""
    found = seen(user, key)
    if role(user, found) != TeamRole.LEAD:
        raise Http404
    return found


def role(user: User, proposal: Proposal) -> TeamRole | None:
    """Return what ``user`` is in the team, from the members that were fetched with the proposal."""
    return next((TeamRole(member.role) for member in proposal.members.all() if member.user_id == user.pk), None)
