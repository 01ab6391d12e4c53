"""The pages of conflicts of interest: what stands and why, what to look at first; pin, confirm, lift."""

from collections.abc import Iterator
from typing import Any, Final
from uuid import UUID

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.core.paginator import Paginator
from django.db.models import Func, IntegerField, QuerySet
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_POST, require_safe

from moonbridge.cooperation import commands, downloads
from moonbridge.cooperation.review.actions import conflicts as actions
from moonbridge.cooperation.review.detecting import lists_in_force
from moonbridge.cooperation.review.forms.conflicts import ListForm, PinForm, ReasonForm, TableForm
from moonbridge.cooperation.review.late import late_findings, late_sentence
from moonbridge.cooperation.review.models import (
    Conflict,
    Ground,
    Item,
    KnownKind,
    KnownList,
    Seat,
    Source,
)
from moonbridge.cooperation.review.people import user_name
from moonbridge.cooperation.review.reach import conflicts_visible_to
from moonbridge.cooperation.review.views.steering import Steered, back_to, steered, steering
from moonbridge.cooperation.wording import worded
from moonbridge.errors import InputError
from moonbridge.formats import tables

PER_PAGE: Final = 100
HEADER: Final = (
    "proposal",
    "title",
    "reviewer",
    "name",
    "ground",
    "source",
    "certain",
    "standing",
    "evidence",
    "lifted because",
)
SHOW: Final = ("standing", "uncertain", "reviewing", "lifted")


@never_cache
@login_required
@require_safe
def conflicts(request: HttpRequest, slug: str) -> HttpResponse:
    """List the conflicts of a panel, those that somebody should look at first."""
    seen = steered(request, slug)
    page = Paginator(_chosen(request, seen), PER_PAGE).get_page(request.GET.get("page"))
    context = seen.context(
        page=page, asked=request.GET, grounds=Ground.choices, show=_show(), pin=PinForm(initial=request.GET.dict()),
        list_form=ListForm(), table_form=TableForm(), is_office=seen.is_office, lists=_lists(seen),
        late=late_sentence(late_findings(seen.user, seen.round, office=seen.is_office).count()) if seen.may_change else "",
    )  # fmt: skip
    return render(request, "review/conflicts.html", context)


def _show() -> list[tuple[str, str]]:
    names = (_("standing"), _("to look at"), _("of reviews that go on"), _("lifted"))
    return list(zip(SHOW, names, strict=True))


def _lists(seen: Steered) -> list[KnownList]:
    """Return the lists that count in a search, with how many rows each has and without these."""
    many = Func("rows", function="jsonb_array_length", output_field=IntegerField())
    return list(lists_in_force(round=seen.round).defer("rows").annotate(many=many))


def _chosen(request: HttpRequest, seen: Steered) -> QuerySet[Conflict]:
    """Return the visible conflicts that the query asks for, by what the visitor is told of them and by nothing else."""
    found = conflicts_visible_to(seen.user, [seen.panel])
    asked = request.GET
    for name, column in (("code", "proposal__code"), ("label", "label"), ("ground", "told_ground")):
        if value := asked.get(name, "").strip():
            found = found.filter(**{column: value})
    conditions: dict[str, dict[str, Any]] = {
        "standing": {"standing": True}, "uncertain": {"standing": True, "told_certain": False},
        "reviewing": {"reviewing": True}, "lifted": {"standing": False},
    }  # fmt: skip
    found = found.filter(**conditions.get(asked.get("show", ""), {}))
    by = ("label", "code") if asked.get("by") == "person" else ("code", "label")
    return found.order_by(*("-standing", "told_certain", *by, "pk"))


@never_cache
@login_required
@require_safe
def table(request: HttpRequest, slug: str, ending: str) -> HttpResponse:
    """Hand out the conflicts of a panel as a table: exactly what the page shows."""
    seen = steered(request, slug)
    return downloads.table_file(f"{slug}-conflicts", ending, HEADER, _rows(_chosen(request, seen)))


def _rows(found: QuerySet[Conflict]) -> Iterator[tuple[str, ...]]:
    for one in found:
        told: Any = one
        yes = {True: "yes", False: "no", None: ""}
        yield (
            told.code, one.proposal.title, told.label, user_name(one.user), told.told_ground or "", told.told_source or "",
            yes[told.told_certain], yes[one.standing], told.told_evidence or "", one.lifted_because,
        )  # fmt: skip


@login_required
@require_POST
def pin(request: HttpRequest, slug: str) -> HttpResponse:
    """Set a conflict."""
    seen, form = steering(request, slug), PinForm(request.POST)
    if not form.is_valid():
        raise InputError(_("Name a proposal, a reviewer and the kind of tie."), field="code")
    given = form.cleaned_data
    item, seat = _pair(seen, given["code"], given["label"])
    actions.pin(
        item,
        seat,
        ground=Ground(given["ground"]),
        evidence=given["evidence"],
        by=seen.user,
        command=commands.of(request),
    )
    messages.success(
        request, _("The conflict stands; a review that went on has ended, and a replacement is being sought.")
    )
    return back_to(seen, "review-conflicts", show="standing")


def _pair(seen: Steered, code: str, label: str) -> tuple[Item, Seat]:
    item, seat = seen.item(code), seen.seat(label)
    if item is None or seat is None:
        raise InputError(
            _("There is no such proposal or reviewer here: %(pair)s") % {"pair": f"{code} {label}"}, field="code"
        )
    return item, seat


@login_required
@require_POST
def lift(request: HttpRequest, slug: str, key: UUID) -> HttpResponse:
    """Let a conflict no longer count."""
    seen, form = steering(request, slug), ReasonForm(request.POST)
    if not form.is_valid():
        raise InputError(_("Write down why, in a few words."), field="reason")
    actions.lift(_conflict(seen, key), reason=form.cleaned_data["reason"], by=seen.user, command=commands.of(request))
    messages.success(request, _("The conflict no longer counts. The reason stays beside it."))
    return back_to(seen, "review-conflicts")


@login_required
@require_POST
def confirm(request: HttpRequest, slug: str, key: UUID) -> HttpResponse:
    """Say that what was likely is so."""
    seen = steering(request, slug)
    actions.confirm(_conflict(seen, key), by=seen.user, command=commands.of(request))
    return back_to(seen, "review-conflicts", show="uncertain")


def _conflict(seen: Steered, key: UUID) -> Conflict:
    return get_object_or_404(conflicts_visible_to(seen.user, [seen.panel]), pk=key)


@login_required
@require_POST
def bring_list(request: HttpRequest, slug: str) -> HttpResponse:
    """Take in a list by which conflicts are detected."""
    seen, form = steering(request, slug), ListForm(request.POST, request.FILES)
    if not seen.is_office:
        raise Http404
    if not form.is_valid():
        raise InputError(_("Choose a CSV file and say what it tells."), field="file")
    file, kind = form.cleaned_data["file"], KnownKind(form.cleaned_data["kind"])
    try:
        made = actions.bring_list(
            seen.round, kind, file.read(), file.name or "", by=seen.user, command=commands.of(request),
            years=form.cleaned_data["years"],
        )  # fmt: skip
    except InputError as error:
        messages.error(request, _("The list was not taken in: %(why)s") % {"why": error.sentence})
        return back_to(seen, "review-conflicts")
    messages.success(request, _("The list is taken in: %(n)s rows. Search for conflicts now.") % {"n": len(made.rows)})
    return back_to(seen, "review-recheck")


@login_required
@require_POST
def take_in(request: HttpRequest, slug: str) -> HttpResponse:
    """Pin the conflicts of a table, all or none."""
    seen, form = steering(request, slug), TableForm(request.POST, request.FILES)
    if not form.is_valid():
        raise InputError(_("Choose a CSV or XLSX file."), field="file")
    try:
        pairs = list(_read(seen, form.cleaned_data["file"].read()))
    except InputError as error:
        messages.error(request, _("Nothing was taken in: %(why)s") % {"why": worded(error)})
        return back_to(seen, "review-conflicts")
    count = actions.pin_all(seen.round, pairs, by=seen.user, command=commands.of(request))
    messages.success(request, ngettext("%(n)s conflict stands.", "%(n)s conflicts stand.", count) % {"n": count})
    return back_to(seen, "review-conflicts")


def _read(seen: Steered, data: bytes) -> Iterator[tuple[Item, Seat, Ground, str]]:
    """Yield the conflicts of a table: those that this page hands out are taken in as well, but for lifted ones."""
    table = tables.read(data)
    columns = {name.casefold(): place for place, name in enumerate(table.header)}
    if missing := [name for name in ("proposal", "reviewer", "ground") if name not in columns]:
        raise InputError(_("The column “%(name)s” is missing.") % {"name": missing[0]})
    for row in table.rows:
        cells = {name: row.cells[place] if place < len(row.cells) else "" for name, place in columns.items()}
        if cells.get("standing") == "no" or cells.get("source") not in {None, "", Source.OFFICE.value}:
            continue
        if cells["ground"] not in Ground.values:
            raise InputError(
                _("Row %(row)s: “%(ground)s” is no kind of tie.") % {"row": row.number, "ground": cells["ground"][:20]}
            )
        item, seat = _pair(seen, cells["proposal"], cells["reviewer"])
        yield item, seat, Ground(cells["ground"]), cells.get("evidence", "")
