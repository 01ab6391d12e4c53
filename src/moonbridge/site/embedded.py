"""The embedded PostgreSQL: a server that starts by itself, belongs to one state folder and ends with its last user.

A process that calls :func:`ensure_running` is a *user* of the server until it ends: it holds a shared lock, which the
kernel takes back however it dies. The last user to leave stops the server, unless :func:`keep_running` asked for more.

The files are in ``database`` in the state folder, or, for root with a state folder that no other account can enter, in
a folder under /var/lib whose name derives from it.
"""

import atexit
import fcntl
import os
import stat
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import IO

from moonbridge.site.cluster import Cluster, locked, short_digest
from moonbridge.site.postgres import Account, EmbeddedServerError, account_of, unprivileged_account

__all__ = [
    "EmbeddedServerError",
    "Status",
    "database_url",
    "ensure_running",
    "keep_running",
    "leave",
    "make_state_folder",
    "place",
    "reset",
    "state_folder",
    "status",
    "stop",
]

_memberships: dict[Path, IO[str]] = {}  # home -> the open file whose shared lock makes this process a user


@dataclass(frozen=True, slots=True)
class Status:
    """What is known of the embedded server of one state folder."""

    home: Path
    account: str
    pid: int | None
    made_by: int | None
    """The PostgreSQL version that made the data, or None where there are none yet."""


def state_folder() -> Path:
    """Return the folder of everything that the product keeps on this machine; it may not exist yet.

    MOONBRIDGE_STATE wins; else it is ``.state`` in the checkout; else, for an installed package or a checkout
    that we may not write to, ``moonbridge`` in the user's data folder.
    """
    named = os.environ.get("MOONBRIDGE_STATE")
    if named:
        return Path(named).expanduser().absolute()
    checkout = Path(__file__).resolve().parents[3]
    if (checkout / "pyproject.toml").exists() and os.access(checkout, os.W_OK):
        return checkout / ".state"
    data = os.environ.get("XDG_DATA_HOME") or Path.home() / ".local" / "share"
    return Path(data) / "moonbridge"


def make_state_folder(state: Path | None = None) -> Path:
    """Make the state folder where it is missing, so that nobody else can list it, and return it."""
    state = state or state_folder()
    try:
        if not state.exists():
            state.mkdir(parents=True, exist_ok=True)
            # The account that runs the database for root has to pass through, though not to list, whatever the umask.
            state.chmod(0o711 if os.geteuid() == 0 else 0o700)
    except OSError as error:
        raise EmbeddedServerError(
            f"Cannot make the folder {state} ({error.strerror}): set MOONBRIDGE_STATE to a folder that you may write to"
        ) from error
    if not os.access(state, os.W_OK | os.X_OK):
        raise EmbeddedServerError(
            f"You may not write to {state}, which another user made: run as that user, or set MOONBRIDGE_STATE "
            "to a folder of your own"
        )
    return state


def place(state: Path | None = None) -> Cluster:
    """Return where the server of this state folder has its files, and its account; nothing is made or started."""
    state = state or state_folder()
    usual = state / "database"
    if os.geteuid() != 0:
        return Cluster(usual, _own_account())
    owner = _owner(usual)
    if owner:
        return Cluster(usual, account_of(owner))  # an ordinary user made it before, and keeps it
    if _others_may_enter(state):
        return Cluster(usual, _own_account())
    return Cluster(Path("/var/lib") / f"moonbridge-{short_digest(state)}", _own_account())


def database_url(*, state: Path | None = None) -> str:
    """Return the address that the embedded server has, or will have, without starting it."""
    return place(state).url


def ensure_running(*, state: Path | None = None) -> str:
    """Start the server unless it runs, keep it while this process lives, and return its ``postgresql://`` address.

    Raises EmbeddedServerError with one sentence and the way out.
    """
    state = make_state_folder(state)
    cluster = place(state)
    with cluster.explained():
        cluster.prepare()
        _join(cluster)
        with locked(cluster.open_file("starting.lock")):
            if not cluster.answers():
                cluster.start()
    return cluster.url


def keep_running(*, state: Path | None = None) -> str:
    """Start the server like :func:`ensure_running`, to run until :func:`stop` even while nobody uses it."""
    url = ensure_running(state=state)
    place(state).open_file("kept").close()
    return url


def leave(*, state: Path | None = None) -> bool:
    """Cease to be a user, as each process does at its end; the last one stops the server. Return whether it did."""
    return _leave(place(state))


def stop(*, state: Path | None = None) -> bool:
    """Stop the server, whoever uses it; return whether it ran."""
    cluster = place(state)
    if not cluster.home.exists():
        return False
    with locked(cluster.open_file("starting.lock")):
        (cluster.home / "kept").unlink(missing_ok=True)
        return cluster.stop()


def reset(*, state: Path | None = None) -> None:
    """Stop the server and remove all its data."""
    cluster = place(state)
    if not cluster.home.exists():
        return
    with locked(cluster.open_file("starting.lock")):
        cluster.stop()
        cluster.remove_data()


def status(*, state: Path | None = None) -> Status:
    """Return whether the server runs, where its files are, and which PostgreSQL made them."""
    cluster = place(state)
    return Status(cluster.home, cluster.account.name, cluster.pid(), cluster.major)


@cache
def _own_account() -> Account:
    return unprivileged_account()


def _owner(path: Path) -> int | None:
    return path.stat().st_uid if path.exists() else None


def _others_may_enter(folder: Path) -> bool:
    existing = (each for each in (folder, *folder.parents) if each.exists())
    return all(each.stat().st_mode & stat.S_IXOTH for each in existing)


def _join(cluster: Cluster) -> None:
    if cluster.home not in _memberships:
        file = cluster.open_file("users.lock")
        fcntl.flock(file, fcntl.LOCK_SH)
        _memberships[cluster.home] = file
        atexit.register(_leave, cluster)


def _leave(cluster: Cluster) -> bool:
    file = _memberships.pop(cluster.home, None)
    if file is None:
        return False
    file.close()
    if not cluster.home.exists():
        return False  # removed by hand, and the server with it
    with cluster.open_file("users.lock") as others:
        try:
            fcntl.flock(others, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            return False
        # Nobody can join while this exclusive lock is held, so nobody's server is stopped under them.
        with locked(cluster.open_file("starting.lock")):
            return not (cluster.home / "kept").exists() and cluster.stop()
