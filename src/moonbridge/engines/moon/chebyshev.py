"""Smooth motions as short polynomials: a table of Chebyshev coefficients, one row per stretch of time."""

from dataclasses import dataclass
from itertools import pairwise
from typing import Self

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
    """A vector that moves smoothly: ``coefficients`` (count, 3, terms) over a grid."""

    grid: Grid
    coefficients: Floats

    @classmethod
    def through(cls, grid: Grid, values: Floats) -> Self:
        """Return the series that passes through ``values`` (3, n) at the grid's nodes (n,)."""
        points = np.polynomial.chebyshev.chebpts1(grid.terms)
        weights = 2 / grid.terms * np.polynomial.chebyshev.chebvander(points, grid.terms - 1)
        weights[:, 0] /= 2
        rows = values.reshape(3, grid.count, grid.terms)
        return cls(grid, np.ascontiguousarray(np.einsum("cpn,nk->pck", rows, weights)))

    def at(self, seconds: Floats) -> Floats:
        """Return the vector (3, n) at times (n,) within the grid; fast where times are in order."""
        place = (seconds - self.grid.start_s) / self.grid.step_s
        piece = np.clip(place.astype(np.intp), 0, self.grid.count - 1)
        powers = _chebyshev(2 * (place - piece) - 1, self.grid.terms)
        found = np.empty((3, seconds.size))
        borders = [0, *(np.flatnonzero(np.diff(piece)) + 1).tolist(), seconds.size]
        for begin, end in pairwise(borders if seconds.size else []):
            np.matmul(self.coefficients[piece[begin]], powers[:, begin:end], out=found[:, begin:end])
        return found


def _chebyshev(x: Floats, terms: int) -> Floats:
    """Return the polynomials (terms, n) by their recurrence."""
    values = np.empty((terms, x.size))
    values[0], values[1] = 1.0, x
    for k in range(2, terms):
        np.multiply(2 * x, values[k - 1], out=values[k])
        values[k] -= values[k - 2]
    return values
