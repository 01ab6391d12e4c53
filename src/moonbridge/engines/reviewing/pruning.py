"""Which pairs are worth showing to a solver: those among the best of their proposal, and what must be there anyway."""

from typing import Final

import numpy as np

from moonbridge.engines.reviewing.matching import Pairs, pairs_of
from moonbridge.engines.reviewing.panel import Integers, Mask, Panel

_NARROW: Final = np.iinfo(np.int32)


def promising(panel: Panel, gains: Integers, width: int) -> Mask:
    """Return the ``width`` best allowed pairs of each proposal, those of reviewers who must do something, the forced.

    A proposal with equal gains at the edge has a few pairs more.
    """
    # Half as wide integers are compared twice as fast; and a pair that is not allowed lies below every gain.
    small = gains.size == 0 or (gains.max() <= _NARROW.max and gains.min() > _NARROW.min)
    lowest = _NARROW.min if small else np.iinfo(np.int64).min
    masked = np.where(panel.barred, lowest, gains.astype(np.int32) if small else gains)
    kept = masked >= np.maximum(_nth_best(masked, width), lowest + 1)
    if panel.least.any():
        busy = np.flatnonzero(panel.least)
        columns = np.ascontiguousarray(masked[:, busy].T)
        wanted = columns >= np.maximum(_nth_best(columns, 2 * int(panel.least.max())), lowest + 1)
        kept[:, busy] |= wanted.T
    for p, r in panel.forced:
        kept[p, r] = True
    return _with_members(panel, masked, kept, lowest)


def _nth_best(values: Integers, width: int) -> Integers:
    """Return in each row the value that ``width`` values reach; the least one where there are fewer."""
    place = max(0, values.shape[1] - width)
    return np.asarray(np.partition(values, place, axis=1)[:, place : place + 1])


def _with_members(panel: Panel, masked: Integers, kept: Mask, lowest: int) -> Mask:
    """Add the best members of each group of whom a proposal needs some."""
    for quota in panel.quotas:
        if quota.low:
            members = list(quota.members)
            best = masked[:, members] >= np.maximum(_nth_best(masked[:, members], 4 * quota.low), lowest + 1)
            kept[:, members] |= best
    return kept


def all_allowed(panel: Panel) -> Pairs:
    """Return every pair that may be."""
    return pairs_of(panel.allowed)
