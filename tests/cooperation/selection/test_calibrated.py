"""Calibrated merits in selection: they decide, their covariance says how sure each place is, and letters keep the raw means beside them."""

import uuid

import numpy as np
import pytest
from django.urls import reverse

from cooperation.review.test_handover import handed, judged
from cooperation.selection import calls
from cooperation.selection.test_pages import client_of
from moonbridge.accounts.actions import make_token
from moonbridge.cooperation.review.models import Calibration
from moonbridge.cooperation.selection import actions, queries, robust
from moonbridge.cooperation.selection.actions import studying
from moonbridge.cooperation.selection.actions.studying import carry_out_study
from moonbridge.cooperation.selection.candidates import candidates
from moonbridge.cooperation.selection.levers import Changes, Levers
from moonbridge.cooperation.selection.papers import letter
from moonbridge.cooperation.selection.results import TIME_RAN_OUT
from moonbridge.cooperation.selection.states import SolveState
from moonbridge.cooperation.selection.studies import ROBUSTNESS
from moonbridge.engines.selection.robustness import robustness
from moonbridge.errors import Refused

pytestmark = pytest.mark.django_db


def ask(made, recommendation):
    levers = Levers(queries.problem_of(recommendation))
    asked = actions.study(recommendation, levers, Changes(), about=ROBUSTNESS, by=made.office, command=uuid.uuid4())
    carry_out_study(asked)
    asked.refresh_from_db()
    return asked


def test_the_covariance_comes_from_the_table_in_the_order_of_the_problem() -> None:
    made = judged()
    handed(made)
    problem, kept = candidates(made.call), Calibration.objects.get()
    found = robust.covariance_of(made.call, problem)
    for row, first in enumerate(problem.proposals):
        for column, second in enumerate(problem.proposals):
            text = kept.covariance[kept.codes.index(first.id)][kept.codes.index(second.id)]
            assert found[row, column] == float(text)
    deviations = [float(proposal.options[0].doubt) for proposal in problem.proposals]
    assert np.allclose(np.sqrt(np.diag(found)), deviations, atol=1e-4)


def test_a_study_says_how_sure_each_place_is_as_the_engine_does() -> None:
    made = judged()
    handed(made)
    recommendation = calls.recommended(made.call, made.office)
    study = ask(made, recommendation)
    assert study.state == SolveState.DONE, study.refusal
    problem = queries.problem_of(recommendation)
    expected = robustness(problem, draws=1000, seed=0, covariance=robust.covariance_of(made.call, problem))
    told = {one["proposal"]: one["probability"] for one in study.answer["proposals"]}
    assert told == {code: str(part) for code, part in expected.probability.items()}
    assert study.answer["portfolios"] == {
        "expectation": expected.best_in_expectation,
        "quantile": expected.best_at_quantile,
        "regret": expected.least_regret,
    }
    page = client_of(made.office).get(reverse("selection-studio", args=[made.call.slug]))
    assert page.context["robust"].portfolios[0] == robust.Robust("best on average", "–")
    assert page.context["robust"].portfolios[2].largest_regret == study.answer["largest_regret"]
    assert "the recommended portfolio" in page.content.decode()
    assert [row.code for row in page.context["robust"].rows] == sorted(
        told, key=lambda code: (-round(100 * expected.probability[code]), code)
    )


def test_a_study_of_draws_ends_with_its_time(monkeypatch) -> None:
    made = judged()
    handed(made)
    recommendation = calls.recommended(made.call, made.office)
    monkeypatch.setattr(studying, "AT_MOST", 0.01)
    study = ask(made, recommendation)
    assert (study.state, study.refusal["sentence"]) == (SolveState.FAILED, TIME_RAN_OUT)


def test_raw_means_have_no_doubt_and_the_page_says_why() -> None:
    made = judged()
    handed(made, calibrated=False)
    recommendation = calls.recommended(made.call, made.office)
    with pytest.raises(Refused, match="Raw means count"):
        ask(made, recommendation)
    page = client_of(made.office).get(reverse("selection-studio", args=[made.call.slug]))
    assert "Raw means count" in page.content.decode()


def test_a_recommendation_of_other_scores_is_refused() -> None:
    made = judged()
    handed(made, calibrated=False)
    recommendation = calls.recommended(made.call, made.office)
    handed(made)
    with pytest.raises(Refused, match="have changed"):
        ask(made, recommendation)


def test_the_letter_names_the_raw_mean_beside_a_calibrated_merit() -> None:
    made = judged()
    handed(made)
    calls.published(made.call, made.office)
    proposal = made.proposals[0]
    lead = proposal.members.get().user
    outcome = queries.outcomes_visible_to(lead).get(proposal=proposal)
    assert queries.raw_merit(lead, outcome) == "80"
    page = client_of(lead).get(reverse("outcome", args=[proposal.pk])).content.decode()
    assert "the merit allows for severe and lenient reviewers" in page
    assert made.panel.seats.first().label not in page
    paper = letter(outcome, queries.own_scores(lead, outcome), queries.raw_merit(lead, outcome))
    assert "80 of 100" in repr(paper.blocks)
    client = client_of(None)
    told = client.get(
        f"/api/v1/proposals/{proposal.pk}/outcome", headers={"Authorization": f"Bearer {make_token('t', by=lead)}"}
    ).json()
    assert told["raw_mean"] == "80"
