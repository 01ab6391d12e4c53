"""What more breadth costs in merit, and what more capacity would buy: every point that no other beats in both.

A frontier is found from its best-merit end: the best portfolio, then the best one that is better by at least one unit
in the other measure, and so on until none is left. Nothing between two points is missed, because measures are whole
numbers.
"""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from fractions import Fraction

from moonbridge.engines.selection.check import values
from moonbridge.engines.selection.optimum import optimum
from moonbridge.engines.selection.problem import Choices, Place, Problem
from moonbridge.engines.selection.program import Program, Row, Terms, added, breadth_variable, compiled
from moonbridge.engines.selection.rules import Rule
from moonbridge.engines.selection.solver import Effort, Solution, maximise, value_of
from moonbridge.errors import InputError, NotProven


@dataclass(frozen=True, slots=True)
class Partners:
    """How many different groups of a kind take part."""

    kind: str = "country"


@dataclass(frozen=True, slots=True)
class Members:
    """How many proposals of a group are selected."""

    group: str


@dataclass(frozen=True, slots=True)
class Unused:
    """How much of a limit stays free (base units)."""

    element: str
    resource: str


type Measure = Partners | Members | Unused
"""What is weighed against merit; more is better."""


@dataclass(frozen=True, slots=True)
class Point:
    """A portfolio that cannot be better in merit without being worse in the measure, nor the other way round."""

    merit: Fraction
    measure: int
    choices: Choices


@dataclass(frozen=True, slots=True)
class Step:
    """From this capacity on (base units), the best portfolio is worth this much."""

    capacity: int
    merit: Fraction


def frontier(problem: Problem, measure: Measure, *, effort: Effort = Effort()) -> tuple[Point, ...]:  # noqa: B008 - frozen
    """Return every point of merit against ``measure``, best merit first.

    Raises Infeasible like :func:`~moonbridge.engines.selection.optimum.optimum`, NotProven when time runs out, and
    InputError for a call with tiers, whose merit is not one number.
    """
    optimum(problem, effort=effort)
    return tuple(_points(problem, measure, effort))


def capacity_steps(problem: Problem, place: Place, extra: int, *, effort: Effort = Effort()) -> tuple[Step, ...]:  # noqa: B008 - frozen
    """Return what up to ``extra`` base units more at ``place`` would buy, as a step function, least capacity first.

    The first step is the capacity as it is. What is held back stays held back.
    """
    limit = problem.limit_at[place]
    now = optimum(problem, effort=effort).value
    wider = problem.with_limit(replace(limit, capacity=limit.capacity + extra))
    steps = [Step(limit.capacity, now)]
    for point in _points(wider, Unused(*place), effort):
        if point.merit <= now:
            break
        steps.insert(1, Step(limit.capacity + extra - point.measure, point.merit))
    return tuple(steps)


def price_of_rule(problem: Problem, rule: Rule, *, effort: Effort = Effort()) -> Fraction:  # noqa: B008 - frozen
    """Return how much more merit the best portfolio would have without ``rule``."""
    return optimum(problem.without_rules(rule), effort=effort).value - optimum(problem, effort=effort).value


def _points(problem: Problem, measure: Measure, effort: Effort) -> Iterator[Point]:
    if len(problem.tiers) > 1:
        raise InputError("a frontier needs one merit: this call has tiers", field="tier")
    program = compiled(problem)
    terms, constant = _measured(program, measure)
    merit, rows = program.objectives[0], list[Row]()
    while True:
        best = _proven(maximise(program, merit, rows, effort=effort))
        if best is None:
            return
        as_good = Row(merit, low=value_of(merit, best))
        furthest = _proven(maximise(program, terms, (*rows, as_good), effort=effort, hint=best)) or best
        choices = program.choices(furthest)
        reached = value_of(terms, furthest)
        yield Point(values(problem, choices)[0], reached + constant, choices)
        rows = [Row(terms, low=reached + 1)]


def _proven(solution: Solution) -> tuple[int, ...] | None:
    if not solution.proven:
        raise NotProven("time ran out before the frontier was complete; allow more time", value=None, bound=None)
    return solution.values


def _measured(program: Program, measure: Measure) -> tuple[Terms, int]:
    """Return the measure as an expression and a constant to add to it."""
    problem = program.problem
    match measure:
        case Partners():
            return {breadth_variable(program, group): 1 for group in problem.groups_of_kind(measure.kind)}, 0
        case Members():
            return added(*(program.presence(p) for p in problem.members(measure.group))), 0
        case Unused():
            place = (measure.element, measure.resource)
            if place not in problem.limit_at:
                raise InputError(f"the call offers no {' '.join(place)}", field="measure")
            asked = {
                v: problem.by_id[p].option(o).demands.get(place, 0) for (p, o), v in program.option_variables.items()
            }
            return {v: -amount for v, amount in asked.items() if amount}, problem.limit_at[place].usable
