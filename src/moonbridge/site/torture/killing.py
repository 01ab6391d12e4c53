"""``kill -9`` of the database server under load: what was acknowledged is there, nothing is there by half, the rest is found by its id."""

import random
import threading
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Final
from uuid import UUID

import psycopg

from moonbridge.site.torture.scratch import Scratch

CLIENTS: Final = 4
LABELS: Final = 20
POST: Final = "SELECT ledger_post(%s, %s, ledger_open(%s, %s, %s), %s::bigint[], '', '{}', NULL, NULL, NULL)"
PARTIAL: Final = """
SELECT count(*) FROM ledger_movement AS m
WHERE (SELECT count(*) <> m.legs OR coalesce(sum(amount), 0) <> 0 FROM ledger_entry WHERE movement_id = m.id)
"""
UNBACKED: Final = """
SELECT count(*) FROM ledger_account AS a
WHERE (a.balance, a.version) <>
    (SELECT coalesce(sum(amount), 0)::bigint, count(*) FROM ledger_entry WHERE account_id = a.id)
"""


@dataclass(frozen=True, slots=True)
class Order:
    """A movement that a client asks for."""

    id: UUID
    kind: str
    kinds: list[str]
    labels: list[str]
    amounts: list[int]

    def post(self, connection: psycopg.Connection, book: int) -> bool:
        """Ask for it; return whether it was new."""
        row = connection.execute(POST, (self.id, self.kind, book, self.kinds, self.labels, self.amounts)).fetchone()
        return bool(row and row[0])


@dataclass
class Told:
    """What the kills did: how many there were, and what became of every movement."""

    kills: int = 0
    acknowledged: int = 0
    unknown: int = 0
    resolved_as_done: int = 0
    lost: int = 0
    partial: int = 0
    unbacked: int = 0


@dataclass
class _Load:
    """Clients that post until their server dies; they know what was acknowledged, and what they got no answer to."""

    scratch: Scratch
    draw: random.Random
    enough: threading.Event = field(default_factory=threading.Event)
    acknowledged: list[Order] = field(default_factory=list)
    unknown: list[Order] = field(default_factory=list)

    def run(self, until: int) -> None:
        """Post until ``until`` movements were acknowledged, then have the server killed in the midst of it."""
        threads = [
            threading.Thread(target=self._client, args=(until, self.draw.getrandbits(64))) for _ in range(CLIENTS)
        ]
        for thread in threads:
            thread.start()
        self.enough.wait(timeout=30)
        self.scratch.kill()
        for thread in threads:
            thread.join()

    def _client(self, until: int, seed: int) -> None:
        draw = random.Random(seed)  # noqa: S311 - reproducible, no secret
        try:
            with self.scratch.connect() as connection:
                while True:
                    self._ask(connection, drawn_order(draw))
                    if len(self.acknowledged) >= until:
                        self.enough.set()
        except psycopg.OperationalError:
            return  # the server is gone, as it should be

    def _ask(self, connection: psycopg.Connection, order: Order) -> None:
        try:
            order.post(connection, self.scratch.book)
        except psycopg.OperationalError:
            self.unknown.append(order)
            raise
        except psycopg.DatabaseError:
            return  # refused: there was not enough
        self.acknowledged.append(order)


def kill_under_load(
    scratch: Scratch, kills: int, *, seed: int = 1, tell: Callable[[int], None] = lambda _: None
) -> Told:
    """Kill the server ``kills`` times while clients post, and compare after each recovery; ``tell`` hears of each kill."""
    told, draw = Told(), random.Random(seed)  # noqa: S311 - reproducible, no secret
    for number in range(kills):
        load = _Load(scratch, draw)
        load.run(until=draw.randint(5, 80))
        scratch.start()
        with scratch.connect() as connection:
            _compare(connection, load, told)
        tell(number + 1)
    return told


def _compare(connection: psycopg.Connection, load: _Load, told: Told) -> None:
    told.kills += 1
    told.acknowledged += len(load.acknowledged)
    told.unknown += len(load.unknown)
    there = connection.execute(
        "SELECT count(*) FROM ledger_movement WHERE id = ANY (%s)", ([order.id for order in load.acknowledged],)
    ).fetchone()
    told.lost += len(load.acknowledged) - (there[0] if there else 0)
    for order in load.unknown:
        told.resolved_as_done += _resolved(connection, order, load.scratch.book)
    told.partial += counted(connection, PARTIAL)
    told.unbacked += counted(connection, UNBACKED)


def _resolved(connection: psycopg.Connection, order: Order, book: int) -> bool:
    """Send an unknown movement again; return whether it had been done."""
    try:
        return not order.post(connection, book)
    except psycopg.DatabaseError as refusal:
        if refusal.sqlstate != "MB002":
            raise
        return False


def counted(connection: psycopg.Connection, query: str) -> int:
    """Return the one number that ``query`` asks for."""
    row = connection.execute(query.encode()).fetchone()
    return int(row[0]) if row else 0


def drawn_order(draw: random.Random) -> Order:
    """Return the next movement that a client asks for."""
    number, amount = UUID(int=draw.getrandbits(128), version=4), draw.randint(1, 50)
    giver, receiver = (str(draw.randrange(LABELS)) for _ in range(2))
    if draw.random() < 0.5:  # noqa: PLR2004
        return Order(number, "intake", ["origin", "store"], ["", receiver], [-amount, amount])
    return Order(number, "grant", ["store", "loan"], [giver, receiver], [-amount, amount])
