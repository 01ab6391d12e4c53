import numpy as np
import pytest

from engines.moon.real import cap, far, needs_real, real, site
from moonbridge.engines.moon.craters import crater_field, craters_per_km2, profile_km
from moonbridge.engines.moon.projections import (
    NORTH,
    SOUTH,
    Equirectangular,
    Stereographic,
    degrees,
    polar_stereographic,
    unit_vectors,
)
from moonbridge.engines.moon.skyline import MOON_RADIUS_M
from moonbridge.engines.moon.terrain import Grid, Stack
from moonbridge.errors import InputError

PROJECTIONS = [SOUTH, NORTH, Stereographic(30.0, 250.0), Equirectangular(180.0), Equirectangular(0.0, 45.0)]


@pytest.mark.parametrize("projection", PROJECTIONS)
def test_a_projection_and_back(projection) -> None:
    latitudes, longitudes = np.array([-80.0, -3.0, 25.0, 70.0]), np.array([10.0, 181.0, 249.0, 359.5])
    x, y = projection.from_vectors(unit_vectors(latitudes, longitudes))
    back = degrees(projection.to_vectors(x, y))
    np.testing.assert_allclose(back, (latitudes, longitudes), atol=1e-9)


@pytest.mark.parametrize(("code", "south"), [("IAU_2015:30135", True), ("IAU_2015:30130", False)])
def test_the_polar_maps_are_those_of_proj(code: str, south: bool) -> None:
    from pyproj import Transformer

    latitude = np.linspace(55, 89.999, 40) * (-1 if south else 1)
    longitude = np.linspace(1, 359, 40)
    theirs = Transformer.from_crs("IAU_2015:30100", code, always_xy=True).transform(longitude, latitude)
    np.testing.assert_allclose(polar_stereographic(latitude, longitude), theirs, atol=1e-3)
    back = degrees((SOUTH if south else NORTH).to_vectors(*theirs))
    np.testing.assert_allclose(back, (latitude, longitude), atol=1e-9)


def test_pyproj_agrees_on_the_oblique_one() -> None:
    from pyproj import Proj

    theirs = Proj(proj="stere", lat_0=30, lon_0=250, R=MOON_RADIUS_M)(251.0, 32.0)
    assert Stereographic(30.0, 250.0).from_vectors(unit_vectors(32.0, 251.0)) == pytest.approx(theirs, abs=1e-3)


@pytest.mark.parametrize("projection", [SOUTH, NORTH, Stereographic(-45.0, 177.0)])
def test_north_on_the_grid_is_where_a_step_north_leads(projection) -> None:
    x, y = 20_000.0, -35_000.0
    latitude, longitude = (float(value) for value in degrees(projection.to_vectors(x, y)))
    up = projection.from_vectors(unit_vectors(latitude + 1e-4, longitude))
    step = np.degrees(np.arctan2(up[0] - x, up[1] - y))
    assert projection.north_deg(x, y) % 360 == pytest.approx(step % 360, abs=1e-3)


def test_between_four_pixels_a_height_is_bilinear_and_outside_unknown() -> None:
    heights = np.array([[0, 10], [20, 40]], np.float32)
    grid = Grid("four", heights, SOUTH, 0.0, 100.0, 100.0, -100.0)
    middle = grid.projection.to_vectors(np.array([50.0, 25.0, 400.0]), np.array([50.0, 100.0, 0.0]))
    np.testing.assert_allclose(grid.sampled(middle), [17.5, 2.5, np.nan], atol=1e-4)


@pytest.mark.parametrize("projection", [SOUTH, NORTH, Stereographic(0.0, 90.0)])
def test_the_point_opposite_the_centre_of_a_map_is_unknown(projection) -> None:
    grid = Grid("flat", np.zeros((4, 4), np.float32), projection, -150.0, 150.0, 100.0, -100.0)
    assert np.isnan(grid.sampled(-projection.axes[2])).all()
    latitude, longitude = degrees(-projection.axes[2])
    assert np.isnan(grid.at([latitude, latitude], [longitude, longitude + 1e-9])).all()
    with pytest.raises(InputError, match="no terrain knows"):
        Stack((grid,)).height_m(float(latitude), float(longitude))


def test_a_grid_around_the_moon_has_no_seam() -> None:
    columns = np.arange(360, dtype=np.float32)
    metre = MOON_RADIUS_M * np.pi / 180
    rows = np.repeat(np.abs(columns - 179.5)[None, :], 10, axis=0)
    grid = Grid("belt", rows, Equirectangular(180.0), -179.5 * metre, 4.5 * metre, metre, -metre)
    assert grid.wraps
    np.testing.assert_allclose(grid.at(0.0, [0.0, 359.75, 0.25, 180.0]), [179.5, 179.25 + 0.25, 179.5, 0.5], atol=1e-3)


def test_whole_numbers_become_metres_and_nodata_becomes_unknown() -> None:
    stored = np.array([[0, 1], [2, -32768]], np.int16)
    grid = Grid("coded", stored, SOUTH, 0.0, 0.0, 10.0, -10.0, scale=0.05, offset_m=800.0, nodata=-32768)
    np.testing.assert_allclose(grid.heights_m, [[800.0, 800.05], [800.1, np.nan]], rtol=1e-6)


def test_a_window_keeps_its_place() -> None:
    field = crater_field(2, rows=40, columns=50)
    part = field.window(5, 7, 20, 30)
    latitudes, longitudes = part.positions_deg()
    np.testing.assert_allclose(field.at(latitudes, longitudes), part.heights_m, atol=1e-2)
    with pytest.raises(InputError, match="leaves the terrain"):
        field.window(30, 0, 20, 20)


def test_the_slope_of_a_plane_is_its_angle() -> None:
    x = np.arange(50) * 20.0
    heights = np.tile((x * np.tan(np.radians(12.0))).astype(np.float32), (50, 1))
    slopes = Grid("plane", heights, SOUTH, -490.0, 490.0, 20.0, -20.0).slope_deg()
    np.testing.assert_allclose(slopes[1:-1, 1:-1], 12.0, atol=0.01)
    assert np.isnan(slopes[0]).all()


def test_the_finest_grid_that_knows_a_place_gives_its_height() -> None:
    fine, coarse = crater_field(1, rows=40, columns=40), crater_field(2, rows=80, columns=80, pixel_m=300.0)
    stack = Stack.of(coarse, fine)
    assert stack.finest is fine
    assert stack.height_m(-90.0, 0.0) == pytest.approx(float(fine.at(-90.0, 0.0)))
    outside = degrees(SOUTH.to_vectors(8000.0, 0.0))
    assert stack.height_m(*outside) == pytest.approx(float(coarse.at(*outside)))


def test_craters_come_from_their_seed_alone_and_follow_the_equilibrium() -> None:
    one, same, other = (crater_field(seed, rows=64, columns=64).heights_m for seed in (1, 1, 2))
    np.testing.assert_array_equal(one, same)
    assert not np.array_equal(one, other)
    assert craters_per_km2(0.001) == pytest.approx(10**10.9 / 1e6, rel=1e-9)
    assert craters_per_km2(2.0) == pytest.approx(craters_per_km2(1.0) / 4)


def test_a_fresh_crater_of_a_kilometre_is_196_metres_deep() -> None:
    rim, floor = profile_km(np.array([1.0]), 1.0), profile_km(np.array([0.0]), 1.0)
    assert rim - floor == pytest.approx(0.196)
    assert rim == pytest.approx(0.036)
    assert profile_km(np.array([3.0]), 1.0) == 0.0


@needs_real
def test_the_real_grids_lie_where_the_readme_says() -> None:
    assert float(site().at(-89.53432, 209.94767)) == pytest.approx(1653.0, abs=1.0)
    assert float(site().at(-89.4388, 222.857)) == pytest.approx(1959.0, abs=1.0)
    rows, columns = np.meshgrid(np.linspace(-18_000, -4_000, 40), np.linspace(-19_000, -5_000, 40))
    places = degrees(SOUTH.to_vectors(rows, columns))
    apart = cap().at(*places) - site().at(*places)
    assert abs(np.nanmean(apart)) < 5.0
    assert np.nanstd(apart) < 15.0
    assert abs(float(np.nanmean(far().at(*places) - cap().at(*places)))) < 60.0


@needs_real
def test_the_global_grid_meets_the_cap_where_both_are() -> None:
    """A degree of slack: the global grid's pixel is 7.6 km tall and, near the pole, much narrower."""
    latitudes, longitudes = np.meshgrid([-84.5, -85.5], np.arange(0.0, 360.0, 7.0))
    apart = real("LDEM_4.IMG").at(latitudes, longitudes) - cap().at(latitudes, longitudes)
    assert abs(np.nanmean(apart)) < 100.0
    assert np.nanstd(apart) < 700.0
