"""Assignments drawn at random, so that nobody can count on reviewing a certain proposal.

No pair comes together with a probability above a cap, and under it the expected total is the greatest possible (Jecmen,
Zhang, Liu, Shah, Conitzer, Fang: Mitigating manipulation in peer review via randomized reviewer assignments, NeurIPS
2020). The probabilities are a flow in small parts, so the linear programme is solved in whole numbers; each draw keeps all
bounds and quotas and meets every probability exactly (Budish, Che, Kojima, Milgrom: Designing random allocation
mechanisms, American Economic Review 2013: a Birkhoff-von Neumann decomposition, walked at random).
"""

from collections import defaultdict
from dataclasses import dataclass
from fractions import Fraction
from random import Random
from typing import Final

import numpy as np

from moonbridge.engines.reviewing.assignment import WIDTH, Effort
from moonbridge.engines.reviewing.matching import Groups, Matching, Pairs, disjoint_groups, matching, pairs_of
from moonbridge.engines.reviewing.network import prices
from moonbridge.engines.reviewing.panel import Integers, Panel
from moonbridge.engines.reviewing.pruning import all_allowed, promising
from moonbridge.engines.reviewing.result import Assignment, broken
from moonbridge.errors import Infeasible, InputError, Refused

PARTS: Final = 1_000
"""Probabilities are whole parts of this."""


@dataclass(frozen=True, eq=False)
class Lottery:
    """Probabilities of pairs from which assignments are drawn.

    ``parts``: the probability of each pair in thousandths, shape (proposals, reviewers), none above ``cap``.
    ``expected``: the expected total in millionths; no lottery under this cap has a greater one.
    """

    panel: Panel
    cap: Fraction
    parts: Integers
    expected: Fraction
    _matching: Matching
    _flow: Integers

    def draw(self, seed: int) -> Assignment:
        """Return one assignment; the same seed draws the same one."""
        flow = _rounded(self._matching, self._flow, Random(seed))  # noqa: S311 - reproducible by design
        chosen = self._matching.chosen(flow)
        assert not broken(self.panel, chosen)  # noqa: S101 - read anew before anybody sees it
        return Assignment(
            self.panel,
            chosen,
            int(self.panel.scores[chosen].sum()),
            looked_at=len(self._matching.pairs.rows),
            drawn=True,
        )


def lottery(panel: Panel, cap: Fraction | float | str, *, effort: Effort = Effort()) -> Lottery:  # noqa: B008 - frozen
    """Return the lottery with the greatest expected total in which no pair is likelier than ``cap`` (0.001 to 1).

    Forced pairs are certain. Raises :class:`~moonbridge.errors.Infeasible` if no assignment exists, or none under the cap,
    and :class:`~moonbridge.errors.Refused` for quotas on groups that share a reviewer.
    """
    most = int(Fraction(str(cap)) * PARTS)
    if not 1 <= most <= PARTS:
        raise InputError(f"a probability lies between 1/{PARTS} and 1, and is not {cap}", field="cap")
    groups = disjoint_groups(panel)
    if groups is None:
        raise Refused("a lottery needs quotas on groups that share no reviewer: ask for one kind of quota only")
    found = _best(panel, groups, most, effort)
    if found is None:
        _raise_if_impossible(panel, effort)
        raise Infeasible(
            f"no lottery keeps every pair below a probability of {most / PARTS}; raise the cap", cap=str(cap)
        )
    model, flow = found
    parts = np.zeros(panel.shape, dtype=np.int64)
    parts[model.pairs.rows, model.pairs.columns] = flow[: len(model.pairs.rows)]
    expected = Fraction(int((parts * panel.scores).sum()), PARTS)
    return Lottery(panel, Fraction(most, PARTS), parts, expected, model, flow)


def _raise_if_impossible(panel: Panel, effort: Effort) -> None:
    """Raise the error that says why no assignment exists, if it is not the cap that is in the way."""
    from moonbridge.engines.reviewing.infeasible import explained, keepable, requirements

    if not keepable(panel, requirements(panel)):
        raise explained(panel, cancelled=effort.cancelled)


def _best(panel: Panel, groups: Groups, cap: int, effort: Effort) -> tuple[Matching, Integers] | None:
    """Return the flow of the greatest expected total; pairs join until none would pay."""
    width = int(panel.demand.max(initial=0)) * (PARTS // cap + 1) + WIDTH
    pairs = pairs_of(promising(panel, panel.scores, width))
    everything = all_allowed(panel)
    while True:
        effort.told(len(pairs.rows), len(everything.rows), "pairs")
        model = matching(panel, groups, pairs, panel.scores, scale=PARTS, cap=cap)
        flow = model.network.cheapest()
        complete = len(pairs.rows) == len(everything.rows)
        if flow is None and complete:
            return None
        missing = everything if flow is None else _paying(panel, model, flow)
        if flow is not None and not len(missing.rows):
            return model, flow
        pairs = everything if flow is None else pairs.joined(missing)


def _paying(panel: Panel, model: Matching, flow: Integers) -> Pairs:
    found = prices(model.network, flow)
    assert found is not None  # noqa: S101 - the prices of an optimal flow always settle
    paying = (model.reduced(panel.scores, found) < 0) & panel.allowed
    paying[model.pairs.rows, model.pairs.columns] = False
    return pairs_of(paying)


def _rounded(model: Matching, flow: Integers, draw: Random) -> Integers:
    """Return a flow in whole units that keeps each arc's flow in expectation.

    Arcs that carry a fraction form cycles, because what flows into a node flows out. Along a cycle, flow is moved one way
    or the other until an arc is whole, with odds that leave each arc's expectation as it was.
    """
    carried = dict(enumerate(flow.tolist()))
    tail, head = model.network.tail.tolist(), model.network.head.tolist()
    touching: dict[int, dict[int, None]] = defaultdict(dict)
    for arc, amount in carried.items():
        if amount % PARTS:
            touching[tail[arc]][arc] = touching[head[arc]][arc] = None
    for start in list(touching):
        while touching[start]:
            cycle = _cycle(start, touching, tail, head)
            up = min(_room(carried[arc], along=along) for arc, along in cycle)
            down = min(_room(carried[arc], along=not along) for arc, along in cycle)
            moved = up if draw.randrange(up + down) < down else -down
            for arc, along in cycle:
                carried[arc] += moved if along else -moved
                if not carried[arc] % PARTS:
                    del touching[tail[arc]][arc], touching[head[arc]][arc]
    return np.array(list(carried.values()), dtype=np.int64) // PARTS


def _room(amount: int, *, along: bool) -> int:
    """Return how much more (or, against the arc, how much less) makes ``amount`` whole."""
    return PARTS - amount % PARTS if along else amount % PARTS


def _cycle(
    start: int, touching: dict[int, dict[int, None]], tail: list[int], head: list[int]
) -> list[tuple[int, bool]]:
    """Return a cycle of fractional arcs, each with whether it is passed along its direction, walking from ``start``."""
    node, walked, seen = start, list[tuple[int, bool]](), {start: 0}
    while True:
        last = walked[-1][0] if walked else None
        arc = next(number for number in touching[node] if number != last)
        along = tail[arc] == node
        node = head[arc] if along else tail[arc]
        walked.append((arc, along))
        if node in seen:
            return walked[seen[node] :]
        seen[node] = len(walked)
