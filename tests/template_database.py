"""A database with all its tables, made once for each state of the migrations; every run of the tests copies it.

Carrying out a hundred migrations takes longer than most test files. The copy is refused to nobody: the name of the template
is a digest of the migrations and of what they import, so a changed migration makes another template.
"""

import hashlib
import os
import re
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import LiteralString

import psycopg
from psycopg import sql
from psycopg.conninfo import make_conninfo

from moonbridge.site import environment

ROOT = Path(__file__).parents[1]
PREFIX = "template_moonbridge_"
KEPT = 3
"""How many templates stay, for those who go back and forth between two states of the code."""


def prepared() -> str:
    """Return the name of the template; whoever comes first makes it, and the others wait."""
    name = PREFIX + digest()
    with psycopg.connect(on_server("postgres"), autocommit=True) as server:
        server.execute("SELECT pg_advisory_lock(hashtext(%s))", [PREFIX])
        if server.execute("SELECT 1 FROM pg_database WHERE datname = %s", [name]).fetchone() is None:
            make(server, name)
    return name


def make(server: psycopg.Connection, name: str) -> None:
    unfinished = f"unfinished_{name}"
    run(server, "DROP DATABASE IF EXISTS {}", unfinished)
    run(server, "CREATE DATABASE {}", unfinished)
    subprocess.run(
        [sys.executable, "-m", "django", "migrate", "--verbosity", "0"],
        env=os.environ
        | {
            "DATABASE_URL": on_server(unfinished),
            "DJANGO_SETTINGS_MODULE": "settings_for_tests",
            "PYTHONPATH": os.pathsep.join((str(ROOT / "src"), str(ROOT / "tests"))),
        },
        check=True,
    )
    run(server, "ALTER DATABASE {} RENAME TO {}", unfinished, name)
    older = "SELECT datname FROM pg_database WHERE datname LIKE %s ORDER BY oid DESC OFFSET %s"
    for (other,) in server.execute(older, [f"{PREFIX}%", KEPT]).fetchall():
        run(server, "DROP DATABASE IF EXISTS {}", other)


def run(server: psycopg.Connection, statement: LiteralString, *names: str) -> None:
    server.execute(sql.SQL(statement).format(*map(sql.Identifier, names)))


def on_server(database: str) -> str:
    return make_conninfo(environment.database_url(), dbname=database)


def digest() -> str:
    """Return 16 letters that change with the packages, the migrations, and the modules of ours that migrations import."""
    found = hashlib.sha256((ROOT / "requirements" / "base.txt").read_bytes())
    modules = (module for migration in migrations() for module in imported(migration))
    for path in sorted({*migrations(), *modules}):
        found.update(path.relative_to(ROOT).as_posix().encode() + b"\0" + path.read_bytes())
    return found.hexdigest()[:16]


def migrations() -> Iterator[Path]:
    yield from (ROOT / "src" / "moonbridge").rglob("migrations/*.py")


def imported(path: Path) -> Iterator[Path]:
    for dotted, names in re.findall(r"^\s*from (moonbridge[\w.]*) import ([\w, ]+)", path.read_text(), re.MULTILINE):
        folder = ROOT / "src" / Path(*dotted.split("."))
        candidates = [folder.with_suffix(".py"), *(folder / f"{name.strip()}.py" for name in names.split(","))]
        yield from (candidate for candidate in candidates if candidate.is_file())
