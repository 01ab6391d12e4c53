"""Explanations are promises about other calls, so each is kept or broken by solving that other call."""

import random
from dataclasses import replace
from fractions import Fraction

import pytest

from engines.selection.random_calls import MASS, POWER, portfolios, random_call
from moonbridge.engines.selection import thresholds
from moonbridge.engines.selection.check import check_choices
from moonbridge.engines.selection.explain import explain, explain_all
from moonbridge.engines.selection.optimum import optimum
from moonbridge.engines.selection.problem import Limit, Option, Problem, Proposal
from moonbridge.engines.selection.result import Change, Explanation, Reason, Result
from moonbridge.engines.selection.rules import (
    GroupAmount,
    GroupPart,
    include,
    leave_out,
    needs,
    not_together,
    part_at_least,
)
from moonbridge.engines.selection.sentences import sentence, sentences
from moonbridge.engines.selection.solver import Effort
from moonbridge.errors import Infeasible

UNIT = Fraction(1, 100)
SLOTS = ("lander", "slots")


def with_merit_changed(problem: Problem, proposal: Proposal, change: Fraction) -> Problem:
    options = tuple(replace(option, merit=option.merit + change) for option in proposal.options)
    return problem.with_proposal(replace(proposal, options=options))


def with_request(problem: Problem, proposal: Proposal, change: Change, *, one_more: bool) -> Problem:
    option = proposal.option(change.option)
    if change.at_most is not None:
        place = (change.at_most.element, change.at_most.resource)
        demands = option.demands | {place: change.at_most.amount + one_more}
    else:
        percent = (change.percent or 0) + one_more
        demands = {place: max(place == SLOTS, amount * percent // 100) for place, amount in option.demands.items()}
    changed = replace(option, demands=demands)
    options = tuple(changed if old.id == option.id else old for old in proposal.options)
    return problem.with_proposal(replace(proposal, options=options))


def is_selected(problem: Problem, proposal_id: str) -> bool:
    try:
        return proposal_id in optimum(problem).choices
    except Infeasible:
        return False


def check_merits(problem: Problem, explanation: Explanation) -> None:
    proposal = problem.by_id[explanation.proposal]
    fall, rise = explanation.merit_may_fall, explanation.merit_must_rise
    if explanation.reason is Reason.SELECTED and fall is None:
        assert is_selected(with_merit_changed(problem, proposal, Fraction(-1000)), proposal.id)
    if fall is not None:
        assert not is_selected(with_merit_changed(problem, proposal, -fall - UNIT), proposal.id)
        if fall:
            assert is_selected(with_merit_changed(problem, proposal, -fall + UNIT), proposal.id)
    if rise is not None:
        assert is_selected(with_merit_changed(problem, proposal, rise + UNIT), proposal.id)
        if rise:
            assert not is_selected(with_merit_changed(problem, proposal, rise - UNIT), proposal.id)


def check_changes(problem: Problem, explanation: Explanation) -> None:
    proposal = problem.by_id[explanation.proposal]
    for change in explanation.changes:
        assert is_selected(with_request(problem, proposal, change, one_more=False), proposal.id)
        assert not is_selected(with_request(problem, proposal, change, one_more=True), proposal.id)


def check_loss(result: Result, explanation: Explanation) -> None:
    """The loss against trying every portfolio with the proposal."""
    if explanation.reason not in {Reason.OUTWEIGHED, Reason.TIED}:
        return
    problem = result.problem
    beside = [c for c in portfolios(problem) if explanation.proposal in c]
    best = max(check_choices(problem, choices).values for choices in beside)
    tier = problem.tiers.index(explanation.tier) if explanation.loss else -1
    assert explanation.loss == result.values[tier] - best[tier]


@pytest.mark.parametrize("block", range(4))
def test_every_number_of_an_explanation_holds_when_the_call_is_changed_by_it(block: int) -> None:
    reasons: set[Reason] = set()
    for seed in range(15 * block, 15 * block + 15):
        try:
            result = optimum(random_call(seed))
        except Infeasible:
            continue
        for explanation in explain_all(result).values():
            reasons.add(explanation.reason)
            check_merits(result.problem, explanation)
            check_changes(result.problem, explanation)
            check_loss(result, explanation)
    assert {Reason.SELECTED, Reason.OUTWEIGHED} <= reasons


def test_one_solve_finds_the_same_least_changes_as_a_bisection() -> None:
    compared = 0
    for seed in range(60):
        problem = random_call(seed, most_rules=2)
        try:
            result = optimum(problem)
        except Infeasible:
            continue
        if any(isinstance(rule, GroupAmount | GroupPart) and rule.resource for rule in problem.rules):
            continue
        for proposal in (p for p in problem.proposals if p.id not in result.choices):
            option = proposal.options[0]
            places = list(option.demands)
            if places:
                bisected = thresholds._bisected(problem, proposal, option, places, Effort())
                assert thresholds.least_changes(result, proposal, option, effort=Effort()) == bisected
                compared += 1
    assert compared > 30


def test_with_a_lottery_near_the_line_certainty_begins_beyond_the_margin() -> None:
    margin = Fraction(3)
    drawn = 0
    for seed in range(40):
        call = random_call(seed, most_rules=1)
        single = tuple(replace(proposal, tier=1) for proposal in call.proposals)
        problem = replace(call, proposals=single, lottery_within=margin)
        if not portfolios(problem):
            continue
        result = optimum(problem)
        for explanation in explain_all(result).values():
            drawn += explanation.drawn
            assert explanation.changes == ()
            proposal, name = problem.by_id[explanation.proposal], explanation.proposal
            if explanation.merit_may_fall is not None:
                changed = with_merit_changed(problem, proposal, UNIT - explanation.merit_may_fall)
                assert all(name in near for near in within_margin(changed))
            if explanation.merit_must_rise is not None:
                changed = with_merit_changed(problem, proposal, explanation.merit_must_rise + UNIT)
                assert all(name in near for near in within_margin(changed))
                if not explanation.drawn:
                    assert not any(name in near for near in within_margin(problem))
    assert drawn > 20


def within_margin(problem: Problem) -> list[dict[str, str]]:
    every = portfolios(problem)
    worth = [check_choices(problem, choices).values[0] for choices in every]
    return [c for c, value in zip(every, worth, strict=True) if value >= max(worth) - problem.lottery_within]


def small_call(*rules: object) -> Problem:
    """A lander for 10 kg and 10 W; A and B fit together, C does not fit beside them, D is too heavy for any lander."""
    kg, watt = 1_000_000, 1000
    proposals = (
        Proposal("A", (Option("full", Fraction(60), {MASS: 5 * kg, POWER: 4 * watt}),)),
        Proposal("B", (Option("full", Fraction(50), {MASS: 4 * kg, POWER: 4 * watt}),)),
        Proposal("C", (Option("full", Fraction("45.5"), {MASS: 3 * kg, POWER: 2 * watt}),)),
        Proposal("D", (Option("full", Fraction(90), {MASS: 12 * kg, POWER: 1 * watt}),)),
    )
    return Problem((Limit(*MASS, capacity=10 * kg), Limit(*POWER, capacity=10 * watt)), proposals, rules)  # type: ignore[arg-type]


def test_the_sentences_of_a_small_call_computed_by_hand() -> None:
    result = optimum(small_call())
    assert dict(result.choices) == {"A": "full", "B": "full"}
    said = {name: sentence(explanation) for name, explanation in explain_all(result).items()}
    assert said["A"] == (
        "A is selected (option full, merit 60). It keeps its place as long as its merit falls by less than 14.5."
    )
    assert said["C"] == (
        "C is not selected: the best portfolio with it (option full) is worth 4.5 less. It would displace B. "
        "It asks for 3 kg of lander mass; beside the selected proposals 1 kg is left. "
        "It is in if it asks for at most 1 kg of lander mass, with all else unchanged. "
        "It is in if it asks for at most 33 % of everything. "
        "It is in for certain once its merit is higher by more than 4.5."
    )
    assert said["D"] == (
        "D is not selected: no portfolio that keeps all rules can contain it. "
        "It asks for 12 kg of lander mass; beside the selected proposals 1 kg is left. "
        "What stands against it: lander mass offers 10 kg in all. "
        "It is in if it asks for at most 7 kg of lander mass, with all else unchanged. "
        "It is in if it asks for at most 58 % of everything."
    )
    assert sentence(explain(result, "A"), "zh") == "A 入选（方案 full，得分 60）。只要得分下降小于 14.5，它就保住名额。"
    assert [part.text for part in sentences(explain(result, "C")) if part.is_way_in] == [
        "It is in if it asks for at most 1 kg of lander mass, with all else unchanged.",
        "It is in if it asks for at most 33 % of everything.",
        "It is in for certain once its merit is higher by more than 4.5.",
    ]


def test_decisions_of_the_office_are_explained_with_their_reason_and_price() -> None:
    result = optimum(
        small_call(include("C", reason="first lunar payload of its country"), leave_out("A", reason="export control"))
    )
    assert sentence(explain(result, "C")) == (
        "C is selected (option full) by decision of the office: first lunar payload of its country. "
        "This decision costs the portfolio no merit."
    )
    assert sentence(explain(result, "A")) == (
        "A is left out by decision of the office: export control. This decision costs the portfolio 10 of merit."
    )


def test_where_only_a_rule_stands_against_it_no_smaller_request_is_promised() -> None:
    result = optimum(small_call(not_together("A", "B", why="same boom")))
    explanation = explain(result, "B")
    assert (explanation.reason, explanation.own_change_helps, explanation.changes) == (Reason.OUTWEIGHED, False, ())
    assert "of A, B at most 1 can fly (same boom)" in sentence(explanation)


def test_what_needs_an_impossible_partner_is_impossible_because_of_both() -> None:
    explanation = explain(optimum(small_call(needs("C", "D"))), "C")
    assert explanation.reason is Reason.IMPOSSIBLE
    assert sentence(explanation).endswith(
        "What stands against it: lander mass offers 10 kg in all; C flies only with at least 1 of D. "
        "No smaller request of its own would bring it in."
    )


def test_what_is_merged_flies_in_its_joint_proposal() -> None:
    call = small_call()
    joint = Proposal("AB", (Option("joint", Fraction(150), {MASS: 7_000_000}),), merges=("A", "B"))
    result = optimum(replace(call, proposals=(*call.proposals, joint)))
    assert dict(result.choices) == {"C": "full", "AB": "joint"}
    assert sentence(explain(result, "A")) == (
        "A flies as part of the joint proposal AB, which is selected. The joint proposal joins A, B. "
        "On its own it would cost the portfolio 85.5 of merit."
    )
    assert sentence(explain(result, "A"), "zh") == (
        "A 作为联合提案 AB 的一部分搭载，该联合提案已入选。该联合提案由 A、B 合并而成。若单独搭载，组合的总得分将减少 85.5。"
    )
    assert "The joint proposal joins A, B." in sentence(explain(result, "AB"))


def test_a_joint_proposal_takes_over_what_its_parts_hold_and_the_merge_is_named_where_it_stands_in_the_way() -> None:
    call = small_call()
    joint = Proposal("AB", (Option("joint", Fraction(100), {MASS: 9_500_000}),), merges=("A", "B"))
    call = replace(call, proposals=(*call.proposals, joint))
    assert explain(optimum(call), "AB").shortages == ()  # A and B hold 9 of 10 kg, and would leave
    light = replace(joint, options=(Option("joint", Fraction(1), {MASS: 1_000_000}),))
    both = (include("A", reason="agreed"), include("B", reason="agreed"))
    explanation = explain(optimum(call.with_proposal(light).with_rules(*both)), "AB")
    assert explanation.reason is Reason.IMPOSSIBLE
    assert "What stands against it: A is fixed in (agreed); of AB, A at most 1 can fly (AB = A + B)." in sentence(
        explanation
    )
    with pytest.raises(Infeasible) as caught:
        optimum(call.with_proposal(light).with_rules(*both, include("AB", reason="agreed too")))
    assert "of AB, A at most 1 can fly (AB = A + B)" in caught.value.numbers["rules"]


def test_a_place_that_hangs_on_another_names_it_and_the_other_names_what_it_carries() -> None:
    result = optimum(small_call(needs("B", "A")))
    assert sentence(explain(result, "B")).endswith("Its place hangs on others: B flies only with at least 1 of A.")
    assert sentence(explain(result, "A")).endswith("If it is lost, B cannot fly either.")


def test_where_a_rule_wants_a_resource_used_nothing_is_claimed_about_smaller_requests_of_it() -> None:
    wanted = part_at_least("1/5", "country:A", resource="mass")
    explanation = explain(optimum(small_call(wanted)), "C")
    assert (explanation.own_change_helps, explanation.less_may_harm, explanation.changes) == (None, True, ())
    assert "not every smaller request was searched" in sentence(explanation)


def with_slots(call: Problem, draw: random.Random) -> Problem:
    """The call with mounting slots beside mass and power: every option takes one to three of five."""
    proposals = tuple(
        replace(p, options=tuple(replace(o, demands=o.demands | {SLOTS: draw.randint(1, 3)}) for o in p.options))
        for p in call.proposals
    )
    return replace(
        call, limits=(*call.limits, Limit(*SLOTS, capacity=5, per_item=draw.choice((None, 2)))), proposals=proposals
    )


def with_the_least(problem: Problem, proposal: Proposal, option_id: str | None) -> Problem:
    """The call in which an option asks for nothing but one of each thing that is counted."""
    options = tuple(replace(o, demands={SLOTS: 1}) if o.id == option_id else o for o in proposal.options)
    return problem.with_proposal(replace(proposal, options=options))


def test_of_counted_things_fewer_are_tried_and_a_way_in_is_denied_only_where_there_is_none() -> None:
    draw = random.Random(5)  # noqa: S311 - a reproducible call, no secret
    counted = denied = 0
    for seed in range(60):
        problem = with_slots(random_call(seed, most_rules=1), draw)
        try:
            result = optimum(problem)
        except Infeasible:
            continue
        for explanation in explain_all(result).values():
            check_changes(problem, explanation)
            counted += any(
                change.at_most is not None and change.at_most.resource == "slots" for change in explanation.changes
            )
            if explanation.own_change_helps is False:
                denied += 1
                proposal = problem.by_id[explanation.proposal]
                assert (
                    optimum(with_the_least(problem, proposal, explanation.option)).choices.get(proposal.id)
                    != explanation.option
                )
            elif explanation.own_change_helps is None and explanation.reason in {Reason.OUTWEIGHED, Reason.TIED}:
                assert explanation.less_may_harm
    assert counted > 10
    assert denied > 5


def test_two_slots_can_become_one_but_one_slot_is_never_asked_away() -> None:
    a, b = (Proposal(name, (Option("full", Fraction(merit), {SLOTS: 2}),)) for name, merit in (("A", 50), ("B", 30)))
    explanation = explain(optimum(Problem((Limit(*SLOTS, capacity=3),), (a, b))), "B")
    assert [change.at_most.amount for change in explanation.changes if change.at_most] == [1]
    assert len(explanation.changes) == 1
    assert "It is in if it asks for at most 1 of lander slots" in sentence(explanation)
    single = Proposal("B", (Option("full", Fraction(30), {SLOTS: 1}),))
    explanation = explain(optimum(Problem((Limit(*SLOTS, capacity=2),), (a, single))), "B")
    assert (explanation.own_change_helps, explanation.changes) == (False, ())
