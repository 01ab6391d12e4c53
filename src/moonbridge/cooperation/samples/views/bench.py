"""The curator's bench: open a collection, take in, divide, mix, renumber, weigh anew, hand over; forms say first whether it adds up."""

from typing import Any, Final
from uuid import UUID

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_POST

from moonbridge.accounts.requests import SignedInRequest
from moonbridge.cooperation import commands
from moonbridge.cooperation.samples.actions import curating, keeping, recombining, reweighing
from moonbridge.cooperation.samples.forms.bench import (
    BalanceForm,
    CollectionForm,
    CustodyForm,
    RenumberForm,
    SettleForm,
    TakeInForm,
)
from moonbridge.cooperation.samples.forms.booking import ReleaseForm
from moonbridge.cooperation.samples.forms.making import Division, Mixing
from moonbridge.cooperation.samples.models import Reweighing, Split
from moonbridge.cooperation.samples.names import free_names, naming_of
from moonbridge.cooperation.samples.queries import bench
from moonbridge.cooperation.samples.rules.ledger import is_curator, may_countersign
from moonbridge.cooperation.samples.views.access import agency_kept, collection_kept, piece_kept, piece_released
from moonbridge.errors import InputError

ONLY_LOOKS: Final = frozenset({"look", "add"})
"""Buttons that show the form again and do nothing: whether it adds up, and more rows."""
BOTH = require_http_methods(["GET", "HEAD", "POST"])


def _sent(request: SignedInRequest) -> Any:
    return request.POST if request.method == "POST" else None


def _does(request: SignedInRequest) -> bool:
    """Return whether a form was sent to be carried out."""
    return request.method == "POST" and not ONLY_LOOKS & request.POST.keys()


def _shown(request: SignedInRequest, name: str, context: dict[str, Any]) -> HttpResponse:
    """Show a form anew; a form that was sent to be carried out and could not be is an error."""
    context |= {"adding": "add" in request.POST}
    return render(request, f"samples/bench/{name}.html", context, status=400 if _does(request) else 200)


@never_cache
@login_required
@BOTH
def open_collection(request: SignedInRequest, slug: str) -> HttpResponse:
    """Open a collection of an agency."""
    agency = agency_kept(request.user, slug)
    form = CollectionForm(_sent(request))
    if not _does(request) or not form.is_valid():
        return _shown(request, "collection", {"agency": agency, "form": form})
    made = curating.found_collection(**form.cleaned_data, agency=agency, by=request.user, command=commands.of(request))
    messages.success(request, gettext("%(name)s is open; take its first sample in.") % {"name": made.name})
    return redirect("samples-book", slug=made.slug)


@never_cache
@login_required
@BOTH
def take_in(request: SignedInRequest, slug: str) -> HttpResponse:
    """Take a sample into a collection."""
    collection = collection_kept(request.user, slug)
    form = TakeInForm(_sent(request), curators=bench.witnesses(collection.agency_id, request.user))
    if not _does(request) or not form.is_valid():
        return _shown(request, "take_in", {"collection": collection, "form": form})
    given = form.cleaned_data
    made = keeping.take_in(
        collection, given["name"], weighed=form.weighed, material=given["material"], description=given["description"],
        contamination=given["contamination"], facts=form.facts, by=request.user, command=commands.of(request),
    )  # fmt: skip
    messages.success(request, gettext("%(name)s is taken in.") % {"name": made.name})
    return redirect("sample-history", key=made.pk)


@never_cache
@login_required
@BOTH
def divide(request: SignedInRequest, key: UUID) -> HttpResponse:
    """Divide a piece: several parts at once, with the dust that it cost."""
    whole = piece_kept(request.user, key)
    form = Division(_sent(request), whole=whole, curators=bench.witnesses(whole.collection.agency_id, request.user))
    naming = naming_of(whole.collection)
    if not _does(request) or not form.is_valid:
        names = free_names(whole, naming, len(form.rows))
        return _shown(request, "divide", {"split": whole, "form": form, "names": names, "sums": form.sums()})
    made = keeping.divide(
        whole, form.parts, naming=naming, loss=form.head.cleaned_data["loss"] or 0, by=request.user,
        command=commands.of(request),
    )  # fmt: skip
    messages.success(request, gettext("Made: %(names)s") % {"names": ", ".join(piece.name for piece in made)})
    return redirect("sample-history", key=key)


@never_cache
@login_required
@BOTH
def mix(request: SignedInRequest, slug: str) -> HttpResponse:
    """Make one piece of shares of several."""
    collection = collection_kept(request.user, slug)
    form = Mixing(
        _sent(request), collection=collection, curators=bench.witnesses(collection.agency_id, request.user),
        first=request.GET.get("of", "")[:80],
    )  # fmt: skip
    if not _does(request) or not form.is_valid:
        return _shown(request, "mix", {"collection": collection, "form": form, "sums": form.sums()})
    given = form.head.cleaned_data
    made = recombining.mix(
        collection, form.shares, form.blend, balance=given["balance"].strip(), witness=given["witness"], by=request.user,
        command=commands.of(request),
    )  # fmt: skip
    messages.success(request, gettext("Made: %(names)s") % {"names": made.name})
    return redirect("sample-history", key=made.pk)


@never_cache
@login_required
@BOTH
def weigh(request: SignedInRequest, key: UUID) -> HttpResponse:
    """Weigh a piece anew; what the books say stands beside it."""
    split = piece_kept(request.user, key)
    form = BalanceForm(_sent(request), curators=bench.witnesses(split.collection.agency_id, request.user))
    if not _does(request) or not form.is_valid():
        return _shown(request, "weigh", {"split": split, "form": form, "there": bench.in_store(split)})
    made = reweighing.weigh_anew(split, form.weighed, by=request.user, command=commands.of(request))
    return redirect("sample-weighing", key=made.pk)


@never_cache
@login_required
@BOTH
def weighing(request: SignedInRequest, key: UUID) -> HttpResponse:
    """Show what a piece weighed beside what the books said; and sign for the difference."""
    found = get_object_or_404(bench.reweighings_read_by(request.user), pk=key)
    collection = found.weighing.split.collection
    signs = found.waits and _signs(request, found)
    form = SettleForm(_sent(request), needed=signs and not found.signed_by and not found.closure.closes)
    if _does(request) and form.is_valid():
        reweighing.settle(found, reason=form.cleaned_data["reason"], by=request.user, command=commands.of(request))
        messages.success(request, gettext("Signed."))
        return redirect("sample-weighing", key=key)
    context = {"found": found, "split": found.weighing.split, "collection": collection, "form": form, "signs": signs}
    return _shown(request, "weighing", context)


def _signs(request: SignedInRequest, found: Reweighing) -> bool:
    """Return whether this officer's signature is the next one."""
    collection = found.weighing.split.collection
    if found.signed_by is None:
        return bool(is_curator(request.user, collection))
    return found.signed_by != request.user and bool(may_countersign(request.user, collection))


@never_cache
@login_required
@BOTH
def renumber(request: SignedInRequest, key: UUID) -> HttpResponse:
    """Give a piece another number; it is found by the old one as well."""
    split = piece_kept(request.user, key)
    form = RenumberForm(_sent(request))
    if not _does(request) or not form.is_valid():
        (proposed,) = free_names(split, naming_of(split.collection), 1)
        return _shown(
            request, "renumber", {"split": split, "form": form, "there": bench.in_store(split), "proposed": proposed}
        )
    made = recombining.renumber(split, **form.cleaned_data, by=request.user, command=commands.of(request))
    messages.success(request, gettext("%(old)s is called %(new)s now.") % {"old": split.name, "new": made.name})
    return redirect("sample-history", key=made.pk)


@never_cache
@login_required
@BOTH
def custody(request: SignedInRequest, key: UUID) -> HttpResponse:
    """Hand a piece to another custodian."""
    split = piece_kept(request.user, key)
    form = CustodyForm(_sent(request))
    if not _does(request) or not form.is_valid():
        return _shown(request, "custody", {"split": split, "form": form, "held": _custodian(split)})
    made = curating.entrust(split, **form.cleaned_data, by=request.user, command=commands.of(request))
    messages.success(request, gettext("%(name)s answers for it from now on.") % {"name": made.custodian})
    return redirect("sample-history", key=key)


@never_cache
@login_required
@require_POST
def release(request: SignedInRequest, key: UUID) -> HttpResponse:
    """Say as the office whether what an analysis left over may be lent."""
    split, form = piece_released(request.user, key), ReleaseForm(request.POST)
    if not form.is_valid():
        raise InputError(gettext("Write down why."), field="reason")
    curating.release(split, **form.cleaned_data, by=request.user, command=commands.of(request))
    messages.success(request, gettext("Noted."))
    return redirect("sample-history", key=key)


def _custodian(split: Split) -> str:
    held = split.custodies.filter(period__endswith=None).first()
    return held.custodian if held else split.collection.agency.name
