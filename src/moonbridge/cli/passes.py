"""``moonbridge passes``: when a relay satellite rises and sets over a site, how high and how far."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

if TYPE_CHECKING:
    from collections.abc import Sequence

    from moonbridge.engines.moon.relay import Pass
    from moonbridge.formats.windows import Asked

_HEADING = ("rises (UTC)", "sets (UTC)", "lasts", "rises at", "sets at", "highest", "range in km")


def passes(
    site: Annotated[str, typer.Argument(help="The place: 88.8S,123.4E (with letters it may not begin with a minus).")],
    *,
    start: Annotated[str, typer.Option("--from", help="From this UTC instant, 2027-01-01 or 2027-01-01T06:30.")],
    until: Annotated[str, typer.Option("--until", help="Until this UTC instant.")],
    relay: Annotated[
        str, typer.Option(help="A published orbit: queqiao2-24h, queqiao2-12h, queqiao2-measured.")
    ] = "queqiao2-24h",
    orbit: Annotated[
        str,
        typer.Option(
            help="Change it: 'node=40, anomaly=180, epoch=2027-01-01'; also perilune, apolune (km), inclination, argument."
        ),
    ] = "",
    mask: Annotated[float | None, typer.Option(help="Count only what is above this elevation in degrees.")] = None,
    minimum: Annotated[str, typer.Option("--min", help="Only passes of at least this length: 30min, 6h.")] = "1s",
    mast: Annotated[float, typer.Option(help="Height of the antenna above the ground in metres.")] = 0.0,
    terrain: Annotated[
        list[str] | None,
        typer.Option(
            help="Installed terrain or a file; repeatable, coarser ones further out. If not given, what is installed there."
        ),
    ] = None,
    level: Annotated[bool, typer.Option("--level", help="A level horizon, though terrain is installed.")] = False,
    ephemeris: Annotated[Path | None, typer.Option(help="A JPL kernel (.bsp) instead of DE421.")] = None,
    orientation: Annotated[
        Path | None, typer.Option(help="A kernel of the Moon's orientation (moon_pa, .bpc).")
    ] = None,
    ics: Annotated[Path | None, typer.Option(help="Write the passes as iCalendar here.")] = None,
    csv: Annotated[Path | None, typer.Option(help="Write the passes as CSV here.")] = None,
    as_json: Annotated[bool, typer.Option("--json", help="Print JSON for programs.")] = False,
) -> None:
    """List the passes of a relay over SITE; the notes say which elements of its orbit are published and which are assumed."""
    from moonbridge.cli.sky import Outputs, Sky, at_least, show, span
    from moonbridge.engines.moon import relay as relays
    from moonbridge.formats import orbits
    from moonbridge.formats import windows as exported

    first, last = span(start, until)
    shortest = at_least(minimum)
    satellite = orbits.relay(relay, orbit)
    sky = Sky.opened(site, mast, terrain or [], kernel=ephemeris, orientation=orientation, level=level)
    found = relays.passes(sky.skyline, satellite.orbit, sky.ephemeris, first, last, mask_deg=mask, minimum=shortest)
    above = "" if mask is None else f", above {mask:g} degrees"
    asked = exported.Asked(
        site=sky.site, condition=f"relay {satellite.name}", start=first, end=last, minimum=shortest,
        provenance=sky.provenance(f"above the skyline{above}"), notes=(*sky.notes, *orbits.words(satellite)),
    )  # fmt: skip
    Outputs(ics, csv, as_json).write(asked, exported.pass_records(found))
    if not as_json:
        show(asked, _HEADING, [_row(one) for one in found], _summary(asked, found))


def _summary(asked: "Asked", found: "Sequence[Pass]") -> str:
    if not found:
        return "No pass."
    import numpy as np

    share = sum((one.duration for one in found), start=np.timedelta64(0, "s")) / (asked.end - asked.start)
    return f"{len(found)} {'passes' if len(found) > 1 else 'pass'}, {100 * share:.1f} % of the time."


def _row(one: "Pass") -> tuple[str, ...]:
    from moonbridge.cli.sky import clock
    from moonbridge.formats.windows import duration_text

    return (
        f"{clock(one.rise)}{' (before)' if one.begun else ''}",
        f"{clock(one.set)}{' (beyond)' if one.lasting else ''}",
        duration_text(one.duration),
        f"{one.rise_azimuth_deg:.0f}°",
        f"{one.set_azimuth_deg:.0f}°",
        f"{one.highest_elevation_deg:.1f}° at {clock(one.highest)[11:16]}",
        f"{one.nearest_km:,.0f} to {one.farthest_km:,.0f}",
    )
