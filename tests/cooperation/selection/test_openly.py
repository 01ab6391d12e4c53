"""Why the portfolio is what it is, for everybody: the same for all who look, and nothing of those who are not public."""

import re

import pgtrigger
import pytest
from django.urls import reverse
from django.utils import translation

import builders
from cooperation.selection import calls
from cooperation.selection.test_pages import client_of, lead_of
from formats.paper.reading import Document
from moonbridge.accounts.models import RoleKind, Scope
from moonbridge.cooperation.opportunities.models import PortfolioRule
from moonbridge.cooperation.proposals.models import Relation, RelationKind
from moonbridge.cooperation.selection import actions
from moonbridge.cooperation.selection.openly import OpenReasons, open_reasons

pytestmark = pytest.mark.django_db


@pytest.fixture
def case():
    return calls.hand_computed_call()


def told(decision) -> tuple[dict[str, str], list[str], list[str]]:
    with translation.override("en"):
        why = open_reasons(decision)
    return {outcome.proposal.code: reason for outcome, reason in why.selected}, why.left_out, why.against


def test_who_is_in_and_what_stood_against_the_others(case) -> None:
    call, office, _ = case
    decision = calls.published(call, office)
    worse = "Every portfolio without it is worth less."
    assert told(decision) == (
        {"P-A": worse, "P-C": worse, "P-D": worse},
        ["Left out because every portfolio with it is worth less: 1."],
        ["Lander · mass"],
    )


def test_what_the_office_decided_is_told_with_its_reason_and_the_refused_stay_unnamed(case) -> None:
    call, office, made = case
    actions.force(made["P-D"], inside=True, reason="A treaty.", by=office, command=calls.command())
    actions.force(made["P-B"], inside=False, reason="It is late.", by=office, command=calls.command())
    selected, left_out, against = told(calls.published(call, office))
    assert selected["P-D"] == "P-D is selected (option Full) by decision of the office: A treaty."
    assert (left_out, against) == (["Left out by decision of the office: 1."], [])


def test_rules_are_told_without_the_country_of_a_refused_team(case) -> None:
    """D comes from Korea and is alone there; of the three from Thailand only one may fly."""
    call, office, made = case
    made["P-D"].participants.update(country="KR")
    with pgtrigger.ignore("opportunities.PortfolioRule:changes_by_amendment"):
        PortfolioRule.objects.create(opportunity=call, by="country", at_most=1)
    _, left_out, against = told(calls.published(call, office))
    assert left_out == ["Left out because every portfolio with it is worth less: 2."]
    assert "the rules of the call by country" in against
    assert "Thailand" not in str(against)


def test_a_need_names_only_public_proposals(case) -> None:
    call, office, made = case
    Relation.objects.create(proposal=made["P-D"], kind=RelationKind.NEEDS, named="the arm", other=made["P-A"])
    decision = calls.published(call, office)
    selected, _, _ = told(decision)
    assert "P-D flies only with at least 1 of P-A" in selected["P-D"]
    assert selected["P-A"].endswith("If it is lost, P-D cannot fly either.")
    masked = decision.outcomes.get(proposal=made["P-A"])
    masked.explanation["carries"] = ["P-B"]
    with pgtrigger.ignore("selection.Outcome:published_outcomes_stay"):
        masked.save()
    assert told(decision)[0]["P-A"].endswith("If it is lost, another proposal cannot fly either.")


def test_who_is_called_up_was_left_out_by_the_decision_itself(case) -> None:
    call, office, made = case
    decision = calls.published(call, office, reserve=1)
    lost = decision.outcomes.get(proposal=made["P-A"])
    actions.lose(lost, reason="Gone.", by=office, command=calls.command())
    actions.call_up(made["P-B"].outcome, by=office, command=calls.command())
    selected, left_out, against = told(decision)
    assert selected["P-B"] == "It was called up from the reserve list, after places became free."
    assert (sorted(selected), left_out, against) == (["P-B", "P-C", "P-D"], [], [])


def test_a_replay_has_no_reasons() -> None:
    call = builders.open_opportunity(state="closed", origin="replay")
    proposal = builders.submitted_proposal(call)
    outcomes = [{"proposal": proposal, "kind": "selected", "option": proposal.options.get()}]
    office = builders.office_of(call.agency)
    decision = actions.replay_decision(call, outcomes=outcomes, published_at=None, note="", by=office)
    assert open_reasons(decision) == OpenReasons([], [], [])


def test_everybody_reads_the_same_and_nobody_a_merit_or_a_refused_proposal(case) -> None:
    call, office, made = case
    calls.published(call, office, reserve=1)
    reviewer = builders.role(RoleKind.REVIEWER, Scope.OPPORTUNITY, call)
    page, paper = reverse("decision", args=[call.slug]), reverse("decision-paper", args=[call.slug])
    for reader in (None, lead_of(made["P-A"]), lead_of(made["P-B"]), reviewer, office):
        shown = client_of(reader).get(page)
        assert shown.context["why"].against == ["Lander · mass"]
        printed = "".join(Document(client_of(reader).get(paper).content).text.split())
        assert "Everyportfoliowithoutitisworthless." in printed
        why = shown.context["why"]
        said = " ".join([*(reason for _, reason in why.selected), *why.left_out, *why.against])
        assert not re.search(r"P-B|R1|merit|falls by|\d\d", said)
        assert not re.search(r"P-B|R1|fallsby", printed)
