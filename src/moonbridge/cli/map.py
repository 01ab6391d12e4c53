"""``moonbridge map``: mean light, Earth visibility, longest night and slope over a region, as GeoTIFF and as a picture."""

import shlex
import sys
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, replace
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from moonbridge.errors import InputError

if TYPE_CHECKING:
    import numpy as np
    import numpy.typing as npt

    from moonbridge.engines.moon.ephemeris import Ephemeris
    from moonbridge.engines.moon.maps import Survey, Tally
    from moonbridge.engines.moon.skyline import Provenance
    from moonbridge.engines.moon.terrain import Grid, Stack
    from moonbridge.formats.terrain.kept import Kept


class What(StrEnum):
    """What is mapped."""

    LIGHT = "light"
    EARTH = "earth"
    NIGHT = "night"
    SLOPE = "slope"


TITLES = {
    What.LIGHT: ("Mean visible share of the Sun's disc", "0 to 1"),
    What.EARTH: ("Mean visible share of the Earth's disc", "0 to 1"),
    What.NIGHT: ("Longest time without any Sun", "hours"),
    What.SLOPE: ("Slope", "degrees"),
}

SEEN = {What.LIGHT: "lit", What.EARTH: "in view of the Earth"}
APART = 0.05
"""The best places of a map are at least so much of its side apart."""


def map_(
    what: Annotated[What, typer.Argument(help="light, earth, night or slope.")] = What.LIGHT,
    *,
    terrain: Annotated[
        list[str] | None, typer.Option(help="An installed terrain or a file; repeatable; all installed if not given.")
    ] = None,
    synthetic: Annotated[int | None, typer.Option(help="Instead of terrain: synthetic craters from this seed.")] = None,
    centre: Annotated[str | None, typer.Option(help="The middle of the region, 88.8S,123.4E.")] = None,
    half_km: Annotated[
        float, typer.Option("--half", min=0.01, help="Half the region's side in km, with --centre.")
    ] = 10.0,
    start: Annotated[str, typer.Option("--from", help="From this UTC instant.")] = "2027-01-01",
    until: Annotated[
        str, typer.Option("--until", help="Until this UTC instant; 18.6 years make a whole cycle.")
    ] = "2028-01-01",
    step_h: Annotated[
        float, typer.Option("--step", min=0.1, max=24.0, help="Hours between two stands of the body.")
    ] = 1.0,
    seen: Annotated[
        str | None,
        typer.Option(help="For light and earth, what counts: share of the disc (if not given), any, centre, full."),
    ] = None,
    mast: Annotated[float, typer.Option(min=0.0, help="Height of the eye above the ground in metres.")] = 0.0,
    workers: Annotated[int, typer.Option(min=1, help="Threads.")] = 1,
    memory_gb: Annotated[
        float, typer.Option("--memory", min=0.01, help="Refuse a map whose counts need more gigabytes than this.")
    ] = 2.0,
    out: Annotated[Path, typer.Option(help="Folder for the .tif, the .png, and what is done so far.")] = Path(),
    site: Annotated[
        list[str] | None,
        typer.Option(help="A name to show besides the catalogue's sites, 'Shackleton rim=89.78S,204.3E'; repeatable."),
    ] = None,
) -> None:
    """Make a map. Ctrl-C keeps what is done; the same command goes on from there."""
    from moonbridge.formats.terrain.pictures import draw
    from moonbridge.formats.terrain.rasters import write_geotiff

    sites = {} if synthetic is not None else _catalogued()
    sites |= _sites(site or [])
    means = Means(workers, memory_gb * 1e9)
    stack = _region(terrain or [], centre, half_km * 1000, means) if synthetic is None else _synthetic(synthetic)
    asked = Asked(what, start, until, step_h, _seen(what, seen), mast)
    out.mkdir(parents=True, exist_ok=True)
    made = _slope(stack) if what is What.SLOPE else _counted(stack, asked, out, means)
    title, unit = TITLES[what]
    if synthetic is not None:
        title = f"{title}, SYNTHETIC terrain"
    made_from = replace(made.provenance, command=f"moonbridge {shlex.join(sys.argv[1:])}")
    about: Any = {"title": title, "unit": unit, "provenance": made_from}
    write_geotiff(out / f"{what}.tif", made.values, stack.finest, **about)
    span = (0.0, 1.0) if unit == "0 to 1" else None
    draw(out / f"{what}.png", made.values, stack.finest, sites=sites, span=span, **about)
    made.forget()
    _tell(made, what, stack.finest, out)


@dataclass(frozen=True, slots=True)
class Asked:
    """What is counted, and when."""

    what: What
    start: str
    until: str
    step_h: float
    seen: str
    mast_m: float

    @property
    def threshold(self) -> str:
        """What counted, and when, for the map's provenance."""
        when = f"{self.start} to {self.until} UTC every {self.step_h:g} h"
        if self.what is What.NIGHT:
            return f"no point of the disc, {when}, a night cut where that ends"
        return f"{self.seen} of the disc, {when}"


@dataclass(frozen=True, slots=True)
class Means:
    """With how many threads a map is made, and how much memory its counts may take."""

    workers: int
    most_bytes: float

    @property
    def tallies(self) -> int:
        """How many tallies are in memory at once: two in place; with threads what is joined, the result, and each thread's."""
        return 2 if self.workers == 1 else 4 + self.workers

    @property
    def most_pixels(self) -> int:
        """How many pixels a map can have at most: each is counted in four bytes."""
        return int(self.most_bytes // (4 * self.tallies))

    def check(self, survey: "Survey") -> None:
        """Refuse a survey that needs more memory than it may have."""
        needed = self.tallies * survey.tally_bytes
        if needed > self.most_bytes:
            raise InputError(
                f"this map's counts need {needed / 1e9:.3g} GB, more than the {self.most_bytes / 1e9:g} GB of --memory: "
                "ask for a shorter time, a smaller region (--centre, --half), fewer --workers, or allow more",
                field="--memory",
            )


@dataclass(frozen=True, eq=False, slots=True)
class Made:
    """A map, what it was made from, and ``kept``, the counts on disk, which go only when both files are written.

    ``never`` is the share of the known ground from which the body is never seen.
    """

    values: "npt.NDArray[np.float32]"
    provenance: "Provenance"
    kept: "Kept | None" = None
    never: float | None = None

    def forget(self) -> None:
        """Remove the counts: the map is on disk."""
        if self.kept is not None:
            self.kept.forget()


def _seen(what: What, seen: str | None) -> str:
    """Return what counts as seen; a night is the time without any point of the disc, and a slope sees nothing."""
    if seen is not None and what not in {What.LIGHT, What.EARTH}:
        raise InputError(f"a map of {what} does not ask how much of a disc is seen", field="--seen")
    return seen or "share"


def _synthetic(seed: int) -> "Stack":
    from moonbridge.engines.moon.craters import crater_field
    from moonbridge.engines.moon.terrain import Stack

    return Stack((crater_field(seed),))


def _region(names: list[str], centre: str | None, half_m: float, means: Means) -> "Stack":
    """Return the region as the finest grid, in a stereographic projection, with what surrounds it."""
    from moonbridge.cli.terrain import sheets
    from moonbridge.formats.coordinates import parse
    from moonbridge.formats.terrain.regions import square_around, whole_region

    if centre is None:
        return whole_region(sheets(names), means.most_pixels)
    return square_around(sheets(names), *parse(centre), half_m, means.most_pixels)


def _slope(stack: "Stack") -> Made:
    from moonbridge.engines.moon.skyline import Provenance

    return Made(stack.finest.slope_deg(), Provenance(terrain=(stack.finest.source,)))


def _counted(stack: "Stack", asked: Asked, out: Path, means: Means) -> Made:
    from moonbridge.formats import ephemeris as kernels
    from moonbridge.formats.terrain.kept import Kept

    moving = kernels.default()
    survey = _survey(stack, asked, moving)
    means.check(survey)
    kept = Kept(out / f"{asked.what}.part", survey)
    tally = _followed(survey, kept, means.workers)
    made_from = survey.provenance(moving.name, asked.threshold)
    if asked.what is What.NIGHT:
        return Made(survey.longest_night_h(tally), made_from, kept)
    return Made(survey.mean(tally), made_from, kept, survey.never_share(tally))


def _survey(stack: "Stack", asked: Asked, moving: "Ephemeris") -> "Survey":
    import numpy as np

    from moonbridge.engines.moon.frames import EARTH, SUN
    from moonbridge.engines.moon.light import hours
    from moonbridge.engines.moon.maps import Survey
    from moonbridge.engines.moon.projections import Stereographic
    from moonbridge.engines.moon.skies import sky, sky_in_order
    from moonbridge.formats.instants import instant

    first, last = instant(asked.start, field="--from"), instant(asked.until, field="--until")
    times = hours(first, last, np.timedelta64(round(asked.step_h * 3600), "s"))
    projection = stack.finest.projection
    if times.size == 0 or not isinstance(projection, Stereographic):
        raise InputError(f"{asked.until} is not after {asked.start}", field="--until")
    match asked.what:
        case What.EARTH:
            above = sky(projection, EARTH, moving.earth(times), asked.seen)
        case What.NIGHT:
            above = sky_in_order(projection, SUN, moving.sun(times), times)
        case _:
            above = sky(projection, SUN, moving.sun(times), asked.seen)
    return Survey(stack, above, asked.mast_m)


def _followed(survey: "Survey", kept: "Kept", workers: int) -> "Tally":
    """Make the tally with a progress bar, keeping each part; Ctrl-C leaves the last one for the next run."""
    from rich.console import Console
    from rich.progress import Progress

    done = kept.load()
    if done is not None and done.last == survey.directions:
        return done
    with Progress(transient=True, console=Console(stderr=True)) as bar, ThreadPoolExecutor(workers) as pool:
        task = bar.add_task("directions", total=survey.directions, completed=done.last if done else 0)
        for tally in survey.tallies(done, pool if workers > 1 else None, ahead=workers):
            kept.save(tally)
            bar.update(task, completed=tally.last)
    return tally


def _catalogued() -> dict[str, tuple[float, float]]:
    """Return the catalogue's sites; the picture leaves out those beyond its edges."""
    from moonbridge.formats import catalogue

    sites = catalogue.load().of(catalogue.NamedSite)
    return {site.name: (float(site.latitude_deg), float(site.longitude_deg)) for site in sites}


def _sites(texts: list[str]) -> dict[str, tuple[float, float]]:
    from moonbridge.formats.coordinates import parse

    named = {}
    for text in texts:
        name, sign, place = text.partition("=")
        if not sign:
            raise InputError(f"{text} has no name: write NAME=88.8S,123.4E", field="--site")
        found = parse(place)
        named[name.strip()] = (found[0], found[1])
    return named


def _tell(made: Made, what: What, grid: "Grid", out: Path) -> None:
    import numpy as np

    low, middle, high = np.nanpercentile(made.values, [0, 50, 100])
    title, unit = TITLES[what]
    print(f"{title}: {low:.3f} to {high:.3f}, half of the pixels below {middle:.3f} ({unit})")
    if made.never is not None:
        print(f"Never {SEEN[what]} in that time: {100 * made.never:.2f} % of the ground")
    _tell_best(made, what, grid)
    print(f"{out / f'{what}.tif'} and {out / f'{what}.png'} are written")


def _tell_best(made: Made, what: What, grid: "Grid") -> None:
    from moonbridge.engines.moon.best import best_places
    from moonbridge.formats.coordinates import Coordinates

    apart_m = APART * max(abs(grid.dx_m) * grid.shape[1], abs(grid.dy_m) * grid.shape[0])
    lowest = what in {What.NIGHT, What.SLOPE}
    print(f"{'Lowest' if lowest else 'Highest'}, at least {apart_m / 1000:.3g} km apart:")
    for one in best_places(made.values, grid, apart_m=apart_m, lowest=lowest):
        place = Coordinates(round(one.latitude_deg, 5), round(one.longitude_deg, 5))
        print(f"  {place!s:<22} {one.value:.3f}")
