"""The best portfolio against doubt, among all portfolios and not only among those that win some draw.

Every draw of the merits is a line: what a portfolio is worth in it, less a constant. The portfolio is sought whose
lowest line is highest when the ``spare`` lowest lines do not count:

- none spared, and the constant what the best portfolio of that draw is worth: *minimax regret* (Savage 1951, Journal of
  the American Statistical Association 46, 55-67; for sums over 0/1 variables see Kouvelis and Yu, Robust Discrete
  Optimization, 1997);
- one tenth spared and no constant: the best at the 10 % *quantile* of its worth, a chance constraint with one 0/1
  variable per draw (Luedtke and Ahmed 2008, SIAM Journal on Optimization 19, 674-699).

Few draws matter in the end. A master problem holds only those that did so far: what it reaches, none exceeds; what its
portfolio really reaches over all draws is counted in whole numbers. The draws that make the difference are added until
both are equal. If the work allowed is used up before, the best found stands beside the bound.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from ortools.sat.python import cp_model

from moonbridge.engines.selection.program import Program
from moonbridge.engines.selection.solver import Effort, add_row, cp_solver
from moonbridge.engines.selection.stopping import stoppable

_AT_ONCE = 10
"""At least so many draws are added to the master problem at a time."""

type Values = tuple[int, ...]
"""Values of all variables of a program."""


@dataclass(frozen=True, slots=True)
class Hedge:
    """The values found, what they reach, and what none exceeds; both are equal where that is proven."""

    values: Values
    reached: int
    bound: int


@dataclass(frozen=True)
class Draws:
    """What every variable is worth in each draw, shape (draws, variables), and what is added to each; whole numbers.

    ``spare`` of the draws, the lowest, do not count.
    """

    worth: NDArray[np.int64]
    added: NDArray[np.int64]
    spare: int

    def lines(self, values: Values) -> NDArray[np.int64]:
        """Return what a portfolio is worth in each draw."""
        return self.worth @ np.array(values, dtype=np.int64) + self.added

    def reached(self, values: Values) -> int:
        """Return the lowest line that counts."""
        return int(np.sort(self.lines(values))[self.spare])


@dataclass(frozen=True, slots=True)
class _Found:
    """Values whose lowest line is highest (None: none found), a number that none exceeds, and the work it took."""

    values: Values | None
    bound: int
    proven: bool
    work: float


@dataclass(frozen=True, slots=True)
class _Master:
    """The draws that matter so far, and between which two numbers the lowest line that counts is sought."""

    program: Program
    draws: Draws
    inside: NDArray[np.int64]
    between: tuple[int, int]

    def solved(self, hint: Values, work: float | None, effort: Effort) -> _Found:
        """Return the highest lowest line; the same ``work`` gives the same answer."""
        model = cp_model.CpModel()
        variables = {number: model.new_bool_var("") for number in range(self.program.size)}
        columns = {number: variable.index for number, variable in variables.items()}
        for row in self.program.rows:
            add_row(model, columns, row)
        model.maximize(self._lowest(model, variables))
        for number, variable in variables.items():
            model.add_hint(variable, hint[number])
        solver = cp_solver(effort)
        if work is not None:
            solver.parameters.max_deterministic_time = work
        status = stoppable(lambda: solver.solve(model), solver.stop_search, effort.cancelled)
        spent = float(solver.response_proto.deterministic_time)
        if status == cp_model.INFEASIBLE:
            return _Found(None, self.between[0] - 1, proven=True, work=spent)
        if status not in {cp_model.OPTIMAL, cp_model.FEASIBLE}:
            bound = min(self.between[1], round(solver.best_objective_bound))
            return _Found(None, bound, proven=False, work=spent)
        values = tuple(int(solver.value(variable)) for variable in variables.values())
        return _Found(values, round(solver.best_objective_bound), status == cp_model.OPTIMAL, spent)

    def _lowest(self, model: cp_model.CpModel, variables: Mapping[int, cp_model.IntVar]) -> cp_model.IntVar:
        """Return a variable that exceeds no line inside, but for the spared ones."""
        lowest = model.new_int_var(*self.between, "")
        spared = [model.new_bool_var("") for _ in self.inside] if self.draws.spare else []
        model.add_linear_constraint(cp_model.LinearExpr.sum(spared), 0, self.draws.spare)
        for number, draw in enumerate(self.inside.tolist()):
            worth, added = self.draws.worth[draw], int(self.draws.added[draw])
            terms = {variables[place]: int(worth[place]) for place in np.flatnonzero(worth).tolist()} | {lowest: -1}
            if spared:  # what the line lacks at most, where it does not count
                terms[spared[number]] = self.between[1] - added + int(-worth[worth < 0].sum())
            model.add(cp_model.LinearExpr.weighted_sum(list(terms), list(terms.values())) >= -added)
        return lowest


def hedged(
    program: Program, draws: Draws, known: Sequence[Values], bound: int, *, work: float | None, effort: Effort
) -> Hedge:
    """Return the portfolio whose lowest line that counts is highest.

    ``known`` are portfolios to begin with, at least one; ``bound`` is a number that none exceeds. ``work`` is how much
    work the solver may do in its own deterministic measure, roughly seconds; None: until it is proven. Raises Cancelled.
    """
    best = max(known, key=draws.reached)
    reached = draws.reached(best)
    inside = _lowest(draws, best, np.zeros(0, dtype=np.int64))
    while reached < bound and (work is None or work > 0):
        master = _Master(program, draws, inside, (reached + 1, bound))
        found = master.solved(best, work, effort)
        work = None if work is None else work - found.work
        if found.values is None:
            bound = reached if found.proven else min(bound, found.bound)
            break
        bound = min(bound, found.bound)
        if draws.reached(found.values) > reached:
            best, reached = found.values, draws.reached(found.values)
        inside = _lowest(draws, found.values, inside)
        if not found.proven:
            break
    return Hedge(best, reached, max(bound, reached))


def _lowest(draws: Draws, values: Values, inside: NDArray[np.int64]) -> NDArray[np.int64]:
    """Return the draws ``inside`` and those of the others in which a portfolio is worth least."""
    order = np.argsort(draws.lines(values), kind="stable")
    fresh = order[~np.isin(order, inside)][: max(_AT_ONCE, draws.spare + 1)]
    return np.sort(np.concatenate([inside, fresh]))
