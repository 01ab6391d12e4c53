"""``moonbridge windows``: when there is Sun, Earth, relay at a site, or any combination of them."""

from dataclasses import dataclass
from functools import cached_property, partial
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

if TYPE_CHECKING:
    from moonbridge.cli.sky import Sky
    from moonbridge.engines.moon.relay import Preset
    from moonbridge.engines.moon.uncertainty import Ellipse, Spread, UncertainWindow
    from moonbridge.engines.moon.windows import Condition, Window
    from moonbridge.formats.windows import Asked, Record
    from moonbridge.formats.windows.expression import Named


def windows(
    site: Annotated[str, typer.Argument(help="The place: 88.8S,123.4E (with letters it may not begin with a minus).")],
    *,
    start: Annotated[str, typer.Option("--from", help="From this UTC instant, 2027-01-01 or 2027-01-01T06:30.")],
    until: Annotated[str, typer.Option("--until", help="Until this UTC instant.")],
    when: Annotated[
        str,
        typer.Option(help="sun, earth, relay, each also -centre or -full for Sun and Earth; with and, or, not, ( )."),
    ] = "sun and earth",
    minimum: Annotated[str, typer.Option("--min", help="Only windows of at least this length: 6h, 90min, 2d.")] = "1s",
    mast: Annotated[float, typer.Option(help="Height of the eye above the ground in metres.")] = 0.0,
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
            help="Spread each rise and set over a circle of so many metres around the site, 20, or over an ellipse, 20x5@30: "
            "half-axes in metres, azimuth of the longer one in degrees."
        ),
    ] = None,
    share: Annotated[
        float | None, typer.Option(help="'sun' counts only where at least this part of its disc is visible, 0.5 say.")
    ] = None,
    mask: Annotated[
        float | None, typer.Option(help="Earth and relay count only above this elevation in degrees.")
    ] = None,
    relay: Annotated[
        str, typer.Option(help="A published orbit: queqiao2-24h, queqiao2-12h, queqiao2-measured.")
    ] = "queqiao2-24h",
    orbit: Annotated[
        str, typer.Option(help="Change the relay's orbit: 'node=40, anomaly=180, epoch=2027-01-01'.")
    ] = "",
    ephemeris: Annotated[Path | None, typer.Option(help="A JPL kernel (.bsp) instead of DE421.")] = None,
    orientation: Annotated[
        Path | None, typer.Option(help="A kernel of the Moon's orientation (moon_pa, .bpc).")
    ] = None,
    ics: Annotated[Path | None, typer.Option(help="Write the windows as iCalendar here.")] = None,
    csv: Annotated[Path | None, typer.Option(help="Write the windows as CSV here.")] = None,
    as_json: Annotated[bool, typer.Option("--json", help="Print JSON for programs.")] = False,
) -> None:
    """Say when something is in view from SITE: windows to the second, with what they were computed from."""
    from moonbridge.cli.sky import Outputs, Sky, at_least, span
    from moonbridge.formats import orbits
    from moonbridge.formats import windows as exported

    first, last = span(start, until)
    shortest = at_least(minimum)
    satellite = orbits.relay(relay, orbit)
    sky = Sky.opened(
        site,
        mast,
        terrain or [],
        kernel=ephemeris,
        orientation=orientation,
        uncertainty=uncertainty,
        level=level,
        within_m=snap or 0.0,
    )
    sky, notes = (sky, ()) if snap is None else _snapped(sky, snap)
    search = _Search(sky, when, _Rules(satellite, mask, share))
    asked = exported.Asked(
        site=sky.site, condition=when.strip(), start=first, end=last, minimum=shortest,
        provenance=sky.provenance(search.counted()),
        notes=(*notes, *sky.notes, *(orbits.words(satellite) if search.uses_relay() else ())),
    )  # fmt: skip
    answer = _plain(search, asked) if sky.uncertainty is None else _spread(search, asked, sky.uncertainty)
    Outputs(ics, csv, as_json).write(asked, answer.records, **answer.more)
    if not as_json:
        answer.show(asked)


def _snapped(sky: "Sky", within_m: float) -> "tuple[Sky, tuple[str, ...]]":
    moved, note = sky.snapped(within_m)
    return moved, (note,)


@dataclass(frozen=True)
class _Rules:
    """What counts as in view: the relay's orbit, the mask for Earth and relay, the share of the Sun."""

    satellite: "Preset"
    mask: float | None
    share: float | None


@dataclass(frozen=True)
class _Search:
    """What --when asks for, over any sky."""

    sky: "Sky"
    when: str
    rules: _Rules

    @cached_property
    def _used(self) -> dict[str, str]:
        """What counts as visible, in words, for each name that is used."""
        used: dict[str, str] = {}
        self._condition(self.sky, used)
        return used

    def counted(self) -> str:
        return "; ".join(self._used.values())

    def uses_relay(self) -> bool:
        return "relay" in self._used

    def over(self, sky: "Sky") -> "Condition":
        """Return the condition as a function of time over a sky."""
        return self._condition(sky, {})

    def _condition(self, sky: "Sky", used: dict[str, str]) -> "Condition":
        from moonbridge.formats.windows.expression import condition

        return condition(self.when, _named(sky, self.rules, used))


@dataclass(frozen=True)
class _Answer:
    """Rows for files, rows for the screen, the line below them, and what JSON has besides."""

    records: "list[Record]"
    heading: tuple[str, ...]
    rows: list[tuple[str, ...]]
    last_line: str
    more: dict[str, Any]

    def show(self, asked: "Asked") -> None:
        from moonbridge.cli.sky import show

        show(asked, self.heading, self.rows, self.last_line)


def _plain(search: _Search, asked: "Asked") -> _Answer:
    from moonbridge.engines.moon import windows as engine
    from moonbridge.formats import windows as exported

    found = engine.windows(search.over(search.sky), asked.start, asked.end, minimum=asked.minimum)
    heading = ("from (UTC)", "until (UTC)", "lasts", "")
    rows = [_row(one) for one in found]
    return _Answer(exported.window_records(found), heading, rows, exported.summary(asked, found), {})


def _spread(search: _Search, asked: "Asked", ellipse: "Ellipse") -> _Answer:
    from moonbridge.engines.moon.uncertainty import uncertain_windows
    from moonbridge.formats import windows as exported

    places = ellipse.places(*asked.site)
    found = uncertain_windows(
        lambda place: search.over(search.sky.at(place)), places, asked.start, asked.end, minimum=asked.minimum
    )
    heading = ("from (UTC)", "earliest to latest", "until (UTC)", "earliest to latest", "seen at")
    alone = exported.window_records(found.only_elsewhere)
    last_line = exported.summary(asked, [one.nominal for one in found.windows])
    if alone:
        last_line += f" Elsewhere within {asked.provenance.known_to} {len(alone)} more."
    rows = [_spread_row(one) for one in found.windows]
    return _Answer(exported.uncertain_records(found), heading, rows, last_line, {"only_elsewhere": alone})


def _named(sky: "Sky", rules: _Rules, used: dict[str, str]) -> "Named":
    """Return what each name stands for; ``used`` collects in words what counted for the names that are called."""
    from moonbridge.engines.moon.relay import relay_visible
    from moonbridge.engines.moon.sun import sun_share
    from moonbridge.engines.moon.visibility import Disc, earth_visible, sun_visible
    from moonbridge.engines.moon.windows import Condition

    above = "" if rules.mask is None else f", above {rules.mask:g} degrees"

    def sun(name: str, disc: Disc) -> Condition:
        if rules.share is None or disc is not Disc.ANY:
            used[name] = f"{name}: {disc}"
            return sun_visible(sky.skyline, sky.ephemeris, disc=disc)
        used[name] = f"{name}: {rules.share:g} of the disc or more"
        return sun_share(sky.skyline, sky.ephemeris, rules.share)

    def earth(name: str, disc: Disc) -> Condition:
        used[name] = f"{name}: {disc}{above}"
        return earth_visible(sky.skyline, sky.ephemeris, disc=disc, mask_deg=rules.mask)

    def satellite_visible() -> Condition:
        used["relay"] = f"relay: above the skyline{above}"
        return relay_visible(sky.skyline, rules.satellite.orbit, sky.ephemeris, mask_deg=rules.mask)

    discs = {"": Disc.ANY, "-centre": Disc.CENTRE, "-full": Disc.FULL}
    suns = {f"sun{end}": partial(sun, f"sun{end}", disc) for end, disc in discs.items()}
    earths = {f"earth{end}": partial(earth, f"earth{end}", disc) for end, disc in discs.items()}
    return {**suns, **earths, "relay": satellite_visible}


def _row(window: "Window") -> tuple[str, ...]:
    from moonbridge.cli.sky import clock
    from moonbridge.formats.windows import duration_text

    cut = " and ".join(word for word, so in (("began before", window.begun), ("lasts beyond", window.lasting)) if so)
    return clock(window.start), clock(window.end), duration_text(window.duration), cut


def _spread_row(one: "UncertainWindow") -> tuple[str, ...]:
    from moonbridge.cli.sky import clock

    def between(spread: "Spread") -> str:
        return f"{clock(spread.earliest)[5:16]} to {clock(spread.latest)[5:16]}"

    nominal = one.nominal
    return clock(nominal.start), between(one.rise), clock(nominal.end), between(one.set), f"{one.seen} of {one.places}"
