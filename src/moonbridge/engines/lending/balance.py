"""Does a line of a loan add up: issued = on hand + transferred + consumed + returned, by mass."""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum


class Disposition(StrEnum):
    """What was agreed to happen with a line of a loan."""

    INTACT = "intact"
    REMAINDER = "remainder"
    CONSUME = "consume"


@dataclass(frozen=True, slots=True)
class Balance:
    """Where the nanograms of a line are, as its borrower states them."""

    issued: int
    on_hand: int = 0
    transferred: int = 0
    consumed: int = 0
    returned: int = 0

    @property
    def accounted(self) -> int:
        """What was stated, all together."""
        return self.on_hand + self.transferred + self.consumed + self.returned

    @property
    def difference(self) -> int:
        """What is missing (positive) or too much (negative)."""
        return self.issued - self.accounted

    def breaches(self, disposition: Disposition) -> tuple[str, ...]:
        """Return which parts go against what was agreed: material that should come back intact is neither consumed nor passed on."""
        spent: Mapping[str, int] = {"consumed": self.consumed, "transferred": self.transferred}
        return tuple(name for name, mass in spent.items() if mass) if disposition == Disposition.INTACT else ()
