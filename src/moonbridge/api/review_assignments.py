"""Who reviews what, for programs: as it is now, as it is proposed with scores and reasons, adopted or put aside.

Whoever sends a change gives it an Idempotency-Key (a UUID): sent twice, it is done once and answered alike.
"""

from collections.abc import Callable, Iterable
from dataclasses import asdict
from typing import Annotated, Any, Final, Literal
from uuid import UUID

from django.http import HttpRequest
from django.shortcuts import get_object_or_404
from ninja import Field, Query, Router, Schema

from moonbridge.accounts.models import User
from moonbridge.api.authentication import person_of, somebody
from moonbridge.api.review_fields import ListPart, Name
from moonbridge.cooperation import commands
from moonbridge.cooperation.review.actions import allocations as actions
from moonbridge.cooperation.review.aims import Aim, Asked
from moonbridge.cooperation.review.boards import panels_managed_by
from moonbridge.cooperation.review.forms.allocations import MOST_PINNED, AskForm
from moonbridge.cooperation.review.models import STEERING, Allocation, Item, Panel, Review, Seat
from moonbridge.cooperation.review.people import user_name
from moonbridge.cooperation.review.problem import quotas_cross
from moonbridge.cooperation.review.queries.allocations import assigned, ended, inputs_seen
from moonbridge.cooperation.review.reach import allocations_visible_to, items_managed, panels_run
from moonbridge.cooperation.review.results import Pair, Row, proposed
from moonbridge.cooperation.review.views.steering import Steered
from moonbridge.cooperation.samples.steps import read

router = Router(tags=["review"], auth=somebody)
RECENT: Final = 10
"""Assignments that the list of a panel names; the page shows as many."""
MOST_ENDED: Final = 100


class PairNamed(Schema):
    """A proposal by its code and somebody who sits in the panel by the label of their seat."""

    proposal: Name
    reviewer: Name


Pairs = Annotated[list[PairNamed], Field(max_length=MOST_PINNED, default_factory=list)]


class AssignmentAsked(Schema):
    """What an assignment is to make as great as possible, and what it keeps to.

    ``aim``: the total; the worst-served proposal first (``floor``); few changes (``keep``); or a ``draw`` in which no pair is likelier
    than ``cap``, drawn with ``seed``. ``reserves``: those held in reserve are asked too.
    """

    aim: Literal["total", "floor", "keep", "draw"] = "total"
    cap: Annotated[str, Field(pattern=r"^(0(\.[0-9]{1,3})?|1(\.0{1,3})?)?$", description="decimal text: 0.5")] = ""
    seed: Annotated[int, Field(ge=0, le=2**31 - 1)] = 0
    reserves: bool = False
    must: Pairs
    must_not: Pairs


class AssignmentDecision(Schema):
    """What becomes of an assignment: ``cancel`` stops one that is being worked out, ``drop`` puts a proposed one aside."""

    decision: Literal["adopt", "drop", "cancel"]


@router.get("/panels/{uuid:key}/assignment", summary="Who reviews what in a panel; for its office, secretary and chair")
def assignment(request: HttpRequest, key: UUID, part: Query[ListPart]) -> dict[str, Any]:
    """Return who reviews what now, on what an assignment would rest, what ended, and the newest assignments.

    Proposals with which you have a conflict are absent, from every count too. ``assignments`` names those of which you see every
    proposal; scores and reasons are at ``/assignments/{id}``. A replacement that follows a recusal stands there by itself (``replace``).
    """
    person = person_of(request)
    panel = get_object_or_404(panels_managed_by(person), pk=key)
    items = items_managed(person, panel)
    shown = list(items.only("panel_id", "proposal__code", "proposal__title")[part.rows])
    reviews = assigned(person, shown)
    recent = allocations_visible_to(person).filter(panel=panel).defer("answer")[:RECENT]
    return {
        "opportunity": panel.round.opportunity.slug, "panel": panel.name, "state": panel.round.state,
        "may_change": Steered(person, panel.round, [panel], panel).may_change,
        "rests_on": asdict(inputs_seen(person, panel)),
        "count": items.count(),
        "items": [_named(one) | {"reviews": [_given(review) for review in reviews.get(one.pk, [])]} for one in shown],
        "ended": [_over(one) for one in ended(person, panel)[:MOST_ENDED]],
        "assignments": [_brief(one) for one in recent],
    }  # fmt: skip


@router.post(
    "/panels/{uuid:key}/assignment",
    summary="Have an assignment worked out, as the office or the panel's secretary; nothing changes until it is adopted",
)
def ask(request: HttpRequest, key: UUID, given: AssignmentAsked) -> dict[str, Any]:
    """Ask for an assignment of all proposals that you may know; a small one is there at once, a large one is ``running``."""
    person = person_of(request)
    panel = _steered_panel(person, key)
    asked = _asked(Steered(person, panel.round, [panel], panel), given)
    made = actions.ask(panel, asked, by=person, command=commands.of(request))
    return _told(person, made.pk, ListPart())


@router.get(
    "/assignments/{uuid:key}", summary="An assignment with its pairs, their scores and reasons; or why there is none"
)
def one_assignment(request: HttpRequest, key: UUID, part: Query[ListPart]) -> dict[str, Any]:
    """Return an assignment of which you see every proposal.

    Scores are decimal text; ``why`` says how much each part adds to one, in percent of the whole. ``bound`` is what no total exceeds,
    ``floor`` the score of the worst-served proposal; null where there is none. ``refusal`` says which proposals and reviewers
    (``concerned``) cannot be satisfied together.
    """
    return _told(person_of(request), key, part)


@router.post(
    "/assignments/{uuid:key}/decide",
    summary="Adopt an assignment, put it aside or stop it, as the office or the secretary",
)
def decide(request: HttpRequest, key: UUID, given: AssignmentDecision) -> dict[str, Any]:
    """Decide on an assignment; one that rests on what has changed since is not adopted."""
    person, command = person_of(request), commands.of(request)
    found = get_object_or_404(allocations_visible_to(person), pk=key)
    _steered_panel(person, found.panel_id)
    _DECISIONS[given.decision](found, person, command)
    return _told(person, key, ListPart())


_DECISIONS: Final[dict[str, Callable[[Allocation, User, UUID], object]]] = {
    "adopt": lambda found, by, command: actions.adopt(found, by=by, command=command),
    "drop": lambda found, by, command: actions.drop(found, by=by, command=command),
    "cancel": lambda found, by, _command: actions.cancel(found, by=by),
}


def _steered_panel(person: User, key: UUID) -> Panel:
    """Return a panel in which ``person`` assigns reviews, else answer as if there were none."""
    steered = panels_run(person, STEERING).select_related("round__opportunity__agency")
    return get_object_or_404(steered.distinct(), pk=key)


def _asked(seen: Steered, given: AssignmentAsked) -> Asked:
    """Return what is asked, read by the form of the page."""
    typed = given.dict() | {name: _lines(getattr(given, name)) for name in ("must", "must_not")}
    form = AskForm(typed, resolve=seen.pair, crossing=lambda reserves: quotas_cross(seen.panel, reserves=reserves))
    read(form)
    return form.asked()


def _lines(pairs: Iterable[PairNamed]) -> str:
    return "\n".join(f"{one.proposal} {one.reviewer}" for one in pairs)


def _told(person: User, key: UUID, part: ListPart) -> dict[str, Any]:
    """Return an assignment as it stands now, with a part of its pairs."""
    found = get_object_or_404(allocations_visible_to(person), pk=key)
    items = found.items.select_related("proposal").order_by("proposal__code")
    shown = proposed(found, list(items.only("panel_id", "proposal__code", "proposal__title")[part.rows]))
    return _brief(found) | {
        "panel": found.panel_id, "opportunity": found.panel.round.opportunity.slug,
        "asked": Asked.read(found.asked).kept(),
        **{name: getattr(shown, name) or None for name in ("total", "bound", "floor", "floor_bound", "refusal")},
        "proven": shown.proven, "drawn": shown.drawn, "new": shown.fresh, "taken_back": shown.lost,
        "concerned": [_concerned(one) for one in shown.concerned],
        "loads": [{"reviews": load, "people": people} for load, people in shown.loads],
        "count": items.count(),
        "items": [_row(row) for row in shown.rows],
    }  # fmt: skip


def _brief(found: Allocation) -> dict[str, Any]:
    return {
        "id": found.pk, "aim": Aim(found.asked["aim"]).value, "state": found.state, "percent_done": found.done,
        "made_at": found.made_at, "made_by": user_name(found.made_by) if found.made_by else None,
    }  # fmt: skip


def _named(item: Item) -> dict[str, Any]:
    return {"id": item.pk, "proposal": item.proposal.code, "title": item.proposal.title}


def _seat(seat: Seat) -> dict[str, str]:
    return {"reviewer": seat.label, "name": user_name(seat.user)}


def _given(review: Review) -> dict[str, Any]:
    return {"id": review.pk, "state": review.state} | _seat(review.seat)


def _over(review: Review) -> dict[str, Any]:
    return _given(review) | {"proposal": review.item.proposal.code, "because": review.ended_because}


def _concerned(one: Item | Seat) -> dict[str, str]:
    return {"proposal": one.proposal.code} if isinstance(one, Item) else {"reviewer": one.label}


def _row(row: Row) -> dict[str, Any]:
    return _named(row.item) | {
        "reviewers": [_pair(one) for one in row.pairs],
        "taken_back": [_seat(one) for one in row.lost],
        "may_step_in": [_seat(one) for one in row.alternates],
    }


def _pair(pair: Pair) -> dict[str, Any]:
    why = [{"part": name, "percent": percent} for name, percent in pair.why]
    return _seat(pair.seat) | {"score": pair.score, "why": why, "new": pair.fresh}
