"""The curator's desk: what is where, and what there is to do."""

from collections.abc import Iterator
from typing import Final

from django.contrib.auth.decorators import login_required
from django.http import HttpResponse
from django.shortcuts import render
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe

from moonbridge.accounts.requests import SignedInRequest
from moonbridge.cooperation import downloads
from moonbridge.cooperation.programmes.models import Partner
from moonbridge.cooperation.samples.debts import today
from moonbridge.cooperation.samples.models import Collection
from moonbridge.cooperation.samples.queries.desk import Desk, Matter, What, low
from moonbridge.cooperation.samples.queries.whereabouts import Whereabouts, whereabouts
from moonbridge.cooperation.samples.rules.lending import curator
from moonbridge.cooperation.samples.templatetags.desks import matter_name
from moonbridge.cooperation.samples.views.access import agency_lent_for
from moonbridge.quantities import SAMPLE_MASS

MATTERS: Final = ("what", "about", "detail", "who", "on", "mass_mg", "synthetic")
LOW: Final = ("piece", "collection", "detail", "free_mg", "synthetic")
AT_ONCE: Final = 2_000
"""Low pieces that a file reads at once."""
PLACES: Final = ("collection", "place", "holder", "country", "mass_mg", "synthetic")


@never_cache
@login_required
@require_safe
def desk(request: SignedInRequest, slug: str) -> HttpResponse:
    """Show where the agency's samples are, and all that is due, late, low, on its way, missing or waiting."""
    agency = agency_lent_for(request.user, slug)
    lying = Desk(agency, today(), request.user)
    context = {
        "agency": agency,
        "keeps": curator(request.user, agency.pk),
        "asked": _asked(request),
        "kinds": [what.value for what in What],
        "matters": lying.matters(**_asked(request)),
        "places": _places(agency),
        "more_low": lying.more_low,
    }
    return render(request, "samples/desk.html", context)


def _asked(request: SignedInRequest) -> dict[str, str]:
    what = request.GET.get("what", "")
    return {"what": what if what in list(What) else "", "text": request.GET.get("q", "").strip()[:80]}


def _matters(request: SignedInRequest, agency: Partner) -> list[Matter]:
    return Desk(agency, today(), request.user).matters(**_asked(request))


def _places(agency: Partner) -> list[Whereabouts]:
    kept = Collection.objects.filter(agency=agency).select_related("book", "mission", "agency")
    return whereabouts(kept.order_by("book__synthetic", "slug"))


@never_cache
@login_required
@require_safe
def low_pieces(request: SignedInRequest, slug: str) -> HttpResponse:
    """List all pieces of which nothing above the reserve floor is left, a page after the other."""
    agency = agency_lent_for(request.user, slug)
    typed = request.GET.get("after", "")
    after = int(typed) if typed.isdecimal() and len(typed) < 16 else 0  # noqa: PLR2004 - digits of any account's id
    found, following = low(agency, after=after)
    return render(request, "samples/low.html", {"agency": agency, "matters": found, "next": following, "after": after})


@never_cache
@login_required
@require_safe
def low_export(request: SignedInRequest, slug: str, ending: str) -> HttpResponse:
    """Hand out all of them as a table."""
    agency = agency_lent_for(request.user, slug)
    return downloads.table_file(f"low-{slug}", ending, LOW, (_low_row(one) for one in _all_low(agency)))


def _all_low(agency: Partner) -> Iterator[Matter]:
    after: int | None = 0
    while after is not None:
        found, after = low(agency, after=after, most=AT_ONCE)
        yield from found


def _low_row(one: Matter) -> tuple[str, ...]:
    mark = "synthetic" if one.synthetic else ""
    return one.name, one.who, one.detail, SAMPLE_MASS.number(one.mass or 0, "mg"), mark


@never_cache
@login_required
@require_safe
def matters(request: SignedInRequest, slug: str, ending: str) -> HttpResponse:
    """Hand out what the desk lists, filtered in the same way."""
    agency = agency_lent_for(request.user, slug)
    rows = (
        (
            str(matter_name(one.what)), one.name, one.detail, one.who, one.on.isoformat() if one.on else None,
            SAMPLE_MASS.number(one.mass, "mg") if one.mass is not None else None, "synthetic" if one.synthetic else "",
        )
        for one in _matters(request, agency)
    )  # fmt: skip
    return downloads.table_file(f"desk-{slug}", ending, MATTERS, rows)


@never_cache
@login_required
@require_safe
def places(request: SignedInRequest, slug: str, ending: str) -> HttpResponse:
    """Hand out where the mass of each collection is, down to the institutions that hold it."""
    rows = (row for found in _places(agency_lent_for(request.user, slug)) for row in _place_rows(found))
    return downloads.table_file(f"where-{slug}", ending, PLACES, rows)


def _place_rows(found: Whereabouts) -> list[tuple[str, ...]]:
    name, mark = found.collection.slug, "synthetic" if found.collection.book.synthetic else ""
    kinds = [(kind.value, "", "", amount) for kind, _words, amount in found.rows]
    holders = [("borrower", one.institution, one.country, one.amount) for one in found.lent]
    return [(name, *place, SAMPLE_MASS.number(amount, "mg"), mark) for *place, amount in (*kinds, *holders)]
