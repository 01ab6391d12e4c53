"""UTC instants as people type them, for the Moon engine's arrays of instants."""

from datetime import UTC, datetime

import numpy as np

from moonbridge.errors import InputError


def instant(text: str, *, field: str) -> np.datetime64:
    """Return the UTC second that ``text`` names: ``2027-01-01``, ``2027-01-01T06:30`` or with a zone, ``2027-01-01T06:30+08:00``.

    Without a zone it is UTC. Raises :class:`InputError`, which names ``field``, for anything else.
    """
    try:
        read = datetime.fromisoformat(text.strip())
    except ValueError:
        raise InputError(
            f"{text!r} is no instant; write for example 2027-01-01 or 2027-01-01T06:30, in UTC", field=field
        ) from None
    in_utc = read.astimezone(UTC) if read.tzinfo else read
    return np.datetime64(in_utc.replace(tzinfo=None), "s")
