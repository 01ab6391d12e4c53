"""Requests for samples by programs: ask, judge, grant, through the same actions as the pages. For loans: :mod:`~moonbridge.api.loans`.

Whoever sends a change gives it an Idempotency-Key (a UUID): sent twice, it is done once and answered alike.
"""

from typing import Annotated, Any, Final
from uuid import UUID

from django.http import HttpRequest
from django.shortcuts import get_object_or_404
from ninja import Field, Router, Schema

from moonbridge.accounts.models import User
from moonbridge.api.authentication import person_of, somebody
from moonbridge.api.sample_fields import Mass, Name, Words, mass_of
from moonbridge.api.samples import loan_told
from moonbridge.cooperation import commands
from moonbridge.cooperation.review.models import Ground
from moonbridge.cooperation.samples import asking
from moonbridge.cooperation.samples.actions import barring, granting, judging, requesting
from moonbridge.cooperation.samples.models import Disposition, Purpose, Request
from moonbridge.cooperation.samples.models.asking import BEST_MARK
from moonbridge.cooperation.samples.queries import lending
from moonbridge.cooperation.samples.states.lending import RequestState
from moonbridge.cooperation.samples.views.access import (
    loan_seen,
    request_decided,
    request_judged,
    request_seen,
    request_written,
)
from moonbridge.errors import InputError
from moonbridge.quantities import SAMPLE_MASS

router = Router(tags=["samples"], auth=somebody)
MOST_LINES: Final = requesting.MOST_LINES


class Wanted(Schema):
    """One piece of a request: how much of it (nothing: the whole piece), the least that makes sense, and what becomes of it."""

    piece: UUID
    mass: Mass = ""
    least: Mass = ""
    then: Disposition = Disposition.INTACT


class Asked(Schema):
    """A request for samples of one agency."""

    agency: Annotated[str, Field(max_length=80, pattern=r"^[-a-zA-Z0-9_]+$")]
    lines: Annotated[list[Wanted], Field(max_length=MOST_LINES)]
    purpose: Purpose = Purpose.RESEARCH
    title: Name = ""
    institution: Name = ""
    country: Annotated[str, Field(pattern=r"^([A-Z]{2})?$")] = ""
    hypothesis: Words = ""
    technique: Words = ""
    destructive: bool = False
    justification: Words = ""
    team: Words = ""
    facilities: Words = ""
    funding: Words = ""
    restrictions: Words = ""


class RequestRead(Schema):
    """The version of a request that the sender has read."""

    version: Annotated[int, Field(ge=1, le=1_000_000_000)]


class Assessed(Schema):
    """A mark, or a conflict of interest and no mark."""

    mark: Annotated[int, Field(ge=0, le=BEST_MARK)] | None = None
    conflict: Annotated[str, Field(max_length=300, pattern=r"^[^\x00]*$")] = ""
    comment: Words = ""


class Barred(Schema):
    """Of whom (the address of a member of the committee), what kind of tie, and how it is known."""

    email: Annotated[str, Field(max_length=254, pattern=r"^[^\x00]*$")]
    ground: Ground
    evidence: Annotated[str, Field(max_length=500, pattern=r"^[^\x00]*$")]


class Lifted(Schema):
    """Of whom, which conflict by its digest, and why it does not count."""

    email: Annotated[str, Field(max_length=254, pattern=r"^[^\x00]*$")]
    digest: Annotated[str, Field(pattern=r"^[0-9a-f]{64}$")]
    reason: Annotated[str, Field(max_length=500, pattern=r"^[^\x00]*$")]


class Granting(Schema):
    """Whether only the least that makes sense is granted."""

    reduced: bool = False


class Reason(Schema):
    """Why."""

    reason: Words


@router.get("/sample-requests", summary="Your requests for samples, and those that your agency received")
def sample_requests(request: HttpRequest) -> list[dict[str, Any]]:
    """Return the requests that you may see, the newest first."""
    found = lending.with_lines(lending.requests_visible_to(person_of(request)))
    return [_asked(one) for one in found]


@router.post("/sample-requests", summary="Begin a request with all that it says; submit it afterwards")
def begin(request: HttpRequest, given: Asked) -> dict[str, Any]:
    """Write a draft; nothing is kept where a part of it is refused. Answers what it says, and whether it fits as it stands."""
    lender = get_object_or_404(lending.lenders(), agency__slug=given.agency)
    made = requesting.write(lender.agency, _draft(given), by=person_of(request), command=commands.of(request))
    return _fetched(request, made.pk)


@router.get("/sample-requests/{uuid:key}", summary="One request, what is missing in it, and whether it fits")
def sample_request(request: HttpRequest, key: UUID) -> dict[str, Any]:
    """Return a request."""
    return _fetched(request, key)


@router.post("/sample-requests/{uuid:key}/submit", summary="Submit the version that you have read")
def submit(request: HttpRequest, key: UUID, given: RequestRead) -> dict[str, Any]:
    """Submit a request; refused with all that is missing or does not fit."""
    found = request_written(person_of(request), key)
    requesting.submit(found, version=given.version, by=person_of(request), command=commands.of(request))
    return _fetched(request, key)


@router.post(
    "/sample-requests/{uuid:key}/take-back", summary="Make a submitted request a draft again, until it is decided"
)
def take_back(request: HttpRequest, key: UUID) -> dict[str, Any]:
    """Take a request back."""
    requesting.take_back(request_written(person_of(request), key), by=person_of(request), command=commands.of(request))
    return _fetched(request, key)


@router.post("/sample-requests/{uuid:key}/withdraw", summary="Withdraw a request for good")
def withdraw(request: HttpRequest, key: UUID) -> dict[str, Any]:
    """Withdraw a request."""
    requesting.withdraw(request_written(person_of(request), key), by=person_of(request), command=commands.of(request))
    return _fetched(request, key)


@router.post(
    "/sample-requests/{uuid:key}/assess", summary="Give a mark as a member of the committee, or declare a conflict"
)
def assess(request: HttpRequest, key: UUID, given: Assessed) -> dict[str, Any]:
    """Judge a request; who declares a conflict sees it no more."""
    found = request_judged(person_of(request), key)
    judging.assess(
        found, mark=given.mark, conflict=given.conflict, comment=given.comment, by=person_of(request),
        command=commands.of(request),
    )  # fmt: skip
    return {"id": str(key), "conflict": given.conflict.strip()} if given.conflict.strip() else _fetched(request, key)


@router.get("/sample-requests/{uuid:key}/conflicts", summary="Who of the committee must not judge a request, and why")
def request_conflicts(request: HttpRequest, key: UUID) -> list[dict[str, Any]]:
    """Return the conflicts with a request, for officers and auditors of the agency who have none."""
    return _ties(person_of(request), request_seen(person_of(request), key))


@router.post(
    "/sample-requests/{uuid:key}/conflicts", summary="Set a conflict of somebody of the committee, as an officer"
)
def bar(request: HttpRequest, key: UUID, given: Barred) -> list[dict[str, Any]]:
    """Set a conflict: that person sees the request no more, and their mark counts no more."""
    person = person_of(request)
    found = request_decided(person, key)
    user = _of_committee(found, given.email)
    barring.bar(found, user, ground=given.ground, evidence=given.evidence, by=person, command=commands.of(request))
    return _ties(person, found)


@router.post(
    "/sample-requests/{uuid:key}/conflicts/lift", summary="Lift a conflict with a written reason, as an officer"
)
def lift(request: HttpRequest, key: UUID, given: Lifted) -> list[dict[str, Any]]:
    """Lift a conflict that was set or found, by its digest; what a member declared stays."""
    person = person_of(request)
    found = request_decided(person, key)
    user = _of_committee(found, given.email)
    barring.lift(found, user, given.digest, reason=given.reason, by=person, command=commands.of(request))
    return _ties(person, found)


def _of_committee(found: Request, email: str) -> User:
    user = lending.committee(found.agency_id).filter(email__iexact=email).first()
    if user is None:
        raise InputError("nobody of the committee has this address", field="email")
    return user


def _ties(person: User, found: Request) -> list[dict[str, Any]]:
    return [
        {
            "email": one.user.email, "name": str(one.user), "source": one.tie.source.value, "ground": one.tie.ground.value,
            "evidence": one.tie.evidence, "certain": one.tie.certain, "since": one.tie.since, "digest": one.tie.digest,
        }
        for one in lending.ties_shown(person, found)
    ]  # fmt: skip


@router.post("/sample-requests/{uuid:key}/grant", summary="Grant a request and set the material aside, as an officer")
def grant(request: HttpRequest, key: UUID, given: Granting) -> dict[str, Any]:
    """Grant a request; answers the loan. Of two at once that want the same material, one gets it."""
    found = request_seen(person_of(request), key)
    made = granting.grant(found, reduced=given.reduced, by=person_of(request), command=commands.of(request))
    return loan_told(loan_seen(person_of(request), made.code), person_of(request))


@router.post("/sample-requests/{uuid:key}/decline", summary="Decline a request with a reason, as an officer")
def decline(request: HttpRequest, key: UUID, given: Reason) -> dict[str, Any]:
    """Decline a request; the applicant reads why."""
    found = request_seen(person_of(request), key)
    judging.decline(found, reason=given.reason, by=person_of(request), command=commands.of(request))
    return _fetched(request, key)


def _draft(given: Asked) -> asking.Draft:
    texts = {name: getattr(given, name, {}) for name in asking.TEXTS}
    return asking.Draft(texts | {"purpose": given.purpose.value}, tuple(_line(one) for one in given.lines))


def _line(given: Wanted) -> asking.Line:
    mass, least = mass_of(given.mass, "mass"), mass_of(given.least, "least")
    if least and (not mass or least > mass):
        raise InputError("the least that makes sense is more than what is asked for", field="least")
    return asking.Line(given.piece, mass, least, given.then.value)


def _fetched(request: HttpRequest, key: UUID) -> dict[str, Any]:
    """Return a request with all that its page says, for whoever may see it."""
    found = request_seen(person_of(request), key)
    draft = asking.read(found)
    fit = asking.fit_of(found, found.agency.lender.policy, draft=draft)
    return _asked(found) | {
        "texts": {name: draft.texts[name] for name in asking.TEXTS if name != "unread"},
        "missing": [one.sentence for one in asking.missing(draft)] if found.state == RequestState.DRAFT else [],
        "hindrances": fit.sentences() if found.state in {RequestState.DRAFT, RequestState.SUBMITTED} else [],
        "loans": list(
            lending.loans_visible_to(person_of(request)).filter(request=found).values_list("code", flat=True)
        ),
    }


def _asked(found: Request) -> dict[str, Any]:
    return {
        "id": str(found.pk), "code": found.code, "agency": found.agency.slug, "state": found.state, "title": found.title,
        "institution": found.institution, "country": found.country, "purpose": found.purpose, "version": found.version,
        "synthetic": found.synthetic, "submitted_at": found.submitted_at, "reason": found.decision_note,
        "lines": [
            {
                "piece": str(row.split_id), "name": row.split.name, "then": row.disposition,
                "mass": SAMPLE_MASS.text(row.mass_ng) if row.mass_ng else None,
                "least": SAMPLE_MASS.text(row.least_ng) if row.least_ng else None,
            }
            for row in found.lines.all()
        ],
    }  # fmt: skip
