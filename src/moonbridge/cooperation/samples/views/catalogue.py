"""The public catalogue of pieces: what there is, what can be lent, what was found out with it."""

from typing import Final
from uuid import UUID

from django.conf import settings
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import get_object_or_404, render
from django.urls import reverse
from django.views.decorators.http import require_safe

from moonbridge.cooperation import downloads
from moonbridge.cooperation.samples.models import Collection, Picture, Split
from moonbridge.cooperation.samples.queries import descent, lending, published, showing
from moonbridge.cooperation.samples.queries.bookings import given_away
from moonbridge.cooperation.samples.rules.ledger import is_curator
from moonbridge.cooperation.samples.stock import catalogue as pieces
from moonbridge.cooperation.samples.stock import form_of
from moonbridge.engines.ledger.genealogy import PieceKind
from moonbridge.formats import igsn
from moonbridge.quantities import SAMPLE_MASS

PER_PAGE: Final = 50
MOST_EXPORTED: Final = 5_000
MOST_NOTICES: Final = 50


def _asked(request: HttpRequest) -> dict[str, object]:
    given = request.GET
    return {
        "text": given.get("q", "").strip()[:80].replace("\0", ""),
        "kind": given.get("kind", ""),
        "collection": given.get("collection", "")[:80].replace("\0", ""),
        "free": given.get("free") == "on",
    }


@require_safe
def catalogue(request: HttpRequest) -> HttpResponse:
    """List the pieces of all agencies that lend; a page at a time, without counting all of them."""
    asked = _asked(request)
    typed = request.GET.get("page", "1")
    number = max(1, int(typed)) if typed.isdecimal() and len(typed) < 6 else 1  # noqa: PLR2004 - no more pages than that
    start = (number - 1) * PER_PAGE
    found = list(showing.found(**asked)[start : start + PER_PAGE + 1])  # type: ignore[arg-type]
    rows = found[:PER_PAGE]
    context = {
        "rows": _rows(rows),
        "asked": asked,
        "kinds": [kind.value for kind in PieceKind],
        "collections": Collection.objects.filter(agency__lender__isnull=False),
        "lenders": lending.lenders(),
        "written_off": lending.written_off()[:MOST_NOTICES],
        "number": number,
        "next": number + 1 if len(found) > PER_PAGE else None,
        "previous": number - 1 if number > 1 else None,
    }
    return render(request, "samples/catalogue.html", context)


def _rows(splits: list[Split]) -> list[tuple[showing.Shown, Picture | None, int]]:
    """Return what the list shows of each piece: its masses, its first picture, and how many publications it has."""
    first, many = published.first_pictures(splits), published.publication_counts(splits)
    return [
        (one, first.get(one.split.pk), many.get(one.split.pk, 0)) for one in showing.shown(splits, showing.policies())
    ]


@require_safe
def export(request: HttpRequest, ending: str) -> HttpResponse:
    """Hand out what the list shows as CSV or XLSX, at most 5,000 pieces."""
    found = list(showing.found(**_asked(request))[:MOST_EXPORTED])  # type: ignore[arg-type]
    header = ("collection", "name", "kind", "form", "original_mg", "free_mg", "available_mg", "lent_mg", "synthetic")
    rows = (
        (
            one.split.collection.slug, one.split.name, one.split.kind, one.form,
            *(SAMPLE_MASS.number(mass, "mg") for mass in (one.stock.original, one.stock.free, one.available, one.lent)),
            "synthetic" if one.split.collection.book.synthetic else "",
        )
        for one in showing.shown(found, showing.policies())
    )  # fmt: skip
    return downloads.table_file("samples", ending, header, rows)


@require_safe
def sample(request: HttpRequest, key: UUID) -> HttpResponse:
    """Show one piece: where it comes from, what there is of it, who lends it how, and what was published on it."""
    split = get_object_or_404(pieces().prefetch_related("aliases"), pk=key)
    policies, selves = showing.policies(), descent.selves(split)
    policy = policies[split.collection.agency_id]
    context = {
        "shown": showing.shown([split], policies)[0],
        "split": split,
        "policy": policy,
        "origins": descent.made_of(split),
        "now": descent.called_now(split),
        "gifts": given_away(split),
        "pictures": published.pictures(selves),
        "publications": published.publications(selves),
        "given": published.given_for_loans(split),
        "keeps": is_curator(request.user, split.collection),
        "weighings": split.weighings.order_by("-weighed_at")[:5],
        "drafts": lending.drafts(request.user).filter(agency=split.collection.agency),
    }
    return render(request, "samples/sample.html", context)


@require_safe
def metadata(request: HttpRequest, key: UUID) -> JsonResponse:  # noqa: ARG001 - the same for everybody
    """Hand out the DataCite record of a piece as a physical object, ready to register an IGSN for it."""
    split = get_object_or_404(pieces(), pk=key)
    selves = descent.selves(split)
    facts = igsn.Piece(
        name=split.name, kind=split.kind, form=form_of(split), material=split.material, description=split.description,
        collection=split.collection.name, agency=split.collection.agency.name, year=split.made_at.year,
        mission=split.collection.mission.name if split.collection.mission else "",
        aliases=tuple(alias.name for alias in split.aliases.all()),
        parents=tuple(row.parent.name for row in split.parentage.select_related("parent")),
        synthetic=split.collection.book.synthetic, address=_public(reverse("sample", args=[split.pk])),
        publications=tuple(one.named for one in published.publications(selves)),
        pictures=tuple(_public(reverse("sample-picture", args=[one.pk])) for one in published.pictures(selves)),
    )  # fmt: skip
    return downloads.json_file(igsn.record(facts), f"{split.name.replace(',', '-')}.json")


def _public(path: str) -> str:
    """Return the whole address of a page."""
    return settings.BASE_URL.rstrip("/") + path
