"""What officers book by their signatures: missing from the store, given away, used up, corrected."""

from typing import Any
from uuid import UUID

from django import forms
from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_POST

from moonbridge.accounts.requests import SignedInRequest
from moonbridge.cooperation import commands
from moonbridge.cooperation.samples import corrections
from moonbridge.cooperation.samples.actions import booking as acts
from moonbridge.cooperation.samples.actions import missing
from moonbridge.cooperation.samples.actions.keeping import store
from moonbridge.cooperation.samples.forms.booking import CedeForm, CorrectForm, MissingHereForm, UseUpForm
from moonbridge.cooperation.samples.models import Booking, Split
from moonbridge.cooperation.samples.queries import bench, bookings
from moonbridge.cooperation.samples.rules.ledger import is_curator, may_countersign
from moonbridge.cooperation.samples.views.access import collection_kept, piece_kept
from moonbridge.ledger.models import Movement

BOTH = require_http_methods(["GET", "HEAD", "POST"])


def _form(request: SignedInRequest, name: str, split: Split, form: forms.Form, **more: Any) -> HttpResponse:
    """Show a form; one that was sent and could not be read is an error."""
    context = {"split": split, "form": form, "there": bench.in_store(split)} | more
    return render(request, f"samples/bench/{name}.html", context, status=400 if form.is_bound else 200)


def _signed(request: SignedInRequest, made: Booking) -> HttpResponse:
    said = gettext("Signed; another officer has to sign as well.") if made.waits else gettext("Booked.")
    messages.success(request, said)
    return redirect("sample-booking", key=made.pk)


@never_cache
@login_required
@BOTH
def missing_here(request: SignedInRequest, key: UUID) -> HttpResponse:
    """Report that material is missing from the store."""
    split, form = piece_kept(request.user, key), MissingHereForm(request.POST or None)
    if not form.is_valid():
        return _form(request, "missing", split, form)
    given = form.cleaned_data
    made = missing.report_missing(
        split,
        store(split),
        mass=given["mass"],
        description=given["what"],
        by=request.user,
        command=commands.of(request),
    )
    messages.success(request, gettext("Noted."))
    return redirect("incident", key=made.pk)


@never_cache
@login_required
@BOTH
def cede(request: SignedInRequest, key: UUID) -> HttpResponse:
    """Give material away for good."""
    split, form = piece_kept(request.user, key), CedeForm(request.POST or None)
    if not form.is_valid():
        return _form(request, "cede", split, form)
    return _signed(request, acts.cede(split, **form.cleaned_data, by=request.user, command=commands.of(request)))


@never_cache
@login_required
@BOTH
def use_up(request: SignedInRequest, key: UUID) -> HttpResponse:
    """Note what was used up in house."""
    split, form = piece_kept(request.user, key), UseUpForm(request.POST or None)
    if not form.is_valid():
        return _form(request, "use_up", split, form)
    return _signed(request, acts.use_up(split, **form.cleaned_data, by=request.user, command=commands.of(request)))


@never_cache
@login_required
@BOTH
def correct(request: SignedInRequest, slug: str, key: UUID) -> HttpResponse:
    """Take a wrong movement back, and book what it should have been."""
    collection = collection_kept(request.user, slug)
    wrong = get_object_or_404(Movement.objects.select_related("by"), book=collection.book, pk=key)
    split = get_object_or_404(bench.pieces_kept_by(request.user), pk=_piece(corrections.piece_of(collection, wrong)))
    form = CorrectForm(request.POST or None, whole=wrong.kind not in corrections.AMOUNTS)
    if not form.is_valid():
        refused = corrections.in_the_way(wrong, split, None)
        legs = [(str(name), amount) for name, amount in corrections.legs_of(wrong).items()]
        return _form(request, "correct", split, form, wrong=wrong, legs=legs, refused=refused)
    given = form.cleaned_data
    made = acts.correct(
        collection, wrong, given.get("instead"), reason=given["reason"], by=request.user, command=commands.of(request)
    )
    return _signed(request, made)


def _piece(split: Split | None) -> UUID | None:
    return split.pk if split else None


@never_cache
@login_required
@BOTH
def booking(request: SignedInRequest, key: UUID) -> HttpResponse:
    """Show what was signed for; and sign as the second officer."""
    found = get_object_or_404(bookings.bookings_read_by(request.user), pk=key)
    if request.method == "POST":
        return _signed(request, acts.countersign(found, by=request.user, command=commands.of(request)))
    collection, other = found.collection, found.signed_by_id != request.user.pk
    context = {
        "found": found,
        "split": found.split,
        "collection": collection,
        "signs": found.waits and other and may_countersign(request.user, collection),
        "drops": found.waits and is_curator(request.user, collection),
    }
    return render(request, "samples/bench/booking.html", context)


@never_cache
@login_required
@require_POST
def drop(request: SignedInRequest, key: UUID) -> HttpResponse:
    """Give up what waits for a second signature."""
    found = get_object_or_404(bookings.bookings_read_by(request.user), pk=key)
    acts.drop(found, by=request.user, command=commands.of(request))
    messages.success(request, gettext("Given up; nothing has moved."))
    return redirect("sample-booking", key=key)
