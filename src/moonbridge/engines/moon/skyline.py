"""What the terrain hides at one place: the elevation of the horizon all around, and what it was computed from."""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Any, Final, Self

import numpy as np
import numpy.typing as npt

from moonbridge.errors import InputError

MOON_RADIUS_M: Final = 1_737_400.0
"""The reference sphere of all heights: MOON_ME, IAU 2015 (Archinal et al. 2018, table 2; the LOLA products use the same)."""

AZIMUTHS: Final = 720
"""How many directions a skyline has unless asked otherwise: every half degree."""

SHOWN_DIGITS: Final = 12
"""So many digits of a hash tell files apart for a reader; files have all of them."""

type Floats = npt.NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Source:
    """One terrain that was used: its name, the SHA-256 of its file (None for one made in memory) and its pixel in metres."""

    name: str
    sha256: str | None
    pixel_m: float

    @property
    def hash(self) -> str:
        """The beginning of the SHA-256, as a line of text shows it."""
        return self.sha256[:SHOWN_DIGITS] if self.sha256 else "made in memory"


@dataclass(frozen=True, slots=True)
class Filled:
    """Pixels that a level of terrain does not know: how many of them the coarser ``source`` gave, or how many nothing knows (None)."""

    level: str
    pixel_m: float
    pixels: int
    source: str | None

    def __str__(self) -> str:
        where = f"{self.pixels} unknown pixels of {self.level} ({self.pixel_m:g} m)"
        return f"{where} are known in no terrain" if self.source is None else f"{where} are taken from {self.source}"


@dataclass(frozen=True, slots=True)
class Provenance:
    """From what a result was computed; None where a part does not apply or is not known.

    ``filled`` tells of holes in the terrain. ``coordinate_uncertainty_m`` is the radius of the circle within which the true place
    lies, or the longer semi-axis of an ellipse; ``coordinate_across_m`` and ``coordinate_axis_deg`` are then the shorter one and the
    azimuth of the longer one. ``threshold`` says in words what counted as lit or visible; ``command`` is the line that makes the same
    result again.
    """

    terrain: tuple[Source, ...] = ()
    mast_m: float = 0.0
    coordinate_uncertainty_m: float | None = None
    ephemeris: str | None = None
    threshold: str | None = None
    command: str | None = None
    coordinate_across_m: float | None = None
    coordinate_axis_deg: float | None = None
    filled: tuple[Filled, ...] = ()

    @property
    def known_to(self) -> str | None:
        """How well the coordinates are known, in words; None where nobody said."""
        if self.coordinate_uncertainty_m is None or self.coordinate_across_m is None:
            return None if self.coordinate_uncertainty_m is None else f"{self.coordinate_uncertainty_m:g} m"
        axes = f"{self.coordinate_uncertainty_m:g} m x {self.coordinate_across_m:g} m"
        return f"{axes}, the longer half-axis towards {self.coordinate_axis_deg:g}°"

    def as_dict(self) -> dict[str, Any]:
        """Return plain data for JSON; :meth:`from_dict` reads it back."""
        terrain = [{"name": one.name, "sha256": one.sha256, "pixel_m": one.pixel_m} for one in self.terrain]
        return {
            "terrain": terrain,
            "mast_m": self.mast_m,
            "filled": [
                {"level": one.level, "pixel_m": one.pixel_m, "pixels": one.pixels, "source": one.source}
                for one in self.filled
            ],
            "coordinate_uncertainty_m": self.coordinate_uncertainty_m,
            "coordinate_across_m": self.coordinate_across_m,
            "coordinate_axis_deg": self.coordinate_axis_deg,
            "ephemeris": self.ephemeris,
            "threshold": self.threshold,
            "command": self.command,
        }

    @classmethod
    def from_dict(cls, data: Mapping[str, Any]) -> Self:
        """Return what :meth:`as_dict` wrote."""
        terrain, filled = data["terrain"], data.get("filled", ())
        return cls(
            **{
                **data,
                "terrain": tuple(Source(**one) for one in terrain),
                "filled": tuple(Filled(**one) for one in filled),
            }
        )


@dataclass(frozen=True, eq=False)
class Skyline:
    """The horizon seen from one place.

    ``elevation_deg`` (n,) holds the horizon's elevation at the azimuths ``k * 360 / n``, clockwise from true north;
    ``distance_m`` (n,) how far away, along the sphere, the terrain stands that makes it. ``height_m`` is the height of the
    ground above the reference sphere; the eye is ``provenance.mast_m`` above it.
    """

    latitude_deg: float
    longitude_deg: float
    height_m: float
    elevation_deg: Floats
    distance_m: Floats
    provenance: Provenance

    def __post_init__(self) -> None:
        if self.elevation_deg.ndim != 1 or self.elevation_deg.size == 0:
            raise InputError("a skyline needs a row of at least one elevation", field="elevation_deg")
        if self.elevation_deg.shape != self.distance_m.shape:
            raise InputError(
                "a skyline needs a distance for each elevation",
                field="distance_m",
                elevations=self.elevation_deg.size,
                distances=self.distance_m.size,
            )

    @classmethod
    def level(cls, latitude_deg: float, longitude_deg: float, mast_m: float = 0.0, n: int = AZIMUTHS) -> Self:
        """Return the horizon of the bare sphere: a little below the horizontal for an eye on a mast, else at zero.

        The dip is ``acos(R / (R + h))`` for an eye at the height ``h``.
        """
        dip_rad = np.arccos(MOON_RADIUS_M / (MOON_RADIUS_M + mast_m))
        return cls(
            latitude_deg,
            longitude_deg,
            0.0,
            np.full(n, -np.degrees(dip_rad)),
            np.full(n, MOON_RADIUS_M * dip_rad),
            Provenance(mast_m=mast_m),
        )

    @property
    def azimuth_deg(self) -> Floats:
        """The azimuths (n,), clockwise from true north."""
        return np.arange(self.elevation_deg.size, dtype=np.float64) * (360.0 / self.elevation_deg.size)

    @cached_property
    def _closed(self) -> Floats:
        """The elevations with the first one again at the end, so that the last interval has both its ends."""
        return np.concatenate([self.elevation_deg, self.elevation_deg[:1]])

    def at(self, azimuth_deg: npt.ArrayLike) -> Floats:
        """Return the horizon's elevation in degrees at any azimuths (any shape), interpolated linearly around the circle."""
        count = self.elevation_deg.size
        place = np.asarray(np.mod(azimuth_deg, 360.0) * (count / 360.0))
        below = np.minimum(place.astype(np.intp), count - 1)
        part = place - below
        low = self._closed[below]
        return np.asarray(low + part * (self._closed[below + 1] - low))
