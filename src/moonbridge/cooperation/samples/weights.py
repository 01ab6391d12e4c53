"""What a balance showed, line by line."""

from collections.abc import Mapping
from dataclasses import dataclass
from uuid import UUID


@dataclass(frozen=True, slots=True)
class Weight:
    """What a balance showed, and its standard uncertainty, in nanograms; where only bounds are known ``mass`` is above ``least``."""

    mass: int
    sigma: int
    least: int | None = None

    @property
    def told(self) -> list[str]:
        """As JSON: the content of a command."""
        return [str(self.mass), str(self.sigma), *([] if self.least is None else [str(self.least)])]


type Weights = Mapping[UUID, Weight]
"""What was weighed, by line. Pieces with a nominal mass are not weighed and may be left out."""


def as_json(weights: Weights) -> dict[str, list[str]]:
    """Return weights as JSON: the content of a command."""
    return {str(key): one.told for key, one in weights.items()}
