"""The house itself: the demonstration, the server, the worker, the embedded database."""

import contextlib
import fcntl
import os
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from typing import IO, Annotated, NoReturn

import typer

from moonbridge.errors import MoonbridgeError, Refused, WrongState
from moonbridge.site import embedded, processes

database = typer.Typer(help="The embedded PostgreSQL, which also starts and stops by itself.", no_args_is_help=True)

FIRST_PORT = 8000
GLANCE = 0.5
"""Seconds between two looks at whether the server and the database still live."""


def demo(
    port: Annotated[
        int | None, typer.Option(envvar="PORT", help="Use this port; else 8000, or the next free one.")
    ] = None,
    afresh: Annotated[
        bool, typer.Option("--afresh", help="Forget first all that the demonstration has stored.")
    ] = False,
    yes: Annotated[bool, typer.Option("--yes", help="With --afresh: do not ask.")] = False,
) -> None:
    """Start the demonstration with everything it needs, and print its address; Ctrl-C stops it."""
    os.environ["MOONBRIDGE_MODE"] = "demo"
    state = embedded.make_state_folder()
    with _only_demonstration(state) as note:
        _stop_in_good_order_when_asked()
        try:
            if afresh:
                _forget(state, sure=yes)
            _demonstrate(state, port, note)
        except KeyboardInterrupt:
            print("\nstopping ...", end=" ", flush=True)
            embedded.leave()
            print("stopped", flush=True)


def serve(
    host: Annotated[str, typer.Option(help="The address to listen on.")] = "127.0.0.1",
    port: Annotated[int, typer.Option(envvar="PORT", help="The port to listen on.")] = FIRST_PORT,
    workers: Annotated[int, typer.Option(min=1, help="How many processes serve.")] = 2,
) -> NoReturn:
    """Serve the site as the environment configures it; `moonbridge prepare` comes first."""
    processes.free_port(port, exactly=True, host=host)
    command = processes.server_command(host=host, port=port, workers=workers)
    os.execv(command[0], command)  # noqa: S606 - without a shell: this process becomes the server, signals and all


def worker() -> None:
    """Do the long jobs, as the environment configures them; Ctrl-C stops it after the jobs at hand."""
    from django.core.management import call_command

    from moonbridge.site import preparation

    preparation.set_up_django()
    call_command("procrastinate", "worker")


def prepare() -> None:
    """Bring tables, translations, catalogue and static files up to date; repeat it after each upgrade."""
    _prepare(demonstration=False)


@database.command("start")
def start_database() -> None:
    """Start the embedded server, to run until `database stop`."""
    print(embedded.keep_running())


@database.command("stop")
def stop_database() -> None:
    """Stop the embedded server, whoever uses it."""
    print("stopped" if embedded.stop() else "it did not run")


@database.command("status")
def database_status() -> None:
    """Say whether the embedded server runs, and where its files are."""
    found = embedded.status()
    running = "runs as process {0.pid}" if found.pid else "does not run"
    made = "made by PostgreSQL {0.made_by}" if found.made_by else "no data yet"
    print(f"{running}; account {{0.account}}; {made}; files in {{0.home}}".format(found))
    print(embedded.database_url())


@database.command("reset")
def reset_database(yes: Annotated[bool, typer.Option("--yes", help="Do not ask.")] = False) -> None:
    """Stop the embedded server and remove all its data."""
    _make_sure(yes, f"Remove the database in {embedded.status().home}")
    embedded.reset()


@contextlib.contextmanager
def _only_demonstration(state: Path) -> Iterator[IO[str]]:
    """Hold the lock of the demonstration; yield the file in which to note its address."""
    with (state / "demo.lock").open("a+", encoding="utf-8") as note:
        try:
            fcntl.flock(note, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError as error:
            note.seek(0)
            raise WrongState(
                f"A demonstration of this checkout runs already: {note.read() or 'it is starting'}"
            ) from error
        note.truncate(0)
        yield note
        note.truncate(0)


def _stop_in_good_order_when_asked() -> None:
    for request in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        # `nohup` has the closing of the terminal ignored, and means it.
        if request != signal.SIGHUP or signal.getsignal(request) != signal.SIG_IGN:
            signal.signal(request, signal.default_int_handler)


def _demonstrate(state: Path, port: int | None, note: IO[str]) -> None:
    begun = time.monotonic()
    if processes.end_leftovers(state):
        print("ended what an earlier demonstration had left running")
    with processes.held_port(port or FIRST_PORT, exactly=port is not None) as chosen:
        if chosen != (port or FIRST_PORT):
            print(f"port {FIRST_PORT} is busy: using {chosen}")
        address = os.environ["MOONBRIDGE_BASE_URL"] = f"http://127.0.0.1:{chosen}"
        _prepare(demonstration=True)
        with _running(state, chosen) as started:
            note.write(f"{address} (process {os.getpid()}; Ctrl-C in its window stops it)")
            note.flush()
            print(f"\nMoonbridge is ready after {time.monotonic() - begun:.0f} s: {address}/")
            _print_sign_in_links(address)
            print(f"\n  Ctrl-C stops it; `make demo` resumes it. What it says goes to {state / 'logs'}", flush=True)
            _watch(started)


def _prepare(*, demonstration: bool) -> None:
    from moonbridge.site import preparation

    for step in preparation.steps(demonstration=demonstration):
        with _timed(step.words):
            step.run()


@contextlib.contextmanager
def _timed(words: str) -> Iterator[None]:
    print(f"{words} ...", end=" ", flush=True)
    begun = time.monotonic()
    try:
        yield
    except MoonbridgeError:
        print("failed")
        raise
    print(f"{time.monotonic() - begun:.1f} s", flush=True)


@contextlib.contextmanager
def _running(state: Path, port: int) -> Iterator[dict[Path, subprocess.Popen[bytes]]]:
    """Run the server and the worker; yield them by the file that each writes its words to."""
    from moonbridge.site import preparation

    started: dict[Path, subprocess.Popen[bytes]] = {}
    words = "starting the server and the worker"
    commands = {
        "server": processes.server_command(host="127.0.0.1", port=port, workers=1),
        "worker": processes.worker_command(),
    }
    try:
        with _timed(words), preparation.explained(words):
            for name, command in commands.items():
                log = state / "logs" / f"{name}.log"
                started[log] = processes.start(command, state=state, log=log)
            server_log, server = next(iter(started.items()))
            processes.wait_until_served(port, server, log=server_log)
        yield started
    finally:
        # A second Ctrl-C would only leave processes behind.
        signal.signal(signal.SIGINT, signal.SIG_IGN)
        processes.stop(started.values())
        processes.end_leftovers(state)  # such as the children of a server that was killed


def _print_sign_in_links(address: str) -> None:
    from moonbridge.accounts import demo as people

    for role, link in people.sign_in_links(address):
        print(f"  {role:<20} {link}")


def _watch(started: dict[Path, subprocess.Popen[bytes]]) -> NoReturn:
    """Look after the database until a process ends by itself, which raises CannotServe."""
    from moonbridge.site import environment

    while True:
        for log, process in started.items():
            if process.poll() is not None:
                raise processes.ended(f"The {log.stem} ended; `make demo` starts it again", log)
        environment.start_database()  # it comes back by itself if it was killed
        time.sleep(GLANCE)


def _forget(state: Path, *, sure: bool) -> None:
    if os.environ.get("DATABASE_URL"):
        raise Refused("DATABASE_URL is set: empty that database yourself, for others may use it; nothing was removed")
    _make_sure(sure, f"Forget all that the demonstration in {state} has stored")
    with _timed("forgetting what was stored"):
        processes.end_leftovers(state)
        embedded.reset()
        for name in ("files", "mail", "secrets", "static", "logs"):
            if (state / name).exists():
                shutil.rmtree(state / name)


def _make_sure(sure: bool, question: str) -> None:
    if sure:
        return
    if not sys.stdin.isatty():
        raise Refused(f"{question}? Nobody is here to ask: say so with YES=1 (make) or --yes")
    if input(f"{question}? Type yes: ").strip().casefold() not in {"y", "yes"}:
        raise Refused("Nothing was removed")
