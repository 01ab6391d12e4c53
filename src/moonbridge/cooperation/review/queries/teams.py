"""Whom teams have named as people who should not judge them: for the team itself and the office, never for who judges."""

from uuid import UUID

from django.db.models import Count, Q, QuerySet

from moonbridge.accounts.models import RoleKind, Scope, User
from moonbridge.accounts.queries import Visitor, scope_ids
from moonbridge.cooperation.opportunities.models import Opportunity
from moonbridge.cooperation.proposals import queries as proposals
from moonbridge.cooperation.proposals.models import NamedConflict, TeamMember
from moonbridge.cooperation.review.models import Conflict


def named_visible_to(user: Visitor) -> QuerySet[NamedConflict]:
    """Return what ``user`` may read: as a member of the team; as the office, of what it received and has no conflict with."""
    if not user.is_authenticated:
        return NamedConflict.objects.none()
    teams = TeamMember.objects.filter(user=user).values("proposal_id")
    offices = scope_ids(user, RoleKind.OFFICE, Scope.AGENCY)
    conflicts = Conflict.objects.filter(user=user, standing=True).values("proposal_id")
    office = Q(proposal__opportunity__agency_id__in=offices, proposal__in=proposals.visible_to(user))
    return NamedConflict.objects.filter(Q(proposal_id__in=teams) | (office & ~Q(proposal_id__in=conflicts)))


def teams_that_state(user: User, opportunity: Opportunity) -> list[tuple[UUID, str, int]]:
    """Return id and code of each proposal whose team named somebody, and how many, as far as ``user`` may read it."""
    read = named_visible_to(user).filter(proposal__in=proposals.submitted(opportunity))
    counted = read.order_by().values_list("proposal_id", "proposal__code").annotate(named=Count("pk"))
    return list(counted.order_by("proposal__code"))
