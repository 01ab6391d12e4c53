"""Spans of calendar time and working days, as agreements state them."""

import calendar
from collections.abc import Set as AbstractSet
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Final

MONTHS_PER_YEAR: Final = 12
SATURDAY: Final = 5


@dataclass(frozen=True, slots=True)
class Period:
    """A span of whole months and days: a year is twelve months, whatever its length."""

    months: int = 0
    days: int = 0

    def after(self, start: date) -> date:
        """Return the day this span after ``start``; a day that its month does not have becomes the month's last."""
        years, month = divmod(start.month - 1 + self.months, MONTHS_PER_YEAR)
        year, month = start.year + years, month + 1
        last = calendar.monthrange(year, month)[1]
        return date(year, month, min(start.day, last)) + timedelta(days=self.days)

    @property
    def text(self) -> str:
        """The span as the policy files write it: ``1 year``, ``18 months``, ``30 days``."""
        years, rest = divmod(self.months, MONTHS_PER_YEAR)
        counted = [(self.months, "month"), (self.days, "day")] if rest else [(years, "year"), (self.days, "day")]
        return " ".join(_counted(number, unit) for number, unit in counted if number) or "0 days"


def _counted(number: int, unit: str) -> str:
    return f"{number} {unit}" if number == 1 else f"{number} {unit}s"


def working_day_after(start: date, count: int, holidays: AbstractSet[date] = frozenset()) -> date:
    """Return the ``count``-th working day after ``start``: Saturdays, Sundays and ``holidays`` do not count, nor does ``start``."""
    day = start
    while count > 0:
        day += timedelta(days=1)
        count -= day.weekday() < SATURDAY and day not in holidays
    return day
