"""The checker against portfolios judged by hand: it is what everything else is measured with."""

from decimal import Decimal
from fractions import Fraction

import pytest

from moonbridge.engines.selection.check import check_choices
from moonbridge.engines.selection.optimum import optimum
from moonbridge.engines.selection.problem import Limit, Option, Problem, Proposal, overlap, synergy
from moonbridge.engines.selection.remarks import remarks, unmatched
from moonbridge.engines.selection.rules import (
    Needs,
    Rule,
    amount_at_least,
    amount_at_most,
    at_least,
    at_most,
    at_most_of,
    exact,
    include,
    leave_out,
    needs,
    needs_any,
    not_together,
    part_at_least,
    part_at_most,
    partners_at_least,
    partners_at_most,
    shares_at_least,
    shares_at_most,
)
from moonbridge.errors import InputError

MASS = ("lander", "mass")


def call(*rules: Rule) -> Problem:
    """A (6 of mass, half TH half CN), B (3, TH), C (1, CN, first-time); J joins A and B."""
    proposals = (
        Proposal(
            "A",
            (Option("full", Fraction(10), {MASS: 6}), Option("descoped", Fraction(8), {MASS: 4})),
            groups={"country:TH": Fraction(1, 2), "country:CN": Fraction(1, 2)},
        ),
        Proposal("B", (Option("full", Fraction(5), {MASS: 3}),), groups={"country:TH": Fraction(1)}, tier=2),
        Proposal(
            "C",
            (Option("full", Fraction("2.5"), {MASS: 1}),),
            groups={"country:CN": Fraction(1), "first-time": Fraction(1)},
        ),
        Proposal("J", (Option("joint", Fraction(20), {MASS: 2}),), merges=("A", "B")),
    )
    pairs = (synergy("A", "B", 3), overlap("A", "C", "0.5"))
    return Problem((Limit(*MASS, capacity=11, per_item=5, reserved=1),), proposals, rules, pairs)


AB, AC = {"A": "descoped", "B": "full"}, {"A": "descoped", "C": "full"}


@pytest.mark.parametrize(
    ("rule", "kept_by", "broken_by"),
    [
        (at_least(2, "country:TH"), AB, AC),
        (at_most(1, "country:TH"), AC, AB),
        (shares_at_least("3/2", "country:TH"), AB, AC),
        (shares_at_most(1, "country:TH"), AC, AB),
        (amount_at_least(5, "mass", "country:TH"), AB, AC),
        (amount_at_most(4, "mass", "country:TH"), AC, AB),
        (part_at_least("3/4", "country:TH"), AB, AC),
        (part_at_most("1/2", "country:TH"), AC, AB),
        (part_at_least("5/7", "country:TH", resource="mass"), AB, AC),
        (part_at_most("2/5", "country:TH", resource="mass"), AC, AB),
        (partners_at_least(2), AC, {"B": "full"}),
        (partners_at_most(1), {"B": "full"}, AC),
        (not_together("A", "B"), AC, AB),
        (at_most_of(1, "A", "B", "C"), {"A": "descoped"}, AC),
        (needs("B", "A", "C"), AC, AB),
        (needs_any("B", "A", "C"), AB, {"B": "full"}),
        (include("B", reason="x"), AB, AC),
        (include("A", reason="x", option="full"), {"A": "full"}, AB),
        (leave_out("B", reason="x"), AC, AB),
        (leave_out("A", reason="x", option="full"), AB, {"A": "full"}),
    ],
)
def test_every_rule_is_kept_and_broken_where_a_person_says_so(
    rule: Rule, kept_by: dict[str, str], broken_by: dict[str, str]
) -> None:
    assert rule not in check_choices(call(rule), kept_by).broken
    assert rule in check_choices(call(rule), broken_by).broken


@pytest.mark.parametrize(
    "rule",
    [at_most(1, "all"), shares_at_most(1, "all"), amount_at_most(4, "mass", "all"), part_at_most("1/2", "all")],
)
def test_the_group_of_all_is_everybody_whatever_they_carry(rule: Rule) -> None:
    assert rule in check_choices(call(rule), AB).broken
    kept = optimum(call(rule))
    assert check_choices(kept.problem, kept.choices).feasible


@pytest.mark.parametrize(
    ("rule", "sentence"),
    [
        (needs("B", "A", "A"), "proposal in what B needs 'A' appears 2 times"),
        (needs("B", "A", "B"), "proposal in what B needs 'B' appears 2 times"),
        (Needs("B", ("A", "C"), 3), "B needs 3 of 2 others"),
    ],
)
def test_a_need_that_could_never_be_kept_is_refused(rule: Rule, sentence: str) -> None:
    with pytest.raises(InputError, match=sentence):
        call(rule)


def test_a_rule_on_a_group_without_members_is_remarked() -> None:
    slips = (at_most(1, "countryy:TH"), partners_at_most(2, "tehme"), amount_at_most(1, "mass", "country:XX"))
    problem = call(*slips, at_most(1, "country:TH"), at_most(2, "all"), partners_at_least(1), needs("B", "A"))
    assert unmatched(problem) == slips
    assert remarks(problem)[0] == (
        "No proposal belongs to what this rule speaks of: number of proposals of countryy:TH: at most 1."
    )


@pytest.mark.parametrize("number", ["1e9999999", "1E-9999999", Decimal("1e9999999")])
def test_a_number_that_would_take_long_to_write_out_is_refused_at_once(number: str | Decimal) -> None:
    with pytest.raises(InputError, match="too large or too small"):
        exact(number)
    assert exact("1.5e3") == 1500


def test_an_empty_portfolio_keeps_what_asks_for_a_part() -> None:
    assert check_choices(
        call(part_at_least("3/4", "country:TH"), part_at_least("1/2", "first-time", resource="mass")), {}
    ).feasible


def test_limits_count_what_is_reserved_and_what_one_item_may_have() -> None:
    limit = call().limits[0]
    assert check_choices(call(), {"A": "descoped", "B": "full", "C": "full"}).feasible
    assert check_choices(call(), {"A": "full"}).broken == (limit,)
    tight = call().with_limit(Limit(*MASS, capacity=11, reserved=2))
    assert check_choices(tight, {"A": "full", "B": "full", "C": "full"}).broken == tight.limits


def test_what_is_merged_does_not_fly_beside_its_joint_proposal() -> None:
    assert check_choices(call(), {"B": "full", "J": "joint"}).broken == ("J merges B",)


def test_merit_is_added_by_tier_and_pairs_count_in_the_later_one() -> None:
    assert check_choices(call(), AB).values == (Fraction(8), Fraction(8))  # 8; 5 and the synergy of 3
    assert check_choices(call(), AC).values == (Fraction(10), Fraction(0))  # 8 + 2.5 - 0.5


def test_a_portfolio_of_unknown_proposals_or_options_is_refused() -> None:
    for choices in ({"X": "full"}, {"A": "tiny"}):
        with pytest.raises(InputError, match="which the call does not have"):
            check_choices(call(), choices)
