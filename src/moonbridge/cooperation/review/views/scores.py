"""The office's page of scores: choose a table, see what it would bring, take it in; templates and earlier tables to download."""

from collections.abc import Sequence
from typing import Any, Final

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.core.files.uploadedfile import UploadedFile
from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from moonbridge.cooperation import commands, downloads
from moonbridge.cooperation.opportunities.models import Opportunity, Origin
from moonbridge.cooperation.opportunities.queries import of_office
from moonbridge.cooperation.review import actions, queries
from moonbridge.cooperation.review.forms.scores import ConfirmForm, UploadForm
from moonbridge.cooperation.review.queries.ranking import Placed
from moonbridge.cooperation.review.rules import may_upload, scheme
from moonbridge.cooperation.review.words import expected
from moonbridge.errors import InputError
from moonbridge.formats.tables.scores import (
    COMMENT,
    CRITERION,
    LONG,
    ORIGIN,
    PROPOSAL,
    REVIEWER,
    TITLE,
    TableError,
    score_text,
)

PER_PAGE: Final = 100


def _opportunity(request: HttpRequest, slug: str) -> Opportunity:
    calls = of_office(request.user).select_related("agency", "mission", "round").prefetch_related("criteria")
    return get_object_or_404(calls, slug=slug)


@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def scores(request: HttpRequest, slug: str) -> HttpResponse:
    """Show where the proposals stand and which tables came in; a POST checks a chosen file and takes nothing in."""
    opportunity = _opportunity(request, slug)
    if request.method != "POST":
        return _page(request, opportunity, UploadForm())
    form = UploadForm(request.POST, request.FILES)
    if not form.is_valid():
        return _page(request, opportunity, form, status=400)
    return _checked(request, opportunity, form.cleaned_data["file"])


def _page(
    request: HttpRequest, opportunity: Opportunity, form: UploadForm, *, status: int = 200, **more: Any
) -> HttpResponse:
    history = list(queries.history(request.user, opportunity))
    ranking = queries.Ranking(request.user, opportunity, history[0]) if history else None
    listed: Sequence[Placed] = ranking or ()
    page = Paginator(listed, PER_PAGE).get_page(request.GET.get("page"))
    context = {
        "opportunity": opportunity,
        "form": form,
        "may_upload": may_upload(request.user, opportunity),
        "page": page,
        "criteria": list(opportunity.criteria.all()),
        "calibrated": ranking is not None and ranking.is_calibrated,
        "history": history,
    }
    return render(request, "review/scores.html", context | more, status=status)


def _checked(request: HttpRequest, opportunity: Opportunity, file: "UploadedFile[Any]") -> HttpResponse:
    data = file.read()
    try:
        sheet = actions.read_for(opportunity, data)
    except TableError as error:
        faults = [(fault, expected(fault)) for fault in error.faults]
        return _page(request, opportunity, UploadForm(), status=400, faults=faults, file_name=file.name)
    except InputError as error:
        form = UploadForm(request.POST, request.FILES)
        form.add_error("file", error.sentence)
        return _page(request, opportunity, form, status=400)
    preview = {
        "opportunity": opportunity,
        "file_name": file.name,
        "sheet": sheet,
        "reviewers": sorted({score.reviewer for score in sheet.scores}),
        "proposals": sorted({score.proposal for score in sheet.scores}),
        "form": ConfirmForm.carrying(file.name or "", data),
    }
    return render(request, "review/preview.html", preview)


@login_required
@require_POST
def confirm(request: HttpRequest, slug: str) -> HttpResponse:
    """Take in the file that the page before showed."""
    opportunity = _opportunity(request, slug)
    form = ConfirmForm(request.POST)
    if not form.is_valid():
        raise InputError(_("The file did not arrive whole; choose it again."), field="content")
    table = actions.upload_scores(
        opportunity,
        form.cleaned_data["content"],
        form.cleaned_data["name"],
        command=commands.of(request),
        by=request.user,  # type: ignore[arg-type]  # signed in
    )
    messages.success(request, _("Score table %(number)s is taken in and counts now.") % {"number": table.number})
    return redirect("scores", slug)


@login_required
@require_safe
def template(request: HttpRequest, slug: str, form: str, ending: str) -> HttpResponse:
    """Hand out an empty table, its codes and criteria filled in, in the long or the wide form."""
    opportunity = _opportunity(request, slug)
    allowed = scheme(opportunity)
    titles = dict(opportunity.proposals.values_list("code", "title"))
    names = [scale.name for scale in allowed.criteria]
    note = _note(opportunity)
    if form == "wide":
        header = (PROPOSAL, TITLE, REVIEWER, *names, COMMENT, ORIGIN)
        rows = [(code, titles[code], "", *("" for _name in names), "", note) for code in allowed.codes]
    else:
        header = (PROPOSAL, TITLE, *LONG[1:], ORIGIN)
        rows = [(code, titles[code], "", name, "", "", note) for code in allowed.codes for name in names]
    return downloads.table_file(f"{slug}-scores-{form}", ending, header, rows)


@login_required
@require_safe
def download(request: HttpRequest, slug: str, number: int, ending: str) -> HttpResponse:
    """Hand out a table that came in."""
    opportunity = _opportunity(request, slug)
    table = get_object_or_404(queries.visible_to(request.user), opportunity=opportunity, number=number)
    note = _note(opportunity)
    rows = [
        (code, title, score.reviewer, criterion, score_text(score.value_permille), score.comment, note)
        for code, title, criterion, score in queries.as_rows(request.user, table)
    ]
    header = (PROPOSAL, TITLE, REVIEWER, CRITERION, *LONG[3:], ORIGIN)
    return downloads.table_file(f"{slug}-scores-{number}", ending, header, rows)


def _note(opportunity: Opportunity) -> str:
    return "" if opportunity.origin == Origin.REAL else opportunity.origin
