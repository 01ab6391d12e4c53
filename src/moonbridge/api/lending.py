"""Lending for programs: ask, judge, grant, and take every step of a loan, through the same actions and forms as the pages.

Whoever sends a change gives it an Idempotency-Key (a UUID): sent twice, it is done once and answered alike.
"""

from collections.abc import Iterable
from typing import Annotated, Any, Final
from uuid import UUID

from django.http import Http404, HttpRequest
from django.shortcuts import get_object_or_404
from ninja import Field, Router, Schema

from moonbridge.api.authentication import person_of, somebody
from moonbridge.api.samples import loan_told
from moonbridge.cooperation import commands
from moonbridge.cooperation.samples import asking
from moonbridge.cooperation.samples.actions import (
    granting,
    judging,
    preparing,
    publishing,
    requesting,
    returning,
    using,
)
from moonbridge.cooperation.samples.forms.loan import ReportForm, WeightsForm
from moonbridge.cooperation.samples.models import Disposition, Loan, LoanLine, Purpose, ReportKind, Request
from moonbridge.cooperation.samples.models.asking import BEST_MARK
from moonbridge.cooperation.samples.models.publishing import FIRST_YEAR, LAST_YEAR
from moonbridge.cooperation.samples.queries import lending, returns
from moonbridge.cooperation.samples.rules.lending import is_borrower
from moonbridge.cooperation.samples.states.lending import RequestState
from moonbridge.cooperation.samples.steps import STEPS, read
from moonbridge.cooperation.samples.views.access import (
    agency_lent_for,
    loan_borrowed,
    loan_seen,
    request_seen,
    request_written,
)
from moonbridge.errors import InputError
from moonbridge.formats.igsn.references import LONGEST
from moonbridge.formats.tables.returns import Returned
from moonbridge.quantities import SAMPLE_MASS

router = Router(tags=["samples"], auth=somebody)
MOST_LINES: Final = requesting.MOST_LINES
MOST_RETURNED: Final = 1_000

type Name = Annotated[str, Field(max_length=200, pattern=r"^[^\x00]*$")]
type Words = Annotated[str, Field(max_length=10_000, pattern=r"^[^\x00]*$")]
type Mass = Annotated[str, Field(max_length=60, description="decimal text with a unit: 20 mg")]


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


class Version(Schema):
    """The version of a request that the sender has read."""

    version: Annotated[int, Field(ge=1, le=1_000_000_000)]


class Judged(Schema):
    """A mark, or a conflict of interest and no mark."""

    mark: Annotated[int, Field(ge=0, le=BEST_MARK)] | None = None
    conflict: Annotated[str, Field(max_length=300, pattern=r"^[^\x00]*$")] = ""
    comment: Words = ""


class Granting(Schema):
    """Whether only the least that makes sense is granted."""

    reduced: bool = False


class Reason(Schema):
    """Why."""

    reason: Words


class Filled(Schema):
    """What the form of a step asks for, by the names of its fields; {} for a step that needs no words."""

    fields: Annotated[dict[str, Words], Field(default_factory=dict)]


class LineWeight(Schema):
    """What a balance showed for one line of a loan, by its number, and the standard uncertainty."""

    line: Annotated[int, Field(ge=1, le=32_767)]
    mass: Mass
    sigma: Mass = ""


class Weighed(Schema):
    """What each line of a loan weighs."""

    lines: Annotated[list[LineWeight], Field(max_length=MOST_RETURNED)]
    balance: Annotated[str, Field(max_length=120, pattern=r"^[^\x00]*$")] = ""


class Lines(Schema):
    """Lines of a loan, by their numbers."""

    lines: Annotated[list[Annotated[int, Field(ge=1, le=32_767)]], Field(max_length=MOST_RETURNED)]


class Used(Schema):
    """What was used up of a line, or is left over from an analysis; ``video_sha256`` where a film of destructive work is asked for."""

    line: Annotated[int, Field(ge=1, le=32_767)]
    kind: ReportKind
    mass: Mass
    what: Words
    video_sha256: Annotated[str, Field(pattern=r"^([0-9a-fA-F]{64})?$")] = ""


class Published(Schema):
    """A publication: its DOI or address, its title and the year."""

    reference: Annotated[str, Field(max_length=LONGEST, pattern=r"^[^\x00]*$")]
    title: Annotated[str, Field(max_length=publishing.LONGEST_TITLE, pattern=r"^[^\x00]*$")]
    year: Annotated[int, Field(ge=FIRST_YEAR, le=LAST_YEAR)]


class PieceWeight(Schema):
    """A piece that came back, by its name or the label of its line, and what it weighs."""

    piece: Annotated[str, Field(max_length=120, pattern=r"^[^\x00]*$")]
    mass: Mass
    sigma: Mass = ""


class BoxReturned(Schema):
    """All that came back in a box, of one loan or many."""

    pieces: Annotated[list[PieceWeight], Field(min_length=1, max_length=MOST_RETURNED)]
    balance: Annotated[str, Field(max_length=120, pattern=r"^[^\x00]*$")] = ""


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
def submit(request: HttpRequest, key: UUID, given: Version) -> dict[str, Any]:
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
def assess(request: HttpRequest, key: UUID, given: Judged) -> dict[str, Any]:
    """Judge a request."""
    found = request_seen(person_of(request), key)
    judging.assess(
        found, mark=given.mark, conflict=given.conflict, comment=given.comment, by=person_of(request),
        command=commands.of(request),
    )  # fmt: skip
    return _fetched(request, key)


@router.post("/sample-requests/{uuid:key}/grant", summary="Grant a request and set the material aside, as an officer")
def grant(request: HttpRequest, key: UUID, given: Granting) -> dict[str, Any]:
    """Grant a request; answers the loan. Of two at once that want the same material, one gets it."""
    found = request_seen(person_of(request), key)
    made = granting.grant(found, reduced=given.reduced, by=person_of(request), command=commands.of(request))
    return _loan(request, made.code)


@router.post("/sample-requests/{uuid:key}/decline", summary="Decline a request with a reason, as an officer")
def decline(request: HttpRequest, key: UUID, given: Reason) -> dict[str, Any]:
    """Decline a request; the applicant reads why."""
    found = request_seen(person_of(request), key)
    judging.decline(found, reason=given.reason, by=person_of(request), command=commands.of(request))
    return _fetched(request, key)


@router.post(
    "/loans/{slug:code}/steps/{slug:verb}", summary="Take one step of a loan: sign, certify, dispatch, close, ..."
)
def step(request: HttpRequest, code: str, verb: str, given: Filled) -> dict[str, Any]:
    """Take a step that needs no more than a few words; which are possible now, the loan's answer lists."""
    found, chosen = loan_seen(person_of(request), code), STEPS.get(verb)
    if chosen is None or not chosen.rule(person_of(request), found):
        raise Http404
    chosen.act(found, read(chosen.form(given.fields)), person_of(request), commands.of(request))
    return _loan(request, code)


@router.post(
    "/loans/{slug:code}/weights", summary="What each line weighs: weighed out by a curator, or received by the borrower"
)
def weights(request: HttpRequest, code: str, given: Weighed) -> dict[str, Any]:
    """Weigh a certified loan out as the first of two people, or in as the borrower when it arrives."""
    found, person = loan_seen(person_of(request), code), person_of(request)
    form = WeightsForm(_weights(found, given), lines=found.lines.all())
    read(form)
    if is_borrower(person, found):
        preparing.receive(found, form.weights, by=person, command=commands.of(request))
    else:
        preparing.weigh_out(found, form.weights, balance=given.balance, by=person, command=commands.of(request))
    return _loan(request, code)


@router.post("/loans/{slug:code}/reports", summary="Report what was used up of a line, or left over, as the borrower")
def report(request: HttpRequest, code: str, given: Used) -> dict[str, Any]:
    """Report use; the books follow at once."""
    found = loan_borrowed(person_of(request), code)
    told = read(ReportForm({name: str(value) for name, value in given.dict().items()}))
    (line,) = _lines(found, [given.line])
    using.report(
        line, given.kind, told["mass"] or 0, what=told["what"], video_sha256=told["video_sha256"], by=person_of(request),
        command=commands.of(request),
    )  # fmt: skip
    return _loan(request, code)


@router.post(
    "/loans/{slug:code}/publications", summary="Report what was published on the material of a loan, as its borrower"
)
def report_publication(request: HttpRequest, code: str, given: Published) -> dict[str, Any]:
    """Note a publication on each piece of a loan; also possible after the loan has ended."""
    found = loan_borrowed(person_of(request), code)
    cited = publishing.Cited(given.reference, given.title, given.year)
    publishing.report_publication(found, cited, by=person_of(request), command=commands.of(request))
    return _loan(request, code)


@router.post("/loans/{slug:code}/send-back", summary="Send lines back, all that is left of each, as the borrower")
def send_back(request: HttpRequest, code: str, given: Lines) -> dict[str, Any]:
    """Send lines back."""
    found = loan_borrowed(person_of(request), code)
    returning.send_back(found, _lines(found, given.lines), by=person_of(request), command=commands.of(request))
    return _loan(request, code)


@router.post("/agencies/{slug:slug}/returns", summary="Weigh what came back, a whole box at once, as a curator")
def take_returns(request: HttpRequest, slug: str, given: BoxReturned) -> list[dict[str, Any]]:
    """Take in what came back, of one loan or many: all or nothing. Answers the loans that it touched."""
    agency = agency_lent_for(person_of(request), slug)
    rows = [
        Returned(row, one.piece, SAMPLE_MASS.parse(one.mass, field="mass"), _mass(one.sigma, "sigma") or 0)
        for row, one in enumerate(given.pieces, start=1)
    ]
    touched = returning.weigh_back(
        agency,
        returns.matched(agency, rows, weighed=True),
        balance=given.balance,
        by=person_of(request),
        command=commands.of(request),
    )
    return [_loan(request, one.code) for one in touched]


def _loan(request: HttpRequest, code: str) -> dict[str, Any]:
    """Return a loan as it stands now, for whoever may see it."""
    return loan_told(loan_seen(person_of(request), code), person_of(request))


def _draft(given: Asked) -> asking.Draft:
    texts = {name: getattr(given, name, {}) for name in asking.TEXTS}
    return asking.Draft(texts | {"purpose": given.purpose.value}, tuple(_line(one) for one in given.lines))


def _line(given: Wanted) -> asking.Line:
    mass, least = _mass(given.mass, "mass"), _mass(given.least, "least")
    if least and (not mass or least > mass):
        raise InputError("the least that makes sense is more than what is asked for", field="least")
    return asking.Line(given.piece, mass, least, given.then.value)


def _mass(text: str, field: str) -> int | None:
    return SAMPLE_MASS.parse(text, field=field) or None if text else None


def _weights(found: Loan, given: Weighed) -> dict[str, str]:
    """Return what was weighed as the form of the page takes it."""
    lines = _lines(found, [one.line for one in given.lines])
    masses = {f"mass-{line.pk}": one.mass for line, one in zip(lines, given.lines, strict=True)}
    return masses | {f"sigma-{line.pk}": one.sigma for line, one in zip(lines, given.lines, strict=True)}


def _lines(found: Loan, numbers: Iterable[int]) -> list[LoanLine]:
    """Return lines of a loan by their numbers; raises :class:`InputError` for one that it does not have."""
    lines = {line.number: line for line in found.lines.all()}
    try:
        return [lines[number] for number in numbers]
    except KeyError as absent:
        raise InputError(f"{found.code} has no line {absent.args[0]}", field="line") from None


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
