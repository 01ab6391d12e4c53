"""Who may do what for an agency."""

from moonbridge.accounts.models import RoleKind, Scope
from moonbridge.accounts.queries import Visitor, holds
from moonbridge.accounts.rules import predicate
from moonbridge.cooperation.programmes.models import Partner


def _is_office(user: Visitor, agency: Partner | None) -> bool:
    return agency is not None and holds(user, RoleKind.OFFICE, Scope.AGENCY, agency.pk)


def _is_auditor(user: Visitor, agency: Partner | None) -> bool:
    return agency is not None and holds(user, RoleKind.AUDITOR, Scope.AGENCY, agency.pk)


is_office = predicate(_is_office)
"""The agency's programme office."""
may_read_record = is_office | predicate(_is_auditor)
"""Who may read the agency's own chain of the record."""
