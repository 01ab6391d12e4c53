"""A selection problem as one table, as offices keep it in a spreadsheet: a row per option, a column per resource.

The first rows state the limits: their first cell is ``#total``, ``#per item`` or ``#reserved``. The columns are
``proposal`` and, where needed, ``option``, ``title``, ``merit``, ``doubt``, ``groups`` (``country:TH=1/2;
first-time``), ``synthetic``, ``tier`` and ``merges``; every other column is ``element resource``, for example
``lander mass`` or, with a unit of its own, ``lander volume (l)``. Rules and weights do not fit into a table: they need
TOML or JSON.
"""

import csv
import io
import re
from collections.abc import Mapping
from dataclasses import dataclass
from fractions import Fraction
from typing import Final

from moonbridge.engines.selection.problem import RESOURCE_KINDS, Limit, Option, Place, Problem, Proposal
from moonbridge.engines.selection.rules import exact
from moonbridge.errors import InputError
from moonbridge.formats.calls.rows import Row, rows_of
from moonbridge.formats.calls.rules import fraction_text
from moonbridge.quantities import Kind, custom

_FIXED_COLUMNS: Final = ("proposal", "option", "title", "merit", "doubt", "groups", "synthetic", "tier", "merges")
_LIMIT_ROWS: Final = ("#total", "#per item", "#reserved")
_RESOURCE: Final = re.compile(r"^(?P<element>\S+) (?P<resource>[^()]+?)(?: \((?P<unit>[^()]+)\))?$")


@dataclass(frozen=True, slots=True)
class _Column:
    """A column of amounts: its heading, its place, and what it is measured in."""

    heading: str
    place: Place
    kind: Kind


def problem_from_table(text: str, file: str) -> Problem:
    """Return the problem in a CSV text."""
    headings, rows = rows_of(text, file)
    if "proposal" not in headings:
        raise InputError("the column 'proposal' is missing", file=file, line=1)
    columns = [_column(heading, file) for heading in headings if heading not in _FIXED_COLUMNS]
    limits: dict[str, Row] = {}
    options: dict[str, list[tuple[Row, Option]]] = {}
    for row in rows:
        name = row.text("proposal")
        if name.casefold() in _LIMIT_ROWS:
            limits[name.casefold()] = row
        elif not name:
            row.refuse("proposal", "the row names no proposal")
        else:
            options.setdefault(name, []).append((row, _option(row, columns)))
    if "#total" not in limits:
        raise InputError("the row '#total', which says what is offered, is missing", file=file)
    try:
        return Problem(
            tuple(_limit(limits, column) for column in columns),
            tuple(_proposal(name, versions) for name, versions in options.items()),
            resources={column.place[1]: column.kind for column in columns},
        )
    except InputError as error:
        raise error if error.file else InputError(error.bare, file=file, field=error.field) from None


def table_text(problem: Problem) -> str:
    """Return the problem as CSV text; raise InputError if it has rules, weights or the like, which a table cannot hold."""
    if problem.rules or problem.synergies or problem.lottery_within or problem.seed or problem.weighed:
        raise InputError("rules, synergies, weights and draws do not fit into a table; write TOML or JSON")
    places = [limit.place for limit in problem.limits]
    headings = [_heading(problem, place) for place in places]
    out = io.StringIO()
    writer = csv.writer(out, lineterminator="\n")
    writer.writerow([*_FIXED_COLUMNS, *headings])
    blanks = [""] * (len(_FIXED_COLUMNS) - 1)
    for name, amounts in zip(_LIMIT_ROWS, _limit_amounts(problem), strict=True):
        texts = ("" if n is None else problem.amount_text(place, n) for place, n in zip(places, amounts, strict=True))
        writer.writerow([name, *blanks, *texts])
    for proposal in problem.proposals:
        for option in proposal.options:
            asked = (problem.amount_text(place, option.demands.get(place, 0)) for place in places)
            writer.writerow([*_cells(proposal, option), *asked])
    return out.getvalue()


def _column(heading: str, file: str) -> _Column:
    match = _RESOURCE.match(heading)
    if match is None:
        known = ", ".join(_FIXED_COLUMNS)
        raise InputError(f"unknown column {heading!r}; known are {known} and 'element resource'", file=file, line=1)
    kind = RESOURCE_KINDS.get(match["resource"])
    if kind is None and match["unit"] is None:
        raise InputError(
            f"the column {heading!r} needs a unit in brackets, as in 'lander volume (l)'", file=file, line=1
        )
    return _Column(heading, (match["element"], match["resource"]), kind or custom(match["unit"]))


def _heading(problem: Problem, place: Place) -> str:
    known = place[1] in RESOURCE_KINDS
    return " ".join(place) if known else f"{' '.join(place)} ({problem.resources[place[1]].default})"


def _limit_amounts(problem: Problem) -> list[list[int | None]]:
    return [
        [limit.capacity for limit in problem.limits],
        [limit.per_item for limit in problem.limits],
        [limit.reserved or None for limit in problem.limits],
    ]


def _limit(rows: Mapping[str, Row], column: _Column) -> Limit:
    total, per_item, reserved = (_amount(rows[name], column) if name in rows else None for name in _LIMIT_ROWS)
    if total is None:
        rows["#total"].refuse(column.heading, "the total is missing")
    return Limit(*column.place, total, per_item, reserved or 0)


def _amount(row: Row, column: _Column) -> int | None:
    return row.read(column.heading, column.kind.parse) if row.text(column.heading) else None


def _option(row: Row, columns: list[_Column]) -> Option:
    return Option(
        row.text("option") or "full",
        row.read("merit", exact) if row.text("merit") else Fraction(0),
        {column.place: _amount(row, column) or 0 for column in columns},
        row.read("doubt", exact) if row.text("doubt") else None,
    )


def _proposal(name: str, versions: list[tuple[Row, Option]]) -> Proposal:
    """Build a proposal; what belongs to it and not to an option is read from its first row."""
    row = versions[0][0]
    return Proposal(
        name,
        tuple(option for _, option in versions),
        title=row.text("title"),
        groups=_groups(row),
        merges=tuple(part.strip() for part in row.text("merges").split(";") if part.strip()),
        tier=row.read("tier", _tier),
        synthetic=row.read("synthetic", _yes),
    )


def _groups(row: Row) -> dict[str, Fraction]:
    groups: dict[str, Fraction] = {}
    for part in filter(None, (part.strip() for part in row.text("groups").split(";"))):
        group, _, share = part.partition("=")
        try:
            groups[group.strip()] = exact(share.strip() or "1")
        except InputError as error:
            row.refuse("groups", error.bare)
    return groups


def _tier(text: str) -> int:
    if text and not text.isdecimal():
        raise InputError("a whole number, zero or more, belongs here")
    return int(text or 1)


def _yes(text: str) -> bool:
    known = {"": False, "no": False, "false": False, "0": False, "yes": True, "true": True, "1": True}
    if text.casefold() not in known:
        raise InputError("yes or no belongs here")
    return known[text.casefold()]


def _cells(proposal: Proposal, option: Option) -> list[str]:
    groups = (group if share == 1 else f"{group}={fraction_text(share)}" for group, share in proposal.groups.items())
    doubt = "" if option.doubt is None else fraction_text(option.doubt)
    synthetic = "yes" if proposal.synthetic else ""
    return [
        *(proposal.id, option.id, proposal.title, fraction_text(option.merit), doubt),
        *("; ".join(groups), synthetic, str(proposal.tier), "; ".join(proposal.merges)),
    ]
