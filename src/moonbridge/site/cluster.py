"""One PostgreSQL cluster: a data folder, the account that owns it, and the server process on it.

It holds whatever happened before: a lock file left by ``kill -9`` or by the power going, processes whose parent is
dead, a half-made data folder, data of another version, a full disk.
"""

import contextlib
import errno
import fcntl
import hashlib
import os
import re
import shutil
import signal
import stat
import subprocess
import tempfile
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from pwd import getpwuid
from typing import IO
from urllib.parse import quote

from moonbridge.site.postgres import Account, EmbeddedServerError, Installation, choose, installations, reachable

ROLE = DATABASE = "moonbridge"
LONGEST_SOCKET_FOLDER = 85
"""Bytes; the kernel allows 107 for a socket's whole path, and PostgreSQL appends its own names."""
SPACE_TO_BEGIN = 150_000_000
"""Bytes that an empty cluster, its write-ahead log and a first load of the catalogue need."""
PATIENCE = 120.0
"""Seconds to wait for a start, which may include the recovery after a crash, or for a stop."""
GLANCE = 0.02
"""Seconds between two looks at whether the server is there, or gone."""
LONGEST_LOG = 5_000_000
"""Bytes after which the log begins anew at the next start."""

SETTINGS = {
    "listen_addresses": "",
    "unix_socket_permissions": "0700",
    "max_connections": "100",
    "shared_buffers": "64MB",
    "work_mem": "8MB",
    "maintenance_work_mem": "64MB",
    "wal_level": "minimal",
    "max_wal_senders": "0",
    "min_wal_size": "32MB",
    "max_wal_size": "512MB",
    "checkpoint_timeout": "15min",
    "random_page_cost": "1.1",
    "jit": "off",
    "timezone": "UTC",
    "log_timezone": "UTC",
    "log_line_prefix": "%m [%p] ",
}
"""For a small machine; nothing that guards the data (fsync, full_page_writes, synchronous_commit) is switched off."""


@dataclass(frozen=True, slots=True)
class Cluster:
    """Where a cluster keeps its files, and the account that its server runs as."""

    home: Path
    account: Account

    @property
    def data(self) -> Path:
        """The cluster's own folder; it appears by a rename, so that it is complete whenever it exists."""
        return self.home / "data"

    @property
    def log(self) -> Path:
        """The file of what the server said, newest last."""
        return self.home / "log"

    @property
    def socket_folder(self) -> Path:
        """The folder of the server's socket: inside ``home``, or a short path under /tmp where that is too long."""
        inside = self.home / "socket"
        if len(os.fsencode(inside)) <= LONGEST_SOCKET_FOLDER:
            return inside
        return Path("/tmp") / f"moonbridge-{short_digest(self.home)}"  # noqa: S108 - private; its owner is checked

    @property
    def url(self) -> str:
        """The ``postgresql://`` address of the product's database."""
        return f"postgresql://{ROLE}@/{DATABASE}?host={quote(str(self.socket_folder), safe='')}"

    @property
    def major(self) -> int | None:
        """The PostgreSQL version that made the data, or None where there are none yet."""
        if not self.data.exists():
            return None
        try:
            return int((self.data / "PG_VERSION").read_text())
        except (OSError, ValueError) as error:
            raise EmbeddedServerError(
                f"{self.data} cannot be read as a PostgreSQL data folder of {self.account.name} ({error}): "
                "begin afresh with `make demo-reset`, or set MOONBRIDGE_STATE to another folder"
            ) from error

    def pid(self) -> int | None:
        """Return the number of the server's process, or None; a lock file that nobody stands behind does not count."""
        number = self._lock_file_lines()[0]
        return int(number) if number.isdigit() and _works_in(int(number), self.data) else None

    def answers(self) -> bool:
        """Say whether the server is up and past its recovery."""
        return self.pid() is not None and self._lock_file_lines()[-1].strip() == "ready"

    def open_file(self, name: str) -> IO[str]:
        """Open a file in ``home`` for reading and appending, made where it is missing; never through a link."""
        flags = os.O_RDWR | os.O_CREAT | os.O_APPEND | os.O_NOFOLLOW | os.O_CLOEXEC
        descriptor = os.open(self.home / name, flags, 0o600)
        if not self.account.is_ours:
            os.fchown(descriptor, self.account.uid, self.account.gid)
        return os.fdopen(descriptor, "a+", encoding="utf-8")

    def prepare(self) -> None:
        """Make the folders around the data: ``home``, and the socket's, which nobody but the account may enter."""
        # For root, home stays root's and others may pass: only data and socket belong to the server's account.
        if not self.home.exists():
            self.home.mkdir(parents=True, exist_ok=True)
            self.home.chmod(0o700 if self.account.is_ours else 0o711)
        with contextlib.suppress(FileExistsError):
            self.socket_folder.mkdir(mode=0o700)
            self.account.own(self.socket_folder)
        found = self.socket_folder.lstat()
        if (found.st_uid, found.st_mode) != (self.account.uid, stat.S_IFDIR | 0o700):
            raise EmbeddedServerError(
                f"{self.socket_folder} should be a folder that only {self.account.name} can enter, and is not: "
                "remove it, or set MOONBRIDGE_STATE to another folder"
            )

    def start(self) -> None:
        """Start the server, making the cluster first where there is none; return when it answers.

        The caller sees to it that no other process does the same at the same time.
        """
        installation = reachable(choose(installations(), major=self.major), by=self.account, copies=self.home)
        if not self.data.exists():
            self._make(installation)
        self._clear_remains()
        self._write_access_rules()
        self._launch(installation)

    def stop(self) -> bool:
        """Stop the server, rolling back what its clients had not committed; return whether it ran."""
        number = self.pid()
        if number is None:
            return False
        # "Fast" first; "immediate", which leaves a recovery to the next start, only if that takes unreasonably long.
        for request in (signal.SIGINT, signal.SIGQUIT):
            os.kill(number, request)
            if _wait_until(lambda: self.pid() is None):
                break
        _reap(self.home)
        return True

    def remove_data(self) -> None:
        """Remove the data of a server that is stopped."""
        for folder in (self.data, *self.home.glob("data.partial-*")):
            if folder.exists():
                # Renamed first, so that an interruption leaves no half-removed folder under the name `data`.
                doomed = folder.rename(Path(tempfile.mkdtemp(prefix="data.partial-", dir=self.home)) / "old")
                shutil.rmtree(doomed.parent)

    def _make(self, installation: Installation) -> None:
        self._check_space()
        self.remove_data()
        partial = Path(tempfile.mkdtemp(prefix="data.partial-", dir=self.home))
        self.account.own(partial)
        programs, words = installation.programs, ("-U", "postgres", "-E", "UTF8", "--auth=peer", "--data-checksums")
        self._run(programs / "initdb", "-D", partial, *words, *installation.locale_arguments)
        self._run(
            *(programs / "postgres", "--single", "-D", partial, "-c", "exit_on_error=on", "postgres"),
            given=f"CREATE ROLE {ROLE} LOGIN CREATEDB\nCREATE DATABASE {DATABASE} OWNER {ROLE}\n",
        )
        partial.rename(self.data)

    def _check_space(self) -> None:
        if shutil.disk_usage(self.home).free < SPACE_TO_BEGIN:
            raise self._full_disk()

    def _run(self, *command: str | Path, given: str = "") -> None:
        done = self.account.run(*command, given=given)
        if done.returncode != 0:
            raise self._failure(done.stderr)

    def _clear_remains(self) -> None:
        # Without their parent these processes can only hold the shared memory; what was committed is in the log.
        remains = _processes_in(self.data)
        for number in remains:
            with contextlib.suppress(ProcessLookupError):
                os.kill(number, signal.SIGKILL)
        _wait_until(lambda: not _processes_in(self.data))
        for socket in self.socket_folder.glob(".s.PGSQL.*"):
            socket.unlink()
        self._disown_lock_file()

    def _disown_lock_file(self) -> None:
        # After a reboot or kill -9 the number in the lock file may be another program's by now, and PostgreSQL would
        # refuse to start. It takes its own parent's number for stale, yet still checks the shared memory named further
        # down in the file; removing the file would lose that guard.
        file = self.data / "postmaster.pid"
        if file.exists():
            lines = [str(os.getpid()), *self._lock_file_lines()[1:]]
            with os.fdopen(os.open(file, os.O_WRONLY | os.O_TRUNC | os.O_NOFOLLOW), "w") as rewritten:
                rewritten.write("\n".join(lines) + "\n")

    def _lock_file_lines(self) -> list[str]:
        try:
            return (self.data / "postmaster.pid").read_text().splitlines() or [""]
        except (FileNotFoundError, PermissionError):
            return [""]

    def _write_access_rules(self) -> None:
        names = {self.account.name, getpwuid(os.geteuid()).pw_name}
        rules = {
            "access.conf": "local all all peer map=users\n",
            "names.conf": "".join(f'users "{name}" {ROLE}\n' for name in sorted(names)),
        }
        for name, text in rules.items():
            with self.open_file(name) as file:
                file.truncate(0)
                file.write(text)

    def _launch(self, installation: Installation) -> None:
        files = {"hba_file": self.home / "access.conf", "ident_file": self.home / "names.conf"}
        settings = SETTINGS | {"unix_socket_directories": self.socket_folder} | files
        command: list[str | Path] = [installation.programs / "postgres", "-D", self.data]
        command += [word for name, value in settings.items() for word in ("-c", f"{name}={value}")]
        with self.open_file("log") as log:
            if log.tell() > LONGEST_LOG:
                log.truncate(0)
            begin = log.tell()
            # In its own session, so that a Ctrl-C meant for us does not reach it.
            child = self.account.popen(command, log=log)
            _children[self.home] = child
            _wait_until(lambda: self.answers() or child.poll() is not None)
            if not self.answers():
                log.seek(begin)
                raise self._failure(log.read())

    @contextlib.contextmanager
    def explained(self) -> Iterator[None]:
        """Turn the operating system's refusals, while files of the cluster are written, into one sentence."""
        try:
            yield
        except OSError as error:
            if error.errno in {errno.ENOSPC, errno.EDQUOT}:
                raise self._full_disk() from error
            raise EmbeddedServerError(
                f"{error.filename or self.home} cannot be used ({error.strerror}): if another user made it, run as that "
                "user, else set MOONBRIDGE_STATE to a folder of your own"
            ) from error

    def _failure(self, said: str) -> EmbeddedServerError:
        if "No space left on device" in said or "Disk quota exceeded" in said:
            return self._full_disk()
        reasons = (
            re.findall(r"(?:FATAL|PANIC|error):\s+(.*)", said) or said.strip().splitlines()[-1:] or ["no reason given"]
        )
        return EmbeddedServerError(
            f"The embedded PostgreSQL did not start: {reasons[-1]} (its log is {self.log}); "
            "if the data are of no use any more, begin afresh with `make demo-reset`"
        )

    def _full_disk(self) -> EmbeddedServerError:
        free = shutil.disk_usage(self.home).free
        return EmbeddedServerError(
            f"The disk that holds {self.home} is full ({free // 1_000_000} MB free, {SPACE_TO_BEGIN // 1_000_000} MB "
            "needed to begin): make room, or set MOONBRIDGE_STATE to a folder on another disk",
            free_bytes=free,
        )


_children: dict[Path, subprocess.Popen[bytes]] = {}  # home -> the server, where this process started it


def _reap(home: Path) -> None:
    child = _children.pop(home, None)
    if child is not None:
        child.wait()


def short_digest(path: Path) -> str:
    """Return twelve hexadecimal digits that stand for a path where its full text would be too long."""
    return hashlib.sha256(os.fsencode(path)).hexdigest()[:12]


@contextlib.contextmanager
def locked(file: IO[str]) -> Iterator[None]:
    """Hold the exclusive lock on ``file``, waiting for it; the kernel takes it back if this process dies."""
    with file:
        fcntl.flock(file, fcntl.LOCK_EX)
        yield


def _wait_until(happened: Callable[[], bool]) -> bool:
    end = time.monotonic() + PATIENCE
    while not happened():
        if time.monotonic() > end:
            return False
        time.sleep(GLANCE)
    return True


def _processes_in(data: Path) -> list[int]:
    """Return the numbers of PostgreSQL processes on this data folder, on systems that show them under /proc."""
    numbers = (int(entry.name) for entry in Path("/proc").glob("[0-9]*"))
    return [number for number in numbers if _works_in(number, data)]


def _works_in(number: int, data: Path) -> bool:
    # All processes of a server work in its data folder; so does, perhaps, a person's shell.
    process = Path(f"/proc/{number}")
    try:
        if Path("/proc/self").exists():
            return process.joinpath("cwd").readlink() == data.resolve() and _is_postgres(process)
    except OSError:
        return False  # it ended, or is somebody else's
    listing = subprocess.run(["ps", "-o", "command=", "-p", str(number)], capture_output=True, text=True, check=False)
    return str(data) in listing.stdout


def _is_postgres(process: Path) -> bool:
    return process.joinpath("comm").read_text().startswith("postgres")
