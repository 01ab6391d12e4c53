"""Maps of light: every pixel's horizon in every direction, counted as it is made and never stored.

Counts are whole numbers and directions are taken in order, so any division of the directions among processes, machines or
days gives the same map, bit for bit.
"""

from collections import deque
from collections.abc import Iterator
from concurrent.futures import Executor, Future
from dataclasses import dataclass, replace
from typing import Final, Self

import numpy as np
import numpy.typing as npt

from moonbridge.engines.moon.horizon import Panorama
from moonbridge.engines.moon.skies import Sky
from moonbridge.engines.moon.skyline import MOON_RADIUS_M, Provenance
from moonbridge.engines.moon.tallies import Counts, Steps, count_visible, extend_runs, to_centre
from moonbridge.engines.moon.terrain import Grid, Heights, Stack
from moonbridge.errors import InputError

PART: Final = 15
"""Directions in one part: about a second of work on a map of a million pixels."""
AHEAD: Final = 8
"""Parts that an executor has under way or finished early, unless asked otherwise: each holds counts of the whole map."""


@dataclass(frozen=True, eq=False)
class Runs:
    """Dark steps of every cycle: at its beginning, at its end, and the longest run; each (cycles, rows, columns).

    ``seen`` (cycles,) counts the steps that each cycle has so far.
    """

    lead: Steps
    trail: Steps
    longest: Steps
    seen: npt.NDArray[np.int64]

    @classmethod
    def none(cls, cycles: int, shape: tuple[int, int]) -> Self:
        """Return the runs of no steps."""
        lead, trail, longest = (np.zeros((cycles, *shape), np.uint16) for _ in range(3))
        return cls(lead, trail, longest, np.zeros(cycles, np.int64))

    def copy(self) -> Self:
        """Return the same runs in memory of their own."""
        return replace(self, **{name: values.copy() for name, values in vars(self).items()})

    def then(self, later: Self) -> Self:
        """Return the runs of both stretches, ``later`` following directly in every cycle."""
        mine, theirs = self.seen[:, None, None], later.seen[:, None, None]
        return replace(
            self,
            lead=np.where(self.lead == mine, self.lead + later.lead, self.lead),
            trail=np.where(later.trail == theirs, self.trail + later.trail, later.trail),
            longest=np.maximum(np.maximum(self.longest, later.longest), self.trail + later.lead),
            seen=self.seen + later.seen,
        )

    def over_all(self) -> npt.NDArray[np.int64]:
        """Return the longest run in steps (rows, columns) when the cycles follow one another."""
        best = np.zeros(self.lead.shape[1:], np.int64)
        running = np.zeros_like(best)
        for lead, trail, longest, seen in zip(self.lead, self.trail, self.longest, self.seen, strict=True):
            best = np.maximum(np.maximum(best, longest), running + lead)
            running = np.where(lead == seen, running + seen, trail)
        return np.maximum(best, running)


@dataclass(frozen=True, eq=False)
class Tally:
    """What the directions ``first <= k < last`` of a survey gave: counts of visible light, and runs of darkness if asked for."""

    first: int
    last: int
    visible: Counts
    runs: Runs | None = None

    def copy(self) -> Self:
        """Return the same tally in memory of its own."""
        runs = None if self.runs is None else self.runs.copy()
        return replace(self, visible=self.visible.copy(), runs=runs)

    def then(self, later: Self) -> Self:
        """Return the tally of both; ``later`` begins where this one ends."""
        if later.first != self.last:
            raise InputError(
                f"directions {self.last} to {later.first} are missing between two parts of a map", field="first"
            )
        runs = self.runs.then(later.runs) if self.runs is not None and later.runs is not None else None
        return replace(self, last=later.last, visible=self.visible + later.visible, runs=runs)


@dataclass(frozen=True, eq=False)
class Survey:
    """One map to make: terrain (the finest grid's pixels become the map's), the height of the eye, and what passes over it."""

    terrain: Stack
    sky: Sky
    mast_m: float = 0.0

    @property
    def ground(self) -> Grid:
        """The finest grid with its holes filled as far as coarser ones know the ground: its pixels are the map's."""
        return self.terrain.filled.stack.finest

    @property
    def directions(self) -> int:
        """How many directions there are to look in."""
        return int(self.sky.azimuth_deg.size)

    @property
    def tally_bytes(self) -> int:
        """How much memory one tally takes."""
        cycles = 0 if self.sky.limbs_deg is None else self.sky.limbs_deg.shape[0]
        return self.terrain.finest.stored.size * (
            np.dtype(np.int32).itemsize + 3 * cycles * np.dtype(np.uint16).itemsize
        )

    def part(self, first: int, last: int) -> Tally:
        """Return the tally of the directions ``first <= k < last``."""
        return self._extended(self._nothing(first), last, Panorama(self.terrain, self.mast_m))

    def tallies(
        self, done: Tally | None = None, executor: Executor | None = None, part: int = PART, ahead: int = AHEAD
    ) -> Iterator[Tally]:
        """Yield what is known after each part of the directions, the last one being the whole; go on after ``done``.

        The caller shows progress, keeps the tally, or stops by not asking for the next. An ``executor`` (threads: the work leaves the
        interpreter's lock; processes; a Dask client's ``get_executor()``) makes up to ``ahead`` parts at once; the result is the same.
        Each tally is to be used before the next one is asked for: without an executor it grows in place, which spares memory.
        """
        begin = done.last if done else 0
        if executor is None:
            return self._in_place(done.copy() if done else self._nothing(begin), part)
        parts = [(first, min(first + part, self.directions)) for first in range(begin, self.directions, part)]
        return _joined(done, _made(self, parts, executor, ahead))

    def _nothing(self, first: int) -> Tally:
        grid, limbs = self.terrain.finest, self.sky.limbs_deg
        runs = None if limbs is None else Runs.none(limbs.shape[0], grid.shape)
        return Tally(first, first, np.zeros(grid.shape, np.int32), runs)

    def _in_place(self, done: Tally, part: int) -> Iterator[Tally]:
        panorama = Panorama(self.terrain, self.mast_m)
        while done.last < self.directions:
            done = self._extended(done, min(done.last + part, self.directions), panorama)
            yield done

    def _extended(self, done: Tally, last: int, panorama: Panorama) -> Tally:
        """Count the directions from where ``done`` ends until before ``last`` into its arrays."""
        grid, sky, runs = self.terrain.finest, self.sky, done.runs
        xs, ys = (np.asarray(values / MOON_RADIUS_M, dtype=np.float32) for values in grid.coordinates_m())
        needed = np.empty(grid.shape, np.float32)
        for k in range(done.last, last):
            panorama.horizon_deg(float(sky.azimuth_deg[k]), out=needed)
            to_centre(needed, xs, ys, float(np.radians(sky.azimuth_deg[k])))
            count_visible(needed, sky.table[k], sky.first_deg, sky.per_deg, done.visible)
            if runs is not None and sky.limbs_deg is not None:
                extend_runs(needed, sky.limbs_deg[:, k].copy(), runs.seen, runs.lead, runs.trail, runs.longest)
        return replace(done, last=last)

    def whole(self, executor: Executor | None = None) -> Tally:
        """Return the tally of all directions."""
        *_, last = self.tallies(executor=executor)
        return last

    def mean(self, tally: Tally) -> Heights:
        """Return the mean visible share (rows, columns), 0 to 1, over the span of the sky; NaN where the ground is unknown."""
        share = (tally.visible / self.sky.total).astype(np.float32)
        return np.where(np.isnan(self.ground.heights_m), np.float32(np.nan), np.minimum(share, np.float32(1)))

    def never(self, tally: Tally) -> npt.NDArray[np.bool_]:
        """Return where the body is never seen (rows, columns): for the Sun over a whole draconic cycle, permanent shadow."""
        return np.asarray((tally.visible == 0) & ~np.isnan(self.ground.heights_m))

    def never_share(self, tally: Tally) -> float:
        """Return from which part of the known ground the body is never seen; NaN where no ground is known."""
        known = int((~np.isnan(self.ground.heights_m)).sum())
        return float(self.never(tally).sum() / known) if known else float("nan")

    def longest_night_h(self, tally: Tally) -> Heights:
        """Return the longest time in hours (rows, columns) without any of the body, in steps of one direction."""
        if tally.runs is None or self.sky.step_hours is None:
            raise InputError("this map was made without the order of time, so it knows no nights", field="sky")
        hours = (tally.runs.over_all() * self.sky.step_hours).astype(np.float32)
        return np.where(np.isnan(self.ground.heights_m), np.float32(np.nan), hours)

    def provenance(self, ephemeris: str | None, threshold: str | None) -> Provenance:
        """Return what the map was made from."""
        holes = self.terrain.filled.holes
        return Provenance(self.terrain.sources, self.mast_m, None, ephemeris, threshold, filled=holes)


def _part(survey: Survey, first: int, last: int) -> Tally:
    return survey.part(first, last)


def _made(survey: Survey, parts: list[tuple[int, int]], executor: Executor, ahead: int) -> Iterator[Tally]:
    """Yield the tallies of ``parts`` in their order, ``ahead`` of them under way at most; who stops asking cancels the rest."""
    waiting: deque[Future[Tally]] = deque()
    try:
        for first, last in parts:
            waiting.append(executor.submit(_part, survey, first, last))
            if len(waiting) >= ahead:
                yield waiting.popleft().result()
        while waiting:
            yield waiting.popleft().result()
    finally:
        for future in waiting:
            future.cancel()


def _joined(done: Tally | None, tallies: Iterator[Tally]) -> Iterator[Tally]:
    """Yield what is known after each tally that directly follows ``done``."""
    for tally in tallies:
        done = done.then(tally) if done else tally
        yield done
