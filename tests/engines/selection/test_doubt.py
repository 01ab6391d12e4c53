"""The value of a review against brute force: many quantiles of the doubt, each solved by trying every portfolio."""

import math
from dataclasses import replace
from fractions import Fraction
from statistics import NormalDist, fmean

import numpy as np
import pytest

from engines.selection.random_calls import MASS, portfolios, random_call
from moonbridge.engines.selection.check import check_choices
from moonbridge.engines.selection.doubt import expected_gain, information
from moonbridge.engines.selection.optimum import optimum
from moonbridge.engines.selection.overviews import doubt_sentence, doubt_table
from moonbridge.engines.selection.problem import Limit, Option, Problem, Proposal
from moonbridge.engines.selection.solver import Effort
from moonbridge.engines.selection.weighting import by_size
from moonbridge.errors import Cancelled, InputError

QUANTILES = [NormalDist().inv_cdf((number + 0.5) / 4000) for number in range(4000)]


def doubtful(seed: int, *, weighed: bool) -> Problem:
    plain = random_call(seed, most_rules=1)
    proposals = tuple(
        replace(p, tier=1, options=tuple(replace(o, doubt=Fraction(2 * number)) for o in p.options))
        for number, p in enumerate(plain.proposals)
    )
    return replace(plain, proposals=proposals, weighting=by_size("1/2", {"mass": 4}) if weighed else None)


@pytest.mark.parametrize("weighed", [False, True])
def test_the_value_of_knowing_is_what_trying_every_portfolio_gains(weighed: bool) -> None:
    valuable = 0
    for seed in range(24):
        problem = doubtful(seed, weighed=weighed)
        every = portfolios(problem)
        if not every:
            continue
        worth = [float(check_choices(problem, choices).values[0]) for choices in every]
        for each in information(optimum(problem)):
            proposal = problem.by_id[each.proposal]
            slope = [
                each.doubt * float(problem.weight(proposal, proposal.option(c[proposal.id])))
                if proposal.id in c
                else 0.0
                for c in every
            ]
            values, slopes = np.array(worth), np.array(slope)
            best = fmean(float((values + slopes * z).max()) for z in QUANTILES)
            assert each.value == pytest.approx(best - max(worth), abs=0.02)
            valuable += each.value > 0.1
    assert valuable > 10


def test_the_unit_normal_loss_of_two_lines() -> None:
    """The values at 0.5, 1 and 2 are those of the printed tables of the unit normal loss integral."""
    for distance, loss in ((0.5, 0.1978), (1.0, 0.08332), (2.0, 0.008491)):
        assert expected_gain([distance, 0.0], [0.0, 1.0]) == pytest.approx(loss, rel=3e-4)
    assert expected_gain([0.0, 0.0], [1.0, 1.0]) == 0
    assert expected_gain([0.0, 0.0, -1.0], [0.0, 1.0, 0.5]) == pytest.approx(1 / math.sqrt(2 * math.pi))


def call() -> Problem:
    """A is certain; B and C compete for what is left; D is hopeless, and nothing is known about how good it is."""
    proposals = (
        Proposal("A", (Option("full", Fraction(90), {MASS: 5}),)),
        Proposal("B", (Option("full", Fraction(50), {MASS: 5}, Fraction(8)),)),
        Proposal("C", (Option("full", Fraction(47), {MASS: 5}, Fraction(4)),)),
        Proposal("D", (Option("full", Fraction(1), {MASS: 5}, Fraction(10)),)),
    )
    return Problem((Limit(*MASS, capacity=10),), proposals)


def test_the_review_that_is_worth_most_is_named_in_both_languages() -> None:
    found = information(optimum(call()))
    assert [(each.proposal, each.distance) for each in found] == [("B", 3), ("C", 3), ("D", 49)]
    assert doubt_sentence(call(), found) == (
        "Another review is worth most for B: to know its merit exactly would gain 1.913 of merit in expectation "
        "(its doubt is 8)."
    )
    assert doubt_sentence(call(), found, "zh").startswith("再评一次最值得的是 B：")
    hopeless = doubt_sentence(call(), found[2:])
    assert hopeless == "No doubt is worth another review: none could change the portfolio noticeably."
    assert doubt_table(call(), found).records()[0] == {"proposal": "B", "doubt": "8", "distance": "3", "value": "1.913"}


def test_one_more_review_is_worth_less_than_certainty_and_a_shared_doubt_less_still() -> None:
    result = optimum(call())
    certain, once = (information(result, review_doubt=noise)[0].value for noise in (None, 6.0))
    assert 0 < once < certain
    assert once == pytest.approx(expected_gain([3.0, 0.0], [8 * 8 / 10, 0.0]))
    together = np.array([[0, 0, 0, 0], [0, 64, 64, 0], [0, 64, 64, 0], [0, 0, 0, 0.0]])
    assert [each.value for each in information(result, covariance=together)] == [0, 0]


def test_it_stops_between_two_solves_however_short_they_are() -> None:
    result = optimum(call())
    with pytest.raises(Cancelled):
        information(result, effort=Effort(cancelled=lambda: True))


def test_what_cannot_be_valued_is_refused() -> None:
    without = Problem((Limit(*MASS, capacity=1),), (Proposal("A", (Option("full", Fraction(1)),)),))
    with pytest.raises(InputError, match="there is nothing to learn"):
        information(optimum(without))
    with pytest.raises(InputError, match=r"the covariance has shape \(2, 2\); 1 proposals need \(1, 1\)"):
        information(optimum(without), covariance=np.eye(2))
