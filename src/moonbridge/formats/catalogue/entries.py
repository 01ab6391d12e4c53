"""Reading the file of one programme: its missions with elements, payloads and calls, and all the other sections."""

from collections.abc import Callable
from enum import StrEnum
from typing import Any, Final

from moonbridge.formats.catalogue.claims import Backing, FactReader, Known, read_backing
from moonbridge.formats.catalogue.document import Cursor
from moonbridge.formats.catalogue.model import (
    Agreement,
    Audience,
    Call,
    Element,
    ElementType,
    Entry,
    EnvelopeLine,
    Experiment,
    Gift,
    Lesson,
    Loan,
    LoanRound,
    Membership,
    Mission,
    NamedSite,
    OpenQuestion,
    Payload,
    Practice,
    Programme,
    SampleBatch,
    Standing,
)
from moonbridge.formats.catalogue.problems import unknown
from moonbridge.formats.catalogue.told import Conflict, Partner, most_trusted
from moonbridge.formats.catalogue.values import Site
from moonbridge.formats.catalogue.vocabulary import ENVELOPE_FIELDS, FIELDS, PER_ITEM

WHOLE_MISSION: Final = "all"
"""Stands in an envelope for the mission as a whole."""

_COMMON: Final = ("name", "name_zh", "aliases", "facts", "milestones", "countries", "partners", "sources", "confidence")
_SECTIONS: Final = (
    "programme", "missions", "sites", "experiments", "batches", "rounds", "gifts", "members", "agreements", "practices", "lessons",
    "questions",
)  # fmt: skip
_ENVELOPE_TYPES: Final = ENVELOPE_FIELDS | {name + PER_ITEM: kind for name, kind in ENVELOPE_FIELDS.items()}


class ProgrammeReader:
    """Reads one programme's file into ``entries`` and ``conflicts``, in writing order."""

    def __init__(self, known: Known, partners: dict[str, Partner]) -> None:
        self._known = known
        self._partners = partners
        self._programme = ""
        self.entries: list[Entry] = []
        self.conflicts: list[Conflict] = []

    def read(self, root: Cursor, slug: str) -> None:
        """Read the whole file of the programme ``slug``, which is also the file's name."""
        self._programme = slug
        sections = root.table(_SECTIONS)
        if "programme" not in sections:
            root.problem("a programme's file begins with the key 'programme'")
            return
        self._read_programme(sections.pop("programme"), slug)
        readers: dict[str, Callable[[str, Cursor], None]] = {
            "missions": self._mission,
            "sites": self._site,
            "experiments": self._experiment,
            "batches": self._batch,
            "rounds": self._round,
            "gifts": self._simple(Gift),
            "members": self._member,
            "agreements": self._agreement,
            "practices": self._simple(Practice),
            "lessons": self._simple(Lesson),
            "questions": self._simple(OpenQuestion),
        }
        for section, cursor in sections.items():
            for key, entry in cursor.table().items():
                readers[section](key, entry)

    def _read_programme(self, cursor: Cursor, slug: str) -> None:
        keys = cursor.table((*_COMMON, "slug", "agency", "summary"))
        written = keys["slug"].text() if "slug" in keys else None
        if written != slug:
            cursor.problem(f"the slug {written!r} and the file name {slug!r} must be the same")
        summary = keys["summary"].text() if "summary" in keys else ""
        self.entries.append(
            Programme(**self._common(Programme, slug, cursor, keys), summary=summary, agency=self._agency(keys))
        )

    def _mission(self, slug: str, cursor: Cursor) -> None:
        keys = cursor.table((*_COMMON, "agency", "elements", "payloads", "calls"))
        place = len(self.entries)
        common = self._common(Mission, slug, cursor, keys)
        elements = tuple(self._element(slug, key, part) for key, part in _table(keys, "elements").items())
        agency = self._agency(keys)
        if agency is None:
            cursor.problem("a mission needs an agency")
        self.entries.insert(place, Mission(**common, agency=agency or "", elements=elements))
        self.entries += elements
        element_keys = [element.key for element in elements]
        for key, payload in _table(keys, "payloads").items():
            self._payload(slug, element_keys, key, payload)
        for key, call in _table(keys, "calls").items():
            self._call(slug, element_keys, key, call)

    def _element(self, mission: str, key: str, cursor: Cursor) -> Element:
        keys = cursor.table((*_COMMON, "type"))
        common = self._common(Element, f"{mission}-{key}", cursor, keys)
        kind = _option(keys, "type", ElementType)
        if "type" not in keys:
            cursor.problem("type is missing")
        return Element(**common, mission=mission, key=key, type=kind or ElementType.ORBITER)

    def _site(self, slug: str, cursor: Cursor) -> None:
        keys = cursor.table((*_COMMON, "mission"))
        mission = keys["mission"].text_or_none() if "mission" in keys else None
        common = self._common(NamedSite, slug, cursor, keys)
        known = most_trusted(tuple(claim for claim in common["claims"] if claim.field == "place"))
        place = known.value if known else None
        if not isinstance(place, Site) or place.latitude is None or place.longitude is None:
            cursor.problem("a site needs the fact 'place' with latitude and longitude")
            return
        self.entries.append(
            NamedSite(**common, mission=mission, latitude_deg=place.latitude, longitude_deg=place.longitude)
        )

    def _payload(self, mission: str, elements: list[str], slug: str, cursor: Cursor) -> None:
        keys = cursor.table((*_COMMON, "host", "type", "standing"))
        host = keys["host"].text_or_none() if "host" in keys else None
        if host is not None and host not in elements:
            keys["host"].problem(unknown("element", host, elements))
        self.entries.append(
            Payload(
                **self._common(Payload, slug, cursor, keys),
                mission=mission,
                host=host,
                type=keys["type"].text() if "type" in keys else "instrument",
                standing=_option(keys, "standing", Standing) or Standing.SELECTED,
            )
        )

    def _call(self, mission: str, elements: list[str], slug: str, cursor: Cursor) -> None:
        keys = cursor.table((*_COMMON, "audience", "envelope"))
        common = self._common(Call, slug, cursor, keys)
        backing = read_backing(keys, self._known)
        envelope = [
            line
            for element, limits in _table(keys, "envelope").items()
            for line in self._envelope(f"call/{slug}", backing, elements, element, limits)
        ]
        audience = _option(keys, "audience", Audience)
        if audience is None and "audience" not in keys:
            cursor.problem("a call needs an audience: international, domestic or both")
        self.entries.append(
            Call(**common, mission=mission, audience=audience or Audience.BOTH, envelope=tuple(envelope))
        )

    def _envelope(
        self, subject: str, backing: Backing, elements: list[str], element: str, cursor: Cursor
    ) -> list[EnvelopeLine]:
        if element not in (*elements, WHOLE_MISSION):
            cursor.problem(unknown("element", element, [*elements, WHOLE_MISSION]))
        reader = FactReader(subject, self._known, backing)
        return [
            EnvelopeLine(
                element,
                name.removesuffix(PER_ITEM),
                name.endswith(PER_ITEM),
                reader.claim(f"envelope/{element}/{name}", _ENVELOPE_TYPES[name], value),
            )
            for name, value in cursor.table(_ENVELOPE_TYPES).items()
        ]

    def _experiment(self, slug: str, cursor: Cursor) -> None:
        keys = cursor.table((*_COMMON, "call", "standing"))
        call = keys["call"].text() if "call" in keys else None
        standing = _option(keys, "standing", Standing) or Standing.SELECTED
        self.entries.append(Experiment(**self._common(Experiment, slug, cursor, keys), call=call, standing=standing))

    def _batch(self, slug: str, cursor: Cursor) -> None:
        keys = cursor.table((*_COMMON, "missions", "audience"))
        common = self._common(SampleBatch, slug, cursor, keys)
        audience = _option(keys, "audience", Audience) or Audience.DOMESTIC
        self.entries.append(SampleBatch(**common, missions=_texts(keys, "missions"), audience=audience))

    def _round(self, slug: str, cursor: Cursor) -> None:
        keys = cursor.table((*_COMMON, "missions", "loans"))
        self.entries.append(LoanRound(**self._common(LoanRound, slug, cursor, keys), missions=_texts(keys, "missions")))
        for key, loan in _table(keys, "loans").items():
            self.entries.append(Loan(**self._common(Loan, f"{slug}-{key}", loan, loan.table(_COMMON)), round=slug))

    def _member(self, key: str, cursor: Cursor) -> None:
        slug = key.lower()
        keys = cursor.table(("facts", "sources", "confidence", "milestones"))
        if slug not in self._known.partners:
            cursor.problem(unknown("partner", key, self._known.partners))
        common = self._common(Membership, f"{self._programme}-{slug}", cursor, keys, name=self._partner_name(slug))
        self.entries.append(Membership(**common, partner=slug))

    def _agreement(self, slug: str, cursor: Cursor) -> None:
        keys = cursor.table((*_COMMON, "instrument", "about"))
        common = self._common(Agreement, slug, cursor, keys)
        about = keys["about"].text_or_none() if "about" in keys else None
        self.entries.append(Agreement(**common, instrument=_required(cursor, keys, "instrument"), about=about))

    def _simple(self, kind: type[Gift | Practice | Lesson | OpenQuestion]) -> Callable[[str, Cursor], None]:
        def read(slug: str, cursor: Cursor) -> None:
            self.entries.append(kind(**self._common(kind, slug, cursor, cursor.table(_COMMON))))

        return read

    def _common(
        self, kind: type[Entry], slug: str, cursor: Cursor, keys: dict[str, Cursor], *, name: str | None = None
    ) -> dict[str, Any]:
        """Read what all kinds of entries have in common, as keyword arguments of the entry."""
        backing = read_backing(keys, self._known)
        reader = FactReader(f"{kind.kind}/{slug}", self._known, backing)
        facts = reader.facts(keys.get("facts"), FIELDS[kind.kind])
        self.conflicts += facts.conflicts
        return {
            "slug": slug,
            "name": name or _required(cursor, keys, "name"),
            "name_zh": keys["name_zh"].text() if "name_zh" in keys else None,
            "aliases": _texts(keys, "aliases"),
            "programme": self._programme,
            "claims": tuple(facts.claims),
            "milestones": reader.milestones(keys.get("milestones")),
            "participations": reader.participations(keys),
            "written": cursor.written,
        }

    def _agency(self, keys: dict[str, Cursor]) -> str | None:
        slug = keys["agency"].text_or_none() if "agency" in keys else None
        if slug is not None and slug not in self._known.partners:
            keys["agency"].problem(unknown("partner", slug, self._known.partners))
        return slug

    def _partner_name(self, slug: str) -> str:
        return self._partners[slug].name if slug in self._partners else slug


def _table(keys: dict[str, Cursor], name: str) -> dict[str, Cursor]:
    return keys[name].table() if name in keys else {}


def _texts(keys: dict[str, Cursor], name: str) -> tuple[str, ...]:
    return keys[name].texts() if name in keys else ()


def _option[E: StrEnum](keys: dict[str, Cursor], name: str, options: type[E]) -> E | None:
    return keys[name].choice(options) if name in keys else None


def _required(cursor: Cursor, keys: dict[str, Cursor], name: str) -> str:
    if name in keys:
        return keys[name].text()
    cursor.problem(f"{name} is missing")
    return ""
