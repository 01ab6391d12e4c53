"""Papers and certificates of a selection as downloads: the office's, everybody's, and each team's."""

from uuid import UUID

from django.contrib.auth.decorators import login_required
from django.db.models import QuerySet
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404
from django.views.decorators.http import require_safe

from moonbridge.cooperation import downloads
from moonbridge.cooperation.selection import papers, queries
from moonbridge.cooperation.selection.models import Decision, Recommendation
from moonbridge.cooperation.selection.views.public import readable


@login_required
@require_safe
def panel(request: HttpRequest, slug: str, number: int) -> HttpResponse:
    """Hand the office the panel's paper on a recommendation."""
    found = _recommendation(request, slug, number)
    return downloads.pdf_file(papers.panel_paper(found), f"{slug}-{number}.pdf")


@login_required
@require_safe
def certificate(request: HttpRequest, slug: str, number: int) -> HttpResponse:
    """Hand the office the whole certificate of a recommendation, which verifies against its problem."""
    found = _recommendation(request, slug, number)
    if found.certificate is None:
        raise Http404
    return downloads.json_file(found.certificate, f"{slug}-{number}-certificate.json")


def _recommendation(request: HttpRequest, slug: str, number: int) -> Recommendation:
    visible = queries.recommendations_visible_to(request.user).select_related(
        "opportunity__agency", "opportunity__mission"
    )
    return get_object_or_404(visible, opportunity__slug=slug, number=number)


@require_safe
def decision(request: HttpRequest, slug: str) -> HttpResponse:  # noqa: ARG001 - the same for everybody
    """Hand everybody the published decision as a paper."""
    found = get_object_or_404(_published(), opportunity__slug=slug)
    return downloads.pdf_file(papers.public_paper(found), f"{slug}-decision.pdf")


@require_safe
def public_certificate(request: HttpRequest, slug: str) -> HttpResponse:  # noqa: ARG001 - the same for everybody
    """Hand everybody the public part of the certificate of a published decision."""
    found = get_object_or_404(_published(), opportunity__slug=slug)
    if found.recommendation is None or found.recommendation.public_certificate is None:
        raise Http404
    return downloads.json_file(found.recommendation.public_certificate, f"{slug}-certificate.json")


def _published() -> QuerySet[Decision]:
    return queries.published().select_related("opportunity__agency", "opportunity__mission", "recommendation")


@login_required
@require_safe
def outcome(request: HttpRequest, key: UUID) -> HttpResponse:
    """Hand a team its decision letter; the office gets what the team gets."""
    found = get_object_or_404(readable(request.user), proposal_id=key)
    scores = queries.own_scores(request.user, found)
    return downloads.pdf_file(
        papers.letter(found, scores, queries.raw_merit(request.user, found)), f"{found.proposal.code}-outcome.pdf"
    )
