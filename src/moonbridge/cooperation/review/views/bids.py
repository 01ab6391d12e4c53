"""The page that says who has declared and bid, and who has not yet."""

from typing import Final

from django.contrib.auth.decorators import login_required
from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe

from moonbridge.cooperation.review.models import Bid
from moonbridge.cooperation.review.queries.bids import declared, seats_of
from moonbridge.cooperation.review.views.steering import steered

PER_PAGE: Final = 100


@never_cache
@login_required
@require_safe
def bids(request: HttpRequest, slug: str) -> HttpResponse:
    """Show how far everybody in a panel is with declaring, over the items that the visitor manages."""
    seen = steered(request, slug)
    page = Paginator(seats_of(seen.panel), PER_PAGE).get_page(request.GET.get("page"))
    rows = declared(seen.user, seen.panel, page.object_list)
    return render(request, "review/bids.html", seen.about(page=page, rows=rows, bids=Bid.labels))
