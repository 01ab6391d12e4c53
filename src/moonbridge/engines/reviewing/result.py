"""What an assignment is: who reviews what, how good it is, and what is proven about it."""

from dataclasses import dataclass
from functools import cached_property

import numpy as np

from moonbridge.engines.reviewing.panel import Integers, Mask, Pair, Panel


@dataclass(frozen=True, eq=False)
class Assignment:
    """An assignment that keeps everything its panel asks for.

    ``chosen``: the pairs, shape (proposals, reviewers). ``bound``: no assignment has a higher total (with a floor: none
    that keeps ``floor``). ``floor_bound``: no assignment serves its worst-served proposal better; None where no floor was
    asked for. ``looked_at``: how many pairs the solver saw; the proof is over all of them, seen or not.
    ``drawn``: it was drawn from a lottery, whose expected total is proven, not its own.
    """

    panel: Panel
    chosen: Mask
    bound: int
    floor_bound: int | None = None
    looked_at: int = 0
    drawn: bool = False

    @cached_property
    def served(self) -> Integers:
        """How well each proposal is served: the sum of its scores, in millionths."""
        return np.asarray(np.where(self.chosen, self.panel.scores, 0).sum(axis=1))

    @property
    def total(self) -> int:
        """The sum of all scores, in millionths."""
        return int(self.served.sum())

    @property
    def floor(self) -> int:
        """How well the worst-served proposal is served, in millionths."""
        return int(self.served.min()) if len(self.served) else 0

    @property
    def loads(self) -> Integers:
        """How many reviews each reviewer gives."""
        return np.asarray(self.chosen.sum(axis=0), dtype=np.int64)

    @property
    def proven(self) -> bool:
        """Whether nothing better exists: neither in total nor, where a floor was asked for, for the worst-served."""
        return self.total == self.bound and self.floor_bound in {None, self.floor}

    @property
    def pairs(self) -> tuple[Pair, ...]:
        """The pairs by position, by proposal and within it best first."""
        rows, columns = np.nonzero(self.chosen)
        order = np.lexsort((columns, -self.panel.scores[rows, columns], rows))
        return tuple(zip(rows[order].tolist(), columns[order].tolist(), strict=True))

    def names(self) -> dict[str, tuple[str, ...]]:
        """Return the reviewers of each proposal by name, best first."""
        named: dict[str, list[str]] = {proposal: [] for proposal in self.panel.proposals}
        for p, r in self.pairs:
            named[self.panel.proposals[p]].append(self.panel.reviewers[r])
        return {proposal: tuple(reviewers) for proposal, reviewers in named.items()}

    def alternates(self, count: int) -> dict[str, tuple[str, ...]]:
        """Return up to ``count`` reviewers for each proposal who may step in, best first.

        They have no conflict, are not on the proposal, and could take one more review.
        """
        free = self.panel.allowed & ~self.chosen & (self.loads < self.panel.most)
        scores = np.where(free, self.panel.scores, np.iinfo(np.int64).min)
        ranked = np.argsort(-scores, axis=1, kind="stable")[:, :count]
        return {
            proposal: tuple(self.panel.reviewers[r] for r in ranked[p] if free[p, r])
            for p, proposal in enumerate(self.panel.proposals)
        }


def broken(panel: Panel, chosen: Mask) -> tuple[str, ...]:
    """Return what ``chosen`` breaks of what the panel asks for, read from the panel anew; empty if nothing.

    Each entry is a word (``demand``, ``least``, ``most``, ``barred``, ``forced``, ``quota``) and the names concerned.
    """
    found = [f"demand {panel.proposals[p]}" for p in np.flatnonzero(chosen.sum(axis=1) != panel.demand)]
    loads = chosen.sum(axis=0)
    found += [f"least {panel.reviewers[r]}" for r in np.flatnonzero(loads < panel.least)]
    found += [f"most {panel.reviewers[r]}" for r in np.flatnonzero(loads > panel.most)]
    found += [f"barred {panel.proposals[p]} {panel.reviewers[r]}" for p, r in np.argwhere(chosen & panel.barred)]
    found += [f"forced {panel.proposals[p]} {panel.reviewers[r]}" for p, r in panel.forced if not chosen[p, r]]
    for quota in panel.quotas:
        counts = chosen[:, list(quota.members)].sum(axis=1)
        for p in quota.proposals if quota.proposals is not None else range(len(panel.proposals)):
            if counts[p] < quota.low or (quota.high is not None and counts[p] > quota.high):
                found.append(f"quota {quota.name} {panel.proposals[p]}")
    return tuple(found)
