"""Bring whole collections in as they are, faults included: nothing is smoothed, and every fault names its source row.

Every movement's id follows from the collection and the row, so an import that was interrupted is simply repeated, and one that is
repeated changes nothing.
"""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from itertools import batched
from typing import Final
from uuid import NAMESPACE_URL, UUID, uuid5

import orjson
from django.db import connection, transaction
from django.utils.text import slugify

from moonbridge.cooperation.programmes.models import Partner
from moonbridge.cooperation.samples.actions.keeping import ORIGIN, open_collection
from moonbridge.cooperation.samples.models import Collection, Split
from moonbridge.engines.ledger.accounts import SURPLUS, AccountKind, AccountName
from moonbridge.engines.ledger.genealogy import Descent, PieceKind
from moonbridge.engines.ledger.movements import Movement, MovementKind
from moonbridge.engines.ledger.synthetic import MadePiece
from moonbridge.formats.specimens import Specimen
from moonbridge.ledger.movements import Posting, post_all

AT_ONCE: Final = 5_000
"""Movements in one transaction: enough to be quick, few enough that others soon get at the accounts that all of them touch."""
TAKEN: Final = "taken from"
"""The label of the part of a sample that its source does not count as remaining; where it is now, the source does not say."""

_PIECES: Final = """
INSERT INTO samples_split (id, collection_id, name, kind, description, material, nominal, pieces, contamination, facts)
SELECT id, %(collection)s, name, kind, description, material, false, 1, contamination, '{}'
FROM jsonb_to_recordset(%(told)s::jsonb) AS told(
    id uuid, name text, kind text, description text, material text, contamination smallint
) ON CONFLICT DO NOTHING
"""
_DESCENT: Final = """
INSERT INTO samples_parentage (child_id, parent_id, kind)
SELECT id, parent, %(kind)s FROM jsonb_to_recordset(%(told)s::jsonb) AS told(id uuid, parent uuid) WHERE parent IS NOT NULL
ON CONFLICT DO NOTHING
"""
"""How many pieces are written at once, without a model for each."""


@dataclass
class Imported:
    """What an import brought in: collections, samples, nanograms, and the rows that state nothing or too much."""

    collections: list[str] = field(default_factory=list)
    samples: int = 0
    mass: int = 0
    empty: list[Specimen] = field(default_factory=list)
    impossible: list[Specimen] = field(default_factory=list)
    movements: int = 0


def import_specimens(rows: Iterable[Specimen], *, agency: Partner, prefix: str, source: str) -> Imported:
    """Bring a list of samples in: one collection and one book for each mission, ``prefix`` before its slug.

    A row without mass is reported and becomes a piece without amount. Of a row that states more than 100 % remaining the
    mass comes in as weighed, and the excess is posted from the origin's surplus to an ADJUST account that names the row.
    """
    told, by_mission = Imported(), defaultdict[str, list[Specimen]](list)
    for row in rows:
        by_mission[row.mission].append(row)
    for mission, specimens in by_mission.items():
        slug = f"{prefix}-{slugify(mission)}"
        collection = open_collection(slug, name=f"{mission} ({prefix})", agency=agency, source=source)
        told.collections.append(slug)
        _bring(collection, specimens, told)
    return told


def _bring(collection: Collection, specimens: Sequence[Specimen], told: Imported) -> None:
    pieces = [
        Split(
            collection=collection, name=row.number, kind=PieceKind.SAMPLE.value, material=row.material, description=row.description,
            facts={"source_row": row.line},
        )
        for row in specimens
    ]  # fmt: skip
    Split.objects.bulk_create(pieces, ignore_conflicts=True, batch_size=2_000)
    told.movements += carry_in(collection, (posting for row in specimens for posting in _postings(collection, row)))
    told.samples += len(specimens)
    told.mass += sum(row.mass or 0 for row in specimens)
    told.empty += [row for row in specimens if row.is_empty]
    told.impossible += [row for row in specimens if row.is_impossible]


def _postings(collection: Collection, row: Specimen) -> Iterator[Posting]:
    facts = {"source_row": row.line}
    whole = AccountName(AccountKind.STORE, row.number)
    if row.mass:
        legs = {ORIGIN: -row.mass, whole: row.mass}
        yield Posting(_id(collection, row, "intake"), MovementKind.INTAKE, collection.book, legs, facts=facts)
    if row.mass and row.remaining is not None and row.remaining < row.mass:
        taken = row.mass - row.remaining
        rest = AccountName(AccountKind.STORE, f"{TAKEN} {row.number}")
        yield Posting(
            _id(collection, row, "taken"),
            MovementKind.SPLIT,
            collection.book,
            {whole: -taken, rest: taken},
            facts=facts,
        )
    if row.excess:
        adjust = AccountName(AccountKind.ADJUST, f"source row {row.line}")
        reason = f"Source row {row.line}: {row.number} is stated as {row.stated_percent} % remaining."
        legs = {SURPLUS: -row.excess, adjust: row.excess}
        yield Posting(
            _id(collection, row, "excess"), MovementKind.ADJUST, collection.book, legs, reason=reason, facts=facts
        )


def import_pieces(collection: Collection, pieces: Iterable[MadePiece], movements: Iterable[Movement]) -> int:
    """Bring a collection in that comes with its genealogy and its movements; return how many movements are new."""
    for some in batched(pieces, 5_000):
        _write_pieces(collection, some)
    return carry_in(collection, (_posting(collection, movement) for movement in movements))


def _posting(collection: Collection, movement: Movement) -> Posting:
    """Return the movement as one of this collection: its ids follow from the collection's and its own."""
    number, reservation, corrects = (
        uuid5(collection.pk, each.hex) if each else None
        for each in (movement.id, movement.reservation, movement.corrects)
    )
    legs = {leg.account: leg.amount for leg in movement.legs}
    return Posting(
        number or movement.id,
        movement.kind,
        collection.book,
        legs,
        movement.reason,
        reservation=reservation,
        corrects=corrects,
    )


def carry_in(collection: Collection, postings: Iterable[Posting]) -> int:
    """Post many movements in batches, each its own transaction; return how many are new."""
    return sum(post_all(collection.book, some) for some in batched(postings, AT_ONCE))


@transaction.atomic
def _write_pieces(collection: Collection, pieces: Sequence[MadePiece]) -> None:
    told = [
        {
            "id": _piece_id(collection, piece.name), "parent": _piece_id(collection, piece.parent) if piece.parent else None,
            "name": piece.name, "kind": piece.kind, "material": piece.material, "description": piece.description,
            "contamination": piece.contamination,
        }
        for piece in pieces
    ]  # fmt: skip
    with connection.cursor() as cursor:
        cursor.execute(_PIECES, {"collection": collection.pk, "told": orjson.dumps(told).decode()})
        cursor.execute(_DESCENT, {"kind": Descent.SPLIT.value, "told": orjson.dumps(told).decode()})


def _piece_id(collection: Collection, name: str) -> UUID:
    return uuid5(NAMESPACE_URL, f"{collection.address}/{name}")


def _id(collection: Collection, row: Specimen, what: str) -> UUID:
    return uuid5(NAMESPACE_URL, f"{collection.address}/row/{row.line}/{what}")
