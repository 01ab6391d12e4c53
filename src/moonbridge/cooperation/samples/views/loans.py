"""A loan from both sides: what stands in it, what is owed, and the steps that are possible now."""

from uuid import UUID

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_POST

from moonbridge.accounts.requests import SignedInRequest
from moonbridge.cooperation import commands
from moonbridge.cooperation.samples.actions import changing, preparing, returning, using
from moonbridge.cooperation.samples.debts import today
from moonbridge.cooperation.samples.forms.loan import AnswerForm, DutyForm, InventoryForm, WeightsForm
from moonbridge.cooperation.samples.forms.publishing import PublicationForm
from moonbridge.cooperation.samples.models import DutyKind, Extension
from moonbridge.cooperation.samples.queries import lending, showing
from moonbridge.cooperation.samples.rules.lending import is_borrower, is_officer
from moonbridge.cooperation.samples.states.lending import OWES, PUBLISHED, LoanState
from moonbridge.cooperation.samples.steps import STEPS, possible, read, weighing
from moonbridge.cooperation.samples.views.access import loan_borrowed, loan_seen


@never_cache
@login_required
def mine(request: SignedInRequest) -> HttpResponse:
    """List one's own loans with what is due on them, and for officers those of their agencies."""
    day = today()
    agencies = [
        (agency, showing.listed(lending.running(agency.pk).exclude(borrower=request.user), day))
        for agency in lending.agencies_lent_for(request.user)
    ]
    context = {
        "own": showing.listed(lending.borrowed(request.user), day),
        "agencies": agencies,
        "transfers": lending.transfers_for(request.user),
    }
    return render(request, "samples/loans.html", context)


@never_cache
@login_required
def loan_page(request: SignedInRequest, code: str) -> HttpResponse:
    """Show a loan: where its mass is, what is owed, and what can be done now."""
    found, user = loan_seen(request.user, code), request.user
    borrower, officer = is_borrower(user, found), is_officer(user, found)
    lines = showing.lines_shown(found)
    context = {
        "loan": found,
        "lines": lines,
        "owing": showing.owing(found, today()),
        "steps": [
            (name, step, step.form(auto_id=f"{name}-%s")) for name, step in STEPS.items() if possible(step, found, user)
        ],
        "borrower": borrower,
        "officer": officer,
        "active": found.state == LoanState.ACTIVE,
        "weighs": weighing(found, user),
        "holds": borrower and found.state == LoanState.ACTIVE and any(one.line.is_held for one in lines),
        "extensions": found.extensions.order_by("asked_at"),
        "answer_form": AnswerForm() if officer else None,
        "duty_form": DutyForm() if (borrower or officer) and found.state in OWES else None,
        "publication_form": PublicationForm(auto_id="publication-%s")
        if borrower and found.state in PUBLISHED
        else None,
        "publications": found.publications.filter(removed_at=None).order_by("reference").distinct("reference"),
        "inventories": found.inventories.all(),
        "settled": [returning.settled(one.line) for one in lines] if found.state == LoanState.WEIGHED else [],
        "incidents": lending.incidents_of(found),
    }
    return render(request, "samples/loan.html", context)


@never_cache
@login_required
@require_POST
def step(request: SignedInRequest, code: str, verb: str) -> HttpResponse:
    """Take one step; what is not in the table of steps does not exist."""
    found, chosen = loan_seen(request.user, code), STEPS.get(verb)
    if chosen is None or not chosen.rule(request.user, found):
        raise Http404
    chosen.act(found, read(chosen.form(request.POST)), request.user, commands.of(request))
    messages.success(request, str(chosen.done) or gettext("Done."))
    return redirect("loan", code=code)


@never_cache
@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def weigh(request: SignedInRequest, code: str) -> HttpResponse:
    """Weigh out as the first curator, or in as the borrower."""
    found = loan_seen(request.user, code)
    way = weighing(found, request.user)
    if not way:
        raise Http404
    form = WeightsForm(request.POST or None, lines=found.lines.all())
    if request.method == "POST" and form.is_valid():
        command = commands.of(request)
        if way == "out":
            preparing.weigh_out(
                found, form.weights, balance=form.cleaned_data["balance"], by=request.user, command=command
            )
        else:
            preparing.receive(found, form.weights, by=request.user, command=command)
        messages.success(request, gettext("Noted."))
        return redirect("loan", code=code)
    return render(
        request, "samples/weigh.html", {"loan": found, "form": form, "way": way}, status=400 if form.is_bound else 200
    )


@never_cache
@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def inventory(request: SignedInRequest, code: str) -> HttpResponse:
    """Count what one holds: one page, one choice a piece."""
    found = loan_borrowed(request.user, code)
    lines = [line for line in found.lines.all() if line.is_held]
    if found.state != LoanState.ACTIVE or not lines:
        raise Http404
    form = InventoryForm(request.POST or None, lines=lines)
    if request.method == "POST" and form.is_valid():
        using.take_inventory(found, form.found, by=request.user, command=commands.of(request))
        missing = [line.label for line in lines if form.found[line.pk].condition == "missing"]
        if missing:
            messages.warning(
                request,
                gettext("Report what is missing on the page of its line: %(lines)s") % {"lines": ", ".join(missing)},
            )
        messages.success(request, gettext("Thank you. Your inventory is noted."))
        return redirect("loan", code=code)
    return render(
        request, "samples/inventory.html", {"loan": found, "form": form}, status=400 if form.is_bound else 200
    )


@never_cache
@login_required
@require_POST
def answer(request: SignedInRequest, code: str, key: UUID) -> HttpResponse:
    """Grant or refuse an extension."""
    found, form = loan_seen(request.user, code), AnswerForm(request.POST)
    extension = get_object_or_404(Extension.objects.select_related("loan"), loan=found, pk=key)
    if not is_officer(request.user, found) or not form.is_valid():
        raise Http404
    given = form.cleaned_data
    changing.decide_extension(
        extension,
        granted=given["granted"] == "yes",
        answer=given["answer"],
        by=request.user,
        command=commands.of(request),
    )
    return redirect("loan", code=code)


@never_cache
@login_required
@require_POST
def duty(request: SignedInRequest, code: str) -> HttpResponse:
    """Say where a report, a data set or publications are; an officer waives."""
    found, given = loan_seen(request.user, code), read(DutyForm(request.POST))
    kind, reference = DutyKind(given["duty"]), given["reference"]
    act = using.fulfil if is_borrower(request.user, found) else using.waive
    act(found, kind, reference, by=request.user, command=commands.of(request))
    messages.success(request, gettext("Noted."))
    return redirect("loan", code=code)


@never_cache
@login_required
@require_POST
def send_back(request: SignedInRequest, code: str) -> HttpResponse:
    """Send the chosen lines back."""
    found = loan_borrowed(request.user, code)
    chosen = set(request.POST.getlist("lines"))
    lines = [line for line in found.lines.all() if str(line.pk) in chosen]
    returning.send_back(found, lines, by=request.user, command=commands.of(request))
    messages.success(request, gettext("Noted. The curator weighs it when it arrives."))
    return redirect("loan", code=code)
