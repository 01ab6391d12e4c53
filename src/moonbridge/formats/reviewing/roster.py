"""People of a panel as a table: the columns of a file of reviewers, with their duty."""

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any, Final

from moonbridge.errors import InputError
from moonbridge.formats.tables.reading import Row, Table

LISTS: Final = {"funding": ";", "kinds": ";", "keywords": ";", "languages": ";", "texts": "|"}
"""Columns whose cells hold several members, and what separates them."""
_SHOWN: Final = ("reviewer", "name", "institution", "country", "agency")
"""Columns that come from the account: written for the reader, and not read back."""
COLUMNS: Final = (
    "reviewer",
    "email",
    "name",
    "institution",
    "country",
    "duty",
    "least",
    "most",
    "orcid",
    "ror",
    *LISTS,
)
"""The columns of a table that is handed out. Each is read by ``moonbridge assign`` too, but for the duty."""
_ADDRESS: Final = re.compile(r"[^@\s]{1,64}@[^@\s]{1,189}")
_COUNT: Final = re.compile(r"[0-9]{1,4}")
_LONGEST_TEXT: Final = 60_000
_LONGEST_CELL: Final = 2_000


@dataclass(frozen=True, slots=True)
class Listed:
    """One person: address in lower case, duty as it stands in the cell, and by column what is known of them."""

    line: int
    email: str
    duty: str
    about: dict[str, Any] = field(default_factory=dict)


def read_roster(table: Table) -> tuple[Listed, ...]:
    """Return the people of ``table``.

    The column ``email`` is needed; ``duty``, ``least``, ``most``, ``orcid``, ``ror`` and those of :data:`LISTS` may be there. Raises
    :class:`InputError` with the row for an unknown column, a formula, an address that is none or stands twice, and loads that are no
    whole numbers.
    """
    names = [name.strip().casefold() for name in table.header]
    known = {*COLUMNS, *_SHOWN}
    for unknown in (name for name in names if name and name not in known):
        raise InputError(f"unknown column {unknown!r}; known here: {', '.join(COLUMNS)}", line=1)
    if "email" not in names or len(set(names)) < len(names):
        raise InputError("the column 'email' is missing" if "email" not in names else "a column stands twice", line=1)
    for line, _column in sorted(table.formulas):
        raise InputError("a formula; write the value itself", line=line)
    found: dict[str, Listed] = {}
    for row in _people(table, names):
        if row.email in found:
            raise InputError(f"{row.email} stands in row {found[row.email].line} already", line=row.line, field="email")
        found[row.email] = row
    return tuple(found.values())


def _people(table: Table, names: list[str]) -> Iterator[Listed]:
    for row in table.rows:
        cells = dict(zip(names, row.cells, strict=False))
        email = cells.get("email", "").strip().lower()
        if not _ADDRESS.fullmatch(email):
            raise InputError(f"{email!r} is no e-mail address", line=row.number, field="email")
        yield Listed(row.number, email, cells.get("duty", "").strip().casefold(), _about(row, cells))


def _about(row: Row, cells: dict[str, str]) -> dict[str, Any]:
    about: dict[str, Any] = {name: _count(row, name, cells.get(name, "").strip()) for name in ("least", "most")}
    about["orcid"] = cells.get("orcid", "").strip().rpartition("/")[2].upper()[:19]
    about["ror"] = cells.get("ror", "").strip().rpartition("/")[2].casefold()[:40]
    for name, separator in LISTS.items():
        text = cells.get(name, "")
        if len(text) > (_LONGEST_TEXT if name == "texts" else _LONGEST_CELL):
            raise InputError("this cell is too long", line=row.number, field=name)
        members = [part.strip() for part in text.split(separator) if part.strip()]
        about[name] = [part.casefold() for part in members] if name in {"kinds", "languages"} else members
    return about


def _count(row: Row, name: str, text: str) -> int | None:
    if text and not _COUNT.fullmatch(text):
        raise InputError(f"{text!r} is not a whole number, zero or more", line=row.number, field=name)
    return int(text) if text else None
