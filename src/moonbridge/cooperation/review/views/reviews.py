"""The reviewer's desk, and the page of one review: written, saved by itself, submitted, reopened, given back."""

from typing import Any
from uuid import UUID

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.translation import gettext
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from moonbridge.accounts.requests import SignedInRequest
from moonbridge.cooperation import autosaves, commands
from moonbridge.cooperation.opportunities.models import StageKind
from moonbridge.cooperation.review.actions import drafts as drafting
from moonbridge.cooperation.review.actions import recusals
from moonbridge.cooperation.review.actions import reviews as acting
from moonbridge.cooperation.review.forms.declarations import RecuseForm
from moonbridge.cooperation.review.forms.reviews import EXPERTISE, Editor, compared, shown
from moonbridge.cooperation.review.models import Review
from moonbridge.cooperation.review.queries import documents, reviews
from moonbridge.cooperation.review.writing import locked, may_reopen, may_write, missing, read
from moonbridge.errors import CommandReused, InputError, Stale, WrongState


@never_cache
@login_required
@require_safe
def desk(request: SignedInRequest) -> HttpResponse:
    """Show what is due, over all panels in which the person sits."""
    return render(request, "review/desk.html", {"sittings": reviews.sittings(request.user)})


@never_cache
@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def write(request: SignedInRequest, key: UUID) -> HttpResponse:
    """Write a review with the proposal beside it. Whoever saves second is shown both versions and overwrites nothing unseen."""
    found = _own(request, key)
    criteria = list(found.item.panel.criteria.all())
    if request.method != "POST":
        return _page(request, found, Editor(shown(read(found)), found.item.panel, criteria))
    editor = Editor(request.POST, found.item.panel, criteria)
    try:
        _save(request, found, editor)
    except Stale:
        return _page(request, _own(request, key), editor, stale=True, status=409)
    except InputError as refusal:
        return _page(request, found, editor, refusal=refusal, status=400)
    messages.success(request, gettext("Saved."))
    return redirect("review-submit" if "look" in request.POST else "review-write", key=key)


def _own(request: SignedInRequest, key: UUID) -> Review:
    """Return a review that is the person's to write or to read again, else answer as if there were none."""
    return get_object_or_404(reviews.own(request.user).prefetch_related("marks"), pk=key)


def _save(request: SignedInRequest, found: Review, editor: Editor) -> drafting.Saved:
    version = _version(request)
    return drafting.save(found, editor.draft, version=version, by=request.user, command=commands.of(request))


def _version(request: HttpRequest) -> int:
    typed = request.POST.get("version", "")
    return int(typed) if typed.isdecimal() and len(typed) < 10 else 0  # noqa: PLR2004 - more digits than any version has


def _page(
    request: SignedInRequest, found: Review, editor: Editor, *, stale: bool = False,
    refusal: InputError | None = None, status: int = 200,
) -> HttpResponse:  # fmt: skip
    panel = found.item.panel
    context: dict[str, Any] = {
        "review": found,
        "editor": editor,
        "lines": list(editor.lines(list(panel.descriptors.all()))),
        "reading": _reading(request, found),
        "others": reviews.others(request.user, found),
        "may_write": may_write(found),
        "may_reopen": may_reopen(found),
        "expertise": dict(EXPERTISE).get(found.expertise or 0),
        "locked": locked(found),
        "locks_at": reviews.dates_of(panel).get(StageKind.DISCUSSION),
        "differences": compared(read(found), editor.draft, editor) if stale else [],
        "refusal": refusal,
        "unsaved": stale or refusal is not None,
    }
    return render(request, "review/review.html", context, status=status)


def _reading(request: SignedInRequest, found: Review) -> documents.Reading:
    """Return the proposal as it may be read, its files linked through this review."""
    reading = documents.reading(request.user, found.item)
    for part in (reading.open, reading.sealed or {}):
        for file in part.get("attachments", ()):
            file["url"] = reverse("review-document", args=[found.pk, file["id"]])
    return reading


@never_cache
@login_required
@require_POST
def autosave(request: SignedInRequest, key: UUID) -> HttpResponse:
    """Save what the page sends by itself and answer in JSON; a refusal says why and, if another window saved, both versions."""
    found = get_object_or_404(reviews.of_author(request.user), pk=key)
    editor = Editor(request.POST, found.item.panel, list(found.item.panel.criteria.all()))
    try:
        saved = _save(request, found, editor)
    except (CommandReused, InputError, Stale, WrongState) as refusal:
        stale = isinstance(refusal, Stale)
        return autosaves.refused(refusal, compared(read(_own(request, key)), editor.draft, editor) if stale else [])
    return autosaves.saved(saved.version, saved.saved_at)


@never_cache
@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def submit(request: SignedInRequest, key: UUID) -> HttpResponse:
    """Show exactly what will be submitted and what is missing, ask once more, and submit it."""
    found = _own(request, key)
    if request.method == "POST":
        acting.submit(found, version=_version(request), by=request.user, command=commands.of(request))
        messages.success(request, gettext("Submitted. Thank you."))
        return redirect("review-write", key=key)
    if not may_write(found):
        return redirect("review-write", key=key)
    criteria = list(found.item.panel.criteria.all())
    editor = Editor(shown(read(found)), found.item.panel, criteria)
    context = {
        "review": found,
        "lines": list(editor.lines([])),
        "expertise": dict(EXPERTISE).get(found.expertise or 0),
        "missing": missing(read(found), found.item.panel, criteria),
    }
    return render(request, "review/submit.html", context)


@never_cache
@login_required
@require_POST
def reopen(request: SignedInRequest, key: UUID) -> HttpResponse:
    """Make one's submitted review a draft again."""
    acting.reopen(_own(request, key), by=request.user, command=commands.of(request))
    messages.warning(request, gettext("Reopened. It does not count until you submit it again."))
    return redirect("review-write", key=key)


@never_cache
@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def recuse(request: SignedInRequest, key: UUID) -> HttpResponse:
    """Ask why and once more, then give the review back; with a conflict named the proposal is not shown any more."""
    found, form = _own(request, key), RecuseForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        ground, words = form.cleaned_data["ground"], form.cleaned_data["words"]
        tie = recusals.Tie(ground, words) if ground else None
        recusals.recuse(found, reason=words, tie=tie, by=request.user, command=commands.of(request))
        messages.success(request, gettext("You are not asked for this review any more."))
        return redirect("review-desk")
    status = 400 if request.method == "POST" else 200
    return render(request, "review/recuse.html", {"review": found, "form": form}, status=status)
