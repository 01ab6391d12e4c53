"""How sure a place is when merits are uncertain: the call is solved for many draws of the merits.

Each proposal's merit is drawn from a normal distribution around its value, all its options shifting together; the
standard deviations come from ``Option.doubt`` (of the first option that has one) or from a covariance of the review.
"""

from collections import Counter
from collections.abc import Mapping, Sequence
from concurrent.futures import Executor
from dataclasses import dataclass, replace
from fractions import Fraction
from typing import Final

import numpy as np
from numpy.typing import NDArray

from moonbridge.engines.selection.check import values
from moonbridge.engines.selection.optimum import optimum
from moonbridge.engines.selection.problem import Choices, Problem, Proposal
from moonbridge.errors import InputError

HUNDREDTHS: Final = 100
"""Drawn merits are rounded to hundredths, so that every draw is an exact problem."""


@dataclass(frozen=True)
class Robustness:
    """What the draws showed.

    ``probability``: the part of draws in which each proposal is selected. ``portfolios``: the distinct portfolios
    that were best in some draw, most frequent first, with their counts. ``best_at_quantile`` and ``least_regret`` are
    chosen among these and the portfolio of the stated merits; that last one is also the best in expectation, because
    merits add up.
    """

    draws: int
    probability: Mapping[str, Fraction]
    portfolios: tuple[tuple[Choices, int], ...]
    best_in_expectation: Choices
    best_at_quantile: Choices
    least_regret: Choices
    largest_regret: Fraction


def robustness(
    problem: Problem,
    *,
    draws: int = 1000,
    seed: int = 0,
    quantile: Fraction = Fraction(1, 10),
    covariance: NDArray[np.float64] | None = None,
    executor: Executor | None = None,
) -> Robustness:
    """Return how the portfolio varies over ``draws`` of the merits, the same for the same ``seed``.

    ``covariance`` has one row and column per proposal, in the order of the call, in squared merit; without it the
    doubts of the options are taken as independent. ``executor`` spreads the solves over its workers. Raises
    InputError for a call with tiers, without any doubt, or for a covariance of another shape.
    """
    if len(problem.tiers) > 1:
        raise InputError("robust draws need one merit: this call has tiers", field="tier")
    shifts = _shifts(problem, draws, seed, covariance)
    problems = [_shifted(problem, row) for row in shifts]
    found = list((executor.map if executor else map)(_best, problems))
    now = _best(problem)
    times = Counter(tuple(choices.items()) for choices in found)
    candidates = [dict(key) for key in dict.fromkeys([tuple(now.items()), *times])]
    worth = [[values(drawn, choices)[0] for choices in candidates] for drawn in problems]
    regrets = _largest_regrets(worth)
    steady = _best_at_quantile(worth, quantile)
    least = min(range(len(candidates)), key=regrets.__getitem__)
    return Robustness(
        draws,
        {p.id: Fraction(sum(p.id in choices for choices in found), draws) for p in problem.proposals},
        tuple((dict(key), count) for key, count in times.most_common()),
        now,
        candidates[steady],
        candidates[least],
        regrets[least],
    )


def _best(problem: Problem) -> Choices:
    return optimum(problem).choices


def _shifts(problem: Problem, draws: int, seed: int, covariance: NDArray[np.float64] | None) -> NDArray[np.int64]:
    """Return the shift of each proposal's merit in each draw, in hundredths; shape (draws, proposals)."""
    size = len(problem.proposals)
    if covariance is None:
        covariance = np.diag([float(_doubt(proposal)) ** 2 for proposal in problem.proposals])
    if covariance.shape != (size, size):
        raise InputError(f"the covariance has shape {covariance.shape}; {size} proposals need ({size}, {size})")
    if not covariance.any():
        raise InputError("no option states a doubt and no covariance is given: there is nothing to draw", field="doubt")
    generator = np.random.default_rng(seed)
    drawn = generator.multivariate_normal(np.zeros(size), covariance, size=draws, method="svd")
    return np.rint(drawn * HUNDREDTHS).astype(np.int64)


def _doubt(proposal: Proposal) -> Fraction:
    return next((option.doubt for option in proposal.options if option.doubt is not None), Fraction(0))


def _shifted(problem: Problem, row: NDArray[np.int64]) -> Problem:
    proposals = (_moved(p, Fraction(int(by), HUNDREDTHS)) for p, by in zip(problem.proposals, row, strict=True))
    return replace(problem, proposals=tuple(proposals))


def _moved(proposal: Proposal, by: Fraction) -> Proposal:
    return replace(proposal, options=tuple(replace(option, merit=option.merit + by) for option in proposal.options))


def _largest_regrets(worth: Sequence[Sequence[Fraction]]) -> list[Fraction]:
    """Return for each candidate the most that it misses in any draw against the best candidate there."""
    return [max(max(row) - row[column] for row in worth) for column in range(len(worth[0]))]


def _best_at_quantile(worth: Sequence[Sequence[Fraction]], quantile: Fraction) -> int:
    """Return the candidate whose worth at the quantile of its draws is highest."""
    position = int(quantile * (len(worth) - 1))
    return max(range(len(worth[0])), key=lambda column: sorted(row[column] for row in worth)[position])
