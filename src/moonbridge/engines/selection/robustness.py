"""How sure a place is when merits are uncertain: the call is solved for many draws of the merits.

Each proposal's merit is drawn from a normal distribution around its value, all its options shifting together; the
standard deviations come from ``Option.doubt`` (of the first option that has one) or from a covariance of the review.
"""

import math
from collections import Counter
from collections.abc import Iterator, Mapping
from concurrent.futures import Executor, wait
from dataclasses import dataclass, replace
from fractions import Fraction
from typing import Final

import numpy as np
from numpy.typing import NDArray

from moonbridge.engines.selection.hedging import Draws, hedged
from moonbridge.engines.selection.optimum import optimum, searched, stages_of
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
    """

    draws: int
    probability: Mapping[str, Fraction]
    portfolios: tuple[tuple[Choices, int], ...]
    best_in_expectation: Choices
    quantile: Fraction
    best_at_quantile: Choices
    quantile_merit: Fraction
    quantile_bound: Fraction
    least_regret: Choices
    largest_regret: Fraction
    regret_bound: Fraction
    perfect_information: Fraction


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
    InputError for a call with tiers, without any doubt, or for a covariance of another shape.
    """
    if len(problem.tiers) > 1:
        raise InputError("robust draws need one merit: this call has tiers", field="tier")
    shifts = _shifts(problem, draws, seed, covariance)
    certain = replace(problem, lottery_within=Fraction(0))
    now = optimum(certain, cancelled=cancelled).choices
    found = _found(problem, shifts, executor, progress, cancelled)
    times = Counter(tuple(choices.items()) for choices, _ in found)
    program, scale = compiled(certain), _scale(problem)
    merits, best = _merits(certain, program, shifts), np.array([most for _, most in found], dtype=np.int64)
    known = [tuple(program.worth_counting(dict(key))) for key in dict.fromkeys([tuple(now.items()), *times])]
    effort = Effort(cancelled=cancelled)
    spare = int(quantile * (draws - 1))
    steady = hedged(
        program,
        Draws(merits, np.zeros_like(best), spare),
        known,
        int(np.sort(best)[spare]),
        work=work,
        effort=effort,
    )
    least = hedged(program, Draws(merits, -best, 0), known, 0, work=work, effort=effort)
    return Robustness(
        draws,
        {p.id: Fraction(sum(p.id in choices for choices, _ in found), draws) for p in problem.proposals},
        tuple((dict(key), count) for key, count in times.most_common()),
        now,
        quantile,
        program.choices(steady.values),
        Fraction(steady.reached, scale),
        Fraction(steady.bound, scale),
        program.choices(least.values),
        Fraction(-least.reached, scale),
        Fraction(-least.bound, scale),
        Fraction(int((best - merits @ np.array(known[0], dtype=np.int64)).sum()), scale * draws),
    )


def _found(
    problem: Problem,
    shifts: NDArray[np.int64],
    executor: Executor | None,
    progress: Progress | None,
    cancelled: Cancel | None,
) -> list[tuple[Choices, int]]:
    """Return the best portfolio of each draw and the most merit in it, times the scale.

    Workers get the draws in portions that do not depend on their number.
    """
    engine = Engine.BRANCHING if len(shifts) >= _MANY else Engine.CP_SAT
    if executor is None:
        return drained(_Draws(problem, engine, cancelled).best(shifts), len(shifts), "draws", progress, cancelled)
    portions = [shifts[begin : begin + _PORTION] for begin in range(0, len(shifts), _PORTION)]
    waiting = [executor.submit(_portion, problem, engine, portion) for portion in portions]
    found: list[tuple[Choices, int]] = []
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


def _portion(problem: Problem, engine: Engine, shifts: NDArray[np.int64]) -> list[tuple[Choices, int]]:
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

    def best(self, shifts: NDArray[np.int64]) -> Iterator[tuple[Choices, int]]:
        """Yield the best portfolio of each draw, in the published order, and the most merit in it, times the scale."""
        for merits in _merits(self.problem, self.program, shifts):
            terms = dict(enumerate(map(int, merits)))
            drawn = replace(self.program, objectives=[{v: worth for v, worth in terms.items() if worth}])
            values, most = self._searched(drawn)
            yield self.program.choices(values), most

    def _searched(self, drawn: Program) -> tuple[tuple[int, ...], int]:
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
