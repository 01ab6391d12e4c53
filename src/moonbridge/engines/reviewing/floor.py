"""The assignment that serves its worst-served proposal best, and with that the greatest total.

The best floor is bisected between what is reached and its linear bound; each trial asks for the greatest total above a
floor. Small panels are solved and proven whole.
"""

from dataclasses import replace
from typing import Final

import numpy as np

from moonbridge.engines.reviewing.assignment import Effort, assign
from moonbridge.engines.reviewing.matching import pairs_of
from moonbridge.engines.reviewing.panel import MAX_SCORE, Panel
from moonbridge.engines.reviewing.pruning import promising
from moonbridge.engines.reviewing.result import Assignment
from moonbridge.errors import NotProven

_TRIALS: Final = 8
_WIDTH: Final = 40


def assign_fairly(panel: Panel, *, effort: Effort = Effort()) -> Assignment:  # noqa: B008 - frozen
    """Return the assignment with the greatest total among those that serve the worst-served proposal as well as possible.

    How well a proposal is served is the sum of its scores. ``floor_bound`` of the result says what no assignment exceeds
    for the worst-served, ``bound`` what none exceeds in total at this floor; ``proven`` whether both are reached. Raises
    :class:`~moonbridge.errors.Infeasible` as :func:`~moonbridge.engines.reviewing.assignment.assign` does.
    """
    best = assign(panel, effort=effort)
    most = min(_alone(panel), default=0)
    if best.floor >= most:
        return replace(best, floor_bound=best.floor)
    # Most panels are done by now, and the solvers' libraries take most of a second to load.
    from moonbridge.engines.reviewing.linear import linear_floor
    from moonbridge.engines.reviewing.program import SMALL

    if panel.allowed.sum() <= SMALL:
        return _proven_whole(best, most, effort)
    proven = linear_floor(panel, pairs_of(promising(panel, panel.scores, _WIDTH)))
    assert proven is not None  # noqa: S101 - there is an assignment, so its relaxation has a solution
    return _bisected(best, min(most, proven.value), effort)


def _alone(panel: Panel) -> list[int]:
    """Return how well each proposal would be served were it alone: its best reviewers' scores."""
    masked = np.where(panel.barred, -MAX_SCORE, panel.scores)
    ordered = -np.sort(-masked, axis=1)
    return [int(row[:need].sum()) for row, need in zip(ordered, panel.demand.tolist(), strict=True)]


def _proven_whole(best: Assignment, most: int, effort: Effort) -> Assignment:
    from moonbridge.engines.reviewing.program import best_floor

    panel = best.panel
    found = best_floor(panel, pairs_of(panel.allowed), most=most, work=effort.work, cancelled=effort.cancelled)
    assert found is not None  # noqa: S101 - there is an assignment
    return replace(_tried(best, found[0], effort) or best, floor_bound=found[1])


def _bisected(best: Assignment, most: int, effort: Effort) -> Assignment:
    """Raise the floor between what is reached and ``most``, the bound first: it is often reached."""
    low, high, trial = best.floor, most, most
    each = replace(effort, work=effort.work / _TRIALS)
    for step in range(_TRIALS):
        if low >= high:
            break
        effort.told(step, _TRIALS, "trials")
        found = _tried(best, trial, each)
        if found is not None:
            best, low = found, found.floor
        else:
            high = trial - 1
        trial = (low + high + 1) // 2
    return replace(best, floor_bound=max(most, best.floor))


def _tried(best: Assignment, floor: int, effort: Effort) -> Assignment | None:
    """Return the assignment with the greatest total above ``floor``, if one is found within the work allowed for."""
    from moonbridge.engines.reviewing.program import best_by_program

    panel = best.panel
    try:
        found = best_by_program(panel, panel.scores, floor=floor, work=effort.work, cancelled=effort.cancelled)
    except NotProven:
        return None
    return found and Assignment(panel, found[0], found[1], looked_at=found[2])
