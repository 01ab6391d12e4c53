"""What is shown of pieces beside their mass: pictures, publications, and what borrowers gave for their loans."""

from collections.abc import Iterable
from dataclasses import dataclass
from uuid import UUID

from django.db.models import Count, Q, QuerySet

from moonbridge.accounts.queries import Visitor
from moonbridge.cooperation.samples.models import DutyKind, Fulfilment, Picture, Publication, Split
from moonbridge.cooperation.samples.queries.readable import pieces_read_by
from moonbridge.cooperation.samples.stock import catalogue
from moonbridge.errors import InputError
from moonbridge.formats.igsn.references import Reference, reference


def pictures(splits: Iterable[Split]) -> QuerySet[Picture]:
    """Return the pictures of these pieces, the first ones first."""
    return Picture.objects.filter(split__in=[split.pk for split in splits], removed_at=None).select_related("split")


def first_pictures(splits: Iterable[Split]) -> dict[UUID, Picture]:
    """Return the first picture of each piece that has one, by the piece's id."""
    return {one.split_id: one for one in reversed(pictures(splits))}


def pictures_visible_to(user: Visitor) -> QuerySet[Picture]:
    """Return the pictures of the catalogue's pieces, and of those whose history ``user`` may read."""
    seen = Q(split__in=catalogue().values("pk")) | Q(split__in=pieces_read_by(user).values("pk"))
    return Picture.objects.filter(seen, removed_at=None).select_related("split__collection__agency")


def publications(selves: Iterable[Split]) -> QuerySet[Publication]:
    """Return what was published on a piece, under whichever of its numbers, the newest first."""
    return Publication.objects.filter(split__in=[split.pk for split in selves], removed_at=None)


def publications_visible_to(user: Visitor) -> QuerySet[Publication]:
    """Return the publications on pieces whose history ``user`` may read."""
    found = Publication.objects.filter(split__in=pieces_read_by(user).values("pk"), removed_at=None)
    return found.select_related("split__collection__agency")


def publication_counts(splits: Iterable[Split]) -> dict[UUID, int]:
    """Return how many publications each piece has, by its id; pieces without any are left out."""
    found = Publication.objects.filter(split__in=[split.pk for split in splits], removed_at=None).order_by()
    return dict(found.values_list("split_id").annotate(many=Count("pk")))


@dataclass(frozen=True, slots=True)
class Given:
    """A publication or data set that a borrower gave for the duties of a loan, and where it is, if a browser can go there."""

    fulfilment: Fulfilment
    address: str


def given_for_loans(split: Split) -> list[Given]:
    """Return what borrowers gave for loans of this piece and no publication names; the loans themselves stay private."""
    made = Fulfilment.objects.filter(loan__lines__split=split, waived=False).exclude(duty=DutyKind.REPORT)
    named = {one.named for one in publications([split])}
    found = [(one, _named(one.reference)) for one in made.distinct().order_by("at")]
    return [Given(one, known.address if known else "") for one, known in found if known is None or known not in named]


def _named(text: str) -> Reference | None:
    try:
        return reference(text)
    except InputError:
        return None
