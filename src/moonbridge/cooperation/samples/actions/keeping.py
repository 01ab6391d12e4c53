"""What a curator does with the pieces of a collection: take in, split, weigh, hand to a custodian."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID, uuid5

from django.db import transaction
from django.utils.translation import gettext as _

from moonbridge.accounts.models import User
from moonbridge.cooperation.programmes.models import Mission, Partner
from moonbridge.cooperation.samples.actions.custody import hand_over
from moonbridge.cooperation.samples.models import Collection, Custody, Parentage, Split, Weighing
from moonbridge.cooperation.samples.rules.ledger import is_curator
from moonbridge.engines.ledger.accounts import AccountKind, AccountName
from moonbridge.engines.ledger.genealogy import Descent, Piece, PieceKind, check_contamination, check_count
from moonbridge.engines.ledger.movements import MovementKind
from moonbridge.engines.ledger.naming import Scheme
from moonbridge.errors import InputError, NotAllowed
from moonbridge.ledger import queries as books
from moonbridge.ledger.models import Movement
from moonbridge.ledger.movements import Posting, lock, post
from moonbridge.quantities import SAMPLE_MASS
from moonbridge.record.actions import append, once
from moonbridge.record.queries import database_now

ORIGIN = AccountName(AccountKind.ORIGIN)
PREP_LOSS = AccountName(AccountKind.PREP_LOSS)


@dataclass(frozen=True, slots=True)
class Weighed:
    """What a balance showed: the mass and its standard uncertainty (both in nanograms), on which balance, and who watched."""

    mass: int
    sigma: int | None = None
    kind: str = "measured"
    balance: str = ""
    witness: User | None = None


@dataclass(frozen=True, slots=True)
class Part:
    """A piece to be made of another: what it weighs, what it is, how many sections, how clean."""

    weighed: Weighed
    kind: PieceKind = PieceKind.SPLIT
    pieces: int = 1
    contamination: int | None = None
    description: str = ""


def store(split: Split) -> AccountName:
    """Return the account of a piece in store."""
    return AccountName(AccountKind.STORE, split.name)


@transaction.atomic
def open_collection(
    slug: str, *, name: str, agency: Partner, mission: Mission | None = None, material: str = "", source: str = "",
    synthetic: bool = False, by: User | None = None,
) -> Collection:  # fmt: skip
    """Return the collection with this slug, opened with a book of its own where there is none yet.

    ``by`` None is the operator at the machine. Raises :class:`NotAllowed` for anybody but a curator of the agency.
    """
    book = books.book(f"samples/{slug}", name=name, quantity=SAMPLE_MASS.name, synthetic=synthetic)
    told = {"name": name, "agency": agency, "mission": mission, "material": material, "source": source, "book": book}
    collection, new = Collection.objects.get_or_create(slug=slug, defaults=told)
    _check_curator(collection, by)
    if new:
        append("open collection", collection.address, {"name": name}, agency=agency.slug, by=by, public=True)
    return collection


def take_in(
    collection: Collection, name: str, *, weighed: Weighed, by: User, command: UUID, material: str = "",
    description: str = "", contamination: int = 0, facts: dict[str, Any] | None = None,
) -> Split:  # fmt: skip
    """Take a sample into a collection under its ``name``, with what it weighed when it arrived."""

    def act() -> str:
        _check_curator(collection, by)
        split = Split.objects.create(
            collection=collection, name=name, kind=PieceKind.SAMPLE.value, material=material, description=description,
            contamination=contamination, facts=facts or {},
        )  # fmt: skip
        legs = {ORIGIN: -weighed.mass, store(split): weighed.mass}
        post(Posting(uuid5(command, "intake"), MovementKind.INTAKE, collection.book, legs, by=by))
        _write_weighing(split, weighed, by)
        return str(split.pk)

    asked = {"collection": collection.slug, "name": name, "mass": str(weighed.mass)}
    return Split.objects.get(pk=once(command, "samples.take-in", asked, act, by=by))


def divide(
    parent: Split,
    parts: Sequence[Part],
    *,
    naming: Scheme,
    by: User,
    command: UUID,
    loss: int = 0,
    descent: Descent = Descent.SPLIT,
) -> list[Split]:
    """Make pieces of ``parent`` and weigh them; what the weighings leave open of the whole stays in the parent.

    ``loss`` (nanograms) is the dust that sawing cost. The pieces are named by ``naming``. Raises
    :class:`~moonbridge.engines.ledger.movements.NotEnough` where the parts weigh more than is free in the parent.
    """

    def act() -> list[str]:
        collection = parent.collection
        _check_curator(collection, by)
        lock(collection.book, [store(parent)])
        whole = Split.objects.select_for_update().get(pk=parent.pk)
        made = _pieces(whole, parts, naming, descent)
        movement = uuid5(command, "split")
        legs = {store(piece): part.weighed.mass for piece, part in zip(made, parts, strict=True)}
        legs |= {PREP_LOSS: loss} if loss else {}
        legs[store(whole)] = -sum(legs.values())
        post(Posting(movement, MovementKind.SPLIT, collection.book, legs, by=by))
        _write_descent(whole, made, descent, movement)
        for piece, part in zip(made, parts, strict=True):
            _write_weighing(piece, part.weighed, by)
        return [str(piece.pk) for piece in made]

    asked = {"parent": str(parent.pk), "parts": [str(part.weighed.mass) for part in parts], "loss": str(loss)}
    keys: list[str] = once(command, "samples.divide", asked, act, by=by)
    found = {str(piece.pk): piece for piece in Split.objects.filter(pk__in=keys)}
    return [found[key] for key in keys]


def weigh(split: Split, weighed: Weighed, *, by: User, at: datetime | None = None) -> Weighing:
    """Write down what a balance showed; the books move only when somebody reconciles."""
    _check_curator(split.collection, by)
    return _write_weighing(split, weighed, by, at)


@transaction.atomic
def take_custody(
    split: Split, *, custodian: str, by: User, reason: str = "", partner: Partner | None = None
) -> Custody:
    """Make ``custodian`` answer for a piece from now on; whoever did before ceases to at the same instant."""
    _check_curator(split.collection, by)
    return hand_over(split, custodian, reason=reason, partner=partner)


def _check_curator(collection: Collection, by: User | None) -> None:
    if by is not None and not is_curator(by, collection):
        raise NotAllowed(_("Only a curator of this collection can do this."))


def _pieces(whole: Split, parts: Sequence[Part], naming: Scheme, descent: Descent) -> list[Split]:
    if not parts:
        raise InputError(_("Say at least one piece that is made."), field="parts")
    counted = Piece(whole.name, PieceKind(whole.kind), pieces=whole.pieces)
    if descent is Descent.SPLIT:
        check_count(counted, [Piece("", part.kind, pieces=part.pieces) for part in parts])
    generic = f"{naming.generic(whole.name)}{naming.separator}"
    taken = Split.objects.filter(collection=whole.collection, name__startswith=generic).values_list("name", flat=True)
    names = naming.next(whole.name, taken, len(parts))
    return Split.objects.bulk_create(_piece(whole, name, part) for name, part in zip(names, parts, strict=True))


def _piece(whole: Split, name: str, part: Part) -> Split:
    contamination = whole.contamination if part.contamination is None else part.contamination
    check_contamination(contamination, [whole.contamination])
    return Split(
        collection=whole.collection, name=name, kind=part.kind.value, material=whole.material, description=part.description,
        nominal=part.weighed.kind == "nominal", pieces=part.pieces, contamination=contamination,
    )  # fmt: skip


def _write_descent(whole: Split, made: Sequence[Split], descent: Descent, movement: UUID) -> None:
    moved = Movement(pk=movement)
    Parentage.objects.bulk_create(
        Parentage(child=piece, parent=whole, kind=descent.value, movement=moved) for piece in made
    )


def _write_weighing(split: Split, weighed: Weighed, by: User, at: datetime | None = None) -> Weighing:
    return Weighing.objects.create(
        split=split, kind=weighed.kind, mass=weighed.mass, sigma=weighed.sigma, balance=weighed.balance, operator=by,
        witness=weighed.witness, weighed_at=at or database_now(),
    )  # fmt: skip
