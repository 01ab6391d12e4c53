"""Why no portfolio exists: a smallest set of limits and rules that cannot be kept together.

Every conflicting set must contain something from every *correction set* (rules whose removal makes the rest
possible), so a smallest conflicting set is a smallest set that hits all correction sets. The search collects
correction sets until their smallest hitting set itself is in conflict (Ignatiev, Previti, Liffiton, Marques-Silva:
Smallest MUS extraction with minimal hitting set dualization, CP 2015).
"""

from collections.abc import Sequence

from moonbridge.engines.selection.problem import Limit, Problem
from moonbridge.engines.selection.program import Program, Row, compiled
from moonbridge.engines.selection.rules import Rule
from moonbridge.engines.selection.solver import Effort, maximise
from moonbridge.engines.selection.stopping import check
from moonbridge.errors import NotProven

type Cause = Limit | Rule
"""What can stand in the way."""


def conflicting(
    problem: Problem,
    always: Sequence[Rule] = (),
    *,
    effort: Effort = Effort(),  # noqa: B008 - frozen
) -> tuple[Cause, ...]:
    """Return a smallest set of limits and rules of ``problem`` that, with ``always``, no portfolio keeps.

    The problem together with ``always`` must be infeasible. ``effort`` holds for each of the many small questions that
    are asked; raises NotProven if one of them takes longer, and Cancelled.
    """
    program = compiled(problem.with_rules(*always))
    causes = [cause for cause in dict.fromkeys((*problem.limits, *problem.rules)) if cause not in always]
    corrections: list[set[int]] = []
    while True:
        suspects = _smallest_hitting_set(len(causes), corrections)
        kept = _grown(program, causes, suspects, effort)
        if kept is None:
            return tuple(causes[number] for number in sorted(suspects))
        corrections.append(set(range(len(causes))) - kept)


def _possible(program: Program, dropped: set[Cause], effort: Effort) -> bool:
    """Return whether a portfolio keeps all rows but those of the dropped causes."""
    check(effort.cancelled)
    rows = [row for row in program.rows if row.source is None or row.source not in dropped]
    found = maximise(Program(program.problem, size=program.size, rows=rows), {}, effort=effort)
    if found.values is None and not found.infeasible:
        raise NotProven("time ran out before it was clear which rules cannot be kept together; allow more time")
    return not found.infeasible


def _grown(program: Program, causes: Sequence[Cause], suspects: set[int], effort: Effort) -> set[int] | None:
    """Return a largest-by-inclusion set around ``suspects`` that can be kept together, or None if they cannot."""
    dropped = {cause for number, cause in enumerate(causes) if number not in suspects}
    if not _possible(program, dropped, effort):
        return None
    for cause in list(dropped):
        if _possible(program, dropped - {cause}, effort):
            dropped.discard(cause)
    return {number for number, cause in enumerate(causes) if cause not in dropped}


def _smallest_hitting_set(size: int, sets: Sequence[set[int]]) -> set[int]:
    """Return a smallest set of numbers below ``size`` that has a member in each of ``sets``."""
    rows = [Row(dict.fromkeys(members, 1), low=1) for members in sets]
    solution = maximise(Program(Problem((), ()), size=size, rows=rows), dict.fromkeys(range(size), -1))
    return {number for number, value in enumerate(solution.values or ()) if value}
