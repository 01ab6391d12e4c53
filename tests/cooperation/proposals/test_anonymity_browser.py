"""Dual-anonymous proposals and dates that move, in a real browser."""

import pytest

import builders
from cooperation.opportunities.test_extending import published
from cooperation.proposals import making
from cooperation.proposals.test_anonymity import attach, draft
from moonbridge.cooperation.opportunities.models import Opportunity
from moonbridge.cooperation.proposals.models import Tie
from moonbridge.cooperation.proposals.states import State
from moonbridge.cooperation.review.actions.teams import name_conflict

pytestmark = [pytest.mark.pages, pytest.mark.django_db(transaction=True)]


def test_a_lead_says_why_a_name_stays_and_submits(visitor) -> None:
    proposal = draft(abstract="As X. Zhang showed, ions matter.", accommodation="Tested in our laboratory.")
    attach(proposal, b"a,b", "table.csv")
    name_conflict(proposal, name="Rival", tie=Tie.RIVAL, **making.by_lead(proposal))
    lead = visitor(making.lead_of(proposal), keyboard=True)
    for path in ("edit/", "conflicts/", ""):
        lead.open(f"/proposals/{proposal.pk}/{path}")
    lead.press("a.button:has-text('Submit')")
    lead.fill("textarea[name^='reason-']", "It is the name of an effect.")
    lead.press("button:has-text('Keep these reasons')")
    lead.press("form:not([action]) button:has-text('Submit')")
    assert making.again(proposal).state == State.SUBMITTED


def test_an_officer_looks_at_all_dates_and_moves_them(visitor) -> None:
    call = published()
    officer = visitor(builders.office_of(call.agency))
    officer.open(f"/opportunities/{call.slug}/shift/")
    officer.page.select_option("[name=stage]", "reviews")
    officer.fill("[name=days]", "7")
    officer.press("button:has-text('Show all dates')")
    officer.fill("[name=reason]", "Reviewers asked for a week.")
    officer.press("button:has-text('Move them')")
    assert Opportunity.objects.get(pk=call.pk).amendments.count() == 1
    officer.open(f"/opportunities/{call.slug}/amend/")
