"""Who may do what for an agency."""

import rules

from moonbridge.accounts.models import RoleKind, Scope
from moonbridge.accounts.queries import Visitor, holds
from moonbridge.cooperation.programmes.models import Partner


@rules.predicate
def is_office(user: Visitor, agency: Partner) -> bool:
    """Return whether ``user`` belongs to the agency's programme office."""
    return holds(user, RoleKind.OFFICE, Scope.AGENCY, agency.pk)


@rules.predicate
def is_auditor(user: Visitor, agency: Partner) -> bool:
    """Return whether ``user`` audits the agency."""
    return holds(user, RoleKind.AUDITOR, Scope.AGENCY, agency.pk)


may_read_record = is_office | is_auditor
"""Who may read the agency's own chain of the record."""
