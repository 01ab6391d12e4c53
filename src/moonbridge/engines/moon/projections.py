"""The two map projections of lunar terrain, on the sphere, between unit vectors in MOON_ME and map metres.

Working with unit vectors keeps the poles free of singular longitudes and needs no trigonometry in the stereographic case.
"""

from dataclasses import dataclass
from functools import cached_property
from typing import Final

import numpy as np
import numpy.typing as npt

from moonbridge.engines.moon.frames import local_axes, unit_vector
from moonbridge.engines.moon.skyline import MOON_RADIUS_M, Floats

POLAR_DEG: Final = 90.0


def unit_vectors(latitude_deg: npt.ArrayLike, longitude_deg: npt.ArrayLike) -> Floats:
    """Return unit vectors (..., 3) in MOON_ME for points in degrees."""
    return np.moveaxis(unit_vector(latitude_deg, longitude_deg), 0, -1)


def degrees(vectors: Floats) -> tuple[Floats, Floats]:
    """Return latitude and longitude (0 to 360, east) in degrees of vectors (..., 3) of any length."""
    x, y, z = vectors[..., 0], vectors[..., 1], vectors[..., 2]
    return np.degrees(np.arctan2(z, np.hypot(x, y))), np.mod(np.degrees(np.arctan2(y, x)), 360.0)


@dataclass(frozen=True)
class Stereographic:
    """The stereographic projection with true scale at its centre; conformal, so that angles on the map are angles on the ground.

    With the centre at a pole and ``longitude_deg`` 0 this is the polar stereographic frame of LOLA: in the south
    ``x = rho sin lon, y = rho cos lon`` and grid azimuth is longitude, in the north ``y = -rho cos lon``.
    """

    latitude_deg: float
    longitude_deg: float = 0.0

    @cached_property
    def axes(self) -> Floats:
        """East, north and up at the centre, as rows (3, 3): x, y and the third axis of the map's frame."""
        return local_axes(self.latitude_deg, self.longitude_deg)

    def from_vectors(self, vectors: Floats) -> tuple[Floats, Floats]:
        """Return map metres x, y of unit vectors (..., 3); the point opposite the centre is nowhere on the map: NaN or infinite."""
        east, north, up = np.moveaxis(vectors @ self.axes.T, -1, 0)
        with np.errstate(divide="ignore", invalid="ignore"):
            scale = 2.0 * MOON_RADIUS_M / (1.0 + up)
            return east * scale, north * scale

    def to_vectors(self, x_m: npt.ArrayLike, y_m: npt.ArrayLike) -> Floats:
        """Return unit vectors (..., 3) of map metres."""
        x, y = np.broadcast_arrays(np.asarray(x_m) / MOON_RADIUS_M, np.asarray(y_m) / MOON_RADIUS_M)
        quarter = (x * x + y * y) / 4.0
        local = np.stack([x, y, 1.0 - quarter], axis=-1) / (1.0 + quarter)[..., None]
        return np.asarray(local @ self.axes)

    def north_deg(self, x_m: float, y_m: float) -> float:
        """Return the grid azimuth of true north at a point: add it to a true azimuth to get the azimuth on the grid."""
        here = self.to_vectors(x_m, y_m)
        lat, lon = degrees(here)
        east, north, up = self.axes @ here
        d_east, d_north, d_up = self.axes @ local_axes(float(lat), float(lon))[1]
        # the derivative of e / (1 + u) along true north, both components times (1 + u)^2
        return float(np.degrees(np.arctan2(d_east * (1 + up) - east * d_up, d_north * (1 + up) - north * d_up)))


@dataclass(frozen=True)
class Equirectangular:
    """Longitude and latitude as x and y, in metres along the equator (``x = R lon cos lat_ts``, ``y = R lat``)."""

    longitude_deg: float = 0.0
    true_scale_latitude_deg: float = 0.0

    @property
    def turn_m(self) -> float:
        """How many metres of x are once around the Moon."""
        return float(2 * np.pi * MOON_RADIUS_M * np.cos(np.radians(self.true_scale_latitude_deg)))

    def from_vectors(self, vectors: Floats) -> tuple[Floats, Floats]:
        """Return map metres x (within half a turn of the central longitude), y of unit vectors (..., 3)."""
        lat, lon = degrees(vectors)
        turned = np.mod(lon - self.longitude_deg + 180.0, 360.0) - 180.0
        return turned / 360.0 * self.turn_m, np.radians(lat) * MOON_RADIUS_M

    def to_vectors(self, x_m: npt.ArrayLike, y_m: npt.ArrayLike) -> Floats:
        """Return unit vectors (..., 3) of map metres."""
        lon = np.asarray(x_m) / self.turn_m * 360.0 + self.longitude_deg
        return unit_vectors(np.degrees(np.asarray(y_m) / MOON_RADIUS_M), lon)


type Projection = Stereographic | Equirectangular

SOUTH: Final = Stereographic(-POLAR_DEG)
NORTH: Final = Stereographic(POLAR_DEG)


def polar_stereographic(latitude_deg: npt.ArrayLike, longitude_deg: npt.ArrayLike) -> tuple[Floats, Floats]:
    """Return x and y in metres on the polar map of the hemisphere that the places lie in; the equator is north.

    In the south longitude 0 points up, in the north down (Snyder 1987, page 158). All places lie in one hemisphere.
    """
    polar = NORTH if np.all(np.asarray(latitude_deg) >= 0) else SOUTH
    return polar.from_vectors(unit_vectors(latitude_deg, longitude_deg))
