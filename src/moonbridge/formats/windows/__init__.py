"""Windows and passes as files: iCalendar for calendars, CSV for tables, JSON for programs. Each says what it was computed from."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from hashlib import sha256
from typing import Any, Final

import numpy as np

from moonbridge.engines.moon.relay import Pass
from moonbridge.engines.moon.skyline import Provenance
from moonbridge.engines.moon.uncertainty import Spread, UncertainWindows
from moonbridge.engines.moon.windows import SECOND, Window, total
from moonbridge.formats.coordinates import Coordinates
from moonbridge.formats.tables import csv_bytes
from moonbridge.formats.tables.writing import Value

FORMAT: Final = "moonbridge-windows"
VERSION: Final = 1
_DIGEST_LETTERS: Final = 16

type Record = dict[str, Value | bool]


@dataclass(frozen=True, slots=True, kw_only=True)
class Asked:
    """What was searched where and when, and what the answer rests on.

    ``condition`` says in words what holds in a window; ``notes`` are what a reader must know, an assumed orbit, say.
    """

    site: Coordinates
    condition: str
    start: np.datetime64
    end: np.datetime64
    minimum: np.timedelta64
    provenance: Provenance
    notes: tuple[str, ...] = ()

    @property
    def title(self) -> str:
        """The condition and the place."""
        return f"{self.condition} at {self.site}"

    def as_dict(self) -> dict[str, Any]:
        """Return plain data for JSON."""
        return {
            "site": {"latitude_deg": self.site.latitude_deg, "longitude_deg": self.site.longitude_deg},
            "condition": self.condition,
            "start": text_of(self.start),
            "end": text_of(self.end),
            "minimum_s": seconds_of(self.minimum),
            "notes": list(self.notes),
            "provenance": self.provenance.as_dict(),
        }


def text_of(instant: np.datetime64) -> str:
    """Return a UTC instant as ISO 8601 to the second."""
    return f"{np.datetime_as_string(instant.astype('datetime64[s]'))}Z"


def seconds_of(duration: np.timedelta64) -> int:
    """Return a duration in whole seconds."""
    return int(duration // SECOND)


def window_records(found: Sequence[Window]) -> list[Record]:
    """Return one row for each window: UTC start and end, seconds, and whether the search cut it."""
    return [
        {
            "start": text_of(window.start),
            "end": text_of(window.end),
            "duration_s": seconds_of(window.duration),
            "begun_before": window.begun,
            "lasts_beyond": window.lasting,
        }
        for window in found
    ]


def pass_records(found: Sequence[Pass]) -> list[Record]:
    """Return one row for each pass of a relay; angles to a hundredth of a degree, ranges to the kilometre."""
    return [
        {
            "start": text_of(one.rise),
            "end": text_of(one.set),
            "duration_s": seconds_of(one.duration),
            "begun_before": one.begun,
            "lasts_beyond": one.lasting,
            "rise_azimuth_deg": round(one.rise_azimuth_deg, 2),
            "set_azimuth_deg": round(one.set_azimuth_deg, 2),
            "highest": text_of(one.highest),
            "highest_elevation_deg": round(one.highest_elevation_deg, 2),
            "nearest_km": round(one.nearest_km),
            "farthest_km": round(one.farthest_km),
        }
        for one in found
    ]


def uncertain_records(found: UncertainWindows) -> list[Record]:
    """Return one row for each window of the nominal place, with the spread of its rise and set over the ellipse."""
    plain = window_records([window.nominal for window in found.windows])
    return [
        record
        | _spread_record("rise", window.rise)
        | _spread_record("set", window.set)
        | {"seen_at_places": window.seen, "places": window.places}
        for record, window in zip(plain, found.windows, strict=True)
    ]


def _spread_record(name: str, spread: Spread) -> Record:
    return {f"{name}_{which}": text_of(getattr(spread, which)) for which in ("earliest", "median", "latest")}


def as_json(asked: Asked, records: Sequence[Record], **more: Any) -> dict[str, Any]:
    """Return the answer as plain data: what was asked, provenance, the rows and their total; ``more`` is added as it is."""
    lasting = sum(int(str(record["duration_s"])) for record in records)
    return (
        {"format": FORMAT, "version": VERSION} | asked.as_dict() | {"total_s": lasting, "windows": list(records)} | more
    )


def as_csv(asked: Asked, records: Sequence[Record]) -> bytes:
    """Return the rows as CSV; each row ends with where, what and from which data, so that no row loses its origin."""
    made_from = asked.provenance
    origin: dict[str, Value] = {
        "latitude_deg": asked.site.latitude_deg,
        "longitude_deg": asked.site.longitude_deg,
        "condition": asked.condition,
        "mast_m": made_from.mast_m,
        "terrain": "; ".join(f"{one.name} {one.sha256 or ''}".strip() for one in made_from.terrain)
        or "none: level horizon",
        "ephemeris": made_from.ephemeris,
        "threshold": made_from.threshold,
        "filled": "; ".join(map(str, made_from.filled)),
        "coordinate_uncertainty_m": made_from.coordinate_uncertainty_m,
        "coordinate_across_m": made_from.coordinate_across_m,
        "coordinate_axis_deg": made_from.coordinate_axis_deg,
        "notes": " ".join(asked.notes),
        "command": made_from.command,
    }
    header = [*(records[0] if records else ("start", "end", "duration_s")), *origin]
    rows = [[_cell(value) for value in record.values()] + list(origin.values()) for record in records]
    return csv_bytes(header, rows)


def _cell(value: Value | bool) -> Value:
    return ("yes" if value else "no") if isinstance(value, bool) else value


def as_calendar(asked: Asked, records: Sequence[Record], *, now: datetime) -> bytes:
    """Return the rows as an iCalendar file; ``now`` stamps it. The same window gets the same identity when it is made again."""
    from moonbridge.formats import calendar

    text = _words(asked)
    return calendar.calendar(
        asked.title,
        [
            calendar.Date(
                uid=_identity(asked, record), at=_instant(record["start"]), until=_instant(record["end"]), title=asked.title,
                text=text,
            )
            for record in records
        ],
        now=now,
    )  # fmt: skip


def _words(asked: Asked) -> str:
    """Return the provenance as lines for the description of an event."""
    facts = asked.provenance.as_dict()
    terrain = ", ".join(one.name for one in asked.provenance.terrain) or "none: level horizon"
    told = {**facts, "terrain": terrain, "filled": "; ".join(map(str, asked.provenance.filled)) or None}
    lines = [f"{name.replace('_', ' ')}: {value}" for name, value in told.items() if value is not None]
    return "\n".join((*asked.notes, *lines))


def _identity(asked: Asked, record: Record) -> str:
    said = f"{asked.site} {asked.condition} {record['start']}"
    return f"{sha256(said.encode()).hexdigest()[:_DIGEST_LETTERS]}@moonbridge"


def _instant(text: object) -> datetime:
    return datetime.fromisoformat(str(text)).astimezone(UTC)


def summary(asked: Asked, found: Sequence[Window]) -> str:
    """Return one sentence: how many, how much of the time, the longest."""
    if not found:
        return "No window."
    share = total(found) / (asked.end - asked.start)
    longest = max(window.duration for window in found)
    many = f"{len(found)} windows" if len(found) > 1 else "1 window"
    return f"{many}, {100 * share:.1f} % of the time; the longest lasts {duration_text(longest)}."


def duration_text(duration: np.timedelta64) -> str:
    """Return a duration as people read it: days, hours and minutes, rounded to the minute."""
    minutes = round(seconds_of(duration) / 60)
    days, rest = divmod(minutes, 24 * 60)
    hours, minutes = divmod(rest, 60)
    return f"{days} d {hours:02d} h {minutes:02d} min" if days else f"{hours} h {minutes:02d} min"
