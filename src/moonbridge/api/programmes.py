"""The catalogue as JSON: the twin of each public page. Lists go from rows to bytes; unknown is null, never zero."""

from collections.abc import Callable
from typing import Any

from django.core.exceptions import ObjectDoesNotExist
from django.core.paginator import Paginator
from django.db.models import F, QuerySet
from django.http import Http404, HttpRequest
from django.shortcuts import get_object_or_404
from ninja import Router

from moonbridge.cooperation.programmes import queries
from moonbridge.cooperation.programmes.models import Claim, EntryKind, Participation, Site, Source
from moonbridge.cooperation.programmes.queries import Item, Known
from moonbridge.cooperation.sites import queries as places
from moonbridge.formats import skylines
from moonbridge.formats.catalogue import Days
from moonbridge.portal.home import Home

router = Router(tags=["catalogue"])

FINDS_PER_PAGE = 50


@router.get("/figures", url_name="figures", summary="What was shared with whom, in figures")
def figures(request: HttpRequest) -> dict[str, Any]:  # noqa: ARG001 - ninja's signature
    """Return the counts of the home page; masses in nanograms."""
    home = Home()
    counted = home.figures
    return {
        "countries": counted.countries, "partners": counted.institutions, "payloads": counted.payloads, "missions": counted.missions,
        "experiments": counted.experiments, "loans": counted.loans, "lent_abroad_ng": counted.lent_abroad,
        "lent_at_home_ng": counted.given_at_home,
        "days_to_answer": [{"call": call.slug, "days": days} for call, days in counted.answer_days],
        "by_country": [{"country": each.partner.country} | each.counts for each in home.countries],
    }  # fmt: skip


@router.get("/programmes", url_name="programmes", summary="All programmes")
def programmes(request: HttpRequest) -> list[dict[str, Any]]:  # noqa: ARG001
    """Return every programme."""
    return _rows(queries.programmes(), "slug", "name", "name_zh", "summary", agency_slug=F("agency__slug"))


@router.get("/programmes/{slug:slug}", url_name="programme", summary="A programme with everything catalogued under it")
def programme(request: HttpRequest, slug: str) -> dict[str, Any]:  # noqa: ARG001
    """Return a programme, what is known about it, its missions, and its entries by kind."""
    shown = queries.programmes().filter(slug=slug).first()
    if shown is None:
        raise Http404
    known, by_kind = queries.programme_items(shown)
    return _thing(shown) | {
        "summary": shown.summary,
        "agency": shown.agency.slug if shown.agency else None,
        "missions": [mission.slug for mission in shown.missions.all()],
        "entries": {kind: [_item(item) for item in items] for kind, items in by_kind.items()},
    } | _known(known)  # fmt: skip


@router.get("/missions", url_name="missions", summary="All missions")
def missions(request: HttpRequest) -> list[dict[str, Any]]:  # noqa: ARG001
    """Return every mission with the number of partners' payloads that have a place on it."""
    more = {"programme_slug": F("programme__slug"), "agency_slug": F("agency__slug")}
    return _rows(queries.missions(), "slug", "name", "name_zh", "payloads", "calls", **more)


@router.get(
    "/missions/{slug:slug}", url_name="mission", summary="A mission with elements, payloads, calls and milestones"
)
def mission(request: HttpRequest, slug: str) -> dict[str, Any]:  # noqa: ARG001
    """Return a mission; masses of the manifests are in milligrams."""
    page = _found(queries.mission_page, slug)
    return _thing(page.mission) | {
        "programme": page.mission.programme.slug,
        "agency": page.mission.agency.slug,
        "elements": [_thing(element) | {"kind": element.kind} | _known(known) for element, known in page.elements],
        "manifests": [
            {
                "element": manifest.element.slug if manifest.element else None, "offered_mg": manifest.offered,
                "known_mg": manifest.known_mass, "unknown": manifest.unknown,
                "payloads": [{"slug": line.payload.entry.slug, "mass_mg": line.mass, "lost": line.lost} for line in manifest.lines],
            }
            for manifest in page.manifests
        ],
        "payloads": [_item(item) for item in page.payloads],
        "calls": [_item(item) for item in page.calls],
    } | _known(page.known)  # fmt: skip


@router.get("/sites", url_name="sites", summary="All named places on the Moon")
def sites(request: HttpRequest) -> list[dict[str, Any]]:  # noqa: ARG001
    """Return every site with its coordinates: degrees north and east, planetocentric, as text."""
    return [_site(site) for site in queries.sites()]


@router.get("/sites/{slug:slug}", url_name="site", summary="A named place on the Moon, and who says where it is")
def site(request: HttpRequest, slug: str) -> dict[str, Any]:  # noqa: ARG001
    """Return a site with the claims on it."""
    shown = queries.sites().filter(slug=slug).first()
    if shown is None:
        raise Http404
    return _site(shown) | _known(queries.known_about([shown.address])[shown.address])


@router.get("/sites/{slug:slug}/skyline", url_name="site-skyline", summary="The horizon of a named place, all around")
def site_skyline(request: HttpRequest, slug: str) -> dict[str, Any]:  # noqa: ARG001
    """Return the skyline that is shipped for a site: 720 elevations and distances, and what they were made from."""
    found = places.skyline_of(get_object_or_404(queries.sites(), slug=slug))
    if found is None:
        raise Http404
    return skylines.as_dict(found)


@router.get(
    "/sites/{slug:slug}/years/{int:year}", url_name="site-year", summary="A year of Sun, Earth and relay at a place"
)
def site_year(request: HttpRequest, slug: str, year: int) -> dict[str, object]:  # noqa: ARG001
    """Return a year at a site: in brief, by day, nights, windows with Sun and Earth, skyline and provenance; shares are 0 to 1."""
    found = places.year_of(get_object_or_404(queries.sites(), slug=slug), year)
    if found is None:
        raise Http404
    return found.as_dict()


@router.get("/partners", url_name="partners", summary="All partners")
def partners(request: HttpRequest) -> list[dict[str, Any]]:  # noqa: ARG001
    """Return every partner with the number of things it takes part in."""
    columns = ("slug", "kind", "name", "name_zh", "short", "country", "part_count")
    return _rows(queries.partners(), *columns, parent_slug=F("parent__slug"))


@router.get("/partners/{slug:slug}", url_name="partner", summary="A partner with everything it takes part in")
def partner(request: HttpRequest, slug: str) -> dict[str, Any]:  # noqa: ARG001
    """Return a partner; a country also takes part through its institutions."""
    page = _found(queries.partner_page, slug)
    return _thing(page.partner) | {
        "kind": page.partner.kind,
        "country": page.partner.country or None,
        "parent": page.partner.parent.slug if page.partner.parent else None,
        "takes_part_in": [
            {"address": part.thing.address, "name": part.thing.name, "roles": part.roles, "through": [each.slug for each in part.through]}
            for parts in page.by_kind.values()
            for part in parts
        ],
        "memberships": [entry.address for entry in page.members],
        "belonging": [each.slug for each in page.belonging],
    }  # fmt: skip


@router.get("/calls", url_name="calls", summary="Past calls of the catalogue")
def calls(request: HttpRequest) -> list[dict[str, Any]]:  # noqa: ARG001
    """Return every catalogued call with its days open and days to answer."""
    return [_item(item) | _days(item.known) for item in queries.calls()]


@router.get("/calls/{slug:slug}", url_name="call", summary="A past call with its envelope, dates and promises")
def call(request: HttpRequest, slug: str) -> dict[str, Any]:  # noqa: ARG001
    """Return a call; a promise is kept late by so many days, null while that is not known."""
    item = _found(lambda wanted: queries.item(EntryKind.CALL, wanted), slug)
    promises = [
        {
            "stage": promise.stage, "promised": promise.promised.text, "kept": promise.kept.text if promise.kept else None,
            "days_late": _bounds(promise.days_late),
        }
        for promise in item.known.dates.promises
    ]  # fmt: skip
    return _item(item) | _days(item.known) | {"promises": promises}


@router.get("/station", url_name="station", summary="Who says who is a member of the Moon station")
def station(request: HttpRequest) -> list[dict[str, Any]]:  # noqa: ARG001
    """Return the memberships: claims, never one yes or no."""
    found = queries.memberships("ilrs")
    return [
        {
            "partner": member.entry.partner.slug if member.entry.partner else None,
            "kind": kind,
            "disputed": member.disputed,
        }
        | _known(member.known)
        for kind, members in found.items()
        for member in members
    ]


@router.get("/samples", url_name="samples", summary="Samples shared so far")
def samples(request: HttpRequest) -> dict[str, Any]:  # noqa: ARG001
    """Return batches, rounds with their loans, and gifts; sums in nanograms over what is published."""
    shared = queries.samples()
    return {
        "lent_at_home_ng": shared.given_at_home,
        "lent_abroad_ng": shared.lent_abroad,
        "loans_of_unknown_mass": shared.unknown_abroad,
        "batches": [_item(item) | _days(item.known) for item in shared.batches],
        "rounds": [
            _item(item) | _days(item.known) | {"loans": [_item(loan) for loan in loans]}
            for item, loans in shared.rounds
        ],
        "gifts": [_item(item) for item in shared.gifts],
    }


@router.get("/sources", url_name="sources", summary="All sources")
def sources(request: HttpRequest) -> list[dict[str, Any]]:  # noqa: ARG001
    """Return every source with the numbers of claims and milestones that lean on it."""
    return _rows(queries.sources(), "slug", "title", "url", "claim_count", "milestone_count")


@router.get("/sources/{slug:slug}", url_name="source", summary="A source with the facts that lean on it")
def source(request: HttpRequest, slug: str) -> dict[str, Any]:  # noqa: ARG001
    """Return a source with its claims and milestones."""
    shown = Source.objects.filter(slug=slug).first()
    if shown is None:
        raise Http404
    return {
        "slug": shown.slug,
        "title": shown.title,
        "url": shown.url or None,
        "claims": list(shown.claims.values("subject", "field", "value", "text", "confidence", "note")),
        "milestones": list(shown.milestones.values("subject", "what", "date_text")),
    }


@router.get("/conflicts", url_name="conflicts", summary="Claims that contradict each other")
def conflicts(request: HttpRequest) -> list[dict[str, Any]]:  # noqa: ARG001
    """Return every conflict with its sides."""
    return [
        {
            "slug": conflict.slug, "subject": conflict.subject, "field": conflict.field, "topic": conflict.topic,
            "known": conflict.known, "sides": [_claim(claim) for claim in conflict.sides.all()],
        }
        for conflict, _thing_ in queries.conflicts()
    ]  # fmt: skip


@router.get("/search", url_name="search", summary="Search everything that has a public page")
def search(request: HttpRequest, q: str = "", page: int = 1) -> dict[str, Any]:  # noqa: ARG001
    """Return the finds for ``q``, best first; spelling, accents and script do not matter."""
    columns = ("address", "kind", "title", "title_zh")
    found = Paginator(queries.search(q[:100]).values(*columns), FINDS_PER_PAGE).get_page(page)
    return {"query": q, "count": found.paginator.count, "page": found.number, "finds": list(found)}


def _found[Page](look_up: Callable[[str], Page], slug: str) -> Page:
    try:
        return look_up(slug)
    except ObjectDoesNotExist:
        raise Http404 from None


def _rows(found: QuerySet[Any], *columns: str, **more: F) -> list[dict[str, Any]]:
    """Return the rows as they come from the database, without model objects."""
    return list(found.prefetch_related(None).values(*columns, **more))


def _thing(thing: Any) -> dict[str, Any]:
    return {"address": thing.address, "slug": thing.slug, "name": thing.name, "name_zh": thing.name_zh or None}


def _site(site: Site) -> dict[str, Any]:
    return _thing(site) | {
        "mission": site.mission.slug if site.mission else None,
        "latitude_deg": f"{site.latitude_deg.normalize():f}",
        "longitude_deg": f"{site.longitude_deg.normalize():f}",
    }


def _item(item: Item) -> dict[str, Any]:
    entry = item.entry
    more = {
        "mission": entry.mission.slug if entry.mission else None, "element": entry.element.slug if entry.element else None,
        "standing": entry.standing or None, "audience": entry.audience or None,
    }  # fmt: skip
    return _thing(entry) | {key: value for key, value in more.items() if value} | _known(item.known)


def _known(known: Known) -> dict[str, Any]:
    return {
        "claims": [_claim(claim) for claim in known.claims],
        "milestones": [{"date": each.date_text, "what": each.what, "sources": _slugs(each.sources)} for each in known.milestones],
        "participations": [_participation(each) for each in known.participations],
    }  # fmt: skip


def _claim(claim: Claim) -> dict[str, Any]:
    return {
        "field": claim.field, "value": claim.value, "text": claim.text or None, "confidence": claim.confidence or None,
        "said": claim.said or None, "note": claim.note or None, "sources": _slugs(claim.sources),
    }  # fmt: skip


def _participation(participation: Participation) -> dict[str, str]:
    return {"partner": participation.partner.slug, "role": participation.role}


def _slugs(sources: Any) -> list[str]:
    return [source.slug for source in sources.all()]


def _days(known: Known) -> dict[str, Any]:
    return {"days_open": _bounds(known.dates.days_open), "days_to_answer": _bounds(known.dates.days_to_answer)}


def _bounds(days: Days | None) -> list[int] | None:
    """Return the least and the most days; null where a date is not known."""
    return [days.least, days.most] if days else None
