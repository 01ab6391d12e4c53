"""What an agency's policy says about lending, each statement with who said it.

A statement whose value is not publicly known stays None. Where lending cannot go on without a value, the policy says what is
``assumed`` here instead; pages show the two differently, so that an assumption is never taken for the agency's word.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum

from moonbridge.engines.lending.dates import Period


class Purpose(StrEnum):
    """What material is kept or lent for."""

    PERMANENT = "permanent"
    BACKUP = "backup"
    RESEARCH = "research"
    PUBLIC = "public"


LENT_FOR = frozenset({Purpose.RESEARCH, Purpose.PUBLIC})
"""The other two purposes keep material; they do not lend it."""


class Unit(StrEnum):
    """How material is asked for."""

    MASS = "mass"
    WHOLE = "whole"


@dataclass(frozen=True, slots=True)
class Stated[Value]:
    """One statement of a policy: its ``value`` (None: not publicly known), its sources, and what is ``assumed`` here without one."""

    value: Value | None
    assumed: Value | None = None
    sources: tuple[str, ...] = ()
    confidence: str = ""
    note: str = ""

    @property
    def used(self) -> Value | None:
        """The value by which this site goes; None where there is neither a known nor an assumed one."""
        return self.assumed if self.value is None else self.value

    @property
    def is_assumed(self) -> bool:
        """Whether the value by which this site goes is not the agency's word."""
        return self.value is None and self.assumed is not None


@dataclass(frozen=True, slots=True)
class Term:
    """The longest time of a loan, how often it can be renewed, and for how long each time at most."""

    longest: Stated[Period]
    renewals: Stated[int]
    renewal: Stated[Period]


class Duty(StrEnum):
    """What a borrower owes beside the material itself."""

    REPORT = "report"
    DATA = "data"
    PUBLICATIONS = "publications"


@dataclass(frozen=True, slots=True)
class Clause:
    """A clause of the agreement, in English and Chinese."""

    id: str
    text: str
    text_zh: str


@dataclass(frozen=True)
class Policy:
    """A policy pack.

    ``floor_permille`` is the share of each sample's original mass that stays in store. ``units`` says per form of material
    (powder, clast, section ...) whether it is asked for by mass or whole. ``duties`` are due so long after the loan's end. ``grace`` is
    the time by which somebody may be late before they count as delinquent. ``naming`` is a scheme of
    :mod:`moonbridge.engines.ledger.naming`.
    """

    slug: str
    name: str
    name_zh: str
    about: str
    terms: Mapping[Purpose, Term]
    units: Mapping[str, Unit]
    signing_working_days: Stated[int]
    inventory: Stated[Period]
    floor_permille: Stated[int]
    grace: Stated[Period]
    video_when_destructive: Stated[bool]
    naming: Stated[str]
    duties: Mapping[Duty, Stated[Period]]
    clauses: tuple[Clause, ...]

    def unit(self, form: str) -> Unit:
        """Return how material of this form is asked for; forms that the policy does not name are lent whole."""
        return self.units.get(form, Unit.WHOLE)

    def floor(self, original_ng: int) -> int:
        """Return how many nanograms of a sample of ``original_ng`` must stay in store, rounded up."""
        return -(-original_ng * (self.floor_permille.used or 0) // 1000)
