"""Lending in a real browser: ask for powder and see at once whether it fits, and count what one holds; by mouse and by keyboard."""

import pytest

from cooperation.samples import lending
from cooperation.samples.lending import MG, House
from moonbridge.cooperation.samples.models import Inventory, Request

pytestmark = [pytest.mark.pages, pytest.mark.django_db(transaction=True)]


def test_a_borrower_asks_for_powder_and_the_page_says_at_once_whether_it_fits(visitor) -> None:
    house = House()
    someone = visitor(house.borrower)
    someone.open("/samples/catalogue/")
    someone.press("th a:has-text('T0001')")
    someone.press("button:has-text('Begin a request')")
    mass = f"[name='{house.powder.pk}-mass']"
    someone.fill(mass, "900 mg")
    someone.page.locator("text=900 mg asked, 800 mg available").wait_for()
    someone.fill(mass, "20 mg")
    someone.page.locator("text=It fits: everything you ask for can be lent now.").wait_for()
    someone.page.locator(".saved[data-state='saved']").wait_for()
    assert Request.objects.get().lines.get().mass_ng == 20 * MG
    someone.look()
    someone.press("a:has-text('Read it')")


def test_an_inventory_takes_one_choice_a_piece_by_keyboard(visitor) -> None:
    house = House()
    loan = lending.on_loan(house)
    someone = visitor(house.borrower, keyboard=True)
    someone.open("/samples/loans/")
    someone.press(f"th a:has-text('{loan.code}')")
    someone.press("a.button:has-text('Inventory')")
    someone.tick(f"#id_condition-{lending.first(loan).pk}_0")
    someone.press("button:has-text('Send the inventory')")
    assert Inventory.objects.get().rows.get().condition == "good"


def test_the_officers_pages_keep_the_rules_for_pages(visitor) -> None:
    house = House()
    loan, back = lending.on_loan(house), lending.weighed_back(house, off=-5 * lending.SIGMA)
    lending.sent_back(house)
    asked = lending.asked(house, lending.powder(house), by=house.other)
    curator = visitor(house.curator)
    for path in (
        f"/samples/loans/{loan.code}/", f"/samples/loans/{back.code}/", f"/samples/loans/{loan.code}/lines/1/",
        f"/samples/returns/{house.agency.slug}/", f"/samples/allocation/{house.agency.slug}/", "/samples/requests/",
        f"/samples/requests/{asked.pk}/",
    ):  # fmt: skip
        curator.open(path)


def test_a_curator_shows_a_piece_and_everybody_sees_it(visitor) -> None:
    house = House()
    curator = visitor(house.curator)
    curator.open(f"/samples/catalogue/{house.powder.pk}/")
    curator.press("a.button:has-text('History, pictures, publications')")
    photo = lending.photo(800, 600)
    files = [{"name": photo.name, "mimeType": "image/jpeg", "buffer": photo.read()}]
    curator.page.locator("#picture-file").set_input_files(files)
    curator.fill("#picture-caption", "Powder under crossed polarisers")
    curator.fill("#picture-credit", "The collection")
    curator.press("button:has-text('Attach the picture')")
    curator.fill("#publication-reference", "doi:10.1126/SCIENCE.abl7957")
    curator.fill("#publication-title", "Age and composition of young basalts")
    curator.fill("#publication-year", "2021")
    curator.press("button:has-text('Note the publication')")
    stranger = visitor(None)
    for path in ("/samples/catalogue/", f"/samples/catalogue/{house.powder.pk}/"):
        stranger.open(path)
        picture = stranger.page.locator("img[alt='Powder under crossed polarisers']")
        picture.scroll_into_view_if_needed()
        stranger.page.wait_for_function("() => [...document.images].every(image => image.complete)")
        assert picture.evaluate("image => image.naturalWidth") == 320
    assert stranger.page.locator("a[href='https://doi.org/10.1126/science.abl7957']").count() == 1
