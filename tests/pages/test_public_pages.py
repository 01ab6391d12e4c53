"""The public pages in a real browser: axe, the console, narrow screens, dark colours, right-to-left, no scripts."""

import pytest

from browser import fits
from moonbridge.cooperation.programmes.actions import load_catalogue
from moonbridge.formats.catalogue import load

pytestmark = pytest.mark.pages

PAGES = (
    "/", "/programmes/ilrs/", "/missions/", "/missions/change-6/", "/opportunities/", "/calls/change-7-2022/", "/partners/",
    "/partners/fr/",
    "/station/", "/samples/", "/sources/lnd_abs/", "/conflicts/", "/search/?q=moon", "/record/", "/accounts/login/", "/accounts/signup/",
    "/no-such-page/",
)  # fmt: skip
WIDTHS = (390, 768, 1280)


@pytest.fixture
def catalogue(transactional_db) -> None:
    load_catalogue(load())


@pytest.fixture
def site(catalogue, visitor):
    """A function that makes a visitor of the site with its catalogue."""
    return visitor


@pytest.mark.parametrize(("language", "colours"), [("en", "light"), ("zh-hans", "dark")])
def test_pages_are_open_to_everybody(site, language, colours) -> None:
    somebody = site(language=language)
    somebody.page.emulate_media(color_scheme=colours)
    for path in PAGES:
        if path == "/no-such-page/":
            continue  # the browser says in its console that it was a 404
        somebody.open(path)


def test_nothing_sticks_out_of_the_window(site) -> None:
    page, base = (somebody := site()).page, somebody.base
    for path in PAGES:
        page.goto(base + path)
        for direction in ("ltr", "rtl"):
            page.evaluate("direction => { document.documentElement.dir = direction }", direction)
            fits(page, (path, direction), WIDTHS)


def test_right_to_left_mirrors_the_frame(site) -> None:
    page, base = (somebody := site()).page, somebody.base
    page.goto(base + "/missions/change-6/")
    brand = page.locator(".brand")
    left = brand.bounding_box()
    page.evaluate("document.documentElement.dir = 'rtl'")
    right = brand.bounding_box()
    middle = page.viewport_size["width"] / 2
    assert left["x"] < middle < right["x"]


def test_everything_is_there_without_scripts(site, browser, live_server) -> None:
    site()
    with browser.new_context(java_script_enabled=False) as context:
        page = context.new_page()
        page.goto(live_server.url + "/missions/change-6/")
        assert page.locator("h1").inner_text() == "Chang'e-6"
        page.locator("#site-search").fill("嫦娥五号")
        page.locator(".site-search button").click()
        assert page.locator("main .list a").first.get_attribute("href") == "/missions/change-5/"
        page.locator(".site-account a").first.click()
        assert page.locator("html").get_attribute("lang") == "zh-Hans"


def test_the_skip_link_leads_past_the_frame(site) -> None:
    somebody = site()
    somebody.open("/missions/")
    somebody.page.keyboard.press("Tab")
    somebody.page.keyboard.press("Enter")
    assert somebody.page.evaluate("document.activeElement.id") == "main"
