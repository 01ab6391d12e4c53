# ruff: noqa: PLR0917 - kernels of numba take plain arrays one by one, know no keywords, and are loops
"""The horizon of every pixel in one direction: the terrain near it exactly, the terrain far away by a swept convex hull.

**Far.** Parallel lines run in the direction of view, one step of the grid's major axis at a time, so that the shift across is the same
for all lines (a shear) and each sample lies between two pixels of one column. Going from far to near, a line carries the upper hull
of the terrain ahead; the horizon of an observer is the tangent to that hull, and a vertex that a nearer point covers is never looked
at again: O(1) per pixel on average. A point below the middle of its two neighbours never comes onto the hull and is left out from the
start. A pixel asks the two lines that pass beside it, standing at its own height, and the two answers are interpolated linearly.

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
"""The side of a tile of a transposition: 32 lines of 128 bytes."""
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
    line: Row, first: float, step: float, root: float, sines: Floats, versines: Floats, xs: Floats, ys: Floats
) -> None:
    half, twice = 1.0 / (2.0 * R * root), 2.0 / root
    for i in range(line.size):
        sine, versine = _picture(first - i * step, half, twice)
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


@njit(nogil=True, cache=True, error_model="numpy")
def _list_peaks(ys: Floats, peaks: Places) -> int:
    """List the points that can be on a hull, and return how many: not those below the middle of their two neighbours."""
    count, last = 0, ys.size - 1
    for n in range(ys.size):
        peaks[count] = n
        # at an end, or with unknown ground beside it, a point stays
        count += not (0 < n < last and 2 * ys[n] < ys[n - 1] + ys[n + 1])
    return count


@njit(nogil=True, cache=True, error_model="numpy")
def _trace(
    lag: int, mast: float, top: int, space: Floats, begin: int, end: int, sampled: Row, peaks: Places, hull: Floats
) -> None:
    """Go along a line from far to near: push what falls ``lag`` behind, and look from the pixels on both sides.

    ``space``: sine, versine, x and y of the line's points; then, written here, the vertices touched from above and below.
    """
    hull_x, hull_y = hull[0], hull[1]
    size = _list_peaks(space[3, begin:end], peaks)
    peaks[size] = np.uint64(end - begin)
    k, pushed = 0, 0
    for n in range(begin, end):
        # the point that is just ``lag + 1`` away is looked at by itself: its nearer neighbour does not count yet
        while np.int64(peaks[pushed]) < n - begin - lag - 1:
            place = peaks[pushed] + np.uint64(begin)
            top = _push(space[2, place], space[3, place], hull_x, hull_y, top)
            pushed += 1
        i = np.uint64(n)
        if top < 0:
            space[4, i] = space[5, i] = space[6, i] = space[7, i] = np.nan
            continue
        sine, cosine = space[0, i], 1.0 - space[1, i]
        up = np.float64(sampled[0, i] - sampled[2, i]) + mast
        k = _tangent(space[2, i] + up * sine, space[3, i] + up * cosine, hull_x, hull_y, min(k, top), top)
        space[4, i], space[5, i] = hull_x[k], hull_y[k]
        up = np.float64(sampled[1, i] - sampled[2, i]) + mast
        k = _tangent(space[2, i] + up * sine, space[3, i] + up * cosine, hull_x, hull_y, k, top)
        space[6, i], space[7, i] = hull_x[k], hull_y[k]


@njit(nogil=True, cache=True, error_model="numpy")
def _slopes(xs: Floats, ys: Floats, sines: Floats, versines: Floats, mast: np.float32, eyes: Row, slopes: Row) -> None:
    """Turn points into slopes from the eyes: height over the eye's level by the distance along it."""
    for i in range(slopes.size):
        cosine = 1.0 - versines[i]
        rise = np.float32(xs[i] * sines[i] + ys[i] * cosine - R * versines[i]) - eyes[i] - mast
        slopes[i] = rise / np.float32(xs[i] * cosine - (ys[i] + R) * sines[i])


@njit(nogil=True, cache=True, error_model="numpy")
def _at_edge(lag: int, space: Floats, begin: int, end: int, mast: np.float32, sampled: Row) -> None:
    """Look at the point ``lag + 1`` away as well, which the hull does not have yet."""
    away = lag + 1
    if end - begin <= away:
        return
    sines, versines = space[0, begin + away : end], space[1, begin + away : end]
    xs, ys = space[2, begin : end - away], space[3, begin : end - away]
    above, below = sampled[0, begin + away : end], sampled[1, begin + away : end]
    from_above, from_below = sampled[3, begin + away : end], sampled[4, begin + away : end]
    for i in range(sines.size):
        cosine = 1.0 - versines[i]
        rise = np.float32(xs[i] * sines[i] + ys[i] * cosine - R * versines[i]) - mast
        inverse = np.float32(1.0) / np.float32(xs[i] * cosine - (ys[i] + R) * sines[i])
        one, other = (rise - above[i]) * inverse, (rise - below[i]) * inverse
        from_above[i] = max(from_above[i], one)
        from_below[i] = max(from_below[i], other)


@njit(nogil=True, cache=True, error_model="numpy")
def _merge(places: Places, shift: np.uint64, parts: Row, slopes: Row, before: Row, out: Row) -> None:
    """Write between the two lines beside a pixel; what is near and higher stays."""
    for i in range(parts.size):
        slope = slopes[i] + parts[i] * (before[i] - slopes[i])
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
    shear = direction[1] * frame[2] / (direction[0] * frame[3])
    space, sampled = np.empty((8, columns)), np.empty((6, columns), np.float32)
    sampled[5, :] = 0
    hull, far = np.empty((2, columns + room + 1)), np.empty((2, room + 1))
    peaks = np.empty(columns + 1, np.uint64)
    offsets = np.empty(columns, np.int64)
    places, parts = np.empty(columns, np.uint64), np.empty(columns, np.float32)
    # the lines meet whole rows in the middle column, so that a grid turned about its middle has the same lines
    middle = 0.5 * (columns - 1)
    farthest, inward = (columns - 1, -1) if step > 0 else (0, 1)
    for n in range(columns):
        i = farthest + n * inward
        offsets[n] = math.floor(shear * (i - middle))
        parts[n] = shear * (i - middle) - offsets[n]
        places[n] = np.uint64(offsets[n] * columns + i)
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
        shift = np.uint64((line + 1) * columns)
        own_places, own_parts = places[begin:end], parts[begin:end]
        # taken one by one, so that the compiler knows them to be without gaps
        sines, versines, xs, ys = space[0, begin:end], space[1, begin:end], space[2, begin:end], space[3, begin:end]
        above, below, ground = sampled[0, begin:end], sampled[1, begin:end], sampled[2, begin:end]
        from_above, from_below, before = sampled[3, begin:end], sampled[4, begin:end], sampled[5, begin:end]
        first = farthest + begin * inward
        exit_u, exit_v = frame[0] + first * frame[2], v + shear * first * frame[3]
        _sample(flat, own_places, shift, np.uint64(columns), own_parts, above, below, ground)
        along = exit_u * direction[0] + exit_v * direction[1]
        _place(ground, along, abs(step), root, sines, versines, xs, ys)
        top = _beyond(
            exit_u, exit_v, direction, root, abs(step), rings, ring_heights, reach, hull[0], hull[1], far[0], far[1]
        )
        _trace(lag, float(mast), top, space, begin, end, sampled, peaks, hull)
        _slopes(space[4, begin:end], space[5, begin:end], sines, versines, mast, above, from_above)
        _slopes(space[6, begin:end], space[7, begin:end], sines, versines, mast, below, from_below)
        _at_edge(lag, space, begin, end, mast, sampled)
        _merge(own_places, shift, own_parts, from_above, before, flat_out)
        before[:] = from_below


@njit(nogil=True, cache=True, error_model="numpy")
def _degrees(slopes: Row, level: Row, degrees: Row) -> None:
    for i in range(slopes.size):
        slope = slopes[i]
        found = np.float32(180.0 / math.pi) * np.float32(arctangent(slope))
        # unknown ground has no level either, and so stays unknown
        degrees[i] = found if slope > NOTHING_AHEAD / 2 and level[i] == level[i] else level[i]


@njit(nogil=True, cache=True, error_model="numpy")
def to_degrees(slopes: Row, level: Row, degrees: Row) -> None:
    """Write slopes as degrees: ``level`` where nothing is ahead, NaN where ``level`` is NaN."""
    for j in range(slopes.shape[0]):
        _degrees(slopes[j], level[j], degrees[j])


@njit(nogil=True, cache=True, error_model="numpy")
def to_degrees_across(slopes: Row, level: Row, degrees: Row) -> None:
    """Write slopes (columns, rows) as degrees (rows, columns); ``level`` lies like the slopes. A strip of columns at a time."""
    columns, rows = slopes.shape
    strip = np.empty((TILE, rows), np.float32)
    for first in range(0, columns, TILE):
        wide = min(TILE, columns - first)
        for i in range(wide):
            _degrees(slopes[first + i], level[first + i], strip[i])
        for begin in range(0, rows, TILE):
            for j in range(begin, min(begin + TILE, rows)):
                for i in range(wide):
                    degrees[j, first + i] = strip[i, j]
