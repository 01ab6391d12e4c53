"""The desk of a panel: its items, its people, its order of discussion; each sees what the kernel lets through."""

from datetime import datetime
from typing import Any, Final
from uuid import UUID

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.core.paginator import Paginator
from django.db.models import BooleanField, ExpressionWrapper, Q
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_POST, require_safe

from moonbridge.accounts.models import User
from moonbridge.accounts.requests import SignedInRequest
from moonbridge.cooperation import commands, downloads
from moonbridge.cooperation.review import notices, reminding
from moonbridge.cooperation.review.actions import chairing
from moonbridge.cooperation.review.boards import (
    Board,
    Load,
    panels_managed_by,
    panels_visible_to,
)
from moonbridge.cooperation.review.calibrating import AT_ONCE
from moonbridge.cooperation.review.forms.meetings import OrderForm
from moonbridge.cooperation.review.models import Panel
from moonbridge.cooperation.review.queries import outlying
from moonbridge.cooperation.review.sorting import BY, PEOPLE_BY, SHOW, Asked, chosen, people
from moonbridge.cooperation.review.tables import item_rows, people_rows
from moonbridge.errors import InputError
from moonbridge.record.queries import database_now

PER_PAGE: Final = 100


def panel_seen(user: User, key: UUID) -> Panel:
    """Return a panel whose desk ``user`` may open."""
    return get_object_or_404(panels_visible_to(user), pk=key)


def panel_managed(user: User, key: UUID) -> Panel:
    """Return a panel that ``user`` runs."""
    return get_object_or_404(panels_managed_by(user), pk=key)


@never_cache
@login_required
@require_safe
def desk(request: SignedInRequest, key: UUID) -> HttpResponse:
    """Show a panel's items with how their reviews stand, and to those who run it what there is to do."""
    managed = Q(pk__in=panels_managed_by(request.user).values("pk"))
    seen = panels_visible_to(request.user).annotate(runs=ExpressionWrapper(managed, BooleanField()))
    panel: Any = get_object_or_404(seen, pk=key)
    manages = panel.runs
    board, asked = Board(request.user, panel), Asked.of(request.GET, BY)
    found = outlying.kept(board) if manages else None
    rows = chosen(board.lines, asked, found.items if found else frozenset())
    context: dict[str, Any] = {
        "panel": panel, "opportunity": panel.round.opportunity, "manages": manages, "asked": asked, "shows": list(SHOW),
        "page": Paginator(rows, PER_PAGE).get_page(request.GET.get("page")), "figures": _figures(board), "found": found,
        "attends": manages or any(line.state for line in board.lines),
    }  # fmt: skip
    if manages:
        context |= _to_do(board)
    return render(request, "review/panel/desk.html", context)


def _figures(board: Board) -> dict[str, int]:
    """Count what the person sees."""
    return {
        "items": len(board.lines),
        "complete": sum(line.complete is True for line in board.lines),
        "submitted": sum(one.given for one in board.tallies.values()),
    }


def _to_do(board: Board) -> dict[str, Any]:
    """Return what only those who run the panel are shown."""
    now, state = database_now(), board.panel.round.state
    calendar = reminding.announced(board.panel.round)
    burdens, over = board.burdens.values(), _is_over(calendar, now)
    return {
        "calendar": reminding.still_to_come(calendar, state, now),
        "assigned": sum(one.assigned for one in burdens),
        "untouched": sum(one.untouched > 0 for one in burdens),
        "late": sum(one.submitted < one.assigned for one in burdens) if over else 0,
        "order_form": OrderForm(),
        "may_calibrate": sum(one.given for one in board.tallies.values()) >= outlying.FEWEST,
        "reminds": [what.value for what in reminding.What if state in reminding.ASKED[what]],
    }


def _is_over(calendar: list[reminding.Announced], now: datetime) -> bool:
    """Return whether the date until which reviews are due has passed; none is set for a while in many calls."""
    return any(one.what == reminding.What.REVIEWS and one.due < now for one in calendar)


@never_cache
@login_required
@require_safe
def items_table(request: SignedInRequest, key: UUID, ending: str) -> HttpResponse:
    """Hand out the items that the desk lists, filtered and sorted in the same way, on one sheet."""
    panel = panel_seen(request.user, key)
    board = Board(request.user, panel)
    found = outlying.kept(board)
    rows = chosen(board.lines, Asked.of(request.GET, BY), found.items if found else frozenset())
    return downloads.table_file(_name(panel, "items"), ending, *item_rows(rows, panel))


@never_cache
@login_required
@require_safe
def reviewers(request: SignedInRequest, key: UUID) -> HttpResponse:
    """Show who was given what in a panel, who has not begun, and who is late."""
    panel = panel_managed(request.user, key)
    asked = Asked.of(request.GET, PEOPLE_BY)
    rows = people(_loads(request.user, panel), asked)
    context = {
        "panel": panel, "opportunity": panel.round.opportunity, "asked": asked,
        "page": Paginator(rows, PER_PAGE).get_page(request.GET.get("page")),
    }  # fmt: skip
    return render(request, "review/panel/people.html", context)


def _loads(user: User, panel: Panel) -> list[Load]:
    over = _is_over(reminding.announced(panel.round), database_now())
    return Board(user, panel).loads(over=over)


@never_cache
@login_required
@require_safe
def people_table(request: SignedInRequest, key: UUID, ending: str) -> HttpResponse:
    """Hand out the loads that the page of reviewers lists."""
    panel = panel_managed(request.user, key)
    rows = people(_loads(request.user, panel), Asked.of(request.GET, PEOPLE_BY))
    return downloads.table_file(_name(panel, "reviewers"), ending, *people_rows(rows, panel))


def _name(panel: Panel, what: str) -> str:
    return f"{panel.round.opportunity.slug}-{panel.position}-{what}"


@never_cache
@login_required
@require_POST
def find_outlying(request: SignedInRequest, key: UUID) -> HttpResponse:
    """Look for outlying reviews among those that this person sees: at once in a small panel, as a job in a large one."""
    panel = panel_managed(request.user, key)
    board = Board(request.user, panel)
    if sum(one.given for one in board.tallies.values()) > AT_ONCE:
        notices.find_outlying(panel, request.user)
        messages.info(request, _("This takes a while; look again in a minute."))
        return redirect("panel-desk", key=key)
    count = len(outlying.find(board).outlying)
    told = ngettext("%(count)d review stands out.", "%(count)d reviews stand out.", count)
    messages.success(request, told % {"count": count})
    return redirect("panel-desk", key=key)


@never_cache
@login_required
@require_POST
def order(request: SignedInRequest, key: UUID) -> HttpResponse:
    """Put the whole panel into an order of discussion."""
    panel = panel_managed(request.user, key)
    form = OrderForm(request.POST)
    if not form.is_valid():
        raise InputError(_("Choose an order."), field="order")
    wanted = chairing.Order(form.cleaned_data["order"])
    chairing.arrange(panel, wanted, by=request.user, command=commands.of(request))
    messages.success(request, _("The order of discussion is set for the panel."))
    return redirect("panel-desk", key=key)
