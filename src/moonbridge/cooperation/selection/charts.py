"""A frontier as a chart: where its points, steps and marks on the axes lie. Every point is a link to its portfolio."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from fractions import Fraction
from math import ceil, floor, log10
from typing import Final

from moonbridge.engines.selection.frontier import Point
from moonbridge.engines.selection.problem import merit_text

WIDTH, HEIGHT = 640, 340
LEFT, RIGHT, TOP, BOTTOM = 64, 24, 34, 52
_TICKS: Final = 5
_LABELLED: Final = 12
"""Up to so many points, each carries its merit."""


@dataclass(frozen=True, slots=True)
class Tick:
    """A mark on an axis: where, and what it says."""

    at: float
    text: str


@dataclass(frozen=True, slots=True)
class Mark:
    """A point of the chart: where it lies, the query that shows its portfolio, and what it says.

    ``recommended`` and ``shown`` say whether its portfolio is the recommended one, or the one that the page shows.
    """

    x: float
    y: float
    query: str
    merit: str
    measure: str
    loss: str
    selected: int
    recommended: bool
    shown: bool


@dataclass(frozen=True, slots=True)
class Chart:
    """A frontier ready to be drawn."""

    label: str
    marks: list[Mark]
    steps: str
    across: list[Tick]
    up: list[Tick]
    width: int = WIDTH
    height: int = HEIGHT
    left: int = LEFT
    right: int = WIDTH - RIGHT
    bottom: int = HEIGHT - BOTTOM

    @property
    def labelled(self) -> bool:
        """Whether there is room for the merit beside each point."""
        return len(self.marks) <= _LABELLED


@dataclass(frozen=True, slots=True)
class Axis:
    """A scale from numbers to places in the picture."""

    low: float
    high: float
    start: float
    end: float

    def at(self, number: float | Fraction) -> float:
        """Return where a number lies; the middle where all are the same."""
        if self.high == self.low:
            return (self.start + self.end) / 2
        return round(self.start + (float(number) - self.low) / (self.high - self.low) * (self.end - self.start), 1)

    def ticks(self, text: Callable[[int | Fraction], str], *, whole: bool) -> list[Tick]:
        """Return about five marks at round numbers; whole ones only where nothing lies between."""
        if self.high == self.low:
            return [Tick(self.at(self.low), text(Fraction(self.low)))]
        step = _round_step((self.high - self.low) / _TICKS)
        step = max(Fraction(1), step) if whole else step
        numbers = range(ceil(self.low / step), floor(self.high / step) + 1)
        return [Tick(self.at(number * step), text(number * step)) for number in numbers]


def _round_step(wanted: float) -> Fraction:
    """Return 1, 2 or 5 times a power of ten, at least as large as ``wanted``."""
    power = floor(log10(wanted))
    scale = Fraction(10) ** power
    return next(scale * digit for digit in (1, 2, 5, 10) if scale * digit >= wanted)


def chart(
    points: Sequence[Point],
    *,
    label: str,
    measured: Callable[[int], str],
    query: Callable[[Point], str],
    recommended: Callable[[Point], bool],
    shown: Callable[[Point], bool],
) -> Chart:
    """Return the chart of a frontier (best merit first); the functions say what a point is called, leads to and is."""
    merits, measures = [float(point.merit) for point in points], [point.measure for point in points]
    across = Axis(min(measures), max(measures), LEFT + 34, WIDTH - RIGHT - 34)
    up = Axis(min(merits), max(merits), HEIGHT - BOTTOM - 26, TOP + 22)
    marks = [
        Mark(
            across.at(point.measure), up.at(point.merit), query(point), merit_text(point.merit), measured(point.measure),
            merit_text(points[0].merit - point.merit), len(point.choices), recommended(point), shown(point),
        )
        for point in points
    ]  # fmt: skip
    return Chart(
        label, marks, _steps(marks), across.ticks(lambda n: measured(int(n)), whole=True),
        up.ticks(lambda n: merit_text(Fraction(n)), whole=False),
    )  # fmt: skip


def _steps(marks: Sequence[Mark]) -> str:
    """Return the path of the best merit for each demand on the measure: level up to a point, then down to the next."""
    return f"M{LEFT} {marks[0].y}" + "".join(f"V{mark.y}H{mark.x}" for mark in marks)
