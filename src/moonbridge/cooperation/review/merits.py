r"""From scores to a merit, exactly.

For a proposal, let :math:`m_c` be the mean of the scores that reviewers gave it for criterion :math:`c` (those who gave none do not
count), let the criterion's scale run from :math:`l_c` to :math:`h_c`, and let :math:`w_c` be its weight. Its merit is

.. math:: \frac{\sum_c w_c \frac{m_c - l_c}{h_c - l_c}}{\sum_c w_c},

the part of the full mark that it reached, between 0 and 1. It is computed as a fraction, rounded half to even to whole **millionths**, and
shown as a number from 0 to 100 with four decimals. These are the *raw means*; where the office lets calibrated merits count
(:mod:`moonbridge.cooperation.review.calibrating`), they take their place, and the raw means stay beside them.
"""

from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from fractions import Fraction
from math import lcm
from typing import Final

from moonbridge.quantities import decimal_text

FULL: Final = 10**6
"""The full mark, in millionths."""
_THOUSANDTHS: Final = 1000


@dataclass(frozen=True, slots=True)
class Weighed:
    """A criterion as the formula needs it."""

    name: str
    weight: int
    lowest: int
    highest: int


@dataclass(frozen=True, slots=True)
class Given:
    """One score, in thousandths."""

    criterion: str
    reviewer: str
    thousandths: int


@dataclass(frozen=True, slots=True)
class Standing:
    """Where a proposal stands: its merit in millionths, the mean per criterion, its reviewers.

    ``spread`` (millionths) is how far the merits lie apart that its reviewers give it each alone, by the criteria they scored. ``raw`` is
    the merit by raw means; ``merit`` is what counts. Where calibrated merits count, ``doubt`` (millionths) is the standard deviation.
    """

    merit: int
    means: Mapping[str, Fraction]
    reviewers: tuple[str, ...]
    spread: int
    raw: int
    doubt: int | None = None

    @property
    def merit_text(self) -> str:
        """The merit as a number from 0 to 100."""
        return shown(self.merit)

    @property
    def raw_text(self) -> str:
        """The merit by raw means as a number from 0 to 100."""
        return shown(self.raw)

    @property
    def doubt_text(self) -> str | None:
        """The doubt as a number of points; None where raw means count."""
        return None if self.doubt is None else shown(self.doubt)

    @property
    def means_in_order(self) -> list[str]:
        """The means to three decimals, in the order of the criteria."""
        return [decimal_text(round(mean, 3)) for mean in self.means.values()]

    @property
    def spread_text(self) -> str:
        """The spread as a number from 0 to 100."""
        return shown(self.spread)


def shown(millionths: int) -> str:
    """Return a merit as people read it: ``shown(845_321) == "84.5321"``."""
    return decimal_text(Fraction(millionths * 100, FULL))


def millionths(points: str) -> int:
    """Return decimal text from 0 to 100 as millionths of the full mark, the reverse of :func:`shown`."""
    return round(Fraction(points) * FULL / 100)


def standing(criteria: Iterable[Weighed], scores: Iterable[Given]) -> Standing | None:
    """Return where these scores put a proposal; None while a criterion has no score."""
    criteria, scores = tuple(criteria), tuple(scores)
    means = means_of(scores)
    if any(criterion.name not in means for criterion in criteria):
        return None
    reviewers = tuple(sorted({score.reviewer for score in scores}))
    alone = [
        merit_of(criteria, means_of(score for score in scores if score.reviewer == reviewer)) for reviewer in reviewers
    ]
    ordered = {criterion.name: means[criterion.name] for criterion in criteria}
    merit = merit_of(criteria, means)
    return Standing(merit, ordered, reviewers, max(alone) - min(alone), raw=merit)


def means_of(scores: Iterable[Given]) -> dict[str, Fraction]:
    """Return the mean score of each criterion that has one."""
    by_criterion: dict[str, list[int]] = defaultdict(list)
    for score in scores:
        by_criterion[score.criterion].append(score.thousandths)
    return {name: Fraction(sum(values), len(values) * _THOUSANDTHS) for name, values in by_criterion.items()}


def merit_of(criteria: Iterable[Weighed], means: Mapping[str, Fraction]) -> int:
    """Return the merit in millionths over those criteria that have a mean: that of the parts of the scales, by weight, exactly.

    The parts are added over one denominator: a fraction for each would cost more than all else that a hand-over works out.
    """
    scored = [(criterion, means[criterion.name]) for criterion in criteria if criterion.name in means]
    parts = [
        (one.weight * (mean.numerator - one.lowest * mean.denominator), mean.denominator * (one.highest - one.lowest))
        for one, mean in scored
    ]
    common = lcm(*(below for _, below in parts))
    reached = sum(above * (common // below) for above, below in parts)
    return round(Fraction(FULL * reached, common * sum(one.weight for one, _ in scored)))
