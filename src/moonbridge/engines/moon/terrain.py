"""Heights of the Moon as grids, and several grids joined outward into one terrain for far horizons."""

from dataclasses import dataclass, replace
from functools import cached_property
from typing import Final, Self

import numpy as np
import numpy.typing as npt

from moonbridge.engines.moon.frames import destination
from moonbridge.engines.moon.projections import Equirectangular, Projection, Stereographic, degrees, unit_vectors
from moonbridge.engines.moon.skyline import MOON_RADIUS_M, Filled, Floats, Source
from moonbridge.errors import InputError

REACH_M: Final = 450_000.0
"""How far terrain can hide a low Sun: two 10-km summits see each other over 370 km, and the Moon has no pair much higher."""

_STEPS_OUT: Final = 120
"""Rings of places between a pixel and the reach at which it is asked whether the ground is known."""

_STRIP_PIXELS: Final = 2**18
"""Pixels that are turned into metres together."""

type Heights = npt.NDArray[np.float32]


@dataclass(frozen=True, eq=False)
class Grid:
    """Heights above the reference sphere at the centres of equal rectangular pixels.

    ``stored`` (rows, columns) holds float32 metres or integers; metres are ``offset_m + scale * stored``, and ``nodata`` marks
    unknown pixels. ``x_m``, ``y_m`` are the map coordinates of the centre of pixel (0, 0), ``dx_m``, ``dy_m`` the signed steps to the
    next column and row (``dy_m`` is negative when the first row is the uppermost). ``sha256`` is that of the file, None for a grid
    made in memory.
    """

    name: str
    stored: npt.NDArray[np.float32] | npt.NDArray[np.int16]
    projection: Projection
    x_m: float
    y_m: float
    dx_m: float
    dy_m: float
    scale: float = 1.0
    offset_m: float = 0.0
    nodata: float | None = None
    sha256: str | None = None

    def __post_init__(self) -> None:
        if self.stored.ndim != 2 or min(self.stored.shape) < 2:  # noqa: PLR2004 - two pixels make an interval
            raise InputError("terrain needs at least 2 x 2 pixels", field="stored", shape=self.stored.shape)
        if not (self.dx_m and self.dy_m):
            raise InputError("a pixel of terrain has no size", field="dx_m", dx_m=self.dx_m, dy_m=self.dy_m)

    @cached_property
    def heights_m(self) -> Heights:
        """The heights in metres as float32 (rows, columns), NaN where unknown."""
        if self.stored.dtype == np.float32 and (self.scale, self.offset_m, self.nodata) == (1.0, 0.0, None):
            return np.ascontiguousarray(self.stored)
        metres = np.empty(self.stored.shape, np.float32)
        high = max(1, _STRIP_PIXELS // self.stored.shape[1])
        # strip by strip, so that double precision never exists for all of a big grid
        for first in range(0, self.stored.shape[0], high):
            stored, strip = self.stored[first : first + high], metres[first : first + high]
            strip[:] = self.offset_m + self.scale * stored.astype(np.float64)
            if self.nodata is not None:
                strip[stored == self.nodata] = np.nan
        return metres

    @property
    def shape(self) -> tuple[int, int]:
        """Rows and columns."""
        rows, columns = self.stored.shape
        return rows, columns

    @property
    def pixel_m(self) -> float:
        """The side of a square of the area of a pixel, in map metres."""
        return float(np.sqrt(abs(self.dx_m * self.dy_m)))

    @property
    def source(self) -> Source:
        """Name, hash and pixel, as provenance keeps them."""
        return Source(self.name, self.sha256, self.pixel_m)

    @property
    def wraps(self) -> bool:
        """Whether the last column is the first one's neighbour: an equirectangular grid around the whole Moon."""
        if not isinstance(self.projection, Equirectangular):
            return False
        return abs(self.shape[1] * abs(self.dx_m) - self.projection.turn_m) < abs(self.dx_m) / 2

    def places(self, vectors: Floats) -> tuple[Floats, Floats]:
        """Return row and column, with fractions, of unit vectors (..., 3); outside the grid they are beyond its shape."""
        x, y = self.projection.from_vectors(vectors)
        columns = (x - self.x_m) / self.dx_m
        if isinstance(self.projection, Equirectangular):
            columns = np.mod(columns + 0.5, self.projection.turn_m / abs(self.dx_m)) - 0.5
        return (y - self.y_m) / self.dy_m, columns

    def covers(self, vectors: Floats) -> npt.NDArray[np.bool_]:
        """Return whether unit vectors (..., 3) lie in the grid's area, half a pixel beyond the outermost centres, known or not."""
        return self._inside(*self.places(vectors))

    def _inside(self, row: Floats, column: Floats) -> npt.NDArray[np.bool_]:
        rows, columns = self.shape
        inside = (np.abs(row - (rows - 1) / 2) <= rows / 2) & (np.abs(column - (columns - 1) / 2) <= columns / 2)
        return np.asarray(inside)

    def at(self, latitude_deg: npt.ArrayLike, longitude_deg: npt.ArrayLike) -> Floats:
        """Return heights in metres at points, interpolated bilinearly; NaN outside the grid and beside unknown pixels."""
        return self.sampled(unit_vectors(latitude_deg, longitude_deg))

    def sampled(self, vectors: Floats) -> Floats:
        """Return heights in metres in the directions of unit vectors (..., 3), as :meth:`at` does."""
        rows, columns = self.shape
        row, column = self.places(vectors)
        # half a pixel beyond the outermost centres belongs to the grid's area, and lies between no two centres
        inside = self._inside(row, column)
        # what is outside may be no number at all: opposite the centre of a map
        row = np.clip(np.where(inside, row, 0.0), 0, rows - 1)
        column = np.where(inside, column, 0.0)
        column = column if self.wraps else np.clip(column, 0, columns - 1)
        j = np.minimum(row.astype(np.intp), rows - 2)
        i = np.floor(column).astype(np.intp) if self.wraps else np.minimum(column.astype(np.intp), columns - 2)
        below, right = row - j, column - i
        heights, after = self.heights_m, (i + 1) % columns
        upper = heights[j, i] * (1 - right) + heights[j, after] * right
        lower = heights[j + 1, i] * (1 - right) + heights[j + 1, after] * right
        return np.where(inside, upper * (1 - below) + lower * below, np.nan)

    def window(self, first_row: int, first_column: int, rows: int, columns: int) -> Self:
        """Return a part of the grid; it keeps name and hash of the whole."""
        if (
            first_row < 0
            or first_column < 0
            or first_row + rows > self.shape[0]
            or first_column + columns > self.shape[1]
        ):
            raise InputError(
                f"the window {rows} x {columns} at row {first_row}, column {first_column} leaves the terrain {self.name}",
                field="window",
                shape=self.shape,
            )
        return replace(
            self,
            stored=self.stored[first_row : first_row + rows, first_column : first_column + columns],
            x_m=self.x_m + first_column * self.dx_m,
            y_m=self.y_m + first_row * self.dy_m,
        )

    def square(self, x_m: float, y_m: float, half_side_m: float) -> Self:
        """Return the part within ``half_side_m`` of a point in map metres, as far as the grid goes."""
        return self.window(*self.square_window(x_m, y_m, half_side_m))

    def square_window(self, x_m: float, y_m: float, half_side_m: float) -> tuple[int, int, int, int]:
        """Return first row, first column, rows and columns of :meth:`square`."""
        first_row, rows = _part((y_m - self.y_m) / self.dy_m, half_side_m / abs(self.dy_m), self.shape[0])
        first_column, columns = _part((x_m - self.x_m) / self.dx_m, half_side_m / abs(self.dx_m), self.shape[1])
        return first_row, first_column, rows, columns

    def coordinates_m(self) -> tuple[Floats, Floats]:
        """Return the map metres of the columns (x) and of the rows (y)."""
        rows, columns = self.shape
        return self.x_m + self.dx_m * np.arange(columns, dtype=np.float64), self.y_m + self.dy_m * np.arange(
            rows, dtype=np.float64
        )

    def positions_deg(self) -> tuple[Floats, Floats]:
        """Return latitude and longitude in degrees of all pixel centres, each (rows, columns)."""
        x, y = self.coordinates_m()
        return degrees(self.projection.to_vectors(x[None, :], y[:, None]))

    def slope_deg(self) -> Heights:
        """Return the slope in degrees (rows, columns) by Horn's 3 x 3 differences (Horn 1981, doi:10.1109/PROC.1981.11918).

        Only stereographic grids, whose scale is the same in all directions. The outermost pixels are NaN.
        """
        if not isinstance(self.projection, Stereographic):
            raise InputError("slope needs a stereographic grid: resample the terrain first", field="projection")
        z = self.heights_m
        slope = np.full(z.shape, np.nan, np.float32)
        across = (z[:-2, 2:] + 2 * z[1:-1, 2:] + z[2:, 2:]) - (z[:-2, :-2] + 2 * z[1:-1, :-2] + z[2:, :-2])
        along = (z[2:, :-2] + 2 * z[2:, 1:-1] + z[2:, 2:]) - (z[:-2, :-2] + 2 * z[:-2, 1:-1] + z[:-2, 2:])
        x, y = (values[1:-1] for values in self.coordinates_m())
        # a metre on the ground is more than a metre on the map away from the centre
        stretch = 1 + (x[None, :] ** 2 + y[:, None] ** 2) / (4 * MOON_RADIUS_M**2)
        slope[1:-1, 1:-1] = np.degrees(np.arctan(np.hypot(across / (8 * self.dx_m), along / (8 * self.dy_m)) * stretch))
        return slope

    def resampled(
        self, projection: Stereographic, x_m: float, y_m: float, half_side_m: float, pixel_m: float
    ) -> "Grid":
        """Return a square grid in another projection, sampled bilinearly; NaN where this grid has nothing."""
        count = 2 * round(half_side_m / pixel_m)
        steps = (np.arange(count) - (count - 1) / 2) * pixel_m
        x, y = x_m + steps, y_m - steps
        heights = np.empty((count, count), np.float32)
        for row, line in enumerate(y):
            heights[row] = self.sampled(projection.to_vectors(x, line))
        return Grid(self.name, heights, projection, x[0], y[0], pixel_m, -pixel_m, sha256=self.sha256)


def _part(centre: float, half: float, size: int) -> tuple[int, int]:
    """Return the first index and the count of the pixels within ``half`` of ``centre``."""
    first = max(0, int(np.ceil(centre - half)))
    last = min(size - 1, int(np.floor(centre + half)))
    return first, max(0, last - first + 1)


@dataclass(frozen=True, eq=False)
class Stack:
    """Grids of one region, finest first: where the finest ends the next one carries on, outward to ``reach_m``."""

    levels: tuple[Grid, ...]
    reach_m: float = REACH_M

    def __post_init__(self) -> None:
        if not self.levels:
            raise InputError("a terrain needs at least one grid", field="levels")

    @classmethod
    def of(cls, *grids: Grid, reach_m: float = REACH_M) -> Self:
        """Return a stack of grids in any order."""
        return cls(tuple(sorted(grids, key=lambda grid: grid.pixel_m)), reach_m)

    @property
    def finest(self) -> Grid:
        """The grid whose pixels a map of this terrain has."""
        return self.levels[0]

    @property
    def sources(self) -> tuple[Source, ...]:
        """What provenance keeps of each level; a grid and a window of it are one source."""
        return tuple(dict.fromkeys(level.source for level in self.levels))

    def height_m(self, latitude_deg: float, longitude_deg: float) -> float:
        """Return the height of the ground at a point, from the finest level that knows it."""
        return float(self.knowing(latitude_deg, longitude_deg).at(latitude_deg, longitude_deg))

    def knowing(self, latitude_deg: float, longitude_deg: float) -> Grid:
        """Return the finest level that knows the height at a point; :class:`~moonbridge.errors.InputError` where none does."""
        for level in self.levels:
            if np.isfinite(level.at(latitude_deg, longitude_deg)):
                return level
        raise InputError(
            f"no terrain knows {latitude_deg} N {longitude_deg} E; its grids are "
            + ", ".join(level.name for level in self.levels),
            field="coordinates",
        )

    def known_to_m(self, latitude_deg: float, longitude_deg: float) -> float:
        """Return how far the ground is known in all directions around a place, to about a tenth; at most ``reach_m``."""
        away = np.geomspace(self.finest.pixel_m, self.reach_m, _STEPS_OUT)
        azimuths = np.arange(0.0, 360.0, 10.0)
        latitudes, longitudes = destination(
            latitude_deg, longitude_deg, np.tile(azimuths, away.size), np.repeat(away, azimuths.size)
        )
        known = np.zeros(latitudes.size, bool)
        for level in self.levels:
            known |= np.isfinite(level.at(latitudes, longitudes))
        unknown = np.flatnonzero(~known.reshape(away.size, azimuths.size).all(axis=1))
        return float(away[-1] if unknown.size == 0 else away[unknown[0] - 1] if unknown[0] else 0.0)

    @cached_property
    def filled(self) -> "Complete":
        """The same terrain with each level's unknown pixels taken from the coarser levels, and how many there were."""
        levels, told = [], []
        for number, level in enumerate(self.levels):
            grid, counts = _filled(level, self.levels[number + 1 :])
            levels.append(grid)
            told += counts
        return Complete(replace(self, levels=tuple(levels)), tuple(told))

    def rings(self) -> tuple[Grid, ...]:
        """Return the coarser levels in the projection of the finest one, each no larger than ``reach_m`` can see."""
        finest = self.finest
        if not isinstance(finest.projection, Stereographic):
            raise InputError(
                "a raster of horizons needs a stereographic grid: resample the terrain first", field="levels"
            )
        rows, columns = finest.shape
        x, y = finest.x_m + finest.dx_m * (columns - 1) / 2, finest.y_m + finest.dy_m * (rows - 1) / 2
        half = max(rows * abs(finest.dy_m), columns * abs(finest.dx_m)) / 2 + self.reach_m
        same = finest.projection
        return tuple(
            level.square(x, y, half) if level.projection == same else level.resampled(same, x, y, half, level.pixel_m)
            for level in self.levels[1:]
        )


@dataclass(frozen=True, eq=False)
class Complete:
    """A terrain whose holes are filled as far as any of its levels knows the ground, and what was filled from where."""

    stack: Stack
    holes: tuple[Filled, ...]


def _filled(level: Grid, coarser: tuple[Grid, ...]) -> tuple[Grid, list[Filled]]:
    """Return a level with its unknown pixels from the first coarser level that knows each, bilinear, NaN where none does."""
    holes = np.isnan(level.heights_m)
    if not holes.any():
        return level, []
    heights, counts = level.heights_m.copy(), np.zeros(len(coarser) + 1, np.int64)
    x, y = level.coordinates_m()
    high = max(1, _STRIP_PIXELS // level.shape[1])
    for first in range(0, level.shape[0], high):
        row, column = np.nonzero(holes[first : first + high])
        vectors = level.projection.to_vectors(x[column], y[first + row])
        heights[first + row, column], origins = _first_known(vectors, coarser)
        counts += np.bincount(origins, minlength=counts.size)
    names: list[str | None] = [*(f"{one.name} ({one.pixel_m:g} m)" for one in coarser), None]
    told = [
        Filled(level.name, level.pixel_m, int(count), name) for count, name in zip(counts, names, strict=True) if count
    ]
    return replace(level, stored=heights, scale=1.0, offset_m=0.0, nodata=None), told


def _first_known(vectors: Floats, grids: tuple[Grid, ...]) -> tuple[Floats, npt.NDArray[np.intp]]:
    """Return the heights in the directions of unit vectors (n, 3), each from the first grid that knows it, and the number of that grid."""
    found, origins = np.full(len(vectors), np.nan), np.full(len(vectors), len(grids))
    for number, grid in enumerate(grids):
        (missing,) = np.nonzero(np.isnan(found))
        found[missing] = grid.sampled(vectors[missing])
        origins[missing[~np.isnan(found[missing])]] = number
    return found, origins
