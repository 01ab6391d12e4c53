"""Scores by JSON, for the programme office alone."""

from datetime import datetime
from typing import Any

from django.http import HttpRequest
from django.shortcuts import get_object_or_404
from ninja import Router, Schema

from moonbridge.api.authentication import somebody
from moonbridge.cooperation.opportunities.queries import of_office
from moonbridge.cooperation.review import queries
from moonbridge.cooperation.review.merits import shown

router = Router(tags=["review"])


class Table(Schema):
    """A score table that came in; the one with the highest number counts."""

    number: int
    name: str
    sha256: str
    scores: int
    reviewers: int
    uploaded_at: datetime


class Standing(Schema):
    """Where a proposal stands: merit and spread from 0 to 100, means per criterion, all as decimal text."""

    proposal: str
    merit: str
    spread: str
    reviewers: int
    means: dict[str, str]


class Scores(Schema):
    """Everything about the scores of an opportunity; ``origin`` says whether they are synthetic."""

    origin: str
    tables: list[Table]
    standings: list[Standing]


@router.get(
    "/opportunities/{slug}/scores",
    auth=somebody,
    response=Scores,
    summary="The score tables and where the proposals stand; for the agency's office",
)
def scores(request: HttpRequest, slug: str) -> dict[str, Any]:
    """Return the tables and standings of an opportunity of one's own agency."""
    opportunity = get_object_or_404(of_office(request.user), slug=slug)
    codes = dict(opportunity.proposals.values_list("pk", "code"))
    found = sorted(queries.standings(opportunity).items(), key=lambda pair: codes[pair[0]])
    return {
        "origin": opportunity.origin,
        "tables": [
            {
                "number": table.number,
                "name": table.name,
                "sha256": table.sha256,
                "scores": table.rows,
                "reviewers": table.reviewers,  # type: ignore[attr-defined]  # counted by the query
                "uploaded_at": table.uploaded_at,
            }
            for table in queries.history(request.user, opportunity)
        ],
        "standings": [
            {
                "proposal": codes[key],
                "merit": shown(standing.merit),
                "spread": shown(standing.spread),
                "reviewers": len(standing.reviewers),
                "means": dict(zip(standing.means, standing.means_in_order, strict=True)),
            }
            for key, standing in found
        ],
    }
