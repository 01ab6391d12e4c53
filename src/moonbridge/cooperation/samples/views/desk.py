"""The curator's desk: what is where, and what there is to do."""

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
from moonbridge.cooperation.samples.queries.desk import Desk, Matter, What
from moonbridge.cooperation.samples.queries.whereabouts import Whereabouts, whereabouts
from moonbridge.cooperation.samples.templatetags.desks import matter_name
from moonbridge.cooperation.samples.views.access import agency_lent_for
from moonbridge.quantities import SAMPLE_MASS

MATTERS: Final = ("what", "about", "detail", "who", "on", "mass_mg", "synthetic")
PLACES: Final = ("collection", "place", "holder", "country", "mass_mg", "synthetic")


@never_cache
@login_required
@require_safe
def desk(request: SignedInRequest, slug: str) -> HttpResponse:
    """Show where the agency's samples are, and all that is due, late, low, on its way, missing or waiting."""
    agency = agency_lent_for(request.user, slug)
    context = {
        "agency": agency,
        "asked": _asked(request),
        "kinds": [what.value for what in What],
        "matters": _matters(request, agency),
        "places": _places(agency),
    }
    return render(request, "samples/desk.html", context)


def _asked(request: SignedInRequest) -> dict[str, str]:
    what = request.GET.get("what", "")
    return {"what": what if what in list(What) else "", "text": request.GET.get("q", "").strip()[:80]}


def _matters(request: SignedInRequest, agency: Partner) -> list[Matter]:
    return Desk(agency, today()).matters(**_asked(request))


def _places(agency: Partner) -> list[Whereabouts]:
    kept = Collection.objects.filter(agency=agency).select_related("book", "mission", "agency")
    return whereabouts(kept.order_by("book__synthetic", "slug"))


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
