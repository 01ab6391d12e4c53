"""The hand-over and the debriefs in a real browser: rules for pages, both themes and languages, a phone and a screen."""

import pytest

from cooperation.review.test_debriefs import Judged
from cooperation.review.test_handover import judged
from moonbridge.cooperation.opportunities.models import Opportunity
from moonbridge.cooperation.opportunities.states import State
from moonbridge.cooperation.review import handovers, tasks
from moonbridge.cooperation.review.models import Calibration, Debrief

pytestmark = [pytest.mark.pages, pytest.mark.django_db(transaction=True)]

PHONE = 390
NEEDED = "[document.documentElement.scrollWidth, document.documentElement.clientWidth]"


def looked_at(visitor, path: str) -> None:
    visitor.open(path)
    for width in (1280, PHONE):
        visitor.page.set_viewport_size({"width": width, "height": 800})
        needed, there = visitor.page.evaluate(NEEDED)
        assert (path, width, needed) == (path, width, there)
    visitor.look()


@pytest.mark.parametrize(("language", "colours"), [("en", "light"), ("zh-hans", "dark")])
def test_scores_are_handed_over_and_teams_debriefed(visitor, language: str, colours: str) -> None:
    made = Judged()
    slug = made.call.slug
    office, lead = visitor(made.office, language=language), visitor(made.lead, language=language)
    for one in (office, lead):
        one.page.emulate_media(color_scheme=colours)
    looked_at(office, f"/opportunities/{slug}/review/hand-over/")
    office.page.check("#id_incomplete")
    office.page.click("main form button")
    office.page.wait_for_url(f"**/opportunities/{slug}/scores/")
    assert Calibration.objects.get().counts
    looked_at(office, f"/opportunities/{slug}/scores/")
    looked_at(office, f"/opportunities/{slug}/review/debriefs/")
    looked_at(office, f"/opportunities/{slug}/review/debriefs/{made.proposals[0].pk}/")
    looked_at(lead, f"/proposals/{made.proposals[0].pk}/debrief/")
    Opportunity.objects.filter(pk=made.call.pk).update(state=State.DECIDED)
    office.open(f"/opportunities/{slug}/review/debriefs/")
    office.page.click("main form button")
    office.page.wait_for_selector(".messages, [role=status]")
    assert Debrief.objects.count() == 2
    looked_at(lead, f"/proposals/{made.proposals[0].pk}/debrief/")


def test_many_reviews_are_calibrated_by_a_job_that_is_watched(visitor, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(handovers, "AT_ONCE", 3)
    made = judged()
    office = visitor(made.office)
    looked_at(office, f"/opportunities/{made.call.slug}/review/hand-over/")
    office.page.click("form[action$='/calibrate/'] button")
    office.page.locator("progress").wait_for()
    office.look()
    tasks.calibrate(str(made.round.pk))
    office.page.locator("input[name=counts][value=calibrated]").wait_for()
    office.look()
    office.page.click("section[aria-labelledby=confirm] form button")
    office.page.wait_for_url(f"**/opportunities/{made.call.slug}/scores/")
    assert Calibration.objects.get().counts
