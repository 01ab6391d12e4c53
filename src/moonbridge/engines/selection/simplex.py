"""A small dense simplex that starts anywhere: it proposes prices, it proves nothing.

The rows are kept as a *dictionary* (Chvátal, Linear Programming, 1983): every basic variable as a sum over the others.
All variables have two finite bounds (a row's slack is the row's own sum, which cannot leave what its variables allow), so
whatever the basis, each variable outside it can be put at the bound that its reduced cost asks for: every basis is dual
feasible for every objective and all bounds. A search that fixes and frees variables, or changes the objective, goes on
from where the last linear program ended. The ratio test passes over variables that may as well jump to their other bound
(the long-step rule; Maros, Computational Techniques of the Simplex Method, 2003).
"""

from typing import Final, NamedTuple

import numpy as np
import numpy.typing as npt
from numba import njit

type Floats = npt.NDArray[np.float64]
type Ints = npt.NDArray[np.int64]

OPTIMAL: Final = -1
"""What :func:`solve` returns at an optimum."""
STOPPED: Final = -2
"""What :func:`solve` returns where its prices are enough, or where it takes too long."""
_FEASIBLE: Final = 1e-9
_SMALLEST_PIVOT: Final = 1e-7
_ZERO: Final = 1e-13
_TIE: Final = 1e-12


class Dictionary(NamedTuple):
    """``m`` rows over ``n`` columns in a form that one basis gives them.

    Variables 0 to n-1 are the columns, n to n+m-1 the sums of the rows. ``table`` has shape (m + 1, n), its last row holds
    the reduced costs; ``first`` is the table of the basis that consists of the rows. ``values``, ``lower`` and
    ``upper`` belong to all n+m variables. ``pivots`` counts those since the table was computed afresh.
    """

    table: Floats
    first: Floats
    basis: Ints
    others: Ints
    values: Floats
    lower: Floats
    upper: Floats
    pivots: Ints


def dictionary(rows: Floats, objective: Floats, low: Floats, high: Floats) -> Dictionary:
    """Return the dictionary of ``low <= rows @ x <= high`` over 0 <= x <= 1 in which no column is basic."""
    count, columns = rows.shape
    first = np.vstack([rows, objective])
    lower, upper = np.concatenate([np.zeros(columns), low]), np.concatenate([np.ones(columns), high])
    basis, others = np.arange(columns, columns + count), np.arange(columns)
    return Dictionary(first.copy(), first, basis, others, lower.copy(), lower, upper, np.zeros(1, np.int64))


@njit(nogil=True, cache=True, error_model="numpy", fastmath={"reassoc"})
def place(d: Dictionary) -> None:
    """Put each variable outside the basis at the bound that its reduced cost asks for, and compute the basic ones."""
    rows, columns = len(d.basis), len(d.others)
    for j in range(columns):
        variable = d.others[j]
        d.values[variable] = d.upper[variable] if d.table[rows, j] > 0 else d.lower[variable]
    for i in range(rows):
        total = 0.0
        for j in range(columns):
            total += d.table[i, j] * d.values[d.others[j]]
        d.values[d.basis[i]] = total


@njit(nogil=True, cache=True, error_model="numpy")
def solve(d: Dictionary, enough: float, most: int) -> int:
    """Take dual simplex steps; return OPTIMAL, STOPPED, or the row that shows that there is no solution.

    It stops as soon as the bound falls below ``enough``, or after ``most`` steps.
    """
    passed = np.zeros(len(d.others), dtype=np.bool_)
    for _ in range(most):
        row = _most_violated(d)
        if row < 0:
            return OPTIMAL
        variable = d.basis[row]
        rises = d.values[variable] < d.lower[variable]
        column = _entering(d, row, rises, passed)
        if column < 0:
            return row
        _step(d, row, column, d.lower[variable] if rises else d.upper[variable], passed)
        if _bound(d) < enough:
            return STOPPED
    return STOPPED


@njit(nogil=True, cache=True, error_model="numpy")
def _bound(d: Dictionary) -> float:
    last = len(d.basis)
    total = 0.0
    for j in range(len(d.others)):
        total += d.table[last, j] * d.values[d.others[j]]
    return total


@njit(nogil=True, cache=True, error_model="numpy")
def _most_violated(d: Dictionary) -> int:
    worst, row = _FEASIBLE, -1
    for i in range(len(d.basis)):
        variable = d.basis[i]
        value = d.values[variable]
        violation = max(d.lower[variable] - value, value - d.upper[variable])
        if violation > worst:
            worst, row = violation, i
    return row


@njit(nogil=True, cache=True, error_model="numpy")
def _entering(d: Dictionary, row: int, rises: bool, passed: npt.NDArray[np.bool_]) -> int:
    """Return the column that enters for ``row``, -1 if none can; mark those ``passed`` that jump to their other bound."""
    variable = d.basis[row]
    value = d.values[variable]
    missing = d.lower[variable] - value if rises else value - d.upper[variable]
    passed[:] = False
    while True:
        column = _cheapest(d, row, rises, passed)
        if column < 0:
            return -1
        other = d.others[column]
        missing -= abs(d.table[row, column]) * (d.upper[other] - d.lower[other])
        if missing <= _FEASIBLE:
            return column
        passed[column] = True


@njit(nogil=True, cache=True, error_model="numpy")
def _cheapest(d: Dictionary, row: int, rises: bool, passed: npt.NDArray[np.bool_]) -> int:
    """Return the column that helps ``row`` at the smallest cost for each unit; of equal ones the largest pivot."""
    last = len(d.basis)
    best, size, column = np.inf, 0.0, -1
    for j in range(len(d.others)):
        entry = d.table[row, j]
        pivot = abs(entry)
        other = d.others[j]
        if pivot < _SMALLEST_PIVOT or passed[j] or d.lower[other] == d.upper[other]:
            continue
        goes_up = d.values[other] == d.lower[other]
        if goes_up != ((entry > 0) == rises):
            continue
        ratio = abs(d.table[last, j]) / pivot
        if ratio < best - _TIE or (ratio <= best + _TIE and pivot > size):
            best, size, column = min(best, ratio), pivot, j
    return column


@njit(nogil=True, cache=True, error_model="numpy")
def _step(d: Dictionary, row: int, column: int, target: float, passed: npt.NDArray[np.bool_]) -> None:
    """Let the ``passed`` variables jump, then bring ``row`` to its ``target`` by ``column`` and exchange the two."""
    for j in range(len(d.others)):
        if passed[j]:
            other = d.others[j]
            goal = d.upper[other] if d.values[other] == d.lower[other] else d.lower[other]
            _move(d, j, goal - d.values[other])
            d.values[other] = goal
    leaving = d.basis[row]
    _move(d, column, (target - d.values[leaving]) / d.table[row, column])
    d.values[leaving] = target
    exchange(d, row, column)


@njit(nogil=True, cache=True, error_model="numpy")
def _move(d: Dictionary, column: int, by: float) -> None:
    d.values[d.others[column]] += by
    for i in range(len(d.basis)):
        d.values[d.basis[i]] += d.table[i, column] * by


@njit(nogil=True, cache=True, error_model="numpy")
def exchange(d: Dictionary, row: int, column: int) -> None:
    """Let the basic variable of ``row`` and the variable of ``column`` change places."""
    rows, columns = d.table.shape
    table = d.table
    inverse = 1.0 / table[row, column]
    for j in range(columns):
        table[row, j] *= -inverse
    table[row, column] = inverse
    for i in range(rows):
        factor = table[i, column]
        if i == row or factor == 0.0:
            continue
        if abs(factor) < _ZERO:
            table[i, column] = 0.0
            continue
        table[i, column] = 0.0
        for j in range(columns):
            table[i, j] += factor * table[row, j]
    d.basis[row], d.others[column] = d.others[column], d.basis[row]
    d.pivots[0] += 1


@njit(nogil=True, cache=True, error_model="numpy")
def refresh(d: Dictionary) -> None:
    """Compute the table afresh from the first one, so that rounding errors do not pile up."""
    rows, columns = len(d.basis), len(d.others)
    wanted = np.zeros(rows + columns, dtype=np.bool_)
    for i in range(rows):
        wanted[d.basis[i]] = True
    d.table[:] = d.first
    for i in range(rows):
        d.basis[i] = columns + i
    for j in range(columns):
        d.others[j] = j
    for column in range(columns):
        if not wanted[column]:
            continue
        size, row = _SMALLEST_PIVOT, -1
        for i in range(rows):
            if not wanted[d.basis[i]] and abs(d.table[i, column]) > size:
                size, row = abs(d.table[i, column]), i
        if row >= 0:
            exchange(d, row, column)
    d.pivots[0] = 0
