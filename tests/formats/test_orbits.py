import numpy as np
import pytest

from moonbridge.engines.moon.orbit import Orbit
from moonbridge.engines.moon.relay import PRESETS
from moonbridge.errors import InputError
from moonbridge.formats.instants import instant
from moonbridge.formats.orbits import relay, words


def test_a_name_alone_is_the_published_orbit() -> None:
    assert relay("queqiao2-12h") is PRESETS["queqiao2-12h"]


def test_what_is_given_is_no_longer_assumed() -> None:
    published = PRESETS["queqiao2-24h"]
    changed = relay("queqiao2-24h", "node=40, anomaly = 180,epoch=2027-03-01T06:00")
    assert changed.assumed == ("argument_of_perilune_deg",)
    assert changed.orbit == Orbit(
        published.orbit.semi_major_axis_km, published.orbit.eccentricity, 62.4, 40.0, 90.0, 180.0,
        np.datetime64("2027-03-01T06:00:00"), published.orbit.perturbation,
    )  # fmt: skip
    assert words(changed)[0].startswith(
        "Relay: Queqiao-2, elliptical frozen orbit for Chang'e-6, changed: node=40, anomaly=180, epoch=2027-03-01T06:00; "
        "sources: CNSA April 2024, Queqiao-2 mission complete success (reposted); Wikipedia copy, Queqiao-2 (mid 2024);"
    )
    assert words(changed)[1].startswith("Assumed, not published: argument of perilune.")


def test_another_size_is_counted_from_the_surface() -> None:
    changed = relay("queqiao2-24h", "apolune=8600,perilune=300")
    assert changed.orbit.period_h == pytest.approx(PRESETS["queqiao2-12h"].orbit.period_h)
    whole = relay("queqiao2-24h", "node=1,argument=90,anomaly=2,epoch=2027-01-01")
    assert (whole.assumed, len(words(whole))) == ((), 1)


@pytest.mark.parametrize(
    ("changes", "why"),
    [
        ("knot=4", "'knot=4' changes nothing of an orbit"),
        ("node", "'node' changes nothing of an orbit"),
        ("node=1,node=2", "'node=2' changes nothing of an orbit"),
        ("node=east", "node = 'east' is not a number"),
        ("node=nan", "node = 'nan' is not a number"),
        ("perilune=20000", "the perilune is higher than the apolune"),
        ("perilune=-100", "the perilune lies 100 km below the surface"),
        ("epoch=yesterday", "'yesterday' is no instant"),
    ],
)
def test_what_changes_nothing_is_refused(changes: str, why: str) -> None:
    with pytest.raises(InputError, match=why):
        relay("queqiao2-24h", changes)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("2027-01-01", "2027-01-01T00:00:00"),
        (" 2027-01-01T06:30 ", "2027-01-01T06:30:00"),
        ("2027-01-01 06:30:15Z", "2027-01-01T06:30:15"),
        ("2027-01-01T06:30+08:00", "2026-12-31T22:30:00"),
    ],
)
def test_instants_are_utc_unless_they_say_otherwise(text: str, expected: str) -> None:
    assert instant(text, field="--from") == np.datetime64(expected)


@pytest.mark.parametrize("text", ["", "tomorrow", "2027-13-01", "01.02.2027"])
def test_no_instant_is_refused_with_its_field(text: str) -> None:
    with pytest.raises(InputError, match=r"field --from: .* is no instant; write for example 2027-01-01"):
        instant(text, field="--from")
