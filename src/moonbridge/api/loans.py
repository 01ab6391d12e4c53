"""Loans by programs, from the agreement to the return: steps, weights, use, inventories, duties, and what comes back.

All through the same actions as the pages. Whoever sends a change gives it an Idempotency-Key (a UUID): sent twice, it is done once and
answered alike. What was agreed is changed in :mod:`~moonbridge.api.loan_changes`; what is missing, :mod:`~moonbridge.api.sample_incidents`.
"""

from typing import Annotated, Any, Final

from django.http import Http404, HttpRequest
from ninja import Field, Router, Schema

from moonbridge.api.authentication import person_of, somebody
from moonbridge.api.sample_fields import (
    Balance,
    LineNumber,
    Mass,
    Name,
    Remark,
    Told,
    Words,
    lines_of,
    mass_of,
    mass_text,
)
from moonbridge.api.samples import loan_told
from moonbridge.cooperation import commands
from moonbridge.cooperation.samples.actions import preparing, publishing, returning, using
from moonbridge.cooperation.samples.forms.bench import DIRTIEST
from moonbridge.cooperation.samples.forms.loan import ReportForm, WeightsForm
from moonbridge.cooperation.samples.models import Condition, DutyKind, Fulfilment, Inventory, Loan, Report, ReportKind
from moonbridge.cooperation.samples.models.publishing import FIRST_YEAR, LAST_YEAR
from moonbridge.cooperation.samples.queries import returns
from moonbridge.cooperation.samples.rules.lending import is_borrower
from moonbridge.cooperation.samples.steps import STEPS, read
from moonbridge.cooperation.samples.views.access import agency_lent_for, loan_borrowed, loan_seen
from moonbridge.formats.igsn.references import LONGEST
from moonbridge.formats.tables.returns import Returned
from moonbridge.quantities import SAMPLE_MASS

router = Router(tags=["samples"], auth=somebody)
MOST_ROWS: Final = 1_000
"""Lines of a loan, or pieces of a box, that one request names."""
LOAN: Final = "/loans/{slug:code}"


class Filled(Schema):
    """What the form of a step asks for, by the names of its fields; {} for a step that needs no words."""

    fields: Annotated[dict[str, Words], Field(default_factory=dict)]


class LineWeight(Schema):
    """What a balance showed for one line of a loan, by its number, and the standard uncertainty."""

    line: LineNumber
    mass: Mass
    sigma: Mass = ""


class LinesWeighed(Schema):
    """What each line of a loan weighs."""

    lines: Annotated[list[LineWeight], Field(max_length=MOST_ROWS)]
    balance: Balance = ""


class Lines(Schema):
    """Lines of a loan, by their numbers."""

    lines: Annotated[list[LineNumber], Field(max_length=MOST_ROWS)]


class Used(Schema):
    """What was used up of a line, or is left over from an analysis; ``video_sha256`` where a film of destructive work is asked for.

    What is left over becomes a piece and a line of its own, of the class ``contamination`` (nothing: that of what it was).
    """

    line: LineNumber
    kind: ReportKind
    mass: Mass
    what: Words
    video_sha256: Annotated[str, Field(pattern=r"^([0-9a-fA-F]{64})?$")] = ""
    contamination: Annotated[int, Field(ge=0, le=DIRTIEST)] | None = None


class LineDivided(Schema):
    """The parts into which a line was divided, each with its mass, and the dust that was lost; what is in no part stays in the line."""

    line: LineNumber
    parts: Annotated[list[Mass], Field(max_length=using.MOST_PARTS)]
    loss: Mass = ""
    what: Told


class Counted(Schema):
    """How one line was found: its condition, where it is kept, and its mass where it was weighed."""

    line: LineNumber
    condition: Condition
    place: Name = ""
    mass: Mass = ""
    note: Remark = ""


class Counting(Schema):
    """An answer for every line that the borrower holds."""

    lines: Annotated[list[Counted], Field(max_length=MOST_ROWS)]


class Met(Schema):
    """Where the report, the data set or the publications of a loan are: a DOI or an address."""

    duty: DutyKind
    reference: Remark


class Waived(Schema):
    """A duty from which the borrower is released, and why."""

    duty: DutyKind
    reason: Remark


class Published(Schema):
    """A publication: its DOI or address, its title and the year."""

    reference: Annotated[str, Field(max_length=LONGEST, pattern=r"^[^\x00]*$")]
    title: Annotated[str, Field(max_length=publishing.LONGEST_TITLE, pattern=r"^[^\x00]*$")]
    year: Annotated[int, Field(ge=FIRST_YEAR, le=LAST_YEAR)]


class PieceWeight(Schema):
    """A piece that came back, by its name or the label of its line, and what it weighs; with ``least`` only bounds are known of it."""

    piece: Annotated[str, Field(max_length=120, pattern=r"^[^\x00]*$")]
    mass: Mass
    sigma: Mass = ""
    least: Mass | None = None


class BoxReturned(Schema):
    """All that came back in a box, of one loan or many."""

    pieces: Annotated[list[PieceWeight], Field(min_length=1, max_length=MOST_ROWS)]
    balance: Balance = ""


@router.post(f"{LOAN}/steps/{{slug:verb}}", summary="Take one step of a loan: sign, certify, dispatch, close, ...")
def step(request: HttpRequest, code: str, verb: str, given: Filled) -> dict[str, Any]:
    """Take a step that needs no more than a few words; which are possible now, the loan's answer lists."""
    found, chosen = loan_seen(person_of(request), code), STEPS.get(verb)
    if chosen is None or not chosen.rule(person_of(request), found):
        raise Http404
    chosen.act(found, read(chosen.form(given.fields)), person_of(request), commands.of(request))
    return _loan(request, code)


@router.post(f"{LOAN}/weights", summary="What each line weighs: weighed out by a curator, or received by the borrower")
def weights(request: HttpRequest, code: str, given: LinesWeighed) -> dict[str, Any]:
    """Weigh a certified loan out as the first of two people, or in as the borrower when it arrives."""
    found, person = loan_seen(person_of(request), code), person_of(request)
    form = WeightsForm(_weights(found, given), lines=found.lines.all())
    read(form)
    if is_borrower(person, found):
        preparing.receive(found, form.weights, by=person, command=commands.of(request))
    else:
        preparing.weigh_out(found, form.weights, balance=given.balance, by=person, command=commands.of(request))
    return _loan(request, code)


@router.get(f"{LOAN}/reports", summary="What was reported on the material of a loan: used up, left over, divided")
def reports(request: HttpRequest, code: str) -> list[dict[str, Any]]:
    """Return the reports on all lines of a loan, the first one first."""
    found = Report.objects.filter(line__loan=loan_seen(person_of(request), code)).select_related("line__loan")
    return [_report(one) for one in found.order_by("at", "pk")]


@router.post(f"{LOAN}/reports", summary="Report what was used up of a line, or left over, as the borrower")
def report(request: HttpRequest, code: str, given: Used) -> dict[str, Any]:
    """Report use; the books follow at once."""
    found = loan_borrowed(person_of(request), code)
    told = read(ReportForm({name: str(value) for name, value in given.dict(exclude_none=True).items()}))
    (line,) = lines_of(found, [given.line])
    using.report(
        line, given.kind, told["mass"] or 0, what=told["what"], video_sha256=told["video_sha256"],
        contamination=told["contamination"], by=person_of(request), command=commands.of(request),
    )  # fmt: skip
    return _loan(request, code)


@router.post(f"{LOAN}/divisions", summary="Divide what you hold of a line into lines of their own, as the borrower")
def divide(request: HttpRequest, code: str, given: LineDivided) -> dict[str, Any]:
    """Divide a line; each part becomes a piece and a line of the loan, which the answer lists."""
    found = loan_borrowed(person_of(request), code)
    (line,) = lines_of(found, [given.line])
    parts, loss = [mass_of(one, "parts") or 0 for one in given.parts], mass_of(given.loss, "loss") or 0
    using.sub_split(line, parts, loss_ng=loss, what=given.what, by=person_of(request), command=commands.of(request))
    return _loan(request, code)


@router.get(f"{LOAN}/inventories", summary="What the borrower found at each inventory of a loan")
def inventories(request: HttpRequest, code: str) -> list[dict[str, Any]]:
    """Return the inventories of a loan, the newest first."""
    found = Inventory.objects.filter(loan=loan_seen(person_of(request), code))
    return [_inventory(one) for one in found.order_by("-at", "pk").prefetch_related("rows__line__loan")]


@router.post(f"{LOAN}/inventories", summary="Answer for every line that you hold, all at once, as the borrower")
def take_inventory(request: HttpRequest, code: str, given: Counting) -> dict[str, Any]:
    """Take inventory. Nothing moves: what is missing is reported by itself, at the loan's incidents."""
    found = loan_borrowed(person_of(request), code)
    lines = lines_of(found, [one.line for one in given.lines])
    answers = {
        line.pk: using.Found(one.condition.value, one.place, mass_of(one.mass, "mass"), one.note)
        for line, one in zip(lines, given.lines, strict=True)
    }
    made = using.take_inventory(found, answers, by=person_of(request), command=commands.of(request))
    return _inventory(made)


@router.get(f"{LOAN}/duties", summary="The duties of a loan that were met or waived; what is still owed, the loan says")
def duties(request: HttpRequest, code: str) -> list[dict[str, Any]]:
    """Return the duties of a loan that are done, in the order in which they were."""
    return [_duty(one) for one in loan_seen(person_of(request), code).fulfilments.order_by("at", "pk")]


@router.post(f"{LOAN}/duties", summary="Say where the report, data set or publications of a loan are, as its borrower")
def meet_duty(request: HttpRequest, code: str, given: Met) -> dict[str, Any]:
    """Meet a duty of a loan, from its receipt to its end."""
    found = loan_borrowed(person_of(request), code)
    return _duty(using.fulfil(found, given.duty, given.reference, by=person_of(request), command=commands.of(request)))


@router.post(f"{LOAN}/waivers", summary="Release a borrower from a duty, as an officer and with a reason")
def waive_duty(request: HttpRequest, code: str, given: Waived) -> dict[str, Any]:
    """Waive a duty of a loan."""
    found = loan_seen(person_of(request), code)
    return _duty(using.waive(found, given.duty, given.reason, by=person_of(request), command=commands.of(request)))


@router.post(f"{LOAN}/publications", summary="Report what was published on the material of a loan, as its borrower")
def report_publication(request: HttpRequest, code: str, given: Published) -> dict[str, Any]:
    """Note a publication on each piece of a loan; also possible after the loan has ended."""
    found = loan_borrowed(person_of(request), code)
    cited = publishing.Cited(given.reference, given.title, given.year)
    publishing.report_publication(found, cited, by=person_of(request), command=commands.of(request))
    return _loan(request, code)


@router.post(f"{LOAN}/send-back", summary="Send lines back, all that is left of each, as the borrower")
def send_back(request: HttpRequest, code: str, given: Lines) -> dict[str, Any]:
    """Send lines back."""
    found = loan_borrowed(person_of(request), code)
    returning.send_back(found, lines_of(found, given.lines), by=person_of(request), command=commands.of(request))
    return _loan(request, code)


@router.post("/agencies/{slug:slug}/returns", summary="Weigh what came back, a whole box at once, as a curator")
def take_returns(request: HttpRequest, slug: str, given: BoxReturned) -> list[dict[str, Any]]:
    """Take in what came back, of one loan or many: all or nothing. Answers the loans that it touched."""
    agency = agency_lent_for(person_of(request), slug)
    rows = [_returned(row, one) for row, one in enumerate(given.pieces, start=1)]
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


def _weights(found: Loan, given: LinesWeighed) -> dict[str, str]:
    """Return what was weighed as the form of the page takes it."""
    lines = lines_of(found, [one.line for one in given.lines])
    masses = {f"mass-{line.pk}": one.mass for line, one in zip(lines, given.lines, strict=True)}
    return masses | {f"sigma-{line.pk}": one.sigma for line, one in zip(lines, given.lines, strict=True)}


def _returned(row: int, one: PieceWeight) -> Returned:
    least = None if one.least is None else mass_of(one.least, "least") or 0
    return Returned(row, one.piece, SAMPLE_MASS.parse(one.mass, field="mass"), mass_of(one.sigma, "sigma") or 0, least)


def _report(found: Report) -> dict[str, Any]:
    return {
        "line": found.line.label, "kind": found.kind, "mass": mass_text(found.mass_ng), "what": found.what,
        "video_sha256": found.video_sha256 or None, "at": found.at,
    }  # fmt: skip


def _inventory(found: Inventory) -> dict[str, Any]:
    return {
        "on": found.on,
        "lines": [
            {
                "line": row.line.label, "condition": row.condition, "place": row.place, "mass": mass_text(row.mass_ng),
                "note": row.note,
            }
            for row in sorted(found.rows.all(), key=lambda row: row.line.number)
        ],
    }  # fmt: skip


def _duty(found: Fulfilment) -> dict[str, Any]:
    return {"duty": found.duty, "reference": found.reference, "waived": found.waived, "at": found.at}
