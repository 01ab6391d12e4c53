"""What is said, by whom, and who takes part: claims with their sources, conflicts, milestones, partners."""

from collections.abc import Iterable
from dataclasses import dataclass
from enum import StrEnum
from typing import Protocol

from moonbridge.formats.catalogue.dates import PartialDate
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


class Told(Protocol):
    """What :func:`most_trusted` must know of a claim, wherever it is kept."""

    @property
    def value(self) -> object:
        """What is claimed; None for looked for and not found."""

    @property
    def confidence(self) -> str | None:
        """How far it can be trusted; None or empty where nothing is claimed."""


def most_trusted[T: Told](claims: Iterable[T]) -> T | None:
    """Return the claim to reckon with: of those with a value the one of the highest confidence, then the first written."""
    order = [*Confidence, None, ""]
    known = [claim for claim in claims if claim.value is not None]
    return min(known, key=lambda claim: order.index(claim.confidence), default=None)


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
