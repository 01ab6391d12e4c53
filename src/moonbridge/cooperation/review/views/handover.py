"""The hand-over: what the panels' reviews give, before and after calibration, and the one action that lets it count."""

from typing import Any, Final

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.core.paginator import Paginator
from django.db.models import Exists, OuterRef
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_POST, require_safe
from django_htmx.http import HttpResponseClientRefresh

from moonbridge.accounts.requests import SignedInRequest
from moonbridge.cooperation import commands, downloads
from moonbridge.cooperation.opportunities.models import Origin
from moonbridge.cooperation.review import actions, searches
from moonbridge.cooperation.review.actions import previews
from moonbridge.cooperation.review.actions.holding import may_settle
from moonbridge.cooperation.review.forms.handover import CALIBRATED, RAW, HandoverForm
from moonbridge.cooperation.review.handovers import Handover, for_handover, handover, reviewer_names, running
from moonbridge.cooperation.review.late import late_findings, late_sentence
from moonbridge.cooperation.review.models import MANAGING, Round
from moonbridge.cooperation.review.queries.handover import marks_seen
from moonbridge.cooperation.review.queries.rounds import panels_run, rounds_of_office
from moonbridge.cooperation.review.rules import is_under_review
from moonbridge.cooperation.review.states import RoundState
from moonbridge.errors import Refused, Stale
from moonbridge.formats.tables.scores import CRITERION, LONG, ORIGIN, PROPOSAL, REVIEWER, TITLE, score_text

PER_PAGE: Final = 100


def _round(request: HttpRequest, slug: str) -> Any:
    """Return the review of a call of the visitor's office, with what a page of the hand-over asks of it."""
    rounds = for_handover(rounds_of_office(request.user), request.user)
    now = rounds.annotate(searching=Exists(searches.running(OuterRef("pk"))))
    return get_object_or_404(now, opportunity__slug=slug)


@never_cache
@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def hand_over(request: HttpRequest, slug: str) -> HttpResponse:
    """Show what would be handed over; a POST hands over exactly what was shown."""
    round_ = _round(request, slug)
    if round_.in_conflict:
        return render(request, "review/handover.html", {"opportunity": round_.opportunity, "blocked": True})
    found = handover(round_)
    late = late_findings(request.user, round_).count()
    if request.method != "POST":
        return _page(request, found, _form(found, None, late), late=late)
    form = _form(found, request.POST, late)
    if not form.is_valid():
        return _page(request, found, form, status=400, late=late)
    try:
        table = actions.hand_over(
            round_, calibrated=form.cleaned_data["counts"] == CALIBRATED, seen=form.cleaned_data["seen"],
            incomplete=form.cleaned_data.get("incomplete", False), by=request.user,  # type: ignore[arg-type]  # signed in
            command=commands.of(request),
        )  # fmt: skip
    except (Refused, Stale) as error:
        return _page(request, found, _form(found, None, late), status=409, wrong=error.sentence, late=late)
    messages.success(request, _("Score table %(number)s is handed over and counts now.") % {"number": table.number})
    return redirect("scores", slug)


def _form(found: Handover, given: Any, late: int) -> HandoverForm:
    possible = found.waits or found.calibrated is not None
    initial = {"seen": found.digest, "counts": CALIBRATED if possible else RAW}
    missing = bool(found.missing) and found.round.state != RoundState.CONCLUDED
    return HandoverForm(given, initial=initial, possible=possible, missing=missing or late > 0)


def _page(
    request: HttpRequest, found: Handover, form: HandoverForm, *, late: int, status: int = 200, wrong: str = ""
) -> HttpResponse:
    opportunity = found.round.opportunity
    context = {
        "opportunity": opportunity,
        "round": found.round,
        "found": found,
        "page": Paginator(found.rows, PER_PAGE).get_page(request.GET.get("page")),
        "missing": found.missing[:PER_PAGE],
        "left": max(0, len(found.missing) - PER_PAGE),
        "blocks": found.calibrated.facts["blocks"] if found.calibrated else [],
        "form": form,
        "wrong": wrong,
        "late": late_sentence(late),
        "searching": found.round.searching,  # type: ignore[attr-defined]  # annotated
        "may_settle": may_settle(found.round),
        "may_hand_over": is_under_review(request.user, opportunity),
    }
    return render(request, "review/handover.html", context, status=status)


@login_required
@require_POST
def calibrate(request: SignedInRequest, slug: str) -> HttpResponse:
    """Let a job calibrate the reviews as they are now."""
    previews.ask(_round(request, slug), by=request.user)
    return redirect("review-hand-over", slug)


@never_cache
@login_required
@require_safe
def progress(request: SignedInRequest, slug: str) -> HttpResponse:
    """Show how far the calibration is; once it is there, or was stopped, the whole page is loaded anew."""
    round_ = _round(request, slug)
    found = running(round_.pk).first()
    if found is None or round_.in_conflict:
        return HttpResponseClientRefresh() if request.headers.get("HX-Request") else redirect("review-hand-over", slug)
    context = {"opportunity": round_.opportunity, "preview": found}
    return render(request, "review/_calibrating.html", context)


@login_required
@require_POST
def cancel_calibration(request: SignedInRequest, slug: str) -> HttpResponse:
    """Stop the calibration."""
    previews.cancel(_round(request, slug), by=request.user)
    return redirect("review-hand-over", slug)


@login_required
@require_safe
def marks(request: HttpRequest, slug: str, ending: str) -> HttpResponse:
    """Hand office, chairs and secretaries the submitted marks that they may see, in the form of a score table."""
    run = panels_run(request.user, MANAGING).filter(round__opportunity__slug=slug).values("round_id")
    round_ = get_object_or_404(Round.objects.select_related("opportunity"), pk__in=run)
    names, note = reviewer_names(round_), round_.opportunity.origin
    origin = "" if note == Origin.REAL else note
    rows = [
        (
            mark.review.item.proposal.code, mark.review.item.proposal.title, names.get(mark.seat, ""),  # type: ignore[attr-defined]  # masked
            mark.criterion.name, score_text(mark.value_permille or 0), mark.comment, origin,
        )
        for mark in marks_seen(request.user, round_)
    ]  # fmt: skip
    header = (PROPOSAL, TITLE, REVIEWER, CRITERION, *LONG[3:], ORIGIN)
    return downloads.table_file(f"{slug}-marks", ending, header, rows)
