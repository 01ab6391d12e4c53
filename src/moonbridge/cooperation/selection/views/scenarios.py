"""What the studio keeps: scenarios with a name, two of them side by side, and studies that take longer than a page."""

from dataclasses import replace
from uuid import UUID

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import Http404, HttpRequest, HttpResponse, QueryDict
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from moonbridge.cooperation import commands
from moonbridge.cooperation.opportunities.models import Opportunity
from moonbridge.cooperation.selection import actions, queries, studies, whatifs
from moonbridge.cooperation.selection.comparisons import RECOMMENDED, Side, compared, recommended, sides_of
from moonbridge.cooperation.selection.models import Scenario, Study
from moonbridge.cooperation.selection.states import SolveState
from moonbridge.cooperation.selection.studio import Studio, looked_at
from moonbridge.cooperation.selection.views.office import opportunity_of, user_of
from moonbridge.errors import InputError, Refused


def _posted(request: HttpRequest, slug: str) -> Studio:
    """Return what the query inside a form asks for."""
    looked, wrong = looked_at(opportunity_of(request, slug), QueryDict(request.POST.get("query", "")))
    if looked is None or wrong:
        raise wrong or Http404
    return looked


@login_required
@require_POST
def keep(request: HttpRequest, slug: str) -> HttpResponse:
    """Keep a scenario under a name."""
    looked = _posted(request, slug)
    found = looked.answer(whatifs.at_once())
    if found.result is None:
        raise Refused(_("There is no portfolio to keep yet."))
    kept = actions.keep_scenario(
        looked.recommendation, looked.levers, looked.changes, found.result, name=request.POST.get("name", ""),
        note=request.POST.get("note", ""), by=user_of(request), command=commands.of(request),
    )  # fmt: skip
    messages.success(request, _("“%(name)s” is kept.") % {"name": kept.name})
    return redirect(f"{looked.path}#scenarios")


def _scenario(request: HttpRequest, slug: str, key: UUID) -> Scenario:
    visible = queries.scenarios_visible_to(request.user)
    return get_object_or_404(visible, recommendation__opportunity__slug=slug, pk=key)


def _list(slug: str, query: str) -> str:
    return f"{reverse('selection-studio', args=[slug])}?{query}#scenarios"


@login_required
@require_POST
def withdraw(request: HttpRequest, slug: str, key: UUID) -> HttpResponse:
    """Put a scenario aside; it can be brought back."""
    scenario = _scenario(request, slug, key)
    actions.withdraw_scenario(scenario, by=user_of(request))
    said = _("“%(name)s” is put aside; you can bring it back below the list.")
    messages.success(request, said % {"name": scenario.name})
    return redirect(_list(slug, request.POST.get("query", "")))


@login_required
@require_POST
def restore(request: HttpRequest, slug: str, key: UUID) -> HttpResponse:
    """Bring a scenario back."""
    scenario = _scenario(request, slug, key)
    actions.restore_scenario(scenario, by=user_of(request))
    messages.success(request, _("“%(name)s” is back.") % {"name": scenario.name})
    return redirect(_list(slug, request.POST.get("query", "")))


@login_required
@require_safe
def compare(request: HttpRequest, slug: str) -> HttpResponse:
    """Show two scenarios side by side; ``a`` and ``b`` name them, or the recommendation."""
    opportunity = opportunity_of(request, slug)
    sides = [_side(request, opportunity, request.GET.get(name, RECOMMENDED)) for name in ("a", "b")]
    context = {"opportunity": opportunity, "sides": sides, "found": compared(*sides)}
    return render(request, "selection/compare.html", context)


def _side(request: HttpRequest, opportunity: Opportunity, named: str) -> Side:
    if named != RECOMMENDED:
        return sides_of([_scenario(request, opportunity.slug, _key(named))])[0]
    first = queries.studied_first(opportunity)
    if first is None:
        raise Http404
    return recommended(first)


def _key(named: str) -> UUID:
    try:
        return UUID(named)
    except ValueError:
        raise InputError(_("Choose two scenarios to compare."), field="a") from None


@login_required
@require_POST
def study(request: HttpRequest, slug: str) -> HttpResponse:
    """Have worked out what takes longer than a page."""
    looked, about = _posted(request, slug), request.POST.get("about", studies.PORTFOLIO)
    as_shown = about in {studies.PORTFOLIO, studies.ROBUSTNESS}
    asked = looked.changes if as_shown else replace(looked.changes.free, along=about)
    actions.study(
        looked.recommendation, looked.levers, asked, about=about, by=user_of(request), command=commands.of(request)
    )
    return redirect(looked.path)


def _study(request: HttpRequest, slug: str, key: UUID) -> Study:
    visible = queries.studies_visible_to(request.user).select_related("recommendation__opportunity")
    return get_object_or_404(visible, recommendation__opportunity__slug=slug, pk=key)


@login_required
@require_safe
def study_progress(request: HttpRequest, slug: str, key: UUID) -> HttpResponse:
    """Show how far a study is; once it is over, a browser without scripts is led to the page that asked for it."""
    held = _study(request, slug, key)
    if held.state != SolveState.RUNNING and not request.headers.get("HX-Request"):
        return redirect(f"{reverse('selection-studio', args=[slug])}?{held.changes}")
    return render(request, "selection/_study.html", {"study": held, "opportunity": held.recommendation.opportunity})


@login_required
@require_POST
def study_cancel(request: HttpRequest, slug: str, key: UUID) -> HttpResponse:
    """Stop a study."""
    held = _study(request, slug, key)
    actions.cancel_study(held, by=user_of(request))
    return redirect(f"{reverse('selection-studio', args=[slug])}?{held.changes}")
