"""The page of the search for conflicts: what is new, what concerns reviews that go on, what is no longer found; keep it and settle it."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Final
from uuid import UUID

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.db.models import Count, F, QuerySet, Window
from django.db.models.functions import RowNumber
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_POST, require_safe
from django_htmx.http import HttpResponseClientRefresh

from moonbridge.accounts.requests import SignedInRequest
from moonbridge.cooperation import commands
from moonbridge.cooperation.review.actions import conflicts as actions
from moonbridge.cooperation.review.actions import searches
from moonbridge.cooperation.review.detecting import Finding, rechecked
from moonbridge.cooperation.review.forms.conflicts import DetectForm, SettleForm
from moonbridge.cooperation.review.models import STEERING, Conflict, Search, Seat
from moonbridge.cooperation.review.reach import items_steered
from moonbridge.cooperation.review.searches import finding_of, gone_to, is_large, new_to, newest_of, running
from moonbridge.cooperation.review.views.steering import Steered, back_to, settling
from moonbridge.errors import InputError

PER_PAGE: Final = 100


@dataclass(frozen=True, slots=True)
class Line:
    """One conflict: the code of the proposal, the person, and what is said."""

    code: str
    user: UUID
    said: Finding | Conflict


@dataclass(slots=True)
class Part:
    """The conflicts of one kind: how many there are, and the first of them."""

    total: int = 0
    lines: list[Line] = field(default_factory=list)


type Parts = Mapping[str, Part]
"""What the page shows: of reviews that go on ("broken"), other new ones ("harmless"), no longer found ("gone")."""


@never_cache
@login_required
@require_safe
def recheck(request: HttpRequest, slug: str) -> HttpResponse:
    """Show what the rules say now, in a large round what they said when a job searched it: new, gone, and of reviews that go on."""
    seen = settling(request, slug)
    if not is_large(seen.round):
        return render(request, "review/recheck.html", seen.context(**_listed(seen, _at_once(seen))))
    newest, search = newest_of(seen.round)
    parts = {} if search is None else _listed(seen, _of_job(seen, search))
    context = seen.context(large=True, newest=newest, search=search, **parts)
    return render(request, "review/recheck.html", context)


def _at_once(seen: Steered) -> Parts:
    items = items_steered(seen.user, seen.round, STEERING)
    codes = dict(items.values_list("proposal_id", "proposal__code"))
    found = rechecked(items, teams=seen.is_office, by=seen.user)
    gone = [Line(codes[one.proposal_id], one.user_id, one) for one in found.gone[:PER_PAGE]]
    return {
        "broken": Part(len(found.broken), [Line(codes[one.proposal], one.user, one) for one in found.broken[:PER_PAGE]]),
        "harmless": Part(len(found.harmless), [Line(codes[one.proposal], one.user, one) for one in found.harmless[:PER_PAGE]]),
        "gone": Part(len(found.gone), gone),
    }  # fmt: skip


def _of_job(seen: Steered, search: Search) -> Parts:
    parts = {"broken": Part(), "harmless": Part(), "gone": Part()}
    for one in _numbered(new_to(seen.user, search, teams=seen.is_office), "reviewing"):
        part = parts["broken" if one.reviewing else "harmless"]
        part.total = one.total
        part.lines.append(Line(one.proposal.code, one.user_id, finding_of(one)))
    for one in _numbered(gone_to(seen.user, search, teams=seen.is_office), "standing"):
        parts["gone"].total = one.total
        parts["gone"].lines.append(Line(one.proposal.code, one.user_id, one))
    return parts


def _numbered(rows: QuerySet[Any], kind: str) -> Any:
    """Return the first of each kind, by proposal, with how many there are: in one question, however many."""
    order = ("proposal__code", "user_id", "ground", "pk")
    total = Window(Count("pk"), partition_by=F(kind))
    place = Window(RowNumber(), partition_by=F(kind), order_by=order)
    return rows.annotate(total=total, place=place).filter(place__lte=PER_PAGE).order_by(*order)


def _listed(seen: Steered, parts: Parts) -> dict[str, Any]:
    """Return the rows of the page with the seats of the people, and how many there are of each kind."""
    users = {line.user for part in parts.values() for line in part.lines}
    seats = Seat.objects.filter(panel__in=seen.panels, user__in=users).select_related("user")
    people = {seat.user_id: seat for seat in seats.order_by(F("left_at").asc(nulls_last=True), "label")}
    rows = {
        name: [{"code": line.code, "seat": people[line.user], "said": line.said} for line in part.lines]
        for name, part in parts.items()
    }
    return {**rows, "counts": {name: part.total for name, part in parts.items()}}


@login_required
@require_POST
def search(request: SignedInRequest, slug: str) -> HttpResponse:
    """Let a job search a large round anew; a small one is searched by the page itself."""
    seen = settling(request, slug)
    searches.ask(seen.round, by=seen.user)
    return back_to(seen, "review-recheck")


@never_cache
@login_required
@require_safe
def progress(request: HttpRequest, slug: str) -> HttpResponse:
    """Show how far the search is; once it is over the whole page is loaded anew."""
    seen = settling(request, slug)
    found = running(seen.round.pk).first()
    if found is None:
        return HttpResponseClientRefresh() if request.headers.get("HX-Request") else back_to(seen, "review-recheck")
    return render(request, "review/_searching.html", seen.context(newest=found))


@login_required
@require_POST
def cancel(request: SignedInRequest, slug: str) -> HttpResponse:
    """Stop the search."""
    seen = settling(request, slug)
    searches.cancel(seen.round, by=seen.user)
    return back_to(seen, "review-recheck")


@login_required
@require_POST
def detect(request: HttpRequest, slug: str) -> HttpResponse:
    """Keep what was found."""
    seen, form = settling(request, slug), DetectForm(request.POST)
    if not form.is_valid():
        raise InputError(_("Look at what was found first."), field="search")
    given = form.cleaned_data
    count = actions.detect(
        seen.round, by=seen.user, command=commands.of(request), breaking=given["breaking"] == "yes", search=given["search"],
    )  # fmt: skip
    messages.success(request, ngettext("%(n)s conflict is new.", "%(n)s conflicts are new.", count) % {"n": count})
    return back_to(seen, "review-recheck")


@login_required
@require_POST
def settle(request: HttpRequest, slug: str) -> HttpResponse:
    """Say of one conflict that was found of a review that goes on whether it counts."""
    seen, form = settling(request, slug), SettleForm(request.POST)
    if not form.is_valid():
        raise InputError(_("Say whether it counts, and if it does not, why."), field="reason")
    given = form.cleaned_data
    actions.settle(
        seen.round, given["code"], given["found"], counts=given["counts"] == "yes", reason=given["reason"], by=seen.user,
        command=commands.of(request),
    )  # fmt: skip
    messages.success(request, _("That is settled."))
    return back_to(seen, "review-recheck")
