"""The calendar file: read back by the library, and by the letter of RFC 5545."""

from datetime import UTC, datetime, timedelta, timezone

from hypothesis import given
from hypothesis import strategies as st
from icalendar import Calendar

from moonbridge.formats.calendar import Date, calendar

NOW = datetime(2026, 11, 21, 12, tzinfo=UTC)


def test_a_date_is_written_in_utc_with_all_that_the_standard_demands() -> None:
    at = datetime(2027, 3, 1, 23, 59, tzinfo=timezone(timedelta(hours=8)))
    text = calendar(
        "Chang'e-8",
        [Date(uid="a@moonbridge", at=at, title="Proposals due", url="https://example.org/", sequence=3)],
        now=NOW,
    )
    assert text.decode().split("\r\n") == [
        "BEGIN:VCALENDAR", "VERSION:2.0", "PRODID:-//Moonbridge//Dates//EN", "METHOD:PUBLISH", "NAME:Chang'e-8",
        "X-WR-CALNAME:Chang'e-8", "X-PUBLISHED-TTL:PT12H",
        "BEGIN:VEVENT", "SUMMARY:Proposals due", "DTSTART:20270301T155900Z", "DTSTAMP:20261121T120000Z", "UID:a@moonbridge",
        "SEQUENCE:3", "STATUS:CONFIRMED", "TRANSP:TRANSPARENT", "URL:https://example.org/",
        "END:VEVENT", "END:VCALENDAR", "",
    ]  # fmt: skip


words = st.text(st.characters(exclude_categories=["Cc", "Cs"]), min_size=1, max_size=200)
instants = st.datetimes(datetime(1970, 1, 2), datetime(2200, 1, 1), timezones=st.just(UTC))  # noqa: DTZ001


@given(words, instants)
def test_any_words_survive_and_no_line_is_longer_than_75_bytes(title: str, at: datetime) -> None:
    made = calendar("Name", [Date(uid="x", at=at.replace(microsecond=0), title=title)], now=NOW)
    assert max(len(line) for line in made.split(b"\r\n")) <= 75
    (event,) = Calendar.from_ical(made).walk("VEVENT")
    assert str(event["summary"]) == title
    assert event.decoded("dtstart") == at.replace(microsecond=0)
