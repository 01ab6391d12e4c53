"""Judges what was committed and answered: one oracle for each promise of the books.

It keeps plain books of its own (:class:`~moonbridge.engines.ledger.movements.Books`) and carries every committed movement out on
them, in the order of the commits; what they would have refused must not have been committed, and the other way round.
"""

from uuid import UUID

from moonbridge.engines.ledger.accounts import WITHOUT_FLOOR, AccountName
from moonbridge.engines.ledger.movements import Books, Movement
from moonbridge.engines.ledger.torture.store import Commit, Line, Store
from moonbridge.errors import MoonbridgeError, Refused


class BrokenPromise(MoonbridgeError):  # noqa: N818 - what it is
    """A promise of the books was broken; ``numbers`` name the ``promise`` and the step."""

    code = "broken-promise"


class Oracle:
    """Watches a store: call :meth:`look` after each step, the others with what clients were told."""

    def __init__(self, store: Store) -> None:
        self._store, self._books = store, Books()
        self._last: dict[AccountName, Line] = {}
        self._answered_new: set[UUID] = set()
        self._total = 0

    def look(self) -> None:
        """Judge what was committed since the last look."""
        commits, self._store.commits = self._store.commits, []
        for commit in commits:
            self._judge(commit)

    def acknowledged(self, movement: Movement, *, new: bool) -> None:
        """Judge the answer "done": it must be lasting, with this content; "new" only once."""
        if self._store.movements.get(movement.id) != movement:
            raise _broken("what was acknowledged is lasting")
        if new and movement.id in self._answered_new:
            raise _broken("what was sent twice is done once")
        if new:
            self._answered_new.add(movement.id)

    def refused(self, movement: Movement) -> None:
        """Judge a refusal: the plain books must refuse as well, as they are now."""
        if not self._books.would_refuse(movement):
            raise _broken("what is allowed is not refused")

    def finish(self) -> None:
        """Judge the whole at the end: all balances, and that they add up to zero."""
        self.look()
        if {name: held for name, held in self._store.balances.items() if held.version} != self._books.balances:
            raise _broken("accounts hold what the movements say")
        if self._total:
            raise _broken("the book adds up to zero")

    def _judge(self, commit: Commit) -> None:
        if commit.movement is None:
            raise _broken("nothing is written without its movement")
        try:
            self._books.post(commit.movement)
        except Refused as refusal:
            raise _broken("what is refused changes nothing", refusal=str(refusal)) from None
        for line in commit.lines:
            self._judge_line(line)
        self._judge_legs(commit)

    def _judge_line(self, line: Line) -> None:
        last = self._last.get(line.account)
        held = last.after if last else None
        if (held is None and line.before.version) or (held is not None and line.before != held):
            raise _broken("an entry follows on the one before it", account=str(line.account))
        if last is not None and line.at < last.at:
            raise _broken("history never turns around", account=str(line.account))
        expected = (line.before.amount + line.amount, line.before.held + line.hold, line.before.version + 1)
        if (line.after.amount, line.after.held, line.after.version) != expected:
            raise _broken("an entry says what it changed", account=str(line.account))
        if (line.account.kind not in WITHOUT_FLOOR and line.after.free < 0) or line.after.held < 0:
            raise _broken("nothing is below zero or set aside beyond what there is", account=str(line.account))
        self._last[line.account] = line
        self._total += line.amount

    def _judge_legs(self, commit: Commit) -> None:
        if sum(line.amount for line in commit.lines):
            raise _broken("a movement adds up to zero")
        written = {account: balance for account, (balance, _at) in commit.written.items()}
        if written != {line.account: line.after for line in commit.lines}:
            raise _broken("an account holds what its last entry says")
        for account, balance in written.items():
            if balance != self._books.balance(account):
                raise _broken("an account holds what the plain books say", account=str(account))
        if commit.movement and len(commit.lines) != len(self._books.of(commit.movement.id)):
            raise _broken("a movement has all its legs")


def _broken(promise: str, **more: str) -> BrokenPromise:
    return BrokenPromise(f"Broken: {promise}.", promise=promise, **more)
