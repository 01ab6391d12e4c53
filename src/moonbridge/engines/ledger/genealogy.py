"""Where pieces come from: an acyclic graph in which contamination only rises and counted pieces stay as many as they were."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from graphlib import CycleError, TopologicalSorter

from moonbridge.errors import Refused


class PieceKind(StrEnum):
    """What a piece is."""

    SAMPLE = "sample"
    SPLIT = "split"
    THIN_SECTION = "thin-section"
    MOUNT = "mount"
    MIXTURE = "mixture"
    RESIDUE = "residue"


class Descent(StrEnum):
    """How a piece came from another."""

    SPLIT = "split"
    THIN_SECTION = "thin-section"
    MOUNT = "mount"
    MIXTURE = "mixture"
    RESIDUE = "residue"
    RENUMBERING = "renumbering"


COUNTED = frozenset({PieceKind.THIN_SECTION, PieceKind.MOUNT})
"""Pieces with a nominal mass, which are counted."""


class BrokenDescent(Refused):
    """A piece that would descend from itself, be cleaner than what it is made of, or change a count."""

    code = "broken-descent"


@dataclass(frozen=True, slots=True)
class Piece:
    """A piece: its contamination class (0 is cleanest), how many sections or mounts it is, and the pieces it is made of."""

    name: str
    kind: PieceKind
    contamination: int = 0
    pieces: int = 1
    parents: frozenset[str] = field(default_factory=frozenset)


def kind_of_part(whole: PieceKind, part: PieceKind) -> PieceKind:
    """Return what a ``part`` of a ``whole`` is: a piece of a residue is altered material as well."""
    return PieceKind.RESIDUE if whole is PieceKind.RESIDUE and part is PieceKind.SPLIT else part


def check_contamination(child: int, parents: Iterable[int]) -> None:
    """Raise :class:`BrokenDescent` where a ``child`` claims a cleaner class than one of its ``parents``."""
    dirtiest = max(parents, default=0)
    if child < dirtiest:
        raise BrokenDescent(
            f"What is made of class {dirtiest} cannot be of class {child}.", child=child, parents=dirtiest
        )


def check_count(whole: Piece, parts: Iterable[Piece]) -> None:
    """Raise :class:`BrokenDescent` unless counted ``parts`` of a counted ``whole`` are together as many as it was."""
    if whole.kind not in COUNTED:
        return
    together = sum(part.pieces for part in parts)
    if together != whole.pieces:
        raise BrokenDescent(
            f"{whole.name} is {whole.pieces} pieces; its parts are {together}.", whole=whole.pieces, parts=together
        )


def check_genealogy(pieces: Mapping[str, Piece]) -> tuple[str, ...]:
    """Check a whole collection and return the names with parents before children.

    Raises :class:`BrokenDescent` naming a circle, or the first piece that is cleaner than what it is made of.
    """
    try:
        order = tuple(TopologicalSorter({name: piece.parents for name, piece in pieces.items()}).static_order())
    except CycleError as error:
        raise BrokenDescent("A piece descends from itself.", circle=[str(name) for name in error.args[1]]) from None
    for piece in pieces.values():
        check_contamination(piece.contamination, (pieces[parent].contamination for parent in piece.parents))
    return order
