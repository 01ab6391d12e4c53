"""What follows from not knowing exactly where a site is: the same windows over an ellipse of places, and the crest nearby."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from typing import NamedTuple, Self

import numpy as np
import numpy.typing as npt

from moonbridge.engines.moon.frames import destination, distance_m
from moonbridge.engines.moon.skyline import Provenance
from moonbridge.engines.moon.windows import SECOND, FunctionOfTime, Window, windows
from moonbridge.errors import InputError

type Floats = npt.NDArray[np.float64]
type Heights = Callable[[Floats, Floats], Floats]
"""Heights in metres above the sphere at latitudes and longitudes in degrees; NaN where unknown (a terrain grid's ``at``)."""


class Place(NamedTuple):
    """A point of the sphere."""

    latitude_deg: float
    longitude_deg: float


@dataclass(frozen=True, slots=True)
class Ellipse:
    """Within which the true place of a site lies: semi-axes in metres, the longer one pointing to a true azimuth."""

    semi_major_m: float
    semi_minor_m: float
    azimuth_deg: float = 0.0

    def __post_init__(self) -> None:
        if not 0 <= self.semi_minor_m <= self.semi_major_m:
            raise InputError("an ellipse needs a longer and a shorter semi-axis, neither negative", field="ellipse")

    @classmethod
    def circle(cls, radius_m: float) -> Self:
        """Return the ellipse that is a circle."""
        return cls(radius_m, radius_m)

    def places(self, latitude_deg: float, longitude_deg: float, *, around: int = 8) -> list[Place]:
        """Return the centre, ``around`` places on the ellipse and as many half way out, between them; always the same ones.

        In the ellipse's own frame the places on it are ``(a cos t, b sin t)`` for ``t = 360 k / around`` degrees, those half way out
        ``(a cos t, b sin t) / 2`` for the ``t`` between these.
        """
        turn = 2 * np.pi / around * np.arange(around)
        angle = np.concatenate([turn, turn + np.pi / around])
        part = np.repeat([1.0, 0.5], around)
        along, across = part * self.semi_major_m * np.cos(angle), part * self.semi_minor_m * np.sin(angle)
        azimuth = self.azimuth_deg + np.degrees(np.arctan2(across, along))
        latitudes, longitudes = destination(latitude_deg, longitude_deg, azimuth, np.hypot(along, across))
        return [
            Place(latitude_deg, longitude_deg),
            *(Place(float(a), float(b)) for a, b in zip(latitudes, longitudes, strict=True)),
        ]


def known_within(ellipse: Ellipse | None, made_from: Provenance) -> Provenance:
    """Return ``made_from`` with the ellipse within which the true place lies; None where nobody said. A circle has no axis."""
    if ellipse is None:
        return made_from
    longer, shorter = ellipse.semi_major_m, ellipse.semi_minor_m
    if longer == shorter:
        return replace(made_from, coordinate_uncertainty_m=longer)
    return replace(
        made_from,
        coordinate_uncertainty_m=longer,
        coordinate_across_m=shorter,
        coordinate_axis_deg=ellipse.azimuth_deg,
    )


@dataclass(frozen=True, slots=True)
class Spread:
    """The earliest, the middle and the latest instant among the places."""

    earliest: np.datetime64
    median: np.datetime64
    latest: np.datetime64

    @classmethod
    def of(cls, instants: Sequence[np.datetime64]) -> Self:
        """Return the spread of instants; of an even number the median is the earlier middle one."""
        ordered = np.sort(np.array(instants))
        return cls(ordered[0], ordered[(ordered.size - 1) // 2], ordered[-1])


@dataclass(frozen=True, slots=True)
class UncertainWindow:
    """A window of the nominal place, and what becomes of it elsewhere in the ellipse.

    ``seen`` of ``places`` places have a window that overlaps the nominal one; ``rise`` and ``set`` are spread over those,
    each with its longest overlap.
    """

    nominal: Window
    rise: Spread
    set: Spread
    seen: int
    places: int


@dataclass(frozen=True, slots=True)
class UncertainWindows:
    """The windows of the nominal place with their spread, and when something opens elsewhere while the nominal place has nothing."""

    windows: list[UncertainWindow]
    only_elsewhere: list[Window]


def uncertain_windows(
    function_at: Callable[[Place], FunctionOfTime],
    places: Sequence[Place],
    start: np.datetime64 | str,
    end: np.datetime64 | str,
    *,
    minimum: np.timedelta64 = SECOND,
) -> UncertainWindows:
    """Return the windows of the first place with earliest, median and latest rise and set over all ``places``.

    ``function_at`` gives the function of time of a place: with real terrain it computes a skyline there. ``minimum`` chooses
    among the windows of the first place; windows elsewhere may be shorter.
    """
    nominal = windows(function_at(places[0]), start, end, minimum=minimum)
    elsewhere = [windows(function_at(place), start, end) for place in places[1:]]
    return spread_over(nominal, elsewhere)


def spread_over(nominal: Sequence[Window], elsewhere: Sequence[Sequence[Window]]) -> UncertainWindows:
    """Return how ``nominal`` windows move in the lists of ``elsewhere``, one list for each other place."""
    found = []
    for window in nominal:
        partners = [window]
        for others in elsewhere:
            best = max(others, key=lambda other: _overlap(window, other), default=None)
            partners += [best] if best is not None and _overlap(window, best) > 0 else []
        rise, fall = Spread.of([one.start for one in partners]), Spread.of([one.end for one in partners])
        found.append(UncertainWindow(window, rise, fall, len(partners), len(elsewhere) + 1))
    alone = [other for others in elsewhere for other in others if not any(_overlap(one, other) > 0 for one in nominal)]
    return UncertainWindows(found, _joined(alone))


def _overlap(one: Window, other: Window) -> int:
    """Return for how many seconds both are open; not positive if they never are."""
    return int((min(one.end, other.end) - max(one.start, other.start)) // SECOND)


def _joined(found: Sequence[Window]) -> list[Window]:
    """Return the union of windows that overlap or touch."""
    joined: list[Window] = []
    for window in sorted(found, key=lambda one: one.start):
        if joined and window.start <= joined[-1].end:
            last = joined[-1]
            longer = window if window.end > last.end else last
            joined[-1] = Window(last.start, longer.end, begun=last.begun, lasting=longer.lasting)
        else:
            joined.append(window)
    return joined


@dataclass(frozen=True, slots=True)
class Snapped:
    """The crest near a place: where it is, how far and in which direction the place moved, and how much height it gained."""

    place: Place
    height_m: float
    moved_m: float
    azimuth_deg: float
    gained_m: float


def snap_to_crest(heights: Heights, place: Place, *, within_m: float, spacing_m: float) -> Snapped:
    """Return the highest point within ``within_m`` of a place, looked for every ``spacing_m`` (a pixel of the terrain, say).

    Published coordinates often miss the crest they mean by a pixel or two of an older map, and there the light is lost. Raises
    :class:`InputError` where the terrain does not know the place.
    """
    rings = np.arange(1, int(within_m / spacing_m + 1e-9) + 1) * spacing_m
    counts = np.maximum(8, np.ceil(2 * np.pi * rings / spacing_m)).astype(int)
    ways = np.concatenate([[0.0], np.repeat(rings, counts)])
    azimuths = np.concatenate([[0.0], *(np.arange(count) * (360.0 / count) for count in counts)])
    latitudes, longitudes = destination(*place, azimuths, ways)
    found = heights(latitudes, longitudes)
    if not np.isfinite(found[0]):
        raise InputError("the terrain does not know this place", field="coordinates")
    best = int(np.nanargmax(found))
    if best == 0:
        return Snapped(place, float(found[0]), 0.0, 0.0, 0.0)
    crest = Place(float(latitudes[best]), float(longitudes[best]))
    moved = float(distance_m(*crest, *place))
    return Snapped(crest, float(found[best]), moved, float(azimuths[best]), float(found[best] - found[0]))
