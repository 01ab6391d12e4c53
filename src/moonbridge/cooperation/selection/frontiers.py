"""Frontiers as the studio keeps and shows them: every portfolio that no other beats both in merit and in one measure."""

from collections.abc import Mapping, Sequence
from fractions import Fraction
from typing import Any, Final

from moonbridge.cooperation.selection.results import Efforts, in_time
from moonbridge.engines.selection.frontier import Measure, Members, Partners, Point, Unused, frontier
from moonbridge.engines.selection.problem import Choices, Problem
from moonbridge.errors import NotProven

MOST_AT_ONCE: Final = 100
"""Proposals up to which a frontier is tried at once."""


def drawn_at_once(problem: Problem, measure: Measure, effort: Efforts) -> tuple[Point, ...]:
    """Return the frontier if all of it is found while a page waits; raises NotProven otherwise."""
    if len(problem.proposals) > MOST_AT_ONCE:
        raise NotProven("This frontier takes longer than a page.", value=None, bound=None)
    with in_time():
        return frontier(problem, measure, effort=effort())


def reached(problem: Problem, measure: Measure, choices: Choices) -> int:
    """Return how far a portfolio gets in a measure: groups, proposals, or base units left unused."""
    match measure:
        case Partners():
            groups = {group for code in choices for group, share in problem.by_id[code].groups.items() if share}
            return sum(1 for group in groups if group.startswith(f"{measure.kind}:"))
        case Members():
            return sum(1 for code in problem.members(measure.group) if code in choices)
        case Unused():
            place = (measure.element, measure.resource)
            asked = (problem.by_id[code].option(option).demands.get(place, 0) for code, option in choices.items())
            return problem.limit_at[place].usable - sum(asked)


def kept(points: Sequence[Point]) -> dict[str, Any]:
    """Return a frontier as the plain data that is stored; a merit is the exact text of each tier's, with spaces between."""
    return {
        "points": [
            {"merit": " ".join(map(str, point.values)), "measure": point.measure, "choices": dict(point.choices)}
            for point in points
        ]
    }


def revived(data: Mapping[str, Any]) -> tuple[Point, ...]:
    """Return the frontier that :func:`kept` stored."""
    return tuple(Point(tuple(map(Fraction, p["merit"].split())), p["measure"], p["choices"]) for p in data["points"])
