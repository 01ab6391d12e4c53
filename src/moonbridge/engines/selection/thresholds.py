"""The least change of a proposal's own request that brings it in.

Mostly one solve finds it (:mod:`~moonbridge.engines.selection.requests`). Where a rule counts the resource too, or
where no single number expresses the published order, the call is solved again with smaller requests until the limit
is found. Asking for less never costs a place: every portfolio with the proposal stays possible, none becomes better
without it. So the largest request that is still selected can be bisected, and it is exact: in at the stated amount,
out with one unit more.
"""

import math
from collections.abc import Callable, Sequence
from dataclasses import replace

from moonbridge.engines.selection.optimum import optimum, ranking
from moonbridge.engines.selection.problem import Limit, Option, Place, Problem, Proposal
from moonbridge.engines.selection.program import compiled, value_of_choices
from moonbridge.engines.selection.requests import PERCENT, Challenge, least_request
from moonbridge.engines.selection.result import Change, Result, amount_at
from moonbridge.engines.selection.rules import GroupAmount, GroupPart
from moonbridge.engines.selection.solver import Effort
from moonbridge.errors import Infeasible

type _IsSelected = Callable[[Option], bool]
"""Whether the proposal would be selected with another version of its option."""


def least_changes(result: Result, proposal: Proposal, option: Option, *, effort: Effort) -> tuple[Change, ...]:
    """Return the largest smaller requests of ``option`` that get it selected: in one resource alone, then in all.

    Of counted things at least one stays. What asking for less of could also cost a place stays as it is: a resource that
    a rule wants used, or by which merit counts. Empty when not even asking for the least of all others helps.
    """
    problem = result.problem
    places = _searchable(problem, option)
    if not places:
        return ()
    program = compiled(problem)
    order = ranking(program)
    if order is None or any(_counted_by_rule(problem, place) for place in places):
        return _bisected(problem, proposal, option, places, effort)
    best = value_of_choices(program, order, result.choices)
    challenge = Challenge(program, order, best, (proposal.id, option.id), effort)
    return _solved(challenge, option, places)


def less_always_helps(problem: Problem, option: Option) -> bool:
    """Return whether the search for least changes sees every smaller request: else finding none proves nothing."""
    if problem.lottery_within:
        return False
    return not any(_less_may_harm(problem, place) for place in _reducible(problem, option))


def _searchable(problem: Problem, option: Option) -> list[Place]:
    return [place for place in _reducible(problem, option) if not _less_may_harm(problem, place)]


def _reducible(problem: Problem, option: Option) -> list[Place]:
    """Return where one can ask for less: of two mounting slots one, but of one slot nothing less."""
    return [place for place, amount in option.demands.items() if amount > least_request(problem, place)]


def _solved(challenge: Challenge, option: Option, places: Sequence[Place]) -> tuple[Change, ...]:
    duals = challenge.duals()
    percent = challenge.largest_percent(places, duals)
    if percent is None:
        return ()
    changes: list[Change] = []
    for place in places:
        most = _most(challenge.problem.limit_at[place], option.demands[place])
        amount = challenge.largest_alone(place, most, duals)
        if amount is not None and amount >= least_request(challenge.problem, place):
            changes.append(_change(challenge.problem, option, place, amount))
    return _with_everything(challenge.problem, option, changes, percent)


def _bisected(
    problem: Problem, proposal: Proposal, option: Option, places: Sequence[Place], effort: Effort
) -> tuple[Change, ...]:
    def selected(version: Option) -> bool:
        options = tuple(version if old.id == option.id else old for old in proposal.options)
        try:
            tried = optimum(problem.with_proposal(replace(proposal, options=options)), effort=effort)
        except Infeasible:
            return False
        return tried.choices.get(proposal.id) == option.id

    if not selected(_scaled(problem, option, places, 0)):
        return ()
    tried = (_least_change_at(problem, proposal, option, place, selected) for place in places)
    alone = [change for change in tried if change is not None]
    return _with_everything(problem, option, alone, _least_percent(problem, option, places, selected))


def _with_everything(problem: Problem, option: Option, alone: list[Change], percent: int) -> tuple[Change, ...]:
    """Return the changes with that of all requests together, where all could be searched and a percentage says more."""
    counted_only = all(least_request(problem, place) for place in _reducible(problem, option))
    if (counted_only and alone) or not less_always_helps(problem, option):
        return tuple(alone)
    return (*alone, Change(option.id, percent=percent))


def _most(limit: Limit, asked: int) -> int:
    """Return the largest smaller request that any portfolio could hold."""
    return min(asked - 1, limit.usable if limit.per_item is None else min(limit.usable, limit.per_item))


def _change(problem: Problem, option: Option, place: Place, at_most: int) -> Change:
    return Change(option.id, amount_at(problem, place, option.demands[place]), amount_at(problem, place, at_most))


def _counted_by_rule(problem: Problem, place: Place) -> bool:
    """Return whether a rule counts this resource besides its limit."""
    return any(isinstance(rule, GroupAmount) and rule.resource == place[1] for rule in problem.rules)


def _less_may_harm(problem: Problem, place: Place) -> bool:
    """Return whether asking for less of this can also cost a place: a rule wants it used, or merit counts by it."""
    by_size = problem.weighting is not None and problem.weighting.counts(place[1])
    return by_size or any(
        (isinstance(rule, GroupPart) or (isinstance(rule, GroupAmount) and rule.at_least is not None))
        and rule.resource == place[1]
        for rule in problem.rules
    )


def _least_change_at(
    problem: Problem, proposal: Proposal, option: Option, place: Place, selected: _IsSelected
) -> Change | None:
    limit = problem.limit_at[place]
    most, least = _most(limit, option.demands[place]), least_request(problem, place)
    if most < least:
        return None
    step = _step(problem, proposal, place)
    # What the others can use changes only when the request passes usable - k * step: of the requests between two such
    # points the largest stands for all.
    first = (limit.usable - most) // step

    def request(k: int) -> int:
        return max(least, min(most, limit.usable - (first + k) * step))

    def fits(k: int) -> bool:
        return selected(replace(option, demands=option.demands | {place: request(k)}))

    found = _first(fits, -(-most // step) + 2)
    return None if found is None else _change(problem, option, place, request(found))


def _least_percent(problem: Problem, option: Option, places: Sequence[Place], selected: _IsSelected) -> int:
    def fits(less: int) -> bool:
        return selected(_scaled(problem, option, places, PERCENT - 1 - less))

    # Asking for the least is known to help, so the search always ends at a number.
    return PERCENT - 1 - (_first(fits, PERCENT) or 0)


def _scaled(problem: Problem, option: Option, places: Sequence[Place], percent: int) -> Option:
    """Return the option with so much of what it asks at ``places``, rounded down, but of counted things at least one."""
    smaller = {p: max(least_request(problem, p), option.demands[p] * percent // PERCENT) for p in places}
    return replace(option, demands=option.demands | smaller)


def _step(problem: Problem, proposal: Proposal, place: Place) -> int:
    """Return what all other requests at ``place`` are multiples of; 1 where a rule also counts the resource."""
    if _counted_by_rule(problem, place):
        return 1
    others = (o.demands.get(place, 0) for p in problem.proposals if p.id != proposal.id for o in p.options)
    return math.gcd(*others) or 1


def _first(holds: Callable[[int], bool], size: int) -> int | None:
    """Return the first number below ``size`` from which on ``holds`` is true, or None if it never is."""
    low, high = 0, size
    while low < high:
        middle = (low + high) // 2
        if holds(middle):
            high = middle
        else:
            low = middle + 1
    return low if low < size else None
