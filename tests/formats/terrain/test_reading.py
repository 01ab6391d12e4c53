"""Files as data providers write them, read through GDAL; contradictions are told, not guessed away."""

from pathlib import Path

import numpy as np
import pytest
import rasterio
from affine import Affine

from engines.moon.real import REAL, needs_real
from moonbridge.engines.moon.projections import NORTH, SOUTH, Equirectangular, Stereographic
from moonbridge.errors import InputError
from moonbridge.formats.terrain.reading import digest, read

STORED = np.arange(600, dtype=np.int16).reshape(20, 30) - 100
SOUTH_POLE = "IAU_2015:30135"
MOVE = Affine(50.0, 0, -1000.0, 0, -40.0, 700.0)


def tif(path: Path, *, stored=STORED, crs=SOUTH_POLE, move=MOVE, scale=0.5, offset=10.0, **more):
    tags, units = more.pop("tags", {}), more.pop("units", None)
    profile = {
        "driver": "GTiff",
        "height": stored.shape[0],
        "width": stored.shape[1],
        "count": 1,
        "dtype": stored.dtype,
    }
    with rasterio.open(path, "w", **profile, crs=crs, transform=move, **more) as file:
        file.write(stored, 1)
        file.scales, file.offsets = (scale,), (offset,)
        file.update_tags(**tags)
        if units:
            file.set_band_unit(1, units)
    return path


def pds3(folder: Path, *, centre: float, unit: str = "METER", stored=None) -> Path:
    """Write an image and its label as LOLA's polar products have them: 40 x 40 pixels of 120 m around the south pole."""
    heights = (np.arange(1600).reshape(40, 40) - 800).astype("<i2" if stored is None else stored)
    (folder / "ldem_test.img").write_bytes(heights.tobytes())
    kind, bits = ("LSB_INTEGER", 16) if stored is None else ("PC_REAL", 32)
    label = f"""PDS_VERSION_ID = "PDS3"
RECORD_TYPE = FIXED_LENGTH
FILE_RECORDS = 40
RECORD_BYTES = {40 * bits // 8}
^IMAGE = "ldem_test.img"
OBJECT = IMAGE
  LINES = 40
  LINE_SAMPLES = 40
  SAMPLE_TYPE = {kind}
  SAMPLE_BITS = {bits}
  UNIT = {unit}
  SCALING_FACTOR = 0.5
  OFFSET = {1737400.0 if unit == "METER" else 1737.4}
END_OBJECT = IMAGE
OBJECT = IMAGE_MAP_PROJECTION
  MAP_PROJECTION_TYPE = "POLAR STEREOGRAPHIC"
  A_AXIS_RADIUS = 1737.4 <km>
  B_AXIS_RADIUS = 1737.4 <km>
  C_AXIS_RADIUS = 1737.4 <km>
  POSITIVE_LONGITUDE_DIRECTION = "EAST"
  CENTER_LATITUDE = {centre:g} <deg>
  CENTER_LONGITUDE = 0 <deg>
  MAP_SCALE = 120 <m/pix>
  MAXIMUM_LATITUDE = -89.9 <deg>
  MINIMUM_LATITUDE = -90 <deg>
  LINE_PROJECTION_OFFSET = 19.5 <pix>
  SAMPLE_PROJECTION_OFFSET = 19.5 <pix>
END_OBJECT = IMAGE_MAP_PROJECTION
END
"""
    (folder / "ldem_test.lbl").write_text(label.replace("\n", "\r\n"))
    return folder / "ldem_test.img"


def test_a_geotiff_with_scale_offset_nodata_and_rectangular_pixels(tmp_path: Path) -> None:
    grid = read(tif(tmp_path / "a.tif", nodata=-100)).grid
    assert (grid.projection, grid.x_m, grid.y_m, grid.dx_m, grid.dy_m) == (SOUTH, -975.0, 680.0, 50.0, -40.0)
    assert (grid.scale, grid.offset_m, grid.stored.dtype) == (0.5, 10.0, np.int16)
    assert np.isnan(grid.heights_m[0, 0])
    assert grid.heights_m[0, 1] == -39.5
    assert grid.sha256 == digest(tmp_path / "a.tif")


@pytest.mark.parametrize(
    ("crs", "projection"),
    [
        ("IAU_2015:30130", NORTH),
        ("IAU_2015:30110", Equirectangular(0.0)),
        ("IAU_2015:30115", Equirectangular(180.0)),
        ("+proj=stere +lat_0=45 +lon_0=120 +R=1737400 +units=m", Stereographic(45.0, 120.0)),
        ("+proj=eqc +lon_0=30 +lat_ts=45 +R=1737400 +units=m", Equirectangular(30.0, 45.0)),
    ],
)
def test_projections_of_the_moon(tmp_path: Path, crs: str, projection) -> None:
    assert read(tif(tmp_path / "a.tif", crs=crs)).grid.projection == projection


def test_a_cloud_optimised_geotiff_is_a_geotiff(tmp_path: Path) -> None:
    from rasterio.shutil import copy

    copy(tif(tmp_path / "a.tif"), tmp_path / "cog.tif", driver="COG")
    np.testing.assert_array_equal(read(tmp_path / "cog.tif").grid.heights_m, read(tmp_path / "a.tif").grid.heights_m)


def test_true_scale_at_another_latitude_is_the_same_map_drawn_smaller(tmp_path: Path) -> None:
    """A place at 80 S keeps its latitude though the file's metres are shorter."""
    said = "+proj=stere +lat_0=-90 +lat_ts=-80 +lon_0=0 +R=1737400 +units=m"
    grid = read(tif(tmp_path / "a.tif", crs=said, move=Affine(5e4, 0, -7.5e5, 0, -5e4, 5e5))).grid
    from pyproj import Proj

    theirs = Proj(said)(
        grid.x_m * (1 + np.sin(np.radians(80))) / 2, grid.y_m * (1 + np.sin(np.radians(80))) / 2, inverse=True
    )
    assert float(grid.positions_deg()[0][0, 0]) == pytest.approx(theirs[1], abs=1e-6)


def test_degrees_become_metres(tmp_path: Path) -> None:
    said = "+proj=longlat +R=1737400 +no_defs"
    grid = read(tif(tmp_path / "a.tif", crs=said, move=Affine(0.5, 0, 100.0, 0, -0.5, 30.0))).grid
    latitudes, longitudes = grid.positions_deg()
    assert (latitudes[0, 0], longitudes[0, 0]) == pytest.approx((29.75, 100.25))


def test_a_tag_that_contradicts_the_band_is_refused_until_somebody_decides(tmp_path: Path) -> None:
    told = {"units": "m above R=1737400 m sphere = 800 + 0.05*DN"}
    path = tif(tmp_path / "a.tif", tags=told, scale=0.05, offset=0.0)
    with pytest.raises(InputError, match=r"height = 0 \+ 0.05 \* DN, a tag says"):
        read(path)
    assert read(path, scale=0.05, offset_m=800.0).grid.heights_m[0, 0] == pytest.approx(795.0)
    assert read(tif(tmp_path / "b.tif", tags=told, scale=0.05, offset=800.0)).grid.heights_m[0, 0] == pytest.approx(
        795.0
    )


@pytest.mark.parametrize(
    ("more", "sentence"),
    [
        ({"crs": "EPSG:3031"}, "not the Moon's"),
        ({"crs": None}, "does not say where on the Moon"),
        ({"crs": "+proj=sinu +lon_0=0 +R=1737400"}, "neither stereographic nor equirectangular"),
        ({"move": Affine(50.0, 5.0, 0, 5.0, -50.0, 0)}, "rotated"),
    ],
)
def test_what_cannot_be_placed_on_the_moon_is_refused(tmp_path: Path, more: dict, sentence: str) -> None:
    with pytest.raises(InputError, match=sentence):
        read(tif(tmp_path / "a.tif", **more))


def test_no_file_no_picture_and_no_label_are_said(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="no such file"):
        read(tmp_path / "nothing.tif")
    (tmp_path / "words.tif").write_text("words")
    with pytest.raises(InputError, match="no terrain that can be read"):
        read(tmp_path / "words.tif")
    (tmp_path / "alone.img").write_bytes(b"0")
    with pytest.raises(InputError, match="needs its label"):
        read(tmp_path / "alone.img")


@pytest.mark.parametrize("centre", [-90.0, 90.0])
def test_a_southern_label_that_says_north_is_put_right_and_reported(tmp_path: Path, centre: float) -> None:
    reading = read(pds3(tmp_path, centre=centre))
    assert reading.grid.projection == SOUTH
    assert any("centre of the projection is at 90 N" in note for note in reading.notes) == (centre > 0)
    assert any("makes radii" in note for note in reading.notes)
    assert reading.grid.heights_m[0, 0] == -400.0
    x, y = reading.grid.coordinates_m()
    assert (x[0], y[0]) == (pytest.approx(-19.5 * 120, abs=61), pytest.approx(19.5 * 120, abs=61))


def test_kilometres_become_metres(tmp_path: Path) -> None:
    grid = read(pds3(tmp_path, centre=-90.0, unit="KILOMETER", stored="<f4")).grid
    assert grid.heights_m[0, 0] == pytest.approx(-400_000.0)


def test_a_pds4_label(tmp_path: Path) -> None:
    """Written by GDAL's own PDS4 driver, then read back."""
    profile = {"driver": "PDS4", "height": 20, "width": 30, "count": 1, "dtype": "int16"}
    move = Affine(50.0, 0, -1000.0, 0, -50.0, 700.0)
    with rasterio.open(tmp_path / "a.xml", "w", **profile, crs=SOUTH_POLE, transform=move) as file:
        file.write(STORED, 1)
    grid = read(tmp_path / "a.xml").grid
    assert (grid.projection, grid.x_m, grid.y_m) == (SOUTH, pytest.approx(-975.0), pytest.approx(675.0))
    assert grid.heights_m[0, 0] == -100.0


@needs_real
def test_the_global_grid_of_lola() -> None:
    reading = read(REAL / "LDEM_4.LBL")
    grid = reading.grid
    assert (grid.heights_m.max(), grid.projection, grid.wraps) == (10_504.0, Equirectangular(180.0), True)
    assert grid.heights_m.min() == -8_878.5  # the label says -17758 DN, the image's least is -17757
    assert grid.sha256 == digest(REAL / "LDEM_4.IMG")
