"""What a borrower reports on one line of a loan; transfers; incidents; and what comes back by the box."""

from typing import Any
from uuid import UUID

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_POST

from moonbridge.accounts.models import User
from moonbridge.accounts.requests import SignedInRequest
from moonbridge.cooperation import commands
from moonbridge.cooperation.samples.actions import changing, incidents, missing, returning, using
from moonbridge.cooperation.samples.forms.loan import (
    MissingForm,
    ReportForm,
    ReturnsForm,
    SubSplitForm,
    TransferForm,
    WriteOffForm,
)
from moonbridge.cooperation.samples.models import LoanLine, ReportKind
from moonbridge.cooperation.samples.queries import lending, returns, showing
from moonbridge.cooperation.samples.rules.ledger import is_curator, may_countersign
from moonbridge.cooperation.samples.views.access import agency_lent_for, line_borrowed, loan_seen, receiver
from moonbridge.cooperation.samples.words import TROUBLES
from moonbridge.errors import InputError
from moonbridge.formats import tables
from moonbridge.formats.tables.returns import ReturnsError, read_returns

FORMS = {"report": ReportForm, "sub-split": SubSplitForm, "transfer": TransferForm, "missing": MissingForm}


def _line(user: User, code: str, number: int) -> LoanLine:
    """Return a line of a loan that ``user`` may see."""
    lines = LoanLine.objects.select_related("loan__agency", "loan__borrower", "split__collection__book", "lent")
    return get_object_or_404(lines, loan=loan_seen(user, code), number=number)


@never_cache
@login_required
def line(request: SignedInRequest, code: str, number: int) -> HttpResponse:
    """Show one line: its reports, and for its borrower the forms to report more."""
    return _page(request, _line(request.user, code, number))


def _page(request: SignedInRequest, found: LoanLine, status: int = 200, **bound: Any) -> HttpResponse:
    blank = {name.replace("-", "_"): form(auto_id=f"{name}-%s") for name, form in FORMS.items()}
    held = found.loan.borrower_id == request.user.pk and found.loan.state == "active" and found.is_held
    context = {
        "line": found,
        "shown": showing.line_shown(found),
        "loan": found.loan,
        "reports": found.reports.all(),
        "held": held,
        "forms": blank | bound,
        "transfer": found.transfers.filter(approved=None).first(),
    }
    return render(request, "samples/line.html", context, status=status)


@never_cache
@login_required
@require_POST
def act(request: SignedInRequest, code: str, number: int, verb: str) -> HttpResponse:
    """Report, divide, ask for a transfer, or report something missing."""
    found = _line(request.user, code, number) if verb == "missing" else line_borrowed(request.user, code, number)
    form = FORMS[verb](request.POST, auto_id=f"{verb}-%s")
    if not form.is_valid():
        return _page(request, found, 400, **{verb.replace("-", "_"): form})
    _carry_out(verb, found, form.cleaned_data, request.user, commands.of(request))
    messages.success(request, gettext("Noted."))
    return redirect("loan-line", code=code, number=number)


def _carry_out(verb: str, found: LoanLine, given: dict[str, Any], by: User, command: UUID) -> None:
    if verb == "report":
        using.report(
            found, ReportKind(given["kind"]), given["mass"] or 0, what=given["what"], video_sha256=given["video_sha256"],
            contamination=given["contamination"], by=by, command=command,
        )  # fmt: skip
    elif verb == "sub-split":
        using.sub_split(found, given["parts"], loss_ng=given["loss"] or 0, what=given["what"], by=by, command=command)
    elif verb == "missing":
        incidents.report_missing(found, given["mass"] or 0, what=given["what"], by=by, command=command)
    else:
        changing.ask_transfer(
            found, receiver(given["email"]), institution=given["institution"], country=given["country"],
            reason=given["reason"], by=by, command=command,
        )  # fmt: skip


@never_cache
@login_required
@require_POST
def transfer(request: SignedInRequest, key: UUID) -> HttpResponse:
    """Accept a transfer as its receiver, or decide it as an officer."""
    found = get_object_or_404(lending.transfers_visible_to(request.user), pk=key)
    answer, command = request.POST.get("answer"), commands.of(request)
    if answer == "accept":
        changing.accept_transfer(found, by=request.user, command=command)
    elif answer in {"approve", "refuse"}:
        changing.decide_transfer(found, approved=answer == "approve", by=request.user, command=command)
    else:
        raise InputError(gettext("Choose an answer."), field="answer")
    messages.success(request, gettext("Noted."))
    return redirect("loans-mine")


@never_cache
@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def batch(request: SignedInRequest, slug: str) -> HttpResponse:
    """Take in what came back, pasted, scanned or as a file: everything or nothing."""
    agency = agency_lent_for(request.user, slug)
    form = ReturnsForm(request.POST or None, request.FILES or None)
    context: dict[str, Any] = {"agency": agency, "form": form, "waiting": returns.waiting(agency)}
    if request.method != "POST" or not form.is_valid():
        return render(request, "samples/returns.html", context)
    given = form.cleaned_data
    data = given["file"].read() if given["file"] else given["pasted"].encode()
    try:
        weights = returns.matched(agency, read_returns(tables.read(data)))
    except ReturnsError as error:
        faults = [(fault, TROUBLES[fault.trouble]) for fault in error.faults]
        return render(request, "samples/returns.html", context | {"faults": faults}, status=400)
    except InputError as error:
        form.add_error("file" if given["file"] else "pasted", str(error))
        return render(request, "samples/returns.html", context, status=400)
    loans = returning.weigh_back(
        agency, weights, balance=given["balance"], by=request.user, command=commands.of(request)
    )
    messages.success(request, gettext("%(count)d pieces are noted.") % {"count": len(weights)})
    return redirect("loan", code=loans[0].code) if len(loans) == 1 else redirect("loans-mine")


@never_cache
@login_required
def incident(request: SignedInRequest, key: UUID) -> HttpResponse:
    """Show an incident, and for officers what can be done about it."""
    found = get_object_or_404(lending.incidents_visible_to(request.user), pk=key)
    collection = found.split.collection
    context = {
        "incident": found,
        "keeps": is_curator(request.user, collection),
        "to_store": missing.place_of(found) != missing.account_of(found),
        "signs": may_countersign(request.user, collection) and found.signed_by_id != request.user.pk,
        "form": WriteOffForm(),
    }
    return render(request, "samples/incident.html", context)


@never_cache
@login_required
@require_POST
def incident_step(request: SignedInRequest, key: UUID, verb: str) -> HttpResponse:
    """Investigate, find, or write off."""
    found, command = get_object_or_404(lending.incidents_visible_to(request.user), pk=key), commands.of(request)
    if verb == "write-off":
        note = request.POST.get("public_note", "")[:4000]
        incidents.write_off(found, public_note=note, by=request.user, command=command)
    elif verb in {"investigate", "find"}:
        {"investigate": missing.investigate, "find": missing.find}[verb](found, by=request.user, command=command)
    else:
        raise Http404
    messages.success(request, gettext("Noted."))
    return redirect("incident", key=key)
