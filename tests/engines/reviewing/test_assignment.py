"""Against brute force on a thousand small panels, and against the flow over all pairs on larger ones."""

from dataclasses import replace
from fractions import Fraction
from functools import cache

import numpy as np
import pytest

from engines.reviewing.random_panels import everything, random_panel
from moonbridge.engines.reviewing import infeasible
from moonbridge.engines.reviewing.assignment import Effort, assign
from moonbridge.engines.reviewing.floor import assign_fairly
from moonbridge.engines.reviewing.infeasible import conflicting, requirements
from moonbridge.engines.reviewing.panel import Panel, Quota, panel
from moonbridge.engines.reviewing.result import broken
from moonbridge.engines.reviewing.sampling import lottery
from moonbridge.engines.reviewing.sentences import clash_sentence
from moonbridge.engines.reviewing.synthetic import synthetic_panel
from moonbridge.errors import Cancelled, Infeasible, InputError, Refused

SEEDS = range(1000)


@cache
def truth(seed: int) -> tuple[Panel, np.ndarray]:
    """Return a panel and all its assignments, shape (number, proposals, reviewers)."""
    asked = random_panel(seed)
    return asked, everything(asked)


def totals(asked: Panel, ways: np.ndarray) -> np.ndarray:
    return (ways * asked.scores).sum(axis=(1, 2))


def worst(asked: Panel, ways: np.ndarray) -> np.ndarray:
    return (ways * asked.scores).sum(axis=2).min(axis=1)


def feasible() -> list[int]:
    return [seed for seed in SEEDS if len(truth(seed)[1])]


def test_the_total_is_that_of_brute_force_and_every_impossible_panel_is_refused() -> None:
    refused = 0
    for seed in SEEDS:
        asked, all_ways = truth(seed)
        if not len(all_ways):
            refused += 1
            with pytest.raises(Infeasible):
                assign(asked)
            continue
        found = assign(asked)
        assert (found.total, found.proven) == (totals(asked, all_ways).max(), True), seed
        assert broken(asked, found.chosen) == ()
    assert 200 < refused < 800


def test_each_explanation_clashes_and_no_longer_does_without_any_one_of_its_requirements() -> None:
    for seed in SEEDS:
        asked, all_ways = truth(seed)
        if len(all_ways):
            continue
        clash = conflicting(asked)
        named = set(clash.requirements)
        assert clash.irreducible
        assert not len(everything(asked, named)), seed
        for one in named:
            assert len(everything(asked, named - {one})), (seed, one)


def test_no_smaller_set_of_requirements_clashes() -> None:
    checked = 0
    for seed in list(SEEDS)[:200]:
        asked, all_ways = truth(seed)
        clash = None if len(all_ways) else conflicting(asked)
        if clash is not None and len(clash.requirements) == 2:
            assert clash.smallest
            assert all(len(everything(asked, {one})) for one in requirements(asked)), seed
            checked += 1
    assert checked > 10


def test_the_floor_is_that_of_brute_force_and_the_total_the_greatest_at_it() -> None:
    for seed in feasible():
        asked, all_ways = truth(seed)
        served = worst(asked, all_ways)
        floor = served.max()
        best = totals(asked, all_ways[served == floor]).max()
        found = assign_fairly(asked)
        assert (found.floor, found.total, found.proven) == (floor, best, True), seed


def test_as_little_as_possible_is_changed_and_then_the_total_is_the_greatest() -> None:
    for seed in feasible():
        asked, all_ways = truth(seed)
        before = all_ways[seed % len(all_ways)] & (np.random.default_rng(seed).random(asked.shape) < 0.8)
        in_both = (all_ways & before).sum(axis=(1, 2))
        kept = in_both.max()
        best = totals(asked, all_ways[in_both == kept]).max()
        found = assign(asked, keep=before)
        assert (int((found.chosen & before).sum()), found.total, found.proven) == (kept, best, True), seed


def test_a_reviewer_who_recuses_is_replaced_by_one_change() -> None:
    asked = synthetic_panel(60, 40, 1)
    first = assign(asked)
    p, r = first.pairs[0]
    barred = asked.barred.copy()
    barred[p, r] = True
    second = assign(replace(asked, barred=barred), keep=first.chosen)
    assert int((first.chosen & ~second.chosen).sum()) == 1
    assert not second.chosen[p, r]


@pytest.mark.parametrize("most", [4, 5, 8])
def test_the_sparse_assignment_is_the_dense_one_and_proven_over_all_pairs(most: int) -> None:
    asked = replace(synthetic_panel(150, 120, most), most=np.full(120, most), least=np.full(120, 2))
    sparse, dense = assign(asked), assign(asked, effort=Effort(dense=True))
    assert sparse.proven
    assert dense.proven
    assert sparse.total == dense.total
    assert sparse.looked_at < dense.looked_at / 2


def test_crossing_quotas_are_proven_on_a_panel_too_large_for_the_whole_program() -> None:
    asked = synthetic_panel(100, 80, 3)
    draw = np.random.default_rng(0)
    countries = draw.integers(12, size=80)
    quotas = [Quota("engineers", tuple(np.flatnonzero(draw.random(80) < 0.5).tolist()), low=1)]
    quotas += [Quota(f"country {c}", tuple(np.flatnonzero(countries == c).tolist()), high=1) for c in range(12)]
    found = assign(replace(asked, quotas=tuple(quotas)))
    assert found.proven
    assert broken(found.panel, found.chosen) == ()
    assert found.total < assign(asked).total


def test_the_floor_of_a_larger_panel_lies_between_the_best_totals_and_its_bound() -> None:
    draw = np.random.default_rng(5)
    asked = panel(draw.random((80, 50)) ** 3, demand=3, most=5)
    plain, fair = assign(asked), assign_fairly(asked, effort=Effort(work=24.0))
    assert fair.floor_bound is not None
    assert plain.floor < fair.floor <= fair.floor_bound
    assert fair.total <= fair.bound <= plain.total
    assert fair.floor >= 0.98 * fair.floor_bound


def test_alternates_are_free_and_not_on_the_proposal() -> None:
    found = assign(synthetic_panel(30, 20, 2))
    names = found.names()
    for proposal, others in found.alternates(3).items():
        assert not set(others) & set(names[proposal])
        p = found.panel.proposals.index(proposal)
        places = [found.panel.reviewers.index(name) for name in others]
        assert not found.panel.barred[p, places].any()
        assert (found.loads[places] < found.panel.most[places]).all()
        assert found.panel.scores[p, places].tolist() == sorted(found.panel.scores[p, places].tolist(), reverse=True)


def test_a_lottery_under_a_cap_of_one_is_the_best_assignment() -> None:
    asked = synthetic_panel(40, 30, 4)
    certain = lottery(asked, 1)
    assert certain.expected == assign(asked).total == certain.draw(0).total


def test_no_pair_is_likelier_than_the_cap_and_draws_meet_the_probabilities() -> None:
    draws = 4000
    scores = np.random.default_rng(7).random((3, 4))
    asked = panel(scores, demand=2, most=3, least=1)
    game = lottery(asked, "0.6")
    assert game.parts.max() <= 600
    assert (game.parts.sum(axis=1) == 2000).all()
    seen = sum(game.draw(seed).chosen.astype(int) for seed in range(draws)) / draws
    # Five standard deviations of a frequency among so many draws.
    assert np.abs(seen - game.parts / 1000).max() < 5 * 0.5 / draws**0.5
    assert (game.draw(3).chosen == game.draw(3).chosen).all()


def test_draws_keep_quotas_and_loads_and_the_cap_costs_what_it_must() -> None:
    asked = synthetic_panel(60, 40, 6)
    quota = Quota("engineers", tuple(range(0, 40, 2)), low=1, high=2)
    game = lottery(replace(asked, quotas=(quota,)), Fraction(1, 2))
    assert game.expected < assign(asked).total
    drawn = {game.draw(seed).pairs for seed in range(5)}  # a draw that broke anything would raise
    assert len(drawn) == 5


def test_a_lottery_says_why_there_is_none() -> None:
    with pytest.raises(Infeasible, match="raise the cap"):
        lottery(panel([[0.5, 0.5]], demand=2), "0.5")
    with pytest.raises(Infeasible, match="Proposal 1 needs 3 reviews"):
        lottery(panel([[0.5, 0.5]]), "0.5")
    with pytest.raises(InputError, match="probability"):
        lottery(panel([[0.5, 0.5]], demand=1), 2)
    crossing = (Quota("a", (0, 1), high=1), Quota("b", (1, 2), high=1))
    with pytest.raises(Refused, match="share no reviewer"):
        lottery(panel([[0.5, 0.5, 0.5]], demand=1, quotas=crossing), 1)


def test_the_sentence_names_who_is_left_between_proposals() -> None:
    barred = np.zeros((3, 4), dtype=bool)
    barred[:2, 1:] = True
    asked = panel(
        np.zeros((3, 4)),
        demand=1,
        most=1,
        barred=barred,
        proposals=["17", "23", "4"],
        reviewers=["Li Na", "Ann", "Bob", "Eve"],
    )
    clash = conflicting(asked)
    assert clash_sentence(asked, clash) == (
        "Proposals 17 and 23 need 2 reviews in all, but have one non-conflicted reviewer between them (Li Na), "
        "who can give at most 1. Without any one of these requirements the others can be kept."
    )
    assert clash_sentence(asked, clash, "zh") == (
        "申请 17和23 共需 2 份评审，但它们合起来只有 1 位无须回避的评审人（Li Na），最多能评 1 份。"
        "去掉其中任何一项，其余即可满足。"
    )
    with pytest.raises(Infeasible) as refused:
        assign(asked)
    assert refused.value.numbers["proposals"] == ["17", "23"]


def test_too_many_clashing_demands_are_counted_not_listed(monkeypatch: pytest.MonkeyPatch) -> None:
    with pytest.raises(
        Infeasible, match=r"54 proposals .* need 162 reviews in all, .* at most 160\. Without"
    ) as refused:
        assign(synthetic_panel(300, 20, 1))
    assert refused.value.numbers["irreducible"] is True
    monkeypatch.setattr(infeasible, "_CELLS", 10_000)
    with pytest.raises(Infeasible, match=r"300 proposals \(P0001, P0002, P0003, \.\.\.\) need 900 reviews") as refused:
        assign(synthetic_panel(300, 20, 1))
    assert refused.value.numbers["irreducible"] is False


def test_work_tells_how_far_it_is_and_stops_when_asked() -> None:
    told = []
    assign(synthetic_panel(20, 20, 1), effort=Effort(progress=lambda *where: told.append(where)))
    assert told[0][2] == "stages"
    with pytest.raises(Cancelled):
        assign(synthetic_panel(20, 20, 1), effort=Effort(cancelled=lambda: True))


@pytest.mark.parametrize(
    ("wrong", "said"),
    [
        ({"demand": -1}, "zero or more"),
        ({"demand": 1.5}, "whole number"),
        ({"least": 3, "most": 2}, "at least 3 and at most 2"),
        ({"forced": [(0, 9)]}, "no pair"),
        ({"forced": [(0, 0)], "barred": True}, "forced and barred"),
        ({"quotas": [Quota("a", (0,), low=2, high=1)]}, "asks for 2 to 1"),
        ({"quotas": [Quota("a", (7,))]}, "not there"),
        ({"quotas": [Quota("a", (0,), proposals=(5,))]}, "not there"),
    ],
)
def test_what_cannot_be_meant_is_refused(wrong: dict[str, object], said: str) -> None:
    with pytest.raises(InputError, match=said):
        panel([[0.1, 0.2]], **{"demand": 1} | wrong)


def test_scores_are_finite_numbers_of_a_sensible_size() -> None:
    for wrong in ([[float("nan")]], [[1e9]], [["a"]], [0.1]):
        with pytest.raises(InputError):
            panel(wrong)
