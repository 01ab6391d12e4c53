"""What more breadth costs in merit, and what more capacity would buy: every point that no other beats in both.

A frontier is found from its best-merit end: the best portfolio, then the best one that is better by at least one unit
in the other measure, and so on until none is left. Nothing between two points is missed, because measures are whole
numbers.

Where tiers are served one after the other, merit is the list of what is reached in each, and of two lists the one that is larger
in the first tier in which they differ is the better: the published order, without the draw. A point is then a portfolio that
none beats in this order without being worse in the measure, nor the other way round.
"""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from fractions import Fraction

from moonbridge.engines.selection.check import values
from moonbridge.engines.selection.comparing import difference
from moonbridge.engines.selection.optimum import optimum, watched_by
from moonbridge.engines.selection.problem import Choices, Place, Problem
from moonbridge.engines.selection.program import Program, Row, Terms, added, breadth_variable, compiled
from moonbridge.engines.selection.result import Result
from moonbridge.engines.selection.rules import Rule
from moonbridge.engines.selection.serving import Served, served
from moonbridge.engines.selection.solver import Effort, Solution, maximise, value_of
from moonbridge.engines.selection.stopping import Cancel, Progress, check
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
    """A portfolio that cannot be better in merit without being worse in the measure, nor the other way round.

    ``values`` is its merit in each tier of the call.
    """

    values: tuple[Fraction, ...]
    measure: int
    choices: Choices

    @property
    def merit(self) -> Fraction:
        """The total merit over all tiers."""
        return sum(self.values, Fraction(0))


@dataclass(frozen=True, slots=True)
class Step:
    """From this capacity on (base units), the best portfolio is worth this much in each tier of the call."""

    capacity: int
    values: tuple[Fraction, ...]

    @property
    def merit(self) -> Fraction:
        """The total merit over all tiers."""
        return sum(self.values, Fraction(0))


def frontier(
    problem: Problem,
    measure: Measure,
    *,
    effort: Effort = Effort(),  # noqa: B008 - frozen
    progress: Progress | None = None,
    cancelled: Cancel | None = None,
) -> tuple[Point, ...]:
    """Return every point of merit against ``measure``, best merit first.

    ``progress`` is told after each point how far the measure has come between its first value and the most that
    is possible; ``cancelled`` is asked whether to stop. Raises Infeasible like
    :func:`~moonbridge.engines.selection.optimum.optimum`, NotProven when time runs out, and Cancelled.
    """
    effort = watched_by(effort, cancelled)
    optimum(problem, effort=effort)
    most = _most(problem, measure, effort) if progress is not None else 0
    points: list[Point] = []
    for point in _points(problem, measure, effort):
        check(cancelled)
        points.append(point)
        if progress is not None:
            progress(point.measure - points[0].measure + 1, most - points[0].measure + 1, "points")
    return tuple(points)


def _most(problem: Problem, measure: Measure, effort: Effort) -> int:
    """Return the most that the measure can be, whatever it costs in merit."""
    program = compiled(problem)
    terms, constant = _measured(program, measure)
    best = _proven(maximise(program, terms, effort=effort))
    return constant + (0 if best is None else value_of(terms, best))


def capacity_steps(problem: Problem, place: Place, extra: int, *, effort: Effort = Effort()) -> tuple[Step, ...]:  # noqa: B008 - frozen
    """Return what up to ``extra`` base units more at ``place`` would buy, as a step function, least capacity first.

    The first step is the capacity as it is. What is held back stays held back. With a lottery near the line the steps are
    those of the best merit, not of what is drawn. With tiers each step is larger in the first tier in which it differs from the
    one before; in later tiers it may be smaller. Raises NotProven when time runs out.
    """
    limit = problem.limit_at[place]
    now = _proven_best(problem, effort).bounds
    wider = problem.with_limit(replace(limit, capacity=limit.capacity + extra))
    steps = [Step(limit.capacity, now)]
    for point in _points(wider, Unused(*place), effort):
        if point.values <= now:
            break
        steps.insert(1, Step(limit.capacity + extra - point.measure, point.values))
    return tuple(steps)


def price_of_rule(problem: Problem, rule: Rule, *, effort: Effort = Effort()) -> Fraction:  # noqa: B008 - frozen
    """Return how much more merit the best portfolio would have without ``rule``, in the first tier in which that makes a difference.

    Raises NotProven when time runs out.
    """
    return difference(_proven_best(problem.without_rules(rule), effort), _proven_best(problem, effort))[0]


def _proven_best(problem: Problem, effort: Effort) -> Result:
    """Return the best portfolio; its bounds say what the best is worth, even where a lottery drew a lesser one."""
    best = optimum(problem, effort=effort)
    if not best.proven:
        raise NotProven("time ran out before the best merit was proven; allow more time", value=None, bound=None)
    return best


def _points(problem: Problem, measure: Measure, effort: Effort) -> Iterator[Point]:
    program = compiled(problem)
    terms, constant = _measured(program, measure)
    rows = list[Row]()
    while True:
        found = served(program, program.objectives, rows, effort=effort)
        best = _proven(found)
        if best is None:
            return
        if not found.alone:  # another portfolio of the same merit may reach further
            as_good = (*rows, *found.rows)
            best = _proven(maximise(program, terms, as_good, effort=effort, hint=best, settled=found.settled)) or best
        choices = program.choices(best)
        reached = _reached(problem, measure, choices)
        yield Point(values(problem, choices), reached, choices)
        rows = [Row(terms, low=reached - constant + 1)]


def _reached(problem: Problem, measure: Measure, choices: Choices) -> int:
    """Return the measure of a portfolio, counted from its choices."""
    match measure:
        case Partners():
            return sum(not choices.keys().isdisjoint(problem.members(g)) for g in problem.groups_of_kind(measure.kind))
        case Members():
            return sum(proposal in choices for proposal in problem.members(measure.group))
        case Unused():
            place = (measure.element, measure.resource)
            used = sum(problem.by_id[p].option(o).demands.get(place, 0) for p, o in choices.items())
            return problem.limit_at[place].usable - used


def _proven(solution: Solution | Served) -> tuple[int, ...] | None:
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
