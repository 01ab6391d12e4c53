"""Begin, write, read and export a proposal."""

from typing import Any
from uuid import UUID, uuid4

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import get_language, gettext
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_POST

from moonbridge.accounts.forms import countries
from moonbridge.accounts.requests import SignedInRequest
from moonbridge.cooperation import autosaves, commands, downloads
from moonbridge.cooperation.opportunities import queries as opportunities
from moonbridge.cooperation.proposals import actions, content, deadline, fit, parts, place, queries, receipts, signposts
from moonbridge.cooperation.proposals.completeness import Missing, missing
from moonbridge.cooperation.proposals.forms import AttachmentForm, Editor, NewForm, another_option, compared, shown
from moonbridge.cooperation.proposals.models import Proposal
from moonbridge.cooperation.proposals.reading import partner_names
from moonbridge.cooperation.proposals.rules import WRITERS
from moonbridge.cooperation.proposals.states import State
from moonbridge.cooperation.proposals.views.access import own, role, seen, written
from moonbridge.cooperation.sites.landing import year_for
from moonbridge.errors import CommandReused, InputError, Stale, WrongState
from moonbridge.record.queries import database_now


@never_cache
@login_required
def new(request: SignedInRequest, slug: str) -> HttpResponse:
    """Begin a proposal for an open call."""
    call = get_object_or_404(opportunities.for_page(request.user), slug=slug)
    form = NewForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        made = actions.begin(
            call, title=form.cleaned_data["title"], example=form.cleaned_data["example"], by=request.user,
            command=commands.of(request),
        )  # fmt: skip
        return redirect("proposal-edit", key=made.pk)
    mine = queries.mine(request.user).filter(opportunity=call)
    over = deadline.over(call, database_now())
    return render(request, "proposals/new.html", {"opportunity": call, "form": form, "mine": mine, "over": over})


@never_cache
@login_required
def proposal(request: SignedInRequest, key: UUID) -> HttpResponse:
    """Show a proposal as it stands: to its team with what is missing and what can be done, to the office as it was received."""
    found = seen(request.user, key)
    mine, now = role(request.user, found), database_now()
    said = content.read(found)
    context: dict[str, Any] = {
        "proposal": found,
        "opportunity": found.opportunity,
        "role": mine,
        "received": receipts.content_of(found),
        "receipts": queries.submissions_visible_to(request.user).filter(proposal=found),
        "may_write": mine in WRITERS and found.state == State.DRAFT,
        "over": deadline.over(found.opportunity, now),
        "options": _fitted(found, said),
        "missing": lacking(found, said) if mine and found.state == State.DRAFT else [],
        "ways": signposts.ways(request.user, found) if mine else [],
    }
    if mine is None:
        context |= {"others": queries.received(request.user, found.opportunity).exclude(pk=key).order_by("code")}
    return render(request, "proposals/proposal.html", context)


def _fitted(found: Proposal, said: content.Draft) -> list[tuple[Any, fit.Fit, list[str]]]:
    """Return each option with its fit, and with what the place where it is to stand means for it."""
    rows, call = found.options.all(), found.opportunity
    reckoned = year_for(call.mission, database_now().date()) if call.site else None
    return [
        (row, fit.of(option, call), place.sentences(option, call, reckoned) if reckoned else [])
        for row, option in zip(rows, said.options, strict=True)
    ]


def lacking(found: Proposal, said: content.Draft) -> list[Missing]:
    """Return what stands between what is said and a submission."""
    return missing(said, found.opportunity, letter_sent=found.letter_sent_at is not None)


@never_cache
@login_required
def edit(request: SignedInRequest, key: UUID) -> HttpResponse:
    """Write a proposal: everything on one page. Whoever saves second is shown both versions and overwrites nothing unseen."""
    found = written(request.user, key)
    if found.state != State.DRAFT:
        return redirect("proposal", key=key)
    if request.method != "POST":
        return _form(request, found, Editor(shown(content.read(found), found.opportunity), found.opportunity))
    typed: Any = request.POST
    if "another" in request.POST:
        typed = another_option(request.POST, uuid4())
    editor = Editor(typed, found.opportunity)
    try:
        _save(request, found, editor)
    except Stale:
        return _form(request, written(request.user, key), editor, stale=True, status=409)
    if "another" in request.POST:
        return _form(request, written(request.user, key), editor)
    messages.success(request, gettext("Saved."))
    return redirect("proposal" if "look" in request.POST else "proposal-edit", key=key)


def _save(request: SignedInRequest, found: Proposal, editor: Editor) -> Proposal:
    typed = request.POST.get("version", "")
    version = int(typed) if typed.isdecimal() and len(typed) < 10 else 0  # noqa: PLR2004 - more digits than any version has
    return actions.save(found, editor.draft, version=version, by=request.user, command=commands.of(request))


def _differences(now: Proposal, editor: Editor) -> list[dict[str, str]]:
    return compared(content.read(now), editor.draft, now.opportunity)


def _form(
    request: HttpRequest, found: Proposal, editor: Editor, *, stale: bool = False, status: int = 200
) -> HttpResponse:
    context = {
        "proposal": found,
        "opportunity": found.opportunity,
        "editor": editor,
        "differences": _differences(found, editor) if stale else [],
        "missing": lacking(found, editor.draft),
        "over": deadline.over(found.opportunity, database_now()),
        "countries": countries(get_language() or "en"),
        "partners": partner_names(),
        "attachment_form": AttachmentForm(auto_id="attachment-%s", dual=parts.is_dual(found.opportunity)),
        "dual": parts.is_dual(found.opportunity),
    }
    return render(request, "proposals/edit.html", context, status=status)


@never_cache
@login_required
@require_POST
def autosave(request: SignedInRequest, key: UUID) -> HttpResponse:
    """Save what the page sends by itself and answer in JSON; a refusal says why and, if somebody else saved, both versions."""
    found = written(request.user, key)
    try:
        editor = Editor(request.POST, found.opportunity)
        saved = _save(request, found, editor)
    except (CommandReused, InputError, Stale, WrongState) as refusal:
        differences = _differences(written(request.user, key), editor) if isinstance(refusal, Stale) else []
        return autosaves.refused(refusal, differences)
    return autosaves.saved(saved.version, saved.saved_at)


@never_cache
@login_required
@require_POST
def fits(request: SignedInRequest, key: UUID) -> HttpResponse:
    """Answer whether what is typed fits, and what is still missing, as pieces of the page; saves nothing."""
    found = written(request.user, key)
    editor = Editor(request.POST, found.opportunity)
    context = {"editor": editor, "missing": lacking(found, editor.draft), "proposal": found}
    return render(request, "proposals/fits.html", context)


@never_cache
@login_required
def export(request: SignedInRequest, key: UUID) -> HttpResponse:
    """Hand the team its proposal as JSON, whatever its state: what is written belongs to those who wrote it."""
    found = own(request.user, key)
    said = receipts.content_of(found) | {"state": found.state, "letter": found.letter}
    return downloads.json_file(said, f"{found.opportunity.slug}-{found.code}.json")
