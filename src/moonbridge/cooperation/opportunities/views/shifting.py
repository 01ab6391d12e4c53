"""Move a promised date later, with all that follows: first look at every date before and after, then say why and do it."""

from typing import Any

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache

from moonbridge.accounts.requests import SignedInRequest
from moonbridge.cooperation import commands
from moonbridge.cooperation.opportunities import actions, instants
from moonbridge.cooperation.opportunities.forms import ShiftForm
from moonbridge.cooperation.opportunities.models import Opportunity, StageKind
from moonbridge.cooperation.opportunities.shifting import Move, moves
from moonbridge.cooperation.opportunities.states import State
from moonbridge.cooperation.opportunities.views.office import own
from moonbridge.errors import MoonbridgeError


@never_cache
@login_required
def shift(request: SignedInRequest, slug: str) -> HttpResponse:
    """Ask which date moves by how much; ``look`` shows what that does to all dates, anything else does it."""
    found = own(request, slug)
    if found.state in {State.DRAFT, State.CANCELLED}:
        raise Http404
    form = ShiftForm(_movable(found), request.POST or None, initial={"version": found.version})
    preview: list[Move] = []
    error = None
    if request.method == "POST" and form.is_valid():
        try:
            amount = _amount(found, form.cleaned_data)
            preview = moves(found, **amount)
            if "look" not in request.POST:
                _extend(request, found, form, amount)
                messages.success(request, _("Moved. Everybody who follows is told."))
                return redirect("opportunity", slug=slug)
        except MoonbridgeError as refusal:
            error = refusal
    context = {"opportunity": found, "form": form, "preview": preview, "error": error}
    return render(request, "opportunities/shift.html", context, status=409 if error else 200)


def _movable(found: Opportunity) -> list[StageKind]:
    """Return the stages whose promised date can still move, in the order in which they happen."""
    open_ones = {date.stage for date in found.stage_dates.filter(kept=None, promised__isnull=False)}
    return [stage for stage in StageKind if stage in open_ones and stage != StageKind.OPEN]


def _amount(found: Opportunity, given: dict[str, Any]) -> dict[str, Any]:
    until = given["until"] and instants.localised(given["until"], found.deadline_zone, field="until")
    return {"stage": StageKind(given["stage"]), "days": given["days"], "until": until or None}


def _extend(request: SignedInRequest, found: Opportunity, form: ShiftForm, amount: dict[str, Any]) -> None:
    actions.extend(
        found, **amount, reason=form.cleaned_data["reason"], version=form.cleaned_data["version"],
        by=request.user, command=commands.of(request),
    )  # fmt: skip
