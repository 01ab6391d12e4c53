"""Decisions by JSON: the public decision, the office's recommendation, each team's own outcome."""

from datetime import datetime
from typing import Any
from uuid import UUID

from django.http import HttpRequest
from django.shortcuts import get_object_or_404
from ninja import Router, Schema

from moonbridge.api import studio
from moonbridge.api.authentication import somebody
from moonbridge.cooperation.opportunities.queries import of_office
from moonbridge.cooperation.review.merits import shown
from moonbridge.cooperation.selection import facts, letters, queries
from moonbridge.cooperation.selection.openly import open_statements
from moonbridge.cooperation.selection.queries import OwnScore, Place

router = Router(tags=["selection"])
router.add_router("", studio.router)


class Promised(Schema):
    """How much of one line of the envelope is promised: exact decimal text with its unit.

    ``used`` is null where nothing is known of it, and the least it can be where ``complete`` is false; ``offered`` is null
    where no limit is stated.
    """

    element: str | None
    resource: str
    used: str | None
    complete: bool
    offered: str | None


class Selected(Schema):
    """A selected proposal; ``promised`` is what it is given, by resource."""

    proposal: str
    title: str
    outcome: str
    countries: list[str]
    institutions: list[str]
    element: str | None
    promised: dict[str, str]
    synthetic: bool


class Forced(Schema):
    """What the office forced, with its reason; proposal null where a declined one is not named."""

    proposal: str | None
    inside: bool
    reason: str


class Stated(Schema):
    """What the panel stated about proposals, with its reason; proposals null where not all of them are public."""

    kind: str
    said: str
    proposals: list[str] | None
    reason: str


class Lottery(Schema):
    """The draw near the line: among all portfolios at most so many points of merit below the best, from this public seed."""

    within: str
    seed: str


class Lost(Schema):
    """A place lost after the decision."""

    proposal: str
    title: str
    reason: str | None
    at: datetime | None


class DecisionAnswer(Schema):
    """A published decision. ``published_at`` is null where the day of a replayed decision is not known."""

    opportunity: str
    origin: str
    published_at: datetime | None
    note: str
    counts: dict[str, int]
    countries: list[str]
    selected: list[Selected]
    lost: list[Lost]
    envelope: list[Promised]
    forced: list[Forced]
    stated: list[Stated]
    lottery: Lottery | None
    problem: str | None


class RecommendationAnswer(Schema):
    """The newest recommendation: exactly the problem that was solved, and what was found."""

    number: int
    at: datetime
    problem_digest: str
    proven: bool
    problem: dict[str, Any]
    result: dict[str, Any]


class ScoreAnswer(Schema):
    """One score as decimal text; the reviewer is a letter."""

    criterion: str
    reviewer: str
    score: str
    comment: str


class OutcomeAnswer(Schema):
    """What came of a proposal, for its team: merit from 0 to 100 as decimal text, null where unknown.

    ``raw_mean`` stands beside a calibrated merit; null where the merit is the raw mean itself.
    """

    proposal: str
    title: str
    outcome: str
    option: str | None
    condition: str
    merged_into: str | None
    reserve_rank: int | None
    merit: str | None
    raw_mean: str | None
    reason: str
    note: str
    scores: list[ScoreAnswer]
    synthetic: bool


@router.get(
    "/opportunities/{slug}/decision",
    response=DecisionAnswer,
    url_name="decision",
    summary="The published decision: who was selected, what of the envelope is used, what was forced",
)
def decision(request: HttpRequest, slug: str) -> dict[str, Any]:  # noqa: ARG001 - the same for everybody
    """Return the published decision on an opportunity."""
    found = get_object_or_404(
        queries.published().select_related("opportunity", "recommendation"), opportunity__slug=slug
    )
    told = queries.for_public(found)
    return {
        "opportunity": slug,
        "origin": found.opportunity.origin,
        "published_at": found.published_at,
        "note": found.note,
        "counts": told.counts,
        "countries": told.countries,
        "selected": [_selected(place) for place in told.flying],
        "lost": [
            {
                "proposal": outcome.proposal.code,
                "title": outcome.proposal.title,
                "reason": outcome.loss.reason if hasattr(outcome, "loss") else None,
                "at": outcome.loss.at if hasattr(outcome, "loss") else None,
            }
            for outcome in told.lost
        ],
        "envelope": facts.envelope(told.usage),
        "forced": [
            {"proposal": f.proposal.code if f.proposal else None, "inside": f.inside, "reason": f.reason}
            for f in queries.forced(found)
        ],
        "lottery": facts.lottery(found.opportunity),
        "stated": [
            {"kind": one.kind, "said": one.said, "proposals": one.proposals, "reason": one.reason}
            for one in open_statements(found)
        ],
        "problem": found.recommendation.problem_digest if found.recommendation else None,
    }


def _selected(place: Place) -> dict[str, Any]:
    proposal, option = place.outcome.proposal, place.outcome.option
    parties = (
        party.institution or (party.partner.name if party.partner else "") for party in proposal.participants.all()
    )
    return {
        "proposal": proposal.code,
        "title": proposal.title,
        "outcome": place.outcome.kind,
        "countries": place.countries,
        "institutions": [name for name in parties if name],
        "element": option.element.slug if option and option.element else None,
        "promised": {line.name or line.resource: text for line, text in place.amounts},
        "synthetic": proposal.synthetic,
    }


@router.get(
    "/opportunities/{slug}/recommendation",
    auth=somebody,
    response=RecommendationAnswer,
    summary="The newest recommendation; for the agency's office",
)
def recommendation(request: HttpRequest, slug: str) -> Any:
    """Return the newest recommendation on an opportunity of one's own agency."""
    opportunity = get_object_or_404(of_office(request.user), slug=slug)
    newest = queries.latest(opportunity)
    return newest[0] if newest else get_object_or_404(opportunity.recommendations.none())


@router.get(
    "/proposals/{uuid:key}/outcome",
    auth=somebody,
    response=OutcomeAnswer,
    summary="The outcome of a proposal with its reasons and own scores; for its team after publication, and the office",
)
def outcome(request: HttpRequest, key: UUID) -> dict[str, Any]:
    """Return the outcome of one's own proposal."""
    readable = queries.with_parts(queries.outcomes_visible_to(request.user))
    found = get_object_or_404(readable.select_related("decision__opportunity__mission"), proposal_id=key)
    return {
        "proposal": found.proposal.code,
        "title": found.proposal.title,
        "outcome": found.kind,
        "option": found.option.name if found.option else None,
        "condition": found.condition,
        "merged_into": found.merged_into.code if found.merged_into else None,
        "reserve_rank": found.reserve_rank,
        "merit": None if found.merit is None else shown(found.merit),
        "raw_mean": queries.raw_merit(request.user, found),
        "reason": letters.reason(found),
        "note": found.note,
        "scores": [_score(own) for own in queries.own_scores(request.user, found)],
        "synthetic": found.proposal.synthetic,
    }


def _score(own: OwnScore) -> dict[str, str]:
    return {"criterion": own.criterion, "reviewer": own.reviewer, "score": own.text, "comment": own.score.comment}
