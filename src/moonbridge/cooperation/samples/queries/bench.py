"""What a curator may work on, with whom, and what there is of it."""

from uuid import UUID

from django.db.models import Q, QuerySet

from moonbridge.accounts.models import RoleKind, Scope, User
from moonbridge.accounts.queries import Visitor, holders, scope_ids
from moonbridge.cooperation.programmes.models import Partner
from moonbridge.cooperation.samples.models import Collection, Reweighing, Split
from moonbridge.cooperation.samples.queries.readable import agencies_read_by
from moonbridge.cooperation.samples.states.ledger import UNSETTLED
from moonbridge.engines.ledger.accounts import AccountKind, AccountName, Balance
from moonbridge.ledger import queries as books


def agencies_kept_by(user: Visitor) -> QuerySet[Partner]:
    """Return the agencies of which ``user`` is a curator."""
    return Partner.objects.filter(pk__in=scope_ids(user, RoleKind.CURATOR, Scope.AGENCY)).order_by("name")


def collections_kept_by(user: Visitor) -> QuerySet[Collection]:
    """Return the collections of which ``user`` is a curator."""
    found = Collection.objects.filter(agency__in=scope_ids(user, RoleKind.CURATOR, Scope.AGENCY))
    return found.select_related("agency", "mission", "book").order_by("slug")


def pieces_kept_by(user: Visitor) -> QuerySet[Split]:
    """Return the pieces of which ``user`` is a curator."""
    found = Split.objects.filter(collection__agency__in=scope_ids(user, RoleKind.CURATOR, Scope.AGENCY))
    return found.select_related("collection__agency", "collection__mission", "collection__book")


def reweighings_read_by(user: Visitor) -> QuerySet[Reweighing]:
    """Return the new weighings that ``user`` may read: as curator, auditor or programme office of the agency."""
    found = Reweighing.objects.filter(weighing__split__collection__agency__in=agencies_read_by(user).order_by())
    parts = (
        "weighing__split__collection__agency",
        "weighing__split__collection__book",
        "weighing__operator",
        "weighing__witness",
    )
    return found.select_related(*parts, "signed_by", "reconciliation__countersigned_by").order_by(
        "-weighing__weighed_at"
    )


def waiting(agency: UUID) -> QuerySet[Reweighing]:
    """Return the new weighings of an agency that somebody has to sign for, the oldest first."""
    found = Reweighing.objects.filter(weighing__split__collection__agency=agency, state__in=sorted(UNSETTLED))
    return found.select_related("weighing__split__collection__book", "signed_by").order_by("weighing__weighed_at")


def witnesses(agency: UUID, besides: User) -> QuerySet[User]:
    """Return the agency's other curators: who may watch while somebody weighs."""
    return holders(RoleKind.CURATOR, Scope.AGENCY, agency).exclude(pk=besides.pk).order_by("name", "pk").distinct()


def in_store(split: Split) -> Balance:
    """Return what the books have of a piece in store, and how much of it is set aside."""
    return books.balance(split.collection.book, AccountName(AccountKind.STORE, split.name))


def called(collection: Collection, name: str) -> Split | None:
    """Return the piece of a collection that has this name; else the one that had it, or is called so elsewhere."""
    known = list(collection.splits.filter(Q(name=name) | Q(aliases__name=name)).distinct()[:2])
    exact = [piece for piece in known if piece.name == name]
    return exact[0] if exact else known[0] if len(known) == 1 else None
