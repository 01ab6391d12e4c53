"""Policy packs: what an agency lends, for how long and on which conditions, as YAML that people write.

>>> from moonbridge.engines.lending.policy import Purpose
>>> from moonbridge.formats.policies import load
>>> load()["cnsa"].terms[Purpose.RESEARCH].longest.value.text
'1 year'
"""

import re
from collections.abc import Callable, Iterable, Mapping
from enum import StrEnum
from functools import cache
from importlib import resources
from pathlib import Path
from typing import Final, cast

from moonbridge.engines.ledger.naming import scheme
from moonbridge.engines.lending.dates import MONTHS_PER_YEAR, Period
from moonbridge.engines.lending.policy import Clause, Duty, Policy, Purpose, Stated, Term, Unit
from moonbridge.errors import InputError
from moonbridge.formats.catalogue.document import Cursor, open_document
from moonbridge.formats.catalogue.problems import CatalogueError, Problems

type Read[Value] = Callable[[Cursor], Value | None]

_PERIOD: Final = re.compile(r"^(?:(\d+) years?)?\s*(?:(\d+) months?)?\s*(?:(\d+) days?)?$")
_STATED: Final = ("value", "assumed", "sources", "confidence", "note")
_PARTS: Final = (
    "policy", "terms", "units", "signing_working_days", "inventory", "floor_permille", "grace", "video_when_destructive",
    "naming", "duties", "clauses",
)  # fmt: skip
_MOST_PERMILLE: Final = 1000


class PolicyError(InputError):
    """A policy pack cannot be used; ``errors`` holds one :class:`InputError` for each thing that is wrong, in file order."""

    code = "policy"

    def __init__(self, errors: Iterable[InputError]) -> None:
        self.errors = tuple(errors)
        lines = "\n".join(str(error) for error in self.errors)
        super().__init__(f"the policy has mistakes:\n{lines}", mistakes=len(self.errors))


def shipped() -> Path:
    """Return the folder of the packs that come with Moonbridge."""
    return Path(str(resources.files("moonbridge") / "policies"))


@cache
def load(folder: Path | None = None) -> Mapping[str, Policy]:
    """Return the packs of ``folder`` (default: those that come with Moonbridge) by their slugs."""
    packs = (read(path) for path in sorted((folder or shipped()).glob("*.yaml")))
    return {policy.slug: policy for policy in packs}


def read(path: Path) -> Policy:
    """Return the policy in the file; raises :class:`PolicyError` with the file, line and field of every mistake."""
    problems = Problems()
    document = open_document(path, path.name, problems)
    policy = _policy(document) if document else None
    try:
        problems.raise_if_any()
    except CatalogueError as found:
        raise PolicyError(found.errors) from None
    return cast("Policy", policy)  # without a mistake there is one


def _policy(document: Cursor) -> Policy | None:
    parts = document.table(_PARTS)
    for name in _PARTS:
        if name not in parts:
            document.problem(f"the part {name!r} is missing")
    if len(parts) < len(_PARTS):
        return None
    title = parts["policy"].table(("slug", "name", "name_zh", "about"))
    words = {name: title[name].text() if name in title else "" for name in ("slug", "name", "name_zh", "about")}
    if not words["slug"] or not words["name"]:
        parts["policy"].problem("a policy has a slug and a name")
    return Policy(
        **words,
        terms=dict(_keyed(parts["terms"], Purpose, _term)),
        units={form: unit for form, cursor in parts["units"].table().items() if (unit := cursor.choice(Unit))},
        signing_working_days=_stated(parts["signing_working_days"], _count),
        inventory=_stated(parts["inventory"], _period),
        floor_permille=_stated(parts["floor_permille"], _permille),
        grace=_stated(parts["grace"], _period),
        video_when_destructive=_stated(parts["video_when_destructive"], _yes_or_no),
        naming=_stated(parts["naming"], _scheme),
        duties={duty: _stated(cursor, _period) for duty, cursor in _keyed(parts["duties"], Duty, lambda found: found)},
        clauses=tuple(_clause(cursor) for cursor in parts["clauses"].items()),
    )


def _keyed[Key: StrEnum, Value](
    cursor: Cursor, keys: type[Key], read_value: Callable[[Cursor], Value]
) -> list[tuple[Key, Value]]:
    return [(keys(name), read_value(part)) for name, part in cursor.table([key.value for key in keys]).items()]


def _term(cursor: Cursor) -> Term:
    parts = cursor.table(("longest", "renewals", "renewal"))
    for name in ("longest", "renewals", "renewal"):
        if name not in parts:
            cursor.problem(f"the part {name!r} is missing; write {{value: null}} where it is not known")
    found: dict[str, Stated[Period]] = {
        name: _stated(parts[name], _period) if name in parts else Stated(None) for name in ("longest", "renewal")
    }
    return Term(renewals=_stated(parts["renewals"], _count) if "renewals" in parts else Stated(None), **found)


def _stated[Value](cursor: Cursor, read_value: Read[Value]) -> Stated[Value]:
    """Read one statement; a known value names its sources and how far it can be trusted, an unknown one does not."""
    parts = cursor.table(_STATED)
    if "value" not in parts:
        cursor.problem("a statement has a value; null where it is not known")
        return Stated(None)
    known = not parts["value"].is_null
    if known != ("sources" in parts and "confidence" in parts):
        cursor.problem("a known value names its sources and its confidence, an unknown one has neither")
    if known and "assumed" in parts:
        cursor.problem("what is known is not assumed")
    return Stated(
        read_value(parts["value"]) if known else None,
        read_value(parts["assumed"]) if "assumed" in parts else None,
        parts["sources"].texts() if "sources" in parts else (),
        parts["confidence"].text() if "confidence" in parts else "",
        parts["note"].text() if "note" in parts else "",
    )


def _period(cursor: Cursor) -> Period | None:
    text = cursor.text()
    if not text or not (match := _PERIOD.match(text)):
        cursor.problem(f"{text!r} is not a span of time; write for example 1 year, 6 months, 30 days")
        return None
    years, months, days = (int(part or 0) for part in match.groups())
    return Period(years * MONTHS_PER_YEAR + months, days)


def _count(cursor: Cursor) -> int | None:
    text = cursor.text()
    if text.isdecimal():
        return int(text)
    cursor.problem(f"{text!r} is not a whole number")
    return None


def _permille(cursor: Cursor) -> int | None:
    number = _count(cursor)
    if number is not None and number > _MOST_PERMILLE:
        cursor.problem(f"{number} thousandths are more than the whole")
    return number


def _yes_or_no(cursor: Cursor) -> bool | None:
    text = cursor.text()
    if text not in {"yes", "no"}:
        cursor.problem(f"{text!r} is neither yes nor no")
    return text == "yes"


def _scheme(cursor: Cursor) -> str | None:
    text = cursor.text()
    try:
        scheme(text)
    except InputError as error:
        cursor.problem(error.bare)
    return text


def _clause(cursor: Cursor) -> Clause:
    parts = cursor.table(("id", "text", "text_zh"))
    texts = {name: parts[name].text() if name in parts else "" for name in ("id", "text", "text_zh")}
    if not all(texts.values()):
        cursor.problem("a clause has an id, a text and a text_zh")
    return Clause(**texts)
