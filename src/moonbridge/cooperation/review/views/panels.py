"""The office's pages of a panel: how it works, what is before it, what its marks mean."""

from typing import Final
from uuid import UUID

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.core.paginator import Paginator
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_POST, require_safe

from moonbridge.accounts.requests import SignedInRequest
from moonbridge.cooperation import commands
from moonbridge.cooperation.review.actions import panels as actions
from moonbridge.cooperation.review.forms.panels import MeaningsForm, PanelForm
from moonbridge.cooperation.review.models import Panel
from moonbridge.cooperation.review.queries.panels import free_proposals, items_of, panels_of_office, with_invitations
from moonbridge.cooperation.review.queries.seats import people_of
from moonbridge.cooperation.review.quotas import written
from moonbridge.cooperation.review.views.rounds import round_of
from moonbridge.errors import InputError

PER_PAGE: Final = 100


def panel_of(request: SignedInRequest, slug: str, key: UUID) -> Panel:
    """Return a panel of a call of the person's office, else answer as if there were none."""
    return get_object_or_404(panels_of_office(request.user), round__opportunity__slug=slug, pk=key)


@never_cache
@login_required
@require_safe
def panel(request: SignedInRequest, slug: str, key: UUID) -> HttpResponse:
    """Show a panel: who sits in it, what is before it, how it works."""
    panels = with_invitations(request.user, panels_of_office(request.user))
    found = get_object_or_404(panels, round__opportunity__slug=slug, pk=key)
    page = Paginator(items_of(request.user, found), PER_PAGE).get_page(request.GET.get("page"))
    context = {
        "opportunity": found.round.opportunity, "round": found.round, "panel": found, "page": page,
        "free": list(free_proposals(request.user, found)[:PER_PAGE]), "people": people_of(found),
        "criteria": found.criteria.all(), "descriptors": found.descriptors.select_related("criterion"),
        "quotas": written(found.quotas),
        "others": found.round.panels.exclude(pk=found.pk),
    }  # fmt: skip
    return render(request, "review/panel.html", context)


@never_cache
@login_required
def add(request: SignedInRequest, slug: str) -> HttpResponse:
    """Add a panel."""
    round_ = round_of(request, slug)
    form = PanelForm(request.POST or None, opportunity=round_.opportunity)
    if request.method == "POST" and form.is_valid():
        try:
            made = actions.add_panel(round_, form.shape(), by=request.user, command=commands.of(request))
        except InputError as error:
            form.add_error(error.field if error.field in form.fields else None, error.bare)
        else:
            messages.success(request, gettext("The panel is there; every proposal is before it."))
            return redirect("review-panel", slug, made.pk)
    context = {"opportunity": round_.opportunity, "round": round_, "form": form}
    return render(request, "review/panel_edit.html", context, status=400 if form.errors else 200)


@never_cache
@login_required
def edit(request: SignedInRequest, slug: str, key: UUID) -> HttpResponse:
    """Change how a panel works."""
    found = panel_of(request, slug, key)
    call = found.round.opportunity
    form = PanelForm(request.POST, opportunity=call) if request.method == "POST" else PanelForm.of(found)
    if request.method == "POST" and form.is_valid():
        try:
            actions.change_panel(found, form.shape(), by=request.user, command=commands.of(request))
        except InputError as error:
            form.add_error(error.field if error.field in form.fields else None, error.bare)
        else:
            messages.success(request, gettext("The panel is changed."))
            return redirect("review-panel", slug, key)
    context = {"opportunity": call, "round": found.round, "panel": found, "form": form}
    return render(request, "review/panel_edit.html", context, status=400 if form.errors else 200)


@never_cache
@login_required
def meanings(request: SignedInRequest, slug: str, key: UUID) -> HttpResponse:
    """Say what the marks of a panel mean."""
    found = panel_of(request, slug, key)
    form = MeaningsForm(request.POST or None, panel=found)
    if request.method == "POST" and form.is_valid():
        try:
            actions.describe(found, form.meanings(), by=request.user, command=commands.of(request))
        except InputError as error:
            form.add_error(None, error.bare)
        else:
            messages.success(request, gettext("Reviewers see beside each criterion what its marks mean."))
            return redirect("review-panel", slug, key)
    context = {"opportunity": found.round.opportunity, "round": found.round, "panel": found, "form": form}
    return render(request, "review/meanings.html", context, status=400 if form.errors else 200)


@login_required
@require_POST
def bring(request: SignedInRequest, slug: str, key: UUID) -> HttpResponse:
    """Put proposals before a panel."""
    found = panel_of(request, slug, key)
    actions.bring(found, _chosen(request), by=request.user, command=commands.of(request))
    messages.success(request, gettext("They are before the panel now."))
    return redirect("review-panel", slug, key)


@never_cache
@login_required
@require_POST
def take_away(request: SignedInRequest, slug: str, key: UUID) -> HttpResponse:
    """Ask once more, then take proposals away from a panel or move them to another."""
    found = panel_of(request, slug, key)
    chosen, to = _chosen(request), _other_panel(request, found)
    if "sure" not in request.POST:
        going = items_of(request.user, found).filter(pk__in=chosen)
        context = {
            "opportunity": found.round.opportunity,
            "round": found.round,
            "panel": found,
            "going": going,
            "to": to,
        }
        return render(request, "review/take_away.html", context)
    actions.take_away(found, chosen, by=request.user, command=commands.of(request), to=to)
    messages.success(request, gettext("Done."))
    return redirect("review-panel", slug, key)


def _chosen(request: SignedInRequest) -> list[UUID]:
    """Return the ids that were chosen; the action leaves out those that are not the person's to move."""
    try:
        chosen = [UUID(one) for one in request.POST.getlist("chosen")]
    except ValueError:
        raise InputError(gettext("Choose from the list."), field="chosen") from None
    if not chosen:
        raise InputError(gettext("Choose at least one proposal of the list."), field="chosen")
    return chosen


def _other_panel(request: SignedInRequest, panel: Panel) -> Panel | None:
    given = request.POST.get("to", "")
    if not given:
        return None
    others = {str(one.pk): one for one in panel.round.panels.exclude(pk=panel.pk)}
    if given not in others:
        raise InputError(gettext("Choose another panel of this review."), field="to")
    return others[given]


@never_cache
@login_required
def remove(request: SignedInRequest, slug: str, key: UUID) -> HttpResponse:
    """Ask once more, then remove a panel in which nobody sat and nothing was reviewed."""
    found = panel_of(request, slug, key)
    if request.method == "POST":
        actions.remove_panel(found, by=request.user, command=commands.of(request))
        messages.success(request, gettext("The panel is removed."))
        return redirect("review-round", slug)
    context = {"opportunity": found.round.opportunity, "round": found.round, "panel": found}
    return render(request, "review/panel_remove.html", context)
