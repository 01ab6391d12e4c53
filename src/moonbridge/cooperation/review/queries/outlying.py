"""Reviews that stand out in a panel, as one person sees it.

They are found by calibrating what this person may see, never by a calibration in which hidden marks had a part: otherwise a mark on a
hidden item could make a visible review stand out. That costs seconds for a thousand proposals, so it is done when asked for and kept for
the person who asked, with a digest of the marks that went into it; when these change it is out of date and says so.
"""

import hashlib
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final
from uuid import UUID

from django.core.cache import cache

from moonbridge.cooperation.review.boards import Board, Judged
from moonbridge.engines.reviewing.calibration import Review, calibrate
from moonbridge.engines.reviewing.outlying import outliers
from moonbridge.record.queries import database_now

FEWEST: Final = 3
"""Reviews below which nothing can be said."""
_KEPT: Final = timedelta(days=30)


@dataclass(frozen=True, slots=True)
class Outlying:
    """A review that stands out: the points it gives, and those that all others lead to expect of this reviewer for this item."""

    review: UUID
    item: UUID
    seat: UUID
    points: float
    expected: float


@dataclass(frozen=True, slots=True)
class Found:
    """What was found, when, and from which marks."""

    digest: str
    at: datetime
    outlying: tuple[Outlying, ...]

    @property
    def items(self) -> frozenset[UUID]:
        """The items with a review that stands out."""
        return frozenset(one.item for one in self.outlying)


def kept(board: Board) -> Found | None:
    """Return what was found for this person, if the marks that they see are still the same."""
    found: Found | None = cache.get(_key(board))
    return found if found is not None and found.digest == digest_of(board) else None


def find(board: Board) -> Found:
    """Find the reviews that stand out among those that this person sees, and keep the answer for them."""
    found = Found(digest_of(board), database_now(), tuple(_outlying(board.judged())))
    cache.set(_key(board), found, timeout=int(_KEPT.total_seconds()))
    return found


def digest_of(board: Board) -> str:
    """Return a digest that changes with every mark that this person sees: a mark changes by a new submission alone."""
    told = sorted(f"{key} {one.given} {one.mean!r} {one.last}" for key, one in board.tallies.items() if one.given)
    return hashlib.sha256("\n".join(told).encode()).hexdigest()


def _key(board: Board) -> str:
    return f"outlying:{board.panel.pk}:{board.user.pk}"


def _outlying(given: list[Judged]) -> Iterable[Outlying]:
    if len(given) < FEWEST:
        return
    by_pair = {(str(one.item), str(one.seat)): one for one in given}
    told = calibrate(Review(*pair, one.points) for pair, one in by_pair.items())
    for outlier in outliers(told):
        one = by_pair[outlier.review.proposal, outlier.review.reviewer]
        yield Outlying(one.key, one.item, one.seat, one.points, outlier.expected)
