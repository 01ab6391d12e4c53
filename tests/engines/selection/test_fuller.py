"""Why not my full option? Each number is kept or broken by solving the call that it speaks of."""

from dataclasses import replace
from fractions import Fraction

from engines.selection.random_calls import MASS, POWER, portfolios, random_call
from engines.selection.test_explain import UNIT, with_request
from moonbridge.engines.selection.check import check_choices
from moonbridge.engines.selection.explain import explain
from moonbridge.engines.selection.optimum import optimum
from moonbridge.engines.selection.problem import Limit, Option, Problem, Proposal
from moonbridge.engines.selection.result import OtherOption, Result
from moonbridge.engines.selection.rules import not_together
from moonbridge.engines.selection.sentences import sentence
from moonbridge.errors import Infeasible


def flying(problem: Problem, proposal_id: str) -> str | None:
    try:
        return optimum(problem).choices.get(proposal_id)
    except Infeasible:
        return None


def with_option_merit(problem: Problem, proposal: Proposal, option_id: str, change: Fraction) -> Problem:
    options = tuple(replace(o, merit=o.merit + change) if o.id == option_id else o for o in proposal.options)
    return problem.with_proposal(replace(proposal, options=options))


def check_other(result: Result, proposal: Proposal, other: OtherOption) -> None:
    problem = result.problem
    within = [c for c in portfolios(problem) if c.get(proposal.id) == other.option]
    if other.loss is None:
        assert not within
        assert other.because
    else:
        best = max(check_choices(problem, choices).values for choices in within)
        differences = [ours - theirs for ours, theirs in zip(result.values, best, strict=True)]
        assert other.loss == next(filter(None, differences), 0)
    for change in other.changes:
        assert flying(with_request(problem, proposal, change, one_more=False), proposal.id) == other.option
        assert flying(with_request(problem, proposal, change, one_more=True), proposal.id) != other.option
    if other.merit_must_rise is not None:
        more, less = (other.merit_must_rise + unit for unit in (UNIT, -UNIT))
        assert flying(with_option_merit(problem, proposal, other.option, more), proposal.id) == other.option
        if other.merit_must_rise:
            assert flying(with_option_merit(problem, proposal, other.option, less), proposal.id) != other.option


def test_every_number_about_a_fuller_option_holds() -> None:
    checked = changes = 0
    for seed in range(120):
        try:
            result = optimum(random_call(seed, most_rules=2))
        except Infeasible:
            continue
        for proposal_id, option_id in result.choices.items():
            proposal = result.problem.by_id[proposal_id]
            if all(option.merit <= proposal.option(option_id).merit for option in proposal.options):
                continue
            for other in explain(result, proposal_id).other_options:
                checked, changes = checked + 1, changes + len(other.changes)
                check_other(result, proposal, other)
    assert checked >= 15
    assert changes >= 10


def descoped_call(*rules: object) -> Problem:
    kg, watt = 1_000_000, 1000
    full = Option("full", Fraction(60), {MASS: 7 * kg, POWER: 4 * watt})
    less = Option("descoped", Fraction(48), {MASS: 4 * kg, POWER: 3 * watt})
    beside = Proposal("B", (Option("full", Fraction(50), {MASS: 6 * kg, POWER: 4 * watt}),))
    limits = (Limit(*MASS, capacity=10 * kg), Limit(*POWER, capacity=10 * watt))
    return Problem(limits, (Proposal("A", (full, less)), beside), rules)  # type: ignore[arg-type]


def test_a_descoped_winner_reads_why_its_full_option_does_not_fly() -> None:
    explanation = explain(optimum(descoped_call()), "A")
    assert sentence(explanation) == (
        "A is selected (option descoped, merit 48). It keeps its place as long as its merit falls by less than 48. "
        "Option full (merit 60) does not fly: the best portfolio with it is worth 38 less. It would displace B. "
        "That option asks for 7 kg of lander mass; beside the other selected proposals 4 kg is left. "
        "Option full flies if it asks for at most 4 kg of lander mass, with all else unchanged. "
        "Option full flies if it asks for at most 57 % of everything. "
        "Option full flies for certain once its merit alone is higher by more than 38."
    )
    assert "方案 full（得分 60）未采用：包含它的最佳组合总得分会减少 38。" in sentence(explanation, "zh")


def test_a_full_option_that_cannot_fly_reads_what_stands_against_it() -> None:
    heavy = descoped_call().with_limit(Limit(*MASS, capacity=10_000_000, per_item=6_000_000))
    assert (
        "Option full does not fly: no portfolio that keeps all rules can contain it. What stands against it: "
        "lander mass offers 10 kg in all, and at most 6 kg to one item."
    ) in sentence(explain(optimum(heavy), "A"))


def test_who_flies_in_full_has_no_other_option_to_explain() -> None:
    assert explain(optimum(descoped_call(not_together("A", "B"))), "A").other_options == ()
