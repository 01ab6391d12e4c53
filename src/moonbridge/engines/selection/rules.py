"""What an office may demand of a portfolio, one class per kind of sentence, one named constructor per sentence.

A *group* is any text that proposals carry as a membership; by convention ``kind:name``, for example ``country:TH``,
``institution:NARIT``, ``theme:radio`` or plain ``first-time``; the group ``all`` is everybody. A proposal belongs to a
group with a share between 0 and 1: a team of two countries with equal parts belongs to each with 1/2. Where a rule
counts *proposals*, a member counts one whatever its share.
"""

from dataclasses import dataclass
from decimal import Decimal, InvalidOperation
from fractions import Fraction
from typing import Final

from moonbridge.errors import InputError

EVERYBODY: Final = "all"
"""The group to which every proposal belongs, whatever it carries; sentences about it speak of no group."""

_MOST_DIGITS: Final = 100
"""How large the exponent of a decimal may be, up or down."""

type Exact = int | str | Decimal | Fraction
"""An exact number: a whole one, a decimal, a fraction, or text such as ``"8.45"`` or ``"1/3"``; never a float."""


def exact(value: Exact, *, field: str | None = None) -> Fraction:
    """Return ``value`` as a fraction; refuse floats (they are not what they look like) and what is no number."""
    if isinstance(value, bool) or not isinstance(value, int | str | Decimal | Fraction):
        raise InputError(f"{value!r} is not exact; write it as text, for example '8.45'", field=field)
    try:
        if _far_from_one(value):
            raise InputError(f"{value!r} is too large or too small a number", field=field)
        return Fraction(value)
    except (ValueError, ZeroDivisionError):
        raise InputError(f"{value!r} is not a number; write for example '8.45'", field=field) from None


def _far_from_one(value: Exact) -> bool:
    """Return whether a decimal has an exponent that would take long to write out."""
    if isinstance(value, str) and "e" in value.lower():
        try:
            value = Decimal(value.strip())
        except InvalidOperation:
            return False
    return isinstance(value, Decimal) and value.is_finite() and abs(int(value.as_tuple().exponent)) > _MOST_DIGITS


@dataclass(frozen=True, slots=True)
class GroupCount:
    """At least / at most so many proposals of a group, each counted once."""

    group: str
    at_least: int | None = None
    at_most: int | None = None


@dataclass(frozen=True, slots=True)
class GroupShares:
    """At least / at most so many shares of a group: a project shared equally by two countries adds 1/2 to each."""

    group: str
    at_least: Fraction | None = None
    at_most: Fraction | None = None


@dataclass(frozen=True, slots=True)
class GroupAmount:
    """At least / at most so much of a resource for a group, over all elements, each proposal counted by its share."""

    group: str
    resource: str
    at_least: int | None = None
    at_most: int | None = None


@dataclass(frozen=True, slots=True)
class GroupPart:
    """A group gets at least / at most this part (0 to 1) of what is selected: of the proposals, or of a resource.

    With ``resource`` None the parts are counted in shares of proposals. An empty portfolio keeps every such rule.
    """

    group: str
    resource: str | None = None
    at_least: Fraction | None = None
    at_most: Fraction | None = None


@dataclass(frozen=True, slots=True)
class Breadth:
    """At least / at most so many different groups of one kind take part, for example eight countries."""

    kind: str
    at_least: int | None = None
    at_most: int | None = None


@dataclass(frozen=True, slots=True)
class Conflict:
    """Of these proposals at most so many fly."""

    proposals: tuple[str, ...]
    at_most: int = 1
    why: str = ""


@dataclass(frozen=True, slots=True)
class Needs:
    """The proposal flies only if at least ``how_many`` of the others fly."""

    proposal: str
    others: tuple[str, ...]
    how_many: int = 1


@dataclass(frozen=True, slots=True)
class Fixed:
    """The office has decided, with a written reason: the proposal (or this option of it) is in, or is out."""

    proposal: str
    included: bool
    reason: str
    option: str | None = None


type Rule = GroupCount | GroupShares | GroupAmount | GroupPart | Breadth | Conflict | Needs | Fixed
"""Any rule."""


def at_least(number: int, group: str) -> GroupCount:
    """At least ``number`` proposals of ``group`` are selected."""
    return GroupCount(group, at_least=number)


def at_most(number: int, group: str) -> GroupCount:
    """At most ``number`` proposals of ``group`` are selected."""
    return GroupCount(group, at_most=number)


def shares_at_least(number: Exact, group: str) -> GroupShares:
    """Shares of ``group`` in the selected proposals add up to at least ``number``."""
    return GroupShares(group, at_least=exact(number))


def shares_at_most(number: Exact, group: str) -> GroupShares:
    """Shares of ``group`` in the selected proposals add up to at most ``number``."""
    return GroupShares(group, at_most=exact(number))


def amount_at_least(amount: int, resource: str, group: str) -> GroupAmount:
    """``group`` gets at least ``amount`` base units of ``resource``."""
    return GroupAmount(group, resource, at_least=amount)


def amount_at_most(amount: int, resource: str, group: str) -> GroupAmount:
    """``group`` gets at most ``amount`` base units of ``resource``."""
    return GroupAmount(group, resource, at_most=amount)


def part_at_least(part: Exact, group: str, *, resource: str | None = None) -> GroupPart:
    """``group`` gets at least ``part`` (0 to 1) of the selected proposals, or of the ``resource`` that they use."""
    return GroupPart(group, resource, at_least=exact(part))


def part_at_most(part: Exact, group: str, *, resource: str | None = None) -> GroupPart:
    """``group`` gets at most ``part`` (0 to 1) of the selected proposals, or of the ``resource`` that they use."""
    return GroupPart(group, resource, at_most=exact(part))


def partners_at_least(number: int, kind: str = "country") -> Breadth:
    """At least ``number`` different countries (or institutions, themes, ...) take part."""
    return Breadth(kind, at_least=number)


def partners_at_most(number: int, kind: str = "country") -> Breadth:
    """At most ``number`` different countries (or institutions, themes, ...) take part."""
    return Breadth(kind, at_most=number)


def not_together(*proposals: str, why: str = "") -> Conflict:
    """Only one of these proposals can fly, because they interfere with each other."""
    return Conflict(proposals, 1, why)


def at_most_of(number: int, *proposals: str, why: str = "") -> Conflict:
    """At most ``number`` of these proposals fly."""
    return Conflict(proposals, number, why)


def needs(proposal: str, *others: str) -> Needs:
    """``proposal`` flies only if all ``others`` fly."""
    return Needs(proposal, others, len(others))


def needs_any(proposal: str, *others: str) -> Needs:
    """``proposal`` flies only if at least one of ``others`` flies."""
    return Needs(proposal, others, 1)


def include(proposal: str, *, reason: str, option: str | None = None) -> Fixed:
    """``proposal`` (this option of it) is in, for a reason that is written down and shown."""
    return Fixed(proposal, included=True, reason=reason, option=option)


def leave_out(proposal: str, *, reason: str, option: str | None = None) -> Fixed:
    """``proposal`` (this option of it) is out, for a reason that is written down and shown."""
    return Fixed(proposal, included=False, reason=reason, option=option)
