"""What the linear relaxation can prove, made exact: prices from the linear solver, arithmetic in whole numbers.

Any prices give a valid bound (weak duality), so it does not matter that the linear solver computes in floats: its
prices are rounded to whole multiples of 2**-20 and everything that follows from them is computed exactly. (This is the
safe bound of Neumaier and Shcherbina, Mathematical Programming 99, 2004, which for 0/1 variables needs no more than a
sum over the variables.)

The rows "at most one option of a proposal" get no price: each proposal takes the best of its options or none, which
gives a better bound and tells for every option what choosing it would cost at least. What costs more than the bound
lies above a known portfolio cannot be part of a better one and is settled (reduced-cost fixing: Balas and Martin,
Management Science 26, 1980).
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Final

from moonbridge.engines.selection.program import Program, Row
from moonbridge.engines.selection.solver import LinearPrices, Settled

_SCALE: Final = 2**20


@dataclass(frozen=True)
class Relaxation:
    """A bound on an objective, and what each deviation from the choice that attains it costs (units of 2**-20).

    ``groups`` holds the variables of which at most one is 1; ``gains`` what each variable adds after prices are paid;
    ``constant`` what the prices bring by themselves.
    """

    groups: tuple[tuple[int, ...], ...]
    gains: Sequence[int]
    constant: int

    @cached_property
    def _best(self) -> list[int]:
        """What the best choice of each group gains."""
        return [max(0, *[self.gains[variable] for variable in group]) for group in self.groups]

    @cached_property
    def _total(self) -> int:
        return self.constant + sum(self._best)

    @property
    def bound(self) -> int:
        """The whole number that the objective cannot exceed."""
        return self._total // _SCALE

    def settled(self, least: int) -> Settled:
        """Return the variables that have the same value in every solution whose objective reaches ``least``.

        Meaningless (but harmless: there is no such solution) if ``least`` lies above the bound.
        """
        return self._within(self._total - least * _SCALE)

    def core(self, size: int) -> Settled:
        """Return what is settled if deviations may cost no more than the ``size`` cheapest each do: a guess, no proof."""
        pairs = zip(self.groups, self._best, strict=True)
        costs = sorted([cost for group, best in pairs for cost in self._costs(group, best) if cost])
        return self._within(costs[size] if size < len(costs) else self._total)

    def _within(self, allowance: int) -> Settled:
        values: dict[int, int] = {}
        for group, best in zip(self.groups, self._best, strict=True):
            possible = [v for v in group if best - self.gains[v] <= allowance]
            for variable in group:
                if variable not in possible:
                    values[variable] = 0
            if len(possible) == 1 and best > allowance:
                values[possible[0]] = 1
        return values

    def _costs(self, group: Sequence[int], best: int) -> Iterable[int]:
        return (best, *[best - self.gains[variable] for variable in group])


def relaxed(
    program: Program, objective: Mapping[int, int], rows: Sequence[Row], prices: Sequence[int] | None = None
) -> Relaxation:
    """Return the relaxation of ``objective`` within ``rows``, which include those of ``program`` that shall hold.

    Without ``prices`` (units of 2**-20, one for each row) the linear solver finds the best ones.
    """
    if prices is None:
        prices = linear_duals(program, objective, rows)
    groups = _groups(program)
    gains = [objective.get(variable, 0) * _SCALE for variable in range(program.size)]
    constant = 0
    whole = set(map(frozenset, groups))
    for row, price in zip(rows, prices, strict=True):
        side = row.high if price > 0 else row.low
        # A price on a side that the row does not limit says nothing.
        if not price or side is None or _one_of(row, whole):
            continue
        constant += price * side
        for variable, coefficient in row.terms.items():
            gains[variable] -= price * coefficient
    return Relaxation(groups, gains, constant)


def linear_duals(program: Program, objective: Mapping[int, int], rows: Sequence[Row]) -> tuple[int, ...]:
    """Return a price for each row, in units of 2**-20 of the objective; all zero if the relaxation has no optimum."""
    return whole_prices(LinearPrices(program.size, rows), objective)


def whole_prices(linear: LinearPrices, objective: Mapping[int, int]) -> tuple[int, ...]:
    """Return the prices of a linear relaxation for ``objective`` in units of 2**-20."""
    return tuple(round(price * _SCALE) for price in linear.of(objective))


def _groups(program: Program) -> tuple[tuple[int, ...], ...]:
    options: dict[str, list[int]] = {}
    for (proposal, _), variable in program.option_variables.items():
        options.setdefault(proposal, []).append(variable)
    grouped = {variable for group in options.values() for variable in group}
    alone = ((variable,) for variable in range(program.size) if variable not in grouped)
    return (*map(tuple, options.values()), *alone)


def _one_of(row: Row, groups: set[frozenset[int]]) -> bool:
    """Return whether the row says no more than that at most one of a group is 1."""
    return (
        row.high == 1
        and row.low is None
        and all(coefficient == 1 for coefficient in row.terms.values())
        and frozenset(row.terms) in groups
    )
