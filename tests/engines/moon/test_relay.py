"""Orbits against a numerical integration and published numbers; passes against a look at every ten seconds."""

from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from ruamel.yaml import YAML

import moonbridge
from moonbridge.engines.moon.ephemeris import Ephemeris
from moonbridge.engines.moon.frames import MOON, azimuth_elevation
from moonbridge.engines.moon.orbit import GM_MOON, J2_MOON, J2_RADIUS_KM, Orbit, Perturbation, eccentric_anomaly
from moonbridge.engines.moon.relay import PRESETS, Preset, passes, preset, relay_visible, seen_from
from moonbridge.engines.moon.skyline import Skyline
from moonbridge.engines.moon.windows import windows
from moonbridge.errors import InputError
from moonbridge.formats import ephemeris

EPOCH = np.datetime64("2027-01-01T00:00:00")
SITE = Skyline.level(-88.8, 123.4, 2.0)


@pytest.fixture(scope="module")
def sky() -> Ephemeris:
    return ephemeris.default()


def pull(state: np.ndarray, j2: float) -> np.ndarray:
    """Velocity and acceleration about a body flattened by ``j2``, in its equator (Vallado 2013, equation 8-41)."""
    x, y, z, *velocity = state
    r = np.sqrt(x * x + y * y + z * z)
    flat = 1.5 * j2 * GM_MOON * J2_RADIUS_KM**2 / r**5
    ratio = 5 * z * z / (r * r)
    central = -GM_MOON / r**3
    return np.array([
        *velocity,
        x * (central + flat * (ratio - 1)),
        y * (central + flat * (ratio - 1)),
        z * (central + flat * (ratio - 3)),
    ])  # fmt: skip


def integrated(state: np.ndarray, times: np.ndarray, j2: float) -> np.ndarray:
    """States (6, n) at ``times`` by the classical Runge-Kutta method, one step from each time to the next."""
    found = [state]
    for step in np.diff(times):
        one = pull(state, j2)
        two = pull(state + step / 2 * one, j2)
        three = pull(state + step / 2 * two, j2)
        four = pull(state + step * three, j2)
        state = state + step / 6 * (one + 2 * two + 2 * three + four)
        found.append(state)
    return np.array(found).T


def start_of(orbit: Orbit) -> np.ndarray:
    """Position and velocity at the epoch, the velocity by a difference so small that it is exact to 1e-9."""
    around = orbit.inertial_km(np.array([-0.5, 0.0, 0.5]))
    return np.concatenate([around[:, 1], around[:, 2] - around[:, 0]])


def elements(state: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Node and argument of perilune in radians of states (6, n)."""
    position, velocity = state[:3], state[3:]
    momentum = np.cross(position, velocity, axis=0)
    pointing = np.cross(velocity, momentum, axis=0) / GM_MOON - position / np.linalg.norm(position, axis=0)
    node = np.arctan2(momentum[0], -momentum[1])
    along = pointing[0] * np.cos(node) + pointing[1] * np.sin(node)
    tilt = np.arccos(momentum[2] / np.linalg.norm(momentum, axis=0))
    return np.unwrap(node), np.unwrap(np.arctan2(pointing[2] / np.sin(tilt), along))


@given(st.floats(-20, 20), st.floats(0, 0.97))
def test_kepler_s_equation_is_solved(mean: float, eccentricity: float) -> None:
    found = eccentric_anomaly(np.array([mean]), eccentricity)
    back = found - eccentricity * np.sin(found)
    assert np.exp(1j * back) == pytest.approx(np.exp(1j * np.array([mean])), abs=1e-12)


@pytest.mark.parametrize("name", PRESETS)
def test_two_bodies_move_as_the_integration_of_their_forces_says(name: str) -> None:
    given_orbit = PRESETS[name].orbit
    orbit = Orbit(
        given_orbit.semi_major_axis_km, given_orbit.eccentricity, given_orbit.inclination_deg, 40.0, 90.0, 180.0, EPOCH,
        Perturbation.NONE,
    )  # fmt: skip
    times = np.linspace(0, 0.4 * orbit.period_h * 3600, 2_001)
    numeric = integrated(start_of(orbit), times, 0.0)[:3]
    assert np.abs(numeric - orbit.inertial_km(times)).max() < 0.1


def test_the_node_and_the_perilune_of_a_flattened_moon_drift_as_the_integration_says() -> None:
    """A low orbit, where the drift shows in a day: over whole revolutions the short-period part returns to where it was."""
    orbit = Orbit(1_950.0, 0.05, 62.4, 40.0, 90.0, 0.0, EPOCH, Perturbation.J2)
    revolutions = 12
    times = np.linspace(0, revolutions * orbit.period_h * 3600, 400 * revolutions + 1)
    node, perilune = elements(integrated(start_of(orbit), times, J2_MOON))
    by_revolution = times[::400]
    node_rate, perilune_rate, _ = orbit.rates_rad_s
    assert np.polyfit(by_revolution, node[::400], 1)[0] == pytest.approx(node_rate, rel=0.02)
    assert np.polyfit(by_revolution, perilune[::400], 1)[0] == pytest.approx(perilune_rate, abs=0.03 * abs(node_rate))


def test_the_drift_has_the_signs_that_every_textbook_gives() -> None:
    def rates(inclination: float, how: Perturbation = Perturbation.J2) -> tuple[float, float, float]:
        return Orbit(5_000.0, 0.5, inclination, 0, 0, 0, EPOCH, how).rates_rad_s

    assert rates(30)[0] < 0 < rates(150)[0]
    assert rates(90)[0] == pytest.approx(0, abs=1e-20)
    assert rates(np.degrees(np.arccos(np.sqrt(0.2))))[1] == pytest.approx(
        0, abs=1e-20
    )  # 63.43 degrees, the critical inclination
    assert rates(30, Perturbation.FROZEN)[:2] == (rates(30)[0], 0.0)


def test_a_circle_over_the_pole_is_seen_where_geometry_says(sky: Ephemeris) -> None:
    """The satellite of a circular orbit stands over the latitude asin(sin i sin u)."""
    orbit = Orbit(6_000.0, 0.0, 50.0, 0.0, 0.0, 0.0, EPOCH, Perturbation.NONE)
    times = EPOCH + (np.arange(9) * orbit.period_h * 450).astype("timedelta64[s]")
    subpoint = orbit.subpoint(times, sky)
    expected = np.degrees(np.arcsin(np.sin(np.radians(50)) * np.sin(np.arange(9) * np.pi / 4)))
    assert subpoint.latitude_deg == pytest.approx(
        expected, abs=0.1
    )  # the pole itself moves by 0.002 degrees in that time
    assert subpoint.distance_km == pytest.approx(np.full(9, 6_000.0))


@pytest.mark.parametrize("published", PRESETS.values(), ids=PRESETS)
def test_published_sizes_agree_with_published_periods(published: Preset) -> None:
    """Kepler's third law, within the rounding of the sources (24 h and 12 h are round numbers)."""
    assert published.orbit.period_h == pytest.approx(published.published_period_h, rel=0.015)


def test_presets_say_what_the_catalogue_says() -> None:
    """The catalogue ships with the product; a fact that changes there must change here."""
    folder = Path(moonbridge.__file__).parent / "catalogue"
    read = YAML(typ="safe")
    titles = {name: source["title"] for name, source in read.load(folder / "sources.yaml").items()}
    facts = read.load(folder / "clep.yaml")["missions"]["queqiao-2"]["facts"]
    first, measured = facts["relay_orbit"]["claims"]
    for name, claim in (("24h", first), ("12h", facts["south_pole_orbit"]), ("measured", measured)):
        ours, value = preset(f"queqiao2-{name}"), claim["value"]
        sources = claim["sources"] if isinstance(claim["sources"], list) else [claim["sources"]]
        assert dict(ours.sources) == {source: titles[source] for source in sources}
        assert (ours.orbit.inclination_deg, ours.published_period_h) == (value["inclination_deg"], value["period_h"])
        above = 0 if name == "measured" else MOON.radius_km
        sizes = (ours.orbit.perilune_km - above, ours.orbit.apolune_km - above)
        assert sizes == pytest.approx((value["perilune_km"], value["apolune_km"]))


def test_the_measured_orbit_cannot_be_altitudes() -> None:
    as_altitudes = Orbit.between(1_991.69, 18_678.5, inclination_deg=119.249, epoch=EPOCH)
    assert as_altitudes.period_h == pytest.approx(33.06, abs=0.01)
    assert preset("queqiao2-measured").orbit.period_h == pytest.approx(26.18, abs=0.02)
    assert "33.1 h" in preset("queqiao2-measured").note


@pytest.mark.parametrize("published", PRESETS.values(), ids=PRESETS)
def test_a_preset_s_apolune_is_over_the_south_and_what_is_assumed_is_said(published: Preset, sky: Ephemeris) -> None:
    half = np.timedelta64(round(published.orbit.period_h * 1800), "s")
    apolune = published.orbit.subpoint(published.orbit.epoch + half, sky)
    assert apolune.latitude_deg < -50
    assert apolune.distance_km == pytest.approx(published.orbit.apolune_km, rel=1e-4)
    assert {"ascending_node_deg", "mean_anomaly_deg", "epoch"} <= set(published.assumed)


def test_the_design_of_12_hours_gives_the_8_hours_of_contact_that_its_source_names(sky: Ephemeris) -> None:
    """The source does not say above which elevation: 8 h lie between those above the horizon and those above 30 degrees."""
    orbit = preset("queqiao2-12h").orbit

    def hours_per_revolution(mask_deg: float) -> float:
        found = passes(SITE, orbit, sky, "2027-01-01", "2027-02-01", mask_deg=mask_deg)
        return sum(one.duration / np.timedelta64(1, "h") for one in found) / (31 * 24 / orbit.period_h)

    assert hours_per_revolution(30) < 8 < hours_per_revolution(0)


def test_passes_are_those_of_a_look_at_every_ten_seconds(sky: Ephemeris) -> None:
    orbit = preset("queqiao2-24h").orbit
    times = np.arange("2027-01-05", "2027-01-08", 10, dtype="datetime64[s]")
    seen = seen_from(SITE, orbit, sky, times)
    above = seen.elevation_deg > np.maximum(SITE.at(seen.azimuth_deg), 5.0)
    found = passes(SITE, orbit, sky, "2027-01-05", "2027-01-08", mask_deg=5.0)
    inside = [(one.rise <= times) & (times < one.set) for one in found]
    assert np.array_equal(np.any(inside, axis=0), above)
    for one, during in zip(found, inside, strict=True):
        assert one.highest_elevation_deg == pytest.approx(seen.elevation_deg[during].max(), abs=1e-3)
        assert one.nearest_km == pytest.approx(seen.distance_km[during].min(), rel=0.02)
        assert one.farthest_km == pytest.approx(seen.distance_km[during].max(), rel=1e-4)
        assert abs(times[during][np.argmax(seen.elevation_deg[during])] - one.highest) <= np.timedelta64(10, "s")
    assert [one.begun for one in found] == [True] + [False] * (len(found) - 1)


def test_passes_and_windows_tell_the_same(sky: Ephemeris) -> None:
    orbit = preset("queqiao2-12h").orbit
    found = passes(SITE, orbit, sky, "2027-01-01", "2027-01-03", minimum=np.timedelta64(1, "h"))
    same = windows(relay_visible(SITE, orbit, sky), "2027-01-01", "2027-01-03", minimum=np.timedelta64(1, "h"))
    assert [(one.rise, one.set) for one in found] == [(one.start, one.end) for one in same]
    rise = azimuth_elevation(orbit.subpoint(found[1].rise, sky), SITE.latitude_deg, SITE.longitude_deg, 2.0)
    assert rise.elevation_deg == pytest.approx(SITE.elevation_deg[0], abs=0.05)
    assert found[1].rise_azimuth_deg == pytest.approx(rise.azimuth_deg)


def test_what_is_no_orbit_is_refused() -> None:
    with pytest.raises(InputError, match="eccentricity from 0 to below 1"):
        Orbit(5_000.0, 1.2, 0, 0, 0, 0, EPOCH)
    with pytest.raises(InputError, match="the perilune lies 237 km below the surface"):
        Orbit(3_000.0, 0.5, 0, 0, 0, 0, EPOCH)
    with pytest.raises(
        InputError, match="no relay is called 'magpie'; there are queqiao2-24h, queqiao2-12h, queqiao2-measured"
    ):
        preset("magpie")
