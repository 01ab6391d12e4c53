"""A year at a place as files: CSV by day, and everything as plain data for JSON."""

from collections.abc import Mapping
from typing import Any, Final

from moonbridge.engines.moon.light import Span, Statistics
from moonbridge.engines.moon.skyline import Provenance, Skyline
from moonbridge.engines.moon.years import Year
from moonbridge.formats import windows as exported
from moonbridge.formats.skylines import as_dict as skyline_data
from moonbridge.formats.tables import csv_bytes
from moonbridge.formats.tables.writing import Value

FORMAT: Final = "moonbridge-site-year"
VERSION: Final = 1
_PLACES: Final = 4


def day_rows(year: Year) -> tuple[list[str], list[list[Value]]]:
    """Return heading and rows of the table by day: shares from 0 to 1."""
    columns = {"light": year.light_by_day, "earth": year.earth_by_day, "sun_and_earth": year.contact_by_day}
    columns |= {f"relay_{name}": shares for name, shares in year.relays.items()}
    rows: list[list[Value]] = [
        [str(day), *(round(float(shares[number]), _PLACES) for shares in columns.values())]
        for number, day in enumerate(year.days)
    ]
    return ["day", *columns], rows


def days_csv(year: Year, skyline: Skyline, provenance: Provenance) -> bytes:
    """Return the table by day as CSV; each row ends with place, mast, terrain and ephemeris, so that it loses not its origin."""
    heading, rows = day_rows(year)
    terrain = "; ".join(f"{one.name} {one.sha256 or ''}".strip() for one in provenance.terrain)
    origin: list[Value] = [
        skyline.latitude_deg, skyline.longitude_deg, provenance.mast_m, terrain or "none: level horizon",
        provenance.ephemeris, provenance.threshold,
    ]  # fmt: skip
    heading += ["latitude_deg", "longitude_deg", "mast_m", "terrain", "ephemeris", "counted"]
    return csv_bytes(heading, [[*row, *origin] for row in rows])


def year_data(
    year: Year, skyline: Skyline, provenance: Provenance, notes: tuple[str, ...] = (), cycle: float | None = None
) -> dict[str, Any]:
    """Return everything as plain data: the year in brief, by day, its nights and contacts, and the skyline behind it.

    ``cycle`` is the mean light over :data:`~moonbridge.engines.moon.years.CYCLE_YEARS` years, where it was computed.
    """
    heading, rows = day_rows(year)
    return {
        "format": FORMAT,
        "version": VERSION,
        "year": year.year,
        "notes": list(notes),
        "provenance": provenance.as_dict(),
        "sun": _brief(year.sunlight) | {"mean_over_the_cycle": None if cycle is None else round(cycle, _PLACES)},
        "earth": _brief(year.earthlight),
        "sun_and_earth_share": round(float(year.contact_by_day.mean()), _PLACES),
        "relays": _means(year.relays),
        "nights": exported.window_records(year.nights),
        "longest_light": exported.window_records([year.longest_light] if year.longest_light else []),
        "contacts": exported.window_records(year.contacts),
        "days": [dict(zip(heading, row, strict=True)) for row in rows],
        "skyline": skyline_data(skyline),
    }


def _brief(found: Statistics) -> dict[str, Any]:
    return {
        "mean": round(found.mean, _PLACES),
        "any_share": round(found.any_share, _PLACES),
        "full_share": round(found.full_share, _PLACES),
        "longest_without_by_the_hour": _span(found.longest_dark),
        "longest_with_by_the_hour": _span(found.longest_light),
    }


def _span(span: Span | None) -> dict[str, Any] | None:
    if span is None:
        return None
    return {"start": exported.text_of(span.start), "end": exported.text_of(span.end), "hours": round(span.hours, 1)}


def _means(relays: Mapping[str, Any]) -> dict[str, float]:
    return {name: round(float(shares.mean()), _PLACES) for name, shares in relays.items()}
