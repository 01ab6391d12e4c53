"""Write a request, submit it, judge it, decide it; and the allocation over many."""

from collections.abc import Collection
from typing import Any
from uuid import UUID

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import get_language, gettext
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_POST

from moonbridge.accounts.forms import countries
from moonbridge.accounts.models import User
from moonbridge.accounts.requests import SignedInRequest
from moonbridge.cooperation import autosaves, commands
from moonbridge.cooperation.programmes.models import Partner
from moonbridge.cooperation.review.models import Ground
from moonbridge.cooperation.samples import asking
from moonbridge.cooperation.samples.actions import barring, granting, judging, requesting
from moonbridge.cooperation.samples.debts import delinquency, today
from moonbridge.cooperation.samples.forms.request import (
    AssessmentForm,
    BarForm,
    DeclineForm,
    Editor,
    GrantForm,
    LiftForm,
    compared,
    shown,
)
from moonbridge.cooperation.samples.models import Request
from moonbridge.cooperation.samples.queries import lending
from moonbridge.cooperation.samples.rules.lending import may_assess, may_decide
from moonbridge.cooperation.samples.states.lending import RequestState
from moonbridge.cooperation.samples.stock import catalogue
from moonbridge.cooperation.samples.views.access import (
    agency_lent_for,
    request_decided,
    request_judged,
    request_seen,
    request_written,
)
from moonbridge.errors import CommandReused, InputError, Stale, WrongState


@never_cache
@login_required
def mine(request: SignedInRequest) -> HttpResponse:
    """List one's own requests, and those that wait for one's mark or decision."""
    visible = lending.requests_visible_to(request.user).select_related("agency")
    context = {
        "own": visible.filter(by=request.user),
        "waiting": lending.to_decide(request.user)
        .exclude(by=request.user)
        .select_related("agency")
        .order_by("submitted_at"),
        "lenders": lending.lenders(),
        "agencies": lending.agencies_lent_for(request.user),
    }
    return render(request, "samples/requests.html", context)


@never_cache
@login_required
@require_POST
def begin(request: SignedInRequest) -> HttpResponse:
    """Begin a request for a piece of the catalogue, or to an agency, and lead to its form."""
    key, command = request.POST.get("split", ""), commands.of(request)
    if key:
        split = get_object_or_404(catalogue(), pk=_uuid(key))
        made = requesting.begin(split.collection.agency, split=split, by=request.user, command=command)
    else:
        lender = get_object_or_404(lending.lenders(), agency__slug=request.POST.get("agency", ""))
        made = requesting.begin(lender.agency, by=request.user, command=command)
    return redirect("sample-request-edit", key=made.pk)


def _uuid(text: str) -> UUID:
    try:
        return UUID(text)
    except ValueError:
        raise Http404 from None


@never_cache
@login_required
@require_POST
def add(request: SignedInRequest, key: UUID) -> HttpResponse:
    """Put one more piece on the list, by its id or by its name."""
    found, given = request_written(request.user, key), request.POST.get("split", "").strip()
    pieces = catalogue().filter(collection__agency=found.agency)
    by_name = request.POST.get("name", "").strip()[:80].replace("\0", "")
    split = pieces.filter(name=by_name).first() if by_name else get_object_or_404(pieces, pk=_uuid(given))
    if split is None:
        raise InputError(gettext("There is no piece “%(name)s” in the catalogue of this agency.") % {"name": by_name})
    requesting.add(found, split, by=request.user, command=commands.of(request))
    messages.success(request, gettext("%(name)s is on your list.") % {"name": split.name})
    return redirect("sample-request-edit", key=key)


@never_cache
@login_required
def request_page(request: SignedInRequest, key: UUID) -> HttpResponse:
    """Show a request: to its applicant with what is missing and whether it fits, to the committee with the form for its mark."""
    found = request_seen(request.user, key)
    own = found.by_id == request.user.pk
    submitted = found.state == RequestState.SUBMITTED
    context = {
        "asked": found,
        "own": own,
        "ties": lending.ties_shown(request.user, found),
        "bar_form": _bar_form(request.user, found),
        "fit": _fit(found) if found.state in {RequestState.DRAFT, RequestState.SUBMITTED} else None,
        "missing": asking.missing(asking.read(found)) if own and found.state == RequestState.DRAFT else [],
        "rows": found.lines.all(),
        "assessments": lending.assessments_visible_to(request.user).filter(request=found),
        "assessment_form": AssessmentForm() if submitted and may_assess(request.user, found) else None,
        "decline_form": DeclineForm() if submitted and may_decide(request.user, found) else None,
        "grant_form": GrantForm(),
        "loans": lending.loans_visible_to(request.user).filter(request=found),
    }
    return render(request, "samples/request.html", context)


def _bar_form(user: User, found: Request) -> BarForm | None:
    """Return the form by which an officer sets a conflict of somebody else."""
    if not may_decide(user, found):
        return None
    return BarForm(committee=lending.committee(found.agency_id).exclude(pk=user.pk), auto_id="bar-%s")


def _fit(found: Request, draft: asking.Draft | None = None) -> asking.Fit:
    institution = str((draft or asking.read(found)).texts["institution"])
    debts = delinquency(found.by, institution, today())
    return asking.fit_of(found, found.agency.lender.policy, debts, draft)


@never_cache
@login_required
def edit(request: SignedInRequest, key: UUID) -> HttpResponse:
    """Write a request: everything on one page. Whoever saves second is shown both versions and overwrites nothing unseen."""
    found = request_written(request.user, key)
    if found.state != RequestState.DRAFT:
        return redirect("sample-request", key=key)
    policy = found.agency.lender.policy
    if request.method != "POST":
        return _form(request, found, Editor(shown(asking.read(found)), found, policy))
    editor = Editor(request.POST, found, policy)
    try:
        _save(request, found, editor)
    except Stale:
        return _form(request, request_written(request.user, key), editor, stale=True, status=409)
    messages.success(request, gettext("Saved."))
    return redirect("sample-request" if "look" in request.POST else "sample-request-edit", key=key)


def _version(request: HttpRequest) -> int:
    typed = request.POST.get("version", "")
    return int(typed) if typed.isdecimal() and len(typed) < 10 else 0  # noqa: PLR2004 - more digits than any version has


def _save(request: SignedInRequest, found: Request, editor: Editor) -> Request:
    command = commands.of(request)
    return requesting.save(found, editor.draft, version=_version(request), by=request.user, command=command)


def _differences(now: Request, editor: Editor) -> list[dict[str, str]]:
    names = {row.split_id: row.split.name for row in now.lines.all()}
    return compared(asking.read(now), editor.draft, names)


def _form(
    request: HttpRequest, found: Request, editor: Editor, *, stale: bool = False, status: int = 200
) -> HttpResponse:
    context = {
        "asked": found,
        "editor": editor,
        "policy": found.agency.lender.policy,
        "differences": _differences(found, editor) if stale else [],
        "missing": asking.missing(editor.draft),
        "fit": _fit(found, editor.draft),
        "countries": countries(get_language() or "en"),
    }
    return render(request, "samples/request_edit.html", context, status=status)


@never_cache
@login_required
@require_POST
def autosave(request: SignedInRequest, key: UUID) -> HttpResponse:
    """Save what the page sends by itself and answer in JSON; a refusal says why and, if somebody else saved, both versions."""
    found = request_written(request.user, key)
    editor = Editor(request.POST, found, found.agency.lender.policy)
    try:
        saved = _save(request, found, editor)
    except (CommandReused, InputError, Stale, WrongState) as refusal:
        differences = _differences(request_written(request.user, key), editor) if isinstance(refusal, Stale) else []
        return autosaves.refused(refusal, differences)
    return autosaves.saved(saved.version, saved.saved_at)


@never_cache
@login_required
@require_POST
def fits(request: SignedInRequest, key: UUID) -> HttpResponse:
    """Answer whether what is typed fits, and what is still missing, as pieces of the page; saves nothing."""
    found = request_written(request.user, key)
    editor = Editor(request.POST, found, found.agency.lender.policy)
    context = {"fit": _fit(found, editor.draft), "missing": asking.missing(editor.draft)}
    return render(request, "samples/fits.html", context)


@never_cache
@login_required
@require_POST
def step(request: SignedInRequest, key: UUID, verb: str) -> HttpResponse:
    """Submit, take back or withdraw one's own request."""
    found, command = request_written(request.user, key), commands.of(request)
    if verb == "submit":
        requesting.submit(found, version=_version(request), by=request.user, command=command)
        messages.success(request, gettext("Submitted; the committee sees it now."))
    else:
        act = {"take-back": requesting.take_back, "withdraw": requesting.withdraw}[verb]
        act(found, by=request.user, command=command)
    return redirect("sample-request", key=key)


@never_cache
@login_required
@require_POST
def assess(request: SignedInRequest, key: UUID) -> HttpResponse:
    """Give a mark, or declare a conflict of interest."""
    found, form = request_judged(request.user, key), AssessmentForm(request.POST)
    if not form.is_valid():
        raise InputError(gettext("A mark lies between 0 and 10."), field="mark")
    given = form.cleaned_data
    judging.assess(
        found, mark=given["mark"], conflict=given["conflict"], comment=given["comment"], by=request.user,
        command=commands.of(request),
    )  # fmt: skip
    messages.success(request, gettext("Noted."))
    return redirect("sample-requests") if given["conflict"].strip() else redirect("sample-request", key=key)


@never_cache
@login_required
@require_POST
def bar(request: SignedInRequest, key: UUID) -> HttpResponse:
    """Set a conflict between somebody of the committee and a request."""
    found = request_decided(request.user, key)
    form = BarForm(request.POST, committee=lending.committee(found.agency_id))
    if not form.is_valid():
        raise InputError(gettext("Choose who it is, what kind of tie, and write down how you know."), field="user")
    given = form.cleaned_data | {"ground": Ground(form.cleaned_data["ground"])}
    barring.bar(found, given.pop("user"), **given, by=request.user, command=commands.of(request))
    messages.success(request, gettext("Noted."))
    return redirect("sample-request", key=key)


@never_cache
@login_required
@require_POST
def lift(request: SignedInRequest, key: UUID) -> HttpResponse:
    """Lift a conflict that was set or found."""
    found, form = request_decided(request.user, key), LiftForm(request.POST)
    if not form.is_valid():
        raise InputError(gettext("Write down why, in a few words."), field="reason")
    given = form.cleaned_data
    barring.lift(
        found, given["user"], given["digest"], reason=given["reason"], by=request.user, command=commands.of(request)
    )
    messages.success(request, gettext("Noted."))
    return redirect("sample-request", key=key)


@never_cache
@login_required
@require_POST
def grant(request: SignedInRequest, key: UUID) -> HttpResponse:
    """Grant a request and set the material aside."""
    found, reduced = request_seen(request.user, key), request.POST.get("reduced") == "on"
    loan = granting.grant(found, reduced=reduced, by=request.user, command=commands.of(request))
    messages.success(request, gettext("Granted; the material is set aside."))
    return redirect("loan", code=loan.code)


@never_cache
@login_required
@require_POST
def decline(request: SignedInRequest, key: UUID) -> HttpResponse:
    """Decline a request, with a reason."""
    found, form = request_seen(request.user, key), DeclineForm(request.POST)
    if not form.is_valid():
        raise InputError(gettext("Say why; the applicant reads it."), field="reason")
    judging.decline(found, reason=form.cleaned_data["reason"], by=request.user, command=commands.of(request))
    messages.success(request, gettext("Declined; the applicant is told why."))
    return redirect("sample-request", key=key)


@never_cache
@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def allocation(request: SignedInRequest, slug: str) -> HttpResponse:
    """Work out which requests together are worth most, and show it with the reasons."""
    agency = agency_lent_for(request.user, slug)
    if request.method == "POST":
        judging.allocate(agency, by=request.user, command=commands.of(request))
        return redirect("sample-allocation", slug=slug)
    return render(request, "samples/allocation.html", _allocation(request, agency))


def _allocation(request: SignedInRequest, agency: Partner) -> dict[str, Any]:
    newest = lending.newest_allocation(agency)
    waiting = lending.requests_visible_to(request.user).filter(agency=agency, state=RequestState.SUBMITTED)
    told = newest.result if newest else {"choices": {}, "reasons": {}}
    language = "zh" if (get_language() or "").startswith("zh") else "en"
    seen = list(waiting.order_by("code"))
    hidden = told["reasons"].keys() - {one.code for one in seen}
    rows = [(one, told["choices"].get(one.code), _reason(told, one, language, hidden)) for one in seen]
    return {"agency": agency, "newest": newest, "rows": rows}


def _reason(told: dict[str, Any], one: Request, language: str, hidden: Collection[str]) -> str:
    """Return why a request is recommended or not; a reason that speaks of one that the reader may not see is not told."""
    said = str(told["reasons"].get(one.code, {}).get(language, ""))
    return (
        gettext("The reason speaks of requests that you do not see.") if any(code in said for code in hidden) else said
    )
