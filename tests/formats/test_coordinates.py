import pytest
from hypothesis import given
from hypothesis import strategies as st

from moonbridge.errors import InputError
from moonbridge.formats.coordinates import Coordinates, parse


@pytest.mark.parametrize(
    ("text", "place"),
    [
        ("88.8S,123.4E", (-88.8, 123.4)),
        ("88.8s, 123.4e", (-88.8, 123.4)),
        ("-88.8 123.4", (-88.8, 123.4)),
        ("−88.8，123.4", (-88.8, 123.4)),
        ("89.4388S 222.857E", (-89.4388, 222.857)),
        ("  88.8° S ; 123.4° E ", (-88.8, 123.4)),
        ("123.4E 88.8S", (-88.8, 123.4)),
        ("S88.8 W123.4", (-88.8, -123.4)),
        ("88.8S123.4E", (-88.8, 123.4)),
        ("43.06N51.92W", (43.06, -51.92)),
        ("90S,0E", (-90, 0)),
        ("-45.4446,177.5991", (-45.4446, 177.5991)),
    ],
)
def test_what_people_write_is_read(text: str, place: tuple[float, float]) -> None:
    assert parse(text) == place


@pytest.mark.parametrize(
    ("text", "why"),
    [
        ("", "is no pair of coordinates"),
        ("Shackleton", "is no pair of coordinates"),
        ("88.8", "is no pair of coordinates"),
        ("88°48'S 123°24'E", "is no pair of coordinates"),
        ("nan inf", "is no pair of coordinates"),
        ("98.8S,123.4E", "has a latitude of -98.8, beyond a pole"),
        ("88.8S,361E", "has a longitude of 361, not within -180 to 360"),
        ("88.8S,123.4S", "gives the same coordinate twice"),
        ("88.8S,123.4", "has a letter on one number only"),
        ("-88.8S,123.4E", "has both a sign and a letter"),
        ("S88.8S,123.4E", "is no pair of coordinates"),
    ],
)
def test_what_cannot_be_read_is_refused_with_the_reason_and_an_example(text: str, why: str) -> None:
    with pytest.raises(InputError) as caught:
        parse(text)
    assert str(caught.value) == (
        f"field coordinates: {text!r} {why}; write for example 88.8S,123.4E or -88.8 123.4, "
        "latitude and east longitude in decimal degrees"
    )


@given(st.decimals(-90, 90, places=6), st.decimals(0, "359.999999", places=6))
def test_a_place_is_read_back_from_its_own_text(latitude: float, longitude: float) -> None:
    place = Coordinates(float(latitude), float(longitude))
    assert parse(str(place)) == pytest.approx(place)
