"""Move the mass of a loan's lines: every step of a loan goes through the one movement function, in the action's own transaction."""

from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping
from uuid import UUID, uuid5

from moonbridge.accounts.models import User
from moonbridge.cooperation.samples.actions.keeping import store
from moonbridge.cooperation.samples.models import LoanLine
from moonbridge.engines.ledger.accounts import AccountKind, AccountName
from moonbridge.engines.ledger.movements import MovementKind
from moonbridge.ledger.models import Book
from moonbridge.ledger.movements import Posting, lock, post


def account(kind: AccountKind, line: LoanLine) -> AccountName:
    """Return the line's own account of that kind: LOAN, TRANSIT, RESIDUE, CONSUMED."""
    return AccountName(kind, line.label)


def home(line: LoanLine) -> AccountName:
    """Return the account in store to which the line's material belongs."""
    return store(line.lent or line.split)


def lock_accounts(wanted: Iterable[tuple[Book, AccountName]]) -> None:
    """Lock all accounts that an action will touch, before its first movement, its first new name and its first record.

    Every action of more than one movement begins with it, book by book, and in a book by the accounts' ids: so of two actions at
    once one waits for the other and never each for the other.
    """
    names: dict[Book, set[AccountName]] = defaultdict(set)
    for book, name in wanted:
        names[book].add(name)
    for book in sorted(names, key=lambda book: book.pk):
        lock(book, names[book])


def lock_lines(lines: Iterable[LoanLine], accounts: Callable[[LoanLine], Iterable[AccountName]]) -> None:
    """Lock the ``accounts`` of each line, all of them at once."""
    lock_accounts((line.split.collection.book, name) for line in lines for name in accounts(line))


def move(
    line: LoanLine,
    kind: MovementKind,
    legs: Mapping[AccountName, int],
    *,
    by: User | None,
    command: UUID,
    reason: str = "",
    reservation: UUID | None = None,
) -> UUID:
    """Carry out one movement of a line and return its id, which follows from the command: sent twice, it happens once."""
    names = "/".join(sorted(map(str, legs)))
    movement = uuid5(command, f"{kind.value}/{line.label}/{names}/{reservation or ''}")
    facts = {"loan": line.loan.code, "line": str(line.number)}
    post(
        Posting(
            movement, kind, line.split.collection.book, legs, reason=reason, by=by, facts=facts, reservation=reservation
        )
    )
    return movement


def shift(
    line: LoanLine,
    kind: MovementKind,
    source: AccountName,
    target: AccountName,
    mass: int,
    *,
    by: User | None,
    command: UUID,
    reason: str = "",
    reservation: UUID | None = None,
) -> UUID:
    """Move ``mass`` nanograms from one account to another."""
    legs = {source: -mass, target: mass}
    return move(line, kind, legs, by=by, command=command, reason=reason, reservation=reservation)


def reserve(line: LoanLine, split_account: AccountName, mass: int, *, by: User | None, command: UUID) -> UUID:
    """Set mass aside in store for a line; of two at once who want the same, the movement function lets one."""
    return move(line, MovementKind.RESERVE, {split_account: mass}, by=by, command=command)


def let_go(line: LoanLine, *, by: User | None, command: UUID, reason: str = "") -> None:
    """Give what was set aside for a line back to everybody."""
    if line.reservation is not None:
        move(line, MovementKind.VOID, {}, by=by, command=command, reason=reason, reservation=line.reservation)
        line.reservation = None
        line.save(update_fields=["reservation"])
