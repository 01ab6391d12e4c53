"""The office's pages: draft, edit, publish, amend, extend, close, cancel."""

from typing import Any

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_POST

from moonbridge.accounts.requests import SignedInRequest
from moonbridge.cooperation import commands
from moonbridge.cooperation.opportunities import actions, instants, queries
from moonbridge.cooperation.opportunities.completeness import missing
from moonbridge.cooperation.opportunities.forms import DocumentForm, Editor, ExtendForm, NewForm
from moonbridge.cooperation.opportunities.models import Opportunity, Origin, StageKind
from moonbridge.cooperation.opportunities.states import PUBLIC, State
from moonbridge.cooperation.opportunities.terms import PROMISED_BY_HAND, compare, read
from moonbridge.errors import InputError, MoonbridgeError
from moonbridge.record.queries import database_now


def own(request: SignedInRequest, slug: str) -> Opportunity:
    """Return an opportunity of the visitor's office, or answer as if there were none."""
    return get_object_or_404(queries.of_office(request.user).select_related("agency", "mission"), slug=slug)


@never_cache
@login_required
def mine(request: SignedInRequest) -> HttpResponse:
    """List all opportunities, drafts included, of the visitor's agencies."""
    if not queries.agencies_of(request.user).exists():
        raise Http404
    found = queries.of_office(request.user).select_related("agency", "mission")
    return render(request, "opportunities/mine.html", {"opportunities": found})


@never_cache
@login_required
def new(request: SignedInRequest) -> HttpResponse:
    """Begin a draft."""
    if not queries.agencies_of(request.user).exists():
        raise Http404
    form = NewForm(request.user, request.POST or None)
    if request.method == "POST" and form.is_valid():
        mission = form.cleaned_data["mission"]
        made = actions.draft(
            agency=mission.agency,
            mission=mission,
            title=form.cleaned_data["title"],
            by=request.user,
            command=commands.of(request),
        )
        return redirect("opportunity-edit", slug=made.slug)
    return render(request, "opportunities/new.html", {"form": form})


@never_cache
@login_required
def edit(request: SignedInRequest, slug: str) -> HttpResponse:
    """Edit a draft: everything that it says on one page. What is missing may stay missing until it is published."""
    found = own(request, slug)
    if found.state != State.DRAFT:
        return redirect("opportunity-amend", slug=slug)
    editor, error = _typed(request, found), None
    if request.method == "POST" and not editor.adding and editor.is_valid():
        version = editor.plain.cleaned_data["version"]
        try:
            actions.save_draft(found, editor.terms(), version=version, by=request.user, command=commands.of(request))
        except MoonbridgeError as refusal:
            error = refusal
        else:
            messages.success(request, _("Saved."))
            return redirect("opportunity" if "look" in request.POST else "opportunity-edit", slug=slug)
    return render(
        request, "opportunities/edit.html", _editor_context(found, editor, error), status=409 if error else 200
    )


def _typed(request: SignedInRequest, found: Opportunity) -> Editor:
    data = request.POST if request.method == "POST" else None
    return Editor(found, data, add=request.POST.get("add", ""))


def _editor_context(found: Opportunity, editor: Editor, error: MoonbridgeError | None) -> dict[str, Any]:
    published = found.state != State.DRAFT
    return {
        "opportunity": found,
        "editor": editor,
        "error": error,
        "missing": [] if published else lacking(found),
        "document_form": DocumentForm(published=published),
        "documents": found.documents.all(),
    }


def lacking(found: Opportunity) -> list[str]:
    """Return what still keeps a draft from being published."""
    return missing(
        read(found), now=database_now() if found.origin == Origin.REAL else None, replay=found.origin == Origin.REPLAY
    )


@never_cache
@login_required
def publish(request: SignedInRequest, slug: str) -> HttpResponse:
    """Ask once more, with all that is still missing; then publish."""
    found, error = own(request, slug), None
    if request.method == "POST":
        try:
            version = int(request.POST.get("version", "")) if request.POST.get("version", "").isdecimal() else 0
            actions.publish(found, version=version, by=request.user, command=commands.of(request))
        except MoonbridgeError as refusal:
            error = refusal
        else:
            messages.success(request, _("Published. From now on it changes by amendment only."))
            return redirect("opportunity", slug=slug)
    if found.state != State.DRAFT:
        return redirect("opportunity", slug=slug)
    context = {"opportunity": found, "missing": lacking(found), "error": error}
    return render(request, "opportunities/publish.html", context, status=409 if error else 200)


@never_cache
@login_required
def amend(request: SignedInRequest, slug: str) -> HttpResponse:
    """Change a published opportunity in the open: first see what would change, then say why."""
    found = own(request, slug)
    if found.state == State.DRAFT:
        return redirect("opportunity-edit", slug=slug)
    editor, error, changes = _typed(request, found), None, None
    if request.method == "POST" and not editor.adding and editor.is_valid():
        if "look" in request.POST:
            changes = compare(read(found), editor.terms())
        else:
            try:
                _amend(request, found, editor)
            except MoonbridgeError as refusal:
                error = refusal
            else:
                messages.success(request, _("Amended. Everybody who follows is told."))
                return redirect("opportunity", slug=slug)
    context = _editor_context(found, editor, error) | {"changes": changes, "reason": request.POST.get("reason", "")}
    return render(request, "opportunities/amend.html", context, status=409 if error else 200)


def _amend(request: SignedInRequest, found: Opportunity, editor: Editor) -> None:
    actions.amend(
        found,
        editor.terms(),
        reason=request.POST.get("reason", ""),
        version=editor.plain.cleaned_data["version"],
        by=request.user,
        command=commands.of(request),
    )


@never_cache
@login_required
def manage(request: SignedInRequest, slug: str) -> HttpResponse:
    """Show the office what it can do with a published opportunity besides amending its terms."""
    found = own(request, slug)
    initial: dict[str, Any] = {"version": found.version}
    if found.deadline:
        initial["deadline"] = instants.wall_clock(found.deadline, found.deadline_zone)
    return render(request, "opportunities/manage.html", _manage_context(found, ExtendForm(initial=initial), None))


def _manage_context(found: Opportunity, form: ExtendForm, error: MoonbridgeError | None) -> dict[str, Any]:
    now = database_now()
    clock = queries.stage_clock(found, now)
    over = found.deadline is not None and found.deadline <= now
    return {
        "opportunity": found,
        "error": error,
        "clock": clock,
        "to_note": _noteable(found, clock),
        "extend_form": form,
        "document_form": DocumentForm(published=found.state != State.DRAFT),
        "documents": found.documents.all(),
        "followers": found.followers.filter(confirmed_at__isnull=False).count(),
        "unanswered": found.questions.filter(answered_at=None).count(),
        "may_close": found.state == State.OPEN and (over or found.origin != Origin.REAL),
    }


def _noteable(found: Opportunity, clock: list[queries.StageClock]) -> list[StageKind]:
    """Return the stages that the office may still note as happened; the decision notes itself when it is published."""
    if found.state not in PUBLIC - {State.CANCELLED}:
        return []
    by_hand = set(PROMISED_BY_HAND) - {StageKind.DECISION}
    return [one.stage for one in clock if one.stage in by_hand and one.kept is None]


@never_cache
@login_required
@require_POST
def extend(request: SignedInRequest, slug: str) -> HttpResponse:
    """Move the deadline later; a refusal keeps what was typed."""
    found, form, error = own(request, slug), ExtendForm(request.POST), None
    if form.is_valid():
        try:
            _extend(request, found, form.cleaned_data)
        except MoonbridgeError as refusal:
            error = refusal
        else:
            messages.success(request, _("The deadline is extended. Everybody who follows is told."))
            return redirect("opportunity", slug=slug)
    status = 409 if error else 400
    return render(request, "opportunities/manage.html", _manage_context(found, form, error), status=status)


def _extend(request: SignedInRequest, found: Opportunity, given: dict[str, Any]) -> None:
    actions.extend_deadline(
        found,
        instants.localised(given["deadline"], found.deadline_zone, field="deadline"),
        reason=given["reason"],
        version=given["version"],
        by=request.user,
        command=commands.of(request),
    )


@login_required
@require_POST
def close(request: SignedInRequest, slug: str) -> HttpResponse:
    """Close by hand."""
    actions.close(own(request, slug), by=request.user, command=commands.of(request))
    messages.success(request, _("Closed. Proposals can now be opened."))
    return redirect("opportunity", slug=slug)


@login_required
@require_POST
def cancel(request: SignedInRequest, slug: str) -> HttpResponse:
    """Call the opportunity off."""
    actions.cancel(
        own(request, slug), reason=request.POST.get("reason", ""), by=request.user, command=commands.of(request)
    )
    messages.success(request, _("Cancelled. Everybody who follows is told."))
    return redirect("opportunity", slug=slug)


@login_required
@require_POST
def keep(request: SignedInRequest, slug: str) -> HttpResponse:
    """Note that a promised stage has happened now."""
    stage = request.POST.get("stage", "")
    if stage not in StageKind.values:
        raise InputError(_("There is no such stage."), field="stage")
    actions.note_kept(own(request, slug), StageKind(stage), by=request.user, command=commands.of(request))
    messages.success(request, _("Noted on the clock."))
    return redirect("opportunity-manage", slug=slug)


@login_required
@require_POST
def duplicate(request: SignedInRequest, slug: str) -> HttpResponse:
    """Begin a draft with the terms of this one."""
    made = actions.duplicate(own(request, slug), by=request.user, command=commands.of(request))
    return redirect("opportunity-edit", slug=made.slug)


@login_required
@require_POST
def add_document(request: SignedInRequest, slug: str) -> HttpResponse:
    """Take in a document."""
    found = own(request, slug)
    form = DocumentForm(request.POST, request.FILES, published=found.state != State.DRAFT)
    if not form.is_valid():
        raise InputError(" ".join(str(error) for errors in form.errors.values() for error in errors))
    given = form.cleaned_data
    actions.add_document(
        found,
        given["file"],
        title=given["title"],
        reason=given.get("reason", ""),
        by=request.user,
        command=commands.of(request),
    )
    messages.success(request, _("The document is added."))
    return redirect("opportunity-manage" if found.state != State.DRAFT else "opportunity-edit", slug=slug)


@login_required
@require_POST
def remove_document(request: SignedInRequest, slug: str, key: str) -> HttpResponse:
    """Take a document away."""
    found = own(request, slug)
    document = get_object_or_404(found.documents.select_related("opportunity"), pk=key)
    actions.remove_document(
        document, reason=request.POST.get("reason", ""), by=request.user, command=commands.of(request)
    )
    messages.success(request, _("The document is removed."))
    return redirect("opportunity-manage" if found.state != State.DRAFT else "opportunity-edit", slug=slug)
