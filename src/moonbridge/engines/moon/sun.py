"""The Moon's day: sunrise, noon and sunset at a site, the hour of the local Sun, the longitude of the terminator."""

from dataclasses import dataclass
from enum import StrEnum
from typing import Final

import numpy as np
import numpy.typing as npt

from moonbridge.engines.moon.ephemeris import Ephemeris
from moonbridge.engines.moon.frames import Subpoint
from moonbridge.engines.moon.light import illumination
from moonbridge.engines.moon.skyline import Skyline
from moonbridge.engines.moon.visibility import SKY_STEP, Disc, sun_visible
from moonbridge.engines.moon.windows import Condition, Times, Truths, windows
from moonbridge.errors import InputError

type Floats = npt.NDArray[np.float64]

_DEGREES_PER_HOUR: Final = 15.0
_MERIDIAN_STEP: Final = np.timedelta64(1, "D")
"""A lunar morning lasts a week; sampling by the day cannot miss one."""


class Happening(StrEnum):
    """What the Sun does."""

    SUNRISE = "sunrise"
    NOON = "noon"
    SUNSET = "sunset"


@dataclass(frozen=True, slots=True, order=True)
class SolarEvent:
    """At which UTC second the Sun does what."""

    at: np.datetime64
    what: Happening


def colongitude_deg(sun: Subpoint) -> Floats:
    """Return the Sun's selenographic colongitude, 0 to 360: the east longitude of the morning terminator is minus this.

    0 at first quarter, 90 at full Moon, as the almanacs count it.
    """
    return np.asarray(np.mod(90.0 - sun.longitude_deg, 360.0))


def solar_hour(sun: Subpoint, longitude_deg: float) -> Floats:
    """Return the local hour of the true Sun, 0 to 24: 6 in the east, 12 on the meridian, 18 in the west."""
    return np.asarray(np.mod(12.0 + (longitude_deg - sun.longitude_deg) / _DEGREES_PER_HOUR, 24.0))


def sun_share(skyline: Skyline, ephemeris: Ephemeris, least: float) -> Condition:
    """Return when at least the part ``least`` (above 0, at most 1) of the Sun's disc is above the skyline: when power suffices."""
    if not 0 < least <= 1:
        raise InputError(f"a share of the disc is above 0 and at most 1, not {least:g}", field="share")

    def holds(times: Times) -> Truths:
        return np.asarray(illumination(skyline, ephemeris, times) >= least)

    return Condition("sun", holds, SKY_STEP)


def solar_events(
    skyline: Skyline,
    ephemeris: Ephemeris,
    start: np.datetime64 | str,
    end: np.datetime64 | str,
    *,
    disc: Disc = Disc.ANY,
) -> list[SolarEvent]:
    """Return each sunrise, noon and sunset at a site from ``start`` until ``end``, in order.

    Sunrise and sunset are those of ``disc`` over the skyline: near a pole there may be several a day or none in months. Noon
    is when the Sun crosses the site's meridian, seen or not.
    """
    lit = windows(sun_visible(skyline, ephemeris, disc=disc), start, end)
    mornings = windows(_morning(skyline, ephemeris), start, end)
    events = [SolarEvent(window.start, Happening.SUNRISE) for window in lit if not window.begun]
    events += [SolarEvent(window.end, Happening.SUNSET) for window in lit if not window.lasting]
    events += [SolarEvent(window.end, Happening.NOON) for window in mornings if not window.lasting]
    return sorted(events)


def _morning(skyline: Skyline, ephemeris: Ephemeris) -> Condition:
    def holds(times: Times) -> Truths:
        return np.asarray(solar_hour(ephemeris.sun(times), skyline.longitude_deg) < 12)  # noqa: PLR2004 - noon

    return Condition("morning", holds, _MERIDIAN_STEP)
