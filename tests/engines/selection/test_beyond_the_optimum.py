"""Frontier, steps, alternatives, robustness and reserve, each against trying every portfolio."""

import math
import random
from collections.abc import Iterator
from dataclasses import replace
from fractions import Fraction

import numpy as np
import pytest

from engines.selection.random_calls import MASS, portfolios, random_call
from moonbridge.engines.selection.alternatives import near_optimal
from moonbridge.engines.selection.check import values
from moonbridge.engines.selection.doubt import information
from moonbridge.engines.selection.frontier import (
    Measure,
    Members,
    Partners,
    Unused,
    capacity_steps,
    frontier,
    price_of_rule,
)
from moonbridge.engines.selection.optimum import optimum
from moonbridge.engines.selection.overviews import hedge_sentence, hedge_table, reserve_table, what_if_table
from moonbridge.engines.selection.problem import Choices, Limit, Option, Problem, Proposal, merit_text
from moonbridge.engines.selection.reserve import Repair, repaired, reserve_list
from moonbridge.engines.selection.robustness import Robustness, robustness
from moonbridge.engines.selection.rules import at_most, include, leave_out, not_together, partners_at_least
from moonbridge.engines.selection.synthetic import synthetic_call
from moonbridge.engines.selection.tables import headline
from moonbridge.errors import InputError

KG = 10**6


def one_tier(seed: int) -> Problem:
    call = random_call(seed, most_rules=2)
    return replace(call, proposals=tuple(replace(proposal, tier=1) for proposal in call.proposals))


def feasible_calls(count: int) -> Iterator[Problem]:
    return (call for call in map(one_tier, range(count)) if portfolios(call))


def measured(problem: Problem, measure: Measure, choices: Choices) -> int:
    match measure:
        case Partners():
            groups = {group for p in choices for group in problem.by_id[p].groups}
            return sum(group.startswith("country:") for group in groups)
        case Members():
            return sum(measure.group in problem.by_id[p].groups for p in choices)
        case Unused():
            place = (measure.element, measure.resource)
            used = sum(problem.by_id[p].option(o).demands.get(place, 0) for p, o in choices.items())
            return problem.limit_at[place].usable - used


@pytest.mark.parametrize(
    "measure", [Partners(), Members("first-time"), Unused(*MASS)], ids=["partners", "members", "unused"]
)
def test_the_frontier_is_every_point_that_nothing_beats(measure: Measure) -> None:
    for problem in feasible_calls(50):
        all_points = {(values(problem, c)[0], measured(problem, measure, c)) for c in portfolios(problem)}
        unbeaten = {
            (v, m) for v, m in all_points if not any((a >= v and b > m) or (a > v and b >= m) for a, b in all_points)
        }
        found = frontier(problem, measure)
        assert [(point.merit, point.measure) for point in found] == sorted(unbeaten, reverse=True)
        assert all(values(problem, p.choices)[0] == p.merit for p in found)
        assert all(measured(problem, measure, p.choices) == p.measure for p in found)


def test_capacity_steps_are_the_optima_of_every_capacity_up_to_there() -> None:
    for problem in feasible_calls(40):
        limit = problem.limit_at[MASS]
        steps = capacity_steps(problem, MASS, 8)
        for capacity in range(limit.capacity, limit.capacity + 9):
            best = optimum(problem.with_limit(replace(limit, capacity=capacity))).value
            assert best == [step.merit for step in steps if step.capacity <= capacity][-1]


def test_the_price_of_a_rule_is_what_it_costs() -> None:
    a, b = (Proposal(name, (Option("full", Fraction(merit)),)) for name, merit in (("A", 5), ("B", 3)))
    rule = not_together("A", "B")
    assert price_of_rule(Problem((), (a, b), (rule,)), rule) == 3


def drawn_call() -> Problem:
    """10 kg: A is best, worth 10; the published draw among all within 3 of it takes C, worth 8."""
    asks = {"A": (10, 10), "B": (9, 9), "C": (8, 5)}
    proposals = tuple(
        Proposal(name, (Option("full", Fraction(merit), {MASS: kg * KG}),)) for name, (merit, kg) in asks.items()
    )
    return Problem((Limit(*MASS, capacity=10 * KG),), proposals, seed="3", lottery_within=Fraction(3))


def test_where_a_lottery_decides_nothing_is_said_of_the_drawn_portfolio_that_holds_of_the_best_only() -> None:
    result = optimum(drawn_call())
    assert (dict(result.choices), result.value, result.most) == ({"C": "full"}, 8, 10)
    assert headline(result) == (
        "1 of 3 proposals selected, merit 8, drawn among all portfolios within 3 of the best, which is worth 10, proven"
    )
    assert headline(result, "zh").endswith("已证明最佳为 10")


def test_with_a_lottery_steps_and_prices_compare_the_best_with_the_best() -> None:
    problem = drawn_call()
    certain = replace(problem, lottery_within=Fraction(0))
    assert capacity_steps(problem, MASS, 5 * KG) == capacity_steps(certain, MASS, 5 * KG)
    rule = leave_out("A", reason="withdrawn")
    assert price_of_rule(problem.with_rules(rule), rule) == 1
    wider = optimum(problem.with_limit(replace(problem.limits[0], capacity=15 * KG)))
    (row,) = what_if_table(optimum(problem), {"mass+5kg": wider}).records()
    assert row["more"] == "8"  # A and C, worth 18, instead of A alone


def test_with_a_lottery_a_review_is_valued_by_merit_and_not_by_the_draw() -> None:
    doubtful = tuple(
        replace(p, options=tuple(replace(option, doubt=Fraction(2)) for option in p.options))
        for p in drawn_call().proposals
    )
    problem = replace(drawn_call(), proposals=doubtful)
    certain = replace(problem, lottery_within=Fraction(0))
    assert information(optimum(problem)) == information(optimum(certain))


def test_near_optimal_portfolios_are_all_there_are_best_first() -> None:
    for problem in feasible_calls(40):
        worth = sorted(((values(problem, c)[0], tuple(sorted(c.items()))) for c in portfolios(problem)), reverse=True)
        near = [(value, choices) for value, choices in worth if value >= worth[0][0] - 3]
        found = near_optimal(problem, 3, most=1000)
        assert found.complete
        assert list(found.merits) == [value for value, _ in near]
        assert {tuple(sorted(c.items())) for c in found.portfolios} == {choices for _, choices in near}
        sets = [{name for name, _ in choices} for _, choices in near]
        assert found.always == set.intersection(*sets)
        assert found.sometimes == set.union(*sets) - found.always


def test_a_cut_enumeration_says_that_it_is_not_complete() -> None:
    twins = tuple(Proposal(f"P{n}", (Option("full", Fraction(1), {MASS: 1}),)) for n in range(10))
    found = near_optimal(Problem((Limit(*MASS, capacity=5),), twins), most=20)
    assert (len(found.portfolios), found.complete) == (20, False)


def certain_and_doubtful() -> Problem:
    """A is certain; B and C compete for what is left, equal in merit, with equal doubt."""
    proposals = (
        Proposal("A", (Option("full", Fraction(90), {MASS: 5}, Fraction(0)),)),
        Proposal("B", (Option("full", Fraction(50), {MASS: 5}, Fraction(8)),)),
        Proposal("C", (Option("full", Fraction(50), {MASS: 5}, Fraction(8)),)),
    )
    return Problem((Limit(*MASS, capacity=10),), proposals)


def test_robust_draws_give_the_probability_of_each_place() -> None:
    found = robustness(certain_and_doubtful(), draws=400, seed=3)
    assert found.probability["A"] == 1
    assert found.probability["B"] + found.probability["C"] == 1
    assert abs(found.probability["B"] - Fraction(1, 2)) < Fraction(8, 100)  # three standard errors of 400 fair draws
    assert sum(count for _, count in found.portfolios) == 400
    # The difference of B and C is normal with deviation 8 * sqrt(2); the mean of its positive part is that / sqrt(2 pi).
    assert abs(float(found.perfect_information) - 8 / math.pi**0.5) < 1
    assert found == robustness(certain_and_doubtful(), draws=400, seed=3)
    assert found.probability != robustness(certain_and_doubtful(), draws=400, seed=4).probability


def doubtful(problem: Problem, doubt: int = 4) -> Problem:
    return replace(
        problem,
        proposals=tuple(
            replace(p, options=tuple(replace(option, doubt=Fraction(doubt)) for option in p.options))
            for p in problem.proposals
        ),
    )


def check_against_every_portfolio(problem: Problem, found: Robustness, shifts: list[list[Fraction]]) -> None:
    """Try every portfolio in every draw of the merits."""
    worth: dict[tuple[tuple[str, str], ...], list[Fraction]] = {}
    for choices in portfolios(problem):
        stated = values(problem, choices)[0]
        flying = [number for number, p in enumerate(problem.proposals) if p.id in choices]
        worth[tuple(choices.items())] = [stated + sum(row[number] for number in flying) for row in shifts]
    best = [max(column) for column in zip(*worth.values(), strict=True)]
    low = int(found.quantile * (found.draws - 1))
    at_quantile = {key: sorted(row)[low] for key, row in worth.items()}
    regret = {key: max(b - w for b, w in zip(best, row, strict=True)) for key, row in worth.items()}
    assert found.quantile_merit == found.quantile_bound == max(at_quantile.values())
    assert at_quantile[tuple(found.best_at_quantile.items())] == found.quantile_merit
    assert found.largest_regret == found.regret_bound == min(regret.values())
    assert regret[tuple(found.least_regret.items())] == found.largest_regret


def drawn_shifts(problem: Problem, draws: int, seed: int, doubt: int) -> list[list[Fraction]]:
    """Return how much each merit is shifted in each draw, as the module promises to draw them: in hundredths."""
    size = len(problem.proposals)
    drawn = np.random.default_rng(seed).multivariate_normal(
        np.zeros(size), np.diag([float(doubt) ** 2] * size), size=draws, method="svd"
    )
    return [[Fraction(round(shift * 100), 100) for shift in row] for row in drawn.tolist()]


@pytest.mark.parametrize("quantile", [Fraction(1, 10), Fraction(2, 5)])
def test_the_portfolios_against_doubt_are_the_best_of_all_portfolios(quantile: Fraction) -> None:
    for seed, problem in enumerate(map(doubtful, feasible_calls(25))):
        found = robustness(problem, draws=20, seed=seed, quantile=quantile, work=None)
        check_against_every_portfolio(problem, found, drawn_shifts(problem, 20, seed, 4))


def test_they_are_found_where_no_draw_is_won_by_them() -> None:
    draw = random.Random(6)  # noqa: S311 - a reproducible call, no secret
    proposals = tuple(
        Proposal(f"P{n}", (Option("full", Fraction(draw.randint(50, 60)), {MASS: draw.randint(3, 6)}),))
        for n in range(10)
    )
    problem = doubtful(Problem((Limit(*MASS, capacity=20),), proposals), 20)
    found = robustness(problem, draws=20, work=None)
    check_against_every_portfolio(problem, found, drawn_shifts(problem, 20, 0, 20))
    winners = [dict(choices) for choices, _ in found.portfolios]
    assert dict(found.least_regret) not in winners
    among_winners = robustness(problem, draws=20, work=0)
    assert found.largest_regret < among_winners.largest_regret
    assert found.quantile_merit > among_winners.quantile_merit


def test_without_work_the_portfolios_against_doubt_are_not_called_proven() -> None:
    problem = doubtful(synthetic_call(20, 3))
    found = robustness(problem, draws=40, work=0)
    assert found.quantile_merit <= found.quantile_bound
    assert found.regret_bound == 0 < found.largest_regret
    result = optimum(problem)
    assert hedge_sentence(found).endswith("and not proven.")
    exact = robustness(problem, draws=40, work=None)
    assert hedge_sentence(exact) == "Both are proven over these draws: no portfolio does better."
    assert found.quantile_merit <= exact.quantile_merit <= found.quantile_bound
    assert exact.largest_regret <= found.largest_regret
    quantile, regret = hedge_table(result, exact).records()
    assert quantile["reaches"] == quantile["bound"]
    assert (regret["reaches"], regret["bound"]) == (merit_text(exact.largest_regret),) * 2


def test_draws_of_a_call_with_a_lottery_measure_regret_by_merit() -> None:
    call = doubtful(drawn_call())
    with_lottery, without = (
        robustness(p, draws=30, work=None) for p in (call, replace(call, lottery_within=Fraction(0)))
    )
    for name in ("best_in_expectation", "quantile_merit", "largest_regret", "perfect_information"):
        assert getattr(with_lottery, name) == getattr(without, name)
    assert with_lottery.probability != without.probability


def test_a_shared_doubt_does_not_change_the_order() -> None:
    together = np.array([[0.0, 0, 0], [0, 64, 64], [0, 64, 64]])
    found = robustness(certain_and_doubtful(), draws=50, covariance=together)
    assert len(found.portfolios) == 1
    assert found.largest_regret == 0


def test_without_any_doubt_there_is_nothing_to_draw() -> None:
    with pytest.raises(InputError, match="there is nothing to draw"):
        robustness(one_tier(1), draws=5)


def test_after_a_loss_the_rest_keeps_its_place_or_the_best_is_chosen_anew() -> None:
    for problem in feasible_calls(30):
        result = optimum(problem)
        for lost in result.choices:
            without = [c for c in portfolios(problem) if lost not in c]
            keeping = [c for c in without if all(c.get(p) == o for p, o in result.choices.items() if p != lost)]
            if keeping:
                best = max(values(problem, c) for c in keeping)
                assert repaired(result, lost, repair=Repair.LEAST_CHANGE).values == best
            if without:
                best = max(values(problem, c) for c in without)
                assert repaired(result, lost, repair=Repair.BEST_MERIT).values == best


def test_the_reserve_stands_in_the_order_of_its_chances() -> None:
    sizes = {"A": (90, 6), "B": (80, 4), "C": (30, 5), "D": (20, 4)}
    proposals = tuple(Proposal(n, (Option("full", Fraction(merit), {MASS: kg}),)) for n, (merit, kg) in sizes.items())
    problem = Problem((Limit(*MASS, capacity=10),), proposals, (include("A", reason="flagship"), at_most(3, "x")))
    reserve = reserve_list(optimum(problem))
    assert reserve.replacements == {"A": ("C",), "B": ("D",)}
    assert reserve.order == ("C", "D")


def test_a_loss_that_breaks_a_minimum_is_said_and_the_others_still_have_their_reserve() -> None:
    countries = {"A": "X", "B": "Y", "C": "Y", "D": "Y"}
    merits = {"A": 9, "B": 8, "C": 7, "D": 1}
    proposals = tuple(
        Proposal(n, (Option("full", Fraction(merits[n]), {MASS: 1}),), groups={f"country:{land}": Fraction(1)})
        for n, land in countries.items()
    )
    result = optimum(Problem((Limit(*MASS, capacity=3),), proposals, (partners_at_least(2),)))
    reserve = reserve_list(result)
    assert reserve.replacements == {"A": (), "B": ("D",), "C": ("D",)}
    assert reserve.irreparable == {"A"}
    said = {row["if lost"]: row["comes in"] for row in reserve_table(reserve).records()}
    assert said["A"] == "no portfolio keeps all rules while everybody else stays: choose anew"
