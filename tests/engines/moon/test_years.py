"""A year by the day against the series it is made of, on the bare sphere and over a shaped horizon."""

from dataclasses import replace

import numpy as np
import pytest

from moonbridge.engines.moon.light import hours, illumination
from moonbridge.engines.moon.relay import preset, relay_visible
from moonbridge.engines.moon.skyline import Skyline
from moonbridge.engines.moon.visibility import sun_visible
from moonbridge.engines.moon.windows import total, windows
from moonbridge.engines.moon.years import band, mean_light, track, year_at
from moonbridge.errors import InputError
from moonbridge.formats import ephemeris

DE421 = ephemeris.default()
EQUATOR = Skyline.level(0.0, 0.0)
RELAY = {"queqiao2-24h": preset("queqiao2-24h").orbit}


def hilly() -> Skyline:
    level = Skyline.level(-89.0, 120.0, 2.0)
    return replace(level, elevation_deg=1.5 * np.sin(np.radians(3 * level.azimuth_deg)))


def test_a_year_has_its_days_and_months() -> None:
    year = year_at(EQUATOR, DE421, 2028)
    assert (year.days.size, str(year.days[0]), str(year.days[-1])) == (366, "2028-01-01", "2028-12-31")
    assert [part.stop - part.start for part in year.months()] == [31, 29, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31]


def test_on_the_equator_of_a_sphere_half_of_the_time_is_day_and_nights_last_half_a_month() -> None:
    year = year_at(EQUATOR, DE421, 2027)
    assert year.sunlight.mean == pytest.approx(0.5, abs=0.02)  # a year is no whole number of lunar days
    whole = [night for night in year.nights if not (night.begun or night.lasting)]
    assert {round(night.duration / np.timedelta64(1, "D")) for night in whole} == {15}
    assert year.earthlight.any_share == 1.0
    assert year.contact_by_day.mean() == pytest.approx(year.sunlight.any_share)


def test_the_days_add_up_to_the_hours_and_the_windows_to_both() -> None:
    site = hilly()
    year = year_at(site, DE421, 2027, RELAY)
    light = illumination(site, DE421, hours("2027-01-01", "2028-01-01"))
    assert year.light_by_day[40] == pytest.approx(light[960:984].mean())
    assert year.light_by_day.mean() == pytest.approx(year.sunlight.mean) == pytest.approx(light.mean())
    inside = [
        replace(
            night, start=max(night.start, np.datetime64("2027-01-01")), end=min(night.end, np.datetime64("2028-01-01"))
        )
        for night in year.nights
    ]
    dark = total(inside) / np.timedelta64(365, "D")
    assert dark == pytest.approx(1 - year.sunlight.any_share, abs=0.003)
    assert total(year.contacts) / np.timedelta64(365, "D") == pytest.approx(year.contact_by_day.mean(), abs=0.003)
    assert year.longest_night == max(year.nights, key=lambda night: night.duration)


@pytest.mark.parametrize(("latitude", "years"), [(-89.9, (2032, 2033)), (89.9, (2025, 2026))])
def test_a_night_across_new_year_is_told_whole_in_both_years(latitude: float, years: tuple[int, int]) -> None:
    site = Skyline.level(latitude, 0.0)
    before, after = (year_at(site, DE421, year) for year in years)
    searched = windows(~sun_visible(site, DE421), f"{years[0] - 1}-06-01", f"{years[1] + 1}-06-01")
    (truth,) = (one for one in searched if one.holds(np.array([f"{years[1]}-01-01"], "datetime64[s]")).all())
    assert (truth.begun, truth.lasting) == (False, False)
    assert (before.nights[-1], after.nights[0]) == (truth, truth)
    assert after.longest_night == truth


def test_lights_are_what_nights_leave_and_whole_too() -> None:
    site = hilly()
    year = year_at(site, DE421, 2027)
    found = windows(sun_visible(site, DE421), "2026-06-20", "2028-06-20")
    assert year.lights == [
        one for one in found if one.end > np.datetime64("2027") and one.start < np.datetime64("2028")
    ]
    assert year.longest_light == max(year.lights, key=lambda light: light.duration)
    edges = sorted(edge for one in (*year.nights, *year.lights) for edge in (one.start, one.end))
    assert edges[1:-1:2] == edges[2:-1:2], "where one ends the next begins"


def test_what_the_sun_never_reaches_has_a_night_without_ends() -> None:
    pit = replace(hilly(), elevation_deg=np.full(720, 10.0))
    (night,) = year_at(pit, DE421, 2027).nights
    assert (night.begun, night.lasting) == (True, True)
    assert year_at(pit, DE421, 2027).longest_light is None


def test_the_share_of_a_relay_by_tens_of_minutes_is_that_by_minutes() -> None:
    site = hilly()
    day = year_at(site, DE421, 2027, RELAY).relays["queqiao2-24h"][33]
    minutes = hours("2027-02-03", "2027-02-04", np.timedelta64(1, "m"))
    assert day == pytest.approx(relay_visible(site, RELAY["queqiao2-24h"], DE421)(minutes).mean(), abs=0.01)


def test_the_long_mean_is_that_of_its_years() -> None:
    site = hilly()
    single = [illumination(site, DE421, hours(f"{year}-01-01", f"{year + 1}-01-01")) for year in (2027, 2028)]
    assert mean_light(site, DE421, 2027, 2) == pytest.approx(np.concatenate(single).mean())


def test_a_band_holds_the_whole_track_and_touches_it() -> None:
    site = hilly()
    times = hours("2027-01-01", "2028-01-01")
    found = band(site, DE421.sun(times), bins=90)
    azimuth, elevation = track(site, DE421.sun(times))
    inside = elevation[(azimuth >= 40) & (azimuth < 44)]
    assert (found.low_deg[10], found.high_deg[10], found.azimuth_deg[10]) == (inside.min(), inside.max(), 42.0)


def test_a_direction_that_a_body_never_comes_to_is_not_a_number() -> None:
    found = band(EQUATOR, DE421.sun(hours("2027-01-01", "2028-01-01")))
    assert np.isnan(
        found.low_deg[0]
    )  # on the equator the Sun passes through the zenith and is never due north below it


def test_a_year_beyond_the_ephemeris_is_refused() -> None:
    with pytest.raises(InputError, match="covers"):
        year_at(EQUATOR, DE421, 2060)
