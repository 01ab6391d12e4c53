"""Invitations: the office sends, revokes and repeats them; their addressees accept or decline."""

from collections.abc import Callable
from typing import Final
from uuid import UUID

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.core.paginator import Paginator
from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_POST

from moonbridge.accounts.requests import SignedInRequest
from moonbridge.cooperation import commands
from moonbridge.cooperation.review.actions import referees as actions
from moonbridge.cooperation.review.forms.referees import DeclineForm, RefereeForm
from moonbridge.cooperation.review.models import Panel, RefereeInvitation
from moonbridge.cooperation.review.queries.referees import (
    OFFERED,
    invitations_into,
    invitations_of_office,
    offered,
    open_invitation,
)
from moonbridge.cooperation.review.views.panels import panel_of
from moonbridge.errors import InputError, Refused
from moonbridge.record.queries import database_now

PER_PAGE: Final = 50
"""Invitations on one page."""


@never_cache
@login_required
def referees(request: SignedInRequest, slug: str, key: UUID) -> HttpResponse:
    """List the invitations into a panel, and invite a referee; a search keeps everything that was typed and ticked."""
    panel = panel_of(request, slug, key)
    if request.method != "POST":
        return _page(request, panel, RefereeForm(panel=panel, user=request.user))
    if "look" in request.POST:
        return _page(request, panel, RefereeForm.still_open(request.POST, panel=panel, user=request.user))
    form = RefereeForm(request.POST, panel=panel, user=request.user)
    if form.is_valid():
        try:
            actions.invite(panel, form.asked(), by=request.user, command=commands.of(request))
        except (InputError, Refused) as error:
            form.add_error(None, getattr(error, "bare", error.sentence))
        else:
            messages.success(request, gettext("The invitation is on its way."))
            return redirect("review-referees", slug, key)
    return _page(request, panel, form)


def _page(request: SignedInRequest, panel: Panel, form: RefereeForm) -> HttpResponse:
    find = " ".join(request.POST.get("find", "").split())[:80]
    found = offered(request.user, panel, find, beside=form.chosen)
    invitations = Paginator(invitations_into(request.user, panel), PER_PAGE)
    context = {
        "opportunity": panel.round.opportunity, "round": panel.round, "panel": panel, "form": form, "now": database_now(),
        "page": invitations.get_page(request.GET.get("page")), "find": find, "found": found[:OFFERED], "more": len(found) > OFFERED,
        "searched": "look" in request.POST,
    }  # fmt: skip
    return render(request, "review/referees.html", context, status=400 if form.errors else 200)


@login_required
@require_POST
def revoke(request: SignedInRequest, slug: str, key: UUID) -> HttpResponse:
    """Make a link worthless."""
    return _changed(request, slug, key, actions.revoke, gettext("The link no longer works."))


@login_required
@require_POST
def send_again(request: SignedInRequest, slug: str, key: UUID) -> HttpResponse:
    """Mail a link once more."""
    return _changed(request, slug, key, actions.send_again, gettext("The mail is on its way again."))


def _changed(request: SignedInRequest, slug: str, key: UUID, change: Callable[..., None], said: str) -> HttpResponse:
    found: RefereeInvitation = get_object_or_404(
        invitations_of_office(request.user), panel__round__opportunity__slug=slug, pk=key
    )
    change(found, by=request.user, command=commands.of(request))
    messages.success(request, said)
    return redirect("review-referees", slug, found.panel_id)


@never_cache
@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def invitation(request: SignedInRequest, secret: str) -> HttpResponse:
    """Show what one is asked, and accept; opening the link changes nothing, since mail scanners open links too.

    Whoever does not own the address, and whoever comes too late, meets the page of an unknown secret.
    """
    if request.method == "POST":
        seat = actions.accept(secret, by=request.user, command=commands.of(request))
        messages.success(
            request, gettext("Thank you. Before anything more is shown, please say whether you have a conflict.")
        )
        return redirect("review-declare", seat.panel_id)
    found = open_invitation(request.user, secret)
    if found is None:
        raise Http404
    call = found.panel.round.opportunity
    context = {"invitation": found, "opportunity": call, "form": DeclineForm(), "secret": secret}
    return render(request, "review/invitation.html", context)


@login_required
@require_POST
def decline(request: SignedInRequest, secret: str) -> HttpResponse:
    """Say no, with a reason if one likes."""
    form = DeclineForm(request.POST)
    if not form.is_valid():
        raise InputError(gettext("A reason has at most 300 characters."), field="because")
    because = form.cleaned_data["because"]
    actions.decline(secret, because=because, by=request.user, command=commands.of(request))
    messages.success(request, gettext("Thank you for your answer; nothing more is asked of you."))
    return redirect("desk")
