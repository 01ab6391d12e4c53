"""What may be cut off a tree of 0/1 choices: decided in whole numbers only, whatever the prices are worth.

Weak duality: with any price for each row, no solution is worth more than what the prices bring and what each open
variable adds after paying them (:mod:`~moonbridge.engines.selection.relaxation`). Prices come from floats and are rounded
to whole numbers first. All sums stay below 2**63: the objective is scaled to at most 2**61 in all, and so is what the
prices of all rows can amount to (a price that would be too large counts as none, which is as valid).
"""

from typing import Final, NamedTuple

import numpy as np
import numpy.typing as npt
from numba import njit

from moonbridge.engines.selection.simplex import Dictionary, Floats, Ints

type States = npt.NDArray[np.int8]

OPEN: Final = -1
"""The state of a variable that is neither 0 nor 1 yet."""
LARGEST: Final = 2.0**61
_RAY: Final = 2.0**53


class Whole(NamedTuple):
    """``low <= rows @ x <= high`` and the objective, in whole numbers.

    The entries of row ``i`` are those from ``begins[i]`` to ``begins[i + 1]`` of ``columns`` and ``entries``.
    ``gains`` is the objective times the scale; ``reach`` the sum of each row's absolute coefficients. ``units`` is what a
    float price of each row is multiplied by to become whole.
    """

    begins: Ints
    columns: Ints
    entries: Ints
    low: Ints
    high: Ints
    gains: Ints
    reach: Ints
    units: Floats


@njit(nogil=True, cache=True, error_model="numpy")
def whole_prices(whole: Whole, d: Dictionary, prices: Ints) -> None:
    """Read the prices of the rows from the reduced costs."""
    count, columns = len(whole.low), len(whole.gains)
    prices[:] = 0
    for j in range(columns):
        if d.others[j] >= columns:
            row = d.others[j] - columns
            _set_price(whole, prices, row, d.table[count, j])


@njit(nogil=True, cache=True, error_model="numpy")
def whole_ray(whole: Whole, d: Dictionary, row: int, prices: Ints) -> None:
    """Read from a row of the table the prices that shall prove that nothing satisfies the rows.

    The row says that its basic variable equals a sum over the others, and the sum does not reach the variable's bound:
    the difference of the two, which must be zero, cannot be.
    """
    columns = len(whole.gains)
    prices[:] = 0
    variable = d.basis[row]
    sign = 1.0 if d.values[variable] < d.lower[variable] else -1.0
    own = whole.units[variable - columns] * whole.reach[variable - columns] if variable >= columns else 0.0
    largest = own
    for j in range(columns):
        if d.others[j] >= columns:
            i = d.others[j] - columns
            largest = max(largest, abs(d.table[row, j]) * whole.units[i] * whole.reach[i])
    sign *= _RAY / max(largest, 1.0)
    if variable >= columns:
        _set_price(whole, prices, variable - columns, -sign)
    for j in range(columns):
        if d.others[j] >= columns:
            _set_price(whole, prices, d.others[j] - columns, sign * d.table[row, j])


@njit(nogil=True, cache=True, error_model="numpy")
def _set_price(whole: Whole, prices: Ints, row: int, price: float) -> None:
    scaled = price * whole.units[row]
    if abs(scaled) * whole.reach[row] < LARGEST:
        prices[row] = round(scaled)


@njit(nogil=True, cache=True, error_model="numpy")
def bound(whole: Whole, prices: Ints, with_gains: bool, states: States, net: Ints) -> int:
    """Return what no solution with the settled ``states`` exceeds, and in ``net`` what each variable adds to it.

    Without gains the objective counts nothing: then a negative bound proves that there is no solution.
    """
    for j in range(len(net)):
        net[j] = whole.gains[j] if with_gains else 0
    total, spent = 0, 0.0
    for i in range(len(whole.low)):
        price = prices[i]
        weight = abs(float(price)) * whole.reach[i]
        if price == 0 or spent + weight > LARGEST:
            continue
        spent += weight
        total += price * (whole.high[i] if price > 0 else whole.low[i])
        for k in range(whole.begins[i], whole.begins[i + 1]):
            net[whole.columns[k]] -= price * whole.entries[k]
    for j in range(len(net)):
        if states[j] == 1 or (states[j] == OPEN and net[j] > 0):
            total += net[j]
    return total


@njit(nogil=True, cache=True, error_model="numpy")
def propagate(whole: Whole, states: States, trail: Ints, length: int) -> tuple[int, bool]:
    """Settle what single rows force; return the new length of the trail, and whether all rows can still be kept."""
    changed = True
    while changed:
        changed = False
        for i in range(len(whole.low)):
            least, most = _activity(whole, states, i)
            if least > whole.high[i] or most < whole.low[i]:
                return length, False
            over, under = whole.high[i] - least, most - whole.low[i]
            for k in range(whole.begins[i], whole.begins[i + 1]):
                j, entry = whole.columns[k], whole.entries[k]
                size = abs(entry)
                if states[j] != OPEN or (size <= over and size <= under):
                    continue
                # Above ``over`` the larger contribution is impossible, above ``under`` the smaller one.
                states[j] = 1 if (entry > 0) != (size > over) else 0
                trail[length] = j
                length += 1
                changed = True
                if size > over and size > under:
                    return length, False
                if size > over:
                    under -= size
                else:
                    over -= size
    return length, True


@njit(nogil=True, cache=True, error_model="numpy")
def _activity(whole: Whole, states: States, row: int) -> tuple[int, int]:
    """Return the least and the most that a row can amount to."""
    least, most = 0, 0
    for k in range(whole.begins[row], whole.begins[row + 1]):
        entry, state = whole.entries[k], states[whole.columns[k]]
        if state == OPEN:
            least += min(entry, 0)
            most += max(entry, 0)
        elif state == 1:
            least += entry
            most += entry
    return least, most


@njit(nogil=True, cache=True, error_model="numpy")
def keeps(whole: Whole, states: States) -> bool:
    """Return whether 0/1 values keep all rows."""
    for i in range(len(whole.low)):
        amount, _ = _activity(whole, states, i)
        if amount < whole.low[i] or amount > whole.high[i]:
            return False
    return True
