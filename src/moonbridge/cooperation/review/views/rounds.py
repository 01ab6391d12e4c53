"""The office's page of a review: where it stands, what comes next, and the way to everything else."""

from typing import Any

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from moonbridge.accounts.requests import SignedInRequest
from moonbridge.cooperation import commands
from moonbridge.cooperation.opportunities.models import Opportunity, StageKind
from moonbridge.cooperation.opportunities.queries import StageClock, of_office, stage_clock
from moonbridge.cooperation.opportunities.states import State
from moonbridge.cooperation.review import steps
from moonbridge.cooperation.review.actions import rounds as actions
from moonbridge.cooperation.review.actions.holding import may_settle
from moonbridge.cooperation.review.late import late_sentence
from moonbridge.cooperation.review.models import Round
from moonbridge.cooperation.review.queries.teams import teams_that_state
from moonbridge.cooperation.review.readiness import Standing, lacks, standing
from moonbridge.cooperation.review.states import ROUND
from moonbridge.record.queries import database_now

STAGES = frozenset({StageKind.DECLARATIONS, StageKind.REVIEWS, StageKind.DISCUSSION, StageKind.DECISION})


def opportunity_of(request: SignedInRequest, slug: str) -> Opportunity:
    """Return a call of the person's office with its review, else answer as if there were none."""
    calls = of_office(request.user).select_related("agency", "round").prefetch_related("stage_dates")
    return get_object_or_404(calls, slug=slug)


def round_of(request: SignedInRequest, slug: str) -> Round:
    """Return the review of a call of the person's office, else answer as if there were none."""
    found = opportunity_of(request, slug)
    if not hasattr(found, "round"):
        raise Http404
    found.round.opportunity = found
    return found.round


@never_cache
@login_required
@require_safe
def review(request: SignedInRequest, slug: str) -> HttpResponse:
    """Show where the review stands."""
    call = opportunity_of(request, slug)
    if not hasattr(call, "round"):
        may_begin = call.state == State.CLOSED
        context = {
            "opportunity": call,
            "may_begin": may_begin,
            "mode": steps.MODES[call.review_mode],
            "dates": _dates(call),
        }
        return render(request, "review/begin.html", context)
    call.round.opportunity = call
    return render(request, "review/round.html", _context(request, call.round))


def _context(request: SignedInRequest, round_: Round) -> dict[str, Any]:
    now, step = standing(round_, by=request.user), steps.next_step(round_)
    return {
        "opportunity": round_.opportunity, "round": round_, "mode": steps.MODES[round_.mode], "standing": now,
        "totals": {name: now.total(name) for name in ("reviews", "submitted", "due", "judges")},
        "late": late_sentence(now.late), "may_settle": may_settle(round_),
        "step": step, "others": steps.other_steps(round_), "dates": _dates(round_.opportunity),
        "stated": teams_that_state(request.user, round_.opportunity),
    } | (_missing(now, step.verb) if step else {})  # fmt: skip


def _missing(now: Standing, verb: str) -> dict[str, Any]:
    found = lacks(now, verb)
    return {"lacks": found, "barred": any(lack.necessary for lack in found)}


def _dates(call: Opportunity) -> list[StageClock]:
    return [one for one in stage_clock(call, database_now()) if one.stage in STAGES]


@login_required
@require_POST
def begin(request: SignedInRequest, slug: str) -> HttpResponse:
    """Begin the review of a closed call."""
    actions.begin(opportunity_of(request, slug), by=request.user, command=commands.of(request))
    messages.success(
        request, gettext("The review has begun. One panel judges every proposal, until you say otherwise.")
    )
    return redirect("review-round", slug)


@never_cache
@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def step(request: SignedInRequest, slug: str, verb: str) -> HttpResponse:
    """Show what a step brings about and what it lacks; take it."""
    round_ = round_of(request, slug)
    if verb not in ROUND.table:
        raise Http404
    if request.method == "POST":
        return _taken(request, round_, verb)
    now = standing(round_, by=request.user)
    possible = round_.state in ROUND.table[verb][0]
    context = {"opportunity": round_.opportunity, "round": round_, "step": steps.STEPS[verb], "possible": possible}
    return render(request, "review/step.html", context | _missing(now, verb))


def _taken(request: SignedInRequest, round_: Round, verb: str) -> HttpResponse:
    given = request.POST.get("version", "")
    actions.advance(
        round_, verb, by=request.user, command=commands.of(request), confirmed="confirmed" in request.POST,
        version=int(given) if given.isascii() and given.isdigit() else None,
    )  # fmt: skip
    messages.success(request, gettext("Done: %(step)s.") % {"step": steps.STEPS[verb].name})
    return redirect("review-round", round_.opportunity.slug)
