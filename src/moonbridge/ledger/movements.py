"""Move amounts: the one way into the books, for samples and for the resources of a mission alike."""

import json
from collections.abc import Callable, Iterable, Mapping, Sequence
from contextlib import nullcontext
from dataclasses import dataclass, field
from typing import Any, Final
from uuid import UUID

import orjson
import psycopg
from django.db import DatabaseError, connection, transaction
from django.utils.translation import gettext as _

from moonbridge.accounts.models import User
from moonbridge.database import unavailable
from moonbridge.engines.ledger.accounts import AccountName
from moonbridge.engines.ledger.movements import IllegalMovement, MovementKind, NotEnough
from moonbridge.errors import CommandReused
from moonbridge.ledger.models import Book

ILLEGAL: Final = "MB001"
NOT_ENOUGH: Final = "MB002"
REUSED: Final = "MB003"
"""States that the movement function gives to what it refuses."""
OUT_OF_RANGE: Final = "22003"
"""State that the server gives where a sum leaves 64 bits."""
MOST: Final = 2**63 - 1

_POST: Final = (
    "SELECT ledger_post(%s, %s, ledger_open(%s, %s, %s), %s::bigint[], %s, %s::jsonb, %s::uuid, %s::uuid, %s::uuid)"
)
_POST_MANY: Final = "SELECT ledger_post_many(%s, %s::jsonb)"
_POST_EACH: Final = """
SELECT count(*) FILTER (WHERE ledger_post(id, kind, accounts, amounts, reason, facts, by, reservation, corrects))
FROM ROWS FROM (jsonb_to_recordset(%s::jsonb) AS (
    id uuid, kind text, accounts bigint[], amounts bigint[], reason text, facts jsonb, by uuid, reservation uuid, corrects uuid
)) WITH ORDINALITY AS asked(id, kind, accounts, amounts, reason, facts, by, reservation, corrects, place)
"""


@dataclass(frozen=True, slots=True)
class Posting:
    """A movement to carry out in ``book``: its client-made ``id``, what each account gains, why, and by whom.

    ``legs`` map accounts to base units: what is given is below zero. For a reservation they name the one account and what is to be
    set aside; to let a reservation go there are none. ``facts`` (JSON, no names of people) go into the record.
    """

    id: UUID
    kind: MovementKind
    book: Book
    legs: Mapping[AccountName, int]
    reason: str = ""
    by: User | None = None
    facts: Mapping[str, Any] = field(default_factory=dict)
    reservation: UUID | None = None
    corrects: UUID | None = None

    def arguments(self) -> tuple[Any, ...]:
        """Return what the movement function takes, in its order."""
        kinds = [account.kind.value for account in self.legs]
        labels = [account.label for account in self.legs]
        return (
            self.id, self.kind.value, self.book.pk, kinds, labels, list(self.legs.values()), self.reason, dict(self.facts),
            self.by.pk if self.by else None, self.reservation, self.corrects,
        )  # fmt: skip


def post(posting: Posting) -> bool:
    """Carry out a movement, all or nothing; return whether it is new (False: it was carried out before, just so).

    Raises :class:`~moonbridge.engines.ledger.movements.IllegalMovement`, :class:`~moonbridge.engines.ledger.movements.NotEnough`,
    :class:`CommandReused`, or :class:`~moonbridge.errors.Unavailable` when the disk is full. Then nothing has changed. Several
    movements in one transaction should :func:`lock` their accounts first.
    """
    *before, facts, by, reservation, corrects = posting.arguments()
    given = [*before, json.dumps(facts, ensure_ascii=False) if facts else "{}", by, reservation, corrects]
    # A refusal inside somebody's transaction must not spoil it; alone, the statement is its own transaction.
    with transaction.atomic() if connection.in_atomic_block else nullcontext():
        try:
            return _prepared(given)
        except DatabaseError as error:
            raise refusal(error, posting.book) from error


def _prepared(given: Sequence[Any]) -> bool:
    """Call the movement function as a prepared statement; Django's own cursor has it parsed each time, as long as the movement takes."""
    connection.ensure_connection()
    with connection.wrap_database_errors, psycopg.Cursor(connection.connection) as cursor:
        row = cursor.execute(_POST, given, prepare=True).fetchone()
    return bool(row and row[0])


def lock(book: Book, accounts: Iterable[AccountName]) -> None:
    """Lock ``accounts`` until the end of the transaction, in the order of their ids, so that nobody waits in a circle."""
    with connection.cursor() as cursor:
        ids = list(_opened(cursor, book, accounts).values())
        cursor.execute("SELECT FROM ledger_account WHERE id = ANY (%s) ORDER BY id FOR NO KEY UPDATE", [ids])


def post_all(book: Book, postings: Iterable[Posting]) -> int:
    """Carry out many movements of ``book`` in their order, all or nothing; return how many of them are new.

    They are judged together; where not all are lawful at first sight, one by one, so that the refusal is that of :func:`post`.
    """
    asked = list(postings)
    with transaction.atomic(), connection.cursor() as cursor:
        try:
            accounts = _opened(cursor, book, {name for posting in asked for name in posting.legs})
            told = orjson.dumps([_told(posting, accounts) for posting in asked]).decode()
            cursor.execute(_POST_MANY, [book.pk, told])
            (new,) = cursor.fetchone()
            if new is None:
                cursor.execute(_POST_EACH, [told])
                (new,) = cursor.fetchone()
        except DatabaseError as error:
            raise refusal(error, book) from error
        return int(new)


def _opened(cursor: Any, book: Book, accounts: Iterable[AccountName]) -> dict[AccountName, int]:
    """Return the id of each account, opened where there is none yet."""
    names = sorted(accounts)
    cursor.execute(
        "SELECT ledger_open(%s, %s::text[], %s::text[])",
        [book.pk, [name.kind.value for name in names], [name.label for name in names]],
    )
    return dict(zip(names, cursor.fetchone()[0], strict=True))


def _told(posting: Posting, accounts: Mapping[AccountName, int]) -> dict[str, Any]:
    """Return a posting as the functions of the database read it."""
    if any(abs(amount) > MOST for amount in posting.legs.values()):
        raise _too_much(posting.book)  # JSON of such a number cannot be written
    return {
        "id": posting.id, "kind": posting.kind.value, "accounts": [accounts[name] for name in posting.legs],
        "amounts": list(posting.legs.values()), "reason": posting.reason, "facts": dict(posting.facts),
        "by": posting.by.pk if posting.by else None, "reservation": posting.reservation, "corrects": posting.corrects,
    }  # fmt: skip


def refusal(error: DatabaseError, book: Book) -> Exception:
    """Return what the database refused, as an error that says what to do; any other failure as it is."""
    cause = error.__cause__
    if not isinstance(cause, psycopg.Error):
        return error
    said: Mapping[str, Callable[[], Exception]] = {
        ILLEGAL: lambda: IllegalMovement(cause.diag.message_primary or str(cause)),
        REUSED: lambda: CommandReused(_("This movement was sent before with other content.")),
        NOT_ENOUGH: lambda: _not_enough(json.loads(cause.diag.message_detail or "{}"), book),
        OUT_OF_RANGE: lambda: _too_much(book),
    }
    return said.get(cause.sqlstate or "", lambda: unavailable(error) or error)()


def _too_much(book: Book) -> IllegalMovement:
    most = book.kind.text(MOST)
    return IllegalMovement(_("The books count up to %(most)s in one account; nothing was moved.") % {"most": most})


def _not_enough(told: Mapping[str, str], book: Book) -> NotEnough:
    free, asked = (book.kind.text(int(told[name])) for name in ("free", "asked"))
    sentence = _("%(account)s has %(free)s free; %(asked)s was asked.") % {
        "account": told["account"], "free": free, "asked": asked,
    }  # fmt: skip
    return NotEnough(sentence, account=told["account"], free=free, asked=asked)
