"""The public pages of the catalogue. They only read, and look the same to every stranger."""

from collections.abc import Callable, Iterable
from functools import partial
from typing import Any, Final

from django.conf import settings
from django.contrib.auth.decorators import login_required
from django.core.exceptions import ObjectDoesNotExist
from django.core.paginator import Paginator
from django.db.models import QuerySet, prefetch_related_objects
from django.http import Http404, HttpRequest, HttpResponse, StreamingHttpResponse
from django.shortcuts import get_object_or_404, render
from django.urls import reverse
from django.utils import translation
from django.utils.http import urlencode
from django.views.decorators.cache import never_cache

from moonbridge.accounts.requests import SignedInRequest
from moonbridge.cooperation import downloads
from moonbridge.cooperation.opportunities import queries as opportunities
from moonbridge.cooperation.programmes import queries
from moonbridge.cooperation.programmes.models import CatalogueEntry, EntryKind, Mission, Programme, Source
from moonbridge.cooperation.programmes.queries import Known
from moonbridge.cooperation.samples.queries.whereabouts import public_collections
from moonbridge.portal import calls, holdings, missions, partners, sources
from moonbridge.portal.desk import Desk
from moonbridge.portal.facts import facts_of, sources_of
from moonbridge.portal.home import Home
from moonbridge.portal.links import links_of, tag_of
from moonbridge.portal.partners import KINDS, SUBJECTS
from moonbridge.record import queries as record
from moonbridge.record.models import PUBLIC

STATION: Final = "ilrs"
"""The programme whose members the station's page shows."""

HAVE_A_PLACE: Final = (EntryKind.MEMBERSHIP, EntryKind.BATCH, EntryKind.ROUND, EntryKind.LOAN, EntryKind.GIFT)
"""Kinds that are shown in full on the pages of the station and of samples."""

SINGLE_PAGES: Final = (
    "home", "programme-list", "mission-list", "site-list", "opportunity-list", "partner-list", "station", "samples-shared",
    "samples-where", "sample-catalogue", "sources", "conflicts", "record",
)  # fmt: skip
LONGEST_QUERY: Final = 100
FINDS_PER_PAGE: Final = 30
ENTRIES_PER_PAGE: Final = 50


def home(request: HttpRequest) -> HttpResponse:
    """Show what is open now, and what was shared with whom in figures and one chart."""
    now_open = opportunities.open_now(request.user).select_related("agency", "mission")
    facts = {"open": now_open, "home": Home(), "json": reverse("api:figures")}
    return render(request, "portal/home.html", facts)


def programme_list(request: HttpRequest) -> HttpResponse:
    """Show all programmes."""
    facts = {"programmes": queries.programmes(), "json": reverse("api:programmes")}
    return render(request, "portal/programmes.html", facts)


def programme(request: HttpRequest, slug: str) -> HttpResponse:
    """Show a programme with everything catalogued under it."""
    shown = get_object_or_404(queries.programmes(), slug=slug)
    known, by_kind = queries.programme_items(shown)
    elsewhere = (EntryKind.PAYLOAD, EntryKind.CALL, *HAVE_A_PLACE)
    in_full = [(title, by_kind[kind]) for kind, title in SUBJECTS.items() if kind in by_kind and kind not in elsewhere]
    facts = {
        "programme": shown,
        "known": known,
        "calls": by_kind.get(EntryKind.CALL, []),
        "payloads": [item for item in by_kind.get(EntryKind.PAYLOAD, []) if item.entry.mission is None],
        "counted": [
            (title, len(by_kind[kind])) for kind, title in SUBJECTS.items() if kind in HAVE_A_PLACE and kind in by_kind
        ],
        "in_full": in_full,
        "opportunities": opportunities.visible_to(request.user).filter(mission__programme=shown),
        "json": reverse("api:programme", args=[slug]),
    }
    items = [item for _title, found in in_full for item in found]
    return render(request, "portal/programme.html", facts | _sources([known, *(item.known for item in items)]))


def mission_list(request: HttpRequest) -> HttpResponse:
    """Show all missions."""
    found = list(queries.missions())
    known = queries.known_about(mission.address for mission in found)
    rows = [(mission, known[mission.address]) for mission in found]
    return render(request, "portal/missions.html", {"rows": rows, "json": reverse("api:missions")})


def mission(request: HttpRequest, slug: str) -> HttpResponse:
    """Show a mission: elements, payloads against the envelope, timeline, sources."""
    page = _found(queries.mission_page, slug)
    facts = {
        "page": page,
        "bars": missions.mass_bars(page),
        "timeline": missions.timeline(page, record.database_now().date()),
        "opportunities": opportunities.visible_to(request.user).filter(mission=page.mission),
        "json": reverse("api:mission", args=[slug]),
    }
    known = [page.known, *(known for _element, known in page.elements)]
    known += [item.known for item in [*page.payloads, *page.calls]]
    return render(request, "portal/mission.html", facts | _sources(known))


def opportunity_list(request: HttpRequest) -> HttpResponse:
    """Show what is open now, what is over, and the calls of the catalogue."""
    visible = opportunities.open_now(request.user), opportunities.past(request.user)
    now_open, over = (found.select_related("agency", "mission").prefetch_related("stage_dates") for found in visible)
    now = record.database_now()
    facts = {
        "open": now_open,
        "over": [(each, opportunities.stage_clock(each, now)) for each in over],
        "overdue": opportunities.overdue(now),
        "calls": queries.calls(),
        "json": reverse("api:calls"),
    }
    return render(request, "portal/opportunities.html", facts)


def call(request: HttpRequest, slug: str) -> HttpResponse:
    """Show a call of the catalogue: what it offered, how long it was open, which promises were kept."""
    shown = _found(partial(queries.item, EntryKind.CALL), slug)
    facts = {
        "call": shown,
        "offers": calls.offers(shown.known, shown.entry.mission),
        "promises": [(calls.STAGES[promise.stage], promise) for promise in shown.known.dates.promises],
        "replays": opportunities.visible_to(request.user).filter(catalogue_call=shown.entry.address),
        "json": reverse("api:call", args=[slug]),
    }
    return render(request, "portal/call.html", facts | _sources([shown.known]))


def partner_list(request: HttpRequest) -> HttpResponse:
    """Show everybody who takes part."""
    return render(request, "portal/partners.html", {"groups": partners.groups(), "json": reverse("api:partners")})


def partner(request: HttpRequest, slug: str) -> HttpResponse:
    """Show everything that a country, agency, institution or organisation takes part in."""
    page = _found(queries.partner_page, slug)
    facts = {
        "page": page,
        "partner": page.partner,
        "parts": partners.parts(page),
        "opportunities": opportunities.visible_to(request.user).filter(agency=page.partner),
        "json": reverse("api:partner", args=[slug]),
    }
    return render(request, "portal/partner.html", facts)


def station(request: HttpRequest) -> HttpResponse:
    """Show who says who is a member of the station."""
    shown = get_object_or_404(queries.programmes(), slug=STATION)
    known, by_kind = queries.programme_items(shown)
    members = queries.memberships(STATION)
    facts = {
        "programme": shown,
        "totals": [fact for fact in facts_of(known) if fact.field in ("totals", "member_countries")],
        "groups": [(KINDS[kind], found) for kind, found in members.items()],
        "disputed": sum(member.disputed for found in members.values() for member in found),
        "agreements": by_kind.get(EntryKind.AGREEMENT, []),
        "json": reverse("api:station"),
    }
    listed = [known, *(member.known for found in members.values() for member in found)]
    listed += [item.known for item in by_kind.get(EntryKind.AGREEMENT, [])]
    return render(request, "portal/station.html", facts | _sources(listed))


def samples_shared(request: HttpRequest) -> HttpResponse:
    """Show the samples shared so far."""
    shared = queries.samples()
    prefetch_related_objects([found.entry for found, _loans in shared.rounds], "sampled")
    items = [*shared.batches, *shared.gifts, *(item for found, loans in shared.rounds for item in [found, *loans])]
    facts = {"shared": shared, "json": reverse("api:samples")}
    return render(request, "portal/samples.html", facts | _sources(item.known for item in items))


def source_list(request: HttpRequest) -> HttpResponse:
    """Show every source with the number of facts that lean on it."""
    found = queries.sources().order_by("title")
    return render(request, "portal/sources.html", {"sources": found, "json": reverse("api:sources")})


def source(request: HttpRequest, slug: str) -> HttpResponse:
    """Show the facts that lean on a source."""
    shown = get_object_or_404(Source, slug=slug)
    facts = {"source": shown, "leaning": sources.leaning_on(shown), "json": reverse("api:source", args=[slug])}
    return render(request, "portal/source.html", facts)


def conflicts(request: HttpRequest) -> HttpResponse:
    """Show claims that contradict each other, side by side."""
    disputes = sources.disputes()
    facts = {"disputes": disputes, "json": reverse("api:conflicts")}
    sides = [Known(claims=dispute.sides) for dispute in disputes]
    return render(request, "portal/conflicts.html", facts | _sources(sides))


def search(request: HttpRequest) -> HttpResponse:
    """Search everything that has a public page."""
    query = request.GET.get("q", "").strip()[:LONGEST_QUERY]
    page = Paginator(queries.search(query), FINDS_PER_PAGE).get_page(request.GET.get("page"))
    found = links_of(document.address for document in page)
    finds = [(document, found[document.address]) for document in page if document.address in found]
    facts = {"query": query, "page": page, "finds": finds, "json": f"{reverse('api:search')}?{urlencode({'q': query})}"}
    return render(request, "portal/search.html", facts)


def public_record(request: HttpRequest) -> HttpResponse:
    """Show the public chain of decisions, newest first."""
    page = Paginator(record.public().order_by("-number"), ENTRIES_PER_PAGE).get_page(request.GET.get("page"))
    found = links_of(entry.subject for entry in page)
    entries = [(entry, found.get(entry.subject)) for entry in page]
    context = {"page": page, "entries": entries, "public_key": record.signer().public_key}
    return render(request, "portal/record.html", context)


def record_export(request: HttpRequest) -> StreamingHttpResponse:  # noqa: ARG001 - a view's signature
    """Send the public chain as a file that verifies by itself."""
    return downloads.record_chain(PUBLIC, "record-public.jsonl")


@never_cache
@login_required
def desk(request: SignedInRequest) -> HttpResponse:
    """Show a person what they have to do."""
    return render(request, "portal/desk.html", {"desk": Desk(request.user, record.database_now())})


def robots(request: HttpRequest) -> HttpResponse:
    """Tell crawlers where the public pages are, and what is not worth their visit."""
    return render(request, "portal/robots.txt", content_type="text/plain")


def sitemap(request: HttpRequest) -> HttpResponse:
    """List every public page with its addresses in all languages; the pieces of collections, a hundred thousand, their catalogue lists."""
    slugs = {
        name: list(found.order_by("slug").values_list("slug", flat=True)) for name, found in _listed(request).items()
    }
    slugs["mission-samples"] = [mission.slug for mission, _known in holdings.missions_with_samples()]
    by_language = [(tag_of(code), _paths(code, slugs)) for code, _name in settings.LANGUAGES]
    pages = [
        [(tag, path) for (tag, _paths_), path in zip(by_language, paths, strict=True)]
        for paths in zip(*(paths for _tag, paths in by_language), strict=True)
    ]
    return render(request, "portal/sitemap.xml", {"pages": pages}, content_type="application/xml")


def _listed(request: HttpRequest) -> dict[str, QuerySet[Any]]:
    return {
        "programme": Programme.objects.all(),
        "mission": Mission.objects.all(),
        "site": queries.sites(),
        "partner": queries.partners(),
        "source": Source.objects.all(),
        "call": CatalogueEntry.objects.filter(kind=EntryKind.CALL),
        "opportunity": opportunities.visible_to(request.user),
        "collection-samples": public_collections(),
    }


def _paths(language: str, slugs: dict[str, list[str]]) -> list[str]:
    with translation.override(language):
        paths = [reverse(name) for name in SINGLE_PAGES]
        return paths + [reverse(name, args=[slug]) for name, found in slugs.items() for slug in found]


def _found[Page](look_up: Callable[[str], Page], slug: str) -> Page:
    """Return what ``look_up`` finds; nothing there is a 404."""
    try:
        return look_up(slug)
    except ObjectDoesNotExist:
        raise Http404 from None


def _sources(known: Iterable[Known]) -> dict[str, Any]:
    """Return the sources of a page, and the number under which each stands in the list at its end."""
    found = sources_of(known)
    return {"sources": found, "numbers": {source.slug: number for number, source in enumerate(found, start=1)}}
