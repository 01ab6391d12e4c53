"""Panels drawn from a seed, for benchmarks, tests and demonstrations; nothing in them is real."""

from typing import Final

import numpy as np
from numpy.typing import NDArray

from moonbridge.engines.reviewing.calibration import Review
from moonbridge.engines.reviewing.panel import Panel, panel

_TOPICS: Final = 25
_INSTITUTIONS_PER_REVIEWER: Final = 0.3


def synthetic_panel(proposals: int, reviewers: int, seed: int, *, demand: int = 3, most: int = 8) -> Panel:
    """Return a panel of a topic model with institutional conflicts.

    Each proposal and reviewer is a mixture of 25 topics (Dirichlet, 0.1 and 0.15); a score is the cosine of two mixtures.
    There are three institutions for ten reviewers, and nobody reviews their own institution's proposals.
    """
    draw = np.random.default_rng(seed)
    scores = _directions(draw, proposals, 0.10) @ _directions(draw, reviewers, 0.15).T
    institutions = max(2, round(reviewers * _INSTITUTIONS_PER_REVIEWER))
    homes = draw.integers(institutions, size=proposals)
    return panel(
        scores,
        demand=demand,
        most=most,
        barred=homes[:, None] == draw.integers(institutions, size=reviewers)[None, :],
        proposals=[f"P{number + 1:04}" for number in range(proposals)],
        reviewers=[f"R{number + 1:04}" for number in range(reviewers)],
    )


def _directions(draw: np.random.Generator, count: int, concentration: float) -> NDArray[np.float64]:
    mixtures = draw.dirichlet(np.full(_TOPICS, concentration), size=count)
    return np.asarray(mixtures / np.linalg.norm(mixtures, axis=1, keepdims=True))


def synthetic_reviews(
    proposals: int, reviewers: int, each: int, seed: int, *, severity: float, noise: float = 1.0
) -> tuple[list[Review], NDArray[np.float64]]:
    """Return reviews of proposals whose true merit has a spread of 1, and the true merits.

    ``each`` reviews per proposal by reviewers with even loads; ``severity`` and ``noise`` are standard deviations.
    """
    draw = np.random.default_rng(seed)
    merit, severe = draw.normal(size=proposals), severity * draw.normal(size=reviewers)
    loads = np.zeros(reviewers, dtype=np.int64)
    reviews: list[Review] = []
    for p in range(proposals):
        for r in np.lexsort((draw.random(reviewers), loads))[:each].tolist():
            loads[r] += 1
            reviews.append(Review(f"P{p + 1:04}", f"R{r + 1:04}", merit[p] - severe[r] + noise * draw.normal()))
    return reviews, merit
