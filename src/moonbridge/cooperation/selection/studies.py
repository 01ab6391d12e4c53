"""What studies are about, and how the answer to a question is found again."""

from typing import Final

from django.db.models import QuerySet

from moonbridge.cooperation.selection.candidates import digest_of
from moonbridge.cooperation.selection.models import Recommendation, Study
from moonbridge.engines.selection.problem import Problem

PORTFOLIO: Final = "portfolio"
"""A study of the best portfolio; any other but the next is of a frontier, along the measure that it names."""
ROBUSTNESS: Final = "robustness"
"""A study of how sure each place is, by the covariance of the calibrated merits that the panels handed over."""


def known(recommendation: Recommendation, problem: Problem, about: str) -> QuerySet[Study]:
    """Return the studies of one question, the newest first."""
    return recommendation.studies.filter(digest=digest_of(problem), about=about).order_by("-begun_at")
