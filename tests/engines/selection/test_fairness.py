"""Shares, indices, envy and prices, computed by hand or by trying everything."""

import itertools
from dataclasses import replace
from fractions import Fraction

import pytest

from engines.selection.random_calls import MASS, portfolios, random_call
from moonbridge.engines.selection.check import check_choices
from moonbridge.engines.selection.envy import envy
from moonbridge.engines.selection.fairness import fairness
from moonbridge.engines.selection.optimum import optimum
from moonbridge.engines.selection.overviews import envy_table, price_table
from moonbridge.engines.selection.prices import is_about_groups, rule_prices
from moonbridge.engines.selection.problem import Limit, Option, Problem, Proposal
from moonbridge.engines.selection.rules import at_least, at_most, not_together
from moonbridge.engines.selection.solver import Effort
from moonbridge.engines.selection.synthetic import synthetic_call
from moonbridge.errors import Infeasible, InputError, NotProven

HALF = Fraction(1, 2)


def shared_call(*rules: object) -> Problem:
    """A and B have a project together; C has one that does not fit; D is a technology demonstrator of nobody."""
    proposals = (
        Proposal("P", (Option("full", Fraction(60), {MASS: 4}),), groups={"country:A": Fraction(1)}),
        Proposal("Q", (Option("full", Fraction(50), {MASS: 2}),), groups={"country:A": HALF, "country:B": HALF}),
        Proposal("R", (Option("full", Fraction(40), {MASS: 8}),), groups={"country:C": Fraction(1)}),
        Proposal("S", (Option("full", Fraction(50), {MASS: 2}), Option("half", Fraction(20), {MASS: 1}))),
    )
    return Problem((Limit(*MASS, capacity=8),), proposals, rules)  # type: ignore[arg-type]


def test_shares_and_indices_of_a_call_divided_by_hand() -> None:
    places = fairness(optimum(shared_call())).division("places")
    assert [(s.group, s.asked, s.got) for s in places.shares] == [
        ("country:A", Fraction(3, 8), HALF),
        ("country:B", Fraction(1, 8), Fraction(1, 6)),
        ("country:C", Fraction(1, 4), 0),
        ("others", Fraction(1, 4), Fraction(1, 3)),
    ]
    assert places.shares[0].ratio == Fraction(4, 3)
    assert places.loosemore_hanby == Fraction(1, 4)  # C's quarter would have to change hands
    squares = Fraction(1, 64) + Fraction(1, 576) + Fraction(1, 16) + Fraction(1, 144)
    assert places.gallagher == pytest.approx(float(squares / 2) ** 0.5, abs=1e-15)
    assert places.sainte_lague == Fraction(1, 24) + Fraction(1, 72) + Fraction(1, 4) + Fraction(1, 36)
    mass = fairness(optimum(shared_call())).division("mass")
    assert (mass.shares[0].asked, mass.shares[0].got) == (Fraction(5, 16), Fraction(5, 8))


def test_one_group_is_measured_against_all_others() -> None:
    problem = shared_call()
    first = replace(problem.by_id["R"], groups={"first-time": Fraction(1)})
    places = fairness(optimum(problem.with_proposal(first)), "first-time").division("places")
    assert [(s.group, s.got) for s in places.shares] == [("first-time", 0), ("others", 1)]


def test_memberships_beyond_one_are_scaled_down_and_parts_always_add_up() -> None:
    for seed in range(60):
        try:
            result = optimum(random_call(seed))
        except Infeasible:
            continue
        if not result.problem.groups_of_kind("country"):
            continue
        for division in fairness(result).divisions:
            assert sum(share.asked for share in division.shares) == sum(share.got for share in division.shares) == 1


def test_what_nobody_has_is_refused() -> None:
    with pytest.raises(InputError, match="no kind or group 'planet'"):
        fairness(optimum(shared_call()), "planet")


def best_within(problem: Problem, group: str, mass: int) -> Fraction:
    """The most that a group could make of so much mass, by trying every combination of its parts."""
    members = problem.members(group)
    versions = [[None, *problem.by_id[p].options] for p in members]
    best = Fraction(0)
    for picks in itertools.product(*versions):
        chosen = [(o, share) for o, share in zip(picks, members.values(), strict=True) if o is not None]
        if sum(-(-o.demands.get(MASS, 0) * share // 1) for o, share in chosen) <= mass:
            best = max(best, sum((o.merit * share for o, share in chosen), Fraction(0)))
    return best


def test_envy_is_what_trying_every_combination_finds() -> None:
    found = 0
    for seed in range(120):
        plain = random_call(seed, most_rules=1)
        proposals = tuple(
            replace(p, tier=1, options=tuple(replace(o, demands={MASS: o.demands.get(MASS, 0)}) for o in p.options))
            for p in plain.proposals
            if not p.merges and sum(s for g, s in p.groups.items() if g.startswith("country:")) <= 1
        )
        problem = Problem((Limit(*MASS, capacity=9),), proposals)
        groups = problem.groups_of_kind("country")
        if len(groups) < 2:
            continue
        result = optimum(problem)
        held = {
            group: sum(
                -(-problem.by_id[p].option(o).demands.get(MASS, 0) * problem.members(group).get(p, 0) // 1)
                for p, o in result.choices.items()
            )
            for group in groups
        }
        expected = {
            (group, other): (best_within(problem, group, held[group]), best_within(problem, group, held[other]))
            for group, other in itertools.permutations(groups, 2)
        }
        envies = {(e.group, e.of): (e.now, e.then) for e in envy(result)}
        assert envies == {pair: values for pair, values in expected.items() if values[1] > values[0]}
        found += len(envies)
    assert found > 10


def test_envy_up_to_one_and_in_proportion() -> None:
    """B holds 1 kg and could use the 6 kg of A; without A's payload of 5 kg it could not."""
    proposals = (
        Proposal("A1", (Option("full", Fraction(90), {MASS: 5}),), groups={"country:A": Fraction(1)}),
        Proposal("A2", (Option("full", Fraction(30), {MASS: 1}),), groups={"country:A": Fraction(1)}),
        Proposal("B1", (Option("full", Fraction(20), {MASS: 1}),), groups={"country:B": Fraction(1)}),
        Proposal("B2", (Option("full", Fraction(50), {MASS: 5}),), groups={"country:B": Fraction(1)}),
    )
    result = optimum(Problem((Limit(*MASS, capacity=7),), proposals))
    (only,) = envy(result)
    assert (only.group, only.of, only.now, only.then) == ("country:B", "country:A", 20, 70)
    assert (only.up_to_one, only.in_proportion) == (True, True)
    assert envy_table((), "country").title == "No country group could make more of what another holds"


def test_the_price_of_each_rule_is_what_the_best_portfolio_without_it_has_more() -> None:
    priced = 0
    for seed in range(40):
        try:
            result = optimum(random_call(seed))
        except Infeasible:
            continue
        prices = rule_prices(result)
        rules = list(dict.fromkeys(result.problem.rules))
        assert [price.rules[0] for price in prices[: len(rules)]] == rules
        for price in prices:
            without = result.problem.without_rules(*price.rules)
            best = max(check_choices(without, choices).values for choices in portfolios(without))
            differences = [theirs - ours for ours, theirs in zip(result.values, best, strict=True)]
            assert price.price == next(filter(None, differences), 0)
            priced += bool(price.price)
        together = [rule for rule in rules if is_about_groups(rule)]
        assert (prices[-1].rules == tuple(together)) if len(together) > 1 else (len(prices) == len(rules))
    assert priced > 10


def test_prices_are_a_table_in_both_languages() -> None:
    result = optimum(shared_call(at_least(1, "country:C"), at_most(1, "country:A"), not_together("P", "R")))
    english = price_table(result.problem, rule_prices(result))
    assert english.rows == (
        ("number of proposals of country:C: at least 1", "70", "63.6 %", "P, S", "R"),
        ("number of proposals of country:A: at most 1", "0", "0.0 %", "", ""),
        ("of P, R at most 1 can fly", "0", "0.0 %", "", ""),
        ("all rules on groups together", "120", "75.0 %", "P, Q, S", "R"),
    )
    chinese = price_table(result.problem, rule_prices(result), "zh")
    assert chinese.heading == ("规则", "代价", "占总得分", "进入", "退出")


def test_a_price_is_never_a_guess() -> None:
    """The call without a rule is not proven within the time: then there is no price, and the error says so."""
    result = optimum(synthetic_call(60, 1))
    with pytest.raises(NotProven):
        rule_prices(result, effort=Effort(time_limit=1e-6))
