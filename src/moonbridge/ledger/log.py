"""The Merkle log of each book: movements become leaves some moments after they happened, under signed checkpoints."""

import secrets
from collections.abc import Iterator
from datetime import datetime
from typing import Any, Final
from urllib.parse import urlsplit

from django.conf import settings
from django.db import connection, transaction

from moonbridge.engines.ledger import checkpoints, merkle, seal
from moonbridge.errors import InputError, WrongState
from moonbridge.formats import ledger as files
from moonbridge.ledger.models import Book, Checkpoint, CoSignature, Leaf, Movement
from moonbridge.record.queries import signer

AT_ONCE: Final = 20_000
"""How many movements become leaves in one transaction."""


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
    waiting = list(
        Movement.objects.filter(book=book, leaf__isnull=True)
        .order_by("at", "id")
        .prefetch_related("entries__account")[:AT_ONCE]
    )
    if not waiting:
        return 0
    last = latest(book)
    frontier = (
        merkle.Frontier(last.size, [bytes.fromhex(root) for root in last.frontier]) if last else merkle.Frontier()
    )
    leaves = [_leaf(book, number, movement) for number, movement in enumerate(waiting, start=frontier.size)]
    for leaf in leaves:
        frontier.append(bytes(leaf.hash))
    Leaf.objects.bulk_create(leaves, batch_size=2_000)
    state = checkpoints.Checkpoint(origin(book), frontier.size, frontier.root)
    Checkpoint.objects.create(
        book=book, size=state.size, root=state.root, frontier=[root.hex() for root in frontier.roots],
        note=checkpoints.sign(state, signer()),
    )  # fmt: skip
    return len(waiting)


def _leaf(book: Book, number: int, movement: Movement) -> Leaf:
    salt = secrets.token_hex(16)
    body = body_of(book, movement, salt)
    return Leaf(
        book=book, number=number, movement=movement, body=body, salt=salt, hash=merkle.leaf_hash(seal.canonical(body))
    )


def body_of(book: Book, movement: Movement, salt: str) -> dict[str, Any]:
    """Return what the log tells of ``movement``: amounts as text; the person and the free words only as salted commitments."""
    legs = [
        {"account": str(entry.account), "amount": str(entry.amount), "set_aside": str(entry.hold), "balance": str(entry.balance)}
        for entry in sorted(movement.entries.all(), key=lambda entry: entry.leg)
    ]  # fmt: skip
    return {
        "book": book.slug, "movement": str(movement.pk), "kind": movement.kind, "at": movement.at.isoformat(), "legs": legs,
        "facts": movement.facts, "reservation": _text(movement.reservation_id), "corrects": _text(movement.corrects_id),
        "by": seal.commitment(str(movement.by_id), salt) if movement.by_id else None,
        "reason": seal.commitment(movement.reason, salt) if movement.reason else None,
    }  # fmt: skip


def latest(book: Book) -> Checkpoint | None:
    """Return the last checkpoint of ``book``."""
    return Checkpoint.objects.filter(book=book).order_by("-size").first()


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
