"""An exact branch and bound of our own, for few rows: dense knapsacks, and the many small searches of robust draws.

A dense simplex proposes prices (:mod:`~moonbridge.engines.selection.simplex`); what is cut off follows from them in whole
numbers (:mod:`~moonbridge.engines.selection.pruning`), as it does from rows that cannot be kept; the tree is walked depth
first (:mod:`~moonbridge.engines.selection.tree`), the cheaper value of each variable first. At every node, variables of
which one value costs more than is left are settled, and so is what single rows force (compare Vimont, Boussier and
Vasquez, Journal of Combinatorial Optimization 15, 2008). So it proves what it says, whatever the floats do: bad prices
only make the tree larger. The same program gives the same answer and the same number of nodes.
"""

import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np

from moonbridge.engines.selection.program import Row
from moonbridge.engines.selection.pruning import OPEN, Whole
from moonbridge.engines.selection.simplex import Dictionary, Ints, dictionary
from moonbridge.engines.selection.stopping import Cancel, check
from moonbridge.engines.selection.tree import DONE, FOUND, NODES, Tree, walk

_MARGIN_BITS: Final = 5
"""How much larger than the objective the prices of all rows may be, in bits."""
_MOST_BITS: Final = 61
_FINEST: Final = 20
_WORK_AT_A_TIME: Final = 10_000_000
"""How many nodes, times entries of the table, pass between two questions whether to stop: some tenths of a second."""


@dataclass(frozen=True, slots=True)
class Columns:
    """The best values of the columns (None: none reach what was asked), whether that is proven, and what it took."""

    values: tuple[int, ...] | None
    proven: bool
    nodes: int
    seconds: float


def best_columns(
    size: int,
    rows: Sequence[Row],
    objective: Mapping[int, int],
    *,
    least: int | None = None,
    time_limit: float | None = None,
    cancelled: Cancel | None = None,
) -> Columns:
    """Return 0/1 values of the columns ``range(size)`` within ``rows`` with the largest objective.

    Only solutions that reach ``least`` are searched. The absolute coefficients of the objective must add up to less
    than 2**53, those of each row to less than 2**60. Raises Cancelled.
    """
    tree = _tree(size, rows, objective, least)
    chunk = max(1, _WORK_AT_A_TIME // ((len(rows) + 1) * (size + 1)))
    begun = time.monotonic()
    late = False
    while not (tree.counters[DONE] or late):
        check(cancelled)
        walk(tree, chunk)
        late = time_limit is not None and time.monotonic() - begun > time_limit
    values = tuple(map(int, tree.best)) if tree.counters[FOUND] else None
    return Columns(values, bool(tree.counters[DONE]), int(tree.counters[NODES]), time.monotonic() - begun)


def _tree(size: int, rows: Sequence[Row], objective: Mapping[int, int], least: int | None) -> Tree:
    span = sum(map(abs, objective.values()))
    scale = min(_FINEST, _MOST_BITS - _MARGIN_BITS - span.bit_length())
    power = max(map(abs, objective.values()), default=0).bit_length()
    gains = np.array([objective.get(column, 0) for column in range(size)], dtype=np.int64)
    whole = _whole(rows, gains << scale, scale + power)
    # No solution is worth more than the span or less than its negative.
    wanted = -span if least is None else max(-span, min(least, span + 1))
    return Tree(
        whole=whole,
        simplex=_scaled(whole, gains, power),
        states=np.full(size, OPEN, dtype=np.int8),
        trail=np.zeros(size, dtype=np.int64),
        decided=np.zeros(size, dtype=np.int64),
        began=np.zeros(size, dtype=np.int64),
        second=np.zeros(size, dtype=np.int8),
        prices=np.zeros(len(rows), dtype=np.int64),
        net=np.zeros(size, dtype=np.int64),
        rounded=np.zeros(size, dtype=np.int8),
        best=np.zeros(size, dtype=np.int8),
        counters=np.array([0, 0, 0, wanted, 0, 0], dtype=np.int64),
        scale=scale,
        unit=float(2**power),
    )


def _scaled(whole: Whole, gains: Ints, power: int) -> Dictionary:
    """Return the rows and the objective in floats, each divided by a power of two so that numbers are about 1."""
    exponents = _exponents(whole.reach)
    count = len(whole.low)
    entries = np.zeros((count, len(gains)))
    entries[np.repeat(np.arange(count), np.diff(whole.begins)), whole.columns] = whole.entries
    return dictionary(
        np.ldexp(entries, -exponents[:, None]),
        np.ldexp(gains.astype(np.float64), -power),
        np.ldexp(whole.low.astype(np.float64), -exponents),
        np.ldexp(whole.high.astype(np.float64), -exponents),
    )


def _whole(rows: Sequence[Row], gains: Ints, bits: int) -> Whole:
    """Return the rows with both sides within what their variables allow."""
    least = np.array([sum(c for c in row.terms.values() if c < 0) for row in rows], dtype=np.int64)
    most = np.array([sum(c for c in row.terms.values() if c > 0) for row in rows], dtype=np.int64)
    low = np.array([least[i] if row.low is None else max(row.low, least[i]) for i, row in enumerate(rows)])
    high = np.array([most[i] if row.high is None else min(row.high, most[i]) for i, row in enumerate(rows)])
    reach = np.maximum(most - least, 1)
    return Whole(
        begins=np.cumsum([0, *(len(row.terms) for row in rows)]).astype(np.int64),
        columns=np.array([column for row in rows for column in row.terms], dtype=np.int64),
        entries=np.array([entry for row in rows for entry in row.terms.values()], dtype=np.int64),
        low=low.astype(np.int64),
        high=high.astype(np.int64),
        gains=gains,
        reach=reach,
        units=np.ldexp(1.0, bits - _exponents(reach)),
    )


def _exponents(reach: Ints) -> Ints:
    return np.ceil(np.log2(reach.astype(np.float64))).astype(np.int64)
