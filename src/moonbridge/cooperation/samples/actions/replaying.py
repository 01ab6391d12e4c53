"""Replay a published release: what an agency announced that it gave, as movements of a book that closes to the nanogram.

Only totals are published; the single pieces and their numbers are not, and none are made up: one piece stands for all sections of a
release, one for its clasts, one for its powder. Every id follows from the release, so that a replay that is repeated changes nothing.
"""

from dataclasses import dataclass, field
from typing import Final
from uuid import UUID, uuid5

from django.db import transaction

from moonbridge.cooperation.programmes.models import Partner
from moonbridge.cooperation.samples.actions.importing import carry_in
from moonbridge.cooperation.samples.actions.keeping import ORIGIN, open_collection, store
from moonbridge.cooperation.samples.models import Collection, Parentage, Split
from moonbridge.engines.ledger.genealogy import Descent, PieceKind
from moonbridge.engines.ledger.movements import MovementKind
from moonbridge.errors import InputError
from moonbridge.formats.catalogue import Amount, SampleBatch
from moonbridge.ledger.movements import Posting
from moonbridge.quantities import SAMPLE_MASS

WHOLE: Final = "given_mass"
PARTS: Final = {
    "sections": PieceKind.THIN_SECTION,
    "clasts": PieceKind.SAMPLE,
    "powder": PieceKind.SAMPLE,
}
"""What a release consists of; the catalogue says ``given_<part>_mass`` and, where it is published, how many: ``given_<part>``."""


@dataclass
class Replayed:
    """A release in the books: its collection, what was given in all and of each part (nanograms), and the movements that are new."""

    collection: Collection
    mass: int
    parts: dict[str, int] = field(default_factory=dict)
    movements: int = 0


def replay(batch: SampleBatch, *, agency: Partner) -> Replayed:
    """Book a release of the catalogue in a collection of its own.

    Raises :class:`InputError` where its parts are not published, or do not add up to what was given.
    """
    masses = {claim.field: claim.value.base for claim in batch.claims if isinstance(claim.value, Amount)}
    counts = {claim.field: claim.value for claim in batch.claims if isinstance(claim.value, int)}
    parts = {part: masses[f"given_{part}_mass"] for part in PARTS if f"given_{part}_mass" in masses}
    whole = masses.get(WHOLE)
    if whole is None or sum(parts.values()) != whole:
        said = SAMPLE_MASS.text(whole, "g") if whole is not None else "unknown"
        raise InputError(
            f"{batch.name}: given {said}, of which parts of {SAMPLE_MASS.text(sum(parts.values()), 'g')} are published; only a "
            "release whose parts add up can be replayed"
        )
    collection = open_collection(
        f"release-{batch.slug}", name=batch.name, agency=agency, source=f"catalogue: batch/{batch.slug}"
    )
    told = Replayed(collection, whole, parts)
    _write(told, batch, counts)
    return told


@transaction.atomic
def _write(told: Replayed, batch: SampleBatch, counts: dict[str, int]) -> None:
    collection = told.collection
    whole = _piece(collection, batch.slug, PieceKind.SAMPLE, "the whole release, as published")
    intake = Posting(
        _id(whole, "intake"), MovementKind.INTAKE, collection.book, {ORIGIN: -told.mass, store(whole): told.mass}
    )
    legs = {store(whole): -told.mass}
    for part, mass in told.parts.items():
        many = counts.get(f"given_{part}")
        piece = _piece(
            collection, f"{batch.slug}/{part}", PARTS[part], f"{many or 'an unpublished number of'} {part} together"
        )
        Parentage.objects.get_or_create(child=piece, parent=whole, defaults={"kind": Descent.SPLIT.value})
        legs[store(piece)] = mass
    split = Posting(_id(whole, "split"), MovementKind.SPLIT, collection.book, legs, reason="as published")
    told.movements = carry_in(collection, [intake, split])


def _piece(collection: Collection, name: str, kind: PieceKind, description: str) -> Split:
    told = {"kind": kind.value, "material": name.rpartition("/")[2], "description": description}
    return Split.objects.get_or_create(collection=collection, name=name, defaults=told)[0]


def _id(whole: Split, step: str) -> UUID:
    return uuid5(whole.pk, step)
