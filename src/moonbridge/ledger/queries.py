"""Read the books: what is where now, and what was where at any earlier instant."""

from collections.abc import Iterable
from datetime import datetime

from django.db import connection
from django.db.models import Q, QuerySet, Sum

from moonbridge.engines.ledger.accounts import AccountKind, AccountName, Balance
from moonbridge.ledger.models import Account, Book, Movement

_AS_OF = """
SELECT DISTINCT ON (e.account_id) a.kind, a.label, e.balance, e.held, e.version
FROM ledger_entry AS e JOIN ledger_account AS a ON a.id = e.account_id JOIN ledger_movement AS m ON m.id = e.movement_id
WHERE a.book_id = %s AND m.at <= %s ORDER BY e.account_id, e.version DESC
"""


def book(slug: str, *, name: str, quantity: str, synthetic: bool = False) -> Book:
    """Return the book with this slug, opened where there is none yet."""
    found, _new = Book.objects.get_or_create(
        slug=slug, defaults={"name": name, "quantity": quantity, "synthetic": synthetic}
    )
    return found


def balance(book: Book, account: AccountName) -> Balance:
    """Return what one account holds now; nothing where it never took part in a movement."""
    found = Account.objects.filter(book=book, kind=account.kind.value, label=account.label).first()
    return Balance(found.balance, found.held, found.version) if found else Balance()


def balances(book: Book, *, labels: Iterable[str] | None = None) -> dict[AccountName, Balance]:
    """Return what all accounts of ``book`` hold now, or those with one of ``labels``; one query."""
    chosen = Account.objects.filter(book=book)
    if labels is not None:
        chosen = chosen.filter(label__in=list(labels))
    rows = chosen.order_by("kind", "label").values_list("kind", "label", "balance", "held", "version")
    return {AccountName(AccountKind(kind), label): Balance(*numbers) for kind, label, *numbers in rows}


def as_of(book: Book, at: datetime) -> dict[AccountName, Balance]:
    """Return what all accounts of ``book`` held at the instant ``at``, from the entries alone."""
    with connection.cursor() as cursor:
        cursor.execute(_AS_OF, [book.pk, at])
        return {AccountName(AccountKind(kind), label): Balance(*numbers) for kind, label, *numbers in cursor.fetchall()}


def totals(book: Book) -> dict[AccountKind, int]:
    """Return what all accounts of each kind hold together; the sum over all kinds is zero."""
    rows = Account.objects.filter(book=book).values("kind").annotate(together=Sum("balance")).order_by("kind")
    return {AccountKind(row["kind"]): int(row["together"]) for row in rows}


def history(book: Book, labels: Iterable[str]) -> QuerySet[Movement]:
    """Return the movements that touched accounts with one of ``labels``, oldest first."""
    touched = Q(entries__account__book=book, entries__account__label__in=list(labels))
    return Movement.objects.filter(touched).distinct().order_by("at", "id").prefetch_related("entries__account")
