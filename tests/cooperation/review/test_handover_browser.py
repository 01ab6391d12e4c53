"""The hand-over and the debriefs in a real browser: rules for pages, both themes and languages, a phone and a screen."""

import pytest

from cooperation.review.test_debriefs import Judged
from cooperation.review.test_handover import judged
from moonbridge.cooperation.opportunities.models import Opportunity
from moonbridge.cooperation.opportunities.states import State
from moonbridge.cooperation.review import handovers, tasks
from moonbridge.cooperation.review.models import Calibration, Debrief

pytestmark = [pytest.mark.pages, pytest.mark.django_db(transaction=True)]


@pytest.mark.parametrize(("language", "colours"), [("en", "light"), ("zh-hans", "dark")])
def test_scores_are_handed_over_and_teams_debriefed(visitor, language: str, colours: str) -> None:
    made = Judged()
    slug = made.call.slug
    office, lead = visitor(made.office, language=language), visitor(made.lead, language=language)
    for one in (office, lead):
        one.page.emulate_media(color_scheme=colours)
    office.open_wide_and_narrow(f"/opportunities/{slug}/review/hand-over/")
    office.page.check("#id_incomplete")
    office.page.click("main form button")
    office.page.wait_for_url(f"**/opportunities/{slug}/scores/")
    assert Calibration.objects.get().counts
    office.open_wide_and_narrow(f"/opportunities/{slug}/scores/")
    office.open_wide_and_narrow(f"/opportunities/{slug}/review/debriefs/")
    office.open_wide_and_narrow(f"/opportunities/{slug}/review/debriefs/{made.proposals[0].pk}/")
    lead.open_wide_and_narrow(f"/proposals/{made.proposals[0].pk}/debrief/")
    Opportunity.objects.filter(pk=made.call.pk).update(state=State.DECIDED)
    office.open(f"/opportunities/{slug}/review/debriefs/")
    office.page.click("main form button")
    office.page.wait_for_selector(".messages, [role=status]")
    assert Debrief.objects.count() == 2
    lead.open_wide_and_narrow(f"/proposals/{made.proposals[0].pk}/debrief/")


def test_many_reviews_are_calibrated_by_a_job_that_is_watched(visitor, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(handovers, "AT_ONCE", 3)
    made = judged()
    office = visitor(made.office)
    office.open_wide_and_narrow(f"/opportunities/{made.call.slug}/review/hand-over/")
    office.page.click("form[action$='/calibrate/'] button")
    office.page.locator("progress").wait_for()
    office.look()
    tasks.calibrate(str(made.round.pk))
    office.page.locator("input[name=counts][value=calibrated]").wait_for()
    office.look()
    office.page.click("section[aria-labelledby=confirm] form button")
    office.page.wait_for_url(f"**/opportunities/{made.call.slug}/scores/")
    assert Calibration.objects.get().counts
