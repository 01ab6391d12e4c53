"""The public pages of places on the Moon: where they are, who says so, and a year of Sun, Earth and relay."""

from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Final

import numpy as np
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.urls import reverse
from django.utils.translation import gettext as _

from moonbridge.cooperation.programmes import queries
from moonbridge.cooperation.programmes.models import Site
from moonbridge.cooperation.sites import pictures, reports
from moonbridge.cooperation.sites import queries as places
from moonbridge.cooperation.sites.reports import Download, Report
from moonbridge.engines.moon.frames import distance_m
from moonbridge.portal.facts import sources_of
from moonbridge.portal.links import name_of
from moonbridge.record.queries import database_now

NEIGHBOURS_KM: Final = 200.0


def site_list(request: HttpRequest) -> HttpResponse:
    """Show all named places, each with its coming year in brief."""
    sites = list(queries.sites())
    year = reports.coming_year(database_now().date())
    rows = [(each, places.brief_of(each, year)) for each in sites]
    facts = {"rows": rows, "year": year, "map": _southern(sites), "json": reverse("api:sites")}
    return render(request, "portal/sites.html", facts)


def site(request: HttpRequest, slug: str, year: int | None = None) -> HttpResponse:
    """Show a named place: where it is, who says so, and a year there."""
    shown = get_object_or_404(queries.sites(), slug=slug)
    chosen = reports.coming_year(database_now().date()) if year is None else reports.checked_year(year)
    known = queries.known_about([shown.address])[shown.address]
    sources = sources_of([known])
    others = list(queries.sites())
    facts = {
        "site": shown,
        "known": known,
        "published": known.claims_on("published_light"),
        "report": places.year_of(shown, chosen),
        "years": _years(chosen),
        "downloads": _downloads(shown, chosen),
        "map": pictures.map_of([_place(each) for each in others], others.index(shown)),
        "neighbours": _neighbours(shown, others),
        "json": reverse("api:site", args=[slug]),
        "sources": sources,
        "numbers": {source.slug: number for number, source in enumerate(sources, start=1)},
    }
    return render(request, "portal/site.html", facts)


def days(request: HttpRequest, slug: str, year: int) -> HttpResponse:  # noqa: ARG001 - a view's signature
    """Send the shares by day as CSV."""
    return _file(_report(slug, year).days_csv(), "text/csv; charset=utf-8", f"{slug}-{year}-days.csv")


def windows(request: HttpRequest, slug: str, year: int) -> HttpResponse:  # noqa: ARG001 - a view's signature
    """Send the windows with Sun and Earth as CSV."""
    return _file(_report(slug, year).windows_csv(), "text/csv; charset=utf-8", f"{slug}-{year}-windows.csv")


def calendar(request: HttpRequest, slug: str, year: int) -> HttpResponse:  # noqa: ARG001 - a view's signature
    """Send the windows with Sun and Earth as iCalendar; stamped with the day, so that the same file is sent all day."""
    today = datetime.combine(database_now().date(), datetime.min.time(), UTC)
    return _file(_report(slug, year).calendar(today), "text/calendar; charset=utf-8", f"{slug}-{year}-windows.ics")


def _report(slug: str, year: int) -> Report:
    found = places.year_of(get_object_or_404(queries.sites(), slug=slug), year)
    if found is None:
        raise Http404
    return found


def _file(content: bytes, kind: str, name: str) -> HttpResponse:
    return HttpResponse(content, content_type=kind, headers={"Content-Disposition": f'attachment; filename="{name}"'})


def _downloads(site: Site, year: int) -> list[Download]:
    return [
        Download(_("Days (CSV)"), reverse("site-days", args=[site.slug, year])),
        Download(_("Windows (CSV)"), reverse("site-windows", args=[site.slug, year])),
        Download(_("Windows (calendar)"), reverse("site-calendar", args=[site.slug, year])),
        Download(_("Everything (JSON)"), reverse("api:site-year", args=[site.slug, year])),
        Download(_("Skyline (JSON)"), reverse("api:site-skyline", args=[site.slug])),
    ]


def _years(chosen: int) -> list[int]:
    around = range(chosen - 1, chosen + 2)
    return [year for year in around if reports.FIRST_YEAR <= year <= reports.LAST_YEAR]


def _place(site: Site) -> pictures.Place:
    return name_of(site), float(site.latitude_deg), float(site.longitude_deg)


def _southern(sites: Sequence[Site]) -> pictures.Map | None:
    named = [_place(each) for each in sites]
    return pictures.polar_map(named) if any(latitude < -80 for _name, latitude, _lon in named) else None  # noqa: PLR2004


def _neighbours(shown: Site, others: list[Site]) -> list[tuple[Site, float]]:
    """Return the catalogue's sites nearby with their distances in km, the nearest first."""
    rest = [each for each in others if each != shown]
    here = float(shown.latitude_deg), float(shown.longitude_deg)
    there = np.array([[float(each.latitude_deg), float(each.longitude_deg)] for each in rest]).reshape(-1, 2)
    away = distance_m(there[:, 0], there[:, 1], *here) / 1000
    near = sorted(zip(rest, away.tolist(), strict=True), key=lambda pair: pair[1])
    return [(each, km) for each, km in near if km <= NEIGHBOURS_KM]
