"""Where a map is best: its highest or lowest values, each in a place of its own."""

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np

from moonbridge.engines.moon.projections import degrees
from moonbridge.engines.moon.skyline import Floats
from moonbridge.engines.moon.terrain import Grid, Heights


@dataclass(frozen=True, slots=True)
class Best:
    """A pixel's centre, and the map's value there."""

    latitude_deg: float
    longitude_deg: float
    value: float


def best_places(
    values: Heights, grid: Grid, count: int = 5, *, apart_m: float = 0.0, lowest: bool = False
) -> list[Best]:
    """Return the ``count`` pixels of ``values`` (rows, columns) with the highest (or lowest) values, the best first.

    No two of them are nearer than ``apart_m`` on the map of ``grid``: else all would lie on one summit. NaN is never best; of equal
    values the uppermost, then the leftmost comes first. Fewer come back where the map has no more room.
    """
    x, y = grid.coordinates_m()
    pixels = _pixels(-values if lowest else values, x, y, apart_m)
    places = [(row, column) for _, (row, column) in zip(range(count), pixels, strict=False)]
    return [_best(float(values[row, column]), grid, float(x[column]), float(y[row])) for row, column in places]


def _pixels(values: Heights, x: Floats, y: Floats, apart_m: float) -> Iterator[tuple[int, int]]:
    """Yield pixels from the highest value down; around each the next ones are as far away as asked."""
    left = np.where(np.isnan(values), -np.inf, values)
    while np.isfinite(left.max()):
        row, column = (int(k) for k in np.unravel_index(left.argmax(), left.shape))
        yield row, column
        left[np.hypot(x[None, :] - x[column], y[:, None] - y[row]) < apart_m] = -np.inf
        left[row, column] = -np.inf


def _best(value: float, grid: Grid, x_m: float, y_m: float) -> Best:
    latitude, longitude = degrees(grid.projection.to_vectors(x_m, y_m))
    return Best(float(latitude), float(longitude), value)
