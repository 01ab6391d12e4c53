"""How sure each place is: the merits are drawn within the doubts that calibration gives, all together by their covariance.

The covariance comes from the score table that the panels handed over, never from a file. Kept as plain data:

``draws``, ``seed``
    how often the merits were drawn, and from where;
``proposals``
    for each ``proposal`` the ``probability`` with which it is selected (a fraction), its ``doubt``, and what one would gain in merit by
    knowing it exactly (``value``; null where nothing is to be gained or nothing is in doubt);
``portfolios``
    the choices of the portfolio that is best on average (``expectation``), in the tenth of the draws in which it goes worst
    (``quantile``), and by its largest regret (``regret``); see :class:`~moonbridge.engines.selection.robustness.Robustness`;
``largest_regret``
    what the last of these misses at most, in merit. Answers from before these were kept have neither.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction
from typing import Any, Final

import numpy as np
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from numpy.typing import NDArray

from moonbridge.cooperation.opportunities.models import Opportunity
from moonbridge.cooperation.review.queries.handover import calibration_counting
from moonbridge.cooperation.selection.candidates import candidates, digest_of
from moonbridge.cooperation.selection.models import Recommendation, Study
from moonbridge.cooperation.selection.studies import ROBUSTNESS, known
from moonbridge.cooperation.selection.whatifs import exchange
from moonbridge.engines.selection.doubt import information
from moonbridge.engines.selection.optimum import optimum
from moonbridge.engines.selection.problem import Problem, merit_text
from moonbridge.engines.selection.robustness import robustness
from moonbridge.engines.selection.solver import Effort
from moonbridge.engines.selection.stopping import Progress
from moonbridge.errors import Refused

DRAWS: Final = 1000
SEED: Final = 0


def covariance_of(opportunity: Opportunity, problem: Problem) -> NDArray[np.float64] | None:
    """Return the covariance of the merits in the order of ``problem``, in squared points; None where raw means count."""
    calibration = calibration_counting(opportunity)
    if calibration is None:
        return None
    place = {code: number for number, code in enumerate(calibration.codes)}
    if any(proposal.id not in place for proposal in problem.proposals):
        return None
    whole = np.array(calibration.covariance, dtype=np.float64)
    order = [place[proposal.id] for proposal in problem.proposals]
    return np.asarray(whole[np.ix_(order, order)])


def require_covariance(recommendation: Recommendation) -> NDArray[np.float64]:
    """Return the covariance for a recommendation of the scores that count now; raises :class:`Refused` where there is none."""
    problem = candidates(recommendation.opportunity)
    covariance = covariance_of(recommendation.opportunity, problem)
    if covariance is None:
        raise Refused(
            _("Raw means count: how uncertain they are is not known. Hand the scores over with calibrated merits.")
        )
    if digest_of(problem) != recommendation.problem_digest:
        raise Refused(_("Scores, rules or proposals have changed since this recommendation; ask for a new one."))
    return covariance


def kept(
    problem: Problem, covariance: NDArray[np.float64], *, effort: Effort, progress: Progress | None = None
) -> dict[str, Any]:
    """Return what the draws show, as plain data."""
    drawn = robustness(
        problem, draws=DRAWS, seed=SEED, covariance=covariance, progress=progress, cancelled=effort.cancelled
    )
    now = optimum(problem, effort=effort, cancelled=effort.cancelled)
    values = {one.proposal: one for one in information(now, covariance=covariance, effort=effort)}
    doubts = np.sqrt(np.diag(covariance)).tolist()
    return {
        "draws": DRAWS,
        "seed": SEED,
        "proposals": [
            {
                "proposal": proposal.id,
                "probability": str(drawn.probability[proposal.id]),
                "doubt": round(doubt, 4),
                "value": round(values[proposal.id].value, 4) if proposal.id in values else None,
            }
            for proposal, doubt in zip(problem.proposals, doubts, strict=True)
        ],
        "portfolios": {
            "expectation": dict(drawn.best_in_expectation),
            "quantile": dict(drawn.best_at_quantile),
            "regret": dict(drawn.least_regret),
        },
        "largest_regret": merit_text(drawn.largest_regret),
    }


@dataclass(frozen=True, slots=True)
class Sureness:
    """How sure one place is: the part of draws in percent, the doubt and the worth of knowing better in points."""

    code: str
    percent: int
    doubt: float
    value: float | None


_ROBUST: Final[Mapping[str, Promise | str]] = {
    "expectation": gettext_lazy("best on average"),
    "quantile": gettext_lazy("best in the tenth of the draws in which it goes worst"),
    "regret": gettext_lazy("least regret: what it misses at most in any draw"),
}


@dataclass(frozen=True, slots=True)
class Robust:
    """One of the most robust portfolios: what it is best at, and who comes in (+) and goes out (−) against the recommended one."""

    best_at: str
    exchange: str
    largest_regret: str = ""


@dataclass(frozen=True, slots=True)
class Shown:
    """What the studio says of it: the last study of this problem, or why there can be none.

    ``rows`` are the places, the surest first; ``portfolios`` the most robust ones.
    """

    study: Study | None = None
    rows: Sequence[Sureness] = ()
    portfolios: Sequence[Robust] = ()
    hindrance: str = ""


def shown_for(recommendation: Recommendation, problem: Problem) -> Shown:
    """Return what the studio shows for a problem that began with ``recommendation``."""
    study = known(recommendation, problem, ROBUSTNESS).first()
    if study is not None and study.answer is not None:
        return Shown(study, _rows(study.answer), _portfolios(study.answer, recommendation.result["choices"]))
    try:
        require_covariance(recommendation)
    except Refused as hindrance:
        return Shown(study, hindrance=hindrance.sentence)
    return Shown(study)


def _rows(answer: dict[str, Any]) -> list[Sureness]:
    rows = [
        Sureness(one["proposal"], round(100 * Fraction(one["probability"])), one["doubt"], one["value"])
        for one in answer["proposals"]
    ]
    return sorted(rows, key=lambda row: (-row.percent, row.code))


def _portfolios(answer: dict[str, Any], recommended: Mapping[str, str]) -> list[Robust]:
    found = answer.get("portfolios", {})
    regret = {"regret": answer.get("largest_regret", "")}
    return [
        Robust(str(best_at), exchange(recommended, found[name]), regret.get(name, ""))
        for name, best_at in _ROBUST.items()
        if name in found
    ]
