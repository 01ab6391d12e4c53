"""Public pages against a bare Django view, on the same server in the same run.

Starts granian twice on a free local port (one worker each, one thread), once with the product in demonstration mode and once with a Django
that has a single view and no middleware, and asks each for pages over kept-alive connections for a few seconds. Prints requests per
second and the ratio. The aim: the home, list and mission pages reach at least half of what the bare view does.
"""

import os
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Self

PAGES = {"home": "/", "list": "/missions/", "mission": "/missions/change-6/"}
CONNECTIONS = 4
SECONDS = 2.0
ROUNDS = 3
START_WITHIN = 60
BODY = b"<!DOCTYPE html><title>bare</title>" + b"x" * 4096
LENGTH = {"Content-Length": str(len(BODY))}
HERE = Path(__file__).parent


def bare_application() -> object:
    """Return the rival: Django with one view, no middleware, no database."""
    import django
    from django.conf import settings
    from django.core.handlers.wsgi import WSGIHandler
    from django.http import HttpResponse
    from django.urls import path

    settings.configure(
        ALLOWED_HOSTS=["127.0.0.1"],
        SECRET_KEY="bare",  # noqa: S106 - signs nothing
        ROOT_URLCONF=type("Urls", (), {"urlpatterns": [path("", lambda _request: HttpResponse(BODY, headers=LENGTH))]}),
    )
    django.setup()
    return WSGIHandler()


def free_port() -> int:
    """Return a port that nobody listens on."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


@contextmanager
def served(target: str, first: str, *more: str) -> Iterator[int]:
    """Serve the WSGI application ``target`` until the block ends; wait until it answers at ``first``."""
    port = free_port()
    options = [
        "--interface",
        "wsgi",
        "--host",
        "127.0.0.1",
        "--port",
        str(port),
        "--workers",
        "1",
        "--blocking-threads",
        "1",
    ]
    command = [sys.executable, "-m", "granian", *options, *more, "--no-ws", "--log-level", "error", target]
    search = os.pathsep.join([str(HERE), os.environ.get("PYTHONPATH", "")])
    server = subprocess.Popen(command, env=os.environ | {"PYTHONPATH": search})
    try:
        wait_for(port, first)
        yield port
    finally:
        server.terminate()
        server.wait(timeout=20)


def wait_for(port: int, path: str) -> None:
    """Return as soon as ``path`` is answered."""
    end = time.monotonic() + START_WITHIN
    while time.monotonic() < end:
        try:
            with Asker(port, path) as asker:
                asker.ask()
                return
        except OSError:
            time.sleep(0.2)
    raise SystemExit(f"no server answered on port {port} within {START_WITHIN} s")


class Asker:
    """One kept-alive connection that asks for one page; written on the bare socket, so that the client costs little."""

    def __init__(self, port: int, path: str) -> None:
        self._request = f"GET {path} HTTP/1.1\r\nHost: 127.0.0.1\r\nAccept-Encoding: br, gzip\r\n\r\n".encode()
        self._socket = socket.create_connection(("127.0.0.1", port), timeout=30)
        self._socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_error: object) -> None:
        self._socket.close()

    def ask(self) -> None:
        """Ask once and read the whole answer; anything but 200 ends the benchmark."""
        self._socket.sendall(self._request)
        answer = b""
        while (head_end := answer.find(b"\r\n\r\n")) < 0:
            answer += self._more()
        head = answer[:head_end].lower()
        if not head.startswith(b"http/1.1 200"):
            raise SystemExit(f"{self._request!r} was answered with {head[:40]!r}")
        length = int(head.partition(b"content-length:")[2].partition(b"\r\n")[0])
        missing = length - (len(answer) - head_end - 4)
        while missing > 0:
            missing -= len(self._more())

    def _more(self) -> bytes:
        part = self._socket.recv(1 << 16)
        if not part:
            raise ConnectionResetError
        return part


def rate(port: int, path: str) -> float:
    """Return the requests per second that the server answers for ``path`` over a few kept-alive connections."""
    counts = [0] * CONNECTIONS
    start = time.perf_counter()

    def ask(number: int) -> None:
        with Asker(port, path) as asker:
            while time.perf_counter() < start + SECONDS:
                asker.ask()
                counts[number] += 1

    askers = [threading.Thread(target=ask, args=(number,)) for number in range(CONNECTIONS)]
    for asker in askers:
        asker.start()
    for asker in askers:
        asker.join()
    return sum(counts) / (time.perf_counter() - start)


def prepare() -> None:
    """Bring tables, catalogue and static files in place, in the state folder or the database that the environment names."""
    from moonbridge.site import preparation

    preparation.set_up_django()
    for step in preparation.steps(demonstration=False):
        step.run()


def main() -> None:
    """Measure and print."""
    os.environ["MOONBRIDGE_MODE"] = "demo"
    prepare()
    bare, product = served("portal:bare_application", "/", "--factory"), served("moonbridge.site.wsgi:application", "/")
    with bare as bare_port, product as port:
        rate(bare_port, "/")  # the first round warms both the server and the client
        print(f"{'page':10}{'requests/s':>12}{'bare view':>12}{'ratio':>8}   (aim: 0.50)")
        for name, path in PAGES.items():
            wait_for(port, path)
            # Page and rival take turns, so that whatever else the machine does falls on both.
            rounds = [(rate(port, path), rate(bare_port, "/")) for _ in range(ROUNDS)]
            ours, rival = (sum(rates) / ROUNDS for rates in zip(*rounds, strict=True))
            print(f"{name:10}{ours:12.0f}{rival:12.0f}{ours / rival:8.2f}")


if __name__ == "__main__":
    main()
