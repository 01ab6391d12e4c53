"""Pages on where the samples of missions are: rendered anew each time, since every movement of a sample may change them."""

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.views.decorators.http import require_safe

from moonbridge.cooperation.programmes.models import Mission
from moonbridge.portal import holdings
from moonbridge.portal.facts import sources_of


@require_safe
def whereabouts(request: HttpRequest) -> HttpResponse:
    """List the missions whose samples are shared, and the collections whose books are kept here."""
    facts = {
        "missions": holdings.missions_with_samples(),
        "kept": holdings.kept(),
        "json": reverse("api:holdings"),
    }
    return render(request, "portal/whereabouts.html", facts)


@require_safe
def mission(request: HttpRequest, slug: str) -> HttpResponse:
    """Show where the samples of one mission are: what is published, and what the books of this site say."""
    try:
        published = holdings.published(slug)
    except Mission.DoesNotExist:
        raise Http404 from None
    kept = holdings.kept(mission=published.mission)
    if not (published.returned or published.shares or kept):
        raise Http404
    found = sources_of(published.all_known)
    facts = {
        "published": published,
        "kept": kept,
        "sources": found,
        "numbers": {source.slug: number for number, source in enumerate(found, start=1)},
        "json": reverse("api:mission-holdings", args=[slug]),
    }
    return render(request, "portal/mission_samples.html", facts)


@require_safe
def collection(request: HttpRequest, slug: str) -> HttpResponse:
    """Show where one collection is, down to the institutions that hold it."""
    kept = holdings.kept(slug=slug)
    if not kept:
        raise Http404
    return render(request, "portal/collection.html", {"one": kept[0], "json": reverse("api:holding", args=[slug])})
