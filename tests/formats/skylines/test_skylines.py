"""Skylines as files, and those that come with Moonbridge."""

import json
import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from moonbridge.engines.moon.horizon import skyline
from moonbridge.engines.moon.light import hours, illumination
from moonbridge.engines.moon.skyline import Skyline
from moonbridge.engines.moon.terrain import Stack
from moonbridge.errors import InputError
from moonbridge.formats import catalogue, ephemeris, skylines
from moonbridge.formats.terrain.reading import read

ROOT = Path(__file__).parents[3]
REAL = ROOT.parent / "shared" / "lunar"
SLUGS = [site.slug for site in catalogue.load().of(catalogue.NamedSite)]


def test_a_file_gives_back_what_was_written() -> None:
    level = Skyline.level(-88.8, 123.4, 2.0)
    shape = 3 * np.sin(np.radians(level.azimuth_deg)) + 0.00012
    written = replace(level, elevation_deg=shape, distance_m=np.full(720, 12_344.0))
    again = skylines.from_text(skylines.as_text(written))
    assert (again.latitude_deg, again.longitude_deg, again.provenance) == (-88.8, 123.4, level.provenance)
    assert np.abs(again.elevation_deg - shape).max() <= 0.0005
    assert set(again.distance_m) == {12_340.0}


@pytest.mark.parametrize(
    "text",
    ["", "[]", '{"format": "moonbridge-skyline", "version": 2}', '{"format": "moonbridge-skyline", "version": 1}'],
)
def test_what_is_no_skyline_is_refused(text: str) -> None:
    with pytest.raises(InputError):
        skylines.from_text(text)


@pytest.mark.parametrize("slug", SLUGS)
def test_each_site_of_the_catalogue_has_its_skyline(slug: str) -> None:
    site = catalogue.load().get(catalogue.NamedSite, slug)
    held = skylines.shipped(slug)
    assert held is not None
    assert (held.latitude_deg, held.longitude_deg) == pytest.approx(
        (float(site.latitude_deg), float(site.longitude_deg) % 360)
    )
    assert (held.elevation_deg.size, held.provenance.mast_m) == (720, 2.0)
    assert all(one.sha256 and len(one.sha256) == 64 for one in held.provenance.terrain)
    command = held.provenance.command
    assert command is not None
    assert command.startswith(f"moonbridge site {slug} ")
    assert "/" not in command


def test_a_place_that_is_not_in_the_catalogue_has_none() -> None:
    assert skylines.shipped("no-such-place") is None


def test_the_shipped_skylines_of_high_places_give_the_light_that_is_published() -> None:
    """Connecting Ridge, 2 m mast, 2017-2037: 0.88 (Glaeser et al. 2018); so it has to be without any terrain here."""
    held = skylines.shipped("connecting-ridge")
    assert held is not None
    light = illumination(held, ephemeris.default(), hours("2017-01-01", "2037-01-01")).mean()
    assert light == pytest.approx(0.88, abs=0.015)


@pytest.mark.skipif(not REAL.is_dir(), reason="the real grids (../shared/lunar) are not here")
@pytest.mark.parametrize("slug", ["change-6-landing", "connecting-ridge"])
def test_a_shipped_skyline_is_what_the_engine_computes_from_its_terrain(slug: str) -> None:
    held = skylines.shipped(slug)
    assert held is not None
    grids = {path.stem: path for path in REAL.iterdir() if path.suffix in {".tif", ".IMG"}}
    stack = Stack.of(*(read(grids[one.name], one.name).grid for one in held.provenance.terrain))
    assert [one.sha256 for one in stack.sources] == [one.sha256 for one in held.provenance.terrain]
    again = skyline(stack, held.latitude_deg, held.longitude_deg, held.provenance.mast_m)
    assert np.abs(again.elevation_deg - held.elevation_deg).max() <= 0.0006
    assert np.median(np.abs(again.distance_m - held.distance_m)) <= 5.1
    assert again.height_m == pytest.approx(held.height_m, abs=0.06)


def test_the_tool_knows_every_site_and_tells_the_command_of_each_file() -> None:
    script = (
        "import json, skylines; print(json.dumps({slug: ' '.join(skylines.command(slug)) for slug in skylines.SITES}))"
    )
    ran = subprocess.run([sys.executable, "-c", script], cwd=ROOT / "tools", check=True, capture_output=True, text=True)
    told = {slug: held.provenance.command for slug in SLUGS if (held := skylines.shipped(slug))}
    assert json.loads(ran.stdout) == told
