# ruff: noqa: PLR0917 - kernels of numba take plain arrays one by one, know no keywords, and are loops
"""The horizon of every pixel in one direction: the terrain near it exactly, the terrain far away by a swept convex hull.

**Far.** Parallel lines run in the direction of view, one step of the grid's major axis at a time, so that the shift across is the same
for all lines (a shear) and each sample lies between two pixels of one column. Going from far to near, a line carries the upper hull
of the terrain ahead; the horizon of an observer is the tangent to that hull, and a vertex that a nearer point covers is never looked
at again: O(1) per pixel on average. A pixel asks the two lines that pass beside it, standing at its own height, and the two answers
are interpolated linearly.

**Near.** What hides a low Sun is often the next boulder, and there a line half a pixel aside is another landscape. The first ``lag``
columns are therefore looked at on the pixel's own line: for one direction the bilinear weights of each sample are the same
for all pixels, so this is a handful of additions per sample in long vectors.

The geometry is that of the sphere. In a stereographic map (scale ``g = 1 + rho^2 / 4R^2``) the chord between two points is
``d / sqrt(g1 g2)`` exactly. On a straight map line that passes the centre at the distance ``b``, with ``G = 1 + b^2 / 4R^2``, the
coordinate ``t`` along the line and ``psi = (2 / sqrt G) atan(t / (2R sqrt G))``, the central angle between two points is
``|psi1 - psi2|`` (relative error below 1e-5 within 700 km). So ``((R + z) sin psi, (R + z) cos psi)`` is a plane picture of the line
in which sight lines are straight: its hull is that of the spherical problem, for short distances that of ``u = z - s^2 / 2R``. The line
leaves the great circle by ``L / (4R) sin c`` radians of azimuth: 0.09 degrees at 100 km, seen six degrees from the centre.
"""

import math
from typing import Any, Final

import numpy as np
import numpy.typing as npt
from numba import njit

from moonbridge.engines.moon.skyline import MOON_RADIUS_M, Floats

type Row = npt.NDArray[np.float32]
type Places = npt.NDArray[np.uint64]

R: Final = MOON_RADIUS_M
NOTHING_AHEAD: Final = np.float32(-1e9)
"""The slope where no terrain is ahead; callers put the bare sphere in its place."""
TILE: Final = 32
"""The side of a tile of :func:`transpose`: 32 lines of 128 bytes."""
RING: Final = 9
"""Numbers that describe one coarser grid: where its heights begin, rows, columns, x, y, dx, dy, pitch, and 1 if the axes are swapped."""


@njit(inline="always")
def arctangent(x: Any) -> Any:  # numba infers the type: both precisions are used
    """Return atan x to 2e-7 rad (Abramowitz and Stegun 1964, 4.4.49, on [-1, 1]), without a branch so that it runs in lanes."""
    size = abs(x)
    small = min(size, 1.0 / max(size, 1e-30))
    q = small * small
    tail = q * (-0.1390853351 + q * (0.0964200441 + q * (-0.0559098861 + q * (0.0218612288 - q * 0.0040540580))))
    near = small * (0.9999993329 + q * (-0.3332985605 + q * (0.1994653599 + tail)))
    return math.copysign(near if size <= 1.0 else math.pi / 2 - near, x)


@njit(inline="always")
def _picture(t: float, half: float, twice: float) -> tuple[float, float]:
    """Return sin psi and 1 - cos psi for the coordinate t; half = 1 / (2R sqrt G), twice = 2 / sqrt G. Good to 1e-8 within 1,200 km."""
    x = t * half
    q = x * x
    a = twice * x * (1.0 - q * (1 / 3 - q * (1 / 5 - q * (1 / 7 - q * (1 / 9 - q * (1 / 11 - q * (1 / 13)))))))
    w = a * a
    sine = a * (
        1.0 - w * (1 / 6) * (1.0 - w * (1 / 20) * (1.0 - w * (1 / 42) * (1.0 - w * (1 / 72) * (1.0 - w * (1 / 110)))))
    )
    versine = w * 0.5 * (1.0 - w * (1 / 12) * (1.0 - w * (1 / 30) * (1.0 - w * (1 / 56) * (1.0 - w * (1 / 90)))))
    return sine, versine


@njit(nogil=True, cache=True, error_model="numpy")
def look_near(heights: Row, stencils: Floats, mast: np.float32, slopes: Row) -> None:
    """Write the greatest slope to the samples near each pixel.

    ``stencils`` (n, 6): column and row offset, their fractions, 1 / distance, and the drop of the sphere over that distance.
    """
    rows, columns = heights.shape
    for j in range(rows):
        slopes[j, :] = NOTHING_AHEAD
        for n in range(stencils.shape[0]):
            a, j0 = int(stencils[n, 0]), j + int(stencils[n, 1])
            right, below = np.float32(stencils[n, 2]), np.float32(stencils[n, 3])
            inverse, drop = np.float32(stencils[n, 4]), np.float32(stencils[n, 5])
            wide, deep = int(right > 0), int(below > 0)
            begin, end = max(0, -a), min(columns, columns - a - wide)
            if j0 < 0 or j0 + deep > rows - 1 or end <= begin:
                continue
            here, best = heights[j, begin:end], slopes[j, begin:end]
            upper, lower = heights[j0, begin + a : end + a], heights[j0 + deep, begin + a : end + a]
            if wide:
                upper_right = heights[j0, begin + a + 1 : end + a + 1]
                lower_right = heights[j0 + deep, begin + a + 1 : end + a + 1]
                for i in range(best.size):
                    u = upper[i] + below * (lower[i] - upper[i])
                    v = upper_right[i] + below * (lower_right[i] - upper_right[i])
                    slope = (u + right * (v - u) - here[i] - mast) * inverse - drop
                    best[i] = max(best[i], slope)
            else:
                for i in range(best.size):
                    slope = (upper[i] + below * (lower[i] - upper[i]) - here[i] - mast) * inverse - drop
                    best[i] = max(best[i], slope)


@njit(nogil=True, cache=True, error_model="numpy")
def _sample(
    flat: Row, places: Places, shift: np.uint64, width: np.uint64, parts: Row, above: Row, below: Row, line: Row
) -> None:
    for i in range(line.size):
        place = places[i] + shift
        above[i] = flat[place]
        below[i] = flat[place + width]
    for i in range(line.size):
        line[i] = above[i] + parts[i] * (below[i] - above[i])


@njit(nogil=True, cache=True, error_model="numpy")
def _place(
    line: Row, start: float, step: float, root: float, sines: Floats, versines: Floats, xs: Floats, ys: Floats
) -> None:
    half, twice = 1.0 / (2.0 * R * root), 2.0 / root
    for i in range(line.size):
        sine, versine = _picture(start + i * step, half, twice)
        sines[i], versines[i] = sine, versine
    for i in range(line.size):
        z = np.float64(line[i])
        xs[i] = (R + z) * sines[i]
        ys[i] = z - (R + z) * versines[i]


@njit(nogil=True, cache=True, error_model="numpy")
def _tangent(x: float, y: float, hull_x: Floats, hull_y: Floats, start: int, top: int) -> int:
    """Return the vertex that the sight line from (x, y) touches: slopes rise up to it and fall after it, on both sides of start."""
    k = start
    dx, dy = hull_x[k] - x, hull_y[k] - y
    while k > 0:
        ex, ey = hull_x[k - 1] - x, hull_y[k - 1] - y
        if ey * dx <= dy * ex:
            break
        dx, dy = ex, ey
        k -= 1
    if k == start:
        while k < top:
            ex, ey = hull_x[k + 1] - x, hull_y[k + 1] - y
            if ey * dx <= dy * ex:
                break
            dx, dy = ex, ey
            k += 1
    return k


@njit(nogil=True, cache=True, error_model="numpy")
def _push(x: float, y: float, hull_x: Floats, hull_y: Floats, top: int) -> int:
    """Put a nearer point on the hull, take away what it covers, and return the new top; unknown heights are passed over."""
    if math.isnan(y):
        return top
    if top > 0:
        top = _tangent(x, y, hull_x, hull_y, top, top)
    top += 1
    hull_x[top], hull_y[top] = x, y
    return top


@njit(nogil=True, cache=True, error_model="numpy")
def _beyond(
    u: float, v: float, direction: Floats, root: float, fine: float, rings: Floats, ring_heights: Row, reach: float,
    hull_x: Floats, hull_y: Floats, far_x: Floats, far_y: Floats,
) -> int:  # fmt: skip
    """Fill the hull with the terrain beyond the grid, from (u, v) where the line leaves it outward; return the hull's top."""
    half, twice = 1.0 / (2.0 * R * root), 2.0 / root
    start = u * direction[0] + v * direction[1]
    away, count = fine, 0
    for n in range(rings.shape[0]):
        base, rows, columns = int(rings[n, 0]), int(rings[n, 1]), int(rings[n, 2])
        while away < reach:
            a, b = u + away * direction[0], v + away * direction[1]
            x, y = (b, a) if rings[n, 8] else (a, b)
            column, row = (x - rings[n, 3]) / rings[n, 5], (y - rings[n, 4]) / rings[n, 6]
            if not (0 <= column <= columns - 1 and 0 <= row <= rows - 1):
                break
            i, j = min(int(column), columns - 2), min(int(row), rows - 2)
            right, below = column - i, row - j
            at = base + j * columns + i
            upper = ring_heights[at] * (1 - right) + ring_heights[at + 1] * right
            lower = ring_heights[at + columns] * (1 - right) + ring_heights[at + columns + 1] * right
            z = upper * (1 - below) + lower * below
            sine, versine = _picture(start + away, half, twice)
            far_x[count], far_y[count] = (R + z) * sine, z - (R + z) * versine
            count += 1
            away += rings[n, 7]
    top = -1
    for k in range(count - 1, -1, -1):
        top = _push(far_x[k], far_y[k], hull_x, hull_y, top)
    return top


@njit(inline="always")
def _sight(
    z: float, sine: float, versine: float, hull_x: Floats, hull_y: Floats, k: int, top: int
) -> tuple[int, float, float]:
    """Return the touched vertex and the way to it from an eye at the height z."""
    x, y = (R + z) * sine, z - (R + z) * versine
    k = _tangent(x, y, hull_x, hull_y, k, top)
    return k, hull_x[k] - x, hull_y[k] - y


@njit(nogil=True, cache=True, error_model="numpy")
def _trace(
    forward: bool, lag: int, mast: np.float32, top: int, begin: int, end: int, space: Floats, sampled: Row, hull: Floats
) -> None:
    """Go along a line from far to near: push the point that falls ``lag`` behind, and look from the pixels on both sides.

    ``space``: sine, versine, x and y of the line's points; then, written here, the way to the tangent point from above and below.
    """
    k = 0
    for n in range(end - begin):
        i = np.uint64(end - 1 - n if forward else begin + n)
        if n > lag:
            ahead = np.uint64(end - n + lag if forward else begin + n - lag - 1)
            top = _push(space[2, ahead], space[3, ahead], hull[0], hull[1], top)
        if top < 0:
            space[4, i] = space[5, i] = space[6, i] = space[7, i] = np.nan
        else:
            z = sampled[0, i] + mast
            k, space[4, i], space[5, i] = _sight(z, space[0, i], space[1, i], hull[0], hull[1], min(k, top), top)
            z = sampled[1, i] + mast
            k, space[6, i], space[7, i] = _sight(z, space[0, i], space[1, i], hull[0], hull[1], k, top)


@njit(nogil=True, cache=True, error_model="numpy")
def _slopes(dx: Floats, dy: Floats, sines: Floats, versines: Floats, slopes: Floats) -> None:
    """Turn ways in the plane picture into slopes against the observer's own level."""
    for i in range(slopes.size):
        cosine = 1.0 - versines[i]
        slopes[i] = (dx[i] * sines[i] + dy[i] * cosine) / (dx[i] * cosine - dy[i] * sines[i])


@njit(nogil=True, cache=True, error_model="numpy")
def _merge(places: Places, shift: np.uint64, parts: Row, slopes: Floats, before: Floats, out: Row) -> None:
    """Write between the two lines beside a pixel; what is near and higher stays."""
    for i in range(slopes.size):
        slope = np.float32(slopes[i] + parts[i] * (before[i] - slopes[i]))
        place = places[i] + shift
        out[place] = max(out[place], slope)


@njit(nogil=True, cache=True, error_model="numpy")
def look_far(
    heights: Row, frame: Floats, direction: Floats, mast: np.float32, lag: int,
    rings: Floats, ring_heights: Row, reach: float, room: int, out: Row,
) -> None:  # fmt: skip
    """Raise ``out`` (slopes, one row of margin at both ends) to the slope of the terrain more than ``lag`` columns away.

    ``heights`` (rows + 2, columns) repeats its first and last row. ``frame``: coordinates along columns and rows of pixel (0, 0), and the
    signed steps. ``direction``: the unit direction of view along columns and rows; per column it moves by at most one row.
    ``rings`` (n, RING) and ``ring_heights`` hold the coarser grids, ``room`` bounds the samples that one line takes of them.
    """
    rows, columns = heights.shape[0] - 2, heights.shape[1]
    flat, flat_out = heights.ravel(), out.ravel()
    step = frame[2] / direction[0]
    forward = step > 0
    shear = direction[1] * frame[2] / (direction[0] * frame[3])
    space = np.empty((8, columns))
    hull, far = np.empty((2, columns + room + 1)), np.empty((2, room + 1))
    sampled = np.empty((3, columns), np.float32)
    slopes, before = np.empty(columns), np.zeros(columns)
    offsets = np.empty(columns, np.int64)
    places, parts = np.empty(columns, np.uint64), np.empty(columns, np.float32)
    # the lines meet whole rows in the middle column, so that a grid turned about its middle has the same lines
    middle = 0.5 * (columns - 1)
    for i in range(columns):
        offsets[i] = math.floor(shear * (i - middle))
        parts[i] = shear * (i - middle) - offsets[i]
        places[i] = np.uint64(offsets[i] * columns + i)
    lowest, highest = min(offsets[0], offsets[-1]), max(offsets[0], offsets[-1])
    for line in range(-highest - 1, rows - lowest):
        # the columns in which this line passes between two rows, or between a row and the margin
        begin, end = 0, columns
        while begin < end and not -1 <= line + offsets[begin] < rows:
            begin += 1
        while begin < end and not -1 <= line + offsets[end - 1] < rows:
            end -= 1
        if begin == end:
            continue
        v = frame[1] + (line - shear * middle) * frame[3]
        across = v * direction[0] - frame[0] * direction[1]
        root = math.sqrt(1.0 + across * across / (4 * R * R))
        start = frame[0] * direction[0] + v * direction[1]
        shift = np.uint64((line + 1) * columns)
        own_places, own_parts, ground = places[begin:end], parts[begin:end], sampled[2, begin:end]
        sines, versines = space[0, begin:end], space[1, begin:end]
        _sample(
            flat, own_places, shift, np.uint64(columns), own_parts, sampled[0, begin:end], sampled[1, begin:end], ground
        )
        _place(ground, start + begin * step, step, root, sines, versines, space[2, begin:end], space[3, begin:end])
        last = end - 1 if forward else begin
        exit_u, exit_v = frame[0] + last * frame[2], v + shear * last * frame[3]
        top = _beyond(
            exit_u, exit_v, direction, root, abs(step), rings, ring_heights, reach, hull[0], hull[1], far[0], far[1]
        )
        _trace(forward, lag, mast, top, begin, end, space, sampled, hull)
        _slopes(space[4, begin:end], space[5, begin:end], sines, versines, slopes[begin:end])
        _merge(own_places, shift, own_parts, slopes[begin:end], before[begin:end], flat_out)
        _slopes(space[6, begin:end], space[7, begin:end], sines, versines, before[begin:end])


@njit(nogil=True, cache=True, error_model="numpy")
def transpose(source: Row, target: Row) -> None:
    """Write rows as columns, in tiles that the nearest memory holds: five times as fast as row by row."""
    rows, columns = source.shape
    for first in range(0, rows, TILE):
        for begin in range(0, columns, TILE):
            for j in range(first, min(first + TILE, rows)):
                for i in range(begin, min(begin + TILE, columns)):
                    target[i, j] = source[j, i]


@njit(nogil=True, cache=True, error_model="numpy")
def to_degrees(slopes: Row, level: Row, degrees: Row) -> None:
    """Write slopes as degrees (``degrees`` may be ``slopes``): ``level`` where nothing is ahead, NaN where ``level`` is NaN."""
    for j in range(slopes.shape[0]):
        for i in range(slopes.shape[1]):
            slope = slopes[j, i]
            found = np.float32(180.0 / math.pi) * np.float32(arctangent(slope))
            # unknown ground has no level either, and so stays unknown
            degrees[j, i] = found if slope > NOTHING_AHEAD / 2 and level[j, i] == level[j, i] else level[j, i]
