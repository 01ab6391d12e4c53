"""Values: amounts exact, measures bounded, everything plain for JSON."""

import json
from decimal import Decimal

import pytest

from moonbridge.formats.catalogue import Amount, Box, Measure, Orbit, Site, plain, text_of
from moonbridge.formats.catalogue.dates import parse_date
from moonbridge.formats.catalogue.values import (
    SCALAR_PARSERS,
    parse_box,
    parse_composite,
    parse_count,
    parse_flag,
    parse_measure,
)


@pytest.mark.parametrize(
    ("text", "low", "high", "unit"),
    [
        ("62.4 deg", "62.4", "62.4", "deg"),
        ("-180 to 80 °C", "-180", "80", "°C"),
        ("2030 ± 4 Ma", "2026", "2034", "Ma"),
        (">= 3 years", "3", None, "years"),
        ("<= 1000 bit/s", None, "1000", "bit/s"),
        ("258 million USD", "258", "258", "million USD"),
    ],
)
def test_measures(text: str, low: str | None, high: str | None, unit: str) -> None:
    bounds = [None if bound is None else Decimal(bound) for bound in (low, high)]
    assert parse_measure(text) == Measure(text, bounds[0], bounds[1], unit)


@pytest.mark.parametrize("text", ["warm", "80 to -180 °C", "12", ">= years"])
def test_what_is_no_measure_is_refused(text: str) -> None:
    with pytest.raises(ValueError):
        parse_measure(text)


def test_boxes_are_whole_micrometres() -> None:
    assert parse_box("250 x 270 x 420 mm").sides == (250_000, 270_000, 420_000)
    assert parse_box("5.5 × 5.5 × 2 cm").sides == (55_000, 55_000, 20_000)
    for text in ("250 x 270 mm", "250 x 270 x 420", "a x b x c mm"):
        with pytest.raises(ValueError):
            parse_box(text)


def test_counts_may_be_open_upwards() -> None:
    assert parse_count("41") == 41
    assert parse_count("more than 20") == Measure("more than 20", Decimal(20), None, "")
    with pytest.raises(ValueError, match="is not a whole number"):
        parse_count("about 20")


def test_flags_are_true_or_false() -> None:
    assert (parse_flag("true"), parse_flag("false")) == (True, False)
    with pytest.raises(ValueError, match="neither true nor false"):
        parse_flag("yes")


def test_amounts_carry_their_kind_and_base_units() -> None:
    assert SCALAR_PARSERS["sample mass"]("17.4764 g") == Amount("17.4764 g", "sample mass", 17_476_400_000)
    with pytest.raises(ValueError, match="finer than one mg"):
        SCALAR_PARSERS["mass"]("0.0000001 kg")


def test_a_place_needs_a_name_and_numbers() -> None:
    site = parse_composite("site", {"name": "Rim", "latitude": "-88.8", "longitude": None})
    assert site == Site("Rim", latitude=Decimal("-88.8"))
    for parts in ({"latitude": "1"}, {"name": "Rim", "latitude": "south"}):
        with pytest.raises(ValueError):
            parse_composite("site", parts)


@pytest.mark.parametrize(
    ("value", "text", "data"),
    [
        (True, "yes", True),
        (41, "41", 41),
        (("a", "b"), "a; b", ["a", "b"]),
        (Amount("4.5 kg", "mass", 4_500_000), "4.5 kg", {"text": "4.5 kg", "kind": "mass", "base": 4_500_000}),
        (Box("1 x 2 x 3 mm", (1000, 2000, 3000)), "1 x 2 x 3 mm", {"text": "1 x 2 x 3 mm", "sides": [1000, 2000, 3000]}),
        (
            Orbit(shape="frozen", perilune_km=Decimal(200), period_h=Decimal(24)),
            "frozen, perilune 200 km, period 24 h",
            {"shape": "frozen", "perilune_km": "200", "period_h": "24", "text": "frozen, perilune 200 km, period 24 h"},
        ),
        (
            parse_date("2019-04"),
            "2019-04",
            {"text": "2019-04", "earliest": "2019-04-01", "latest": "2019-04-30", "precision": "month", "approximate": False},
        ),
    ],
)  # fmt: skip
def test_text_and_plain_data(value: object, text: str, data: object) -> None:
    assert text_of(value) == text  # type: ignore[arg-type]
    assert plain(value) == data  # type: ignore[arg-type]
    assert json.loads(json.dumps(plain(value))) == data  # type: ignore[arg-type]
