"""Collections that never were, for trying things out at size: the same for the same seed, and labelled wherever they appear."""

import random
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final
from uuid import UUID

from moonbridge.engines.ledger.accounts import AccountKind, AccountName
from moonbridge.engines.ledger.genealogy import PieceKind
from moonbridge.engines.ledger.movements import Leg, Movement, MovementKind

LABEL: Final = "synthetic"
"""In the description of every piece."""
MATERIALS: Final = ("mare basalt", "regolith", "breccia", "glass")
PER_SAMPLE: Final = 20
"""Pieces that are made of each sample, at most."""
MILLIGRAM: Final = 1_000_000


@dataclass(frozen=True, slots=True)
class MadePiece:
    """A piece of a synthetic collection: its name, what it was made of (empty: a sample), and what it is."""

    name: str
    parent: str
    kind: PieceKind
    material: str
    contamination: int
    description: str = LABEL


@dataclass(frozen=True, slots=True)
class SyntheticCollection:
    """A collection of ``splits`` pieces with the lives of each: taken in, split, reserved, lent, used up, given back."""

    splits: int
    seed: int = 1

    def pieces(self) -> Iterator[MadePiece]:
        """Yield samples before what is made of them."""
        draw = random.Random(self.seed)  # noqa: S311 - reproducible, no secret
        for sample, many in self._samples():
            material, contamination = draw.choice(MATERIALS), draw.randint(0, 2)
            yield MadePiece(sample, "", PieceKind.SAMPLE, material, contamination)
            for number in range(1, many):
                yield MadePiece(f"{sample},{number}", sample, PieceKind.SPLIT, material, contamination)

    def movements(self) -> Iterator[Movement]:
        """Yield what happened to all of them, in an order in which it can have happened."""
        draw = random.Random(self.seed)  # noqa: S311 - reproducible, no secret
        for sample, many in self._samples():
            yield from _life(draw, sample, many)

    def _samples(self) -> Iterator[tuple[str, int]]:
        for number, first in enumerate(range(0, self.splits, PER_SAMPLE)):
            yield f"S{10_000 + number}", min(PER_SAMPLE, self.splits - first)


def _life(draw: random.Random, sample: str, many: int) -> Iterator[Movement]:
    masses = [draw.randint(20, 400) * MILLIGRAM for _ in range(many)]
    whole, dust = AccountName(AccountKind.STORE, sample), draw.randint(1, 50) * 1_000
    origin, loss = AccountName(AccountKind.ORIGIN, sample), AccountName(AccountKind.PREP_LOSS, sample)
    yield _movement(draw, MovementKind.INTAKE, {origin: -(sum(masses) + dust), whole: sum(masses) + dust})
    if many > 1:
        parts = {AccountName(AccountKind.STORE, f"{sample},{number}"): masses[number] for number in range(1, many)}
        yield _movement(draw, MovementKind.SPLIT, {whole: -(sum(masses[1:]) + dust)} | parts | {loss: dust})
    for number in range(1, many):
        yield from _loan(draw, f"{sample},{number}", masses[number])


def _loan(draw: random.Random, piece: str, mass: int) -> Iterator[Movement]:
    """Yield a loan of part of a piece: set aside, sent, partly used up, the rest given back."""
    store, loan, used = (
        AccountName(kind, piece) for kind in (AccountKind.STORE, AccountKind.LOAN, AccountKind.CONSUMED)
    )
    asked = draw.randint(1, mass // MILLIGRAM) * MILLIGRAM
    reserve = _movement(draw, MovementKind.RESERVE, {store: asked})
    yield reserve
    yield _movement(draw, MovementKind.POST, {store: -asked, loan: asked}, reservation=reserve.id)
    share = draw.randint(1, asked)
    yield _movement(draw, MovementKind.CONSUME, {loan: -share, used: share})
    if asked > share and draw.random() < 0.6:  # noqa: PLR2004 - the rest is still out
        yield _movement(draw, MovementKind.RETURN, {loan: share - asked, store: asked - share})


def _movement(
    draw: random.Random, kind: MovementKind, legs: dict[AccountName, int], *, reservation: UUID | None = None
) -> Movement:
    number = UUID(int=draw.getrandbits(128), version=4)
    return Movement(number, kind, tuple(Leg(account, amount) for account, amount in legs.items()), "", reservation)
