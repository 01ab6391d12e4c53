"""``moonbridge site``: a year at a place on the Moon: light, longest night, Earth, relay, and its horizon."""

import json
import re
import shlex
import sys
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from moonbridge.errors import InputError

if TYPE_CHECKING:
    from moonbridge.engines.moon.ephemeris import Ephemeris
    from moonbridge.engines.moon.relay import Preset
    from moonbridge.engines.moon.skyline import Floats, Provenance, Skyline
    from moonbridge.engines.moon.windows import Window
    from moonbridge.engines.moon.years import Year
    from moonbridge.formats.windows import Asked

_LEVELS = "·▁▂▃▄▅▆▇█"
"""From none of a day to all of it."""
_MOST_DAYS = 31
_MONTHS = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")
_PIPE_WIDTH = 160
_WORD = re.compile(r"[a-z]{2}")
"""Two small letters side by side: a name, no coordinates."""


def site(
    place: Annotated[
        str, typer.Argument(metavar="SITE", help="88.8S,123.4E, or a site of the catalogue: connecting-ridge.")
    ],
    *,
    year: Annotated[int, typer.Option(min=1960, max=2149, help="The calendar year, UTC.")],
    mast: Annotated[float | None, typer.Option(min=0.0, help="Height of the eye above the ground in metres.")] = None,
    terrain: Annotated[
        list[str] | None,
        typer.Option(
            help="Installed terrain or a file; repeatable, coarser ones further out. If not given, what is installed there."
        ),
    ] = None,
    level: Annotated[bool, typer.Option("--level", help="A level horizon, though terrain is installed.")] = False,
    snap: Annotated[
        float | None, typer.Option(min=1, help="First move the site onto the highest point within so many metres.")
    ] = None,
    uncertainty: Annotated[
        str | None,
        typer.Option(
            help="How well the coordinates are known, 20 metres or an ellipse, 20x5@30; kept with the answer. "
            "`moonbridge windows` spreads times over it."
        ),
    ] = None,
    relay: Annotated[
        list[str] | None,
        typer.Option(help="A published orbit (queqiao2-24h, queqiao2-12h, queqiao2-measured); repeatable."),
    ] = None,
    ephemeris: Annotated[Path | None, typer.Option(help="A JPL kernel (.bsp) instead of DE421.")] = None,
    orientation: Annotated[
        Path | None, typer.Option(help="A kernel of the Moon's orientation (moon_pa, .bpc).")
    ] = None,
    chart: Annotated[Path | None, typer.Option(help="Draw skyline and year here: .svg, .png or .pdf.")] = None,
    csv: Annotated[Path | None, typer.Option(help="Write the shares by day here.")] = None,
    ics: Annotated[Path | None, typer.Option(help="Write the windows with Sun and Earth as iCalendar here.")] = None,
    skyline: Annotated[Path | None, typer.Option(help="Write the skyline (720 directions) as JSON here.")] = None,
    as_json: Annotated[bool, typer.Option("--json", help="Print everything as JSON for programs.")] = False,
) -> None:
    """Show a year at SITE. Without --terrain a site of the catalogue has the skyline that is shipped, any other what is installed."""
    from moonbridge.engines.moon.relay import preset
    from moonbridge.engines.moon.years import year_at

    ground = _Ground(place, mast, tuple(terrain or ()), snap, uncertainty, level)
    stand = _stand(ground, ephemeris, orientation)
    orbits = [preset(name) for name in relay or ["queqiao2-24h"]]
    found = year_at(stand.skyline, stand.ephemeris, year, {one.name: one.orbit for one in orbits})
    answer = _Answer(stand, found, orbits)
    answer.write(chart, csv, ics, skyline)
    if as_json:
        answer.print_json()
    else:
        answer.show()


@dataclass(frozen=True)
class _Ground:
    """Where to stand, and over which terrain, as typed."""

    place: str
    mast: float | None
    terrain: tuple[str, ...]
    snap: float | None
    uncertainty: str | None
    level: bool


@dataclass(frozen=True)
class _Stand:
    """A place with its horizon and what moves above it."""

    title: str
    skyline: "Skyline"
    ephemeris: "Ephemeris"
    notes: tuple[str, ...]

    @property
    def provenance(self) -> "Provenance":
        """What the answer rests on, with the command that was typed."""
        from moonbridge.engines.moon.years import COUNTED

        made_from = self.skyline.provenance
        return replace(made_from, ephemeris=self.ephemeris.name, threshold=COUNTED, command=_command())


def _command() -> str:
    return f"moonbridge {shlex.join(sys.argv[1:])}"


def _stand(ground: _Ground, kernel: Path | None, orientation: Path | None) -> _Stand:
    from moonbridge.cli.sky import Sky
    from moonbridge.formats import skylines

    title, coordinates = _named(ground.place)
    kept = None if ground.terrain or ground.level else skylines.shipped(ground.place)
    mast = ground.mast if ground.mast is not None else kept.provenance.mast_m if kept else 0.0
    sky = Sky.opened(
        coordinates, mast, ground.terrain, kernel=kernel, orientation=orientation, uncertainty=ground.uncertainty,
        level=ground.level or (kept is not None and ground.snap is None), within_m=ground.snap or 0.0,
    )  # fmt: skip
    if ground.snap is not None:
        sky, note = sky.snapped(ground.snap)
        return _Stand(f"{title}, moved to {sky.site}", sky.skyline, sky.ephemeris, (note, *sky.notes))
    if kept is not None and kept.provenance.mast_m != mast:
        raise InputError(
            f"the shipped skyline of {ground.place} is that of an eye {kept.provenance.mast_m:g} m above the ground; "
            "for another mast name --terrain",
            field="--mast",
        )
    return _Stand(title, kept or sky.skyline, sky.ephemeris, sky.notes)


def _named(place: str) -> tuple[str, str]:
    """Return the title of a place and its coordinates; of plain coordinates both are the same."""
    from moonbridge.formats import catalogue
    from moonbridge.formats.coordinates import Coordinates, parse

    if not _WORD.search(place):
        text = str(parse(place))
        return text, text
    named = {site.slug: site for site in catalogue.load().of(catalogue.NamedSite)}
    if place not in named:
        raise InputError(
            f"the catalogue has no site {place!r}; it has {', '.join(named)}; or write coordinates, 88.8S,123.4E",
            field="SITE",
        )
    found = named[place]
    at = str(Coordinates(float(found.latitude_deg), float(found.longitude_deg)))
    return f"{found.name}, {at}", at


@dataclass(frozen=True)
class _Answer:
    """A year at a place, for the screen and for files."""

    stand: _Stand
    year: "Year"
    relays: "Sequence[Preset]"

    @property
    def title(self) -> str:
        """Where and when."""
        return f"{self.stand.title}, {self.year.year}"

    def write(self, chart: Path | None, csv: Path | None, ics: Path | None, skyline: Path | None) -> None:
        """Write the files that were asked for."""
        from moonbridge.formats import skylines
        from moonbridge.formats.skylines import charts, years

        here = self.stand
        if skyline is not None:
            made_from = replace(here.skyline.provenance, command=_command())
            skyline.write_text(skylines.as_text(replace(here.skyline, provenance=made_from)), encoding="utf-8")
        if csv is not None:
            csv.write_bytes(years.days_csv(self.year, here.skyline, here.provenance))
        if ics is not None:
            ics.write_bytes(self._calendar())
        if chart is not None:
            charts.save(
                chart, self.year, here.skyline, here.ephemeris, title=self.title, origin=_origin(here.provenance)
            )

    def _calendar(self) -> bytes:
        from moonbridge.formats import windows as exported

        return exported.as_calendar(self._asked(), exported.window_records(self.year.contacts), now=datetime.now(UTC))

    def _asked(self) -> "Asked":
        from moonbridge.engines.moon.windows import SECOND
        from moonbridge.formats.coordinates import Coordinates
        from moonbridge.formats.instants import instant
        from moonbridge.formats.windows import Asked

        here = self.stand
        return Asked(
            site=Coordinates(here.skyline.latitude_deg, here.skyline.longitude_deg),
            condition="sun and earth",
            start=instant(f"{self.year.year:04d}-01-01", field="--year"),
            end=instant(f"{self.year.year + 1:04d}-01-01", field="--year"),
            minimum=SECOND,
            provenance=here.provenance,
            notes=here.notes,
        )

    def print_json(self) -> None:
        """Print everything as plain data."""
        from moonbridge.formats.skylines.years import year_data

        here = self.stand
        data = year_data(self.year, here.skyline, here.provenance, (*here.notes, *self._orbits()))
        print(json.dumps(data, ensure_ascii=False, indent=2))

    def _orbits(self) -> Iterator[str]:
        from moonbridge.formats import orbits

        for one in self.relays:
            yield from orbits.words(one)

    def show(self) -> None:
        """Print summary, strip and provenance."""
        from rich.console import Console

        console = Console(highlight=False)
        console.print(self.title, style="bold", markup=False, soft_wrap=True)
        for line in self._summary():
            console.print(line, markup=False, soft_wrap=True)
        console.print()
        wide = console.width if console.is_terminal else _PIPE_WIDTH
        for line in _strip(self.year, wide):
            console.print(line, markup=False, soft_wrap=True)
        console.print()
        for line in (*self.stand.notes, _origin(self.stand.provenance), *self._orbits()):
            console.print(line, style="dim", markup=False, soft_wrap=True)

    def _summary(self) -> Iterator[str]:
        sun, earth = self.year.sunlight, self.year.earthlight
        yield f"Light   {_percent(sun.mean)} of the Sun's disc in the mean; any of it {_percent(sun.any_share)} of the time"
        yield f"        longest night {_window(self.year.longest_night, 'none: the Sun never sets')}"
        yield f"        longest light {_window(self.year.longest_light, 'none: the Sun never rises')}"
        together = f"with Sun and Earth {_percent(float(self.year.contact_by_day.mean()))}"
        yield f"Earth   any of its disc {_percent(earth.any_share)} of the time; {together}"
        for name, shares in self.year.relays.items():
            yield f"Relay   {name} {_percent(float(shares.mean()))} of the time"
        yield from _horizon(self.stand.skyline)


def _horizon(skyline: "Skyline") -> Iterator[str]:
    high, low = int(skyline.elevation_deg.argmax()), int(skyline.elevation_deg.argmin())
    parts = [
        f"{word} {skyline.elevation_deg[k]:.2f}° at {skyline.azimuth_deg[k]:.1f}° ({skyline.distance_m[k] / 1000:.1f} km away)"
        for word, k in (("highest", high), ("lowest", low))
    ]
    yield f"Horizon {'; '.join(parts)}; ground {skyline.height_m:.0f} m above the sphere"


def _percent(share: float) -> str:
    return f"{100 * share:.1f} %"


def _window(window: "Window | None", none: str) -> str:
    from moonbridge.cli.sky import clock
    from moonbridge.formats.windows import duration_text

    if window is None:
        return none
    more = "more than " if window.begun or window.lasting else ""
    return f"{more}{duration_text(window.duration)}, {clock(window.start)[:16]} to {clock(window.end)[:16]} UTC"


def _strip(year: "Year", width: int) -> Iterator[str]:
    """Yield the days of the year, a line for each month, side by side for light, Earth and relay as far as they fit."""
    groups = {"light": year.light_by_day, "Earth": year.earth_by_day} | dict(year.relays)
    beside = max(1, (width - 3) // (_MOST_DAYS + 2))
    names = list(groups)
    for first in range(0, len(names), beside):
        chosen = names[first : first + beside]
        yield "   " + "".join(f"  {name:{_MOST_DAYS}}" for name in chosen).rstrip()
        for month, days in zip(_MONTHS, year.months(), strict=True):
            yield month + "".join(f"  {_bars(groups[name][days]):{_MOST_DAYS}}" for name in chosen).rstrip()


def _bars(shares: "Floats") -> str:
    """Return a sign for each day: a dot for none of it, a full block for all of it."""
    import numpy as np

    return "".join(_LEVELS[int(np.ceil(round(share, 3) * (len(_LEVELS) - 1)))] for share in shares)


def _origin(made_from: "Provenance") -> str:
    from moonbridge.cli.sky import origin

    if not made_from.terrain:
        return origin(made_from)
    finest = min(one.pixel_m for one in made_from.terrain)
    return f"{origin(made_from)} Nothing smaller than {finest:.3g} m is seen, nor what stands nearer than that."
