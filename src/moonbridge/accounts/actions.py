"""What people do with their accounts, roles and keys."""

import hashlib
import secrets
from datetime import timedelta
from uuid import UUID

from django.db import connection, transaction
from django.db.models.functions import Now
from django.utils import timezone
from django.utils.translation import gettext

from moonbridge.accounts.models import Role, RoleKind, Scope, Token, User
from moonbridge.accounts.rules import may_grant
from moonbridge.errors import NotAllowed, Refused

TOKEN_PREFIX = "mb_"  # noqa: S105 - a prefix by which leaked keys are found, not a secret
TOKEN_LIFE = timedelta(days=365)


def digest_of(key: str) -> str:
    """Return what is kept of an API key."""
    return hashlib.sha256(key.encode()).hexdigest()


def make_token(name: str, *, by: User) -> str:
    """Make an API key for ``by``, good for a year, and return it: the only time that it can be read."""
    key = TOKEN_PREFIX + secrets.token_urlsafe(32)
    Token.objects.create(user=by, name=name, sha256=digest_of(key), expires_at=timezone.now() + TOKEN_LIFE)
    return key


def revoke_token(token: UUID, *, by: User) -> None:
    """Switch off one of one's own API keys."""
    Token.objects.filter(id=token, user=by, revoked_at=None).update(revoked_at=Now())


@transaction.atomic
def grant(user: User, kind: RoleKind, scope: Scope, scope_id: UUID, *, by: User | None) -> Role:
    """Give ``user`` a role; ``by`` None is the operator at the machine itself. Given twice, it is held once."""
    if by is not None and not may_grant(by, scope, scope_id):
        raise NotAllowed("Only the agency's programme office gives roles.")
    role, _created = Role.objects.get_or_create(
        user=user, kind=kind, scope=scope, scope_id=scope_id, defaults={"granted_by": by}
    )
    return role


@transaction.atomic
def take(role: Role, *, by: User) -> None:
    """Take a role back; the last programme officer of an agency stays, or nobody could ever give a role again."""
    if not may_grant(by, Scope(role.scope), role.scope_id):
        raise NotAllowed("Only the agency's programme office takes roles back.")
    peers = Role.objects.select_for_update().filter(kind=role.kind, scope=role.scope, scope_id=role.scope_id)
    if role.kind == RoleKind.OFFICE and len(peers) == 1:
        raise Refused(gettext("The last programme officer cannot be removed; name another one first."))
    role.delete()


def allow(key: str, *, times: int, within: timedelta) -> bool:
    """Count one use of ``key`` and return whether it is among the first ``times`` of the present window."""
    with connection.cursor() as cursor:
        cursor.execute(
            """
            INSERT INTO accounts_allowance AS kept (key, until, used)
            VALUES (%(key)s, clock_timestamp() + make_interval(secs => %(within)s), 1)
            ON CONFLICT (key) DO UPDATE SET
                used = CASE WHEN kept.until < clock_timestamp() THEN 1 ELSE kept.used + 1 END,
                until = CASE WHEN kept.until < clock_timestamp() THEN excluded.until ELSE kept.until END
            RETURNING used
            """,
            {"key": key, "within": within.total_seconds()},
        )
        used: int = cursor.fetchone()[0]
    return used <= times
