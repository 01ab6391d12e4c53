"""Reading a selection problem from TOML, JSON or CSV, with file, line and field in every refusal."""

import json
import re
import tomllib
from collections.abc import Mapping
from dataclasses import replace
from decimal import Decimal
from fractions import Fraction
from pathlib import Path
from typing import Any, Final

from moonbridge.engines.selection.problem import RESOURCE_KINDS, Limit, Option, Place, Problem, Proposal, Synergy
from moonbridge.engines.selection.spoken import held_back_of
from moonbridge.engines.selection.weighting import BySize
from moonbridge.errors import InputError
from moonbridge.formats.calls.fields import Field
from moonbridge.formats.calls.positions import Lines, json_lines, toml_lines
from moonbridge.formats.calls.rules import Kinds, kind_of, read_rule
from moonbridge.formats.calls.table import problem_from_table
from moonbridge.quantities import KINDS, Kind, custom


def read_call(file: str | Path) -> Problem:
    """Return the problem in a ``.toml``, ``.json`` or ``.csv`` file; raise InputError with the place of the first mistake."""
    path = Path(file)
    return call_from_text(text_of(path), path.suffix.removeprefix("."), file=str(file))


def call_from_text(text: str, form: str, *, file: str = "call") -> Problem:
    """Return the problem that ``text`` states in ``form``: ``toml``, ``json`` or ``csv``; ``file`` is named in errors."""
    if form == "csv":
        return problem_from_table(text, file)
    if form not in {"toml", "json"}:
        raise InputError("a call is a .toml, .json or .csv file", file=file)
    data, lines = _parsed_toml(text, file) if form == "toml" else _parsed_json(text, file)
    top = Field(data, (), file, lines)
    return top.read(lambda: _problem(top))


def text_of(path: Path) -> str:
    """Return the text of a file; a byte order mark is not part of it."""
    try:
        return path.read_text(encoding="utf-8-sig")
    except OSError as error:
        raise InputError(f"cannot be opened: {error.strerror}", file=str(path)) from None
    except UnicodeDecodeError:
        raise InputError("is not UTF-8 text", file=str(path)) from None


def _parsed_toml(text: str, file: str) -> tuple[dict[str, Any], Lines]:
    try:
        return tomllib.loads(text, parse_float=Decimal), toml_lines(text)
    except tomllib.TOMLDecodeError as error:
        # Before Python 3.14 the place is only in the message.
        place = re.search(r" \(at (?:line (\d+), column \d+|end of document)\)", str(error))
        line = int(place[1]) if place and place[1] else len(text.splitlines())
        sentence = str(error)[: place.start()] if place else str(error)
        raise InputError(f"is not TOML: {sentence}", file=file, line=line) from None


def _parsed_json(text: str, file: str) -> tuple[Any, Lines]:
    try:
        return json.loads(text, parse_float=Decimal), json_lines(text)
    except json.JSONDecodeError as error:
        raise InputError(f"is not JSON: {error.msg}", file=file, line=error.lineno) from None
    except RecursionError:
        raise InputError("is nested too deeply", file=file) from None


_KNOWN: Final = (
    *("title", "seed", "lottery_within", "weighting", "priorities", "resources", "limits", "proposals", "rules"),
    "synergies",
)


def _problem(top: Field) -> Problem:
    top.only(*_KNOWN)
    named = {name: _kind(field) for name, field in top.at("resources").items()} if "resources" in top.table() else {}
    kinds = {**RESOURCE_KINDS, **named}
    title, seed, within = (top.maybe(key) for key in ("title", "seed", "lottery_within"))
    weighting, priorities = top.maybe("weighting"), top.maybe("priorities")
    rules, synergies = top.maybe("rules"), top.maybe("synergies")
    parts: dict[str, Any] = {
        "limits": tuple(_limit(field, kinds) for field in top.at("limits").each()),
        "proposals": tuple(_proposal(field, kinds) for field in top.at("proposals").each()),
        "rules": tuple(read_rule(field, kinds) for field in rules.each()) if rules else (),
        "synergies": tuple(_synergy(field) for field in synergies.each()) if synergies else (),
        "resources": named,
        "title": title.text() if title else "",
        "seed": seed.text() if seed else "",
        "lottery_within": within.number() if within else Fraction(0),
        "weighting": _weighting(weighting, kinds) if weighting else None,
        "priorities": _priorities(priorities) if priorities else {},
    }
    try:
        return Problem(**parts)
    except InputError as error:
        _point(top, parts, error)
        raise


def _point(top: Field, parts: Mapping[str, Any], error: InputError) -> None:
    """Raise ``error`` again with the line of the one proposal, rule or other part that causes it, if one alone does."""
    for name, single in (
        ("proposals", lambda part: {"proposals": (replace(part, merges=()),)}),
        ("rules", lambda part: {"proposals": parts["proposals"], "rules": (part,)}),
        ("synergies", lambda part: {"proposals": parts["proposals"], "synergies": (part,)}),
    ):
        for field, part in zip(top.at(name).each() if parts[name] else (), parts[name], strict=True):
            try:
                Problem(parts["limits"], resources=parts["resources"], **single(part))
            except InputError as again:
                if again.bare == error.bare:
                    field.refuse(error.bare)
    if error.field in {"weighting", "priorities"}:
        top.at(error.field).refuse(error.bare)


def _weighting(field: Field, kinds: Kinds) -> BySize:
    """Read ``exponent = "3/4"`` and ``reference = { mass = "20 kg" }``."""
    field.only("exponent", "reference")
    references: dict[str, int] = {}
    for resource, amount in field.at("reference").items():
        if resource not in kinds:
            amount.refuse(f"nothing says what {resource!r} is measured in; add it to 'resources'")
        references[resource] = amount.amount(kinds[resource])
    exponent = field.at("exponent").number()
    return field.read(lambda: BySize(exponent, tuple(references.items())))


def _priorities(field: Field) -> dict[int, Fraction]:
    """Read ``{ 1 = 2, 2 = 1 }``: the weight of each tier."""
    weights: dict[int, Fraction] = {}
    for tier, weight in field.items():
        if not tier.isdecimal() or int(tier) < 1:
            weight.refuse(f"{tier!r} is no tier; the first tier is 1")
        weights[int(tier)] = weight.number()
    return weights


def _kind(field: Field) -> Kind:
    """Return a kind named in full ("sample mass"), or one counted in the unit given ("l")."""
    return KINDS.get(field.text()) or custom(field.text())


def _limit(field: Field, kinds: Kinds) -> Limit:
    field.only("element", "resource", "total", "per_item", "reserved", "synthetic")
    kind = kind_of(field.at("resource"), kinds)
    total = field.at("total").amount(kind)
    item, reserved, synthetic = (field.maybe(key) for key in ("per_item", "reserved", "synthetic"))
    return Limit(
        field.at("element").text(),
        field.at("resource").text(),
        total,
        per_item=item.amount(kind) if item else None,
        reserved=_reserved(reserved, total, kind) if reserved else 0,
        synthetic=synthetic.flag() if synthetic else False,
    )


def _reserved(field: Field, total: int, kind: Kind) -> int:
    """Return the reserved amount: ``"20 kg"``, or ``"10 %"`` of the total."""
    if isinstance(field.value, str) and field.value.rstrip().endswith("%"):
        return field.read(lambda: held_back_of(str(field.value), total, kind))
    return field.amount(kind)


def _proposal(field: Field, kinds: Kinds) -> Proposal:
    field.only("id", "title", "synthetic", "tier", "merges", "groups", "options", "merit", "doubt", "asks")
    title, synthetic, tier, merges = (field.maybe(key) for key in ("title", "synthetic", "tier", "merges"))
    groups, options = field.maybe("groups"), field.maybe("options")
    if options and "asks" in field.table():
        field.at("asks").refuse("give either 'asks' and 'merit' here or 'options', not both")
    return Proposal(
        field.at("id").text(),
        tuple(_option(each, each.at("id").text(), kinds) for each in options.each())
        if options
        else (_option(field, "full", kinds),),
        title=title.text() if title else "",
        groups=_groups(groups) if groups else {},
        merges=merges.texts() if merges else (),
        tier=tier.count() if tier else 1,
        synthetic=synthetic.flag() if synthetic else False,
    )


def _option(field: Field, name: str, kinds: Kinds) -> Option:
    merit, doubt, asks = field.maybe("merit"), field.maybe("doubt"), field.maybe("asks")
    return Option(
        name,
        # Scores often come later and in another file; until then nothing is known to be gained.
        merit.number() if merit else Fraction(0),
        _demands(asks, kinds) if asks else {},
        doubt.number() if doubt else None,
    )


def _demands(field: Field, kinds: Kinds) -> dict[Place, int]:
    demands: dict[Place, int] = {}
    for element, asked in field.items():
        for resource, amount in asked.items():
            if resource not in kinds:
                amount.refuse(f"nothing says what {resource!r} is measured in; add it to 'resources'")
            demands[element, resource] = amount.amount(kinds[resource])
    return demands


def _groups(field: Field) -> Mapping[str, Fraction]:
    """Read ``["first-time"]`` as whole memberships, ``{"country:TH" = "1/2"}`` as shares."""
    if isinstance(field.value, list):
        return dict.fromkeys(field.texts(), Fraction(1))
    return {group: share.number() for group, share in field.items()}


def _synergy(field: Field) -> Synergy:
    field.only("pair", "value")
    pair = field.at("pair").texts()
    if len(pair) != 2:  # noqa: PLR2004 - a pair
        field.at("pair").refuse("a synergy joins exactly two proposals")
    return Synergy(*pair, field.at("value").number())
