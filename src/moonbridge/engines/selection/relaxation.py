"""What the linear relaxation can prove, made exact: prices from the linear solver, arithmetic in whole numbers.

Any prices give a valid bound (weak duality), so it does not matter that the linear solver computes in floats: its
prices are rounded to whole multiples of 2**-20 and the bound that follows from them is computed exactly.
"""

from collections.abc import Mapping, Sequence
from typing import Final

from moonbridge.engines.selection.program import Program, Row
from moonbridge.engines.selection.solver import linear_prices

_SCALE: Final = 2**20


def linear_duals(program: Program, objective: Mapping[int, int], rows: Sequence[Row]) -> tuple[int, ...]:
    """Return a price for each row, in units of 2**-20 of the objective; all zero if the relaxation has no optimum."""
    return tuple(round(price * _SCALE) for price in linear_prices(program.size, objective, rows))


def bound(size: int, objective: Mapping[int, int], rows: Sequence[Row], duals: Sequence[int]) -> int:
    """Return a whole number that ``objective`` cannot exceed over 0/1 variables within ``rows``, given any prices."""
    total = 0
    gains = {variable: objective.get(variable, 0) * _SCALE for variable in range(size)}
    for row, price in zip(rows, duals, strict=True):
        side = row.high if price > 0 else row.low
        if not price or side is None:  # a price on a side that the row does not limit says nothing
            continue
        total += price * side
        for variable, coefficient in row.terms.items():
            gains[variable] -= price * coefficient
    return (total + sum(gain for gain in gains.values() if gain > 0)) // _SCALE
