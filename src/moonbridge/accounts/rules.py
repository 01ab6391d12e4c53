"""Who may do what with people and roles."""

from uuid import UUID

from moonbridge.accounts.models import RoleKind, Scope
from moonbridge.accounts.queries import Visitor, holds


def may_grant(user: Visitor, scope: Scope, scope_id: UUID) -> bool:
    """Return whether ``user`` may give and take roles there: the agency's office, or an administrator of the site."""
    return bool(getattr(user, "is_superuser", False)) or (
        scope == Scope.AGENCY and holds(user, RoleKind.OFFICE, scope, scope_id)
    )
