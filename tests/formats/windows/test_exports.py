"""The files, read back by the libraries that read such files."""

import csv
import io
import json
from datetime import UTC, datetime

import numpy as np
import pytest
from icalendar import Calendar

from moonbridge.engines.moon.relay import Pass
from moonbridge.engines.moon.skyline import Provenance, Source
from moonbridge.engines.moon.uncertainty import spread_over
from moonbridge.engines.moon.windows import Window
from moonbridge.formats import windows as exported
from moonbridge.formats.coordinates import Coordinates

NOW = datetime(2026, 11, 21, 12, tzinfo=UTC)
FOUND = [
    Window(np.datetime64("2027-01-01T00:00:00"), np.datetime64("2027-01-02T06:30:00"), begun=True),
    Window(np.datetime64("2027-01-10T16:52:33"), np.datetime64("2027-01-10T17:00:00"), lasting=True),
]
ASKED = exported.Asked(
    site=Coordinates(-88.8, 123.4),
    condition="sun and earth",
    start=np.datetime64("2027-01-01T00:00:00"),
    end=np.datetime64("2027-01-11T00:00:00"),
    minimum=np.timedelta64(60, "s"),
    provenance=Provenance(
        (Source("cap_240m.tif", "ab" * 32, 240.0),), mast_m=2.0, ephemeris="DE421", threshold="any point of the disc",
        command="moonbridge windows 88.8S,123.4E",
    ),
    notes=("A note.",),
)  # fmt: skip


def test_a_calendar_holds_each_window_with_its_origin() -> None:
    made = exported.as_calendar(ASKED, exported.window_records(FOUND), now=NOW)
    assert made == exported.as_calendar(ASKED, exported.window_records(FOUND), now=NOW)
    read = Calendar.from_ical(made)
    assert read["NAME"] == "sun and earth at 88.8S,123.4E"
    first, second = read.walk("VEVENT")
    assert (first.decoded("dtstart"), first.decoded("dtend")) == (
        datetime(2027, 1, 1, tzinfo=UTC),
        datetime(2027, 1, 2, 6, 30, tzinfo=UTC),
    )
    assert first["uid"] != second["uid"]
    assert str(first["description"]).splitlines() == [
        "A note.",
        "terrain: cap_240m.tif",
        "mast m: 2.0",
        "ephemeris: DE421",
        "threshold: any point of the disc",
        "command: moonbridge windows 88.8S,123.4E",
    ]


def test_a_table_keeps_the_origin_in_each_row_and_numbers_as_numbers() -> None:
    text = exported.as_csv(ASKED, exported.window_records(FOUND)).decode("utf-8-sig")
    first, second = csv.DictReader(io.StringIO(text))
    assert first["start"] == "2027-01-01T00:00:00Z"
    assert (first["duration_s"], first["begun_before"], first["lasts_beyond"]) == ("109800", "yes", "no")
    assert (second["duration_s"], second["begun_before"], second["lasts_beyond"]) == ("447", "no", "yes")
    assert (second["latitude_deg"], second["longitude_deg"]) == ("-88.8", "123.4")
    assert second["terrain"] == f"cap_240m.tif {'ab' * 32}"
    assert second["ephemeris"] == "DE421"


def test_a_table_without_windows_has_its_header() -> None:
    (header,) = csv.reader(io.StringIO(exported.as_csv(ASKED, []).decode("utf-8-sig")))
    assert header[:4] == ["start", "end", "duration_s", "latitude_deg"]


def test_json_says_what_was_asked_and_survives_a_round_trip() -> None:
    data = exported.as_json(ASKED, exported.window_records(FOUND))
    assert json.loads(json.dumps(data)) == data
    assert Provenance.from_dict(data["provenance"]) == ASKED.provenance
    assert (data["total_s"], data["minimum_s"], len(data["windows"])) == (110_247, 60, 2)
    assert data["windows"][1] == {
        "start": "2027-01-10T16:52:33Z", "end": "2027-01-10T17:00:00Z", "duration_s": 447, "begun_before": False, "lasts_beyond": True,
    }  # fmt: skip


def test_passes_and_spreads_have_columns_of_their_own() -> None:
    rise, fall = FOUND[1].start, FOUND[1].end
    (row,) = exported.pass_records([Pass(rise, fall, False, True, 12.3456, 200.0, rise, 33.333, 4321.6, 16000.4)])
    assert (row["rise_azimuth_deg"], row["highest_elevation_deg"], row["nearest_km"], row["farthest_km"]) == (
        12.35,
        33.33,
        4322,
        16000,
    )
    rows = exported.uncertain_records(spread_over(FOUND, [[FOUND[0]]]))
    assert rows[0]["rise_latest"] == rows[0]["start"]
    assert [row["seen_at_places"] for row in rows] == [2, 1]


@pytest.mark.parametrize(
    ("seconds", "text"),
    [(0, "0 h 00 min"), (447, "0 h 07 min"), (109_800, "1 d 06 h 30 min"), (86_399, "1 d 00 h 00 min")],
)
def test_durations_are_rounded_to_the_minute(seconds: int, text: str) -> None:
    assert exported.duration_text(np.timedelta64(seconds, "s")) == text


def test_the_summary_counts_the_share_of_the_search() -> None:
    assert exported.summary(ASKED, FOUND) == "2 windows, 12.8 % of the time; the longest lasts 1 d 06 h 30 min."
    assert exported.summary(ASKED, []) == "No window."
