"""What an auditor asks of a book: its balances on any date, what changed between two, what was adjusted or written off, and proofs."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from django.db import connection
from django.db.models import Prefetch, QuerySet

from moonbridge.accounts.models import User
from moonbridge.cooperation.samples.models import Collection, Incident, Reconciliation
from moonbridge.cooperation.samples.states.ledger import IncidentState
from moonbridge.engines.ledger import merkle
from moonbridge.engines.ledger.accounts import AccountKind, AccountName, Balance
from moonbridge.engines.ledger.movements import MovementKind
from moonbridge.errors import InputError
from moonbridge.formats import ledger as files
from moonbridge.ledger import queries as books
from moonbridge.ledger.models import Book, Checkpoint, Entry, Leaf, Movement
from moonbridge.record.models import Entry as Sealed
from moonbridge.record.queries import chain_of, signer

_TOTALS = """
SELECT a.kind, sum(e.amount)::bigint FROM ledger_entry AS e JOIN ledger_movement AS m ON m.id = e.movement_id
JOIN ledger_account AS a ON a.id = e.account_id WHERE m.book_id = %s AND m.at <= %s GROUP BY a.kind
"""


@dataclass(frozen=True, slots=True)
class Change:
    """An account that held something else at two instants (base units)."""

    account: AccountName
    before: int
    after: int

    @property
    def difference(self) -> int:
        """What it gained."""
        return self.after - self.before


@dataclass(frozen=True, slots=True)
class Adjustment:
    """A difference that somebody posted: above zero more was found than the books had, below zero less."""

    movement: Movement
    account: str
    amount: int
    signed_by: User | None
    second: User | None
    within: bool = False
    needs_two: bool = False

    @property
    def explained(self) -> bool:
        """Whether the balances or a reason explain it, and as many have signed as its size takes."""
        return (self.within or bool(self.movement.reason.strip())) and (not self.needs_two or self.second is not None)


def totals_at(book: Book, at: datetime) -> dict[AccountKind, int]:
    """Return what all accounts of each kind held together at an instant, from the entries alone."""
    with connection.cursor() as cursor:
        cursor.execute(_TOTALS, [book.pk, at])
        return {AccountKind(kind): together for kind, together in cursor.fetchall()}


def changes(book: Book, since: datetime, until: datetime) -> list[Change]:
    """Return the accounts that held something else at ``until`` than at ``since``, in the order of their names."""
    before, after = books.as_of(book, since), books.as_of(book, until)
    found = (Change(name, before.get(name, Balance()).amount, after[name].amount) for name in sorted(after))
    return [one for one in found if one.difference]


def adjustments(collection: Collection, until: datetime) -> list[Adjustment]:
    """Return all that was posted to ADJUST accounts by an instant, the newest first, each with who signed."""
    posted = Movement.objects.filter(book=collection.book_id, kind=MovementKind.ADJUST, at__lte=until)
    entries = Prefetch("entries", Entry.objects.select_related("account").order_by("leg"))
    signed = {one.label: one for one in collection.reconciliations.select_related("signed_by", "countersigned_by")}
    found = posted.select_related("by").prefetch_related(entries).order_by("-at", "-id")
    return [one for movement in found for one in _adjusted(movement, signed)]


def _adjusted(movement: Movement, signed: dict[str, Reconciliation]) -> Iterator[Adjustment]:
    """Yield what a movement gave to an ADJUST account; a surplus that passes on from there was told when it came."""
    legs = list(movement.entries.all())
    surplus = any(leg.account.kind == AccountKind.ORIGIN for leg in legs)
    for leg in legs:
        if leg.account.kind == AccountKind.ADJUST and leg.amount > 0:
            yield _told(movement, leg, signed.get(leg.account.label), leg.amount if surplus else -leg.amount)


def _told(movement: Movement, leg: Entry, known: Reconciliation | None, amount: int) -> Adjustment:
    """Return an adjustment with what the reconciliation says of it, where there was one; others came with an import."""
    if known is None:
        return Adjustment(movement, leg.account.label, amount, movement.by, None)
    within = abs(known.remainder) <= 2 * known.sigma
    return Adjustment(
        movement,
        leg.account.label,
        amount,
        known.signed_by,
        known.countersigned_by,
        within,
        needs_two=known.two_officers,
    )


def write_offs(collection: Collection, until: datetime) -> QuerySet[Incident]:
    """Return what was given up as lost of incidents reported by an instant, with both officers."""
    found = Incident.objects.filter(split__collection=collection, state=IncidentState.WRITTEN_OFF, at__lte=until)
    return found.select_related("split", "signed_by", "countersigned_by", "reported_by").order_by("-at")


def movements(book: Book, *, account: str = "", kind: str = "") -> QuerySet[Movement]:
    """Return the movements of a book, the newest first: all, of one kind, or those that touched accounts with one label."""
    found = Movement.objects.filter(book=book)
    if account:
        found = found.filter(
            pk__in=Entry.objects.filter(account__book=book, account__label=account).values("movement_id")
        )
    if kind in list(MovementKind):
        found = found.filter(kind=kind)
    entries = Prefetch("entries", Entry.objects.select_related("account").order_by("leg"))
    return found.select_related("by", "leaf").prefetch_related(entries).order_by("-at", "-id")


def checkpoints(book: Book) -> QuerySet[Checkpoint]:
    """Return the signed states of a book's log with those who co-signed, the newest first."""
    return Checkpoint.objects.filter(book=book).prefetch_related("cosignatures").order_by("-size")


def proof_between(later: Checkpoint, earlier: Checkpoint | None = None) -> dict[str, Any]:
    """Return the proof of what a checkpoint states, with its co-signatures: its last movement is in the log of its size.

    With an ``earlier`` checkpoint it proves that the log of that one is the beginning of the later one: nothing was rewritten between
    them. ``moonbridge record verify`` checks it without a database.
    """
    if earlier is not None and (earlier.book_id != later.book_id or earlier.size > later.size):
        raise InputError("an earlier checkpoint of the same book is needed", field="since")
    size = (earlier or later).size
    leaf = Leaf.objects.get(book=later.book_id, number=size - 1)
    hashes = Leaf.objects.filter(book=later.book_id, number__lt=later.size).order_by("number")
    tree = merkle.Tree([bytes(each) for each in hashes.values_list("hash", flat=True)])
    told = files.proof(
        leaf.body, leaf.number, tree.inclusion(leaf.number, later.size), later.note, signer().public_key,
        earlier=earlier.note if earlier else None, consistency=tree.consistency(earlier.size, later.size) if earlier else (),
    )  # fmt: skip
    signatures = later.cosignatures.order_by("at").values("name", "public_key", "line")
    return told | {"cosignatures": list(signatures)}


def audits(collection: Collection) -> QuerySet[Sealed]:
    """Return the audits of a collection's book that the sealed record tells of, the newest first."""
    found = chain_of(collection.agency.slug).filter(verb="audit", subject=collection.address)
    return found.order_by("-number")


def movement_of(book: Book, key: UUID) -> Movement | None:
    """Return one movement of a book; None where it has none of this id."""
    return Movement.objects.filter(book=book, pk=key).select_related("book").first()
