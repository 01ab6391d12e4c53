"""The papers of a loan as downloads: for its borrower and for those who act or audit for the lender; labels for curators."""

from collections.abc import Callable
from datetime import date
from typing import Final
from uuid import UUID

from django.contrib.auth.decorators import login_required
from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe

from moonbridge.accounts.requests import SignedInRequest
from moonbridge.cooperation import downloads
from moonbridge.cooperation.samples import papers
from moonbridge.cooperation.samples.debts import today
from moonbridge.cooperation.samples.models import Loan, Split
from moonbridge.cooperation.samples.papers.heads import stated
from moonbridge.cooperation.samples.queries.readable import pieces_read_by
from moonbridge.cooperation.samples.rules.ledger import is_curator as keeps
from moonbridge.cooperation.samples.rules.lending import is_curator
from moonbridge.cooperation.samples.stock import stocks
from moonbridge.cooperation.samples.views.access import loan_seen
from moonbridge.formats.paper import A4_21, SINGLE, Paper

MAKERS: Final[dict[str, Callable[[Loan, date], Paper]]] = {
    "agreement": lambda loan, _on: papers.agreement(loan),
    "certificate": lambda loan, _on: papers.certificate(loan),
    "return": lambda loan, on: papers.return_form(loan, on=on),
    "inventory": lambda loan, on: papers.inventory_list(loan, on=on),
}
FORMS: Final = {"a4": A4_21, "single": SINGLE}


@never_cache
@login_required
@require_safe
def paper(request: SignedInRequest, code: str, name: str) -> HttpResponse:
    """Hand out one paper of a loan, in the reader's language."""
    loan = loan_seen(request.user, code)
    if name not in papers.offered(loan):
        raise Http404
    return downloads.pdf_file(MAKERS[name](loan, today()), f"{loan.code}-{name}.pdf")


@never_cache
@login_required
@require_safe
def loan_labels(request: SignedInRequest, code: str) -> HttpResponse:
    """Print labels for all pieces of a loan, for its curator."""
    loan = loan_seen(request.user, code)
    if not is_curator(request.user, loan):
        raise Http404
    pieces = [(line.lent or line.split, stated(line)) for line in loan.lines.all()]
    content = papers.labels(pieces, agency=loan.agency, on=today(), sheet=_sheet(request))
    return downloads.pdf_bytes(content, f"{loan.code}-labels.pdf")


@never_cache
@login_required
@require_safe
def piece_label(request: SignedInRequest, key: UUID) -> HttpResponse:
    """Print the label of one piece, for a curator of its collection."""
    split: Split = get_object_or_404(pieces_read_by(request.user), pk=key)
    if not keeps(request.user, split.collection):
        raise Http404
    mass = stocks([split])[split.pk].original
    content = papers.labels([(split, mass)], agency=split.collection.agency, on=today(), sheet=_sheet(request))
    return downloads.pdf_bytes(content, f"{split.name.replace(',', '-')}-label.pdf")


def _sheet(request: SignedInRequest) -> papers.Sheet:
    """Return the sheet that was asked for, and how many of its places were used before."""
    form = FORMS.get(request.GET.get("form", ""), A4_21)
    used = request.GET.get("skip", "")
    skip = int(used) if used.isdecimal() and len(used) < 3 else 0  # noqa: PLR2004 - 21 places at most
    return papers.Sheet(form, skip if skip < form.columns * form.rows else 0)
