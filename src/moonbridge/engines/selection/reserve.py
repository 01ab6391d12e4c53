"""After the decision: who comes in when a selected payload is lost, and in which order the reserve stands."""

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, replace
from enum import StrEnum

from moonbridge.engines.selection.optimum import optimum
from moonbridge.engines.selection.result import Result
from moonbridge.engines.selection.rules import Fixed, include, leave_out
from moonbridge.engines.selection.solver import Effort
from moonbridge.errors import Infeasible

_KEPT = "selected before the loss"


class Repair(StrEnum):
    """How a portfolio is repaired."""

    BEST_MERIT = "best merit"
    """Choose anew without the lost payload; others may lose their place."""
    LEAST_CHANGE = "least change"
    """Everybody who remains keeps the place and the option; only what became free is given away."""


@dataclass(frozen=True)
class ReserveList:
    """For each possible loss the proposals that would come in; ``order`` ranks them over all losses.

    ``irreparable`` are the losses after which no portfolio keeps all rules while everybody else keeps the place.
    """

    replacements: Mapping[str, tuple[str, ...]]
    order: tuple[str, ...]
    irreparable: frozenset[str] = frozenset()


def repaired(result: Result, *lost: str, repair: Repair, effort: Effort = Effort()) -> Result:  # noqa: B008 - frozen
    """Return the best portfolio after the loss of selected proposals.

    Raises Infeasible if no portfolio without them keeps the rules (after a least change, perhaps another one does).
    """
    problem = result.problem
    decided = [rule for rule in problem.rules if isinstance(rule, Fixed) and rule.proposal in lost]
    rules = [leave_out(proposal, reason="lost after selection") for proposal in lost]
    if repair is Repair.LEAST_CHANGE:
        remaining = ((proposal, option) for proposal, option in result.choices.items() if proposal not in lost)
        rules += [include(proposal, reason=_KEPT, option=option) for proposal, option in remaining]
    return optimum(problem.without_rules(*decided).with_rules(*rules), effort=effort)


def reserve_list(result: Result, *, effort: Effort = Effort()) -> ReserveList:  # noqa: B008 - frozen
    """Return who would come in for each possible single loss if everybody else keeps the place.

    The order puts first who would come in for most losses; then who has more merit; then who stands first in the call.
    """
    found = {lost: _coming_in(result, lost, effort) for lost in result.choices}
    replacements = {lost: coming or () for lost, coming in found.items()}
    times = Counter(proposal for coming in replacements.values() for proposal in coming)
    best = {p.id: max(option.merit for option in p.options) for p in result.problem.proposals}
    order = sorted((p.id for p in result.problem.proposals if times[p.id]), key=lambda p: (-times[p], -best[p]))
    irreparable = frozenset(lost for lost, coming in found.items() if coming is None)
    return ReserveList(replacements, tuple(order), irreparable)


def _coming_in(result: Result, lost: str, effort: Effort) -> tuple[str, ...] | None:
    """Return who comes in after a loss; None if the others cannot all stay."""
    try:
        # Which rules stand against it is not asked here.
        after = repaired(result, lost, repair=Repair.LEAST_CHANGE, effort=replace(effort, naming_limit=0))
    except Infeasible:
        return None
    return tuple(proposal for proposal in after.choices if proposal not in result.choices)
