"""A second theory of the Moon's libration: Meeus, Astronomical Algorithms (2nd ed. 1998), chapter 53.

Its series are those of D. H. Eckhardt (The Moon and the Planets 25, 1981, 3): a Lagrangian theory of the physical libration,
in the ecliptic of date, with nothing in common with the trigonometric series in right ascension, declination and W that the
product uses.

The book refers to the Moon's principal axes: two terms in F alone (-0.02245 sin F in rho, 0.02244 cos F in sigma) are nothing
but their constant tilt of 81 arcseconds against the mean-Earth axes of all maps (78.56 in NAIF's moon_080317.tf for DE421).
They are left out here, so that the result is in mean-Earth axes.
"""

import numpy as np
from numpy import cos, sin

_INCLINATION = np.radians(1.54242)
_TAU = [
    (0.00473, (0, 0, 2, -2)), (-0.00467, (0, 0, 1, 0)), (0.00276, (-2, 0, 2, 0)), (0.00115, (-2, 0, 1, 0)), (-0.00096, (-1, 0, 1, 0)),
    (0.00046, (-2, 0, 0, 2)), (-0.00039, (0, 0, 1, -1)), (-0.00032, (-1, -1, 1, 0)), (0.00027, (-2, -1, 2, 0)), (-0.00014, (2, 0, 0, 0)),
    (-0.00012, (0, 0, 1, -2)), (-0.00012, (0, 0, 2, 0)), (0.00011, (-2, -2, 2, 0)),
]  # fmt: skip
_RHO_COS = [
    (-0.02752, (0, 0, 1, 0)), (0.00684, (0, 0, 1, -2)), (-0.00293, (0, 0, 0, 2)), (-0.00085, (-2, 0, 0, 2)), (-0.00054, (-2, 0, 1, 0)),
    (-0.00020, (0, 0, 1, 2)), (-0.00020, (0, 0, 1, -1)), (0.00014, (-2, 0, 1, 2)),
]  # fmt: skip
_RHO_SIN = [(-0.00020, (0, 0, 1, 1))]
_SIGMA_SIN = [
    (-0.02816, (0, 0, 1, 0)), (-0.00682, (0, 0, 1, -2)), (-0.00279, (0, 0, 0, 2)), (-0.00083, (-2, 0, 0, 2)), (0.00069, (-2, 0, 1, 0)),
    (-0.00025, (0, 0, 2, 0)), (-0.00023, (0, 0, 1, 2)), (0.00019, (0, 0, 1, -1)), (0.00013, (-2, 0, 1, 2)),
]  # fmt: skip
_SIGMA_COS = [(0.00040, (0, 0, 1, 1)), (0.00020, (0, 0, 1, -1)), (-0.00010, (0, 0, 1, -3))]


def subpoint_deg(
    ecliptic_longitude_deg: np.ndarray,
    ecliptic_latitude_deg: np.ndarray,
    nutation_deg: np.ndarray,
    centuries: np.ndarray,
) -> tuple[np.ndarray, np.ndarray]:
    """Return longitude and latitude on the Moon under a body that is seen from the Moon's centre in an ecliptic direction.

    The direction is that of the true equinox and ecliptic of date; ``nutation_deg`` is the nutation in longitude.
    """
    T = centuries  # noqa: N806 - the book's letter
    D = np.radians(297.8501921 + 445267.1114034 * T - 0.0018819 * T**2)  # noqa: N806
    M = np.radians(357.5291092 + 35999.0502909 * T - 0.0001536 * T**2)  # noqa: N806
    M1 = np.radians(134.9633964 + 477198.8675055 * T + 0.0087414 * T**2)  # noqa: N806
    F = np.radians(93.2720950 + 483202.0175233 * T - 0.0036539 * T**2)  # noqa: N806
    node = np.radians(125.0445479 - 1934.1362891 * T + 0.0020754 * T**2)
    # The book looks from the body to the Moon.
    longitude, latitude = np.radians(ecliptic_longitude_deg + 180), np.radians(-ecliptic_latitude_deg)
    W = longitude - np.radians(nutation_deg) - node  # noqa: N806
    sin_i, cos_i = sin(_INCLINATION), cos(_INCLINATION)
    A = np.arctan2(sin(W) * cos(latitude) * cos_i - sin(latitude) * sin_i, cos(W) * cos(latitude))  # noqa: N806
    b = np.arcsin(-sin(W) * cos(latitude) * sin_i - sin(latitude) * cos_i)

    def total(terms: list, function: np.ufunc) -> np.ndarray:
        return sum(size * function(d * D + m * M + m1 * M1 + f * F) for size, (d, m, m1, f) in terms)

    eccentricity = 1 - 0.002516 * T - 0.0000074 * T**2
    tau = (
        total(_TAU, sin)
        + 0.02520 * eccentricity * sin(M)
        + 0.00396 * sin(np.radians(119.75 + 131.849 * T))
        + 0.00023 * sin(np.radians(72.56 + 20.186 * T))
        + 0.00196 * sin(node)
        - 0.00183 * cos(M1 - F)
        + 0.00014 * cos(2 * M1 - 2 * F)
    )
    rho = total(_RHO_COS, cos) + total(_RHO_SIN, sin)
    sigma = total(_SIGMA_SIN, sin) + total(_SIGMA_COS, cos)
    east = np.degrees(A - F) - tau + (rho * cos(A) + sigma * sin(A)) * np.tan(b)
    north = np.degrees(b) + sigma * cos(A) - rho * sin(A)
    return (east + 180) % 360 - 180, north
