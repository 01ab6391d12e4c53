"""The Merkle log of each book: movements become leaves some moments after they happened, under signed checkpoints."""

import json
import secrets
from collections.abc import Iterator, Sequence
from datetime import datetime
from typing import Any, Final
from urllib.parse import urlsplit

import orjson
from django.conf import settings
from django.db import connection, transaction

from moonbridge.engines.ledger import checkpoints, merkle, seal
from moonbridge.errors import InputError, WrongState
from moonbridge.formats import ledger as files
from moonbridge.ledger.models import Book, Checkpoint, CoSignature, Leaf, Movement
from moonbridge.record.queries import signer

AT_ONCE: Final = 50_000
"""How many movements become leaves in one transaction."""

_WAITING: Final = """
SELECT m.id, m.kind, m.at, m.facts, m.reservation_id, m.corrects_id, m.by_id, m.reason, (
    SELECT json_agg(json_build_object(
        'account', upper(a.kind) || CASE a.label WHEN '' THEN '' ELSE ':' || a.label END,
        'amount', e.amount::text, 'set_aside', e.hold::text, 'balance', e.balance::text) ORDER BY e.leg)
    FROM ledger_entry AS e JOIN ledger_account AS a ON a.id = e.account_id WHERE e.movement_id = m.id)
FROM ledger_movement AS m
WHERE m.book_id = %s AND NOT EXISTS (SELECT FROM ledger_leaf AS l WHERE l.movement_id = m.id) ORDER BY m.at, m.id LIMIT %s
"""
_KEEP: Final = "COPY ledger_leaf (book_id, number, movement_id, body, salt, hash) FROM STDIN"


def origin(book: Book) -> str:
    """Return the name of a book's log in checkpoints: the site's host and the book."""
    return f"{urlsplit(settings.BASE_URL).netloc}/ledger/{book.slug}"


def append_new(book: Book) -> int:
    """Make leaves of the movements that are none yet, sign a checkpoint over all, and return how many there were."""
    appended = 0
    while many := _append_some(book):
        appended += many
    return appended


@transaction.atomic
def _append_some(book: Book) -> int:
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(hashtextextended(%s, 0))", [f"ledger:{book.slug}"])
        cursor.execute(_WAITING, [book.pk, AT_ONCE])
        waiting = cursor.fetchall()
        if not waiting:
            return 0
        last = latest(book)
        frontier = (
            merkle.Frontier(last.size, [bytes.fromhex(root) for root in last.frontier]) if last else merkle.Frontier()
        )
        with cursor.copy(_KEEP) as leaves:
            for row in waiting:
                salt = secrets.token_hex(16)
                body = _canonical(_body(book, row, salt))
                leaf = merkle.leaf_hash(body)
                leaves.write_row((book.pk, frontier.size, row[0], body.decode(), salt, leaf))
                frontier.append(leaf)
    state = checkpoints.Checkpoint(origin(book), frontier.size, frontier.root)
    Checkpoint.objects.create(
        book=book, size=state.size, root=state.root, frontier=[root.hex() for root in frontier.roots],
        note=checkpoints.sign(state, signer()),
    )  # fmt: skip
    return len(waiting)


def _body(book: Book, row: Sequence[Any], salt: str) -> dict[str, Any]:
    """Return what the log tells of a movement: amounts as text; the person and the free words only as salted commitments."""
    number, kind, at, facts, reservation, corrects, by, reason, legs = row
    return {
        "book": book.slug, "movement": str(number), "kind": kind, "at": at.isoformat(), "legs": legs,
        "facts": json.loads(facts), "reservation": _text(reservation), "corrects": _text(corrects),
        "by": seal.commitment(str(by), salt) if by else None, "reason": seal.commitment(reason, salt) if reason else None,
    }  # fmt: skip


def _canonical(body: dict[str, Any]) -> bytes:
    """Return the RFC 8785 form of a leaf ten times as fast as :func:`seal.canonical`: beside the facts all is text under plain keys."""
    facts = orjson.Fragment(seal.canonical(body["facts"]) if body["facts"] else b"{}")
    return orjson.dumps(body | {"facts": facts}, option=orjson.OPT_SORT_KEYS)


def latest(book: Book) -> Checkpoint | None:
    """Return the last checkpoint of ``book``."""
    return Checkpoint.objects.filter(book=book).order_by("-size").first()


def checkpoint_of(name: str, size: int) -> Checkpoint | None:
    """Return the checkpoint of the log that goes by ``name`` here at ``size`` leaves; None where this site has none."""
    books = {origin(book): book for book in Book.objects.all()}
    return Checkpoint.objects.filter(book=books.get(name), size=size).first()


def cosign(checkpoint: Checkpoint, *, name: str, public_key: str, line: str) -> datetime:
    """Keep a partner's signature under ``checkpoint`` after checking it, and return when it was written down.

    Raises :class:`~moonbridge.errors.TamperedError` where it is not theirs.
    """
    checkpoints.check_cosignature(checkpoint.note, line, name, public_key)
    kept, _new = CoSignature.objects.get_or_create(
        checkpoint=checkpoint, public_key=public_key, defaults={"name": name, "line": line}
    )
    kept.refresh_from_db()
    written: datetime = kept.at
    return written


def exported(book: Book) -> Iterator[str]:
    """Yield the whole log of ``book`` as the lines of a file that verifies by itself (see :mod:`moonbridge.formats.ledger`)."""
    notes = {
        found.size: files.checkpoint(found.note, found.cosignatures.values_list("name", "public_key", "line"))
        for found in Checkpoint.objects.filter(book=book).order_by("size")
    }
    yield files.header(origin(book), book.kind.base, signer().public_key)
    size = max(notes, default=0)
    leaves = Leaf.objects.filter(book=book, number__lt=size).order_by("number").values_list("number", "body")
    for number, body in leaves.iterator():
        yield files.leaf(number, body)
        if number + 1 in notes:
            yield notes[number + 1]


def proof(movement: Movement, *, since: Checkpoint | None = None) -> dict[str, Any]:
    """Return the proof that ``movement`` is in its book's log, and that nothing was rewritten ``since`` an earlier checkpoint.

    Raises :class:`WrongState` where it is under no checkpoint yet.
    """
    found = Leaf.objects.filter(movement=movement).first()
    last = latest(movement.book)
    if found is None or last is None:
        raise WrongState("This movement is not in the log yet; ask again in a minute.", movement=str(movement.pk))
    if since is not None and since.book_id != movement.book_id:
        raise InputError("this checkpoint is of another book", field="since")
    hashes = (
        Leaf.objects.filter(book=movement.book, number__lt=last.size).order_by("number").values_list("hash", flat=True)
    )
    tree = merkle.Tree([bytes(each) for each in hashes])
    return files.proof(
        found.body, found.number, tree.inclusion(found.number, last.size), last.note, signer().public_key,
        earlier=since.note if since else None, consistency=tree.consistency(since.size, last.size) if since else (),
    )  # fmt: skip


def _text(value: object) -> str | None:
    return str(value) if value else None
