"""The processes of a running site: the server, the worker of long jobs, and what an earlier run may have left.

Each process started here carries in its environment the state folder that it works for. So the next run finds
those that outlived a ``kill -9``, whatever the moment it came at.
"""

import http.client
import os
import re
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

from moonbridge.errors import MoonbridgeError

APPLICATION = "moonbridge.site.wsgi:application"
MARK = "MOONBRIDGE_RUNS_FOR"
PORTS_TRIED = 100
PATIENCE = 60.0
"""Seconds in which a server answers its first request."""
GRACE = 10.0
"""Seconds that a process has to end by itself when asked to."""
GLANCE = 0.05
"""Seconds between two looks at a process."""


class CannotServe(MoonbridgeError):  # noqa: N818 - says what is the matter
    """The server cannot start, or ended; the sentence says why and the way out."""

    code = "cannot-serve"


def server_command(
    *, host: str, port: int, workers: int, threads: int = 4, application: str = APPLICATION
) -> list[str]:
    """Return the command line of the server: ``workers`` processes with ``threads`` threads each."""
    options = {"interface": "wsgi", "host": host, "port": port, "workers": workers, "blocking-threads": threads}
    words = [word for name, value in options.items() for word in (f"--{name}", str(value))]
    limits = [
        "--no-ws",
        "--respawn-failed-workers",
        "--workers-kill-timeout",
        str(int(GRACE)),
        "--log-level",
        "warning",
    ]
    return [sys.executable, "-m", "granian", *words, *limits, application]


def worker_command() -> list[str]:
    """Return the command line of the worker that does the long jobs."""
    return [str(Path(sys.executable).with_name("moonbridge")), "worker"]


def start(
    command: list[str], *, state: Path, log: Path, environment: Mapping[str, str] = os.environ
) -> subprocess.Popen[bytes]:
    """Start ``command`` for the site of ``state``, its words going to ``log``, which begins anew.

    It has a session of its own, so that a Ctrl-C meant for us does not reach it.
    """
    log.parent.mkdir(mode=0o700, exist_ok=True)
    with log.open("wb") as file:
        return subprocess.Popen(
            command,
            env=dict(environment) | {MARK: str(state)},
            stdin=subprocess.DEVNULL,
            stdout=file,
            stderr=file,
            start_new_session=True,
        )


def stop(processes: Iterable[subprocess.Popen[bytes]]) -> None:
    """Ask the processes to end, all at once, and end those that do not."""
    asked = [process for process in processes if process.poll() is None]
    for process in asked:
        process.terminate()
    end = time.monotonic() + GRACE
    for process in asked:
        try:
            process.wait(max(0.0, end - time.monotonic()))
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()


def end_leftovers(state: Path) -> list[int]:
    """End the processes that an earlier run for ``state`` left behind; return their numbers."""
    found = _marked(state)
    for request in (signal.SIGTERM, signal.SIGKILL):
        for number in _marked(state):
            _signal(number, request)
        end = time.monotonic() + GRACE
        while _marked(state) and time.monotonic() < end:
            time.sleep(GLANCE)
    return found


def _signal(number: int, request: signal.Signals) -> None:
    try:
        os.kill(number, request)
    except ProcessLookupError:
        return


def _marked(state: Path) -> list[int]:
    mark = os.fsencode(f"{MARK}={state}")
    return [int(entry.name) for entry in Path("/proc").glob("[0-9]*") if mark in _environment_of(entry)]


def _environment_of(process: Path) -> list[bytes]:
    try:
        return (process / "environ").read_bytes().split(b"\0")
    except OSError:
        return []  # it ended, or is somebody else's


def free_port(first: int, *, exactly: bool, host: str = "127.0.0.1") -> int:
    """Return ``first`` where nobody listens on it, else the next free port, unless it has to be exactly this one."""
    with held_port(first, exactly=exactly, host=host) as port:
        return port


@contextmanager
def held_port(first: int, *, exactly: bool, host: str = "127.0.0.1") -> Iterator[int]:
    """Yield the port of :func:`free_port`; within the block nobody gets it but a server that is willing to share it.

    Our server shares its port among its processes (``SO_REUSEPORT``), and would share it with another site's as silently. Two
    demonstrations that begin together must therefore not choose the same one while they prepare.
    """
    for port in range(first, first + (1 if exactly else PORTS_TRIED)):
        holder = _bound(host, port)
        if holder:
            with holder:
                yield port
            return
    sentence = (
        f"Port {first} is busy: stop what uses it" if exactly else f"No port from {first} on is free: stop a server"
    )
    raise CannotServe(f"{sentence}, or choose another port, such as PORT=9000", port=first)


def _bound(host: str, port: int) -> socket.socket | None:
    """Return a socket that holds a port without listening on it; None where the port is taken."""
    holder = socket.socket(socket.AF_INET6 if ":" in host else socket.AF_INET, socket.SOCK_STREAM)
    # As servers do, so that a port whose last connections are still winding down counts as free.
    holder.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        holder.bind((host, port))
    except OSError as error:
        holder.close()
        if isinstance(error, PermissionError):
            raise CannotServe(f"Port {port} is for root alone: choose one above 1023, such as PORT=9000") from error
        return None
    # From here on it is refused to whoever asks as above, and given to a server that shares its port.
    holder.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 0)
    holder.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEPORT, 1)
    return holder


def wait_until_served(port: int, server: subprocess.Popen[bytes], *, log: Path) -> None:
    """Return when the server answers a request; raise CannotServe with its last words where it ends instead."""
    end = time.monotonic() + PATIENCE
    while not _answers(port):
        if server.poll() is not None or time.monotonic() > end:
            raise ended("The server did not start", log)
        time.sleep(GLANCE)


def _answers(port: int) -> bool:
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=PATIENCE)
    try:
        connection.request("HEAD", "/")
        connection.getresponse()
    except OSError:
        return False
    else:
        return True
    finally:
        connection.close()


def ended(what: str, log: Path) -> CannotServe:
    """Return the error that says what ended, with the reason from its log: an exception's line, or the last."""
    words = log.read_text(encoding="utf-8", errors="replace")
    reason = (re.findall(r"^[\w.]+(?:Error|Exception)\b.*", words, re.MULTILINE) or words.splitlines() or ["none"])[-1]
    return CannotServe(f"{what}; its last words were “{reason.strip()}”, and all of them are in {log}")
