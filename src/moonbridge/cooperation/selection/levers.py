"""What one may change in the studio, and the query of its page that says what was changed.

Rules and limits of a recommendation's problem are known by their place in it, which never changes: ``r0`` is its first rule, ``c0``
its first limit. Where one sentence of the call speaks of each country or theme ("at most 2 of each"), its rules are one family,
known by its first. A query says only what differs from the recommendation:

``off=r3``
    the rule is left out; ``off=s0``: what a pair is worth together is left out;
``r3-least=6``, ``r3-most=2``
    the rule asks for another number;
``c0=25 kg``
    the limit offers another amount in all (its margin stays held back);
``in=P-7``, ``out=P-9``
    the proposal is held in or out, to see what comes of it;
``along=country&reach=8``
    of the portfolios that reach at least so much breadth, or leave so much unused, the best (a point of a frontier).
"""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from functools import cached_property
from typing import Any, Final, Protocol
from urllib.parse import urlencode

from django.utils.translation import gettext as _
from django.utils.translation import gettext_noop

from moonbridge.cooperation.opportunities.models import GroupKind
from moonbridge.cooperation.selection.conditions import FIRST_TIME
from moonbridge.cooperation.selection.limits import PLACES
from moonbridge.engines.selection.frontier import Measure, Members, Partners, Unused
from moonbridge.engines.selection.problem import Limit, Problem, Synergy
from moonbridge.engines.selection.rules import (
    Breadth,
    Conflict,
    GroupAmount,
    GroupCount,
    GroupPart,
    GroupShares,
    Rule,
    at_least,
    include,
    leave_out,
    partners_at_least,
)
from moonbridge.errors import InputError
from moonbridge.quantities import COUNT, Kind

WHAT_IF: Final = gettext_noop("a trial in the studio")
"""The reason of what the studio holds in or out; it decides nothing."""
LEAST, MOST = "least", "most"
_SIDES: Final = {LEAST: "at_least", MOST: "at_most"}
_NAME: Final = re.compile(r"^(?:c\d+|r\d+-(?:least|most))$")
_STEPS: Final = 200
"""A slider has about so many steps."""
_MOST_DIGITS: Final = 12


class Query(Protocol):
    """What is read of a query: Django's QueryDict, or the API's body."""

    def getlist(self, name: str) -> list[str]:
        """Return every value of ``name``."""

    def __iter__(self) -> Iterator[str]:
        """Yield the names."""


@dataclass(frozen=True, slots=True)
class Dial:
    """A number of the problem that one may change, in base units of ``kind``; ``name`` is what the query calls it."""

    name: str
    present: int
    low: int
    high: int
    kind: Kind

    @property
    def unit(self) -> str:
        """The unit in which the dial is shown; empty for what is counted."""
        return self.kind.text(self.present).partition(" ")[2] or self.kind.default

    @property
    def step(self) -> str:
        """What one step of a slider is worth in that unit: 1, 2 or 5 times a power of ten, and whole base units."""
        factor = self.kind.units[self.unit]
        wanted = (self.high - self.low) / _STEPS
        sizes = (
            factor * digit * 10**power if power >= 0 else factor * digit / 10**-power
            for power in range(-6, 16)
            for digit in (1, 2, 5)
        )
        fitting = (int(size) for size in sizes if size.denominator == 1 and size >= wanted)
        return self.kind.number(next(fitting, 1), self.unit)

    def number(self, amount: int) -> str:
        """Return an amount as digits in the dial's unit."""
        return self.kind.number(amount, self.unit)

    def text(self, amount: int) -> str:
        """Return an amount with its unit."""
        return self.kind.text(amount)

    def read(self, given: str) -> int:
        """Return the amount that ``given`` states; a bare number is in the dial's unit."""
        bare = not any(letter.isalpha() for letter in given)
        typed = f"{given.strip()} {self.unit}" if bare else given
        amount = self.kind.parse(typed, field=self.name)
        if not self.low <= amount <= self.high:
            raise InputError(
                _("“%(given)s” is out of bounds; give %(low)s to %(high)s.")
                % {"given": self.text(amount)[:60], "low": self.text(self.low), "high": self.text(self.high)},
                field=self.name,
            )
        return amount


@dataclass(frozen=True)
class Changes:
    """What is changed: rules left out, dials turned (base units), proposals held in or out, breadth to reach."""

    off: tuple[str, ...] = ()
    turned: Mapping[str, int] = field(default_factory=dict)
    inside: tuple[str, ...] = ()
    outside: tuple[str, ...] = ()
    along: str = ""
    reach: int | None = None

    @property
    def anything(self) -> bool:
        """Whether anything differs from the recommendation."""
        return bool(self.off or self.turned or self.inside or self.outside or self.reach is not None)

    @property
    def free(self) -> "Changes":
        """The same changes without the demand on breadth: what a frontier is drawn of."""
        return replace(self, reach=None)

    def holding(self, code: str, *, inside: bool | None) -> "Changes":
        """Return the same changes with a proposal held in or out, or (None) left to merit."""
        rest = replace(
            self,
            inside=tuple(held for held in self.inside if held != code),
            outside=tuple(held for held in self.outside if held != code),
        )
        if inside is None:
            return rest
        return replace(rest, inside=(*rest.inside, code)) if inside else replace(rest, outside=(*rest.outside, code))


class Levers:
    """Everything that one may change in a problem."""

    def __init__(self, problem: Problem) -> None:
        self.problem = problem

    @cached_property
    def rules(self) -> dict[str, tuple[Rule, ...]]:
        """The rules by what the query calls them; more than one where they are a family."""
        found: dict[str, tuple[Rule, ...]] = {}
        key = ""
        for number, rule in enumerate(self.problem.rules):
            if not key or _family(rule) is None or _family(rule) != _family(found[key][0]):
                key = f"r{number}"
            found[key] = (*found.get(key, ()), rule)
        return found

    @cached_property
    def synergies(self) -> dict[str, Synergy]:
        """What pairs are worth together, by what the query calls it."""
        return {f"s{number}": pair for number, pair in enumerate(self.problem.synergies)}

    @property
    def switches(self) -> list[str]:
        """What can be left out."""
        return [*self.rules, *self.synergies]

    @cached_property
    def limits(self) -> dict[str, Limit]:
        """The limits by what the query calls them."""
        return {f"c{number}": limit for number, limit in enumerate(self.problem.limits)}

    @cached_property
    def dials(self) -> dict[str, Dial]:
        """The numbers that one may change, by what the query calls them."""
        found = [self._capacity(key, limit) for key, limit in self.limits.items()]
        found += [dial for key, rules in self.rules.items() for dial in self._thresholds(key, rules)]
        return {dial.name: dial for dial in found}

    @cached_property
    def measures(self) -> dict[str, Measure]:
        """What merit can be weighed against in this call: breadth of several kinds, and what is left of each limit."""
        kinds = (GroupKind.COUNTRY.value, GroupKind.INSTITUTION.value, GroupKind.THEME.value)
        found: dict[str, Measure] = {kind: Partners(kind) for kind in kinds if self.problem.groups_of_kind(kind)}
        if self.problem.members(FIRST_TIME):
            found[FIRST_TIME] = Members(FIRST_TIME)
        limits = {key: limit for key, limit in self.limits.items() if not limit.resource.startswith(PLACES)}
        return found | {key: Unused(*limit.place) for key, limit in limits.items()}

    def _capacity(self, key: str, limit: Limit) -> Dial:
        high = max(2 * limit.capacity, self._asked(limit) + limit.reserved)
        return Dial(key, limit.capacity, limit.reserved, high, self.problem.resources[limit.resource])

    def _asked(self, limit: Limit) -> int:
        """Return what all proposals together ask of a limit, each with its largest option."""
        asks = ([option.demands.get(limit.place, 0) for option in p.options] for p in self.problem.proposals)
        return sum(max(amounts) for amounts in asks)

    def _thresholds(self, key: str, rules: tuple[Rule, ...]) -> Iterator[Dial]:
        for side, name in _SIDES.items():
            rule, present = rules[0], getattr(rules[0], name, None)
            if isinstance(present, int) and isinstance(rule, GroupCount | GroupAmount | Breadth | Conflict):
                high = max(present, *(self._most(other) for other in rules))
                kind = self.problem.resources[rule.resource] if isinstance(rule, GroupAmount) else COUNT
                yield Dial(f"{key}-{side}", present, 0, high, kind)

    def _most(self, rule: Rule) -> int:
        """Return the largest number that a rule can sensibly speak of."""
        match rule:
            case GroupCount():
                return len(self.problem.members(rule.group))
            case Breadth():
                return len(self.problem.groups_of_kind(rule.kind))
            case Conflict():
                return len(rule.proposals)
            case GroupAmount():
                return sum(self._asked(limit) for limit in self.problem.limits if limit.resource == rule.resource)
        return 0

    def changed(self, changes: Changes) -> Problem:
        """Return the problem as changed."""
        stay = ((key, rule) for key, family in self.rules.items() if key not in changes.off for rule in family)
        rules = [self._turned(key, rule, changes) for key, rule in stay]
        rules += [include(code, reason=WHAT_IF) for code in changes.inside]
        rules += [leave_out(code, reason=WHAT_IF) for code in changes.outside]
        limits = [
            replace(limit, capacity=changes.turned.get(key, limit.capacity)) for key, limit in self.limits.items()
        ]
        together = (pair for key, pair in self.synergies.items() if key not in changes.off)
        changed = replace(self.problem, rules=tuple(rules), limits=tuple(limits), synergies=tuple(together))
        return changed if changes.reach is None else _reaching(changed, self.measures[changes.along], changes.reach)

    def _turned(self, key: str, rule: Rule, changes: Changes) -> Rule:
        amounts = {name: changes.turned.get(f"{key}-{side}") for side, name in _SIDES.items()}
        turned: dict[str, Any] = {name: amount for name, amount in amounts.items() if amount is not None}
        return replace(rule, **turned)

    def query(self, changes: Changes, *, on: int) -> str:
        """Return the query of the page that shows these changes of recommendation number ``on``; :meth:`read` reads it."""
        turned = [(name, self.dials[name].text(amount)) for name, amount in changes.turned.items()]
        pairs = [
            ("on", str(on)), *(("off", key) for key in changes.off), *turned, *(("in", code) for code in changes.inside),
            *(("out", code) for code in changes.outside),
        ]  # fmt: skip
        pairs += [("along", changes.along)] if changes.along else []
        pairs += [("reach", str(changes.reach))] if changes.reach is not None else []
        return urlencode(pairs)

    def read(self, query: Query) -> Changes:
        """Return the changes that a query asks for; raises InputError with a sentence for what cannot be read.

        Values that the problem has already are no change, so that a form may send all its fields.
        """
        along, reach = self._reach(query)
        inside, outside = self._codes(query, "in"), self._codes(query, "out")
        if both := set(inside) & set(outside):
            raise InputError(_("%(code)s cannot be held in and out at once.") % {"code": min(both)}, field="in")
        return Changes(self._off(query), self._dialled(query), inside, outside, along, reach)

    def _off(self, query: Query) -> tuple[str, ...]:
        asked = set(query.getlist("off")) - {""}
        if unknown := asked - {*self.switches}:
            raise InputError(_("This call has no rule “%(key)s”.") % {"key": min(unknown)[:20]}, field="off")
        return tuple(key for key in self.switches if key in asked)

    def _dialled(self, query: Query) -> dict[str, int]:
        for name in query:
            if _NAME.match(name) and name not in self.dials:
                raise InputError(_("This call has no number “%(name)s” to change.") % {"name": name[:20]}, field=name)
        given = {name: _last(query, name) for name in self.dials}
        read = {name: self.dials[name].read(text) for name, text in given.items() if text}
        return {name: amount for name, amount in read.items() if amount != self.dials[name].present}

    def _codes(self, query: Query, name: str) -> tuple[str, ...]:
        asked = dict.fromkeys(code for code in query.getlist(name) if code)
        for code in asked:
            if code not in self.problem.by_id:
                raise InputError(_("There is no proposal “%(code)s” in this call.") % {"code": code[:20]}, field=name)
        return tuple(asked)

    def _reach(self, query: Query) -> tuple[str, int | None]:
        along, given = _last(query, "along"), _last(query, "reach")
        if along and along not in self.measures:
            raise InputError(_("Merit cannot be weighed against “%(along)s”.") % {"along": along[:20]}, field="along")
        if not given:
            return along, None
        if not along or not given.isascii() or not given.isdigit() or len(given) > _MOST_DIGITS:
            raise InputError(_("“%(reach)s” is no point of a frontier.") % {"reach": given[:20]}, field="reach")
        reach, measure = int(given), self.measures[along]
        if isinstance(measure, Unused) and reach > self.problem.limit_at[measure.element, measure.resource].usable:
            raise InputError(_("More cannot stay unused than there is."), field="reach")
        return along, reach


def _family(rule: Rule) -> tuple[object, ...] | None:
    """Return what the rules of one sentence have in common; None for a rule that stands alone."""
    if not isinstance(rule, GroupCount | GroupShares | GroupAmount | GroupPart) or ":" not in rule.group:
        return None
    resource = getattr(rule, "resource", None)
    return type(rule), rule.group.partition(":")[0], resource, rule.at_least, rule.at_most


def _last(query: Query, name: str) -> str:
    return (query.getlist(name) or [""])[-1].strip()


def _reaching(problem: Problem, measure: Measure, reach: int) -> Problem:
    """Return the problem with the demand that the measure reaches so much."""
    match measure:
        case Partners():
            return problem.with_rules(partners_at_least(reach, measure.kind))
        case Members():
            return problem.with_rules(at_least(reach, measure.group))
        case Unused():
            limit = problem.limit_at[measure.element, measure.resource]
            # What a smaller capacity no longer offers cannot be held back either: then nothing is left to give away.
            reserved = min(limit.reserved + reach, limit.capacity)
            return problem.with_limit(replace(limit, reserved=reserved))
