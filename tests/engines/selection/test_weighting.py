"""Merit by size and by priority: weights against decimal powers, portfolios against brute force, explanations by solving."""

from dataclasses import replace
from decimal import Decimal, localcontext
from fractions import Fraction

import pytest

from engines.selection.random_calls import MASS, POWER, best_of_all, random_call
from engines.selection.test_explain import UNIT, is_selected, with_merit_changed
from moonbridge.engines.selection.explain import explain_all
from moonbridge.engines.selection.optimum import optimum
from moonbridge.engines.selection.problem import Limit, Option, Problem, Proposal
from moonbridge.engines.selection.result import Reason
from moonbridge.engines.selection.sentences import sentence
from moonbridge.engines.selection.synthetic import synthetic_call
from moonbridge.engines.selection.weighting import by_size
from moonbridge.errors import Infeasible, InputError

KG = 1_000_000


@pytest.mark.parametrize("exponent", ["0", "1/3", "1/2", "3/4", "11/12", "1"])
def test_a_weight_is_the_power_of_the_size_rounded_to_hundredths(exponent: str) -> None:
    weighting = by_size(exponent, {"mass": 20 * KG})
    with localcontext(prec=50):
        power = Decimal(weighting.exponent.numerator) / weighting.exponent.denominator
        for grams in (1, 7, 800, 1_200, 9_999, 20_000, 35_000, 104_000, 3_000_000):
            size = Decimal(grams) / 20_000
            rounded = (size**power * 100 + Decimal("0.5")).to_integral_value(rounding="ROUND_FLOOR")
            assert weighting.weight({MASS: grams * 1000}) == Fraction(int(max(rounded, 1)), 100)


def test_the_size_is_the_largest_of_the_amounts_over_all_elements() -> None:
    weighting = by_size(1, {"mass": 10, "power": 4})
    assert weighting.size({("lander", "mass"): 3, ("rover", "mass"): 4, POWER: 2}) == Fraction(7, 10)
    assert weighting.size({("lander", "mass"): 3, POWER: 6}) == Fraction(3, 2)
    assert weighting.weight({}) == Fraction(1, 100)


def call(**weights: object) -> Problem:
    """Two small instruments together need as much as the large one, and have more merit in sum."""
    proposals = (
        Proposal("large", (Option("full", Fraction(95), {MASS: 40 * KG}),)),
        Proposal("one", (Option("full", Fraction(70), {MASS: 20 * KG}),), tier=2),
        Proposal("two", (Option("full", Fraction(68), {MASS: 20 * KG}),), tier=2),
    )
    single = () if "priorities" in weights else (1,)
    proposals = tuple(replace(p, tier=1) if single else p for p in proposals)
    return Problem((Limit(*MASS, capacity=40 * KG),), proposals, **weights)  # type: ignore[arg-type]


def test_a_plain_sum_favours_the_small_and_a_weighting_by_size_need_not() -> None:
    assert optimum(call()).selected == ("one", "two")
    weighed = optimum(call(weighting=by_size("3/4", {"mass": 20 * KG})))
    assert (weighed.selected, weighed.value) == (("large",), Fraction(95) * Fraction(168, 100))


def accepted_by_size(exponent: str | None) -> list[Fraction]:
    """What part of the small, middle and large third of the proposals is accepted in a few synthetic calls."""
    measure = by_size(1, {"mass": 10 * KG, "power": 20_000})
    asked, got = [0, 0, 0], [0, 0, 0]
    for seed in range(4):
        problem = synthetic_call(60, seed)
        if exponent is not None:
            problem = replace(problem, weighting=replace(measure, exponent=Fraction(exponent)))
        selected = optimum(problem).choices
        in_order = sorted(problem.proposals, key=lambda p: measure.size(p.options[0].demands))
        for position, proposal in enumerate(in_order):
            third = 3 * position // len(in_order)
            asked[third] += 1
            got[third] += proposal.id in selected
    return [Fraction(part, whole) for part, whole in zip(got, asked, strict=True)]


def test_on_realistic_calls_three_quarters_evens_out_what_the_plain_sum_gives_to_the_small() -> None:
    plain, weighed = accepted_by_size(None), accepted_by_size("3/4")
    assert plain[0] > 2 * plain[2]
    assert max(weighed) < Fraction(5, 4) * min(weighed)


def test_priorities_make_one_weighted_sum_of_the_tiers() -> None:
    assert optimum(call(priorities={1: 1, 2: 1})).selected == ("one", "two")
    doubled = optimum(call(priorities={1: 2, 2: 1}))
    assert (doubled.selected, doubled.values) == (("large",), (190,))


def test_a_weighed_explanation_speaks_of_the_merit_that_the_review_gave() -> None:
    explanations = explain_all(optimum(call(weighting=by_size("3/4", {"mass": 20 * KG}))))
    assert sentence(explanations["large"]) == (
        "large is selected (option full, merit 95). Its merit counts 1.68 times, by the published weighting. "
        "It keeps its place as long as its merit falls by less than 12.8571428571."
    )
    assert (explanations["one"].merit_must_rise, explanations["one"].weight) == (Fraction(108, 5), 1)


def rounded(value: Fraction) -> Fraction:
    """To thousandths: less than a tenth of UNIT away, and few enough digits for a problem."""
    return Fraction(round(value * 1000), 1000)


@pytest.mark.parametrize("block", range(2))
def test_weighed_portfolios_are_the_best_and_their_explanations_hold(block: int) -> None:
    seen = set[Reason]()
    for seed in range(300 + 14 * block, 314 + 14 * block):
        priorities = {1: Fraction(3, 2), 2: Fraction(1)} if seed % 2 else {}
        plain = random_call(seed, most_rules=2)
        problem = replace(plain, weighting=by_size("3/4", {"mass": 4, "power": 5}), priorities=priorities)
        try:
            result = optimum(problem)
        except Infeasible:
            continue
        assert dict(result.choices) == best_of_all(problem)
        for explanation in explain_all(result).values():
            seen.add(explanation.reason)
            proposal = problem.by_id[explanation.proposal]
            if (fall := explanation.merit_may_fall) is not None:
                assert not is_selected(with_merit_changed(problem, proposal, -rounded(fall) - UNIT), proposal.id)
                if fall:
                    assert is_selected(with_merit_changed(problem, proposal, -rounded(fall) + UNIT), proposal.id)
            if (rise := explanation.merit_must_rise) is not None:
                assert is_selected(with_merit_changed(problem, proposal, rounded(rise) + UNIT), proposal.id)
                if rise:
                    assert not is_selected(with_merit_changed(problem, proposal, rounded(rise) - UNIT), proposal.id)
    assert {Reason.SELECTED, Reason.OUTWEIGHED} <= seen


@pytest.mark.parametrize(
    ("weights", "sentence"),
    [
        ({"weighting": by_size("1/2", {"soil": 3})}, "merit counts by 'soil', which the call does not offer"),
        ({"priorities": {1: 1}}, "the priorities give no weight to tier 2"),
        ({"priorities": {1: 1, 2: 0}}, "the weight of tier 2 is 0; it must be more than 0"),
    ],
)
def test_weights_that_say_nothing_are_refused(weights: dict[str, object], sentence: str) -> None:
    with pytest.raises(InputError, match=sentence):
        call(**weights)


@pytest.mark.parametrize(
    ("exponent", "references"), [("2", {"mass": 1}), ("1/13", {"mass": 1}), ("1", {"mass": 0}), ("1", {})]
)
def test_a_weighting_without_a_meaning_is_refused(exponent: str, references: dict[str, int]) -> None:
    with pytest.raises(InputError):
        by_size(exponent, references)
