"""Which collections, pieces and books a person may read in full."""

from django.db.models import Q, QuerySet

from moonbridge.accounts.models import RoleKind, Scope
from moonbridge.accounts.queries import Visitor, scope_ids
from moonbridge.cooperation.programmes.models import Partner
from moonbridge.cooperation.samples.models import Collection, LoanLine, Split

READERS = (RoleKind.OFFICE, RoleKind.CURATOR, RoleKind.AUDITOR)


def agencies_read_by(user: Visitor) -> QuerySet[Partner]:
    """Return the agencies whose books ``user`` may read: as curator, auditor or programme office."""
    found = Q(pk=None)
    for kind in READERS:
        found |= Q(pk__in=scope_ids(user, kind, Scope.AGENCY))
    return Partner.objects.filter(found).order_by("name")


def collections_read_by(user: Visitor) -> QuerySet[Collection]:
    """Return the collections whose books ``user`` may read."""
    found = Collection.objects.filter(agency__in=agencies_read_by(user).order_by())
    return found.select_related("agency", "mission", "book").order_by("slug")


def pieces_read_by(user: Visitor) -> QuerySet[Split]:
    """Return the pieces whose history ``user`` may read: those of such collections, and what was lent to oneself."""
    if not user.is_authenticated:
        return Split.objects.none()
    lent = LoanLine.objects.filter(loan__borrower=user, lent__isnull=False).values("lent_id")
    theirs = Q(collection__agency__in=agencies_read_by(user).order_by())
    return Split.objects.filter(theirs | Q(pk__in=lent)).select_related(
        "collection__agency", "collection__mission", "collection__book"
    )
