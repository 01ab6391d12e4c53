"""Against plain linear algebra, published figures, and simulated panels whose truth is known."""

import numpy as np
import pytest

from moonbridge.engines.reviewing.calibration import Calibration, Review, calibrate
from moonbridge.engines.reviewing.outlying import agreement, krippendorff_alpha, outliers
from moonbridge.engines.reviewing.synthetic import synthetic_reviews
from moonbridge.engines.reviewing.variance import Scored, _System
from moonbridge.errors import InputError


def some_scores() -> Scored:
    draw = np.random.default_rng(3)
    rows, columns = np.divmod(draw.choice(7 * 5, size=19, replace=False), 5)
    rows[:7], columns[7:12] = range(7), range(5)
    return Scored(rows, columns, draw.normal(size=19), draw.uniform(0.5, 2, size=5))


def covariances(scored: Scored, merit: float, severity: float) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Return the covariance of scores, and of merits and of severities with scores, in units of the noise."""
    same_row = scored.rows[:, None] == scored.rows[None, :]
    same_column = scored.columns[:, None] == scored.columns[None, :]
    whole = merit * same_row + severity * same_column + np.diag(1 / scored.weight)
    of_merit = merit * (np.arange(scored.rows.max() + 1)[:, None] == scored.rows[None, :])
    return whole, of_merit, severity * (np.arange(5)[:, None] == scored.columns[None, :])


def test_the_solution_is_the_best_linear_unbiased_prediction() -> None:
    scored = some_scores()
    division = np.array([0.5, 0.2, 0.3])
    whole, of_merit, of_severity = covariances(scored, 0.5 / 0.3, 0.2 / 0.3)
    inverse, ones = np.linalg.inv(whole), np.ones(19)
    level = ones @ inverse @ scored.scores / (ones @ inverse @ ones)
    found = _System.of(scored).solution(division)
    assert found.rest[-1] == pytest.approx(level)
    assert found.merit == pytest.approx(of_merit @ inverse @ (scored.scores - level))
    assert found.rest[:-1] == pytest.approx(of_severity @ inverse @ (scored.scores - level))
    projection = inverse - np.outer(inverse @ ones, ones @ inverse) / (ones @ inverse @ ones)
    noise = scored.scores @ projection @ scored.scores / 16
    assert found.noise == pytest.approx(noise, rel=1e-5)
    # The error of merit plus level: its own variance, less what the scores tell, more what the level leaves open.
    gap = 1 - of_merit @ inverse @ ones
    error = 0.5 / 0.3 * np.eye(7) - of_merit @ inverse @ of_merit.T + np.outer(gap, gap) / (ones @ inverse @ ones)
    assert found.covariance == pytest.approx(noise * error, rel=1e-5)
    residual = np.diag(1 / scored.weight) @ projection @ np.diag(1 / scored.weight)
    assert found.residual_variance == pytest.approx(noise * np.diag(residual), rel=1e-5)


def test_the_likelihood_is_the_restricted_one_with_the_scale_integrated_out() -> None:
    scored = some_scores()
    divisions = np.array([[0.5, 0.2, 0.3], [0.1, 0.7, 0.2], [0.2, 0.1, 0.7]])

    def plain(division: np.ndarray) -> float:
        whole = covariances(scored, *(division[:2] / division[2]))[0]
        inverse, ones = np.linalg.inv(whole), np.ones(19)
        projection = inverse - np.outer(inverse @ ones, ones @ inverse) / (ones @ inverse @ ones)
        volume = np.linalg.slogdet(whole)[1] + np.log(ones @ inverse @ ones)
        return -(volume + 18 * np.log(scored.scores @ projection @ scored.scores)) / 2

    ours = _System.of(scored).log_likelihood(divisions)
    theirs = np.array([plain(division) for division in divisions])
    assert ours - ours[0] == pytest.approx(theirs - theirs[0], abs=1e-5)


def ranks(values: np.ndarray) -> np.ndarray:
    return np.argsort(np.argsort(values)).astype(float)


def simulated(proposals: int, reviewers: int, each: int, seed: int, severity: float) -> tuple[Calibration, np.ndarray]:
    reviews, merit = synthetic_reviews(proposals, reviewers, each, seed, severity=severity, noise=0.5)
    found = calibrate(reviews)
    return found, merit[[int(name[1:]) - 1 for name in found.proposals]]


def gain(found: Calibration, truth: np.ndarray) -> float:
    """Return by how much calibrated merits rank the proposals better than raw means."""
    true = ranks(truth)
    ours, raw = (np.corrcoef(ranks(values), true)[0, 1] for values in (found.merit, found.raw_mean))
    return float(ours - raw)


@pytest.mark.parametrize(("severity", "least", "most"), [(0.0, -0.003, 0.003), (0.5, 0.01, 1.0), (1.0, 0.05, 1.0)])
@pytest.mark.parametrize(("size", "panels"), [((30, 10, 4), 100), ((100, 38, 3), 25)])
def test_calibrated_merits_rank_better_where_reviewers_differ_and_as_well_where_they_do_not(
    size: tuple[int, int, int], panels: int, severity: float, least: float, most: float
) -> None:
    gains = [gain(*simulated(*size, seed, severity)) for seed in range(panels)]
    assert least <= np.mean(gains) <= most


def test_five_hundred_proposals_are_ranked_better_too() -> None:
    assert gain(*simulated(500, 190, 3, 1, 0.5)) > 0.01


def test_intervals_hold_the_truth_as_often_as_they_say() -> None:
    held: dict[float, list[bool]] = {0.5: [], 0.8: [], 0.95: []}
    for seed in range(100):
        found, truth = simulated(30, 10, 4, 1000 + seed, 0.7)
        for level, inside in held.items():
            low, high = found.interval(level)
            inside.extend(((low <= truth) & (truth <= high)).tolist())
    # The proposals of a panel share the doubt of its level, so a hundred panels tell coverage within about 0.02.
    for level, inside in held.items():
        assert np.mean(inside) == pytest.approx(level, abs=0.05)


def test_the_covariance_is_one_and_its_diagonal_the_squared_doubt() -> None:
    found, _ = simulated(30, 10, 4, 5, 0.5)
    assert np.array_equal(found.covariance, found.covariance.T)
    assert np.linalg.eigvalsh(found.covariance)[0] > 0
    assert found.doubt**2 == pytest.approx(np.diag(found.covariance))


def test_a_severe_reviewer_is_seen_and_few_reviews_shrink_towards_the_level() -> None:
    draw = np.random.default_rng(2)
    reviews = [
        Review(f"P{p}", name, 60 + 3 * (p % 7) - (15 if name == "severe" else 0) + draw.normal())
        for p in range(20)
        for name in ("ann", "bob", "severe")
        if (p + len(name)) % 4
    ]
    found = calibrate([*reviews, Review("one", "ann", 90.0)])
    severity = dict(zip(found.reviewers, found.severity, strict=True))
    assert severity["severe"] - severity["ann"] == pytest.approx(15, abs=1.5)
    place = found.proposals.index("one")
    assert found.level < found.merit[place] < found.raw_mean[place] == 90.0
    assert found.doubt[place] == found.doubt.max()


def test_the_scale_of_scores_does_not_matter() -> None:
    reviews, _ = synthetic_reviews(20, 8, 3, 4, severity=0.5)
    plain, scaled = calibrate(reviews), calibrate(Review(p, r, 50 + 10 * score) for p, r, score in reviews)
    assert scaled.merit == pytest.approx(50 + 10 * plain.merit)
    assert scaled.covariance == pytest.approx(100 * plain.covariance)


def test_equal_scores_say_that_all_merits_are_equal() -> None:
    found = calibrate(Review(f"P{p}", f"R{r}", 7.0) for p in range(4) for r in range(3))
    assert found.merit == pytest.approx(np.full(4, 7.0))
    assert agreement(found).alpha is None


def test_an_outlying_review_is_named_and_honest_panels_rarely_name_any() -> None:
    reviews, _ = synthetic_reviews(40, 12, 4, 9, severity=0.3, noise=0.5)
    odd = reviews[17]._replace(score=reviews[17].score + 4)
    named = outliers(calibrate([*reviews[:17], odd, *reviews[18:]]))
    assert [one.review for one in named] == [odd]
    assert named[0].studentised > 4
    honest = [outliers(calibrate(synthetic_reviews(30, 10, 4, seed, severity=0.5)[0])) for seed in range(60)]
    assert sum(map(bool, honest)) <= 8  # 5 % of 60 are 3; 8 is beyond the 99th percentile of that


def test_agreement_follows_the_shares_of_variance() -> None:
    found, _ = simulated(100, 38, 3, 8, 1.0)
    agreed = agreement(found)
    # Truth: variances of merit, severity and noise are 1, 1 and 1/4.
    assert agreed.single == pytest.approx(1 / 2.25, abs=0.12)
    assert agreed.consistency == pytest.approx(1 / 1.25, abs=0.1)
    assert agreed.single < agreed.panel < agreed.consistency + 0.2
    assert agreed.alpha == pytest.approx(agreed.single, abs=0.1)


def test_krippendorffs_alpha_is_that_of_his_own_example() -> None:
    # Krippendorff, Computing Krippendorff's Alpha-Reliability (2011), section C: interval data, alpha = 0.849.
    table = ["123321412 ...", "123322412 5.3", ".33323422 51.", "123324412 51."]
    rows = [row.replace(" ", "") for row in table]
    assert {len(row) for row in rows} == {12}
    scores = [(str(unit), float(mark)) for row in rows for unit, mark in enumerate(row) if mark != "."]
    assert krippendorff_alpha(scores) == pytest.approx(0.849, abs=0.0005)


@pytest.mark.parametrize(
    ("reviews", "said"),
    [
        ([Review("a", "r", 1.0)] * 2, "at least 3"),
        ([Review("a", "r", 1.0), Review("b", "r", 2.0), Review("a", "r", 1.0)], "r reviewed a twice"),
        ([Review("a", "r", 1.0), Review("b", "r", 2.0), Review("c", "r", float("nan"))], "no number"),
    ],
)
def test_what_cannot_be_calibrated_is_refused(reviews: list[Review], said: str) -> None:
    with pytest.raises(InputError, match=said):
        calibrate(reviews)
