"""Scores by JSON, for the programme office alone."""

from datetime import datetime
from typing import Any, Literal

from django.http import HttpRequest
from django.shortcuts import get_object_or_404
from ninja import Router, Schema

from moonbridge.api.authentication import somebody
from moonbridge.cooperation.opportunities.queries import of_office
from moonbridge.cooperation.review import queries

router = Router(tags=["review"])


class Table(Schema):
    """A score table that came in; the one with the highest number counts.

    ``source`` is ``file``, or ``panels`` where reviews were handed over; ``counts`` says which merits. What a conflict of interest
    hides is not counted, and ``sha256`` is null where something is hidden.
    """

    number: int
    name: str
    sha256: str | None
    source: Literal["file", "panels"]
    counts: Literal["raw means", "calibrated merits"]
    scores: int
    reviewers: int
    uploaded_at: datetime


class Standing(Schema):
    """Where a proposal stands, from 0 to 100 as decimal text: the merit that counts, the one by raw means, means per criterion.

    ``doubt`` is the standard deviation of a calibrated merit; null where raw means count.
    """

    proposal: str
    merit: str
    raw_mean: str
    doubt: str | None
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
    found = sorted(queries.standings_seen(request.user, opportunity).items(), key=lambda pair: codes[pair[0]])
    return {
        "origin": opportunity.origin,
        "tables": [_table(table) for table in queries.history(request.user, opportunity)],
        "standings": [
            {
                "proposal": codes[key],
                "merit": standing.merit_text,
                "raw_mean": standing.raw_text,
                "doubt": standing.doubt_text,
                "spread": standing.spread_text,
                "reviewers": len(standing.reviewers),
                "means": dict(zip(standing.means, standing.means_in_order, strict=True)),
            }
            for key, standing in found
        ],
    }


def _table(table: Any) -> dict[str, Any]:
    """Return a table with what the query counted of it."""
    calibration = getattr(table, "calibration", None)
    return {
        "number": table.number,
        "name": table.name,
        "sha256": table.digest,
        "source": "panels" if calibration else "file",
        "counts": "calibrated merits" if calibration and calibration.counts else "raw means",
        "scores": table.seen,
        "reviewers": table.reviewers,
        "uploaded_at": table.uploaded_at,
    }
