"""Samples for programs: the public catalogue, one's own loans, and for officers and auditors those of their agency."""

from typing import Annotated, Any
from uuid import UUID

from django.http import HttpRequest
from django.shortcuts import get_object_or_404
from django.urls import reverse
from ninja import Field, Query, Router, Schema

from moonbridge.accounts.models import User
from moonbridge.api.authentication import person_of, somebody
from moonbridge.cooperation.samples.debts import loans_with_parts, today
from moonbridge.cooperation.samples.models import Loan, Publication
from moonbridge.cooperation.samples.queries import descent, lending, published, showing
from moonbridge.cooperation.samples.steps import STEPS, possible, weighing
from moonbridge.cooperation.samples.stock import catalogue
from moonbridge.engines.ledger.accounts import AccountKind
from moonbridge.quantities import SAMPLE_MASS

router = Router(tags=["samples"])
MOST = 200
"""Rows of one page of a list."""


class PiecePage(Schema):
    """Which part of the catalogue."""

    name: Annotated[str, Field(max_length=80, pattern=r"^[^\x00]*$")] = ""
    collection: Annotated[str, Field(max_length=80, pattern=r"^[-a-zA-Z0-9_]*$")] = ""
    free: bool = False
    offset: Annotated[int, Field(ge=0, le=1_000_000)] = 0
    limit: Annotated[int, Field(ge=1, le=MOST)] = 50


@router.get(
    "/pieces", url_name="pieces", summary="The pieces that agencies lend, with what is free and what is on loan now"
)
def samples(request: HttpRequest, page: Query[PiecePage]) -> list[dict[str, Any]]:  # noqa: ARG001 - the same for everybody
    """Return a part of the catalogue, in the order of collections and names; masses are exact text with a unit."""
    found = showing.found(text=page.name, collection=page.collection, free=page.free)
    pieces = list(found[page.offset : page.offset + page.limit])
    return [_piece(one) for one in showing.shown(pieces, showing.policies())]


@router.get("/pieces/{uuid:key}", url_name="piece", summary="One piece")
def sample(request: HttpRequest, key: UUID) -> dict[str, Any]:  # noqa: ARG001 - the same for everybody
    """Return a piece of the catalogue."""
    split = get_object_or_404(catalogue(), pk=key)
    selves = descent.selves(split)
    return _piece(showing.shown([split], showing.policies())[0]) | {
        "description": split.description,
        "aliases": [alias.name for alias in split.aliases.all()],
        "parents": [row.parent.name for row in split.parentage.select_related("parent")],
        "pictures": [
            {
                "file": reverse("sample-picture", args=[one.pk]), "caption": one.caption, "credit": one.credit,
                "media_type": one.media_type, "width": one.width, "height": one.height, "sha256": one.sha256,
            }
            for one in published.pictures(selves)
        ],
        "publications": [_publication(one) for one in published.publications(selves)],
    }  # fmt: skip


def _publication(one: Publication) -> dict[str, Any]:
    return {"reference": one.reference, "address": one.named.address, "title": one.title, "year": one.year}


@router.get("/loans", auth=somebody, summary="Your loans, and those of the agencies that you act for")
def loans(request: HttpRequest) -> list[dict[str, Any]]:
    """Return the loans that you may see, those that end first before the others."""
    found = loans_with_parts(lending.loans_visible_to(person_of(request))).order_by("ends_on", "code")
    return [_loan(loan) for loan in found]


@router.get("/loans/{slug:code}", auth=somebody, summary="One loan: its lines by mass, and what is owed")
def loan(request: HttpRequest, code: str) -> dict[str, Any]:
    """Return a loan with its lines; what is with the borrower now comes from the books."""
    found = get_object_or_404(loans_with_parts(lending.loans_visible_to(person_of(request))), code=code)
    return loan_told(found, person_of(request))


def loan_told(found: Loan, person: User) -> dict[str, Any]:
    """Return all that the API says of a loan that was loaded with its parts, and the steps that ``person`` may take now."""
    return _loan(found) | {
        "lines": [_line(one) for one in showing.lines_shown(found)],
        "steps": [name for name, step in STEPS.items() if possible(step, found, person)],
        "weighs": weighing(found, person) or None,
    }


def _piece(shown: showing.Shown) -> dict[str, Any]:
    split = shown.split
    return {
        "id": str(split.pk), "name": split.name, "collection": split.collection.slug, "kind": split.kind, "form": shown.form,
        "lent_whole": shown.whole, **shown.texts, "synthetic": split.collection.book.synthetic,
    }  # fmt: skip


def _loan(found: Loan) -> dict[str, Any]:
    return {
        "code": found.code, "agency": found.agency.slug, "state": found.state, "institution": found.institution,
        "country": found.country, "purpose": found.purpose, "title": found.title, "synthetic": found.synthetic,
        "received_on": found.received_on, "ends_on": found.ends_on,
        "owed": [
            {"what": one.debt.what.value, "due": one.debt.due, "late": one.late, "delinquent": one.delinquent}
            for one in showing.owing(found, today())
        ],
    }  # fmt: skip


def _line(shown: showing.LineShown) -> dict[str, Any]:
    line, held = shown.line, shown.held
    piece = line.lent or line.split
    return {
        "line": line.label,
        "piece": piece.name,
        "kind": piece.kind,
        "issued": SAMPLE_MASS.text(line.issued_ng) if line.issued_ng else None,
        "with_borrower": SAMPLE_MASS.text(held.get(AccountKind.LOAN, 0) + held.get(AccountKind.RESIDUE, 0)),
        "consumed": SAMPLE_MASS.text(held.get(AccountKind.CONSUMED, 0)),
        "disposition": line.disposition,
    }
