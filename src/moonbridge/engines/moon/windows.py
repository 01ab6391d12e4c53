"""When something holds: functions of time, composed with and, or and not, handed to one searcher that returns intervals.

A function of time takes UTC instants (datetime64, one row of them) and returns truth values; its ``step`` says how closely it
must be sampled so that nothing worth noting slips between two samples. That is skyfield's way (``skyfield.searchlib``), with
truth values instead of states.
"""

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from typing import Final, Protocol

import numpy as np
import numpy.typing as npt

from moonbridge.errors import InputError

type Times = npt.NDArray[np.datetime64]
type Truths = npt.NDArray[np.bool_]

SECOND: Final = np.timedelta64(1, "s")
_CHUNK: Final = 65_536
"""Samples that are asked at once: bounds the memory of a search over decades."""


class FunctionOfTime(Protocol):
    """Anything that can be searched."""

    @property
    def step(self) -> np.timedelta64:
        """How far apart samples may lie."""

    def __call__(self, times: Times, /) -> Truths:
        """Return whether it holds at each instant."""


@dataclass(frozen=True, slots=True)
class Condition:
    """A function of time with a name and a ``step``, to be combined: ``sun & earth``, ``sun | relay``, ``~sun``."""

    name: str
    holds: Callable[[Times], Truths]
    step: np.timedelta64

    def __call__(self, times: Times, /) -> Truths:
        """Return whether it holds at each of ``times`` (n,)."""
        return self.holds(times)

    def __and__(self, other: "Condition") -> "Condition":
        """Return what holds where both hold, sampled as closely as the closer of the two."""
        return Condition(
            f"({self.name} and {other.name})", lambda times: self(times) & other(times), min(self.step, other.step)
        )

    def __or__(self, other: "Condition") -> "Condition":
        """Return what holds where at least one holds."""
        return Condition(
            f"({self.name} or {other.name})", lambda times: self(times) | other(times), min(self.step, other.step)
        )

    def __invert__(self) -> "Condition":
        """Return what holds where this does not."""
        return Condition(f"not {self.name}", lambda times: ~self(times), self.step)


@dataclass(frozen=True, slots=True)
class Window:
    """From ``start`` until just before ``end``, in whole UTC seconds.

    ``begun`` says that it was open already when the search began, ``lasting`` that it was still open when the search ended:
    such a side is the edge of the search, not of the window.
    """

    start: np.datetime64
    end: np.datetime64
    begun: bool = False
    lasting: bool = False

    @property
    def duration(self) -> np.timedelta64:
        """How long it is open."""
        return self.end - self.start

    def holds(self, times: Times) -> Truths:
        """Return which of ``times`` lie within."""
        return np.asarray((self.start <= times) & (times < self.end))


def windows(
    function: FunctionOfTime,
    start: np.datetime64 | str,
    end: np.datetime64 | str,
    *,
    minimum: np.timedelta64 = SECOND,
) -> list[Window]:
    """Return when ``function`` holds from ``start`` until ``end`` (UTC), for at least ``minimum``, to the second.

    The function is sampled every ``function.step``; between two samples that differ the change is found by halving. What
    opens and closes between two samples is not seen. A window cut by the edge of the search counts with its part inside.
    Raises :class:`InputError` if the search ends before it begins.
    """
    first, last = np.datetime64(start, "s"), np.datetime64(end, "s")
    if not first < last:
        raise InputError(f"a search needs its end after its start, not {first} to {last}", field="end")
    open_at_first, edges = _edges(function, first, last)
    borders = [first, *edges] if open_at_first else list(edges)
    borders += [last] if len(borders) % 2 else []
    found = [
        Window(opened, closed, begun=bool(opened == first), lasting=bool(closed == last))
        for opened, closed in zip(borders[::2], borders[1::2], strict=True)
    ]
    return [window for window in found if window.duration >= minimum]


def total(found: Iterable[Window]) -> np.timedelta64:
    """Return the sum of the durations."""
    return sum((window.duration for window in found), start=np.timedelta64(0, "s"))


def gaps(found: Iterable[Window], start: np.datetime64 | str, end: np.datetime64 | str) -> list[Window]:
    """Return the stretches from ``start`` until ``end`` in which none of ``found`` is open; those are in order and do not overlap."""
    first, last = np.datetime64(start, "s"), np.datetime64(end, "s")
    borders = [first, *(edge for window in found for edge in (window.start, window.end)), last]
    return [
        Window(closed, opened, begun=bool(closed == first), lasting=bool(opened == last))
        for closed, opened in zip(borders[::2], borders[1::2], strict=True)
        if closed < opened
    ]


def _edges(function: FunctionOfTime, first: np.datetime64, last: np.datetime64) -> tuple[bool, Times]:
    """Return whether the function holds at ``first``, and each second within the search at which it changes."""
    edges: list[Times] = []
    open_at_first: bool | None = None
    for samples in _samples(first, last, function.step):
        truths = function(samples)
        open_at_first = bool(truths[0]) if open_at_first is None else open_at_first
        changes = np.flatnonzero(truths[1:] != truths[:-1])
        edges.append(_halved(function, samples[changes], samples[changes + 1], truths[changes]))
    return bool(open_at_first), np.concatenate(edges)


def _samples(first: np.datetime64, last: np.datetime64, step: np.timedelta64) -> Iterator[Times]:
    """Yield rows of samples that overlap by one, the last of them the last second of the search."""
    spacing = max(step.astype("timedelta64[s]"), SECOND)
    final = last - SECOND
    begin = first
    while True:
        until = min(begin + _CHUNK * spacing, final)
        row = np.arange(begin, until, spacing)
        yield np.append(row, until) if until > begin else np.array([begin])
        if until == final:
            return
        begin = until


def _halved(function: FunctionOfTime, before: Times, after: Times, truth_before: Truths) -> Times:
    """Return the first second of the new state, for all changes at once."""
    low, high = before.astype(np.int64), after.astype(np.int64)
    while np.any(high - low > 1):
        middle = (low + high) // 2
        same = function(middle.astype("datetime64[s]")) == truth_before
        low, high = np.where(same, middle, low), np.where(same, high, middle)
    return high.astype("datetime64[s]")
