"""Reviewing for programs: one's own reviews, what a panel's managers see, the hand-over, debriefs; all by the pages' own sight and actions.

Whoever sends a change gives it an Idempotency-Key (a UUID): sent twice, it is done once and answered alike.
"""

from datetime import datetime
from decimal import Decimal
from typing import Annotated, Any, Literal
from uuid import UUID

from django.http import HttpRequest
from django.shortcuts import get_object_or_404
from ninja import Field, Router, Schema

from moonbridge.api.authentication import person_of, somebody
from moonbridge.cooperation import commands
from moonbridge.cooperation.review import actions
from moonbridge.cooperation.review.actions import drafts, previews
from moonbridge.cooperation.review.actions import reviews as reviewing
from moonbridge.cooperation.review.boards import Board, Line, panels_managed_by
from moonbridge.cooperation.review.forms.reviews import Editor
from moonbridge.cooperation.review.handovers import Handover, Missing, Row, handover, is_in_conflict
from moonbridge.cooperation.review.merits import shown
from moonbridge.cooperation.review.models import Panel, Review, Round
from moonbridge.cooperation.review.queries import debriefs, reviews
from moonbridge.cooperation.review.queries.rounds import rounds_of_office
from moonbridge.cooperation.review.writing import comment_field, locked, mark_field, may_write, missing, read
from moonbridge.errors import InputError, NotAllowed
from moonbridge.formats.tables.scores import score_text

router = Router(tags=["review"], auth=somebody)

Words = Annotated[str, Field(max_length=20_000, pattern=r"^[^\x00]*$")]
Version = Annotated[int, Field(ge=1, le=1_000_000_000)]


class Judged(Schema):
    """What is said by one criterion, by its id: a mark on its scale as decimal text (empty: none yet) and a comment to the team."""

    criterion: UUID
    mark: Annotated[str, Field(max_length=12, pattern=r"^[^\x00]*$")] = ""
    comment: Words = ""


class Written(Schema):
    """A whole review; what is left out is emptied. ``version`` is the one that the sender has read."""

    version: Version
    marks: Annotated[list[Judged], Field(max_length=200, default_factory=list)]
    to_team: Words = ""
    confidential: Words = ""
    expertise: Annotated[int, Field(ge=1, le=3)] | None = None
    verdict: Literal["", "feasible", "conditional", "infeasible"] = ""


class Read(Schema):
    """The version of a review that the sender has read."""

    version: Version


class Chosen(Schema):
    """Which merits count; ``seen`` is the digest of the preview; ``incomplete``: although something is missing."""

    counts: Literal["calibrated merits", "raw means"]
    seen: Annotated[str, Field(pattern=r"^[0-9a-f]{64}$")]
    incomplete: bool = False


class OwnReview(Schema):
    """A review that one owes or has given."""

    id: UUID
    opportunity: str
    panel: str
    proposal: str
    title: str
    state: str
    version: int
    saved_at: datetime
    submitted_at: datetime | None


@router.get("/reviews", response=list[OwnReview], summary="The reviews that you owe or have given")
def own_reviews(request: HttpRequest) -> list[dict[str, Any]]:
    """Return one's own reviews by call, panel and proposal."""
    found = reviews.own(person_of(request)).order_by(
        "item__panel__round__opportunity__slug", "item__panel__name", "item__proposal__code"
    )
    return [_listed(one) for one in found]


@router.get(
    "/reviews/{uuid:key}", summary="One of your reviews: what it says, what is missing, whether it may be changed"
)
def own_review(request: HttpRequest, key: UUID) -> dict[str, Any]:
    """Return a review whole."""
    return _told(_own(request, key))


@router.post("/reviews/{uuid:key}", summary="Save a review in the version that you have read")
def save(request: HttpRequest, key: UUID, given: Written) -> dict[str, Any]:
    """Save a review; refused when it was saved meanwhile, and nothing is overwritten."""
    found = _own(request, key)
    criteria = list(found.item.panel.criteria.all())
    if unknown := {one.criterion for one in given.marks} - {one.pk for one in criteria}:
        raise InputError(f"This panel has no criterion {min(map(str, unknown))}.", field="criterion")
    editor = Editor(_typed(given), found.item.panel, criteria)
    drafts.save(found, editor.draft, version=given.version, by=person_of(request), command=commands.of(request))
    return _told(_own(request, key))


@router.post("/reviews/{uuid:key}/submit", summary="Submit the version of a review that you have read")
def submit(request: HttpRequest, key: UUID, given: Read) -> dict[str, Any]:
    """Submit a review; refused with all that is missing."""
    found = _own(request, key)
    reviewing.submit(found, version=given.version, by=person_of(request), command=commands.of(request))
    return _told(_own(request, key))


@router.post(
    "/reviews/{uuid:key}/reopen", summary="Make your submitted review a draft again, while reviews are written"
)
def reopen(request: HttpRequest, key: UUID) -> dict[str, Any]:
    """Reopen a review."""
    reviewing.reopen(_own(request, key), by=person_of(request), command=commands.of(request))
    return _told(_own(request, key))


@router.get("/opportunities/{slug:slug}/review", summary="A review as those who run it see it: panels, items, progress")
def progress(request: HttpRequest, slug: str) -> dict[str, Any]:
    """Return the panels that you run, as office, chair or secretary; what a conflict hides is absent."""
    person = person_of(request)
    run = panels_managed_by(person).filter(round__opportunity__slug=slug)
    round_ = get_object_or_404(Round.objects.filter(pk__in=run.values("round_id")).select_related("opportunity"))
    return {
        "opportunity": slug,
        "origin": round_.opportunity.origin,
        "mode": round_.mode,
        "state": round_.state,
        "panels": [_panel(Board(person, panel)) for panel in run.order_by("position", "name")],
    }


@router.get(
    "/opportunities/{slug:slug}/review/hand-over", summary="What would be handed over to selection, for the office"
)
def preview(request: HttpRequest, slug: str) -> dict[str, Any]:
    """Return raw and calibrated merits, outlying reviews, technical objections and what is missing."""
    return _handover(handover(_round(request, slug)))


@router.post("/opportunities/{slug:slug}/review/hand-over", summary="Hand the scores over to selection, as the office")
def hand_over(request: HttpRequest, slug: str, given: Chosen) -> dict[str, Any]:
    """Hand over exactly what was previewed; answers the table that counts now."""
    table = actions.hand_over(
        _round(request, slug), calibrated=given.counts == "calibrated merits", seen=given.seen, incomplete=given.incomplete,
        by=person_of(request), command=commands.of(request),
    )  # fmt: skip
    return {"number": table.number, "sha256": table.sha256, "scores": table.rows, "counts": given.counts}


@router.post(
    "/opportunities/{slug:slug}/review/hand-over/calibrate",
    summary="Have many reviews calibrated by a job, as the office",
)
def calibrate(request: HttpRequest, slug: str) -> dict[str, Any]:
    """Ask for the calibration of more reviews than are calibrated while one waits; ``waiting`` of the preview says when it is there."""
    round_ = _round(request, slug)
    previews.ask(round_, by=person_of(request))
    return {"waiting": handover(round_).waits}


@router.get(
    "/proposals/{uuid:key}/debrief", summary="What the panels said of a proposal, once it is released to its team"
)
def debrief(request: HttpRequest, key: UUID) -> dict[str, Any]:
    """Return a released debrief, for the team and its office."""
    found = get_object_or_404(debriefs.visible_to(person_of(request)).select_related("proposal"), proposal=key)
    return {"proposal": found.proposal.code, "released_at": found.released_at, **found.content}


def _own(request: HttpRequest, key: UUID) -> Review:
    return get_object_or_404(reviews.own(person_of(request)).prefetch_related("marks"), pk=key)


def _listed(review: Any) -> dict[str, Any]:
    panel = review.item.panel
    return {
        "id": review.pk, "opportunity": panel.round.opportunity.slug, "panel": panel.name, "proposal": review.code,
        "title": review.title, "state": review.state, "version": review.version, "saved_at": review.saved_at,
        "submitted_at": review.submitted_at,
    }  # fmt: skip


def _told(review: Review) -> dict[str, Any]:
    panel = review.item.panel
    criteria, draft = list(panel.criteria.all()), read(review)
    return _listed(review) | {
        "kind": panel.kind,
        "criteria": [_criterion(panel, one, draft.judged.get(one.pk)) for one in criteria],
        "to_team": draft.to_team,
        "confidential": draft.confidential,
        "expertise": draft.expertise,
        "verdict": draft.verdict,
        "missing": [one.sentence for one in missing(draft, panel, criteria)],
        "may_write": may_write(review),
        "locked": locked(review),
    }


def _criterion(panel: Panel, criterion: Any, judged: Any) -> dict[str, Any]:
    steps = [one for one in panel.descriptors.all() if one.criterion_id == criterion.pk]
    value = judged.value_permille if judged else None
    return {
        "criterion": criterion.pk, "name": criterion.name, "lowest": criterion.lowest, "highest": criterion.highest,
        "weight": criterion.weight, "descriptors": {score_text(step.value_permille): step.text for step in steps},
        "mark": "" if value is None else score_text(value), "comment": judged.comment if judged else "",
    }  # fmt: skip


def _typed(given: Written) -> dict[str, str]:
    """Return a review as the form of the page has it."""
    typed = {mark_field(one.criterion): one.mark for one in given.marks}
    typed |= {comment_field(one.criterion): one.comment for one in given.marks}
    expertise = "" if given.expertise is None else str(given.expertise)
    return typed | {
        "to_team": given.to_team, "confidential": given.confidential, "expertise": expertise, "verdict": given.verdict,
    }  # fmt: skip


def _panel(board: Board) -> dict[str, Any]:
    panel = board.panel
    return {
        "id": panel.pk, "name": panel.name, "kind": panel.kind, "demand": panel.demand,
        "items": [_item(line) for line in board.lines],
    }  # fmt: skip


def _item(line: Line) -> dict[str, Any]:
    return {
        "id": line.key, "proposal": line.code, "title": line.title, "synthetic": line.synthetic, "state": line.state,
        "place": line.place, "submitted": line.given, "wanted": line.wanted, "mean": _points(line.mean),
        "spread": _points(line.spread), "verdicts": list(line.verdicts),
    }  # fmt: skip


def _points(value: float | None) -> str | None:
    return None if value is None else str(Decimal(value).quantize(Decimal("0.0001")))


def _round(request: HttpRequest, slug: str) -> Round:
    """Return the round for an officer who may see all of it; anybody else is answered as if there were none."""
    rounds = rounds_of_office(person_of(request)).select_related("opportunity__agency")
    found = get_object_or_404(rounds, opportunity__slug=slug)
    if is_in_conflict(person_of(request), found):
        raise NotAllowed("Somebody of the office without a conflict in this review hands its scores over.")
    return found


def _handover(found: Handover) -> dict[str, Any]:
    return {
        "origin": found.round.opportunity.origin,
        "state": found.round.state,
        "seen": found.digest,
        "calibrated": found.calibrated is not None,
        "waiting": found.waits,
        "proposals": [_row(row) for row in found.rows],
        "outlying": found.outlying,
        "objections": [
            {
                "proposal": o.code,
                "panel": o.panel,
                "infeasible": o.infeasible,
                "verdicts": o.verdicts,
                "reasons": o.reasons,
            }
            for o in found.objections
        ],
        "missing": [_missing(one) for one in found.missing],
        "blocks": found.calibrated.facts["blocks"] if found.calibrated else [],
    }


def _row(row: Row) -> dict[str, Any]:
    return {
        "proposal": row.code, "raw_mean": row.raw.raw_text, "raw_rank": row.raw_rank,
        "calibrated": None if row.merit is None else shown(row.merit),
        "doubt": None if row.doubt is None else shown(row.doubt), "rank": row.rank, "outlying": row.outlying,
    }  # fmt: skip


def _missing(one: Missing) -> dict[str, Any]:
    criterion = one.criterion.name if one.criterion else None
    return {
        "proposal": one.code,
        "panel": one.panel or None,
        "due": one.due,
        "short": one.short,
        "criterion": criterion,
    }
