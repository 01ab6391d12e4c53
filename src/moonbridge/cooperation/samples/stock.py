"""What there is of a split, read from the books: the bridge between the ledger's accounts and the engine of lending."""

from collections import defaultdict
from collections.abc import Iterable, Mapping
from typing import Final
from uuid import UUID

from django.db.models import Exists, F, OuterRef, Q, QuerySet

from moonbridge.cooperation.samples.models import Collection, LoanLine, Split
from moonbridge.cooperation.samples.states.lending import ENDED
from moonbridge.engines.ledger.accounts import AccountKind
from moonbridge.engines.ledger.genealogy import COUNTED
from moonbridge.engines.lending.fit import Stock
from moonbridge.ledger.models import Account, Entry

POWDERY: Final = frozenset({"powder", "soil", "fines", "regolith", "dust"})
"""Words of a material that say that it can be divided at will."""
KEPT: Final = frozenset({"permanent", "backup", "residue"})
"""What ``facts["kept_for"]`` says of material that stays, or was altered and is not released."""
OUT_OF_STORE: Final = frozenset({AccountKind.TRANSIT, AccountKind.LOAN, AccountKind.RESIDUE})
BEGAN_WITH: Final = "began_with_ng"
"""Where a piece that got another number keeps with how much it began under its first one, as text: the reserve floor goes by it."""


def catalogue() -> QuerySet[Split]:
    """Return the pieces that everybody may read of: those of agencies that lend, without the portions that a loan has or used up."""
    lending = Collection.objects.filter(agency__lender__isnull=False)
    listed = Split.objects.filter(collection__in=lending).exclude(pk__in=_portions().values("lent_id"))
    return listed.select_related("collection__agency", "collection__book", "collection__mission")


def _portions() -> QuerySet[LoanLine]:
    """Return the lines whose material was made for them and is not back: the loan runs, or nothing of it came to the store.

    What is back, or was never sent, is a piece like any other: it is lent again, whole or in portions of its own.
    """
    made = LoanLine.objects.filter(lent__isnull=False).exclude(lent=F("split"))
    running = Q(closed_on=None) & ~Q(loan__state__in=ENDED)
    store = Account.objects.filter(
        book=OuterRef("lent__collection__book"), kind=AccountKind.STORE, label=OuterRef("lent__name"), balance__gt=0
    )
    lent_again = LoanLine.objects.filter(split=OuterRef("lent"))
    return made.filter(running | ~(Exists(store) | Exists(lent_again)))


def form_of(split: Split) -> str:
    """Return the form by which policies speak of a split: powder, section, clast, or what its ``facts["form"]`` says."""
    if said := split.facts.get("form"):
        return str(said)
    if split.kind in COUNTED:
        return "section"
    return "powder" if POWDERY & set(split.material.casefold().split()) else "clast"


def stocks(splits: Iterable[Split]) -> dict[UUID, Stock]:
    """Return what there is of each split, in two queries; the splits come with their collections."""
    wanted = {(split.collection.book_id, split.name): split for split in splits}
    accounts = _accounts(wanted, AccountKind.STORE)
    originals = _originals(accounts.values())
    return {split.pk: _stock(split, accounts.get(key), originals) for key, split in wanted.items()}


def _accounts(wanted: Iterable[tuple[int, str]], kind: AccountKind) -> dict[tuple[int, str], Account]:
    labels: dict[int, list[str]] = defaultdict(list)
    for book, label in wanted:
        labels[book].append(label)
    return {
        (book, account.label): account
        for book, names in labels.items()
        for account in Account.objects.filter(book=book, kind=kind, label__in=names)
    }


def _originals(accounts: Iterable[Account]) -> dict[int, int]:
    """Return with how much each account began: its first entry."""
    first = Entry.objects.filter(account__in=[account.pk for account in accounts], version=1)
    return dict(first.values_list("account_id", "amount"))


def _stock(split: Split, account: Account | None, originals: Mapping[int, int]) -> Stock:
    kept = split.facts.get("kept_for") in KEPT
    if account is None:
        return Stock(split.name, form_of(split), 0, 0, lendable=not kept)
    free = account.balance - account.held
    original = int(split.facts.get(BEGAN_WITH) or originals.get(account.pk, 0))
    return Stock(split.name, form_of(split), free, original, lendable=not kept)


def lent(splits: Iterable[Split]) -> dict[UUID, int]:
    """Return the nanograms of each split that are with borrowers now."""
    open_lines = LoanLine.objects.filter(split__in=list(splits), closed_on=None)
    lines = list(open_lines.select_related("loan", "split__collection"))
    sums: dict[UUID, int] = defaultdict(int)
    held = held_by_lines(lines)
    for line in lines:
        sums[line.split_id] += held[line.pk].get(AccountKind.LOAN, 0)
    return dict(sums)


def held_by_lines(lines: Iterable[LoanLine]) -> dict[UUID, dict[AccountKind, int]]:
    """Return what each line's accounts hold: with the borrower, on its way, left over, used up; in one query for each book."""
    labels: dict[int, list[str]] = defaultdict(list)
    keys = {(line.split.collection.book_id, line.label): line.pk for line in lines}
    for book, label in keys:
        labels[book].append(label)
    found: dict[UUID, dict[AccountKind, int]] = {key: {} for key in keys.values()}
    for book, names in labels.items():
        rows = Account.objects.filter(book=book, label__in=names, balance__gt=0).values_list("kind", "label", "balance")
        for kind, label, held in rows:
            found[keys[book, label]][AccountKind(kind)] = held
    return found


def away(split: Split) -> int:
    """Return the nanograms of a piece that are on loan, on their way, or left over with a borrower."""
    lines = LoanLine.objects.filter(lent=split).select_related("loan", "split__collection")
    held = held_by_lines(lines)
    return sum(mass for amounts in held.values() for kind, mass in amounts.items() if kind in OUT_OF_STORE)


def balances(line: LoanLine) -> dict[AccountKind, int]:
    """Return what the accounts of one line hold."""
    return held_by_lines([line])[line.pk]
