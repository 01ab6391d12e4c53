"""Assignments that no flow describes (quotas that cross, a floor), by CP-SAT in whole numbers.

A large panel is not given to CP-SAT whole. The linear bound tells for each pair how much a use of it loses at least; CP-SAT
gets the pairs that lose at most some margin. If what it finds lies within the margin of the bound, nothing outside can be
better, and its proof holds for all pairs; otherwise the margin grows.
"""

from dataclasses import dataclass
from typing import Final, NamedTuple

import numpy as np
from ortools.sat.python import cp_model

from moonbridge.engines.reviewing.linear import linear_bound, quota_rows
from moonbridge.engines.reviewing.matching import Pairs, pairs_of
from moonbridge.engines.reviewing.panel import UNIT, Integers, Mask, Panel
from moonbridge.engines.reviewing.pruning import promising
from moonbridge.engines.selection.stopping import Cancel, stoppable
from moonbridge.errors import NotProven

SMALL: Final = 3_000
"""A panel with at most so many allowed pairs goes to CP-SAT whole."""
_MARGIN: Final = UNIT // 20
_STEP: Final = 4
_ROUNDS: Final = 4
"""Margins that are tried as a rule, from the first to all pairs: each gets its part of the work."""


@dataclass(frozen=True, slots=True, eq=False)
class Found:
    """The pairs chosen, what no choice among the pairs given exceeds, and whether the two are equal."""

    chosen: Mask
    value: int
    bound: int


def best_by_program(
    panel: Panel, gains: Integers, *, floor: int | None = None, work: float, cancelled: Cancel | None = None
) -> tuple[Mask, int, int] | None:
    """Return the pairs of the greatest gain that serve every proposal at least ``floor``, a bound, and the pairs looked at.

    None if there is no assignment. ``work`` is in CP-SAT's deterministic seconds; raises
    :class:`~moonbridge.errors.NotProven` if it ends before anything was found.
    """
    everything = pairs_of(panel.allowed)
    if len(everything.rows) <= SMALL:
        found = solved(panel, gains, everything, floor=floor, work=work, cancelled=cancelled)
        return None if found is None else (found.chosen, found.bound, len(everything.rows))
    proven = linear_bound(panel, gains, pairs_of(promising(panel, gains, 2 * SMALL // 100)), floor=floor)
    if proven is None:
        return None
    margin: float = _MARGIN
    while True:
        near = pairs_of((proven.loss <= margin) & panel.allowed)
        found = solved(panel, gains, near, floor=floor, work=work / _ROUNDS, cancelled=cancelled)
        if found is None and len(near.rows) == len(everything.rows):
            return None
        if found is not None and proven.value - found.value <= margin:
            return found.chosen, min(proven.value, found.bound), len(near.rows)
        if found is not None and found.value < found.bound:
            return found.chosen, proven.value, len(near.rows)
        margin = margin * _STEP if found is None else proven.value - found.value


def best_floor(
    panel: Panel, pairs: Pairs, *, most: int, work: float, cancelled: Cancel | None = None
) -> tuple[int, int] | None:
    """Return how well the worst-served proposal can be served over ``pairs``, and a bound on it; None if not at all.

    ``most`` is a bound known before. The values are equal if CP-SAT proved within its ``work``.
    """
    model, variables = _model(panel, pairs)
    level = model.new_int_var(-(2**50), most, "")
    for served in _served(panel, pairs, variables):
        model.add(served >= level)
    model.maximize(level)
    ran = _run(model, work, cancelled)
    return ran and (round(ran.solver.objective_value), round(ran.solver.best_objective_bound))


def solved(
    panel: Panel, gains: Integers, pairs: Pairs, *, floor: int | None, work: float, cancelled: Cancel | None
) -> Found | None:
    """Return the best choice among ``pairs``; None if it is proven that there is none."""
    model, variables = _model(panel, pairs)
    if floor is not None:
        for served in _served(panel, pairs, variables):
            model.add(served >= floor)
    worth = gains[pairs.rows, pairs.columns]
    model.maximize(cp_model.LinearExpr.weighted_sum(variables, worth.tolist()))
    ran = _run(model, work, cancelled)
    if ran is None:
        return None
    taken = np.array([ran.solver.boolean_value(variable) for variable in variables], dtype=bool)
    chosen = Pairs(pairs.rows[taken], pairs.columns[taken]).mask(panel.shape)
    value = int(worth[taken].sum())
    bound = value if ran.optimal else round(ran.solver.best_objective_bound)
    return Found(chosen, value, bound)


def _model(panel: Panel, pairs: Pairs) -> tuple[cp_model.CpModel, list[cp_model.IntVar]]:
    """Return the program of demand, loads, quotas and forced pairs, with a variable for each pair."""
    model = cp_model.CpModel()
    forced = set(panel.forced)
    variables = [
        model.new_int_var(int(pair in forced), 1, "")
        for pair in zip(pairs.rows.tolist(), pairs.columns.tolist(), strict=True)
    ]
    for numbers, need in zip(_numbers(pairs.rows, len(panel.proposals)), panel.demand.tolist(), strict=True):
        model.add(cp_model.LinearExpr.sum([variables[n] for n in numbers]) == need)
    bounds = zip(panel.least.tolist(), panel.most.tolist(), strict=True)
    for numbers, (low, high) in zip(_numbers(pairs.columns, len(panel.reviewers)), bounds, strict=True):
        model.add_linear_constraint(cp_model.LinearExpr.sum([variables[n] for n in numbers]), low, high)
    for quota in quota_rows(panel):
        places, inside = quota.entries(pairs, len(panel.proposals))
        for numbers in _numbers(places, len(quota.proposals)):
            counted = cp_model.LinearExpr.sum([variables[inside[n]] for n in numbers])
            if quota.low or len(numbers) > quota.high:
                model.add_linear_constraint(counted, quota.low, quota.high)
    return model, variables


def _numbers(owners: Integers, count: int) -> list[list[int]]:
    """Return for each owner the numbers of its pairs."""
    order = np.argsort(owners, kind="stable")
    ends = np.cumsum(np.bincount(owners, minlength=count))
    return [part.tolist() for part in np.split(order, ends[:-1])]


def _served(panel: Panel, pairs: Pairs, variables: list[cp_model.IntVar]) -> list[cp_model.LinearExprT]:
    scores = panel.scores[pairs.rows, pairs.columns].tolist()
    return [
        cp_model.LinearExpr.weighted_sum([variables[n] for n in numbers], [scores[n] for n in numbers])
        for numbers in _numbers(pairs.rows, len(panel.proposals))
    ]


class _Ran(NamedTuple):
    """A solver that has a solution, and whether it is proven to be the best."""

    solver: cp_model.CpSolver
    optimal: bool


def _run(model: cp_model.CpModel, work: float, cancelled: Cancel | None) -> _Ran | None:
    """Return the solver with its solution; None if it is proven that there is none."""
    solver = cp_model.CpSolver()
    solver.parameters.catch_sigint_signal = False  # it would take Ctrl-C from the process for good
    solver.parameters.num_workers = 1
    solver.parameters.max_deterministic_time = work
    solver.parameters.linearization_level = 2
    status = stoppable(lambda: solver.solve(model), solver.stop_search, cancelled)
    if status == cp_model.INFEASIBLE:
        return None
    if status == cp_model.UNKNOWN:
        raise NotProven("the work allowed for ended before any assignment was found", work=work)
    return _Ran(solver, status == cp_model.OPTIMAL)
