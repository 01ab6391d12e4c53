"""Merge two proposals: asked, agreed, approved."""

from uuid import UUID

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_POST

from moonbridge.accounts.requests import SignedInRequest
from moonbridge.cooperation import commands
from moonbridge.cooperation.proposals import actions, queries
from moonbridge.cooperation.proposals.forms import MergeForm
from moonbridge.cooperation.proposals.models import Merge, TeamRole
from moonbridge.cooperation.proposals.views.access import led, own, role
from moonbridge.errors import InputError


@never_cache
@login_required
def merge(request: SignedInRequest, key: UUID) -> HttpResponse:
    """Show the requests of and to this proposal; ask another team."""
    found = own(request.user, key)
    form = MergeForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        actions.ask_merge(
            found, form.cleaned_data["target_code"], reason=form.cleaned_data["reason"], by=request.user,
            command=commands.of(request),
        )  # fmt: skip
        messages.success(request, gettext("If there is a proposal with this code, its lead is asked now."))
        return redirect("proposal-merge", key=key)
    visible = queries.merges_visible_to(request.user).filter(source__opportunity=found.opportunity)
    context = {
        "proposal": found, "opportunity": found.opportunity, "leads": role(request.user, found) == TeamRole.LEAD, "form": form,
        "asked": visible.filter(source=found), "asked_of": visible.filter(target_code=found.code).exclude(source=found),
    }  # fmt: skip
    return render(request, "proposals/merge.html", context)


@login_required
@require_POST
def answer(request: SignedInRequest, key: UUID, merge: UUID) -> HttpResponse:
    """Agree to a request, decline it, or take one's own back."""
    found, row = led(request.user, key), _merge(request, merge)
    if request.POST.get("answer") == "agree":
        actions.agree(row, found, by=request.user, command=commands.of(request))
        messages.success(request, gettext("You agreed; the office decides now."))
    else:
        actions.decline(row, found, by=request.user, command=commands.of(request))
        messages.success(request, gettext("The request is ended."))
    return redirect("proposal-merge", key=key)


@login_required
@require_POST
def decide(request: SignedInRequest, slug: str, merge: UUID) -> HttpResponse:
    """Approve or refuse what both leads agreed to, as the office."""
    row = _merge(request, merge)
    decision = request.POST.get("decision")
    if decision not in {"approve", "refuse"}:
        raise InputError(gettext("Choose approve or refuse."), field="decision")
    act = actions.approve_merge if decision == "approve" else actions.refuse_merge
    act(row, by=request.user, command=commands.of(request))
    messages.success(request, gettext("Decided; both teams see it."))
    return redirect("opportunity-proposals", slug=slug)


def _merge(request: SignedInRequest, merge: UUID) -> Merge:
    return get_object_or_404(queries.merges_visible_to(request.user), pk=merge)
