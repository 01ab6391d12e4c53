"""The published decision for everybody, and the letter for each team."""

from typing import Any
from uuid import UUID

from django.contrib.auth.decorators import login_required
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.views.decorators.http import require_safe

from moonbridge.accounts.queries import Visitor
from moonbridge.cooperation.opportunities import rules
from moonbridge.cooperation.selection import letters, queries
from moonbridge.cooperation.selection.models import Decision, Outcome
from moonbridge.cooperation.selection.openly import how_chosen, open_reasons, open_statements


@require_safe
def decision(request: HttpRequest, slug: str) -> HttpResponse:
    """Show the published decision; the page holds nothing personal, so that it can be kept and served to all."""
    found = get_object_or_404(
        queries.published().select_related("opportunity__agency", "opportunity__mission", "recommendation"),
        opportunity__slug=slug,
    )
    return render(request, "selection/decision.html", _public(found))


def _public(decision: Decision) -> dict[str, Any]:
    told = queries.for_public(decision)
    return {
        "opportunity": decision.opportunity,
        "decision": decision,
        "told": told,
        "overrides": queries.forced(decision),
        "stated": open_statements(decision),
        "how": how_chosen(decision.opportunity),
        "portfolio_rules": decision.opportunity.portfolio_rules.all(),
        "losses": queries.losses(decision),
        "why": open_reasons(decision),
    }


def readable(user: Visitor) -> QuerySet[Outcome]:
    """Return the outcomes that ``user`` may read in full, with what a letter says of them."""
    found = queries.with_parts(queries.outcomes_visible_to(user))
    return found.select_related("decision__opportunity__agency", "decision__opportunity__mission")


@login_required
@require_safe
def outcome(request: HttpRequest, key: UUID) -> HttpResponse:
    """Show a team the outcome of its proposal with the reasons and its own scores; the office sees what the team sees."""
    found = get_object_or_404(readable(request.user), proposal_id=key)
    context = {
        "outcome": found,
        "opportunity": found.decision.opportunity,
        "reasons": letters.reasons(found),
        "next": letters.next_step(found),
        "scores": queries.scorecard(queries.own_scores(request.user, found)),
        "raw": queries.raw_merit(request.user, found),
        "published": found.decision.state == "published",
        "is_office": rules.is_office(request.user, found.decision.opportunity),
    }
    return render(request, "selection/outcome.html", context)
