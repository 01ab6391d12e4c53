"""Whom teams have named as people who should not judge them: for the team itself and the office, never for who judges."""

from django.db.models import Q, QuerySet

from moonbridge.accounts.models import RoleKind, Scope, User
from moonbridge.accounts.queries import Visitor, scope_ids
from moonbridge.cooperation.opportunities.models import Opportunity
from moonbridge.cooperation.proposals import queries as proposals
from moonbridge.cooperation.proposals.models import NamedConflict, TeamMember
from moonbridge.cooperation.review.models import Conflict
from moonbridge.engines.reviewing.names import close, plain


def named_visible_to(user: Visitor) -> QuerySet[NamedConflict]:
    """Return what ``user`` may read: as a member of the team; as the office, of what it received and has no conflict with."""
    if not user.is_authenticated:
        return NamedConflict.objects.none()
    teams = TeamMember.objects.filter(user=user).values("proposal_id")
    offices = scope_ids(user, RoleKind.OFFICE, Scope.AGENCY)
    conflicts = Conflict.objects.filter(user=user, standing=True).values("proposal_id")
    office = Q(proposal__opportunity__agency_id__in=offices, proposal__in=proposals.visible_to(user))
    return NamedConflict.objects.filter(Q(proposal_id__in=teams) | (office & ~Q(proposal_id__in=conflicts)))


def named_for(opportunity: Opportunity) -> QuerySet[NamedConflict]:
    """Return what the teams of the submitted proposals have named. For the detection of conflicts; no person asks here."""
    return NamedConflict.objects.filter(proposal__in=proposals.submitted(opportunity)).select_related("proposal")


def is_meant(named: NamedConflict, user: User) -> bool:
    """Return whether ``user`` is the person named, or of the institution named; a name that only comes close counts too."""
    if named.email:
        return named.email.casefold() == user.email.casefold()
    if named.name:
        return close(named.name, user.name)
    return bool(user.institution) and plain(named.institution).split() == plain(user.institution).split()
