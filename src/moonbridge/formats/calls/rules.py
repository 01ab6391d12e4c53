"""How each rule is written in a call file: a table whose ``rule`` says which, with the fields that it needs."""

from collections.abc import Callable, Mapping
from fractions import Fraction
from types import MappingProxyType
from typing import Any, Final

from moonbridge.engines.selection.rules import (
    Breadth,
    Conflict,
    Fixed,
    GroupAmount,
    GroupCount,
    GroupPart,
    GroupShares,
    Needs,
    Rule,
)
from moonbridge.formats.calls.fields import Field
from moonbridge.quantities import Kind, decimal_text

type Kinds = Mapping[str, Kind]
"""What each resource of the call is measured in."""


def read_rule(field: Field, kinds: Kinds) -> Rule:
    """Return the rule that a table states."""
    name = field.at("rule")
    if name.value not in _READERS:
        name.refuse(f"unknown rule {name.value!r}; known rules: {', '.join(_READERS)}")
    return _READERS[name.value](field, kinds)


def rule_table(rule: Rule, kinds: Kinds) -> dict[str, Any]:
    """Return the table that states a rule; reading it gives the same rule."""
    table: dict[str, Any]
    match rule:
        case GroupCount():
            table = {"rule": "count", "group": rule.group, "at_least": rule.at_least, "at_most": rule.at_most}
        case GroupShares():
            table = {"rule": "shares", "group": rule.group, **_exact_bounds(rule)}
        case GroupAmount():
            kind = kinds[rule.resource]
            low, high = (None if n is None else kind.text(n).rstrip() for n in (rule.at_least, rule.at_most))
            table = {"rule": "amount", "group": rule.group, "resource": rule.resource, "at_least": low, "at_most": high}
        case GroupPart():
            table = {"rule": "part", "group": rule.group, "resource": rule.resource, **_exact_bounds(rule)}
        case Breadth():
            table = {"rule": "partners", "kind": rule.kind, "at_least": rule.at_least, "at_most": rule.at_most}
        case Conflict():
            table = {
                "rule": "conflict",
                "proposals": list(rule.proposals),
                "at_most": rule.at_most,
                "why": rule.why or None,
            }
        case Needs():
            table = {"rule": "needs", "proposal": rule.proposal, "others": list(rule.others), "how_many": rule.how_many}
        case Fixed():
            name = "include" if rule.included else "leave out"
            table = {"rule": name, "proposal": rule.proposal, "option": rule.option, "reason": rule.reason}
    return {key: value for key, value in table.items() if value is not None}


def fraction_text(value: Fraction) -> str:
    """Return ``value`` as text that reads back exactly: decimal digits if they are finitely many, else ``"1/3"``."""
    decimal = decimal_text(value)
    return decimal if Fraction(decimal) == value else f"{value.numerator}/{value.denominator}"


def _exact_bounds(rule: GroupShares | GroupPart) -> dict[str, str | None]:
    low, high = rule.at_least, rule.at_most
    return {
        "at_least": None if low is None else fraction_text(low),
        "at_most": None if high is None else fraction_text(high),
    }


def _bounds[N](field: Field, read: Callable[[Field], N]) -> tuple[N | None, N | None]:
    low, high = field.maybe("at_least"), field.maybe("at_most")
    if low is None and high is None:
        field.refuse("'at_least' or 'at_most' is missing")
    return (None if low is None else read(low)), (None if high is None else read(high))


def _count(field: Field, kinds: Kinds) -> Rule:
    del kinds
    field.only("rule", "group", "at_least", "at_most")
    return GroupCount(field.at("group").text(), *_bounds(field, Field.count))


def _shares(field: Field, kinds: Kinds) -> Rule:
    del kinds
    field.only("rule", "group", "at_least", "at_most")
    return GroupShares(field.at("group").text(), *_bounds(field, Field.number))


def _amount(field: Field, kinds: Kinds) -> Rule:
    field.only("rule", "group", "resource", "at_least", "at_most")
    kind = kind_of(field.at("resource"), kinds)
    bounds = _bounds(field, lambda bound: bound.amount(kind))
    return GroupAmount(field.at("group").text(), field.at("resource").text(), *bounds)


def _part(field: Field, kinds: Kinds) -> Rule:
    field.only("rule", "group", "resource", "at_least", "at_most")
    resource = field.maybe("resource")
    if resource is not None:
        kind_of(resource, kinds)
    return GroupPart(field.at("group").text(), resource.text() if resource else None, *_bounds(field, Field.number))


def _partners(field: Field, kinds: Kinds) -> Rule:
    del kinds
    field.only("rule", "kind", "at_least", "at_most")
    return Breadth(field.at("kind").text(), *_bounds(field, Field.count))


def _conflict(field: Field, kinds: Kinds) -> Rule:
    del kinds
    field.only("rule", "proposals", "at_most", "why")
    most, why = field.maybe("at_most"), field.maybe("why")
    return Conflict(field.at("proposals").texts(), 1 if most is None else most.count(), why.text() if why else "")


def _needs(field: Field, kinds: Kinds) -> Rule:
    del kinds
    field.only("rule", "proposal", "others", "how_many")
    others, how_many = field.at("others").texts(), field.maybe("how_many")
    return Needs(field.at("proposal").text(), others, len(others) if how_many is None else how_many.count())


def _fixed(field: Field, kinds: Kinds) -> Rule:
    del kinds
    field.only("rule", "proposal", "option", "reason")
    option = field.maybe("option")
    included = field.at("rule").value == "include"
    return Fixed(field.at("proposal").text(), included, field.at("reason").text(), option.text() if option else None)


def kind_of(field: Field, kinds: Kinds) -> Kind:
    """Return what the resource named here is measured in."""
    if field.value not in kinds:
        known = ", ".join(kinds)
        field.refuse(f"nothing says what {field.value!r} is measured in; add it to 'resources' or use {known}")
    return kinds[field.value]


_READERS: Final[Mapping[str, Callable[[Field, Kinds], Rule]]] = MappingProxyType(
    {
        "count": _count,
        "shares": _shares,
        "amount": _amount,
        "part": _part,
        "partners": _partners,
        "conflict": _conflict,
        "needs": _needs,
        "include": _fixed,
        "leave out": _fixed,
    }
)
