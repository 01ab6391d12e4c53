"""Who holds which role."""

from uuid import UUID

from django.contrib.auth.models import AnonymousUser
from django.db.models import QuerySet

from moonbridge.accounts.models import Role, RoleKind, Scope, User

type Visitor = User | AnonymousUser
"""Whoever asks: a signed-in person or a stranger."""


def scope_ids(user: Visitor, kind: RoleKind, scope: Scope) -> QuerySet[Role, UUID]:
    """Return the ids of the agencies or opportunities for which ``user`` holds the role: a subquery for ``visible_to``."""
    if not user.is_authenticated:
        return Role.objects.none().values_list("scope_id", flat=True)
    return Role.objects.filter(user=user, kind=kind, scope=scope).values_list("scope_id", flat=True)


def holds(user: Visitor, kind: RoleKind, scope: Scope, scope_id: UUID) -> bool:
    """Return whether ``user`` holds the role for this agency or opportunity."""
    return user.is_authenticated and Role.objects.filter(user=user, kind=kind, scope=scope, scope_id=scope_id).exists()


def holders(kind: RoleKind, scope: Scope, scope_id: UUID) -> QuerySet[User]:
    """Return the active people who hold the role for this agency or opportunity."""
    return User.objects.filter(is_active=True, roles__kind=kind, roles__scope=scope, roles__scope_id=scope_id)
