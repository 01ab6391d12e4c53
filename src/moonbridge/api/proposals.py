"""Proposals for programs: one's own, and for the office what it received. The same visibility and deadline rule as the pages."""

from typing import Annotated, Any
from uuid import UUID

from django.http import HttpRequest
from django.shortcuts import get_object_or_404
from ninja import Field, Query, Router, Schema

from moonbridge.accounts.models import User
from moonbridge.api.authentication import somebody
from moonbridge.cooperation import commands
from moonbridge.cooperation.proposals import actions, anonymity, content, queries, receipts, rules
from moonbridge.cooperation.proposals.completeness import missing
from moonbridge.cooperation.proposals.models import Proposal, Submission
from moonbridge.record.queries import database_now

router = Router(tags=["proposals"], auth=somebody)
MOST = 200
"""Rows of one page of a list."""


class ProposalPage(Schema):
    """Which part of a list, and of which call."""

    opportunity: Annotated[str, Field(pattern=r"^[-a-zA-Z0-9_]*$", max_length=80)] = ""
    offset: Annotated[int, Field(ge=0, le=1_000_000)] = 0
    limit: Annotated[int, Field(ge=1, le=MOST)] = 50


class Version(Schema):
    """The version of a proposal that the sender has read."""

    version: int


class Reasons(Schema):
    """Why passages of the open part stay as they are, by their keys."""

    reasons: dict[Annotated[str, Field(pattern="^[0-9a-f]{64}$")], Annotated[str, Field(min_length=1, max_length=2000)]]


@router.get(
    "/proposals", summary="The proposals that you may see: your teams', and those that your office has received"
)
def proposals(request: HttpRequest, page: Query[ProposalPage]) -> dict[str, Any]:
    """Return a part of the list, with how many there are in all."""
    found = queries.visible_to(_person(request)).select_related("opportunity").order_by("opportunity__slug", "code")
    if page.opportunity:
        found = found.filter(opportunity__slug=page.opportunity)
    shown = found[page.offset : page.offset + page.limit]
    return {"count": found.count(), "items": [_summary(one) for one in shown]}


@router.get("/proposals/{uuid:key}", summary="One proposal with all that it says, what is missing, and its receipts")
def proposal(request: HttpRequest, key: UUID) -> dict[str, Any]:
    """Return a proposal; amounts are decimal text with a unit."""
    found = get_object_or_404(queries.for_page(_person(request)), pk=key)
    lacking = missing(content.read(found), found.opportunity, letter_sent=found.letter_sent_at is not None)
    return _summary(found) | {
        "content": receipts.content_of(found),
        "missing": [one.sentence for one in lacking],
        "told": _told(found) if rules.is_member(_person(request), found) else [],
        "receipts": [
            {"number": one.number, "received_at": one.received_at.isoformat(), "digest": one.digest}
            for one in queries.submissions_visible_to(_person(request)).filter(proposal=found)
        ],
    }


@router.post(
    "/proposals/{uuid:key}/explain",
    summary="Say why passages that could tell who proposes stay; needs an Idempotency-Key",
)
def explain(request: HttpRequest, key: UUID, given: Reasons) -> dict[str, Any]:
    """Keep reasons by the ``key`` of what the proposal's ``told`` lists, and return what is told with them."""
    found = get_object_or_404(queries.for_page(_person(request)), pk=key)
    actions.explain(found, given.reasons, by=_person(request), command=commands.of(request))
    return _summary(found) | {"told": _told(found)}


@router.get("/proposals/{uuid:key}/receipts/{int:number}", summary="A receipt, which verifies offline")
def receipt(request: HttpRequest, key: UUID, number: int) -> dict[str, Any]:
    """Return a receipt with the content that it is for."""
    found = get_object_or_404(queries.submissions_visible_to(_person(request)), proposal=key, number=number)
    return _receipt(found)


@router.post(
    "/proposals/{uuid:key}/submit", summary="Submit a version; needs an Idempotency-Key, sent twice it is received once"
)
def submit(request: HttpRequest, key: UUID, given: Version) -> dict[str, Any]:
    """Submit the version that you have read and return its receipt. The beginning of the request counts for the deadline."""
    begun_at = database_now()
    found = get_object_or_404(queries.visible_to(_person(request)), pk=key)
    made = actions.submit(
        found, version=given.version, by=_person(request), command=commands.of(request), begun_at=begun_at
    )
    return _receipt(made)


@router.post("/proposals/{uuid:key}/take-back", summary="Make a submitted proposal a draft again, until the deadline")
def take_back(request: HttpRequest, key: UUID) -> dict[str, Any]:
    """Take a submission back; needs an Idempotency-Key."""
    found = get_object_or_404(queries.visible_to(_person(request)), pk=key)
    return _summary(actions.unsubmit(found, by=_person(request), command=commands.of(request)))


def _person(request: HttpRequest) -> User:
    person: User = request.auth  # type: ignore[attr-defined]
    return person


def _summary(found: Proposal) -> dict[str, Any]:
    return {
        "id": str(found.pk), "code": found.code, "opportunity": found.opportunity.slug, "title": found.title, "state": found.state,
        "synthetic": found.synthetic, "version": found.version, "saved_at": found.saved_at.isoformat(),
        "submitted_at": found.submitted_at.isoformat() if found.submitted_at else None,
    }  # fmt: skip


def _told(found: Proposal) -> list[dict[str, Any]]:
    """Return what in the open part of a dual-anonymous call's proposal tells who proposes, or may."""
    told = anonymity.findings(found)
    left = {one.digest for one in anonymity.unexplained(found, told)}
    return [
        {
            "key": one.digest, "where": one.where, "kind": one.kind, "found": one.found, "excerpt": one.excerpt,
            "certain": one.certain, "to_explain": one.digest in left,
        }
        for one in told
    ]  # fmt: skip


def _receipt(found: Submission) -> dict[str, Any]:
    return {**found.receipt, "content": found.content}
