"""How many portfolios are as good, or nearly: all of them, and what they share."""

from dataclasses import dataclass
from fractions import Fraction

from moonbridge.engines.selection.check import values
from moonbridge.engines.selection.problem import Choices, Problem
from moonbridge.engines.selection.program import compiled
from moonbridge.engines.selection.rules import Exact, exact
from moonbridge.engines.selection.search import another, search
from moonbridge.engines.selection.solver import Effort, maximise, value_of
from moonbridge.errors import InputError


@dataclass(frozen=True)
class Alternatives:
    """Portfolios in falling order of merit; ``complete`` says that there are no others within the margin."""

    portfolios: tuple[Choices, ...]
    merits: tuple[Fraction, ...]
    complete: bool

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

    Empty if no portfolio keeps the rules. Raises InputError for a call with tiers, whose merit is not one number.
    """
    if len(problem.tiers) > 1:
        raise InputError("a margin needs one merit: this call has tiers", field="tier")
    program = compiled(problem)
    merit = program.objectives[0]
    best = search(program, merit, effort=effort)
    if best.values is None or not best.proven:
        return Alternatives((), (), complete=best.infeasible)
    # Nothing below the margin is ever looked at: that settles most of a large call once and for all.
    least = value_of(merit, best.values) - int(exact(within) * problem.merit_scale)
    settled = best.relaxation.settled(least)
    found, rows = [program.choices(best.values)], [*another(program, best.values)]
    while len(found) < most:
        solution = maximise(program, merit, rows, effort=effort, settled=settled, least=least)
        if solution.values is None or not solution.proven:
            return _alternatives(problem, found, complete=solution.infeasible)
        found.append(program.choices(solution.values))
        rows += another(program, solution.values)
    return _alternatives(problem, found, complete=False)


def _alternatives(problem: Problem, found: list[dict[str, str]], *, complete: bool) -> Alternatives:
    return Alternatives(tuple(found), tuple(values(problem, choices)[0] for choices in found), complete)
