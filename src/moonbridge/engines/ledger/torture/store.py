"""A database in memory for the simulator: row locks, read committed, nothing lasting before the commit."""

from dataclasses import dataclass, field
from uuid import UUID

from moonbridge.engines.ledger.accounts import AccountName, Balance
from moonbridge.engines.ledger.movements import Movement


@dataclass(frozen=True, slots=True)
class Line:
    """An entry as it was written."""

    movement: UUID
    account: AccountName
    amount: int
    hold: int
    before: Balance
    after: Balance
    at: int


@dataclass
class Commit:
    """What one commit made lasting."""

    movement: Movement | None
    written: dict[AccountName, tuple[Balance, int]]
    lines: list[Line]


@dataclass
class Store:
    """What is committed, who holds which lock, and the clock."""

    balances: dict[AccountName, Balance] = field(default_factory=dict)
    instants: dict[AccountName, int] = field(default_factory=dict)
    movements: dict[UUID, Movement] = field(default_factory=dict)
    closed: set[UUID] = field(default_factory=set)
    corrected: set[UUID] = field(default_factory=set)
    locks: dict[AccountName, object] = field(default_factory=dict)
    claims: dict[UUID, object] = field(default_factory=dict)
    clock: int = 0
    commits: list[Commit] = field(default_factory=list)
    """What was committed since the oracle looked last."""


class SimulatedTransaction:
    """A transaction on a :class:`Store`; see :class:`~moonbridge.engines.ledger.torture.protocol.Transaction`."""

    def __init__(self, store: Store) -> None:
        self._store = store
        self._movement: Movement | None = None
        self._written: dict[AccountName, tuple[Balance, int]] = {}
        self._lines: list[Line] = []
        self._locked: set[AccountName] = set()

    def lock(self, account: AccountName) -> bool:
        """Take the lock of an account unless somebody else has it."""
        if self._store.locks.setdefault(account, self) is not self:
            return False
        self._locked.add(account)
        return True

    def claim(self, movement: Movement) -> bool | None:
        """Write the movement under its unique id."""
        if movement.id in self._store.movements:
            return False
        if self._store.claims.setdefault(movement.id, self) is not self:
            return None
        self._movement = movement
        return True

    def movement(self, key: UUID) -> Movement | None:
        """Return a movement that is committed."""
        return self._store.movements.get(key)

    def closed(self, reservation: UUID) -> bool:
        """Return whether the reservation is closed."""
        return reservation in self._store.closed

    def corrected(self, movement: UUID) -> bool:
        """Return whether the movement was taken back."""
        return movement in self._store.corrected

    def balance(self, account: AccountName) -> Balance:
        """Return what an account holds."""
        written = self._written.get(account)
        return written[0] if written else self._store.balances.get(account, Balance())

    def instant(self, account: AccountName) -> int:
        """Return when an account changed last."""
        return self._store.instants.get(account, 0)

    def now(self) -> int:
        """Return what the clock says; it may jump."""
        return self._store.clock

    def write(self, account: AccountName, after: Balance, at: int) -> None:
        """Write what an account holds."""
        self._written[account] = (after, at)

    def note(self, account: AccountName, change: tuple[int, int], before: Balance, after: Balance, at: int) -> None:
        """Write an entry of the movement."""
        if self._movement is not None:
            self._lines.append(Line(self._movement.id, account, *change, before, after, at))

    def commit(self) -> None:
        """Make everything lasting at once, for everybody."""
        store = self._store
        if self._movement is not None:
            store.movements[self._movement.id] = self._movement
            store.closed |= {self._movement.reservation} if self._movement.reservation else set()
            store.corrected |= {self._movement.corrects} if self._movement.corrects else set()
        for account, (balance, at) in self._written.items():
            store.balances[account], store.instants[account] = balance, at
        if self._movement is not None or self._written or self._lines:
            store.commits.append(Commit(self._movement, self._written, self._lines))
        self.end()
        self._movement, self._written, self._lines = None, {}, []

    def end(self) -> None:
        """Let all locks go, as a commit, a refusal and a crash do alike."""
        for account in self._locked:
            if self._store.locks.get(account) is self:
                del self._store.locks[account]
        self._locked.clear()
        if self._movement is not None:
            self._store.claims.pop(self._movement.id, None)
