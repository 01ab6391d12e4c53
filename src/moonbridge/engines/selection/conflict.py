"""Why no portfolio exists: a smallest set of limits and rules that cannot be kept together.

First everything that can be spared is taken out, one after the other: what is left conflicts, and no part of it does.
Whether another set is smaller still is then asked from the other side. Every conflicting set must contain something from
every *correction set* (rules whose removal makes the rest possible), so none is smaller than a smallest set that hits all
correction sets. The search collects correction sets until their smallest hitting set is as large as the set in hand, or
itself in conflict (Ignatiev, Previti, Liffiton, Marques-Silva: Smallest MUS extraction with minimal hitting set
dualization, CP 2015).
"""

import time
from collections.abc import Sequence
from dataclasses import dataclass, replace

from moonbridge.engines.selection.problem import Limit, Problem
from moonbridge.engines.selection.program import Program, Row, compiled, merge_rules
from moonbridge.engines.selection.rules import Rule
from moonbridge.engines.selection.solver import Effort, maximise
from moonbridge.engines.selection.stopping import check

type Cause = Limit | Rule
"""What can stand in the way."""


@dataclass(frozen=True, slots=True)
class Clash:
    """Limits and rules that no portfolio keeps together; each of them is needed for that.

    ``smallest`` is true only where it is proven that no fewer conflict. ``causes`` is empty where time ran out before any
    were singled out.
    """

    causes: tuple[Cause, ...]
    smallest: bool


class _Late(Exception):  # noqa: N818 - no error: the time is over
    """The time given is over."""


def conflicting(
    problem: Problem,
    always: Sequence[Rule] = (),
    *,
    effort: Effort = Effort(),  # noqa: B008 - frozen
) -> Clash:
    """Return a smallest set of limits and rules of ``problem`` that, with ``always``, no portfolio keeps.

    The problem together with ``always`` must be infeasible. This asks many small questions; both time limits of ``effort``
    hold for all of them together. When one is over, what is known by then is returned (see :class:`Clash`). Raises
    Cancelled.
    """
    merges = (merge for proposal in problem.proposals for merge in merge_rules(proposal))
    causes = [cause for cause in dict.fromkeys((*problem.limits, *problem.rules, *merges)) if cause not in always]
    questions = _Questions(compiled(problem.with_rules(*always)), causes, effort)
    known: set[int] | None = None
    try:
        known = questions.shrunk(set(range(len(causes))))
        smallest = questions.smallest(known)
    except _Late:
        return Clash(() if known is None else _in_order(causes, known), smallest=False)
    return Clash(_in_order(causes, smallest), smallest=True)


def _in_order(causes: Sequence[Cause], numbers: set[int]) -> tuple[Cause, ...]:
    return tuple(causes[number] for number in sorted(numbers))


class _Questions:
    """Which of the causes can be kept together; answers count against one time limit."""

    def __init__(self, program: Program, causes: Sequence[Cause], effort: Effort) -> None:
        self.program, self.effort = program, effort
        number = {cause: position for position, cause in enumerate(causes)}
        self.rows: list[list[Row]] = [[] for _ in causes]
        self.given: list[Row] = []
        for row in program.rows:
            place = None if row.source is None else number.get(row.source)
            (self.given if place is None else self.rows[place]).append(row)
        limit = effort.naming_limit if effort.time_limit is None else min(effort.naming_limit, effort.time_limit)
        self.until = time.monotonic() + limit

    def left(self) -> Effort:
        """Return the effort with the time that is left; raises Cancelled, and _Late if none is."""
        check(self.effort.cancelled)
        left = self.until - time.monotonic()
        if left <= 0:
            raise _Late
        return replace(self.effort, time_limit=left)

    def kept_by(self, wanted: set[int]) -> set[int] | None:
        """Return all causes that some portfolio keeps which keeps the wanted ones; None if no portfolio keeps those."""
        rows = [*self.given, *(row for number in wanted for row in self.rows[number])]
        program = Program(self.program.problem, size=self.program.size, rows=rows)
        found = maximise(program, {}, effort=self.left())
        if found.values is None:
            if found.infeasible:
                return None
            raise _Late
        values = found.values
        return {number for number, rows in enumerate(self.rows) if all(row.holds(values) for row in rows)}

    def shrunk(self, conflict: set[int]) -> set[int]:
        """Return a part of a conflicting set that conflicts too, and of which no part does."""
        # From the end, so that of several such sets the one is named that stands first in the call.
        for number in sorted(conflict, reverse=True):
            if self.kept_by(conflict - {number}) is None:
                conflict = conflict - {number}
        return conflict

    def smallest(self, known: set[int]) -> set[int]:
        """Return a smallest conflicting set; ``known`` is a conflicting one."""
        corrections: list[set[int]] = []
        while True:
            suspects = self.hitting(corrections)
            if len(suspects) == len(known):
                return known
            kept = self.grown(suspects)
            if kept is None:
                return suspects
            corrections.append(set(range(len(self.rows))) - kept)

    def grown(self, suspects: set[int]) -> set[int] | None:
        """Return a largest-by-inclusion set around ``suspects`` that can be kept together, or None if they cannot."""
        kept = self.kept_by(suspects)
        if kept is None:
            return None
        for number in set(range(len(self.rows))) - kept:
            if number not in kept:
                kept = self.kept_by(kept | {number}) or kept
        return kept

    def hitting(self, sets: Sequence[set[int]]) -> set[int]:
        """Return a smallest set of causes that has a member in each of ``sets``."""
        size = len(self.rows)
        rows = [Row(dict.fromkeys(members, 1), low=1) for members in sets]
        solution = maximise(
            Program(Problem((), ()), size=size, rows=rows), dict.fromkeys(range(size), -1), effort=self.left()
        )
        if solution.values is None or not solution.proven:
            raise _Late
        return {number for number, value in enumerate(solution.values) if value}
