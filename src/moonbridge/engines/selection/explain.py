"""For each proposal an honest answer to "why not mine?" (and "how safe is mine?"), by solving the call again.

Every number is the difference between two proven optima, never a price of the linear relaxation: on realistic calls
those miss by several points.
"""

from fractions import Fraction

from moonbridge.engines.selection.check import check_choices
from moonbridge.engines.selection.conflict import conflicting
from moonbridge.engines.selection.optimum import optimum
from moonbridge.engines.selection.problem import Limit, Option, Problem, Proposal
from moonbridge.engines.selection.result import Explanation, Reason, Result, Shortage, amount_at
from moonbridge.engines.selection.rules import Fixed, Rule, include, leave_out
from moonbridge.engines.selection.solver import Effort
from moonbridge.engines.selection.thresholds import least_changes
from moonbridge.errors import Infeasible, NotProven

_TRIAL = "a trial, to explain"


def explain_all(result: Result, *, effort: Effort = Effort()) -> dict[str, Explanation]:  # noqa: B008 - frozen
    """Return the explanation of every proposal, in the order of the call."""
    return {proposal.id: explain(result, proposal.id, effort=effort) for proposal in result.problem.proposals}


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
        return Explanation(result.problem, proposal_id, Reason.MERGED, tier=proposal.tier, merged_into=joint)
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
        loss=_difference(free, result)[0],
        written_reason=fixed.reason,
    )


def _explain_selected(result: Result, proposal: Proposal, effort: Effort) -> Explanation:
    option = proposal.option(result.choices[proposal.id])
    try:
        without = optimum(result.problem.with_rules(leave_out(proposal.id, reason=_TRIAL)), effort=effort)
        fall = _merit_difference(result, without, proposal.tier)
    except Infeasible:
        fall = None
    # With a lottery near the line a place is certain only beyond the margin.
    within = _lottery_margin(result, proposal)
    drawn = bool(within) and fall is not None and fall <= within
    return Explanation(
        result.problem,
        proposal.id,
        Reason.SELECTED,
        option=option.id,
        tier=proposal.tier,
        merit=option.merit,
        merit_may_fall=None if fall is None or drawn else fall - within,
        drawn=drawn,
    )


def _explain_rejected(result: Result, proposal: Proposal, effort: Effort) -> Explanation:
    problem = result.problem
    try:
        forced = optimum(problem.with_rules(include(proposal.id, reason=_TRIAL)), effort=effort)
    except Infeasible:
        return _explain_impossible(result, proposal, effort)
    option = proposal.option(forced.choices[proposal.id])
    loss, tier = _difference(result, forced)
    within = _lottery_margin(result, proposal)
    rise = _merit_difference(result, forced, proposal.tier)
    lottery = bool(problem.lottery_within)
    changes = () if lottery else least_changes(result, proposal, option, effort=effort)
    return Explanation(
        problem,
        proposal.id,
        Reason.OUTWEIGHED if loss else Reason.TIED,
        option=option.id,
        tier=tier,
        merit=option.merit,
        loss=loss,
        displaces=tuple(p for p in result.choices if p not in forced.choices),
        brings=tuple(p for p in forced.choices if p not in result.choices and p != proposal.id),
        merit_must_rise=None if rise is None else rise + within,
        shortages=_shortages(result, option),
        broken=_broken(result, proposal, option),
        changes=changes,
        own_change_helps=None if lottery else bool(changes),
        drawn=lottery and tier == problem.tiers[-1] and loss <= problem.lottery_within,
    )


def _lottery_margin(result: Result, proposal: Proposal) -> Fraction:
    """Return the margin of the lottery for proposals of the last tier, where it is held; 0 for all others."""
    problem = result.problem
    return problem.lottery_within if proposal.tier == problem.tiers[-1] else Fraction(0)


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
        shortages=_shortages(result, option),
        broken=_broken(result, proposal, option),
        changes=changes,
        own_change_helps=None if lottery else bool(changes),
        because=conflicting(result.problem, always=(include(proposal.id, reason=_TRIAL),)),
    )


def _difference(better: Result, worse: Result) -> tuple[Fraction, int]:
    """Return by how much the best merits differ in the first tier where they do, and that tier; 0 in the last if equal.

    Bounds are compared because they are the best merit of a proven result even where a lottery took a lesser portfolio.
    """
    tiers = better.problem.tiers
    differences = [b - w for b, w in zip(better.bounds, worse.bounds, strict=True)]
    return next(((d, tier) for d, tier in zip(differences, tiers, strict=True) if d), (Fraction(0), tiers[-1]))


def _merit_difference(better: Result, worse: Result, tier: int) -> Fraction | None:
    """Return what a merit in ``tier`` must change by to turn the order; None if an earlier tier has decided already."""
    difference, decided = _difference(better, worse)
    if difference and decided < tier:
        return None
    return difference if decided == tier else Fraction(0)


def _shortages(result: Result, option: Option) -> tuple[Shortage, ...]:
    problem = result.problem
    short: list[Shortage] = []
    for usage in result.usage:
        place, limit = usage.limit.place, usage.limit
        asked = option.demands.get(place, 0)
        if limit.per_item is not None and asked > limit.per_item:
            short.append(
                Shortage(amount_at(problem, place, asked), amount_at(problem, place, limit.per_item), per_item=True)
            )
        elif asked > usage.free:
            short.append(Shortage(amount_at(problem, place, asked), amount_at(problem, place, usage.free)))
    return tuple(short)


def _broken(result: Result, proposal: Proposal, option: Option) -> tuple[Rule, ...]:
    beside = check_choices(result.problem, {**result.choices, proposal.id: option.id})
    return tuple(cause for cause in beside.broken if not isinstance(cause, Limit | str))
