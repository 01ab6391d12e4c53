"""An agency's own pages: its people, and its chain of the record. The catalogue's public pages are the portal's."""

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.core.paginator import Paginator
from django.http import Http404, HttpResponse, StreamingHttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_POST

from moonbridge.accounts import actions
from moonbridge.accounts.models import Role, RoleKind, Scope
from moonbridge.accounts.requests import SignedInRequest
from moonbridge.cooperation import downloads
from moonbridge.cooperation.programmes.forms import RoleForm
from moonbridge.cooperation.programmes.models import Partner, PartnerKind
from moonbridge.cooperation.programmes.rules import is_office, may_read_record
from moonbridge.record import queries as record

ENTRIES_PER_PAGE = 50


@never_cache
@login_required
def people(request: SignedInRequest, slug: str) -> HttpResponse:
    """Show who holds a role in the agency; the office gives roles here."""
    agency = _agency(request, slug)
    form = RoleForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        person, kind = form.cleaned_data["email"], RoleKind(form.cleaned_data["kind"])
        actions.grant(person, kind, Scope.AGENCY, agency.pk, by=request.user)
        messages.success(request, gettext("%(person)s is now %(role)s.") % {"person": person, "role": kind.label})
        return redirect("agency-people", slug=slug)
    roles = (
        Role.objects.filter(scope=Scope.AGENCY, scope_id=agency.pk)
        .select_related("user")
        .order_by("kind", "user__name")
    )
    return render(request, "programmes/people.html", {"agency": agency, "form": form, "roles": roles})


@login_required
@require_POST
def take_role(request: SignedInRequest, slug: str, role: int) -> HttpResponse:
    """Take a role in the agency back."""
    agency = _agency(request, slug)
    held = get_object_or_404(Role, pk=role, scope=Scope.AGENCY, scope_id=agency.pk)
    actions.take(held, by=request.user)
    messages.success(request, gettext("The role is taken back."))
    return redirect("agency-people", slug=slug)


@never_cache
@login_required
def agency_record(request: SignedInRequest, slug: str) -> HttpResponse:
    """Show the agency's own chain of the record, newest first."""
    agency = get_object_or_404(Partner, kind=PartnerKind.AGENCY, slug=slug)
    _require_reader(request, agency)
    entries = record.chain_of(agency.slug).select_related("actor").order_by("-number")
    page = Paginator(entries, ENTRIES_PER_PAGE).get_page(request.GET.get("page"))
    return render(request, "programmes/record.html", {"agency": agency, "page": page})


@never_cache
@login_required
def agency_record_export(request: SignedInRequest, slug: str) -> StreamingHttpResponse:
    """Send the agency's chain as a file that verifies by itself."""
    agency = get_object_or_404(Partner, kind=PartnerKind.AGENCY, slug=slug)
    _require_reader(request, agency)
    return downloads.record_chain(record.chain_name(agency.slug), f"record-{agency.slug}.jsonl")


def _agency(request: SignedInRequest, slug: str) -> Partner:
    agency = get_object_or_404(Partner, kind=PartnerKind.AGENCY, slug=slug)
    if not is_office(request.user, agency):
        raise Http404
    return agency


def _require_reader(request: SignedInRequest, agency: Partner) -> None:
    if not may_read_record(request.user, agency):
        raise Http404
