"""The best portfolio, proven, and the same one whoever computes it.

**The published order.** One portfolio is better than another if it has more merit in the first tier; if equal there,
in the second, and so on; if equal in all, the larger sum of draw numbers wins. The draw number of an option is one
more than the first 16 bits of the SHA-256 digest of ``seed/proposal/option`` in UTF-8, so anybody can recompute the
draw from the call's public seed, and neither the order of the file nor the solver decides. If the call allows a
lottery near the line (``lottery_within``), the draw is held among all portfolios whose merit in the last tier lies at
most that much below the best.
"""

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from fractions import Fraction

from moonbridge.engines.selection.check import check_choices
from moonbridge.engines.selection.conflict import conflicting
from moonbridge.engines.selection.problem import Problem
from moonbridge.engines.selection.program import Program, Row, Terms, added, compiled
from moonbridge.engines.selection.result import Result
from moonbridge.engines.selection.sentences import source_sentence
from moonbridge.engines.selection.solver import Effort, Solution, maximise, value_of
from moonbridge.errors import Infeasible, MoonbridgeError, NotProven

_EXACT_SPAN = 2**52
"""Solvers take 53-bit numbers: objectives are packed into one only while all differences stay below this."""


def draw_number(seed: str, proposal: str, option: str) -> int:
    """Return the option's number in the public draw, 1 to 65,536."""
    digest = hashlib.sha256(f"{seed}/{proposal}/{option}".encode()).digest()
    return int.from_bytes(digest[:2], "big") + 1


@dataclass(frozen=True, slots=True)
class _Stage:
    """One solve: objectives in falling order of importance, packed into one; ``slack`` is what later stages may give up."""

    objectives: tuple[Terms, ...]
    slack: int = 0

    @property
    def weights(self) -> tuple[int, ...]:
        """What one unit of each objective weighs: more than all that follow can amount to."""
        weights = [1]
        for later in reversed(self.objectives[1:]):
            weights.append(weights[-1] * (_span(later) + 1))
        return tuple(reversed(weights))

    @property
    def packed(self) -> Terms:
        """All objectives as one."""
        pairs = zip(self.objectives, self.weights, strict=True)
        return added(*({v: c * weight for v, c in terms.items()} for terms, weight in pairs))

    def bounds(self, solution: Solution) -> list[int]:
        """Return a number that each objective cannot exceed, given the values of those before."""
        if solution.proven and solution.values is not None:
            return [value_of(terms, solution.values) for terms in self.objectives]
        most = [sum(c for c in terms.values() if c > 0) for terms in self.objectives]
        if solution.bound is not None:
            most[0] = min(most[0], (solution.bound + self.weights[0] - 1) // self.weights[0])
        return most


def optimum(problem: Problem, *, effort: Effort = Effort()) -> Result:  # noqa: B008 - frozen
    """Return the best portfolio of ``problem`` in the published order.

    With a time limit the result may be unproven: then ``bounds`` says how much better another could be. Raises
    :class:`~moonbridge.errors.Infeasible` with a smallest set of rules that no portfolio can keep together, and
    :class:`~moonbridge.errors.NotProven` if time ran out before any portfolio was found.
    """
    program = compiled(problem)
    rows: list[Row] = []
    bounds: list[int] = []
    values: tuple[int, ...] = ()
    proven = True
    for stage in _stages(program):
        packed = stage.packed
        solution = maximise(program, packed, rows, effort=effort, hint=values)
        if not (solution.values or values):
            values = _nobody(program, solution)
        bounds += stage.bounds(solution)
        proven = proven and solution.proven
        values = solution.values or values
        rows.append(Row(packed, low=value_of(packed, values) - stage.slack))
    return _result(program, values, bounds, proven=proven, effort=effort)


def ranking(program: Program) -> Terms | None:
    """Return the one whole-number objective whose order is the published order; None if no such number is small enough.

    With a lottery near the line there is none either.
    """
    stages = _stages(program)
    return stages[0].packed if len(stages) == 1 else None


def _stages(program: Program) -> list[_Stage]:
    problem = program.problem
    draw = {variable: draw_number(problem.seed, *key) for key, variable in program.option_variables.items()}
    if problem.lottery_within:
        slack = int(problem.lottery_within * problem.merit_scale)
        return [*_packed(program.objectives[:-1]), _Stage((program.objectives[-1],), slack), _Stage((draw,))]
    return _packed([*program.objectives, draw])


def _packed(objectives: Sequence[Terms]) -> list[_Stage]:
    """Put as many objectives as the solvers can hold exactly into each stage."""
    stages: list[_Stage] = []
    for terms in objectives:
        together = _Stage((*stages[-1].objectives, terms)) if stages else None
        if together and _span(together.packed) < _EXACT_SPAN:
            stages[-1] = together
        else:
            stages.append(_Stage((terms,)))
    return stages


def _span(terms: Terms) -> int:
    return sum(abs(coefficient) for coefficient in terms.values())


def _nobody(program: Program, solution: Solution) -> tuple[int, ...]:
    """Return the empty portfolio when time ran out and it keeps all rules; else raise what is wrong."""
    problem = program.problem
    if solution.infeasible:
        sentences = [source_sentence(problem, source) for source in conflicting(problem)]
        raise Infeasible(f"no portfolio can keep all of these together: {'; '.join(sentences)}", rules=sentences)
    if not check_choices(problem, {}).feasible:
        raise NotProven("time ran out before any portfolio was found; allow more time", value=None, bound=None)
    return (0,) * program.size


def _result(program: Program, values: Sequence[int], bounds: Sequence[int], *, proven: bool, effort: Effort) -> Result:
    """Build the result; the independent checker has the last word on what the solver returned."""
    problem = program.problem
    choices = program.choices(values)
    verdict = check_choices(problem, choices)
    if not verdict.feasible:
        broken = "; ".join(source_sentence(problem, source) for source in verdict.broken)
        raise MoonbridgeError(f"{effort.engine} returned a portfolio that does not keep: {broken}")
    scaled = tuple(Fraction(bound, problem.merit_scale) for bound in bounds[: len(problem.tiers)])
    return Result(problem, choices, verdict.values, scaled, proven, effort.engine.release)
