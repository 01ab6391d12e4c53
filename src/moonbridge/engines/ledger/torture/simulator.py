"""A deterministic simulator: clients, crashes, retries, duplicates, reordering and clock jumps, all from one seed.

Each step lets one client take one statement of the movement function. Between any two statements another client may go on, the
process or the whole database may crash (what is not committed is gone, and the client does not know whether it was), the clock may
jump either way. Clients repeat what they got no answer to, sometimes send what was answered again, sometimes with other content,
and messages overtake each other. After every step the oracle judges what was committed and what was answered.
"""

import hashlib
import random
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Final
from uuid import UUID

from moonbridge.engines.ledger.accounts import AccountName
from moonbridge.engines.ledger.movements import Movement
from moonbridge.engines.ledger.torture import protocol
from moonbridge.engines.ledger.torture.commands import Commander
from moonbridge.engines.ledger.torture.oracle import BrokenPromise, Oracle
from moonbridge.engines.ledger.torture.store import SimulatedTransaction, Store
from moonbridge.errors import Refused

type CarryOut = Callable[[protocol.Transaction, Movement], protocol.Steps]
"""The movement function under test."""

CLIENTS: Final = 5
CRASH, OUTAGE, JUMP, LOST_ANSWER = 0.004, 0.0004, 0.01, 0.02
"""How likely each is at any step: one process dies, the database dies, the clock jumps, an answer gets lost."""


@dataclass
class Client:
    """One process at work on one movement."""

    movement: Movement
    transaction: SimulatedTransaction
    steps: protocol.Steps
    waits_for: AccountName | UUID | None = None


@dataclass
class Told:
    """What a run did: how often each thing happened, and the digest of its whole history."""

    steps: int = 0
    counts: dict[str, int] = field(default_factory=dict)
    digest: str = ""

    def count(self, what: str) -> None:
        """Count one more of ``what``."""
        self.counts[what] = self.counts.get(what, 0) + 1


class Simulator:
    """Runs the movement function ``carry_out`` under everything that can go wrong; the same ``seed`` gives the same run."""

    def __init__(self, seed: int, carry_out: CarryOut = protocol.carry_out) -> None:
        self._draw = random.Random(seed)  # noqa: S311 - reproducible, no secret
        self._carry_out, self._store = carry_out, Store()
        self._oracle = Oracle(self._store)
        self._commander = Commander(self._draw, self._store)
        self._clients: list[Client] = []
        self._history = hashlib.sha256()
        self.told = Told()

    def run(self, steps: int) -> Told:
        """Take ``steps`` steps, let everybody finish, and return what happened.

        Raises :class:`BrokenPromise` at the first promise that is broken.
        """
        try:
            for _ in range(steps):
                self._step()
            self._let_finish()
            self._oracle.finish()
        except BrokenPromise as broken:
            broken.numbers["step"] = self.told.steps
            raise
        self.told.digest = self._history.hexdigest()
        return self.told

    def _step(self) -> None:
        self.told.steps += 1
        self._disturb()
        while len(self._clients) < CLIENTS:
            self._begin(self._commander.next())
        self._advance(self._draw.choice(self._able()))

    def _disturb(self) -> None:
        chance = self._draw.random()
        if chance < OUTAGE:
            self._happened("outage")
            for client in list(self._clients):
                self._crash(client)
        elif chance < CRASH and self._clients:
            self._happened("crash")
            self._crash(self._draw.choice(self._clients))
        elif chance < JUMP:
            self._happened("clock jump")
            self._store.clock += self._draw.randint(-10_000, 10_000)
        self._store.clock += 1

    def _begin(self, movement: Movement) -> None:
        transaction = SimulatedTransaction(self._store)
        self._clients.append(Client(movement, transaction, self._carry_out(transaction, movement)))

    def _able(self) -> list[Client]:
        """Return the clients that wait for nobody; when all wait for each other, nobody ever will go on."""
        able = [client for client in self._clients if not self._waits(client)]
        if not able:
            raise BrokenPromise("Broken: nobody waits in a circle.", promise="nobody waits in a circle")
        return able

    def _waits(self, client: Client) -> bool:
        return client.waits_for in self._store.locks or client.waits_for in self._store.claims

    def _advance(self, client: Client) -> None:
        try:
            client.waits_for = next(client.steps)
        except StopIteration as end:
            self._answer(client, new=bool(end.value))
        except Refused as refusal:
            self._oracle.look()
            self._oracle.refused(client.movement)
            self._end(client, f"refused {refusal.code}")
        self._oracle.look()

    def _answer(self, client: Client, *, new: bool) -> None:
        self._oracle.look()
        if self._draw.random() < LOST_ANSWER:
            self._commander.unknown(client.movement)
            self._end(client, "answer lost")
            return
        self._oracle.acknowledged(client.movement, new=new)
        self._commander.answered(client.movement)
        self._end(client, "done" if new else "done before")

    def _crash(self, client: Client) -> None:
        self._commander.unknown(client.movement)
        self._end(client, "interrupted")

    def _end(self, client: Client, what: str) -> None:
        client.transaction.end()
        self._clients.remove(client)
        self._happened(what, client.movement)

    def _happened(self, what: str, movement: Movement | None = None) -> None:
        self.told.count(what)
        self._history.update(f"{self.told.steps} {what} {movement.id if movement else ''}\n".encode())

    def _let_finish(self) -> None:
        while self._clients:
            self._advance(self._draw.choice(self._able()))
