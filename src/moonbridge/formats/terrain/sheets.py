"""Terrain files that stay on disk: only the pixels that an answer needs are read, and far away only coarse ones.

Memory is bounded whatever the size of the file. What lies within reach of a place is read as it is where that is at most
:data:`MOST_PIXELS`; else squares of about :data:`SIDE` pixels are read around the place, each with pixels twice as large as the one
before, out to the reach: seen from the place, no pixel of a coarser square is wider than 0.12 degrees. Coarse pixels come from the
file's overviews where it has them, else they are means of the known ones.
"""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, Final

import numpy as np
import numpy.typing as npt

from moonbridge.engines.moon.extent import Part, part_beside, part_within
from moonbridge.engines.moon.terrain import REACH_M, Grid
from moonbridge.errors import InputError

MOST_PIXELS: Final = 2**25
"""So many pixels of one file are read as they are for one place: 0.2 GB as whole numbers and metres."""
SIDE: Final = 2048
"""The side in pixels of the squares around a place in a larger file."""
STRIP_PIXELS: Final = 2**22
"""So many pixels are looked at together when a whole file is gone through."""
CACHE_MB: Final = 64
"""How much GDAL may keep of what it has decompressed; unless told, it takes a twentieth of the machine's memory."""

type Stored = npt.NDArray[np.float32] | npt.NDArray[np.int16]


@dataclass(frozen=True, eq=False)
class Sheet:
    """A file of terrain whose heights are read when they are asked for.

    ``layout`` is the whole grid with all heights zero, which takes no memory: it says where pixels lie. ``notes`` are sentences on
    what the file says of itself twice and differently, and how that was settled.
    """

    path: Path
    layout: Grid
    notes: tuple[str, ...] = ()

    def whole(self) -> Grid:
        """Return all of it."""
        return self.part(Part(0, 0, *self.layout.shape))

    def part(self, part: Part) -> Grid:
        """Return a rectangle of it, bit for bit that of the whole grid."""
        return self._placed(part, 1, self._stored(part, 1))

    def thinned(self, part: Part, factor: int) -> Grid:
        """Return a rectangle with pixels ``factor`` times as wide and as high; what fills none of them is left out.

        A pixel is that of the file's own overview where it has one, else the mean of the known ones that it covers, rounded to the
        unit of the file (GDAL's average).
        """
        blocks = part.in_blocks(factor)
        return self._placed(blocks, factor, self._stored(blocks, factor))

    def within(self, latitude_deg: float, longitude_deg: float, reach_m: float) -> Grid | None:
        """Return all pixels within ``reach_m`` of a place; None where the file has nothing there."""
        part = part_within(self.layout, latitude_deg, longitude_deg, reach_m)
        return None if part is None else self.part(part)

    def knows(self, latitude_deg: float, longitude_deg: float) -> bool:
        """Return whether the height at a place is known; some pixels are read."""
        here = self.within(latitude_deg, longitude_deg, self.layout.pixel_m)
        return here is not None and bool(np.isfinite(here.at(latitude_deg, longitude_deg)))

    def around(
        self, latitude_deg: float, longitude_deg: float, *, reach_m: float = REACH_M, within_m: float = 0.0
    ) -> tuple[Grid, ...]:
        """Return what is needed of it around a place, finest first: one grid where that is small enough, else coarser ones outward.

        ``within_m``: answers are wanted for all places up to so far away, and ``reach_m`` around each of them. Pixels are as fine
        around all of them; where that would be too many, they are coarser.
        """
        wanted = part_within(self.layout, latitude_deg, longitude_deg, reach_m + within_m)
        if wanted is None:
            return ()
        if wanted.pixels <= MOST_PIXELS:
            return (self.part(wanted),)
        return tuple(self._outward(latitude_deg, longitude_deg, wanted, within_m))

    def strips(self) -> Iterator[Grid]:
        """Yield all of it from the first row on, some rows at a time."""
        rows, columns = self.layout.shape
        high = max(2, STRIP_PIXELS // columns)
        for first in range(0, rows, high):
            # the last strip has two rows at least: one alone would be no grid
            begin = min(first, rows - 2)
            yield self.part(Part(begin, 0, min(high, rows - begin), columns))

    def _outward(self, latitude_deg: float, longitude_deg: float, wanted: Part, within_m: float) -> Iterator[Grid]:
        """Yield square after square around a place until they have everything that is wanted."""
        factor, square = 1, None
        if wanted.columns == self.layout.shape[1] and self.layout.wraps:
            middle = part_beside(self.layout, latitude_deg, longitude_deg, wanted.columns // 2)
            wanted = wanted._replace(first_column=middle.first_column)
        while square != wanted and 2 * factor <= min(wanted.rows, wanted.columns):
            half = int(within_m / self.layout.pixel_m) + factor * SIDE // 2
            square = part_beside(self.layout, latitude_deg, longitude_deg, half).within(wanted)
            if square.pixels <= MOST_PIXELS * factor**2:
                yield self.part(square) if factor == 1 else self.thinned(square, factor)
            factor *= 2

    def _placed(self, part: Part, factor: int, stored: Stored) -> Grid:
        whole, aside = self.layout, (factor - 1) / 2
        return replace(
            whole,
            stored=stored,
            x_m=whole.x_m + (part.first_column + aside) * whole.dx_m,
            y_m=whole.y_m + (part.first_row + aside) * whole.dy_m,
            dx_m=factor * whole.dx_m,
            dy_m=factor * whole.dy_m,
        )

    def _stored(self, part: Part, factor: int) -> Stored:
        import rasterio
        from rasterio.errors import RasterioError

        if min(part.rows, part.columns) < 2 * factor:
            raise InputError("terrain needs at least 2 x 2 pixels", field="terrain", terrain=self.layout.name)
        spans = _spans(part.first_column, part.columns, self.layout.shape[1])
        try:
            with rasterio.Env(GDAL_CACHEMAX=CACHE_MB), rasterio.open(self.path) as file:
                pieces = [_pixels(file, Part(part.first_row, span[0], part.rows, span[1]), factor) for span in spans]
        except RasterioError as problem:
            raise InputError(f"this terrain cannot be read ({problem})", file=str(self.path)) from None
        stored: Stored = storable(pieces[0] if len(pieces) == 1 else np.concatenate(pieces, axis=1))
        return stored


def _pixels(file: Any, part: Part, factor: int) -> npt.NDArray[Any]:
    from rasterio.enums import Resampling
    from rasterio.windows import Window

    rows, columns = part.rows // factor, part.columns // factor
    window = Window(part.first_column, part.first_row, columns * factor, rows * factor)
    pixels: npt.NDArray[Any] = file.read(1, window=window, out_shape=(rows, columns), resampling=Resampling.average)
    return pixels


def _spans(first: int, count: int, around: int) -> list[tuple[int, int]]:
    """Return first column and count of the parts before and after the seam of a grid that goes around the Moon."""
    begin = first % around
    before = min(count, around - begin)
    return [(begin, before)] if before == count else [(begin, before), (0, count - before)]


def storable(stored: Any) -> Any:
    """Keep 16-bit integers and single precision as they are; make everything else single precision."""
    return stored if stored.dtype in {np.dtype(np.int16), np.dtype(np.float32)} else stored.astype(np.float32)


def layout_of(shape: tuple[int, int], dtype: str) -> Any:
    """Return zeros that take no memory, of the kind in which pixels of ``dtype`` are kept."""
    return np.broadcast_to(storable(np.zeros((1, 1), dtype)), shape)
