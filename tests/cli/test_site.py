"""`moonbridge site` as a person and as a script meet it."""

import csv
import json
from collections.abc import Callable
from pathlib import Path

import pytest
from icalendar import Calendar

from moonbridge.engines.moon.relay import preset
from moonbridge.engines.moon.years import year_at
from moonbridge.formats import ephemeris, skylines
from moonbridge.formats.windows import duration_text

type Typed = Callable[..., str]


@pytest.fixture(autouse=True)
def state(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A state folder of its own: what is installed on this machine changes no answer."""
    monkeypatch.setenv("MOONBRIDGE_STATE", str(tmp_path / "state"))


def test_a_site_of_the_catalogue_stands_on_its_shipped_skyline(typed: Typed, tmp_path: Path) -> None:
    files = {name: tmp_path / f"site.{name}" for name in ("csv", "ics", "svg", "json")}
    shown = typed(
        "site", "connecting-ridge", "--year", 2027, "--csv", files["csv"], "--ics", files["ics"], "--chart", files["svg"],
        "--skyline", files["json"],
    )  # fmt: skip
    held = skylines.shipped("connecting-ridge")
    assert held is not None
    year = year_at(held, ephemeris.default(), 2027, {"queqiao2-24h": preset("queqiao2-24h").orbit})
    lines = shown.splitlines()
    assert lines[0] == "Connecting Ridge, 89.4388S,222.857E, 2027"
    assert lines[1].startswith(f"Light   {100 * year.sunlight.mean:.1f} % of the Sun's disc in the mean")
    night = year.longest_night
    assert night is not None
    assert f"longest night {duration_text(night.duration)}, 2027-05-14 19:" in shown
    ridge, cap, *_ = held.provenance.terrain
    assert f"Terrain: {ridge.name} ({ridge.sha256[:12]}), {cap.name} ({cap.sha256[:12]})" in shown
    assert ridge.sha256[:12] in files["svg"].read_text(encoding="utf-8")
    assert "Nothing smaller than 10 m is seen" in shown
    rows = list(csv.DictReader(files["csv"].read_text(encoding="utf-8-sig").splitlines()))
    assert [float(row["light"]) for row in rows] == pytest.approx(year.light_by_day.tolist(), abs=1e-4)
    assert len(Calendar.from_ical(files["ics"].read_bytes()).walk("VEVENT")) == len(year.contacts)
    assert files["svg"].read_text(encoding="utf-8").startswith("<svg")
    again = skylines.from_text(files["json"].read_text(encoding="utf-8"))
    assert again.elevation_deg.tolist() == held.elevation_deg.tolist()


def test_the_strip_has_a_sign_for_each_day_of_each_month(typed: Typed) -> None:
    lines = typed("site", "0N,0E", "--year", 2027).splitlines()
    start = next(number for number, line in enumerate(lines) if line.startswith("Jan"))
    light = [line[5:36].rstrip() for line in lines[start : start + 12]]
    assert [len(days) for days in light] == [31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31]
    assert set("".join(light)) >= {"·", "█"}


def test_coordinates_without_terrain_have_a_level_horizon_and_say_so(typed: Typed) -> None:
    told = json.loads(typed("site", "88.8S,123.4E", "--year", 2027, "--mast", 2, "--relay", "queqiao2-12h", "--json"))
    assert (told["provenance"]["terrain"], told["provenance"]["mast_m"]) == ([], 2.0)
    assert list(told["relays"]) == ["queqiao2-12h"]
    assert len(told["days"]) == 365
    assert told["sun"]["mean"] == pytest.approx(0.5, abs=0.1)
    shown = typed("site", "88.8S,123.4E", "--year", 2027)
    assert "Terrain: none, level horizon" in shown


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (("no-such-place", "--year", 2027), "the catalogue has no site 'no-such-place'; it has change-4-landing"),
        (
            ("connecting-ridge", "--year", 2027, "--mast", 10),
            "an eye 2 m above the ground; for another mast name --terrain",
        ),
        (("0N,0E", "--year", 2100), "DE421"),
        (("0N,0E", "--year", 2027, "--chart", "site.doc"), "a chart is .svg, .png or .pdf, not .doc"),
        (("0N,0E", "--year", 2027, "--snap", 200), "a crest is found in terrain"),
    ],
)
def test_what_cannot_be_answered_is_said_in_a_sentence(typed: Typed, arguments: tuple[object, ...], said: str) -> None:
    assert said in typed("site", *arguments, code=2)
