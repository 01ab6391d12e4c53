"""Seal decisions, and carry out each command once."""

import secrets
from collections.abc import Callable
from typing import Any, cast
from uuid import UUID

from django.db import connection, transaction

from moonbridge.accounts.models import User
from moonbridge.engines.ledger import seal
from moonbridge.errors import CommandReused
from moonbridge.record.models import PUBLIC, Command, Entry
from moonbridge.record.queries import chain_name, database_now, head, signer


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


@transaction.atomic
def once[Result](
    command: UUID, verb: str, content: dict[str, Any], act: Callable[[], Result], *, by: User | None
) -> Result:
    """Carry out ``act`` for the client-made id ``command``, or answer as before if it was carried out already.

    ``content`` (JSON) is what was asked; ``act`` returns a JSON value. Of two at once the second waits for the first. Raises
    :class:`CommandReused` when the id was used for something else; a failed ``act`` leaves the id free.
    """
    asked = seal.digest({"verb": verb, "content": content, "by": str(by.pk) if by else None})
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
