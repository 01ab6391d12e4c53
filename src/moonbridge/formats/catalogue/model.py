"""The catalogue as frozen dataclasses: things with addresses, and claims about them.

Everything in the catalogue is an :class:`Entry` with an address ``kind/slug`` (``mission/change-6``, ``payload/dorn``). What is
known about an entry is a sequence of :class:`Claim`: a value with its sources, confidence, date and note. A claim whose value is
None was looked for and not found. Two claims under one field stand side by side; where they contradict each other a
:class:`Conflict` names them.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from decimal import Decimal
from enum import StrEnum
from typing import ClassVar

from moonbridge.formats.catalogue.dates import PartialDate
from moonbridge.formats.catalogue.deadlines import Dates
from moonbridge.formats.catalogue.told import (
    Claim,
    Conflict,
    Milestone,
    Participation,
    Partner,
    Source,
    Written,
    most_trusted,
)
from moonbridge.formats.catalogue.values import Value


class ElementType(StrEnum):
    """What a part of a mission is."""

    ORBITER = "orbiter"
    LANDER = "lander"
    ROVER = "rover"
    RELAY = "relay"
    ASCENDER = "ascender"
    RETURNER = "returner"
    HOPPER = "hopper"
    ROBOT = "robot"
    FACILITY = "facility"
    """A place on a space station."""
    SATELLITE = "satellite"
    SMALLSAT = "smallsat"
    LAUNCHER = "launcher"
    GROUND = "ground"
    """Telescopes and stations on the ground."""


class Standing(StrEnum):
    """Where a payload or an experiment has got to."""

    SELECTED = "selected"
    CONDITIONAL = "conditional"
    FLOWN = "flown"
    LOST = "lost"
    """Lost its place after selection."""


class Audience(StrEnum):
    """Who may answer a call or apply in a round."""

    INTERNATIONAL = "international"
    DOMESTIC = "domestic"
    BOTH = "both"


@dataclass(frozen=True, slots=True, kw_only=True)
class Entry:
    """Anything with an address and claims; what all kinds have in common.

    ``programme`` is the slug of the programme in whose file it is written.
    """

    kind: ClassVar[str]

    slug: str
    name: str
    name_zh: str | None = None
    aliases: tuple[str, ...] = ()
    programme: str
    claims: tuple[Claim, ...] = ()
    milestones: tuple[Milestone, ...] = ()
    participations: tuple[Participation, ...] = ()
    written: Written

    @property
    def address(self) -> str:
        """The entry's stable address ``kind/slug``."""
        return f"{self.kind}/{self.slug}"

    def claims_on(self, field: str) -> tuple[Claim, ...]:
        """Return all claims on ``field``, in writing order."""
        return tuple(claim for claim in self.claims if claim.field == field)

    def claim(self, field: str) -> Claim | None:
        """Return the claim on ``field`` to reckon with, see :func:`most_trusted`."""
        return most_trusted(self.claims_on(field))

    def value(self, field: str) -> Value | None:
        """Return the value of :meth:`claim`, None where nothing is known."""
        claim = self.claim(field)
        return claim.value if claim else None

    def date(self, field: str) -> PartialDate | None:
        """Return the value on ``field`` if it is a date."""
        value = self.value(field)
        return value if isinstance(value, PartialDate) else None

    @property
    def dates(self) -> Dates:
        """All dates of the entry by field."""
        fields = dict.fromkeys(claim.field for claim in self.claims)
        return Dates({field: date for field in fields if (date := self.date(field)) is not None})


@dataclass(frozen=True, slots=True, kw_only=True)
class Programme(Entry):
    """A line of work that shares something: its file, its agency, a summary."""

    kind = "programme"
    summary: str
    agency: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Element(Entry):
    """A part of a mission that can carry something: orbiter, lander, rover, relay, station facility. Slug ``<mission>-<key>``."""

    kind = "element"
    mission: str
    key: str
    """The name inside the mission, e.g. ``lander``."""
    type: ElementType


@dataclass(frozen=True, slots=True, kw_only=True)
class Mission(Entry):
    """A mission with its elements."""

    kind = "mission"
    agency: str
    elements: tuple[Element, ...] = ()

    @property
    def surface_hours(self) -> float | None:
        """Hours between landing and ascent where both instants are known."""
        landing, ascent = self.date("landing"), self.date("ascent")
        if not (landing and ascent and landing.instant and ascent.instant):
            return None
        return (ascent.instant - landing.instant).total_seconds() / 3600


@dataclass(frozen=True, slots=True, kw_only=True)
class NamedSite(Entry):
    """A place on the Moon that somebody flew to, plans to, or compares with.

    The coordinates to reckon with come from its claim on ``place``: degrees north and east, planetocentric. ``mission`` is the slug of
    the mission that it belongs to, None for a place that is only compared with.
    """

    kind = "site"
    mission: str | None = None
    latitude_deg: Decimal
    longitude_deg: Decimal


@dataclass(frozen=True, slots=True, kw_only=True)
class Payload(Entry):
    """Something of a partner that rides on a mission; ``host`` is the key of the mission's element, None where unknown."""

    kind = "payload"
    mission: str
    host: str | None = None
    type: str = "instrument"
    standing: Standing = Standing.SELECTED


@dataclass(frozen=True, slots=True)
class EnvelopeLine:
    """One limit that a call offers: on which element, of what, in total or per item, as a claim.

    ``element`` is the key of an element of the call's mission, or ``all`` for the mission as a whole. ``resource`` is mass, power, box,
    temperature; ``per_item`` tells a limit for each payload from a limit for all together.
    """

    element: str
    resource: str
    per_item: bool
    claim: Claim


@dataclass(frozen=True, slots=True, kw_only=True)
class Call(Entry):
    """A past or open announcement of opportunity with its envelope and dates."""

    kind = "call"
    mission: str
    audience: Audience
    envelope: tuple[EnvelopeLine, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Experiment(Entry):
    """An experiment on a station, with the call that selected it."""

    kind = "experiment"
    call: str | None = None
    standing: Standing


@dataclass(frozen=True, slots=True, kw_only=True)
class SampleBatch(Entry):
    """A batch of samples offered to researchers of the host country."""

    kind = "batch"
    missions: tuple[str, ...]
    audience: Audience = Audience.DOMESTIC


@dataclass(frozen=True, slots=True, kw_only=True)
class LoanRound(Entry):
    """A round in which researchers everywhere may ask for samples on loan."""

    kind = "round"
    missions: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Loan(Entry):
    """Samples lent to one borrower in a round."""

    kind = "loan"
    round: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Gift(Entry):
    """Samples given, or exchanged for others."""

    kind = "gift"


@dataclass(frozen=True, slots=True, kw_only=True)
class Membership(Entry):
    """A partner's membership in a programme: claims on ``member``, ``joined``, ``instrument``, ``role``; never one boolean."""

    kind = "membership"
    partner: str

    @property
    def disputed(self) -> bool:
        """Whether one source says member and another says not."""
        return len({claim.value for claim in self.claims_on("member")}) > 1


@dataclass(frozen=True, slots=True, kw_only=True)
class Agreement(Entry):
    """An instrument between parties; ``about`` is the address of what it is about, None for the programme itself."""

    kind = "agreement"
    instrument: str
    about: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Practice(Entry):
    """How another agency does the same: a comparison to learn from."""

    kind = "practice"


@dataclass(frozen=True, slots=True, kw_only=True)
class Lesson(Entry):
    """Something that went wrong or slowly, and that Moonbridge wants to make better."""

    kind = "lesson"


@dataclass(frozen=True, slots=True, kw_only=True)
class OpenQuestion(Entry):
    """Something that was looked for in public texts and not found."""

    kind = "question"


@dataclass(frozen=True, slots=True)
class Catalogue:
    """The whole catalogue: sources and partners by slug, entries by address in the order of the files."""

    sources: dict[str, Source]
    partners: dict[str, Partner]
    entries: dict[str, Entry]
    conflicts: dict[str, Conflict]

    def of[E: Entry](self, kind: type[E]) -> tuple[E, ...]:
        """Return all entries of one kind, e.g. ``catalogue.of(Mission)``."""
        return tuple(entry for entry in self.entries.values() if isinstance(entry, kind))

    def get[E: Entry](self, kind: type[E], slug: str) -> E:
        """Return the entry of ``kind`` with ``slug``; StopIteration if there is none."""
        return next(entry for entry in self.of(kind) if entry.slug == slug)

    @property
    def claims(self) -> Iterator[Claim]:
        """All claims of all entries, envelopes included."""
        for entry in self.entries.values():
            yield from entry.claims
            if isinstance(entry, Call):
                yield from (line.claim for line in entry.envelope)
