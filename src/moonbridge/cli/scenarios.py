"""What ``moonbridge select`` shows beyond the one portfolio: what if, the frontier, how robust it is, who is in reserve."""

import re
from dataclasses import dataclass, replace

from moonbridge.engines.selection.alternatives import near_optimal
from moonbridge.engines.selection.frontier import Measure, Members, Partners, Unused, frontier
from moonbridge.engines.selection.optimum import optimum
from moonbridge.engines.selection.problem import Limit, Problem, merit_text
from moonbridge.engines.selection.reserve import reserve_list
from moonbridge.engines.selection.result import Result
from moonbridge.engines.selection.robustness import robustness
from moonbridge.engines.selection.rules import exact
from moonbridge.engines.selection.tables import Cells
from moonbridge.errors import InputError

_CHANGE = re.compile(r"^\s*(?P<place>[^+-]+?)\s*(?P<sign>[+-])\s*(?P<amount>.+)$")


@dataclass(frozen=True, slots=True)
class Section:
    """A table below the portfolio: its key in JSON, its title, its column names and its rows."""

    key: str
    title: str
    heading: tuple[str, ...]
    rows: list[Cells]


def what_if(result: Result, changes: list[str]) -> Section:
    """Return the merit and the portfolio for other capacities, one row per change such as ``lander mass+5kg``."""
    rows: list[Cells] = []
    for change in changes:
        other = optimum(_changed(result.problem, change))
        coming = [p for p in other.choices if p not in result.choices]
        going = [p for p in result.choices if p not in other.choices]
        more = merit_text(other.value - result.value)
        rows.append((change, merit_text(other.value), more, ", ".join(coming), ", ".join(going)))
    return Section("what_if", "What if", ("change", "merit", "more", "in", "out"), rows)


def frontier_of(problem: Problem, against: str) -> Section:
    """Return every point of merit against ``partners``, a kind or group of the call, or ``unused ELEMENT RESOURCE``."""
    measure = _measure(problem, against)
    rows: list[Cells] = []
    for point in frontier(problem, measure):
        shown = str(point.measure)
        if isinstance(measure, Unused):
            shown = problem.amount_text((measure.element, measure.resource), point.measure)
        rows.append((shown, merit_text(point.merit), ", ".join(f"{p} ({o})" for p, o in point.choices.items())))
    return Section("frontier", f"Merit against {against}", (against, "merit", "portfolio"), rows)


def robust(result: Result, draws: int, seed: int) -> Section:
    """Return in what part of the draws each proposal is selected, the surest first."""
    found = robustness(result.problem, draws=draws, seed=seed)
    surest = sorted(found.probability.items(), key=lambda item: -item[1])
    rows: list[Cells] = [(p, f"{float(part):.3f}", "selected" if p in result.choices else "") for p, part in surest]
    return Section(
        "robust", f"Selected in {draws} draws of the merits (seed {seed})", ("proposal", "part", "now"), rows
    )


def reserve(result: Result) -> Section:
    """Return who would come in for each possible loss."""
    found = reserve_list(result)
    rows: list[Cells] = [(lost, ", ".join(coming)) for lost, coming in found.replacements.items()]
    order = ", ".join(found.order) or "nobody"
    return Section("reserve", f"Reserve, in this order: {order}", ("if lost", "comes in"), rows)


def alternatives(problem: Problem, within: str) -> Section:
    """Return the portfolios whose merit lies at most ``within`` below the best."""
    found = near_optimal(problem, exact(within, field="--near"))
    rows: list[Cells] = [
        (merit_text(m), ", ".join(f"{p} ({o})" for p, o in c.items()))
        for m, c in zip(found.merits, found.portfolios, strict=True)
    ]
    more = "" if found.complete else " (and more)"
    title = (
        f"{len(rows)}{more} portfolios within {within} of the best; in all of them: {', '.join(sorted(found.always))}"
    )
    return Section("near", title, ("merit", "portfolio"), rows)


def _changed(problem: Problem, change: str) -> Problem:
    match = _CHANGE.match(change)
    if match is None:
        raise InputError(f"{change!r} is no change; write for example 'lander mass+5kg'", field="--what-if")
    limit = _limit(problem, match["place"])
    amount = problem.resources[limit.resource].parse(match["amount"], field="--what-if")
    capacity = limit.capacity + (amount if match["sign"] == "+" else -amount)
    if capacity < limit.reserved:
        raise InputError(f"{change!r} leaves less than what is held back", field="--what-if")
    return problem.with_limit(replace(limit, capacity=capacity))


def _limit(problem: Problem, place: str) -> Limit:
    """Return the limit called ``element resource``, or ``resource`` alone where only one element offers it."""
    named = [limit for limit in problem.limits if place in {" ".join(limit.place), limit.resource}]
    if len(named) != 1:
        known = ", ".join(" ".join(limit.place) for limit in problem.limits)
        raise InputError(f"{place!r} is not one limit of the call; it has {known}", field="--what-if")
    return named[0]


def _measure(problem: Problem, against: str) -> Measure:
    if against.startswith("unused "):
        return Unused(*_limit(problem, against.removeprefix("unused ")).place)
    kind = "country" if against == "partners" else against
    if problem.groups_of_kind(kind):
        return Partners(kind)
    if problem.members(against):
        return Members(against)
    raise InputError(f"the call has no kind or group {against!r}; 'partners' counts countries", field="--frontier")
