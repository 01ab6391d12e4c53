"""What a merit counts: as it stands, more for larger requests, more for proposals of priority.

A plain sum of merit favours small requests: two small instruments of merit 70 beat a large one of merit 95 that needs
as much as both. An office that does not want this publishes a weighting before the call opens, for example merit times
mass to the power of 3/4. The exponent 0 is the plain sum; 1 counts merit per kilogram, so that size alone no longer helps or
harms. (What is maximised is then the value of a knapsack item; Dantzig 1957, Operations Research 5, 266-288, shows why
the ratio of value to size decides who gets in.)

The size of an option is measured against amounts that the office states, not against the other proposals, so nobody's
weight depends on who else proposes, and everybody can compute it. Each option is weighed by its own size: a large full
version lends no weight to a small descoped one.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from fractions import Fraction
from functools import lru_cache
from typing import Final

from moonbridge.engines.selection.rules import Exact, exact
from moonbridge.errors import InputError

WEIGHT_STEPS: Final = 100
"""Weights are rounded to hundredths, half up, and are never less than one hundredth."""
_LARGEST_DENOMINATOR: Final = 12


@dataclass(frozen=True, slots=True)
class BySize:
    """Merit counts times ``(size / reference) ** exponent``.

    ``references`` names for one or several resources the amount (base units) at which a merit counts once. The size of
    an option is what it asks of the resource over all elements, measured in that amount; with several resources the
    largest of them. ``exponent`` is a fraction from 0 to 1.
    """

    exponent: Fraction
    references: tuple[tuple[str, int], ...]

    def __post_init__(self) -> None:
        if not 0 <= self.exponent <= 1 or self.exponent.denominator > _LARGEST_DENOMINATOR:
            raise InputError(
                f"the exponent is {self.exponent}; it is a fraction from 0 to 1 such as 3/4", field="exponent"
            )
        if not self.references:
            raise InputError("a weighting by size names a resource and its reference amount", field="reference")
        for resource, amount in self.references:
            if amount <= 0:
                raise InputError(f"the reference amount of {resource} must be more than nothing", field="reference")

    def counts(self, resource: str) -> bool:
        """Return whether the resource is part of the size."""
        return resource in dict(self.references)

    def size(self, demands: Mapping[tuple[str, str], int]) -> Fraction:
        """Return the size of a request ``{(element, resource): amount}`` in reference amounts."""
        return max(
            Fraction(sum(amount for (_, name), amount in demands.items() if name == resource), reference)
            for resource, reference in self.references
        )

    def weight(self, demands: Mapping[tuple[str, str], int]) -> Fraction:
        """Return what a merit of a request counts, a whole number of hundredths."""
        return _rounded_power(self.size(demands), self.exponent)


def by_size(exponent: Exact, references: Mapping[str, int]) -> BySize:
    """Merit counts times size to the power of ``exponent``: ``by_size("3/4", {"mass": 20_000_000})`` counts once at 20 kg."""
    return BySize(exact(exponent, field="exponent"), tuple(references.items()))


@lru_cache(maxsize=4096)
def _rounded_power(size: Fraction, exponent: Fraction) -> Fraction:
    """Return ``size ** exponent`` rounded half up to hundredths, computed in whole numbers; at least one hundredth."""
    top, root = exponent.numerator, exponent.denominator
    doubled = (2 * WEIGHT_STEPS) ** root * size.numerator**top // size.denominator**top
    return Fraction(max(1, (_whole_root(doubled, root) + 1) // 2), WEIGHT_STEPS)


def _whole_root(number: int, degree: int) -> int:
    """Return the largest whole number whose ``degree``-th power does not exceed ``number``, by Newton's method."""
    if number < 2:  # noqa: PLR2004 - 0 and 1 are their own roots
        return number
    guess = 1 << -(-number.bit_length() // degree)
    while True:
        better = ((degree - 1) * guess + number // guess ** (degree - 1)) // degree
        if better >= guess:
            return guess
        guess = better
