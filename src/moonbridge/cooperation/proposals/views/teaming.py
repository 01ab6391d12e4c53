"""The team: who is in it, who is invited, who leads."""

from uuid import UUID

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.translation import gettext
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_POST

from moonbridge.accounts.requests import SignedInRequest
from moonbridge.cooperation import commands
from moonbridge.cooperation.proposals import actions, queries
from moonbridge.cooperation.proposals.forms import InviteForm, RoleForm
from moonbridge.cooperation.proposals.models import Invitation, TeamMember, TeamRole
from moonbridge.cooperation.proposals.views.access import led, own, role
from moonbridge.errors import InputError


@never_cache
@login_required
def team(request: SignedInRequest, key: UUID) -> HttpResponse:
    """Show the team to its members, with what its lead can do; invite somebody."""
    found = own(request.user, key)
    form = InviteForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        given = form.cleaned_data
        actions.invite(
            found, role=TeamRole(given["role"]), email=given["email"], by=request.user, command=commands.of(request)
        )
        messages.success(request, gettext("The link below can be used once, within two weeks."))
        return redirect("proposal-team", key=key)
    mine = role(request.user, found)
    context = {
        "proposal": found, "opportunity": found.opportunity, "role": mine, "leads": mine == TeamRole.LEAD, "form": form,
        "members": [(member, RoleForm(initial={"role": member.role})) for member in found.members.all()],
        "invitations": _links(request, key) if mine == TeamRole.LEAD else [],
    }  # fmt: skip
    return render(request, "proposals/team.html", context)


def _links(request: SignedInRequest, key: UUID) -> list[tuple[Invitation, str]]:
    kept = queries.open_invitations(request.user).filter(proposal=key)
    return [(one, request.build_absolute_uri(reverse("invitation", args=[actions.secret_of(one.pk)]))) for one in kept]


@login_required
@require_POST
def revoke(request: SignedInRequest, key: UUID, invitation: UUID) -> HttpResponse:
    """Make a link worthless."""
    led(request.user, key)
    kept = get_object_or_404(queries.open_invitations(request.user), proposal=key, pk=invitation)
    actions.revoke(kept, by=request.user, command=commands.of(request))
    messages.success(request, gettext("The link no longer works."))
    return redirect("proposal-team", key=key)


@login_required
@require_POST
def change_role(request: SignedInRequest, key: UUID, member: int) -> HttpResponse:
    """Make a member an editor or a reader."""
    form = RoleForm(request.POST)
    if not form.is_valid():
        raise InputError(gettext("Choose editor or reader."), field="role")
    kept = _member(request, key, member)
    actions.change_role(kept, TeamRole(form.cleaned_data["role"]), by=request.user, command=commands.of(request))
    messages.success(request, gettext("Changed."))
    return redirect("proposal-team", key=key)


@login_required
@require_POST
def remove(request: SignedInRequest, key: UUID, member: int) -> HttpResponse:
    """Take a member out, or leave oneself."""
    kept = _member(request, key, member)
    actions.remove(kept, by=request.user, command=commands.of(request))
    if kept.user_id == request.user.pk:
        messages.success(request, gettext("You have left the team."))
        return redirect("desk")
    messages.success(request, gettext("Removed from the team."))
    return redirect("proposal-team", key=key)


@login_required
@require_POST
def hand_over(request: SignedInRequest, key: UUID, member: int) -> HttpResponse:
    """Hand the lead over."""
    actions.hand_over(_member(request, key, member), by=request.user, command=commands.of(request))
    messages.success(request, gettext("The lead is handed over; you are an editor now."))
    return redirect("proposal-team", key=key)


def _member(request: SignedInRequest, key: UUID, member: int) -> TeamMember:
    found = own(request.user, key)
    return get_object_or_404(found.members.select_related("proposal"), pk=member)


@never_cache
@login_required
def invitation(request: SignedInRequest, secret: str) -> HttpResponse:
    """Show what one is invited to, and join; opening the link changes nothing, since mail scanners open links too."""
    if request.method == "POST":
        joined = actions.join(secret, by=request.user, command=commands.of(request))
        messages.success(request, gettext("Welcome to the team."))
        return redirect("proposal", key=joined.pk)
    kept = get_object_or_404(queries.open_invitation(secret))
    context = {"invitation": kept, "proposal": kept.proposal, "opportunity": kept.proposal.opportunity}
    return render(request, "proposals/invitation.html", context)
