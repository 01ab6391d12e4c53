"""How many portfolios are as good, or nearly: all of them, and what they share.

Where tiers are served one after the other, *nearly as good* is what the lottery near the line means too: as good in every
tier but the last, and in the last at most so much below the best.
"""

from dataclasses import dataclass
from fractions import Fraction

from moonbridge.engines.selection.check import values
from moonbridge.engines.selection.problem import Choices, Problem
from moonbridge.engines.selection.program import compiled
from moonbridge.engines.selection.rules import Exact, exact
from moonbridge.engines.selection.search import another, search
from moonbridge.engines.selection.serving import served
from moonbridge.engines.selection.solver import Effort, maximise, value_of


@dataclass(frozen=True)
class Alternatives:
    """Portfolios in falling order of merit; ``complete`` says that there are no others within the margin.

    ``values`` holds for each portfolio its merit in each tier of the call.
    """

    portfolios: tuple[Choices, ...]
    values: tuple[tuple[Fraction, ...], ...]
    complete: bool

    @property
    def merits(self) -> tuple[Fraction, ...]:
        """The total merit of each portfolio over all tiers."""
        return tuple(sum(values, Fraction(0)) for values in self.values)

    @property
    def always(self) -> frozenset[str]:
        """The proposals that are in every one of them."""
        return frozenset.intersection(*map(frozenset, self.portfolios)) if self.portfolios else frozenset()

    @property
    def sometimes(self) -> frozenset[str]:
        """The proposals that are in some of them but not in all."""
        return frozenset().union(*self.portfolios) - self.always


def near_optimal(
    problem: Problem,
    within: Exact = 0,
    *,
    most: int = 100,
    effort: Effort = Effort(),  # noqa: B008 - frozen
) -> Alternatives:
    """Return up to ``most`` portfolios whose merit lies at most ``within`` below the best, the best first.

    With tiers the margin is one of the last tier, and all others are as good as can be. Empty if no portfolio keeps the rules.
    """
    program = compiled(problem)
    *earlier, merit = program.objectives
    before = served(program, earlier, effort=effort)
    if not before.proven:
        return Alternatives((), (), complete=False)
    best = search(program, merit, before.rows, effort=effort, settled=before.settled)
    if best.values is None or not best.proven:
        return Alternatives((), (), complete=best.infeasible)
    # Nothing below the margin is ever looked at: that settles most of a large call once and for all.
    least = value_of(merit, best.values) - int(exact(within) * problem.merit_scale)
    settled = {**before.settled, **best.relaxation.settled(least)}
    found, rows = [program.choices(best.values)], [*before.rows, *another(program, best.values)]
    while len(found) < most:
        solution = maximise(program, merit, rows, effort=effort, settled=settled, least=least)
        if solution.values is None or not solution.proven:
            return _alternatives(problem, found, complete=solution.infeasible)
        found.append(program.choices(solution.values))
        rows += another(program, solution.values)
    return _alternatives(problem, found, complete=False)


def _alternatives(problem: Problem, found: list[dict[str, str]], *, complete: bool) -> Alternatives:
    return Alternatives(tuple(found), tuple(values(problem, choices) for choices in found), complete)
