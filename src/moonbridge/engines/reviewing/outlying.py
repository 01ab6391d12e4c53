"""Reviews that stand out from what everybody else's scores lead to expect, and how well reviewers agree."""

import math
from dataclasses import dataclass
from statistics import NormalDist

import numpy as np

from moonbridge.engines.reviewing.calibration import Calibration, Review


@dataclass(frozen=True, slots=True)
class Outlier:
    """A review that differs from its expectation by ``studentised`` standard deviations of what remains unexplained.

    ``chance`` is how likely the largest of so many differences is to reach this by chance alone (Holm's correction).
    """

    review: Review
    expected: float
    studentised: float
    chance: float


@dataclass(frozen=True, slots=True)
class Agreement:
    """How well reviewers agree, from 0 (not better than chance) to 1.

    ``single`` and ``panel``: the intraclass correlation ICC(2,1) of one review, and of a proposal's mean over as many reviews
    as are usual here (Shrout & Fleiss, Psychological Bulletin 1979), from the shares of variance. ``consistency``: the same
    for one review with severity taken out, ICC(3,1). ``alpha``: Krippendorff's alpha for interval data (Krippendorff,
    Computing Krippendorff's Alpha-Reliability, 2011), from the raw scores; None where all scores are equal or no
    proposal has two.
    """

    single: float
    panel: float
    consistency: float
    alpha: float | None


def outliers(calibration: Calibration, level: float = 0.05) -> tuple[Outlier, ...]:
    """Return the reviews that stand out, most first, with a chance below ``level`` that any is named without a cause."""
    differences = calibration.residuals / calibration.residual_doubt
    degrees = max(1, len(calibration.reviews) - len(calibration.proposals))
    chances = [2 * NormalDist().cdf(-_as_normal(abs(float(value)), degrees)) for value in differences]
    named: list[Outlier] = []
    worst = 0.0
    for rank, number in enumerate(np.argsort(chances, kind="stable").tolist()):
        worst = max(worst, min(1.0, chances[number] * (len(chances) - rank)))
        if worst >= level:
            break
        fitted = float(calibration.fitted[number])
        named.append(Outlier(calibration.reviews[number], fitted, float(differences[number]), worst))
    return tuple(named)


def _as_normal(value: float, degrees: int) -> float:
    """Return the normal deviate with the tail of Student's t (Wallace, Annals of Mathematical Statistics 1959)."""
    return (8 * degrees + 1) / (8 * degrees + 3) * math.sqrt(degrees * math.log1p(value * value / degrees))


def agreement(calibration: Calibration) -> Agreement:
    """Return how well the reviewers agree."""
    merit, severity, noise = calibration.shares
    # The harmonic mean is what the variance of a mean over unequally many reviews goes by.
    usual = len(calibration.counts) / float((1 / calibration.counts).sum())
    return Agreement(
        merit,
        merit / (merit + (severity + noise) / usual),
        merit / (merit + noise),
        krippendorff_alpha([review[:1] + review[2:] for review in calibration.reviews]),
    )


def krippendorff_alpha(scores: list[tuple[str, float]]) -> float | None:
    """Return Krippendorff's alpha for interval data of ``scores`` (unit, value); None where it is not defined."""
    units: dict[str, list[float]] = {}
    for unit, value in scores:
        units.setdefault(unit, []).append(value)
    pairable = [np.array(values) for values in units.values() if len(values) > 1]
    everything = np.concatenate(pairable) if pairable else np.zeros(0)
    expected = 2 * len(everything) * float(((everything - everything.mean()) ** 2).sum()) if len(everything) else 0.0
    if not expected:
        return None
    observed = sum(2 * len(v) * float(((v - v.mean()) ** 2).sum()) / (len(v) - 1) for v in pairable)
    return 1 - (len(everything) - 1) * observed / expected
