"""How well a place is known, as it is typed."""

import pytest

from moonbridge.engines.moon.uncertainty import Ellipse
from moonbridge.errors import InputError
from moonbridge.formats.uncertainty import parse


@pytest.mark.parametrize(
    ("text", "ellipse"),
    [
        ("20", Ellipse(20, 20)),
        (" 2.5 ", Ellipse(2.5, 2.5)),
        ("20x5@30", Ellipse(20, 5, 30)),
        ("800 × 0 @ -45.5", Ellipse(800, 0, -45.5)),
    ],
)
def test_a_number_is_a_circle_and_three_are_an_ellipse(text: str, ellipse: Ellipse) -> None:
    assert parse(text, field="--uncertainty") == ellipse


@pytest.mark.parametrize(
    ("text", "sentence"),
    [
        ("20x5", "20x5@30 for an ellipse"),
        ("far", "“far” is no uncertainty"),
        ("-3", "is no uncertainty"),
        ("0", "more than nothing"),
        ("5x20@30", "a longer and a shorter semi-axis"),
    ],
)
def test_anything_else_is_refused_with_an_example(text: str, sentence: str) -> None:
    with pytest.raises(InputError, match=sentence):
        parse(text, field="--uncertainty")
