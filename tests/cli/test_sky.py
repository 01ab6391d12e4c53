"""`moonbridge windows` and `moonbridge passes` as a person and as a script meet them."""

import csv
import io
import json
import re
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
import rasterio
from icalendar import Calendar
from rasterio.transform import from_origin

from moonbridge.engines.moon.relay import passes, preset
from moonbridge.engines.moon.skyline import Skyline
from moonbridge.engines.moon.visibility import earth_visible, sun_visible
from moonbridge.engines.moon.windows import windows
from moonbridge.formats import ephemeris
from moonbridge.formats.terrain.store import Store
from moonbridge.formats.windows import pass_records, window_records

SITE = "88.8S,123.4E"
JANUARY = ("--from", "2027-01-01", "--until", "2027-02-01")


type Typed = Callable[..., str]


def test_windows_are_those_of_the_engine_on_screen_and_in_all_files(tmp_path: Path, typed: Typed) -> None:
    calendar, table = tmp_path / "windows.ics", tmp_path / "windows.csv"
    shown = typed("windows", SITE, *JANUARY, "--min", "6h", "--mast", "2", "--ics", calendar, "--csv", table)
    sky, site = ephemeris.default(), Skyline.level(-88.8, 123.4, 2.0)
    both = sun_visible(site, sky) & earth_visible(site, sky)
    (expected,) = window_records(windows(both, "2027-01-01", "2027-02-01", minimum=np.timedelta64(6, "h")))
    assert expected["start"] == "2027-01-10T16:52:33Z"
    assert shown.splitlines()[0] == "sun and earth at 88.8S,123.4E"
    assert "2027-01-10 16:52:33  2027-01-23 10:53:07  12 d 18 h 01 min" in shown
    assert "1 window, 41.1 % of the time; the longest lasts 12 d 18 h 01 min." in shown
    assert shown.splitlines()[-1] == (
        "Terrain: none, level horizon; mast 2 m; ephemeris: DE421, IAU orientation series; "
        "counted: sun: any point of the disc; earth: any point of the disc."
    )
    (event,) = Calendar.from_ical(calendar.read_bytes()).walk("VEVENT")
    assert f"{event.decoded('dtstart'):%Y-%m-%dT%H:%M:%SZ}" == expected["start"]
    (row,) = csv.DictReader(io.StringIO(table.read_text(encoding="utf-8-sig")))
    assert row["end"] == expected["end"]
    assert row["command"].startswith("moonbridge windows 88.8S,123.4E --from 2027-01-01")


def test_json_says_the_same_with_the_relay_s_sources(typed: Typed) -> None:
    data = json.loads(typed("windows", SITE, *JANUARY, "--when", "relay and not sun", "--json"))
    assert data["provenance"]["ephemeris"] == "DE421, IAU orientation series"
    assert data["condition"] == "relay and not sun"
    assert "CNSA April 2024" in data["notes"][0]
    assert data["notes"][1].startswith("Assumed, not published: ascending node")
    assert data["total_s"] == sum(window["duration_s"] for window in data["windows"]) > 0


def test_passes_are_those_of_the_engine(typed: Typed) -> None:
    span = ("--from", "2027-01-01", "--until", "2027-01-03")
    asked = (SITE, *span, "--relay", "queqiao2-12h", "--mask", "10")
    data = json.loads(typed("passes", *asked, "--json"))
    site, orbit = Skyline.level(-88.8, 123.4), preset("queqiao2-12h").orbit
    expected = passes(site, orbit, ephemeris.default(), "2027-01-01", "2027-01-03", mask_deg=10)
    assert data["windows"] == pass_records(expected)
    assert data["provenance"]["threshold"] == "above the skyline, above 10 degrees"
    shown = typed("passes", *asked)
    assert f"{len(expected)} passes, " in shown
    assert f"{expected[0].highest_elevation_deg:.1f}° at" in shown


def test_an_uncertainty_spreads_each_rise_and_set(typed: Typed) -> None:
    asked = ("windows", SITE, *JANUARY, "--when", "sun-full", "--uncertainty")
    data = json.loads(typed(*asked, "500", "--json"))
    (window,) = (one for one in data["windows"] if not one["begun_before"])
    assert window["rise_earliest"] < window["start"] < window["rise_latest"]
    assert (window["seen_at_places"], window["places"]) == (17, 17)
    assert (data["only_elsewhere"], data["provenance"]["coordinate_uncertainty_m"]) == ([], 500.0)
    shown = typed(*asked, "500x100@30")
    assert "17 of 17" in shown
    assert "coordinates known to 500 m x 100 m, the longer half-axis towards 30°;" in shown
    assert "field --uncertainty: “500x100” is no uncertainty; write 20 for a circle" in typed(*asked, "500x100", code=2)


def test_a_share_of_the_sun_is_the_threshold_that_provenance_names(typed: Typed) -> None:
    asked = ("windows", SITE, *JANUARY, "--when", "sun", "--json")
    some, most = (json.loads(typed(*asked, *share)) for share in ((), ("--share", "0.9")))
    assert most["provenance"]["threshold"] == "sun: 0.9 of the disc or more"
    assert 0 < most["total_s"] < some["total_s"]


def cone(path: Path, *, pixels: int = 400, pixel_m: float = 10.0) -> Path:
    """Write a cone of 30 degrees, 400 m high, whose top is ten pixels towards longitude 90 east of the south pole."""
    x = (np.arange(pixels) + 0.5 - pixels / 2) * pixel_m
    away = np.hypot(x[None, :] - 10 * pixel_m, -x[:, None])
    heights = np.maximum(0.0, 400.0 - away * np.tan(np.radians(30))).astype(np.float32)
    corner = from_origin(-pixels / 2 * pixel_m, pixels / 2 * pixel_m, pixel_m, pixel_m)
    with rasterio.open(
        path,
        "w",
        driver="GTiff",
        width=pixels,
        height=pixels,
        count=1,
        dtype="float32",
        crs="IAU_2015:30135",
        transform=corner,
    ) as file:
        file.write(heights, 1)
    return path


def test_terrain_hides_the_sun_until_the_site_moves_onto_the_crest(tmp_path: Path, typed: Typed) -> None:
    """At the pole the mountain hides a quarter turn of the Sun and more; from its top the Sun is up all summer."""
    asked = ("windows", "90S,0E", *JANUARY, "--when", "not sun", "--terrain", cone(tmp_path / "cone.tif"))
    hidden = json.loads(typed(*asked, "--json"))
    assert hidden["provenance"]["terrain"][0]["name"] == "cone"
    assert 5 < hidden["total_s"] / 86_400 < 15
    shown = typed(*asked, "--snap", "200")
    assert "No window." in shown
    assert "The highest point within 200 m of 90S,0E in cone is 89.99" in shown
    assert re.search("moved 100 m towards (89|90|91)°, 5[34][.][0-9] m higher", shown)
    digits = hidden["provenance"]["terrain"][0]["sha256"]
    assert f"Terrain: cone ({digits[:12]}); mast 0 m" in shown


def test_a_crest_is_looked_for_in_the_finest_terrain_that_knows_the_place(tmp_path: Path, typed: Typed) -> None:
    near, wide = (
        cone(tmp_path / "near.tif", pixels=400, pixel_m=10.0), cone(tmp_path / "wide.tif", pixels=400, pixel_m=50.0),
    )  # fmt: skip
    asked = ("windows", "89.9S,90E", *JANUARY, "--terrain", near, "--terrain", wide, "--snap", 2500)
    assert "in wide is 89.98" in typed(*asked)


@pytest.fixture(autouse=True)
def state(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A state folder of its own: what is installed on this machine changes no answer."""
    monkeypatch.setenv("MOONBRIDGE_STATE", str(tmp_path / "state"))
    return tmp_path / "state"


def test_installed_terrain_that_knows_the_place_is_used_unless_the_horizon_is_to_be_level(
    tmp_path: Path, typed: Typed, state: Path
) -> None:
    Store(state / "terrain").add(cone(tmp_path / "cone.tif"))
    asked = ("windows", "90S,0E", *JANUARY, "--when", "not sun")
    over, flat, elsewhere = (
        json.loads(typed(*arguments, "--json"))
        for arguments in (asked, (*asked, "--level"), ("windows", SITE, *JANUARY))
    )
    assert [one["name"] for one in over["provenance"]["terrain"]] == ["cone"]
    assert "known to 2 km on all sides, of the 450 km" in over["notes"][0]
    assert (flat["provenance"]["terrain"], elsewhere["provenance"]["terrain"]) == ([], [])
    for command in ("passes", "windows"):
        assert "Terrain: cone (" in typed(command, "90S,0E", "--from", "2027-01-01", "--until", "2027-01-02")
    assert "Terrain: cone (" in typed("site", "90S,0E", "--year", 2027)


@pytest.mark.parametrize(
    ("arguments", "sentence"),
    [
        (("windows", "98S,3E", *JANUARY), "field coordinates: '98S,3E' has a latitude of -98, beyond a pole;"),
        (
            ("windows", SITE, "--from", "2027-02-01", "--until", "2027-01-01"),
            "field --until: 2027-01-01 is not after 2027-02-01",
        ),
        (("windows", SITE, "--from", "2050-01-01", "--until", "2060-01-01"), "covers 1960-01-02 to 2053-10-05, not "),
        (("windows", SITE, *JANUARY, "--when", "moon"), "field when: in 'moon' 'moon' is not known; write for example"),
        (("windows", SITE, *JANUARY, "--min", "soon"), "field --min: “soon” is not an amount"),
        (("windows", SITE, *JANUARY, "--mast", "-2"), "field --mast: a mast stands up, not -2 m"),
        (
            ("passes", SITE, *JANUARY, "--relay", "magpie"),
            "field relay: no relay is called 'magpie'; there are queqiao2-24h,",
        ),
        (("passes", SITE, *JANUARY, "--ephemeris", "nothing.bsp"), "nothing.bsp: cannot be opened: No such file"),
    ],
)
def test_what_cannot_be_read_is_refused_in_one_sentence(
    arguments: tuple[str, ...], sentence: str, typed: Typed
) -> None:
    said = typed(*arguments, code=2)
    assert said.startswith("moonbridge: ")
    assert sentence in said
    assert said.count("\n") == 1


def test_the_command_needs_neither_django_nor_a_compiler() -> None:
    """A process of its own: what it loads decides how quickly it answers."""
    script = (
        "import sys; from moonbridge.cli import main\n"
        "sys.argv = ['moonbridge', 'passes', '88.8S,123.4E', '--from', '2027-01-01', '--until', '2027-01-02']\n"
        "try: main()\n"
        "finally: print({'django', 'numba', 'rasterio'} & set(sys.modules))"
    )
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=False, timeout=120)
    assert (done.returncode, done.stdout.splitlines()[-1]) == (0, "set()"), done.stderr
