"""When an amount that came back may be taken for what was issued, and who has to sign for the difference.

Two weighings of the same thing differ by their uncertainties. A return closes by itself while the difference is within two
standard deviations (about 95 % of honest returns, by the normal law of errors); beyond three (0.3 %), or where it is more than half a
percent and half a milligram at once, it takes two officers. Everything is compared as squares of integers: no rounding decides.

Where a weighing knows no more than bounds, nothing closes by itself: what the bounds allow need not be what is there. The books are then
compared with the :func:`nearest` amount within the bounds, so that they move no further than the weighing demands, and two officers sign.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Final

CLOSES_WITHIN: Final = 2
"""Standard deviations within which a difference closes by itself."""
ONE_SIGNS_WITHIN: Final = 3
"""Standard deviations within which one officer signs."""
SMALL_SHARE: Final = 200
"""One part in so many (0.5 %) is a small share of what was issued."""
SMALL_AMOUNT: Final = 500_000
"""Half a milligram, in nanograms, is a small amount."""


@dataclass(frozen=True, slots=True)
class Closure:
    """What comes of comparing ``issued`` with ``accounted``, both in nanograms; ``variance`` is in square nanograms.

    ``bounded``: some of it is known by its bounds only.
    """

    issued: int
    accounted: int
    variance: int
    bounded: bool = False

    @property
    def remainder(self) -> int:
        """Issued minus accounted: above zero something is missing, below zero there is more than there was."""
        return self.issued - self.accounted

    @property
    def closes(self) -> bool:
        """Whether the uncertainties explain the remainder."""
        return not self.bounded and self._within(CLOSES_WITHIN)

    @property
    def two_officers(self) -> bool:
        """Whether two officers have to sign for the remainder."""
        return self.bounded or not self._within(ONE_SIGNS_WITHIN) or is_large(self.remainder, self.issued)

    def _within(self, deviations: int) -> bool:
        return self.remainder**2 <= deviations**2 * self.variance


def is_large(difference: int, whole: int) -> bool:
    """Return whether ``difference`` is more than half a percent of ``whole`` and more than half a milligram (both in nanograms)."""
    return abs(difference) * SMALL_SHARE > whole and abs(difference) > SMALL_AMOUNT


def nearest(expected: int, least: int, most: int) -> int:
    """Return the amount between ``least`` and ``most`` that is nearest to what is ``expected`` (all in nanograms)."""
    return min(max(expected, least), most)


def closure(issued: int, accounted: int, sigmas: Iterable[int], *, bounded: bool = False) -> Closure:
    """Compare what was ``issued`` with all that is ``accounted`` for (on hand, consumed, residue, transferred, returned), in nanograms.

    ``sigmas`` are the standard uncertainties of every weighing that went into either, in nanograms; independent errors add as squares.
    ``bounded`` says that of some of it only bounds are known.
    """
    return Closure(issued, accounted, sum(sigma**2 for sigma in sigmas), bounded)
