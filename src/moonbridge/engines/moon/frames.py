"""Where things are: vectors in MOON_ME, directions in the sky of a site, and distances along the sphere.

Angles are degrees, azimuths clockwise from true north, longitudes eastward. The Moon is the sphere of MOON_ME (IAU 2015).
"""

from dataclasses import dataclass
from functools import cached_property
from typing import Final, NamedTuple, Self

import numpy as np
import numpy.typing as npt

from moonbridge.engines.moon.skyline import MOON_RADIUS_M

type Floats = npt.NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Body:
    """A body that shows a disc: its name and its mean radius."""

    name: str
    radius_km: float


SUN: Final = Body("Sun", 695_700.0)
"""The nominal solar radius (IAU 2015 Resolution B3)."""
EARTH: Final = Body("Earth", 6_371.0084)
"""The mean radius (Archinal et al. 2018, table 1); the equator reaches 0.11 % further."""
MOON: Final = Body("Moon", MOON_RADIUS_M / 1000)


def angular_radius_deg(body: Body, distance_km: npt.ArrayLike) -> Floats:
    """Return half the angle under which ``body`` appears from ``distance_km``, measured to its centre."""
    return np.degrees(np.arcsin(body.radius_km / np.asarray(distance_km)))


@dataclass(frozen=True, eq=False)
class Subpoint:
    """Where a body stands as seen from the Moon's centre: ``vector_km`` (3, ...) in MOON_ME.

    The body is in the zenith at the point of the sphere with its ``longitude_deg`` (-180 to 180) and ``latitude_deg``.
    """

    vector_km: Floats

    @classmethod
    def of(cls, longitude_deg: npt.ArrayLike, latitude_deg: npt.ArrayLike, distance_km: npt.ArrayLike) -> Self:
        """Return the subpoint with these coordinates (arrays that broadcast)."""
        return cls(unit_vector(latitude_deg, longitude_deg) * np.asarray(distance_km))

    @cached_property
    def longitude_deg(self) -> Floats:
        """East longitude, -180 to 180."""
        return np.asarray(np.degrees(np.arctan2(self.vector_km[1], self.vector_km[0])))

    @cached_property
    def latitude_deg(self) -> Floats:
        """Latitude, north positive."""
        level = np.hypot(self.vector_km[0], self.vector_km[1])
        return np.asarray(np.degrees(np.arctan2(self.vector_km[2], level)))

    @cached_property
    def distance_km(self) -> Floats:
        """Distance between the centres."""
        return np.asarray(np.sqrt(np.einsum("i...,i...->...", self.vector_km, self.vector_km)))


class Topocentric(NamedTuple):
    """A direction in the sky of a site, and how far away the body's centre is."""

    azimuth_deg: Floats
    elevation_deg: Floats
    distance_km: Floats


def unit_vector(latitude_deg: npt.ArrayLike, longitude_deg: npt.ArrayLike) -> Floats:
    """Return the direction (3, ...) of a place from the Moon's centre."""
    latitude, longitude = np.broadcast_arrays(np.radians(latitude_deg), np.radians(longitude_deg))
    flat = np.cos(latitude)
    return np.stack([flat * np.cos(longitude), flat * np.sin(longitude), np.sin(latitude)])


def local_axes(latitude_deg: float, longitude_deg: float) -> Floats:
    """Return the rows east, north and up (3, 3) of a site; at a pole its longitude says where north lies."""
    sin_lat, cos_lat = np.sin(np.radians(latitude_deg)), np.cos(np.radians(latitude_deg))
    sin_lon, cos_lon = np.sin(np.radians(longitude_deg)), np.cos(np.radians(longitude_deg))
    return np.array([
        [-sin_lon, cos_lon, 0.0],
        [-sin_lat * cos_lon, -sin_lat * sin_lon, cos_lat],
        [cos_lat * cos_lon, cos_lat * sin_lon, sin_lat],
    ])  # fmt: skip


def azimuth_elevation(
    subpoint: Subpoint, latitude_deg: float, longitude_deg: float, height_m: float = 0.0
) -> Topocentric:
    """Return where a body stands in the sky of a site ``height_m`` above the sphere.

    Parallax is included: it lowers the Earth by up to 0.26 degrees, the Sun by 0.0007. The Moon has no air, so nothing is
    refracted.
    """
    shape = subpoint.vector_km.shape
    local = local_axes(latitude_deg, longitude_deg) @ subpoint.vector_km.reshape(3, -1)
    east, north, up = local.reshape(shape)
    up = up - (MOON_RADIUS_M + height_m) / 1000
    level_squared = east * east + north * north
    azimuth = np.degrees(np.arctan2(east, north))
    return Topocentric(
        np.where(azimuth < 0, azimuth + 360.0, azimuth),
        np.degrees(np.arctan2(up, np.sqrt(level_squared))),
        np.sqrt(level_squared + up * up),
    )


def distance_m(
    latitude_deg: npt.ArrayLike, longitude_deg: npt.ArrayLike, from_latitude_deg: float, from_longitude_deg: float
) -> Floats:
    """Return the distance along the sphere between places and one place, exact for short ways too."""
    there = np.moveaxis(unit_vector(latitude_deg, longitude_deg), 0, -1)
    between = there - unit_vector(from_latitude_deg, from_longitude_deg)
    chord = np.sqrt(np.einsum("...i,...i->...", between, between))
    return np.asarray(2 * MOON_RADIUS_M * np.arcsin(np.minimum(chord / 2, 1.0)))


def destination(
    latitude_deg: float, longitude_deg: float, azimuth_deg: npt.ArrayLike, way_m: npt.ArrayLike
) -> tuple[Floats, Floats]:
    """Return latitude and longitude (-180 to 180) after ``way_m`` along the great circle that leaves a place at ``azimuth_deg``."""
    east, north, up = local_axes(latitude_deg, longitude_deg)
    azimuth, turn = np.broadcast_arrays(np.radians(azimuth_deg), np.asarray(way_m, float) / MOON_RADIUS_M)
    along = np.multiply.outer(east, np.sin(azimuth)) + np.multiply.outer(north, np.cos(azimuth))
    arrived = Subpoint(np.multiply.outer(up, np.cos(turn)) + along * np.sin(turn))
    return arrived.latitude_deg, arrived.longitude_deg
