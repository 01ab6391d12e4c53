"""A real browser for tests: visitors who look at pages, and each page they meet is held to the rules for pages.

The rules: axe finds nothing serious, the console stays silent (a refused script or style would speak there), no script fails. Every page
is kept as a picture below ``.artifacts``.
"""

import os
import re
import shutil
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path

import pytest
from axe_playwright_python.sync_playwright import Axe
from django.conf import settings
from django.test import Client
from playwright.sync_api import Browser, Locator, Page, Playwright, expect, sync_playwright

from moonbridge.accounts.models import User

CHROMIUM = shutil.which("chromium")
QUIET = (
    "--no-sandbox", "--disable-gpu", "--disable-background-networking", "--disable-component-update", "--disable-sync", "--lang=en-US",
)  # fmt: skip
"""American English orders the parts of a date field, whatever language the page has."""
ARTIFACTS = Path(__file__).parent.parent / ".artifacts"
SERIOUS = {"serious", "critical"}
DESK, PHONE = 1280, 390
"""Widths of windows, in pixels."""
NEEDED = "[document.documentElement.scrollWidth, document.documentElement.clientWidth]"
LIES_BEFORE_THE_FOCUS = """one => document.activeElement !== document.body
    && Boolean(document.activeElement.compareDocumentPosition(one) & Node.DOCUMENT_POSITION_PRECEDING)"""
PATIENCE = 30_000
"""How many milliseconds a page has to become what a test expects of it: a solver may share the processor with the browser."""
MOST_TABS = 400
"""A page on which something is further away than that cannot be used by keyboard."""


@pytest.fixture(scope="session")
def playwright() -> Iterator[Playwright]:
    if CHROMIUM is None:
        pytest.skip("Debian's chromium is not installed; tools/chromium says how")
    # Playwright keeps an event loop in this thread; Django takes that for asynchronous code and would refuse its database.
    os.environ["DJANGO_ALLOW_ASYNC_UNSAFE"] = "true"
    expect.set_options(timeout=PATIENCE)
    with sync_playwright() as started:
        yield started
    del os.environ["DJANGO_ALLOW_ASYNC_UNSAFE"]


@pytest.fixture(scope="session")
def browser(playwright: Playwright) -> Iterator[Browser]:
    started = playwright.chromium.launch(executable_path=CHROMIUM, args=list(QUIET))
    yield started
    started.close()


def fits(page: Page, what: object, widths: Iterable[int]) -> None:
    """Hold a page, which a failure calls ``what``, to be no wider than its window at any of these widths."""
    for width in widths:
        page.set_viewport_size({"width": width, "height": 800})
        needed, there = page.evaluate(NEEDED)
        assert (what, width, needed) == (what, width, there)


@dataclass
class Visitor:
    """Somebody with a browser window of their own, who uses mouse or keyboard."""

    page: Page
    base: str
    pictures: Path
    language: str = "en"
    keyboard: bool = False
    complaints: list[str] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.pictures.mkdir(parents=True, exist_ok=True)
        self.page.on("console", lambda said: said.type in {"error", "warning"} and self.complaints.append(said.text))
        self.page.on("pageerror", lambda error: self.complaints.append(str(error)))

    def open(self, path: str) -> None:
        """Go to ``path`` (as in English) and look at the page."""
        prefix = "" if self.language == "en" else f"/{self.language}"
        self.page.goto(f"{self.base}{prefix}{path}")
        self.look()

    def open_wide_and_narrow(self, path: str) -> None:
        """Look at a page at the width of a desk and of a telephone; at neither it is wider than its window."""
        self.open(path)
        fits(self.page, path, (DESK, PHONE))
        self.look()
        self.page.set_viewport_size({"width": DESK, "height": 800})

    def look(self) -> None:
        """Hold the page to the rules, and keep a picture of it."""
        name = (
            re.sub(r"[0-9a-f-]{36}", "id", self.page.url.removeprefix(self.base)).strip("/").replace("/", ".") or "home"
        )
        number = len(list(self.pictures.glob("*.png"))) + 1
        # Hiding the caret would leave style attributes behind, and these the page's own policy refuses when a script copies them.
        self.page.screenshot(
            path=self.pictures / f"{number:02}-{name.split('?')[0]}.png", full_page=True, caret="initial"
        )
        found = Axe().run(self.page).response["violations"]
        serious = [
            f"{rule['id']} ({rule['impact']}): {rule['help']}: {[node['html'] for node in rule['nodes'][:3]]}"
            for rule in found
            if rule["impact"] in SERIOUS
        ]
        if serious or self.complaints:
            pytest.fail("\n".join([self.page.url, *serious, *self.complaints]))

    def fill(self, selector: str, text: str) -> None:
        """Write ``text`` into the field."""
        field = self.page.locator(selector)
        if not self.keyboard:
            field.fill(text)
            return
        self._reach(field)
        self.page.keyboard.press("Control+a")
        self.page.keyboard.type(text)

    def fill_clock(self, selector: str, at: datetime) -> None:
        """Write a local time into a field for one; by keyboard part by part, the year ended by an arrow."""
        wanted = at.strftime("%Y-%m-%dT%H:%M")
        field = self.page.locator(selector)
        if not self.keyboard:
            field.fill(wanted)
            return
        self._reach(field)
        self.page.keyboard.type(at.strftime("%m%d%Y"))
        self.page.keyboard.press("ArrowRight")
        self.page.keyboard.type(at.strftime("%I%M%p"))
        assert field.input_value() == wanted

    def choose(self, selector: str, value: str) -> None:
        """Choose the option with this value from a list."""
        field = self.page.locator(selector)
        if not self.keyboard:
            field.select_option(value)
            return
        self._reach(field)
        options = field.locator("option").evaluate_all("all => all.map(one => one.value)")
        self.page.keyboard.press("Home")
        for _ in range(options.index(value)):
            self.page.keyboard.press("ArrowDown")
        assert field.input_value() == value

    def tick(self, selector: str, wanted: bool = True) -> None:
        """Tick a box, or take its tick away."""
        field = self.page.locator(selector)
        if not self.keyboard:
            field.set_checked(wanted)
            return
        self._reach(field)
        if field.is_checked() != wanted:
            self.page.keyboard.press("Space")
        assert field.is_checked() == wanted

    def bring(self, selector: str, name: str, content: bytes) -> None:
        """Choose a file."""
        field = self.page.locator(selector)
        with self.page.expect_file_chooser() as chooser:
            if self.keyboard:
                self._reach(field)
                self.page.keyboard.press("Enter")
            else:
                field.click()
        chooser.value.set_files({"name": name, "mimeType": "application/octet-stream", "buffer": content})

    def add_row(self, selector: str, appears: str) -> None:
        """Press a button that adds something to this page."""
        target = self.page.locator(selector)
        if self.keyboard:
            self._reach(target)
            self.page.keyboard.press("Enter")
        else:
            target.click()
        self.page.locator(appears).wait_for()

    def unfold(self, selector: str) -> None:
        """Open what is folded away."""
        summary = self.page.locator(f"{selector} > summary")
        if self.keyboard:
            self._reach(summary)
            self.page.keyboard.press("Enter")
        else:
            summary.click()

    def press(self, selector: str) -> None:
        """Press a button or follow a link that leads to another page, and look at that one."""
        target = self.page.locator(selector)
        with self.page.expect_navigation():
            if self.keyboard:
                self._reach(target)
                self.page.keyboard.press("Enter")
            else:
                target.click()
        self.look()

    def _reach(self, target: Locator) -> None:
        """Press Tab until ``target`` has the focus, and see that the focus can be seen."""
        target.wait_for()
        element = target.element_handle()
        tab = "Shift+Tab" if element.evaluate(LIES_BEFORE_THE_FOCUS) else "Tab"
        for _ in range(MOST_TABS):
            if element.evaluate("one => one === document.activeElement"):
                break
            self.page.keyboard.press(tab)
        else:
            pytest.fail(f"{target} on {self.page.url} cannot be reached by keyboard")
        shown = target.evaluate(
            "one => { const s = getComputedStyle(one); return s.outlineStyle !== 'none' || s.boxShadow !== 'none' }"
        )
        assert shown, f"the focus on {target} of {self.page.url} cannot be seen"


@pytest.fixture
def visitor(browser: Browser, live_server, transactional_db, request) -> Iterator[object]:
    """Return a function that makes a visitor: ``visitor(user=None, language="en", keyboard=False)``."""
    contexts = []

    def make(user: User | None = None, *, language: str = "en", keyboard: bool = False) -> Visitor:
        context = browser.new_context(locale="zh-CN" if language == "zh-hans" else "en-GB", timezone_id="Asia/Shanghai")
        context.set_default_timeout(PATIENCE)
        contexts.append(context)
        if user is not None:
            signed_in = Client()
            signed_in.force_login(user, backend="django.contrib.auth.backends.ModelBackend")
            ticket = signed_in.cookies[settings.SESSION_COOKIE_NAME].value
            context.add_cookies([{"name": settings.SESSION_COOKIE_NAME, "value": ticket, "url": live_server.url}])
        folder = ARTIFACTS / re.sub(r"\W+", "-", request.node.name).strip("-") / (user.name if user else "stranger")
        shutil.rmtree(folder, ignore_errors=True)
        return Visitor(context.new_page(), live_server.url, folder, language, keyboard)

    yield make
    for context in contexts:
        context.close()
