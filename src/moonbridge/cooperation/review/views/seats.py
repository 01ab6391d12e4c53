"""The office's pages of people in a panel: seat, invite, change, let go; the same as tables."""

from collections.abc import Iterator
from typing import Any
from uuid import UUID

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.core.paginator import Paginator
from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_POST, require_safe

from moonbridge.accounts.requests import SignedInRequest
from moonbridge.cooperation import commands, downloads
from moonbridge.cooperation.review.actions import referees, rosters
from moonbridge.cooperation.review.actions import seats as actions
from moonbridge.cooperation.review.forms.scores import ConfirmForm, UploadForm
from moonbridge.cooperation.review.forms.seats import AboutForm, LeaveForm, NewSeatForm, SeatForm
from moonbridge.cooperation.review.models import Duty, Panel, Seat
from moonbridge.cooperation.review.queries.seats import loads, seats_run, sitting
from moonbridge.cooperation.review.rules import known_to_office
from moonbridge.cooperation.review.views.panels import PER_PAGE, panel_of
from moonbridge.errors import InputError, MoonbridgeError, Refused
from moonbridge.formats.reviewing.roster import COLUMNS, LISTS
from moonbridge.formats.tables.writing import Value

ENDINGS = frozenset({"csv", "xlsx"})


def _page(
    request: SignedInRequest, panel: Panel, form: NewSeatForm, *, upload: UploadForm | None = None
) -> HttpResponse:
    file = upload or UploadForm()
    page = Paginator(sitting(panel), PER_PAGE).get_page(request.GET.get("page"))
    context = {
        "opportunity": panel.round.opportunity, "round": panel.round, "panel": panel, "form": form, "upload": file,
        "page": page, "loads": loads(request.user, panel, page), "known": known_to_office(panel.round.opportunity)[:PER_PAGE],
        "left": panel.seats.exclude(left_at=None).select_related("user")[:PER_PAGE],
    }  # fmt: skip
    return render(request, "review/seats.html", context, status=400 if form.errors or file.errors else 200)


@never_cache
@login_required
def seats(request: SignedInRequest, slug: str, key: UUID) -> HttpResponse:
    """List who sits in a panel; seat whom the agency knows, invite everybody else."""
    panel = panel_of(request, slug, key)
    form = NewSeatForm(request.POST or None)
    if request.method != "POST" or not form.is_valid():
        return _page(request, panel, form)
    try:
        said = _seated(request, panel, form)
    except (InputError, Refused) as error:
        form.add_error(None, getattr(error, "bare", error.sentence))
        return _page(request, panel, form)
    messages.success(request, said)
    return redirect("review-seats", slug, key)


def _seated(request: SignedInRequest, panel: Panel, form: NewSeatForm) -> str:
    email, duty = form.cleaned_data["email"].strip().lower(), Duty(form.cleaned_data["duty"])
    about, command = form.about(), commands.of(request)
    person = known_to_office(panel.round.opportunity).filter(email__iexact=email).first()
    if person is None:
        asked = referees.Asked(email, duty, about=about)
        referees.invite(panel, asked, by=request.user, command=command)
        return gettext(
            "An invitation goes to %(address)s; whoever owns the address sits in the panel once they accept."
        ) % {"address": email}
    actions.seat(panel, person, duty, by=request.user, command=command, about=about)
    return gettext("%(name)s sits in the panel now.") % {"name": person}


@never_cache
@login_required
@require_safe
def export(request: SignedInRequest, slug: str, key: UUID, ending: str) -> HttpResponse:
    """Hand out who sits in a panel, in the columns that the import and ``moonbridge assign`` read."""
    panel = panel_of(request, slug, key)
    if ending not in ENDINGS:
        raise Http404
    return downloads.table_file(f"{slug}-people", ending, COLUMNS, _rows(panel))


def _rows(panel: Panel) -> Iterator[tuple[Value, ...]]:
    for seat in panel.seats.filter(left_at=None).select_related("user").order_by("label"):
        user = seat.user
        lists = (separator.join(getattr(seat, name)) for name, separator in LISTS.items())
        yield (
            seat.label, user.email, user.name, user.institution, user.country, seat.duty, seat.least, seat.most, seat.orcid,
            seat.ror, *lists,
        )  # fmt: skip


@never_cache
@login_required
@require_POST
def check(request: SignedInRequest, slug: str, key: UUID) -> HttpResponse:
    """Show what a table of people would bring; nothing is taken in yet."""
    panel = panel_of(request, slug, key)
    form = UploadForm(request.POST, request.FILES)
    if not form.is_valid():
        return _page(request, panel, NewSeatForm(), upload=form)
    data = form.cleaned_data["file"].read()
    try:
        roster = rosters.read_for(panel, data)
    except InputError as error:
        form.add_error("file", str(error))
        return _page(request, panel, NewSeatForm(), upload=form)
    carried = ConfirmForm.carrying(form.cleaned_data["file"].name or "", data)
    context = {
        "opportunity": panel.round.opportunity,
        "round": panel.round,
        "panel": panel,
        "roster": roster,
        "form": carried,
    }
    return render(request, "review/roster.html", context)


@login_required
@require_POST
def take_in(request: SignedInRequest, slug: str, key: UUID) -> HttpResponse:
    """Take in the table that the page before showed."""
    panel = panel_of(request, slug, key)
    form = ConfirmForm(request.POST)
    if not form.is_valid():
        raise InputError(gettext("The file did not arrive whole; choose it again."), field="content")
    count = rosters.take_in(panel, form.cleaned_data["content"], by=request.user, command=commands.of(request))
    messages.success(request, gettext("Taken in: %(n)s people.") % {"n": count})
    return redirect("review-seats", slug, key)


def _seat_of(request: SignedInRequest, slug: str, key: UUID) -> Seat:
    return get_object_or_404(seats_run(request.user), panel__round__opportunity__slug=slug, pk=key)


@never_cache
@login_required
def seat(request: SignedInRequest, slug: str, key: UUID) -> HttpResponse:
    """Show and change what is known of somebody."""
    found = _seat_of(request, slug, key)
    fixed = Duty(found.duty) if found.duty in {Duty.PEER, Duty.REFEREE} else None
    given: dict[str, Any] = (
        {"data": request.POST} if request.method == "POST" else {"initial": AboutForm.initial_of(found)}
    )
    form = SeatForm(fixed=fixed, **given)
    if request.method == "POST" and form.is_valid():
        try:
            duty = Duty(form.cleaned_data["duty"])
            actions.change(found, duty, form.about(), by=request.user, command=commands.of(request))
        except MoonbridgeError as error:
            form.add_error(None, getattr(error, "bare", error.sentence))
        else:
            messages.success(request, gettext("Saved."))
            return redirect("review-seats", slug, found.panel_id)
    context = {
        "opportunity": found.panel.round.opportunity, "round": found.panel.round, "panel": found.panel, "seat": found, "form": form,
        "leave": LeaveForm(),
    }  # fmt: skip
    return render(request, "review/seat.html", context, status=400 if form.errors else 200)


@login_required
@require_POST
def leave(request: SignedInRequest, slug: str, key: UUID) -> HttpResponse:
    """Let somebody go."""
    found, form = _seat_of(request, slug, key), LeaveForm(request.POST)
    if not form.is_valid():
        raise InputError(gettext("Say why; the office and the panel's secretary read it."), field="because")
    actions.leave(found, because=form.cleaned_data["because"], by=request.user, command=commands.of(request))
    messages.success(
        request, gettext("%(name)s has left the panel; what was owed is taken back.") % {"name": found.user}
    )
    return redirect("review-seats", slug, found.panel_id)
