# ruff: noqa: S608 - the checks share clauses written here; what people give goes in as parameters
"""Recompute everything the books promise from the entries alone, and tell every difference.

Each check is one query over a whole book; what it returns is a difference: which thing, and what is wrong with it. The
database's constraints should make every one of them impossible; the audit does not trust them.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

from django.db import connection

from moonbridge.ledger.models import Book
from moonbridge.record.queries import database_now


@dataclass(frozen=True, slots=True)
class Difference:
    """Something that is not as the books promise: the ``promise``, the thing concerned, and what is wrong with it."""

    promise: str
    subject: str
    fault: str


@dataclass(frozen=True, slots=True)
class Audit:
    """What an audit of ``book`` as of ``at`` found; ``counted`` says how much it looked at."""

    book: str
    at: datetime
    counted: dict[str, int]
    differences: list[Difference]

    @property
    def clean(self) -> bool:
        """Whether everything is as promised."""
        return not self.differences


_MOVEMENTS = "FROM ledger_movement AS m WHERE m.book_id = %(book)s AND m.at <= %(at)s"
_ENTRIES = """FROM ledger_entry AS e JOIN ledger_account AS a ON a.id = e.account_id JOIN ledger_movement AS m ON m.id = e.movement_id
    WHERE a.book_id = %(book)s AND m.at <= %(at)s"""
_NAME = "upper(a.kind) || ':' || a.label"

CHECKS: Final = {
    "every movement has its legs, in one book, and they add up to zero": """
        SELECT m.id::text, format('%%s legs of %%s, sum %%s', count(e.leg), m.legs, coalesce(sum(e.amount), 0))
        FROM ledger_movement AS m LEFT JOIN ledger_entry AS e ON e.movement_id = m.id
        LEFT JOIN ledger_account AS a ON a.id = e.account_id
        WHERE m.book_id = %(book)s AND m.at <= %(at)s GROUP BY m.id
        HAVING count(e.leg) <> m.legs OR coalesce(sum(e.amount), 0) <> 0 OR bool_or(a.book_id <> m.book_id)
            OR (m.legs < 2 AND m.kind NOT IN ('reserve', 'void'))
    """,
    "every leg is one that its movement may have": f"""
        SELECT m.id::text, m.kind || ' ' || e.amount || ' ' || {_NAME} {_ENTRIES}
        AND CASE WHEN m.kind IN ('reserve', 'void') THEN e.amount <> 0 OR a.kind <> 'store'
            ELSE e.amount = 0 OR NOT ledger_legal(m.kind, a.kind, e.amount > 0) END
    """,
    "every entry follows on the one before it": f"""
        SELECT name || ' entry ' || version, format('%%s follows %%s', previous, before) FROM (
            SELECT {_NAME} AS name, e.version, e.previous, e.amount, e.balance, e.hold, e.held, m.at,
                coalesce(lag(e.balance) OVER w, 0) AS before, coalesce(lag(e.held) OVER w, 0) AS held_before,
                coalesce(lag(e.version) OVER w, 0) AS version_before, lag(m.at) OVER w AS at_before
            {_ENTRIES} WINDOW w AS (PARTITION BY e.account_id ORDER BY e.version)
        ) AS chain
        WHERE version <> version_before + 1 OR previous <> before OR balance <> before + amount OR held <> held_before + hold
            OR at < at_before
    """,
    "nothing is below zero, or set aside beyond what there is": f"""
        SELECT {_NAME} || ' entry ' || e.version, format('%%s with %%s set aside', e.balance, e.held) {_ENTRIES}
        AND (e.held < 0 OR (a.kind <> 'origin' AND e.balance < e.held))
    """,
    "every account holds what its entries add up to": f"""
        SELECT {_NAME}, format('holds %%s (%%s set aside, version %%s); its entries say %%s (%%s, %%s)',
            a.balance, a.held, a.version, coalesce(sum(e.amount), 0), coalesce(sum(e.hold), 0), count(e.account_id))
        FROM ledger_account AS a LEFT JOIN ledger_entry AS e ON e.account_id = a.id
        WHERE a.book_id = %(book)s AND %(now)s GROUP BY a.id
        HAVING (a.balance, a.held, a.version) IS DISTINCT FROM (coalesce(sum(e.amount), 0), coalesce(sum(e.hold), 0), count(e.account_id))
    """,
    "the book adds up to zero": f"""
        SELECT 'all accounts', sum(e.amount)::text {_ENTRIES} HAVING sum(e.amount) <> 0
    """,
    "a reservation is let go once, as it was made": f"""
        SELECT m.id::text, format('lets go %%s of %%s', -coalesce(e.hold, 0), made.hold)
        FROM ledger_movement AS m JOIN ledger_entry AS made ON made.movement_id = m.reservation_id
        LEFT JOIN ledger_entry AS e ON e.movement_id = m.id AND e.account_id = made.account_id
        WHERE m.book_id = %(book)s AND m.at <= %(at)s AND coalesce(e.hold, 0) <> -made.hold
        UNION ALL
        SELECT m.reservation_id::text, 'was closed more than once' {_MOVEMENTS} AND m.reservation_id IS NOT NULL
        GROUP BY m.reservation_id HAVING count(*) > 1
        UNION ALL
        SELECT m.id::text, 'sets aside or lets go without a reservation' {_ENTRIES}
        AND ((e.hold > 0 AND m.kind <> 'reserve') OR (e.hold < 0 AND m.reservation_id IS NULL))
    """,
    "a correction is the opposite of what it takes back": f"""
        SELECT m.id::text, 'differs from ' || m.corrects_id {_MOVEMENTS} AND m.corrects_id IS NOT NULL AND EXISTS (
            (SELECT account_id, -amount FROM ledger_entry WHERE movement_id = m.corrects_id
             EXCEPT SELECT account_id, amount FROM ledger_entry WHERE movement_id = m.id)
            UNION ALL
            (SELECT account_id, amount FROM ledger_entry WHERE movement_id = m.id
             EXCEPT SELECT account_id, -amount FROM ledger_entry WHERE movement_id = m.corrects_id))
    """,
}
"""Each promise, and the query that returns what breaks it."""


def audit(book: Book, *, at: datetime | None = None) -> Audit:
    """Recompute every promise of ``book`` from its entries, as of ``at`` (default: now), and return the differences."""
    now = database_now()
    given: dict[str, Any] = {"book": book.pk, "at": at or now, "now": at is None}
    with connection.cursor() as cursor:
        differences = [
            Difference(promise, subject, fault)
            for promise, query in CHECKS.items()
            for subject, fault in _rows(cursor, query, given)
        ]
        counted = {
            "movements": _count(cursor, f"SELECT count(*) {_MOVEMENTS}", given),
            "entries": _count(cursor, f"SELECT count(*) {_ENTRIES}", given),
            "accounts": _count(cursor, "SELECT count(*) FROM ledger_account WHERE book_id = %(book)s", given),
        }
    return Audit(book.slug, at or now, counted, differences)


def _rows(cursor: Any, query: str, given: dict[str, Any]) -> Iterator[tuple[str, str]]:
    cursor.execute(query, given)
    yield from cursor.fetchall()


def _count(cursor: Any, query: str, given: dict[str, Any]) -> int:
    cursor.execute(query, given)
    return int(cursor.fetchone()[0])
