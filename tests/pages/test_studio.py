"""The portfolio studio in a real browser: sliders and points answer at once, by mouse and keyboard, with and without scripts."""

import pytest
from django.test import Client
from django.urls import reverse
from playwright.sync_api import expect

from browser import fits
from cooperation.selection import calls
from moonbridge.cooperation.selection import frontiers, whatifs
from moonbridge.cooperation.selection.models import Scenario, Study
from moonbridge.cooperation.selection.states import SolveState

pytestmark = [pytest.mark.pages, pytest.mark.django_db(transaction=True)]

WIDTHS = (390, 768, 1280)
MOVE = "(slider, amount) => { slider.value = amount; slider.dispatchEvent(new Event('input', {bubbles: true})) }"


@pytest.fixture
def case():
    """20 kg: A, C and D fly, worth 205; with 21 kg A, B and D would, worth 210."""
    call, office, made = calls.hand_computed_call()
    calls.recommended(call, office)
    return call, office, made


@pytest.fixture
def studio(case, visitor):
    """A function that opens the studio as its office."""

    def opened(query: str = "", **how: object):
        somebody = visitor(case[1], **how)
        somebody.open(reverse("selection-studio", args=[case[0].slug]) + query)
        return somebody

    return opened


@pytest.mark.parametrize(("language", "colours"), [("en", "light"), ("zh-hans", "dark")])
def test_the_studio_keeps_the_rules_for_pages(case, studio, language, colours) -> None:
    call, office, _ = case
    office_client = signed_in(office)
    for name, query in (("More mass", "c0=21"), ("With B", "in=P-B")):
        keep(office_client, call, name, query)
    somebody = studio(language=language)
    somebody.page.emulate_media(color_scheme=colours)
    for path in ("?c0=21&why=P-B", "?in=P-B&along=c0", "?in=P-A&in=P-B&in=P-C", ""):
        somebody.open(reverse("selection-studio", args=[call.slug]) + path)
        for direction in ("ltr", "rtl"):
            somebody.page.evaluate("direction => { document.documentElement.dir = direction }", direction)
            fits(somebody.page, (path, direction), WIDTHS)
    first, second = Scenario.objects.all()
    somebody.open(f"{reverse('selection-compare', args=[call.slug])}?a={first.pk}&b={second.pk}")


def signed_in(office) -> Client:
    client = Client()
    client.force_login(office)
    return client


def keep(client, call, name: str, query: str) -> None:
    address = reverse("selection-keep", args=[call.slug])
    assert client.post(address, {"name": name, "query": query, "command": str(calls.command())}).status_code == 302


def test_a_slider_a_point_and_the_way_back(studio) -> None:
    page = studio().page
    said = page.locator("#studio-said")
    page.locator("[data-dial=dial-c0]").evaluate(MOVE, "21")
    expect(said).to_have_text("Total merit 210 (+5). In: P-B. Out: P-C.")
    assert "c0=21+kg" in page.url
    assert page.locator("#dial-c0").input_value() == "21"
    expect(page.locator(".lever.changed")).to_have_count(1)
    page.locator("#along").select_option("c0")
    expect(page.locator("a.mark")).not_to_have_count(1)
    page.locator("a.mark").nth(1).click()
    expect(page.locator("a.mark.shown")).to_have_count(1)
    assert "reach=" in page.url
    page.go_back()
    page.go_back()
    expect(said).to_have_text("Total merit 210 (+5). In: P-B. Out: P-C.")
    page.go_back()
    expect(said).to_have_text("This is recommendation 1.")
    assert page.locator("#dial-c0").input_value() == "20"
    page.go_forward()
    expect(said).to_have_text("Total merit 210 (+5). In: P-B. Out: P-C.")


def test_everything_by_keyboard(studio) -> None:
    somebody = studio("?along=c0", keyboard=True)
    page, said = somebody.page, somebody.page.locator("#studio-said")
    somebody.fill("#dial-c0", "21")
    expect(said).to_have_text("Total merit 210 (+5). In: P-B. Out: P-C.")
    expect(page.locator("#dial-c0")).to_be_focused()
    expect(page.locator("#studio")).not_to_have_attribute("aria-busy", "true")
    page.locator("a.mark").first.focus()
    page.keyboard.press("ArrowRight")
    expect(page.locator("a.mark").nth(1)).to_be_focused()
    page.keyboard.press("Enter")
    expect(page.locator("a.mark").nth(1)).to_have_attribute("aria-current", "true")
    expect(page.locator("a.mark").nth(1)).to_be_focused()
    somebody.look()


def test_a_number_out_of_bounds_is_said_and_not_sent(studio) -> None:
    page = studio().page
    page.locator("#dial-c0").fill("4000")
    expect(page.locator("#studio-said")).to_have_text("A number is out of its bounds.")
    assert "c0" not in page.url


def test_a_double_click_keeps_once_what_is_shown_now(studio) -> None:
    page = studio().page
    page.locator("#dial-c0").fill("21")
    expect(page.locator("#studio-said")).to_contain_text("210")
    page.locator("#keep-name").fill("More mass")
    page.locator("form.keep button").dblclick()
    page.locator("#scenarios-part table").wait_for()
    assert list(Scenario.objects.values_list("name", "changes")) == [("More mass", "on=1&c0=21+kg")]


def test_everything_is_there_without_scripts(case, browser, live_server, visitor) -> None:
    call, office, _ = case
    cookies = visitor(office).page.context.cookies()
    with browser.new_context(java_script_enabled=False) as context:
        context.add_cookies(cookies)
        page = context.new_page()
        page.goto(live_server.url + reverse("selection-studio", args=[call.slug]))
        page.locator("#dial-c0").fill("21")
        page.locator("#levers button").click()
        assert page.url.endswith("?on=1&c0=21+kg")
        assert page.locator("#studio-said").inner_text() == "Total merit 210 (+5). In: P-B. Out: P-C."
        page.locator("#along").select_option("c0")
        page.locator("form[data-along] button").click()
        page.locator("#row-2").click()
        assert page.locator("tr[aria-current]").count() == 1
        page.locator("#keep-name").fill("A point")
        page.locator("form.keep button").click()
        page.locator("form.compare button").click()
        assert page.locator("h1").inner_text() == "Two scenarios side by side"


def test_long_work_shows_that_it_is_at_work_and_stops(studio, monkeypatch) -> None:
    monkeypatch.setattr(whatifs, "MOST_AT_ONCE", 0)
    monkeypatch.setattr(frontiers, "MOST_AT_ONCE", 0)
    somebody = studio("?c0=21")
    somebody.press("#answer form[action$='/study/'] button")
    expect(somebody.page.locator("#answer .study progress")).to_be_visible()
    somebody.press("#answer .study button")
    assert Study.objects.get().state == SolveState.CANCELLED
    expect(somebody.page.locator("#answer")).to_contain_text("The last search for this was cancelled.")
