"""A panel's desk and meeting in a real browser: rules for pages, a screen that follows another by itself, and what was typed stays."""

import pytest

from cooperation.review.panels import Meeting
from moonbridge.cooperation.review.models import Item, Remark
from moonbridge.cooperation.review.states import ItemState, RoundState

pytestmark = [pytest.mark.pages, pytest.mark.django_db(transaction=True)]


@pytest.fixture
def made() -> Meeting:
    found = Meeting(3, state=RoundState.DISCUSSING)
    for number, item in enumerate(found.items):
        found.written(item, found.member(), 4 + number, to_team="Clear aims.", confidential="Between us.")
    return found


@pytest.mark.parametrize("colours", ["light", "dark"])
def test_the_pages_of_a_panel_keep_the_rules_for_pages(made: Meeting, visitor, colours: str) -> None:
    chair = visitor(made.chair.user)
    chair.page.emulate_media(color_scheme=colours)
    panel = f"/panels/{made.panel.pk}"
    for path in ("/", "/people/", "/remind/", "/meeting/", f"/items/{made.items[0].pk}/"):
        chair.open_wide_and_narrow(panel + path)


def test_every_screen_follows_the_chair_but_the_conflicted_ones(made: Meeting, visitor) -> None:
    first = made.items[0]
    member, conflicted = visitor(made.member().user), visitor(made.member().user)
    made.conflict(made.panel.seats.get(user__name=conflicted.pictures.name).user, first)
    chair = visitor(made.chair.user, keyboard=True)
    for screen in (member, conflicted, chair):
        screen.open(f"/panels/{made.panel.pk}/meeting/")
    chair.press("#coming + ol li:first-child button")
    assert Item.objects.get(pk=first.pk).state == ItemState.OPEN
    member.page.locator("#open-item").wait_for()
    assert first.proposal.title in member.page.locator("#open-item").inner_text()
    member.fill(f"#say-{first.pk} textarea", "Half a thought")
    chair.fill(f"#say-{first.pk} textarea", "What about the power?")
    chair.press(f"#say-{first.pk} button")
    member.page.get_by_text("What about the power?").wait_for()
    assert member.page.locator(f"#say-{first.pk} textarea").input_value() == "Half a thought"
    member.look()
    conflicted.look()
    assert conflicted.page.locator("#open-item").count() == 0
    chair.press("form[action$='/close/'] button")
    member.page.locator("#left").wait_for()
    assert member.page.locator(f"#say-{first.pk} textarea").input_value() == "Half a thought"
    member.look()
    member.press(f"#say-{first.pk} button")
    member.page.locator("#room").wait_for()
    assert Remark.objects.filter(item=first, text="Half a thought").exists()
    assert first.proposal.code not in conflicted.page.content()
