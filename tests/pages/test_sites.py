"""The pages of places on the Moon in a real browser: open to everybody, nothing sticks out on a phone, a study from question to answer."""

import pytest
from django.urls import reverse

import builders
from moonbridge.cooperation.programmes.actions import load_catalogue
from moonbridge.cooperation.sites import tasks
from moonbridge.cooperation.sites.models import Study
from moonbridge.formats.catalogue import load

pytestmark = [pytest.mark.pages, pytest.mark.django_db(transaction=True)]

PAGES = ("/sites/", "/sites/connecting-ridge/2027/", "/sites/change-4-landing/2027/")


@pytest.mark.parametrize(("language", "colours"), [("en", "light"), ("zh-hans", "dark")])
def test_the_pages_of_sites_keep_the_rules_for_pages(transactional_db, visitor, language, colours) -> None:
    load_catalogue(load())
    somebody = visitor(language=language)
    somebody.page.emulate_media(color_scheme=colours)
    for path in PAGES:
        somebody.open_wide_and_narrow(path)


def test_a_study_goes_from_question_to_answer(transactional_db, visitor, settings, tmp_path) -> None:
    settings.STATE = tmp_path
    somebody = visitor(builders.person())
    somebody.open(reverse("site-studies"))
    somebody.page.get_by_label("Coordinates", exact=True).fill("88.8S, 123.4E")
    somebody.page.get_by_label("What you call it").fill("Rim")
    somebody.page.get_by_role("button", name="Study it").click()
    somebody.page.get_by_role("heading", name="This place is being studied").wait_for()
    held = Study.objects.get()
    tasks.study(str(held.pk))
    somebody.page.get_by_role("heading", name="The horizon, with Sun and Earth").wait_for(timeout=20_000)
    for address in (reverse("site-study", args=[held.pk]), reverse("site-studies")):
        somebody.open_wide_and_narrow(address)
