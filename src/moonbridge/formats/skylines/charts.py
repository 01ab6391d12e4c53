"""The skyline with the ways of Sun and Earth, and the year as a strip of days: one picture as SVG, PNG or PDF."""

from pathlib import Path
from textwrap import wrap
from typing import Any, Final

import altair as alt
import numpy as np
import vl_convert

from moonbridge.engines.moon.ephemeris import Ephemeris
from moonbridge.engines.moon.light import hours
from moonbridge.engines.moon.skyline import Skyline
from moonbridge.engines.moon.years import Year, band, track
from moonbridge.errors import InputError

GROUND: Final = "#6b6b73"
SUN: Final = "#c98a2b"
EARTH: Final = "#3f78c4"
_WIDTH: Final = 760
_LINE: Final = 140
"""Signs in a line of the subtitle."""
_LIBRATION_DEG: Final = 6.9
"""So far the Earth rises over the horizon of a pole; the Sun stays lower."""


def save(path: Path, year: Year, skyline: Skyline, ephemeris: Ephemeris, *, title: str, origin: str) -> None:
    """Draw a year at a place; the ending of ``path`` (.svg, .png, .pdf) chooses the format, ``origin`` is written below."""
    heading = alt.Title(title, subtitle=wrap(origin, _LINE), subtitleColor="#555", anchor="start")
    spec = _chart(year, skyline, ephemeris).properties(title=heading).to_dict()
    match path.suffix.casefold():
        case ".svg":
            path.write_text(vl_convert.vegalite_to_svg(spec), encoding="utf-8")
        case ".png":
            path.write_bytes(vl_convert.vegalite_to_png(spec, scale=2))
        case ".pdf":
            path.write_bytes(vl_convert.vegalite_to_pdf(spec))
        case other:
            raise InputError(f"a chart is .svg, .png or .pdf, not {other or 'without an ending'}", field="--chart")


def _chart(year: Year, skyline: Skyline, ephemeris: Ephemeris) -> Any:
    times = hours(f"{year.year:04d}-01-01", f"{year.year + 1:04d}-01-01")
    above = alt.layer(_sun(skyline, ephemeris, times), _earth(skyline, ephemeris, times), _ground(skyline))
    above = above.properties(width=_WIDTH, height=240, title="Skyline with Sun (band) and Earth (line) over the year")
    return (
        alt.vconcat(above, _strip(year), spacing=24)
        .configure(background="white", font="sans-serif")
        .configure_view(stroke=None)
    )


def _ground(skyline: Skyline) -> Any:
    azimuths = np.append(skyline.azimuth_deg, 360.0)
    heights = np.append(skyline.elevation_deg, skyline.elevation_deg[0])
    rows = [
        {"azimuth": round(float(a), 2), "horizon": round(float(e), 3)} for a, e in zip(azimuths, heights, strict=True)
    ]
    floor = float(np.floor(heights.min() - 1))
    rows = [row | {"floor": floor} for row in rows]
    mark = alt.Chart(alt.InlineData(values=rows)).mark_area(color=GROUND, clip=True)
    return mark.encode(x=_azimuth(), y=_elevation("horizon", skyline), y2="floor:Q")


def _sun(skyline: Skyline, ephemeris: Ephemeris, times: Any) -> Any:
    seen = band(skyline, ephemeris.sun(times))
    rows = [
        {"azimuth": float(a), "low": round(float(low), 3), "high": round(float(high), 3)}
        for a, low, high in zip(seen.azimuth_deg, seen.low_deg, seen.high_deg, strict=True)
        if np.isfinite(low)
    ]
    mark = alt.Chart(alt.InlineData(values=rows)).mark_area(color=SUN, opacity=0.45, clip=True)
    return mark.encode(x=_azimuth(), y=_elevation("low", skyline), y2="high:Q")


def _earth(skyline: Skyline, ephemeris: Ephemeris, times: Any) -> Any:
    azimuth, elevation = track(skyline, ephemeris.earth(times[::24]))
    # a line is broken where it leaves at one side and comes back at the other
    parts = np.cumsum(np.abs(np.diff(azimuth, prepend=azimuth[0])) > 180)  # noqa: PLR2004 - half a turn
    rows = [
        {"azimuth": round(float(a), 2), "earth": round(float(e), 3), "order": number, "part": int(part)}
        for number, (a, e, part) in enumerate(zip(azimuth, elevation, parts, strict=True))
    ]
    mark = alt.Chart(alt.InlineData(values=rows)).mark_line(color=EARTH, strokeWidth=1, clip=True)
    return mark.encode(x=_azimuth(), y=_elevation("earth", skyline), order="order:Q", detail="part:N")


def _azimuth() -> Any:
    axis = alt.Axis(values=list(range(0, 361, 30)), title="azimuth in degrees from true north")
    return alt.X("azimuth:Q", scale=alt.Scale(domain=[0, 360]), axis=axis)


def _elevation(field: str, skyline: Skyline) -> Any:
    low, high = float(skyline.elevation_deg.min()), float(skyline.elevation_deg.max())
    top = max(high, 90.0 - abs(skyline.latitude_deg) + _LIBRATION_DEG)
    scale = alt.Scale(domain=[np.floor(low - 1), np.ceil(top + 1)], nice=False)
    return alt.Y(f"{field}:Q", scale=scale, title="elevation in degrees")


def _strip(year: Year) -> Any:
    shares = {"light": year.light_by_day, "Earth": year.earth_by_day, "Sun and Earth": year.contact_by_day}
    shares |= {f"relay {name}": found for name, found in year.relays.items()}
    rows = [
        {"day": str(day), "what": name, "share": round(float(share), 3)}
        for name, found in shares.items()
        for day, share in zip(year.days, found, strict=True)
    ]
    return (
        alt.Chart(alt.InlineData(values=rows), width=_WIDTH, height=alt.Step(24))
        .mark_rect()
        .encode(
            x=alt.X("yearmonthdate(day):T", title=None, axis=alt.Axis(format="%b", tickCount="month")),
            y=alt.Y("what:N", sort=list(shares), title=None),
            color=alt.Color("share:Q", scale=alt.Scale(scheme="cividis", domain=[0, 1]), title="share of the day"),
        )
        .properties(title=f"{year.year} by day")
    )
