"""A year at one place: light, Earth and relays by the day, and what stands out of it."""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Final

import numpy as np
import numpy.typing as npt

from moonbridge.engines.moon.ephemeris import Ephemeris
from moonbridge.engines.moon.frames import EARTH, Subpoint, azimuth_elevation
from moonbridge.engines.moon.light import HOUR, Statistics, hours, illumination, statistics
from moonbridge.engines.moon.orbit import Orbit
from moonbridge.engines.moon.relay import relay_visible
from moonbridge.engines.moon.skyline import Floats, Skyline
from moonbridge.engines.moon.visibility import Disc, earth_visible, eye_height_m, sun_visible
from moonbridge.engines.moon.windows import FunctionOfTime, Times, Window, gaps, windows

RELAY_SAMPLING: Final = np.timedelta64(10, "m")
"""A day's share of a relay is counted so closely: the day is then right to a percent, the year to less."""
BEYOND: Final = np.timedelta64(200, "D")
"""So far beyond the ends of a year a night or a light is followed: on the bare sphere they last half a year at a pole, at most."""
CYCLE_YEARS: Final = 19
"""Whole years that come nearest to the 18.6 years in which the Sun's stand at the poles repeats."""
COUNTED: Final = (
    "light: visible share of the Sun's disc, hourly; Sun and Earth in view: any point of the disc; "
    "relay: above the skyline, every ten minutes"
)
"""What the numbers of a :class:`Year` count, for its provenance."""


@dataclass(frozen=True, eq=False)
class Year:
    """A calendar year (UTC) at one place.

    ``sun`` and ``earth`` (hours,) are the visible shares of the discs at each full hour; ``relays`` (days,) the share of each day with
    that relay in view. ``nights`` are the times without any Sun that touch the year and ``lights`` those with some, whole: they are
    followed :data:`BEYOND` its ends, and what is cut even there says so. ``contacts``, with Sun and Earth, are cut by the year's
    ends. All are to the second.
    """

    year: int
    times: Times
    sun: Floats
    earth: Floats
    relays: Mapping[str, Floats]
    nights: list[Window]
    lights: list[Window]
    contacts: list[Window]

    @property
    def days(self) -> npt.NDArray[np.datetime64]:
        """The days of the year."""
        return self.times[::24].astype("datetime64[D]")

    @cached_property
    def light_by_day(self) -> Floats:
        """The mean visible share of the Sun's disc on each day."""
        return _daily(self.sun)

    @cached_property
    def earth_by_day(self) -> Floats:
        """The share of each day with any of the Earth in view."""
        return _daily(self.earth > 0)

    @cached_property
    def contact_by_day(self) -> Floats:
        """The share of each day with any of the Sun and any of the Earth in view."""
        return _daily((self.sun > 0) & (self.earth > 0))

    @cached_property
    def sunlight(self) -> Statistics:
        """The Sun's year in brief."""
        return statistics(self.times, self.sun)

    @cached_property
    def earthlight(self) -> Statistics:
        """The Earth's year in brief."""
        return statistics(self.times, self.earth)

    @property
    def longest_night(self) -> Window | None:
        """The longest time without any Sun; None where the Sun never sets."""
        return max(self.nights, key=lambda night: night.duration, default=None)

    @property
    def longest_light(self) -> Window | None:
        """The longest time with always some Sun; None where it never rises."""
        return max(self.lights, key=lambda light: light.duration, default=None)

    def months(self) -> list[slice]:
        """Return the days of each month as a slice of the days of the year."""
        starts = np.flatnonzero(self.days == self.days.astype("datetime64[M]"))
        return [slice(int(a), int(b)) for a, b in zip(starts, [*starts[1:], self.days.size], strict=True)]


def year_at(skyline: Skyline, ephemeris: Ephemeris, year: int, relays: Mapping[str, Orbit] | None = None) -> Year:
    """Return a year at the place of a skyline, with the ``relays`` that are asked for.

    Raises :class:`~moonbridge.errors.InputError` for a year that the ephemeris does not cover.
    """
    start, end = f"{year:04d}-01-01", f"{year + 1:04d}-01-01"
    times = hours(start, end)
    sun = sun_visible(skyline, ephemeris)
    light = illumination(skyline, ephemeris, times)
    nights, lights = _whole(sun, ephemeris, np.datetime64(start, "s"), np.datetime64(end, "s"))
    return Year(
        year,
        times,
        light,
        illumination(skyline, ephemeris, times, EARTH),
        {name: relay_by_day(skyline, ephemeris, orbit, year) for name, orbit in (relays or {}).items()},
        nights,
        lights,
        windows(sun & earth_visible(skyline, ephemeris, disc=Disc.ANY), start, end),
    )


def relay_by_day(skyline: Skyline, ephemeris: Ephemeris, orbit: Orbit, year: int) -> Floats:
    """Return the share of each day (days,) of a year with a relay in view."""
    closely = hours(f"{year:04d}-01-01", f"{year + 1:04d}-01-01", RELAY_SAMPLING)
    return _daily(relay_visible(skyline, orbit, ephemeris)(closely), int(HOUR // RELAY_SAMPLING))


def _whole(
    sun: FunctionOfTime, ephemeris: Ephemeris, start: np.datetime64, end: np.datetime64
) -> tuple[list[Window], list[Window]]:
    """Return the times without and with the Sun that touch a year, whole as far as the ephemeris goes."""
    first, last = max(start - BEYOND, ephemeris.first), min(end + BEYOND, ephemeris.last)
    lights = windows(sun, first, last)
    nights, lights = (
        [one for one in found if one.start < end and one.end > start] for found in (gaps(lights, first, last), lights)
    )
    return nights, lights


def mean_light(skyline: Skyline, ephemeris: Ephemeris, first_year: int, years: int = CYCLE_YEARS) -> float:
    """Return the mean visible share of the Sun's disc over whole years, hourly."""
    times = hours(f"{first_year:04d}-01-01", f"{first_year + years:04d}-01-01")
    return float(illumination(skyline, ephemeris, times).mean())


@dataclass(frozen=True, eq=False, slots=True)
class Band:
    """Between which elevations a body passes in each direction: ``low_deg``, ``high_deg`` (bins,), NaN where it never comes."""

    low_deg: Floats
    high_deg: Floats

    @property
    def azimuth_deg(self) -> Floats:
        """The middles of the bins, clockwise from true north."""
        return (np.arange(self.low_deg.size, dtype=np.float64) + 0.5) * (360.0 / self.low_deg.size)


def band(skyline: Skyline, subpoint: Subpoint, bins: int = 180) -> Band:
    """Return between which elevations a body passes in each of ``bins`` directions while it is at ``subpoint`` (n,)."""
    azimuth, elevation = track(skyline, subpoint)
    place = np.minimum((azimuth * (bins / 360.0)).astype(np.intp), bins - 1)
    low, high = np.full(bins, np.inf), np.full(bins, -np.inf)
    np.minimum.at(low, place, elevation)
    np.maximum.at(high, place, elevation)
    met = np.isfinite(low)
    return Band(np.where(met, low, np.nan), np.where(met, high, np.nan))


def track(skyline: Skyline, subpoint: Subpoint) -> tuple[Floats, Floats]:
    """Return azimuths and elevations in degrees at which a body's centre stands in the sky of a place."""
    seen = azimuth_elevation(subpoint, skyline.latitude_deg, skyline.longitude_deg, eye_height_m(skyline))
    return seen.azimuth_deg, seen.elevation_deg


def _daily(hourly: npt.ArrayLike, per_hour: int = 1) -> Floats:
    """Return the means over days of evenly spaced samples."""
    return np.asarray(np.asarray(hourly, np.float64).reshape(-1, 24 * per_hour).mean(axis=1))
