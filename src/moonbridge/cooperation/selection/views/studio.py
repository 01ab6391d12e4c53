"""The portfolio studio: the office tries what other rules and capacities would give. It decides nothing."""

from collections.abc import Callable
from dataclasses import replace
from typing import Any, Final

from django.contrib.auth.decorators import login_required
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from moonbridge.cooperation.selection import queries, robust, rules, studies, whatifs
from moonbridge.cooperation.selection.charts import Chart, chart
from moonbridge.cooperation.selection.comparisons import sides_of
from moonbridge.cooperation.selection.frontiers import drawn_at_once
from moonbridge.cooperation.selection.frontiers import revived as revived_points
from moonbridge.cooperation.selection.levers import Changes
from moonbridge.cooperation.selection.models import Study
from moonbridge.cooperation.selection.results import Efforts
from moonbridge.cooperation.selection.studio import Answer, Studio, looked_at
from moonbridge.cooperation.selection.views.office import opportunity_of
from moonbridge.cooperation.wording import worded
from moonbridge.engines.selection.frontier import Point
from moonbridge.errors import Infeasible, InputError, NotProven

ADDRESS: Final = "Studio-Address"
"""The header that says where the page of what a fragment shows is found."""


@login_required
@require_safe
def studio(request: HttpRequest, slug: str) -> HttpResponse:
    """Show what may be changed, and what comes of the changes that the query asks for.

    A form sends all its fields; its answer is the address that says only what differs.
    """
    opportunity = opportunity_of(request, slug)
    looked, wrong = looked_at(opportunity, request.GET)
    if looked is None:
        return render(request, "selection/studio_empty.html", {"opportunity": opportunity})
    if "form" in request.GET and not wrong:
        return redirect(looked.path)
    effort = whatifs.at_once()
    kept = queries.scenarios_visible_to(request.user).filter(recommendation__opportunity=opportunity)
    context = _answered(request, looked, wrong, effort) | _frontier(looked, effort)
    context |= {
        "robust": robust.shown_for(looked.recommendation, looked.problem),
        "newest": queries.studied_first(opportunity),
        "capacities": looked.capacities(),
        "scenarios": sides_of(kept.filter(withdrawn_at=None)),
        "withdrawn": list(kept.exclude(withdrawn_at=None)),
    }
    return render(request, "selection/studio.html", context, status=400 if wrong else 200)


@login_required
@require_safe
def answer(request: HttpRequest, slug: str) -> HttpResponse:
    """Answer a change while somebody looks: the part of the page that says what came of it."""
    looked, wrong = looked_at(opportunity_of(request, slug), request.GET)
    if looked is None:
        raise Http404
    context = _answered(request, looked, wrong, whatifs.at_once())
    shown = render(request, "selection/_studio_answer.html", context, status=400 if wrong else 200)
    shown[ADDRESS] = looked.path
    return shown


@login_required
@require_safe
def frontier(request: HttpRequest, slug: str) -> HttpResponse:
    """Draw the frontier of a changed problem, if that takes no longer than a page."""
    looked, wrong = looked_at(opportunity_of(request, slug), request.GET)
    if looked is None or wrong:
        raise wrong or Http404
    context = {"studio": looked, "opportunity": looked.opportunity, "shown_query": looked.query()}
    return render(request, "selection/_studio_frontier.html", context | _frontier(looked, whatifs.at_once()))


def _answered(request: HttpRequest, looked: Studio, wrong: InputError | None, effort: Efforts) -> dict[str, Any]:
    """Return what the page says of the changes and of what came of them."""
    found = looked.answer(effort)
    shown = found.result
    prices = whatifs.prices(looked.levers, looked.changes, shown, effort) if shown else {}
    return {
        "studio": looked,
        "opportunity": looked.opportunity,
        "answer": found,
        "wrong": worded(wrong) if wrong else "",
        "said": looked.summary(found),
        "figures": looked.figures(shown) if shown else [],
        "bars": looked.bars(shown) if shown else [],
        "rows": looked.rows(shown) if shown else [],
        "rule_groups": looked.rules(prices),
        "told": list(looked.told()),
        "shown_query": looked.query(),
        "back": looked.query(Changes()),
        "may_keep": rules.may_choose(request.user, looked.opportunity),
        **_why(looked, found, request.GET.get("why", ""), effort),
    }


def _why(looked: Studio, found: Answer, code: str, effort: Efforts) -> dict[str, str]:
    """Return the reason for one proposal, where somebody asks for it."""
    if found.result is None or code not in looked.problem.by_id:
        return {}
    if not found.proven:
        return {"why_code": code, "why": _("Reasons are given for a proven portfolio.")}
    try:
        return {"why_code": code, "why": looked.why(found.result, code, effort)}
    except NotProven:
        return {"why_code": code, "why": _("Time ran out before the reason was found; ask again.")}


def _frontier(looked: Studio, effort: Efforts) -> dict[str, Any]:
    """Return the chart of merit against what the query names (the first measure without)."""
    measures = {name: looked.measure_label(name) for name in looked.levers.measures}
    along = looked.changes.along or next(iter(measures), "")
    if not along:
        return {}
    free = replace(looked.changes.free, along=along)
    problem = looked.levers.changed(free)
    study = studies.known(looked.recommendation, problem, along).first()
    context = {"measures": measures, "along": along, "along_label": measures[along], "frontier_study": study}
    try:
        points = _points(looked, free, study, effort)
    except (Infeasible, NotProven):
        return context
    return context | {"chart": _chart(looked, free, points)}


def _points(looked: Studio, free: Changes, study: Study | None, effort: Efforts) -> tuple[Point, ...]:
    if study is not None and study.answer is not None:
        return revived_points(study.answer)
    return drawn_at_once(looked.levers.changed(free), looked.levers.measures[free.along], effort)


def _chart(looked: Studio, free: Changes, points: tuple[Point, ...]) -> Chart:
    recommended, shown = looked.before.choices, looked.changes.reach
    reaching: Callable[[Point], str] = lambda point: looked.query(replace(free, reach=point.measure))  # noqa: E731
    return chart(
        points,
        label=looked.measure_label(free.along),
        measured=lambda amount: looked.measured(free.along, amount),
        query=reaching,
        recommended=lambda point: point.choices == recommended,
        shown=lambda point: point.measure == shown,
    )
