"""The curator's bench in a real browser: it says by itself whether a division fits; rules for pages, both themes, a phone and a screen."""

import pytest

from cooperation.samples import lending
from cooperation.samples.lending import MG, House
from cooperation.samples.test_bench import in_store
from moonbridge.cooperation.samples.models import Booking, Reweighing, Split
from moonbridge.ledger.models import Movement

pytestmark = [pytest.mark.pages, pytest.mark.django_db(transaction=True)]


@pytest.mark.parametrize("keyboard", [False, True])
def test_a_curator_divides_a_piece_and_is_told_at_once_whether_it_fits(visitor, keyboard: bool) -> None:
    house = House()
    lending.granted(house, lending.powder(house, 100))
    curator = visitor(house.curator, keyboard=keyboard)
    curator.open(f"/samples/pieces/{house.powder.pk}/")
    curator.press("a.button:text-is('Divide')")
    curator.fill("[name='part-0-mass']", "950 mg")
    curator.page.locator("text=It does not fit: 900 mg is free, 50 mg is missing.").wait_for()
    curator.fill("[name='part-0-mass']", "200.5 mg")
    curator.fill("[name='loss']", "0.5 mg")
    curator.page.locator("text=1 g = 200.5 mg in parts + 500 ug dust + 799 mg that stays").wait_for()
    curator.add_row("button:has-text('More rows')", "[name='part-5-mass']")
    assert curator.page.locator("[name='part-0-mass']").input_value() == "200.5 mg"
    curator.look()
    curator.fill("[name='part-5-mass']", "99 mg")
    curator.page.locator("text=1 g = 299.5 mg in parts + 500 ug dust + 700 mg that stays").wait_for()
    curator.press("button:has-text('Divide it')")
    assert [in_store(piece) for piece in Split.objects.filter(name__startswith="T0001,")] == [200_500_000, 99 * MG]


@pytest.mark.parametrize(("language", "colours"), [("en", "light"), ("zh-hans", "dark")])
def test_the_pages_of_the_bench_keep_the_rules_for_pages(visitor, language: str, colours: str) -> None:
    house = House()
    curator = visitor(house.curator, language=language)
    curator.page.emulate_media(color_scheme=colours)
    piece, book = f"/samples/pieces/{house.clast.pk}", f"/samples/books/{house.collection.slug}"
    curator.open(f"{piece}/weigh/")
    curator.fill("[name='mass']", "290 mg")
    curator.press("main form button")
    weighing = f"/samples/weighings/{Reweighing.objects.get().pk}/"
    for path in (
        f"/samples/desk/{house.agency.slug}/", f"/samples/desk/{house.agency.slug}/collections/new/", f"{book}/",
        f"{book}/pieces/new/", f"{book}/mixtures/new/?of=T0002", f"{piece}/", f"{piece}/divide/", f"{piece}/number/",
        f"{piece}/custody/", weighing,
    ):  # fmt: skip
        curator.open_wide_and_narrow(path)


@pytest.mark.parametrize(("language", "colours"), [("en", "light"), ("zh-hans", "dark")])
def test_a_gift_is_signed_by_two_and_the_pages_of_bookings_keep_the_rules(visitor, language: str, colours: str) -> None:
    house = House()
    curator, office = (visitor(user, language=language) for user in (house.curator, house.office))
    for one in (curator, office):
        one.page.emulate_media(color_scheme=colours)
    piece = f"/samples/pieces/{house.powder.pk}"
    came = Movement.objects.get(book=house.book, kind="intake", entries__account__label=house.powder.name)
    for path in (
        f"{piece}/missing/", f"{piece}/use-up/", f"/samples/books/{house.collection.slug}/corrections/{came.pk}/",
    ):  # fmt: skip
        curator.open_wide_and_narrow(path)
    curator.open_wide_and_narrow(f"{piece}/cede/")
    for name, text in (("mass", "100 mg"), ("receiver", "Republic of Dust"), ("reason", "Treaty 7 of 1971")):
        curator.fill(f"[name='{name}']", text)
    curator.press("main form button")
    waits = f"/samples/bookings/{Booking.objects.get().pk}/"
    curator.open_wide_and_narrow(waits)
    office.open_wide_and_narrow(f"/samples/desk/{house.agency.slug}/?what=signature")
    assert office.page.locator(f"main a[href$='{waits}']").count() == 1
    office.open_wide_and_narrow(waits)
    office.press("main form:not([action]) button")
    assert in_store(house.powder) == 900 * MG
    office.open_wide_and_narrow(waits)
