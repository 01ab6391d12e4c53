"""``moonbridge windows``: when there is Sun, Earth, relay at a site, or any combination of them."""

from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

if TYPE_CHECKING:
    from moonbridge.cli.sky import Sky
    from moonbridge.engines.moon.relay import Preset
    from moonbridge.engines.moon.windows import Window
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
    from moonbridge.cli.sky import Outputs, Sky, at_least, show, span
    from moonbridge.engines.moon import windows as search
    from moonbridge.formats import orbits
    from moonbridge.formats import windows as exported
    from moonbridge.formats.windows.expression import condition

    first, last = span(start, until)
    shortest = at_least(minimum)
    satellite = orbits.relay(relay, orbit)
    sky = Sky.opened(site, mast, ephemeris, orientation)
    used: dict[str, str] = {}
    asked_for = condition(when, _named(sky, satellite, mask, used))
    found = search.windows(asked_for, first, last, minimum=shortest)
    asked = exported.Asked(
        site=sky.site, condition=when.strip(), start=first, end=last, minimum=shortest,
        provenance=sky.provenance("; ".join(used.values())),
        notes=orbits.words(satellite) if "relay" in used else (),
    )  # fmt: skip
    Outputs(ics, csv, as_json).write(asked, exported.window_records(found))
    if not as_json:
        show(
            asked,
            ("from (UTC)", "until (UTC)", "lasts", ""),
            [_row(one) for one in found],
            exported.summary(asked, found),
        )


def _named(sky: "Sky", satellite: "Preset", mask: float | None, used: dict[str, str]) -> "Named":
    """Return what each name stands for; ``used`` collects in words what counted for the names that are called."""
    from moonbridge.engines.moon.relay import relay_visible
    from moonbridge.engines.moon.visibility import Disc, earth_visible, sun_visible
    from moonbridge.engines.moon.windows import Condition

    above = "" if mask is None else f", above {mask:g} degrees"

    def sun(name: str, disc: Disc) -> Condition:
        used[name] = f"{name}: {disc}"
        return sun_visible(sky.skyline, sky.ephemeris, disc=disc)

    def earth(name: str, disc: Disc) -> Condition:
        used[name] = f"{name}: {disc}{above}"
        return earth_visible(sky.skyline, sky.ephemeris, disc=disc, mask_deg=mask)

    def satellite_visible() -> Condition:
        used["relay"] = f"relay: above the skyline{above}"
        return relay_visible(sky.skyline, satellite.orbit, sky.ephemeris, mask_deg=mask)

    discs = {"": Disc.ANY, "-centre": Disc.CENTRE, "-full": Disc.FULL}
    suns = {f"sun{end}": partial(sun, f"sun{end}", disc) for end, disc in discs.items()}
    earths = {f"earth{end}": partial(earth, f"earth{end}", disc) for end, disc in discs.items()}
    return {**suns, **earths, "relay": satellite_visible}


def _row(window: "Window") -> tuple[str, ...]:
    from moonbridge.cli.sky import clock
    from moonbridge.formats.windows import duration_text

    cut = " and ".join(word for word, so in (("began before", window.begun), ("lasts beyond", window.lasting)) if so)
    return clock(window.start), clock(window.end), duration_text(window.duration), cut
