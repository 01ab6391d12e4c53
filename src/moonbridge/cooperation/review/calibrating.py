r"""From the reviews of panels to calibrated merits with their doubts.

The engine (:func:`moonbridge.engines.reviewing.calibration.calibrate`) takes one score for each review. A panel marks several criteria, so
the score of a review is the merit that it alone gives: with the marks :math:`s_c`, scales from :math:`l_c` to :math:`h_c` and weights
:math:`w_c`,

.. math:: 100 \frac{\sum_c w_c \frac{s_c - l_c}{h_c - l_c}}{\sum_c w_c}

over the criteria that it marks, as in :mod:`moonbridge.cooperation.review.merits`. Science and technical panels mark criteria of their own,
and a severe scientist says nothing of the engineers. So the criteria are divided into *blocks*: two criteria are in one block if exactly
the same panels mark them. Each block :math:`B`, with the weight :math:`W_B = \sum_{c \in B} w_c`, is calibrated by itself, which gives
merits :math:`\mu_B` and a covariance :math:`\Sigma_B`. Together they are

.. math:: \mu = \sum_B \frac{W_B}{W} \mu_B, \qquad \Sigma = \sum_B \left(\frac{W_B}{W}\right)^2 \Sigma_B, \qquad W = \sum_B W_B,

the mean and the variance of a sum of independent parts (Casella & Berger, Statistical Inference, 2002, sections 4.5 and 4.6): different
people judge different blocks. With one block this is the engine's own answer. A merit lies on the scale: what the model puts
beyond 0 or 100 is 0 or 100.
"""

from collections import defaultdict
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from typing import Any, Final, NamedTuple

import numpy as np
from numpy.typing import NDArray

from moonbridge.cooperation.review.merits import FULL, Given, Weighed, means_of, merit_of
from moonbridge.engines.reviewing.calibration import Calibration, Review, calibrate
from moonbridge.errors import InputError
from moonbridge.formats.reviewing.reviews import calibration_data

MODEL: Final = "two-way random effects, averaged over uniform shares of variance"
"""What made a calibration, kept beside it."""
AT_ONCE: Final = 200
"""Reviews that are calibrated while one waits; that takes less than half a second. More are a job."""
_FULL_POINTS: Final = 100

type Told = Callable[[int, int], None]
"""Is told how many blocks of how many are calibrated; it may raise :class:`~moonbridge.errors.Cancelled`."""


class Marked(NamedTuple):
    """One mark: of which proposal (its code), by whom (a neutral label), for which criterion, from which panel, in thousandths."""

    proposal: str
    reviewer: str
    criterion: str
    panel: str
    thousandths: int


@dataclass(frozen=True, eq=False)
class Block:
    """Criteria that the same panels mark, and what their reviews say once the reviewers are allowed for."""

    criteria: tuple[Weighed, ...]
    found: Calibration

    @property
    def weight(self) -> int:
        """The weights of its criteria together."""
        return sum(criterion.weight for criterion in self.criteria)


@dataclass(frozen=True, eq=False)
class Calibrated:
    """Merits with their doubts (standard deviations), both in millionths, and their covariance (squared points, by ``codes``).

    ``facts`` say, block by block, how the variance divides, how well reviewers agree, who is severe and which reviews stand out.
    ``read_covariance`` brings the covariance: of a thousand proposals it is a million numbers, which few readers need.
    """

    codes: tuple[str, ...]
    merits: dict[str, int]
    doubts: dict[str, int]
    facts: dict[str, Any]
    read_covariance: Callable[[], NDArray[np.float64]]

    @property
    def covariance(self) -> NDArray[np.float64]:
        """The covariance of the merits."""
        return self.read_covariance()


def reviews_in(marks: Iterable[Marked]) -> int:
    """Return how many reviews the marks come from."""
    return len({(mark.proposal, mark.reviewer) for mark in marks})


def calibrated(criteria: Iterable[Weighed], marks: Sequence[Marked], *, told: Told | None = None) -> Calibrated:
    """Return what ``marks`` say of the proposals that were marked in every block.

    Raises InputError where a block has fewer than three reviews.
    """
    parts, blocks = blocks_of(tuple(criteria), marks), []
    if not parts:
        raise InputError("there are no reviews to calibrate")
    for number, part in enumerate(parts, start=1):
        blocks.append(Block(part, calibrate(reviews_of(part, marks))))
        if told is not None:
            told(number, len(parts))
    return _added(blocks)


def _added(blocks: Sequence[Block]) -> Calibrated:
    """Return the merits of the blocks added by weight."""
    scored = [set(block.found.proposals) for block in blocks]
    codes = tuple(sorted(set.intersection(*scored)))
    whole = sum(block.weight for block in blocks)
    merit, covariance = np.zeros(len(codes)), np.zeros((len(codes), len(codes)))
    for block in blocks:
        places = [block.found.proposals.index(code) for code in codes]
        part = block.weight / whole
        merit += part * block.found.merit[places]
        covariance += part**2 * block.found.covariance[np.ix_(places, places)]
    facts = {"model": MODEL, "blocks": [_told(block) for block in blocks]}
    on_scale, doubts = np.clip(merit, 0, _FULL_POINTS), np.sqrt(np.diag(covariance))
    return Calibrated(codes, _by_code(codes, on_scale), _by_code(codes, doubts), facts, lambda: covariance)


def blocks_of(criteria: Sequence[Weighed], marks: Iterable[Marked]) -> list[tuple[Weighed, ...]]:
    """Return the marked criteria divided into those that exactly the same panels mark, in the order of the call."""
    panels: dict[str, set[str]] = defaultdict(set)
    for mark in marks:
        panels[mark.criterion].add(mark.panel)
    blocks: dict[frozenset[str], list[Weighed]] = {}
    for criterion in criteria:
        if criterion.name in panels:
            blocks.setdefault(frozenset(panels[criterion.name]), []).append(criterion)
    return [tuple(block) for block in blocks.values()]


def reviews_of(block: Sequence[Weighed], marks: Iterable[Marked]) -> list[Review]:
    """Return each review's merit by the criteria of one block, from 0 to 100."""
    names = {criterion.name for criterion in block}
    given: dict[tuple[str, str], list[Given]] = defaultdict(list)
    for mark in marks:
        if mark.criterion in names:
            given[mark.proposal, mark.reviewer].append(Given(mark.criterion, mark.reviewer, mark.thousandths))
    return [Review(*who, merit_of(block, means_of(scores)) * _FULL_POINTS / FULL) for who, scores in given.items()]


def _by_code(codes: Sequence[str], points: NDArray[np.float64]) -> dict[str, int]:
    """Return points from 0 to 100 as millionths."""
    return {code: round(value * FULL / _FULL_POINTS) for code, value in zip(codes, points.tolist(), strict=True)}


def _told(block: Block) -> dict[str, Any]:
    said = calibration_data(block.found)
    del said["proposals"]
    return {"criteria": [criterion.name for criterion in block.criteria], "weight": block.weight} | said
