"""The best places of a map against a sort of all its pixels."""

import numpy as np

from moonbridge.engines.moon.best import best_places
from moonbridge.engines.moon.craters import crater_field
from moonbridge.engines.moon.frames import distance_m

FIELD = crater_field(7, rows=40, columns=50)
VALUES = np.random.default_rng(3).permutation(2000).reshape(40, 50).astype(np.float32)


def test_without_a_distance_the_best_places_are_the_highest_pixels_in_order() -> None:
    latitudes, longitudes = FIELD.positions_deg()
    order = np.argsort(-VALUES, axis=None)[:7]
    found = best_places(VALUES, FIELD, 7)
    assert [one.value for one in found] == VALUES.ravel()[order].tolist()
    assert [(one.latitude_deg, one.longitude_deg) for one in found] == [
        (latitudes.ravel()[k], longitudes.ravel()[k]) for k in order
    ]
    assert [one.value for one in best_places(VALUES, FIELD, 3, lowest=True)] == [0.0, 1.0, 2.0]


def test_no_two_are_nearer_than_asked_and_none_that_is_left_out_is_better() -> None:
    found = best_places(VALUES, FIELD, 6, apart_m=600.0)
    for number, one in enumerate(found):
        for other in found[:number]:
            assert distance_m(one.latitude_deg, one.longitude_deg, other.latitude_deg, other.longitude_deg) >= 599.9
    latitudes, longitudes = FIELD.positions_deg()
    near = np.zeros(VALUES.shape, bool)
    for one in found[:-1]:
        away = distance_m(latitudes.ravel(), longitudes.ravel(), one.latitude_deg, one.longitude_deg)
        near |= away.reshape(near.shape) < 599.9
    assert found[-1].value == VALUES[~near].max()


def test_unknown_ground_is_never_best_and_a_small_map_has_fewer_places() -> None:
    values = VALUES.copy()
    values[np.unravel_index(values.argmax(), values.shape)] = np.nan
    assert best_places(values, FIELD, 1)[0].value == 1998.0
    assert len(best_places(values, FIELD, 9, apart_m=1e6)) == 1
    assert best_places(np.full_like(values, np.nan), FIELD) == []
