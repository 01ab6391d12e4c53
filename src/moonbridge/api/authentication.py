"""Who asks: the holder of an API key, somebody signed in on the pages, or a stranger (who sees what is public)."""

from django.contrib.auth.models import AnonymousUser
from django.db.models.functions import Now
from django.http import HttpRequest
from ninja.errors import HttpError
from ninja.utils import check_csrf

from moonbridge.accounts.actions import digest_of
from moonbridge.accounts.models import Token, User
from moonbridge.accounts.queries import Visitor

SAFE = frozenset({"GET", "HEAD", "OPTIONS"})


def whoever(request: HttpRequest) -> Visitor:
    """Return who asks and make it the request's user. A key that does not work is refused, never taken for a stranger's."""
    scheme, _, key = request.headers.get("Authorization", "").partition(" ")
    if scheme:
        request.user = _holder(key) if scheme.casefold() == "bearer" else _refuse()
    elif request.user.is_authenticated and request.method not in SAFE and check_csrf(request):
        raise HttpError(403, "A change from a browser session needs its CSRF token; programs use an API key.")
    return request.user


def somebody(request: HttpRequest) -> Visitor | None:
    """Return who asks, if it is not a stranger."""
    user = whoever(request)
    return None if isinstance(user, AnonymousUser) else user


def person_of(request: HttpRequest) -> User:
    """Return who asks on a route that :func:`somebody` guards."""
    person: User = request.auth  # type: ignore[attr-defined]
    return person


def _holder(key: str) -> Visitor:
    tokens = Token.objects.select_related("user").filter(sha256=digest_of(key.strip()), revoked_at=None)
    token = tokens.filter(expires_at__gt=Now(), user__is_active=True).first()
    return token.user if token else _refuse()


def _refuse() -> Visitor:
    raise HttpError(401, "This API key is unknown, expired or revoked; make one on your profile page.")
