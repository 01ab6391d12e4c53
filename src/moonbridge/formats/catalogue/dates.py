"""Dates as sources give them: an instant, a day, a month, a year, a season, "early July", a range, an approximation.

The text stays as written; beside it stand the earliest and the latest day that it allows, so that pages can count days and
say honestly between which bounds a count lies.
"""

import calendar
import re
from dataclasses import dataclass
from datetime import UTC, date, datetime
from enum import StrEnum
from typing import Final


class Precision(StrEnum):
    """How exactly a date is known."""

    INSTANT = "instant"
    DAY = "day"
    PART = "part"
    """A third of a month: early, mid or late."""
    MONTH = "month"
    SEASON = "season"
    YEAR = "year"
    RANGE = "range"


@dataclass(frozen=True, slots=True)
class PartialDate:
    """A date with its text, the earliest and latest day it allows, and the UTC instant where one is known.

    ``approximate`` is true where the source says "about" or "around": the bounds are then those of the date named, and the truth may
    lie outside them.
    """

    text: str
    earliest: date
    latest: date
    precision: Precision
    approximate: bool = False
    instant: datetime | None = None

    @property
    def is_one_day(self) -> bool:
        """Whether the date is known to the day."""
        return self.earliest == self.latest

    def __str__(self) -> str:
        return self.text


@dataclass(frozen=True, slots=True)
class Days:
    """A number of days that is known between two bounds; the bounds are equal where both dates are known to the day."""

    least: int
    most: int

    @classmethod
    def between(cls, start: PartialDate, end: PartialDate) -> "Days":
        """Count the days from ``start`` to ``end``; negative where ``end`` comes first."""
        return cls((end.earliest - start.latest).days, (end.latest - start.earliest).days)

    @property
    def exact(self) -> int | None:
        """The one number of days, or None where only bounds are known."""
        return self.least if self.least == self.most else None

    def __str__(self) -> str:
        return str(self.least) if self.exact is not None else f"{self.least} to {self.most}"


FORMS: Final = (
    "2018-12-07T18:23Z, 2019-04-18, 2019-04, 2019, 'spring 2019', 'early 2023-07', '2025-07 to 2025-08', "
    "each after ~ if approximate"
)

_SEASONS: Final = {"spring": (3, 5), "summer": (6, 8), "autumn": (9, 11)}
_PARTS: Final = {"early": (1, 10), "mid": (11, 20), "late": (21, 31)}
_INSTANT = re.compile(r"\d{4}-\d{2}-\d{2}T\d{2}:\d{2}(:\d{2})?Z")
_CALENDAR = re.compile(r"(?P<year>\d{4})(-(?P<month>\d{2}))?(-(?P<day>\d{2}))?")


def parse_date(text: str) -> PartialDate:
    """Return the date that ``text`` states, in one of the :data:`FORMS`; raise :class:`ValueError` for anything else."""
    bare = text.strip()
    approximate = bare.startswith("~")
    body = bare.removeprefix("~").strip()
    start, separator, end = body.partition(" to ")
    if separator:
        first, last = _single(start), _single(end)
        if last.latest < first.earliest:
            raise ValueError(f"{bare!r} ends before it begins")
        return PartialDate(bare, first.earliest, last.latest, Precision.RANGE, approximate)
    single = _single(body)
    return PartialDate(bare, single.earliest, single.latest, single.precision, approximate, single.instant)


def _single(text: str) -> PartialDate:
    if _INSTANT.fullmatch(text):
        instant = datetime.fromisoformat(text).astimezone(UTC)
        return PartialDate(text, instant.date(), instant.date(), Precision.INSTANT, instant=instant)
    word, separator, rest = text.partition(" ")
    if separator and word in _SEASONS and re.fullmatch(r"\d{4}", rest):
        first, last = _SEASONS[word]
        return PartialDate(text, date(int(rest), first, 1), _month_end(int(rest), last), Precision.SEASON)
    if separator and word in _PARTS and re.fullmatch(r"\d{4}-\d{2}", rest):
        return _part_of_month(text, word, _single(rest))
    if match := _CALENDAR.fullmatch(text):
        month, day = (int(match[part]) if match[part] else None for part in ("month", "day"))
        return _calendar(text, int(match["year"]), month, day)
    raise ValueError(f"{text!r} is not a date; write one of {FORMS}")


def _part_of_month(text: str, part: str, month: PartialDate) -> PartialDate:
    first, last = _PARTS[part]
    return PartialDate(
        text, month.earliest.replace(day=first), month.latest.replace(day=min(last, month.latest.day)), Precision.PART
    )


def _calendar(text: str, year: int, month: int | None, day: int | None) -> PartialDate:
    if month is None:
        return PartialDate(text, date(year, 1, 1), date(year, 12, 31), Precision.YEAR)
    if day is None:
        return PartialDate(text, date(year, month, 1), _month_end(year, month), Precision.MONTH)
    exact = date(year, month, day)
    return PartialDate(text, exact, exact, Precision.DAY)


def _month_end(year: int, month: int) -> date:
    return date(year, month, calendar.monthrange(year, month)[1])
