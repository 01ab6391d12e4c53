"""What a study finds, as the plain data that is kept: the skyline, how far the place moved, and the spread over its uncertainty.

``{"skyline": ..., "moved": null or {"metres", "azimuth_deg", "gained_m", "within_m"}, "spread": null or {"places", "windows",
"only_elsewhere"}}``; windows are rows of :mod:`moonbridge.formats.windows`.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

from moonbridge.engines.moon.horizon import skyline
from moonbridge.engines.moon.skyline import Provenance, Skyline
from moonbridge.engines.moon.terrain import Stack
from moonbridge.engines.moon.uncertainty import Ellipse, Place, known_within, snap_to_crest, spread_over
from moonbridge.engines.moon.visibility import earth_visible, sun_visible
from moonbridge.engines.moon.windows import Window, windows
from moonbridge.formats import ephemeris, skylines
from moonbridge.formats import windows as exported
from moonbridge.formats.terrain.store import Store

type Tell = Callable[[int], None]
"""Told how many percent are done; raises :class:`~moonbridge.errors.Cancelled` when nobody wants the answer any more."""


@dataclass(frozen=True, slots=True)
class Question:
    """What is asked: a place, a year, the eye's height, and what is to be done about not knowing the place exactly."""

    place: Place
    year: int
    mast_m: float
    ellipse: Ellipse | None
    snap_m: float | None


@dataclass(frozen=True)
class Ground:
    """The installed terrain that knows a place, None if none does."""

    stack: Stack | None

    def skyline(self, place: Place, mast_m: float, uncertainty: Ellipse | None = None) -> Skyline:
        """Return the horizon at a place, of the bare sphere where there is no terrain."""
        if self.stack is None:
            level = Skyline.level(*place, mast_m)
            made_from = known_within(uncertainty, Provenance(mast_m=mast_m))
            return Skyline(*place, 0.0, level.elevation_deg, level.distance_m, made_from)
        return skyline(self.stack, *place, mast_m, uncertainty=uncertainty)


def answer(question: Question, store: Store, tell: Tell) -> dict[str, Any]:
    """Return what a study finds over the terrain of a store."""
    uncertain_m = question.ellipse.semi_major_m if question.ellipse else 0
    ground = Ground(store.around(*question.place, within_m=(question.snap_m or 0) + uncertain_m))
    tell(20)
    place, moved = _moved(question, ground)
    here = ground.skyline(place, question.mast_m, question.ellipse)
    tell(40)
    return {
        "skyline": skylines.as_dict(here),
        "moved": moved,
        "spread": _spread(question, question.ellipse, place, ground, tell) if question.ellipse else None,
    }


def _moved(question: Question, ground: Ground) -> tuple[Place, dict[str, float] | None]:
    if question.snap_m is None or ground.stack is None:
        return question.place, None
    finest = ground.stack.knowing(*question.place)
    found = snap_to_crest(finest.at, question.place, within_m=question.snap_m, spacing_m=finest.pixel_m)
    place = Place(*(round(degrees, 6) for degrees in found.place))
    return place, {
        "metres": round(found.moved_m, 1),
        "azimuth_deg": round(found.azimuth_deg, 1),
        "gained_m": round(found.gained_m, 1),
        "within_m": question.snap_m,
    }


def _spread(question: Question, ellipse: Ellipse, place: Place, ground: Ground, tell: Tell) -> dict[str, Any]:
    """Return the windows with Sun and Earth at the place, and how they move over the ellipse around it."""
    places = ellipse.places(*place)
    found = list(_windows_at(places, question, ground, tell))
    spread = spread_over(found[0], found[1:])
    return {
        "places": len(places),
        "windows": exported.uncertain_records(spread),
        "only_elsewhere": exported.window_records(spread.only_elsewhere),
    }


def _windows_at(places: list[Place], question: Question, ground: Ground, tell: Tell) -> Iterator[list[Window]]:
    moving = ephemeris.default()
    start, end = f"{question.year}-01-01", f"{question.year + 1}-01-01"
    for number, place in enumerate(places, start=1):
        here = ground.skyline(place, question.mast_m)
        yield windows(sun_visible(here, moving) & earth_visible(here, moving), start, end)
        tell(40 + 60 * number // (len(places) + 1))
