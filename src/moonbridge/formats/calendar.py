"""Dates as an iCalendar file (RFC 5545) that calendar programs subscribe to."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, datetime

from icalendar import Calendar, Event

PRODUCT = "-//Moonbridge//Dates//EN"


@dataclass(frozen=True, slots=True, kw_only=True)
class Date:
    """One instant or, with ``until``, one span to note: a lasting ``uid``, what happens, where to read more, how often it was changed."""

    uid: str
    at: datetime
    until: datetime | None = None
    title: str
    text: str = ""
    url: str = ""
    sequence: int = 0
    tentative: bool = False


def calendar(name: str, dates: Iterable[Date], *, now: datetime, refresh_hours: int = 12) -> bytes:
    """Return ``dates`` as a calendar called ``name``, in UTC; ``now`` stamps it, and readers ask again every ``refresh_hours``."""
    made = Calendar()
    made.add("prodid", PRODUCT)
    made.add("version", "2.0")
    made.add("method", "PUBLISH")
    made.add("name", name)
    made.add("x-wr-calname", name)
    made.add("x-published-ttl", f"PT{refresh_hours}H")
    for date in dates:
        made.add_component(_event(date, now))
    return bytes(made.to_ical())


def _event(date: Date, now: datetime) -> Event:
    event = Event()
    event.add("uid", date.uid)
    event.add("dtstamp", now.astimezone(UTC))
    event.add("dtstart", date.at.astimezone(UTC))
    if date.until is not None:
        event.add("dtend", date.until.astimezone(UTC))
    event.add("summary", date.title)
    event.add("sequence", date.sequence)
    event.add("status", "TENTATIVE" if date.tentative else "CONFIRMED")
    event.add("transp", "TRANSPARENT")
    for name, value in (("description", date.text), ("url", date.url)):
        if value:
            event.add(name, value)
    return event
