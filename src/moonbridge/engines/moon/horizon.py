"""Horizons: of a whole map in one direction, and of one place all around."""

from functools import cached_property
from typing import Final

import numpy as np

from moonbridge.engines.moon.frames import local_axes
from moonbridge.engines.moon.march import frame, march
from moonbridge.engines.moon.skyline import AZIMUTHS, MOON_RADIUS_M, Floats, Provenance, Skyline
from moonbridge.engines.moon.sweep import RING, look_far, look_near, to_degrees, to_degrees_across
from moonbridge.engines.moon.terrain import Grid, Heights, Stack
from moonbridge.engines.moon.uncertainty import Ellipse, known_within

NEAR_COLUMNS: Final = 16
"""So many columns are looked at on a pixel's own line; with 16 the error against a ray march is that of the terrain's pixels."""
FINE_PIXELS: Final = 3.0
"""Up to so many pixels the own line is sampled in quarters of a pixel."""


class Panorama:
    """The horizons of a map, direction by direction: what all directions share is prepared once, nothing is stored per direction."""

    def __init__(self, terrain: Grid | Stack, mast_m: float = 0.0) -> None:
        """Prepare the horizons of the finest grid of ``terrain`` for eyes ``mast_m`` above the ground."""
        self.stack = _stacked(terrain).filled.stack
        self.mast_m = mast_m
        rings = self.stack.rings()
        self._rings = _ring_table(rings)
        self._ring_heights = np.concatenate([ring.heights_m.ravel() for ring in rings] or [np.zeros(0, np.float32)])
        self._room = sum(int(self.stack.reach_m / min(abs(ring.dx_m), abs(ring.dy_m))) + 2 for ring in rings)
        heights = self.stack.finest.heights_m
        self._upright = _with_margin(heights)
        self._work = np.empty(0, np.float32)
        self._level = _level_deg(heights, mast_m)

    def horizon_deg(self, azimuth_deg: float, out: Heights | None = None) -> Heights:
        """Return the horizon's elevation in degrees (rows, columns) in the direction ``azimuth_deg`` of the grid, clockwise from +y.

        Negative where one looks down on it; NaN where the ground is unknown. ``out`` takes the result and spares new memory. One thread
        at a time: the work between is done in the same place for every direction.
        """
        grid = self.stack.finest
        found = np.empty(grid.shape, np.float32) if out is None else out
        angle = np.radians(azimuth_deg)
        east, north = float(np.sin(angle)), float(np.cos(angle))
        if abs(north / grid.dy_m) > abs(east / grid.dx_m):
            place = (grid.y_m, grid.x_m, grid.dy_m, grid.dx_m)
            to_degrees_across(self._slopes(self._turned, place, (north, east), swapped=True), self._level_across, found)
        else:
            place = (grid.x_m, grid.y_m, grid.dx_m, grid.dy_m)
            to_degrees(self._slopes(self._upright, place, (east, north), swapped=False), self._level, found)
        return found

    @cached_property
    def _turned(self) -> Heights:
        return _with_margin(np.ascontiguousarray(self._upright[1:-1].T))

    @cached_property
    def _level_across(self) -> Heights:
        return np.ascontiguousarray(self._level.T)

    def _slopes(
        self,
        heights: Heights,
        place: tuple[float, float, float, float],
        direction: tuple[float, float],
        *,
        swapped: bool,
    ) -> Heights:
        mast = np.float32(self.mast_m)
        if self._work.size < heights.size:
            self._work = np.empty(heights.size, np.float32)
        out = self._work[: heights.size].reshape(heights.shape)
        look_near(heights[1:-1], _stencils(place, direction), mast, out[1:-1])
        rings = self._rings.copy()
        rings[:, 8] = swapped
        look_far(
            heights, np.array(place), np.array(direction), mast, NEAR_COLUMNS,
            rings, self._ring_heights, self.stack.reach_m, self._room, out,
        )  # fmt: skip
        return out[1:-1]


def horizon(terrain: Grid | Stack, azimuth_deg: float, mast_m: float = 0.0) -> Heights:
    """Return the horizon's elevation in degrees for every pixel of the finest grid, in one direction of the grid.

    ``azimuth_deg`` is clockwise from the grid's +y (in the southern polar frame: the longitude looked towards), ``mast_m`` the height of
    the eye above the ground. The result is float32 (rows, columns); negative horizons are kept. Ground that the finest grid does not
    know comes from the coarser ones, and is NaN where they do not know it either. A pixel that has no terrain ahead gets the dip of
    the bare sphere. Raises :class:`~moonbridge.errors.InputError` for a grid that is not stereographic.
    """
    return Panorama(terrain, mast_m).horizon_deg(azimuth_deg)


def skyline(
    terrain: Grid | Stack,
    latitude_deg: float,
    longitude_deg: float,
    mast_m: float = 0.0,
    *,
    n: int = AZIMUTHS,
    uncertainty: Ellipse | None = None,
) -> Skyline:
    """Return the horizon of one place at ``n`` azimuths from true north, through all levels of the terrain out to its reach.

    Each direction is a great circle, sampled every pixel of the level it passes (finer within 64 pixels of the eye) with bilinear
    heights, and elevation angles are exact on the sphere. A level finer than the first one that contains the place is not used.
    What a level does not know comes from the coarser ones, and provenance says how many pixels. ``uncertainty`` is only kept there.
    """
    complete = _stacked(terrain).filled
    stack = complete.stack
    height_m = stack.height_m(latitude_deg, longitude_deg)
    east, north, up = local_axes(latitude_deg, longitude_deg)
    azimuths = np.arange(n) * (2 * np.pi / n)
    ways = np.sin(azimuths)[:, None] * east + np.cos(azimuths)[:, None] * north
    start, slopes, distances = np.zeros(n), np.full(n, -np.inf), np.zeros(n)
    for level in stack.levels:
        if np.isfinite(level.at(latitude_deg, longitude_deg)):
            march(
                level.heights_m, frame(level), level.wraps, up, ways, MOON_RADIUS_M + height_m + mast_m,
                level.pixel_m, stack.reach_m, np.maximum(start, level.pixel_m, out=start), slopes, distances,
            )  # fmt: skip
    bare = Skyline.level(latitude_deg, longitude_deg, max(height_m + mast_m, 0.0), n)
    seen = np.isfinite(slopes)
    return Skyline(
        latitude_deg,
        longitude_deg,
        height_m,
        np.where(seen, np.degrees(np.arctan(slopes)), bare.elevation_deg),
        np.where(seen, distances, bare.distance_m),
        known_within(uncertainty, Provenance(terrain=stack.sources, mast_m=mast_m, filled=complete.holes)),
    )


def _stacked(terrain: Grid | Stack) -> Stack:
    return terrain if isinstance(terrain, Stack) else Stack((terrain,))


def _stencils(place: tuple[float, float, float, float], direction: tuple[float, float]) -> Floats:
    """Return where the near samples of a direction lie: the same offsets and bilinear weights for every pixel."""
    _, _, column_m, row_m = place
    per_metre = np.array([direction[0] / column_m, direction[1] / row_m])
    pixel = abs(column_m)
    whole = np.arange(1, NEAR_COLUMNS + 1) / abs(per_metre[0])
    fine = pixel * np.arange(1.0, FINE_PIXELS, 0.25)
    distances = np.unique(np.concatenate([fine[fine < whole[-1]], whole]))
    offsets = distances[:, None] * per_metre
    exact = np.round(offsets)
    offsets = np.where(np.abs(offsets - exact) < 1e-9, exact, offsets)  # noqa: PLR2004 - rounding of the products above
    first = np.floor(offsets)
    return np.column_stack([first, offsets - first, 1 / distances, distances / (2 * MOON_RADIUS_M)])


def _ring_table(rings: tuple[Grid, ...]) -> Floats:
    table, begin = np.zeros((len(rings), RING)), 0
    for row, ring in zip(table, rings, strict=True):
        row[:8] = begin, *ring.shape, ring.x_m, ring.y_m, ring.dx_m, ring.dy_m, min(abs(ring.dx_m), abs(ring.dy_m))
        begin += ring.stored.size
    return table


def _with_margin(heights_m: Heights) -> Heights:
    """Return the heights with the first and the last row once more."""
    return np.pad(heights_m, ((1, 1), (0, 0)), mode="edge")


def _level_deg(heights_m: Heights, mast_m: float) -> Heights:
    """Return the dip of the bare sphere seen from each pixel, NaN where the ground is unknown."""
    eye = np.where(np.isnan(heights_m), np.nan, np.maximum(heights_m + mast_m, 0.0))
    return np.asarray(-np.degrees(np.arccos(MOON_RADIUS_M / (MOON_RADIUS_M + eye))), dtype=np.float32)
