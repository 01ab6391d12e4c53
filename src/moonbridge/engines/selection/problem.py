"""What is to be decided: an envelope, the proposals that ask for parts of it, and the rules of the call.

Amounts are whole base units (milligrams, milliwatts, bytes per day: see :mod:`moonbridge.quantities`), merits are
exact fractions. A :class:`Problem` checks itself when it is made, so that everything behind it may trust it.
"""

import math
from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from fractions import Fraction
from functools import cached_property
from types import MappingProxyType
from typing import Final

from moonbridge.engines.selection.rules import (
    EVERYBODY,
    Breadth,
    Conflict,
    Exact,
    Fixed,
    GroupAmount,
    GroupCount,
    GroupPart,
    GroupShares,
    Needs,
    Rule,
    exact,
)
from moonbridge.engines.selection.weighting import BySize
from moonbridge.errors import InputError
from moonbridge.quantities import COUNT, DATA_PER_DAY, MASS, POWER, Kind, decimal_text

type Place = tuple[str, str]
"""An element and a resource, for example ``("lander", "mass")``."""
type Choices = Mapping[str, str]
"""A portfolio: which option of which proposal flies, as ``{proposal id: option id}``."""

MAX_MERIT_SCALE: Final = 10**6
"""Merits are compared as whole multiples of one part in at most a million."""
MAX_TOTAL_MERIT: Final = 2**50
"""The solvers compute in 53-bit numbers; everything that they compare stays below this."""
RESOURCE_KINDS: Final[Mapping[str, Kind]] = MappingProxyType(
    {"mass": MASS, "power": POWER, "peak power": POWER, "data": DATA_PER_DAY, "slots": COUNT}
)
"""What the usual resources are measured in; a call may name others."""


@dataclass(frozen=True, slots=True)
class Limit:
    """How much of a resource an element offers: in total, per item, and held back of the total (base units).

    ``synthetic`` marks a limit of a demonstration that no agency has published.
    """

    element: str
    resource: str
    capacity: int
    per_item: int | None = None
    reserved: int = 0
    synthetic: bool = False

    @property
    def place(self) -> Place:
        """The element and the resource."""
        return (self.element, self.resource)

    @property
    def usable(self) -> int:
        """What may be given away: the capacity without the reserved margin."""
        return self.capacity - self.reserved


@dataclass(frozen=True)
class Option:
    """One version of a proposal: its merit and what it asks for (``{(element, resource): base units}``).

    ``merit`` takes a whole number, a fraction or text and becomes a fraction. ``doubt`` is the standard deviation of
    the merit where the review gives one.
    """

    id: str
    merit: Fraction
    demands: dict[Place, int] = field(default_factory=dict)
    doubt: Fraction | None = None

    def __post_init__(self) -> None:
        object.__setattr__(self, "merit", exact(self.merit, field=f"merit of option {self.id}"))
        object.__setattr__(self, "demands", {place: n for place, n in self.demands.items() if n})
        if self.doubt is not None:
            object.__setattr__(self, "doubt", exact(self.doubt, field=f"doubt of option {self.id}"))


@dataclass(frozen=True)
class Proposal:
    """A proposal with its options (at most one flies) and its memberships ``{group: share}``.

    ``merges`` names the proposals that this joint one would replace: they never fly beside it. ``tier`` 1 is served
    before tier 2. ``synthetic`` marks a demonstration entry that is not a real proposal.
    """

    id: str
    options: tuple[Option, ...]
    title: str = ""
    groups: Mapping[str, Fraction] = field(default_factory=dict)
    merges: tuple[str, ...] = ()
    tier: int = 1
    synthetic: bool = False

    def __post_init__(self) -> None:
        shares = {group: exact(share, field=f"groups of {self.id}") for group, share in self.groups.items()}
        object.__setattr__(self, "groups", shares)

    def option(self, option_id: str) -> Option:
        """Return the option called ``option_id``; KeyError if there is none."""
        for option in self.options:
            if option.id == option_id:
                return option
        raise KeyError(option_id)


@dataclass(frozen=True, slots=True)
class Synergy:
    """What a pair is worth beyond its parts when both fly: positive for a synergy, negative for an overlap."""

    first: str
    second: str
    value: Fraction


def synergy(first: str, second: str, value: Exact) -> Synergy:
    """Flying both is worth ``value`` more."""
    return Synergy(first, second, exact(value))


def overlap(first: str, second: str, value: Exact) -> Synergy:
    """Flying both is worth ``value`` less, because they would do partly the same."""
    return Synergy(first, second, -exact(value))


@dataclass(frozen=True)
class Problem:
    """A whole selection problem. Raises :class:`~moonbridge.errors.InputError` when its parts do not fit together.

    ``resources`` says what each resource is measured in (the usual ones are known). ``seed`` is the public seed of
    the draw that decides between equally good portfolios; ``lottery_within`` widens the draw to all portfolios whose
    value lies at most so much below the best.

    A merit counts as it stands unless the call says otherwise: ``weighting`` lets it count by the size of the request,
    ``priorities`` (``{tier: weight}``) turns the tiers, which are otherwise served one after the other, into a weighted
    sum.
    """

    limits: tuple[Limit, ...]
    proposals: tuple[Proposal, ...]
    rules: tuple[Rule, ...] = ()
    synergies: tuple[Synergy, ...] = ()
    resources: Mapping[str, Kind] = field(default_factory=dict)
    title: str = ""
    seed: str = ""
    lottery_within: Fraction = Fraction(0)
    weighting: BySize | None = None
    priorities: Mapping[int, Fraction] = field(default_factory=dict)

    def __post_init__(self) -> None:
        object.__setattr__(self, "resources", {**RESOURCE_KINDS, **self.resources})
        object.__setattr__(self, "lottery_within", exact(self.lottery_within, field="lottery_within"))
        weights = {tier: exact(weight, field="priorities") for tier, weight in self.priorities.items()}
        object.__setattr__(self, "priorities", weights)
        _check_limits(self)
        _check_proposals(self)
        _check_weights(self)
        _check_rules(self)
        _check_merits(self)

    @cached_property
    def by_id(self) -> Mapping[str, Proposal]:
        """The proposals by their ids."""
        return {proposal.id: proposal for proposal in self.proposals}

    @cached_property
    def limit_at(self) -> Mapping[Place, Limit]:
        """The limits by element and resource."""
        return {limit.place: limit for limit in self.limits}

    @cached_property
    def merit_scale(self) -> int:
        """The least whole number that makes everything that counts, and the lottery's margin, whole."""
        numbers = [self.lottery_within, *(synergy.value for synergy in self.synergies)]
        numbers += [self.worth(p, option) for p in self.proposals for option in p.options]
        return math.lcm(*(number.denominator for number in numbers))

    @cached_property
    def tiers(self) -> tuple[int, ...]:
        """The tiers that are served one after the other, first served first; one where priorities weigh them."""
        return tuple(sorted({self.tier_of(proposal) for proposal in self.proposals})) or (1,)

    def tier_of(self, proposal: Proposal) -> int:
        """Return the tier in which the proposal is served: 1 for all where priorities weigh the tiers."""
        return 1 if self.priorities else proposal.tier

    def weight(self, proposal: Proposal, option: Option) -> Fraction:
        """Return how often the merit of an option counts, by its size and its priority; 1 where nothing is weighed."""
        size = self.weighting.weight(option.demands) if self.weighting else Fraction(1)
        return size * self.priorities.get(proposal.tier, Fraction(1))

    def worth(self, proposal: Proposal, option: Option) -> Fraction:
        """Return what an option counts in the sum that is maximised: its merit times its weight."""
        return option.merit * self.weight(proposal, option) if self.weighed else option.merit

    @property
    def weighed(self) -> bool:
        """Whether merits count otherwise than as they stand."""
        return self.weighting is not None or bool(self.priorities)

    @property
    def synthetic(self) -> bool:
        """Whether any proposal or limit is made up for a demonstration."""
        return any(p.synthetic for p in self.proposals) or any(limit.synthetic for limit in self.limits)

    @cached_property
    def _members(self) -> dict[str, dict[str, Fraction]]:
        members: dict[str, dict[str, Fraction]] = {}
        for proposal in self.proposals:
            for group, share in proposal.groups.items():
                if share:
                    members.setdefault(group, {})[proposal.id] = share
        return members | {EVERYBODY: {proposal.id: Fraction(1) for proposal in self.proposals}}

    def members(self, group: str) -> Mapping[str, Fraction]:
        """Return the proposals of ``group`` with their shares; the group ``all`` has everybody, whatever they carry."""
        return self._members.get(group, {})

    def groups_of_kind(self, kind: str) -> list[str]:
        """Return all groups ``kind:...`` that any proposal belongs to, sorted."""
        return sorted(group for group in self._members if group.startswith(f"{kind}:"))

    def amount_text(self, place: Place, amount: int) -> str:
        """Return an amount of the place's resource as text, for example ``"12.5 kg"``."""
        return self.resources[place[1]].text(amount)

    def with_rules(self, *rules: Rule) -> "Problem":
        """Return the same problem with further rules."""
        return replace(self, rules=(*self.rules, *rules))

    def without_rules(self, *rules: Rule) -> "Problem":
        """Return the same problem without these rules."""
        return replace(self, rules=tuple(rule for rule in self.rules if rule not in rules))

    def with_limit(self, limit: Limit) -> "Problem":
        """Return the same problem with another limit at the same place."""
        return replace(self, limits=tuple(limit if old.place == limit.place else old for old in self.limits))

    def with_proposal(self, proposal: Proposal) -> "Problem":
        """Return the same problem with another version of a proposal that it has."""
        return replace(self, proposals=tuple(proposal if old.id == proposal.id else old for old in self.proposals))

    def with_merits(self, merits: Mapping[str, Exact | Mapping[str, Exact]]) -> "Problem":
        """Return the same problem with other merits: one per proposal for all its options, or one per option."""
        for unknown in merits.keys() - self.by_id.keys():
            raise InputError(f"there is a score for {unknown!r}, but no such proposal", field="proposal")
        return replace(
            self, proposals=tuple(_with_merit(p, merits[p.id]) if p.id in merits else p for p in self.proposals)
        )


def merit_text(value: Fraction) -> str:
    """Return a merit as decimal text, for example ``"84.5"``."""
    return decimal_text(value)


def _with_merit(proposal: Proposal, merits: Exact | Mapping[str, Exact]) -> Proposal:
    if not isinstance(merits, Mapping):
        merits = {option.id: merits for option in proposal.options}
    for unknown in merits.keys() - {option.id for option in proposal.options}:
        raise InputError(
            f"there is a score for option {unknown!r} of {proposal.id}, but no such option", field="option"
        )
    options = (replace(o, merit=exact(merits[o.id])) if o.id in merits else o for o in proposal.options)
    return replace(proposal, options=tuple(options))


def _once(what: str, names: Iterable[str]) -> None:
    for name, times in Counter(names).items():
        if times > 1:
            raise InputError(f"{what} {name!r} appears {times} times", field=what)
        if not name:
            raise InputError(f"a {what} has no name", field=what)


def _check_limits(problem: Problem) -> None:
    _once("limit", (" ".join(limit.place) for limit in problem.limits))
    for limit in problem.limits:
        where = " ".join(limit.place)
        if limit.resource not in problem.resources:
            raise InputError(f"nothing says what the resource {limit.resource!r} is measured in", field="resources")
        if min(limit.capacity, limit.reserved, limit.per_item or 0) < 0:
            raise InputError(f"the limit of {where} has a negative number", field="limits")
        if limit.reserved > limit.capacity:
            raise InputError(f"more {where} is reserved than there is", field="limits")


def _check_proposals(problem: Problem) -> None:
    _once("proposal", (proposal.id for proposal in problem.proposals))
    for proposal in problem.proposals:
        if not proposal.options:
            raise InputError(f"{proposal.id} has no option", field="options")
        _once(f"option of {proposal.id}", (option.id for option in proposal.options))
        for option in proposal.options:
            _check_demands(problem, proposal, option)
        for group, share in proposal.groups.items():
            if not 0 <= share <= 1:
                raise InputError(
                    f"the share of {proposal.id} in {group} is {share}; it lies between 0 and 1", field="groups"
                )
        _check_known(problem, proposal.merges, f"what {proposal.id} merges")
        if proposal.tier < 1:
            raise InputError(f"the tier of {proposal.id} is {proposal.tier}; the first tier is 1", field="tier")
        if proposal.id in proposal.merges:
            raise InputError(f"{proposal.id} cannot be merged into itself", field="merges")


def _check_weights(problem: Problem) -> None:
    offered = {limit.resource for limit in problem.limits}
    for resource, _ in problem.weighting.references if problem.weighting else ():
        if resource not in offered:
            raise InputError(f"merit counts by {resource!r}, which the call does not offer", field="weighting")
    for tier, weight in problem.priorities.items():
        if weight <= 0:
            raise InputError(f"the weight of tier {tier} is {weight}; it must be more than 0", field="priorities")
    for missing in {p.tier for p in problem.proposals} - problem.priorities.keys() if problem.priorities else ():
        raise InputError(f"the priorities give no weight to tier {missing}", field="priorities")


def _check_demands(problem: Problem, proposal: Proposal, option: Option) -> None:
    for place, amount in option.demands.items():
        if place not in problem.limit_at:
            raise InputError(
                f"{proposal.id} asks for {' '.join(place)}, which the call does not offer", field="demands"
            )
        if amount < 0:
            raise InputError(f"{proposal.id} asks for a negative amount of {' '.join(place)}", field="demands")


def _check_known(problem: Problem, ids: Iterable[str], where: str) -> None:
    for unknown in set(ids) - problem.by_id.keys():
        raise InputError(f"{where} names {unknown!r}, but no such proposal exists", field="rules")


def _check_rules(problem: Problem) -> None:
    for pair in problem.synergies:
        _check_known(problem, (pair.first, pair.second), "a synergy")
        if pair.first == pair.second:
            raise InputError(f"a synergy joins {pair.first} with itself", field="synergies")
    for rule in problem.rules:
        _check_rule(problem, rule)


def _check_rule(problem: Problem, rule: Rule) -> None:
    match rule:
        case Conflict():
            _check_known(problem, rule.proposals, "a conflict")
        case Needs():
            _check_known(problem, (rule.proposal, *rule.others), "a need")
            _check_need(rule)
        case Fixed():
            _check_fixed(problem, rule)
        case GroupAmount(resource=resource) | GroupPart(resource=str(resource)):
            if resource not in {limit.resource for limit in problem.limits}:
                raise InputError(f"a rule speaks of {resource!r}, which the call does not offer", field="rules")
        case GroupCount() | GroupShares() | GroupPart() | Breadth():
            pass


def _check_need(rule: Needs) -> None:
    _once(f"proposal in what {rule.proposal} needs", (rule.proposal, *rule.others))
    if rule.how_many > len(rule.others):
        raise InputError(f"{rule.proposal} needs {rule.how_many} of {len(rule.others)} others", field="rules")


def _check_fixed(problem: Problem, rule: Fixed) -> None:
    _check_known(problem, (rule.proposal,), "a fixed decision")
    options = {option.id for option in problem.by_id[rule.proposal].options}
    if rule.option is not None and rule.option not in options:
        raise InputError(f"{rule.proposal} has no option {rule.option!r}", field="rules")
    if not rule.reason.strip():
        raise InputError(f"the decision to fix {rule.proposal} has no written reason", field="reason")


def _check_merits(problem: Problem) -> None:
    if problem.merit_scale > MAX_MERIT_SCALE:
        advice = "round merits to four decimals" if problem.weighed else "round them to six decimals"
        raise InputError(f"merits have too many different digits; {advice}", field="merit")
    total = Fraction(0)
    total += sum(max(abs(problem.worth(p, option)) for option in p.options) for p in problem.proposals)
    total += sum(abs(pair.value) for pair in problem.synergies)
    if total * problem.merit_scale > MAX_TOTAL_MERIT:
        raise InputError("merits are too large or too finely divided to be added exactly", field="merit")
