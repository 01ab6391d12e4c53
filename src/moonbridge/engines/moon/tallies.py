# ruff: noqa: PLR0917 - kernels of numba take plain arrays one by one and know no keywords
"""What is counted in a map, direction by direction, in whole numbers, so that no order and no division into parts changes a bit."""

import math

import numpy as np
import numpy.typing as npt
from numba import njit

from moonbridge.engines.moon.skyline import Floats
from moonbridge.engines.moon.sweep import arctangent

type Row = npt.NDArray[np.float32]
type Counts = npt.NDArray[np.int32]
type Steps = npt.NDArray[np.uint16]


@njit(nogil=True, cache=True, error_model="numpy")
def to_centre(horizon_deg: Row, xs: Row, ys: Row, azimuth: float) -> None:
    """Turn horizons in place into the elevation over the map's centre at which a far body touches the pixel's horizon.

    ``xs`` and ``ys`` are map coordinates in Moon radii. At a pixel with the unit normal (e, n, u), a body at the azimuth A and the
    elevation E over the centre stands at ``sin e = a cos E + u sin E``, ``a = e sin A + n cos A``; that is ``M sin(E + psi)`` with
    ``psi = atan(a / u)`` and ``M^2 = 1 - b^2``, b the component across. So ``E = asin(sin h / M) - psi``, and to second order in b
    ``asin(sin h / M) = h + tan(h) b^2 / 2``.
    """
    sine, cosine = np.float32(math.sin(azimuth)), np.float32(math.cos(azimuth))
    degree, one = np.float32(180.0 / math.pi), np.float32(1.0)
    for j in range(horizon_deg.shape[0]):
        row, y = horizon_deg[j], ys[j]
        for i in range(row.size):
            x = xs[i]
            quarter = np.float32(0.25) * (x * x + y * y)
            psi = np.float32(arctangent((x * sine + y * cosine) / (one - quarter)))
            across = (x * cosine - y * sine) / (one + quarter)
            h = row[i] / degree
            tangent = h * (one + h * h * np.float32(1 / 3) * (one + np.float32(0.4) * h * h))
            row[i] += degree * (np.float32(0.5) * tangent * across * across - psi)


@njit(nogil=True, cache=True, error_model="numpy")
def count_visible(needed_deg: Row, table: Counts, first_deg: float, per_deg: float, counts: Counts) -> None:
    """Add to each pixel what the table says is visible when a body must stand at ``needed_deg``; unknown ground counts nothing."""
    last = np.float32(table.size - 1)
    first, scale, half = np.float32(first_deg), np.float32(per_deg), np.float32(0.5)
    for j in range(needed_deg.shape[0]):
        row, to = needed_deg[j], counts[j]
        for i in range(row.size):
            place = (row[i] - first) * scale + half
            place = place if place > 0 else np.float32(0)
            # a comparison with NaN is false: unknown ground falls to the last entry, which is 0
            to[i] += table[np.int32(place if place < last and row[i] == row[i] else last)]


@njit(nogil=True, cache=True, error_model="numpy")
def extend_runs(
    needed_deg: Row, limbs_deg: Floats, seen: npt.NDArray[np.int64], lead: Steps, trail: Steps, longest: Steps
) -> None:
    """Go one direction further in every cycle: dark where even the upper limb stays below what the pixel needs.

    ``limbs_deg`` (cycles,) has NaN where the cycle is over; ``seen`` counts the steps so far. ``lead``, ``trail`` and ``longest``
    (cycles, rows, columns): the dark steps at the beginning, at the end, and the longest run.
    """
    for m in range(limbs_deg.size):
        limb = np.float32(limbs_deg[m])
        if math.isnan(limb):
            continue
        so_far = seen[m]
        for j in range(needed_deg.shape[0]):
            row = needed_deg[j]
            head, tail, best = lead[m, j], trail[m, j], longest[m, j]
            for i in range(row.size):
                run = np.uint16(tail[i] + 1) if row[i] >= limb else np.uint16(0)
                tail[i] = run
                best[i] = max(best[i], run)
                head[i] = run if run == so_far + 1 else head[i]
        seen[m] += 1
