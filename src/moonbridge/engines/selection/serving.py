"""The best portfolio by merit alone, tier after tier, and what it takes to keep what it is worth.

This is the published order (:mod:`~moonbridge.engines.selection.optimum`) without the draw: whoever asks for the frontier or
for all portfolios that are as good wants to know what *can* be reached, not what the draw would take.
"""

from collections.abc import Sequence
from dataclasses import dataclass

from moonbridge.engines.selection.optimum import in_stages
from moonbridge.engines.selection.program import Program, Row, Terms
from moonbridge.engines.selection.search import search
from moonbridge.engines.selection.solver import Effort, Settled, value_of


@dataclass(frozen=True, slots=True)
class Served:
    """Values that nothing beats (None: there is none, or none was found) and whether that is proven.

    ``rows`` and ``settled`` hold for every portfolio that is as good in all tiers; ``alone`` says that there is no other.
    """

    values: tuple[int, ...] | None
    proven: bool
    alone: bool
    rows: tuple[Row, ...]
    settled: Settled


def served(program: Program, objectives: Sequence[Terms], rows: Sequence[Row] = (), *, effort: Effort) -> Served:
    """Return the best solution of ``program`` and further ``rows`` by ``objectives``, each of which counts before all that follow.

    They are searched as many together as fit into one search; without any objective nothing is searched.
    """
    best = Served(None, proven=True, alone=False, rows=(), settled={})
    for stage in in_stages(objectives):
        packed = stage.packed
        found = search(
            program, packed, (*rows, *best.rows), effort=effort, settled=best.settled, hint=best.values or ()
        )
        if found.values is None or not found.proven:
            return Served(found.values, found.proven, alone=False, rows=best.rows, settled=best.settled)
        least = value_of(packed, found.values)
        settled = {**best.settled, **found.relaxation.settled(least)}
        rows_kept = (*best.rows, Row(packed, low=least))
        best = Served(found.values, proven=True, alone=found.alone, rows=rows_kept, settled=settled)
        if found.alone:
            break
    return best
