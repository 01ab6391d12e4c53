"""``moonbridge map`` and ``moonbridge terrain`` as a person meets them: processes of their own, a state folder of their own."""

import json
import os
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
import rasterio

from formats.terrain.test_reading import pds3
from moonbridge.engines.moon.craters import crater_field
from moonbridge.engines.moon.projections import unit_vectors
from moonbridge.formats.coordinates import parse


@pytest.fixture
def moonbridge(tmp_path: Path):
    def run(*arguments: object, code: int = 0) -> subprocess.CompletedProcess[str]:
        command = [sys.executable, "-c", "from moonbridge.cli import main; main()", *map(str, arguments)]
        kept = {key: value for key, value in os.environ.items() if key != "DJANGO_SETTINGS_MODULE"}
        environment = kept | {"NO_COLOR": "1", "MOONBRIDGE_STATE": str(tmp_path / "state")}
        done = subprocess.run(
            command, capture_output=True, text=True, env=environment, check=False, timeout=120, cwd=tmp_path
        )
        assert done.returncode == code, done.stderr
        return done

    return run


def test_a_map_of_synthetic_craters_says_that_it_is_synthetic_and_with_which_command(
    moonbridge, tmp_path: Path
) -> None:
    said = moonbridge(
        "map", "light", "--synthetic", 3, "--until", "2027-01-08", "--step", 6, "--out", "m", "--workers", 2
    ).stdout
    assert said.startswith("Mean visible share of the Sun's disc: ")
    lines = said.splitlines()
    never, best = float(lines[1].split()[-5]), lines[3]
    with rasterio.open(tmp_path / "m" / "light.tif") as file:
        light = file.read(1)
        made_from = json.loads(file.tags()["MOONBRIDGE_PROVENANCE"])
        assert "SYNTHETIC" in file.tags()["TIFFTAG_IMAGEDESCRIPTION"]
    assert light.shape == (256, 256)
    assert 0 <= light.min() < light.max() <= 1
    assert lines[1].startswith("Never lit in that time: ")
    assert never == pytest.approx(100 * (light == 0).mean(), abs=0.006)
    assert lines[2] == "Highest, at least 0.768 km apart:"
    assert float(best.split()[1]) == pytest.approx(light.max(), abs=0.001)
    place = parse(best.split()[0])
    field = crater_field(3)
    row, column = (round(float(k)) for k in field.places(unit_vectors(*place)))
    assert light[row, column] == light.max()
    assert made_from["command"].startswith("moonbridge map light --synthetic 3")
    assert made_from["terrain"][0]["name"] == "synthetic craters, seed 3"
    assert sorted(path.name for path in (tmp_path / "m").iterdir()) == ["light.png", "light.tif"]


def test_terrain_is_added_listed_and_mapped(moonbridge, tmp_path: Path) -> None:
    image = pds3(tmp_path, centre=90.0)
    added = moonbridge("terrain", "add", image, "--name", "polar").stdout
    assert "polar: 40 x 40 pixels of 120 x 120 m, IAU_2015:30135" in added
    assert "note: the label says that the centre of the projection is at 90 N" in added
    assert moonbridge("terrain", "info", "polar").stdout == added
    listed = moonbridge("terrain", "list").stdout
    assert "ldem_4" in listed
    assert any(line.split()[:2] == ["polar", "yes"] for line in listed.splitlines())
    moonbridge("map", "slope", "--terrain", "polar", "--centre", "89.97S,0E", "--half", 1, "--out", "s")
    with rasterio.open(tmp_path / "s" / "slope.tif") as file:
        assert np.nanmax(file.read(1)) > 0


def test_what_is_counted_stays_until_both_files_are_written(moonbridge, tmp_path: Path) -> None:
    asked = ("map", "light", "--synthetic", 1, "--until", "2027-01-03", "--step", 12, "--out", "m")
    moonbridge(*asked, "--site", "Rim 89.9S,10E", code=2)
    assert not (tmp_path / "m").exists(), "a name that cannot be read is refused before anything is computed"
    (tmp_path / "m" / "light.png").mkdir(parents=True)
    moonbridge(*asked, code=1)
    assert (tmp_path / "m" / "light.part").exists()
    (tmp_path / "m" / "light.png").rmdir()
    moonbridge(*asked)
    assert sorted(path.name for path in (tmp_path / "m").iterdir()) == ["light.png", "light.tif"]


def test_a_map_of_nights_says_that_it_counts_the_time_without_any_point_of_the_sun(moonbridge, tmp_path: Path) -> None:
    asked = ("map", "night", "--synthetic", 1, "--until", "2027-01-20", "--out", "m")
    for what in ("night", "slope"):
        refused = moonbridge("map", what, *asked[2:], "--seen", "full", code=2).stderr
        assert f"a map of {what} does not ask how much of a disc is seen" in refused
    moonbridge(*asked)
    with rasterio.open(tmp_path / "m" / "night.tif") as file:
        counted = json.loads(file.tags()["MOONBRIDGE_PROVENANCE"])["threshold"]
    assert counted == "no point of the disc, 2027-01-01 to 2027-01-20 UTC every 1 h, a night cut where that ends"


def test_a_map_of_nights_that_needs_too_much_memory_is_refused_before_it_begins(moonbridge, tmp_path: Path) -> None:
    """256 x 256 pixels in 13 rounds of the Sun: 2 tallies of 65,536 x (4 + 3 x 13 x 2) bytes are 0.0107 GB."""
    asked = ("map", "night", "--synthetic", 1, "--out", "m", "--memory", 0.01)
    assert "need 0.0107 GB, more than the 0.01 GB of --memory" in moonbridge(*asked, code=2).stderr
    assert not list((tmp_path / "m").glob("*"))


def test_refusals_say_what_to_do(moonbridge) -> None:
    assert "no terrain is installed" in moonbridge("map", "slope", code=2).stderr
    assert "the catalogue has no terrain mars" in moonbridge("terrain", "fetch", "mars", code=2).stderr
    assert "has no name: write NAME=" in moonbridge("map", "slope", "--synthetic", 1, "--site", "89S,0E", code=2).stderr
