"""How the best portfolio is found and proven, fast: guess narrowly, then prove over what the guess leaves open.

1. The linear relaxation gives an exact bound and says what each deviation from it costs at least
   (:mod:`~moonbridge.engines.selection.relaxation`).
2. A *core* of the cheapest deviations is solved; that is mostly already the best portfolio (the core concept: Balas and
   Zemel, Operations Research 28, 1980; Puchinger, Raidl and Pferschy, INFORMS Journal on Computing 22, 2010).
3. Its value settles every variable whose deviation would cost more than what is left up to the bound, exactly.
4. CP-SAT, or our own branch and bound (:mod:`~moonbridge.engines.selection.solver` says when), searches the rest, in
   whole numbers, for *another* portfolio that is at least as good. If there is none, the one found is the only best one:
   one search proves both. If there is one, it takes over and the search is repeated.

What counts as proof is thus the answer "none" of an exact search over variables that exact arithmetic left open. A
solver that computes in floats (SCIP, HiGHS) only ever contributes guesses.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Final

from moonbridge.engines.selection.program import Program, Row
from moonbridge.engines.selection.relaxation import Relaxation, relaxed, whole_prices
from moonbridge.engines.selection.solver import Effort, Engine, LinearPrices, Settled, Solution, maximise, value_of

CORE: Final = range(40, 201)
"""How many deviations the first guess may make: a quarter of the variables, within these numbers."""
WIDER_CORE: Final = 60
"""At least so many where a solution is known: only better ones are searched then, so a wider guess costs little."""


@dataclass(frozen=True, slots=True)
class Found:
    """The best values (None: none found), a number that none exceeds, and what is proven about them.

    ``proven``: nothing better exists, and ``alone`` says whether another choice of options is as good; both are known
    together. ``relaxation`` tells what is settled for all solutions that reach some value. ``engine`` had the last word.
    ``left`` is the effort with what is left of the time.
    """

    values: tuple[int, ...] | None
    bound: int
    proven: bool
    alone: bool
    relaxation: Relaxation
    engine: Engine = Engine.CP_SAT
    left: Effort = field(default=Effort(), compare=False)

    @property
    def infeasible(self) -> bool:
        """Whether it is proven that there is no solution."""
        return self.proven and self.values is None


def search(
    program: Program,
    objective: Mapping[int, int],
    rows: Sequence[Row] = (),
    *,
    effort: Effort,
    settled: Settled | None = None,
    hint: Sequence[int] = (),
    core: int | None = None,
    linear: LinearPrices | None = None,
) -> Found:
    """Return the best solution of ``program`` and further ``rows``, and whether it is the only one.

    ``settled`` are values that every solution of interest is known to have; ``hint`` is a solution, if one is known;
    ``core`` is how many deviations the first guess may make; ``linear`` is the relaxation of the program's own
    rows, where many searches share it.
    """
    prices = whole_prices(linear, objective) if linear is not None and not rows else None
    relaxation = relaxed(program, objective, (*program.rows, *rows), prices)
    hunt = _Hunt(program, objective, rows, relaxation, settled or {}, effort)
    quarter = min(max(program.size // 4, WIDER_CORE if hint else CORE[0]), CORE[-1])
    first = hunt.first(quarter if core is None else core, hint)
    if first.values is None:
        bound = hunt.bound(first)
        return Found(
            None, bound, first.proven, alone=False, relaxation=relaxation, engine=first.engine, left=hunt.effort
        )
    return hunt.confirmed(first.values)


@dataclass
class _Hunt:
    """A search under way; ``effort`` holds what is left of the time."""

    program: Program
    objective: Mapping[int, int]
    rows: Sequence[Row]
    relaxation: Relaxation
    settled: Settled
    effort: Effort

    def first(self, core: int, hint: Sequence[int]) -> Solution:
        """Return a good solution, or the proof that there is none."""
        if hint and self.effort.engine.proves:
            guess = {**self.relaxation.core(core), **self.settled}
            better = self._solve(guess, least=self._worth(hint) + 1, share=2).values
            return Solution(better or tuple(hint), None, proven=False)
        guessed = self._guessed(core, hint)
        if guessed.values is not None and (not hint or self._worth(guessed.values) >= self._worth(hint)):
            return guessed
        if hint:
            return Solution(tuple(hint), None, proven=False)
        return guessed if guessed.infeasible else self._solve(self.settled, share=1)

    def confirmed(self, best: tuple[int, ...]) -> Found:
        """Look for others as good as ``best`` until there is none."""
        while True:
            worth = self._worth(best)
            settled = {**self.relaxation.settled(worth), **self.settled}
            rival = self._solve(settled, extra=another(self.program, best), least=worth, share=1)
            if rival.proven and (rival.values is None or self._worth(rival.values) == worth):
                alone = rival.infeasible
                return Found(best, worth, proven=True, alone=alone, relaxation=self.relaxation, engine=rival.engine)
            if rival.values is not None and self._worth(rival.values) > worth:
                best = rival.values
            if not rival.proven:
                bound = max(self.bound(rival), self._worth(best))
                return Found(best, bound, proven=False, alone=False, relaxation=self.relaxation, engine=rival.engine)

    def bound(self, solution: Solution) -> int:
        """Return the lower of the two bounds, the relaxation's and the solver's."""
        return self.relaxation.bound if solution.bound is None else min(solution.bound, self.relaxation.bound)

    def _guessed(self, core: int, hint: Sequence[int]) -> Solution:
        """Solve wider and wider cores until one has a solution; the last one is everything."""
        if not self.effort.engine.proves:
            return self._second_opinion()
        while core < self.program.size:
            guess = {**self.relaxation.core(core), **self.settled}
            found = self._solve(guess, hint=hint, share=2)
            if not found.infeasible:
                return replace(found, bound=None, proven=False)
            core *= 4
        return self._solve(self.settled, hint=hint, share=2)

    def _second_opinion(self) -> Solution:
        """Return what another solver finds; its floats may have missed a row, and its "none" proves nothing."""
        found = maximise(self.program, self.objective, self.rows, effort=self.effort, settled=self.settled)
        self.effort = replace(_less(self.effort, found.seconds), engine=Engine.CP_SAT)
        rows = (*self.program.rows, *self.rows)
        if found.values is None or not all(row.holds(found.values) for row in rows):
            return self._solve(self.settled, share=1)
        return replace(found, bound=None, proven=False)

    def _solve(
        self,
        settled: Settled,
        *,
        share: int,
        extra: Sequence[Row] = (),
        least: int | None = None,
        hint: Sequence[int] = (),
    ) -> Solution:
        """Let CP-SAT work for at most one part in ``share`` of what is left of the time."""
        limit = self.effort.time_limit
        effort = replace(self.effort, time_limit=None if limit is None else limit / share)
        rows = (*self.rows, *extra)
        found = maximise(self.program, self.objective, rows, effort=effort, settled=settled, hint=hint, least=least)
        self.effort = _less(self.effort, found.seconds)
        return found

    def _worth(self, values: Sequence[int]) -> int:
        return value_of(self.objective, values)


def another(program: Program, taken: Sequence[int]) -> tuple[Row]:
    """Return the row that keeps a portfolio from being found again: at least one option must differ."""
    variables = program.option_variables.values()
    flying = sum(taken[variable] for variable in variables)
    return (Row({variable: 1 - 2 * taken[variable] for variable in variables}, low=1 - flying),)


def _less(effort: Effort, seconds: float) -> Effort:
    if effort.time_limit is None:
        return effort
    return replace(effort, time_limit=max(_MOMENT_S, effort.time_limit - seconds))


_MOMENT_S: Final = 0.001
"""What a solver gets at least: zero would mean no limit to some."""
