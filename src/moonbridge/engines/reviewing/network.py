"""Flows of least cost with bounds from below, and the prices that prove them.

A flow is a circulation of whole units along arcs, each with a lower and an upper bound and a cost per unit. Whatever the
prices of the nodes, no flow costs less than :meth:`Network.bound` of them (linear duality); with the prices of the
residual network (:func:`prices`) the bound equals the cost of an optimal flow, so the proof is a sum of whole numbers.
"""

from dataclasses import dataclass
from typing import Final

import numpy as np
from ortools.graph.python import max_flow, min_cost_flow

from moonbridge.engines.reviewing.panel import Integers, Mask

_ROUNDS: Final = 64
"""Rounds of price improvement after which a flow is rather computed anew than its prices repaired."""


@dataclass(frozen=True, slots=True, eq=False)
class Network:
    """Arcs as equally long arrays, and what each node has to give (positive) or to take (negative)."""

    supply: Integers
    tail: Integers
    head: Integers
    low: Integers
    high: Integers
    cost: Integers

    def cheapest(self) -> Integers | None:
        """Return the flow on each arc, of least cost; None if the bounds allow no flow."""
        supply = self.supply.copy()
        np.subtract.at(supply, self.tail, self.low)
        np.add.at(supply, self.head, self.low)
        solver = min_cost_flow.SimpleMinCostFlow()
        arcs = solver.add_arcs_with_capacity_and_unit_cost(
            self.tail.astype(np.int32), self.head.astype(np.int32), self.high - self.low, self.cost
        )
        solver.set_nodes_supplies(np.arange(len(supply), dtype=np.int32), supply)
        if solver.solve() != solver.OPTIMAL:
            return None
        return self.low + np.asarray(solver.flows(arcs), dtype=np.int64)

    def bound(self, prices: Integers) -> int:
        """Return a cost below which no flow lies, by duality: each arc pays its reduced cost at its better bound."""
        reduced = self.cost + prices[self.tail] - prices[self.head]
        return int((reduced * np.where(reduced > 0, self.low, self.high)).sum() - (prices * self.supply).sum())

    def shortfall(self) -> tuple[int, Mask]:
        """Return how many units cannot flow, and the nodes of a smallest cut's side with the sources.

        It counts the lower bounds of arcs as demands of their ends; zero means that a flow exists.
        """
        supply = self.supply.copy()
        np.subtract.at(supply, self.tail, self.low)
        np.add.at(supply, self.head, self.low)
        nodes = len(supply)
        source, sink = nodes, nodes + 1
        gives, takes = np.flatnonzero(supply > 0), np.flatnonzero(supply < 0)
        solver = max_flow.SimpleMaxFlow()
        solver.add_arcs_with_capacity(
            np.concatenate((self.tail, np.full(len(gives), source), takes)).astype(np.int32),
            np.concatenate((self.head, gives, np.full(len(takes), sink))).astype(np.int32),
            np.concatenate((self.high - self.low, supply[gives], -supply[takes])),
        )
        solver.solve(source, sink)
        side = np.zeros(nodes + 2, dtype=bool)
        side[solver.get_source_side_min_cut()] = True
        return int(supply[gives].sum()) - solver.optimal_flow(), side[:nodes]


def prices(network: Network, flow: Integers, start: Integers | None = None, *, patient: bool = True) -> Integers | None:
    """Return node prices under which no unit of ``flow`` can be moved at a gain: shortest paths in the residual network.

    ``start`` are prices to improve; without ``patient`` None is returned when they do not settle soon, which is how a
    flow that is no longer optimal shows. With ``patient`` the flow must be optimal.
    """
    forward, backward = flow < network.high, flow > network.low
    tail = np.concatenate((network.tail[forward], network.head[backward]))
    head = np.concatenate((network.head[forward], network.tail[backward]))
    cost = np.concatenate((network.cost[forward], -network.cost[backward]))
    order = np.argsort(head, kind="stable")
    tail, head, cost = tail[order], head[order], cost[order]
    firsts = np.flatnonzero(np.diff(head, prepend=-1))
    heads = head[firsts]
    found = np.zeros(len(network.supply), dtype=np.int64) if start is None else start.copy()
    rounds = len(found) + 1 if patient else _ROUNDS
    for _ in range(rounds):
        better = np.minimum.reduceat(found[tail] + cost, firsts) if len(firsts) else found[heads]
        if (better >= found[heads]).all():
            return found
        found[heads] = np.minimum(found[heads], better)
    return None
