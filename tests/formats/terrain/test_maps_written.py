import json
from pathlib import Path

import numpy as np
import pytest
import rasterio
from PIL import Image

from moonbridge.engines.moon.craters import crater_field
from moonbridge.engines.moon.frames import SUN, Subpoint
from moonbridge.engines.moon.maps import Survey
from moonbridge.engines.moon.projections import NORTH, SOUTH, Equirectangular, Stereographic
from moonbridge.engines.moon.skies import sky
from moonbridge.engines.moon.skyline import Provenance
from moonbridge.engines.moon.terrain import Grid, Stack
from moonbridge.errors import InputError
from moonbridge.formats.terrain.kept import Kept
from moonbridge.formats.terrain.pictures import draw, graticule, relief
from moonbridge.formats.terrain.rasters import write_geotiff
from moonbridge.formats.terrain.reading import read

MADE_FROM = Provenance(mast_m=2.0, ephemeris="DE421", threshold="share of the disc")


@pytest.mark.parametrize(
    "projection", [SOUTH, NORTH, Stereographic(30.0, 40.0), Equirectangular(), Equirectangular(40.0, 10.0)]
)
def test_a_map_lies_where_its_terrain_lies_and_tells_what_it_was_made_from(tmp_path: Path, projection) -> None:
    values = np.linspace(0, 1, 12, dtype=np.float32).reshape(3, 4)
    values[1, 1] = np.nan
    grid = Grid("g", np.zeros((3, 4), np.float32), projection, 100.0, 250.0, 20.0, -30.0)
    write_geotiff(tmp_path / "m.tif", values, grid, title="Light", unit="0 to 1", provenance=MADE_FROM)
    back = read(tmp_path / "m.tif").grid
    assert (back.projection, back.x_m, back.y_m, back.dx_m, back.dy_m) == (projection, 100.0, 250.0, 20.0, -30.0)
    np.testing.assert_array_equal(back.heights_m, values)
    with rasterio.open(tmp_path / "m.tif") as file:
        assert Provenance.from_dict(json.loads(file.tags()["MOONBRIDGE_PROVENANCE"])) == MADE_FROM
        assert (file.units[0], file.descriptions[0]) == ("0 to 1", "Light")


def test_a_picture_shows_the_values_in_cividis_over_the_relief(tmp_path: Path) -> None:
    field = crater_field(3, rows=64, columns=64)
    values = np.tile(np.linspace(0, 1, 64, dtype=np.float32), (64, 1))
    sites = {"in the middle": (-90.0, 0.0), "elsewhere": (10.0, 0.0)}
    draw(tmp_path / "m.png", values, field, title="Light", unit="0 to 1", provenance=MADE_FROM, sites=sites)
    picture = np.asarray(Image.open(tmp_path / "m.png").convert("RGB"), dtype=int)
    assert picture.shape == (1216, 1280, 3)
    middle = picture[600]
    left, right = middle[200:300].mean(axis=0), middle[900:1000].mean(axis=0)
    assert left[2] > left[0]  # blue at the low end
    assert right[0] > right[2]  # yellow at the high end


@pytest.mark.parametrize("longitude", [0.0, 123.0, 359.9])
def test_a_map_across_longitude_0_has_its_meridians(longitude: float) -> None:
    """A map of 40 km at 86 S is 21 degrees of longitude wide, so every second degree is a line, wherever it lies."""
    flat = Grid(
        "g", np.zeros((50, 50), np.float32), Stereographic(-86.0, longitude), -19_600.0, 19_600.0, 800.0, -800.0
    )
    parallels, meridians = graticule(flat)
    away = np.mod(meridians - longitude + 180.0, 360.0) - 180.0
    assert 10 <= meridians.size <= 11
    assert np.abs(away).max() < 10.5
    assert np.diff(meridians).tolist() == [2.0] * (meridians.size - 1)
    assert (parallels.min(), parallels.max()) == pytest.approx((-86.6, -85.4))


def test_the_relief_is_bright_towards_the_lamp_and_grey_where_nothing_is_known() -> None:
    slope = np.tile(np.arange(50, dtype=np.float32) * 20.0, (50, 1))
    slope[0, 0] = np.nan
    rising, falling = (Grid("r", z, SOUTH, 0.0, 0.0, 40.0, -40.0) for z in (slope, slope[:, ::-1].copy()))
    assert relief(rising)[20, 20] > relief(falling)[20, 20]
    assert relief(rising)[0, 0] == 0.5


def test_a_picture_of_an_equirectangular_grid_is_refused(tmp_path: Path) -> None:
    grid = Grid("g", np.zeros((4, 4), np.float32), Equirectangular(), 0.0, 0.0, 20.0, -20.0)
    with pytest.raises(InputError, match="stereographic"):
        draw(tmp_path / "m.png", grid.heights_m, grid, title="", unit="", provenance=MADE_FROM)


def survey(mast_m: float = 0.0) -> Survey:
    around = Subpoint.of(np.arange(0.0, 360.0, 3.0), np.full(120, -1.0), np.full(120, 1.5e8))
    return Survey(Stack((crater_field(3, rows=40, columns=40),)), sky(SOUTH, SUN, around), mast_m)


def test_what_is_done_of_a_map_is_kept_for_the_same_map_only(tmp_path: Path) -> None:
    kept = Kept(tmp_path / "sub" / "map.part", survey())
    assert kept.load() is None
    steps = survey().tallies(part=50)
    kept.save(next(steps))
    *_, resumed = survey().tallies(Kept(kept.path, survey()).load())
    np.testing.assert_array_equal(resumed.visible, survey().whole().visible)
    assert Kept(kept.path, survey(mast_m=5.0)).load() is None
    kept.path.write_bytes(kept.path.read_bytes()[:100])
    assert kept.load() is None
    kept.forget()
    kept.forget()
    assert not kept.path.exists()
