"""The only place that talks to a solver: ortools MathOpt, asked for a maximum over a program's rows.

CP-SAT is the engine of choice because it computes in whole numbers: its optimum needs no tolerance. SCIP and HiGHS
come in the same wheel and serve as second opinions. (highspy must never be imported: two copies of HiGHS in one
process crash.)
"""

import datetime as dt
import math
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from importlib.metadata import version
from typing import Final

from ortools.math_opt.python import mathopt
from ortools.sat import sat_parameters_pb2

from moonbridge.engines.selection.program import Program, Row, Terms


class Engine(StrEnum):
    """A solver inside ortools."""

    CP_SAT = "CP-SAT"
    SCIP = "SCIP"
    HIGHS = "HiGHS"

    @property
    def release(self) -> str:
        """Name and version, as a certificate states it."""
        return f"{self.value} in ortools {version('ortools')}"


@dataclass(frozen=True, slots=True)
class Effort:
    """How long and how a solver may work; the same effort gives the same answer unless time runs out.

    ``time_limit`` is in seconds, None for no limit.
    """

    time_limit: float | None = None
    threads: int = 1
    seed: int = 0
    engine: Engine = Engine.CP_SAT


@dataclass(frozen=True, slots=True)
class Solution:
    """What a solver found: values of all variables (None if nothing) and a number that no solution exceeds."""

    values: tuple[int, ...] | None
    bound: int | None
    proven: bool

    @property
    def infeasible(self) -> bool:
        """Whether it is proven that there is no solution."""
        return self.proven and self.values is None


def maximise(
    program: Program,
    objective: Mapping[int, int],
    rows: Iterable[Row] = (),
    *,
    effort: Effort = Effort(),  # noqa: B008 - frozen
    hint: Sequence[int] = (),
) -> Solution:
    """Return the solution of ``program`` and further ``rows`` with the largest ``objective``."""
    model, variables = model_of(program.size, (*program.rows, *rows), objective)
    start = mathopt.ModelSolveParameters()
    if hint:
        start.solution_hints = [mathopt.SolutionHint(variable_values=dict(zip(variables, hint, strict=True)))]
    answer = mathopt.solve(model, _TYPES[effort.engine], params=_parameters(effort, program.size), model_params=start)
    return _solution(answer, variables, objective)


def linear_prices(size: int, objective: Mapping[int, int], rows: Sequence[Row]) -> list[float]:
    """Return the dual value of each row in the linear relaxation; zeros if that has no optimum."""
    model, variables = model_of(size, rows, objective)
    for variable in variables:
        variable.integer = False
    answer = mathopt.solve(model, mathopt.SolverType.GLOP)
    if answer.termination.reason != mathopt.TerminationReason.OPTIMAL:
        return [0.0] * len(rows)
    return list(answer.dual_values(list(model.linear_constraints())))


def value_of(terms: Mapping[int, int], values: Sequence[int]) -> int:
    """Return what a linear expression amounts to."""
    return sum(coefficient * values[variable] for variable, coefficient in terms.items())


_LARGE: Final = 1000
"""Variables from which a program is large."""
_TYPES: Final = {
    Engine.CP_SAT: mathopt.SolverType.CP_SAT,
    Engine.SCIP: mathopt.SolverType.GSCIP,
    Engine.HIGHS: mathopt.SolverType.HIGHS,
}


def model_of(
    size: int, rows: Sequence[Row], objective: Terms | Mapping[int, int]
) -> tuple[mathopt.Model, list[mathopt.Variable]]:
    """Return a MathOpt model of rows over 0/1 variables with an objective to maximise, and its variables."""
    model = mathopt.Model()
    variables = [model.add_binary_variable() for _ in range(size)]
    for row in rows:
        low = -math.inf if row.low is None else row.low
        high = math.inf if row.high is None else row.high
        constraint = model.add_linear_constraint(lb=low, ub=high)
        for variable, coefficient in row.terms.items():
            constraint.set_coefficient(variables[variable], coefficient)
    model.objective.is_maximize = True
    for variable, coefficient in objective.items():
        model.objective.set_linear_coefficient(variables[variable], coefficient)
    return model, variables


def _parameters(effort: Effort, size: int) -> mathopt.SolveParameters:
    parameters = mathopt.SolveParameters(
        random_seed=effort.seed, relative_gap_tolerance=0.0, absolute_gap_tolerance=0.0
    )
    if effort.time_limit is not None:
        parameters.time_limit = dt.timedelta(seconds=effort.time_limit)
    if effort.engine is not Engine.HIGHS:  # HiGHS takes its threads from a global setting only
        parameters.threads = effort.threads
    if effort.engine is Engine.CP_SAT:
        parameters.cp_sat = _cp_sat(size)
    return parameters


def _cp_sat(size: int) -> sat_parameters_pb2.SatParameters:
    """Measured on the calls of benchmarks/selection.py: the full relaxation always helps, cuts only in large calls."""
    if size > _LARGE:
        return sat_parameters_pb2.SatParameters(linearization_level=2)
    return sat_parameters_pb2.SatParameters(linearization_level=2, cut_level=0, inprocessing_dtime_ratio=0.0)


def _solution(answer: mathopt.SolveResult, variables: list[mathopt.Variable], objective: Mapping[int, int]) -> Solution:
    reason = answer.termination.reason
    if reason == mathopt.TerminationReason.INFEASIBLE:
        return Solution(None, None, proven=True)
    limit = answer.termination.objective_bounds.dual_bound
    bound = math.floor(limit + 1e-6) if math.isfinite(limit) else None
    if not answer.has_primal_feasible_solution():
        return Solution(None, bound, proven=False)
    values = tuple(round(value) for value in answer.variable_values(variables))
    optimal = reason == mathopt.TerminationReason.OPTIMAL
    return Solution(values, value_of(objective, values) if optimal else bound, proven=optimal)
