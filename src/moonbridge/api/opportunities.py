"""Opportunities by JSON: what is offered, until when, what was asked and what was amended."""

from datetime import datetime
from typing import Annotated, Any
from uuid import UUID

from django.http import HttpRequest
from django.shortcuts import get_object_or_404
from ninja import Field, Query, Router, Schema

from moonbridge.accounts.models import User
from moonbridge.api.authentication import somebody
from moonbridge.cooperation import commands
from moonbridge.cooperation.opportunities import actions, queries, reading, terms
from moonbridge.cooperation.opportunities.models import EnvelopeLine, Opportunity, Origin, Question, ReviewMode
from moonbridge.cooperation.opportunities.states import State
from moonbridge.record.queries import database_now

router = Router(tags=["opportunities"])


class Brief(Schema):
    """An opportunity in a list."""

    slug: str
    title: str
    title_zh: str
    agency: str
    mission: str
    state: State
    origin: str
    published_at: datetime | None
    deadline: datetime | None
    deadline_zone: str


class Limit(Schema):
    """How much of a resource an element offers: exact decimal text with its unit, null where no limit is stated."""

    element: str | None
    resource: str
    name: str
    total: str | None
    per_item: str | None
    held_back: str


class Room(Schema):
    """The box and the temperatures of an element, as text; empty where not stated."""

    element: str | None
    box: str
    temperatures: str
    note: str


class Criterion(Schema):
    """A criterion with its weight and scale."""

    name: str
    name_zh: str
    description: str
    weight: int
    lowest: int
    highest: int


class Stage(Schema):
    """A promised stage: what was promised first, what is promised now, what happened."""

    stage: str
    first_promised: datetime | None
    promised: datetime | None
    kept: datetime | None
    overdue: bool
    days_late: int | None


class Change(Schema):
    """One thing that an amendment changed, as people read it."""

    subject: list[str]
    field: str
    before: str
    after: str


class Amendment(Schema):
    """A change of a published opportunity."""

    number: int
    at: datetime
    reason: str
    changes: list[Change]


class Answer(Schema):
    """A question with its answer; null answer while the office has not answered."""

    id: UUID
    text: str
    asked_at: datetime
    answer: str | None
    answered_at: datetime | None


class File(Schema):
    """A document; ``path`` is where it is downloaded."""

    title: str
    name: str
    media_type: str
    size: int
    sha256: str
    path: str


class Whole(Brief):
    """An opportunity with everything that its page says."""

    summary: str
    summary_zh: str
    eligibility: str
    eligibility_zh: str
    letter_required: bool
    letter_deadline: datetime | None
    review_mode: ReviewMode | None
    site: str | None
    elements: list[str]
    envelope: list[Limit]
    accommodation: list[Room]
    criteria: list[Criterion]
    portfolio_rules: list[str]
    lottery: str
    dates: list[Stage]
    documents: list[File]
    questions: list[Answer]
    amendments: list[Amendment]


class Words(Schema):
    """A text that somebody sends."""

    text: Annotated[str, Field(min_length=1, max_length=4000)]


class OpportunityPage(Schema):
    """Which part of a list."""

    limit: Annotated[int, Field(ge=1, le=200)] = 50
    offset: Annotated[int, Field(ge=0, le=1_000_000)] = 0
    state: State | None = None


BRIEF = (
    "slug",
    "title",
    "title_zh",
    "agency__slug",
    "mission__slug",
    "state",
    "origin",
    "published_at",
    "deadline",
    "deadline_zone",
)


@router.get("/opportunities", response=list[Brief], url_name="opportunities", summary="Opportunities, the latest first")
def opportunities(request: HttpRequest, page: Query[OpportunityPage]) -> list[dict[str, Any]]:
    """Return what you may see: public ones, and the drafts of your own office."""
    found = queries.visible_to(request.user).order_by("-published_at", "-created_at", "slug")
    if page.state is not None:
        found = found.filter(state=page.state)
    rows = found.values(*BRIEF)[page.offset : page.offset + page.limit]
    return [row | {"agency": row["agency__slug"], "mission": row["mission__slug"]} for row in rows]


@router.get(
    "/opportunities/{slug:slug}",
    response=Whole,
    url_name="opportunity",
    summary="One opportunity with everything it says",
)
def opportunity(request: HttpRequest, slug: str) -> dict[str, Any]:
    """Return one opportunity. Amounts are exact decimal text with their unit."""
    return _whole(_found(request, slug))


@router.get(
    "/opportunities/{slug:slug}/envelope", response=list[Limit], summary="Its envelope, per element and resource"
)
def envelope(request: HttpRequest, slug: str) -> list[dict[str, Any]]:
    """Return the limits in total and per item."""
    return [_limit(line) for line in _found(request, slug).envelope.all()]


@router.get("/opportunities/{slug:slug}/dates", response=list[Stage], summary="Its dates, promised and kept")
def dates(request: HttpRequest, slug: str) -> list[dict[str, Any]]:
    """Return the stage clock."""
    return _dates(_found(request, slug))


@router.get(
    "/opportunities/{slug:slug}/amendments", response=list[Amendment], summary="What was changed after publication"
)
def amendments(request: HttpRequest, slug: str) -> list[dict[str, Any]]:
    """Return the amendments in order."""
    return _amendments(_found(request, slug))


@router.get("/opportunities/{slug:slug}/questions", response=list[Answer], summary="Questions and answers")
def questions(request: HttpRequest, slug: str) -> list[dict[str, Any]]:
    """Return the answered questions, your own unanswered ones, and all for the office."""
    found = get_object_or_404(queries.visible_to(request.user), slug=slug)
    return [_answer(question) for question in queries.questions(request.user).filter(opportunity=found)]


@router.post(
    "/opportunities/{slug:slug}/questions",
    response={201: Answer},
    auth=somebody,
    summary="Ask the office (Idempotency-Key needed)",
)
def ask(request: HttpRequest, slug: str, words: Words) -> tuple[int, dict[str, Any]]:
    """Ask a question; it becomes public with its answer, without your name."""
    user: User = request.auth  # type: ignore[attr-defined]
    found = get_object_or_404(queries.visible_to(user), slug=slug)
    return 201, _answer(actions.ask(found, words.text, by=user, command=commands.of(request)))


@router.get("/overdue", response=list[dict[str, Any]], summary="Promises that passed unkept, of all agencies")
def overdue(request: HttpRequest) -> list[dict[str, Any]]:  # noqa: ARG001 - ninja's signature
    """Return the overdue list, the oldest promise first."""
    return [
        {
            "opportunity": date.opportunity.slug, "agency": date.opportunity.agency.slug, "stage": date.stage,
            "first_promised": date.first_promised, "promised": date.promised, "origin": date.opportunity.origin,
        }
        for date in queries.overdue(database_now())
    ]  # fmt: skip


def _found(request: HttpRequest, slug: str) -> Opportunity:
    return get_object_or_404(queries.for_page(request.user), slug=slug)


def _whole(found: Opportunity) -> dict[str, Any]:
    plain = {
        name: getattr(found, name)
        for name in (*Brief.model_fields, *terms.PLAIN)
        if name not in {"agency", "mission", "site", "review_mode"}
    }
    return plain | {
        "agency": found.agency.slug,
        "mission": found.mission.slug,
        # How a replayed call was judged is not known.
        "review_mode": None if found.origin == Origin.REPLAY else found.review_mode,
        "site": found.site.slug if found.site else None,
        "elements": [element.slug for element in found.elements.all()],
        "envelope": [_limit(line) for line in found.envelope.all()],
        "accommodation": [
            {
                "element": room.element.slug if room.element else None, "box": terms.box_text(room),
                "temperatures": terms.temperature_text(room), "note": room.note,
            }
            for room in found.accommodations.all()
        ],
        "criteria": [{name: getattr(criterion, name) for name in Criterion.model_fields} for criterion in found.criteria.all()],
        "lottery": reading.lottery_sentence(found),
        "portfolio_rules": [sentence for rule in found.portfolio_rules.all() for sentence in reading.rule_sentences(rule)],
        "dates": _dates(found),
        "documents": [
            {name: getattr(document, name) for name in ("title", "name", "media_type", "size", "sha256")}
            | {"path": f"/opportunities/{found.slug}/documents/{document.pk}/"}
            for document in found.documents.all()
        ],
        "questions": [_answer(question) for question in getattr(found, "answered", ())],
        "amendments": _amendments(found),
    }  # fmt: skip


def _limit(line: EnvelopeLine) -> dict[str, Any]:
    def text(amount: int | None) -> str | None:
        return None if amount is None else line.kind.text(amount)

    return {
        "element": line.element.slug if line.element else None, "resource": line.resource, "name": line.name,
        "total": text(line.total), "per_item": text(line.per_item), "held_back": line.kind.text(line.margin),
    }  # fmt: skip


def _dates(found: Opportunity) -> list[dict[str, Any]]:
    clock = queries.stage_clock(found, database_now())
    return [{name: getattr(stage, name) for name in Stage.model_fields} for stage in clock]


def _amendments(found: Opportunity) -> list[dict[str, Any]]:
    return [{name: getattr(amendment, name) for name in Amendment.model_fields} for amendment in found.amendments.all()]


def _answer(question: Question) -> dict[str, Any]:
    return {
        "id": question.pk, "text": question.text, "asked_at": question.asked_at,
        "answer": question.answer or None, "answered_at": question.answered_at,
    }  # fmt: skip
