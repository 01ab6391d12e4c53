"""How sure a place is when merits are uncertain: the call is solved for many draws of the merits.

Each proposal's merit is drawn from a normal distribution around its value, all its options shifting together; the
standard deviations come from ``Option.doubt`` (of the first option that has one) or from a covariance of the review.
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

from moonbridge.engines.selection.optimum import optimum, searched, stages_of
from moonbridge.engines.selection.problem import Choices, Problem, Proposal
from moonbridge.engines.selection.program import Program, Terms, compiled
from moonbridge.engines.selection.solver import Effort, Engine, LinearPrices
from moonbridge.engines.selection.stopping import EVERY_S, Cancel, Progress, check, drained
from moonbridge.errors import InputError

HUNDREDTHS: Final = 100
"""Drawn merits are rounded to hundredths, so that every draw is an exact problem."""
_PORTION: Final = 50
"""How many draws a worker gets at a time."""
_MANY: Final = 100
"""From so many draws on our own branch and bound searches."""


@dataclass(frozen=True)
class Robustness:
    """What the draws showed.

    ``probability``: the part of draws in which each proposal is selected. ``portfolios``: the distinct portfolios
    that were best in some draw, most frequent first, with their counts. ``best_at_quantile`` and ``least_regret`` are
    chosen among these and the portfolio of the stated merits; that last one is also the best in expectation, because
    merits add up. ``perfect_information`` is how much that one misses on average: what knowing all merits beforehand
    would gain (the expected value of perfect information; Raiffa and Schlaifer 1961).
    """

    draws: int
    probability: Mapping[str, Fraction]
    portfolios: tuple[tuple[Choices, int], ...]
    best_in_expectation: Choices
    best_at_quantile: Choices
    least_regret: Choices
    largest_regret: Fraction
    perfect_information: Fraction


def robustness(
    problem: Problem,
    *,
    draws: int = 1000,
    seed: int = 0,
    quantile: Fraction = Fraction(1, 10),
    covariance: NDArray[np.float64] | None = None,
    executor: Executor | None = None,
    progress: Progress | None = None,
    cancelled: Cancel | None = None,
) -> Robustness:
    """Return how the portfolio varies over ``draws`` of the merits, the same for the same ``seed``.

    ``covariance`` has one row and column per proposal, in the order of the call, in squared merit; without it the
    doubts of the options are taken as independent. ``executor`` spreads the draws over its workers. ``progress`` is told
    how many draws are done, ``cancelled`` asked whether to stop (:class:`~moonbridge.errors.Cancelled`). Raises
    InputError for a call with tiers, without any doubt, or for a covariance of another shape.
    """
    if len(problem.tiers) > 1:
        raise InputError("robust draws need one merit: this call has tiers", field="tier")
    shifts = _shifts(problem, draws, seed, covariance)
    now = optimum(problem, cancelled=cancelled).choices
    found = _found(problem, shifts, executor, progress, cancelled)
    times = Counter(tuple(choices.items()) for choices in found)
    candidates = [dict(key) for key in dict.fromkeys([tuple(now.items()), *times])]
    worth = _worth(problem, shifts, candidates)
    missed = worth.max(axis=1, keepdims=True) - worth
    regrets = [Fraction(int(most), _scale(problem)) for most in missed.max(axis=0)]
    steady = int(np.sort(worth, axis=0)[int(quantile * (draws - 1))].argmax())
    least = min(range(len(candidates)), key=regrets.__getitem__)
    return Robustness(
        draws,
        {p.id: Fraction(sum(p.id in choices for choices in found), draws) for p in problem.proposals},
        tuple((dict(key), count) for key, count in times.most_common()),
        now,
        candidates[steady],
        candidates[least],
        regrets[least],
        Fraction(sum(map(int, missed[:, 0])), _scale(problem) * draws),
    )


def _found(
    problem: Problem,
    shifts: NDArray[np.int64],
    executor: Executor | None,
    progress: Progress | None,
    cancelled: Cancel | None,
) -> list[Choices]:
    """Return the best portfolio of each draw; workers get the draws in portions that do not depend on their number."""
    engine = Engine.BRANCHING if len(shifts) >= _MANY else Engine.CP_SAT
    if executor is None:
        return drained(_Draws(problem, engine, cancelled).best(shifts), len(shifts), "draws", progress, cancelled)
    portions = [shifts[begin : begin + _PORTION] for begin in range(0, len(shifts), _PORTION)]
    waiting = [executor.submit(_portion, problem, engine, portion) for portion in portions]
    found: list[Choices] = []
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


def _portion(problem: Problem, engine: Engine, shifts: NDArray[np.int64]) -> list[Choices]:
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

    def best(self, shifts: NDArray[np.int64]) -> Iterator[Choices]:
        """Yield the best portfolio of each draw, in the published order."""
        for merits in _merits(self.problem, self.program, shifts):
            terms = dict(enumerate(map(int, merits)))
            drawn = replace(self.program, objectives=[{v: worth for v, worth in terms.items() if worth}])
            yield self.program.choices(self._values(drawn))

    def _values(self, drawn: Program) -> tuple[int, ...]:
        stages = stages_of(drawn, self.scale)
        values = searched(
            drawn, stages, effort=self.effort, hint=self._best_known(stages[0].packed), linear=self.linear
        )
        self.known.setdefault(values, np.array(values, dtype=np.int64))
        return values

    def _best_known(self, objective: Terms) -> tuple[int, ...]:
        """Return which of the portfolios found so far is worth most; empty if there is none yet."""
        if not self.known:
            return ()
        weights = np.array([objective.get(variable, 0) for variable in range(self.program.size)], dtype=np.int64)
        return tuple(self.known)[int((np.stack(tuple(self.known.values())) @ weights).argmax())]


def _scale(problem: Problem) -> int:
    """Return the whole number by which all drawn worths become whole."""
    weights = (problem.weight(p, option) for p in problem.proposals for option in p.options)
    return math.lcm(problem.merit_scale, HUNDREDTHS * math.lcm(*(weight.denominator for weight in weights)))


def _merits(problem: Problem, program: Program, shifts: NDArray[np.int64]) -> NDArray[np.int64]:
    """Return the worth of every variable in each draw, times the scale; shape (draws, variables)."""
    scale = _scale(problem)
    merits = np.zeros((len(shifts), program.size), dtype=np.int64)
    for variable, coefficient in program.objectives[0].items():
        merits[:, variable] = coefficient * (scale // problem.merit_scale)
    number = {proposal.id: position for position, proposal in enumerate(problem.proposals)}
    for (proposal, option), variable in program.option_variables.items():
        weight = problem.weight(problem.by_id[proposal], problem.by_id[proposal].option(option))
        merits[:, variable] += shifts[:, number[proposal]] * int(weight * scale / HUNDREDTHS)
    return merits


def _worth(problem: Problem, shifts: NDArray[np.int64], candidates: Sequence[Choices]) -> NDArray[np.int64]:
    """Return what each candidate is worth in each draw, times the scale; shape (draws, candidates)."""
    program = compiled(problem)
    flies = np.array([program.worth_counting(choices) for choices in candidates], dtype=np.int64)
    return _merits(problem, program, shifts) @ flies.T


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
