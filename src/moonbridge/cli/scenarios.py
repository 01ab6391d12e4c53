"""What ``moonbridge select`` shows beyond the one portfolio: what if, frontier, robustness, reserve, fairness, prices."""

import re
from dataclasses import replace
from pathlib import Path

from moonbridge.engines.selection import overviews
from moonbridge.engines.selection.alternatives import near_optimal
from moonbridge.engines.selection.doubt import information
from moonbridge.engines.selection.envy import envy
from moonbridge.engines.selection.fairness import fairness
from moonbridge.engines.selection.frontier import Measure, Members, Partners, Unused, capacity_steps, frontier
from moonbridge.engines.selection.optimum import optimum
from moonbridge.engines.selection.overviews import Finding
from moonbridge.engines.selection.prices import rule_prices
from moonbridge.engines.selection.problem import Limit, Problem
from moonbridge.engines.selection.reserve import reserve_list
from moonbridge.engines.selection.result import Result
from moonbridge.engines.selection.robustness import robustness
from moonbridge.engines.selection.rules import exact
from moonbridge.engines.selection.solver import Effort
from moonbridge.errors import Infeasible, InputError
from moonbridge.formats.calls.covariance import read_covariance

_CHANGE = re.compile(r"^\s*(?P<place>.*\S)\s*(?P<sign>[+-])\s*(?P<amount>[\d.].*)$")
"""A place, a sign and an amount; of several signs the last one before a digit counts, as places may have hyphens."""


def what_if(result: Result, changes: list[str], language: str) -> Finding:
    """Return the merit and the portfolio for other capacities, one row per change such as ``lander mass+5kg``."""
    others = {change: _solved(_changed(result.problem, change)) for change in changes}
    table = overviews.what_if_table(result, others, language)
    return Finding(table, said=overviews.what_if_sentence(result, others, language))


def steps(result: Result, change: str, language: str) -> Finding:
    """Return what each further bit of a limit would buy, up to an amount such as ``lander mass+20kg``."""
    match = _parsed(change, "--steps")
    limit = _limit(result.problem, match["place"], "--steps")
    extra = result.problem.resources[limit.resource].parse(match["amount"], field="--steps")
    if match["sign"] == "-":
        raise InputError("what more would buy begins with more: write for example 'lander mass+20kg'", field="--steps")
    found = capacity_steps(result.problem, limit.place, extra)
    said = overviews.steps_sentence(result.problem, language)
    return Finding(overviews.steps_table(result.problem, limit.place, found, language), said=said)


def frontier_of(problem: Problem, against: str, language: str) -> Finding:
    """Return every point of merit against ``partners``, a kind or group of the call, or ``unused ELEMENT RESOURCE``."""
    measure = _measure(problem, against)
    points = frontier(problem, measure)
    table = overviews.frontier_table(problem, measure, points, against, language)
    return Finding(table, said=overviews.order_sentence(problem, language), numbers=overviews.frontier_numbers(points))


def robust(result: Result, draws: int, seed: int, covariance: Path | None, language: str) -> list[Finding]:
    """Return in what part of the draws each proposal is selected, and what knowing each doubtful merit is worth."""
    matrix = None if covariance is None else read_covariance(covariance, result.problem)
    found = robustness(result.problem, draws=draws, seed=seed, covariance=matrix)
    doubts = information(result, covariance=matrix)
    parts = tuple((p, float(part)) for p, part in sorted(found.probability.items(), key=lambda item: -item[1]))
    said = overviews.doubt_sentence(result.problem, doubts, language)
    return [
        Finding(
            overviews.robust_table(result, found, seed, language),
            said=overviews.robust_sentence(result.problem, found, language),
            numbers=parts,
        ),
        Finding(overviews.hedge_table(result, found, language), said=overviews.hedge_sentence(found, language)),
        Finding(overviews.doubt_table(result.problem, doubts, language), said=said),
    ]


def reserve(result: Result, language: str) -> Finding:
    """Return who would come in for each possible loss."""
    return Finding(overviews.reserve_table(reserve_list(result), language))


def alternatives(problem: Problem, within: str, language: str) -> Finding:
    """Return the portfolios whose merit lies at most ``within`` below the best."""
    found = near_optimal(problem, exact(within, field="--near"))
    return Finding(overviews.near_table(problem, found, within, language))


def fairness_of(result: Result, kind: str, language: str) -> list[Finding]:
    """Return what the groups of ``kind`` asked and got, how far that is from proportional, and who envies whom."""
    if not result.problem.groups_of_kind(kind) and not result.problem.members(kind):
        raise InputError(f"the call has no kind or group {kind!r}", field="--fairness")
    found = fairness(result, kind)
    shares, indices = overviews.fairness_tables(found, language)
    envies = overviews.envy_table(envy(result, kind), kind, language)
    return [Finding(shares, numbers=overviews.share_numbers(found, language)), Finding(indices), Finding(envies)]


def prices(result: Result, language: str) -> Finding:
    """Return what each rule costs in merit."""
    return Finding(overviews.price_table(result.problem, rule_prices(result), language))


def _solved(problem: Problem) -> Result | None:
    try:
        return optimum(problem, effort=Effort(naming_limit=0))
    except Infeasible:
        return None


def _changed(problem: Problem, change: str) -> Problem:
    match = _parsed(change, "--what-if")
    limit = _limit(problem, match["place"], "--what-if")
    amount = problem.resources[limit.resource].parse(match["amount"], field="--what-if")
    capacity = limit.capacity + (amount if match["sign"] == "+" else -amount)
    if capacity < limit.reserved:
        raise InputError(f"{change!r} leaves less than what is held back", field="--what-if")
    return problem.with_limit(replace(limit, capacity=capacity))


def _parsed(change: str, asked_by: str) -> re.Match[str]:
    match = _CHANGE.match(change)
    if match is None:
        raise InputError(f"{change!r} is no change; write for example 'lander mass+5kg'", field=asked_by)
    return match


def _limit(problem: Problem, place: str, asked_by: str) -> Limit:
    """Return the limit called ``element resource``, or ``resource`` alone where only one element offers it."""
    named = [limit for limit in problem.limits if place in {" ".join(limit.place), limit.resource}]
    if len(named) != 1:
        known = ", ".join(" ".join(limit.place) for limit in problem.limits)
        raise InputError(f"{place!r} is not one limit of the call; it has {known}", field=asked_by)
    return named[0]


def _measure(problem: Problem, against: str) -> Measure:
    if against.startswith("unused "):
        return Unused(*_limit(problem, against.removeprefix("unused "), "--frontier").place)
    kind = "country" if against == "partners" else against
    if problem.groups_of_kind(kind):
        return Partners(kind)
    if problem.members(against):
        return Members(against)
    raise InputError(f"the call has no kind or group {against!r}; 'partners' counts countries", field="--frontier")
