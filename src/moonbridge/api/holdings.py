"""Where samples are, for programs: what is published of each mission, and what the books of this site say."""

from typing import Any

from django.http import Http404, HttpRequest
from ninja import Router

from moonbridge.cooperation.programmes.models import Claim, Mission
from moonbridge.portal import holdings
from moonbridge.quantities import SAMPLE_MASS

router = Router(tags=["samples"])


@router.get("/holdings", url_name="holdings", summary="Where the samples of all collections are")
def all_holdings(request: HttpRequest) -> list[dict[str, Any]]:  # noqa: ARG001 - the same for everybody
    """Return, for each collection of an agency that lends, its mass by place and by institution; masses are exact text."""
    return [_kept(one) for one in holdings.kept()]


@router.get("/holdings/{slug:slug}", url_name="holding", summary="Where the samples of one collection are")
def holding(request: HttpRequest, slug: str) -> dict[str, Any]:  # noqa: ARG001 - the same for everybody
    """Return one collection."""
    found = holdings.kept(slug=slug)
    if not found:
        raise Http404
    return _kept(found[0])


@router.get("/missions/{slug:slug}/holdings", url_name="mission-holdings", summary="Where the samples of a mission are")
def mission_holdings(request: HttpRequest, slug: str) -> dict[str, Any]:  # noqa: ARG001 - the same for everybody
    """Return what is published of a mission's samples with its sources (None: unknown), and its collections on this site."""
    try:
        found = holdings.published(slug)
    except Mission.DoesNotExist:
        raise Http404 from None
    return {
        "mission": slug,
        "published": {
            "returned": _claim(found.returned),
            "shared": [
                {
                    "name": share.item.entry.name, "abroad": share.abroad, "institutions": share.institutions,
                    "mass": _claim(share.claim),
                }
                for share in found.shares
            ],
            "lent": SAMPLE_MASS.text(found.lent),
            "without_published_mass": found.unknown,
        },
        "collections": [_kept(one) for one in holdings.kept(mission=found.mission)],
    }  # fmt: skip


def _claim(said: Claim | None) -> dict[str, Any] | None:
    if said is None or said.amount is None:
        return None
    sources = [source.slug for source in said.sources.all()]
    return {"mass": SAMPLE_MASS.text(said.amount), "sources": sources, "confidence": said.confidence}


def _kept(one: holdings.Kept) -> dict[str, Any]:
    where = one.where
    return {
        "collection": where.collection.slug,
        "name": where.collection.name,
        "agency": where.collection.agency.slug,
        "mission": where.collection.mission.slug if where.collection.mission else None,
        "synthetic": where.collection.book.synthetic,
        "returned": SAMPLE_MASS.text(where.returned),
        "surplus_of_weighings": SAMPLE_MASS.text(where.surplus),
        "places": {kind.value: SAMPLE_MASS.text(amount) for kind, _words, amount in where.rows},
        "lent_to": [
            {"institution": held.institution, "country": held.country, "mass": SAMPLE_MASS.text(held.amount), "loans": held.loans}
            for held in where.lent
        ],
        "ceded_to": [{"receiver": receiver, "mass": SAMPLE_MASS.text(amount)} for receiver, amount in where.ceded],
    }  # fmt: skip
