"""Amounts: exact whatever people type, refused rather than guessed or rounded."""

import contextlib
from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from moonbridge.errors import QuantityError
from moonbridge.quantities import (
    COUNT,
    DATA,
    DATA_PER_DAY,
    DURATION,
    KINDS,
    LENGTH,
    MASS,
    POWER,
    SAMPLE_MASS,
    Kind,
    custom,
    decimal_text,
)

PARSED = [
    (MASS, "12.5 kg", 12_500_000),
    (MASS, "12,5kg", 12_500_000),
    (MASS, "  1 200 g ", 1_200_000),
    (MASS, "1'200 g", 1_200_000),
    (MASS, "1,200.5 g", 1_200_500),
    (MASS, "1\u202f200 g", 1_200_000),
    (MASS, "１２.５ｋｇ", 12_500_000),
    (MASS, "5", 5_000_000),
    (MASS, "1e2 g", 100_000),
    (MASS, ".5 kg", 500_000),
    (MASS, "0 kg", 0),
    (SAMPLE_MASS, "17.4764 g", 17_476_400_000),
    (SAMPLE_MASS, "20 µg", 20_000),
    (POWER, "3 mW", 3),
    (POWER, "3.2 W", 3_200),
    (DATA_PER_DAY, "1 Gbit/day", 125_000_000),
    (DATA_PER_DAY, "2.5 GB/d", 2_500_000_000),
    (DATA_PER_DAY, "8 bit/day", 1),
    (DATA, "1 KiB", 1024),
    (LENGTH, "25 cm", 250_000),
    (COUNT, "2", 2),
    (custom("crew-h"), "2.5 crew-h", 2500),
]
REFUSED = [
    (MASS, "", "is not an amount"),
    (MASS, "heavy", "is not an amount"),
    (MASS, "5 lb", "“lb” is not a unit of mass"),
    (MASS, "-1 kg", "is negative"),
    (MASS, "1,200", "can be read in two ways"),
    (MASS, "1.2.3 kg", "is not a number"),
    (MASS, "0.0000001 kg", "finer than one mg"),
    (MASS, "9" * 20 + " t", "larger than anything that can be stored"),
    (MASS, "1e99999 kg", "is not a unit"),
    (POWER, "3 MW", "“MW” is not a unit of power"),
    (DATA_PER_DAY, "1 Mb/day", "is not a unit"),
    (DATA_PER_DAY, "3 bit/day", "finer than one byte/day"),
    (COUNT, "1.5", "finer than one 1"),
    (MASS, "9" * 100, "is not an amount"),
]


@pytest.mark.parametrize(("kind", "text", "amount"), PARSED, ids=[text for _, text, _ in PARSED])
def test_what_people_type_is_read_exactly(kind: Kind, text: str, amount: int) -> None:
    assert kind.parse(text) == amount


@pytest.mark.parametrize(("kind", "text", "said"), REFUSED, ids=[text[:20] for _, text, _ in REFUSED])
def test_what_cannot_be_read_exactly_is_refused_with_the_reason(kind: Kind, text: str, said: str) -> None:
    with pytest.raises(QuantityError, match=said) as caught:
        kind.parse(text, field="mass")
    assert caught.value.field == "mass"


@given(kind=st.sampled_from(list(KINDS.values())), amount=st.integers(0, 2**63 - 1))
def test_every_amount_survives_its_own_text(kind: Kind, amount: int) -> None:
    assert kind.parse(kind.text(amount)) == amount


@given(st.text(max_size=80))
def test_no_text_breaks_the_reader(text: str) -> None:
    with contextlib.suppress(QuantityError):
        assert MASS.parse(text) >= 0


@given(st.fractions())
def test_decimal_text_is_exact_where_decimals_are(value: Fraction) -> None:
    written = Fraction(decimal_text(value))
    finite = 10**60 % value.denominator == 0
    assert written == value if finite else abs(written - value) <= abs(value) * Fraction(1, 10**11)


def test_display_units_are_chosen_for_people() -> None:
    texts = [
        MASS.text(12_500_000),
        MASS.text(950_000),
        MASS.text(3),
        MASS.text(0),
        COUNT.text(1),
        DATA_PER_DAY.text(125_000_000),
    ]
    assert texts == ["12.5 kg", "950 g", "3 mg", "0 kg", "1", "125 MB/day"]
    assert [DURATION.text(seconds) for seconds in (5400, 90, 3601)] == ["1.5 h", "1.5 min", "3601 s"]
