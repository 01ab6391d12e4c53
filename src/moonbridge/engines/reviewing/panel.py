"""What an assignment is asked for: proposals, reviewers, how well each pair fits, and everything that must hold.

Scores are whole numbers of :data:`UNIT` (a millionth), so that sums are exact and two machines agree.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from typing import Final

import numpy as np
from numpy.typing import ArrayLike, NDArray

from moonbridge.errors import InputError

UNIT: Final = 1_000_000
"""How many units of score make 1."""
MAX_SCORE: Final = 1_000 * UNIT
"""The largest score of a pair, either way: sums over any panel stay exact in 64 bits."""

type Integers = NDArray[np.int64]
type Mask = NDArray[np.bool_]
type Pair = tuple[int, int]
"""Positions of a proposal and of a reviewer."""


@dataclass(frozen=True, slots=True)
class Quota:
    """Of the reviewers of each proposal, at least ``low`` and at most ``high`` are ``members`` (positions of reviewers).

    ``proposals`` are the positions of the proposals for which it holds; None for all. ``high`` None means no upper bound.
    """

    name: str
    members: tuple[int, ...]
    low: int = 0
    high: int | None = None
    proposals: tuple[int, ...] | None = None


@dataclass(frozen=True, eq=False)
class Panel:
    """Proposals and reviewers to be brought together.

    ``scores``: how well reviewer j fits proposal i, shape (proposals, reviewers), in units of a millionth.
    ``demand``: reviews that each proposal gets, exactly. ``least`` and ``most``: reviews that each reviewer gives.
    ``barred``: pairs that must not be (conflicts, forbidden pairs). ``forced``: pairs that must be.
    """

    proposals: tuple[str, ...]
    reviewers: tuple[str, ...]
    scores: Integers
    demand: Integers
    least: Integers
    most: Integers
    barred: Mask
    forced: tuple[Pair, ...] = ()
    quotas: tuple[Quota, ...] = ()

    @property
    def shape(self) -> tuple[int, int]:
        """How many proposals and reviewers there are."""
        return len(self.proposals), len(self.reviewers)

    @cached_property
    def allowed(self) -> Mask:
        """The pairs that may be, shape (proposals, reviewers)."""
        return ~self.barred

    def with_scores(self, scores: Integers) -> "Panel":
        """Return the panel with other scores."""
        return replace(self, scores=scores)


def panel(
    scores: ArrayLike,
    *,
    demand: ArrayLike = 3,
    least: ArrayLike = 0,
    most: ArrayLike = 8,
    barred: ArrayLike = False,
    forced: Sequence[Pair] = (),
    quotas: Sequence[Quota] = (),
    proposals: Sequence[str] = (),
    reviewers: Sequence[str] = (),
) -> Panel:
    """Return a checked panel; single numbers for ``demand``, ``least``, ``most`` and ``barred`` hold for all.

    ``scores`` of a float type are rounded to millionths; of an integer type they already are millionths. Without names,
    proposals and reviewers are called by their number, from 1. Raises InputError for what cannot be meant.
    """
    units = in_units(scores)
    rows, columns = units.shape
    made = Panel(
        tuple(proposals) or _numbers(rows),
        tuple(reviewers) or _numbers(columns),
        units,
        _spread(demand, (rows,), "demand"),
        _spread(least, (columns,), "least"),
        _spread(most, (columns,), "most"),
        np.array(np.broadcast_to(np.asarray(barred, dtype=bool), units.shape)),
        tuple(dict.fromkeys(forced)),
        tuple(quotas),
    )
    _check(made)
    return made


def in_units(scores: ArrayLike) -> Integers:
    """Return scores in whole millionths: floats are rounded, integers are taken as they are."""
    given = np.asarray(scores)
    if given.ndim != 2:  # noqa: PLR2004 - proposals by reviewers
        raise InputError("scores have two axes: proposals and reviewers", axes=given.ndim)
    if given.dtype.kind == "f":
        if not np.isfinite(given).all():
            raise InputError("every score must be a number; bar a pair instead of giving it none")
        given = np.rint(given * UNIT)
    elif given.dtype.kind not in "iu":
        raise InputError("scores are numbers", type=str(given.dtype))
    if given.size and np.abs(given).max() > MAX_SCORE:
        raise InputError(f"a score lies between -{MAX_SCORE // UNIT} and {MAX_SCORE // UNIT}")
    return given.astype(np.int64, copy=False)


def _numbers(count: int) -> tuple[str, ...]:
    return tuple(str(number + 1) for number in range(count))


def _spread(values: ArrayLike, shape: tuple[int, ...], name: str) -> Integers:
    given = np.asarray(values)
    if given.dtype.kind not in "iu" or given.ndim > 1 or (given.ndim == 1 and given.shape != shape):
        raise InputError(f"{name} is one whole number, or one for each of {shape[0]}", field=name)
    if given.size and given.min() < 0:
        raise InputError(f"{name} is zero or more", field=name)
    return np.array(np.broadcast_to(given, shape), dtype=np.int64)


def _check(made: Panel) -> None:
    rows, columns = made.shape
    if made.scores.shape != (rows, columns):
        raise InputError(f"scores are for {made.scores.shape}, names for {(rows, columns)}")
    for number in np.flatnonzero(made.least > made.most)[:1]:
        raise InputError(
            f"reviewer {made.reviewers[number]} would give at least {made.least[number]} and at most {made.most[number]}",
            field="least",
        )
    for p, r in made.forced:
        if not (0 <= p < rows and 0 <= r < columns):
            raise InputError(f"there is no pair {(p, r)} to force", field="forced")
        if made.barred[p, r]:
            raise InputError(
                f"reviewer {made.reviewers[r]} must review {made.proposals[p]} and must not: the pair is forced and barred",
                field="forced",
            )
    for quota in made.quotas:
        _check_quota(quota, rows, columns)


def _check_quota(quota: Quota, rows: int, columns: int) -> None:
    if quota.low < 0 or (quota.high is not None and quota.high < quota.low):
        raise InputError(f"quota {quota.name!r} asks for {quota.low} to {quota.high}", field="quotas")
    if any(not 0 <= r < columns for r in quota.members) or len(set(quota.members)) < len(quota.members):
        raise InputError(f"quota {quota.name!r} names a reviewer who is not there, or one twice", field="quotas")
    if quota.proposals is not None and any(not 0 <= p < rows for p in quota.proposals):
        raise InputError(f"quota {quota.name!r} names a proposal that is not there", field="quotas")


def pairs_mask(asked: Panel, pairs: Iterable[tuple[str, str]]) -> Mask:
    """Return pairs of a proposal and a reviewer by name as a matrix, shape (proposals, reviewers)."""
    row = {name: number for number, name in enumerate(asked.proposals)}
    column = {name: number for number, name in enumerate(asked.reviewers)}
    matrix = np.zeros(asked.shape, dtype=bool)
    for proposal, reviewer in pairs:
        matrix[row[proposal], column[reviewer]] = True
    return matrix
