"""Whom a team has named as people who should not judge it."""

from uuid import UUID

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_POST

from moonbridge.accounts.requests import SignedInRequest
from moonbridge.cooperation import commands
from moonbridge.cooperation.proposals.models import Proposal, Tie
from moonbridge.cooperation.proposals.rules import WRITERS
from moonbridge.cooperation.proposals.views.access import role, seen, written
from moonbridge.cooperation.review.actions import teams as actions
from moonbridge.cooperation.review.forms.teams import NamedForm
from moonbridge.cooperation.review.models import Conflict
from moonbridge.cooperation.review.queries.teams import named_visible_to


@never_cache
@login_required
def named(request: SignedInRequest, key: UUID) -> HttpResponse:
    """Show whom the team named, to the team and the office; name one more."""
    found = _readable(request, key)
    mine = role(request.user, found)
    may_name = mine in WRITERS and actions.may_still_name(found)
    form = NamedForm(request.POST or None)
    if request.method == "POST":
        if mine not in WRITERS:
            raise Http404
        if form.is_valid():
            given = form.cleaned_data | {"tie": Tie(form.cleaned_data["tie"])}
            actions.name_conflict(found, **given, by=request.user, command=commands.of(request))
            messages.success(request, gettext("Noted. The office reads it; those who judge never do."))
            return redirect("proposal-conflicts", key=key)
    context = {
        "proposal": found, "opportunity": found.opportunity, "role": mine, "form": form, "may_name": may_name,
        "named": named_visible_to(request.user).filter(proposal=found).select_related("named_by"), "most": actions.MOST_NAMED,
    }  # fmt: skip
    return render(request, "review/named.html", context)


@login_required
@require_POST
def take_back(request: SignedInRequest, key: UUID, named: UUID) -> HttpResponse:
    """Take a name back."""
    written(request.user, key)
    kept = get_object_or_404(named_visible_to(request.user).select_related("proposal"), proposal=key, pk=named)
    actions.take_back(kept, by=request.user, command=commands.of(request))
    messages.success(request, gettext("Taken back."))
    return redirect("proposal-conflicts", key=key)


def _readable(request: SignedInRequest, key: UUID) -> Proposal:
    """Return a proposal of the visitor's team, or one that their office received and with which they have no conflict."""
    found = seen(request.user, key)
    conflicted = Conflict.objects.filter(proposal=found, user=request.user, standing=True).exists()
    if role(request.user, found) is None and conflicted:
        raise Http404
    return found
