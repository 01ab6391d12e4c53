"""What was agreed on a loan is changed, by programs: more time, or another person. To ask for time and to end early are steps of the loan.

Whoever sends a change gives it an Idempotency-Key (a UUID): sent twice, it is done once and answered alike.
"""

from collections.abc import Iterable
from typing import Annotated, Any
from uuid import UUID

from django.db.models import QuerySet
from django.http import HttpRequest
from django.shortcuts import get_object_or_404
from ninja import Field, Router, Schema

from moonbridge.accounts.models import User
from moonbridge.api.authentication import person_of, somebody
from moonbridge.api.sample_fields import LineNumber, Name, Told, lines_of
from moonbridge.cooperation import commands
from moonbridge.cooperation.samples.actions import changing
from moonbridge.cooperation.samples.forms.loan import TransferForm
from moonbridge.cooperation.samples.models import Extension, Transfer
from moonbridge.cooperation.samples.queries import lending
from moonbridge.cooperation.samples.steps import read
from moonbridge.cooperation.samples.views.access import loan_borrowed, loan_seen, receiver

router = Router(tags=["samples"], auth=somebody)


class Answered(Schema):
    """Whether an extension is granted, and words to the borrower."""

    granted: bool
    answer: Told = ""


class Passed(Schema):
    """A line of a loan that shall pass to another person, known here by ``email``, and why."""

    line: LineNumber
    email: Annotated[str, Field(max_length=254, pattern=r"^[^\x00]*$")]
    institution: Name
    country: Annotated[str, Field(max_length=2, description="ISO 3166 code, or nothing")] = ""
    reason: Told


class Decided(Schema):
    """Whether a transfer is approved."""

    approved: bool


@router.get("/loan-extensions", summary="Extensions that wait for an answer: of your loans, and of your agencies'")
def waiting_extensions(request: HttpRequest) -> list[dict[str, Any]]:
    """Return the open extensions that you may see, the oldest first."""
    return [_extension(one) for one in _extensions(person_of(request)).filter(granted=None)]


@router.get("/loans/{slug:code}/extensions", summary="What was asked on a loan and answered: more time")
def extensions(request: HttpRequest, code: str) -> list[dict[str, Any]]:
    """Return the extensions of a loan, the oldest first."""
    return [_extension(one) for one in _extensions(person_of(request)).filter(loan=loan_seen(person_of(request), code))]


@router.post("/loan-extensions/{uuid:key}/decide", summary="Grant or refuse an extension, as an officer")
def decide_extension(request: HttpRequest, key: UUID, given: Answered) -> dict[str, Any]:
    """Decide an extension; a delinquent borrower gets none."""
    found, person = get_object_or_404(_extensions(person_of(request)), pk=key), person_of(request)
    changing.decide_extension(
        found, granted=given.granted, answer=given.answer, by=person, command=commands.of(request)
    )
    return _extension(_extensions(person).get(pk=key))


@router.get("/loan-transfers", summary="Transfers that wait for you: to take a line over, or to decide; and your own")
def waiting_transfers(request: HttpRequest) -> list[dict[str, Any]]:
    """Return the open transfers that concern you, the oldest first."""
    return _transfers(lending.transfers_for(person_of(request)), person_of(request))


@router.get("/loans/{slug:code}/transfers", summary="Transfers of a loan's lines to other people, open and decided")
def transfers(request: HttpRequest, code: str) -> list[dict[str, Any]]:
    """Return the transfers of a loan that you may see; an officer sees them once the receiver has agreed."""
    person = person_of(request)
    found = lending.transfers_visible_to(person).filter(line__loan=loan_seen(person, code))
    return _transfers(found, person)


@router.post("/loans/{slug:code}/transfers", summary="Ask that another person takes a line over, as the borrower")
def ask_transfer(request: HttpRequest, code: str, given: Passed) -> dict[str, Any]:
    """Ask for a transfer; the receiver agrees, then an officer decides."""
    found = loan_borrowed(person_of(request), code)
    told = read(TransferForm(given.dict()))
    (line,) = lines_of(found, [given.line])
    made = changing.ask_transfer(
        line, receiver(told["email"]), institution=told["institution"], country=told["country"], reason=told["reason"],
        by=person_of(request), command=commands.of(request),
    )  # fmt: skip
    return _transfer(request, made.pk)


@router.post("/loan-transfers/{uuid:key}/accept", summary="Agree to answer for a line, as the receiver")
def accept_transfer(request: HttpRequest, key: UUID) -> dict[str, Any]:
    """Accept a transfer."""
    found = _transfer_seen(request, key)
    changing.accept_transfer(found, by=person_of(request), command=commands.of(request))
    return _transfer(request, key)


@router.post("/loan-transfers/{uuid:key}/decide", summary="Approve or refuse a transfer, as an officer")
def decide_transfer(request: HttpRequest, key: UUID, given: Decided) -> dict[str, Any]:
    """Decide a transfer; approved, the mass moves to a new loan of the receiver with the same end."""
    found = _transfer_seen(request, key)
    changing.decide_transfer(found, approved=given.approved, by=person_of(request), command=commands.of(request))
    return _transfer(request, key)


def _extensions(person: User) -> QuerySet[Extension]:
    """Return the extensions of the loans that ``person`` may see."""
    found = Extension.objects.filter(loan__in=lending.loans_visible_to(person)).select_related("loan__agency")
    return found.order_by("asked_at", "pk")


def _extension(found: Extension) -> dict[str, Any]:
    return {
        "id": str(found.pk), "loan": found.loan.code, "agency": found.loan.agency.slug, "ends_on": found.loan.ends_on,
        "until": found.until, "reason": found.reason, "asked_at": found.asked_at, "granted": found.granted,
        "answer": found.answer,
    }  # fmt: skip


def _transfer_seen(request: HttpRequest, key: UUID) -> Transfer:
    return get_object_or_404(lending.transfers_visible_to(person_of(request)), pk=key)


def _transfer(request: HttpRequest, key: UUID) -> dict[str, Any]:
    """Return a transfer as it stands now, for whoever may see it."""
    (told,) = _transfers([_transfer_seen(request, key)], person_of(request))
    return told


def _transfers(found: Iterable[Transfer], person: User) -> list[dict[str, Any]]:
    """Return transfers as ``person`` is told of them, with what that person may answer now."""
    agencies = {agency.pk for agency in lending.agencies_lent_for(person)}
    return [
        _told(one, decides=one.line.loan.agency_id in agencies and one.asked_by_id != person.pk, person=person)
        for one in found
    ]


def _told(found: Transfer, *, decides: bool, person: User) -> dict[str, Any]:
    is_open, accepted = found.approved is None, found.accepted_at is not None
    may = {"accept": found.to_id == person.pk and not accepted, "decide": decides and accepted}
    became = found.made if found.made and (decides or found.made.borrower_id == person.pk) else None
    return {
        "id": str(found.pk), "line": found.line.label, "piece": (found.line.lent or found.line.split).name,
        "institution": found.institution, "country": found.country, "reason": found.reason, "asked_at": found.asked_at,
        "accepted_at": found.accepted_at, "approved": found.approved, "became": became.code if became else None,
        "answers": [verb for verb, possible in may.items() if is_open and possible],
    }  # fmt: skip
