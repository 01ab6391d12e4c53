"""What is known of those who review and of what they review: the ground for conflicts and affinity."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from types import MappingProxyType


@dataclass(frozen=True, slots=True)
class Person:
    """A person in a team, or a reviewer: what is not known is empty.

    ``emails``, ``orcid`` (the 16 digits as ``0000-0000-0000-0000``), ``rors`` (ids of institutions in the Research Organization
    Registry), ``institutions`` (names as written), ``country`` (ISO 3166-1 alpha-2), ``agency``, ``funding`` (grant or programme).
    """

    name: str = ""
    emails: tuple[str, ...] = ()
    orcid: str = ""
    rors: tuple[str, ...] = ()
    institutions: tuple[str, ...] = ()
    country: str = ""
    agency: str = ""
    funding: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Reviewer:
    """A reviewer: who it is, how much they take on, what they know.

    ``kinds`` are words a quota can name (``engineer``, ``early career``); ``texts`` are abstracts of their own work;
    ``languages`` are those they read, as ``en`` or ``pt-BR``, of which the first part counts (empty: not known, so nothing is
    excluded).
    """

    id: str
    person: Person = Person()
    least: int = 0
    most: int = 8
    kinds: tuple[str, ...] = ()
    keywords: tuple[str, ...] = ()
    texts: tuple[str, ...] = ()
    languages: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Submission:
    """A proposal as reviewers meet it: text, team, and how many reviews it gets."""

    id: str
    title: str = ""
    text: str = ""
    keywords: tuple[str, ...] = ()
    language: str = ""
    team: tuple[Person, ...] = ()
    demand: int = 3


@dataclass(frozen=True, slots=True)
class Known:
    """Lists that are supplied, beside what people say of themselves.

    ``parents``: the parent organisations of a ROR id. ``papers``: works with their authors' ORCID ids and year.
    ``teams``: earlier teams in the platform, by name, as person keys (ORCID or address).
    """

    parents: Mapping[str, tuple[str, ...]] = field(default_factory=lambda: MappingProxyType({}))
    papers: tuple["Paper", ...] = ()
    teams: Mapping[str, frozenset[str]] = field(default_factory=lambda: MappingProxyType({}))


@dataclass(frozen=True, slots=True)
class Paper:
    """A work with several authors, by ORCID, and its year."""

    id: str
    year: int
    authors: frozenset[str]


def orcid_holds(orcid: str) -> bool:
    """Return whether the last character of 16 that look like an ORCID iD fits the others (ISO 7064 MOD 11-2, as ORCID documents it)."""
    *digits, check = list(orcid.replace("-", "").upper())
    total = 0
    for digit in digits:
        total = (total + int(digit)) * 2
    return "0123456789X"[(12 - total % 11) % 11] == check
