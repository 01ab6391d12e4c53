"""Sets the scene of the races on a scratch server: an agency that lends, its officers, pieces, and requests for them.

The races are about granting, so that requests are written straight into their tables, as submitted. This runs in a process of its own,
whose settings name the scratch server; what it prints, the races read.
"""

import sys
from itertools import batched
from typing import Final
from uuid import uuid4, uuid5

import orjson
from django.contrib.auth import login
from django.contrib.sessions.backends.db import SessionStore
from django.core.management import call_command
from django.http import HttpRequest

from moonbridge.accounts.actions import make_token
from moonbridge.accounts.models import RoleKind, Scope, User
from moonbridge.cooperation.programmes.models import Partner, PartnerKind
from moonbridge.cooperation.samples.actions.importing import carry_in
from moonbridge.cooperation.samples.actions.keeping import ORIGIN, open_collection, store
from moonbridge.cooperation.samples.models import Collection, Lender, Request, RequestLine, Split
from moonbridge.cooperation.samples.states.lending import RequestState
from moonbridge.engines.ledger.genealogy import PieceKind
from moonbridge.engines.ledger.movements import MovementKind
from moonbridge.ledger.movements import Posting
from moonbridge.record.queries import database_now
from moonbridge.site.torture.races import Officer, Scene, is_contested

MILLIGRAM: Final = 1_000_000
PIECE: Final = 20 * MILLIGRAM
ASKED: Final = 12 * MILLIGRAM
"""Of powder: of 20 mg one can have it, two cannot."""
AT_ONCE: Final = 5_000
BACKEND: Final = "django.contrib.auth.backends.ModelBackend"


def main(races: int, ways: int) -> None:
    """Set the scene and print it."""
    call_command("createcachetable", verbosity=0)
    sys.stdout.write(orjson.dumps(set_scene(races, ways)).decode())


def set_scene(races: int, ways: int) -> Scene:
    """Make an agency with ``ways`` officers, and for each race a piece that only one request can have."""
    mark = uuid4().hex[:6]
    agency = Partner.objects.create(slug=f"races-{mark}", kind=PartnerKind.AGENCY, name="Races (synthetic)")
    Lender.objects.create(agency=agency, policy_slug="cnsa")
    collection = open_collection(f"races-{mark}", name="Races", agency=agency, synthetic=True)
    splits = _pieces(collection, races)
    borrower = User.objects.create_user(f"{mark}@example.org", name="A borrower")
    requests = _requests(agency, borrower, [ways if is_contested(race) else 1 for race in range(races)], mark)
    lines = (
        RequestLine(request=one, split=split, mass_ng=ASKED if split.material == "powder" else None)
        for split, rivals in zip(splits, requests, strict=True)
        for one in rivals
    )
    for some in batched(lines, AT_ONCE):
        RequestLine.objects.bulk_create(some)
    officers = [_officer(agency, f"{mark}-{number}@example.org") for number in range(ways)]
    return Scene(str(agency.pk), officers, [[str(one.pk) for one in rivals] for rivals in requests])


def _pieces(collection: Collection, many: int) -> list[Split]:
    """Take pieces in: every other one is powder, asked for by mass; the rest are clasts, lent whole."""
    splits = [
        Split(
            collection=collection, name=f"R{number:06}", kind=PieceKind.SAMPLE.value,
            material=("powder", "clast")[number % 2],
        )
        for number in range(many)
    ]  # fmt: skip
    Split.objects.bulk_create(splits, AT_ONCE)
    carry_in(collection, (_intake(collection, split) for split in splits))
    return splits


def _intake(collection: Collection, split: Split) -> Posting:
    legs = {ORIGIN: -PIECE, store(split): PIECE}
    return Posting(uuid5(split.pk, "intake"), MovementKind.INTAKE, collection.book, legs)


def _requests(agency: Partner, borrower: User, rivals: list[int], mark: str) -> list[list[Request]]:
    """Make the submitted requests of each race."""
    now = database_now()
    made = [
        [
            Request(
                agency=agency, code=f"R-{mark}-{race}-{number}", by=borrower, title="A race", institution="Institute of Races",
                country="FR", state=RequestState.SUBMITTED, submitted_at=now, synthetic=True,
            )
            for number in range(many)
        ]
        for race, many in enumerate(rivals)
    ]  # fmt: skip
    Request.objects.bulk_create([one for some in made for one in some], AT_ONCE)
    return made


def _officer(agency: Partner, email: str) -> Officer:
    """Make a curator who is signed in on the pages and has a key to the API."""
    person = User.objects.create_user(email, name="An officer")
    person.roles.create(kind=RoleKind.CURATOR, scope=Scope.AGENCY, scope_id=agency.pk)
    request = HttpRequest()
    request.session = SessionStore()
    login(request, person, BACKEND)
    request.session.save()
    return Officer(str(request.session.session_key), make_token("races", by=person))
