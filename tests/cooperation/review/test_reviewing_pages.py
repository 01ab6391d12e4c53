"""Reviewing in a real browser: saved by itself, kept without a connection, offered again with both versions, gone after signing out."""

import pytest
from playwright.sync_api import expect

from browser import Visitor
from cooperation.review.panels import Meeting
from cooperation.review.test_reviews import save, says
from moonbridge.cooperation.review.models import Declaration, Descriptor, Review
from moonbridge.cooperation.review.states import ReviewState, RoundState

pytestmark = [pytest.mark.pages]

KEPT = "() => Object.keys(localStorage).filter(key => key.startsWith('moonbridge.review.'))"


@pytest.fixture
def review(transactional_db) -> Review:
    made = Meeting(2)
    seat = made.member(made.items[0])
    for value, text in ((2000, "weak"), (8000, "excellent, with minor weaknesses")):
        Descriptor.objects.create(
            panel=made.panel, criterion=made.panel.criteria.get(), value_permille=value, text=text
        )
    return Review.objects.get(seat=seat)


def form_of(visitor: Visitor, review: Review) -> Visitor:
    visitor.page.goto(f"{visitor.base}/reviews/{review.pk}/")
    return visitor


def status(visitor: Visitor):
    return visitor.page.locator("#review-form > .saved")


def again(review: Review) -> Review:
    return Review.objects.get(pk=review.pk)


def wait_for_saving(visitor: Visitor) -> None:
    """Wait until nothing is kept in the browser any more: only a confirmed saving clears it."""
    visitor.page.wait_for_function(f"() => ({KEPT})().length === 0")


def test_a_review_is_declared_on_written_and_submitted_by_keyboard(visitor, review) -> None:
    Declaration.objects.filter(seat=review.seat).delete()
    reviewer = visitor(review.seat.user, keyboard=True)
    reviewer.open("/reviews/")
    reviewer.press(f"a[href$='/reviews/declare/{review.item.panel_id}/']")
    reviewer.choose(f"[name='choice-{review.item.pk}']", "bid:2")
    reviewer.press("#declare button")
    reviewer.press("form[action$='/none/'] button")
    reviewer.press("main form:has([name='confirmed']) button")
    assert Declaration.objects.filter(seat=review.seat).count() == 2
    reviewer.open("/reviews/")
    reviewer.press(f"a[href='/reviews/{review.pk}/']")
    reviewer.page.locator("[name^='mark-'][value='']").focus()
    for _ in range(9):
        reviewer.page.keyboard.press("ArrowRight")
    reviewer.page.keyboard.press("Tab")
    reviewer.page.keyboard.type("Clear and well argued.")
    reviewer.fill("#id_to_team", "A good instrument.")
    reviewer.page.locator("[name='expertise'][value='1']").focus()
    reviewer.page.keyboard.press("Space")
    wait_for_saving(reviewer)
    kept = again(review)
    assert (kept.state, kept.to_team, kept.expertise) == (ReviewState.DRAFT, "A good instrument.", 1)
    assert [(mark.value_permille, mark.comment) for mark in kept.marks.all()] == [(8000, "Clear and well argued.")]
    reviewer.press("[name='look']")
    reviewer.press("main form button")
    assert again(review).state == ReviewState.SUBMITTED
    expect(reviewer.page.locator("main")).to_contain_text("Reopen it")


def test_what_is_typed_without_a_connection_is_saved_when_it_is_back(visitor, review) -> None:
    reviewer = form_of(visitor(review.seat.user), review)
    reviewer.page.context.set_offline(True)
    reviewer.fill("#id_to_team", "Written in a tunnel")
    expect(status(reviewer)).to_contain_text("Offline")
    reviewer.page.locator("#review-form button:not([name])").click()  # saving by hand loses nothing either
    expect(status(reviewer)).to_contain_text("Offline")
    assert reviewer.page.url.endswith(f"/reviews/{review.pk}/")
    reviewer.page.context.set_offline(False)
    wait_for_saving(reviewer)
    assert again(review).to_team == "Written in a tunnel"
    reviewer.complaints.clear()


def test_a_draft_of_a_closed_tab_is_offered_beside_what_is_saved_and_taken_over(visitor, review) -> None:
    reviewer = form_of(visitor(review.seat.user), review)
    context = reviewer.page.context
    context.set_offline(True)
    reviewer.fill("#id_to_team", "From the train")
    reviewer.page.locator("[name^='mark-'][value='8']").check()
    expect(status(reviewer)).to_contain_text("Offline")
    reviewer.page.close()
    context.set_offline(False)
    save(review, says(review, 2, to_team="From the office", confidential=""))
    reviewer.complaints.clear()
    back = Visitor(context.new_page(), reviewer.base, reviewer.pictures)
    back.open(f"/reviews/{review.pk}/")
    rows = back.page.locator("#unsent tbody tr")
    expect(rows).to_have_count(3)
    assert [row.split("\t") for row in rows.all_inner_texts()] == [
        ["Scientific merit: mark", "2 weak", "8 excellent, with minor weaknesses"],
        ["Scientific merit: Comment", "Because.", ""],
        ["Comment to the team", "From the office", "From the train"],
    ]
    assert again(review).to_team == "From the office"
    back.page.locator("[data-restore]").click()
    wait_for_saving(back)
    kept = again(review)
    assert (kept.to_team, kept.marks.get().value_permille, kept.version) == ("From the train", 8000, 3)
    form_of(back, review)
    expect(back.page.locator("#unsent")).to_be_hidden()


def test_a_draft_that_is_thrown_away_is_gone(visitor, review) -> None:
    reviewer = form_of(visitor(review.seat.user), review)
    reviewer.page.route("**/autosave/", lambda route: route.abort())
    reviewer.fill("#id_confidential", "Not meant")
    expect(status(reviewer)).to_contain_text("Offline")
    reviewer.page.unroute("**/autosave/")
    form_of(reviewer, review)
    reviewer.page.locator("[data-discard]").click()
    assert reviewer.page.evaluate(KEPT) == []
    expect(reviewer.page.locator("#id_confidential")).to_have_value("")
    reviewer.fill("#id_to_team", "Meant")
    wait_for_saving(reviewer)
    assert (again(review).to_team, again(review).confidential) == ("Meant", "")
    reviewer.complaints.clear()


def test_a_second_window_is_told_and_both_versions_are_shown(visitor, review) -> None:
    reviewer = form_of(visitor(review.seat.user), review)
    save(review, says(review, 7, to_team="Saved elsewhere"))
    reviewer.fill("#id_to_team", "Typed here")
    expect(reviewer.page.locator("#stale")).to_contain_text("Saved elsewhere")
    assert again(review).to_team == "Saved elsewhere"
    reviewer.complaints.clear()
    with reviewer.page.expect_navigation():
        reviewer.page.locator("#stale button").click()
    reviewer.complaints.clear()
    reviewer.look()
    expect(reviewer.page.locator("[role=alert] table")).to_contain_text("Typed here")
    assert len(reviewer.page.evaluate(KEPT)) == 1  # until it is saved it is kept, should this tab be closed now
    reviewer.press("#review-form > .actions button:not([name])")
    assert again(review).to_team == "Typed here"
    assert reviewer.page.evaluate(KEPT) == []


def test_what_is_not_ones_own_any_more_and_signing_out_leave_nothing_in_the_browser(visitor, review) -> None:
    reviewer = form_of(visitor(review.seat.user), review)
    Review.objects.filter(pk=review.pk).update(state=ReviewState.RECUSED)
    reviewer.fill("#id_to_team", "Too late")
    expect(status(reviewer)).to_contain_text("not yours any more")
    assert reviewer.page.evaluate(KEPT) == []
    Review.objects.filter(pk=review.pk).update(state=ReviewState.ASSIGNED)
    form_of(reviewer, review)
    reviewer.page.route("**/autosave/", lambda route: route.abort())
    reviewer.fill("#id_to_team", "Kept until signing out")
    expect(status(reviewer)).to_contain_text("Offline")
    assert len(reviewer.page.evaluate(KEPT)) == 1
    reviewer.page.goto(f"{reviewer.base}/accounts/logout/")
    with reviewer.page.expect_navigation():
        reviewer.page.locator("main form button").click()
    assert reviewer.page.evaluate(KEPT) == []
    reviewer.complaints.clear()


def test_every_page_keeps_the_rules_for_pages(visitor, review) -> None:
    made_by = visitor(review.seat.user)
    save(review, says(review))
    panel = review.item.panel_id
    for path in (
        f"{review.pk}/",
        f"{review.pk}/submit/",
        f"{review.pk}/recuse/",
        f"declare/{panel}/",
        f"tables/{panel}/",
    ):
        made_by.open(f"/reviews/{path}")
    made_by.page.set_viewport_size({"width": 390, "height": 844})
    for path in ("", f"{review.pk}/", f"declare/{panel}/"):
        made_by.open(f"/reviews/{path}")
    made_by.page.emulate_media(color_scheme="dark")
    made_by.open(f"/reviews/{review.pk}/")
    type(review.item.panel.round).objects.update(state=RoundState.DISCUSSING)
