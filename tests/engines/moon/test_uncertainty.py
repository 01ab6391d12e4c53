import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from moonbridge.engines.moon import frames
from moonbridge.engines.moon.skyline import MOON_RADIUS_M, Provenance, Skyline
from moonbridge.engines.moon.uncertainty import (
    Ellipse,
    Place,
    Spread,
    known_within,
    snap_to_crest,
    spread_over,
    uncertain_windows,
)
from moonbridge.engines.moon.visibility import sun_visible
from moonbridge.engines.moon.windows import Condition, Window, windows
from moonbridge.errors import InputError
from moonbridge.formats import ephemeris

SITE = Place(-88.8, 123.4)


def hours(*pairs: tuple[float, float]) -> list[Window]:
    base = np.datetime64("2027-01-01T00:00:00")
    return [Window(*(base + np.timedelta64(round(3600 * hour), "s") for hour in pair)) for pair in pairs]


@given(st.floats(-89.99, 89.99), st.floats(-180, 180), st.floats(0, 360), st.floats(0.1, 2e6))
def test_a_way_along_a_great_circle_is_as_long_as_asked(
    latitude: float, longitude: float, azimuth: float, way: float
) -> None:
    there = frames.destination(latitude, longitude, azimuth, way)
    assert frames.distance_m(*there, latitude, longitude) == pytest.approx(way, rel=1e-6)


def test_a_degree_north_is_a_degree_of_latitude() -> None:
    degree = MOON_RADIUS_M * np.pi / 180
    assert frames.destination(-88.8, 123.4, 0.0, degree) == pytest.approx((-87.8, 123.4))
    assert frames.destination(0.0, 10.0, [90.0, 270.0], 2 * degree)[1] == pytest.approx([12.0, 8.0])


def test_the_places_lie_on_the_ellipse_and_half_way_out() -> None:
    places = Ellipse(100.0, 40.0, azimuth_deg=30.0).places(*SITE)
    assert places[0] == SITE
    ways = np.array([frames.distance_m(*place, *SITE) for place in places[1:]])
    assert ways[:8:4] == pytest.approx([100, 100], rel=1e-4)
    assert ways[2:8:4] == pytest.approx([40, 40], rel=1e-4)
    assert ways[8:].min() >= 20 - 1e-6
    assert ways[8:].max() <= 50 + 1e-6
    assert len(set(places)) == 17
    assert frames.destination(*SITE, 30.0, 100.0) == pytest.approx(places[1])


def test_rises_and_sets_are_spread_over_what_overlaps() -> None:
    nominal = hours((10, 20), (40, 45))
    found = spread_over(nominal, [hours((9, 19), (60, 61)), hours((12, 21)), hours((19.5, 43), (60.5, 62))])
    first, second = found.windows
    assert (first.seen, second.seen, first.places) == (4, 2, 4)
    assert [first.rise.earliest, first.rise.median, first.rise.latest] == [
        w.start for w in hours((9, 99), (10, 99), (19.5, 99))
    ]
    assert [first.set.earliest, first.set.median, first.set.latest] == [w.end for w in hours((0, 19), (0, 20), (0, 43))]
    assert (second.rise.earliest, second.set.latest) == (hours((19.5, 45))[0].start, hours((19.5, 45))[0].end)
    assert found.only_elsewhere == hours((60, 62))


def test_windows_over_an_ellipse_by_hand() -> None:
    """At a place so many metres east of the middle a window opens ten seconds later for each metre, and lasts an hour.

    Of the ellipse 20 x 5 m with its long axis east, eight places lie 20 cos(45 k) m east, eight 10 cos(22.5 + 45 k) m: the first
    window opens 200 s before that of the middle, the last one 200 s after it, and of 17 the middle nine are at most 3.83 m away.
    """
    base = np.datetime64("2027-01-01T00:00:00")

    def function_at(place: Place) -> Condition:
        away = frames.distance_m(*place, *SITE)
        east = float(away) * np.sin(np.radians(azimuth_of(place)))
        rise = base + np.timedelta64(round(1e6 * (36_000 + 10 * east)), "us")
        end, step = rise + np.timedelta64(1, "h"), np.timedelta64(10, "m")
        return Condition("east", lambda times: (times >= rise) & (times < end), step)

    places = Ellipse(20.0, 5.0, 90.0).places(*SITE)
    (found,) = uncertain_windows(function_at, places, base, base + np.timedelta64(1, "D")).windows
    seconds = [int((moment - base) / np.timedelta64(1, "s")) for moment in vars_of(found.rise) + vars_of(found.set)]
    assert seconds == pytest.approx([35_800, 36_000, 36_200, 39_400, 39_600, 39_800], abs=1)
    assert (found.seen, found.places) == (17, 17)
    across = Ellipse(20.0, 5.0, 0.0).places(*SITE)
    (turned,) = uncertain_windows(function_at, across, base, base + np.timedelta64(1, "D")).windows
    assert int((turned.rise.latest - turned.rise.earliest) / np.timedelta64(1, "s")) == pytest.approx(100, abs=1)


def vars_of(spread: Spread) -> list[np.datetime64]:
    return [spread.earliest, spread.median, spread.latest]


def azimuth_of(place: Place) -> float:
    """The azimuth of a near place from SITE, on the plane that touches the sphere there."""
    east, north, _ = frames.local_axes(*SITE)
    there = frames.unit_vector(*place)
    return float(np.degrees(np.arctan2(there @ east, there @ north)))


def test_a_circle_has_no_axis_in_provenance() -> None:
    circle, ellipse = (known_within(one, Provenance()) for one in (Ellipse.circle(20.0), Ellipse(20.0, 5.0, 30.0)))
    assert (circle.known_to, circle.coordinate_across_m, circle.coordinate_axis_deg) == ("20 m", None, None)
    assert ellipse.known_to == "20 m x 5 m, the longer half-axis towards 30°"
    assert known_within(None, circle) is circle
    assert Provenance().known_to is None


def test_over_a_ridge_the_sun_rises_earlier_or_later_within_the_ellipse() -> None:
    """The skyline of each place is a level one, higher by 0.01 degrees for every metre towards the south."""
    sky = ephemeris.default()

    def function_at(place: Place) -> Condition:
        southward = -(place.latitude_deg - SITE.latitude_deg) * MOON_RADIUS_M * np.pi / 180
        horizon = np.full(720, 0.3 + southward / 100)
        return sun_visible(Skyline(*place, 0.0, horizon, np.zeros(720), Provenance()), sky)

    places = Ellipse(20.0, 0.0).places(*SITE)
    found = uncertain_windows(function_at, places, "2027-01-25", "2027-03-25", minimum=np.timedelta64(1, "h"))
    assert len(found.windows) == 2
    north = windows(function_at(places[1]), "2027-01-25", "2027-03-25")
    for window in found.windows:
        assert window.seen == window.places == 17
        assert window.rise.earliest < window.rise.median <= window.nominal.start < window.rise.latest
        assert window.set.earliest < window.nominal.end < window.set.latest
    assert [window.rise.earliest for window in found.windows] == [window.start for window in north]


def test_a_place_beside_a_crest_moves_onto_it() -> None:
    crest = Place(*map(float, frames.destination(*SITE, 70.0, 120.0)))

    def cone(latitudes: np.ndarray, longitudes: np.ndarray) -> np.ndarray:
        return 1_500.0 - 0.3 * frames.distance_m(latitudes, longitudes, *crest)

    found = snap_to_crest(cone, SITE, within_m=200.0, spacing_m=5.0)
    assert frames.distance_m(*found.place, *crest) < 5.0
    assert found.moved_m == pytest.approx(120.0, abs=5.0)
    assert found.azimuth_deg == pytest.approx(70.0, abs=3.0)
    assert found.gained_m == pytest.approx(0.3 * 120, abs=1.5)
    assert found.height_m == pytest.approx(1_500.0, abs=1.5)


def test_what_stands_on_the_crest_stays_and_a_place_off_the_map_is_refused() -> None:
    def level(latitudes: np.ndarray, longitudes: np.ndarray) -> np.ndarray:
        return np.zeros(latitudes.shape)

    stays = snap_to_crest(level, SITE, within_m=50.0, spacing_m=10.0)
    assert (stays.place, stays.moved_m, stays.gained_m) == (SITE, 0.0, 0.0)
    with pytest.raises(InputError, match="does not know this place"):
        snap_to_crest(lambda latitudes, longitudes: latitudes * np.nan, SITE, within_m=50.0, spacing_m=10.0)


def test_an_ellipse_with_its_axes_turned_around_is_refused() -> None:
    with pytest.raises(InputError, match="a longer and a shorter semi-axis"):
        Ellipse(10.0, 20.0)
