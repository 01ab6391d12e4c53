"""Which doubt is worth another review: what it would gain, in expected merit, to know one proposal's merit better.

The *expected value of perfect information* on one uncertain number is the expected merit of the portfolio that one would
choose knowing it, less that of the portfolio that one would choose without (Raiffa and Schlaifer 1961, Applied
Statistical Decision Theory; Howard 1966, IEEE Transactions on Systems Science and Cybernetics 2, 22-26). A doubt matters
only if it could change the portfolio: one that is large but far from the line is worth nothing.

Merits add up, so what a portfolio is worth is a line in the one number that is learned, and the best portfolio is the
upper envelope of such lines. For the normal distribution the expectation of an envelope has a closed form (Frazier,
Powell and Dayanik 2009, INFORMS Journal on Computing 21, 599-613). The lines come from proven optima with and without
each uncertain proposal. If the doubts are independent, these are all that matter and the value is that of the exact
formula; with a covariance, which lets one review speak about other proposals too, it is a lower bound.

Where tiers are served one after the other, a review can gain in the first tier that what it says could change: an independent doubt
changes nothing in earlier tiers than the proposal's own, and what it gains there is counted among the portfolios that are as good as
the recommended one in all earlier tiers. What later tiers gain or lose does not matter then.

Optima and distances from the line are exact; values of information are statistics, and floats.
"""

import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from fractions import Fraction
from statistics import NormalDist

import numpy as np
from numpy.typing import NDArray

from moonbridge.engines.selection.comparing import merit_difference
from moonbridge.engines.selection.optimum import optimum
from moonbridge.engines.selection.problem import Proposal
from moonbridge.engines.selection.result import Result
from moonbridge.engines.selection.rules import include, leave_out
from moonbridge.engines.selection.solver import Effort
from moonbridge.errors import Infeasible, InputError, NotProven

_TRIAL = "a trial, to value a review"
_NORMAL = NormalDist()


@dataclass(frozen=True, slots=True)
class Information:
    """What knowing more about one proposal's merit is worth.

    ``doubt`` is the standard deviation of its merit. ``distance`` is how far what the portfolio counts would fall if
    the proposal were taken out (if it is selected) or forced in (if not); None if no rule-keeping portfolio does that.
    ``value`` is the expected gain in merit. With tiers both are those of ``tier``, and ``distance`` is also None where an
    earlier tier would fall.
    """

    proposal: str
    doubt: float
    distance: Fraction | None
    value: float
    tier: int = 1


def information(
    result: Result,
    *,
    covariance: NDArray[np.float64] | None = None,
    review_doubt: float | None = None,
    effort: Effort = Effort(),  # noqa: B008 - frozen
) -> tuple[Information, ...]:
    """Return the value of information on each proposal whose merit is in doubt, the most valuable first.

    ``covariance`` has a row and column per proposal in the order of the call, in squared merit; without it the doubts
    of the options are independent. ``review_doubt`` is the standard deviation of one more review's score: then the
    value is that of this review (preposterior analysis); without it, of knowing the merit exactly. Raises NotProven for
    an unproven result, and InputError for a call without doubts, or for a covariance of another shape.
    """
    if not result.proven:
        raise NotProven("only a proven portfolio tells what a review is worth", value=str(result.value))
    if result.problem.lottery_within:  # which merit decides, not which portfolio the draw takes
        result = optimum(replace(result.problem, lottery_within=Fraction(0)), effort=effort)
    matrix = _covariance(result, covariance)
    doubts = np.sqrt(np.diag(matrix))
    uncertain = [number for number, doubt in enumerate(doubts) if doubt]
    proposals = result.problem.proposals
    others = {number: tuple(_turned(result, proposals[number], effort)) for number in uncertain}
    portfolios = [result, *(other for found in others.values() for other in found)]
    lines = [_Lines.of(portfolios, position) for position in range(len(result.problem.tiers))]
    found = []
    for number in uncertain:
        doubt, proposal = float(doubts[number]), proposals[number]
        learned = matrix[number] / doubt * _learned_part(doubt, review_doubt)
        tier, value = _gain(lines, learned, result.problem.tier_of(proposal))
        distance = _distance(result, proposal, tier, others[number])
        found.append(Information(proposal.id, doubt, distance, value, tier))
    return tuple(sorted(found, key=lambda each: (each.tier if each.value else math.inf, -each.value, each.proposal)))


@dataclass(frozen=True, slots=True)
class _Lines:
    """What some portfolios are worth in one tier: now, and by how often the merit of each proposal counts in it."""

    tier: int
    levels: NDArray[np.float64]
    weights: NDArray[np.float64]

    @classmethod
    def of(cls, portfolios: Sequence[Result], position: int) -> "_Lines":
        """Return the lines of those portfolios that are as good as the first in all tiers before this one."""
        best = portfolios[0].values[:position]
        as_good = [portfolio for portfolio in portfolios if portfolio.values[:position] == best]
        tier = portfolios[0].problem.tiers[position]
        levels = np.array([float(portfolio.values[position]) for portfolio in as_good])
        return cls(tier, levels, np.array([_weights(portfolio, tier) for portfolio in as_good]))


def _gain(lines: Sequence[_Lines], learned: NDArray[np.float64], own: int) -> tuple[int, float]:
    """Return the first tier in which something is gained, and how much; the proposal's own and 0 where nothing is."""
    gains = ((each.tier, expected_gain(each.levels, each.weights @ learned)) for each in lines)
    return next(((tier, gain) for tier, gain in gains if gain > 0), (own, 0.0))


def expected_gain(
    levels: Sequence[float] | NDArray[np.float64], slopes: Sequence[float] | NDArray[np.float64]
) -> float:
    """Return ``E[max(level + slope * Z)] - max(level)`` over lines, for a standard normal Z (Frazier et al. 2009, eq. 14)."""
    corners = _envelope(list(zip(map(float, slopes), map(float, levels), strict=True)))
    return math.fsum(rise * _loss(-abs(at)) for at, rise in corners)


def _envelope(lines: list[tuple[float, float]]) -> list[tuple[float, float]]:
    """Return where the upper envelope of lines ``(slope, level)`` has its corners, and by how much the slope rises there."""
    hull: list[tuple[float, float]] = []
    starts: list[float] = []
    for slope, level in sorted(lines):
        if hull and hull[-1][0] == slope:  # the later of two parallel lines is the higher one
            hull.pop()
            starts.pop()
        start = -math.inf
        while hull:
            start = (hull[-1][1] - level) / (slope - hull[-1][0])
            if start > starts[-1]:
                break
            hull.pop()
            starts.pop()
            start = -math.inf
        hull.append((slope, level))
        starts.append(start)
    return [(at, after[0] - before[0]) for before, after, at in zip(hull, hull[1:], starts[1:], strict=False)]


def _loss(at: float) -> float:
    """Return the unit normal linear loss ``pdf(at) + at * cdf(at)``."""
    return max(0.0, _NORMAL.pdf(at) + at * _NORMAL.cdf(at))


def _learned_part(doubt: float, review_doubt: float | None) -> float:
    """Return how much of the doubt, as a standard deviation, a review takes away (conjugate normal model); 1 is all."""
    return 1.0 if review_doubt is None else doubt / math.hypot(doubt, review_doubt)


def _turned(result: Result, proposal: Proposal, effort: Effort) -> Iterator[Result]:
    """Yield the best portfolio without a selected proposal, or with a rejected one; where sizes weigh, for each option."""
    turn = leave_out if proposal.id in result.choices else include
    rules = [turn(proposal.id, reason=_TRIAL)]
    if result.problem.weighting is not None:
        rules += [
            include(proposal.id, reason=_TRIAL, option=option.id)
            for option in proposal.options
            if option.id != result.choices.get(proposal.id)
        ]
    for rule in rules:
        try:
            yield optimum(result.problem.with_rules(rule), effort=effort, cancelled=effort.cancelled)
        except Infeasible:
            continue


def _distance(result: Result, proposal: Proposal, tier: int, others: Sequence[Result]) -> Fraction | None:
    """Return what the tier loses at least where the proposal changes sides and no earlier tier loses anything."""
    now = proposal.id in result.choices
    turned = (other for other in others if (proposal.id in other.choices) != now)
    losses = (merit_difference(result, other, tier) for other in turned)
    return min((loss for loss in losses if loss is not None), default=None)


def _weights(portfolio: Result, tier: int) -> list[float]:
    """Return how often each proposal's merit counts in a tier of a portfolio, 0 where it does not."""
    problem, choices = portfolio.problem, portfolio.choices
    return [
        float(problem.weight(p, p.option(choices[p.id]))) if p.id in choices and problem.tier_of(p) == tier else 0.0
        for p in problem.proposals
    ]


def _covariance(result: Result, covariance: NDArray[np.float64] | None) -> NDArray[np.float64]:
    proposals = result.problem.proposals
    if covariance is None:
        first = (next((o.doubt for o in p.options if o.doubt is not None), Fraction(0)) for p in proposals)
        covariance = np.diag([float(doubt) ** 2 for doubt in first])
    if covariance.shape != (len(proposals), len(proposals)):
        size = len(proposals)
        raise InputError(f"the covariance has shape {covariance.shape}; {size} proposals need ({size}, {size})")
    if not covariance.any():
        raise InputError(
            "no option states a doubt and no covariance is given: there is nothing to learn", field="doubt"
        )
    return covariance
