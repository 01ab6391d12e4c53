"""Whether a group could do better with what another group holds.

A group envies another if the best selection of its own proposals that fits into what the other holds (its kilograms,
watts, slots) is worth more to it than the best that fits into what it holds itself (Foley 1967, Yale Economic Essays 7,
45-98; Varian 1974, Journal of Economic Theory 9, 63-91). Only the amounts count, no other rule of the call. A proposal
that several groups share counts for each by its share, in merit and in what it asks.

Two weaker findings go with it, because with things that cannot be cut envy can seldom be avoided altogether:

- *up to one*: it vanishes once the most useful of the other's payloads is left out of account (Budish 2011, Journal of
  Political Economy 119, 1061-1103);
- *in proportion*: it remains after both are divided by what each group asked in places, so that a country with one
  proposal is not said to envy one with ten (Chakraborty, Igarashi, Suksompong and Zick 2021, ACM Transactions on
  Economics and Computation 9, 18).
"""

import math
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from fractions import Fraction

from moonbridge.engines.selection.fairness import OTHERS, Parts, parts_of
from moonbridge.engines.selection.optimum import optimum
from moonbridge.engines.selection.problem import Limit, Option, Place, Problem, Proposal
from moonbridge.engines.selection.result import Result
from moonbridge.engines.selection.solver import Effort

type Bundle = Mapping[Place, int]
"""How much of each limit somebody holds (base units)."""


@dataclass(frozen=True, slots=True)
class Envy:
    """``group`` could make ``then`` of merit out of what ``of`` holds, but only ``now`` out of what it holds itself."""

    group: str
    of: str
    now: Fraction
    then: Fraction
    up_to_one: bool
    in_proportion: bool

    @property
    def amount(self) -> Fraction:
        """How much merit it would gain."""
        return self.then - self.now


def envy(result: Result, kind: str = "country", *, effort: Effort = Effort()) -> tuple[Envy, ...]:  # noqa: B008 - frozen
    """Return every envy between the groups of ``kind``, the largest first; empty if the portfolio is free of envy.

    Whoever belongs to no group of the kind neither envies nor is envied. Raises InputError for a kind that no proposal
    has.
    """
    parts = {group: members for group, members in parts_of(result.problem, kind).items() if group != OTHERS}
    found = _found(result, parts, effort)
    return tuple(sorted(found, key=lambda envy: (-envy.amount, envy.group, envy.of)))


def _found(result: Result, parts: Parts, effort: Effort) -> Iterator[Envy]:
    problem = result.problem
    held = {group: _held(result, members) for group, members in parts.items()}
    asked = {group: sum(members.values(), Fraction(0)) for group, members in parts.items()}
    for group, members in parts.items():
        own = _own_proposals(result, members)
        most = sum((max(Fraction(0), *(option.merit for option in p.options)) for p in own), Fraction(0))
        now = _best(problem, own, held[group], effort)
        for other in parts:
            if other == group or now == most or _within(held[other], held[group]):
                continue
            then = _best(problem, own, held[other], effort)
            if then > now:
                less = _without_each(result, parts[other])
                up_to_one = any(_best(problem, own, bundle, effort) <= now for bundle in less)
                in_proportion = then / asked[other] > now / asked[group]
                yield Envy(group, other, now, then, up_to_one, in_proportion)


def _held(result: Result, members: Mapping[str, Fraction], but: str | None = None) -> Bundle:
    """Return what the members (without one of them) hold together, each proposal by the group's share, rounded up."""
    bundle = dict.fromkeys(result.problem.limit_at, 0)
    for proposal, option in result.choices.items():
        if proposal in members and proposal != but:
            for place, amount in result.problem.by_id[proposal].option(option).demands.items():
                bundle[place] += math.ceil(amount * members[proposal])
    return bundle


def _without_each(result: Result, members: Mapping[str, Fraction]) -> Iterator[Bundle]:
    return (_held(result, members, but=proposal) for proposal in result.choices if proposal in members)


def _own_proposals(result: Result, members: Mapping[str, Fraction]) -> tuple[Proposal, ...]:
    """Return the group's part of its proposals; of a joint proposal and its parts only what the portfolio made of them."""
    by_id = result.problem.by_id
    merged = {part for proposal in result.choices for part in by_id[proposal].merges}
    standing = (by_id[p] for p in members if p not in merged and (p in result.choices or not by_id[p].merges))
    return tuple(
        Proposal(p.id, tuple(_portion(result.problem, p, option, members[p.id]) for option in p.options))
        for p in standing
    )


def _portion(problem: Problem, proposal: Proposal, option: Option, share: Fraction) -> Option:
    demands = {place: math.ceil(amount * share) for place, amount in option.demands.items()}
    return replace(option, merit=problem.worth(proposal, option) * share, demands=demands)


def _within(smaller: Bundle, larger: Bundle) -> bool:
    return all(amount <= larger[place] for place, amount in smaller.items())


def _best(problem: Problem, proposals: tuple[Proposal, ...], bundle: Bundle, effort: Effort) -> Fraction:
    """Return the most merit that the proposals have within a bundle."""
    limits = tuple(Limit(*place, capacity=amount) for place, amount in bundle.items())
    return optimum(Problem(limits, proposals, resources=problem.resources), effort=effort).value
