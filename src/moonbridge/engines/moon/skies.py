"""What passes over a map: where a body stood during a span of time, put in order by its direction on the grid."""

from dataclasses import dataclass
from typing import Final

import numpy as np
import numpy.typing as npt

from moonbridge.engines.moon.frames import Body, Subpoint, angular_radius_deg
from moonbridge.engines.moon.light import Times, disc_share
from moonbridge.engines.moon.projections import Stereographic
from moonbridge.engines.moon.skyline import AZIMUTHS, MOON_RADIUS_M, Floats
from moonbridge.errors import InputError

STEP_DEG: Final = 0.005
"""The finest step of elevation: a fiftieth of the Sun's radius."""
MOST_STEPS: Final = 8192
"""More steps than this per direction would leave the processor's nearest memory."""
UNITS: Final = 1 << 30
"""The sum over all directions stays below this, and so within 32 bits."""

UNEVEN: Final = 1.1
"""A body that goes round faster than this times its mean has no even step of time per direction."""

SEEN: Final = ("share", "any", "centre", "full")
"""What counts: the share of the disc's area, or the whole of it as soon as any part, the centre, or all of it is above the horizon."""


@dataclass(frozen=True, eq=False)
class Sky:
    """A body's stands over the centre of a map.

    ``azimuth_deg`` (directions,) are the grid's. ``table`` (directions, steps) says how much is visible, in ``1 / total`` of the whole
    span, when the horizon needs the body at ``first_deg + k / per_deg``. ``limbs_deg`` (cycles, directions), or None, is the elevation
    of the upper limb each time the body passes a direction, in the order of time, and ``step_hours`` the mean time from one
    direction to the next.
    """

    azimuth_deg: Floats
    table: npt.NDArray[np.int32]
    first_deg: float
    per_deg: float
    total: int
    limbs_deg: Floats | None = None
    step_hours: float | None = None


def sky(
    projection: Stereographic, body: Body, subpoint: Subpoint, seen: str = "share", directions: int = AZIMUTHS
) -> Sky:
    """Return the weighted histogram of a body's stands over the centre of a map; all stands of ``subpoint`` (n,) weigh the same.

    Directions in which the body never stands are left out, so that they cost nothing. Raises
    :class:`~moonbridge.errors.InputError` for an unknown ``seen`` (one of :data:`SEEN`).
    """
    if seen not in SEEN:
        raise InputError(f"what counts as visible is one of {', '.join(SEEN)}, not {seen}", field="seen")
    azimuth, elevation, radius = _stands(projection, body, subpoint)
    bins = np.round(azimuth * (directions / 360.0)).astype(np.intp) % directions
    used, bins = np.unique(bins, return_inverse=True)
    first, per_deg, table = _histogram(bins, elevation, float(radius.mean()), seen)
    unit = UNITS // azimuth.size
    # rounded up, so that a pixel counts nothing only if it never sees anything
    return Sky(
        np.asarray(used * (360.0 / directions), dtype=np.float64),
        np.ceil(np.round(table * unit, 3)).astype(np.int32),
        first,
        per_deg,
        unit * azimuth.size,
    )


def sky_in_order(
    projection: Stereographic,
    body: Body,
    subpoint: Subpoint,
    times: Times,
    *,
    seen: str = "share",
    directions: int = AZIMUTHS,
) -> Sky:
    """Return a sky that also knows the order of time, from which the longest night follows; ``times`` (n,) are at most hours apart.

    The body's azimuth must go round the map's centre in one sense and evenly, as the Sun's does at the poles; else
    :class:`~moonbridge.errors.InputError`.
    """
    azimuth, elevation, radius = _stands(projection, body, subpoint)
    turned = np.unwrap(azimuth, period=360.0)
    sense = 1.0 if turned[-1] > turned[0] else -1.0
    along = sense * (turned - turned[0])
    steps = np.diff(along)
    if not (steps > 0).all() or steps.max() > UNEVEN * steps.mean():
        raise InputError(
            "the order of day and night can be mapped near a pole only, where the Sun goes round one way",
            field="region",
        )
    plain = sky(projection, body, subpoint, seen, directions)
    step = 360.0 / directions
    count = int(along[-1] // step) + 1
    cycles = -(-count // directions)
    limbs = np.full(cycles * directions, np.nan)
    limbs[:count] = np.interp(np.arange(count) * step, along, elevation + radius)
    start = round(float(azimuth[0]) / step)
    order = (start + int(sense) * np.arange(directions)) % directions
    table = np.zeros((directions, plain.table.shape[1]), np.int32)
    table[np.round(plain.azimuth_deg / step).astype(np.intp)] = plain.table
    span_hours = float((times[-1] - times[0]) / np.timedelta64(1, "s")) / 3600.0
    return Sky(
        np.asarray(order * step, dtype=np.float64),
        table[order],
        plain.first_deg,
        plain.per_deg,
        plain.total,
        limbs.reshape(cycles, directions),
        span_hours * step / float(along[-1]),
    )


def _stands(projection: Stereographic, body: Body, subpoint: Subpoint) -> tuple[Floats, Floats, Floats]:
    """Return grid azimuth, elevation and angular radius in degrees over the centre of the map, seen from the sphere there."""
    east, north, up = projection.axes @ subpoint.vector_km.reshape(3, -1)
    up = up - MOON_RADIUS_M / 1000
    level = np.hypot(east, north)
    azimuth = np.mod(np.degrees(np.arctan2(east, north)), 360.0)
    return azimuth, np.degrees(np.arctan2(up, level)), angular_radius_deg(body, np.hypot(level, up))


def _histogram(bins: npt.NDArray[np.intp], elevation: Floats, radius: float, seen: str) -> tuple[float, float, Floats]:
    """Return the first needed elevation, the steps per degree, and how many stands each needed elevation leaves visible."""
    low, high = float(elevation.min()) - 1.5 * radius, float(elevation.max()) + 1.5 * radius
    step = max(STEP_DEG, (high - low) / MOST_STEPS)
    count = int((high - low) / step) + 3
    place = (elevation - low) / step
    whole = place.astype(np.intp)
    part = place - whole
    rows = int(bins.max()) + 1
    flat = bins * count + whole
    # each stand is divided between the two nearest steps, so that the mean elevation stays
    stands = np.bincount(flat, 1 - part, rows * count) + np.bincount(flat + 1, part, rows * count)
    edge = _edge(radius / step, seen)
    spread = np.array([np.convolve(row, edge, mode="same") for row in stands.reshape(rows, count)])
    above = np.cumsum(spread[:, ::-1], axis=1)[:, ::-1]
    table = above - spread / 2
    table[:, -1] = 0.0
    return low, 1.0 / step, np.maximum(table, 0.0)


def _edge(radius_steps: float, seen: str) -> Floats:
    """Return how the disc's visible part grows from step to step while it rises over an edge; sums to 1."""
    reach = int(np.ceil(radius_steps)) + 1
    if seen == "share":
        between = np.arange(-reach - 1, reach + 1) + 0.5
        return np.diff(disc_share(between / radius_steps))
    edge = np.zeros(2 * reach + 1)
    edge[reach + {"any": 1, "centre": 0, "full": -1}[seen] * round(radius_steps)] = 1.0
    return edge
