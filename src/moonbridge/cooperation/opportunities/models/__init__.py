"""An opportunity and all that it says: what is offered, how it is judged and chosen, its dates, and what is said about it."""

from moonbridge.cooperation.opportunities.models.calls import (
    MOST_APART,
    POINT,
    Amendment,
    Criterion,
    Document,
    Follow,
    Opportunity,
    Origin,
    Question,
    ReviewMode,
    StageDate,
    StageKind,
)
from moonbridge.cooperation.opportunities.models.envelope import (
    QUANTITY,
    Accommodation,
    EnvelopeLine,
    Resource,
)
from moonbridge.cooperation.opportunities.models.portfolio import (
    PERMILLE,
    GroupKind,
    Measure,
    PortfolioRule,
)

__all__ = [
    "MOST_APART",
    "PERMILLE",
    "POINT",
    "QUANTITY",
    "Accommodation",
    "Amendment",
    "Criterion",
    "Document",
    "EnvelopeLine",
    "Follow",
    "GroupKind",
    "Measure",
    "Opportunity",
    "Origin",
    "PortfolioRule",
    "Question",
    "Resource",
    "ReviewMode",
    "StageDate",
    "StageKind",
]
