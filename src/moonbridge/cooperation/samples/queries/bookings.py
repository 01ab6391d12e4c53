"""What officers book by their signatures: who may read it, what waits, and what was given away of a piece."""

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from django.db.models import Max, QuerySet, Sum

from moonbridge.accounts.queries import Visitor
from moonbridge.cooperation.samples.models import Booking, Split
from moonbridge.cooperation.samples.queries.readable import agencies_read_by
from moonbridge.cooperation.samples.states.ledger import BookingState
from moonbridge.engines.ledger.accounts import AccountKind
from moonbridge.ledger.models import Entry


@dataclass(frozen=True, slots=True)
class Gift:
    """What of a piece was given away for good: to whom, how much (nanograms), and when last."""

    receiver: str
    mass: int
    at: datetime


def bookings_read_by(user: Visitor) -> QuerySet[Booking]:
    """Return the bookings that ``user`` may read: as curator, auditor or programme office of the agency."""
    found = Booking.objects.filter(collection__agency__in=agencies_read_by(user).order_by())
    parts = ("collection__agency", "collection__book", "split", "corrects", "partner", "signed_by", "countersigned_by")
    return found.select_related(*parts).order_by("-at", "pk")


def waiting(agency: UUID) -> QuerySet[Booking]:
    """Return what waits for a second signature in an agency, the oldest first."""
    found = Booking.objects.filter(collection__agency=agency, state=BookingState.SIGNED)
    return found.select_related("split__collection__book", "signed_by").order_by("at", "pk")


def given_away(split: Split) -> list[Gift]:
    """Return what was given away of a piece for good, the largest amount first; what was taken back does not count."""
    touched = Entry.objects.filter(
        account__book=split.collection.book_id, account__kind=AccountKind.STORE, account__label=split.name
    ).values("movement_id")
    rows = (
        Entry.objects.filter(movement_id__in=touched, account__kind=AccountKind.CEDED)
        .values("account__label").annotate(mass=Sum("amount"), at=Max("movement__at"))
        .filter(mass__gt=0).order_by("-mass", "account__label")
    )  # fmt: skip
    return [Gift(row["account__label"], int(row["mass"]), row["at"]) for row in rows]
