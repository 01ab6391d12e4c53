"""Make the environment `.venv` of this checkout complete: a Python >= 3.12 and every package, pinned and hashed.

It runs on whatever Python >= 3.9 the machine has, with nothing installed. What is complete already is left alone; what
an interruption left half-done is done again.
"""

from __future__ import annotations

import contextlib
import errno
import fcntl
import hashlib
import os
import re
import shutil
import subprocess
import sys
import time
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from typing import NoReturn

HERE = Path(__file__).resolve().parents[1]
ENVIRONMENT = HERE / ".venv"
INSTALLER = HERE / "build" / "uv"
"""A small environment of its own for uv, which then makes the real one with any Python it finds or fetches."""
REQUIREMENTS = [HERE / "requirements" / name for name in ("base.txt", "dev.txt", "uv.txt")]
DECIDES = [*REQUIREMENTS, HERE / "requirements" / "base.in", HERE / "pyproject.toml"]
"""The files whose content decides what has to be installed."""
OLDEST, PREFERRED = "3.12", "3.13"
PIP_NAMES = {"index-url": "UV_DEFAULT_INDEX", "cert": "SSL_CERT_FILE"}
"""What uv calls the settings by which pip is told of a mirror; uv does not read pip's own files."""


def main() -> None:
    """Bring `.venv` up to date, one line per step; every failure is one sentence with the way out."""
    try:
        (HERE / "build").mkdir(exist_ok=True)
        with (HERE / "build" / "setup.lock").open("w") as lock:
            _wait_for(lock.fileno())
            if not _is_complete(ENVIRONMENT, DECIDES):
                _set_up()
    except PermissionError as error:
        _stop(f"{error.filename} belongs to another user: run as that user, or remove `build` and `.venv` first")
    except OSError as error:
        if error.errno != errno.ENOSPC:
            raise
        _stop("the disk is full: make room (about 1 GB), then run this again")


def _set_up() -> None:
    begun = time.monotonic()
    _make_environment(_installer())
    _mark_complete(ENVIRONMENT, DECIDES)
    print(f"setup: complete ({time.monotonic() - begun:.0f} s)", flush=True)


def _wait_for(lock: int) -> None:
    try:
        fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        print("setup: waiting for another `make` in this checkout", flush=True)
        fcntl.flock(lock, fcntl.LOCK_EX)


def _installer() -> Path:
    """Return a pinned uv, installed by pip into an environment of its own."""
    uv = INSTALLER / "bin" / "uv"
    decides = REQUIREMENTS[-1:]
    if not _is_complete(INSTALLER, decides):
        with _step("installing uv, the installer"):
            _make_plain_environment(INSTALLER)
            _run(INSTALLER / "bin" / "python", "-m", "pip", "install", "--quiet", "--require-hashes", "-r", *decides)
        _mark_complete(INSTALLER, decides)
    return uv


def _make_plain_environment(folder: Path) -> None:
    python = _found_python() or sys.executable
    arguments = (python, "-m", "venv", "--clear", folder)
    if subprocess.run(arguments, capture_output=True, check=False).returncode == 0:
        return
    # Debian keeps the part of Python that makes environments in a package of its own.
    if os.geteuid() != 0 or not shutil.which("apt-get"):
        _stop(f"{python} cannot make environments: ask for `apt-get install python3-venv`, then run this again")
    _run("apt-get", "update", "--quiet")
    _run("apt-get", "install", "--yes", "--quiet", "--no-install-recommends", "python3-venv")
    _run(*arguments)


def _make_environment(uv: Path) -> None:
    python = _found_python() or _fetched_python(uv)
    with _step(f"making .venv with {python}"):
        _run(uv, "venv", "--quiet", "--clear", "--python", python, ENVIRONMENT)
    count = sum(len(re.findall("^[a-z].*==", path.read_text(), re.MULTILINE)) for path in REQUIREMENTS)
    into = ("--quiet", "--python", ENVIRONMENT / "bin" / "python")
    with _step(f"installing {count} pinned packages"):
        _run(uv, "pip", "sync", *into, "--require-hashes", *REQUIREMENTS)
    with _step("installing moonbridge itself"):
        _run(uv, "pip", "install", *into, "--no-deps", "--no-build-isolation", "--editable", HERE)


def _found_python() -> str:
    return _printed(HERE / "tools" / "find-python", OLDEST)


def _fetched_python(uv: Path) -> str:
    with _step(f"fetching Python {PREFERRED}, since none >= {OLDEST} is here"):
        command = (uv, "python", "install", PREFERRED)
        fetched = subprocess.run(command, env=_environment(), capture_output=True, text=True, check=False)
    if fetched.returncode != 0:
        reason = (fetched.stderr.strip().splitlines() or ["no reason given"])[-1].strip()
        _stop(
            f"no Python >= {OLDEST} is here and none could be fetched ({reason}): install one, "
            "or name one that is elsewhere with `make PYTHON=/path/to/python3`"
        )
    return subprocess.run(
        (uv, "python", "find", PREFERRED), env=_environment(), capture_output=True, text=True, check=True
    ).stdout.strip()


def _run(*command: str | Path) -> None:
    nothing = subprocess.DEVNULL
    done = subprocess.run(command, env=_environment(), stdin=nothing, capture_output=True, text=True, check=False)
    if done.returncode != 0:
        if "No space left on device" in done.stderr:
            raise OSError(errno.ENOSPC, "No space left on device")
        print("", done.stdout + done.stderr, sep="\n", file=sys.stderr)
        _stop(f"`{Path(command[0]).name}` failed for the reason above; run this again when it is out of the way")


@cache
def _environment() -> dict[str, str]:
    """Return the environment for uv, with the mirror and certificates that pip has been told of."""
    told = _printed(INSTALLER / "bin" / "python", "-m", "pip", "config", "list")
    values = {match[1]: match[2] for match in re.finditer(r"^[^=]*\.([a-z-]+)='(.*)'$", told, re.MULTILINE)}
    names = {PIP_NAMES[name]: value for name, value in values.items() if name in PIP_NAMES}
    if not os.access(Path.home(), os.W_OK):  # such as the home of `nobody`
        names |= {
            "UV_CACHE_DIR": str(HERE / "build" / "cache"),
            "UV_PYTHON_INSTALL_DIR": str(HERE / "build" / "python"),
        }
    return names | {"DEBIAN_FRONTEND": "noninteractive"} | dict(os.environ)


def _printed(*command: str | Path) -> str:
    """Return what ``command`` prints, or nothing where it does not exist."""
    try:
        return subprocess.run(command, capture_output=True, text=True, check=False).stdout.strip()
    except OSError:
        return ""


def _digest(decides: list[Path]) -> str:
    return hashlib.sha256(b"\0".join(path.read_bytes() for path in decides)).hexdigest()


def _is_complete(environment: Path, decides: list[Path]) -> bool:
    mark = environment / "complete"
    if not mark.exists() or mark.read_text() != _digest(decides):
        return False
    # The Python under it may have been removed since.
    return _printed(environment / "bin" / "python", "-c", "print('works')") == "works"


def _mark_complete(environment: Path, decides: list[Path]) -> None:
    (environment / "complete").write_text(_digest(decides))


@contextlib.contextmanager
def _step(words: str) -> Iterator[None]:
    print(f"setup: {words} ...", end=" ", flush=True)
    begun = time.monotonic()
    yield
    print(f"{time.monotonic() - begun:.1f} s", flush=True)


def _stop(sentence: str) -> NoReturn:
    sys.exit(f"\nsetup: {sentence}")


if __name__ == "__main__":
    main()
