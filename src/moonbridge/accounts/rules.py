"""Who may do what with people and roles."""

from collections.abc import Callable
from typing import Any
from uuid import UUID

from rules import predicates

from moonbridge.accounts.models import RoleKind, Scope
from moonbridge.accounts.queries import Visitor, holds

predicate: Callable[[Callable[..., bool]], Any] = predicates.predicate
"""Make a function of (user, thing) a rule that joins with others by & and |; the library's own decorator, with a type."""


def may_grant(user: Visitor, scope: Scope, scope_id: UUID) -> bool:
    """Return whether ``user`` may give and take roles there: the agency's office, or an administrator of the site."""
    return bool(getattr(user, "is_superuser", False)) or (
        scope == Scope.AGENCY and holds(user, RoleKind.OFFICE, scope, scope_id)
    )
