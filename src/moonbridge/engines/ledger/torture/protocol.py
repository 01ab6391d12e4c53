"""The movement function, statement by statement, as the database carries it out: what the simulator interrupts and mutants damage.

It is a generator that yields wherever another process, a crash or a jump of the clock may come between: before each statement. Where
it has to wait for somebody else it yields for whom.
"""

from collections.abc import Generator, Mapping
from typing import Protocol
from uuid import UUID

from moonbridge.engines.ledger.accounts import WITHOUT_FLOOR, AccountName, Balance
from moonbridge.engines.ledger.movements import (
    CLOSES_A_RESERVATION,
    WITHOUT_LEGS,
    IllegalMovement,
    Leg,
    Movement,
    MovementKind,
    NotEnough,
    check_legs,
)
from moonbridge.errors import CommandReused

type Changes = dict[AccountName, tuple[int, int]]
"""What each account gains, and what is set aside in it."""


type Steps = Generator[AccountName | UUID | None, None, bool]
"""The statements of one movement; each yields for whom it waits (None: for nobody), and the last returns whether it is new."""


class Transaction(Protocol):
    """What a transaction of the database offers to the movement function."""

    def lock(self, account: AccountName) -> bool:
        """Lock an account until the end; False: somebody else has it."""

    def claim(self, movement: Movement) -> bool | None:
        """Write the movement; False: its id is taken for good; None: somebody else is about to take it."""

    def movement(self, key: UUID) -> Movement | None:
        """Return a movement that is committed."""

    def closed(self, reservation: UUID) -> bool:
        """Return whether a committed movement has closed the reservation."""

    def corrected(self, movement: UUID) -> bool:
        """Return whether a committed movement has taken this one back."""

    def balance(self, account: AccountName) -> Balance:
        """Return what an account holds, with what this transaction has written."""

    def instant(self, account: AccountName) -> int:
        """Return when an account changed last."""

    def now(self) -> int:
        """Return what the clock says."""

    def write(self, account: AccountName, after: Balance, at: int) -> None:
        """Write what an account holds from ``at`` on."""

    def note(self, account: AccountName, change: tuple[int, int], before: Balance, after: Balance, at: int) -> None:
        """Write an entry; ``change`` is what the account gained and what was set aside."""

    def commit(self) -> None:
        """Make all of it lasting, and let the locks go."""


def carry_out(tx: Transaction, movement: Movement) -> Steps:
    """Carry out ``movement`` in ``tx``; the value of the generator is whether it is new. Refuses as the plain books do."""
    check_legs(movement)
    yield None
    changes = changes_of(movement, reserved(tx, movement))
    for account in sorted(changes):
        while not tx.lock(account):
            yield account
        yield None
    known = tx.movement(movement.id)
    if known is not None:
        if known != movement:
            raise CommandReused("This movement was sent before with other content.")
        tx.commit()
        return False
    yield None
    check_closing(tx, movement)
    check_correction(tx, movement)
    yield None
    before = {account: tx.balance(account) for account in changes}
    check_free(before, changes)
    at = max([tx.now(), *(tx.instant(account) for account in changes)])
    yield None
    while (claimed := tx.claim(movement)) is None:
        yield movement.id
    if not claimed:
        raise CommandReused("This movement was sent before with other content.")
    for account, (amount, hold) in changes.items():
        yield None
        held = before[account]
        after = Balance(held.amount + amount, held.held + hold, held.version + 1)
        tx.write(account, after, at)
        yield None
        tx.note(account, (amount, hold), held, after, at)
    yield None
    tx.commit()
    return True


def reserved(tx: Transaction, movement: Movement) -> Leg | None:
    """Return what the reservation set aside that ``movement`` closes."""
    if movement.reservation is None:
        if movement.kind is MovementKind.VOID:
            raise IllegalMovement("There is no such reservation to close.")
        return None
    made = tx.movement(movement.reservation)
    if made is None or made.kind is not MovementKind.RESERVE or movement.kind not in CLOSES_A_RESERVATION:
        raise IllegalMovement("There is no such reservation to close.")
    return made.legs[0]


def changes_of(movement: Movement, held: Leg | None) -> Changes:
    """Return what each account gains and what is set aside in it."""
    if movement.kind is MovementKind.RESERVE:
        return {leg.account: (0, leg.amount) for leg in movement.legs}
    changes: Changes = {leg.account: (leg.amount, 0) for leg in movement.legs}
    if held is not None:
        given = changes.get(held.account, (0, 0))[0]
        if changes and given >= 0:
            raise IllegalMovement("What closes a reservation takes from the account in which it is.")
        changes[held.account] = (given, -held.amount)
    return changes


def check_closing(tx: Transaction, movement: Movement) -> None:
    """Refuse to close a reservation twice."""
    if movement.reservation is not None and tx.closed(movement.reservation):
        raise IllegalMovement("This reservation was closed already.")


def check_correction(tx: Transaction, movement: Movement) -> None:
    """Refuse a correction that is not the exact opposite of one movement, once."""
    if (movement.kind is MovementKind.CORRECT) != (movement.corrects is not None):
        raise IllegalMovement("A correction, and nothing else, names the movement that it takes back.")
    if movement.corrects is None:
        return
    original = tx.movement(movement.corrects)
    if original is None or original.kind in WITHOUT_LEGS | {MovementKind.CORRECT}:
        raise IllegalMovement("Only a movement of amounts that exists can be taken back.")
    if tx.corrected(movement.corrects):
        raise IllegalMovement("This movement was taken back already.")
    if {(leg.account, -leg.amount) for leg in original.legs} != {(leg.account, leg.amount) for leg in movement.legs}:
        raise IllegalMovement("A correction is the exact opposite of what it takes back.")


def check_free(before: Mapping[AccountName, Balance], changes: Changes) -> None:
    """Refuse to take or set aside more than is free."""
    for account, (amount, hold) in changes.items():
        if account.kind not in WITHOUT_FLOOR and before[account].free + amount - hold < 0:
            raise NotEnough(f"{account} has {before[account].free} free; {hold - amount} was asked.")
