"""What scores say about proposals once reviewers are allowed for: a two-way random-effects model, averaged over its doubts.

    score = level + merit of the proposal + severity of the reviewer + noise of this reviewer

Merits, severities and noises are drawn from normal distributions. How much of the variance of a score belongs to each is not
known and is not guessed: the posterior is averaged over all divisions of the variance, each as likely beforehand as any
other (the shares are uniform on the simplex), weighed by how well they explain the scores (the restricted likelihood,
Patterson & Thompson, Biometrika 1971; prediction by Henderson's mixed-model equations, Biometrics 1975). With no sign of
severity the result is close to raw means; with strong severities they are taken out. A merit with few reviews shrinks towards
the level. Reviewers who scatter more than others count less: their noise is estimated from their residuals and drawn towards
the common one.
"""

from collections.abc import Hashable, Iterable, Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from statistics import NormalDist
from typing import Final, NamedTuple

import numpy as np

from moonbridge.engines.reviewing.variance import Floats, Integers, Scored, evened, posterior
from moonbridge.errors import InputError

_FEWEST: Final = 3


class Review(NamedTuple):
    """One score that a reviewer gave to a proposal."""

    proposal: str
    reviewer: str
    score: float


@dataclass(frozen=True, eq=False)
class Calibration:
    """Merits with their doubts, severities, shares of variance, and the raw means beside them.

    ``merit`` (in the scale of the scores) and ``covariance`` (in its square) are the posterior mean and covariance, in the order
    of ``proposals``: what selection takes in. ``severity`` is how much lower than the level a reviewer scores (positive:
    severe); ``noise`` the standard deviation of each reviewer's scores beyond that. ``shares`` are the parts of a score's
    variance that belong to merit, severity and noise. ``fitted`` is what each score was expected to be, given all of them, and
    ``residual_doubt`` the standard deviation of what it differs by.
    """

    reviews: tuple[Review, ...]
    proposals: tuple[str, ...]
    reviewers: tuple[str, ...]
    level: float
    merit: Floats
    covariance: Floats
    severity: Floats
    severity_doubt: Floats
    noise: Floats
    shares: tuple[float, float, float]
    fitted: Floats
    residual_doubt: Floats

    @cached_property
    def doubt(self) -> Floats:
        """The standard deviation of each merit."""
        return np.sqrt(np.diag(self.covariance))

    @cached_property
    def raw_mean(self) -> Floats:
        """The plain mean of each proposal's scores."""
        return np.asarray(np.bincount(self._rows, weights=self._scores) / self.counts)

    @cached_property
    def counts(self) -> Integers:
        """How many reviews each proposal has."""
        return np.bincount(self._rows, minlength=len(self.proposals)).astype(np.int64)

    def interval(self, level: float = 0.95) -> tuple[Floats, Floats]:
        """Return the bounds between which each merit lies with a probability of ``level``."""
        reach = NormalDist().inv_cdf((1 + level) / 2) * self.doubt
        return self.merit - reach, self.merit + reach

    @cached_property
    def _rows(self) -> Integers:
        return _positions((review.proposal for review in self.reviews), self.proposals)

    @cached_property
    def _scores(self) -> Floats:
        return np.array([review.score for review in self.reviews])

    @property
    def residuals(self) -> Floats:
        """What each score has beyond what is expected of this reviewer at this proposal."""
        return self._scores - self.fitted


def calibrate(reviews: Iterable[Review | tuple[str, str, float]]) -> Calibration:
    """Return what ``reviews`` (proposal, reviewer, score) say about the merits of proposals.

    Raises InputError for fewer than three reviews, for a score that is no number, and for a second review of the same
    proposal by the same reviewer.
    """
    given = tuple(Review(*review) for review in reviews)
    _check(given)
    proposals = tuple(dict.fromkeys(review.proposal for review in given))
    reviewers = tuple(dict.fromkeys(review.reviewer for review in given))
    scores = np.array([review.score for review in given], dtype=np.float64)
    centre, scale = float(scores.mean()), float(scores.std()) or 1.0
    scored = Scored(
        _positions((review.proposal for review in given), proposals),
        _positions((review.reviewer for review in given), reviewers),
        (scores - centre) / scale,
        np.ones(len(reviewers)),
    )
    scored = replace(scored, weights=evened(scored, posterior(scored)))
    found = posterior(scored)
    return Calibration(
        given,
        proposals,
        reviewers,
        level=centre + scale * float(found.rest[-1]),
        merit=centre + scale * (found.merit + found.rest[-1]),
        covariance=scale**2 * found.covariance,
        severity=-scale * found.rest[:-1],
        severity_doubt=scale * found.rest_doubt[:-1],
        noise=scale * np.sqrt(found.noise / scored.weights),
        shares=found.shares,
        fitted=centre + scale * found.fitted(scored),
        residual_doubt=scale * np.sqrt(found.residual_variance),
    )


def _check(reviews: Sequence[Review]) -> None:
    if len(reviews) < _FEWEST:
        raise InputError(f"calibration needs at least {_FEWEST} reviews; there are {len(reviews)}")
    seen: set[tuple[str, str]] = set()
    for review in reviews:
        if not np.isfinite(review.score):
            raise InputError(f"the score of {review.proposal} by {review.reviewer} is no number", field="score")
        if review[:2] in seen:
            raise InputError(f"{review.reviewer} reviewed {review.proposal} twice", field="reviewer")
        seen.add(review[:2])


def _positions(names: Iterable[Hashable], known: Sequence[Hashable]) -> Integers:
    place = {name: number for number, name in enumerate(known)}
    return np.array([place[name] for name in names], dtype=np.int64)
