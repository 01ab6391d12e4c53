"""The slow truth that the fast horizons are measured against: a ray march on the sphere with bilinear heights."""

import numpy as np

from moonbridge.engines.moon.skyline import MOON_RADIUS_M
from moonbridge.engines.moon.terrain import Grid

QUARTER = 0.25


def marched_deg(grid: Grid, row: int, column: int, azimuth_deg: float, mast_m: float = 0.0) -> float:
    """Return the horizon of one pixel in a grid azimuth: a great circle from one pixel away, in quarters of a pixel."""
    xs, ys = grid.coordinates_m()
    here = grid.projection.to_vectors(xs[column], ys[row])
    angle = np.radians(azimuth_deg)
    ahead, behind = (
        grid.projection.to_vectors(xs[column] + s * np.sin(angle), ys[row] + s * np.cos(angle)) for s in (1.0, -1.0)
    )
    way = (ahead - behind) / np.linalg.norm(ahead - behind)
    scale = 1 + (xs[column] ** 2 + ys[row] ** 2) / (4 * MOON_RADIUS_M**2)
    steps = np.arange(1.0, _pixels_to_the_edge(grid, row, column, angle), QUARTER) * (
        abs(grid.dx_m) / scale / MOON_RADIUS_M
    )
    points = np.cos(steps)[:, None] * here + np.sin(steps)[:, None] * way
    rows, columns = grid.places(points)
    inside = (rows >= 0) & (rows <= grid.shape[0] - 1) & (columns >= 0) & (columns <= grid.shape[1] - 1)
    radius = MOON_RADIUS_M + bilinear(grid.heights_m, rows[inside], columns[inside])
    eye = MOON_RADIUS_M + float(grid.heights_m[row, column]) + mast_m
    theta = steps[inside]
    return float(np.degrees(np.arctan2(radius * np.cos(theta) - eye, radius * np.sin(theta)).max()))


def _pixels_to_the_edge(grid: Grid, row: int, column: int, angle: float) -> float:
    """Return how far a straight line goes at most, and a little: outside of the grid nothing is seen."""
    east, south = np.sin(angle), -np.cos(angle)
    across = (grid.shape[1] - column if east > 0 else column + 1) / max(abs(east), 1e-9)
    along = (grid.shape[0] - row if south > 0 else row + 1) / max(abs(south), 1e-9)
    return 1.05 * min(across, along) + 2


def bilinear(heights, rows, columns):
    j = np.minimum(rows.astype(int), heights.shape[0] - 2)
    i = np.minimum(columns.astype(int), heights.shape[1] - 2)
    below, right = rows - j, columns - i
    upper = heights[j, i] * (1 - right) + heights[j, i + 1] * right
    lower = heights[j + 1, i] * (1 - right) + heights[j + 1, i + 1] * right
    return upper * (1 - below) + lower * below
