"""Studies of places: ask, watch, read, take along, delete."""

from datetime import UTC, datetime
from typing import Any
from uuid import UUID

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import Http404, HttpResponse, JsonResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_POST, require_safe
from django_htmx.http import HttpResponseClientRefresh

from moonbridge.accounts.requests import SignedInRequest
from moonbridge.cooperation import commands
from moonbridge.cooperation.programmes import queries as programmes
from moonbridge.cooperation.sites import actions, pictures, queries, reports
from moonbridge.cooperation.sites.forms import StudyForm
from moonbridge.cooperation.sites.models import Study
from moonbridge.cooperation.sites.reports import Download, Report
from moonbridge.cooperation.sites.states import State
from moonbridge.errors import MoonbridgeError
from moonbridge.record.queries import database_now


@never_cache
@login_required
def studies(request: SignedInRequest) -> HttpResponse:
    """List a person's studies, and ask for another one."""
    form = StudyForm(request.POST or None, initial={"year": reports.coming_year(database_now().date())})
    if request.method == "POST" and form.is_valid():
        try:
            begun = actions.study(form.cleaned_data, by=request.user, command=commands.of(request))
        except MoonbridgeError as error:
            form.add_error(None, str(error))
        else:
            return redirect("site-study", begun.pk)
    status = 400 if form.is_bound else 200
    return render(request, "sites/studies.html", {"form": form, "studies": queries.listed(request.user)}, status=status)


@never_cache
@login_required
@require_safe
def study(request: SignedInRequest, key: UUID) -> HttpResponse:
    """Show how far a study is, or what it found."""
    held = _study(request, key)
    report = queries.report_of(held)
    facts: dict[str, Any] = {"study": held, "report": report}
    if report is not None and held.answer is not None:
        facts |= {
            "moved": held.answer["moved"],
            "spread": _spread(held.answer["spread"]),
            "downloads": _downloads(held),
            "map": _map(held, report),
        }
    return render(request, "sites/study.html", facts)


@never_cache
@login_required
@require_safe
def progress(request: SignedInRequest, key: UUID) -> HttpResponse:
    """Show how far a study is; once it is over, the whole page is asked for again."""
    held = _study(request, key)
    if held.state == State.RUNNING:
        return render(request, "sites/_progress.html", {"study": held})
    if request.headers.get("HX-Request"):
        return HttpResponseClientRefresh()
    return redirect("site-study", held.pk)


@login_required
@require_POST
def cancel(request: SignedInRequest, key: UUID) -> HttpResponse:
    """Stop a study."""
    held = _study(request, key)
    actions.cancel(held, by=request.user)
    return redirect("site-study", held.pk)


@login_required
@require_POST
def delete(request: SignedInRequest, key: UUID) -> HttpResponse:
    """Remove a study."""
    held = _study(request, key)
    actions.delete(held, by=request.user)
    messages.success(request, _("“%(name)s” is deleted.") % {"name": held})
    return redirect("site-studies")


@never_cache
@login_required
@require_safe
def file(request: SignedInRequest, key: UUID, name: str) -> HttpResponse:
    """Send what a study found as a file: days.csv, windows.csv, windows.ics or everything.json."""
    held = _study(request, key)
    report = queries.report_of(held)
    if report is None or name not in _FILES:
        raise Http404
    headers = {"Content-Disposition": f'attachment; filename="{name}"'}
    if name == "everything.json":
        found = report.as_dict() | {part: (held.answer or {})[part] for part in ("moved", "spread")}
        return JsonResponse(found, headers=headers)
    content, kind = _content(report, name)
    return HttpResponse(content, content_type=kind, headers=headers)


_FILES = ("days.csv", "windows.csv", "windows.ics", "everything.json")


def _content(report: Report, name: str) -> tuple[bytes, str]:
    match name:
        case "days.csv":
            return report.days_csv(), "text/csv; charset=utf-8"
        case "windows.csv":
            return report.windows_csv(), "text/csv; charset=utf-8"
        case _:
            return report.calendar(database_now()), "text/calendar; charset=utf-8"


def _study(request: SignedInRequest, key: UUID) -> Study:
    return get_object_or_404(queries.studies_visible_to(request.user), pk=key)


def _downloads(held: Study) -> list[Download]:
    names = {
        "days.csv": _("Days (CSV)"), "windows.csv": _("Windows (CSV)"), "windows.ics": _("Windows (calendar)"),
        "everything.json": _("Everything (JSON)"),
    }  # fmt: skip
    return [Download(words, reverse("site-study-file", args=[held.pk, name])) for name, words in names.items()]


def _map(held: Study, report: Report) -> pictures.Map:
    """Return the map of the place among the catalogue's sites."""
    others = [(str(each), float(each.latitude_deg), float(each.longitude_deg)) for each in programmes.sites()]
    return pictures.map_of([(str(held), *report.place), *others], 0)


def _spread(kept: dict[str, Any] | None) -> dict[str, Any] | None:
    """Return the spread with instants instead of texts, the longest windows of it."""
    if kept is None:
        return None
    longest = sorted(kept["windows"], key=lambda row: -row["duration_s"])[: reports.MOST_ROWS]
    rows = [
        {name: _instant(value) for name, value in row.items()}
        for row in sorted(longest, key=lambda row: str(row["start"]))
    ]
    return {"places": kept["places"], "rows": rows, "only_elsewhere": len(kept["only_elsewhere"])}


def _instant(value: Any) -> Any:
    return datetime.fromisoformat(value).astimezone(UTC) if isinstance(value, str) else value
