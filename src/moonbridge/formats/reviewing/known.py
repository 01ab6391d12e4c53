"""Lists by which conflicts are detected: parents of institutions, papers, earlier teams. All are CSV; ``;`` separates members."""

from collections import defaultdict
from collections.abc import Iterator
from pathlib import Path

from moonbridge.engines.reviewing.people import Paper
from moonbridge.errors import InputError
from moonbridge.formats.calls.read import text_of
from moonbridge.formats.calls.rows import Row, rows_of
from moonbridge.formats.reviewing.people import count_in, listed


def read_parents(file: str | Path) -> dict[str, tuple[str, ...]]:
    """Return the organisations above each institution, by ROR id, from a CSV file; see :func:`parents_of`."""
    return parents_of(text_of(Path(file)), str(file))


def read_papers(file: str | Path) -> tuple[Paper, ...]:
    """Return the papers of a CSV file; see :func:`papers_of`."""
    return papers_of(text_of(Path(file)), str(file))


def read_teams(file: str | Path) -> dict[str, frozenset[str]]:
    """Return earlier teams from a CSV file with the columns team and member: addresses or ORCID iDs, one row for each or in a list."""
    found: dict[str, set[str]] = defaultdict(set)
    for row in _rows(text_of(Path(file)), str(file), ("team", "member")):
        found[row.text("team")] |= {one.rpartition("/")[2] for one in listed(row, "member")}
    return {team: frozenset(members) for team, members in found.items()}


def parents_of(text: str, file: str) -> dict[str, tuple[str, ...]]:
    """Return the organisations above each institution, by ROR id, from a CSV text with the columns ror and parent.

    An institution may have several rows, or a list in the cell. Raises InputError with file, line and column.
    """
    found: dict[str, tuple[str, ...]] = {}
    for row in _rows(text, file, ("ror", "parent")):
        child = _ror(row.text("ror"))
        found[child] = tuple(dict.fromkeys((*found.get(child, ()), *map(_ror, listed(row, "parent")))))
    return found


def papers_of(text: str, file: str) -> tuple[Paper, ...]:
    """Return the papers of a CSV text with the columns paper, year, authors (ORCID iDs).

    A paper whose authors stand in several rows is one paper. Raises InputError with file, line and column, also for two years of a paper.
    """
    found: dict[str, Paper] = {}
    for row in _rows(text, file, ("paper", "year", "authors")):
        name, year = row.text("paper"), count_in(row, "year", 0)
        before = found.get(name, Paper(name, year, frozenset()))
        if before.year != year:
            row.refuse("year", f"{name} appeared in {before.year} by an earlier row")
        authors = {one.rpartition("/")[2].upper() for one in listed(row, "authors")}
        found[name] = Paper(name, year, before.authors | authors)
    return tuple(found.values())


def _ror(text: str) -> str:
    return text.strip().rpartition("/")[2].casefold()


def _rows(text: str, file: str, needed: tuple[str, ...]) -> Iterator[Row]:
    """Yield the rows, in each of which every needed cell says something."""
    columns, rows = rows_of(text, file)
    for missing in (name for name in needed if name not in columns):
        raise InputError(f"the column {missing!r} is missing", file=file, line=1)
    for row in rows:
        for empty in (name for name in needed if not row.text(name)):
            row.refuse(empty, "is empty")
        yield row
