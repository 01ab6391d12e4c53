import math

import numpy as np
import pytest

from moonbridge.engines.reviewing.affinity import Weights, affinity, fit, keyword_fit, text_fit, unreadable
from moonbridge.engines.reviewing.assignment import assign
from moonbridge.engines.reviewing.floor import assign_fairly
from moonbridge.engines.reviewing.panel import Quota, panel
from moonbridge.engines.reviewing.people import Person, Reviewer, Submission
from moonbridge.engines.reviewing.quotas import quotas
from moonbridge.engines.reviewing.texts import likeness, terms
from moonbridge.errors import InputError


def test_terms_are_words_and_pairs_of_words_without_stop_words() -> None:
    assert terms("The Lunar soil of the Moon, lunar SOIL") == {
        "lunar": 2,
        "soil": 2,
        "moon": 1,
        "lunar soil": 2,
        "soil moon": 1,
        "moon lunar": 1,
    }


def test_chinese_is_read_by_pairs_of_characters_even_beside_other_words() -> None:
    assert terms("月球土壤 laser") == {"月球": 1, "球土": 1, "土壤": 1, "laser": 1}
    assert terms("月") == {"月": 1}


def test_likeness_is_the_cosine_of_weighed_terms() -> None:
    # By hand: three texts; "dust" is in two of them, "laser" and the pair "laser dust" in one, "ice" in one.
    ones, others = ["laser dust"], ["dust", "ice"]
    rare, common = math.log(4 / 2) + 1, math.log(4 / 3) + 1
    expected = common / math.sqrt(common**2 + 2 * rare**2)
    assert likeness(ones, others) == pytest.approx(np.array([[expected, 0.0]]))


def test_a_text_is_like_itself_and_nothing_is_like_nothing() -> None:
    texts = ["Seismometer for the far side", "玉兔 月球车 地形", ""]
    assert np.diag(likeness(texts, texts)) == pytest.approx([1, 1, 0])
    assert likeness([], texts).shape == (0, 3)


def test_the_mean_of_the_best_three_texts_counts() -> None:
    values = np.array([[0.1, 0.9, 0.5, 0.7, 0.2]])
    reviewers = [Reviewer("many", texts=("a",) * 4), Reviewer("one", texts=("a",)), Reviewer("none")]
    fit = text_fit([Submission("P", text="x")], reviewers, lambda _ones, _others: values)
    assert fit[0, :2] == pytest.approx([0.7, 0.2])
    assert np.isnan(fit[0, 2])
    with pytest.raises(InputError, match="shape"):
        text_fit([Submission("P", text="x")], reviewers, lambda _ones, _others: values[:, :2])


def test_keywords_count_by_the_part_that_is_shared() -> None:
    reviewers = [Reviewer("R", keywords=("Ice", "dust")), Reviewer("none")]
    fit = keyword_fit([Submission("P", keywords=("ICE", "laser", "sun", "dust"))], reviewers)
    assert fit[0, 0] == 0.5
    assert np.isnan(fit[0, 1])


def test_parts_that_say_nothing_of_a_pair_leave_their_weight_to_the_others() -> None:
    submissions, reviewers = [Submission("P", keywords=("ice",))], [Reviewer("a", keywords=("ice",)), Reviewer("b")]
    found = affinity(
        submissions,
        reviewers,
        bids={("P", "a"): "reluctant", ("P", "b"): "willing"},
        scores={("P", "b"): 0.25},
        weights=Weights(keywords=1, bids=2, scores=2),
    )
    assert found.tolist() == [[500_000, 500_000]]
    assert affinity(submissions, [Reviewer("b")]).tolist() == [[0]]


@pytest.mark.parametrize("shared", [None, 0.0, 0.25, 1.0])
def test_who_is_unwilling_scores_below_the_same_pair_without_a_bid(shared: float | None) -> None:
    keywords = {None: (), 0.0: ("sun",), 0.25: ("ice",), 1.0: ("ice", "dust", "laser", "soil")}[shared]
    asked = [Submission("P", keywords=("ice", "dust", "laser", "soil"))]
    people = [Reviewer("unwilling", keywords=keywords), Reviewer("silent", keywords=keywords)]
    [[unwilling, silent]] = affinity(asked, people, bids={("P", "unwilling"): "unwilling"}).tolist()
    assert silent == round((shared or 0) * 1_000_000)
    assert unwilling == round((shared or 0) * 0.5 / 1.5 * 1_000_000) - 1
    assert unwilling < silent


def test_whoever_said_nothing_is_asked_before_whoever_is_unwilling() -> None:
    asked = [Submission("P"), Submission("Q")]
    people = [Reviewer(name) for name in "ABCD"]
    bids = {(one.id, name): "unwilling" for one in asked for name in "AB"}
    found = assign(panel(affinity(asked, people, bids=bids), demand=2, most=2))
    assert sorted(found.pairs) == [(0, 2), (0, 3), (1, 2), (1, 3)]
    assert (found.total, found.proven) == (0, True)
    scarce = assign(panel(affinity(asked, people, bids=bids), demand=3, most=2))
    assert (scarce.total, scarce.proven) == (-2, True)
    assert assign_fairly(panel(affinity(asked, people, bids=bids), demand=3, most=2)).floor == -1


def test_bids_and_scores_outside_their_range_are_refused() -> None:
    pair = [Submission("P")], [Reviewer("a")]
    with pytest.raises(InputError, match="'maybe'"):
        affinity(*pair, bids={("P", "a"): "maybe"})
    with pytest.raises(InputError, match="not 0 to 1"):
        affinity(*pair, scores={("P", "a"): 1.5})


def test_a_language_is_the_same_wherever_it_is_spoken() -> None:
    reviewers = [
        Reviewer("a", languages=("EN-GB",)),
        Reviewer("b", languages=("pt_br",)),
        Reviewer("c", languages=("eng",)),
    ]
    asked = [Submission("P", language="en"), Submission("Q", language="pt-PT")]
    assert unreadable(asked, reviewers).tolist() == [[False, True, True], [True, False, True]]


def test_who_does_not_read_the_language_is_told_apart_from_who_says_nothing() -> None:
    reviewers = [Reviewer("en", languages=("en",)), Reviewer("both", languages=("en", "zh")), Reviewer("silent")]
    assert unreadable([Submission("P", language="zh"), Submission("Q")], reviewers).tolist() == [
        [True, False, False],
        [False, False, False],
    ]


def test_a_quota_names_a_kind_or_each_value_there_is() -> None:
    people = [
        Reviewer("A", Person(country="FR", rors=("r1",)), kinds=("engineer",)),
        Reviewer("B", Person(country="DE", institutions=("Dust House",))),
        Reviewer("C", Person(country="FR", agency="ESA")),
    ]
    assert quotas(people, "kind", "engineer", low=1) == (Quota("engineer", (0,), 1, None),)
    assert quotas(people, "country", high=1) == (Quota("FR", (0, 2), 0, 1), Quota("DE", (1,), 0, 1))
    assert quotas(people, "institution", high=1) == (Quota("r1", (0,), 0, 1), Quota("Dust House", (1,), 0, 1))
    assert quotas(people, "agency", "ESA", high=2) == (Quota("ESA", (2,), 0, 2),)
    assert quotas(people, "kind", "pilot", low=1) == (Quota("pilot", (), 1, None),)


def test_the_parts_say_why_a_pair_fits() -> None:
    one = Submission("P", "", "", ("ice", "dust"))
    found = fit([one], [Reviewer("A", keywords=("ice",)), Reviewer("B")], bids={("P", "A"): "eager"})
    assert found.why(0, 0) == {"keywords": 0.5, "bids": 1.0}
    assert found.why(0, 1) == {}
    assert found.units().tolist() == [[round((0.5 * 0.5 + 1.0) / 1.5 * 1_000_000), 0]]
