"""Distributed review: the office sees which team delivers; a team sees who reviews for it and what is at stake."""

from uuid import UUID

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_POST, require_safe

from moonbridge.accounts.requests import SignedInRequest
from moonbridge.cooperation import commands
from moonbridge.cooperation.opportunities.models import StageKind
from moonbridge.cooperation.proposals.models import Proposal, TeamMember, TeamRole
from moonbridge.cooperation.review.actions import peers as actions
from moonbridge.cooperation.review.models import Panel
from moonbridge.cooperation.review.queries.peers import (
    duty_of_team,
    set_aside_of_office,
    set_aside_of_team,
    work_of_teams,
)
from moonbridge.cooperation.review.rules import reviews_are_over
from moonbridge.cooperation.review.views.panels import panel_of
from moonbridge.errors import InputError


def _distributed(request: SignedInRequest, slug: str, key: UUID) -> Panel:
    panel = panel_of(request, slug, key)
    if not panel.distributed:
        raise Http404
    return panel


@never_cache
@login_required
@require_safe
def peers(request: SignedInRequest, slug: str, key: UUID) -> HttpResponse:
    """List the teams of a panel: whom they sent, what is given and what is owed."""
    panel = _distributed(request, slug, key)
    work = work_of_teams(request.user, panel)
    over = reviews_are_over(panel.round.opportunity)
    context = {
        "opportunity": panel.round.opportunity, "round": panel.round, "panel": panel, "work": work, "over": over,
        "without": [one for one in work if one.peer is None], "late": [one for one in work if over and one.due],
    }  # fmt: skip
    return render(request, "review/peers.html", context)


@login_required
@require_POST
def seat_peers(request: SignedInRequest, slug: str, key: UUID) -> HttpResponse:
    """Seat one peer for each team."""
    count = actions.seat_peers(_distributed(request, slug, key), by=request.user, command=commands.of(request))
    messages.success(request, gettext("Peers in this panel: %(n)s.") % {"n": count})
    return redirect("review-peers", slug, key)


@login_required
@require_POST
def set_aside(request: SignedInRequest, slug: str, key: UUID) -> HttpResponse:
    """Set the proposal of a team aside that did not deliver."""
    panel = _distributed(request, slug, key)
    work = {str(one.proposal.pk): one.proposal for one in work_of_teams(request.user, panel)}
    proposal: Proposal | None = work.get(request.POST.get("proposal", ""))
    if proposal is None:
        raise InputError(gettext("Choose a proposal of this panel."), field="proposal")
    because = request.POST.get("because", "")
    actions.set_aside(panel, proposal, because=because, by=request.user, command=commands.of(request))
    messages.success(request, gettext("%(code)s is set aside; its team reads the reason.") % {"code": proposal.code})
    return redirect("review-peers", slug, key)


@login_required
@require_POST
def lift(request: SignedInRequest, slug: str, key: UUID) -> HttpResponse:
    """Let a proposal that was set aside count again."""
    kept = get_object_or_404(set_aside_of_office(request.user), panel__round__opportunity__slug=slug, pk=key)
    actions.lift(kept, by=request.user, command=commands.of(request))
    messages.success(request, gettext("It counts again."))
    return redirect("review-peers", slug, kept.panel_id)


@never_cache
@login_required
def duty(request: SignedInRequest, key: UUID) -> HttpResponse:
    """Show a team who reviews others for it; its lead may name another member."""
    seats = list(duty_of_team(request.user, key))
    if not seats:
        raise Http404
    proposal = seats[0].for_team
    if proposal is None:
        raise Http404
    if request.method == "POST":
        return _named(request, key)
    members = list(TeamMember.objects.filter(proposal=key).select_related("user"))
    call = proposal.opportunity
    context = {
        "proposal": proposal, "opportunity": call, "seats": seats, "members": members,
        "leads": any(one.user_id == request.user.pk and one.role == TeamRole.LEAD for one in members),
        "date": call.stage_dates.filter(stage=StageKind.REVIEWS).first(),
        "set_aside": set_aside_of_team(request.user, key),
    }  # fmt: skip
    return render(request, "review/duty.html", context)


def _named(request: SignedInRequest, key: UUID) -> HttpResponse:
    seats = {str(one.pk): one for one in duty_of_team(request.user, key)}
    members = {str(one.pk): one for one in TeamMember.objects.filter(proposal=key)}
    seat, member = seats.get(request.POST.get("seat", "")), members.get(request.POST.get("member", ""))
    if seat is None or member is None:
        raise InputError(gettext("Choose a member of your team."), field="member")
    actions.name_peer(seat, member, by=request.user, command=commands.of(request))
    messages.success(request, gettext("Changed."))
    return redirect("proposal-peer", key)
