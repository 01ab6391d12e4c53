"""Races through the site itself: officers grant the same material at the same instant, and it may be lent once.

A scratch server with all tables, the site served on it by granian with several processes and threads, and as many clients as there are
officers: the even ones press the button on the page of a request, the odd ones send the same command to the API. In three of five races
each grants a request of its own for the same piece; in one all grant the same request; in one the same click is sent many times.

The same harness runs against a deliberately unlocked variant of the site (see ``unlocked``), to show that it finds double lends where there
are some.
"""

import json
import subprocess
import sys
import threading
from collections.abc import Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass
from http.client import HTTPConnection, HTTPException
from pathlib import Path
from typing import Final
from urllib.parse import urlencode
from uuid import UUID, uuid4

import psycopg

from moonbridge.errors import MoonbridgeError
from moonbridge.site import processes
from moonbridge.site.torture.scratch import environment_of

FIRST_PORT: Final = 8900
WORKERS: Final = 2
SITE: Final = processes.APPLICATION
UNLOCKED: Final = "moonbridge.site.torture.unlocked:application"
LOCK: Final = "ORDER BY id FOR NO KEY UPDATE"
"""What is taken out of the movement function for the unlocked variant; its order stays."""
GUARD: Final = "ledger_never_more_than_there_is"
"""The constraint that is taken off the accounts for it."""
TOKEN: Final = "races" * 6 + "xy"
SCENE: Final = (
    "import sys; from moonbridge.site import preparation; preparation.set_up_django(); "
    "from moonbridge.site.torture import scene; scene.main(int(sys.argv[1]), int(sys.argv[2]))"
)
FOUND: Final = """
SELECT r.race, (SELECT count(*) FROM samples_loan AS o WHERE o.request_id = ANY (r.requests))
FROM unnest(%s::text[]) WITH ORDINALITY AS asked(keys, race),
    LATERAL (SELECT asked.race, asked.keys::uuid[] AS requests) AS r ORDER BY r.race
"""
RESERVED: Final = """
SELECT count(*) FROM samples_split AS s JOIN samples_collection AS c ON c.id = s.collection_id
JOIN ledger_account AS a ON a.book_id = c.book_id AND a.kind = 'store' AND a.label = s.name
WHERE c.agency_id = %s AND (a.held > a.balance OR a.held <> CASE s.material WHEN 'powder' THEN 12000000 ELSE a.balance END)
"""


@dataclass(frozen=True, slots=True)
class Officer:
    """Somebody who may grant: a session for the pages and a key for the API."""

    session: str
    token: str


@dataclass(frozen=True, slots=True)
class Scene:
    """Who races for what: the agency, its officers, and for each race the ids of its requests."""

    agency: str
    officers: list[Officer]
    requests: list[list[str]]


@dataclass
class Told:
    """What the races did: how many there were; how often the material was lent once, more than once, or not at all.

    ``astray`` counts answers that were neither a grant nor a refusal, ``disagreeing`` races whose answers say something else than the
    tables, ``unsound`` pieces of which the books have set aside something else than was granted once.
    """

    races: int = 0
    lent_once: int = 0
    lent_twice: int = 0
    not_lent: int = 0
    astray: int = 0
    disagreeing: int = 0
    unsound: int = 0

    @property
    def kept(self) -> bool:
        """Whether everything was lent exactly once and said so."""
        return self.races == self.lent_once and not (self.astray or self.disagreeing or self.unsound)


class CannotRace(MoonbridgeError):  # noqa: N818 - what it is
    """The scene of the races cannot be set; the sentence says why."""

    code = "cannot-race"


def is_contested(race: int) -> bool:
    """Return whether in a race each officer grants a request of their own; in the others all grant the same one."""
    return race % 5 < 3  # noqa: PLR2004 - three of five


def is_one_click(race: int) -> bool:
    """Return whether in a race the same officer's same click is sent many times."""
    return race % 5 == 4  # noqa: PLR2004 - one of five


def race(url: str, state: Path, *, races: int, ways: int, locked: bool = True) -> Told:
    """Run ``races`` races of ``ways`` clients each on the database at ``url``, which has all tables; files go to ``state``.

    ``locked`` False spoils the movement function of that database for good: nothing but such races can follow.
    """
    environment = environment_of(url, state)
    scene = _scene(environment, races, ways)
    if not locked:
        _unlock(url)
    with _served(environment, state, SITE if locked else UNLOCKED, ways) as port:
        answers = _run(port, scene)
    return _compared(url, scene, answers)


def _scene(environment: Mapping[str, str], races: int, ways: int) -> Scene:
    command = [sys.executable, "-c", SCENE, str(races), str(ways)]
    done = subprocess.run(command, env=environment, capture_output=True, text=True, check=False)
    if done.returncode:
        raise CannotRace(f"The scene of the races cannot be set: {done.stderr.strip()[-2000:]}")
    given = json.loads(done.stdout)
    return Scene(given["agency"], [Officer(**one) for one in given["officers"]], given["requests"])


def _unlock(url: str) -> None:
    with psycopg.connect(url) as connection:
        row = connection.execute("SELECT pg_get_functiondef('ledger_post'::regproc)").fetchone()
        text = row[0] if row else ""
        if text.count(LOCK) != 1:
            raise CannotRace("The movement function does not lock as the unlocked variant expects.")
        connection.execute(text.replace(LOCK, "ORDER BY id").encode())
        connection.execute(f"ALTER TABLE ledger_account DROP CONSTRAINT {GUARD}".encode())


@contextmanager
def _served(environment: Mapping[str, str], state: Path, application: str, ways: int) -> Iterator[int]:
    """Serve the site with a thread for each client; yield the port."""
    with processes.held_port(FIRST_PORT, exactly=False) as port:
        command = processes.server_command(
            host="127.0.0.1", port=port, workers=WORKERS, threads=-(-ways // WORKERS), application=application
        )
        log = state / "log" / "races.txt"
        started = processes.start(command, state=state, log=log, environment=environment)
        try:
            processes.wait_until_served(port, started, log=log)
            yield port
        finally:
            processes.stop([started])


def _run(port: int, scene: Scene) -> list[list[int]]:
    """Run every race, all of its clients beginning together; return the status of each answer."""
    ways = len(scene.officers)
    start, answers = threading.Barrier(ways), [[0] * ways for _ in scene.requests]
    clicks = [uuid4() for _ in scene.requests]

    def client(place: int) -> None:
        asking = _Client(port, by_api=bool(place % 2))
        for number, requests in enumerate(scene.requests):
            officer = scene.officers[0 if is_one_click(number) else place]
            click = clicks[number] if is_one_click(number) else uuid4()
            start.wait()
            answers[number][place] = asking.grant(requests[place % len(requests)], officer, click)
        asking.close()

    with ThreadPoolExecutor(ways) as pool:
        list(pool.map(client, range(ways)))
    return answers


class _Client:
    """One browser or one program, on one connection that is opened again where the server closed it."""

    def __init__(self, port: int, *, by_api: bool) -> None:
        self.connection, self.by_api = HTTPConnection("127.0.0.1", port, timeout=60), by_api

    def grant(self, request: str, officer: Officer, click: UUID) -> int:
        """Grant a request; return the status of the answer, 0 where there was none."""
        path, body, headers = (self._program if self.by_api else self._browser)(request, officer, click)
        try:
            self.connection.request("POST", path, body, headers)
            answer = self.connection.getresponse()
            answer.read()
        except (HTTPException, OSError):
            self.connection.close()
            return 0
        return answer.status

    def close(self) -> None:
        """Hang up."""
        self.connection.close()

    @staticmethod
    def _browser(request: str, officer: Officer, click: UUID) -> tuple[str, str, dict[str, str]]:
        body = urlencode({"csrfmiddlewaretoken": TOKEN, "command": str(click)})
        headers = {
            "Cookie": f"sessionid={officer.session}; csrftoken={TOKEN}",
            "Content-Type": "application/x-www-form-urlencoded",
        }
        return f"/samples/requests/{request}/grant/", body, headers

    @staticmethod
    def _program(request: str, officer: Officer, click: UUID) -> tuple[str, str, dict[str, str]]:
        headers = {
            "Authorization": f"Bearer {officer.token}",
            "Idempotency-Key": str(click),
            "Content-Type": "application/json",
        }
        return f"/api/v1/sample-requests/{request}/grant", "{}", headers


GRANTED: Final = frozenset({200, 302})
REFUSED: Final = 409


def _compared(url: str, scene: Scene, answers: list[list[int]]) -> Told:
    """Compare what was answered with what the tables say."""
    keys = ["{" + ",".join(requests) + "}" for requests in scene.requests]
    with psycopg.connect(url) as connection:
        loans = [int(row[1]) for row in connection.execute(FOUND, (keys,))]
        unsound = connection.execute(RESERVED, (scene.agency,)).fetchone()
    told = Told(len(answers), unsound=int(unsound[0]) if unsound else 0)
    for number, (lent, given) in enumerate(zip(loans, answers, strict=True)):
        wins = sum(status in GRANTED for status in given)
        told.lent_once, told.lent_twice = told.lent_once + (lent == 1), told.lent_twice + (lent > 1)
        told.not_lent += lent == 0
        told.astray += sum(status not in GRANTED | {REFUSED} for status in given)
        told.disagreeing += wins != (len(given) * lent if is_one_click(number) else lent)
    return told
