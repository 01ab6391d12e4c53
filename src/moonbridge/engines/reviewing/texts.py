"""How alike two texts are: TF-IDF over words and pairs of words, and pairs of characters where words are not spaced.

A term weighs (1 + log of its count) times the log of how rare it is among all texts (smoothed); a text is the direction of
its weights, and two texts are as alike as the cosine of their directions (Salton & Buckley, Information Processing and
Management 1988). Pairs of words tell "lunar soil" from "soil mechanics"; Chinese and Japanese are read by overlapping
pairs of characters, which needs no dictionary.
"""

import re
from collections import Counter
from collections.abc import Sequence
from itertools import pairwise
from typing import Final

import numpy as np
from numpy.typing import NDArray

from moonbridge.engines.reviewing.names import plain

type Floats = NDArray[np.float64]

_RUNS: Final = re.compile(r"[\u3400-\u9fff\u3040-\u30ff]+|[^\W_\u3400-\u9fff\u3040-\u30ff]+")
_UNSPACED: Final = re.compile(r"[\u3400-\u9fff\u3040-\u30ff]")
STOP_WORDS: Final = frozenset(
    word
    for words in (
        "a an and are as at be been by can for from had has have if in into is it its may more of on or our such than",
        "that the their then there these they this to was we were which while will with",
        "de des du et la le les un une",
        "и в на с по для",
    )
    for word in words.split()
)
"""Words that say nothing about a subject; pairs are made of the words that remain."""


def terms(text: str) -> Counter[str]:
    """Return the terms of a text with their counts."""
    found: Counter[str] = Counter()
    words: list[str] = []
    for run in _RUNS.findall(plain(text)):
        if _UNSPACED.match(run):
            found.update(run[at : at + 2] for at in range(max(1, len(run) - 1)))
        elif run not in STOP_WORDS and len(run) > 1:
            words.append(run)
    found.update(words)
    found.update(f"{one} {two}" for one, two in pairwise(words))
    return found


def likeness(ones: Sequence[str], others: Sequence[str]) -> Floats:
    """Return how alike each of ``ones`` is to each of ``others``, 0 to 1, shape (ones, others)."""
    counts = [terms(text) for text in (*ones, *others)]
    spread = Counter(term for count in counts for term in count)
    number = {term: position for position, term in enumerate(spread)}
    rarity = np.log((1 + len(counts)) / (1 + np.array(list(spread.values()), dtype=np.float64))) + 1
    weighed = [_direction(count, number, rarity) for count in counts]
    postings = _postings(weighed[len(ones) :], len(number))
    return np.array([_against(*one, postings, len(others)) for one in weighed[: len(ones)]]).reshape(
        len(ones), len(others)
    )


def _direction(count: Counter[str], number: dict[str, int], rarity: Floats) -> tuple[NDArray[np.int64], Floats]:
    """Return the numbers of a text's terms, and their weights, whose squares sum to 1."""
    places = np.array([number[term] for term in count], dtype=np.int64)
    weights = (1 + np.log(np.array(list(count.values()), dtype=np.float64))) * rarity[places]
    return places, weights / (np.linalg.norm(weights) or 1.0)


type _Postings = tuple[NDArray[np.int64], NDArray[np.int64], Floats]


def _postings(weighed: list[tuple[NDArray[np.int64], Floats]], size: int) -> _Postings:
    """Return for each term where its texts begin in the two long arrays of texts and weights behind."""
    if not weighed:
        return np.zeros(size + 1, dtype=np.int64), np.zeros(0, dtype=np.int64), np.zeros(0)
    places = np.concatenate([one[0] for one in weighed])
    texts = np.repeat(np.arange(len(weighed)), [len(one[0]) for one in weighed])
    order = np.argsort(places, kind="stable")
    begins = np.searchsorted(places[order], np.arange(size + 1))
    return begins, texts[order], np.concatenate([one[1] for one in weighed])[order]


def _against(places: NDArray[np.int64], weights: Floats, postings: _Postings, size: int) -> Floats:
    """Return how alike one text is to all others, through the terms that it shares with them."""
    begins, texts, theirs = postings
    lengths = begins[places + 1] - begins[places]
    offsets = np.arange(lengths.sum()) - np.repeat(np.cumsum(lengths) - lengths, lengths)
    hits = np.repeat(begins[places], lengths) + offsets
    shared = np.repeat(weights, lengths) * theirs[hits]
    return np.asarray(np.bincount(texts[hits], weights=shared, minlength=size))
