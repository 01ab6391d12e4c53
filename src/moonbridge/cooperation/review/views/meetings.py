"""A panel's meeting: the screen that follows it, one item with its discussion, and the minutes."""

from collections.abc import Callable
from typing import Any, Final
from uuid import UUID

from django import forms
from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_POST, require_safe

from moonbridge.accounts.models import User
from moonbridge.accounts.requests import SignedInRequest
from moonbridge.cooperation import commands, downloads
from moonbridge.cooperation.review.actions import chairing, meetings
from moonbridge.cooperation.review.boards import panels_managed_by
from moonbridge.cooperation.review.forms.meetings import (
    ConsensusForm,
    GiveBackForm,
    LeaveOutForm,
    PlaceForm,
    RemarkForm,
    ids_of,
)
from moonbridge.cooperation.review.models import SITTING, Item, Panel, Review
from moonbridge.cooperation.review.papers import minutes_paper
from moonbridge.cooperation.review.queries.meetings import Discussed, Room, absent_by_item, items_of, minutes
from moonbridge.cooperation.review.queries.rounds import panels_run
from moonbridge.cooperation.review.sight import Sight
from moonbridge.cooperation.review.states import MEETING, WRITING
from moonbridge.cooperation.review.tables import minute_rows
from moonbridge.cooperation.review.views.chairing import panel_managed
from moonbridge.errors import InputError, NotAllowed, Refused, Stale

BACK: Final = {"meeting": "panel-meeting", "desk": "panel-desk"}
"""Where somebody comes back to after an act, by the form's word; else to the item."""


def panel_met(user: User, key: UUID) -> Panel:
    """Return a panel whose meeting ``user`` may attend: as its office, or as one who sits in it."""
    found = Panel.objects.filter(pk__in=panels_run(user, SITTING).values("pk"))
    return get_object_or_404(found.select_related("round__opportunity__agency"), pk=key)


def item_met(user: User, key: UUID, item: UUID) -> tuple[Panel, Item]:
    """Return a panel and one of its items that ``user`` may follow in discussion."""
    panel = panel_met(user, key)
    found = get_object_or_404(items_of(user, panel), pk=item)
    found.panel = panel
    return panel, found


def _item_context(discussed: Discussed, **more: Any) -> dict[str, Any]:
    panel = discussed.panel
    return {
        "panel": panel, "opportunity": panel.round.opportunity, "discussed": discussed, "item": discussed.item,
        "meets": panel.round.state in MEETING, "remark_form": RemarkForm(auto_id=ids_of(discussed.item)), "leave_form": LeaveOutForm(),
        "consensus_form": ConsensusForm.of(discussed.item), "writing": WRITING,
    } | more  # fmt: skip


@never_cache
@login_required
@require_safe
def meeting(request: SignedInRequest, key: UUID) -> HttpResponse:
    """Show the meeting as it stands for this person; the screen then follows by itself."""
    panel = panel_met(request.user, key)
    return render(request, "review/panel/meeting.html", _room_context(Room(request.user, panel)))


def _room_context(room: Room) -> dict[str, Any]:
    said = {"panel": room.panel, "opportunity": room.panel.round.opportunity, "room": room, "back": "meeting"}
    said |= {"meets": room.panel.round.state in MEETING, "runs": panels_managed_by(room.user).contains(room.panel)}
    return said | (_item_context(room.open) if room.open else {})


@never_cache
@login_required
@require_safe
def now(request: SignedInRequest, key: UUID) -> HttpResponse:
    """Answer a screen that asks whether it is still up to date: with nothing, or with what it shows from now on."""
    room = Room(request.user, panel_met(request.user, key))
    if request.GET.get("seen") == room.digest:
        return HttpResponse(status=204)
    return render(request, "review/panel/_room.html", _room_context(room) | _left(request, room))


def _left(request: SignedInRequest, room: Room) -> dict[str, Any]:
    """Return the item about which somebody may be writing on this screen although it is not open any more.

    The screen says which item it shows and which one it kept before, so that no half a thought goes with an item that others close.
    """
    here = room.open.item.pk if room.open else None
    shown = [_uuid(request.GET.get(name, "")) for name in ("on", "left")]
    key = next((one for one in shown if one is not None and one != here), None)
    item = items_of(room.user, room.panel).filter(pk=key).first() if key else None
    if item is None:
        return {}
    kept = {"left_remark": RemarkForm(auto_id=ids_of(item)), "left_consensus": ConsensusForm.of(item)}
    return {"left": Discussed(room.user, room.panel, item)} | kept


@never_cache
@login_required
@require_safe
def item_page(request: SignedInRequest, key: UUID, item: UUID) -> HttpResponse:
    """Show an item with its reviews, its thread and its consensus."""
    panel, found = item_met(request.user, key, item)
    return _item_page(request, Discussed(request.user, panel, found))


def _item_page(request: SignedInRequest, discussed: Discussed, status: int = 200, **more: Any) -> HttpResponse:
    room = Room(request.user, discussed.panel)
    keys = [one.pk for one in room.agenda]
    more |= {
        "place": keys.index(discussed.item.pk) + 1 if discussed.item.pk in keys else None,
        "count": len(keys),
        "opened": room.open.item.pk if room.open else "",
    }
    return render(request, "review/panel/item.html", _item_context(discussed, **more), status=status)


@never_cache
@login_required
@require_POST
def act(request: SignedInRequest, key: UUID, item: UUID, verb: str) -> HttpResponse:
    """Open an item, set it aside or close it; leave it out, bring it back, move it; say something about it."""
    panel, found = item_met(request.user, key, item)
    if verb == "remark":
        return _remark(request, panel, found)
    if verb not in _ACTS:
        raise Http404
    _ACTS[verb](request, found)
    return _back(request, key, item)


def _open(request: SignedInRequest, item: Item) -> None:
    given = request.POST.get("instead_of", "")
    meetings.open_item(item, instead_of=_uuid(given), by=request.user, command=commands.of(request))


def _uuid(text: str) -> UUID | None:
    try:
        return UUID(text)
    except ValueError:
        return None


def _aside(request: SignedInRequest, item: Item) -> None:
    meetings.set_aside(item, by=request.user, command=commands.of(request))


def _close(request: SignedInRequest, item: Item) -> None:
    meetings.close(item, by=request.user, command=commands.of(request))


def _leave_out(request: SignedInRequest, item: Item) -> None:
    because = _read(LeaveOutForm(request.POST))["because"]
    chairing.leave_out(item, because, by=request.user, command=commands.of(request))


def _bring_back(request: SignedInRequest, item: Item) -> None:
    chairing.bring_back(item, by=request.user, command=commands.of(request))


def _move(request: SignedInRequest, item: Item) -> None:
    place = _read(PlaceForm(request.POST))["place"]
    chairing.place(item, place, by=request.user, command=commands.of(request))


_ACTS: Final[dict[str, Callable[[SignedInRequest, Item], None]]] = {
    "open": _open, "aside": _aside, "close": _close, "leave-out": _leave_out, "bring-back": _bring_back, "move": _move,
}  # fmt: skip


def _remark(request: SignedInRequest, panel: Panel, item: Item) -> HttpResponse:
    """Take a remark in; one that is refused comes back as it was typed, with the reason."""
    form = RemarkForm(request.POST, auto_id=ids_of(item))
    if not form.is_valid():
        return _item_page(request, Discussed(request.user, panel, item), 400, remark_form=form)
    try:
        meetings.remark(item, form.cleaned_data["text"], by=request.user, command=commands.of(request))
    except NotAllowed:
        raise
    except (InputError, Refused) as error:
        form.add_error("text", getattr(error, "bare", error.sentence))
        status = 409 if isinstance(error, Refused) else 400
        return _item_page(request, Discussed(request.user, panel, item), status, remark_form=form)
    return _back(request, panel.pk, item.pk)


def _read(form: forms.Form) -> dict[str, Any]:
    """Return what a form of one field holds; raises :class:`InputError` with what is wrong with it."""
    if not form.is_valid():
        field, faults = next(iter(form.errors.items()))
        raise InputError(str(faults[0]), field=field)
    return form.cleaned_data


@never_cache
@login_required
@require_POST
def consensus(request: SignedInRequest, key: UUID, item: UUID) -> HttpResponse:
    """Record what the panel agreed on; whoever saves second is shown both versions and overwrites nothing unseen."""
    panel, found = item_met(request.user, key, item)
    if not Item.objects.filter(Sight(request.user).managed(), pk=item).exists():
        raise Http404
    form = ConsensusForm(request.POST, auto_id=ids_of(found))
    if not form.is_valid():
        return _item_page(request, Discussed(request.user, panel, found), 400, consensus_form=form)
    version, command = form.cleaned_data["version"], commands.of(request)
    try:
        meetings.record(found, form.said, version=version, by=request.user, command=command)
    except NotAllowed:
        raise
    except Stale:
        panel, now_there = item_met(request.user, key, item)
        again = ConsensusForm(auto_id=ids_of(now_there), initial=form.cleaned_data | {"version": now_there.version})
        discussed = Discussed(request.user, panel, now_there)
        return _item_page(request, discussed, 409, consensus_form=again, differences=_differences(now_there, form))
    except Refused as error:
        form.add_error("consensus", error.sentence)
        return _item_page(request, Discussed(request.user, panel, found), 409, consensus_form=form)
    messages.success(request, _("Recorded."))
    return _back(request, key, item)


def _differences(item: Item, form: ConsensusForm) -> list[dict[str, str]]:
    """Return, part by part, what is recorded now beside what was typed."""
    now_there, typed = meetings.said_of(item), form.said
    return [
        {"part": str(form[name].label), "theirs": getattr(now_there, name), "yours": getattr(typed, name)}
        for name in ("consensus", "to_team", "confidential")
        if getattr(now_there, name) != getattr(typed, name)
    ]


def _back(request: SignedInRequest, key: UUID, item: UUID) -> HttpResponse:
    where = BACK.get(request.POST.get("back", ""))
    return redirect(where, key=key) if where else redirect("panel-item", key=key, item=item)


@never_cache
@login_required
@require_POST
def give_back(request: SignedInRequest, key: UUID, review: UUID) -> HttpResponse:
    """Reopen a submitted review to its author."""
    panel = panel_managed(request.user, key)
    reviews = Review.objects.filter(Sight(request.user).managed("item__"), item__panel=panel)
    found = get_object_or_404(reviews.select_related("item__panel"), pk=review)
    given = _read(GiveBackForm(request.POST))
    chairing.give_back(found, given["reason"], version=given["version"], by=request.user, command=commands.of(request))
    messages.success(request, _("The review is its author's to change again."))
    return _back(request, key, found.item_id)


@never_cache
@login_required
@require_safe
def minutes_table(request: SignedInRequest, key: UUID, ending: str) -> HttpResponse:
    """Hand out the minutes of a panel as a table or as a paper."""
    panel = panel_managed(request.user, key)
    items, absent = minutes(request.user, panel), absent_by_item(request.user, panel)
    name = f"{panel.round.opportunity.slug}-{panel.position}-minutes"
    if ending == "pdf":
        return downloads.pdf_file(minutes_paper(panel, items, absent), f"{name}.pdf")
    return downloads.table_file(name, ending, *minute_rows(items, absent, panel))
