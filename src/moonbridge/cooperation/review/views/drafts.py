"""One's own reviews in a spreadsheet: taken out, filled in offline, brought back as drafts."""

from typing import Any
from uuid import UUID

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext, ngettext
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_safe

from moonbridge.accounts.requests import SignedInRequest
from moonbridge.cooperation import commands, downloads
from moonbridge.cooperation.opportunities.models import Origin
from moonbridge.cooperation.review import sheets
from moonbridge.cooperation.review.actions import drafts as acting
from moonbridge.cooperation.review.forms.drafts import SheetForm, expected
from moonbridge.cooperation.review.models import Panel, Review
from moonbridge.cooperation.review.queries import reviews
from moonbridge.cooperation.review.queries.rounds import panels_seated
from moonbridge.errors import InputError
from moonbridge.formats import tables as spreadsheets


@never_cache
@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def tables(request: SignedInRequest, key: UUID) -> HttpResponse:
    """Offer one's reviews of a panel as a table; a POST brings a filled one back, whole or not at all."""
    panel = _panel(request, key)
    form = SheetForm(request.POST, request.FILES) if request.method == "POST" else SheetForm()
    if request.method != "POST" or not form.is_valid():
        return _page(request, panel, form)
    try:
        many = _bring_in(request, panel, form.cleaned_data["file"].read())
    except sheets.SheetError as error:
        faults = [(fault, expected(fault)) for fault in error.faults]
        return _page(request, panel, SheetForm(), faults=faults)
    except InputError as error:
        form.add_error("file", error.bare)
        return _page(request, panel, form)
    said = (
        ngettext("%(n)s review was changed.", "%(n)s reviews were changed.", many) if many else gettext("Nothing new.")
    )
    messages.success(request, said % {"n": many})
    return redirect("review-desk")


def _panel(request: SignedInRequest, key: UUID) -> Panel:
    seated = panels_seated(request.user).select_related("round__opportunity")
    return get_object_or_404(seated, pk=key)


def _page(request: SignedInRequest, panel: Panel, form: SheetForm, **more: Any) -> HttpResponse:
    status = 400 if more or form.errors else 200
    return render(request, "review/tables.html", {"panel": panel, "form": form} | more, status=status)


def _mine(request: SignedInRequest, panel: Panel) -> list[Review]:
    kept = reviews.own(request.user).filter(item__panel=panel)
    return list(kept.prefetch_related("marks").order_by("item__proposal__code"))


def _bring_in(request: SignedInRequest, panel: Panel, data: bytes) -> int:
    table = spreadsheets.read(data)
    found = sheets.read_sheet(table, panel, list(panel.criteria.all()), _mine(request, panel))
    return acting.bring_in(found, by=request.user, command=commands.of(request))


@never_cache
@login_required
@require_safe
def table(request: SignedInRequest, key: UUID, ending: str) -> HttpResponse:
    """Hand out one's own reviews of a panel, and nobody else's."""
    panel = _panel(request, key)
    criteria, call = list(panel.criteria.all()), panel.round.opportunity
    origin = "" if call.origin == Origin.REAL else call.origin
    written = sheets.rows(panel, criteria, _mine(request, panel), origin)
    return downloads.table_file(f"{call.slug}-my-reviews", ending, sheets.header(panel, criteria), written)
