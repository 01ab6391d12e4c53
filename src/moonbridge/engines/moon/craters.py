"""A cratered landscape drawn from a seed, for tests and for a first try without data; nothing in it is real.

Craters are as many as on a surface in equilibrium, where new ones erase as many old ones: ``log10 N = 10.9 - 2 log10 D`` craters
wider than D metres on 10^6 km^2 (Trask 1966, in JPL Technical Report 32-800), which is ``0.079 D^-2`` per km^2 with D in km. A fresh
crater is 0.196 D^1.01 deep from its rim, which stands 0.036 D^1.014 above the plain, all in km, up to 15 km (Pike 1977, in Impact and
Explosion Cratering, p. 489); outside of the rim the blanket falls with the cube of distance.
"""

from typing import Final

import numpy as np

from moonbridge.engines.moon.projections import SOUTH, Stereographic
from moonbridge.engines.moon.skyline import Floats
from moonbridge.engines.moon.terrain import Grid

EQUILIBRIUM: Final = (-1.1, -2.0)
"""Trask's line: the logarithm of the cumulative number per square kilometre at 1 km, and its slope."""
LARGEST_KM: Final = 15.0
"""Beyond this craters are no longer simple bowls."""
REACH_RADII: Final = 3.0
"""A crater's blanket is drawn this far: there it is a 27th of the rim's height, which is taken off so that it ends at zero."""
SMALLEST_PIXELS: Final = 6.0
"""Smaller craters would be no bowls on the grid, and altimetry shows none: its grids are smooth at the pixel."""
FRESH: Final = (0.15, 1.0)
"""Craters have been worn to between these parts of their fresh depth."""


def crater_field(
    seed: int,
    *,
    rows: int = 256,
    columns: int = 256,
    pixel_m: float = 60.0,
    projection: Stereographic = SOUTH,
    x_m: float = 0.0,
    y_m: float = 0.0,
) -> Grid:
    """Return a synthetic terrain of the given size around a point of the projection, the same for the same seed.

    Its name says that it is synthetic.
    """
    draw = np.random.default_rng(seed)
    width_km, height_km = columns * pixel_m / 1000, rows * pixel_m / 1000
    heights = np.zeros((rows, columns))
    for diameter, worn, x, y in zip(
        *_craters(draw, width_km, height_km, SMALLEST_PIXELS * pixel_m / 1000), strict=True
    ):
        _dig(heights, pixel_m / 1000, diameter=diameter, worn=worn, x=x, y=y)
    first_x, first_y = x_m - (columns - 1) / 2 * pixel_m, y_m + (rows - 1) / 2 * pixel_m
    metres = (_seen(heights) * 1000).astype(np.float32)
    return Grid(f"synthetic craters, seed {seed}", metres, projection, first_x, first_y, pixel_m, -pixel_m)


def craters_per_km2(diameter_km: float) -> float:
    """Return how many craters wider than ``diameter_km`` a square kilometre has in equilibrium."""
    level, slope = EQUILIBRIUM
    return float(10.0**level * diameter_km**slope)


def _craters(
    draw: np.random.Generator, width_km: float, height_km: float, smallest_km: float
) -> tuple[Floats, Floats, Floats, Floats]:
    """Return diameters, wear and centres, the largest crater first, as the old ones lie below the young ones."""
    largest = min(LARGEST_KM, max(width_km, height_km) / 4)
    few, many = craters_per_km2(largest), craters_per_km2(smallest_km)
    count = draw.poisson((many - few) * width_km * height_km)
    numbers = draw.uniform(few, many, count)
    level, slope = EQUILIBRIUM
    diameters = np.sort((numbers / 10.0**level) ** (1.0 / slope))[::-1]
    return diameters, draw.uniform(*FRESH, count), draw.uniform(0, width_km, count), draw.uniform(0, height_km, count)


def _dig(heights: Floats, pixel_km: float, *, diameter: float, worn: float, x: float, y: float) -> None:
    radius = diameter / 2
    reach = REACH_RADII * radius
    first_row, last_row = _range(y, reach, pixel_km, heights.shape[0])
    first_column, last_column = _range(x, reach, pixel_km, heights.shape[1])
    if first_row >= last_row or first_column >= last_column:
        return
    down = (np.arange(first_row, last_row) + 0.5) * pixel_km - y
    right = (np.arange(first_column, last_column) + 0.5) * pixel_km - x
    heights[first_row:last_row, first_column:last_column] += worn * profile_km(
        np.hypot(down[:, None], right[None, :]) / radius, diameter
    )


def _seen(heights: Floats) -> Floats:
    """Return the heights as an altimeter's grid shows them: sharp rims rounded over a pixel or two."""
    for axis in (0, 1, 0, 1):
        moved = np.moveaxis(heights, axis, 0)
        padded = np.concatenate([moved[:1], moved, moved[-1:]])
        heights = np.moveaxis((padded[:-2] + 2 * padded[1:-1] + padded[2:]) / 4, 0, axis)
    return heights


def profile_km(radii: Floats, diameter_km: float) -> Floats:
    """Return the height in km over the plain at distances in crater radii: a parabolic bowl, a rim, and a blanket."""
    depth, rim = 0.196 * diameter_km**1.01, 0.036 * diameter_km**1.014
    bowl = rim - depth * (1.0 - radii**2)
    blanket = rim * (np.maximum(radii, 1.0) ** -3 - REACH_RADII**-3) / (1.0 - REACH_RADII**-3)
    return np.asarray(np.where(radii < 1.0, bowl, np.where(radii < REACH_RADII, blanket, 0.0)))


def _range(centre_km: float, reach_km: float, pixel_km: float, size: int) -> tuple[int, int]:
    first, last = int((centre_km - reach_km) / pixel_km), int((centre_km + reach_km) / pixel_km) + 1
    return max(first, 0), min(last, size)
