"""The movement function against three ways to write the same: movements per second, and CPU-milliseconds of client and server.

On a scratch server, one client each, the same two-leg movements between the same accounts, each its own transaction, under the same
constraints and triggers. The rivals: plain ORM code (``select_for_update``, models, ``save``), the same logic under SERIALIZABLE
with retries, hand-written SQL over psycopg (six statements, prepared by the driver), and the function called by pgbench, where that is
installed. CPU seconds are those of the processes, not of the clock. Aims: within 1.25 of the best hand-written SQL, and at
least six times less than the ORM.

``python benchmarks/ledger.py`` compares; ``python benchmarks/ledger.py size 140000`` imports a synthetic collection, appends it to its log
and audits it. There the rival is a call of the movement function for each movement, a thousand in a transaction, on a collection of a
twentieth of the size.
"""

import os
import random
import subprocess
import sys
import time
import uuid
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from itertools import batched
from pathlib import Path
from typing import Any

os.environ["MOONBRIDGE_MODE"] = "test"

from moonbridge.site.torture.scratch import Scratch, scratch

MOVEMENTS = 400
ROUNDS = 3
PIECES = 40
CLOCK_TICKS = os.sysconf("SC_CLK_TCK")
RIVAL_SHARE = 20
"""The rival of the import gets this part of the collection."""
IMPORT_WITHIN, AUDIT_WITHIN, PAGE_WITHIN = 120, 60, 0.1


@dataclass
class Cost:
    """What a way of writing took for each movement."""

    name: str
    wall: float
    client: float
    server: float

    @property
    def together(self) -> float:
        """CPU-milliseconds of client and server."""
        return self.client + self.server


def cpu_of(process: int) -> float:
    """Return the CPU seconds that a process has used."""
    fields = Path(f"/proc/{process}/stat").read_text().rsplit(")", 1)[1].split()
    return (int(fields[11]) + int(fields[12])) / CLOCK_TICKS


def measured(name: str, backend: int, act: Callable[[int, int, int], None], accounts: list[int]) -> Cost:
    """Carry out the movements by ``act`` (giver, receiver, amount) and return the cost of each."""
    draw = random.Random(1)  # noqa: S311 - reproducible, no secret
    pairs = [draw.sample(accounts, 2) for _ in range(MOVEMENTS)]
    wall, client, server = time.perf_counter(), time.process_time(), cpu_of(backend)
    for giver, receiver in pairs:
        act(giver, receiver, 1)
    spent = time.perf_counter() - wall, time.process_time() - client, cpu_of(backend) - server
    return Cost(name, *(1000 * each / MOVEMENTS for each in spent))


def set_up(server: Scratch) -> None:
    """Point Django at the scratch server."""
    os.environ["DATABASE_URL"] = server.url
    os.environ["DJANGO_SETTINGS_MODULE"] = "moonbridge.site.settings"
    import django

    django.setup()


def stocked(server: Scratch) -> list[int]:
    """Fill pieces and return the ids of their accounts."""
    with server.connect() as connection:
        labels = [f"piece {number}" for number in range(PIECES)]
        row = connection.execute(
            "SELECT ledger_open(%s, array_fill('store'::text, ARRAY[%s]), %s)", (server.book, PIECES, labels)
        ).fetchone()
        ids: list[int] = row[0] if row else []
        for account in ids:
            connection.execute(
                "SELECT ledger_post(gen_random_uuid(), 'intake', ARRAY[%s, (ledger_open(%s, '{origin}', '{\"\"}'))[1]], "
                "ARRAY[1000000000, -1000000000]::bigint[], '', '{}', NULL, NULL, NULL)",
                (account, server.book),
            )
    return ids


def by_function(book: Any) -> Callable[[int, int, int], None]:
    """Return our way: one call of the movement function through the product's own code."""
    from moonbridge.engines.ledger.movements import MovementKind
    from moonbridge.ledger.models import Account
    from moonbridge.ledger.movements import Posting, post

    names = {account.pk: name_of(account) for account in Account.objects.filter(book=book)}

    def act(giver: int, receiver: int, amount: int) -> None:
        post(Posting(uuid.uuid4(), MovementKind.RECOMBINE, book, {names[giver]: -amount, names[receiver]: amount}))

    return act


def name_of(account: Any) -> Any:
    """Return the name of an account in the engine's terms."""
    from moonbridge.engines.ledger.accounts import AccountKind, AccountName

    return AccountName(AccountKind(account.kind), account.label)


def by_orm(book: Any, *, serializable: bool) -> Callable[[int, int, int], None]:
    """Return the rival that most Django code would be: lock or SERIALIZABLE, models, save."""
    from django.db import OperationalError, connection, transaction

    from moonbridge.ledger.models import Account, Entry, Movement

    def once(giver: int, receiver: int, amount: int) -> None:
        with transaction.atomic():
            if serializable:
                with connection.cursor() as cursor:
                    cursor.execute("SET TRANSACTION ISOLATION LEVEL SERIALIZABLE")
            number = uuid.uuid4()
            assert not Movement.objects.filter(pk=number).exists()
            chosen = Account.objects.filter(pk__in=[giver, receiver]).order_by("pk")
            accounts = {found.pk: found for found in (chosen if serializable else chosen.select_for_update())}
            assert accounts[giver].balance - accounts[giver].held >= amount
            movement = Movement.objects.create(
                id=number, book=book, kind="recombine", legs=2, digest=bytes(32), at=time_now(), facts={}
            )
            for leg, (key, change) in enumerate(((giver, -amount), (receiver, amount)), start=1):
                account = accounts[key]
                account.balance, account.version = account.balance + change, account.version + 1
                account.changed_at = movement.at
                account.save(update_fields=["balance", "version", "changed_at"])
                Entry.objects.create(
                    movement=movement, leg=leg, legs=2, account=account, amount=change, hold=0,
                    previous=account.balance - change, balance=account.balance, held=account.held, version=account.version,
                )  # fmt: skip

    def again(giver: int, receiver: int, amount: int) -> None:
        while True:
            try:
                once(giver, receiver, amount)
            except OperationalError:
                continue  # could not be serialised: once more
            return

    return again if serializable else once


def time_now() -> Any:
    """Return the present instant."""
    from django.utils import timezone

    return timezone.now()


def by_hand(connection: Any, book: int) -> Callable[[int, int, int], None]:
    """Return the rival that somebody careful would write: SQL over psycopg, as few statements as the job takes."""

    def act(giver: int, receiver: int, amount: int) -> None:
        number, cursor = uuid.uuid4(), connection.cursor()
        with connection.transaction():
            rows = cursor.execute(
                "SELECT id, balance, held, version, kind FROM ledger_account WHERE id = ANY (%s) ORDER BY id FOR NO KEY UPDATE",
                ([giver, receiver],),
            ).fetchall()
            held = {row[0]: row for row in rows}
            assert held[giver][1] - held[giver][2] >= amount
            assert cursor.execute("SELECT digest FROM ledger_movement WHERE id = %s", (number,)).fetchone() is None
            cursor.execute(
                "INSERT INTO ledger_movement (id, book_id, kind, legs, reason, facts, digest, at) "
                "VALUES (%s, %s, 'recombine', 2, '', '{}', sha256(%s), now())",
                (number, book, str((giver, receiver, amount)).encode()),
            )
            for leg, (key, change) in enumerate(((giver, -amount), (receiver, amount)), start=1):
                _id, balance, kept, version, _kind = held[key]
                cursor.execute(
                    "UPDATE ledger_account SET balance = %s, version = %s, changed_at = now() WHERE id = %s",
                    (balance + change, version + 1, key),
                )
                cursor.execute(
                    "INSERT INTO ledger_entry (movement_id, leg, legs, account_id, amount, hold, previous, balance, held, version) "
                    "VALUES (%s, %s, 2, %s, %s, 0, %s, %s, %s, %s)",
                    (number, leg, key, change, balance, balance + change, kept, version + 1),
                )

    return act


def by_pgbench(server: Scratch, accounts: list[int]) -> Cost | None:
    """Return the cost of the bare function as pgbench calls it; None where pgbench is not installed."""
    from moonbridge.site.postgres import installations

    programs = [found.programs / "pgbench" for found in installations() if (found.programs / "pgbench").exists()]
    if not programs:
        return None
    low, high = min(accounts), max(accounts)
    script = server.state / "script.sql"
    script.write_text(
        f"\\set a random({low}, {high})\n\\set b {low} + (:a - {low} + 1) % {high - low + 1}\n"
        "SELECT ledger_post(gen_random_uuid(), 'recombine', ARRAY[:a, :b]::bigint[], ARRAY[-1, 1]::bigint[], '', '{}', NULL, NULL, NULL);\n"
    )
    begin, wall = _children(server), time.perf_counter()
    client = os.times().children_user + os.times().children_system
    subprocess.run(
        [programs[0], "-n", "-M", "prepared", "-t", str(MOVEMENTS), "-f", script, server.url],
        check=True,
        capture_output=True,
    )
    wall = time.perf_counter() - wall
    while (server_cpu := _children(server) - begin) == 0:
        time.sleep(0.01)  # the server takes note of a backend's end some moments later
    client = os.times().children_user + os.times().children_system - client
    return Cost("the bare function, by pgbench", *(1000 * each / MOVEMENTS for each in (wall, client, server_cpu)))


def _children(server: Scratch) -> float:
    """Return the CPU seconds of all backends that have ended, as their parent knows it."""
    fields = Path(f"/proc/{server.cluster.pid()}/stat").read_text().rsplit(")", 1)[1].split()
    return (int(fields[13]) + int(fields[14])) / CLOCK_TICKS


def compare() -> None:
    """Measure all ways in turns and print medians."""
    with scratch(Path(os.environ["BENCH_FOLDER"]) if "BENCH_FOLDER" in os.environ else None) as server:
        set_up(server)
        from django.db import connection

        from moonbridge.ledger.models import Book

        book, accounts = Book.objects.get(pk=server.book), stocked(server)
        raw = server.connect()
        raw_backend, connection_backend = raw.info.backend_pid, _backend(connection)
        ways: dict[str, Callable[[], Cost | None]] = {
            "our function": lambda: measured("our function", connection_backend, by_function(book), accounts),
            "hand-written SQL": lambda: measured("hand-written SQL", raw_backend, by_hand(raw, book.pk), accounts),
            "ORM, select_for_update": lambda: measured(
                "ORM, select_for_update", connection_backend, by_orm(book, serializable=False), accounts
            ),
            "ORM, SERIALIZABLE": lambda: measured(
                "ORM, SERIALIZABLE", connection_backend, by_orm(book, serializable=True), accounts
            ),
            "pgbench": lambda: by_pgbench(server, accounts),
        }
        costs = {name: median([cost for cost in (way() for _ in range(ROUNDS)) if cost]) for name, way in ways.items()}
        raw.close()
        connection.close()
    ours = costs["our function"]
    assert ours is not None
    print(f"{'way':32}{'movements/s':>12}{'client ms':>11}{'server ms':>11}{'together':>10}{'to ours':>9}")
    for cost in costs.values():
        if cost is not None:
            ratio = cost.together / ours.together
            print(
                f"{cost.name:32}{1000 / cost.wall:12.0f}{cost.client:11.3f}{cost.server:11.3f}{cost.together:10.3f}{ratio:9.2f}"
            )
    print("aims: hand-written SQL at least 0.80 of ours (we within 1.25 of it), ORM at least 6.00")


def median(costs: list[Cost]) -> Cost | None:
    """Return the cost in the middle."""
    return sorted(costs, key=lambda cost: cost.together)[len(costs) // 2] if costs else None


def _backend(connection: Any) -> int:
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_backend_pid()")
        return int(cursor.fetchone()[0])


def size(splits: int) -> None:
    """Import a synthetic collection of so many splits, audit it, and time what a page of availability asks."""
    with scratch() as server:
        set_up(server)
        from django.core.management import call_command

        call_command("migrate", verbosity=0)
        from moonbridge.cooperation.programmes.models import Partner
        from moonbridge.cooperation.samples.actions import importing, keeping
        from moonbridge.engines.ledger.synthetic import SyntheticCollection
        from moonbridge.ledger import log, queries
        from moonbridge.ledger.audit import audit

        host = Partner.objects.create(slug="bench", kind="agency", name="Bench")
        collection = keeping.open_collection("synthetic", name="Synthetic", agency=host, synthetic=True)
        made = SyntheticCollection(splits)
        from django.db import connection

        clock = Clock(_backend(connection))
        movements = importing.import_pieces(collection, made.pieces(), made.movements())
        each = clock.cpu() / movements
        print(f"import: {splits} splits, {movements} movements in {clock.text()} (aim: {IMPORT_WITHIN} s)", flush=True)
        other = keeping.open_collection("one-by-one", name="One by one", agency=host, synthetic=True)
        clock = Clock(_backend(connection))
        several = one_by_one(other.book, SyntheticCollection(splits // RIVAL_SHARE, seed=2).movements())
        rival = clock.cpu() / several
        print(
            f"rival, one call for each movement: {several} movements in {clock.text()}; "
            f"CPU per movement {1000 * rival:.3f} ms, ours {1000 * each:.3f} ms with all pieces, {rival / each:.1f} times less",
            flush=True,
        )
        clock = Clock(_backend(connection))
        print(f"log: {log.append_new(collection.book)} leaves in {clock.text()}", flush=True)
        clock = Clock(_backend(connection))
        found = audit(collection.book)
        assert found.clean, found.differences[:5]
        print(f"audit: {found.counted} in {clock.text()} (aim: {AUDIT_WITHIN} s)", flush=True)
        draw, waits = random.Random(1), []  # noqa: S311 - reproducible, no secret
        for _ in range(100):
            sample = 10_000 + draw.randrange(splits // 20)
            begin = time.perf_counter()
            queries.balances(
                collection.book, labels=[f"S{sample + more},{number}" for more in range(3) for number in range(1, 20)]
            )
            waits.append(time.perf_counter() - begin)
        print(f"availability of 57 splits: p95 {1000 * sorted(waits)[94]:.0f} ms (aim: {1000 * PAGE_WITHIN:.0f} ms)")
        connection.close()


def one_by_one(book: Any, movements: Iterable[Any]) -> int:
    """Carry out movements by a call for each, a thousand in a transaction; return how many."""
    from django.db import transaction

    from moonbridge.ledger.movements import Posting, post

    many = 0
    for some in batched(movements, 1_000):
        with transaction.atomic():
            for movement in some:
                legs = {leg.account: leg.amount for leg in movement.legs}
                many += post(Posting(movement.id, movement.kind, book, legs, reservation=movement.reservation))
    return many


class Clock:
    """The wall clock, and the CPU seconds of this process and of a backend, since it was made."""

    def __init__(self, backend: int) -> None:
        self.backend = backend
        self.begin = time.perf_counter(), time.process_time(), cpu_of(backend)

    def passed(self) -> tuple[float, float, float]:
        """Return the seconds that have passed: of the wall, of this process and of the backend."""
        now = time.perf_counter(), time.process_time(), cpu_of(self.backend)
        wall, client, server = (after - before for after, before in zip(now, self.begin, strict=True))
        return wall, client, server

    def cpu(self) -> float:
        """Return the CPU seconds of both processes."""
        return sum(self.passed()[1:])

    def text(self) -> str:
        """Return what has passed, in words."""
        wall, client, server = self.passed()
        return f"{wall:.0f} s, CPU {client + server:.0f} s ({client:.0f} here, {server:.0f} in the server)"


if __name__ == "__main__":
    if sys.argv[1:2] == ["size"]:
        size(int(sys.argv[2]) if sys.argv[2:] else 140_000)
    else:
        compare()
