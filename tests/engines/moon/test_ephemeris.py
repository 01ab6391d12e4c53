"""The prepared table against skyfield, a second theory of the libration, and published numbers."""

from pathlib import Path

import numpy as np
import pytest
import skyfield_data
from skyfield.api import load, load_file
from skyfield.framelib import ecliptic_frame

from engines.moon.libration import subpoint_deg
from moonbridge.engines.moon import orientation
from moonbridge.engines.moon.ephemeris import Ephemeris
from moonbridge.engines.moon.frames import Subpoint
from moonbridge.errors import InputError
from moonbridge.formats import ephemeris as kernels

ARCSEC_DEG = 1 / 3600


@pytest.fixture(scope="module")
def sky() -> Ephemeris:
    return kernels.default()


def separation_deg(one: np.ndarray, other: np.ndarray) -> np.ndarray:
    """Angle between vectors (3, n), exact for small ones."""
    crossed = np.linalg.norm(np.cross(one, other, axis=0), axis=0)
    return np.degrees(np.arctan2(crossed, np.einsum("i...,i...->...", one, other)))


def test_the_anchors_of_15_august_2026(sky: Ephemeris) -> None:
    sun, earth = sky.sun(np.datetime64("2026-08-15")), sky.earth(np.datetime64("2026-08-15"))
    assert (sun.longitude_deg, sun.latitude_deg) == pytest.approx((156.3119, 0.1906), abs=0.002)
    assert (earth.longitude_deg, earth.latitude_deg) == pytest.approx((6.0283, 2.5890), abs=0.002)


def test_the_table_follows_skyfield_s_apparent_places_to_two_thousandths_of_an_arcsecond(sky: Ephemeris) -> None:
    """skyfield applies light time and aberration by its own routines; the orientation is the same."""
    times = np.arange("1961-03-01", "2053-09-01", 4217, dtype="datetime64[m]").astype("datetime64[s]")
    times = times[:: max(1, times.size // 3000)]
    kernel = load_file(str(Path(skyfield_data.__file__).with_name("data") / "de421.bsp"))
    instants = load.timescale(builtin=True).tdb_jd(2_451_545.0 + sky.tdb_s(times) / 86_400)
    turn = orientation.by_series(sky.tdb_s(times))
    for body, subpoint in (("sun", sky.sun(times)), ("earth", sky.earth(times))):
        theirs = kernel["moon"].at(instants).observe(kernel[body]).apparent(deflectors=()).position.km
        assert separation_deg(np.einsum("ijn,jn->in", turn, theirs), subpoint.vector_km).max() < 0.002 * ARCSEC_DEG
        assert subpoint.distance_km == pytest.approx(np.linalg.norm(theirs, axis=0), rel=1e-9)


def test_a_second_theory_of_the_libration_agrees_within_20_arcseconds(sky: Ephemeris) -> None:
    """skyfield's places and nutation with Eckhardt's libration as Meeus prints it, over one cycle of 18.6 years and more."""
    times = np.arange("2017-01-01", "2037-01-01", 50, dtype="datetime64[h]")
    kernel = load_file(str(Path(skyfield_data.__file__).with_name("data") / "de421.bsp"))
    instants = load.timescale(builtin=True).tdb_jd(2_451_545.0 + sky.tdb_s(times) / 86_400)
    nutation = np.degrees(instants._nutation_angles_radians[0])
    for body, ours in (("sun", sky.sun(times)), ("earth", sky.earth(times))):
        seen = kernel["moon"].at(instants).observe(kernel[body]).apparent(deflectors=())
        latitude, longitude, _ = seen.frame_latlon(ecliptic_frame)
        centuries = (instants.tdb - 2_451_545.0) / 36_525
        east, north = subpoint_deg(longitude.degrees, latitude.degrees, nutation, centuries)
        theirs = Subpoint.of(east, north, ours.distance_km)
        apart = separation_deg(ours.vector_km, theirs.vector_km)
        assert 1 * ARCSEC_DEG < apart.max() < 20 * ARCSEC_DEG


def test_utc_becomes_tdb_as_skyfield_has_it(sky: Ephemeris) -> None:
    scale = load.timescale(builtin=True)
    for text in (
        "1965-01-01",
        "1972-01-01",
        "1972-06-30T23:59:59",
        "1972-07-01",
        "2016-12-31T23:59:59",
        "2017-01-01",
        "2050-01-01",
    ):
        theirs = scale.utc(*np.datetime64(text, "s").item().timetuple()[:6])
        days = (theirs.whole - 2_451_545.0) + theirs.tdb_fraction
        assert sky.tdb_s(np.datetime64(text)) == pytest.approx(days * 86_400, abs=0.003)


def test_the_limits_of_a_libration_cycle(sky: Ephemeris) -> None:
    times = np.arange("2017-01-01", "2037-01-01", dtype="datetime64[h]")
    sun, earth = sky.sun(times), sky.earth(times)
    assert 1.55 < np.abs(sun.latitude_deg).max() < 1.59
    assert 6.7 < np.abs(earth.latitude_deg).max() < 6.9
    assert 8.0 < np.abs(earth.longitude_deg).max() < 8.2


def test_outside_of_the_kernel_the_answer_is_a_sentence(sky: Ephemeris) -> None:
    assert (str(sky.first), str(sky.last)) == ("1960-01-02", "2053-10-05")
    with pytest.raises(InputError, match="covers 1960-01-02 to 2053-10-05, not 2060-01-01"):
        sky.sun(np.datetime64("2060-01-01"))
    with pytest.raises(InputError, match="covers"):
        sky.earth(np.array(["2020-01-01", "NaT"], "datetime64[s]"))


def test_any_shape_of_times_keeps_its_shape(sky: Ephemeris) -> None:
    times = np.arange("2027-01-01", "2027-01-13", dtype="datetime64[D]").reshape(3, 4)
    assert sky.sun(times).longitude_deg.shape == (3, 4)
    assert sky.sun(times).latitude_deg[2, 1] == sky.sun(times[2, 1]).latitude_deg
    assert sky.earth(times[:0]).distance_km.shape == (0, 4)
