"""A second opinion on a portfolio, in whole numbers and fractions, straight from the words of the call.

Nothing here knows the solver or the rows that it gets: limits and rules are read again, so that a mistake there is
found here.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from fractions import Fraction

from moonbridge.engines.selection.problem import Choices, Limit, Option, Problem
from moonbridge.engines.selection.rules import (
    EVERYBODY,
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
from moonbridge.errors import InputError


@dataclass(frozen=True, slots=True)
class Verdict:
    """What the checker found: the limits, rules and merges that are not kept, and the merit in each tier."""

    broken: tuple[Limit | Rule | str, ...]
    values: tuple[Fraction, ...]

    @property
    def feasible(self) -> bool:
        """Whether everything is kept."""
        return not self.broken


def check_choices(problem: Problem, choices: Choices) -> Verdict:
    """Return whether ``choices`` keeps every limit and rule of ``problem``, and what it is worth.

    Raises :class:`~moonbridge.errors.InputError` for a proposal or option that the problem does not have.
    """
    flying = _flying(problem, choices)
    broken: list[Limit | Rule | str] = [limit for limit in problem.limits if not _keeps_limit(limit, flying.values())]
    broken += [rule for rule in problem.rules if not keeps(problem, rule, choices)]
    for proposal in problem.proposals:
        if proposal.id in choices:
            broken += [f"{proposal.id} merges {part}" for part in proposal.merges if part in choices]
    return Verdict(tuple(broken), values(problem, choices))


def values(problem: Problem, choices: Choices) -> tuple[Fraction, ...]:
    """Return what a portfolio counts in each tier; a synergy counts in the tier of the later-served of its two."""
    totals = dict.fromkeys(problem.tiers, Fraction(0))
    for proposal_id, option in _flying(problem, choices).items():
        proposal = problem.by_id[proposal_id]
        totals[problem.tier_of(proposal)] += problem.worth(proposal, option)
    for pair in problem.synergies:
        if pair.first in choices and pair.second in choices:
            first, second = problem.by_id[pair.first], problem.by_id[pair.second]
            totals[max(problem.tier_of(first), problem.tier_of(second))] += pair.value
    return tuple(totals.values())


def keeps(problem: Problem, rule: Rule, choices: Choices) -> bool:  # noqa: PLR0911 - one return for each kind of rule
    """Return whether a portfolio keeps one rule."""
    match rule:
        case GroupCount():
            return _within(rule, sum(1 for p in problem.members(rule.group) if p in choices))
        case GroupShares():
            return _within(rule, sum(share for p, share in problem.members(rule.group).items() if p in choices))
        case GroupAmount():
            return _within(rule, _amount(problem, choices, rule.resource, rule.group))
        case GroupPart():
            return _keeps_part(problem, rule, choices)
        case Breadth():
            partners = {group for p in choices for group, share in problem.by_id[p].groups.items() if share}
            return _within(rule, sum(1 for group in partners if group.startswith(f"{rule.kind}:")))
        case Conflict():
            return sum(1 for p in set(rule.proposals) if p in choices) <= rule.at_most
        case Needs():
            return rule.proposal not in choices or sum(1 for p in set(rule.others) if p in choices) >= rule.how_many
        case Fixed():
            there = rule.proposal in choices and rule.option in {None, choices[rule.proposal]}
            return there == rule.included


def _flying(problem: Problem, choices: Choices) -> dict[str, Option]:
    for proposal, option in choices.items():
        if proposal not in problem.by_id or option not in {o.id for o in problem.by_id[proposal].options}:
            raise InputError(
                f"the portfolio names {proposal} ({option}), which the call does not have", field="choices"
            )
    return {proposal: problem.by_id[proposal].option(option) for proposal, option in choices.items()}


def _keeps_limit(limit: Limit, options: Iterable[Option]) -> bool:
    amounts = [option.demands.get((limit.element, limit.resource), 0) for option in options]
    fits_each = limit.per_item is None or all(amount <= limit.per_item for amount in amounts)
    return fits_each and sum(amounts) <= limit.capacity - limit.reserved


def _within(rule: GroupCount | GroupShares | GroupAmount | Breadth, amount: int | Fraction) -> bool:
    enough = rule.at_least is None or amount >= rule.at_least
    return enough and (rule.at_most is None or amount <= rule.at_most)


def _amount(problem: Problem, choices: Choices, resource: str | None, group: str | None) -> Fraction:
    """Return how much of a resource (or how many proposals) a group's shares, or everybody, got in this portfolio."""
    total, everybody = Fraction(0), group in {None, EVERYBODY}
    for proposal_id, option in _flying(problem, choices).items():
        asked = sum(n for (_, name), n in option.demands.items() if name == resource) if resource else 1
        total += asked * (Fraction(1) if everybody else problem.by_id[proposal_id].groups.get(str(group), Fraction(0)))
    return total


def _keeps_part(problem: Problem, rule: GroupPart, choices: Choices) -> bool:
    part = _amount(problem, choices, rule.resource, rule.group)
    whole = _amount(problem, choices, rule.resource, None)
    enough = rule.at_least is None or part >= rule.at_least * whole
    return enough and (rule.at_most is None or part <= rule.at_most * whole)
