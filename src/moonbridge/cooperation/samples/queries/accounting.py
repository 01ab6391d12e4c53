"""What became of each line of a loan, from the entries of its book alone: the figures of the return form."""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Final
from uuid import UUID

from moonbridge.cooperation.samples.models import LoanLine
from moonbridge.engines.ledger.accounts import AccountKind
from moonbridge.engines.lending.balance import Balance
from moonbridge.ledger.models import Entry

OF_A_LINE: Final = frozenset({AccountKind.LOAN, AccountKind.TRANSIT, AccountKind.RESIDUE})
"""What is here is still there to be given back."""


@dataclass(slots=True)
class Statement:
    """Where the nanograms of one line are. What was lost or adjusted is told beside what its borrower can account for."""

    line: LoanLine
    issued: int = 0
    held: int = 0
    underway: int = 0
    transferred: int = 0
    consumed: int = 0
    returned: int = 0
    lost: int = 0
    adjusted: int = 0

    @property
    def balance(self) -> Balance:
        """The equation of the form; what is on its way to the borrower counts as on hand, what is on its way back as returned."""
        back = self.line.sent_back_on is not None
        return Balance(
            self.issued, on_hand=self.held + (0 if back else self.underway), transferred=self.transferred,
            consumed=self.consumed, returned=self.returned + (self.underway if back else 0),
        )  # fmt: skip

    @property
    def unexplained(self) -> int:
        """What neither the borrower, an incident nor an adjustment accounts for: zero, as long as the books are whole."""
        return self.balance.difference - self.lost - self.adjusted


def statements(lines: Sequence[LoanLine]) -> list[Statement]:
    """Return what became of ``lines`` (with their loans and collections), in their order and in two queries."""
    found = {(line.split.collection.book_id, line.label): Statement(line) for line in lines}
    for legs in _movements(found):
        for entry in legs:
            statement = found.get((entry.account.book_id, entry.account.label))
            if statement is not None and entry.account.kind in {*OF_A_LINE, AccountKind.CONSUMED}:
                _hold(statement, entry)
        _exchange(found, legs)
    return list(found.values())


def _movements(found: Iterable[tuple[int, str]]) -> Iterable[list[Entry]]:
    """Return the legs of each movement that touched one of these accounts, movement by movement."""
    books, labels = {book for book, _label in found}, {label for _book, label in found}
    touched = Entry.objects.filter(account__book__in=books, account__label__in=labels).values("movement_id")
    entries = Entry.objects.filter(movement_id__in=touched).select_related("account", "movement__corrects")
    legs: dict[UUID, list[Entry]] = defaultdict(list)
    for entry in entries.order_by("movement_id", "leg"):
        if entry.amount:
            legs[entry.movement_id].append(entry)
    return legs.values()


def _hold(statement: Statement, entry: Entry) -> None:
    match entry.account.kind:
        case AccountKind.LOAN | AccountKind.RESIDUE:
            statement.held += entry.amount
        case AccountKind.TRANSIT:
            statement.underway += entry.amount
        case AccountKind.CONSUMED:
            statement.consumed += entry.amount


def _exchange(found: dict[tuple[int, str], Statement], legs: list[Entry]) -> None:
    """Book what the lines of one movement exchanged with the accounts of others."""
    own: dict[tuple[int, str], int] = defaultdict(int)
    for entry in legs:
        if entry.account.kind in {*OF_A_LINE, AccountKind.CONSUMED}:
            own[entry.account.book_id, entry.account.label] += entry.amount
    for key, gained in own.items():
        if key in found and gained:
            _meet(found[key], gained, legs)


def _meet(statement: Statement, gained: int, legs: list[Entry]) -> None:
    """Say with whom a line exchanged ``gained`` nanograms; a taking-back counts as what it takes back, undone."""
    others = [
        entry
        for entry in legs
        if (entry.account.label != statement.line.label or entry.account.kind not in {*OF_A_LINE, AccountKind.CONSUMED})
        and (entry.amount > 0) != (gained > 0)
    ]
    undone = legs[0].movement.corrects_id is not None
    for entry in others:
        amount = -gained if len(others) == 1 else entry.amount
        _book(statement, AccountKind(entry.account.kind), amount, outwards=(amount > 0) != undone)


def _book(statement: Statement, kind: AccountKind, amount: int, *, outwards: bool) -> None:
    """Add ``amount``, which the other account gained, to what the form says of such accounts."""
    match kind:
        case AccountKind.LOST:
            statement.lost += amount
        case AccountKind.ADJUST | AccountKind.ORIGIN:
            statement.adjusted += amount
        case AccountKind.PREP_LOSS:
            statement.consumed += amount
        case _ if not outwards:
            statement.issued -= amount
        case AccountKind.STORE:
            statement.returned += amount
        case _:
            statement.transferred += amount
