"""What may happen to amounts, and the rules by which a movement is accepted or refused.

:data:`LEGAL` is the one table of movements and their legal legs: from which kinds of accounts a movement takes and to
which it gives. The database's movement function carries the same table (a test compares them), and the documentation prints it.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from enum import StrEnum
from itertools import chain
from types import MappingProxyType
from typing import Final
from uuid import UUID

from moonbridge.engines.ledger.accounts import WITHOUT_FLOOR, AccountKind, AccountName, Balance
from moonbridge.errors import CommandReused, DoesNotFit, Refused

A = AccountKind


class MovementKind(StrEnum):
    """Why an amount moves."""

    INTAKE = "intake"
    WITHDRAW = "withdraw"
    SPLIT = "split"
    RECOMBINE = "recombine"
    RESERVE = "reserve"
    VOID = "void"
    POST = "post"
    DISPATCH = "dispatch"
    RECEIVE = "receive"
    TRANSFER = "transfer"
    SUB_SPLIT = "sub-split"
    CONSUME = "consume"
    RESIDUE = "residue"
    RETURN = "return"
    GRANT = "grant"
    RELEASE = "release"
    CEDE = "cede"
    LOSE = "lose"
    FIND = "find"
    ADJUST = "adjust"
    CORRECT = "correct"


@dataclass(frozen=True, slots=True)
class Legal:
    """From which kinds of accounts a movement takes, and to which it gives."""

    takes: frozenset[AccountKind]
    gives: frozenset[AccountKind]


def _legal(takes: set[AccountKind], gives: set[AccountKind]) -> Legal:
    return Legal(frozenset(takes), frozenset(gives))


LEGAL: Final[Mapping[MovementKind, Legal]] = MappingProxyType(
    {
        MovementKind.INTAKE: _legal({A.ORIGIN}, {A.STORE}),
        MovementKind.WITHDRAW: _legal({A.STORE}, {A.ORIGIN}),
        MovementKind.SPLIT: _legal({A.STORE}, {A.STORE, A.PREP_LOSS}),
        MovementKind.RECOMBINE: _legal({A.STORE}, {A.STORE}),
        MovementKind.RESERVE: _legal(set(), set()),
        MovementKind.VOID: _legal(set(), set()),
        MovementKind.POST: _legal({A.STORE}, {A.TRANSIT, A.LOAN, A.PREP_LOSS}),
        MovementKind.DISPATCH: _legal({A.STORE}, {A.TRANSIT}),
        MovementKind.RECEIVE: _legal({A.TRANSIT}, {A.LOAN, A.STORE}),
        MovementKind.TRANSFER: _legal({A.LOAN}, {A.LOAN, A.TRANSIT}),
        MovementKind.SUB_SPLIT: _legal({A.LOAN}, {A.LOAN, A.PREP_LOSS}),
        MovementKind.CONSUME: _legal({A.STORE, A.LOAN, A.RESIDUE}, {A.CONSUMED}),
        MovementKind.RESIDUE: _legal({A.STORE, A.LOAN}, {A.RESIDUE}),
        MovementKind.RETURN: _legal({A.LOAN, A.RESIDUE}, {A.TRANSIT, A.STORE}),
        MovementKind.GRANT: _legal({A.STORE}, {A.LOAN}),
        MovementKind.RELEASE: _legal({A.LOAN}, {A.STORE}),
        MovementKind.CEDE: _legal({A.STORE, A.LOAN}, {A.CEDED}),
        MovementKind.LOSE: _legal({A.STORE, A.TRANSIT, A.LOAN, A.RESIDUE}, {A.LOST}),
        MovementKind.FIND: _legal({A.LOST}, {A.STORE, A.TRANSIT, A.LOAN, A.RESIDUE}),
        # A surplus comes from ORIGIN, the only account without a floor, and passes through ADJUST, where it is seen.
        MovementKind.ADJUST: _legal(
            {A.ORIGIN, A.ADJUST, A.STORE, A.TRANSIT, A.LOAN, A.RESIDUE},
            {A.ADJUST, A.STORE, A.TRANSIT, A.LOAN, A.RESIDUE},
        ),
        MovementKind.CORRECT: _legal(set(A), set(A)),
    }
)
"""Each kind of movement and its legal legs."""

WITHOUT_LEGS: Final = frozenset({MovementKind.RESERVE, MovementKind.VOID})
"""These move nothing: they set an amount aside, or let it go."""
CLOSES_A_RESERVATION: Final = frozenset({MovementKind.POST, MovementKind.VOID, MovementKind.GRANT})
"""VOID must name a reservation; POST and GRANT may."""


@dataclass(frozen=True, slots=True)
class Leg:
    """What one account gains (above zero) or gives (below zero), in base units. A reservation's only leg is what it sets aside."""

    account: AccountName
    amount: int


@dataclass(frozen=True, slots=True)
class Movement:
    """A movement as it is asked for: its client-made ``id``, ``kind``, ``legs`` and ``reason``.

    ``reservation`` names the reservation that it closes, ``corrects`` the movement that it takes back.
    """

    id: UUID
    kind: MovementKind
    legs: tuple[Leg, ...] = ()
    reason: str = ""
    reservation: UUID | None = None
    corrects: UUID | None = None


@dataclass(frozen=True, slots=True)
class Entry:
    """One line of the books: how a movement changed an account, and what it held before and after."""

    movement: UUID
    account: AccountName
    amount: int
    hold: int
    before: Balance
    after: Balance


class IllegalMovement(Refused):
    """A movement that the rules of the books do not know: unbalanced, empty, or between accounts that it may not join."""

    code = "illegal-movement"


class NotEnough(DoesNotFit):
    """An account would give or set aside more than is free in it."""

    code = "not-enough"


def check_legs(movement: Movement) -> None:
    """Raise :class:`IllegalMovement` unless the legs of ``movement`` are those that its kind may have."""
    if movement.kind in WITHOUT_LEGS:
        _check_without_legs(movement)
        return
    accounts = [leg.account for leg in movement.legs]
    if len(accounts) < 2 or len(set(accounts)) < len(accounts) or not all(leg.amount for leg in movement.legs):  # noqa: PLR2004
        raise IllegalMovement("A movement needs two accounts or more, each named once, and an amount for each.")
    if total := sum(leg.amount for leg in movement.legs):
        raise IllegalMovement(f"The legs of a movement must add up to zero, not to {total}.", total=str(total))
    for leg in movement.legs:
        _check_leg(movement.kind, leg)


def _check_without_legs(movement: Movement) -> None:
    wanted = 1 if movement.kind is MovementKind.RESERVE else 0
    if len(movement.legs) != wanted or any(leg.amount <= 0 for leg in movement.legs):
        raise IllegalMovement(
            "A reservation sets one amount above zero aside in one account; letting it go names no account."
        )
    if any(leg.account.kind is not AccountKind.STORE for leg in movement.legs):
        raise IllegalMovement("Only what is in store can be reserved.")


def _check_leg(kind: MovementKind, leg: Leg) -> None:
    legal = LEGAL[kind]
    if leg.account.kind not in (legal.gives if leg.amount > 0 else legal.takes):
        verb = "give to" if leg.amount > 0 else "take from"
        raise IllegalMovement(f"“{kind}” may not {verb} {leg.account}.", kind=kind, account=str(leg.account))


class Books:
    """The accounts and movements of one book in memory: what the database must do, in the plainest words.

    This is the measure for the database's movement function: torture and property tests carry out the same movements on
    both and compare.
    """

    def __init__(self) -> None:
        self.balances: dict[AccountName, Balance] = {}
        self.movements: dict[UUID, Movement] = {}
        self._entries: dict[UUID, tuple[Entry, ...]] = {}
        self._closed: set[UUID] = set()
        self._corrected: set[UUID] = set()

    def post(self, movement: Movement) -> tuple[Entry, ...]:
        """Carry out ``movement`` and return its entries; sent again with the same content it changes nothing.

        Raises :class:`CommandReused`, :class:`IllegalMovement` or :class:`NotEnough`, and then nothing has changed.
        """
        changes = self._checked(movement)
        return self._write(movement, changes) if changes is not None else self._entries[movement.id]

    def would_refuse(self, movement: Movement) -> bool:
        """Return whether :meth:`post` would refuse ``movement`` now; nothing changes either way."""
        try:
            self._checked(movement)
        except Refused:
            return True
        return False

    def of(self, movement: UUID) -> tuple[Entry, ...]:
        """Return the entries of a movement."""
        return self._entries[movement]

    @property
    def entries(self) -> Iterator[Entry]:
        """Yield all entries, oldest movement first."""
        return chain.from_iterable(self._entries.values())

    def balance(self, account: AccountName) -> Balance:
        """Return what ``account`` holds; nothing, where it never took part in a movement."""
        return self.balances.get(account, Balance())

    def _checked(self, movement: Movement) -> dict[AccountName, tuple[int, int]] | None:
        """Return what ``movement`` will change, or None where it was carried out before."""
        if (known := self.movements.get(movement.id)) is not None:
            if known != movement:
                raise CommandReused("This movement was sent before with other content.", movement=str(movement.id))
            return None
        check_legs(movement)
        self._check_correction(movement)
        changes = self._changes(movement)
        self._check_free(changes)
        return changes

    def _check_correction(self, movement: Movement) -> None:
        if (movement.kind is MovementKind.CORRECT) != (movement.corrects is not None):
            raise IllegalMovement("A correction, and nothing else, names the movement that it takes back.")
        if movement.corrects is None:
            return
        original = self.movements.get(movement.corrects)
        if original is None or original.kind in WITHOUT_LEGS | {MovementKind.CORRECT}:
            raise IllegalMovement("Only a movement of amounts that exists can be taken back.")
        if movement.corrects in self._corrected:
            raise IllegalMovement("This movement was taken back already.")
        if {(leg.account, -leg.amount) for leg in original.legs} != {
            (leg.account, leg.amount) for leg in movement.legs
        }:
            raise IllegalMovement("A correction is the exact opposite of what it takes back.")

    def _changes(self, movement: Movement) -> dict[AccountName, tuple[int, int]]:
        """Return what each account gains and what is set aside in it."""
        if movement.kind is MovementKind.RESERVE and movement.reservation is None:
            return {leg.account: (0, leg.amount) for leg in movement.legs}
        changes = {leg.account: (leg.amount, 0) for leg in movement.legs}
        if movement.kind is MovementKind.VOID or movement.reservation is not None:
            held = self._reserved(movement)
            if changes and changes.get(held.account, (0, 0))[0] >= 0:
                raise IllegalMovement("What closes a reservation takes from the account in which it is.")
            changes[held.account] = (changes.get(held.account, (0, 0))[0], -held.amount)
        return changes

    def _reserved(self, movement: Movement) -> Leg:
        reservation = self.movements.get(movement.reservation) if movement.reservation else None
        if (
            movement.kind not in CLOSES_A_RESERVATION
            or reservation is None
            or reservation.kind is not MovementKind.RESERVE
        ):
            raise IllegalMovement("There is no such reservation to close.")
        if reservation.id in self._closed:
            raise IllegalMovement("This reservation was closed already.")
        return reservation.legs[0]

    def _check_free(self, changes: Mapping[AccountName, tuple[int, int]]) -> None:
        for account, (amount, hold) in changes.items():
            held = self.balance(account)
            if account.kind not in WITHOUT_FLOOR and held.free + amount - hold < 0:
                raise NotEnough(
                    f"{account} has {held.free} free; {hold - amount} more were asked.",
                    account=str(account), free=str(held.free), asked=str(hold - amount),
                )  # fmt: skip

    def _write(self, movement: Movement, changes: Mapping[AccountName, tuple[int, int]]) -> tuple[Entry, ...]:
        entries: list[Entry] = []
        for account, (amount, hold) in changes.items():
            before = self.balance(account)
            after = Balance(before.amount + amount, before.held + hold, before.version + 1)
            entries.append(Entry(movement.id, account, amount, hold, before, after))
            self.balances[account] = after
        self.movements[movement.id] = movement
        self._entries[movement.id] = tuple(entries)
        self._closed |= {movement.reservation} if movement.reservation else set()
        self._corrected |= {movement.corrects} if movement.corrects else set()
        return self._entries[movement.id]
