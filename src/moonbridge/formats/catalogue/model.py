"""The catalogue as frozen dataclasses: things with addresses, and claims about them.

Everything in the catalogue is an :class:`Entry` with an address ``kind/slug`` (``mission/change-6``, ``payload/dorn``). What is
known about an entry is a sequence of :class:`Claim`: a value with its sources, confidence, date and note. A claim whose value is
None was looked for and not found. Two claims under one field stand side by side; where they contradict each other a
:class:`Conflict` names them.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from enum import StrEnum
from typing import ClassVar

from moonbridge.formats.catalogue.dates import Days, PartialDate
from moonbridge.formats.catalogue.values import Amount, Value


class Confidence(StrEnum):
    """How far a claim can be trusted.

    High: an official page, a paper, or several independent outlets. Medium: one ordinary outlet or a repost of an official text.
    Low: one weak outlet, or contradicted.
    """

    HIGH = "high"
    MEDIUM = "medium"
    LOW = "low"


class PartnerKind(StrEnum):
    """What a partner is."""

    COUNTRY = "country"
    AGENCY = "agency"
    INSTITUTION = "institution"
    ORGANISATION = "organisation"


class Role(StrEnum):
    """What a partner does in something."""

    COUNTRY = "country"
    """A country whose institutions take part."""
    HOST = "host"
    """The agency that offers the place."""
    LEAD = "lead"
    MEMBER = "member"
    COUNTERPART = "counterpart"
    """The institution of the host country that works with the lead."""
    FUNDER = "funder"
    PARTY = "party"
    """Signs an agreement."""
    BORROWER = "borrower"
    RECIPIENT = "recipient"
    OBSERVER = "observer"


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


@dataclass(frozen=True, slots=True)
class Written:
    """Where something is written in the catalogue: file name inside the folder, and line."""

    file: str
    line: int


@dataclass(frozen=True, slots=True)
class Source:
    """Who said it: a stored text with its title, and its address where one is known."""

    slug: str
    title: str
    url: str | None
    written: Written


@dataclass(frozen=True, slots=True)
class Partner:
    """A country, agency, institution or international organisation; address ``partner/<slug>``.

    ``country`` is an ISO 3166 alpha-2 code in capitals; ``parent`` the slug of the partner that this one belongs to. A country's
    slug is its code in lower case and its names come from Unicode CLDR.
    """

    slug: str
    kind: PartnerKind
    name: str
    name_zh: str | None = None
    short: str | None = None
    aliases: tuple[str, ...] = ()
    country: str | None = None
    parent: str | None = None
    written: Written | None = None

    @property
    def address(self) -> str:
        """The partner's stable address."""
        return f"partner/{self.slug}"


@dataclass(frozen=True, slots=True)
class Claim:
    """One thing said about one field of one entry.

    ``value`` None means: looked for and not found. ``date`` is when it was said or for which day it holds. ``conflict`` is the id of the
    conflict in which this claim is a side.
    """

    subject: str
    field: str
    value: Value | None
    sources: tuple[str, ...]
    confidence: Confidence | None
    date: PartialDate | None
    note: str | None
    conflict: str | None
    written: Written

    @property
    def amount(self) -> Amount | None:
        """The exact amount that the claim states, if it states one."""
        return self.value if isinstance(self.value, Amount) else None


@dataclass(frozen=True, slots=True)
class Conflict:
    """Claims that contradict each other: about which field of which entry, the sides in writing order, and what is known."""

    slug: str
    subject: str
    field: str
    topic: str
    known: str
    sides: tuple[Claim, ...]

    @property
    def address(self) -> str:
        """The conflict's stable address."""
        return f"conflict/{self.slug}"


@dataclass(frozen=True, slots=True)
class Milestone:
    """Something that happened, or is planned, to an entry; in the order of the file."""

    subject: str
    what: str
    date: PartialDate
    sources: tuple[str, ...]
    confidence: Confidence | None
    note: str | None
    written: Written


@dataclass(frozen=True, slots=True)
class Participation:
    """A partner takes part in an entry in a role."""

    subject: str
    partner: str
    role: Role


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
        """Return the claim on ``field`` to reckon with: of those with a value the most trusted, then the first written."""
        order = list(Confidence)
        known = [claim for claim in self.claims_on(field) if claim.value is not None]
        return min(
            known, key=lambda claim: order.index(claim.confidence) if claim.confidence else len(order), default=None
        )

    def value(self, field: str) -> Value | None:
        """Return the value of :meth:`claim`, None where nothing is known."""
        claim = self.claim(field)
        return claim.value if claim else None

    def date(self, field: str) -> PartialDate | None:
        """Return the value on ``field`` if it is a date."""
        value = self.value(field)
        return value if isinstance(value, PartialDate) else None


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


@dataclass(frozen=True, slots=True)
class Promise:
    """A stage whose date a call promised: what was promised, and when it happened as far as is known."""

    stage: str
    promised: PartialDate
    kept: PartialDate | None

    @property
    def days_late(self) -> Days | None:
        """Days from the promised to the actual date; None while the actual one is unknown."""
        return Days.between(self.promised, self.kept) if self.kept else None


@dataclass(frozen=True, slots=True, kw_only=True)
class Call(Entry):
    """A past or open announcement of opportunity with its envelope and dates.

    The dates are claims: ``released``, ``intent_deadline`` (letter of intent), ``deadline`` (proposals, where no letter was asked),
    ``first_selection_promised``/``first_selection``, ``confirmation_promised``/``answered`` (the public result).
    """

    kind = "call"
    mission: str
    audience: Audience
    envelope: tuple[EnvelopeLine, ...] = ()

    @property
    def closed(self) -> PartialDate | None:
        """The first deadline: until when one could still come in."""
        return self.date("intent_deadline") or self.date("deadline")

    @property
    def days_open(self) -> Days | None:
        """Days from release to the first deadline."""
        released, closed = self.date("released"), self.closed
        return Days.between(released, closed) if released and closed else None

    @property
    def days_to_answer(self) -> Days | None:
        """Days from the first deadline to the public result."""
        closed, answered = self.closed, self.date("answered")
        return Days.between(closed, answered) if closed and answered else None

    @property
    def promises(self) -> tuple[Promise, ...]:
        """The stages with a promised date, beside what became of them."""
        stages = (
            ("first selection", "first_selection_promised", "first_selection"),
            ("confirmation", "confirmation_promised", "answered"),
        )
        return tuple(
            Promise(stage, promised, self.date(kept))
            for stage, field, kept in stages
            if (promised := self.date(field)) is not None
        )


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

    @property
    def days_open(self) -> Days | None:
        """Days from opening to the deadline."""
        opened, deadline = self.date("opened"), self.date("deadline")
        return Days.between(opened, deadline) if opened and deadline else None


@dataclass(frozen=True, slots=True, kw_only=True)
class LoanRound(Entry):
    """A round in which researchers everywhere may ask for samples on loan."""

    kind = "round"
    missions: tuple[str, ...]

    @property
    def days_to_answer(self) -> Days | None:
        """Days from the deadline to the public result."""
        deadline, answered = self.date("deadline"), self.date("answered")
        return Days.between(deadline, answered) if deadline and answered else None


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
