"""Races through HTTP: many ask for the same piece at the same instant, and it may be lent once.

The server answers over HTTP with one database connection per client, as a site with many workers does. The same harness runs against a
deliberately unlocked variant (read what is free, compare, write, without a lock and on a table without guards), to show that it finds
double lends where there are some.
"""

import json
import threading
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack
from dataclasses import dataclass
from http.client import HTTPConnection
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any, Final
from uuid import UUID, uuid4

import psycopg

MASS: Final = 20_000_000
"""Each piece has 20 mg, and everybody asks for all of it."""
LOCKED: Final = "/locked"
UNLOCKED: Final = "/unlocked"
RESERVE: Final = (
    "SELECT ledger_post(%s, 'reserve', ledger_open(%s, '{store}', %s), %s::bigint[], '', '{}', NULL, NULL, NULL)"
)
INTAKE: Final = """
SELECT ledger_post(gen_random_uuid(), 'intake', ledger_open(%s, '{origin,store}', ARRAY['race', piece]), ARRAY[-%s, %s]::bigint[],
    '', '{}', NULL, NULL, NULL) FROM unnest(%s::text[]) AS piece
"""


@dataclass
class Told:
    """What the races did: how many, how many were lent, twice, or not at all."""

    races: int = 0
    lent_once: int = 0
    lent_twice: int = 0
    not_lent: int = 0


class _Server(ThreadingHTTPServer):
    daemon_threads = True
    request_queue_size = 64

    def __init__(self, url: str, book: int) -> None:
        self.url, self.book = url, book
        super().__init__(("127.0.0.1", 0), _Handler)


class _Handler(BaseHTTPRequestHandler):
    """Answers ``POST /locked`` and ``/unlocked`` with whether the piece was set aside; one database connection per client."""

    protocol_version = "HTTP/1.1"
    disable_nagle_algorithm = True
    server: _Server

    def setup(self) -> None:
        super().setup()
        self.database = psycopg.connect(self.server.url, autocommit=True)

    def finish(self) -> None:
        self.database.close()
        super().finish()

    def do_POST(self) -> None:
        asked = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
        lent = self._locked(asked) if self.path == LOCKED else self._unlocked(asked)
        answer = json.dumps({"lent": lent}).encode()
        self.send_response(200 if lent else 409)
        self.send_header("Content-Length", str(len(answer)))
        self.end_headers()
        self.wfile.write(answer)

    def log_message(self, format: str, *args: Any) -> None:  # noqa: A002 - the name that http.server gives
        del format, args

    def _locked(self, asked: dict[str, Any]) -> bool:
        given = (UUID(asked["id"]), self.server.book, [asked["piece"]], [MASS])
        try:
            self.database.execute(RESERVE, given)
        except psycopg.DatabaseError as refusal:
            if refusal.sqlstate != "MB002":
                raise
            return False
        return True

    def _unlocked(self, asked: dict[str, Any]) -> bool:
        row = self.database.execute(
            "SELECT balance - held FROM torture_unlocked WHERE label = %s", (asked["piece"],)
        ).fetchone()
        if row is None or row[0] < MASS:
            return False
        self.database.execute("UPDATE torture_unlocked SET held = held + %s WHERE label = %s", (MASS, asked["piece"]))
        return True


def race(url: str, book: int, *, races: int, ways: int, locked: bool) -> Told:
    """Run ``races`` races in each of which ``ways`` clients ask for the same piece at once; count how often it was lent."""
    pieces = [f"race-{uuid4()}" for _ in range(races)]
    _stock(url, book, pieces, locked=locked)
    server = _Server(url, book)
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    try:
        wins = _run(server.server_address[1], pieces, ways, LOCKED if locked else UNLOCKED)
    finally:
        server.shutdown()
        server.server_close()
    return Told(races, wins.count(1), sum(won > 1 for won in wins), wins.count(0))


def _stock(url: str, book: int, pieces: list[str], *, locked: bool) -> None:
    with psycopg.connect(url, autocommit=True) as connection:
        if locked:
            connection.execute(INTAKE, (book, MASS, MASS, pieces))
            return
        connection.execute(
            "CREATE TABLE IF NOT EXISTS torture_unlocked (label text PRIMARY KEY, balance bigint, held bigint)"
        )
        connection.execute(
            "INSERT INTO torture_unlocked SELECT piece, %s, 0 FROM unnest(%s::text[]) AS piece", (MASS, pieces)
        )


def _run(port: int, pieces: list[str], ways: int, path: str) -> list[int]:
    """Return how many clients won each race; all begin each race together."""
    start, won = threading.Barrier(ways), [[False] * ways for _ in pieces]

    def client(place: int, connection: HTTPConnection) -> None:
        for number, piece in enumerate(pieces):
            body = json.dumps({"id": str(uuid4()), "piece": piece})
            start.wait()
            connection.request("POST", path, body)
            answer = connection.getresponse()
            won[number][place] = bool(json.load(answer)["lent"])

    with ExitStack() as stack, ThreadPoolExecutor(ways) as pool:
        connections = [HTTPConnection("127.0.0.1", port) for _ in range(ways)]
        for connection in connections:
            stack.callback(connection.close)
        list(pool.map(client, range(ways), connections))
    return [sum(each) for each in won]
