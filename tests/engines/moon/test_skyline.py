import json

import numpy as np
import pytest

from moonbridge.engines.moon.skyline import MOON_RADIUS_M, Provenance, Skyline, Source
from moonbridge.errors import InputError


def skyline(*elevations: float) -> Skyline:
    return Skyline(-89.0, 10.0, 100.0, np.array(elevations), np.ones(len(elevations)), Provenance())


def test_between_two_azimuths_the_horizon_is_a_straight_line_and_the_circle_closes() -> None:
    four = skyline(0.0, 1.0, 4.0, 2.0)
    np.testing.assert_allclose(
        four.at([0, 45, 90, 135, 180, 315, 359.99999, 360, -45]), [0, 0.5, 1, 2.5, 4, 1, 0, 0, 1], atol=1e-6
    )
    np.testing.assert_array_equal(four.azimuth_deg, [0, 90, 180, 270])


def test_an_azimuth_just_below_north_is_not_beyond_the_circle() -> None:
    assert skyline(1.0, 2.0, 3.0).at(np.nextafter(0.0, -1.0)) == pytest.approx(1.0)


def test_the_bare_sphere_dips_by_the_tangent_from_the_eye() -> None:
    level = Skyline.level(-45.0, 0.0, mast_m=2.0, n=8)
    assert level.elevation_deg.shape == (8,)
    dip = np.radians(-level.elevation_deg[0])
    assert MOON_RADIUS_M / np.cos(dip) - MOON_RADIUS_M == pytest.approx(2.0, abs=1e-6)
    assert level.distance_m[0] == pytest.approx(np.sqrt(2 * 2.0 * MOON_RADIUS_M), rel=1e-5)


def test_provenance_survives_json() -> None:
    before = Provenance(
        (Source("site", "ab" * 32, 10.0), Source("cap", None, 240.0)), 2.0, 15.0, "DE421", "any part", "moonbridge site"
    )
    assert Provenance.from_dict(json.loads(json.dumps(before.as_dict()))) == before


def test_a_skyline_with_a_distance_missing_is_refused() -> None:
    with pytest.raises(InputError, match="a distance for each"):
        Skyline(0.0, 0.0, 0.0, np.zeros(3), np.zeros(2), Provenance())
