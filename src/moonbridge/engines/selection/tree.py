# ruff: noqa: PLR2004 - kernels of numba are loops over plain numbers
"""The tree of a branch and bound, walked depth first; it can be left and entered again at any node."""

from typing import Final, NamedTuple

import numpy as np
from numba import njit

from moonbridge.engines.selection.pruning import OPEN, States, Whole, bound, keeps, propagate, whole_prices, whole_ray
from moonbridge.engines.selection.simplex import STOPPED, Dictionary, Ints, place, refresh, solve

NODES, DEPTH, LENGTH, LEAST, FOUND, DONE = range(6)
"""Where :class:`Tree` counts: nodes so far, decisions and settled variables now, the value to reach, and whether any
solution was found and the tree is walked through."""
_PIVOTS: Final = 200
"""After so many exchanges the dictionary is computed afresh."""
_STEPS: Final = 500
_WHOLE: Final = 1e-6
_SMALLEST_COST: Final = 1e-9
_MOST: Final = 1e9


class Tree(NamedTuple):
    """A walk under way over ``n`` variables.

    ``states``: 0, 1 or OPEN; ``trail``: the settled variables in their order; ``decided``: the variables that were
    branched on, ``began``: the length of the trail before each, ``second``: whether its other value is being tried.
    ``prices``, ``net`` and ``rounded`` are room to work in; ``best`` the best solution; ``scale`` by how many bits gains are shifted;
    ``unit`` by how much the float objective was divided.
    """

    whole: Whole
    simplex: Dictionary
    states: States
    trail: Ints
    decided: Ints
    began: Ints
    second: States
    prices: Ints
    net: Ints
    rounded: States
    best: States
    counters: Ints
    scale: int
    unit: float


@njit(nogil=True, cache=True, error_model="numpy")
def walk(tree: Tree, nodes: int) -> None:
    """Visit at most so many more nodes."""
    counters = tree.counters
    for _ in range(nodes):
        if counters[DONE]:
            return
        counters[NODES] += 1
        variable, first = _visit(tree)
        if variable < 0:
            _back(tree)
        else:
            depth = counters[DEPTH]
            tree.decided[depth] = variable
            tree.began[depth] = counters[LENGTH]
            tree.second[depth] = 0
            counters[DEPTH] = depth + 1
            _settle(tree, variable, first)


@njit(nogil=True, cache=True, error_model="numpy")
def _settle(tree: Tree, variable: int, value: int) -> None:
    tree.states[variable] = value
    tree.trail[tree.counters[LENGTH]] = variable
    tree.counters[LENGTH] += 1


@njit(nogil=True, cache=True, error_model="numpy")
def _back(tree: Tree) -> None:
    """Return to the last decision whose other value was not tried yet, and try it."""
    counters = tree.counters
    while counters[DEPTH]:
        depth = counters[DEPTH] - 1
        variable = tree.decided[depth]
        value = tree.states[variable]
        while counters[LENGTH] > tree.began[depth]:
            counters[LENGTH] -= 1
            tree.states[tree.trail[counters[LENGTH]]] = OPEN
        if not tree.second[depth]:
            tree.second[depth] = 1
            _settle(tree, variable, 1 - value)
            return
        counters[DEPTH] = depth
    counters[DONE] = 1


@njit(nogil=True, cache=True, error_model="numpy")
def _visit(tree: Tree) -> tuple[int, int]:
    """Return the variable to branch on and the value to try first; -1 if nothing below this node is wanted."""
    counters = tree.counters
    while True:
        if not _settled_further(tree):
            return -1, 0
        if counters[LENGTH] == len(tree.states):
            _take(tree, tree.states)
            return -1, 0
        most, impossible = _relaxed(tree)
        if impossible:
            return -1, 0
        _try_rounded(tree)
        if most < counters[LEAST] << tree.scale:
            return -1, 0
        before = counters[LENGTH]
        _settle_costly(tree, most - (counters[LEAST] << tree.scale))
        if not _settled_further(tree):
            return -1, 0
        if not _moved(tree, before):
            return _choice(tree)


@njit(nogil=True, cache=True, error_model="numpy")
def _relaxed(tree: Tree) -> tuple[int, bool]:
    """Solve the linear program; return what nothing below this node exceeds, and whether nothing keeps all rows."""
    d, least = tree.simplex, tree.counters[LEAST]
    if d.pivots[0] > _PIVOTS:
        refresh(d)
    _fix(tree)
    place(d)
    row = solve(d, (least - 0.5) / tree.unit, _STEPS)
    most = _bound(tree)
    if row == STOPPED and most >= least << tree.scale:
        # The floats said that the bound is low enough, and it is not.
        row = solve(d, -np.inf, _STEPS)
        most = _bound(tree)
    if row < 0:
        return most, False
    whole_ray(tree.whole, d, row, tree.prices)
    impossible = bound(tree.whole, tree.prices, False, tree.states, tree.net) < 0
    return _bound(tree), impossible


@njit(nogil=True, cache=True, error_model="numpy")
def _bound(tree: Tree) -> int:
    """Return the bound that the present prices prove; ``net`` tells what each variable adds to it."""
    whole_prices(tree.whole, tree.simplex, tree.prices)
    return bound(tree.whole, tree.prices, True, tree.states, tree.net)


@njit(nogil=True, cache=True, error_model="numpy")
def _settled_further(tree: Tree) -> bool:
    """Settle what the rows force; return whether they can still be kept."""
    length, kept = propagate(tree.whole, tree.states, tree.trail, tree.counters[LENGTH])
    tree.counters[LENGTH] = length
    return kept


@njit(nogil=True, cache=True, error_model="numpy")
def _settle_costly(tree: Tree, allowance: int) -> None:
    """Settle every variable of which one value costs more than lies between the bound and the value to reach."""
    for j in range(len(tree.states)):
        if tree.states[j] == OPEN and abs(tree.net[j]) > allowance:
            _settle(tree, j, 1 if tree.net[j] > 0 else 0)


@njit(nogil=True, cache=True, error_model="numpy")
def _moved(tree: Tree, before: int) -> bool:
    """Return whether a variable was settled at another value than it has in the linear program, or all are settled."""
    if tree.counters[LENGTH] == len(tree.states):
        return True
    for position in range(before, tree.counters[LENGTH]):
        variable = tree.trail[position]
        if abs(tree.simplex.values[variable] - tree.states[variable]) > _WHOLE:
            return True
    return False


@njit(nogil=True, cache=True, error_model="numpy")
def _fix(tree: Tree) -> None:
    """Tell the simplex what is settled."""
    d = tree.simplex
    for j in range(len(tree.states)):
        state = tree.states[j]
        d.lower[j] = 1.0 if state == 1 else 0.0
        d.upper[j] = 0.0 if state == 0 else 1.0


@njit(nogil=True, cache=True, error_model="numpy")
def _try_rounded(tree: Tree) -> None:
    """Take the linear program's solution if it is whole and, in whole numbers, keeps all rows."""
    values = tree.simplex.values
    for j in range(len(tree.states)):
        if abs(values[j] - round(values[j])) > _WHOLE:
            return
        tree.rounded[j] = 1 if values[j] > 0.5 else 0
    if keeps(tree.whole, tree.rounded):
        _take(tree, tree.rounded)


@njit(nogil=True, cache=True, error_model="numpy")
def _take(tree: Tree, values: States) -> None:
    """Take a solution, which keeps all rows, if it is good enough; from now on only better ones are."""
    total = 0
    for j in range(len(values)):
        if values[j] == 1:
            total += tree.whole.gains[j]
    if total >> tree.scale >= tree.counters[LEAST]:
        tree.best[:] = values
        tree.counters[FOUND] = 1
        tree.counters[LEAST] = (total >> tree.scale) + 1


@njit(nogil=True, cache=True, error_model="numpy")
def _choice(tree: Tree) -> tuple[int, int]:
    """Return the variable that costs most whichever value it takes, and the cheaper value (Tomlin's penalties).

    Where the linear program is whole it is the open variable whose other value costs least.
    """
    d, columns = tree.simplex, len(tree.states)
    best, variable, first = -1.0, -1, 0
    for i in range(len(d.basis)):
        candidate = d.basis[i]
        if candidate >= columns or tree.states[candidate] != OPEN:
            continue
        part = d.values[candidate]
        if part < _WHOLE or part > 1 - _WHOLE:
            continue
        down, up = _penalties(d, i)
        down, up = part * down, (1 - part) * up
        score = min(max(down, _SMALLEST_COST), _MOST) * min(max(up, _SMALLEST_COST), _MOST)
        if score > best:
            best, variable, first = score, candidate, 1 if up < down else 0
    return (variable, first) if variable >= 0 else _any_open(tree)


@njit(nogil=True, cache=True, error_model="numpy")
def _penalties(d: Dictionary, row: int) -> tuple[float, float]:
    """Return what a unit less and a unit more of a basic variable cost at first."""
    last = len(d.basis)
    down, up = np.inf, np.inf
    for j in range(len(d.others)):
        entry, other = d.table[row, j], d.others[j]
        if abs(entry) < _SMALLEST_COST or d.lower[other] == d.upper[other]:
            continue
        ratio = abs(d.table[last, j] / entry)
        if (d.values[other] == d.lower[other]) == (entry > 0):
            up = min(up, ratio)
        else:
            down = min(down, ratio)
    return down, up


@njit(nogil=True, cache=True, error_model="numpy")
def _any_open(tree: Tree) -> tuple[int, int]:
    cost, variable = np.int64(2**62), -1
    for j in range(len(tree.states)):
        if tree.states[j] == OPEN and (variable < 0 or abs(tree.net[j]) < cost):
            cost, variable = abs(tree.net[j]), j
    return variable, 1 if tree.net[variable] > 0 else 0
