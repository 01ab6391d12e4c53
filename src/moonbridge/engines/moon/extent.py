"""Which pixels of a grid lie within reach of a place, so that no others need to be read."""

from typing import NamedTuple

import numpy as np

from moonbridge.engines.moon.frames import destination
from moonbridge.engines.moon.projections import Equirectangular, Stereographic, unit_vectors
from moonbridge.engines.moon.skyline import MOON_RADIUS_M, Floats
from moonbridge.engines.moon.terrain import Grid

_SLACK = 1.0001
"""A circle drawn with straight lines from degree to degree is smaller by less than this."""
_MARGIN = 2
"""Pixels on each side, so that there are neighbours to interpolate with."""


class Part(NamedTuple):
    """A rectangle of pixels; where a grid goes around the Moon, ``first_column`` may be negative or the last one beyond its end."""

    first_row: int
    first_column: int
    rows: int
    columns: int

    @property
    def pixels(self) -> int:
        """How many pixels it has."""
        return self.rows * self.columns

    def in_blocks(self, side: int) -> "Part":
        """Return what of it consists of whole blocks of ``side`` x ``side`` pixels, counted from the grid's first pixel."""
        first_row, rows = _blocks(self.first_row, self.rows, side)
        first_column, columns = _blocks(self.first_column, self.columns, side)
        return Part(first_row, first_column, rows, columns)

    def within(self, other: "Part") -> "Part":
        """Return the rectangle that both have."""
        first_row, rows = _common(self.first_row, self.rows, other.first_row, other.rows)
        first_column, columns = _common(self.first_column, self.columns, other.first_column, other.columns)
        return Part(first_row, first_column, rows, columns)


def part_within(grid: Grid, latitude_deg: float, longitude_deg: float, reach_m: float) -> Part | None:
    """Return the smallest rectangle of a grid's pixels with all ground within ``reach_m`` of a place; None where it has nothing there."""
    low, high = _bounds(grid, latitude_deg, longitude_deg, reach_m * _SLACK)
    rows, columns = grid.shape
    first_row, last_row = max(low[0], 0), min(high[0], rows - 1)
    first_column, last_column = (low[1], high[1]) if grid.wraps else (max(low[1], 0), min(high[1], columns - 1))
    if grid.wraps and last_column - first_column >= columns:
        first_column, last_column = 0, columns - 1
    # one pixel alone has no neighbour to interpolate with
    if last_row <= first_row or last_column <= first_column:
        return None
    return Part(first_row, first_column, last_row - first_row + 1, last_column - first_column + 1)


def part_beside(grid: Grid, latitude_deg: float, longitude_deg: float, half: int) -> Part:
    """Return the rectangle up to ``half`` pixels on all sides of a place; it may go beyond the grid."""
    row, column = _pixel(grid, latitude_deg, longitude_deg)
    return Part(round(row) - half, round(column) - half, 2 * half + 1, 2 * half + 1)


type _Corner = tuple[int, int]


def _bounds(grid: Grid, latitude_deg: float, longitude_deg: float, reach_m: float) -> tuple[_Corner, _Corner]:
    """Return the first and the last row and column, with a margin; they may lie beyond the grid."""
    if isinstance(grid.projection, Stereographic):
        ends = _around(grid, grid.projection, latitude_deg, longitude_deg, reach_m)
    else:
        ends = _between(grid, grid.projection, latitude_deg, longitude_deg, reach_m)
    rows, columns = ends
    return (
        (int(np.floor(rows.min())) - _MARGIN, int(np.floor(columns.min())) - _MARGIN),
        (int(np.ceil(rows.max())) + _MARGIN, int(np.ceil(columns.max())) + _MARGIN),
    )


def _around(
    grid: Grid, projection: Stereographic, latitude_deg: float, longitude_deg: float, reach_m: float
) -> tuple[Floats, Floats]:
    """Return rows and columns of the circle; on a stereographic map it is a circle, unless the point opposite the centre lies in it."""
    place = unit_vectors(latitude_deg, longitude_deg)
    if np.arccos(np.clip(-place @ projection.axes[2], -1, 1)) <= reach_m / MOON_RADIUS_M:
        return np.array([0.0, grid.shape[0]]), np.array([0.0, grid.shape[1]])
    circle = destination(latitude_deg, longitude_deg, np.arange(0.0, 360.0), reach_m)
    return grid.places(unit_vectors(*circle))


def _between(
    grid: Grid, projection: Equirectangular, latitude_deg: float, longitude_deg: float, reach_m: float
) -> tuple[Floats, Floats]:
    """Return rows and columns of the ends: all columns where a pole is within reach, else ``sin dlon = sin reach / cos lat``."""
    row, column = _pixel(grid, latitude_deg, longitude_deg)
    rows = row + np.array([-1.0, 1.0]) * reach_m / abs(grid.dy_m)
    angle, colatitude = reach_m / MOON_RADIUS_M, np.radians(90.0 - abs(latitude_deg))
    if colatitude <= angle:
        return rows, np.array([0.0, grid.shape[1]])
    turn = np.arcsin(np.sin(angle) / np.sin(colatitude)) / (2 * np.pi)
    return rows, column + np.array([-1.0, 1.0]) * turn * projection.turn_m / abs(grid.dx_m)


def _pixel(grid: Grid, latitude_deg: float, longitude_deg: float) -> tuple[float, float]:
    """Return row and column of a place, the column on that side of a grid which is nearer."""
    row, column = (float(value) for value in grid.places(unit_vectors(latitude_deg, longitude_deg)))
    if isinstance(grid.projection, Equirectangular):
        around = grid.projection.turn_m / abs(grid.dx_m)
        column -= around * (column > (around + grid.shape[1]) / 2)
    return row, column


def _blocks(first: int, count: int, side: int) -> tuple[int, int]:
    begin = -(-first // side) * side
    return begin, max(0, (first + count - begin) // side * side)


def _common(first: int, count: int, other_first: int, other_count: int) -> tuple[int, int]:
    begin = max(first, other_first)
    return begin, max(0, min(first + count, other_first + other_count) - begin)
