"""Seal decisions, and carry out each command once."""

import secrets
from collections.abc import Callable
from typing import Any, Final, cast
from uuid import UUID

from django.db import DatabaseError, connection, transaction

from moonbridge.accounts.models import User
from moonbridge.database import unavailable
from moonbridge.engines.ledger import seal
from moonbridge.errors import Busy, CommandReused
from moonbridge.record.models import PUBLIC, Command, Entry
from moonbridge.record.queries import chain_name, database_now, head, signer

TRIES: Final = 5
"""How often a command begins, if the database undoes it each time for the sake of another one."""


@transaction.atomic
def append(
    verb: str, subject: str, facts: dict[str, Any], *, agency: str, by: User | None, public: bool = False
) -> Entry:
    """Seal the decision ``verb`` on ``subject`` (its address, ``opportunity/<slug>``) with its ``facts`` (JSON; amounts as text).

    A decision goes into the chain of the agency with that slug, which its office and auditors may read. A ``public`` one
    goes into the public chain as well, anchored to the head of the agency's chain, so that what was sealed before in private
    cannot be rewritten later either. Numbers of the public chain count public decisions only.
    """
    entry = _append(chain_name(agency), verb, subject, facts, by)
    return _append(PUBLIC, verb, subject, facts, by, anchor=entry.hash) if public else entry


def _append(chain: str, verb: str, subject: str, facts: dict[str, Any], by: User | None, **more: str) -> Entry:
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(hashtextextended(%s, 0))", [f"record:{chain}"])
    last = head(chain)
    number, previous = (last.number + 1, last.hash) if last else (1, seal.GENESIS)
    at, salt = database_now(), secrets.token_hex(16)
    person = seal.commitment(str(by.pk), salt) if by else None
    body = {
        "chain": chain, "number": number, "at": at.isoformat(), "verb": verb, "subject": subject, "facts": facts, "by": person,
    } | more  # fmt: skip
    sealed = signer().seal(number, body, previous)
    return Entry.objects.create(
        chain=chain, number=number, subject=subject, verb=verb, at=at, body=body, actor=by, salt=salt,
        previous=previous, hash=sealed.hash, signature=sealed.signature,
    )  # fmt: skip


def once[Result](
    command: UUID, verb: str, content: dict[str, Any], act: Callable[[], Result], *, by: User | None
) -> Result:
    """Carry out ``act`` for the client-made id ``command``, or answer as before if it was carried out already.

    ``content`` (JSON) is what was asked; ``act`` returns a JSON value. Of two at once the second waits for the first. Raises
    :class:`CommandReused` when the id was used for something else; a failed ``act`` leaves the id free. Where the database undoes
    it for the sake of another one (a deadlock), it begins anew, unless it is part of a larger transaction; so ``act``
    fetches what it changes. Raises :class:`~moonbridge.errors.Unavailable` when the database cannot write, or is too busy.
    """
    asked = seal.digest({"verb": verb, "content": content, "by": str(by.pk) if by else None})
    tries = 1 if connection.in_atomic_block else TRIES
    while True:
        try:
            return _once(command, verb, asked, act, by)
        except (DatabaseError, Busy) as error:
            tries -= 1
            refused = error if isinstance(error, Busy) else unavailable(error)
            if refused is None:
                raise
            if not (tries and isinstance(refused, Busy)):
                raise refused from error.__cause__


@transaction.atomic
def _once[Result](command: UUID, verb: str, asked: str, act: Callable[[], Result], by: User | None) -> Result:
    done: Command
    done, fresh = Command.objects.get_or_create(id=command, defaults={"verb": verb, "digest": asked, "actor": by})
    if fresh:
        done.result = act()
        done.save(update_fields=["result"])
    elif done.digest != asked:
        raise CommandReused(
            "This command was sent before with other content; load the page again and repeat it.", command=str(command)
        )
    return cast("Result", done.result)
