"""Whether a body stands above the skyline of a site: the one rule behind Sun, Earth and relay."""

from collections.abc import Callable
from enum import StrEnum
from typing import Final

import numpy as np
import numpy.typing as npt

from moonbridge.engines.moon.ephemeris import Ephemeris
from moonbridge.engines.moon.frames import (
    EARTH,
    SUN,
    Body,
    Subpoint,
    Topocentric,
    angular_radius_deg,
    azimuth_elevation,
)
from moonbridge.engines.moon.skyline import Skyline
from moonbridge.engines.moon.windows import Condition, Times, Truths

SKY_STEP: Final = np.timedelta64(10, "m")
"""Sun and Earth move through the Moon's sky by at most 0.55 degrees an hour: in ten minutes by a fifth of a disc."""


class Disc(StrEnum):
    """How much of a disc must be above the horizon; the value is the word for it on screen and in provenance."""

    ANY = "any point of the disc"
    CENTRE = "the centre of the disc"
    FULL = "the full disc"


_RADII_ABOVE: Final = {Disc.ANY: -1.0, Disc.CENTRE: 0.0, Disc.FULL: 1.0}
"""By how many of its radii the centre of the disc must stand above the horizon."""


def eye_height_m(skyline: Skyline) -> float:
    """Return how high above the sphere the eye is: the ground and the mast."""
    return skyline.height_m + skyline.provenance.mast_m


def clearance_deg(
    skyline: Skyline,
    seen: Topocentric,
    *,
    disc: Disc = Disc.CENTRE,
    body: Body | None = None,
    mask_deg: float | None = None,
) -> npt.NDArray[np.float64]:
    """Return by how many degrees a body clears the horizon, negative below it.

    The horizon is the skyline in the azimuth of the body's centre, or ``mask_deg`` where that is higher (no mask: None). Over
    the width of a disc the horizon counts as level. A ``body`` of None is a point.
    """
    horizon = skyline.at(seen.azimuth_deg)
    if mask_deg is not None:
        horizon = np.maximum(horizon, mask_deg)
    radius = 0.0 if body is None else angular_radius_deg(body, seen.distance_km)
    return np.asarray(seen.elevation_deg - horizon - _RADII_ABOVE[disc] * radius)


def sun_visible(
    skyline: Skyline, ephemeris: Ephemeris, *, disc: Disc = Disc.ANY, mask_deg: float | None = None
) -> Condition:
    """Return when the Sun, or ``disc`` of it, is above the skyline and above ``mask_deg``."""
    return _visible("sun", skyline, ephemeris.sun, body=SUN, disc=disc, mask_deg=mask_deg)


def earth_visible(
    skyline: Skyline, ephemeris: Ephemeris, *, disc: Disc = Disc.ANY, mask_deg: float | None = None
) -> Condition:
    """Return when the Earth, or ``disc`` of it, is above the skyline and above ``mask_deg``."""
    return _visible("earth", skyline, ephemeris.earth, body=EARTH, disc=disc, mask_deg=mask_deg)


def _visible(
    name: str,
    skyline: Skyline,
    track: Callable[[Times], Subpoint],
    *,
    body: Body,
    disc: Disc,
    mask_deg: float | None,
) -> Condition:
    def holds(times: Times) -> Truths:
        seen = azimuth_elevation(track(times), skyline.latitude_deg, skyline.longitude_deg, eye_height_m(skyline))
        clearance = clearance_deg(skyline, seen, disc=disc, body=body, mask_deg=mask_deg)
        return np.asarray(clearance >= 0 if disc is Disc.FULL else clearance > 0)

    return Condition(name, holds, SKY_STEP)
