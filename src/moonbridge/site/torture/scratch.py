"""A database server of our own with empty books, which may be killed and filled as one likes, and is gone afterwards."""

import os
import shutil
import signal
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import psycopg

from moonbridge.site import embedded
from moonbridge.site.cluster import Cluster, locked
from moonbridge.site.postgres import EmbeddedServerError

MEMORY: Final = Path("/dev/shm")  # noqa: S108 - the folder inside is made for us alone
ROOM: Final = 1_000_000_000
"""Bytes that a scratch server may take."""
_MIGRATE = (
    "import sys, django; django.setup(); from django.core.management import call_command; "
    "call_command('migrate', *sys.argv[1:], verbosity=0)"
)


@dataclass(frozen=True, slots=True)
class Scratch:
    """A private server: its state folder, its cluster, its address, and the book in it."""

    state: Path
    cluster: Cluster
    book: int

    @property
    def url(self) -> str:
        """The address of its database."""
        return self.cluster.url

    def connect(self) -> psycopg.Connection:
        """Return a new connection on which each statement is its own transaction."""
        return psycopg.connect(self.url, autocommit=True)

    def kill(self) -> None:
        """Kill the server as ``kill -9`` does; its processes have no chance to say anything."""
        number = self.cluster.pid()
        if number is not None:
            os.kill(number, signal.SIGKILL)

    def start(self) -> None:
        """Start the server again; it recovers what was committed."""
        with self.cluster.explained(), locked(self.cluster.open_file("starting.lock")):
            self.cluster.start()


def environment_of(url: str, state: Path) -> dict[str, str]:
    """Return the environment of a process of the site that works with the database at ``url``, and keeps its files in ``state``."""
    return os.environ | {
        "DATABASE_URL": url, "MOONBRIDGE_MODE": "test", "DJANGO_SETTINGS_MODULE": "moonbridge.site.settings",
        "MOONBRIDGE_STATE": str(state),
    }  # fmt: skip


@contextmanager
def scratch(folder: Path | None = None, *, whole: bool = False) -> Iterator[Scratch]:
    """Start a server with empty books (``whole``: with all tables of the site), in ``folder`` or in memory; remove all of it at the end.

    What ``kill -9`` leaves in the system's page cache it leaves in memory as well, and a recovery is ten times faster there.
    """
    state = Path(tempfile.mkdtemp(prefix="moonbridge-torture-", dir=folder or _memory()))
    state.chmod(0o711)
    try:
        url = embedded.ensure_running(state=state)
        tables = () if whole else ("ledger",)
        done = subprocess.run(
            [sys.executable, "-c", _MIGRATE, *tables],
            env=environment_of(url, state),
            capture_output=True,
            text=True,
            check=False,
        )
        if done.returncode:
            raise EmbeddedServerError(f"The scratch server has no tables: {done.stderr.strip().splitlines()[-1]}")
        yield Scratch(state, embedded.place(state), _book(url))
    finally:
        embedded.stop(state=state)
        embedded.leave(state=state)
        shutil.rmtree(state)


def _memory() -> Path | None:
    """Return a folder in memory with room for a server, where the system has one."""
    return MEMORY if MEMORY.is_dir() and shutil.disk_usage(MEMORY).free > ROOM else None


def _book(url: str) -> int:
    with psycopg.connect(url) as connection:
        row = connection.execute(
            "INSERT INTO ledger_book (slug, name, quantity, synthetic) VALUES ('torture', 'Torture', 'sample mass', true) RETURNING id"
        ).fetchone()
    return int(row[0]) if row else 0
