"""How two portfolios differ, and what an option lacks beside one of them: the numbers that explanations are made of."""

from fractions import Fraction

from moonbridge.engines.selection.check import check_choices, keeps
from moonbridge.engines.selection.problem import Limit, Option, Proposal
from moonbridge.engines.selection.result import Result, Shortage, amount_at
from moonbridge.engines.selection.rules import Needs, Rule


def difference(better: Result, worse: Result) -> tuple[Fraction, int]:
    """Return by how much the best merits differ in the first tier where they do, and that tier; 0 in the last if equal.

    Bounds are compared because they are the best merit of a proven result even where a lottery took a lesser portfolio.
    """
    tiers = better.problem.tiers
    differences = [b - w for b, w in zip(better.bounds, worse.bounds, strict=True)]
    return next(((d, tier) for d, tier in zip(differences, tiers, strict=True) if d), (Fraction(0), tiers[-1]))


def merit_difference(better: Result, worse: Result, tier: int) -> Fraction | None:
    """Return what a merit in ``tier`` must change by to turn the order; None if an earlier tier has decided already."""
    amount, decided = difference(better, worse)
    if amount and decided < tier:
        return None
    return amount if decided == tier else Fraction(0)


def displaced(result: Result, other: Result) -> tuple[str, ...]:
    """Return who flies in ``result`` and not in ``other``."""
    return tuple(p for p in result.choices if p not in other.choices)


def brought(result: Result, other: Result, but: str) -> tuple[str, ...]:
    """Return who flies in ``other`` and not in ``result``, apart from ``but``."""
    return tuple(p for p in other.choices if p not in result.choices and p != but)


def shortages(result: Result, proposal: Proposal, option: Option) -> tuple[Shortage, ...]:
    """Return the limits that ``option`` would exceed beside the selected ones that stay: it replaces what it merges."""
    problem = result.problem
    short: list[Shortage] = []
    for usage in result.usage:
        place, limit = usage.limit.place, usage.limit
        asked = option.demands.get(place, 0)
        free = usage.free + sum(usage.by_proposal.get(leaving, 0) for leaving in (proposal.id, *proposal.merges))
        if limit.per_item is not None and asked > limit.per_item:
            allowed = amount_at(problem, place, limit.per_item)
            short.append(Shortage(amount_at(problem, place, asked), allowed, per_item=True))
        elif asked > free:
            short.append(Shortage(amount_at(problem, place, asked), amount_at(problem, place, free)))
    return tuple(short)


def broken(result: Result, proposal: Proposal, option: Option) -> tuple[Rule, ...]:
    """Return the rules that ``option`` would break beside the selected ones that stay: it replaces what it merges."""
    staying = {p: o for p, o in result.choices.items() if p not in proposal.merges}
    beside = check_choices(result.problem, {**staying, proposal.id: option.id})
    return tuple(cause for cause in beside.broken if not isinstance(cause, Limit | str))


def depends_on(result: Result, proposal_id: str) -> tuple[Needs, ...]:
    """Return the needs on which the place of a selected proposal hangs."""
    return tuple(rule for rule in result.problem.rules if isinstance(rule, Needs) and rule.proposal == proposal_id)


def carries(result: Result, proposal_id: str) -> tuple[str, ...]:
    """Return the selected proposals whose needs would be broken if this one were lost."""
    left = {p: o for p, o in result.choices.items() if p != proposal_id}
    hanging = (rule for rule in result.problem.rules if isinstance(rule, Needs) and rule.proposal != proposal_id)
    return tuple(dict.fromkeys(rule.proposal for rule in hanging if not keeps(result.problem, rule, left)))
