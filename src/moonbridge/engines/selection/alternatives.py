"""How many portfolios are as good, or nearly: all of them, and what they share."""

from dataclasses import dataclass
from fractions import Fraction

from moonbridge.engines.selection.check import values
from moonbridge.engines.selection.problem import Choices, Problem
from moonbridge.engines.selection.program import Row, compiled
from moonbridge.engines.selection.rules import Exact, exact
from moonbridge.engines.selection.search import another
from moonbridge.engines.selection.solver import Effort, maximise
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
    merit, margin = program.objectives[0], exact(within)
    found: list[Choices] = []
    merits: list[Fraction] = []
    rows: list[Row] = []
    while len(found) < most:
        solution = maximise(program, merit, rows, effort=effort)
        if solution.values is None or not solution.proven:
            return Alternatives(tuple(found), tuple(merits), complete=solution.infeasible)
        choices = program.choices(solution.values)
        worth = values(problem, choices)[0]
        if merits and worth < merits[0] - margin:
            return Alternatives(tuple(found), tuple(merits), complete=True)
        found.append(choices)
        merits.append(worth)
        rows += another(program, solution.values)
    return Alternatives(tuple(found), tuple(merits), complete=False)
