"""Directions against skyfield and geometry that one can do by hand."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from moonbridge.engines.moon import frames
from moonbridge.engines.moon.frames import EARTH, SUN, Subpoint, azimuth_elevation
from moonbridge.engines.moon.skyline import MOON_RADIUS_M

latitudes = st.floats(-89.9, 89.9)
longitudes = st.floats(-180, 180)


@pytest.mark.parametrize(
    ("body", "distance_km", "diameter_arcmin"), [(SUN, 149_597_870.7, 31.974), (EARTH, 384_400.0, 113.96)]
)
def test_the_discs_are_as_wide_as_the_almanacs_say(
    body: frames.Body, distance_km: float, diameter_arcmin: float
) -> None:
    assert 2 * 60 * frames.angular_radius_deg(body, distance_km) == pytest.approx(diameter_arcmin, abs=0.01)


def test_parallax_lowers_the_earth_by_its_known_amount() -> None:
    """At the limb the Moon's radius is seen from the Earth at a right angle: asin(1737.4 / 384400), 0.259 degrees."""
    seen = azimuth_elevation(Subpoint.of(0.0, 0.0, 384_400.0), -90.0, 0.0)
    assert seen.elevation_deg == pytest.approx(-np.degrees(np.arctan(1737.4 / 384_400)), abs=1e-9)
    assert seen.azimuth_deg == pytest.approx(0.0)


@pytest.mark.parametrize(("longitude", "azimuth"), [(0.0, 0.0), (90.0, 270.0), (180.0, 180.0), (-90.0, 90.0)])
def test_at_the_south_pole_the_longitude_of_the_site_says_where_north_is(longitude: float, azimuth: float) -> None:
    seen = azimuth_elevation(Subpoint.of(0.0, 0.0, 1e9), -90.0, longitude)
    assert np.mod(seen.azimuth_deg - azimuth + 180, 360) - 180 == pytest.approx(0, abs=1e-9)


def test_the_zenith_is_up_and_a_mast_comes_nearer() -> None:
    seen = azimuth_elevation(Subpoint.of([30.0, 30.0], [-20.0, -20.0], [1e5, 2e5]), -20.0, 30.0, height_m=500.0)
    assert seen.elevation_deg == pytest.approx([90, 90])
    assert seen.distance_km == pytest.approx([1e5 - 1737.9, 2e5 - 1737.9])


@given(latitudes, longitudes, latitudes, longitudes)
def test_far_away_azimuth_and_elevation_are_those_of_spherical_trigonometry(
    latitude: float, longitude: float, body_latitude: float, body_longitude: float
) -> None:
    seen = azimuth_elevation(Subpoint.of(body_longitude, body_latitude, 1e15), latitude, longitude)
    lat, dec, hour = np.radians([latitude, body_latitude, longitude - body_longitude])
    sine = np.sin(lat) * np.sin(dec) + np.cos(lat) * np.cos(dec) * np.cos(hour)
    assert np.sin(np.radians(seen.elevation_deg)) == pytest.approx(sine, abs=1e-9)
    level = np.cos(np.radians(seen.elevation_deg))
    assert level * np.sin(np.radians(seen.azimuth_deg)) == pytest.approx(-np.cos(dec) * np.sin(hour), abs=1e-9)


def test_distances_along_the_sphere() -> None:
    quarter = np.pi / 2 * MOON_RADIUS_M
    assert frames.distance_m([0.0, 45.0], [90.0, 0.0], 0.0, 0.0) == pytest.approx([quarter, quarter / 2])
    assert frames.distance_m(-88.8, 123.4, -88.8, 123.4) == pytest.approx(0)
