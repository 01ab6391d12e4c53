"""What a balance showed, line by line."""

from collections.abc import Mapping
from dataclasses import dataclass
from uuid import UUID


@dataclass(frozen=True, slots=True)
class Weight:
    """What a balance showed, and its standard uncertainty, in nanograms."""

    mass: int
    sigma: int


type Weights = Mapping[UUID, Weight]
"""What was weighed, by line. Pieces with a nominal mass are not weighed and may be left out."""


def as_json(weights: Weights) -> dict[str, list[str]]:
    """Return weights as JSON: the content of a command."""
    return {str(key): [str(one.mass), str(one.sigma)] for key, one in weights.items()}
