"""Smooth motions as short polynomials: a table of Chebyshev coefficients, one row per stretch of time."""

from dataclasses import dataclass
from typing import Self

import numba
import numpy as np
import numpy.typing as npt

type Floats = npt.NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Grid:
    """Stretches of ``step_s`` seconds from ``start_s`` on, ``count`` of them, each with ``terms`` coefficients."""

    start_s: float
    step_s: float
    count: int
    terms: int

    @property
    def end_s(self) -> float:
        """Where the last stretch ends."""
        return self.start_s + self.step_s * self.count

    def nodes(self) -> Floats:
        """Return the times (count * terms,) at which a motion is asked so that :meth:`Series.through` can follow it."""
        middles = self.start_s + (np.arange(self.count) + 0.5) * self.step_s
        return np.ravel(middles[:, None] + np.polynomial.chebyshev.chebpts1(self.terms) * (self.step_s / 2))


@dataclass(frozen=True, eq=False, slots=True)
class Series:
    """A vector that moves smoothly: ``coefficients`` (count, terms, 3) over a grid."""

    grid: Grid
    coefficients: Floats

    @classmethod
    def through(cls, grid: Grid, values: Floats) -> Self:
        """Return the series that passes through ``values`` (3, n) at the grid's nodes (n,)."""
        points = np.polynomial.chebyshev.chebpts1(grid.terms)
        weights = 2 / grid.terms * np.polynomial.chebyshev.chebvander(points, grid.terms - 1)
        weights[:, 0] /= 2
        rows = values.reshape(3, grid.count, grid.terms)
        return cls(grid, np.ascontiguousarray(np.einsum("cpn,nk->pkc", rows, weights)))

    def at(self, seconds: Floats) -> Floats:
        """Return the vector (3, n) at times (n,) within the grid."""
        return _evaluated(seconds, self.grid.start_s, self.grid.step_s, self.coefficients)


@numba.njit(cache=True)
def _evaluated(seconds: Floats, start: float, step: float, coefficients: Floats) -> Floats:
    pieces, terms, _ = coefficients.shape
    found = np.empty((3, seconds.size))
    for i in range(seconds.size):
        place = (seconds[i] - start) / step
        piece = min(max(int(place), 0), pieces - 1)
        x = 2.0 * (place - piece) - 1.0
        row = coefficients[piece]
        before, now = 1.0, x
        a, b, c = row[0, 0] + x * row[1, 0], row[0, 1] + x * row[1, 1], row[0, 2] + x * row[1, 2]
        for k in range(2, terms):
            before, now = now, 2.0 * x * now - before
            a += now * row[k, 0]
            b += now * row[k, 1]
            c += now * row[k, 2]
        found[0, i], found[1, i], found[2, i] = a, b, c
    return found
