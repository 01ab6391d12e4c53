"""What a curator does with the pieces of a collection: take in, divide, weigh, hand to a custodian."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final
from uuid import UUID, uuid5

from django.db import transaction
from django.utils.translation import gettext as _

from moonbridge.accounts.models import User
from moonbridge.cooperation.programmes.models import Mission, Partner
from moonbridge.cooperation.samples.actions.custody import hand_over
from moonbridge.cooperation.samples.models import Collection, Custody, Parentage, Split, Weighing
from moonbridge.cooperation.samples.names import create, free_names
from moonbridge.cooperation.samples.rules.ledger import is_curator
from moonbridge.engines.ledger.accounts import AccountKind, AccountName, Balance
from moonbridge.engines.ledger.genealogy import (
    COUNTED,
    Descent,
    Piece,
    PieceKind,
    check_contamination,
    check_count,
    kind_of_part,
)
from moonbridge.engines.ledger.movements import MovementKind, NotEnough
from moonbridge.engines.ledger.naming import Scheme
from moonbridge.errors import InputError, NotAllowed, Refused
from moonbridge.ledger import queries as books
from moonbridge.ledger.models import Movement
from moonbridge.ledger.movements import Posting, lock, post
from moonbridge.quantities import SAMPLE_MASS
from moonbridge.record.actions import append, once
from moonbridge.record.queries import database_now

ORIGIN = AccountName(AccountKind.ORIGIN)
PREP_LOSS = AccountName(AccountKind.PREP_LOSS)
MADE_BY: Final = {PieceKind.THIN_SECTION: Descent.THIN_SECTION, PieceKind.MOUNT: Descent.MOUNT}
"""How what is made of a piece came from it, where it is no split."""


@dataclass(frozen=True, slots=True)
class Weighed:
    """What a balance showed: the mass and its standard uncertainty (both in nanograms), on which balance, and who watched.

    Of what is ``bounded`` no more is known than that it lies between ``least`` and ``mass``; a book that has nothing to compare it with
    takes ``mass``.
    """

    mass: int
    sigma: int | None = None
    kind: str = "measured"
    balance: str = ""
    witness: User | None = None
    least: int | None = None

    @property
    def told(self) -> list[str | None]:
        """As JSON: the content of a command."""
        witness = str(self.witness.pk) if self.witness else None
        bounds = [] if self.least is None else [str(self.least)]
        return [
            str(self.mass),
            None if self.sigma is None else str(self.sigma),
            self.kind,
            self.balance,
            witness,
            *bounds,
        ]


@dataclass(frozen=True, slots=True)
class Part:
    """A piece to be made of another: what it weighs, what it is, how many sections, how clean; without a ``name`` it gets the next one."""

    weighed: Weighed
    kind: PieceKind = PieceKind.SPLIT
    pieces: int = 1
    contamination: int | None = None
    description: str = ""
    name: str = ""


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
    require_curator(collection, by)
    if new:
        append("open collection", collection.address, {"name": name}, agency=agency.slug, by=by, public=True)
    return collection


def take_in(
    collection: Collection, name: str, *, weighed: Weighed, by: User, command: UUID, material: str = "",
    description: str = "", contamination: int = 0, facts: dict[str, Any] | None = None,
) -> Split:  # fmt: skip
    """Take a sample into a collection under its ``name``, with what it weighed when it arrived."""

    def act() -> str:
        require_curator(collection, by)
        split = Split(
            collection=collection, name=name, kind=PieceKind.SAMPLE.value, material=material, description=description,
            contamination=contamination, facts=facts or {},
        )  # fmt: skip
        create(lambda: [split], chosen={name})
        legs = {ORIGIN: -weighed.mass, store(split): weighed.mass}
        post(Posting(uuid5(command, "intake"), MovementKind.INTAKE, collection.book, legs, by=by))
        write_weighing(split, weighed, by)
        return str(split.pk)

    asked: dict[str, Any] = {
        "collection": collection.slug,
        "name": name,
        "material": material,
        "description": description,
    }
    asked |= {"contamination": contamination, "facts": facts or {}, "weighed": weighed.told}
    return Split.objects.get(pk=once(command, "samples.take-in", asked, act, by=by))


def divide(
    parent: Split, parts: Sequence[Part], *, naming: Scheme, by: User, command: UUID, loss: int = 0
) -> list[Split]:
    """Make pieces of ``parent`` and weigh them; what the weighings leave open of the whole stays in the parent.

    ``loss`` (nanograms) is the dust that sawing cost. Pieces without a name of their own are named by ``naming``. Sections and mounts
    that are divided go into the parts as a whole: as many as they were, and all their mass. Raises
    :class:`~moonbridge.engines.ledger.movements.NotEnough` where the parts weigh more than is free in the parent.
    """

    def act() -> list[str]:
        collection = parent.collection
        require_curator(collection, by)
        lock(collection.book, [store(parent)])
        whole = Split.objects.select_for_update().get(pk=parent.pk)
        _check_parts(whole, books.balance(collection.book, store(whole)), parts, loss)
        made = _pieces(whole, parts, naming)
        movement = uuid5(command, "split")
        legs = {store(piece): part.weighed.mass for piece, part in zip(made, parts, strict=True)}
        legs |= {PREP_LOSS: loss} if loss else {}
        legs[store(whole)] = -sum(legs.values())
        post(Posting(movement, MovementKind.SPLIT, collection.book, legs, by=by))
        _write_descent(whole, made, movement)
        for piece, part in zip(made, parts, strict=True):
            write_weighing(piece, part.weighed, by)
        return [str(piece.pk) for piece in made]

    asked = {"parent": str(parent.pk), "parts": [_told(part) for part in parts], "loss": str(loss)}
    keys: list[str] = once(command, "samples.divide", asked, act, by=by)
    found = {str(piece.pk): piece for piece in Split.objects.filter(pk__in=keys)}
    return [found[key] for key in keys]


def weigh(split: Split, weighed: Weighed, *, by: User, at: datetime | None = None) -> Weighing:
    """Write down what a balance showed; the books move only when somebody reconciles."""
    require_curator(split.collection, by)
    return write_weighing(split, weighed, by, at)


@transaction.atomic
def take_custody(
    split: Split, *, custodian: str, by: User, reason: str = "", partner: Partner | None = None
) -> Custody:
    """Make ``custodian`` answer for a piece from now on; whoever did before ceases to at the same instant."""
    require_curator(split.collection, by)
    return hand_over(split, custodian, reason=reason, partner=partner)


def require_curator(collection: Collection, by: User | None) -> None:
    """Refuse whoever is no curator of the collection; None is the operator at the machine."""
    if by is not None and not is_curator(by, collection):
        raise NotAllowed(_("Only a curator of this collection can do this."))


def require_free(split: Split, held: Balance, asked: int) -> None:
    """Raise :class:`NotEnough` in words unless ``asked`` nanograms of what a piece has in store are free."""
    if asked > held.free:
        told = {
            name: SAMPLE_MASS.text(mass) for name, mass in (("free", held.free), ("asked", asked), ("held", held.held))
        }
        sentence = _(
            "%(name)s has %(free)s free and %(held)s set aside for loans; %(asked)s was asked. Take less, or weigh it anew if it is more."
        )
        raise NotEnough(sentence % (told | {"name": split.name}), piece=split.name, **told)


def _check_parts(whole: Split, held: Balance, parts: Sequence[Part], loss: int) -> None:
    if not parts or loss < 0 or any(part.weighed.mass <= 0 for part in parts):
        raise InputError(_("Say at least one piece that is made, and what each weighs."), field="parts")
    counted = Piece(whole.name, PieceKind(whole.kind), pieces=whole.pieces)
    check_count(counted, [Piece("", part.kind, pieces=part.pieces) for part in parts])
    asked = sum(part.weighed.mass for part in parts) + loss
    require_free(whole, held, asked)
    if whole.kind in COUNTED and asked != held.amount:
        raise Refused(
            _("Sections and mounts are divided as a whole: %(left)s of %(name)s would be left without a section.")
            % {"left": SAMPLE_MASS.text(held.amount - asked), "name": whole.name},
            left=SAMPLE_MASS.text(held.amount - asked),
        )


def _pieces(whole: Split, parts: Sequence[Part], naming: Scheme) -> list[Split]:
    """Return the new pieces, written down."""

    def drawn() -> list[Split]:
        names = _names(whole, parts, naming)
        return [_piece(whole, name, part) for name, part in zip(names, parts, strict=True)]

    return create(drawn, chosen={part.name for part in parts})


def _names(whole: Split, parts: Sequence[Part], naming: Scheme) -> list[str]:
    """Return the name of each part: its own, or the next free ones."""
    given = [part.name for part in parts if part.name]
    following = iter(free_names(whole, naming, len(parts) - len(given), besides=given))
    return [part.name or next(following) for part in parts]


def _piece(whole: Split, name: str, part: Part) -> Split:
    contamination = whole.contamination if part.contamination is None else part.contamination
    check_contamination(contamination, [whole.contamination])
    return Split(
        collection=whole.collection, name=name, kind=kind_of_part(PieceKind(whole.kind), part.kind).value, material=whole.material,
        description=part.description,
        nominal=part.weighed.kind == "nominal", pieces=part.pieces, contamination=contamination, facts=_facts(whole, part.kind),
    )  # fmt: skip


def _facts(whole: Split, kind: PieceKind) -> dict[str, Any]:
    """Return what holds for a part as for the whole: for what it is kept, and its form unless it becomes a section or a mount."""
    kept = {"kept_for"} if kind in COUNTED and whole.kind not in COUNTED else {"kept_for", "form"}
    return {name: value for name, value in whole.facts.items() if name in kept}


def _told(part: Part) -> list[object]:
    """Return a part as JSON: the content of a command."""
    return [part.weighed.told, part.kind.value, part.pieces, part.contamination, part.description, part.name]


def _write_descent(whole: Split, made: Sequence[Split], movement: UUID) -> None:
    """Write down what was made of what; the parts of a counted piece are what it was, only fewer."""
    kinds = {} if whole.kind in COUNTED else MADE_BY
    moved = Movement(pk=movement)
    Parentage.objects.bulk_create(
        Parentage(child=piece, parent=whole, kind=kinds.get(PieceKind(piece.kind), Descent.SPLIT).value, movement=moved)
        for piece in made
    )


def write_weighing(split: Split, weighed: Weighed, by: User, at: datetime | None = None) -> Weighing:
    """Write down what a balance showed; who may do this, the caller has checked."""
    return Weighing.objects.create(
        split=split, kind=weighed.kind, mass=weighed.mass, sigma=weighed.sigma, least=weighed.least, balance=weighed.balance,
        operator=by, witness=weighed.witness, weighed_at=at or database_now(),
    )  # fmt: skip
