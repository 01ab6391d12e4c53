r"""How well a reviewer fits a proposal: from texts, keywords, bids and scores that somebody else computed.

Each part lies between 0 and 1 and has a weight; a part that says nothing about a pair (no texts, no bid) does not count
against it: the others share its weight. In millionths, with :math:`K` the parts that say something of a pair, :math:`w_k` their weights
and :math:`v_k` what they say, the score is

.. math:: 10^6 \frac{\sum_{k \in K} w_k v_k}{\sum_{k \in K} w_k}

rounded to a whole number, 0 where :math:`K` is empty, and one less for whoever bids "unwilling". This one millionth is what tells
somebody who does not want to from somebody who did not say: where nothing else is known, or nothing else speaks for the pair, both
would have 0.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final, Protocol

import numpy as np
from numpy.typing import NDArray

from moonbridge.engines.reviewing.names import plain
from moonbridge.engines.reviewing.panel import Integers, Mask, in_units
from moonbridge.engines.reviewing.people import Reviewer, Submission
from moonbridge.engines.reviewing.texts import Floats, likeness
from moonbridge.errors import InputError

BEST_TEXTS: Final = 3
"""A reviewer's texts that count for a proposal: the mean of the best three, so that a broad record does not count less."""

BIDS: Final[Mapping[str, float]] = {"eager": 1.0, "willing": 0.75, "neutral": 0.5, "reluctant": 0.25, "unwilling": 0.0}
"""What a bid counts."""


class Likeness(Protocol):
    """What a plug-in for text offers: how alike each of ``ones`` is to each of ``others``, 0 to 1."""

    def __call__(self, ones: Sequence[str], others: Sequence[str]) -> NDArray[np.float64]:
        """Return a matrix, shape (ones, others)."""


@dataclass(frozen=True, slots=True)
class Weights:
    """What each part of an affinity counts; only their proportions matter."""

    texts: float = 1.0
    keywords: float = 0.5
    bids: float = 1.0
    scores: float = 1.0


@dataclass(frozen=True, eq=False)
class Fit:
    """How well reviewers fit proposals, part by part: a weight and a matrix of 0 to 1 each, NaN where a part says nothing."""

    parts: Mapping[str, tuple[float, Floats]]

    @property
    def unwilling(self) -> Mask:
        """The pairs whose reviewer said that they do not want to."""
        return np.asarray(self.parts["bids"][1] == BIDS["unwilling"], dtype=bool)

    def units(self) -> Integers:
        """Return the parts as one, in millionths (-1 to 1,000,000); a pair of which nothing is known has 0, an unwilling one less."""
        shape = next(iter(self.parts.values()))[1].shape
        total, counted = np.zeros(shape), np.zeros(shape)
        for weight, values in self.parts.values():
            known = ~np.isnan(values)
            total += weight * np.where(known, values, 0)
            counted += weight * known
        return in_units(np.divide(total, counted, out=np.zeros_like(total), where=counted > 0)) - self.unwilling

    def why(self, proposal: int, reviewer: int) -> dict[str, float]:
        """Return what each part says of a pair, by position; a part that says nothing is left out."""
        found = {name: float(values[proposal, reviewer]) for name, (_, values) in self.parts.items()}
        return {name: value for name, value in found.items() if not np.isnan(value)}


def affinity(
    submissions: Sequence[Submission],
    reviewers: Sequence[Reviewer],
    *,
    bids: Mapping[tuple[str, str], str] | None = None,
    scores: Mapping[tuple[str, str], float] | None = None,
    weights: Weights = Weights(),  # noqa: B008 - frozen
    alike: Likeness = likeness,
) -> Integers:
    """Return how well reviewers fit proposals in millionths (-1 to 1,000,000), shape (submissions, reviewers).

    ``bids`` are words of :data:`BIDS`, ``scores`` numbers from 0 to 1, both by (proposal, reviewer) id. ``alike`` compares texts.
    A pair of which nothing is known has 0, and one whose reviewer is unwilling less than the same pair without a bid.
    """
    return fit(submissions, reviewers, bids=bids, scores=scores, weights=weights, alike=alike).units()


def fit(
    submissions: Sequence[Submission],
    reviewers: Sequence[Reviewer],
    *,
    bids: Mapping[tuple[str, str], str] | None = None,
    scores: Mapping[tuple[str, str], float] | None = None,
    weights: Weights = Weights(),  # noqa: B008 - frozen
    alike: Likeness = likeness,
) -> Fit:
    """Return the parts of which :func:`affinity` is made, so that a pair's score can be explained."""
    bidden = {pair: BIDS[_bid(bid)] for pair, bid in (bids or {}).items()}
    return Fit({
        "texts": (weights.texts, text_fit(submissions, reviewers, alike)),
        "keywords": (weights.keywords, keyword_fit(submissions, reviewers)),
        "bids": (weights.bids, _given(bidden, submissions, reviewers)),
        "scores": (weights.scores, _given(scores or {}, submissions, reviewers)),
    })  # fmt: skip


def text_fit(submissions: Sequence[Submission], reviewers: Sequence[Reviewer], alike: Likeness = likeness) -> Floats:
    """Return the mean likeness of each proposal to the three texts of each reviewer that are most like it; NaN without texts."""
    fit = np.full((len(submissions), len(reviewers)), np.nan)
    texts = [text for reviewer in reviewers for text in reviewer.texts]
    readable = np.array([bool(one.text.strip() or one.title.strip()) for one in submissions], dtype=bool)
    if not texts or not readable.any():
        return fit
    matrix = np.asarray(alike([f"{one.title}\n{one.text}" for one in submissions], texts), dtype=np.float64)
    if matrix.shape != (len(submissions), len(texts)) or not np.isfinite(matrix).all():
        raise InputError(f"the likeness of texts has the shape {matrix.shape}, or values that are no numbers")
    begin = 0
    for column, reviewer in enumerate(reviewers):
        own = matrix[:, begin : begin + len(reviewer.texts)]
        begin += len(reviewer.texts)
        if own.shape[1]:
            fit[:, column] = np.sort(own, axis=1)[:, -BEST_TEXTS:].mean(axis=1).clip(0, 1)
    fit[~readable] = np.nan
    return fit


def keyword_fit(submissions: Sequence[Submission], reviewers: Sequence[Reviewer]) -> Floats:
    """Return which part of a proposal's keywords a reviewer has too; NaN where either has none."""
    theirs = [_folded(reviewer.keywords) for reviewer in reviewers]
    return np.array(
        [
            [len(own & words) / len(own) if own and words else np.nan for words in theirs]
            for own in (_folded(one.keywords) for one in submissions)
        ],
        dtype=np.float64,
    ).reshape(len(submissions), len(reviewers))


def unreadable(submissions: Sequence[Submission], reviewers: Sequence[Reviewer]) -> Mask:
    """Return the pairs in which the reviewer does not read the proposal's language, where both are known.

    Whoever reads a language reads it however it is written elsewhere: ``en-GB``, ``EN`` and ``en_us`` are all ``en``.
    """
    read = [frozenset(map(_primary, reviewer.languages)) for reviewer in reviewers]
    return np.array(
        [
            [bool(theirs and one.language) and _primary(one.language) not in theirs for theirs in read]
            for one in submissions
        ],
        dtype=bool,
    ).reshape(len(submissions), len(reviewers))


def _primary(tag: str) -> str:
    """Return the language of a tag such as ``zh-Hans-CN``: its first part (RFC 5646, section 2.2.1)."""
    return tag.replace("_", "-").partition("-")[0].strip().casefold()


def _folded(words: Sequence[str]) -> frozenset[str]:
    return frozenset(" ".join(plain(word).split()) for word in words)


def _bid(word: str) -> str:
    if word not in BIDS:
        raise InputError(f"a bid is one of {', '.join(BIDS)}, not {word!r}", field="bid")
    return word


def _given(
    values: Mapping[tuple[str, str], float], submissions: Sequence[Submission], reviewers: Sequence[Reviewer]
) -> Floats:
    row = {one.id: number for number, one in enumerate(submissions)}
    column = {reviewer.id: number for number, reviewer in enumerate(reviewers)}
    matrix = np.full((len(row), len(column)), np.nan)
    for (proposal, reviewer), value in values.items():
        if proposal in row and reviewer in column:
            if not 0 <= value <= 1:
                raise InputError(f"the score of {proposal} and {reviewer} is {value}, not 0 to 1", field="score")
            matrix[row[proposal], column[reviewer]] = value
    return matrix
