"""Where solvers are spoken to: CP-SAT in its own interface, GLOP, SCIP and HiGHS through ortools MathOpt.

CP-SAT proves, because it computes in whole numbers: its optimum needs no tolerance. So does our own branch and bound
(:mod:`~moonbridge.engines.selection.branching`), which takes over where few rows are left and CP-SAT has not ended after
a fixed amount of work: there the tree is large and each node cheap. SCIP and HiGHS come in the same wheel as CP-SAT and
serve as second opinions: what they find is proven before it counts (:mod:`~moonbridge.engines.selection.search`).
(highspy must never be imported: two copies of HiGHS in one process crash.)
"""

import datetime as dt
import math
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from enum import StrEnum
from functools import cache
from importlib.metadata import version
from typing import Final

from ortools.math_opt import model_pb2
from ortools.math_opt.python import mathopt
from ortools.sat.python import cp_model
from ortools.sat.python.cp_model_helper import IntegerVariableProto
from ortools.util.python.solve_interrupter import SolveInterrupter

from moonbridge.engines.selection.program import Program, Row, Terms
from moonbridge.engines.selection.stopping import Cancel, stoppable

type Settled = Mapping[int, int]
"""Variables whose value is known: ``{variable: 0 or 1}``; solvers never see them."""


@cache
def _ortools() -> str:
    return version("ortools")


class Engine(StrEnum):
    """A solver inside ortools, or our own (where that cannot hold a program's numbers, CP-SAT takes its place)."""

    CP_SAT = "CP-SAT"
    SCIP = "SCIP"
    HIGHS = "HiGHS"
    BRANCHING = "Moonbridge's branch and bound"

    @property
    def proves(self) -> bool:
        """Whether it computes in whole numbers, so that its word is a proof."""
        return self in {Engine.CP_SAT, Engine.BRANCHING}

    @property
    def release(self) -> str:
        """Name and version, as a certificate states it."""
        if self is Engine.BRANCHING:
            return self.value
        return f"{self.value} in ortools {_ortools()}"


@dataclass(frozen=True, slots=True)
class Effort:
    """How long and how a solver may work; the same effort gives the same answer unless time runs out.

    ``time_limit`` is in seconds, None for no limit. ``naming_limit`` is how many seconds of that may be spent on naming a
    smallest set of rules where no portfolio exists; with 0 none is named, which saves many solves. ``cancelled`` is asked
    a few times a second whether to stop; when it says so, :class:`~moonbridge.errors.Cancelled` is raised.
    """

    time_limit: float | None = None
    threads: int = 1
    seed: int = 0
    engine: Engine = Engine.CP_SAT
    naming_limit: float = 20.0
    cancelled: Cancel | None = field(default=None, compare=False, repr=False)


@dataclass(frozen=True, slots=True)
class Solution:
    """What a solver found: values of all variables (None if nothing) and a number that no solution exceeds.

    ``seconds`` is how long the solver took, ``engine`` which one had the last word.
    """

    values: tuple[int, ...] | None
    bound: int | None
    proven: bool
    seconds: float = field(default=0.0, compare=False)
    engine: Engine = field(default=Engine.CP_SAT, compare=False)

    @property
    def infeasible(self) -> bool:
        """Whether it is proven that there is no solution."""
        return self.proven and self.values is None


_IMPOSSIBLE: Final = Solution(None, None, proven=True)


def maximise(
    program: Program,
    objective: Mapping[int, int],
    rows: Iterable[Row] = (),
    *,
    effort: Effort = Effort(),  # noqa: B008 - frozen
    hint: Sequence[int] = (),
    settled: Settled | None = None,
    least: int | None = None,
) -> Solution:
    """Return the solution of ``program`` and further ``rows`` with the largest ``objective``.

    Only solutions with the ``settled`` values are searched, and only those that reach ``least``; that ``proven`` is
    true means: among these.
    """
    known = settled or {}
    remaining = _remaining((*program.rows, *rows), known)
    if remaining is None:
        return replace(_IMPOSSIBLE, engine=effort.engine)
    task = _Task(program.size, remaining, objective, known, hint, least)
    return task.proven(effort) if effort.engine.proves else task.by_mathopt(effort)


class LinearPrices:
    """The linear relaxation of rows over 0/1 variables; asked again for another objective, it starts where it ended."""

    def __init__(self, size: int, rows: Sequence[Row]) -> None:
        self.rows = rows
        self._model, self._variables = model_of(size, rows, {}, integer=False)
        self._solver = mathopt.IncrementalSolver(self._model, mathopt.SolverType.GLOP)

    def of(self, objective: Mapping[int, int]) -> list[float]:
        """Return the dual value of each row for ``objective``; zeros if that has no optimum."""
        # Packed objectives have 50 bits, more than a linear solver's tolerances bear: it works on the leading ones.
        unit = max(1.0, max(map(abs, objective.values()), default=0) / _LARGEST_LINEAR)
        self._model.objective.clear()
        for variable, coefficient in objective.items():
            self._model.objective.set_linear_coefficient(self._variables[variable], coefficient / unit)
        self._model.objective.is_maximize = True
        answer = self._solver.solve()
        if answer.termination.reason != mathopt.TerminationReason.OPTIMAL:
            return [0.0] * len(self.rows)
        return [price * unit for price in answer.dual_values(list(self._model.linear_constraints()))]


def value_of(terms: Mapping[int, int], values: Sequence[int]) -> int:
    """Return what a linear expression amounts to."""
    return sum(coefficient * values[variable] for variable, coefficient in terms.items())


def model_of(
    size: int, rows: Sequence[Row], objective: Mapping[int, int], *, integer: bool = True
) -> tuple[mathopt.Model, list[mathopt.Variable]]:
    """Return a MathOpt model of rows over 0/1 variables with an objective to maximise, and its variables.

    It is written in the library's file format: coefficient by coefficient the model would take ten times as long.
    Without ``integer`` the variables lie anywhere between 0 and 1.
    """
    written = model_pb2.ModelProto()
    written.variables.ids.extend(range(size))
    written.variables.lower_bounds.extend([0.0] * size)
    written.variables.upper_bounds.extend([1.0] * size)
    written.variables.integers.extend([integer] * size)
    bounds, matrix = written.linear_constraints, written.linear_constraint_matrix
    bounds.ids.extend(range(len(rows)))
    bounds.lower_bounds.extend(-math.inf if row.low is None else row.low for row in rows)
    bounds.upper_bounds.extend(math.inf if row.high is None else row.high for row in rows)
    columns = [sorted(variable for variable, coefficient in row.terms.items() if coefficient) for row in rows]
    matrix.row_ids.extend([number for number, those in enumerate(columns) for _ in those])
    matrix.column_ids.extend([column for those in columns for column in those])
    matrix.coefficients.extend(
        [row.terms[column] for row, those in zip(rows, columns, strict=True) for column in those]
    )
    model = mathopt.Model.from_model_proto(written)
    variables = list(model.variables())
    model.objective.is_maximize = True
    for variable, coefficient in objective.items():
        model.objective.set_linear_coefficient(variables[variable], coefficient)
    return model, variables


_LARGEST_LINEAR: Final = 2.0**20
_FEW_ROWS: Final = 40
"""Up to so many rows our own branch and bound takes over from a CP-SAT that has not ended after ``_TRY``."""
_TRY: Final = 0.5
"""In CP-SAT's deterministic measure, roughly seconds: ordinary calls of 500 proposals need less."""
_MOST_ROWS: Final = 400
"""Up to so many rows it works where it is asked for; the table is dense."""
_LARGEST_WORTH: Final = 2**53
_LARGEST_ROW: Final = 2**60
"""What absolute coefficients may add up to, so that its sums of 64 bits hold them."""
_TYPES: Final = {Engine.SCIP: mathopt.SolverType.GSCIP, Engine.HIGHS: mathopt.SolverType.HIGHS}


def _remaining(rows: Iterable[Row], settled: Settled) -> list[Row] | None:
    """Return what the rows still say once the settled values are put in; None if one cannot be kept."""
    left: list[Row] = []
    for row in rows:
        terms = {v: c for v, c in row.terms.items() if v not in settled} if settled else row.terms
        done = sum([c * settled[v] for v, c in row.terms.items() if v in settled]) if settled else 0
        coefficients = terms.values()
        least = sum([c for c in coefficients if c < 0])
        most = sum(coefficients) - least
        low = None if row.low is None or row.low - done <= least else row.low - done
        high = None if row.high is None or row.high - done >= most else row.high - done
        if (low is not None and low > most) or (high is not None and high < least):
            return None
        if low is not None or high is not None:
            left.append(Row(terms, low, high, row.source))
    return left


@dataclass(frozen=True, slots=True)
class _Task:
    """A maximum to be found over the variables that are not settled."""

    size: int
    rows: list[Row]
    objective: Mapping[int, int]
    settled: Settled
    hint: Sequence[int]
    least: int | None

    @property
    def open(self) -> Iterator[int]:
        """The variables whose value is sought."""
        return (variable for variable in range(self.size) if variable not in self.settled)

    @property
    def wanted(self) -> Terms:
        """The objective without what is settled and without zeros."""
        return {v: c for v, c in self.objective.items() if c and v not in self.settled}

    def whole(self, found: Callable[[int], int]) -> tuple[int, ...]:
        """Return the values of all variables, asking ``found`` for the open ones."""
        return tuple(self.settled[v] if v in self.settled else found(v) for v in range(self.size))

    def given(self) -> int:
        """Return what the settled variables bring."""
        return sum(c * self.settled[v] for v, c in self.objective.items() if v in self.settled)

    def proven(self, effort: Effort) -> Solution:
        """Let CP-SAT work, our own branch and bound, or the one first and then the other."""
        if effort.engine is Engine.BRANCHING and self._can_branch(_MOST_ROWS):
            return self.by_branching(effort, self.least)
        if not self._can_branch(_FEW_ROWS):
            return self.by_cp_sat(effort)
        tried = self.by_cp_sat(effort, work=_TRY)
        left = None if effort.time_limit is None else effort.time_limit - tried.seconds
        if tried.proven or (left is not None and left <= 0):
            return tried
        worth = None if tried.values is None else value_of(self.objective, tried.values)
        better = self.by_branching(replace(effort, time_limit=left), self.least if worth is None else worth + 1)
        spent = tried.seconds + better.seconds
        if better.values is None and worth is not None:
            bound = worth if better.proven else tried.bound
            return Solution(tried.values, bound, better.proven, spent, Engine.BRANCHING)
        return replace(better, seconds=spent, bound=better.bound if better.proven else tried.bound)

    def _can_branch(self, most_rows: int) -> bool:
        """Whether the rows are few and their numbers small enough for our own branch and bound."""
        sums = (sum(map(abs, row.terms.values())) for row in self.rows)
        return (
            len(self.rows) <= most_rows
            and sum(map(abs, self.wanted.values())) < _LARGEST_WORTH
            and all(amount < _LARGEST_ROW for amount in sums)
        )

    def by_branching(self, effort: Effort, least: int | None) -> Solution:
        """Let our own branch and bound work; it is loaded on first use because it is compiled then."""
        from moonbridge.engines.selection.branching import best_columns

        columns = list(self.open)
        number = {variable: column for column, variable in enumerate(columns)}
        rows = [replace(row, terms={number[v]: c for v, c in row.terms.items()}) for row in self.rows]
        wanted, given = {number[v]: c for v, c in self.wanted.items()}, self.given()
        found = best_columns(
            len(columns),
            rows,
            wanted,
            least=None if least is None else least - given,
            time_limit=effort.time_limit,
            cancelled=effort.cancelled,
        )
        if found.values is None:
            return Solution(None, None, found.proven, found.seconds, Engine.BRANCHING)
        chosen = found.values
        values = self.whole(lambda variable: chosen[number[variable]])
        bound = value_of(self.objective, values) if found.proven else None
        return Solution(values, bound, found.proven, found.seconds, Engine.BRANCHING)

    def by_cp_sat(self, effort: Effort, work: float | None = None) -> Solution:
        """Let CP-SAT work, for at most so much ``work`` in its own deterministic measure."""
        wanted, given = self.wanted, self.given()
        most = sum(c for c in wanted.values() if c > 0)
        if self.least is not None and given + most < self.least:
            return _IMPOSSIBLE
        columns = {variable: column for column, variable in enumerate(self.open)}
        model = self._written(columns, wanted)
        if self.least is not None and wanted:
            # The solver keeps the objective as a minimum of its negative; a bound there is stronger than a row.
            model.proto.objective.domain.extend([-most, given - self.least])
        solver = cp_solver(effort)
        if work is not None:
            solver.parameters.max_deterministic_time = work
        status = stoppable(lambda: solver.solve(model), solver.stop_search, effort.cancelled)
        if status == cp_model.INFEASIBLE:
            return Solution(None, None, proven=True, seconds=solver.wall_time)
        found = status in {cp_model.OPTIMAL, cp_model.FEASIBLE}
        chosen = list(solver.response_proto.solution)
        values = self.whole(lambda variable: chosen[columns[variable]]) if found else None
        if status == cp_model.OPTIMAL and values is not None:
            return Solution(values, value_of(self.objective, values), proven=True, seconds=solver.wall_time)
        bound = given + round(solver.best_objective_bound) if wanted else None
        return Solution(values, bound, proven=False, seconds=solver.wall_time)

    def _written(self, columns: Mapping[int, int], wanted: Mapping[int, int]) -> cp_model.CpModel:
        """Return the model in CP-SAT's own format: expression by expression it would take four times as long."""
        model = cp_model.CpModel()
        boolean = IntegerVariableProto()
        boolean.domain.extend([0, 1])
        model.proto.variables.extend([boolean] * len(columns))
        for row in self.rows:
            add_row(model, columns, row)
        model.proto.objective.vars.extend([columns[variable] for variable in sorted(wanted)])
        model.proto.objective.coeffs.extend([-wanted[variable] for variable in sorted(wanted)])
        model.proto.objective.scaling_factor = -1
        if self.hint:
            model.proto.solution_hint.vars.extend(list(columns.values()))
            model.proto.solution_hint.values.extend([self.hint[variable] for variable in columns])
        return model

    def by_mathopt(self, effort: Effort) -> Solution:
        pinned = [Row({variable: 1}, value, value) for variable, value in self.settled.items()]
        rows = [*self.rows, *pinned, *([Row(dict(self.objective), low=self.least)] if self.least is not None else ())]
        model, variables = model_of(self.size, rows, self.objective)
        start = mathopt.ModelSolveParameters()
        if self.hint:
            start.solution_hints = [mathopt.SolutionHint(variable_values=dict(zip(variables, self.hint, strict=True)))]
        interrupter = SolveInterrupter()  # SCIP listens now and then, HiGHS not at all: both end within the time limit
        listening = None if effort.cancelled is None else interrupter
        answer = stoppable(
            lambda: mathopt.solve(
                model, _TYPES[effort.engine], params=_parameters(effort), model_params=start, interrupter=listening
            ),
            interrupter.interrupt,
            effort.cancelled,
        )
        return _solution(answer, variables, self.objective)


def add_row(model: cp_model.CpModel, columns: Mapping[int, int], row: Row) -> None:
    """Add a row to a CP-SAT model, in which each variable has a column."""
    low = sum(c for c in row.terms.values() if c < 0) if row.low is None else row.low
    high = sum(c for c in row.terms.values() if c > 0) if row.high is None else row.high
    linear = model.proto.constraints.add().linear
    linear.vars.extend([columns[variable] for variable in sorted(row.terms)])
    linear.coeffs.extend([row.terms[variable] for variable in sorted(row.terms)])
    linear.domain.extend([low, high])


def cp_solver(effort: Effort) -> cp_model.CpSolver:
    """Return CP-SAT with what benchmarks/selection.py shows: the full relaxation always helps; all else costs more than it saves."""
    solver = cp_model.CpSolver()
    solver.parameters.catch_sigint_signal = False  # it would take Ctrl-C from the process for good
    solver.parameters.num_workers = effort.threads
    solver.parameters.random_seed = effort.seed
    solver.parameters.linearization_level = 2
    solver.parameters.cut_level = 0
    solver.parameters.inprocessing_dtime_ratio = 0.0
    solver.parameters.cp_model_probing_level = 0
    solver.parameters.symmetry_level = 0
    solver.parameters.max_presolve_iterations = 1
    if effort.time_limit is not None:
        solver.parameters.max_time_in_seconds = effort.time_limit
    return solver


def _parameters(effort: Effort) -> mathopt.SolveParameters:
    parameters = mathopt.SolveParameters(
        random_seed=effort.seed, relative_gap_tolerance=0.0, absolute_gap_tolerance=0.0
    )
    if effort.time_limit is not None:
        parameters.time_limit = dt.timedelta(seconds=effort.time_limit)
    if effort.engine is not Engine.HIGHS:  # HiGHS takes its threads from a global setting only
        parameters.threads = effort.threads
    return parameters


def _solution(answer: mathopt.SolveResult, variables: list[mathopt.Variable], objective: Mapping[int, int]) -> Solution:
    reason, seconds = answer.termination.reason, answer.solve_time().total_seconds()
    if reason == mathopt.TerminationReason.INFEASIBLE:
        return Solution(None, None, proven=True, seconds=seconds)
    limit = answer.termination.objective_bounds.dual_bound
    bound = math.floor(limit + 1e-6) if math.isfinite(limit) else None
    if not answer.has_primal_feasible_solution():
        return Solution(None, bound, proven=False, seconds=seconds)
    values = tuple(round(value) for value in answer.variable_values(variables))
    optimal = reason == mathopt.TerminationReason.OPTIMAL
    return Solution(values, value_of(objective, values) if optimal else bound, proven=optimal, seconds=seconds)
