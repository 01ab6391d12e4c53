"""What is missing, by programs: reported, looked for, found again, or written off by two officers, each with a key of their own.

Whoever sends a change gives it an Idempotency-Key (a UUID): sent twice, it is done once and answered alike.
"""

from typing import Annotated, Any, Final
from uuid import UUID

from django.db.models import QuerySet
from django.http import HttpRequest
from django.shortcuts import get_object_or_404
from ninja import Field, Query, Router, Schema

from moonbridge.accounts.models import User
from moonbridge.api.authentication import person_of, somebody
from moonbridge.api.sample_fields import LineNumber, Mass, Told, lines_of, mass_of, mass_text
from moonbridge.cooperation import commands
from moonbridge.cooperation.samples.actions import incidents, missing
from moonbridge.cooperation.samples.models import Incident
from moonbridge.cooperation.samples.queries import lending
from moonbridge.cooperation.samples.rules.ledger import is_curator, may_countersign
from moonbridge.cooperation.samples.states.ledger import INCIDENTS, IncidentState
from moonbridge.cooperation.samples.views.access import loan_seen

router = Router(tags=["samples"], auth=somebody)
SOUGHT: Final = (IncidentState.OPEN, IncidentState.INVESTIGATED)
MOST: Final = 200
"""Rows of one page of a list."""


class WhichIncidents(Schema):
    """Which incidents: of one agency, or also those that are over (found, or written off)."""

    agency: Annotated[str, Field(max_length=80, pattern=r"^[-a-zA-Z0-9_]*$")] = ""
    over: bool = False
    offset: Annotated[int, Field(ge=0, le=1_000_000)] = 0
    limit: Annotated[int, Field(ge=1, le=MOST)] = 50


class LineMissing(Schema):
    """How much of a line is missing, and what happened."""

    line: LineNumber
    mass: Mass
    what: Told


class WriteOff(Schema):
    """What the public is told; the second officer only signs, and need not repeat it."""

    public_note: Told = ""


@router.get(
    "/sample-incidents", summary="What is being looked for: reported by you, or of the agencies that you act for"
)
def sought(request: HttpRequest, which: Query[WhichIncidents]) -> list[dict[str, Any]]:
    """Return the incidents that you may see, the oldest first."""
    found = _incidents(person_of(request)) if which.over else _incidents(person_of(request)).filter(state__in=SOUGHT)
    if which.agency:
        found = found.filter(split__collection__agency__slug=which.agency)
    return [_listed(one) for one in found[which.offset : which.offset + which.limit]]


@router.get("/sample-incidents/{uuid:key}", summary="One incident, and what you may do about it now")
def sample_incident(request: HttpRequest, key: UUID) -> dict[str, Any]:
    """Return an incident."""
    return _told(request, key)


@router.get("/loans/{slug:code}/incidents", summary="What is or was missing of a loan")
def incidents_of_loan(request: HttpRequest, code: str) -> list[dict[str, Any]]:
    """Return the incidents of a loan, the oldest first."""
    return [_listed(one) for one in _with_parts(lending.incidents_of(loan_seen(person_of(request), code)))]


@router.post(
    "/loans/{slug:code}/incidents", summary="Report that material of a line is missing, as its borrower or an officer"
)
def report_missing(request: HttpRequest, code: str, given: LineMissing) -> dict[str, Any]:
    """Report an incident; its mass waits in LOST until it is found."""
    (line,) = lines_of(loan_seen(person_of(request), code), [given.line])
    made = incidents.report_missing(
        line, mass_of(given.mass, "mass") or 0, what=given.what, by=person_of(request), command=commands.of(request)
    )
    return _told(request, made.pk)


@router.post("/sample-incidents/{uuid:key}/investigate", summary="Begin to look for what is missing, as a curator")
def investigate(request: HttpRequest, key: UUID) -> dict[str, Any]:
    """Begin an investigation."""
    missing.investigate(_seen(request, key), by=person_of(request), command=commands.of(request))
    return _told(request, key)


@router.post("/sample-incidents/{uuid:key}/find", summary="Take note that it was found, as a curator")
def find(request: HttpRequest, key: UUID) -> dict[str, Any]:
    """Close an incident, even after it was written off; the mass goes where ``goes_to`` said."""
    missing.find(_seen(request, key), by=person_of(request), command=commands.of(request))
    return _told(request, key)


@router.post(
    "/sample-incidents/{uuid:key}/write-off", summary="Sign a write-off: first a curator, then another officer"
)
def write_off(request: HttpRequest, key: UUID, given: WriteOff) -> dict[str, Any]:
    """Sign or countersign; with the second signature everybody is told ``public_note``."""
    incidents.write_off(
        _seen(request, key), public_note=given.public_note, by=person_of(request), command=commands.of(request)
    )
    return _told(request, key)


def _with_parts(found: QuerySet[Incident]) -> QuerySet[Incident]:
    parts = ("split__collection__agency", "split__collection__book")
    return found.select_related(*parts).order_by("at", "pk")


def _incidents(person: User) -> QuerySet[Incident]:
    return _with_parts(lending.incidents_visible_to(person))


def _seen(request: HttpRequest, key: UUID) -> Incident:
    return get_object_or_404(_incidents(person_of(request)), pk=key)


def _listed(found: Incident) -> dict[str, Any]:
    collection = found.split.collection
    return {
        "id": str(found.pk), "piece": found.split.name, "collection": collection.slug, "agency": collection.agency.slug,
        "mass": mass_text(found.mass), "missing_from": found.missing_from, "state": found.state, "reported_at": found.at,
        "synthetic": collection.book.synthetic,
    }  # fmt: skip


def _told(request: HttpRequest, key: UUID) -> dict[str, Any]:
    """Return an incident as it stands now, with all that its page says."""
    found = _seen(request, key)
    return _listed(found) | {
        "what": found.description,
        "public_note": found.public_note or None,
        "signatures": sum(one is not None for one in (found.signed_by_id, found.countersigned_by_id)),
        "goes_to": None if found.state == IncidentState.FOUND else str(missing.place_of(found)),
        "steps": _steps(found, person_of(request)),
    }


def _steps(found: Incident, person: User) -> list[str]:
    """Return what ``person`` may do about an incident now, by the last part of the address."""
    keeps = is_curator(person, found.split.collection)
    signs = may_countersign(person, found.split.collection) if found.signed_by_id else keeps
    may = {"investigate": keeps, "find": keeps, "write-off": signs and found.signed_by_id != person.pk}
    table = {verb.replace(" ", "-"): sources for verb, (sources, _target) in INCIDENTS.table.items()}
    return [verb for verb, possible in may.items() if possible and found.state in table[verb]]
