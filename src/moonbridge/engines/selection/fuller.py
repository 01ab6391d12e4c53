"""Why a selected proposal flies with a lesser option, and what would let its fuller one in.

As everywhere in explanations each number is the difference between two proven optima: the call is solved again with
the fuller option forced in.
"""

from moonbridge.engines.selection.comparing import broken, brought, difference, displaced, merit_difference, shortages
from moonbridge.engines.selection.conflict import conflicting
from moonbridge.engines.selection.optimum import optimum
from moonbridge.engines.selection.problem import Option, Proposal
from moonbridge.engines.selection.result import OtherOption, Result
from moonbridge.engines.selection.rules import include
from moonbridge.engines.selection.solver import Effort
from moonbridge.engines.selection.thresholds import least_changes
from moonbridge.errors import Infeasible

_TRIAL = "a trial, to explain"


def fuller_options(result: Result, proposal: Proposal, *, effort: Effort) -> tuple[OtherOption, ...]:
    """Return why each option of greater merit than the one that flies does not fly, in the order of the proposal."""
    flying = proposal.option(result.choices[proposal.id])
    return tuple(
        _why_not(result, proposal, option, effort) for option in proposal.options if option.merit > flying.merit
    )


def _why_not(result: Result, proposal: Proposal, option: Option, effort: Effort) -> OtherOption:
    problem = result.problem
    forced_in = include(proposal.id, reason=_TRIAL, option=option.id)
    lacking = shortages(result, proposal, option)
    against = broken(result, proposal, option)
    changes = () if problem.lottery_within else least_changes(result, proposal, option, effort=effort)
    try:
        forced = optimum(problem.with_rules(forced_in), effort=effort)
    except Infeasible:
        because = conflicting(problem, always=(forced_in,), effort=effort).causes
        return OtherOption(option.id, option.merit, shortages=lacking, broken=against, changes=changes, because=because)
    rise = merit_difference(result, forced, problem.tier_of(proposal))
    within = problem.lottery_within if problem.tier_of(proposal) == problem.tiers[-1] else 0
    return OtherOption(
        option.id,
        option.merit,
        loss=difference(result, forced)[0],
        displaces=displaced(result, forced),
        brings=brought(result, forced, proposal.id),
        merit_must_rise=None if rise is None else (rise + within) / problem.weight(proposal, option),
        shortages=lacking,
        broken=against,
        changes=changes,
    )
