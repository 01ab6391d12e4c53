"""The posterior of merits and severities, averaged over all divisions of a score's variance.

Given a division, the posterior is normal and solves Henderson's mixed-model equations; proposals are eliminated first, so
only a system as large as the number of reviewers remains. Its weight is the restricted likelihood with the scale of the
variance integrated out (under the usual prior, 1 / variance).
"""

from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

type Floats = NDArray[np.float64]
type Integers = NDArray[np.int64]

_STEPS: Final = 14
"""Divisions of each axis of the triangle of shares."""
_BATCH: Final = 4_000_000
"""Matrix cells computed at once."""
_NEGLIGIBLE: Final = 1e-4
"""Divisions that are less likely than this are left out of the average."""
_NO_SHARE: Final = 1e-6
_PRIOR_DEGREES: Final = 40.0
"""How many residuals the common noise outweighs in what is said of one reviewer's noise."""


@dataclass(frozen=True, slots=True, eq=False)
class Scored:
    """Scores about zero of about unit spread: whose (``columns``), of what (``rows``), with what weight by reviewer."""

    rows: Integers
    columns: Integers
    scores: Floats
    weights: Floats

    @property
    def weight(self) -> Floats:
        """The weight of each score."""
        return self.weights[self.columns]


@dataclass(frozen=True, slots=True, eq=False)
class Posterior:
    """Means and doubts of merits (about the level), of severities with the level as the last, and of residuals.

    ``covariance`` is that of merit plus level. ``noise`` is the variance of a score of weight 1.
    """

    merit: Floats
    covariance: Floats
    rest: Floats
    rest_doubt: Floats
    noise: float
    shares: tuple[float, float, float]
    residual_variance: Floats

    def fitted(self, scored: Scored) -> Floats:
        """Return what each score is expected to be."""
        return np.asarray(self.merit[scored.rows] + self.rest[scored.columns] + self.rest[-1])


def posterior(scored: Scored) -> Posterior:
    """Return the posterior, averaged over the divisions of the variance that explain the scores."""
    divisions = _divisions()
    system = _System.of(scored)
    likelihood = np.concatenate([system.log_likelihood(part) for part in system.batches(divisions)])
    weights = np.exp(likelihood - likelihood.max())
    weights /= weights.sum()
    kept = np.flatnonzero(weights > _NEGLIGIBLE)
    weights = weights[kept] / weights[kept].sum()
    return _averaged(weights, [system.solution(divisions[number]) for number in kept], divisions[kept])


def evened(scored: Scored, found: Posterior) -> Floats:
    """Return the weight of each reviewer's scores: the common noise over their own, which is drawn towards the common."""
    expected = found.residual_variance / found.noise
    own = (scored.scores - found.fitted(scored)) ** 2 / np.maximum(expected, _NO_SHARE)
    size = len(scored.weights)
    total = np.bincount(scored.columns, weights=own, minlength=size)
    counts = np.bincount(scored.columns, minlength=size)
    return np.asarray((_PRIOR_DEGREES + counts) / (_PRIOR_DEGREES + total / found.noise))


def _divisions() -> Floats:
    """Return shares of merit, severity and noise, each row summing to 1: a grid over the triangle and its edge.

    The edge, without severity, has a place of its own: panels of equally severe reviewers exist.
    """
    inner = [(a + 1 / 3, b + 1 / 3) for a in range(_STEPS) for b in range(_STEPS - a)]
    edge = [(a + 1 / 2, _NO_SHARE) for a in range(_STEPS)]
    shares = np.array(inner + edge) / _STEPS
    return np.column_stack((shares, 1 - shares.sum(axis=1)))


@dataclass(frozen=True, slots=True, eq=False)
class _Solution:
    """The posterior for one division; the last of ``rest`` is the level."""

    merit: Floats
    covariance: Floats
    rest: Floats
    rest_variance: Floats
    noise: float
    residual_variance: Floats


@dataclass(frozen=True, slots=True, eq=False)
class _System:
    """The mixed-model equations without their priors: of proposals (diagonal), of reviewers with the level, and between."""

    scored: Scored
    diagonal: Floats
    rest: Floats
    between: Floats
    merit_side: Floats
    rest_side: Floats
    pairs: tuple[Integers, Integers, Floats]

    @classmethod
    def of(cls, scored: Scored) -> "_System":
        weight, (rows, columns) = scored.weight, (scored.rows, scored.columns)
        proposals, reviewers = int(rows.max()) + 1, len(scored.weights)
        between = np.zeros((proposals, reviewers + 1))
        np.add.at(between, (rows, columns), weight)
        between[:, -1] = between[:, :-1].sum(axis=1)
        given = between[:, :-1].sum(axis=0)
        rest = np.diag(np.append(given, weight.sum()))
        rest[-1, :-1] = rest[:-1, -1] = given
        weighed = weight * scored.scores
        rest_side = np.append(np.bincount(columns, weights=weighed, minlength=reviewers), weighed.sum())
        sides = np.bincount(rows, weights=weighed), rest_side
        return cls(scored, between[:, -1].copy(), rest, between, *sides, _pairs(between))

    def batches(self, divisions: Floats) -> list[Floats]:
        """Return the divisions in parts that fit the memory."""
        at_once = max(1, _BATCH // self.between.size)
        return [divisions[begin : begin + at_once] for begin in range(0, len(divisions), at_once)]

    def log_likelihood(self, divisions: Floats) -> Floats:
        """Return the restricted log-likelihood of each division, up to a constant."""
        merit, severity = divisions[:, 0] / divisions[:, 2], divisions[:, 1] / divisions[:, 2]
        diagonal = self.diagonal + 1 / merit[:, None]
        schur, side = self._reduced(diagonal, severity)
        rest = np.linalg.solve(schur, side[..., None])[..., 0]
        left = self._unexplained() - (self.merit_side**2 / diagonal).sum(axis=1) - (rest * side).sum(axis=1)
        volume = np.log(diagonal).sum(axis=1) + np.linalg.slogdet(schur)[1]
        priors = self.between.shape[0] * np.log(merit) + (self.between.shape[1] - 1) * np.log(severity)
        return np.asarray(-(volume + priors + self._degrees() * np.log(left)) / 2)

    def solution(self, division: Floats) -> _Solution:
        """Return the posterior for one division."""
        merit, severity = division[:2] / division[2]
        diagonal = self.diagonal + 1 / merit
        schur, side = (part[0] for part in self._reduced(diagonal[None], np.array([severity])))
        inverse = np.linalg.inv(schur)
        through = self.between / diagonal[:, None]
        rest = inverse @ side
        found = self.merit_side / diagonal - through @ rest
        left = self._unexplained() - (self.merit_side**2 / diagonal).sum() - rest @ side
        noise = float(left / max(1, self._degrees() - 2))
        crossing = -through @ inverse
        return _Solution(
            found,
            noise * self._with_level(diagonal, through, crossing, inverse),
            rest,
            noise * np.diag(inverse),
            noise,
            noise * self._unfitted(diagonal, through, crossing, inverse),
        )

    def _reduced(self, diagonal: Floats, severity: Floats) -> tuple[Floats, Floats]:
        """Return the equations of reviewers and level once the proposals are eliminated, for several divisions.

        A proposal has few reviews, so only their pairs are summed up, not the whole product of matrices.
        """
        size = len(self.rest)
        owners, cells, products = self.pairs
        taken = [np.bincount(cells, weights=products / one[owners], minlength=size * size) for one in diagonal]
        schur = self.rest - np.array(taken).reshape(-1, size, size)
        numbers = np.arange(size - 1)
        schur[:, numbers, numbers] += 1 / severity[:, None]
        return schur, self.rest_side - (self.merit_side / diagonal) @ self.between

    @staticmethod
    def _with_level(diagonal: Floats, through: Floats, crossing: Floats, inverse: Floats) -> Floats:
        """Return the covariance of merit plus level, in units of the noise."""
        matrix = -crossing @ through.T
        matrix[np.diag_indices_from(matrix)] += 1 / diagonal
        matrix += crossing[:, -1][:, None] + crossing[:, -1][None, :] + inverse[-1, -1]
        return np.asarray((matrix + matrix.T) / 2)

    def _unfitted(self, diagonal: Floats, through: Floats, crossing: Floats, inverse: Floats) -> Floats:
        """Return the variance of each residual, in units of the noise: that of the score less that of its fit."""
        rows, columns = self.scored.rows, self.scored.columns
        variance = 1 / diagonal - (crossing * through).sum(axis=1)
        fitted = variance[rows] + np.diag(inverse)[columns] + inverse[-1, -1] + 2 * inverse[columns, -1]
        fitted += 2 * (crossing[rows, columns] + crossing[rows, -1])
        return np.asarray(np.maximum(1 / self.scored.weight - fitted, _NO_SHARE))

    def _unexplained(self) -> float:
        return float((self.scored.weight * self.scored.scores**2).sum()) + _NO_SHARE

    def _degrees(self) -> int:
        return len(self.scored.scores) - 1


def _pairs(between: Floats) -> tuple[Integers, Integers, Floats]:
    """Return for every two entries in a row of ``between``: the row, their cell in a square matrix, and their product."""
    rows, columns = np.nonzero(between)
    ends = np.searchsorted(rows, np.arange(len(between) + 1))
    owners, cells, products = [], [], []
    for row, (begin, end) in enumerate(zip(ends[:-1].tolist(), ends[1:].tolist(), strict=True)):
        own, values = columns[begin:end], between[row, columns[begin:end]]
        owners.append(np.full(len(own) ** 2, row))
        cells.append((own[:, None] * between.shape[1] + own).ravel())
        products.append(np.outer(values, values).ravel())
    return np.concatenate(owners), np.concatenate(cells), np.concatenate(products)


def _averaged(weights: Floats, solutions: list[_Solution], divisions: Floats) -> Posterior:
    """Return the mixture of the solutions: its mean, and its covariance with what the solutions differ by."""

    def mean(values: list[Floats]) -> Floats:
        return np.asarray(np.tensordot(weights, np.array(values), axes=1))

    merit, rest = mean([one.merit for one in solutions]), mean([one.rest for one in solutions])
    covariance = np.zeros((len(merit), len(merit)))
    for weight, one in zip(weights, solutions, strict=True):
        away = one.merit + one.rest[-1] - merit - rest[-1]
        covariance += weight * (one.covariance + np.outer(away, away))
    rest_variance = mean([one.rest_variance + (one.rest - rest) ** 2 for one in solutions])
    shares = weights @ divisions
    return Posterior(
        merit,
        covariance,
        rest,
        np.sqrt(rest_variance),
        float(weights @ np.array([one.noise for one in solutions])),
        (float(shares[0]), float(shares[1]), float(shares[2])),
        mean([one.residual_variance for one in solutions]),
    )
