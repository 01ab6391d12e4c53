"""Debriefs: the preview for those who run the panels, the release by the office, the page and the paper of the team."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final
from uuid import UUID

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.core.paginator import Paginator
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from moonbridge.cooperation import commands, downloads
from moonbridge.cooperation.opportunities.rules import is_office
from moonbridge.cooperation.review.actions.debriefs import give_back, release_debriefs, withhold
from moonbridge.cooperation.review.debrief_paper import debrief_paper
from moonbridge.cooperation.review.debriefing import contents
from moonbridge.cooperation.review.forms.debriefs import WITHHOLD, CommentForm
from moonbridge.cooperation.review.models import Debrief, Item, Mark, Review, Round, Withholding
from moonbridge.cooperation.review.queries import debriefs as queries
from moonbridge.cooperation.review.queries.rounds import rounds_of_office
from moonbridge.errors import InputError

PER_PAGE: Final = 100


@dataclass(frozen=True, slots=True)
class Comment:
    """A comment to the team as the office sees it: of which kind, by whom, and whether it is withheld."""

    kind: str
    thing: Review | Mark | Item
    label: str
    text: str

    @property
    def key(self) -> str:
        """The key of what it belongs to."""
        return str(self.thing.pk)

    @property
    def withheld(self) -> Withholding | None:
        """That it is withheld."""
        return getattr(self.thing, "withholding", None)


def _round(request: HttpRequest, slug: str) -> Round:
    rounds = queries.rounds_previewed_by(request.user).select_related("opportunity__agency", "opportunity__mission")
    return get_object_or_404(rounds, opportunity__slug=slug)


@login_required
@require_safe
def debriefs(request: HttpRequest, slug: str) -> HttpResponse:
    """List what the teams will be told, as far as the reader may see it."""
    round_ = _round(request, slug)
    page = Paginator(queries.proposals_previewed_by(request.user, round_), PER_PAGE).get_page(request.GET.get("page"))
    released = Debrief.objects.filter(proposal__opportunity=round_.opportunity)
    context = {
        "opportunity": round_.opportunity,
        "page": page,
        "rows": queries.outlines(request.user, round_, page),
        "is_office": is_office(request.user, round_.opportunity),
        "released_at": released.values_list("released_at", flat=True).first(),
    }
    return render(request, "review/debriefs.html", context)


@login_required
@require_safe
def debrief(request: HttpRequest, slug: str, key: UUID) -> HttpResponse:
    """Show what one team will be told; the office may withhold a comment."""
    round_ = _round(request, slug)
    items, reviews = _parts(request, round_, key)
    office = is_office(request.user, round_.opportunity)
    released = Debrief.objects.filter(proposal=key).exists()
    context = {
        "opportunity": round_.opportunity,
        "proposal": items[0].proposal,
        "content": contents(items, reviews, round_.mode)[key],
        "released": released,
        "comments": list(_comments(items, reviews)) if office and not released else [],
    }
    return render(request, "review/debrief_preview.html", context)


def _parts(request: HttpRequest, round_: Round, key: UUID) -> tuple[list[Item], list[Review]]:
    items = list(queries.items_previewed_by(request.user, round_).filter(proposal=key))
    if not items:
        raise Http404
    return items, list(queries.reviews_previewed_by(request.user, round_).filter(item__proposal=key))


def _comments(items: list[Item], reviews: list[Review]) -> Iterator[Comment]:
    for item in items:
        if item.to_team.strip():
            yield Comment("item", item, _("The panel: %(panel)s") % {"panel": item.panel}, item.to_team)
    for review in reviews:
        if review.to_team.strip():
            yield Comment("review", review, review.seat.label, review.to_team)
        for mark in review.marks.all():
            if mark.comment.strip():
                yield Comment("mark", mark, f"{review.seat.label}, {mark.criterion}", mark.comment)


@login_required
@require_POST
def comment(request: HttpRequest, slug: str, key: UUID) -> HttpResponse:
    """Withhold a comment with a reason, or let the team read it after all."""
    rounds = rounds_of_office(request.user).select_related("opportunity")
    round_ = get_object_or_404(rounds, opportunity__slug=slug)
    form = CommentForm(request.POST)
    if not form.is_valid():
        raise InputError(_("Choose a comment."), field="key")
    asked = form.cleaned_data
    found = next(
        (c for c in _comments(*_parts(request, round_, key)) if (c.kind, c.key) == (asked["kind"], asked["key"])), None
    )
    if found is None:
        raise Http404
    by, command = request.user, commands.of(request)
    if asked["verb"] == WITHHOLD:
        withhold(found.thing, reason=asked["reason"], by=by, command=command)  # type: ignore[arg-type]  # signed in
        messages.success(request, _("The comment is withheld."))
    elif found.withheld:
        give_back(found.withheld, by=by, command=command)  # type: ignore[arg-type]  # signed in
        messages.success(request, _("The team will read the comment."))
    return redirect("review-debrief", slug, key)


@login_required
@require_POST
def release(request: HttpRequest, slug: str) -> HttpResponse:
    """Tell all teams."""
    round_ = get_object_or_404(rounds_of_office(request.user).select_related("opportunity"), opportunity__slug=slug)
    told = release_debriefs(round_, by=request.user, command=commands.of(request))  # type: ignore[arg-type]  # signed in
    messages.success(request, _("Teams that are told now: %(n)d.") % {"n": told})
    return redirect("review-debriefs", slug)


@login_required
@require_safe
def of_team(request: HttpRequest, key: UUID) -> HttpResponse:
    """Show a team what the panels said of its proposal; before it is released, that it will be."""
    told = queries.told_to(request.user).select_related("opportunity__agency", "opportunity__mission")
    proposal = get_object_or_404(told, pk=key)
    context = {
        "proposal": proposal,
        "opportunity": proposal.opportunity,
        "debrief": queries.visible_to(request.user).filter(proposal=proposal).first(),
    }
    return render(request, "review/debrief.html", context)


@login_required
@require_safe
def paper(request: HttpRequest, key: UUID) -> HttpResponse:
    """Hand out the debrief as a paper."""
    visible = queries.visible_to(request.user).select_related(
        "proposal__opportunity__agency", "proposal__opportunity__mission"
    )
    found = get_object_or_404(visible, proposal=key)
    return downloads.pdf_file(debrief_paper(found), f"{found.proposal.code}-debrief.pdf")
