"""Writing in a real browser: it says at once whether it fits, saves by itself, survives a lost line, and tells the second writer."""

import pytest
from playwright.sync_api import Route, expect

import builders
from browser import Visitor
from cooperation.proposals import making
from moonbridge.cooperation.proposals import actions
from moonbridge.cooperation.proposals.models import Proposal, TeamRole

pytestmark = [pytest.mark.pages]

SAVED = "Saved"


def form_of(team: Visitor, proposal: Proposal) -> Visitor:
    team.page.goto(f"{team.base}/proposals/{proposal.pk}/edit/")
    return team


def status(team: Visitor):
    return team.page.locator("#proposal-form > .saved")


def mass_of(proposal: Proposal) -> str:
    return f"[name='options-0-demand-{proposal.opportunity.envelope.get(resource='mass').pk}']"


def test_it_says_at_once_whether_it_fits_and_saves_by_itself(visitor) -> None:
    proposal = making.complete(mass="5 kg")
    team = form_of(visitor(making.lead_of(proposal)), proposal)
    verdict = team.page.locator("[data-fit] .fits")
    expect(verdict).to_have_text("It fits: every amount is within what is offered.")
    team.fill(mass_of(proposal), "12500 g")
    expect(verdict).to_have_text("It does not fit: mass is 2.5 kg above the limit of 10 kg per item.")
    expect(team.page.locator("[data-missing]")).to_contain_text("No version fits the envelope")
    expect(status(team)).to_contain_text(SAVED)
    assert proposal.options.get().demands.get(line__resource="mass").amount == 12_500_000
    team.fill(mass_of(proposal), "12 kgg")
    expect(team.page.locator("[data-missing]")).to_contain_text("“12 kgg” cannot be read")
    expect(status(team)).to_contain_text(SAVED)
    form_of(team, proposal)
    expect(team.page.locator(mass_of(proposal))).to_have_value("12 kgg")


def test_a_filled_last_row_is_followed_by_an_empty_one(visitor) -> None:
    proposal = making.complete()
    team = form_of(visitor(making.lead_of(proposal)), proposal)
    team.fill("[name='participants-1-institution']", "Observatory")
    team.fill("[name='participants-1-country']", "Kenya")
    team.fill("[name='participants-2-institution']", "Museum")
    team.fill("[name='participants-3-contribution']", "cables")
    expect(status(team)).to_contain_text(SAVED)
    assert list(proposal.participants.values_list("institution", "country")) == [
        ("An institute", "TH"), ("Observatory", "KE"), ("Museum", ""), ("", ""),
    ]  # fmt: skip


def test_what_is_typed_without_a_connection_is_saved_when_it_is_back(visitor) -> None:
    proposal = making.complete()
    team = form_of(visitor(making.lead_of(proposal)), proposal)
    team.page.context.set_offline(True)
    team.fill("#id_title", "Written in a tunnel")
    expect(status(team)).to_contain_text("Offline")
    team.page.context.set_offline(False)
    expect(status(team)).to_contain_text(SAVED)
    assert making.again(proposal).title == "Written in a tunnel"
    team.complaints.clear()


def test_a_saving_whose_answer_was_lost_is_not_done_twice_and_what_came_after_is_not_refused(visitor) -> None:
    proposal = making.complete()
    team = form_of(visitor(making.lead_of(proposal)), proposal)
    lost = []

    def lose_the_answer(route: Route) -> None:
        lost.append(route.fetch().status)
        route.abort()

    team.page.route("**/autosave/", lose_the_answer, times=1)
    team.fill("#id_title", "First")
    expect(status(team)).to_contain_text("Offline")
    team.fill("#id_abstract", "And more.")
    expect(status(team)).to_contain_text(SAVED, timeout=10_000)
    expect(team.page.locator("#stale")).to_be_hidden()
    now = making.again(proposal)
    assert (lost, now.title, now.abstract, now.version) == ([200], "First", "And more.", 3)
    team.complaints.clear()


def test_what_a_closed_tab_could_not_save_is_offered_by_the_next(visitor) -> None:
    proposal = making.complete()
    team = form_of(visitor(making.lead_of(proposal)), proposal)
    team.page.route("**/autosave/", lambda route: route.abort())
    team.fill("#id_title", "Kept in the browser")
    expect(status(team)).to_contain_text("Offline")
    team.page.unroute("**/autosave/")
    team.complaints.clear()
    form_of(team, proposal)
    team.press("[data-restore]")
    assert making.again(proposal).title == "Kept in the browser"
    form_of(team, proposal)
    expect(team.page.locator("#unsent")).to_be_hidden()


def test_the_second_writer_is_told_and_shown_both_versions(visitor) -> None:
    proposal = making.complete()
    editor = visitor(making.member(proposal, TeamRole.EDITOR))
    team = form_of(visitor(making.lead_of(proposal)), proposal)
    form_of(editor, proposal)
    team.fill("#id_title", "The lead's title")
    expect(status(team)).to_contain_text(SAVED)
    editor.fill("#id_title", "The editor's title")
    expect(editor.page.locator("#stale")).to_be_visible()
    expect(editor.page.locator("#stale")).to_contain_text("The lead's title")
    assert making.again(proposal).title == "The lead's title"
    editor.complaints.clear()
    with editor.page.expect_navigation():
        editor.page.locator("#stale button").click()
    editor.complaints.clear()
    editor.look()
    expect(editor.page.locator("[role=alert] table")).to_contain_text("The editor's title")
    editor.press("#proposal-form > .actions button:not([name])")
    assert making.again(proposal).title == "The editor's title"


def test_every_page_of_a_proposal_keeps_the_rules_for_pages(visitor) -> None:
    call = making.past_call()
    proposal, other = making.submit(making.complete(call), begun_at=call.deadline).proposal, making.complete(call)
    draft = making.complete(builders.open_opportunity())
    lead = visitor(making.lead_of(draft))
    lead.open(f"/opportunities/{draft.opportunity.slug}/propose/")
    for page in ("", "edit/", "team/", "submit/", "withdraw/", "merge/"):
        lead.open(f"/proposals/{draft.pk}/{page}")
    team = visitor(making.lead_of(proposal))
    for page in ("", "receipt/1/", "team/", "merge/", "take-back/"):
        team.open(f"/proposals/{proposal.pk}/{page}")
    visitor(builders.office_of(call.agency)).open(f"/opportunities/{call.slug}/proposals/")
    invited = actions.invite(other, role=TeamRole.EDITOR, **making.by_lead(other))
    visitor(builders.person()).open(f"/invitations/{actions.secret_of(invited.pk)}/")
