"""Small random panels with every kind of constraint, and the plain truth about them by trying everything."""

import random
from collections.abc import Callable
from itertools import combinations

import numpy as np

from moonbridge.engines.reviewing.infeasible import Requirement
from moonbridge.engines.reviewing.panel import Panel, Quota, panel


def random_panel(seed: int) -> Panel:
    """Return a panel of 2 to 4 proposals and 2 to 5 reviewers; about a third have no assignment."""
    draw = random.Random(seed)  # noqa: S311 - a reproducible panel, no secret
    rows, columns = draw.randint(2, 4), draw.randint(2, 5)
    scores = [[draw.randint(0, 1_000_000) for _ in range(columns)] for _ in range(rows)]
    barred = np.array([[draw.random() < 0.2 for _ in range(columns)] for _ in range(rows)])
    most = [draw.randint(1, rows) for _ in range(columns)]
    pairs = [(p, r) for p in range(rows) for r in range(columns) if not barred[p, r]]
    return panel(
        scores,
        demand=[draw.choice((0, 1, 1, 2, 2, 3)) for _ in range(rows)],
        least=[draw.choice((0, 0, 0, 1, 2)) if bound > 1 else 0 for bound in most],
        most=most,
        barred=barred,
        forced=draw.sample(pairs, k=min(len(pairs), draw.choice((0, 0, 0, 1, 2)))),
        quotas=_quotas(draw, rows, columns),
    )


def _quotas(draw: random.Random, rows: int, columns: int) -> list[Quota]:
    kinds = [draw.choice("es") for _ in range(columns)]
    countries = [draw.choice("abc") for _ in range(columns)]
    quotas = []
    if draw.random() < 0.4:
        only = None if draw.random() < 0.7 else tuple(draw.sample(range(rows), k=1))
        quotas.append(Quota("engineers", _those(kinds, "e"), low=1, proposals=only))
    if draw.random() < 0.4:
        quotas += [Quota(f"country {name}", _those(countries, name), high=1) for name in "abc"]
    return quotas


def _those(labels: list[str], label: str) -> tuple[int, ...]:
    return tuple(number for number, other in enumerate(labels) if other == label)


def everything(asked: Panel, kept: set[Requirement] | None = None) -> np.ndarray:
    """Return every assignment of a small panel, shape (number, proposals, reviewers).

    With ``kept`` those that keep these requirements, give no reviewer more than their most and no proposal too many.
    """

    def wanted(kind: str, p: int | None = None, r: int | None = None, quota: Quota | None = None) -> bool:
        return kept is None or Requirement(kind, p, r, quota) in kept

    rows, columns = asked.shape
    ways = np.zeros((1, 0, columns), dtype=bool)
    for p in range(rows):
        options = _options(asked, p, wanted)
        ways = np.concatenate(
            (np.repeat(ways, len(options), axis=0), np.tile(options, (len(ways), 1))[:, None, :]), axis=1
        )
    loads = ways.sum(axis=1)
    least = [asked.least[r] if wanted("least", r=r) else 0 for r in range(columns)]
    return ways[((loads <= asked.most) & (loads >= least)).all(axis=1)]


def _options(asked: Panel, p: int, wanted: Callable[..., bool]) -> np.ndarray:
    """Return the sets of reviewers that proposal ``p`` may have, as rows of a matrix."""
    columns = len(asked.reviewers)
    free = [r for r in range(columns) if not asked.barred[p, r]]
    sizes = [int(asked.demand[p])] if wanted("demand", p) else range(int(asked.demand[p]) + 1)
    options = [set(some) for size in sizes for some in combinations(free, size)]
    must = {r for q, r in asked.forced if q == p and wanted("forced", q, r)}
    options = [some for some in options if must <= some]
    for quota in asked.quotas:
        if (quota.proposals is None or p in quota.proposals) and wanted("quota", p, quota=quota):
            high = columns if quota.high is None else quota.high
            options = [some for some in options if quota.low <= len(some & set(quota.members)) <= high]
    return np.array([[r in some for r in range(columns)] for some in options], dtype=bool).reshape(-1, columns)
