"""The desks, histories and public pages of samples in a real browser: rules for pages, both themes, a phone and a screen."""

from uuid import uuid4

import pytest

from cooperation.samples import lending
from cooperation.samples.lending import MG, House
from moonbridge.cooperation.programmes.actions import load_catalogue
from moonbridge.cooperation.samples.actions import auditing, incidents
from moonbridge.formats import catalogue
from moonbridge.ledger import log

pytestmark = [pytest.mark.pages, pytest.mark.django_db(transaction=True)]


@pytest.fixture
def house() -> House:
    """A collection with something of everything."""
    made = House()
    loan = lending.on_loan(made, lending.powder(made, 120))
    incidents.report_missing(lending.first(loan), 4 * MG, what="Spilt.", by=made.borrower, command=uuid4())
    lending.on_loan(made, lending.powder(made, 60), by=made.other)
    lending.sent_back(made, lending.powder(made, 40))
    lending.granted(made, lending.powder(made, 20))
    log.append_new(made.book)
    auditing.carry_out(made.collection, by=made.auditor)
    return made


@pytest.mark.parametrize(("language", "colours"), [("en", "light"), ("zh-hans", "dark")])
def test_the_desks_keep_the_rules_for_pages(house: House, visitor, language: str, colours: str) -> None:
    slug = house.collection.slug
    curator = visitor(house.curator, language=language)
    curator.page.emulate_media(color_scheme=colours)
    for path in (
        f"/samples/desk/{house.agency.slug}/", f"/samples/pieces/{house.powder.pk}/", f"/samples/books/{slug}/", "/samples/audits/",
        f"/samples/audits/{slug}/?since=2020-01-01T00:00:00", f"/samples/audits/{slug}/movements/", f"/samples/collections/{slug}/",
        "/samples/where/",
    ):  # fmt: skip
        curator.open_wide_and_narrow(path)


def test_a_history_is_read_and_followed_by_keyboard(house: House, visitor) -> None:
    curator = visitor(house.curator, keyboard=True)
    curator.open(f"/samples/pieces/{house.powder.pk}/")
    curator.press("svg a >> nth=1")
    assert "T0001," in curator.page.locator("h1").inner_text()
    curator.press("table a >> nth=0")
    assert curator.page.locator("h1").inner_text() == "T0001"


@pytest.mark.parametrize("language", ["en", "zh-hans"])
def test_the_page_of_a_mission_keeps_the_rules_for_pages(visitor, language: str) -> None:
    load_catalogue(catalogue.load())
    somebody = visitor(None, language=language)
    somebody.open("/samples/missions/change-5/")
    somebody.open("/samples/where/")
