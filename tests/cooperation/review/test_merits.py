"""Merits, against numbers computed by hand."""

from fractions import Fraction

from moonbridge.cooperation.review.merits import Given, Weighed, shown, standing

CRITERIA = (Weighed("Merit", 3, 0, 10), Weighed("Feasibility", 1, 1, 5))


def given(*rows: tuple[str, str, int]) -> list[Given]:
    return [Given(criterion, reviewer, thousandths) for criterion, reviewer, thousandths in rows]


def test_a_merit_is_the_weighted_mean_of_the_parts_of_each_scale() -> None:
    # Merit: (8.5 + 7) / 2 = 7.75 of 0..10 = 0.775; feasibility: 4 of 1..5 = 0.75; (3 * 0.775 + 0.75) / 4 = 0.76875
    found = standing(CRITERIA, given(("Merit", "R1", 8500), ("Merit", "R2", 7000), ("Feasibility", "R1", 4000)))
    assert found is not None
    assert (found.merit, found.merit_text) == (768_750, "76.875")
    assert found.means == {"Merit": Fraction(31, 4), "Feasibility": Fraction(4)}
    assert found.reviewers == ("R1", "R2")
    # R1 alone: (3 * 0.85 + 0.75) / 4 = 0.825; R2 alone, by the one criterion scored: 0.7
    assert (found.spread, found.spread_text) == (125_000, "12.5")


def test_thirds_are_rounded_half_to_even_in_the_last_millionth_only() -> None:
    found = standing((Weighed("Merit", 1, 0, 3),), given(("Merit", "R1", 1000), ("Merit", "R2", 1000)))
    assert found is not None
    assert (found.merit, shown(found.merit)) == (333_333, "33.3333")


def test_the_ends_of_the_scale_are_nothing_and_the_full_mark() -> None:
    def only(merit: int, feasibility: int):
        return standing(CRITERIA, given(("Merit", "R", merit), ("Feasibility", "R", feasibility)))

    assert [only(0, 1000).merit, only(10_000, 5000).merit] == [0, 1_000_000]


def test_a_criterion_without_a_score_leaves_no_merit() -> None:
    assert standing(CRITERIA, given(("Merit", "R1", 8500))) is None
