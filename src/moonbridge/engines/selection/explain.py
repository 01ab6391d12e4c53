"""For each proposal an honest answer to "why not mine?" (and "how safe is mine?"), by solving the call again.

Every number is the difference between two proven optima, never a price of the linear relaxation: on realistic calls
those miss by several points.
"""

from dataclasses import replace
from fractions import Fraction

from moonbridge.engines.selection.comparing import (
    broken,
    brought,
    carries,
    depends_on,
    difference,
    displaced,
    merit_difference,
    shortages,
)
from moonbridge.engines.selection.conflict import conflicting
from moonbridge.engines.selection.fuller import fuller_options
from moonbridge.engines.selection.optimum import optimum, watched_by
from moonbridge.engines.selection.problem import Problem, Proposal
from moonbridge.engines.selection.result import Explanation, Reason, Result
from moonbridge.engines.selection.rules import Fixed, include, leave_out
from moonbridge.engines.selection.solver import Effort
from moonbridge.engines.selection.stopping import Cancel, Progress, watched
from moonbridge.engines.selection.thresholds import least_changes, less_always_helps
from moonbridge.engines.selection.weighed import may_fall, must_rise
from moonbridge.errors import Infeasible, NotProven

_TRIAL = "a trial, to explain"


def explain_all(
    result: Result,
    *,
    effort: Effort = Effort(),  # noqa: B008 - frozen
    progress: Progress | None = None,
    cancelled: Cancel | None = None,
) -> dict[str, Explanation]:
    """Return the explanation of every proposal, in the order of the call.

    ``progress`` is told after each proposal; ``cancelled`` is asked whether to stop (then Cancelled is raised).
    """
    effort = watched_by(effort, cancelled)
    ids = watched([proposal.id for proposal in result.problem.proposals], "proposals", progress, cancelled)
    return {proposal_id: explain(result, proposal_id, effort=effort) for proposal_id in ids}


def explain(result: Result, proposal_id: str, *, effort: Effort = Effort()) -> Explanation:  # noqa: B008 - frozen
    """Return why the proposal is in or out of ``result``, which must be proven (else NotProven); KeyError if unknown."""
    if not result.proven:
        raise NotProven("only a proven portfolio can be explained; allow more time", value=str(result.value))
    proposal = result.problem.by_id[proposal_id]
    fixed = _fixed(result.problem, proposal_id)
    joint = next((p.id for p in result.problem.proposals if p.id in result.choices and proposal_id in p.merges), None)
    if fixed is not None and fixed.included == (proposal_id in result.choices):
        return _explain_fixed(result, proposal, fixed, effort)
    if proposal_id in result.choices:
        return _explain_selected(result, proposal, effort)
    if joint is not None:
        return _explain_merged(result, proposal, joint, effort)
    return _explain_rejected(result, proposal, effort)


def _fixed(problem: Problem, proposal_id: str) -> Fixed | None:
    """Return the decision that fixes the whole proposal in or out (or one option of it in), if there is one."""
    decisions = (r for r in problem.rules if isinstance(r, Fixed) and r.proposal == proposal_id)
    return next((r for r in decisions if r.included or r.option is None), None)


def _explain_fixed(result: Result, proposal: Proposal, fixed: Fixed, effort: Effort) -> Explanation:
    free = optimum(result.problem.without_rules(fixed), effort=effort)
    option = result.choices.get(proposal.id)
    return Explanation(
        result.problem,
        proposal.id,
        Reason.SELECTED_FIXED if fixed.included else Reason.FIXED_OUT,
        option=option,
        tier=proposal.tier,
        merit=proposal.option(option).merit if option else None,
        weight=result.problem.weight(proposal, proposal.option(option)) if option else Fraction(1),
        loss=difference(free, result)[0],
        written_reason=fixed.reason,
        other_options=fuller_options(result, proposal, effort=effort) if option else (),
        merges=proposal.merges,
    )


def _explain_merged(result: Result, proposal: Proposal, joint: str, effort: Effort) -> Explanation:
    """Say into what the proposal is merged, and what flying it on its own would cost."""
    merged = Explanation(
        result.problem,
        proposal.id,
        Reason.MERGED,
        tier=proposal.tier,
        merged_into=joint,
        merges=result.problem.by_id[joint].merges,
    )
    try:
        alone = optimum(result.problem.with_rules(include(proposal.id, reason=_TRIAL)), effort=effort)
    except Infeasible:
        return merged
    loss, tier = difference(result, alone)
    going, coming = displaced(result, alone), brought(result, alone, proposal.id)
    return replace(merged, loss=loss, tier=tier, displaces=going, brings=coming)


def _explain_selected(result: Result, proposal: Proposal, effort: Effort) -> Explanation:
    problem, option = result.problem, proposal.option(result.choices[proposal.id])
    # With a lottery near the line a place is certain only beyond the margin.
    within = _lottery_margin(result, proposal)
    try:
        without = optimum(problem.with_rules(leave_out(proposal.id, reason=_TRIAL)), effort=effort)
        fall = merit_difference(result, without, problem.tier_of(proposal))
        drawn = bool(within) and fall is not None and fall <= within
        if fall is not None:
            weighed = problem.weighed and not drawn
            fall = may_fall(result, without, proposal, within, effort=effort) if weighed else fall - within
    except Infeasible:
        fall, drawn = None, False
    return Explanation(
        problem,
        proposal.id,
        Reason.SELECTED,
        option=option.id,
        tier=proposal.tier,
        merit=option.merit,
        weight=problem.weight(proposal, option),
        merit_may_fall=None if drawn else fall,
        drawn=drawn,
        other_options=fuller_options(result, proposal, effort=effort),
        merges=proposal.merges,
        depends_on=depends_on(result, proposal.id),
        carries=carries(result, proposal.id),
    )


def _explain_rejected(result: Result, proposal: Proposal, effort: Effort) -> Explanation:
    problem = result.problem
    try:
        forced = optimum(problem.with_rules(include(proposal.id, reason=_TRIAL)), effort=effort)
    except Infeasible:
        return _explain_impossible(result, proposal, effort)
    option = proposal.option(forced.choices[proposal.id])
    loss, tier = difference(result, forced)
    within = _lottery_margin(result, proposal)
    if problem.weighed:
        rise = must_rise(result, proposal, within, effort=effort)
    elif (rise := merit_difference(result, forced, proposal.tier)) is not None:
        rise += within
    lottery = bool(problem.lottery_within)
    changes = () if lottery else least_changes(result, proposal, option, effort=effort)
    return Explanation(
        problem,
        proposal.id,
        Reason.OUTWEIGHED if loss else Reason.TIED,
        option=option.id,
        tier=tier,
        merit=option.merit,
        weight=problem.weight(proposal, option),
        loss=loss,
        displaces=displaced(result, forced),
        brings=brought(result, forced, proposal.id),
        merit_must_rise=rise,
        shortages=shortages(result, proposal, option),
        broken=broken(result, proposal, option),
        changes=changes,
        own_change_helps=bool(changes) if changes or less_always_helps(problem, option) else None,
        less_may_harm=not (lottery or less_always_helps(problem, option)),
        merges=proposal.merges,
        drawn=lottery and tier == problem.tiers[-1] and loss <= problem.lottery_within,
    )


def _lottery_margin(result: Result, proposal: Proposal) -> Fraction:
    """Return the margin of the lottery for proposals of the last tier, where it is held; 0 for all others."""
    problem = result.problem
    return problem.lottery_within if problem.tier_of(proposal) == problem.tiers[-1] else Fraction(0)


def _explain_impossible(result: Result, proposal: Proposal, effort: Effort) -> Explanation:
    option = max(proposal.options, key=lambda candidate: candidate.merit)
    lottery = bool(result.problem.lottery_within)
    changes = () if lottery else least_changes(result, proposal, option, effort=effort)
    return Explanation(
        result.problem,
        proposal.id,
        Reason.IMPOSSIBLE,
        option=option.id,
        tier=proposal.tier,
        merit=option.merit,
        weight=result.problem.weight(proposal, option),
        shortages=shortages(result, proposal, option),
        broken=broken(result, proposal, option),
        changes=changes,
        own_change_helps=bool(changes) if changes or less_always_helps(result.problem, option) else None,
        less_may_harm=not (lottery or less_always_helps(result.problem, option)),
        merges=proposal.merges,
        because=conflicting(result.problem, always=(include(proposal.id, reason=_TRIAL),), effort=effort).causes,
    )
