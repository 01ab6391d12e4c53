"""Sun and Earth over a skyline: by hand where that is possible, else by looking at every minute."""

import numpy as np
import pytest

from moonbridge.engines.moon.ephemeris import Ephemeris
from moonbridge.engines.moon.frames import EARTH, SUN, angular_radius_deg, azimuth_elevation
from moonbridge.engines.moon.light import illumination
from moonbridge.engines.moon.skyline import Provenance, Skyline
from moonbridge.engines.moon.sun import Happening, colongitude_deg, solar_events, solar_hour, sun_share
from moonbridge.engines.moon.visibility import Disc, earth_visible, sun_visible
from moonbridge.engines.moon.windows import Condition, windows
from moonbridge.errors import InputError
from moonbridge.formats import ephemeris

YEAR = np.arange("2027-01-01", "2028-01-01", dtype="datetime64[h]")


@pytest.fixture(scope="module")
def sky() -> Ephemeris:
    return ephemeris.default()


def walled(height_deg: float, first: float, last: float) -> Skyline:
    """A level horizon near the south pole with a wall of a height between two azimuths."""
    azimuths = np.arange(720) / 2
    elevation = np.where((first <= azimuths) & (azimuths <= last), height_deg, 0.0)
    return Skyline(-88.8, 123.4, 0.0, elevation, np.zeros(720), Provenance())


def test_meeus_example_53_the_sun_on_12_april_1992(sky: Ephemeris) -> None:
    """Astronomical Algorithms, example 53.b, 1992 April 12.0 TD: l0 = 67.89, b0 = 1.46, colongitude 22.11 degrees."""
    sun = sky.sun(np.datetime64("1992-04-11T23:59:01"))
    assert sun.longitude_deg == pytest.approx(67.89, abs=0.02)
    assert sun.latitude_deg == pytest.approx(1.46, abs=0.02)
    assert colongitude_deg(sun) == pytest.approx(22.11, abs=0.02)


def test_meeus_example_53_the_earth_on_12_april_1992(sky: Ephemeris) -> None:
    """Example 53.a: total librations l = -1.23, b = +4.20 degrees."""
    earth = sky.earth(np.datetime64("1992-04-11T23:59:01"))
    assert (earth.longitude_deg, earth.latitude_deg) == pytest.approx((-1.23, 4.20), abs=0.03)


def test_the_day_at_the_equator_lasts_half_a_synodic_month(sky: Ephemeris) -> None:
    site = Skyline.level(0.0, 23.0)
    events = solar_events(site, sky, "2027-01-01", "2028-01-01")
    order = [event.what for event in events]
    begin = order.index(Happening.SUNRISE)
    assert order[begin : begin + 6] == [Happening.SUNRISE, Happening.NOON, Happening.SUNSET] * 2
    rises = np.array([event.at for event in events if event.what is Happening.SUNRISE])
    assert np.diff(rises).mean() / np.timedelta64(1, "D") == pytest.approx(29.53, abs=0.1)
    noons = np.array([event.at for event in events if event.what is Happening.NOON])
    assert sky.sun(noons).longitude_deg == pytest.approx(np.full(noons.size, 23.0), abs=2e-4)
    assert solar_hour(sky.sun(noons), 23.0) == pytest.approx(np.full(noons.size, 12.0), abs=2e-5)


def test_at_sunrise_the_upper_limb_touches_the_skyline(sky: Ephemeris) -> None:
    site = walled(3.0, 100, 260)
    for event in solar_events(site, sky, "2027-01-01", "2027-06-01"):
        if event.what is Happening.NOON:
            continue
        seen = azimuth_elevation(sky.sun(event.at), site.latitude_deg, site.longitude_deg)
        limb = seen.elevation_deg + angular_radius_deg(SUN, seen.distance_km)
        assert limb == pytest.approx(site.at(seen.azimuth_deg), abs=0.003)


def test_a_wall_hides_the_sun_just_where_it_stands(sky: Ephemeris) -> None:
    lit = sun_visible(walled(5.0, 90, 180), sky)(YEAR)
    seen = azimuth_elevation(sky.sun(YEAR), -88.8, 123.4)
    behind = (seen.azimuth_deg > 90) & (seen.azimuth_deg < 180)
    assert not lit[behind].any()
    elsewhere = (seen.azimuth_deg < 89) | (seen.azimuth_deg > 181)
    above = seen.elevation_deg + angular_radius_deg(SUN, seen.distance_km) > 0
    assert np.array_equal(lit[elsewhere], above[elsewhere])


@pytest.mark.parametrize("visible", [sun_visible, earth_visible])
def test_a_full_disc_is_a_centre_and_a_centre_is_some_point(visible: object, sky: Ephemeris) -> None:
    site = Skyline.level(-88.8, 123.4)
    full, centre, some = (visible(site, sky, disc=disc)(YEAR).sum() for disc in (Disc.FULL, Disc.CENTRE, Disc.ANY))
    assert full < centre < some


def test_a_mask_counts_where_it_is_higher_than_the_skyline(sky: Ephemeris) -> None:
    site = walled(3.0, 100, 236)
    seen = azimuth_elevation(sky.earth(YEAR), -88.8, 123.4)
    horizon = np.maximum(site.at(seen.azimuth_deg), 2.0)
    expected = seen.elevation_deg + angular_radius_deg(EARTH, seen.distance_km) > horizon
    assert np.array_equal(earth_visible(site, sky, mask_deg=2.0)(YEAR), expected)
    assert 0 < expected.sum() < earth_visible(site, sky)(YEAR).sum()


def test_in_the_middle_of_the_near_side_the_earth_never_sets_and_on_the_far_side_it_never_rises(sky: Ephemeris) -> None:
    assert earth_visible(Skyline.level(0.0, 0.0), sky, disc=Disc.FULL)(YEAR).all()
    assert not earth_visible(Skyline.level(-45.4446, 177.5991), sky)(YEAR).any()


def test_a_mast_sees_further(sky: Ephemeris) -> None:
    low, high = (sun_visible(Skyline.level(-89.9, 0.0, mast), sky)(YEAR) for mast in (0.0, 100.0))
    assert not (low & ~high).any()
    assert (high & ~low).any()


def test_the_windows_of_a_month_are_those_of_a_look_at_every_minute(sky: Ephemeris) -> None:
    site = walled(4.0, 236, 238)
    both: Condition = sun_visible(site, sky) & earth_visible(site, sky)
    minutes = np.arange("2027-01-01", "2027-02-01", dtype="datetime64[m]")
    found = windows(both, "2027-01-01", "2027-02-01")
    assert len(found) > 1
    covered = np.any([window.holds(minutes) for window in found], axis=0)
    assert np.array_equal(covered, both(minutes))


def test_the_share_of_the_disc_and_its_limbs_tell_the_same(sky: Ephemeris) -> None:
    """The light engine computes shares by the area of a segment, the conditions compare angles."""
    site = walled(1.0, 30, 300)
    share = illumination(site, sky, YEAR)
    assert np.array_equal(share > 0, sun_visible(site, sky)(YEAR))
    assert np.array_equal(share == 1, sun_visible(site, sky, disc=Disc.FULL)(YEAR))
    assert np.array_equal(share >= 0.5, sun_visible(site, sky, disc=Disc.CENTRE)(YEAR) | (share == 0.5))
    assert np.array_equal(share >= 0.3, sun_share(site, sky, 0.3)(YEAR))
    assert 0 < sun_share(site, sky, 0.7)(YEAR).sum() < sun_share(site, sky, 0.3)(YEAR).sum()


@pytest.mark.parametrize("least", [0.0, 1.01, -1.0])
def test_a_share_that_says_nothing_is_refused(least: float, sky: Ephemeris) -> None:
    with pytest.raises(InputError, match="a share of the disc is above 0 and at most 1"):
        sun_share(Skyline.level(0.0, 0.0), sky, least)
