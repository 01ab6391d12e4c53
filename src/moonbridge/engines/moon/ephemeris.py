"""The Sun and the Earth as seen from the Moon, in MOON_ME, for whole arrays of UTC instants.

An :class:`Ephemeris` is prepared once from positions and velocities that a kernel gives (:mod:`moonbridge.formats.ephemeris`
reads those) and then answers from a short table: a year of hourly steps costs well under a CPU-millisecond per body. The
table agrees with the kernel to 0.001 arcseconds.

What is included: light time and stellar aberration (the Moon's own motion moves the Sun by 20 arcseconds), so these are the
apparent directions that an instrument sees. What is not: the deflection of light (below 0.01 arcseconds away from the Sun's
limb) and the difference of TDB and TT (below 2 milliseconds).
"""

from dataclasses import dataclass
from typing import Final, Self

import numpy as np
import numpy.typing as npt

from moonbridge.engines.moon.chebyshev import Grid, Series
from moonbridge.engines.moon.frames import Subpoint
from moonbridge.engines.moon.orientation import DAY_S
from moonbridge.errors import InputError

type Floats = npt.NDArray[np.float64]
type Times = npt.NDArray[np.datetime64]

LIGHT_KM_S: Final = 299_792.458
J2000: Final = np.datetime64("2000-01-01T12:00:00", "ms")
TT_MINUS_TAI_S: Final = 32.184
_DAY: Final = np.timedelta64(1, "D")
_TDB_AHEAD_S: Final = 100.0
"""TDB is less than this ahead of UTC."""
_STRETCH_DAYS: Final = 8
_TERMS: Final = 12


@dataclass(frozen=True, eq=False, slots=True)
class State:
    """Barycentric positions (3, n) in km and velocities (3, n) in km/s of a body, in the ICRF."""

    position_km: Floats
    velocity_km_s: Floats


@dataclass(frozen=True, eq=False, slots=True)
class LeapSeconds:
    """``tai_minus_utc_s[k]`` holds from the UTC instant ``since[k]`` on; before the first one the first holds."""

    since: Times
    tai_minus_utc_s: Floats

    def tdb_s(self, times: Times) -> Floats:
        """Return TDB seconds after J2000 for UTC ``times`` (any shape); no leap second is foreseen after the last known."""
        utc_s = (times - J2000).astype("timedelta64[ms]").astype(np.int64) / 1000
        return np.asarray(utc_s + (self._tai_minus_utc(times) + TT_MINUS_TAI_S))

    def _tai_minus_utc(self, times: Times) -> Floats:
        """Return the offset of each instant, or one for all if they lie between the same two leap seconds, as most rows do."""
        if times.size:
            first, last = np.maximum(np.searchsorted(self.since, [times.min(), times.max()], side="right") - 1, 0)
            if first == last:
                return self.tai_minus_utc_s[first : first + 1].reshape(())
        return self.tai_minus_utc_s[np.maximum(np.searchsorted(self.since, times, side="right") - 1, 0)]


def grid_over(start_tdb_s: float, end_tdb_s: float) -> Grid:
    """Return the grid for the span of a kernel, in TDB seconds after J2000: whole stretches that lie inside."""
    step = _STRETCH_DAYS * DAY_S
    return Grid(start_tdb_s, step, int((end_tdb_s - start_tdb_s) // step), _TERMS)


@dataclass(frozen=True, eq=False, slots=True)
class Ephemeris:
    """Where Sun and Earth stand over the Moon; ``name`` says from which kernel and which orientation."""

    name: str
    leap_seconds: LeapSeconds
    _sun: Series
    _earth: Series

    @classmethod
    def prepared(
        cls, name: str, leap_seconds: LeapSeconds, grid: Grid, *, moon: State, sun: State, earth: State, to_moon: Floats
    ) -> Self:
        """Return the ephemeris through the states of three bodies and the matrices ``to_moon`` (3, 3, n) at the grid's nodes (n,)."""
        return cls(
            name,
            leap_seconds,
            Series.through(grid, np.einsum("ijn,jn->in", to_moon, apparent(sun, moon))),
            Series.through(grid, np.einsum("ijn,jn->in", to_moon, apparent(earth, moon))),
        )

    @property
    def first(self) -> np.datetime64:
        """The first UTC day that is covered whole."""
        return np.datetime64((J2000 + _milliseconds(self._sun.grid.start_s)).astype("datetime64[D]")) + _DAY

    @property
    def last(self) -> np.datetime64:
        """The last UTC day that is covered whole."""
        return (
            np.datetime64((J2000 + _milliseconds(self._sun.grid.end_s - _TDB_AHEAD_S)).astype("datetime64[D]")) - _DAY
        )

    def sun(self, times: npt.ArrayLike) -> Subpoint:
        """Return the apparent Sun at UTC ``times`` (datetime64, any shape); InputError outside of ``first`` to ``last``."""
        return self._subpoint(self._sun, times)

    def earth(self, times: npt.ArrayLike) -> Subpoint:
        """Return the apparent Earth at UTC ``times`` (datetime64, any shape); InputError outside of ``first`` to ``last``."""
        return self._subpoint(self._earth, times)

    def tdb_s(self, times: npt.ArrayLike) -> Floats:
        """Return TDB seconds after J2000 for UTC ``times``; InputError for times that this ephemeris does not cover."""
        asked = np.asarray(times, "datetime64[ms]")
        if asked.size and not (self.first <= asked.min() and asked.max() < self.last + _DAY):
            outside = asked.min() if not self.first <= asked.min() else asked.max()
            raise InputError(
                f"{self.name} covers {self.first} to {self.last}, not {outside.astype('datetime64[D]')}",
                field="times",
                first=str(self.first),
                last=str(self.last),
            )
        return self.leap_seconds.tdb_s(asked)

    def _subpoint(self, series: Series, times: npt.ArrayLike) -> Subpoint:
        seconds = self.tdb_s(times)
        return Subpoint(series.at(np.ravel(seconds)).reshape(3, *seconds.shape))


def apparent(body: State, observer: State) -> Floats:
    """Return the apparent vectors (3, n) in km from ``observer`` to ``body``: where its light seems to come from.

    The body is taken back along its velocity by the light time: over 500 s the Sun, and over 1.3 s the Earth, move straight
    to within some centimetres. Aberration to first order in v/c; the second order is below 0.002 arcseconds.
    """
    away = body.position_km - observer.position_km
    for _ in range(2):
        light_time = _length(away) / LIGHT_KM_S
        away = body.position_km - body.velocity_km_s * light_time - observer.position_km
    distance = _length(away)
    towards = away + observer.velocity_km_s * (distance / LIGHT_KM_S)
    return np.asarray(towards * (distance / _length(towards)))


def _length(vectors: Floats) -> Floats:
    return np.asarray(np.sqrt(np.einsum("in,in->n", vectors, vectors)))


def _milliseconds(seconds: float) -> np.timedelta64:
    return np.timedelta64(round(seconds * 1000), "ms")
