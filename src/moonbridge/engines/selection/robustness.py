"""How sure a place is when merits are uncertain: the call is solved for many draws of the merits.

Each proposal's merit is drawn from a normal distribution around its value, all its options shifting together; the
standard deviations come from ``Option.doubt`` (of the first option that has one) or from a covariance of the review.

Where tiers are served one after the other, a worth is the list of what is reached in each tier, and of two lists the one that is
larger in the first tier in which they differ is the larger: so draws are sorted, and regrets (tier by tier what is missed of the best of
the draw) compared. One whole number for each list keeps that order exactly, so that the same search serves both cases.
"""

import math
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from concurrent.futures import Executor, wait
from dataclasses import dataclass, replace
from fractions import Fraction
from typing import Final

import numpy as np
from numpy.typing import NDArray

from moonbridge.engines.selection.hedging import Draws, hedged
from moonbridge.engines.selection.optimum import EXACT_SPAN, optimum, searched, stages_of
from moonbridge.engines.selection.problem import Choices, Problem, Proposal
from moonbridge.engines.selection.program import Program, Terms, compiled
from moonbridge.engines.selection.solver import Effort, Engine, LinearPrices
from moonbridge.engines.selection.stopping import EVERY_S, Cancel, Progress, check, drained
from moonbridge.errors import InputError

HUNDREDTHS: Final = 100
"""Drawn merits are rounded to hundredths, so that every draw is an exact problem."""
WORK: Final = 1.0
"""How long each portfolio against doubt is sought unless told otherwise, in CP-SAT's deterministic measure."""
_PORTION: Final = 50
"""How many draws a worker gets at a time."""
type _Best = tuple[Choices, tuple[int, ...]]
"""The best portfolio of a draw, and the most merit in each tier of it, times the scale."""
_MANY: Final = 100
"""From so many draws on our own branch and bound searches."""


@dataclass(frozen=True)
class Robustness:
    """What the draws showed.

    ``probability``: the part of draws in which each proposal is selected. ``portfolios``: the distinct portfolios
    that were best in some draw, most frequent first, with their counts. The portfolio with the most merit as stated is
    also the ``best_in_expectation``, because merits add up. ``perfect_information`` is how much it misses on average:
    what knowing all merits beforehand would gain (the expected value of perfect information; Raiffa and Schlaifer 1961).

    Among *all* portfolios, ``best_at_quantile`` is worth most in its own bad draws: ``quantile_merit`` is exceeded or
    reached in all but the ``quantile`` of the draws, and no portfolio has more there than ``quantile_bound``.
    ``least_regret`` never misses more than ``largest_regret`` of the best of any draw, and none misses less than
    ``regret_bound``. Where merit and bound are equal that is proven, else it is the best found in the work allowed. Worth
    and regret are those of merit alone: no lottery near the line counts in them.

    The numbers are kept tier by tier (``quantile_values`` and so on) and compared so; their sums over all tiers, which
    have the names above, say all there is to say where a call has one tier. Where whole numbers of 52 bits cannot hold all tiers
    together, the four lists of the two portfolios against doubt end earlier: these portfolios are then the best in so many
    of the first tiers.
    """

    draws: int
    probability: Mapping[str, Fraction]
    portfolios: tuple[tuple[Choices, int], ...]
    best_in_expectation: Choices
    quantile: Fraction
    best_at_quantile: Choices
    quantile_values: tuple[Fraction, ...]
    quantile_bounds: tuple[Fraction, ...]
    least_regret: Choices
    largest_regrets: tuple[Fraction, ...]
    regret_bounds: tuple[Fraction, ...]
    information_values: tuple[Fraction, ...]

    @property
    def quantile_merit(self) -> Fraction:
        """What the best at the quantile reaches there, over all tiers."""
        return sum(self.quantile_values, Fraction(0))

    @property
    def quantile_bound(self) -> Fraction:
        """What no portfolio exceeds at the quantile, over all tiers."""
        return sum(self.quantile_bounds, Fraction(0))

    @property
    def largest_regret(self) -> Fraction:
        """What the portfolio of least regret misses at most, over all tiers."""
        return sum(self.largest_regrets, Fraction(0))

    @property
    def regret_bound(self) -> Fraction:
        """What every portfolio misses at least in some draw, over all tiers."""
        return sum(self.regret_bounds, Fraction(0))

    @property
    def perfect_information(self) -> Fraction:
        """What knowing all merits beforehand would gain on average, over all tiers."""
        return sum(self.information_values, Fraction(0))


def robustness(
    problem: Problem,
    *,
    draws: int = 1000,
    seed: int = 0,
    quantile: Fraction = Fraction(1, 10),
    covariance: NDArray[np.float64] | None = None,
    work: float | None = WORK,
    executor: Executor | None = None,
    progress: Progress | None = None,
    cancelled: Cancel | None = None,
) -> Robustness:
    """Return how the portfolio varies over ``draws`` of the merits, the same for the same ``seed``.

    ``covariance`` has one row and column per proposal, in the order of the call, in squared merit; without it the
    doubts of the options are taken as independent. ``work`` is how long each of the two portfolios against doubt is
    sought, in CP-SAT's deterministic measure, roughly seconds; None: until proven; 0: not beyond the portfolios that won a
    draw. ``executor`` spreads the draws over its workers. ``progress`` is told
    how many draws are done, ``cancelled`` asked whether to stop (:class:`~moonbridge.errors.Cancelled`). Raises
    InputError for a call without any doubt, or for a covariance of another shape.
    """
    shifts = _shifts(problem, draws, seed, covariance)
    certain = replace(problem, lottery_within=Fraction(0))
    now = optimum(certain, cancelled=cancelled).choices
    found = _found(problem, shifts, executor, progress, cancelled)
    times = Counter(tuple(choices.items()) for choices, _ in found)
    program, scale = compiled(certain), _scale(problem)
    merits, best = _merits(certain, program, shifts), np.array([most for _, most in found], dtype=np.int64).T
    known = [tuple(program.worth_counting(dict(key))) for key in dict.fromkeys([tuple(now.items()), *times])]
    effort = Effort(cancelled=cancelled)
    spare = int(quantile * (draws - 1))
    order = _Order.of(merits)
    worth, most = order.packed(merits), order.packed(best)
    steady = hedged(
        program, Draws(worth, np.zeros_like(most), spare), known, int(np.sort(most)[spare]), work=work, effort=effort
    )
    least = hedged(program, Draws(worth, -most, 0), known, 0, work=work, effort=effort)
    missed = (best - merits @ np.array(known[0], dtype=np.int64)).sum(axis=1)
    return Robustness(
        draws,
        {p.id: Fraction(sum(p.id in choices for choices, _ in found), draws) for p in problem.proposals},
        tuple((dict(key), count) for key, count in times.most_common()),
        now,
        quantile,
        program.choices(steady.values),
        order.values(steady.reached, scale),
        order.values(steady.bound, scale),
        program.choices(least.values),
        order.values(-least.reached, scale),
        order.values(-least.bound, scale),
        tuple(Fraction(int(tier), scale * draws) for tier in missed),
    )


@dataclass(frozen=True, slots=True)
class _Order:
    """One whole number for what is reached in each tier: what one unit of each weighs, the first tiers first.

    What a tier reaches lies between -r and r, and so do regrets; differences of either lie between -2r and 2r. One unit
    of a tier weighs more than all that the tiers after it can differ by, so that packed numbers, and their differences, are
    in the order of the lists that they stand for, and tell them.
    """

    weights: tuple[int, ...]

    @classmethod
    def of(cls, merits: NDArray[np.int64]) -> "_Order":
        """Return the order for merits of shape (tiers, draws, variables), of as many tiers as 52 bits hold, at least one."""
        ranges = [_range(tier) for tier in merits]
        tried = (_weights(ranges[:count]) for count in range(len(ranges), 1, -1))
        return cls(next((weights for weights in tried if _largest(weights, ranges) < EXACT_SPAN), (1,)))

    def packed(self, tiers: NDArray[np.int64]) -> NDArray[np.int64]:
        """Return one number for what stands in the same place of each tier."""
        counted = zip(self.weights, tiers, strict=False)
        return np.sum([weight * tier for weight, tier in counted], axis=0, dtype=np.int64)

    def values(self, packed: int, scale: int) -> tuple[Fraction, ...]:
        """Return what a packed number says of each tier, in merit."""
        values: list[Fraction] = []
        for weight in self.weights:
            units = (packed + weight // 2) // weight
            values.append(Fraction(units, scale))
            packed -= units * weight
        return tuple(values)


def _range(worth: NDArray[np.int64]) -> int:
    """Return by how much what any portfolios are worth in any draws can differ; shape (draws, variables)."""
    return int(np.maximum(worth, 0).sum(axis=1).max() - np.minimum(worth, 0).sum(axis=1).min())


def _largest(weights: Sequence[int], ranges: Sequence[int]) -> int:
    """Return what no packed number exceeds."""
    return sum(weight * most for weight, most in zip(weights, ranges, strict=False))


def _weights(ranges: Sequence[int]) -> tuple[int, ...]:
    weights = [1]
    for later in reversed(ranges[1:]):
        weights.append(weights[-1] * (2 * later + 1))
    return tuple(reversed(weights))


def _found(
    problem: Problem,
    shifts: NDArray[np.int64],
    executor: Executor | None,
    progress: Progress | None,
    cancelled: Cancel | None,
) -> list[_Best]:
    """Return the best of each draw.

    Workers get the draws in portions that do not depend on their number.
    """
    engine = Engine.BRANCHING if len(shifts) >= _MANY else Engine.CP_SAT
    if executor is None:
        return drained(_Draws(problem, engine, cancelled).best(shifts), len(shifts), "draws", progress, cancelled)
    portions = [shifts[begin : begin + _PORTION] for begin in range(0, len(shifts), _PORTION)]
    waiting = [executor.submit(_portion, problem, engine, portion) for portion in portions]
    found: list[_Best] = []
    try:
        while len(found) < len(shifts):
            check(cancelled)
            ready, _ = wait(waiting[:1], timeout=EVERY_S)
            if ready:
                found += waiting.pop(0).result()
                if progress is not None:
                    progress(len(found), len(shifts), "draws")
    finally:
        for future in waiting:
            future.cancel()
    return found


def _portion(problem: Problem, engine: Engine, shifts: NDArray[np.int64]) -> list[_Best]:
    return list(_Draws(problem, engine, None).best(shifts))


class _Draws:
    """One program for all draws: they differ only in what the options are worth.

    The best portfolios of earlier draws are kept, and each search begins at the one that is worth most in it. The linear
    solver starts from its last basis. Where draws are many, our own branch and bound searches, because what is left of
    each is small and it costs nothing to start; for a few it would not repay being loaded.
    """

    def __init__(self, problem: Problem, engine: Engine, cancelled: Cancel | None) -> None:
        self.problem = problem
        self.program = compiled(problem)
        self.effort = Effort(cancelled=cancelled, engine=engine)
        self.linear = LinearPrices(self.program.size, self.program.rows)
        self.scale = _scale(problem)
        self.known: dict[tuple[int, ...], NDArray[np.int64]] = {}

    def best(self, shifts: NDArray[np.int64]) -> Iterator[_Best]:
        """Yield the best of each draw, in the published order."""
        for merits in _merits(self.problem, self.program, shifts).swapaxes(0, 1):
            drawn = replace(self.program, objectives=[_terms(tier) for tier in merits])
            values, most = self._searched(drawn)
            yield self.program.choices(values), most

    def _searched(self, drawn: Program) -> tuple[tuple[int, ...], tuple[int, ...]]:
        stages = stages_of(drawn, self.scale)
        values, most = searched(
            drawn, stages, effort=self.effort, hint=self._best_known(stages[0].packed), linear=self.linear
        )
        self.known.setdefault(values, np.array(values, dtype=np.int64))
        return values, most

    def _best_known(self, objective: Terms) -> tuple[int, ...]:
        """Return which of the portfolios found so far is worth most; empty if there is none yet."""
        if not self.known:
            return ()
        weights = np.array([objective.get(variable, 0) for variable in range(self.program.size)], dtype=np.int64)
        return tuple(self.known)[int((np.stack(tuple(self.known.values())) @ weights).argmax())]


def _terms(worth: NDArray[np.int64]) -> Terms:
    return {variable: amount for variable, amount in enumerate(worth.tolist()) if amount}


def _scale(problem: Problem) -> int:
    """Return the whole number by which all drawn worths become whole."""
    weights = (problem.weight(p, option) for p in problem.proposals for option in p.options)
    return math.lcm(problem.merit_scale, HUNDREDTHS * math.lcm(*(weight.denominator for weight in weights)))


def _merits(problem: Problem, program: Program, shifts: NDArray[np.int64]) -> NDArray[np.int64]:
    """Return the worth of every variable in each tier of each draw, times the scale; shape (tiers, draws, variables)."""
    scale = _scale(problem)
    merits = np.zeros((len(problem.tiers), len(shifts), program.size), dtype=np.int64)
    for tier, objective in zip(merits, program.objectives, strict=True):
        for variable, coefficient in objective.items():
            tier[:, variable] = coefficient * (scale // problem.merit_scale)
    for shift, proposal in zip(shifts.T, problem.proposals, strict=True):
        tier = merits[problem.tiers.index(problem.tier_of(proposal))]
        for option in proposal.options:
            weight = problem.weight(proposal, option)
            tier[:, program.option_variables[proposal.id, option.id]] += shift * int(weight * scale / HUNDREDTHS)
    return merits


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
