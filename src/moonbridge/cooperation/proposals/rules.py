"""Who may do what with a proposal."""

from moonbridge.accounts.models import RoleKind, Scope
from moonbridge.accounts.queries import Visitor, holds
from moonbridge.accounts.rules import predicate
from moonbridge.cooperation.proposals.models import Proposal, TeamMember, TeamRole

WRITERS = (TeamRole.LEAD, TeamRole.EDITOR)


def role_of(user: Visitor, proposal: Proposal) -> TeamRole | None:
    """Return what ``user`` is in the proposal's team."""
    if not user.is_authenticated:
        return None
    held = TeamMember.objects.filter(proposal=proposal, user=user).values_list("role", flat=True).first()
    return TeamRole(held) if held else None


def _is_member(user: Visitor, proposal: Proposal | None) -> bool:
    return proposal is not None and role_of(user, proposal) is not None


def _is_writer(user: Visitor, proposal: Proposal | None) -> bool:
    return proposal is not None and role_of(user, proposal) in WRITERS


def _is_lead(user: Visitor, proposal: Proposal | None) -> bool:
    return proposal is not None and role_of(user, proposal) == TeamRole.LEAD


def _is_office(user: Visitor, proposal: Proposal | None) -> bool:
    return proposal is not None and holds(user, RoleKind.OFFICE, Scope.AGENCY, proposal.opportunity.agency_id)


is_member = predicate(_is_member)
"""In the team, in any role: may read."""
is_writer = predicate(_is_writer)
"""Lead or editor: may write the draft and its files."""
is_lead = predicate(_is_lead)
"""The lead: may speak for the team, that is submit, withdraw, invite, merge, hand over."""
is_office = predicate(_is_office)
"""The programme office of the agency that called; what it may see is in ``queries.visible_to``."""
