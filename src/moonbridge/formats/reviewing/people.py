"""Reviewers, proposals and their teams from CSV files; each refusal says file, line and column."""

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Final

from moonbridge.engines.reviewing.people import Person, Reviewer, Submission
from moonbridge.errors import InputError
from moonbridge.formats.calls.read import text_of
from moonbridge.formats.calls.rows import Row, rows_of

_PERSON: Final = ("name", "email", "orcid", "ror", "institution", "country", "agency", "funding")
REVIEWER_COLUMNS: Final = ("reviewer", *_PERSON, "kinds", "least", "most", "keywords", "texts", "languages")
PROPOSAL_COLUMNS: Final = ("proposal", "title", "text", "keywords", "language", "demand")
TEAM_COLUMNS: Final = ("proposal", *_PERSON)


def read_reviewers(file: str | Path, *, least: int = 0, most: int = 8) -> tuple[Reviewer, ...]:
    """Return the reviewers of a CSV file; ``least`` and ``most`` hold where their cells are empty.

    The column ``reviewer`` is needed, all others of :data:`REVIEWER_COLUMNS` may be there. Raises InputError for an unknown
    column, an id that is empty or given twice, and what is no whole number.
    """
    found: dict[str, Reviewer] = {}
    for row in _rows(file, "reviewer", REVIEWER_COLUMNS):
        name = _new(row, "reviewer", found)
        reviewer = Reviewer(
            name,
            _person(row),
            count_in(row, "least", least),
            count_in(row, "most", most),
            listed(row, "kinds"),
            listed(row, "keywords"),
            listed(row, "texts", "|"),
            tuple(language.casefold() for language in listed(row, "languages")),
        )
        if reviewer.least > reviewer.most:
            row.refuse("least", f"{name} would give at least {reviewer.least} and at most {reviewer.most} reviews")
        found[name] = reviewer
    return tuple(found.values())


def read_submissions(file: str | Path, *, team: str | Path | None = None, demand: int = 3) -> tuple[Submission, ...]:
    """Return the proposals of a CSV file, with the members that the CSV file ``team`` names.

    The column ``proposal`` is needed in both; ``demand`` holds where its cell is empty. Raises InputError as
    :func:`read_reviewers` does, and for a member of a proposal that is not there.
    """
    found: dict[str, Submission] = {}
    for row in _rows(file, "proposal", PROPOSAL_COLUMNS):
        name = _new(row, "proposal", found)
        words = listed(row, "keywords")
        language = row.text("language").casefold()
        needed = count_in(row, "demand", demand)
        found[name] = Submission(name, row.text("title"), row.text("text"), words, language, demand=needed)
    for row in () if team is None else _rows(team, "proposal", TEAM_COLUMNS):
        name = row.text("proposal")
        if name not in found:
            row.refuse("proposal", f"there is no proposal {name!r}")
        found[name] = replace(found[name], team=(*found[name].team, _person(row)))
    return tuple(found.values())


def listed(row: Row, column: str, separator: str = ";") -> tuple[str, ...]:
    """Return the members of a cell."""
    return tuple(part.strip() for part in row.text(column).split(separator) if part.strip())


def count_in(row: Row, column: str, default: int) -> int:
    """Return a cell as a whole number, zero or more; ``default`` if it is empty."""
    text = row.text(column)
    if text and not (text.isascii() and text.isdigit()):
        row.refuse(column, f"{text!r} is not a whole number, zero or more")
    return int(text) if text else default


def _rows(file: str | Path, needed: str, known: tuple[str, ...]) -> Iterator[Row]:
    columns, rows = rows_of(text_of(Path(file)), str(file))
    if needed not in columns:
        raise InputError(f"the column {needed!r} is missing", file=str(file), line=1)
    for unknown in (column for column in columns if column not in known):
        raise InputError(f"unknown column {unknown!r}; known here: {', '.join(known)}", file=str(file), line=1)
    return rows


def _new(row: Row, column: str, taken: dict[str, Reviewer] | dict[str, Submission]) -> str:
    name = row.text(column)
    if not name or name in taken:
        row.refuse(column, f"{name!r} was given before" if name else f"a {column} has an id")
    return name


def _person(row: Row) -> Person:
    return Person(
        row.text("name"),
        listed(row, "email"),
        row.text("orcid").rpartition("/")[2].upper(),
        tuple(ror.rpartition("/")[2].casefold() for ror in listed(row, "ror")),
        listed(row, "institution"),
        row.text("country").upper(),
        row.text("agency"),
        listed(row, "funding"),
    )
