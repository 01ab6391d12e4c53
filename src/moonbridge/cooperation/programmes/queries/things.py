"""From addresses back to things."""

from collections.abc import Iterable

from moonbridge.cooperation.programmes.models import CatalogueEntry, Element, Mission, Programme, Site

type Thing = CatalogueEntry | Mission | Element | Programme | Site


def things(addresses: Iterable[str]) -> dict[str, Thing]:
    """Return the programmes, missions, elements, sites and entries at ``addresses``, in the catalogue's order; five queries."""
    wanted = set(addresses)
    slugs = [address.partition("/")[2] for address in wanted]
    elements = [address for address in wanted if address.startswith("element/")]
    sites = [address for address in wanted if address.startswith("site/")]
    found: list[Thing] = [
        *Programme.objects.filter(slug__in=slugs),
        *Mission.objects.filter(slug__in=slugs).select_related("programme"),
        *(Element.objects.select_related("mission") if elements else []),
        *(Site.objects.select_related("mission") if sites else []),
        *CatalogueEntry.objects.filter(slug__in=slugs).select_related("mission", "programme", "element"),
    ]
    return {thing.address: thing for thing in found if thing.address in wanted}
