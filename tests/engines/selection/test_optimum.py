from fractions import Fraction

import pytest

from engines.selection.random_calls import MASS, best_of_all, portfolios, random_call
from moonbridge.engines.selection.check import check_choices
from moonbridge.engines.selection.conflict import conflicting
from moonbridge.engines.selection.optimum import draw_number, optimum
from moonbridge.engines.selection.problem import Limit, Option, Problem, Proposal
from moonbridge.engines.selection.rules import Breadth, at_least, include, not_together
from moonbridge.engines.selection.solver import Effort, Engine
from moonbridge.engines.selection.synthetic import synthetic_call
from moonbridge.errors import Infeasible


@pytest.mark.parametrize("hundred", range(20))
def test_the_optimum_is_the_best_of_all_portfolios(hundred: int) -> None:
    feasible = 0
    for seed in range(100 * hundred, 100 * hundred + 100):
        problem = random_call(seed)
        best = best_of_all(problem)
        if best is None:
            with pytest.raises(Infeasible):
                optimum(problem)
            continue
        feasible += 1
        result = optimum(problem)
        assert (seed, dict(result.choices)) == (seed, best)
        assert result.proven
        assert result.bounds == result.values == check_choices(problem, best).values
    assert feasible > 60


def test_equally_good_portfolios_are_decided_by_the_public_draw_and_not_by_solver_seed_or_threads() -> None:
    twins = tuple(Proposal(f"P{n}", (Option("full", Fraction(7), {MASS: 1}),)) for n in range(40))
    problem = Problem((Limit(*MASS, capacity=10),), twins, seed="Chang'e-8 2026-11-21")
    drawn = sorted(twins, key=lambda p: draw_number(problem.seed, p.id, "full"), reverse=True)[:10]
    efforts = [Effort(), Effort(seed=7), Effort(threads=2), Effort(engine=Engine.SCIP), Effort(engine=Engine.HIGHS)]
    for effort in efforts:
        assert set(optimum(problem, effort=effort).choices) == {p.id for p in drawn}


def test_a_lottery_near_the_line_is_drawn_among_all_portfolios_within_the_margin() -> None:
    for seed in range(40):
        call = random_call(seed, most_rules=1)
        problem = Problem(call.limits, call.proposals, call.rules, seed=call.seed, lottery_within=Fraction(3))
        every = portfolios(problem)
        if not every or len(problem.tiers) > 1:
            continue
        worth = [check_choices(problem, choices).values[0] for choices in every]
        near = [c for c, value in zip(every, worth, strict=True) if value >= max(worth) - 3]
        winner = max(near, key=lambda c: sum(draw_number(problem.seed, *choice) for choice in c.items()))
        assert dict(optimum(problem).choices) == winner


def test_a_draw_number_can_be_recomputed_by_hand() -> None:
    # printf %s 'seed/P1/full' | sha256sum starts with a020
    assert draw_number("seed", "P1", "full") == 0xA020 + 1


def test_when_time_runs_out_there_is_a_gap_and_no_word_of_proof() -> None:
    call = synthetic_call(2000, 0)
    lenient = call.without_rules(*(rule for rule in call.rules if isinstance(rule, Breadth)))
    result = optimum(lenient, effort=Effort(time_limit=0.5))
    assert not result.proven
    assert result.gaps[0] > 0
    assert check_choices(result.problem, result.choices).feasible


def test_an_infeasible_call_names_a_smallest_conflicting_set_in_a_sentence() -> None:
    heavy = Proposal("HEAVY", (Option("full", Fraction(5), {MASS: 9}),), groups={"country:A": Fraction(1)})
    other = Proposal("OTHER", (Option("full", Fraction(5), {MASS: 3}),), groups={"country:B": Fraction(1)})
    rules = (at_least(1, "country:A"), include("OTHER", reason="agreed"), not_together("HEAVY", "OTHER"))
    with pytest.raises(Infeasible) as caught:
        optimum(Problem((Limit(*MASS, capacity=8_000_000),), (heavy, other), rules))
    assert caught.value.sentence == (
        "no portfolio can keep all of these together: number of proposals of country:A: at least 1; "
        "OTHER is fixed in (agreed); of HEAVY, OTHER at most 1 can fly"
    )
    with pytest.raises(Infeasible) as caught:
        optimum(Problem((Limit(*MASS, capacity=8),), (heavy, other), rules[:1]))
    assert len(caught.value.numbers["rules"]) == 2


def crowded() -> Problem:
    """Half of all proposals are fixed in: which few of them are too many takes long to say."""
    call = synthetic_call(60, 0)
    fixed = (include(p.id, reason="agreed", option=p.options[0].id) for p in call.proposals[::2])
    return call.with_rules(*fixed)


def test_naming_what_conflicts_ends_in_time_and_then_nothing_is_called_smallest() -> None:
    problem = crowded()
    clash = conflicting(problem, effort=Effort(naming_limit=3.0))
    assert not clash.smallest
    rules = tuple(cause for cause in clash.causes if not isinstance(cause, Limit))
    alone = Problem(problem.limits, problem.proposals, rules, problem.synergies, problem.resources)
    with pytest.raises(Infeasible):
        optimum(alone, effort=Effort(naming_limit=0))
    for rule in rules:
        assert optimum(alone.without_rules(rule))


@pytest.mark.parametrize("effort", [Effort(naming_limit=0), Effort(time_limit=0.3, naming_limit=0)])
def test_naming_can_be_left_out(effort: Effort) -> None:
    with pytest.raises(Infeasible) as caught:
        optimum(crowded(), effort=effort)
    assert caught.value.sentence == "no portfolio can keep all limits and rules together"
    assert caught.value.numbers == {"rules": [], "smallest": False}


def test_the_conflicting_set_is_smallest() -> None:
    """Compare with trying all subsets of the rules by size."""
    import itertools

    checked = 0
    for seed in range(400):
        problem = random_call(seed)
        if portfolios(problem) or "J" in problem.by_id:  # a merge is a cause too, which cannot be tried away here
            continue
        clash = conflicting(problem)
        assert clash.smallest
        found = clash.causes
        causes = list(dict.fromkeys((*problem.limits, *problem.rules)))
        roomy = [Limit(*limit.place, capacity=10**6) for limit in problem.limits]

        def impossible(kept: tuple[object, ...], problem: Problem = problem, roomy: list[Limit] = roomy) -> bool:
            limits = tuple(limit if limit in kept else room for limit, room in zip(problem.limits, roomy, strict=True))
            rules = tuple(rule for rule in problem.rules if rule in kept)
            return not portfolios(Problem(limits, problem.proposals, rules, problem.synergies))

        assert impossible(found)
        assert not any(impossible(fewer) for fewer in itertools.combinations(causes, len(found) - 1))
        checked += 1
    assert checked > 30
