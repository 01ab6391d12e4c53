"""A panel's meeting for programs: its items in the order of discussion, the one that is open, what is said and agreed on.

Whoever must not know of an item finds what they would find if it were not there. Whoever sends a change gives it an Idempotency-Key
(a UUID): sent twice, it is done once and answered alike.
"""

from collections.abc import Callable
from typing import Annotated, Any, Final, Literal
from uuid import UUID

from django.http import HttpRequest, HttpResponse
from ninja import Field, Query, Router, Schema

from moonbridge.accounts.models import User
from moonbridge.api.authentication import person_of, somebody
from moonbridge.api.review_fields import ListPart
from moonbridge.cooperation import commands
from moonbridge.cooperation.review.actions import chairing, meetings
from moonbridge.cooperation.review.actions.meetings import LONGEST_REMARK
from moonbridge.cooperation.review.boards import panels_managed_by
from moonbridge.cooperation.review.forms.meetings import LONGEST, ConsensusForm
from moonbridge.cooperation.review.models import Item, Remark
from moonbridge.cooperation.review.people import user_name
from moonbridge.cooperation.review.queries.meetings import Discussed, Room
from moonbridge.cooperation.review.states import MEETING
from moonbridge.cooperation.review.tables import points
from moonbridge.cooperation.review.views.meetings import item_met, panel_met
from moonbridge.cooperation.samples.steps import read
from moonbridge.formats.tables.scores import score_text

router = Router(tags=["review"], auth=somebody)
ITEM: Final = "/panels/{uuid:key}/items/{uuid:item}"
Said = Annotated[str, Field(max_length=LONGEST, pattern=r"^[^\x00]*$")]


class MeetingPart(ListPart):
    """Which part of the agenda; ``seen`` is what the answer said that you have."""

    seen: Annotated[str, Field(max_length=64, pattern=r"^[0-9a-f]*$")] = ""


class DiscussionStep(Schema):
    """What becomes of an item in the meeting.

    ``instead_of``: the item that you see open, where you open another one; ``because``: why the panel leaves one out.
    """

    step: Literal["open", "set-aside", "close", "leave-out", "bring-back"]
    instead_of: UUID | None = None
    because: Annotated[str, Field(max_length=300, pattern=r"^[^\x00]*$")] = ""


class RemarkMade(Schema):
    """A remark; it stays as it is written."""

    text: Annotated[str, Field(min_length=1, max_length=LONGEST_REMARK, pattern=r"^[^\x00]*$")]


class Agreed(Schema):
    """What the panel agrees on, whole: what is left out is emptied. ``version`` is the one that the sender has read."""

    version: Annotated[int, Field(ge=0, le=1_000_000_000)]
    consensus: Said = ""
    to_team: Said = ""
    confidential: Said = ""


@router.get(
    "/panels/{uuid:key}/meeting",
    summary="A panel's meeting as it stands for you: the open item, and the agenda in the order of discussion",
)
def meeting(request: HttpRequest, key: UUID, part: Query[MeetingPart]) -> Any:
    """Return the meeting, for the panel's office, chair, secretary and, once it discusses, its members.

    An item that a conflict of interest hides from you is absent: while it is discussed nothing is open (``open`` is null), and counts
    and places are made without it. Send ``seen`` of the last answer to be answered with 204 while nothing changed for you.
    """
    room = Room(person_of(request), panel_met(person_of(request), key))
    if part.seen == room.digest:
        return HttpResponse(status=204)
    return {
        "opportunity": room.panel.round.opportunity.slug, "panel": room.panel.name, "kind": room.panel.kind,
        "state": room.panel.round.state, "meets": room.panel.round.state in MEETING,
        "runs": panels_managed_by(room.user).contains(room.panel), "seen": room.digest,
        "open": _told(room.open) if room.open else None, "place": room.place or None, "discussed": room.closed,
        "count": len(room.agenda), "agenda": [_listed(one) for one in room.agenda[part.rows]],
    }  # fmt: skip


@router.get(
    ITEM, summary="An item of a panel with its submitted reviews, remarks and consensus, as far as you follow it"
)
def discussed(request: HttpRequest, key: UUID, item: UUID) -> dict[str, Any]:
    """Return an item. ``author`` is null where you must not know who wrote; ``version`` is sent back with a consensus."""
    return _of(request, key, item)


@router.post(
    f"{ITEM}/discussion",
    summary="Open an item, set it aside, close it, leave it out or bring it back, as the office, chair or secretary",
)
def take_step(request: HttpRequest, key: UUID, item: UUID, given: DiscussionStep) -> dict[str, Any]:
    """Take a step; the item that was open is set aside when another is opened, and a closed one keeps its reviews as they are."""
    person = person_of(request)
    _STEPS[given.step](item_met(person, key, item)[1], given, person, commands.of(request))
    return _of(request, key, item)


_STEPS: Final[dict[str, Callable[[Item, DiscussionStep, User, UUID], None]]] = {
    "open": lambda item, given, by, command: meetings.open_item(
        item, instead_of=given.instead_of, by=by, command=command
    ),
    "set-aside": lambda item, _given, by, command: meetings.set_aside(item, by=by, command=command),
    "close": lambda item, _given, by, command: meetings.close(item, by=by, command=command),
    "leave-out": lambda item, given, by, command: chairing.leave_out(item, given.because, by=by, command=command),
    "bring-back": lambda item, _given, by, command: chairing.bring_back(item, by=by, command=command),
}


@router.post(f"{ITEM}/remarks", summary="Say something about an item in the panel's own thread, while it meets")
def remark(request: HttpRequest, key: UUID, item: UUID, given: RemarkMade) -> dict[str, Any]:
    """Make a remark; it is for this panel and the office alone."""
    person = person_of(request)
    meetings.remark(item_met(person, key, item)[1], given.text, by=person, command=commands.of(request))
    return _of(request, key, item)


@router.post(f"{ITEM}/consensus", summary="Record what the panel agreed on, in the version that you have read")
def record(request: HttpRequest, key: UUID, item: UUID, given: Agreed) -> dict[str, Any]:
    """Record the consensus as the office, chair or secretary; refused when it was recorded meanwhile, and nothing is overwritten."""
    person, form = person_of(request), ConsensusForm(given.dict())
    read(form)
    found = item_met(person, key, item)[1]
    meetings.record(found, form.said, version=given.version, by=person, command=commands.of(request))
    return _of(request, key, item)


def _of(request: HttpRequest, key: UUID, item: UUID) -> dict[str, Any]:
    """Return an item as it stands now, for whoever follows its discussion."""
    person = person_of(request)
    return _told(Discussed(person, *item_met(person, key, item)))


def _listed(item: Item) -> dict[str, Any]:
    return {"id": item.pk, "proposal": item.proposal.code, "title": item.proposal.title, "state": item.state}


def _told(found: Discussed) -> dict[str, Any]:
    item = found.item
    return _listed(item) | {
        "synthetic": item.proposal.synthetic, "abstract": item.proposal.abstract,
        "left_out_because": item.left_out_because or None,
        "institutions": [one.institution for one in found.participants],
        "reviews": [_review(one) for one in found.reviews],
        "still_to_come": [user_name(one.user) for one in found.missing],
        "not_in_the_room": [user_name(one.user) for one in found.absent],
        "remarks": [_remark(one) for one in found.remarks],
        "consensus": item.consensus, "to_team": item.to_team, "confidential": item.confidential,
        "recorded_by": user_name(item.recorded_by) if item.recorded_by else None,
        "version": item.version, "may_record": found.manages,
    }  # fmt: skip


def _review(one: Any) -> dict[str, Any]:
    return {
        "kind": one.kind, "reviewer": one.label, "author": one.author, "points": points(one.points), "verdict": one.finding or None,
        "to_team": one.for_team, "confidential": one.aside,
        "marks": [
            {"criterion": mark.criterion.name, "mark": score_text(mark.value_permille), "comment": mark.comment}
            for mark in one.marks.all()
        ],
    }  # fmt: skip


def _remark(one: Remark) -> dict[str, Any]:
    return {"by": user_name(one.by), "at": one.at, "text": one.text}
