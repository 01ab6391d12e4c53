"""The largest request with which an option is still selected, each as one solve instead of a bisection.

With the option forced in and its own demand taken out of a limit, every portfolio that ranks above the present best
leaves some of that limit free. The most that any of them leaves free is the largest request that gets the option in.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from moonbridge.engines.selection.problem import Place, Problem
from moonbridge.engines.selection.program import Key, Program, Row, Terms, added
from moonbridge.engines.selection.relaxation import linear_duals, relaxed
from moonbridge.engines.selection.solver import Effort, Settled, maximise, value_of
from moonbridge.quantities import COUNT

PERCENT: Final = 100
_BITS: Final = 7
"""A percentage fits into seven binary digits."""


@dataclass(frozen=True)
class Challenge:
    """An option that must rank above what is now the best: its program, its variable, and the rank to beat."""

    program: Program
    ranking: Terms
    best: int
    key: Key
    effort: Effort

    @property
    def problem(self) -> Problem:
        """The problem under discussion."""
        return self.program.problem

    @property
    def variable(self) -> int:
        """The variable of the challenging option."""
        return self.program.option_variables[self.key]

    @property
    def winning(self) -> tuple[Row, Row]:
        """The option flies, and the portfolio ranks above the best."""
        return Row({self.variable: 1}, low=1), Row(self.ranking, low=self.best + 1)

    def duals(self) -> tuple[int, ...]:
        """Return prices of the rows with the option in; they screen out what cannot help."""
        return linear_duals(self.program, self.ranking, (*self.program.rows, self.winning[0]))

    def open_to_win(self, rows: Sequence[Row], duals: Sequence[int]) -> Settled | None:
        """Return what is settled for every portfolio within ``rows`` that ranks above the best; None if there is none.

        ``rows`` are the program's rows in their order, some of them changed. The prices of the unchanged rows mostly
        prove already that nothing ranks above; only where they do not are new ones found.
        """
        within = (*rows, self.winning[0])
        if relaxed(self.program, self.ranking, within, duals).bound <= self.best:
            return None
        relaxation = relaxed(self.program, self.ranking, within)
        return relaxation.settled(self.best + 1) if relaxation.bound > self.best else None

    def relieved(self, places: Sequence[Place]) -> list[Row]:
        """Return the program's rows with the option's own demand at ``places`` taken out."""
        sources = [self.problem.limit_at[place] for place in places]
        return [_without(row, self.variable) if row.source in sources else row for row in self.program.rows]

    def largest_alone(self, place: Place, most: int, duals: Sequence[int]) -> int | None:
        """Return the largest request up to ``most`` at one place that wins, all else unchanged; None if none does."""
        rows = self.relieved([place])
        settled = self.open_to_win(rows, duals)
        if settled is None:
            return None
        use = self._use_of_others(place)
        solution = self._solve(rows, {variable: -amount for variable, amount in use.items()}, settled)
        if solution is None:
            return None
        return min(most, self.problem.limit_at[place].usable - value_of(use, solution))

    def largest_percent(self, places: Sequence[Place], duals: Sequence[int]) -> int | None:
        """Return the largest whole percentage below 100 of all requests at ``places`` that wins; None if none does."""
        rows = self.relieved(places)
        settled = self.open_to_win(rows, duals)
        if settled is None:
            return None
        digits = {self.program.size + digit: 2**digit for digit in range(_BITS)}
        rows.append(Row(digits, high=PERCENT - 1))
        for place in places:
            rows += self._scaled_rows(place, digits)
        solution = self._solve(rows, digits, settled, extra=_BITS)
        return None if solution is None else value_of(digits, solution)

    def _scaled_rows(self, place: Place, digits: Terms) -> list[Row]:
        """``floor(demand * percent / 100)``, of counted things at least one, fits beside the others and into the item's limit."""
        limit, demand = self.problem.limit_at[place], self.problem.by_id[self.key[0]].option(self.key[1]).demands[place]
        own = {variable: demand * weight for variable, weight in digits.items()}
        others = {variable: PERCENT * amount for variable, amount in self._use_of_others(place).items()}
        least = least_request(self.problem, place)
        rows = [
            Row(added(others, own), high=PERCENT * limit.usable + PERCENT - 1),
            Row(others, high=PERCENT * (limit.usable - least)),
        ]
        if limit.per_item is not None:
            rows.append(Row(own, high=PERCENT * limit.per_item + PERCENT - 1 if limit.per_item >= least else -1))
        return rows

    def _use_of_others(self, place: Place) -> Terms:
        return {
            variable: amount
            for (proposal, option), variable in self.program.option_variables.items()
            if (amount := self.problem.by_id[proposal].option(option).demands.get(place, 0))
            and variable != self.variable
        }

    def _solve(self, rows: Sequence[Row], objective: Terms, settled: Settled, extra: int = 0) -> tuple[int, ...] | None:
        program = Program(self.problem, size=self.program.size + extra, rows=list(rows))
        return maximise(program, objective, self.winning, effort=self.effort, settled=settled).values


def least_request(problem: Problem, place: Place) -> int:
    """Return what a proposal that uses a resource must ask for at least: one of what is counted, nothing of the rest."""
    return 1 if problem.resources[place[1]] is COUNT else 0


def _without(row: Row, variable: int) -> Row:
    terms = {other: coefficient for other, coefficient in row.terms.items() if other != variable}
    return Row(terms, row.low, row.high, row.source)
