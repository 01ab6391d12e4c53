"""Load the demonstration piece by piece; each piece whole or not at all, so that a broken-off load can be taken up again."""

from collections.abc import Callable
from functools import cache
from typing import Any

from django.db import connection, transaction

from moonbridge.accounts.models import User
from moonbridge.cooperation.opportunities.models import Opportunity, Origin
from moonbridge.cooperation.programmes.models import Mission, Partner
from moonbridge.errors import Refused
from moonbridge.formats.catalogue import load as load_catalogue
from moonbridge.record.queries import database_now
from moonbridge.site.demonstration import (
    closed_call,
    content,
    decided,
    lending,
    open_call,
    people,
    replays,
    under_review,
)

AGENCY = "cnsa"
LOCK = "moonbridge demonstration"

type Report = Callable[[str], None]


def load(report: Report) -> int:
    """Load what is not there yet, and return how many opportunities were made; ``report`` is told of each step."""
    agency = Partner.objects.filter(slug=AGENCY).first()
    if agency is None:
        raise Refused("The catalogue is not loaded yet; load it first, then the demonstration.")
    with transaction.atomic():
        people.load(agency)
    office = User.objects.get(email=people.OFFICE)
    pieces = [*_replays(office), *_synthetic(office)]
    made = sum(_piece(title, origin, make, report) for title, origin, make in pieces)
    lending.load(agency, report)
    return made


type Piece = tuple[str, Origin, Callable[[], object]]


def _replays(office: User) -> list[Piece]:
    catalogue = cache(load_catalogue)

    def piece(told: dict[str, Any]) -> Piece:
        return told["title"], Origin.REPLAY, lambda: replays.load(told, catalogue(), by=office)

    return [piece(told) for told in content.read("replays")]


def _synthetic(office: User) -> list[Piece]:
    now = database_now()

    def piece(name: str, make: Callable[..., Opportunity]) -> Piece:
        call = content.read(f"{name}/opportunity")
        return call["title"], Origin.SYNTHETIC, lambda: make(Mission.objects.get(slug=call["mission"]), now, by=office)

    return [
        piece("decided", decided.load),
        piece("closed", closed_call.load),
        piece("review", under_review.load),
        piece("open", open_call.load),
    ]


@transaction.atomic
def _piece(title: str, origin: Origin, make: Callable[[], object], report: Report) -> bool:
    """Make one opportunity with all that belongs to it, unless it is there; of two loads at once the second waits."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(hashtextextended(%s, 0))", [LOCK])
    if Opportunity.objects.filter(title=title, origin=origin).exists():
        return False
    report(title)
    make()
    return True
