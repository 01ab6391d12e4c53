"""Carry a command from a form or an API call to its action exactly once."""

import uuid

from django.http import HttpRequest

from moonbridge.errors import InputError

FIELD = "command"
HEADER = "Idempotency-Key"


def fresh() -> uuid.UUID:
    """Return a new command id for a form that is about to be shown; the browser sends it back with the form."""
    return uuid.uuid4()


def of(request: HttpRequest) -> uuid.UUID:
    """Return the command id that ``request`` carries, in its form or its Idempotency-Key header.

    Raises :class:`InputError` when there is none: a change without an id could not be told from its own repetition.
    """
    given = request.headers.get(HEADER) or request.POST.get(FIELD, "")
    try:
        return uuid.UUID(given)
    except ValueError:
        raise InputError(
            "This request carries no command id; load the page again and repeat it.", field=FIELD
        ) from None
