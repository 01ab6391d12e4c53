"""The way of any milligram: of one piece, or of a whole book, as a diagram and as a table."""

from uuid import UUID

from django.contrib.auth.decorators import login_required
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, render
from django.utils.translation import gettext
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe

from moonbridge.accounts.requests import SignedInRequest
from moonbridge.cooperation.samples.corrections import CORRECTABLE
from moonbridge.cooperation.samples.forms.booking import ReleaseForm
from moonbridge.cooperation.samples.forms.publishing import PictureForm, PublicationForm
from moonbridge.cooperation.samples.models import Split
from moonbridge.cooperation.samples.queries import bench, bookings, descent, published
from moonbridge.cooperation.samples.queries.custody import History, of_piece
from moonbridge.cooperation.samples.queries.readable import agencies_read_by, collections_read_by
from moonbridge.cooperation.samples.queries.whereabouts import of_book, whereabouts
from moonbridge.cooperation.samples.residues import is_altered
from moonbridge.cooperation.samples.rules.ledger import is_curator, may_release
from moonbridge.cooperation.samples.sankey import drawn
from moonbridge.cooperation.samples.stock import KEPT, catalogue
from moonbridge.cooperation.samples.views.access import piece_read
from moonbridge.ledger import queries as books
from moonbridge.ledger.models import Movement

MOST_MOVEMENTS = 200
"""The newest movements of a piece that its page lists."""
MOST_WEIGHINGS = 5
"""The newest weighings against the books, and the newest bookings, that it lists."""


@never_cache
@login_required
@require_safe
def piece(request: SignedInRequest, key: UUID) -> HttpResponse:
    """Show how the mass of a piece came to where it is; a borrower sees what was lent to them, without whence and whither."""
    split = piece_read(request.user, key)
    reader = agencies_read_by(request.user).filter(pk=split.collection.agency_id).exists()
    history, selves = of_piece(split) if reader else History([], []), descent.selves(split)
    context = {
        "split": split,
        "reader": reader,
        "public": catalogue().filter(pk=split.pk).exists(),
        "chart": drawn(history.nodes, history.flows),
        "cut": history.cut,
        "said": _said(gettext("From the mission to where %(name)s is now") % {"name": split.name}, split),
        "movements": _movements(split) if reader else [],
        "custodies": split.custodies.order_by("period"),
        "pictures": published.pictures(selves),
        "publications": published.publications(selves),
        "origins": descent.made_of(split) if reader else [],
        "now": descent.called_now(split),
        "gifts": bookings.given_away(split) if reader else [],
        "altered": is_altered(split),
        "release_form": _release_form(request, split),
    }
    if is_curator(request.user, split.collection):
        context |= {
            "keeps": True,
            "correctable": CORRECTABLE,
            "bookings": bookings.bookings_read_by(request.user).filter(split=split)[:MOST_WEIGHINGS],
            "reweighings": bench.reweighings_read_by(request.user).filter(weighing__split=split)[:MOST_WEIGHINGS],
            "picture_form": PictureForm(auto_id="picture-%s"),
            "publication_form": PublicationForm(auto_id="publication-%s"),
        }
    return render(request, "samples/history.html", context)


def _release_form(request: SignedInRequest, split: Split) -> ReleaseForm | None:
    """Return the form by which the office says whether altered material may be lent."""
    if not (is_altered(split) and may_release(request.user, split.collection)):
        return None
    return ReleaseForm(auto_id="release-%s", initial={"lent": split.facts.get("kept_for") not in KEPT})


def _said(title: str, split: Split) -> dict[str, object]:
    return {"title": title, "synthetic": split.collection.book.synthetic, "key": "flow"}


def _movements(split: Split) -> list[Movement]:
    """Return the newest movements of a piece, the newest first."""
    labels = [split.name, *(line.label for line in split.lent_as.select_related("loan"))]
    return list(books.history(split.collection.book, labels).order_by("-at", "-id")[:MOST_MOVEMENTS])


@never_cache
@login_required
@require_safe
def collection(request: SignedInRequest, slug: str) -> HttpResponse:
    """Show where the mass of a whole collection came from and is."""
    found = get_object_or_404(collections_read_by(request.user), slug=slug)
    (where,) = whereabouts([found])
    history = of_book(where)
    context = {
        "collection": found,
        "keeps": is_curator(request.user, found),
        "where": where,
        "chart": drawn(history.nodes, history.flows),
        "said": {
            "title": gettext("From the mission to present custody"),
            "synthetic": found.book.synthetic,
            "key": "flow",
        },
    }
    return render(request, "samples/collection_history.html", context)
