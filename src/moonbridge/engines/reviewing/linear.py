"""The linear relaxation of an assignment with any quotas and a floor, over all pairs although the solver sees few.

    maximise    sum of g_pr x_pr (the total), or t (the floor itself)
    subject to  demand, loads, quotas, for each proposal  sum_r s_pr x_pr >= floor (or t),  and  0 <= x <= 1

Pairs that would pay at the solver's prices join until none does (column generation). The prices are then rounded to whole
numbers, and the bound that they prove is summed up over all pairs in whole numbers: whatever the solver's tolerances, no
assignment exceeds it.
"""

from dataclasses import dataclass
from functools import cached_property
from typing import Final

import numpy as np
from numpy.typing import ArrayLike, NDArray
from ortools.math_opt import model_pb2
from ortools.math_opt.python import mathopt

from moonbridge.engines.reviewing.matching import Pairs, binds, pairs_of
from moonbridge.engines.reviewing.panel import Integers, Mask, Panel

_FINENESS: Final = 2**14
"""Prices are rounded to this part of a unit of score."""
_ROUNDS: Final = 40
_PAYS: Final = 1e-7
"""A pair joins if it pays more than this part of the largest score."""
_NEARLY_PAYS: Final = 0.02

type Floats = NDArray[np.float64]


@dataclass(frozen=True, slots=True, eq=False)
class QuotaRows:
    """A quota as rows: of ``members`` (a mask of reviewers), ``low`` to ``high`` for each of ``proposals`` (positions)."""

    members: Mask
    proposals: Integers
    low: int
    high: int

    def entries(self, pairs: Pairs, size: int) -> tuple[Integers, Integers]:
        """Return the rows (counted within these) and the numbers of those of ``pairs`` that count."""
        place = np.full(size, -1)
        place[self.proposals] = np.arange(len(self.proposals))
        rows = np.where(self.members[pairs.columns], place[pairs.rows], -1)
        numbers = np.flatnonzero(rows >= 0)
        return rows[numbers], numbers


@dataclass(frozen=True, slots=True, eq=False)
class Bound:
    """What the relaxation proves: no assignment exceeds ``value``, and none that uses a pair exceeds it less ``loss``.

    ``pairs`` are those that the solver saw.
    """

    value: int
    loss: Floats
    pairs: Pairs


def quota_rows(panel: Panel) -> list[QuotaRows]:
    """Return the quotas of ``panel``, each for the proposals where it can be broken."""
    found: list[QuotaRows] = []
    for quota in filter(binds, panel.quotas):
        members = np.zeros(len(panel.reviewers), dtype=bool)
        members[list(quota.members)] = True
        high = len(quota.members) if quota.high is None else quota.high
        concerned = np.arange(len(panel.proposals)) if quota.proposals is None else np.array(quota.proposals, dtype=int)
        possible = (panel.allowed[concerned] & members).sum(axis=1)
        found.append(QuotaRows(members, concerned[(possible > high) | (quota.low > 0)], quota.low, high))
    return [rows for rows in found if len(rows.proposals)]


def linear_bound(panel: Panel, gains: Integers, pairs: Pairs, *, floor: int | None = None) -> Bound | None:
    """Return what no assignment's sum of ``gains`` exceeds, all proposals served at least ``floor``; None: there is none.

    The relaxation begins with ``pairs`` and sees more as they pay.
    """
    return _Relaxation(panel, gains, floor, raising=False).bound(pairs)


def linear_floor(panel: Panel, pairs: Pairs) -> Bound | None:
    """Return how well no assignment serves its worst-served proposal better; None if there is no assignment."""
    return _Relaxation(panel, panel.scores, None, raising=True).bound(pairs)


@dataclass(frozen=True, slots=True, eq=False)
class _Prices:
    """Whole prices in parts of a unit: of proposals, reviewers and the rows of each quota; and each floor's weight."""

    proposals: Integers
    reviewers: Integers
    quotas: list[Integers]
    floors: Integers


@dataclass(frozen=True, eq=False)
class _Relaxation:
    panel: Panel
    gains: Integers
    floor: int | None
    raising: bool

    @cached_property
    def quotas(self) -> list[QuotaRows]:
        return quota_rows(self.panel)

    @cached_property
    def largest(self) -> int:
        """The largest score or gain: the solver works in parts of it."""
        return max(1, *(int(np.abs(values).max(initial=0)) for values in (self.gains, self.panel.scores)))

    @cached_property
    def fineness(self) -> int:
        """Parts of a unit, fewer where the sums would not fit 64 bits."""
        room = 2**60 // (self.largest * max(1, int(self.panel.demand.sum())))
        return max(1, min(_FINENESS, room))

    def bound(self, pairs: Pairs) -> Bound | None:
        for _ in range(_ROUNDS):
            found = self._prices(pairs)
            if found is None:
                everything = pairs_of(self.panel.allowed)
                if len(pairs.rows) == len(everything.rows):
                    return None
                pairs = everything
                continue
            reduced = self._reduced(found)
            missing = self._missing(reduced, pairs)
            if not len(missing.rows):
                break
            pairs = pairs.joined(missing)
        # Prices that were rounded, or did not settle, prove a little less: still a bound.
        if found is None:
            return None
        unit = max(1, int(found.floors.sum())) if self.raising else self.fineness
        return Bound(self._value(found, reduced) // unit, np.maximum(0, -reduced) / unit, pairs)

    def _missing(self, reduced: Integers, pairs: Pairs) -> Pairs:
        """Return the pairs outside ``pairs`` that pay, and with them those that nearly do: they would pay next."""
        outside = self.panel.allowed.copy()
        outside[pairs.rows, pairs.columns] = False
        unit = self.fineness * self.largest
        if not (outside & (reduced > _PAYS * unit)).any():
            return Pairs(*np.zeros((2, 0), dtype=np.int64))
        return pairs_of(outside & (reduced > -_NEARLY_PAYS * unit))

    def _reduced(self, found: _Prices) -> Integers:
        """Return what each pair brings beyond its prices."""
        reduced = -found.proposals[:, None] - found.reviewers[None, :]
        if not self.raising:
            reduced += self.gains * self.fineness
        if found.floors.any():
            reduced += found.floors[:, None] * self.panel.scores
        for quota, paid in zip(self.quotas, found.quotas, strict=True):
            reduced[np.ix_(quota.proposals, quota.members)] -= paid[:, None]
        return np.asarray(reduced)

    def _value(self, found: _Prices, reduced: Integers) -> int:
        """Return the bound in parts of a unit: each row pays its price at its better side, each pair what it brings."""
        panel = self.panel
        value = int((found.proposals * panel.demand).sum())
        value += int((found.reviewers * np.where(found.reviewers > 0, panel.most, panel.least)).sum())
        for quota, paid in zip(self.quotas, found.quotas, strict=True):
            value += int((paid * np.where(paid > 0, quota.high, quota.low)).sum())
        value += int(np.maximum(reduced, 0)[panel.allowed].sum())
        value += sum(min(0, int(reduced[pair])) for pair in panel.forced)
        return value - int(found.floors.sum()) * (self.floor or 0)

    def _prices(self, pairs: Pairs) -> _Prices | None:
        """Solve over ``pairs`` and round the prices; None if they allow no solution."""
        proposals, reviewers = self.panel.shape
        floored = self.raising or self.floor is not None
        program = self._program(pairs, floored=floored)
        found = program.prices()
        if found is None:
            return None
        sizes = [proposals, reviewers, *(len(quota.proposals) for quota in self.quotas)]
        *parts, floors = np.split(found, np.cumsum(sizes))
        by_node = [np.rint(part * self.fineness * self.largest).astype(np.int64) for part in parts]
        weights = np.rint(np.maximum(0, -floors) * self.fineness) if floored else np.zeros(proposals)
        return _Prices(by_node[0], by_node[1], by_node[2:], weights.astype(np.int64))

    def _program(self, pairs: Pairs, *, floored: bool) -> "_Program":
        panel, (rows, columns) = self.panel, pairs
        gains = np.zeros(len(rows)) if self.raising else self.gains[rows, columns] / self.largest
        lower = np.zeros(len(rows))
        if panel.forced:
            must = Pairs(*np.array(panel.forced).T).mask(panel.shape)
            lower[must[rows, columns]] = 1.0
        program = _Program(gains, lower, raising=self.raising)
        every, ones = np.arange(len(rows)), np.ones(len(rows))
        program.add(rows, every, ones, panel.demand, panel.demand)
        program.add(columns, every, ones, panel.least, panel.most)
        for quota in self.quotas:
            places, inside = quota.entries(pairs, len(panel.proposals))
            size = len(quota.proposals)
            program.add(places, inside, np.ones(len(inside)), np.full(size, quota.low), np.full(size, quota.high))
        if floored:
            low = np.full(len(panel.proposals), 0.0 if self.raising else (self.floor or 0) / self.largest)
            program.add(rows, every, panel.scores[rows, columns] / self.largest, low, np.full_like(low, np.inf))
            if self.raising:
                program.lower_last_rows(len(low))
        return program


class _Program:
    """A linear program in the solver's own form, written array by array."""

    def __init__(self, gains: Floats, lower: Floats, *, raising: bool) -> None:
        """Take what each variable brings and its least value; with ``raising`` a free last variable is the objective."""
        self._size = len(gains)
        self._gains = np.append(gains, 1.0) if raising else gains
        self._lower = np.append(lower, -np.inf) if raising else lower
        self._upper = np.append(np.ones(len(lower)), np.inf) if raising else np.ones(len(lower))
        self._low: list[Floats] = []
        self._high: list[Floats] = []
        self._entries: list[tuple[Integers, Integers, Floats]] = []
        self._rows = 0

    def add(self, rows: ArrayLike, columns: ArrayLike, values: ArrayLike, low: ArrayLike, high: ArrayLike) -> None:
        """Add as many rows as ``low`` has; ``rows`` counts from the first of them."""
        numbers = np.asarray(rows, dtype=np.int64) + self._rows
        self._entries.append((numbers, np.asarray(columns, dtype=np.int64), np.asarray(values, dtype=np.float64)))
        self._low.append(np.asarray(low, dtype=np.float64))
        self._high.append(np.asarray(high, dtype=np.float64))
        self._rows += len(self._low[-1])

    def lower_last_rows(self, count: int) -> None:
        """Take the free last variable from each of the last rows."""
        numbers = np.arange(self._rows - count, self._rows)
        self._entries.append((numbers, np.full(count, self._size), np.full(count, -1.0)))

    def prices(self) -> Floats | None:
        """Return the dual value of each row at an optimum; None if there is none."""
        model = mathopt.Model.from_model_proto(self._proto())
        answer = mathopt.solve(model, mathopt.SolverType.HIGHS)
        if answer.termination.reason != mathopt.TerminationReason.OPTIMAL:
            return None
        return np.array(answer.dual_values(list(model.linear_constraints())))

    def _proto(self) -> model_pb2.ModelProto:
        proto = model_pb2.ModelProto()
        proto.variables.ids.extend(range(len(self._gains)))
        proto.variables.lower_bounds.extend(self._lower.tolist())
        proto.variables.upper_bounds.extend(self._upper.tolist())
        proto.variables.integers.extend([False] * len(self._gains))
        proto.objective.maximize = True
        used = np.flatnonzero(self._gains)
        proto.objective.linear_coefficients.ids.extend(used.tolist())
        proto.objective.linear_coefficients.values.extend(self._gains[used].tolist())
        proto.linear_constraints.ids.extend(range(self._rows))
        proto.linear_constraints.lower_bounds.extend(np.concatenate(self._low).tolist())
        proto.linear_constraints.upper_bounds.extend(np.concatenate(self._high).tolist())
        rows, columns, values = (np.concatenate(part) for part in zip(*self._entries, strict=True))
        order = np.lexsort((columns, rows))
        proto.linear_constraint_matrix.row_ids.extend(rows[order].tolist())
        proto.linear_constraint_matrix.column_ids.extend(columns[order].tolist())
        proto.linear_constraint_matrix.coefficients.extend(values[order].tolist())
        return proto
