"""How the Moon is turned: rotation matrices from the ICRF to MOON_ME, the mean-Earth frame of all lunar maps.

The periodic series are those of the IAU/IAG Working Group on Cartographic Coordinates and Rotational Elements (Archinal et
al. 2011, Celestial Mechanics 109, 101, section 3; NAIF's pck00010.tpc and pck00011.tpc carry the same numbers). Against the
numerically integrated libration of DE421 they stay within 15 arcseconds, 125 m on the ground. Who needs more hands in the
Euler angles of a binary kernel (:func:`from_euler_angles`).
"""

from typing import Final

import numpy as np
import numpy.typing as npt

type Floats = npt.NDArray[np.float64]

DAY_S: Final = 86_400.0
_CENTURY_DAYS: Final = 36_525.0
_ARCSECOND: Final = np.pi / 648_000

_ARGUMENTS: Final = np.array([
    (125.045, -0.0529921), (250.089, -0.1059842), (260.008, 13.0120009), (176.625, 13.3407154), (357.529, 0.9856003),
    (311.589, 26.4057084), (134.963, 13.0649930), (276.617, 0.3287146), (34.226, 1.7484877), (15.134, -0.1589763),
    (119.743, 0.0036096), (239.961, 0.1643573), (25.053, 12.9590088),
])  # fmt: skip
"""E1 to E13: degrees at J2000 and degrees per day."""

_POLE: Final = np.array([
    (-3.8787, 1.5419), (-0.1204, 0.0239), (0.0700, -0.0278), (-0.0172, 0.0068), (0, 0), (0.0072, -0.0029), (0, 0.0009),
    (0, 0), (0, 0), (-0.0052, 0.0008), (0, 0), (0, 0), (0.0043, -0.0009),
])  # fmt: skip
"""Of each argument, its sine in the pole's right ascension and its cosine in the pole's declination, in degrees."""

_MERIDIAN: Final = np.array([
    3.5610, 0.1208, -0.0642, 0.0158, 0.0252, -0.0066, -0.0047, -0.0046, 0.0028, 0.0052, 0.0040, 0.0019, -0.0044,
])  # fmt: skip
"""The sine of each argument in the angle of the prime meridian, in degrees."""

MEAN_EARTH_OFFSETS_ARCSEC: Final = {"DE421": (67.92, 78.56, 0.30), "DE440": (67.8526, 78.6944, 0.2785)}
"""Turns about z, y and x from the mean-Earth frame to the principal axes of an ephemeris.

Sources: NAIF, moon_080317.tf (DE421, after Williams, Boggs and Folkner 2008); Park et al. 2021, Astronomical Journal 161, 105 (DE440).
"""


def by_series(tdb_s: Floats) -> Floats:
    """Return the matrices (3, 3, n) from the ICRF to MOON_ME at ``tdb_s`` (n,), TDB seconds after J2000, by the IAU series."""
    return _by_angles(*_node_tilt_turn(tdb_s))


def equator_at(tdb_s: float) -> Floats:
    """Return the matrix (3, 3) from the ICRF to the Moon's equator of an instant: z its pole, x its node on the ICRF's equator."""
    node, tilt, _ = _node_tilt_turn(np.array([tdb_s]))
    return _by_angles(node, tilt, np.zeros(1))[..., 0]


def _node_tilt_turn(tdb_s: Floats) -> tuple[Floats, Floats, Floats]:
    """Return the Euler angles of the IAU series in radians."""
    days = tdb_s / DAY_S
    arguments = np.radians(_ARGUMENTS[:, :1] + _ARGUMENTS[:, 1:] * days)
    sines, cosines = np.sin(arguments), np.cos(arguments)
    centuries = days / _CENTURY_DAYS
    right_ascension = 269.9949 + 0.0031 * centuries + _POLE[:, 0] @ sines
    declination = 66.5392 + 0.0130 * centuries + _POLE[:, 1] @ cosines
    meridian = 38.3213 + 13.17635815 * days - 1.4e-12 * days**2 + _MERIDIAN @ sines
    return np.radians(right_ascension + 90), np.radians(90 - declination), np.radians(meridian)


def from_euler_angles(angles_rad: Floats, ephemeris: str) -> Floats:
    """Return the matrices (3, 3, n) from the ICRF to MOON_ME for the libration angles (3, n) of a binary kernel.

    ``angles_rad`` are the 3-1-3 Euler angles of the principal axes, as NAIF's moon_pa kernels hold them; ``ephemeris`` names
    the frame they belong to, one of :data:`MEAN_EARTH_OFFSETS_ARCSEC`.
    """
    z, y, x = (-angle * _ARCSECOND for angle in MEAN_EARTH_OFFSETS_ARCSEC[ephemeris])
    to_mean_earth = _about_x(x) @ _about_y(y) @ _about_z(z)
    return np.asarray(np.einsum("ij,jkn->ikn", to_mean_earth, _by_angles(*angles_rad)))


def _by_angles(node: Floats, tilt: Floats, turn: Floats) -> Floats:
    """Return Rz(turn) Rx(tilt) Rz(node), written out."""
    cn, sn, ct, st, cw, sw = np.cos(node), np.sin(node), np.cos(tilt), np.sin(tilt), np.cos(turn), np.sin(turn)
    return np.array([
        [cw * cn - sw * ct * sn, cw * sn + sw * ct * cn, sw * st],
        [-sw * cn - cw * ct * sn, -sw * sn + cw * ct * cn, cw * st],
        [st * sn, -st * cn, ct],
    ])  # fmt: skip


def _about_x(angle: float) -> Floats:
    c, s = np.cos(angle), np.sin(angle)
    return np.array([[1.0, 0.0, 0.0], [0.0, c, s], [0.0, -s, c]])


def _about_y(angle: float) -> Floats:
    c, s = np.cos(angle), np.sin(angle)
    return np.array([[c, 0.0, -s], [0.0, 1.0, 0.0], [s, 0.0, c]])


def _about_z(angle: float) -> Floats:
    c, s = np.cos(angle), np.sin(angle)
    return np.array([[c, s, 0.0], [-s, c, 0.0], [0.0, 0.0, 1.0]])
