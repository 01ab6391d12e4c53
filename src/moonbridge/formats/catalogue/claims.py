"""Reading facts: claims with their sources, conflicts between them, milestones, and who takes part."""

from collections.abc import Collection
from dataclasses import dataclass, field

from moonbridge.formats.catalogue.dates import PartialDate, parse_date
from moonbridge.formats.catalogue.document import Cursor
from moonbridge.formats.catalogue.problems import unknown
from moonbridge.formats.catalogue.told import Claim, Confidence, Conflict, Milestone, Participation, Role
from moonbridge.formats.catalogue.values import COMPOSITES, SCALAR_PARSERS, Orbit, Site, Value, parse_composite

CLAIM_KEYS = ("value", "sources", "confidence", "date", "note")
MILESTONE_KEYS = ("date", "what", "sources", "confidence", "note")
CONFLICT_KEYS = ("id", "topic", "known")


@dataclass(frozen=True, slots=True)
class Known:
    """What facts may refer to: the ids of the sources and the slugs of the partners."""

    sources: Collection[str]
    partners: Collection[str]


@dataclass(frozen=True, slots=True)
class Backing:
    """Sources and confidence that hold for all facts of an entry which do not give their own."""

    sources: tuple[str, ...] = ()
    confidence: Confidence | None = None


@dataclass(slots=True)
class Facts:
    """What was read from one ``facts`` table."""

    claims: list[Claim] = field(default_factory=list)
    conflicts: list[Conflict] = field(default_factory=list)


class FactReader:
    """Reads the facts of one entry: knows its address, what may be referred to, and the backing that it inherits."""

    def __init__(self, subject: str, known: Known, backing: Backing) -> None:
        self._subject = subject
        self._known = known
        self._backing = backing

    def facts(self, cursor: Cursor | None, types: dict[str, str]) -> Facts:
        """Read a ``facts`` table whose fields have the ``types``."""
        facts = Facts()
        for name, value in (cursor.table(types) if cursor else {}).items():
            self._fact(name, types[name], value, facts)
        return facts

    def claim(self, name: str, kind: str, cursor: Cursor, *, conflict: str | None = None) -> Claim:
        """Read one claim on field ``name`` whose value has the type ``kind``: a bare value, or keys with a value among them."""
        keys = cursor.table(CLAIM_KEYS) if cursor.is_table else {"value": cursor}
        if "value" not in keys:
            cursor.problem("a fact needs a value; write null if it was looked for and not found")
        value = _value(kind, keys["value"]) if "value" in keys else None
        unknown_value = "value" in keys and keys["value"].is_null
        own = read_backing(keys, self._known)
        backing = (
            own
            if unknown_value
            else Backing(own.sources or self._backing.sources, own.confidence or self._backing.confidence)
        )
        if not unknown_value:
            _require_backing(backing, keys, cursor)
        return Claim(
            self._subject,
            name,
            value,
            backing.sources,
            backing.confidence,
            _date(keys),
            _text(keys, "note"),
            conflict,
            cursor.written,
        )

    def milestones(self, cursor: Cursor | None) -> tuple[Milestone, ...]:
        """Read a list of milestones."""
        read = (self._milestone(item) for item in (cursor.items() if cursor else []))
        return tuple(milestone for milestone in read if milestone)

    def participations(self, entries: dict[str, Cursor]) -> tuple[Participation, ...]:
        """Read who takes part, from the keys ``countries`` and ``partners`` of an entry."""
        countries = [(cursor, cursor.text().lower(), Role.COUNTRY) for cursor in _list(entries, "countries")]
        partners = [
            (cursor, slug, cursor.choice(Role))
            for slug, cursor in (entries["partners"].table() if "partners" in entries else {}).items()
        ]
        for cursor, slug, _role in countries + partners:
            if slug not in self._known.partners:
                cursor.problem(unknown("partner", slug, self._known.partners))
        return tuple(Participation(self._subject, slug, role) for _cursor, slug, role in countries + partners if role)

    def _fact(self, name: str, kind: str, cursor: Cursor, facts: Facts) -> None:
        if cursor.has("claims"):
            self._conflict(name, kind, cursor, facts)
        elif cursor.is_list and not (kind == "texts" and not any(item.is_table for item in cursor.items())):
            facts.claims += [self.claim(name, kind, item) for item in cursor.items()]
        else:
            facts.claims.append(self.claim(name, kind, cursor))

    def _conflict(self, name: str, kind: str, cursor: Cursor, facts: Facts) -> None:
        keys = cursor.table(("conflict", "claims"))
        about = keys["conflict"].table(CONFLICT_KEYS) if "conflict" in keys else {}
        if set(about) != set(CONFLICT_KEYS):
            cursor.problem("claims that contradict each other need a conflict with id, topic and known")
        slug, topic, known = (about[key].text() if key in about else "" for key in CONFLICT_KEYS)
        sides = tuple(self.claim(name, kind, item, conflict=slug) for item in keys["claims"].items())
        if len(sides) < 2:  # noqa: PLR2004 - it takes two to disagree
            cursor.problem("a conflict needs at least two claims")
        facts.claims += sides
        facts.conflicts.append(Conflict(slug, self._subject, name, topic, known, sides))

    def _milestone(self, cursor: Cursor) -> Milestone | None:
        keys = cursor.table(MILESTONE_KEYS)
        own = read_backing(keys, self._known)
        backing = Backing(own.sources or self._backing.sources, own.confidence or self._backing.confidence)
        _require_backing(backing, keys, cursor)
        date, what = _date(keys), _text(keys, "what")
        if date is None or what is None:
            cursor.problem("a milestone needs a date and what happened")
            return None
        return Milestone(
            self._subject, what, date, backing.sources, backing.confidence, _text(keys, "note"), cursor.written
        )


def read_backing(keys: dict[str, Cursor], known: Known) -> Backing:
    """Read ``sources`` and ``confidence`` of a fact or an entry; sources that do not exist are noted."""
    sources = _list(keys, "sources")
    for cursor in sources:
        if cursor.text() not in known.sources:
            cursor.problem(unknown("source", cursor.text(), known.sources))
    confidence = keys["confidence"].choice(Confidence) if "confidence" in keys else None
    return Backing(tuple(cursor.text() for cursor in sources), confidence)


def _require_backing(backing: Backing, keys: dict[str, Cursor], cursor: Cursor) -> None:
    """Note what is missing; what is written but wrong was noted already."""
    words = (("sources", backing.sources), ("confidence", backing.confidence))
    missing = [word for word, given in words if not given and word not in keys]
    if missing:
        cursor.problem(f"{' and '.join(missing)} missing: say who says so and how far it can be trusted")


def _value(kind: str, cursor: Cursor) -> Value | None:
    if cursor.is_null:
        return None
    if kind == "texts":
        return cursor.texts()
    if kind in COMPOSITES:
        return _composite(kind, cursor)
    if cursor.is_list or cursor.is_table:
        cursor.problem(f"expected one {kind} here")
        return None
    try:
        return SCALAR_PARSERS[kind](cursor.text())
    except ValueError as error:
        cursor.problem(str(error))
        return None


def _composite(kind: str, cursor: Cursor) -> Site | Orbit | None:
    parts = cursor.table(COMPOSITES[kind].__dataclass_fields__)
    try:
        return parse_composite(kind, {name: part.text_or_none() for name, part in parts.items()})
    except ValueError as error:
        cursor.problem(str(error))
        return None


def _date(keys: dict[str, Cursor]) -> PartialDate | None:
    if "date" not in keys:
        return None
    try:
        return parse_date(keys["date"].text())
    except ValueError as error:
        keys["date"].problem(str(error))
        return None


def _text(keys: dict[str, Cursor], name: str) -> str | None:
    return keys[name].text_or_none() if name in keys else None


def _list(keys: dict[str, Cursor], name: str) -> list[Cursor]:
    return keys[name].items() if name in keys else []
