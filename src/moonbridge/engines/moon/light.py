"""Light at one place: how much of the Sun's, or the Earth's, disc stands above the skyline, and for how long it does not."""

from dataclasses import dataclass
from typing import Final

import numpy as np
import numpy.typing as npt

from moonbridge.engines.moon.ephemeris import Ephemeris
from moonbridge.engines.moon.frames import EARTH, SUN, Body, angular_radius_deg, azimuth_elevation
from moonbridge.engines.moon.skyline import Floats, Skyline
from moonbridge.engines.moon.visibility import eye_height_m
from moonbridge.errors import InputError

type Times = npt.NDArray[np.datetime64]

DRACONIC_CYCLE_YEARS: Final = 18.613
"""The nodes of the Moon's orbit go round in this time, and with them the Sun's highest and lowest stand at the poles."""
HOUR: Final = np.timedelta64(1, "h")


def disc_share(heights: npt.ArrayLike) -> Floats:
    """Return the share of a disc above a straight edge, its centre ``heights`` radii above the edge: 0 below -1, 1 above 1.

    The area of a circular segment: ``1/2 + (u sqrt(1 - u^2) + asin u) / pi``.
    """
    u = np.clip(heights, -1.0, 1.0)
    return np.asarray(0.5 + (u * np.sqrt(1.0 - u * u) + np.arcsin(u)) / np.pi)


def visible_fraction(elevation_deg: npt.ArrayLike, radius_deg: npt.ArrayLike, horizon_deg: npt.ArrayLike) -> Floats:
    """Return the visible share of a disc, elementwise: centre at ``elevation_deg``, angular radius, horizon below it.

    The horizon is taken as level across the disc, at its elevation under the centre; the disc is evenly bright. There is no air, so
    nothing is refracted. A slope across the disc tilts the edge but hardly changes the share: the error is second-order in it.
    """
    return disc_share((np.asarray(elevation_deg) - horizon_deg) / np.asarray(radius_deg))


def illumination(skyline: Skyline, ephemeris: Ephemeris, times: npt.ArrayLike, body: Body = SUN) -> Floats:
    """Return the visible share of the Sun's disc, 0 to 1, at each of the UTC ``times`` (datetime64, any shape).

    ``body`` may be :data:`~moonbridge.engines.moon.frames.EARTH`. The eye stands on the skyline's mast.
    """
    subpoint = ephemeris.earth(times) if body is EARTH else ephemeris.sun(times)
    seen = azimuth_elevation(subpoint, skyline.latitude_deg, skyline.longitude_deg, eye_height_m(skyline))
    return visible_fraction(
        seen.elevation_deg, angular_radius_deg(body, seen.distance_km), skyline.at(seen.azimuth_deg)
    )


def hours(start: npt.ArrayLike, end: npt.ArrayLike, step: np.timedelta64 = HOUR) -> Times:
    """Return UTC instants (datetime64[s]) from ``start`` until before ``end``, an hour apart unless asked otherwise."""
    return np.arange(np.datetime64(str(start), "s"), np.datetime64(str(end), "s"), step)


@dataclass(frozen=True, slots=True)
class Span:
    """A stretch of time from one instant until before another."""

    start: np.datetime64
    end: np.datetime64

    @property
    def hours(self) -> float:
        """How long it lasts."""
        return float((self.end - self.start) / np.timedelta64(1, "s")) / 3600.0


@dataclass(frozen=True, slots=True)
class Statistics:
    """A series of visible shares in brief.

    ``mean`` is the mean share of the disc, ``any_share`` the share of time with any of it above the horizon, ``full_share`` that
    with all of it. The longest dark span has nothing above the horizon, the longest light one always something; None where there is none.
    """

    mean: float
    any_share: float
    full_share: float
    longest_dark: Span | None
    longest_light: Span | None


def statistics(times: npt.ArrayLike, fraction: npt.ArrayLike) -> Statistics:
    """Return the statistics of ``fraction`` (n,) at evenly spaced ``times`` (n,); each sample stands for one step."""
    instants, share = np.asarray(times), np.asarray(fraction)
    if instants.ndim != 1 or instants.shape != share.shape or instants.size < 2:  # noqa: PLR2004 - a step needs two instants
        raise InputError("statistics need a row of at least two times and a share for each", field="fraction")
    lit = share > 0
    return Statistics(
        float(share.mean()),
        float(lit.mean()),
        float((share >= 1).mean()),
        longest_span(instants, ~lit),
        longest_span(instants, lit),
    )


def longest_span(times: Times, holds: npt.NDArray[np.bool_]) -> Span | None:
    """Return the longest stretch of evenly spaced ``times`` over which ``holds`` is true, the first of equals; None if never."""
    edges = np.flatnonzero(np.diff(np.concatenate([[False], holds, [False]])))
    begins, ends = edges[::2], edges[1::2]
    if begins.size == 0:
        return None
    k = int(np.argmax(ends - begins))
    step = times[1] - times[0]
    return Span(times[begins[k]], times[ends[k] - 1] + step)
