"""What PostgreSQL says when nothing can be written, or when two wait for each other, as errors that say what to do.

https://www.postgresql.org/docs/current/errcodes-appendix.html lists the states.
"""

import time
from typing import Final

import psycopg
from django.db import DatabaseError, connection
from django.utils.translation import gettext as _

from moonbridge.errors import Busy, ReadOnly, Unavailable

DISK_FULL: Final = "53100"
ONLY_READS: Final = "25006"
ANOTHER_FIRST: Final = frozenset({"40001", "40P01"})
"""Serialization failure, deadlock: whoever is told so was undone as a whole, and may begin anew."""
REMEMBERED_FOR: Final = 60.0
"""Seconds for which a process tells people of a full disk; that a server only reads it announces itself."""


class _Memory:
    """When this process last met a full disk; a plain number, which threads may set at will."""

    full_at = float("-inf")


def state_of(error: DatabaseError) -> str:
    """Return the five characters by which the server names a failure; empty where it named none."""
    cause = error.__cause__
    return (cause.sqlstate or "") if isinstance(cause, psycopg.Error) else ""


def unavailable(error: DatabaseError) -> Unavailable | None:
    """Return what a failure means to whoever asked, where nothing is wrong with what was asked; None for any other failure."""
    state = state_of(error)
    if state == DISK_FULL:
        _Memory.full_at = time.monotonic()
        return ReadOnly(_full())
    if state == ONLY_READS:
        return read_only()
    if state in ANOTHER_FIRST:
        return Busy(
            _("Others were changing the same at this instant, and nothing of yours was changed. Send it again.")
        )
    return None


def read_only() -> ReadOnly:
    """Return the refusal of a database that takes no changes."""
    return ReadOnly(
        _(
            "Moonbridge can only be read now: its database takes no changes. Nothing was changed, and nothing that was confirmed is lost. "
            "Tell the operator, or wait until the maintenance is over; then send it again, with the same command id: it is done once."
        )
    )


def only_reads() -> bool:
    """Return whether the server announces that this connection cannot write, or its disk was full in the last minute; asks it nothing."""
    if time.monotonic() - _Memory.full_at < REMEMBERED_FOR:
        return True
    server = getattr(connection.connection, "info", None)
    announced = ("default_transaction_read_only", "in_hot_standby")
    return server is not None and any(server.parameter_status(name) == "on" for name in announced)


def _full() -> str:
    return _(
        "Moonbridge can only be read now: the disk is full. Nothing was changed, and nothing that was confirmed is lost. "
        "Tell the operator to make room; then send it again, with the same command id: it is done once."
    )
