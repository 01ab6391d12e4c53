"""How the doubts about merits hang together: a covariance in a CSV file, as a review's calibration gives it.

The first row is ``proposal`` and the ids of proposals; each further row is an id and its covariances with them, in
squared merit. Proposals that do not appear are certain.
"""

import math
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from moonbridge.engines.selection.problem import Problem
from moonbridge.engines.selection.rules import exact
from moonbridge.errors import InputError
from moonbridge.formats.calls.read import text_of
from moonbridge.formats.calls.rows import Row, rows_of

_TOLERANCE = 1e-9
"""How far below zero an eigenvalue may lie, in parts of the largest, before the matrix is no covariance."""


def read_covariance(file: str | Path, problem: Problem) -> NDArray[np.float64]:
    """Return the covariance of the merits of ``problem``, shape (proposals, proposals) in the order of the call.

    Raises InputError with file, line and column for an unknown proposal, a missing or doubled row, what is no number,
    and for a matrix that is not symmetric or has a negative variance in some direction.
    """
    columns, rows = rows_of(text_of(Path(file)), str(file))
    if columns[:1] != ["proposal"]:
        raise InputError("the first column of a covariance is 'proposal'", file=str(file), line=1)
    number = {proposal.id.casefold(): position for position, proposal in enumerate(problem.proposals)}
    for unknown in (name for name in columns[1:] if name not in number):
        raise InputError(f"there is no proposal {unknown!r}", file=str(file), line=1)
    matrix = np.zeros((len(number), len(number)))
    missing = set(columns[1:])
    for row in rows:
        name = row.text("proposal").casefold()
        if name not in missing:
            row.refuse("proposal", f"{row.text('proposal')!r} is not one of the columns, or was given before")
        missing.discard(name)
        matrix[number[name], [number[column] for column in columns[1:]]] = [_cell(row, c) for c in columns[1:]]
    if missing:
        raise InputError(f"the row of {min(missing)!r} is missing", file=str(file))
    _check(matrix, str(file))
    return matrix


def _cell(row: Row, column: str) -> float:
    return float(row.read(column, exact))


def _check(matrix: NDArray[np.float64], file: str) -> None:
    if not np.array_equal(matrix, matrix.T):
        raise InputError("the covariance is not symmetric: each pair must have one value", file=file)
    least, largest = np.linalg.eigvalsh(matrix)[[0, -1]]
    if least < -_TOLERANCE * max(largest, math.ulp(1.0)):
        raise InputError(
            "the covariance has a negative variance in some direction; no review gives such doubts", file=file
        )
