"""Declare conflicts and bids before anything of a proposal is shown."""

from typing import Any
from uuid import UUID

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.db.models import QuerySet
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.template.loader import render_to_string
from django.utils.translation import gettext, ngettext
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_POST

from moonbridge.accounts.models import User
from moonbridge.accounts.requests import SignedInRequest
from moonbridge.cooperation import commands
from moonbridge.cooperation.opportunities.models import StageKind
from moonbridge.cooperation.review.actions import declarations as acting
from moonbridge.cooperation.review.forms.declarations import answers, choices, keys
from moonbridge.cooperation.review.models import Item, Panel
from moonbridge.cooperation.review.queries import declarations, reviews
from moonbridge.cooperation.review.queries.rounds import panels_seated
from moonbridge.cooperation.review.states import RoundState
from moonbridge.errors import InputError


@never_cache
@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def declare(request: SignedInRequest, key: UUID) -> HttpResponse:
    """Show what is to be declared on, and what was declared; a POST declares."""
    panel = _panel(request, key)
    if request.method == "POST":
        given = answers(request.POST)
        if not given:
            raise InputError(
                gettext("Nothing is chosen yet: choose something for at least one proposal."), field="choice"
            )
        ties = acting.declare(panel, given, by=request.user, command=commands.of(request))
        messages.success(request, _said(len(given), ties))
        return redirect("review-declare", key=key)
    return render(request, "review/declare.html", _context(request, panel))


def _panel(request: SignedInRequest, key: UUID) -> Panel:
    seated = panels_seated(request.user).select_related("round__opportunity__agency")
    return get_object_or_404(seated, pk=key)


def _said(many: int, ties: int) -> str:
    told = ngettext("%(n)s declaration is kept.", "%(n)s declarations are kept.", many) % {"n": many}
    if ties:
        hidden = ngettext(
            "%(n)s proposal is hidden from you now.", "%(n)s proposals are hidden from you now.", ties
        ) % {"n": ties}
        return f"{told} {hidden}"
    return told


def _context(request: SignedInRequest, panel: Panel) -> dict[str, Any]:
    user, start = request.user, _start(request)
    waiting, further = _sliced(user, declarations.to_declare(user, panel), 0)
    declared, later = _sliced(user, declarations.declared(user, panel), start)
    declarations.tell_who(user, [*waiting, *declared])
    return {
        "panel": panel,
        "asked": waiting,
        "further": further,
        "declared": declared,
        "earlier": max(start - declarations.PAGE, 0) if start else None,
        "later": start + declarations.PAGE if later else None,
        "conflicts": declarations.own_conflicts(user, panel),
        # Written once: on each of a hundred rows it would take longer than all the rest.
        "options": render_to_string("review/_declare_options.html", {"choices": choices()}),
        "due": reviews.dates_of(panel).get(StageKind.DECLARATIONS),
        "over": panel.round.state == RoundState.CONCLUDED,
    }


def _start(request: SignedInRequest) -> int:
    typed = request.GET.get("from", "")
    return int(typed) if typed.isdecimal() and len(typed) < 7 else 0  # noqa: PLR2004 - more digits than any list has


def _sliced(user: User, items: QuerySet[Item], start: int) -> tuple[list[declarations.Asked], bool]:
    """Return a page of ``items``, and whether more follow."""
    found = declarations.asked(user, items[start : start + declarations.PAGE + 1])
    return found[: declarations.PAGE], len(found) > declarations.PAGE


@never_cache
@login_required
@require_POST
def declare_none(request: SignedInRequest, key: UUID) -> HttpResponse:
    """Show once more with which proposals one is about to declare no conflict; confirmed, declare it for all of them."""
    panel, wanted = _panel(request, key), keys(request.POST)
    if "confirmed" in request.POST:
        given = [acting.Answer(item) for item in wanted]
        acting.declare(panel, given, by=request.user, command=commands.of(request))
        messages.success(request, _said(len(given), 0))
        return redirect("review-declare", key=key)
    asked = declarations.asked(request.user, declarations.to_declare(request.user, panel).filter(pk__in=wanted))
    if not wanted or len(asked) != len(wanted):
        raise InputError(gettext("This list has changed since you loaded it; load the page again."), field="item")
    declarations.tell_who(request.user, asked)
    return render(request, "review/declare_none.html", {"panel": panel, "asked": asked})
