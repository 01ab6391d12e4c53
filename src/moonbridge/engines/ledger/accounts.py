"""The accounts of a book: where an amount can be.

Every amount of a book is in exactly one account at any instant. Amounts are whole numbers of the book's base unit (nanograms
for samples, milligrams or milliwatts for the resources of a mission); the sum over all accounts is always zero, since the
ORIGIN account goes as far below zero as all others together are above it.
"""

from dataclasses import dataclass
from enum import StrEnum
from typing import Final


class AccountKind(StrEnum):
    """What an account stands for. Only ORIGIN may be below zero."""

    ORIGIN = "origin"
    """Where amounts come from: the Moon, the envelope of an opportunity."""
    STORE = "store"
    """Kept by the curator (per split), or offered and free (per line of an envelope)."""
    TRANSIT = "transit"
    """On its way (per shipment)."""
    LOAN = "loan"
    """With a borrower (per line of a loan), or granted (per proposal)."""
    RESIDUE = "residue"
    """What an analysis left over."""
    CONSUMED = "consumed"
    """Used up in an analysis."""
    PREP_LOSS = "prep-loss"
    """Dust of sawing, sieving and splitting."""
    LOST = "lost"
    """Missing since an incident; it may be found again."""
    CEDED = "ceded"
    """Given away for good, as a gift or in exchange (per receiver)."""
    ADJUST = "adjust"
    """What a weighing shows and nobody can explain (per weighing)."""


WITHOUT_FLOOR: Final = frozenset({AccountKind.ORIGIN})
"""Kinds whose balance may be below zero."""
HELD_BY_SOMEBODY: Final = frozenset({AccountKind.STORE, AccountKind.TRANSIT, AccountKind.LOAN, AccountKind.RESIDUE})
"""Kinds whose amount is still there to be handed on."""


@dataclass(frozen=True, slots=True, order=True)
class AccountName:
    """An account within a book: its ``kind`` and what it is for (a split, a shipment, a line, an incident ...)."""

    kind: AccountKind
    label: str = ""

    def __str__(self) -> str:
        return f"{self.kind.name}:{self.label}" if self.label else self.kind.name


SURPLUS: Final = AccountName(AccountKind.ORIGIN, "surplus of weighings")
"""What weighings found beyond what was taken in; the intake itself stays as it was weighed."""


@dataclass(frozen=True, slots=True)
class Balance:
    """What an account holds: ``amount`` in base units, of which ``held`` is reserved; ``version`` counts its entries."""

    amount: int = 0
    held: int = 0
    version: int = 0

    @property
    def free(self) -> int:
        """What can be moved or reserved."""
        return self.amount - self.held
