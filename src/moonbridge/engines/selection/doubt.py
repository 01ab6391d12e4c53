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

Optima and distances from the line are exact; values of information are statistics, and floats.
"""

import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from fractions import Fraction
from statistics import NormalDist

import numpy as np
from numpy.typing import NDArray

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
    ``value`` is the expected gain in merit.
    """

    proposal: str
    doubt: float
    distance: Fraction | None
    value: float


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
    an unproven result, and InputError for a call with tiers, without doubts, or for a covariance of another shape.
    """
    if not result.proven:
        raise NotProven("only a proven portfolio tells what a review is worth", value=str(result.value))
    if len(result.problem.tiers) > 1:
        raise InputError("the value of a review needs one merit: this call has tiers", field="tier")
    if result.problem.lottery_within:  # which merit decides, not which portfolio the draw takes
        result = optimum(replace(result.problem, lottery_within=Fraction(0)), effort=effort)
    matrix = _covariance(result, covariance)
    doubts = np.sqrt(np.diag(matrix))
    uncertain = [number for number, doubt in enumerate(doubts) if doubt]
    proposals = result.problem.proposals
    others = {number: tuple(_turned(result, proposals[number], effort)) for number in uncertain}
    portfolios = [result, *(other for found in others.values() for other in found)]
    merits = np.array([float(portfolio.value) for portfolio in portfolios])
    weights = np.array([_weights(portfolio) for portfolio in portfolios])
    found = []
    for number in uncertain:
        doubt = float(doubts[number])
        slopes = weights @ matrix[number] / doubt * _learned_part(doubt, review_doubt)
        distance = _distance(result, proposals[number].id, others[number])
        found.append(Information(proposals[number].id, doubt, distance, expected_gain(merits, slopes)))
    return tuple(sorted(found, key=lambda each: (-each.value, each.proposal)))


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


def _distance(result: Result, proposal_id: str, others: Sequence[Result]) -> Fraction | None:
    """Return what is lost at least where the proposal changes sides."""
    now = proposal_id in result.choices
    return min((result.value - other.value for other in others if (proposal_id in other.choices) != now), default=None)


def _weights(portfolio: Result) -> list[float]:
    """Return how often each proposal's merit counts in a portfolio, 0 where it does not fly."""
    problem, choices = portfolio.problem, portfolio.choices
    return [float(problem.weight(p, p.option(choices[p.id]))) if p.id in choices else 0.0 for p in problem.proposals]


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
