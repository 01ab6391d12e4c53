"""The pages of the assignment: ask for one, watch it, see its reasons, adopt or drop it, and change single pairs by hand."""

from typing import Any, Final
from uuid import UUID

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.core.paginator import Paginator
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_POST, require_safe
from django_htmx.http import HttpResponseClientRefresh

from moonbridge.cooperation import commands, downloads
from moonbridge.cooperation.review.actions import allocations as actions
from moonbridge.cooperation.review.actions.recusals import recuse as recuse_review
from moonbridge.cooperation.review.aims import Asked
from moonbridge.cooperation.review.forms.allocations import AskForm, PairForm
from moonbridge.cooperation.review.forms.conflicts import ReasonForm
from moonbridge.cooperation.review.models import Allocation, Panel, Review
from moonbridge.cooperation.review.people import user_name
from moonbridge.cooperation.review.problem import quotas_cross
from moonbridge.cooperation.review.queries.allocations import assigned, ended, inputs_seen
from moonbridge.cooperation.review.reach import allocations_visible_to, items_managed
from moonbridge.cooperation.review.results import proposed
from moonbridge.cooperation.review.states import AllocationState, ReviewState
from moonbridge.cooperation.review.views.steering import Steered, back_to, steered, steering
from moonbridge.errors import InputError

PER_PAGE: Final = 100
RECENT: Final = 10
HEADER: Final = ("proposal", "title", "reviewer", "name", "state")


@never_cache
@login_required
@require_safe
def assignment(request: HttpRequest, slug: str) -> HttpResponse:
    """Show who reviews what in a panel, on what an assignment would rest, and the newest ones."""
    seen = steered(request, slug)
    return _page(request, seen, _form(seen))


def _form(seen: Steered, given: Any = None) -> AskForm:
    def crossing(reserves: bool) -> bool:
        return quotas_cross(seen.panel, reserves=reserves)

    return AskForm(given, resolve=seen.pair, crossing=crossing)


def _page(request: HttpRequest, seen: Steered, form: AskForm, status: int = 200) -> HttpResponse:
    inputs, words = inputs_seen(seen.user, seen.panel), {state.value: str(state.label) for state in ReviewState}
    pages = Paginator(items_managed(seen.user, seen.panel), PER_PAGE)
    pages.count = inputs.items  # the same items, counted already
    page = pages.get_page(request.GET.get("page"))
    reviews = assigned(seen.user, page.object_list)
    rows = [(item, [(one, words[one.state]) for one in reviews.get(item.pk, [])]) for item in page]
    recent = list(allocations_visible_to(seen.user).filter(panel=seen.panel).defer("answer")[:RECENT])
    context = seen.context(
        page=page, rows=rows, form=form, recent=recent, inputs=inputs,
        running=[one for one in recent if one.state == AllocationState.RUNNING],
        pair_form=PairForm(initial=request.GET.dict()), ended=ended(seen.user, seen.panel)[:PER_PAGE],
    )  # fmt: skip
    return render(request, "review/assignment.html", context, status=status)


@never_cache
@login_required
@require_safe
def table(request: HttpRequest, slug: str, ending: str) -> HttpResponse:
    """Hand out who reviews what as a table: exactly what the page shows."""
    seen = steered(request, slug)
    items = list(items_managed(seen.user, seen.panel))
    reviews = assigned(seen.user, items)
    rows = [
        (item.proposal.code, item.proposal.title, one.seat.label, user_name(one.seat.user), one.state)
        for item in items
        for one in reviews.get(item.pk, [])
    ]
    return downloads.table_file(f"{slug}-assignment", ending, HEADER, rows)


@login_required
@require_POST
def ask(request: HttpRequest, slug: str) -> HttpResponse:
    """Ask for an assignment."""
    seen = steering(request, slug)
    form = _form(seen, request.POST)
    if not form.is_valid():
        return _page(request, seen, form, status=400)
    made = actions.ask(seen.panel, form.asked(), by=seen.user, command=commands.of(request))
    return redirect("review-allocation", slug, made.pk)


def _of(request: HttpRequest, slug: str, key: UUID) -> tuple[Steered, Allocation]:
    """Return an assignment of which the visitor sees every item, with its panel."""
    user: Any = request.user
    found = get_object_or_404(allocations_visible_to(user), panel__round__opportunity__slug=slug, pk=key)
    panels: list[Panel] = [found.panel]
    return Steered(user, found.panel.round, panels, found.panel), found


@never_cache
@login_required
@require_safe
def allocation(request: HttpRequest, slug: str, key: UUID) -> HttpResponse:
    """Show a proposed assignment: its pairs with their reasons, totals, loads, and who may step in; or why there is none."""
    seen, found = _of(request, slug, key)
    items = found.items.select_related("proposal").order_by("proposal__code")
    page = Paginator(items, PER_PAGE).get_page(request.GET.get("page"))
    shown = proposed(found, list(page.object_list))
    context = seen.context(allocation=found, asked=Asked.read(found.asked), page=page, shown=shown)
    return render(request, "review/allocation.html", context)


@never_cache
@login_required
@require_safe
def progress(request: HttpRequest, slug: str, key: UUID) -> HttpResponse:
    """Show how far an assignment is; once it is there the whole page is loaded anew."""
    seen, found = _of(request, slug, key)
    if found.state != AllocationState.RUNNING:
        return (
            HttpResponseClientRefresh()
            if request.headers.get("HX-Request")
            else redirect("review-allocation", slug, found.pk)
        )
    return render(request, "review/_allocating.html", seen.context(allocation=found))


@login_required
@require_POST
def cancel(request: HttpRequest, slug: str, key: UUID) -> HttpResponse:
    """Stop an assignment that is being worked out."""
    seen, found = _deciding(request, slug, key)
    actions.cancel(found, by=seen.user)
    return back_to(seen, "review-assignment")


@login_required
@require_POST
def adopt(request: HttpRequest, slug: str, key: UUID) -> HttpResponse:
    """Give the reviews out as proposed."""
    seen, found = _deciding(request, slug, key)
    actions.adopt(found, by=seen.user, command=commands.of(request))
    messages.success(request, _("The reviews are given out as proposed."))
    return back_to(seen, "review-assignment")


@login_required
@require_POST
def drop(request: HttpRequest, slug: str, key: UUID) -> HttpResponse:
    """Put a proposed assignment aside."""
    seen, found = _deciding(request, slug, key)
    actions.drop(found, by=seen.user, command=commands.of(request))
    return back_to(seen, "review-assignment")


def _deciding(request: HttpRequest, slug: str, key: UUID) -> tuple[Steered, Allocation]:
    seen, found = _of(request, slug, key)
    if not seen.may_change:
        raise Http404
    return seen, found


@login_required
@require_POST
def assign(request: HttpRequest, slug: str) -> HttpResponse:
    """Give one review out by hand."""
    seen, form = steering(request, slug), PairForm(request.POST)
    if not form.is_valid():
        raise InputError(_("Name a proposal and a reviewer, and write down why."), field="code")
    given = form.cleaned_data
    item, seat = seen.item(given["code"]), seen.seat(given["label"])
    if item is None or seat is None:
        raise InputError(_("There is no such proposal or reviewer here."), field="code")
    actions.assign_by_hand(item, seat, reason=given["reason"], by=seen.user, command=commands.of(request))
    messages.success(request, _("The review is given out."))
    return back_to(seen, "review-assignment")


@never_cache
@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def release(request: HttpRequest, slug: str, key: UUID) -> HttpResponse:
    """Ask why a review is taken back, and take it back, or let its author step back where they have a reason not to judge."""
    seen = steering(request, slug)
    review = get_object_or_404(
        Review.objects.select_related("item__panel", "item__proposal", "seat__user").filter(
            item__in=items_managed(seen.user, seen.panel)
        ),
        pk=key,
    )
    if request.method != "POST":
        return render(request, "review/release.html", seen.context(review=review, form=ReasonForm()))
    form = ReasonForm(request.POST)
    if not form.is_valid():
        raise InputError(_("Write down why, in a few words."), field="reason")
    act = recuse_review if request.POST.get("recuse") == "yes" else actions.release
    act(review, reason=form.cleaned_data["reason"], by=seen.user, command=commands.of(request))
    messages.success(request, _("The review is taken back."))
    return back_to(seen, "review-assignment")
