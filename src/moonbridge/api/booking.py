"""What officers book by their signatures, by programs: missing from the store, given away, used up in house, corrected.

Whoever sends a change gives it an Idempotency-Key (a UUID): sent twice, it is done once and answered alike.
"""

from typing import Annotated, Any, Final
from uuid import UUID

from django.http import HttpRequest
from django.shortcuts import get_object_or_404
from ninja import Field, Query, Router, Schema

from moonbridge.accounts.models import User
from moonbridge.api.authentication import person_of, somebody
from moonbridge.api.sample_fields import Mass, Told, mass_of, mass_text
from moonbridge.cooperation import commands
from moonbridge.cooperation.samples.actions import booking, missing
from moonbridge.cooperation.samples.actions.keeping import store
from moonbridge.cooperation.samples.forms.booking import CedeForm, CorrectForm, MissingHereForm, UseUpForm
from moonbridge.cooperation.samples.models import Booking
from moonbridge.cooperation.samples.queries import bookings
from moonbridge.cooperation.samples.steps import read
from moonbridge.cooperation.samples.views.access import collection_kept, piece_kept
from moonbridge.ledger.models import Movement

router = Router(tags=["samples"], auth=somebody)
MOST: Final = 200
"""Rows of one page of the list."""


class MissingHere(Schema):
    """How much is missing from the store, and what happened."""

    mass: Mass
    what: Told


class Ceded(Schema):
    """How much is given away for good, to whom, and by which deed."""

    mass: Mass
    receiver: Annotated[str, Field(max_length=120, pattern=r"^[^\x00]*$")]
    reason: Annotated[str, Field(max_length=2_000, pattern=r"^[^\x00]*$")]


class UsedUp(Schema):
    """How much was used in house, how much of it is left over, altered (a piece of its own once it is booked), and for what."""

    mass: Mass
    left_over: Mass = ""
    reason: Annotated[str, Field(max_length=2_000, pattern=r"^[^\x00]*$")]


class Corrected(Schema):
    """Which movement was wrong, what it should have moved (nothing: it is taken back altogether), and why."""

    movement: UUID
    instead: Mass = ""
    reason: Annotated[str, Field(max_length=2_000, pattern=r"^[^\x00]*$")]


class WhichBookings(Schema):
    """Which bookings: only those that wait for a second signature, or all."""

    waiting: bool = False
    offset: Annotated[int, Field(ge=0, le=1_000_000)] = 0
    limit: Annotated[int, Field(ge=1, le=MOST)] = 50


@router.post("/pieces/{uuid:key}/incidents", summary="Report that material is missing from the store, as a curator")
def report_missing(request: HttpRequest, key: UUID, given: MissingHere) -> dict[str, Any]:
    """Report an incident; its mass waits in LOST. What follows is at ``/sample-incidents``."""
    split, told = piece_kept(person_of(request), key), read(MissingHereForm(given.dict()))
    made = missing.report_missing(
        split,
        store(split),
        mass=told["mass"],
        description=told["what"],
        by=person_of(request),
        command=commands.of(request),
    )
    return {
        "incident": str(made.pk),
        "piece": str(split.pk),
        "mass": mass_text(made.mass),
        "missing_from": made.missing_from,
    }


@router.post(
    "/pieces/{uuid:key}/cessions", summary="Give material away for good, as a curator; another officer signs as well"
)
def cede(request: HttpRequest, key: UUID, given: Ceded) -> dict[str, Any]:
    """Sign for a gift or an exchange; it is booked and public once another officer has signed."""
    split, told = piece_kept(person_of(request), key), read(CedeForm(given.dict()))
    return _booking(booking.cede(split, **told, by=person_of(request), command=commands.of(request)))


@router.post("/pieces/{uuid:key}/consumptions", summary="Note what was used up in house, as a curator")
def use_up(request: HttpRequest, key: UUID, given: UsedUp) -> dict[str, Any]:
    """Book what was used up in house; much of what there was takes another officer as well."""
    split, told = piece_kept(person_of(request), key), read(UseUpForm(given.dict()))
    return _booking(booking.use_up(split, **told, by=person_of(request), command=commands.of(request)))


@router.post(
    "/collections/{slug:slug}/corrections", summary="Take a wrong movement back, and book the right one, as a curator"
)
def correct(request: HttpRequest, slug: str, given: Corrected) -> dict[str, Any]:
    """Correct a movement by its opposite, which names it; a large difference takes another officer as well."""
    collection = collection_kept(person_of(request), slug)
    wrong = get_object_or_404(Movement, book=collection.book, pk=given.movement)
    told = read(CorrectForm({"reason": given.reason}, whole=True))
    made = booking.correct(
        collection, wrong, mass_of(given.instead, "instead"), reason=told["reason"], by=person_of(request),
        command=commands.of(request),
    )  # fmt: skip
    return _booking(made)


@router.get("/sample-bookings", summary="What officers signed for, the newest first")
def signed_for(request: HttpRequest, which: Query[WhichBookings]) -> list[dict[str, Any]]:
    """Return the bookings of agencies that you are curator, auditor or office of."""
    found = bookings.bookings_read_by(person_of(request))
    found = found.filter(state="signed") if which.waiting else found
    return [_booking(one) for one in found[which.offset : which.offset + which.limit]]


@router.get("/sample-bookings/{uuid:key}", summary="One booking, and whether it waits for a second signature")
def one_booking(request: HttpRequest, key: UUID) -> dict[str, Any]:
    """Return a booking."""
    return _booking(_read(person_of(request), key))


@router.post("/sample-bookings/{uuid:key}/signatures", summary="Sign as the second officer; with this the books move")
def countersign(request: HttpRequest, key: UUID) -> dict[str, Any]:
    """Sign as another curator of the agency, or as its office."""
    found = _read(person_of(request), key)
    return _booking(booking.countersign(found, by=person_of(request), command=commands.of(request)))


@router.post("/sample-bookings/{uuid:key}/drop", summary="Give up what waits for a second signature, as a curator")
def drop(request: HttpRequest, key: UUID) -> dict[str, Any]:
    """Give it up; nothing has moved."""
    found = _read(person_of(request), key)
    return _booking(booking.drop(found, by=person_of(request), command=commands.of(request)))


def _read(person: User, key: UUID) -> Booking:
    found: Booking = get_object_or_404(bookings.bookings_read_by(person), pk=key)
    return found


def _booking(found: Booking) -> dict[str, Any]:
    return {
        "id": str(found.pk), "kind": found.kind, "state": found.state, "piece": str(found.split_id), "name": found.split.name,
        "mass": mass_text(found.mass), "left_over": mass_text(found.left_over), "instead": mass_text(found.instead),
        "receiver": found.receiver or None,
        "corrects": str(found.corrects_id) if found.corrects_id else None,
        "movement": str(found.movement_id) if found.movement_id else None, "reason": found.reason,
        "two_officers": found.two_officers, "signatures": 1 + (found.countersigned_by_id is not None),
    }  # fmt: skip
