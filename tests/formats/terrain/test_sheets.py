"""Files larger than what is wanted of them: only those pixels are read, and they are those of the whole file."""

import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
import rasterio
from affine import Affine
from rasterio.windows import Window

from formats.terrain.test_reading import pds3, tif
from moonbridge.engines.moon.extent import Part, part_within
from moonbridge.engines.moon.frames import distance_m
from moonbridge.engines.moon.horizon import Panorama, skyline
from moonbridge.engines.moon.projections import Equirectangular, Stereographic, degrees
from moonbridge.engines.moon.terrain import Grid, Stack
from moonbridge.errors import InputError
from moonbridge.formats.terrain import sheets
from moonbridge.formats.terrain.reading import open_sheet, read
from moonbridge.formats.terrain.regions import square_around, stack_around, whole_region

SIZE, PIXEL_M = 1200, 100.0
CORNER = SIZE / 2 * PIXEL_M


@pytest.fixture(scope="module")
def hills(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Gentle hills and one mountain 40 km from the south pole, 1200 x 1200 pixels of 100 m, cloud-optimised: tiles and overviews."""
    from rasterio.shutil import copy

    folder = tmp_path_factory.mktemp("hills")
    x, y = np.meshgrid(np.arange(SIZE), np.arange(SIZE))
    z = 300 * np.sin(x / 31) * np.cos(y / 47) + 6000 * np.exp(-((x - 1000) ** 2 + (y - 600) ** 2) / 900)
    move = Affine(PIXEL_M, 0, -CORNER, 0, -PIXEL_M, CORNER)
    plain = tif(folder / "plain.tif", stored=z.astype(np.int16), move=move, scale=0.5, offset=10.0)
    copy(plain, folder / "hills.tif", driver="COG", blocksize=128, overview_resampling="average", overview_count=3)
    return folder / "hills.tif"


@pytest.mark.parametrize(
    "projection",
    [Stereographic(-90.0), Stereographic(20.0, 40.0), Equirectangular(0.0), Equirectangular(180.0)],
)
@pytest.mark.parametrize("place", [(-88.0, 10.0), (-70.0, 179.0), (30.0, 359.5)])
def test_no_pixel_within_reach_is_outside_of_the_part(projection, place: tuple[float, float]) -> None:
    """All pixels of a coarse map of the whole Moon, their distance by the cosine rule, against the rectangle."""
    half = 5_400_000.0 if isinstance(projection, Equirectangular) else 6_000_000.0
    rows = (
        np.zeros((180, 360), np.float32)
        if isinstance(projection, Equirectangular)
        else np.zeros((200, 200), np.float32)
    )
    step = projection.turn_m / 360 if isinstance(projection, Equirectangular) else 2 * half / 200
    grid = Grid("m", rows, projection, -(rows.shape[1] - 1) / 2 * step, (rows.shape[0] - 1) / 2 * step, step, -step)
    part = part_within(grid, *place, 450_000.0)
    away = distance_m(*grid.positions_deg(), *place)
    near = np.argwhere(away <= 450_000.0)
    assert part is not None
    assert len(near) > 10
    inside_rows = (near[:, 0] >= part.first_row) & (near[:, 0] < part.first_row + part.rows)
    columns = (near[:, 1] - part.first_column) % rows.shape[1] if grid.wraps else near[:, 1] - part.first_column
    assert (inside_rows & (columns >= 0) & (columns < part.columns)).all()
    assert part.pixels < rows.size


def test_a_part_is_bit_for_bit_that_of_the_whole_in_every_format(hills: Path, tmp_path: Path) -> None:
    xml = tmp_path / "a.xml"
    with rasterio.open(hills) as file, rasterio.open(
        xml, "w", driver="PDS4", height=300, width=400, count=1, dtype="int16", crs=file.crs,
        transform=file.transform,
    ) as out:  # fmt: skip
        out.write(file.read(1, window=Window(0, 0, 400, 300)), 1)
    for path, part in (
        (hills, Part(517, 333, 130, 257)),
        (pds3(tmp_path, centre=-90.0), Part(3, 5, 20, 11)),
        (xml, Part(7, 11, 99, 50)),
    ):
        sheet, whole = open_sheet(path), read(path).grid
        own, cut = sheet.part(part), whole.window(*part)
        assert own.stored.dtype == cut.stored.dtype
        np.testing.assert_array_equal(own.heights_m, cut.heights_m)
        assert (own.x_m, own.y_m, own.dx_m, own.dy_m, own.sha256) == (cut.x_m, cut.y_m, cut.dx_m, cut.dy_m, cut.sha256)
        strips = [strip.heights_m for strip in sheet.strips()]
        np.testing.assert_array_equal(np.concatenate(strips), whole.heights_m)


def test_across_the_seam_a_part_continues_on_the_other_side(tmp_path: Path) -> None:
    degree = Equirectangular().turn_m / 360
    stored = np.arange(360 * 20, dtype=np.int16).reshape(20, 360)
    path = tif(
        tmp_path / "belt.tif", stored=stored, crs="IAU_2015:30110", move=Affine(degree, 0, -180 * degree, 0, -degree, 10 * degree),
    )  # fmt: skip
    sheet, whole = open_sheet(path), read(path).grid
    here = sheet.within(1.2, 179.7, 5 * degree)
    assert here is not None
    assert here.shape[1] < 20
    around = [178.0, 179.9, 180.0, 181.3]
    np.testing.assert_allclose(here.at(1.2, around), whole.at(1.2, around), rtol=1e-9)
    assert sheet.knows(1.2, -179.99)


def test_a_map_of_a_region_is_bit_for_bit_that_over_whole_files(hills: Path) -> None:
    sheet, whole = open_sheet(hills), read(hills).grid
    place = degrees(whole.projection.to_vectors(-20_000.0, 5_000.0))
    over = square_around([sheet], float(place[0]), float(place[1]), 6_000.0, 10**6)
    truth = Stack((whole.square(-20_000.0, 5_000.0, 6_000.0), whole))
    for azimuth in (12.0, 95.0):
        np.testing.assert_array_equal(Panorama(over).horizon_deg(azimuth), Panorama(truth).horizon_deg(azimuth))
    with pytest.raises(InputError, match=r"has 14[0-9]{3} pixels of 100 m in hills, more than the 9999"):
        square_around([sheet], float(place[0]), float(place[1]), 6_000.0, 9_999)
    assert whole_region([sheet], 10**7).finest.shape == whole.shape


def test_farther_away_pixels_are_coarser_and_the_skyline_stays(hills: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    sheet, whole = open_sheet(hills), read(hills).grid
    place = (-89.9, 100.0)
    truth = skyline(whole, *place, 2.0)
    fits = stack_around([sheet], *place)
    assert fits is not None
    np.testing.assert_allclose(skyline(fits, *place, 2.0).elevation_deg, truth.elevation_deg, atol=1e-9)
    monkeypatch.setattr(sheets, "MOST_PIXELS", 500_000)
    monkeypatch.setattr(sheets, "SIDE", 256)
    coarse = stack_around([sheet], *place)
    assert coarse is not None
    assert [level.pixel_m for level in coarse.levels] == [100.0, 200.0, 400.0, 800.0]
    assert sum(level.stored.size for level in coarse.levels) < 4 * 257**2
    found = skyline(coarse, *place, 2.0)
    assert [source.pixel_m for source in found.provenance.terrain] == [100.0, 200.0, 400.0, 800.0]
    apart = found.elevation_deg - truth.elevation_deg
    assert np.sqrt((apart**2).mean()) < 0.02
    assert truth.elevation_deg.max() > 3
    wide = stack_around([sheet], *place, within_m=50_000.0)
    assert wide is not None
    assert wide.finest.pixel_m == 200.0


def test_coarse_pixels_are_those_of_the_overview_or_means_of_what_is_known(hills: Path, tmp_path: Path) -> None:
    part = Part(400, 200, 160, 240)
    with rasterio.open(hills, OVERVIEW_LEVEL=1) as overview:
        expected = overview.read(1, window=Window(50, 100, 60, 40))
    found = open_sheet(hills).thinned(part, 4)
    np.testing.assert_array_equal(found.stored, expected)
    stored = np.arange(1600, dtype=np.float32).reshape(40, 40)
    stored[0, :3] = stored[4:8, 4:8] = -9999
    sheet = open_sheet(tif(tmp_path / "a.tif", stored=stored, nodata=-9999, scale=1.0, offset=0.0))
    thin = sheet.thinned(Part(0, 0, 40, 39), 4)
    whole = sheet.whole().heights_m[:, :36].reshape(10, 4, 9, 4)
    assert np.isnan(thin.heights_m[1, 1])
    whole[1, :, 1] = 0
    means = np.nanmean(whole, axis=(1, 3))
    means[1, 1] = np.nan
    np.testing.assert_allclose(thin.heights_m, means, rtol=1e-6)
    assert (thin.x_m, thin.dx_m) == (sheet.layout.x_m + 1.5 * sheet.layout.dx_m, 4 * sheet.layout.dx_m)


BIG = """
import resource, sys
from pathlib import Path
import numpy as np, rasterio
from affine import Affine
from rasterio.windows import Window
from moonbridge.formats.terrain.reading import open_sheet
from moonbridge.formats.terrain.regions import stack_around
path, side, at = Path(sys.argv[1]), 16_000, 7_808
with rasterio.open(path, "w", driver="GTiff", height=side, width=side, count=1, dtype="int16", crs="IAU_2015:30135", tiled=True,
                   transform=Affine(40, 0, -320_000, 0, -40, 320_000), blockxsize=256, blockysize=256, SPARSE_OK=True) as file:
    file.write(np.full((512, 512), 700, np.int16), 1, window=Window(at, at, 512, 512))
before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
stack = stack_around([open_sheet(path)], -90.0, 0.0)
print(stack.height_m(-90.0, 0.0), len(stack.levels), sum(level.heights_m.nbytes for level in stack.levels) / 2**20)
print((resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before) / 1024)
"""


def test_a_large_file_takes_no_more_memory_than_the_squares_around_the_place(tmp_path: Path) -> None:
    """256 million pixels of 40 m, half a gigabyte, nearly all of them zero and in no tile; a process of its own, for its peak memory."""
    done = subprocess.run(
        [sys.executable, "-c", BIG, str(tmp_path / "big.tif")], capture_output=True, text=True, check=True, timeout=100
    )
    height, levels, metres_mb, grown_mb = map(float, done.stdout.split())
    assert (height, levels) == (700.0, 4)
    assert metres_mb < 65
    assert grown_mb < 200, grown_mb
