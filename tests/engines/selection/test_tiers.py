"""Calls whose tiers are served one after the other: frontier, steps, alternatives, prices and doubts against every portfolio.

A merit is here the list of what is reached in each tier, and lists are compared as Python compares tuples.
"""

import random
from collections.abc import Iterator
from dataclasses import replace
from fractions import Fraction
from itertools import chain
from statistics import NormalDist

import numpy as np
import pytest

from engines.selection.random_calls import MASS, portfolios, random_call
from engines.selection.test_beyond_the_optimum import doubtful, drawn_shifts, measured
from moonbridge.engines.selection.alternatives import near_optimal
from moonbridge.engines.selection.check import values
from moonbridge.engines.selection.doubt import information
from moonbridge.engines.selection.frontier import (
    Measure,
    Members,
    Partners,
    Point,
    Unused,
    capacity_steps,
    frontier,
    price_of_rule,
)
from moonbridge.engines.selection.optimum import optimum
from moonbridge.engines.selection.overviews import frontier_numbers
from moonbridge.engines.selection.prices import rule_prices
from moonbridge.engines.selection.problem import Choices, Limit, Option, Problem, Proposal
from moonbridge.engines.selection.robustness import robustness

type Vector = tuple[Fraction, ...]
TOO_LARGE_TO_PACK = 10**9
"""Merits so many times as large are searched tier after tier: no number of 52 bits holds two of them."""
QUANTILES = [NormalDist().inv_cdf((number + 0.5) / 1000) for number in range(1000)]


def tiered(seed: int, times: int = 1) -> Problem:
    """Return a small call with two or three tiers; merits have few steps, so that earlier tiers are often equal."""
    draw, plain = random.Random(seed), random_call(seed, most_rules=2)  # noqa: S311 - reproducible, no secret
    proposals = tuple(
        replace(
            p,
            tier=1 + number % draw.choice((2, 3)),
            options=tuple(
                replace(o, merit=Fraction(times * draw.randint(-1, 3), draw.choice((1, 2)))) for o in p.options
            ),
        )
        for number, p in enumerate(plain.proposals)
    )
    return replace(plain, proposals=proposals)


def tiered_calls(count: int, times: int = 1) -> Iterator[tuple[Problem, list[tuple[Vector, Choices]]]]:
    """Yield calls with all their portfolios, best first."""
    for problem in (tiered(seed, times) for seed in range(count)):
        every = [(values(problem, choices), choices) for choices in portfolios(problem)]
        if every and len(problem.tiers) > 1:
            yield problem, sorted(every, key=lambda one: one[0], reverse=True)


@pytest.mark.parametrize(
    "measure", [Partners(), Members("first-time"), Unused(*MASS)], ids=["partners", "members", "unused"]
)
def test_the_frontier_is_every_point_that_nothing_beats(measure: Measure) -> None:
    longest = 0
    for problem, every in chain(tiered_calls(14), tiered_calls(6, TOO_LARGE_TO_PACK)):
        reached = {(worth, measured(problem, measure, choices)) for worth, choices in every}
        unbeaten = {(v, m) for v, m in reached if not any((a >= v and b > m) or (a > v and b >= m) for a, b in reached)}
        found = frontier(problem, measure)
        assert [(point.values, point.measure) for point in found] == sorted(unbeaten, reverse=True)
        assert all(values(problem, p.choices) == p.values for p in found)
        assert all(measured(problem, measure, p.choices) == p.measure for p in found)
        longest = max(longest, len(found))
    assert longest > 1


def test_a_chart_of_a_frontier_draws_the_first_tier_that_differs() -> None:
    points = [Point((Fraction(5), Fraction(second)), measure, {}) for measure, second in ((1, 3), (2, 1))]
    assert frontier_numbers(points) == ((1, 3), (2, 1))
    assert frontier_numbers(points[:1]) == ((1, 5),)


def test_capacity_steps_are_the_optima_of_every_capacity_up_to_there() -> None:
    for problem, _ in tiered_calls(14):
        limit = problem.limit_at[MASS]
        steps = capacity_steps(problem, MASS, 6)
        for capacity in range(limit.capacity, limit.capacity + 7):
            best = optimum(problem.with_limit(replace(limit, capacity=capacity))).values
            assert best == [step.values for step in steps if step.capacity <= capacity][-1]


def test_near_optimal_portfolios_are_as_good_in_all_tiers_but_the_last() -> None:
    most = 0
    for problem, every in tiered_calls(50):
        *earlier, last = every[0][0]
        near = [(worth, choices) for worth, choices in every if [*worth[:-1]] == earlier and worth[-1] >= last - 1]
        found = near_optimal(problem, 1, most=1000)
        assert found.complete
        assert list(found.values) == [worth for worth, _ in near]
        assert sorted(sorted(c.items()) for c in found.portfolios) == sorted(sorted(c.items()) for _, c in near)
        most = max(most, len(near))
    assert most > 2


def test_a_rule_is_priced_in_the_first_tier_in_which_it_matters() -> None:
    priced = set[int]()
    for problem, _ in tiered_calls(20):
        result = optimum(problem)
        for rule, price in zip(dict.fromkeys(problem.rules), rule_prices(result), strict=False):
            free = problem.without_rules(rule)
            gains = [most - now for most, now in zip(best_of(free), result.values, strict=True)]
            first = next((number for number, gain in enumerate(gains) if gain), len(gains) - 1)
            assert (price.price, price.tier) == (gains[first], problem.tiers[first])
            assert price_of_rule(problem, rule) == price.price
            priced |= {price.tier} if price.price else set()
    assert len(priced) > 1


def best_of(problem: Problem) -> Vector:
    return max(values(problem, choices) for choices in portfolios(problem))


@pytest.mark.parametrize("draws", [12, 100])
def test_draws_are_sorted_and_regretted_tier_by_tier(draws: int) -> None:
    for seed, (problem, every) in enumerate(tiered_calls(9 if draws == 12 else 2)):
        found = robustness(doubtful(problem, 1), draws=draws, seed=seed, work=None)
        shifts = drawn_shifts(problem, draws, seed, 1)
        worth = {tuple(c.items()): [shifted(problem, v, c, row) for row in shifts] for v, c in every}
        best = [max(column) for column in zip(*worth.values(), strict=True)]
        low = int(found.quantile * (draws - 1))
        at_quantile = {key: sorted(row)[low] for key, row in worth.items()}
        regret = {key: max(less(b, w) for b, w in zip(best, row, strict=True)) for key, row in worth.items()}
        assert found.quantile_values == found.quantile_bounds == max(at_quantile.values())
        assert at_quantile[tuple(found.best_at_quantile.items())] == found.quantile_values
        assert found.largest_regrets == found.regret_bounds == min(regret.values())
        assert regret[tuple(found.least_regret.items())] == found.largest_regrets
        assert dict(found.best_in_expectation) == dict(optimum(problem).choices)
        missed = [less(b, w) for b, w in zip(best, worth[tuple(found.best_in_expectation.items())], strict=True)]
        assert found.information_values == tuple(sum(tier) / draws for tier in zip(*missed, strict=True))
        assert sum(count for _, count in found.portfolios) == draws
        won = ({key for key, row in worth.items() if row[number] == best[number]} for number in range(draws))
        assert {tuple(choices.items()) for choices, _ in found.portfolios} <= set.union(*won)


def shifted(problem: Problem, worth: Vector, choices: Choices, shifts: list[Fraction]) -> Vector:
    """Return what a portfolio is worth in one draw."""
    totals = dict(zip(problem.tiers, worth, strict=True))
    for proposal, shift in zip(problem.proposals, shifts, strict=True):
        if proposal.id in choices:
            totals[proposal.tier] += shift
    return tuple(totals.values())


def less(one: Vector, other: Vector) -> Vector:
    return tuple(a - b for a, b in zip(one, other, strict=True))


def test_where_numbers_cannot_hold_all_tiers_the_portfolios_against_doubt_are_the_best_in_the_first_ones() -> None:
    proposals = tuple(
        Proposal(f"P{n}", (Option("full", Fraction(10**6 + n), {MASS: 1}, Fraction(1)),), tier=1 + n) for n in range(3)
    )
    found = robustness(Problem((Limit(*MASS, capacity=2),), proposals), draws=10, work=None)
    assert len(found.quantile_values) == len(found.regret_bounds) == 1
    assert found.largest_regrets == (0,)
    assert len(found.information_values) == 3


def test_a_review_is_worth_what_it_gains_in_the_first_tier_that_it_could_change() -> None:
    gained = set[int]()
    for problem, every in tiered_calls(14):
        for each in information(optimum(doubtful(problem, 2))):
            position = problem.tiers.index(problem.by_id[each.proposal].tier)
            as_good = [(v, c) for v, c in every if v[:position] == every[0][0][:position]]
            levels = np.array([float(worth[position]) for worth, _ in as_good])
            slopes = np.array([2.0 * (each.proposal in choices) for _, choices in as_good])
            gain = float((levels[:, None] + slopes[:, None] * np.array(QUANTILES)).max(axis=0).mean() - levels.max())
            assert each.tier == problem.tiers[position]
            assert each.value == pytest.approx(gain, abs=0.02)
            gained |= {each.tier} if each.value > 0.1 else set()
    assert gained >= {1, 2}


def test_a_shared_doubt_speaks_of_an_earlier_tier_too() -> None:
    """B is of tier 2 and certain to fly; a review of it says how good A is, which competes with C in tier 1."""
    proposals = tuple(
        Proposal(name, (Option("full", Fraction(merit), {MASS: kg}),), tier=tier)
        for name, merit, kg, tier in (("A", 5, 1, 1), ("B", 5, 0, 2), ("C", 5, 1, 1))
    )
    result = optimum(Problem((Limit(*MASS, capacity=1),), proposals))
    alone, shared = (np.diag([1.0, 1.0, 0.0]) for _ in range(2))
    shared[0, 1] = shared[1, 0] = 1.0
    worth = {each.proposal: (each.tier, round(each.value, 3)) for each in information(result, covariance=shared)}
    assert worth == {"A": (1, 0.399), "B": (1, 0.399)}  # the mean of the positive part of a unit normal
    worth = {each.proposal: (each.tier, round(each.value, 3)) for each in information(result, covariance=alone)}
    assert worth == {"A": (1, 0.399), "B": (2, 0.0)}
