"""Many requests at once: what a sample can give is an envelope, and the selection engine chooses.

Each split that is asked for is an element of the selection problem with one resource, its mass in nanograms; the reserve floor is what
is held back of it. A request is a proposal: its full version, and where the team named one a smaller version that is worth less.
"""

from collections.abc import Iterable
from dataclasses import dataclass, field
from fractions import Fraction
from typing import Final

from moonbridge.engines.lending.fit import Stock
from moonbridge.engines.lending.policy import Policy
from moonbridge.engines.selection.problem import Limit, Option, Problem, Proposal
from moonbridge.quantities import SAMPLE_MASS

FULL: Final = "full"
REDUCED: Final = "reduced"
RESOURCE: Final = "sample mass"


@dataclass(frozen=True, slots=True)
class Asking:
    """A request that the committee found worth ``merit``: nanograms by split, and those of a smaller version (empty: none).

    ``reduced_worth`` is what the smaller version is worth against the full one.
    """

    id: str
    title: str
    merit: Fraction
    masses: dict[str, int]
    reduced: dict[str, int] = field(default_factory=dict)
    reduced_worth: Fraction = Fraction(1, 2)
    synthetic: bool = False


def problem(
    policy: Policy,
    stocks: Iterable[Stock],
    requests: Iterable[Asking],
    *,
    seed: str,
    title: str = "",
) -> Problem:
    """Return the allocation as a selection problem; ``seed`` is the public seed of the draw between equally good ones."""
    limits = (
        Limit(stock.name, RESOURCE, stock.free, reserved=stock.free - stock.available(policy)) for stock in stocks
    )
    return Problem(
        tuple(limits),
        tuple(_proposal(request) for request in requests),
        resources={RESOURCE: SAMPLE_MASS},
        title=title,
        seed=seed,
    )


def _proposal(request: Asking) -> Proposal:
    options = [Option(FULL, request.merit, _demands(request.masses))]
    if request.reduced:
        options.append(Option(REDUCED, request.merit * request.reduced_worth, _demands(request.reduced)))
    return Proposal(request.id, tuple(options), request.title, synthetic=request.synthetic)


def _demands(masses: dict[str, int]) -> dict[tuple[str, str], int]:
    return {(name, RESOURCE): mass for name, mass in masses.items()}
