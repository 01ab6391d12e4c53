"""Paths for the pictures of a page: the skyline with Sun and Earth, a year as rows of days, a map with places.

Numbers only; words, colours and what a screen reader says belong to the templates and the style sheet.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Final

import numpy as np

from moonbridge.engines.moon.ephemeris import Ephemeris
from moonbridge.engines.moon.light import hours
from moonbridge.engines.moon.projections import polar_stereographic
from moonbridge.engines.moon.skyline import MOON_RADIUS_M, Floats, Skyline
from moonbridge.engines.moon.years import Band, Year, band, track

LEFT: Final = 40
WIDTH: Final = 720
TOP: Final = 10
HEIGHT: Final = 210
_LIBRATION_DEG: Final = 7.0
"""So far the Earth rises over the horizon of a pole."""
_STEPS_DEG: Final = (1, 2, 5, 10, 15)
_MOST_LINES: Final = 7
_HALF_TURN: Final = 180.0


@dataclass(frozen=True, slots=True)
class Tick:
    """A line of a scale: where it is, and what is written beside it."""

    at: float
    text: str


@dataclass(frozen=True, slots=True)
class Panorama:
    """The view all around, north at both ends: paths in the coordinates of ``box``."""

    ground: str
    sun: list[str]
    earth: str
    elevations: list[Tick]
    azimuths: list[Tick]
    level: float
    """Where the horizontal plane lies."""
    left: int = LEFT
    right: int = LEFT + WIDTH
    top: int = TOP
    bottom: int = TOP + HEIGHT

    @property
    def box(self) -> str:
        """The viewBox."""
        return f"0 0 {LEFT + WIDTH + 12} {TOP + HEIGHT + 26}"


def panorama(skyline: Skyline, ephemeris: Ephemeris, year: int) -> Panorama:
    """Return the skyline of a place with the band of the Sun and the way of the Earth over a year."""
    times = hours(f"{year:04d}-01-01", f"{year + 1:04d}-01-01")
    seen = band(skyline, ephemeris.sun(times))
    azimuth, elevation = track(skyline, ephemeris.earth(times[::24]))
    low = float(np.floor(min(skyline.elevation_deg.min(), -1.0) - 0.5))
    high = float(np.ceil(max(skyline.elevation_deg.max(), _reach(skyline.latitude_deg)) + 0.5))
    scale = _Scale(low, high)
    return Panorama(
        _ground(skyline, scale),
        [_band_path(part, scale) for part in _parts(seen)],
        _earth_path(azimuth, elevation, scale),
        scale.lines(),
        [Tick(scale.x(k * 45.0), str(k * 45)) for k in range(9)],
        scale.y(0.0),
    )


def _reach(latitude_deg: float) -> float:
    """Return how high the Sun (anywhere) and the Earth (near a pole) come at most."""
    return min(90.0, 90.0 - abs(latitude_deg) + _LIBRATION_DEG)


@dataclass(frozen=True, slots=True)
class _Scale:
    """From degrees to the picture."""

    low: float
    high: float

    def x(self, azimuth: float) -> float:
        return round(LEFT + azimuth / 360.0 * WIDTH, 1)

    def y(self, elevation: float) -> float:
        inside = min(max(elevation, self.low), self.high)
        return round(TOP + (self.high - inside) / (self.high - self.low) * HEIGHT, 1)

    def points(self, azimuths: Iterable[float], elevations: Iterable[float]) -> str:
        return " ".join(f"{self.x(a):g} {self.y(e):g}" for a, e in zip(azimuths, elevations, strict=True))

    def lines(self) -> list[Tick]:
        span = self.high - self.low
        step = next((one for one in _STEPS_DEG if span / one <= _MOST_LINES), _STEPS_DEG[-1])
        first = int(np.ceil(self.low / step)) * step
        return [Tick(self.y(value), f"{value}°".replace("-", "−")) for value in range(first, int(self.high) + 1, step)]


def _ground(skyline: Skyline, scale: _Scale) -> str:
    azimuths = [*skyline.azimuth_deg.tolist(), 360.0]
    heights = [*skyline.elevation_deg.tolist(), float(skyline.elevation_deg[0])]
    floor = TOP + HEIGHT
    return f"M{LEFT} {floor}L{scale.points(azimuths, heights)}V{floor}Z"


def _parts(seen: Band) -> Iterator[Band]:
    """Yield the stretches of directions that the Sun comes to."""
    met = np.isfinite(seen.low_deg)
    edges = np.flatnonzero(np.diff(np.concatenate([[False], met, [False]])))
    for begin, end in zip(edges[::2], edges[1::2], strict=True):
        low, high = (np.full_like(values, np.nan) for values in (seen.low_deg, seen.high_deg))
        low[begin:end], high[begin:end] = seen.low_deg[begin:end], seen.high_deg[begin:end]
        yield Band(low, high)


def _band_path(seen: Band, scale: _Scale) -> str:
    met = np.flatnonzero(np.isfinite(seen.low_deg))
    azimuths, half = seen.azimuth_deg[met], 180.0 / seen.low_deg.size
    around = [azimuths[0] - half, *azimuths, azimuths[-1] + half]
    low, high = (_ends(values[met]) for values in (seen.low_deg, seen.high_deg))
    return f"M{scale.points(around, high)}L{scale.points(around[::-1], low[::-1])}Z"


def _ends(values: Floats) -> Floats:
    return np.concatenate([values[:1], values, values[-1:]])


def _earth_path(azimuths: Floats, elevations: Floats, scale: _Scale) -> str:
    """Return the way of the Earth, day by day; it is broken where it leaves the picture at a side or below."""
    path, before = "", None
    for azimuth, elevation in zip(azimuths.tolist(), elevations.tolist(), strict=True):
        hidden = elevation < scale.low
        if not hidden:
            joined = before is not None and abs(azimuth - before) < _HALF_TURN
            path += f"{'L' if joined else 'M'}{scale.x(azimuth):g} {scale.y(elevation):g}"
        before = None if hidden else azimuth
    return path


@dataclass(frozen=True, slots=True)
class StripRow:
    """One row of days: what it shows, its share of the year in percent, and an area as high as each day's share."""

    name: str
    title: str
    share: float
    path: str
    days: int


ROW: Final = 20
"""The height of a row's picture; a day is one wide."""


def strip(year: Year, relays: Mapping[str, str]) -> list[StripRow]:
    """Return rows for light, Earth, both, and each relay (name to title)."""
    rows = [
        ("light", "", year.light_by_day),
        ("earth", "", year.earth_by_day),
        ("contact", "", year.contact_by_day),
        *(("relay", title, year.relays[name]) for name, title in relays.items()),
    ]
    return [
        StripRow(name, title, 100 * float(shares.mean()), _steps(shares), shares.size) for name, title, shares in rows
    ]


def _steps(shares: Floats) -> str:
    """Return the area below the steps of the days, equal days joined."""
    heights = np.rint(ROW * (1 - shares)).astype(int).tolist()
    path, k = f"M0 {ROW}", 0
    while k < len(heights):
        end = k + 1
        while end < len(heights) and heights[end] == heights[k]:
            end += 1
        path += f"V{heights[k]}H{end}"
        k = end
    return f"{path}V{ROW}Z"


@dataclass(frozen=True, slots=True)
class Dot:
    """A place on a map; ``shown`` is the one that the page is about.

    ``label`` is its number in a list, with those of its neighbours that lie too near to be numbered themselves; theirs are empty.
    """

    x: float
    y: float
    name: str
    shown: bool
    label: str

    @property
    def to_the_left(self) -> bool:
        """Whether its name has more room on its left."""
        return self.x > 0


@dataclass(frozen=True, slots=True)
class PolarMap:
    """A pole from above: circles of latitude and spokes of longitude around the centre, radius 150."""

    south: bool
    circles: list[Tick]
    spokes: list[tuple[float, float, str]]
    dots: list[Dot]


@dataclass(frozen=True, slots=True)
class GlobeMap:
    """The whole Moon, longitudes as columns and latitudes as rows, one degree one unit, the near side in the middle."""

    dots: list[Dot]


type Map = PolarMap | GlobeMap
type Place = tuple[str, float, float]
"""Name, latitude and longitude in degrees."""

RADIUS: Final = 150.0
_LABEL: Final = 14.0
"""Two labels need so much room between their dots."""
_NEAR_DEG: Final = 6.0
_POLAR_DEG: Final = 12.0
"""A place within so many degrees of a pole is shown on that pole's map."""


def map_of(places: Sequence[Place], shown: int | None = None) -> Map:
    """Return the map that suits the place with the number ``shown`` (all places without), with those of ``places`` that lie on it."""
    about = [places[shown]] if shown is not None else places
    if any(90.0 - abs(latitude) > _POLAR_DEG for _name, latitude, _longitude in about):
        return GlobeMap([_globe_dot(place, k, shown) for k, place in enumerate(places)])
    return _polar(places, shown, south=about[0][1] < 0)


def polar_map(places: Sequence[Place]) -> PolarMap:
    """Return the southern map with those of ``places`` that lie on it."""
    return _polar(places, None, south=True)


def _polar(places: Sequence[Place], shown: int | None, *, south: bool) -> PolarMap:
    sign = -1.0 if south else 1.0
    on_it = [(k, place) for k, place in enumerate(places) if 90.0 - sign * place[1] <= _POLAR_DEG]
    reach = max(90.0 - abs(latitude) for _k, (_name, latitude, _longitude) in on_it)
    outer = _NEAR_DEG if reach <= _NEAR_DEG else _POLAR_DEG
    step = 1 if outer == _NEAR_DEG else 2
    unit = RADIUS / _rho(outer)
    circles = [Tick(round(unit * _rho(deg), 1), f"{90 - deg}°") for deg in range(step, int(outer) + 1, step)]
    dots = _apart([_polar_dot(place, k, shown, unit) for k, place in on_it])
    return PolarMap(south, circles, list(_spokes(south=south)), dots)


def _apart(dots: Sequence[Dot]) -> list[Dot]:
    """Return the dots with one label for those that lie together."""
    labelled: list[Dot] = []
    for dot in dots:
        near = next((k for k, one in enumerate(labelled) if one.label and _together(one, dot)), None)
        if near is not None:
            labelled[near] = replace(labelled[near], label=f"{labelled[near].label}, {dot.label}")
            dot = replace(dot, label="")  # noqa: PLW2901 - the same dot, without its label
        labelled.append(dot)
    return labelled


def _together(one: Dot, other: Dot) -> bool:
    return bool(np.hypot(one.x - other.x, one.y - other.y) < _LABEL)


def _rho(colatitude_deg: float) -> float:
    return float(2 * MOON_RADIUS_M * np.tan(np.radians(colatitude_deg) / 2))


def _spokes(*, south: bool) -> Iterator[tuple[float, float, str]]:
    for longitude in range(0, 360, 30):
        x, y = polar_stereographic(-1.0 if south else 1.0, longitude)
        length = float(np.hypot(x, y))
        text = "" if longitude % 90 else f"{longitude}°"
        yield round(RADIUS * float(x) / length, 1), round(-RADIUS * float(y) / length, 1), text


def _polar_dot(place: Place, number: int, shown: int | None, unit: float) -> Dot:
    name, latitude, longitude = place
    x, y = polar_stereographic(latitude, longitude)
    return Dot(round(unit * float(x), 1), round(-unit * float(y), 1), name, number == shown, str(number + 1))


def _globe_dot(place: Place, number: int, shown: int | None) -> Dot:
    name, latitude, longitude = place
    return Dot(round((longitude + 180) % 360 - 180, 1), round(-latitude, 1), name, number == shown, str(number + 1))
