"""The office's pages: the recommendation, what it forces, the decision it draws up and publishes, and what follows."""

from typing import Any
from uuid import UUID

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe
from django_htmx.http import HttpResponseClientRefresh

from moonbridge.accounts.models import User
from moonbridge.cooperation import commands
from moonbridge.cooperation.opportunities.models import Opportunity
from moonbridge.cooperation.opportunities.queries import of_office
from moonbridge.cooperation.proposals.models import Proposal
from moonbridge.cooperation.proposals.queries import visible_to
from moonbridge.cooperation.review.queries.peers import set_aside_of_office
from moonbridge.cooperation.selection import actions, queries, rules
from moonbridge.cooperation.selection.afterwards import offer_now
from moonbridge.cooperation.selection.boards import board
from moonbridge.cooperation.selection.forms import IN, DraftForm, ForceForm, LossForm, PlaceForm, PublishForm
from moonbridge.cooperation.selection.models import Decision, Outcome
from moonbridge.cooperation.selection.statements import as_said, standing
from moonbridge.cooperation.selection.states import OutcomeKind, SolveState
from moonbridge.cooperation.selection.wording import Wording
from moonbridge.errors import InputError
from moonbridge.formats.calls.write import call_text

MEDIA_TYPES = {"toml": "application/toml", "json": "application/json"}


def opportunity_of(request: HttpRequest, slug: str) -> Opportunity:
    """Return the opportunity, if the visitor is its office."""
    return get_object_or_404(of_office(request.user).select_related("agency", "mission"), slug=slug)


def user_of(request: HttpRequest) -> User:
    """Return who is signed in; ``login_required`` stands before every view here."""
    user: User = request.user  # type: ignore[assignment]
    return user


def _proposal(request: HttpRequest, opportunity: Opportunity, code: str) -> Proposal:
    received = visible_to(request.user).select_related("opportunity")
    return get_object_or_404(received, opportunity=opportunity, code=code)


@login_required
@require_safe
def selection(request: HttpRequest, slug: str) -> HttpResponse:
    """Show the recommended portfolio before the decision, and the places after it."""
    opportunity = opportunity_of(request, slug)
    if rules.may_follow_up(request.user, opportunity):
        return render(request, "selection/afterwards.html", _after(opportunity))
    return render(request, "selection/selection.html", _before(request, opportunity))


def _before(request: HttpRequest, opportunity: Opportunity) -> dict[str, Any]:
    newest = queries.latest(opportunity)
    problem, hindrance = queries.present_digest(opportunity)
    wording = Wording(opportunity)
    return {
        "opportunity": opportunity,
        "may_choose": rules.may_choose(request.user, opportunity),
        "hindrance": hindrance,
        "set_aside": set_aside_of_office(user_of(request)).filter(panel__round__opportunity=opportunity),
        "solve": queries.last_solve(opportunity),
        "board": board(newest[0]) if newest else None,
        "fresh": bool(newest) and newest[0].problem_digest == problem,
        "comparison": queries.compared(newest),
        "decision": Decision.objects.filter(opportunity=opportunity).first(),
        "force": ForceForm(),
        "stated": [(wording.stated(as_said(one)), one) for one in standing(opportunity)],
    }


def _after(opportunity: Opportunity) -> dict[str, Any]:
    decision = Decision.objects.select_related("opportunity__agency", "recommendation__opportunity").get(
        opportunity=opportunity
    )
    offer = offer_now(decision)
    choices = offer.recommendation.result["choices"] if offer.recommendation else {}
    waiting = queries.with_parts(decision.outcomes.filter(kind=OutcomeKind.RESERVE)).order_by("reserve_rank")
    return {
        "opportunity": opportunity,
        "decision": decision,
        "told": queries.for_public(decision),
        "waiting": [(outcome, choices.get(outcome.proposal.code)) for outcome in waiting],
        "offer": offer,
        "offered": board(offer.recommendation) if offer.recommendation else None,
        "solve": offer.solve,
        "losses": queries.losses(decision),
        "chosen": board(decision.recommendation) if decision.recommendation else None,
        "loss_form": LossForm(),
    }


@login_required
@require_POST
def recommend(request: HttpRequest, slug: str) -> HttpResponse:
    """Ask for a recommendation; a long search shows its progress on the page."""
    solve = actions.recommend(opportunity_of(request, slug), by=user_of(request), command=commands.of(request))
    if solve.state == SolveState.DONE:
        messages.success(request, _("The best portfolio is proven."))
    return redirect("selection", slug)


@login_required
@require_safe
def progress(request: HttpRequest, slug: str, key: UUID) -> HttpResponse:
    """Show how far a search is; once it is over the whole page is loaded anew."""
    solve = get_object_or_404(queries.solves_visible_to(request.user), opportunity__slug=slug, pk=key)
    if solve.state != SolveState.RUNNING:
        return HttpResponseClientRefresh() if request.headers.get("HX-Request") else redirect("selection", slug)
    return render(request, "selection/_progress.html", {"solve": solve, "opportunity": solve.opportunity})


@login_required
@require_POST
def cancel(request: HttpRequest, slug: str, key: UUID) -> HttpResponse:
    """Stop a search."""
    found = queries.solves_visible_to(request.user).select_related("opportunity")
    actions.cancel(get_object_or_404(found, opportunity__slug=slug, pk=key), by=user_of(request))
    return redirect("selection", slug)


@login_required
@require_POST
def force(request: HttpRequest, slug: str) -> HttpResponse:
    """Force a proposal in or out, with a written reason."""
    opportunity = opportunity_of(request, slug)
    form = ForceForm(request.POST)
    if not form.is_valid():
        raise InputError(_("Write down why; the reason is shown to everybody concerned."), field="reason")
    given = form.cleaned_data
    actions.force(
        _proposal(request, opportunity, given["code"]),
        inside=given["side"] == IN,
        reason=given["reason"],
        by=user_of(request),
        command=commands.of(request),
    )
    messages.success(request, _("Noted. Ask for a new recommendation to see what it changes."))
    return redirect("selection", slug)


@login_required
@require_POST
def unforce(request: HttpRequest, slug: str) -> HttpResponse:
    """Let merit decide about a proposal again."""
    opportunity, form = opportunity_of(request, slug), PlaceForm(request.POST)
    if not form.is_valid():
        raise InputError(_("Say which proposal."), field="code")
    proposal = _proposal(request, opportunity, form.cleaned_data["code"])
    actions.unforce(proposal, by=user_of(request), command=commands.of(request))
    messages.success(request, _("Taken back. Ask for a new recommendation to see what it changes."))
    return redirect("selection", slug)


@login_required
@require_safe
def problem(request: HttpRequest, slug: str, number: int, form: str) -> HttpResponse:
    """Hand out exactly the problem of a recommendation, so that the command line finds the same portfolio."""
    visible = queries.recommendations_visible_to(request.user)
    found = get_object_or_404(visible, opportunity__slug=slug, number=number)
    if form not in MEDIA_TYPES:
        raise Http404
    answer = HttpResponse(
        call_text(queries.problem_of(found), form), content_type=f"{MEDIA_TYPES[form]}; charset=utf-8"
    )
    answer["Content-Disposition"] = f'attachment; filename="{slug}-{number}.{form}"'
    return answer


@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def draft(request: HttpRequest, slug: str) -> HttpResponse:
    """Draw up the decision from the newest recommendation."""
    opportunity = opportunity_of(request, slug)
    newest = queries.latest(opportunity)
    if not newest:
        raise Http404
    shown = board(newest[0])
    parts = {"selected": [line.code for line in shown.selected], "others": [line.code for line in shown.left_out]}
    form = DraftForm(
        request.POST or None, initial=_written(opportunity) | {"recommendation": newest[0].number}, **parts
    )
    if request.method == "POST" and form.is_valid() and _drafted(request, opportunity, form):
        return redirect("selection-publish", slug)
    by_code = {line.code: line for line in shown.lines}
    rows = [{"line": by_code[code], "condition": condition, "note": note} for code, condition, note in form.rows()]
    context = {"opportunity": opportunity, "form": form, "board": shown, "rows": rows}
    return render(request, "selection/draft.html", context, status=400 if form.errors else 200)


def _written(opportunity: Opportunity) -> dict[str, Any]:
    """Return what an earlier draft of the decision says, so that drawing it up anew loses no words."""
    decision = Decision.objects.filter(opportunity=opportunity).first()
    if decision is None:
        return {}
    outcomes = list(decision.outcomes.select_related("proposal"))
    return {
        "note": decision.note,
        "reserve": sum(outcome.kind == OutcomeKind.RESERVE for outcome in outcomes),
        **{f"condition-{outcome.proposal.code}": outcome.condition for outcome in outcomes},
        **{f"note-{outcome.proposal.code}": outcome.note for outcome in outcomes},
    }


def _drafted(request: HttpRequest, opportunity: Opportunity, form: DraftForm) -> bool:
    number = form.cleaned_data["recommendation"]
    recommendation = get_object_or_404(opportunity.recommendations.all(), number=number)
    try:
        actions.draft_decision(
            opportunity, recommendation=recommendation, reserve=form.cleaned_data["reserve"], conditions=form.conditions,
            notes=form.notes, note=form.cleaned_data["note"], by=user_of(request), command=commands.of(request),
        )  # fmt: skip
    except InputError as error:
        form.add_error(None, error.sentence)
        return False
    return True


@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def publish(request: HttpRequest, slug: str) -> HttpResponse:
    """Show the drawn-up decision as it will be public, and publish it."""
    opportunity = opportunity_of(request, slug)
    decision = get_object_or_404(
        Decision.objects.select_related("opportunity__agency", "opportunity__mission", "recommendation"),
        opportunity=opportunity,
    )
    form = PublishForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        actions.publish_decision(opportunity, by=user_of(request), command=commands.of(request))
        messages.success(request, _("The decision is published; the letters to the teams are on their way."))
        return redirect("selection", slug)
    outcomes = queries.with_parts(decision.outcomes.all()).order_by("reserve_rank", "proposal__code")
    context = {
        "opportunity": opportunity,
        "decision": decision,
        "told": queries.for_public(decision),
        "outcomes": sorted(outcomes, key=lambda outcome: list(OutcomeKind).index(OutcomeKind(outcome.kind))),
        "form": form,
    }
    return render(request, "selection/publish.html", context, status=400 if form.errors else 200)


def _outcome(request: HttpRequest, slug: str, form: LossForm | PlaceForm) -> Outcome:
    if not form.is_valid():
        raise InputError(_("Write down why the place is lost; the reason is public."), field="reason")
    opportunity = opportunity_of(request, slug)
    found = Outcome.objects.select_related("decision__opportunity", "proposal")
    return get_object_or_404(found, decision__opportunity=opportunity, proposal__code=form.cleaned_data["code"])


@login_required
@require_POST
def lose(request: HttpRequest, slug: str) -> HttpResponse:
    """Take note of a lost place."""
    form = LossForm(request.POST)
    outcome = _outcome(request, slug, form)
    actions.lose(outcome, reason=form.cleaned_data["reason"], by=user_of(request), command=commands.of(request))
    messages.success(
        request, _("Its resources are back in the pool; to whom of the reserve list they go is worked out.")
    )
    return redirect("selection", slug)


@login_required
@require_POST
def offer(request: HttpRequest, slug: str) -> HttpResponse:
    """Have it worked out anew to whom of the reserve list goes what is free."""
    actions.offer_reserve(opportunity_of(request, slug), by=user_of(request), command=commands.of(request))
    return redirect("selection", slug)


@login_required
@require_POST
def call_up(request: HttpRequest, slug: str) -> HttpResponse:
    """Give somebody on the reserve list a place."""
    form = PlaceForm(request.POST)
    outcome = _outcome(request, slug, form)
    name = form.cleaned_data["option"]
    option = get_object_or_404(outcome.proposal.options.all(), name=name) if name else None
    actions.call_up(outcome, option=option, by=user_of(request), command=commands.of(request))
    messages.success(request, _("%(code)s has a place now.") % {"code": outcome.proposal.code})
    return redirect("selection", slug)


@login_required
@require_POST
def fulfil(request: HttpRequest, slug: str) -> HttpResponse:
    """Take note of a fulfilled condition."""
    outcome = _outcome(request, slug, PlaceForm(request.POST))
    actions.fulfil(outcome, by=user_of(request), command=commands.of(request))
    messages.success(request, _("%(code)s is selected without condition now.") % {"code": outcome.proposal.code})
    return redirect("selection", slug)
