"""The curator's bench for programs: open, take in, divide, mix, renumber, weigh, hand over, through the actions and forms of the pages.

Whoever sends a change gives it an Idempotency-Key (a UUID): sent twice, it is done once and answered alike.
"""

from collections.abc import Iterable
from typing import Annotated, Any, Final, Literal
from uuid import UUID

from django import forms
from django.http import HttpRequest
from django.shortcuts import get_object_or_404
from ninja import Field, Router, Schema

from moonbridge.accounts.models import User
from moonbridge.api.authentication import person_of, somebody
from moonbridge.api.sample_fields import Balance, Mass, mass_text
from moonbridge.cooperation import commands
from moonbridge.cooperation.samples.actions import curating, keeping, recombining, reweighing
from moonbridge.cooperation.samples.forms.bench import (
    DIRTIEST,
    BalanceForm,
    CollectionForm,
    CustodyForm,
    RenumberForm,
    SettleForm,
    TakeInForm,
)
from moonbridge.cooperation.samples.forms.booking import ReleaseForm
from moonbridge.cooperation.samples.forms.making import MOST_ROWS, Division, Mixing
from moonbridge.cooperation.samples.models import Collection, Reweighing, Split, WeighingKind
from moonbridge.cooperation.samples.names import naming_of
from moonbridge.cooperation.samples.queries import bench, descent
from moonbridge.cooperation.samples.steps import read
from moonbridge.cooperation.samples.views.access import agency_kept, collection_kept, piece_kept, piece_released
from moonbridge.engines.ledger.genealogy import PieceKind
from moonbridge.errors import InputError
from moonbridge.quantities import SAMPLE_MASS

router = Router(tags=["samples"], auth=somebody)
MOST_SECTIONS: Final = 10_000

Name = Annotated[str, Field(max_length=80, pattern=r"^[^\x00]*$")]
Words = Annotated[str, Field(max_length=2_000, pattern=r"^[^\x00]*$")]
Material = Annotated[str, Field(max_length=120, pattern=r"^[^\x00]*$")]
Witness = Annotated[str, Field(max_length=254, pattern=r"^[^\x00]*$")]
How = Literal[WeighingKind.MEASURED, WeighingKind.BOUNDED, WeighingKind.DERIVED]
Class = Annotated[int, Field(ge=0, le=DIRTIEST)]


class Opened(Schema):
    """A collection: its name, and its address (nothing: made of the name)."""

    name: Annotated[str, Field(max_length=200, pattern=r"^[^\x00]*$")]
    slug: Annotated[str, Field(max_length=80, pattern=r"^[-a-zA-Z0-9_]*$")] = ""
    mission: Annotated[str, Field(max_length=80, pattern=r"^[-a-zA-Z0-9_]*$")] = ""
    material: Material = ""
    source: Annotated[str, Field(max_length=500, pattern=r"^[^\x00]*$")] = ""
    synthetic: bool = False


class Weighed(Schema):
    """What a balance showed, its standard uncertainty, which balance, and the e-mail address of the curator who watched.

    ``how`` the mass is known: of what is ``bounded`` it is the most, and ``least`` the least (nothing: zero).
    """

    mass: Mass
    sigma: Mass = ""
    how: WeighingKind = WeighingKind.MEASURED
    least: Mass = ""
    balance: Balance = ""
    witness: Witness = ""


class Arrived(Weighed):
    """A sample that comes in."""

    name: Name
    material: Material = ""
    description: Words = ""
    contamination: Class = 0
    kept_for: Annotated[str, Field(pattern=r"^(permanent|backup)?$")] = ""


class Made(Schema):
    """A part: a piece with its weighing; or sections or mounts, counted and with an agreed mass. Without a name it gets the next one."""

    mass: Mass
    sigma: Mass = ""
    how: How = WeighingKind.MEASURED
    least: Mass = ""
    kind: PieceKind = PieceKind.SPLIT
    pieces: Annotated[int, Field(ge=1, le=MOST_SECTIONS)] = 1
    contamination: Class | None = None
    name: Name = ""
    description: Words = ""


class Divided(Schema):
    """The parts that are made of a piece, and the dust that it cost; what they leave stays in the piece."""

    parts: Annotated[list[Made], Field(min_length=1, max_length=MOST_ROWS)]
    loss: Mass = ""
    balance: Balance = ""
    witness: Witness = ""


class Given(Schema):
    """What a piece, by its name in the collection, gives to a mixture."""

    piece: Name
    mass: Mass
    sigma: Mass


class Mixed(Schema):
    """A mixture and its shares."""

    shares: Annotated[list[Given], Field(min_length=1, max_length=MOST_ROWS)]
    name: Name = ""
    material: Material = ""
    description: Words = ""
    contamination: Class | None = None
    balance: Balance = ""
    witness: Witness = ""


class Renumbered(Schema):
    """The new number of a piece, and why."""

    name: Name
    reason: Words


class Entrusted(Schema):
    """Who answers for a piece from now on, and why."""

    custodian: Annotated[str, Field(max_length=200, pattern=r"^[^\x00]*$")]
    reason: Annotated[str, Field(max_length=200, pattern=r"^[^\x00]*$")]


class Released(Schema):
    """Whether what an analysis left over may be lent, and why."""

    lent: bool
    reason: Words


class Signed(Schema):
    """Why the weights differ, as far as one knows."""

    reason: Words = ""


@router.post("/agencies/{slug:slug}/collections", summary="Open a collection with a book of its own, as a curator")
def open_collection(request: HttpRequest, slug: str, given: Opened) -> dict[str, Any]:
    """Open a collection; that it was opened is public."""
    person = person_of(request)
    agency = agency_kept(person, slug)
    form = CollectionForm(given.dict())
    form.fields["mission"].to_field_name = "slug"  # type: ignore[attr-defined]
    told = read(form)
    return _collection(curating.found_collection(**told, agency=agency, by=person, command=commands.of(request)))


@router.post("/collections/{slug:slug}/pieces", summary="Take a sample in, as a curator")
def take_in(request: HttpRequest, slug: str, given: Arrived) -> dict[str, Any]:
    """Take a sample in with what it weighed when it arrived."""
    person = person_of(request)
    collection = collection_kept(person, slug)
    form = _with_witness(TakeInForm, given, person, collection)
    told = read(form)
    made = keeping.take_in(
        collection, told["name"], weighed=form.weighed, material=told["material"], description=told["description"],
        contamination=told["contamination"], facts=form.facts, by=person, command=commands.of(request),
    )  # fmt: skip
    return _piece(person, made.pk)


@router.post("/collections/{slug:slug}/mixtures", summary="Make one piece of shares of several, as a curator")
def mix(request: HttpRequest, slug: str, given: Mixed) -> dict[str, Any]:
    """Mix pieces; the mixture keeps the shares."""
    person = person_of(request)
    collection = collection_kept(person, slug)
    curators = bench.witnesses(collection.agency_id, person)
    form = Mixing(_rows(given, given.shares, "share", curators), collection=collection, curators=curators)
    if not form.is_valid:
        raise _unread(form.forms())
    told = form.head.cleaned_data
    made = recombining.mix(
        collection, form.shares, form.blend, balance=told["balance"].strip(), witness=told["witness"], by=person,
        command=commands.of(request),
    )  # fmt: skip
    return _piece(person, made.pk)


@router.get(
    "/pieces/{uuid:key}/bench", summary="A piece as its curator sees it: in store, free, set aside, where it is from"
)
def piece(request: HttpRequest, key: UUID) -> dict[str, Any]:
    """Return a piece of a collection that you keep."""
    return _piece(person_of(request), key)


@router.post("/pieces/{uuid:key}/divisions", summary="Divide a piece into several parts at once, as a curator")
def divide(request: HttpRequest, key: UUID, given: Divided) -> dict[str, Any]:
    """Divide a piece: all parts or none. Answers the piece and the parts."""
    person = person_of(request)
    whole = piece_kept(person, key)
    curators = bench.witnesses(whole.collection.agency_id, person)
    form = Division(_rows(given, given.parts, "part", curators), whole=whole, curators=curators)
    if not form.is_valid:
        raise _unread(form.forms())
    made = keeping.divide(
        whole, form.parts, naming=naming_of(whole.collection), loss=form.head.cleaned_data["loss"] or 0, by=person,
        command=commands.of(request),
    )  # fmt: skip
    return _piece(person, key) | {"parts": [_piece(person, part.pk) for part in made]}


@router.post("/pieces/{uuid:key}/number", summary="Give a piece another number, as a curator")
def renumber(request: HttpRequest, key: UUID, given: Renumbered) -> dict[str, Any]:
    """Renumber a piece; answers the piece under its new number, which is found by the old one as well."""
    person = person_of(request)
    told = read(RenumberForm(given.dict()))
    made = recombining.renumber(piece_kept(person, key), **told, by=person, command=commands.of(request))
    return _piece(person, made.pk)


@router.post("/pieces/{uuid:key}/custody", summary="Hand a piece to another custodian, as a curator")
def entrust(request: HttpRequest, key: UUID, given: Entrusted) -> dict[str, Any]:
    """Make another institution answer for a piece."""
    person = person_of(request)
    told = read(CustodyForm(given.dict()))
    curating.entrust(piece_kept(person, key), **told, by=person, command=commands.of(request))
    return _piece(person, key)


@router.post("/pieces/{uuid:key}/release", summary="Say whether what an analysis left over may be lent, as the office")
def release(request: HttpRequest, key: UUID, given: Released) -> dict[str, Any]:
    """Release altered material for lending, or keep it again."""
    person = person_of(request)
    told = read(ReleaseForm(given.dict()))
    made = curating.release(piece_released(person, key), **told, by=person, command=commands.of(request))
    return {"id": str(made.pk), "name": made.name, "kind": made.kind, "lent": "kept_for" not in made.facts}


@router.post("/pieces/{uuid:key}/weighings", summary="Weigh anew all that the store has of a piece, as a curator")
def weigh(request: HttpRequest, key: UUID, given: Weighed) -> dict[str, Any]:
    """Note a weighing beside what the books say; they move only when it is settled."""
    person = person_of(request)
    split = piece_kept(person, key)
    form = _with_witness(BalanceForm, given, person, split.collection)
    read(form)
    made = reweighing.weigh_anew(split, form.weighed, by=person, command=commands.of(request))
    return _weighing(person, made.pk)


@router.get("/weighings/{uuid:key}", summary="A new weighing against the books: the difference, and who has to sign")
def weighing(request: HttpRequest, key: UUID) -> dict[str, Any]:
    """Return a new weighing, for curators, auditors and the office."""
    return _weighing(person_of(request), key)


@router.post("/weighings/{uuid:key}/signatures", summary="Sign for the difference; the last signature books it")
def sign(request: HttpRequest, key: UUID, given: Signed) -> dict[str, Any]:
    """Sign for a difference: a small one takes one curator, a large one another officer as well."""
    person = person_of(request)
    found = _read(person, key)
    told = read(SettleForm(given.dict()))
    reweighing.settle(found, reason=told["reason"], by=person, command=commands.of(request))
    return _weighing(person, key)


def _with_witness[Form: BalanceForm](form: type[Form], given: Weighed, person: User, collection: Collection) -> Form:
    curators = bench.witnesses(collection.agency_id, person)
    return form(given.dict() | {"witness": _witness(given.witness, curators)}, curators=curators)


def _witness(email: str, curators: Any) -> str:
    """Return the id of the curator with this address, as the forms take it."""
    if not email:
        return ""
    found = curators.filter(email__iexact=email).first()
    if found is None:
        raise InputError("no other curator of this agency has this address", field="witness")
    return str(found.pk)


def _rows(given: Divided | Mixed, rows: Iterable[Schema], prefix: str, curators: Any) -> dict[str, str]:
    """Return what was sent as a browser would send it: the head, and each row under its own prefix."""
    head = {name: value for name, value in given.dict().items() if isinstance(value, str | int)}
    fields = {
        f"{prefix}-{number}-{name}": value for number, row in enumerate(rows) for name, value in row.dict().items()
    }  # fmt: skip
    told = {name: str(value) for name, value in (head | fields).items() if value is not None}
    many = sum(name.endswith("-mass") for name in fields)
    return told | {"witness": _witness(given.witness, curators), "rows": str(many)}


def _unread(written: Iterable[forms.Form]) -> InputError:
    """Return the first mistake of a form that has rows, in words."""
    for form in written:
        for name, errors in form.errors.items():
            return InputError(str(errors[0]), field=form.add_prefix(name))
    return InputError("nothing was said that could be done", field="rows")


def _read(person: User, key: UUID) -> Reweighing:
    found: Reweighing = get_object_or_404(bench.reweighings_read_by(person), pk=key)
    return found


def _collection(found: Collection) -> dict[str, Any]:
    return {
        "slug": found.slug, "name": found.name, "agency": found.agency.slug, "material": found.material, "source": found.source,
        "mission": found.mission.slug if found.mission else None, "synthetic": found.book.synthetic,
    }  # fmt: skip


def _piece(person: User, key: UUID) -> dict[str, Any]:
    """Return a piece as it stands now."""
    split: Split = piece_kept(person, key)
    there, held = bench.in_store(split), split.custodies.filter(period__endswith=None).first()
    now = descent.called_now(split)
    return {
        "id": str(split.pk), "name": split.name, "collection": split.collection.slug, "kind": split.kind, "pieces": split.pieces,
        "material": split.material, "description": split.description, "contamination": split.contamination,
        "in_store": SAMPLE_MASS.text(there.amount), "free": SAMPLE_MASS.text(there.free), "set_aside": SAMPLE_MASS.text(there.held),
        "aliases": list(split.aliases.order_by("name").values_list("name", flat=True)),
        "made_of": [
            {
                "piece": str(one.parent.pk), "name": one.parent.name, "how": one.kind.value,
                "mass": SAMPLE_MASS.text(one.mass) if one.mass else None,
            }
            for one in descent.made_of(split)
        ],
        "called_now": str(now.pk) if now else None,
        "custodian": held.custodian if held else split.collection.agency.name,
        "synthetic": split.collection.book.synthetic,
    }  # fmt: skip


def _weighing(person: User, key: UUID) -> dict[str, Any]:
    found = _read(person, key)
    closure = found.closure
    return {
        "id": str(found.pk), "piece": str(found.weighing.split_id), "state": found.state, "weighed_at": found.weighing.weighed_at,
        "booked": SAMPLE_MASS.text(closure.issued), "weighed": SAMPLE_MASS.text(found.weighing.mass),
        "how": found.weighing.kind, "least": mass_text(found.weighing.least), "to_book": SAMPLE_MASS.text(closure.accounted),
        "missing": SAMPLE_MASS.text(closure.remainder), "explained": closure.closes, "two_officers": closure.two_officers,
        "signatures": sum(one is not None for one in (found.signed_by, _second(found))), "reason": found.reason,
    }  # fmt: skip


def _second(found: Reweighing) -> User | None:
    return found.reconciliation.countersigned_by if found.reconciliation else None
