# ruff: noqa: PLR0917, PLR2004 - kernels of numba take plain arrays one by one, know no keywords, and are loops
"""The horizon of one place: great circles marched outward through one level of terrain after another."""

import math
from typing import Final

import numpy as np
import numpy.typing as npt
from numba import njit

from moonbridge.engines.moon.projections import Equirectangular, Stereographic
from moonbridge.engines.moon.skyline import MOON_RADIUS_M, Floats
from moonbridge.engines.moon.terrain import Grid

R: Final = MOON_RADIUS_M
FINE_PIXELS: Final = 16.0
"""Up to so many pixels from the eye the march goes in quarters of a pixel: there the surface's shape within a pixel is seen."""
MIDDLE_PIXELS: Final = 64.0
"""Up to so many it goes in halves, and then from pixel to pixel."""
FRAME: Final = 15
"""Numbers that describe a grid to the march: x, y, dx, dy, turn, longitude, then the nine of the projection's axes."""


def frame(grid: Grid) -> Floats:
    """Return the numbers by which the march finds a place on the grid; ``turn`` is 0 for a stereographic one."""
    projection = grid.projection
    place = [grid.x_m, grid.y_m, grid.dx_m, grid.dy_m]
    match projection:
        case Stereographic():
            return np.array([*place, 0.0, 0.0, *projection.axes.ravel()])
        case Equirectangular():
            return np.array([*place, projection.turn_m, math.radians(projection.longitude_deg), *([0.0] * 9)])


@njit(nogil=True, cache=True, error_model="numpy")
def _coordinates(x: float, y: float, z: float, frame: Floats) -> tuple[float, float]:
    """Return row and column of a unit vector."""
    if frame[4] == 0.0:
        scale = 2.0 * R / (1.0 + frame[12] * x + frame[13] * y + frame[14] * z)
        east = (frame[6] * x + frame[7] * y + frame[8] * z) * scale
        north = (frame[9] * x + frame[10] * y + frame[11] * z) * scale
        return (north - frame[1]) / frame[3], (east - frame[0]) / frame[2]
    around = frame[4] / abs(frame[2])
    east = (math.atan2(y, x) - frame[5]) / (2 * math.pi) * frame[4]
    column = (east - frame[0]) / frame[2] + 0.5
    north = math.atan2(z, math.sqrt(x * x + y * y)) * R
    return (north - frame[1]) / frame[3], column - around * math.floor(column / around) - 0.5


@njit(nogil=True, cache=True, error_model="numpy")
def _height(heights: npt.NDArray[np.float32], row: float, column: float, wraps: bool) -> float:
    """Return the bilinear height; rows and columns within half a pixel of the edge take the edge."""
    rows, columns = heights.shape
    row = min(max(row, 0.0), rows - 1.0)
    j = min(int(row), rows - 2)
    i = math.floor(column) if wraps else min(max(int(column), 0), columns - 2)
    right = column - i if wraps else min(max(column - i, 0.0), 1.0)
    before, after = (i + columns) % columns, (i + 1) % columns
    upper = heights[j, before] * (1 - right) + heights[j, after] * right
    lower = heights[j + 1, before] * (1 - right) + heights[j + 1, after] * right
    return float(upper + (row - j) * (lower - upper))


@njit(nogil=True, cache=True, error_model="numpy")
def march(
    heights: npt.NDArray[np.float32], frame: Floats, wraps: bool, here: Floats, ways: Floats, eye: float,
    pixel: float, reach: float, start: Floats, slopes: Floats, distances: Floats,
) -> None:  # fmt: skip
    """Carry each direction on through one level, from ``start`` (metres along the sphere) until it leaves the level.

    ``here`` is the unit vector of the place, ``ways`` (n, 3) those of the directions, ``eye`` the eye's distance from the Moon's centre.
    ``start``, ``slopes`` and ``distances`` (n,) are carried from level to level.
    """
    rows, columns = heights.shape
    for n in range(ways.shape[0]):
        away = start[n]
        while away <= reach:
            angle = away / R
            c, s = math.cos(angle), math.sin(angle)
            row, column = _coordinates(
                here[0] * c + ways[n, 0] * s, here[1] * c + ways[n, 1] * s, here[2] * c + ways[n, 2] * s, frame
            )
            if not (-0.5 <= row <= rows - 0.5 and -0.5 <= column <= columns - 0.5):
                break
            radius = R + _height(heights, row, column, wraps)
            slope = (radius * c - eye) / (radius * s)
            if slope > slopes[n]:
                slopes[n], distances[n] = slope, away
            away += pixel * (1.0 if away >= MIDDLE_PIXELS * pixel else 0.25 if away < FINE_PIXELS * pixel else 0.5)
        start[n] = away
