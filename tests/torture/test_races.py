"""Races through the site as it is served: its pages and its API, two processes with several threads, a database of their own."""

import os
from collections.abc import Iterator
from pathlib import Path

import psycopg
import pytest

import template_database
from moonbridge.site.torture.races import race


@pytest.fixture(scope="module")
def url() -> Iterator[str]:
    """A database with all tables and nothing in them, gone afterwards; the last test spoils it."""
    name = f"test_moonbridge_races_{os.getpid()}"
    with psycopg.connect(template_database.on_server("postgres"), autocommit=True) as server:
        server.execute(f"CREATE DATABASE {name} TEMPLATE {template_database.prepared()}".encode())
        yield template_database.on_server(name)
        server.execute(f"DROP DATABASE {name} WITH (FORCE)".encode())


@pytest.mark.parametrize(("ways", "many"), [(2, 50), (16, 10)])
def test_nothing_is_lent_twice_whoever_asks_at_once_on_pages_and_by_the_api(
    url: str, tmp_path: Path, ways, many
) -> None:
    told = race(url, tmp_path, races=many, ways=ways)
    assert (told.lent_once, told.lent_twice, told.not_lent) == (many, 0, 0)
    assert (told.astray, told.disagreeing, told.unsound) == (0, 0, 0)
    assert told.kept


def test_the_races_find_double_lends_where_nothing_is_locked(url: str, tmp_path: Path) -> None:
    told = race(url, tmp_path, races=30, ways=4, locked=False)
    assert told.lent_twice > 3
    assert told.unsound == told.lent_twice
    assert not told.kept
