"""Who got how much of what, measured against what was asked: shares by group and how far they are from proportional.

Each proposal belongs to the groups of a kind (countries, themes, institutions) by its shares; where they add up to
more than 1 they are scaled down to 1, and what is left below 1 belongs to ``others``, so that no place is counted
twice. What a proposal *asks* is its place, the most that any of its options asks of each resource, and the best merit
that the review gave any of them; joint proposals ask nothing of their own, because their parts have asked. What a group
*gets* is what flies.

The indices come from the study of elections, where votes take the part of what was asked and seats of what was got:

- Loosemore and Hanby 1971 (British Journal of Political Science 1, 467-477): half the sum of ``|got - asked|``, the
  part that would have to change hands;
- Gallagher 1991 (Electoral Studies 10, 33-51): the root of half the sum of ``(got - asked) ** 2``, in which many small
  deviations weigh less than one large one;
- Sainte-Lague 1910 (after Pukelsheim 2017, Proportional Representation): the sum of ``(got - asked) ** 2 / asked``.

Shares and indices are exact fractions; only Gallagher's root is a float.
"""

import math
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from fractions import Fraction
from typing import Final

from moonbridge.engines.selection.problem import Problem, Proposal
from moonbridge.engines.selection.result import Result
from moonbridge.errors import InputError

OTHERS: Final = "others"
"""The group of what belongs to no group of the kind."""
PLACES: Final = "places"
"""What is shared by counting proposals."""
MERIT: Final = "merit"
"""What is shared by counting merit."""

type Parts = Mapping[str, Mapping[str, Fraction]]
"""The groups of a kind, each with its proposals and their shares; the shares of a proposal add up to 1."""


@dataclass(frozen=True, slots=True)
class Share:
    """The part (0 to 1) of all that was asked, and of all that was got, that falls to one group."""

    group: str
    asked: Fraction
    got: Fraction

    @property
    def ratio(self) -> Fraction | None:
        """How much it got for each part that it asked: 1 is proportional; None if it asked nothing."""
        return self.got / self.asked if self.asked else None


@dataclass(frozen=True, slots=True)
class Division:
    """How one thing (places, merit or a resource over all elements) is divided among the groups; what nobody got is not."""

    what: str
    shares: tuple[Share, ...]

    @property
    def loosemore_hanby(self) -> Fraction:
        """The part that would have to change hands: 0 is proportional."""
        return sum((abs(share.got - share.asked) for share in self.shares), Fraction(0)) / 2

    @property
    def gallagher(self) -> float:
        """The least-squares index, 0 to 1: 0 is proportional."""
        return math.sqrt(sum((share.got - share.asked) ** 2 for share in self.shares) / 2)

    @property
    def sainte_lague(self) -> Fraction:
        """The sum of squared deviations, each divided by what was asked; groups that asked nothing have none."""
        return sum(((s.got - s.asked) ** 2 / s.asked for s in self.shares if s.asked), Fraction(0))


@dataclass(frozen=True, slots=True)
class Fairness:
    """The divisions of places, merit and each resource among the groups of ``kind``, in this order."""

    kind: str
    divisions: tuple[Division, ...]

    def division(self, what: str) -> Division:
        """Return the division of ``what``; KeyError if it was not asked for or nobody got any."""
        for division in self.divisions:
            if division.what == what:
                return division
        raise KeyError(what)

    def __str__(self) -> str:
        from moonbridge.engines.selection.overviews import fairness_tables

        return "\n\n".join(map(str, fairness_tables(self)))

    def _repr_html_(self) -> str:
        from moonbridge.engines.selection.overviews import fairness_tables

        return "".join(table.as_html() for table in fairness_tables(self))


def fairness(result: Result, kind: str = "country") -> Fairness:
    """Return how everything is divided among the groups ``kind:...``, or between one group and all others.

    Raises InputError if no proposal belongs to any such group.
    """
    problem, parts = result.problem, parts_of(result.problem, kind)
    resources = dict.fromkeys(limit.resource for limit in problem.limits)
    measures = (PLACES, MERIT, *resources)
    divisions = (_division(result, parts, what) for what in measures)
    return Fairness(kind, tuple(division for division in divisions if division.shares))


def parts_of(problem: Problem, kind: str) -> Parts:
    """Return the groups of ``kind`` (or the one group of that name) and the others, with the shares of the proposals."""
    groups = problem.groups_of_kind(kind) or ([kind] if problem.members(kind) else [])
    if not groups:
        raise InputError(f"the call has no kind or group {kind!r}", field="kind")
    parts: dict[str, dict[str, Fraction]] = {group: {} for group in (*groups, OTHERS)}
    for proposal in problem.proposals:
        held = {group: proposal.groups[group] for group in groups if proposal.groups.get(group)}
        whole = max(Fraction(1), sum(held.values(), Fraction(0)))
        shares = {group: share / whole for group, share in held.items()}
        for group, share in (*shares.items(), (OTHERS, 1 - sum(shares.values(), Fraction(0)))):
            if share:
                parts[group][proposal.id] = share
    return {group: members for group, members in parts.items() if members}


def _division(result: Result, parts: Parts, what: str) -> Division:
    problem = result.problem
    asked = {proposal.id: _asked(proposal, what) for proposal in problem.proposals if not proposal.merges}
    got = {p: _amount(problem.by_id[p], o, what) for p, o in result.choices.items()}
    if not sum(asked.values()) or not sum(got.values()):
        return Division(what, ())
    shares = (Share(group, _part(asked, members), _part(got, members)) for group, members in parts.items())
    return Division(what, tuple(shares))


def _part(amounts: Mapping[str, Fraction], members: Mapping[str, Fraction]) -> Fraction:
    own = sum((amount * members.get(proposal, 0) for proposal, amount in amounts.items()), Fraction(0))
    return own / _sum(amounts.values())


def _asked(proposal: Proposal, what: str) -> Fraction:
    return max(_amount(proposal, option.id, what) for option in proposal.options)


def _amount(proposal: Proposal, option_id: str, what: str) -> Fraction:
    """Return how much an option has of ``what``; a merit below zero counts as none."""
    option = proposal.option(option_id)
    if what == PLACES:
        return Fraction(1)
    if what == MERIT:
        return max(option.merit, Fraction(0))
    return Fraction(sum(amount for (_, resource), amount in option.demands.items() if resource == what))


def _sum(numbers: Iterable[Fraction]) -> Fraction:
    return sum(numbers, Fraction(0))
