"""What a reviewer declares, for programs: the panels they sit in, conflicts and bids, and stepping back from a review.

Whoever sends a change gives it an Idempotency-Key (a UUID): sent twice, it is done once and answered alike.
"""

from collections.abc import Iterable
from typing import Annotated, Any, Literal
from uuid import UUID

from django.http import HttpRequest
from django.shortcuts import get_object_or_404
from ninja import Field, Query, Router, Schema

from moonbridge.accounts.models import User
from moonbridge.api.authentication import person_of, somebody
from moonbridge.api.review_fields import ListPart, Reason, Remarked, Tie
from moonbridge.cooperation import commands
from moonbridge.cooperation.review.actions import declarations as acting
from moonbridge.cooperation.review.actions import recusals
from moonbridge.cooperation.review.forms.declarations import MOST
from moonbridge.cooperation.review.models import Bid, Ground, Panel
from moonbridge.cooperation.review.queries import declarations, reviews
from moonbridge.cooperation.review.queries.declarations import Asked
from moonbridge.cooperation.review.queries.reviews import Sitting
from moonbridge.cooperation.review.reach import panels_seated

router = Router(tags=["review"], auth=somebody)
Bidding = Literal["unwilling", "reluctant", "neutral", "willing", "eager"]


class DeclaredPart(ListPart):
    """Which list: what is not declared on yet (``open``), or what one declared no conflict with (``declared``)."""

    which: Literal["open", "declared"] = "open"


class OneDeclaration(Schema):
    """What is declared on one proposal before the panel, by the ``id`` of its item: a ``tie`` with some words, or none and a bid.

    With a tie the bid says nothing.
    """

    item: UUID
    bid: Bidding = "neutral"
    tie: Tie | None = None
    words: Remarked = ""


class Declarations(Schema):
    """Declarations that are kept all together or not at all."""

    answers: Annotated[list[OneDeclaration], Field(min_length=1, max_length=MOST)]


class Recusal(Schema):
    """Why a review is given back; with a ``tie`` a conflict of interest is kept, which hides the proposal from its reviewer."""

    reason: Reason
    tie: Tie | None = None


@router.get(
    "/panels", summary="The panels in which you sit and that are not concluded: what you owe there, and by when"
)
def sittings(request: HttpRequest) -> list[dict[str, Any]]:
    """Return one's panels, those with something to declare first, then by date; a date is null where none is promised."""
    return [_sitting(one) for one in reviews.sittings(person_of(request))]


@router.get("/panels/{uuid:key}/declarations", summary="On what you are to declare in a panel, and what you declared")
def declared(request: HttpRequest, key: UUID, part: Query[DeclaredPart]) -> dict[str, Any]:
    """Return a part of the list, with the conflicts that you declared here.

    Who proposes (``institutions``, ``people``) is empty in a dual-anonymous call. A proposal with which there is a conflict is in
    neither list.
    """
    person = person_of(request)
    panel = _seated(person, key)
    found = (declarations.to_declare if part.which == "open" else declarations.declared)(person, panel)
    shown = declarations.asked(person, found[part.rows])
    declarations.tell_who(person, shown)
    return {
        "opportunity": panel.round.opportunity.slug, "panel": panel.name, "state": panel.round.state,
        "count": found.count(),
        "items": [_asked(one) for one in shown],
        "conflicts": [
            {"proposal": one["code"], "title": one["title"], "ties": list(_ties(one["reasons"]))}
            for one in declarations.own_conflicts(person, panel)
        ],
    }  # fmt: skip


@router.post("/panels/{uuid:key}/declarations", summary="Declare conflicts and bids in a panel, all of them or none")
def declare(request: HttpRequest, key: UUID, given: Declarations) -> dict[str, int]:
    """Declare from your seat. A conflict hides the proposal from you at once and ends your reviews of it; the office alone lifts it."""
    person = person_of(request)
    answers = [_answer(one) for one in given.answers]
    ties = acting.declare(_seated(person, key), answers, by=person, command=commands.of(request))
    return {"declared": len(answers), "conflicts": ties}


@router.post(
    "/reviews/{uuid:key}/recuse",
    summary="Step back from your review; or take it from its author, as the office or the panel's secretary",
)
def recuse(request: HttpRequest, key: UUID, given: Recusal) -> dict[str, Any]:
    """End a review, submitted or not, until the marks are locked.

    A replacement is worked out at once, as the change that moves fewest reviews; it stands among the panel's assignments (``replace``)
    until the office or the secretary adopts it.
    """
    tie = recusals.Tie(Ground(given.tie), given.reason) if given.tie else None
    ended = recusals.recuse_named(
        key, reason=given.reason, tie=tie, by=person_of(request), command=commands.of(request)
    )
    return {"id": ended, "state": "recused"}


def _seated(person: User, key: UUID) -> Panel:
    return get_object_or_404(panels_seated(person).select_related("round__opportunity__agency"), pk=key)


def _sitting(one: Sitting) -> dict[str, Any]:
    return {
        "id": one.panel.pk, "opportunity": one.round.opportunity.slug, "panel": one.panel.name, "kind": one.panel.kind,
        "duty": one.seat.duty, "state": one.round.state, "to_declare": one.to_declare, "due": len(one.due), "given": len(one.given),
        "declarations_due": one.declarations_due, "reviews_due": one.reviews_due, "reminders": one.reminders,
    }  # fmt: skip


def _asked(one: Asked) -> dict[str, Any]:
    return {
        "id": one.item, "proposal": one.code, "title": one.title,
        "bid": None if one.bid is None else Bid(one.bid).name.lower(),
        "institutions": [{"name": name, "country": country} for name, country in one.institutions], "people": one.people,
    }  # fmt: skip


def _ties(rows: Iterable[Any]) -> Iterable[dict[str, Any]]:
    return ({"tie": row.ground, "words": row.evidence, "declared_at": row.found_at} for row in rows)


def _answer(one: OneDeclaration) -> acting.Answer:
    return acting.Answer(one.item, Ground(one.tie) if one.tie else None, one.words, Bid[one.bid.upper()])
