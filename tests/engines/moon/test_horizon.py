"""The fast horizons against a slow ray march on the sphere, exact angles, and laws that every horizon keeps."""

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from engines.moon.marching import marched_deg
from engines.moon.real import cap, far, needs_real, site
from moonbridge.engines.moon.craters import crater_field
from moonbridge.engines.moon.horizon import horizon, skyline
from moonbridge.engines.moon.projections import NORTH, SOUTH, Equirectangular, Projection, Stereographic, degrees
from moonbridge.engines.moon.skyline import MOON_RADIUS_M, Provenance, Skyline
from moonbridge.engines.moon.terrain import Grid, Stack
from moonbridge.errors import InputError

FIELD = crater_field(5, rows=160, columns=160)


def flat(size: int = 401, pixel_m: float = 60.0, projection: Projection = SOUTH, height_m: float = 0.0) -> Grid:
    edge = (size - 1) / 2 * pixel_m
    heights = np.full((size, size), height_m, np.float32)
    return Grid("flat", heights, projection, -edge, edge, pixel_m, -pixel_m)


def raised(grid: Grid, heights_m: np.ndarray) -> Grid:
    return replace(grid, stored=heights_m.astype(np.float32))


def compared(grid: Grid, points: np.ndarray, azimuths: np.ndarray, mast_m: float) -> tuple[float, float]:
    """Return rms and bias in degrees of the sweep against the march."""
    fast = np.array([horizon(grid, azimuth, mast_m)[points[:, 0], points[:, 1]] for azimuth in azimuths])
    slow = np.array([[marched_deg(grid, *point, azimuth, mast_m) for point in points] for azimuth in azimuths])
    off = fast - slow
    return float(np.sqrt(np.mean(off**2))), float(np.mean(off))


@pytest.mark.parametrize("mast_m", [0.0, 2.0])
def test_the_sweep_agrees_with_a_ray_march_over_craters(mast_m: float) -> None:
    points = np.random.default_rng(1).integers(20, 140, (25, 2))
    rms, bias = compared(FIELD, points, np.arange(16) * 22.5 + 0.3, mast_m)
    assert rms <= 0.05
    assert abs(bias) <= 0.01


@needs_real
@pytest.mark.slow
@pytest.mark.parametrize(
    ("grid", "mast_m", "count", "step"), [(site, 2.0, 200, 5.0), (site, 0.0, 60, 20.0), (cap, 0.0, 60, 20.0)]
)
def test_the_sweep_agrees_with_a_ray_march_over_the_real_moon(grid, mast_m: float, count: int, step: float) -> None:
    """200 points and 72 azimuths of a thousand by a thousand pixels, as the issue asks; fewer for the other two."""
    window = grid().window(268, 268, 1000, 1000)
    points = np.random.default_rng(1).integers(60, 940, (count, 2))
    rms, bias = compared(window, points, np.arange(0.3, 360.0, step), mast_m)
    assert rms <= 0.05
    assert abs(bias) <= 0.01


def test_a_mast_on_a_smooth_sphere_sees_the_dip_of_the_sphere() -> None:
    plain = flat()
    for azimuth in (0.0, 33.0, 90.0, 200.0):
        found = horizon(plain, azimuth, mast_m=10.0)[200, 200]
        assert found == pytest.approx(Skyline.level(-90.0, 0.0, mast_m=10.0).elevation_deg[0], abs=1e-4)


def test_a_wall_stands_at_the_exact_angle_on_the_sphere() -> None:
    """1 km high, 200 pixels of 60 m in the east of the pole: cot(theta) - r0 / (r sin(theta)), theta from the projection."""
    heights = np.zeros((401, 401))
    heights[:, -1] = 1000.0
    theta = 2 * np.arctan(200 * 60.0 / (2 * MOON_RADIUS_M))
    top = MOON_RADIUS_M + 1000.0
    exact = np.degrees(np.arctan2(top * np.cos(theta) - MOON_RADIUS_M, top * np.sin(theta)))
    assert horizon(raised(flat(), heights), 90.0)[200, 200] == pytest.approx(exact, abs=1e-4)


def test_looking_down_from_a_table_mountain_the_horizon_is_negative() -> None:
    heights = np.zeros((401, 401))
    heights[195:206, 195:206] = 500.0
    assert horizon(raised(flat(), heights), 45.0)[200, 205] < -1.0


def test_unknown_ground_hides_nothing_and_knows_nothing() -> None:
    heights = np.zeros((101, 101))
    heights[:, 90] = np.nan
    found = horizon(raised(flat(101), heights), 90.0, mast_m=2.0)
    assert np.isnan(found[:, 90]).all()
    assert np.isfinite(np.delete(found, 90, axis=1)).all()


def test_beyond_the_edge_the_next_grid_carries_on() -> None:
    """A wall that only the coarser grid has hides the sky of the finer one, at the angle that the sphere gives."""
    outer = flat(301, 400.0)
    heights = np.zeros((301, 301))
    heights[:, 280:] = 3000.0
    inner = flat(51)
    found = horizon(Stack.of(inner, raised(outer, heights)), 90.0)[25, 25]
    theta = 2 * np.arctan(130 * 400.0 / (2 * MOON_RADIUS_M))
    top = MOON_RADIUS_M + 3000
    exact = np.degrees(np.arctan2(top * np.cos(theta) - MOON_RADIUS_M, top * np.sin(theta)))
    assert found == pytest.approx(
        exact, abs=0.03
    )  # the coarser grid is sampled every 400 m, and so is the edge of its wall
    assert horizon(inner, 90.0)[25, 25] < 0.01


bumps = st.tuples(st.integers(0, 159), st.integers(0, 159), st.integers(1, 12), st.floats(1.0, 400.0))


@settings(max_examples=25)
@given(bumps, st.floats(0, 359.9), st.floats(0, 20), st.tuples(st.integers(5, 154), st.integers(5, 154)))
def test_a_horizon_never_falls_when_other_ground_rises_or_the_mast_sinks(bump, azimuth, mast_m, pixel) -> None:
    row, column, half, height = bump
    heights = FIELD.heights_m.copy()
    heights[max(0, row - half) : row + half, max(0, column - half) : column + half] += height
    heights[pixel] = FIELD.heights_m[pixel]
    before = horizon(FIELD, azimuth, mast_m)
    assert horizon(raised(FIELD, heights), azimuth, mast_m)[pixel] >= before[pixel] - 1e-4
    assert (horizon(FIELD, azimuth, mast_m / 2) >= before - 1e-4).all()


@settings(max_examples=15)
@given(st.floats(0, 359.9), st.floats(0, 5))
def test_turning_the_terrain_by_90_degrees_turns_the_answer(azimuth: float, mast_m: float) -> None:
    turned = raised(FIELD, np.rot90(FIELD.heights_m).copy())
    found, expected = horizon(turned, azimuth - 90.0, mast_m), np.rot90(horizon(FIELD, azimuth, mast_m))
    inner = (slice(20, -20), slice(20, -20))
    np.testing.assert_allclose(found[inner], expected[inner], atol=2e-3)


def test_rectangular_pixels_that_run_the_other_way_change_nothing() -> None:
    """Every second column and the rows upside down: what is left is seen at the same angles."""
    fine = FIELD.heights_m
    smooth = (fine + np.roll(fine, 1, 1) + np.roll(fine, -1, 1)) / 3
    square = raised(FIELD, smooth)
    upside = replace(square, stored=smooth[::-1].copy(), y_m=square.coordinates_m()[1][-1], dy_m=-square.dy_m)
    np.testing.assert_allclose(horizon(upside, 33.0, 2.0)[::-1], horizon(square, 33.0, 2.0), atol=2e-3)
    half = replace(square, stored=smooth[:, ::2].copy(), dx_m=2 * square.dx_m)
    coarse, full = horizon(half, 20.0, 2.0)[20:-20, 10:-10], horizon(square, 20.0, 2.0)[20:-20, 20:-20:2]
    assert np.sqrt(np.mean((coarse - full) ** 2)) < 0.6


def test_the_skyline_of_a_pixel_is_what_the_map_says_around_it() -> None:
    """Two programs: great circles for one place, straight lines with hulls for all."""
    latitudes, longitudes = FIELD.positions_deg()
    xs, ys = FIELD.coordinates_m()
    off = []
    for row, column in ((40, 40), (80, 81), (120, 60), (100, 30)):
        around = skyline(FIELD, latitudes[row, column], longitudes[row, column], 2.0)
        for azimuth in np.arange(0.0, 360.0, 30.0):
            north = SOUTH.north_deg(xs[column], ys[row])
            off.append(horizon(FIELD, azimuth, 2.0)[row, column] - around.at(azimuth - north))
    assert np.sqrt(np.mean(np.square(off))) <= 0.05


@needs_real
def test_a_skyline_through_all_levels_has_its_horizon_far_away_where_nothing_near_hides_it() -> None:
    around = skyline(Stack.of(site(), cap(), far()), -89.4388, 222.857, 2.0)
    assert around.height_m == pytest.approx(1959.0, abs=0.1)
    assert around.elevation_deg.shape == (720,)
    assert around.distance_m.max() > 150_000
    assert [one.pixel_m for one in around.provenance.terrain] == [10.0, 240.0, pytest.approx(1786.875)]


def test_the_same_hill_is_seen_the_same_from_any_projection() -> None:
    """A hill at 30 N 40 E, on an equirectangular grid and on a local stereographic one made from it."""
    heights = np.zeros((400, 400), np.float32)
    heights[180:220, 240:260] = 800.0
    place = Equirectangular(40.0, 30.0)
    pixel = 100.0
    middle = np.radians(30.0) * MOON_RADIUS_M
    level = Grid("hill", heights, place, -199.5 * pixel, middle + 199.5 * pixel, pixel, -pixel)
    local = level.resampled(Stereographic(30.0, 40.0), 0.0, 0.0, 15_000.0, 50.0)
    one, other = (skyline(grid, 30.0, 40.0, 2.0, n=72) for grid in (level, local))
    np.testing.assert_allclose(one.elevation_deg, other.elevation_deg, atol=0.3)
    assert {int(around.elevation_deg.argmax()) for around in (one, other)} <= {17, 18, 19}


def test_no_terrain_at_a_place_is_said() -> None:
    with pytest.raises(InputError, match="no terrain knows 45"):
        skyline(FIELD, 45.0, 0.0)


def test_a_raster_needs_a_stereographic_grid() -> None:
    with pytest.raises(InputError, match="stereographic"):
        horizon(flat(projection=Equirectangular()), 0.0)


def test_north_and_south_are_mirror_images() -> None:
    """From below, the northern frame is the southern one with x kept and the pole's axis turned over."""
    north = replace(FIELD, projection=NORTH)
    np.testing.assert_array_equal(horizon(north, 70.0), horizon(FIELD, 70.0))
    assert north.positions_deg()[0].min() > 0


def punched(grid: Grid, hole: tuple[slice, slice]) -> Grid:
    heights = grid.heights_m.copy()
    heights[hole] = np.nan
    return replace(grid, stored=heights)


def test_holes_are_filled_from_the_next_coarser_level_and_counted() -> None:
    """The fine level is the coarse one between its pixels, so that what is filled is what was there."""
    coarse = crater_field(4, rows=200, columns=200, pixel_m=300.0)
    fine = replace(coarse.resampled(SOUTH, 0.0, 0.0, 6_000.0, 100.0), name="fine")
    north = (slice(20, 45), slice(30, 90))
    lacking = punched(fine, north)
    place = degrees(SOUTH.to_vectors(-500.0, 1_000.0))
    whole, holed, alone = Stack.of(fine, coarse), Stack.of(lacking, coarse), Stack((lacking,))
    assert [str(one) for one in holed.filled.holes] == [
        f"1500 unknown pixels of fine (100 m) are taken from {coarse.name} (300 m)"
    ]
    for azimuth in (0.0, 250.0):
        expected, found = horizon(whole, azimuth), horizon(holed, azimuth)
        np.testing.assert_allclose(found, expected, atol=2e-4)
        assert not np.isnan(found).any()
    truth, seen = skyline(whole, *place), skyline(holed, *place)
    np.testing.assert_allclose(seen.elevation_deg, truth.elevation_deg, atol=2e-4)
    assert seen.provenance.filled == holed.filled.holes
    assert Provenance.from_dict(seen.provenance.as_dict()) == seen.provenance
    assert truth.provenance.filled == ()
    assert np.abs(skyline(alone, *place).elevation_deg - truth.elevation_deg).max() > 0.5


def test_what_no_level_knows_stays_unknown_and_is_said() -> None:
    coarse = crater_field(4, rows=200, columns=200, pixel_m=300.0)
    fine = replace(coarse.resampled(SOUTH, 0.0, 0.0, 6_000.0, 100.0), name="fine")
    gap = punched(coarse, (slice(88, 92), slice(100, 103)))  # 2.4 to 3.6 km towards longitude 0, 0 to 0.9 km aside
    stack = Stack.of(punched(fine, (slice(20, 45), slice(30, 90))), gap)
    first, second, third = stack.filled.holes
    assert (first.source, second.source, third.source) == (f"{coarse.name} (300 m)", None, None)
    assert first.pixels + second.pixels == 1500
    assert (second.level, third.level, third.pixels) == ("fine", coarse.name, 12)
    found = horizon(stack, 0.0)
    assert int(np.isnan(found).sum()) == second.pixels > 0
    assert np.isnan(found[30, 64])
