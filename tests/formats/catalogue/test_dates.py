"""Partial dates: the text stays, the bounds are those of the calendar."""

from datetime import UTC, date, datetime

import pytest

from moonbridge.formats.catalogue.dates import Days, Precision, parse_date


@pytest.mark.parametrize(
    ("text", "earliest", "latest", "precision"),
    [
        ("2019-04-18", date(2019, 4, 18), date(2019, 4, 18), Precision.DAY),
        ("2019-04", date(2019, 4, 1), date(2019, 4, 30), Precision.MONTH),
        ("2020-02", date(2020, 2, 1), date(2020, 2, 29), Precision.MONTH),
        ("2019", date(2019, 1, 1), date(2019, 12, 31), Precision.YEAR),
        ("spring 2019", date(2019, 3, 1), date(2019, 5, 31), Precision.SEASON),
        ("early 2023-07", date(2023, 7, 1), date(2023, 7, 10), Precision.PART),
        ("mid 2023-07", date(2023, 7, 11), date(2023, 7, 20), Precision.PART),
        ("late 2023-02", date(2023, 2, 21), date(2023, 2, 28), Precision.PART),
        ("2025-07 to 2025-08", date(2025, 7, 1), date(2025, 8, 31), Precision.RANGE),
        ("2018-12-07T18:23Z", date(2018, 12, 7), date(2018, 12, 7), Precision.INSTANT),
    ],
)
def test_bounds(text: str, earliest: date, latest: date, precision: Precision) -> None:
    parsed = parse_date(text)
    assert (parsed.text, parsed.earliest, parsed.latest, parsed.precision) == (text, earliest, latest, precision)
    assert not parsed.approximate


def test_an_instant_is_kept_to_the_second() -> None:
    assert parse_date("2020-11-23T20:30:12Z").instant == datetime(2020, 11, 23, 20, 30, 12, tzinfo=UTC)


def test_an_approximate_date_says_so() -> None:
    around = parse_date("~2030 to 2031")
    assert (around.approximate, around.earliest, around.latest) == (True, date(2030, 1, 1), date(2031, 12, 31))


@pytest.mark.parametrize(
    "text",
    [
        "",
        "soon",
        "2019-13",
        "2019-02-30",
        "19-04-18",
        "winter 2019",
        "early 2019",
        "2025-08 to 2025-07",
        "2019-04-18T10:00",
    ],
)
def test_anything_else_is_refused(text: str) -> None:
    with pytest.raises(ValueError):
        parse_date(text)


def test_days_between_exact_and_partial_dates() -> None:
    assert Days.between(parse_date("2022-11-24"), parse_date("2023-02-01")).exact == 69
    partial = Days.between(parse_date("early 2023-07"), parse_date("2024-04-24"))
    assert (partial.least, partial.most, partial.exact) == (289, 298, None)
    assert str(partial) == "289 to 298"
    assert Days.between(parse_date("2023-02-01"), parse_date("2022-11-24")).exact == -69
