"""A relay satellite over a site: Queqiao-2's published orbits, and its passes over a skyline."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Final

import numpy as np

from moonbridge.engines.moon.ephemeris import Ephemeris
from moonbridge.engines.moon.frames import Topocentric, azimuth_elevation
from moonbridge.engines.moon.orbit import Orbit, Perturbation
from moonbridge.engines.moon.skyline import Skyline
from moonbridge.engines.moon.visibility import clearance_deg, eye_height_m
from moonbridge.engines.moon.windows import SECOND, Condition, Times, Truths, windows
from moonbridge.errors import InputError

RELAY_STEP: Final = np.timedelta64(1, "m")
"""Near its perilune a relay crosses the sky in minutes."""
_EPOCH: Final = np.datetime64("2027-01-01T00:00:00")


@dataclass(frozen=True, slots=True)
class Preset:
    """An orbit that somebody published, and what was not published.

    ``published_period_h`` is the period that the sources give; ``sources`` maps their names in the catalogue to their titles;
    ``assumed`` names the elements that no source gives: with them the hours of single passes are examples, only their
    lengths, gaps and number say something about the real satellite.
    """

    name: str
    title: str
    orbit: Orbit
    published_period_h: float
    sources: Mapping[str, str]
    assumed: tuple[str, ...]
    note: str


_ANGLES_NOT_PUBLISHED: Final = ("ascending_node_deg", "mean_anomaly_deg", "epoch")
_FRAME_NOT_PUBLISHED: Final = "The source does not say what the inclination refers to; the Moon's equator is assumed."

PRESETS: Final = {
    preset.name: preset
    for preset in (
        Preset(
            "queqiao2-24h",
            "Queqiao-2, elliptical frozen orbit for Chang'e-6",
            Orbit.between(200, 16_000, inclination_deg=62.4, epoch=_EPOCH, perturbation=Perturbation.FROZEN),
            24.0,
            {
                "qq2_cnsa": "CNSA April 2024, Queqiao-2 mission complete success (reposted)",
                "qq2_wiki": "Wikipedia copy, Queqiao-2 (mid 2024)",
            },
            (*_ANGLES_NOT_PUBLISHED, "argument_of_perilune_deg"),
            "CNSA tells the frozen ellipse of 24 h, the numbers are from Wikipedia. Apolune over the south is published; 90 degrees"
            f" for the argument of perilune follow from it. {_FRAME_NOT_PUBLISHED}",
        ),
        Preset(
            "queqiao2-12h",
            "Queqiao-2, design for the south pole missions",
            Orbit.between(300, 8_600, inclination_deg=55, epoch=_EPOCH, perturbation=Perturbation.FROZEN),
            12.0,
            {"qq2_bd": "Reuters/bdnews24 2024-03-20, Queqiao-2", "qq2_sn": "SpaceNews copy, Queqiao-2 rollout"},
            (*_ANGLES_NOT_PUBLISHED, "argument_of_perilune_deg"),
            "A plan, with 8 h of contact per revolution. That the apolune is over the south and stays there is assumed."
            f" {_FRAME_NOT_PUBLISHED}",
        ),
        Preset(
            "queqiao2-measured",
            "Queqiao-2, measured orbit",
            Orbit(
                (1_991.69 + 18_678.5) / 2, (18_678.5 - 1_991.69) / (18_678.5 + 1_991.69), 119.249, 0.0, 90.0, 0.0, _EPOCH,
                Perturbation.FROZEN,
            ),
            26.18,
            {"qq2_wiki2": "Wikipedia copy, Queqiao-2 (Nov 2024, measured orbit)"},
            (*_ANGLES_NOT_PUBLISHED, "argument_of_perilune_deg"),
            "1,991.69 x 18,678.5 km are read as distances from the Moon's centre: those have the published period of 26.18 h, as altitudes"
            " they would have 33.1 h. Retrograde, where the other source has 62.4 degrees: they contradict each other. That the"
            f" apolune is over the south and stays there is assumed. {_FRAME_NOT_PUBLISHED}",
        ),
    )
}  # fmt: skip
"""Every published orbit of Queqiao-2, by the name that the command line knows."""


@dataclass(frozen=True, slots=True)
class Pass:
    """One time that the relay is above the skyline, to the second.

    ``begun`` and ``lasting`` say that the rise or the set lies outside of the search. Azimuths are true, elevations are
    above the horizontal, ranges from the site's eye to the satellite.
    """

    rise: np.datetime64
    set: np.datetime64
    begun: bool
    lasting: bool
    rise_azimuth_deg: float
    set_azimuth_deg: float
    highest: np.datetime64
    highest_elevation_deg: float
    nearest_km: float
    farthest_km: float

    @property
    def duration(self) -> np.timedelta64:
        """How long the pass lasts within the search."""
        return self.set - self.rise


def preset(name: str) -> Preset:
    """Return the published orbit of that name; InputError that lists the names for another."""
    if name not in PRESETS:
        raise InputError(f"no relay is called {name!r}; there are {', '.join(PRESETS)}", field="relay")
    return PRESETS[name]


def seen_from(skyline: Skyline, orbit: Orbit, ephemeris: Ephemeris, times: Times) -> Topocentric:
    """Return where the relay stands in the sky of a site."""
    subpoint = orbit.subpoint(times, ephemeris)
    return azimuth_elevation(subpoint, skyline.latitude_deg, skyline.longitude_deg, eye_height_m(skyline))


def relay_visible(skyline: Skyline, orbit: Orbit, ephemeris: Ephemeris, *, mask_deg: float | None = None) -> Condition:
    """Return when a relay is above the skyline and above ``mask_deg`` (no mask: None)."""

    def holds(times: Times) -> Truths:
        return np.asarray(clearance_deg(skyline, seen_from(skyline, orbit, ephemeris, times), mask_deg=mask_deg) > 0)

    return Condition("relay", holds, RELAY_STEP)


def passes(
    skyline: Skyline,
    orbit: Orbit,
    ephemeris: Ephemeris,
    start: np.datetime64 | str,
    end: np.datetime64 | str,
    *,
    mask_deg: float | None = None,
    minimum: np.timedelta64 = SECOND,
) -> list[Pass]:
    """Return each pass of a relay over a site from ``start`` until ``end`` (UTC) that lasts at least ``minimum``."""
    visible = relay_visible(skyline, orbit, ephemeris, mask_deg=mask_deg)
    found = windows(visible, start, end, minimum=minimum)
    passed = [_pass(skyline, orbit, ephemeris, window.start, window.end) for window in found]
    return [replace(one, begun=window.begun, lasting=window.lasting) for one, window in zip(passed, found, strict=True)]


def _pass(skyline: Skyline, orbit: Orbit, ephemeris: Ephemeris, rise: np.datetime64, fall: np.datetime64) -> Pass:
    times = np.append(np.arange(rise, fall, RELAY_STEP), fall - SECOND)
    seen = seen_from(skyline, orbit, ephemeris, times)
    about = times[int(np.argmax(seen.elevation_deg))]
    closely = np.arange(max(rise, about - RELAY_STEP), min(fall, about + RELAY_STEP), SECOND)
    elevation = seen_from(skyline, orbit, ephemeris, closely).elevation_deg
    top = int(np.argmax(elevation))
    return Pass(
        rise,
        fall,
        begun=False,
        lasting=False,
        rise_azimuth_deg=float(seen.azimuth_deg[0]),
        set_azimuth_deg=float(seen.azimuth_deg[-1]),
        highest=closely[top],
        highest_elevation_deg=float(elevation[top]),
        nearest_km=float(seen.distance_km.min()),
        farthest_km=float(seen.distance_km.max()),
    )
