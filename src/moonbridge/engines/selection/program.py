"""The problem as rows of whole numbers: what the solvers get and nothing else.

Every option is a variable that is 0 or 1; so is every synergy and every group whose taking part is counted. All
coefficients are whole: merits are multiplied by ``problem.merit_scale``, shares by their common denominator, and each
limit is divided by what all demands share.
"""

import math
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from fractions import Fraction

from moonbridge.engines.selection.problem import Choices, Limit, Place, Problem, Proposal
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

type Terms = dict[int, int]
"""A linear expression: ``{variable: whole coefficient}``."""
type Key = tuple[str, str]
"""A proposal and one of its options."""
type Source = Rule | Limit | None
"""What a row comes from; None where it only says what a variable means."""


@dataclass(frozen=True, slots=True)
class Row:
    """``low <= sum of coefficient * variable <= high``; None is no bound."""

    terms: Terms
    low: int | None = None
    high: int | None = None
    source: Source = None

    def holds(self, values: Sequence[int]) -> bool:
        """Return whether the values of all variables keep the row."""
        amount = sum(coefficient * values[variable] for variable, coefficient in self.terms.items())
        return (self.low is None or amount >= self.low) and (self.high is None or amount <= self.high)


@dataclass
class Program:
    """Rows over 0/1 variables, with one objective (merit times ``problem.merit_scale``) per tier."""

    problem: Problem
    option_variables: dict[Key, int] = field(default_factory=dict)
    breadth_variables: dict[str, int] = field(default_factory=dict)
    both_variables: dict[tuple[str, str], int] = field(default_factory=dict)
    size: int = 0
    rows: list[Row] = field(default_factory=list)
    objectives: list[Terms] = field(default_factory=list)

    def variable(self) -> int:
        """Add a variable and return its number."""
        self.size += 1
        return self.size - 1

    def presence(self, proposal_id: str, factor: int = 1) -> Terms:
        """Return ``factor`` times the expression that is 1 when the proposal flies and 0 when not."""
        options = self.problem.by_id[proposal_id].options
        return {self.option_variables[proposal_id, option.id]: factor for option in options}

    def choices(self, values: Iterable[float]) -> dict[str, str]:
        """Return the portfolio that a solver's variable values stand for."""
        rounded = [round(value) for value in values]
        return {p: o for (p, o), variable in self.option_variables.items() if rounded[variable]}

    def worth_counting(self, choices: Choices) -> list[int]:
        """Return the value of every variable that merit can depend on (options and synergies), zeros for the others."""
        values = [0] * self.size
        for choice in choices.items():
            values[self.option_variables[choice]] = 1
        for (first, second), variable in self.both_variables.items():
            values[variable] = int(first in choices and second in choices)
        return values


def compiled(problem: Problem) -> Program:
    """Return the program of ``problem``."""
    program = Program(problem)
    for proposal in problem.proposals:
        for option in proposal.options:
            program.option_variables[proposal.id, option.id] = program.variable()
    program.rows += [Row(program.presence(p.id), high=1) for p in problem.proposals if len(p.options) > 1]
    asked = _asked(program)
    program.rows += [row for limit in problem.limits for row in _limit_rows(limit, asked[limit.place])]
    program.rows += [row for proposal in problem.proposals for row in _merge_rows(program, proposal)]
    for rule in problem.rules:
        program.rows += _rule_rows(program, rule)
    program.objectives = [_objective(program, tier) for tier in problem.tiers]
    return program


def value_of_choices(program: Program, terms: Mapping[int, int], choices: Choices) -> int:
    """Return what an expression over options alone amounts to for a portfolio; synergies are worked out from it."""
    total = sum(terms.get(program.option_variables[choice], 0) for choice in choices.items())
    both = (v for (first, second), v in program.both_variables.items() if first in choices and second in choices)
    return total + sum(terms.get(variable, 0) for variable in both)


def added(*expressions: Mapping[int, int]) -> Terms:
    """Return the sum of linear expressions."""
    total: Terms = {}
    for terms in expressions:
        for variable, coefficient in terms.items():
            total[variable] = total.get(variable, 0) + coefficient
    return total


def _asked(program: Program) -> dict[Place, Terms]:
    """Return what each option asks of each limit."""
    asked: dict[Place, Terms] = {limit.place: {} for limit in program.problem.limits}
    for proposal in program.problem.proposals:
        for option in proposal.options:
            variable = program.option_variables[proposal.id, option.id]
            for place, amount in option.demands.items():
                asked[place][variable] = amount
    return asked


def _limit_rows(limit: Limit, asked: Terms) -> list[Row]:
    # Dividing by what all demands share keeps the numbers small; rounding the limit down loses nothing, because all
    # sums are multiples of the divisor.
    step = math.gcd(*asked.values()) or 1
    rows = [Row({v: d // step for v, d in asked.items()}, high=limit.usable // step, source=limit)]
    if limit.per_item is not None:
        rows += [Row({v: 1}, high=0, source=limit) for v, d in asked.items() if d > limit.per_item]
    return rows


def _merge_rows(program: Program, proposal: Proposal) -> list[Row]:
    joint = program.presence(proposal.id)
    return [
        Row(added(joint, program.presence(part)), high=1, source=merge)
        for part, merge in zip(proposal.merges, merge_rules(proposal), strict=True)
    ]


def merge_rules(proposal: Proposal) -> tuple[Conflict, ...]:
    """Return what a joint proposal says of each of its parts: they never fly beside it."""
    joins = f"{proposal.id} = {' + '.join(proposal.merges)}"
    return tuple(Conflict((proposal.id, part), why=joins) for part in proposal.merges)


def _rule_rows(program: Program, rule: Rule) -> list[Row]:  # noqa: PLR0911 - one return for each kind of rule
    match rule:
        case GroupCount():
            members = added(*(program.presence(p) for p in program.problem.members(rule.group)))
            return [Row(members, rule.at_least, rule.at_most, rule)]
        case GroupShares():
            return _weighted_rows(rule, _shares(program, rule.group), rule.at_least, rule.at_most)
        case GroupAmount():
            amounts = _amounts(program, rule.resource, program.problem.members(rule.group))
            return _weighted_rows(rule, amounts, rule.at_least, rule.at_most)
        case GroupPart():
            return _part_rows(program, rule)
        case Breadth():
            return _breadth_rows(program, rule)
        case Conflict():
            return [Row(added(*(program.presence(p) for p in set(rule.proposals))), high=rule.at_most, source=rule)]
        case Needs():
            return _need_rows(program, rule)
        case Fixed():
            return _fixed_rows(program, rule)


def _shares(program: Program, group: str) -> dict[int, Fraction]:
    members = program.problem.members(group)
    return {v: share for p, share in members.items() for v in program.presence(p)}


def _amounts(program: Program, resource: str, members: Mapping[str, Fraction]) -> dict[int, Fraction]:
    """Return what each option of the members asks of a resource on all elements, times the member's share."""
    return {
        program.option_variables[p, option.id]: share
        * sum(amount for (_, name), amount in option.demands.items() if name == resource)
        for p, share in members.items()
        for option in program.problem.by_id[p].options
    }


def _weighted_rows(
    rule: Rule, weights: Mapping[int, Fraction], at_least: Fraction | int | None, at_most: Fraction | int | None
) -> list[Row]:
    scale = math.lcm(*(Fraction(w).denominator for w in (*weights.values(), at_least or 0, at_most or 0)))
    terms = {variable: int(weight * scale) for variable, weight in weights.items() if weight}
    low = None if at_least is None else int(at_least * scale)
    high = None if at_most is None else int(at_most * scale)
    return [Row(terms, low, high, rule)]


def _part_rows(program: Program, rule: GroupPart) -> list[Row]:
    """Turn "the group's amount >= part * amount of all" into "sum of (share - part) * amount >= 0"; at most likewise."""
    everyone = {proposal.id: Fraction(1) for proposal in program.problem.proposals}
    if rule.resource is None:
        whole = {v: share for p, share in everyone.items() for v in program.presence(p)}
        part = _shares(program, rule.group)
    else:
        whole = _amounts(program, rule.resource, everyone)
        part = _amounts(program, rule.resource, program.problem.members(rule.group))
    rows: list[Row] = []
    if rule.at_least is not None:
        over = {v: part.get(v, Fraction(0)) - rule.at_least * amount for v, amount in whole.items()}
        rows += _weighted_rows(rule, over, 0, None)
    if rule.at_most is not None:
        over = {v: part.get(v, Fraction(0)) - rule.at_most * amount for v, amount in whole.items()}
        rows += _weighted_rows(rule, over, None, 0)
    return rows


def _breadth_rows(program: Program, rule: Breadth) -> list[Row]:
    groups = program.problem.groups_of_kind(rule.kind)
    counted = {breadth_variable(program, group): 1 for group in groups}
    rows = [Row(counted, rule.at_least, rule.at_most, rule)]
    if rule.at_most is not None:  # only then does it matter that a group that takes part is counted
        for group, present in zip(groups, counted, strict=True):
            members = (program.presence(proposal) for proposal in program.problem.members(group))
            rows += [Row(added({present: 1}, dict.fromkeys(member, -1)), low=0) for member in members]
    return rows


def breadth_variable(program: Program, group: str) -> int:
    """Return the variable that can be 1 only if a proposal of ``group`` flies; add it on first use."""
    if group not in program.breadth_variables:
        present = program.breadth_variables[group] = program.variable()
        members = [program.presence(p) for p in program.problem.members(group)]
        program.rows.append(Row(added({present: -1}, *members), low=0))
    return program.breadth_variables[group]


def _need_rows(program: Program, rule: Needs) -> list[Row]:
    others = [program.presence(p) for p in set(rule.others)]
    if rule.how_many == len(others):
        # One row for each needed proposal says the same as the sum, but cuts off more fractions.
        return [Row(added(other, program.presence(rule.proposal, -1)), low=0, source=rule) for other in others]
    return [Row(added(*others, program.presence(rule.proposal, -rule.how_many)), low=0, source=rule)]


def _fixed_rows(program: Program, rule: Fixed) -> list[Row]:
    options = program.presence(rule.proposal)
    terms = options if rule.option is None else {program.option_variables[rule.proposal, rule.option]: 1}
    return [Row(terms, low=1, source=rule) if rule.included else Row(terms, high=0, source=rule)]


def _objective(program: Program, tier: int) -> Terms:
    """Return the tier's merit; a synergy belongs to the tier of the later-served of its two."""
    problem = program.problem
    terms = {
        program.option_variables[p.id, option.id]: int(problem.worth(p, option) * problem.merit_scale)
        for p in problem.proposals
        if problem.tier_of(p) == tier
        for option in p.options
    }
    for pair in problem.synergies:
        if max(problem.tier_of(problem.by_id[name]) for name in (pair.first, pair.second)) == tier:
            both = _both_variable(program, pair.first, pair.second)
            terms[both] = terms.get(both, 0) + int(pair.value * problem.merit_scale)
    return terms


def _both_variable(program: Program, first: str, second: str) -> int:
    """Return the variable that is 1 exactly when both proposals fly; add it on first use."""
    pair = (min(first, second), max(first, second))
    if pair not in program.both_variables:
        both = program.both_variables[pair] = program.variable()
        one, other = program.presence(first), program.presence(second)
        program.rows.append(Row(added(one, other, {both: -1}), high=1))
        program.rows += [Row(added(single, {both: -1}), low=0) for single in (one, other)]
    return program.both_variables[pair]
