"""Where things live: the page, or the place on a page, of each address of the catalogue."""

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass

from django.db.models import Q
from django.urls import reverse
from django.utils.translation import get_language, to_locale

from moonbridge.cooperation.opportunities.models import Opportunity
from moonbridge.cooperation.programmes.models import (
    CatalogueEntry,
    Element,
    EntryKind,
    Mission,
    Partner,
    Programme,
    Site,
    Source,
)

type Named = Programme | Mission | Element | Site | CatalogueEntry | Partner

_ON_SAMPLES = frozenset({EntryKind.BATCH, EntryKind.ROUND, EntryKind.LOAN, EntryKind.GIFT})


@dataclass(frozen=True, slots=True)
class Link:
    """A thing's name in the reader's language, and where it is shown."""

    name: str
    url: str


def tag_of(language: str) -> str:
    """Return Django's language code as a BCP 47 tag: ``zh-hans`` is ``zh-Hans``."""
    return to_locale(language).replace("_", "-")


def in_chinese() -> bool:
    """Return whether the reader reads Chinese."""
    return (get_language() or "").startswith("zh")


def name_of(thing: Named) -> str:
    """Return the thing's name in the reader's language, if it has one there."""
    return (in_chinese() and thing.name_zh) or thing.name


def url_of(thing: Named) -> str:
    """Return the address of the page, or of the place on a page, that shows ``thing``."""
    match thing:
        case Programme():
            return reverse("programme", args=[thing.slug])
        case Mission():
            return reverse("mission", args=[thing.slug])
        case Partner():
            return reverse("partner", args=[thing.slug])
        case Site():
            return reverse("site", args=[thing.slug])
        case Element():
            return f"{reverse('mission', args=[thing.mission.slug])}#element-{thing.slug}"
        case CatalogueEntry():
            return _url_of_entry(thing)


def _url_of_entry(entry: CatalogueEntry) -> str:
    if entry.kind == EntryKind.CALL:
        return reverse("call", args=[entry.slug])
    anchor = f"#{entry.kind}-{entry.slug}"
    if entry.kind == EntryKind.MEMBERSHIP:
        return reverse("station") + anchor
    if entry.kind in _ON_SAMPLES:
        return reverse("samples-shared") + anchor
    if entry.kind == EntryKind.PAYLOAD and entry.mission:
        return reverse("mission", args=[entry.mission.slug]) + anchor
    return reverse("programme", args=[entry.programme.slug]) + anchor


def source_url(source: Source) -> str:
    """Return the address of a source's page."""
    return reverse("source", args=[source.slug])


def link(thing: Named) -> Link:
    """Return the thing's name and place."""
    return Link(name_of(thing), url_of(thing))


def links_of(addresses: Iterable[str]) -> dict[str, Link]:
    """Return a link for each of ``addresses`` (``kind/slug``) that exists, in a number of queries that never grows."""
    slugs: dict[str, set[str]] = defaultdict(set)
    for address in addresses:
        kind, _, slug = address.partition("/")
        slugs[kind].add(slug)
    found = {thing.address: link(thing) for thing in _things(slugs)}
    found |= {source.address: Link(source.title, source_url(source)) for source in _sources(slugs)}
    return found | _opportunities(slugs)


def _things(slugs: dict[str, set[str]]) -> Iterable[Named]:
    yield from Programme.objects.filter(slug__in=slugs["programme"])
    yield from Mission.objects.filter(slug__in=slugs["mission"])
    yield from Partner.objects.filter(slug__in=slugs["partner"])
    yield from Site.objects.filter(slug__in=slugs["site"])
    if wanted_elements := {f"element/{slug}" for slug in slugs["element"]}:
        elements = Element.objects.select_related("mission")
        yield from (element for element in elements if element.address in wanted_elements)
    kinds = [kind for kind in EntryKind.values if slugs[kind]]
    if kinds:
        wanted = Q()
        for kind in kinds:
            wanted |= Q(kind=kind, slug__in=slugs[kind])
        yield from CatalogueEntry.objects.filter(wanted).select_related("mission", "programme")


def _sources(slugs: dict[str, set[str]]) -> Iterable[Source]:
    return Source.objects.filter(slug__in=slugs["source"])


def _opportunities(slugs: dict[str, set[str]]) -> dict[str, Link]:
    found = Opportunity.objects.filter(slug__in=slugs["opportunity"])
    return {each.address: Link(each.shown_title, reverse("opportunity", args=[each.slug])) for each in found}
