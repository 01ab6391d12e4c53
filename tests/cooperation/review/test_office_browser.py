"""The office's pages of a review in a real browser: rules for pages, both themes and languages, a phone and a screen."""

import pytest

import builders
from cooperation.review.crowds import Crowd
from moonbridge.cooperation.opportunities.states import State
from moonbridge.cooperation.review.models import Panel, Round

pytestmark = [pytest.mark.pages, pytest.mark.django_db(transaction=True)]


@pytest.mark.parametrize(("language", "colours"), [("en", "light"), ("zh-hans", "dark")])
def test_a_review_begins_and_gets_people(visitor, language: str, colours: str) -> None:
    call = builders.open_opportunity(state=State.CLOSED)
    for _ in range(2):
        builders.submitted_proposal(call)
    office = visitor(builders.office_of(call.agency), language=language)
    office.page.emulate_media(color_scheme=colours)
    hub = f"/opportunities/{call.slug}/review/"
    office.open_wide_and_narrow(hub)
    office.page.click("main form button")
    office.page.wait_for_selector("#panels")
    panel = Panel.objects.get(round=Round.objects.get())
    Panel.objects.update(distributed=True)
    for path in (
        "",
        f"panels/{panel.pk}/",
        f"panels/{panel.pk}/edit/",
        f"panels/{panel.pk}/referees/",
        f"panels/{panel.pk}/peers/",
    ):
        office.open_wide_and_narrow(f"{hub}{path}")
    office.open_wide_and_narrow(f"{hub}panels/{panel.pk}/seats/")
    office.page.fill("#id_email", "new@example.org")
    office.page.select_option("#id_duty", "member")
    office.page.locator("main form button", has=office.page.locator("xpath=self::*")).first.click()
    office.page.wait_for_selector(".messages, [role=status]")
    assert panel.invitations.get().email == "new@example.org"


def test_a_referee_is_invited_by_keyboard_to_proposals_that_were_found_and_typed(visitor) -> None:
    crowd = Crowd(60, 5)
    office = visitor(crowd.made.office, keyboard=True)
    office.open_wide_and_narrow(f"/opportunities/{crowd.made.call.slug}/review/panels/{crowd.panel.pk}/referees/")
    office.fill("#id_email", "new@example.org")
    office.fill("#id_codes", "p-00042")
    office.fill("#find", "Proposal 7")
    office.press("button[name=look]")
    office.page.get_by_label("P-00007").wait_for()
    office.look()
    office.tick("input[value='P-00007']")
    office.press("main section[aria-labelledby=new] .actions button")
    office.page.wait_for_selector(".messages, [role=status]")
    assert sorted(one.code for one in crowd.panel.invitations.get().proposals.all()) == ["P-00007", "P-00042"]
