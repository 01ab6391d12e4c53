"""An orbit about the Moon: Kepler's ellipse, and how the Moon's oblateness slowly turns it.

The elements refer to the Moon's equator at the epoch: z is the pole, x the equator's ascending node on the equator of the
ICRF (the IAU's node Q), and the axes then stay fixed in space. Mean elements; the orbit's short-period wobble, the Earth's
pull and the mascons are left out. The last two move a real high orbit by degrees in months: elements serve for statistics
of contacts over weeks, for real passes they must be fresh.
"""

from dataclasses import dataclass
from enum import StrEnum
from functools import cached_property
from typing import Final, Self

import numpy as np
import numpy.typing as npt

from moonbridge.engines.moon import orientation
from moonbridge.engines.moon.ephemeris import Ephemeris
from moonbridge.engines.moon.frames import MOON, Subpoint
from moonbridge.errors import InputError

type Floats = npt.NDArray[np.float64]

GM_MOON: Final = 4902.80
"""km3/s2; Williams et al. 2014 give 4902.800."""
J2_MOON: Final = 2.0322e-4
"""From the normalised C20 = -9.0881e-5 of GRGM660PRIM (Lemoine et al. 2013), times the square root of 5."""
J2_RADIUS_KM: Final = 1738.0
"""The reference radius that belongs to :data:`J2_MOON`."""
_KEPLER_STEPS: Final = 12


class Perturbation(StrEnum):
    """What changes the ellipse with time."""

    NONE = "two bodies"
    J2 = "secular J2"
    FROZEN = "secular J2, perilune held"
    """A frozen orbit: the forces left out here (the Earth above all) keep the perilune where it is; node and anomaly still drift."""


@dataclass(frozen=True)
class Orbit:
    """An ellipse about the Moon at ``epoch`` (UTC): lengths in km, angles in degrees, and how it changes."""

    semi_major_axis_km: float
    eccentricity: float
    inclination_deg: float
    ascending_node_deg: float
    argument_of_perilune_deg: float
    mean_anomaly_deg: float
    epoch: np.datetime64
    perturbation: Perturbation = Perturbation.J2

    def __post_init__(self) -> None:
        if not 0 <= self.eccentricity < 1:
            raise InputError(
                f"an ellipse has an eccentricity from 0 to below 1, not {self.eccentricity:g}", field="eccentricity"
            )
        if self.perilune_km < MOON.radius_km:
            raise InputError(
                f"the perilune lies {MOON.radius_km - self.perilune_km:.0f} km below the surface",
                field="semi_major_axis_km",
            )

    @classmethod
    def between(
        cls,
        perilune_altitude_km: float,
        apolune_altitude_km: float,
        *,
        inclination_deg: float,
        epoch: np.datetime64,
        ascending_node_deg: float = 0.0,
        argument_of_perilune_deg: float = 90.0,
        mean_anomaly_deg: float = 0.0,
        perturbation: Perturbation = Perturbation.J2,
    ) -> Self:
        """Return the orbit between two altitudes above the sphere; by default its apolune is over the south."""
        low, high = MOON.radius_km + perilune_altitude_km, MOON.radius_km + apolune_altitude_km
        return cls(
            (low + high) / 2, (high - low) / (high + low), inclination_deg, ascending_node_deg,
            argument_of_perilune_deg, mean_anomaly_deg, epoch, perturbation,
        )  # fmt: skip

    @property
    def perilune_km(self) -> float:
        """The smallest distance from the Moon's centre."""
        return self.semi_major_axis_km * (1 - self.eccentricity)

    @property
    def apolune_km(self) -> float:
        """The greatest distance from the Moon's centre."""
        return self.semi_major_axis_km * (1 + self.eccentricity)

    @property
    def mean_motion_rad_s(self) -> float:
        """Kepler's third law."""
        return float(np.sqrt(GM_MOON / self.semi_major_axis_km**3))

    @property
    def period_h(self) -> float:
        """Kepler's period in hours."""
        return 2 * np.pi / self.mean_motion_rad_s / 3600

    @cached_property
    def rates_rad_s(self) -> tuple[float, float, float]:
        """How fast node, argument of perilune and mean anomaly move (Vallado 2013, section 9.6, first order in J2)."""
        n, e = self.mean_motion_rad_s, self.eccentricity
        if self.perturbation is Perturbation.NONE:
            return 0.0, 0.0, n
        pull = 0.75 * n * J2_MOON * (J2_RADIUS_KM / (self.semi_major_axis_km * (1 - e * e))) ** 2
        cos_i = float(np.cos(np.radians(self.inclination_deg)))
        perilune = pull * (5 * cos_i * cos_i - 1) if self.perturbation is Perturbation.J2 else 0.0
        return -2 * pull * cos_i, perilune, n + pull * float(np.sqrt(1 - e * e)) * (3 * cos_i * cos_i - 1)

    def inertial_km(self, seconds: Floats) -> Floats:
        """Return positions (3, n) in the frame of the elements, ``seconds`` (n,) after the epoch."""
        node, perilune, anomaly = (
            np.radians(angle) + rate * seconds
            for angle, rate in zip(
                (self.ascending_node_deg, self.argument_of_perilune_deg, self.mean_anomaly_deg),
                self.rates_rad_s,
                strict=True,
            )
        )
        eccentric = eccentric_anomaly(anomaly, self.eccentricity)
        along = self.semi_major_axis_km * (np.cos(eccentric) - self.eccentricity)
        across = self.semi_major_axis_km * np.sqrt(1 - self.eccentricity**2) * np.sin(eccentric)
        distance, latitude_argument = np.hypot(along, across), perilune + np.arctan2(across, along)
        tilt = np.radians(self.inclination_deg)
        level, height = np.cos(latitude_argument), np.sin(latitude_argument)
        return np.asarray(
            distance
            * np.array([
                np.cos(node) * level - np.sin(node) * height * np.cos(tilt),
                np.sin(node) * level + np.cos(node) * height * np.cos(tilt),
                height * np.sin(tilt),
            ])
        )  # fmt: skip

    def subpoint(self, times: npt.ArrayLike, ephemeris: Ephemeris) -> Subpoint:
        """Return the satellite at UTC ``times`` (any shape) in MOON_ME; light time is left out (0.06 s at most)."""
        instants, epoch = ephemeris.tdb_s(times), float(ephemeris.tdb_s(self.epoch))
        row = np.ravel(instants)
        in_icrf = orientation.equator_at(epoch).T @ self.inertial_km(row - epoch)
        vector = np.einsum("ijn,jn->in", orientation.by_series(row), in_icrf)
        return Subpoint(vector.reshape(3, *instants.shape))


def eccentric_anomaly(mean_anomaly_rad: Floats, eccentricity: float) -> Floats:
    """Return E with ``E - e sin E = M`` to 1e-12 for eccentricities up to 0.97, by Newton's method.

    From ``M + e`` (for M between 0 and pi; mirrored below) the left side is too large and convex, so that each step comes closer
    from the same side. No orbit that stays with the Moon is longer than that: its apolune would be 120,000 km away.
    """
    mean = np.mod(mean_anomaly_rad + np.pi, 2 * np.pi) - np.pi
    found = mean + eccentricity * np.sign(mean)
    for _ in range(_KEPLER_STEPS):
        found = found - (found - eccentricity * np.sin(found) - mean) / (1 - eccentricity * np.cos(found))
    return np.asarray(found)
