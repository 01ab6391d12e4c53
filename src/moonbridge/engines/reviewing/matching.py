"""An assignment as a flow: from proposals, perhaps through groups of reviewers, to reviewers, and on to one sink.

A quota on a group of reviewers is an arc from the proposal to a node of its own for that group, which the group's
reviewers are reached through. That works as long as no reviewer belongs to two groups; other quotas need the integer
program (:mod:`~moonbridge.engines.reviewing.program`).
"""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Final, NamedTuple

import numpy as np

from moonbridge.engines.reviewing.network import Network
from moonbridge.engines.reviewing.panel import Integers, Mask, Panel, Quota

_NONE: Final = -1


@dataclass(frozen=True, slots=True, eq=False)
class Groups:
    """Disjoint groups of reviewers: the group of each (-1: none), and the bounds of each for each proposal."""

    label: Integers
    low: Integers
    high: Integers


def disjoint_groups(panel: Panel, quotas: tuple[Quota, ...] | None = None) -> Groups | None:
    """Return the quotas of ``panel`` as bounds on disjoint groups; None if some reviewer would belong to two."""
    kept = [quota for quota in (panel.quotas if quotas is None else quotas) if binds(quota)]
    if cross(kept):
        return None
    members = list(dict.fromkeys(frozenset(quota.members) for quota in kept))
    label = np.full(len(panel.reviewers), _NONE, dtype=np.int64)
    for number, group in enumerate(members):
        label[sorted(group)] = number
    low = np.zeros((len(panel.proposals), len(members)), dtype=np.int64)
    high = np.full_like(low, len(panel.reviewers))
    for quota in kept:
        rows = slice(None) if quota.proposals is None else list(quota.proposals)
        column = members.index(frozenset(quota.members))
        low[rows, column] = np.maximum(low[rows, column], quota.low)
        if quota.high is not None:
            high[rows, column] = np.minimum(high[rows, column], quota.high)
    return Groups(label, low, high)


def cross(quotas: Iterable[Quota]) -> bool:
    """Return whether some reviewer is in two different groups of quotas that can be broken."""
    groups = {frozenset(quota.members) for quota in quotas if binds(quota)}
    return sum(map(len, groups)) > len(frozenset[int]().union(*groups))


def binds(quota: Quota) -> bool:
    """Return whether a quota can be broken at all."""
    return quota.low > 0 or (quota.high is not None and quota.high < len(quota.members))


class Pairs(NamedTuple):
    """Some of the pairs of a panel, as two equally long arrays of positions."""

    rows: Integers
    columns: Integers

    def joined(self, others: "Pairs") -> "Pairs":
        """Return these pairs and, behind them, the others."""
        return Pairs(np.concatenate((self.rows, others.rows)), np.concatenate((self.columns, others.columns)))

    def mask(self, shape: tuple[int, int]) -> Mask:
        """Return the pairs as a matrix."""
        matrix = np.zeros(shape, dtype=bool)
        matrix[self.rows, self.columns] = True
        return matrix


def pairs_of(mask: Mask) -> Pairs:
    """Return the pairs at which a matrix is true."""
    flat = np.flatnonzero(mask)
    rows = flat // max(1, mask.shape[1])
    return Pairs(rows, flat - rows * mask.shape[1])


@dataclass(frozen=True, eq=False)
class Matching:
    """The network of some pairs of a panel: arcs of pairs first, then into group nodes, then from reviewers to the sink.

    Everything is multiplied by ``scale``, and each pair carries at most ``cap`` of it: with a scale of 1,000 and a cap of
    400, the flow of a pair is a probability in thousandths, at most 0.4.
    """

    network: Network
    pairs: Pairs
    group_nodes: Pairs
    groups: Groups
    shape: tuple[int, int]

    def flow_of(self, units: Integers) -> Integers:
        """Return the flow on all arcs when the pairs carry ``units``."""
        rows, columns = self.shape
        tails = self.network.tail[: len(units)]
        through = np.bincount(tails, weights=units, minlength=len(self.network.supply))[rows + columns + 1 :]
        loads = np.bincount(self.pairs.columns, weights=units, minlength=columns)
        return np.concatenate((units, through.astype(np.int64), loads.astype(np.int64)))

    def reduced(self, gains: Integers, prices: Integers) -> Integers:
        """Return for every pair, in the network or not, what a unit along it costs at these prices."""
        rows, columns = self.shape
        reduced = -prices[rows : rows + columns][None, :] - gains
        if not len(self.group_nodes.rows):
            reduced += prices[:rows, None]
            return reduced
        tails = np.repeat(prices[:rows, None], self.groups.low.shape[1] + 1, axis=1)  # the last column: no group
        tails[self.group_nodes.rows, self.group_nodes.columns] = prices[rows + columns + 1 :]
        return np.asarray(reduced + tails[:, self.groups.label])

    def chosen(self, units: Integers) -> Mask:
        """Return the pairs that carry anything, as a matrix."""
        carrying = units[: len(self.pairs.rows)] > 0
        return Pairs(self.pairs.rows[carrying], self.pairs.columns[carrying]).mask(self.shape)


def matching(panel: Panel, groups: Groups, pairs: Pairs, gains: Integers, *, scale: int = 1, cap: int = 1) -> Matching:
    """Return the network in which a cheapest flow is an assignment of the greatest ``gains``."""
    rows, columns = panel.shape
    sink = rows + columns
    nodes = _group_nodes(groups, pairs)
    tails, outlets = pairs.rows.copy(), np.full(groups.low.shape, _NONE)
    outlets[nodes.rows, nodes.columns] = sink + 1 + np.arange(len(nodes.rows))
    label = groups.label[pairs.columns]
    if len(nodes.rows):
        through = np.where(label == _NONE, _NONE, outlets[pairs.rows, label])
        tails = np.where(through == _NONE, tails, through)
    forced = np.zeros(len(tails), dtype=np.int64)
    if panel.forced:
        must = Pairs(*np.array(panel.forced).T).mask(panel.shape)
        forced = must[pairs.rows, pairs.columns] * scale
    supply = np.zeros(sink + 1 + len(nodes.rows), dtype=np.int64)
    supply[:rows], supply[sink] = panel.demand * scale, -panel.demand.sum() * scale
    network = Network(
        supply,
        np.concatenate((tails, nodes.rows, rows + np.arange(columns))),
        np.concatenate((rows + pairs.columns, sink + 1 + np.arange(len(nodes.rows)), np.full(columns, sink))),
        np.concatenate((forced, groups.low[nodes] * scale, panel.least * scale)),
        np.concatenate((np.maximum(cap, forced), groups.high[nodes] * scale, panel.most * scale)),
        np.concatenate((-gains[pairs.rows, pairs.columns], np.zeros(len(nodes.rows) + columns, dtype=np.int64))),
    )
    return Matching(network, pairs, nodes, groups, panel.shape)


def _group_nodes(groups: Groups, pairs: Pairs) -> Pairs:
    """Return the proposals and groups between which a bound can bind, given the pairs that are there."""
    if not groups.low.shape[1]:
        return Pairs(np.zeros(0, dtype=np.int64), np.zeros(0, dtype=np.int64))
    label = groups.label[pairs.columns]
    grouped = label != _NONE
    size = groups.low.shape
    present = np.bincount(pairs.rows[grouped] * size[1] + label[grouped], minlength=size[0] * size[1]).reshape(size)
    return pairs_of((groups.low > 0) | (present > groups.high))
