"""Why no assignment exists: a smallest set of requirements that cannot be kept together.

A requirement is the demand of a proposal, the least load of a reviewer, a quota on a proposal, or a forced pair. What
stands behind them (who has a conflict with what, how much each reviewer can take at most) is given. The set is irreducible:
without any one of its requirements the others can be kept. A minimum cut of the flow finds a first set, QuickXplain
(Junker, AAAI 2004) makes it irreducible, and as far as they can be counted all smaller sets are tried.
"""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from itertools import combinations
from typing import Final

import numpy as np

from moonbridge.engines.reviewing.matching import disjoint_groups, matching, pairs_of
from moonbridge.engines.reviewing.panel import Mask, Pair, Panel, Quota
from moonbridge.engines.reviewing.program import solved
from moonbridge.engines.selection.stopping import Cancel, check
from moonbridge.errors import Infeasible

_CELLS: Final = 50_000_000
"""How many pairs may be looked at, all questions together, to make a clash irreducible, and again for the smallest."""
_QUESTION: Final = 30_000
"""What a question costs at least, in pairs."""
_WORK: Final = 30.0

type Possible = Callable[[Sequence["Requirement"]], bool]


@dataclass(frozen=True, slots=True)
class Requirement:
    """Something asked for: ``kind`` is demand, least, quota or forced; what plays no part is None."""

    kind: str
    proposal: int | None = None
    reviewer: int | None = None
    quota: Quota | None = None


@dataclass(frozen=True, slots=True)
class Clash:
    """Requirements that cannot be kept together.

    ``irreducible``: without any one of them the others can be kept. ``smallest``: no smaller set of any kind clashes.
    Both are false only where hundreds of requirements clash, as when all reviewers together can take too little.
    """

    requirements: tuple[Requirement, ...]
    irreducible: bool
    smallest: bool


class _Enough(Exception):  # noqa: N818 - not an error: the search has tried what it may
    pass


def explained(panel: Panel, *, cancelled: Cancel | None = None) -> Infeasible:
    """Return the error that says why ``panel`` has no assignment, in English; its numbers hold the names."""
    from moonbridge.engines.reviewing.sentences import clash_data, clash_sentence

    clash = conflicting(panel, cancelled=cancelled)
    return Infeasible(clash_sentence(panel, clash), **clash_data(panel, clash))


def requirements(panel: Panel) -> tuple[Requirement, ...]:
    """Return everything that ``panel`` asks for that can fail at all."""
    found = [Requirement("demand", p) for p in np.flatnonzero(panel.demand).tolist()]
    found += [Requirement("least", reviewer=r) for r in np.flatnonzero(panel.least).tolist()]
    found += [Requirement("forced", p, r) for p, r in panel.forced]
    for quota in panel.quotas:
        concerned = range(len(panel.proposals)) if quota.proposals is None else quota.proposals
        found += [Requirement("quota", p, quota=quota) for p in concerned]
    return tuple(found)


def conflicting(panel: Panel, *, cancelled: Cancel | None = None) -> Clash:
    """Return requirements of ``panel`` that cannot be kept together, as few as possible; there must be no assignment."""
    every = requirements(panel)
    suspects = _in_the_cut(panel, every)
    try:
        found = _irreducible(suspects, _counted(panel, cancelled))
    except _Enough:
        return Clash(tuple(suspects), irreducible=False, smallest=False)
    try:
        smaller = next(_smaller(panel, every, len(found), _counted(panel, cancelled)), None)
    except _Enough:
        return Clash(found, irreducible=True, smallest=False)
    return Clash(smaller or found, irreducible=True, smallest=True)


def keepable(panel: Panel, kept: Sequence[Requirement]) -> bool:
    """Return whether some choice of allowed pairs keeps the requirements ``kept``, whatever becomes of the others.

    Nobody takes more than their most, and no proposal gets more reviews than it asked for.
    """
    asked = _asking_only(panel, kept)
    groups = disjoint_groups(asked)
    pairs, nothing = pairs_of(asked.allowed), np.zeros(asked.shape, dtype=np.int64)
    if groups is None:
        return solved(asked, nothing, pairs, floor=None, work=_WORK, cancelled=None) is not None
    return matching(asked, groups, pairs, nothing).network.shortfall()[0] == 0


def _asking_only(panel: Panel, kept: Sequence[Requirement]) -> Panel:
    """Return the panel with only the requirements ``kept``.

    A proposal whose demand was dropped may get fewer reviews: stand-ins, who belong to no group, take what it lacks.
    Proposals of which nothing is required are left out, unless reviewers must be given something to do.
    """
    by_kind = {kind: [one for one in kept if one.kind == kind] for kind in ("demand", "least", "forced", "quota")}
    least = np.zeros_like(panel.least)
    busy = [one.reviewer for one in by_kind["least"] if one.reviewer is not None]
    least[busy] = panel.least[busy]
    concerned = {one.proposal for one in kept if one.proposal is not None}
    rows = sorted(range(len(panel.proposals)) if by_kind["least"] else concerned)
    place = {row: number for number, row in enumerate(rows)}
    stand_ins = int(panel.demand[rows].max(initial=0))
    demanding = {one.proposal for one in by_kind["demand"]}
    demanded = np.array([row in demanding for row in rows], dtype=bool)
    barred = np.hstack((panel.barred[rows], np.repeat(demanded[:, None], stand_ins, axis=1)))
    return Panel(
        tuple(panel.proposals[row] for row in rows),
        (*panel.reviewers, *("",) * stand_ins),
        np.zeros(barred.shape, dtype=np.int64),
        panel.demand[rows],
        np.concatenate((least, np.zeros(stand_ins, dtype=np.int64))),
        np.concatenate((panel.most, np.full(stand_ins, len(rows)))),
        barred,
        tuple((place[p], r) for p, r in _forced_pairs(by_kind["forced"])),
        tuple(
            replace(one.quota, proposals=(place[one.proposal],))
            for one in by_kind["quota"]
            if one.quota is not None and one.proposal is not None
        ),
    )


def _forced_pairs(forced: Sequence[Requirement]) -> list[Pair]:
    return [(one.proposal, one.reviewer) for one in forced if one.proposal is not None and one.reviewer is not None]


def _counted(panel: Panel, cancelled: Cancel | None) -> Possible:
    """Return :func:`keepable`, which raises _Enough once all questions together have looked at too many pairs."""
    left = _CELLS

    def possible(kept: Sequence[Requirement]) -> bool:
        nonlocal left
        check(cancelled)
        left -= max(_QUESTION, len(kept) * len(panel.reviewers))
        if left < 0:
            raise _Enough
        return keepable(panel, kept)

    return possible


def _in_the_cut(panel: Panel, every: Sequence[Requirement]) -> Sequence[Requirement]:
    """Return the requirements on the side of a minimum cut that cannot be kept; all of them if no cut shows it."""
    groups = disjoint_groups(panel)
    if groups is None:
        return every
    pairs = pairs_of(panel.allowed)
    _, side = matching(panel, groups, pairs, panel.scores).network.shortfall()
    touching = [_touches(one, side, len(panel.proposals)) for one in every]
    sides = ([one for one, near in zip(every, touching, strict=True) if near is wanted] for wanted in (True, False))
    return next((part for part in sides if not keepable(panel, part)), every)


def _touches(one: Requirement, side: Mask, proposals: int) -> bool:
    if one.proposal is not None:
        return bool(side[one.proposal])
    return one.reviewer is not None and bool(side[proposals + one.reviewer])


def _irreducible(suspects: Sequence[Requirement], possible: Possible) -> tuple[Requirement, ...]:
    """Return a subset of ``suspects`` that cannot be kept, each proper subset of which can: QuickXplain."""

    def needed(base: list[Requirement], changed: bool, rest: list[Requirement]) -> list[Requirement]:
        if changed and not possible(base):
            return []
        if len(rest) == 1:
            return rest
        half = len(rest) // 2
        first, second = rest[:half], rest[half:]
        later = needed(base + first, bool(first), second)
        return needed(base + later, bool(later), first) + later

    chosen = set(needed([], False, list(suspects)))
    return tuple(one for one in suspects if one in chosen)


def _smaller(
    panel: Panel, every: Sequence[Requirement], size: int, possible: Possible
) -> Iterator[tuple[Requirement, ...]]:
    """Yield the sets of fewer than ``size`` requirements that cannot be kept, smallest first."""
    for count in range(1, size):
        for some in combinations(_pool(panel, every, count), count):
            if not possible(some):
                yield some


def _pool(panel: Panel, every: Sequence[Requirement], count: int) -> Sequence[Requirement]:
    """Return the requirements that can be part of a clash of ``count``.

    Where nothing but demands is asked for, ``count`` proposals that lack reviews have fewer possible reviewers between them
    than reviews to get, so each of them has.
    """
    if any(one.kind != "demand" for one in every):
        return every
    possible = (panel.allowed & (panel.most > 0)).sum(axis=1)
    return [one for one in every if possible[one.proposal] < count * panel.demand.max()]
