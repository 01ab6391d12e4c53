"""How far a merit may fall or must rise where merits are weighed: in the points that the review gave, not in weighted ones.

A change of a proposal's merit by *d* changes what option *o* counts by *d* times its weight *w(o)*. With *best(o)* the
best portfolio that contains the option, *without* the best without the proposal and *best* the best of all:

- a selected proposal keeps its place while its merit falls by less than the largest ``(best(o) - without) / w(o)``;
- a rejected one is in for certain once it rises by more than the least ``(best - best(o)) / w(o)``.

Both follow from comparing the lines ``best(o) + d * w(o)`` with the constant. Where an earlier tier has decided, no
change of merit matters.
"""

from collections.abc import Iterator
from fractions import Fraction

from moonbridge.engines.selection.comparing import difference, merit_difference
from moonbridge.engines.selection.optimum import optimum
from moonbridge.engines.selection.problem import Option, Proposal
from moonbridge.engines.selection.result import Result
from moonbridge.engines.selection.rules import include
from moonbridge.engines.selection.solver import Effort
from moonbridge.errors import Infeasible

_TRIAL = "a trial, to explain"


def may_fall(
    result: Result, without: Result, proposal: Proposal, within: Fraction, *, effort: Effort
) -> Fraction | None:
    """Return how far the merit of a selected proposal may fall; None if no fall can cost it the place.

    ``without`` is the best portfolio without it, ``within`` the margin of the lottery.
    """
    tier = result.problem.tier_of(proposal)
    falls: list[Fraction] = []
    for option, forced in _each_option(result, proposal, effort):
        ahead, decided = difference(forced, without)
        if ahead and decided < tier:
            if ahead > 0:
                return None
            continue
        falls.append(((ahead if decided == tier else 0) - within) / result.problem.weight(proposal, option))
    return max(falls)


def must_rise(result: Result, proposal: Proposal, within: Fraction, *, effort: Effort) -> Fraction | None:
    """Return how far the merit of a rejected proposal must rise; None if no rise helps."""
    tier = result.problem.tier_of(proposal)
    rises = [
        (behind + within) / result.problem.weight(proposal, option)
        for option, forced in _each_option(result, proposal, effort)
        if (behind := merit_difference(result, forced, tier)) is not None
    ]
    return min(rises, default=None)


def _each_option(result: Result, proposal: Proposal, effort: Effort) -> Iterator[tuple[Option, Result]]:
    """Yield each option with the best portfolio that contains it, where there is one."""
    for option in proposal.options:
        if result.choices.get(proposal.id) == option.id:
            yield option, result
            continue
        try:
            rule = include(proposal.id, reason=_TRIAL, option=option.id)
            yield option, optimum(result.problem.with_rules(rule), effort=effort)
        except Infeasible:
            continue
