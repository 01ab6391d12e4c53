"""The best assignment there is, proven over all pairs although the solver sees few of them.

A proposal is hardly ever reviewed by its hundredth-best reviewer. So the flow is solved over the best pairs of each
proposal; then the prices of proposals and reviewers are compared with every pair. A pair that would pay at these prices
joins, until none does: the assignment is then optimal over all pairs, and the sum of prices is the proof.
"""

from dataclasses import dataclass, field
from typing import Final

import numpy as np

from moonbridge.engines.reviewing.matching import Groups, Matching, Pairs, disjoint_groups, matching, pairs_of
from moonbridge.engines.reviewing.network import prices
from moonbridge.engines.reviewing.panel import Integers, Mask, Panel
from moonbridge.engines.reviewing.pruning import all_allowed, promising
from moonbridge.engines.reviewing.result import Assignment, broken
from moonbridge.engines.selection.stopping import Cancel, Progress, check
from moonbridge.errors import InputError

WIDTH: Final = 24
"""How many of the best reviewers of each proposal the solver sees at first, beyond its demand."""


@dataclass(frozen=True, slots=True)
class Effort:
    """How hard to work, and how to be stopped.

    ``dense``: show all pairs to the solver at once; slower, and the same total. ``work`` bounds the integer program, where
    one is needed, in CP-SAT's deterministic seconds: the same on every machine; what is not proven then has a gap.
    """

    dense: bool = False
    work: float = 60.0
    progress: Progress | None = field(default=None, compare=False, repr=False)
    cancelled: Cancel | None = field(default=None, compare=False, repr=False)

    def told(self, done: int, of: int, what: str) -> None:
        """Say how far the work is, and stop if it is no longer wanted."""
        if self.progress is not None:
            self.progress(done, of, what)
        check(self.cancelled)


def assign(panel: Panel, *, keep: Mask | None = None, effort: Effort = Effort()) -> Assignment:  # noqa: B008 - frozen
    """Return the assignment with the greatest total score that keeps every bound, quota and pair of ``panel``.

    With ``keep`` (pairs of an existing assignment, shape (proposals, reviewers)) as few of them as possible are given up,
    and among those assignments the total is greatest. Raises :class:`~moonbridge.errors.Infeasible` with the smallest set
    of requirements that cannot be kept together, and :class:`~moonbridge.errors.Cancelled`.
    """
    gains = panel.scores if keep is None else panel.scores + _worth_keeping(panel) * _checked(panel, keep)
    groups = disjoint_groups(panel)
    # The integer program's library takes most of a second to load, and most panels are flows.
    if groups is None:
        from moonbridge.engines.reviewing.program import best_by_program

        solved = best_by_program(panel, gains, work=effort.work, cancelled=effort.cancelled)
    else:
        solved = best_by_flow(panel, gains, groups, effort)
    if solved is None:
        from moonbridge.engines.reviewing.infeasible import explained

        raise explained(panel, cancelled=effort.cancelled)
    chosen, bound, looked_at = solved
    lost = bound - int(gains[chosen].sum())
    found = Assignment(panel, chosen, int(panel.scores[chosen].sum()) + lost, looked_at=looked_at)
    assert not broken(panel, chosen)  # noqa: S101 - the solver's answer is read anew before anybody sees it
    return found


def _worth_keeping(panel: Panel) -> int:
    """Return more than any total can differ: one kept pair outweighs all scores."""
    spread = int(panel.scores.max(initial=0)) - int(panel.scores.min(initial=0))
    return spread * int(panel.demand.sum()) + 1


def _checked(panel: Panel, keep: Mask) -> Mask:
    if keep.shape != panel.shape:
        raise InputError(f"the existing assignment is for {keep.shape}, the panel has {panel.shape}", field="keep")
    return keep


def best_by_flow(panel: Panel, gains: Integers, groups: Groups, effort: Effort) -> tuple[Mask, int, int] | None:
    """Return the pairs of the greatest gain, a bound that no assignment exceeds, and how many pairs were looked at.

    None if there is no assignment.
    """
    width = WIDTH + int(panel.demand.max(initial=0))
    pairs = all_allowed(panel) if effort.dense else pairs_of(promising(panel, gains, width))
    complete = effort.dense
    for step in range(2 * len(panel.reviewers) + 2):
        effort.told(step, step + 1, "stages")
        model = matching(panel, groups, pairs, gains)
        flow = model.network.cheapest()
        if flow is None:
            if complete:
                return None
            width *= 4
            complete = width >= len(panel.reviewers)
            pairs = all_allowed(panel) if complete else pairs_of(promising(panel, gains, width))
            continue
        if effort.dense:
            # Prices need few of the pairs; each is compared with all of them afterwards.
            flow, model = _narrowed(panel, groups, model, flow, gains)
        settled, missing = _priced(panel, groups, model, flow, gains)
        if not len(missing.rows):
            looked_at = max(len(pairs.rows), len(settled[0].pairs.rows))
            return model.chosen(flow), -settled[0].network.bound(settled[1]), looked_at
        pairs = settled[0].pairs.joined(missing)
    raise AssertionError("each step adds pairs, so the steps end")  # pragma: no cover


def _narrowed(
    panel: Panel, groups: Groups, model: Matching, flow: Integers, gains: Integers
) -> tuple[Integers, Matching]:
    """Return a flow on the network of the promising pairs and of those that it uses."""
    chosen = model.chosen(flow)
    few = pairs_of(chosen | promising(panel, gains, WIDTH))
    narrow = matching(panel, groups, few, gains)
    return narrow.flow_of(chosen[few].astype(np.int64)), narrow


def _priced(
    panel: Panel, groups: Groups, model: Matching, flow: Integers, gains: Integers
) -> tuple[tuple[Matching, Integers], Pairs]:
    """Return the network and prices that prove ``flow``, and the pairs that would still pay (none: it is proven).

    Pairs that would pay first only correct the prices; only if prices no longer settle does the flow have to change.
    """
    units = flow[: len(model.pairs.rows)]
    found = prices(model.network, flow)
    while found is not None:
        missing = _paying(panel, model, gains, found)
        if not len(missing.rows):
            break
        wider = matching(panel, groups, model.pairs.joined(missing), gains)
        units = np.concatenate((units, np.zeros(len(missing.rows), dtype=np.int64)))
        same = len(wider.network.supply) == len(model.network.supply)
        again = prices(wider.network, wider.flow_of(units), found if same else None, patient=False)
        if again is None:
            return (model, found), missing
        model, found = wider, again
    assert found is not None  # noqa: S101 - the prices of an optimal flow always settle
    return (model, found), Pairs(np.zeros(0, dtype=np.int64), np.zeros(0, dtype=np.int64))


def _paying(panel: Panel, model: Matching, gains: Integers, found: Integers) -> Pairs:
    """Return the allowed pairs outside the network that would lower its cost at these prices."""
    paying = model.reduced(gains, found) < 0
    paying &= panel.allowed
    paying[model.pairs.rows, model.pairs.columns] = False
    return pairs_of(paying)
