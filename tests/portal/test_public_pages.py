"""Each public page, with the shipped catalogue: there in both languages, light, free of inline code, with its JSON twin."""

import re
from html.parser import HTMLParser
from pathlib import Path

import brotli
import pytest
from django.conf import settings
from django.contrib.staticfiles import finders
from django.template.loader import get_template
from django.urls import reverse
from django.utils.translation import override

from cooperation.samples.lending import House
from moonbridge.formats.catalogue import Call, Conflict, LoanRound, Mission, Payload, SampleBatch, Standing

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("catalogue")]

PAGES = (
    ("home", ()), ("programme-list", ()), ("programme", ("ilrs",)), ("programme", ("clep",)), ("mission-list", ()),
    ("mission", ("change-6",)),
    ("mission", ("change-8",)), ("site-list", ()), ("site", ("change-7-nominal",)),
    ("opportunity-list", ()), ("call", ("change-7-2022",)), ("partner-list", ()), ("partner", ("fr",)),
    ("partner", ("cnsa",)), ("station", ()), ("samples-shared", ()), ("sources", ()), ("source", ("lnd_abs",)), ("conflicts", ()),
    ("search", ()), ("record", ()),
)  # fmt: skip
LANGUAGES = ("en", "zh-hans")
MOST_BYTES = 60_000


class Outline(HTMLParser):
    """What a page consists of, as far as the rules for pages go."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.tags: list[tuple[str, dict[str, str | None]]] = []
        self.text = ""
        self.feed(html)

    def handle_starttag(self, tag, attrs) -> None:
        self.tags.append((tag, dict(attrs)))

    def handle_data(self, data) -> None:
        self.text += data

    def all(self, tag: str) -> list[dict[str, str | None]]:
        return [attributes for name, attributes in self.tags if name == tag]


def address(name: str, args: tuple[str, ...], language: str) -> str:
    with override(language):
        return reverse(name, args=args)


def outline(client, name: str, *args: str, language: str = "en") -> Outline:
    answer = client.get(address(name, args, language))
    assert answer.status_code == 200
    return Outline(answer.content.decode())


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize(("name", "args"), PAGES)
def test_a_page_is_whole_in_each_language(client, name, args, language) -> None:
    page = outline(client, name, *args, language=language)
    assert [html["lang"] for html in page.all("html")] == [{"en": "en", "zh-hans": "zh-Hans"}[language]]
    assert len(page.all("h1")) == len(page.all("main")) == 1
    hreflangs = [link for link in page.all("link") if link.get("hreflang")]
    assert [link["hreflang"] for link in hreflangs] == ["en", "zh-Hans"]
    for link in hreflangs:
        assert client.get(link["href"]).status_code == 200


@pytest.mark.parametrize(("name", "args"), PAGES)
def test_a_page_holds_no_inline_code_and_repeats_no_id(client, name, args) -> None:
    page = outline(client, name, *args)
    assert [tag for tag, attributes in page.tags if "style" in attributes] == []
    assert [tag for tag, attributes in page.tags for attribute in attributes if attribute.startswith("on")] == []
    assert [script for script in page.all("script") if not script.get("src")] == page.all("style") == []
    ids = [attributes["id"] for _tag, attributes in page.tags if "id" in attributes]
    assert sorted(ids) == sorted(set(ids))


@pytest.mark.parametrize(("name", "args"), PAGES)
def test_a_page_with_styles_and_scripts_weighs_at_most_60_kb(client, name, args) -> None:
    html = client.get(reverse(name, args=args)).content
    page = Outline(html.decode())
    styles = [link["href"] for link in page.all("link") if link["rel"] == "stylesheet"]
    scripts = [script["src"] for script in page.all("script")]
    files = [Path(finders.find(path.removeprefix(settings.STATIC_URL))).read_bytes() for path in [*styles, *scripts]]
    assert sum(len(brotli.compress(part, quality=6)) for part in [html, *files]) <= MOST_BYTES


@pytest.mark.parametrize(("name", "args"), PAGES)
def test_links_inside_a_page_lead_to_a_place_on_it(client, name, args) -> None:
    page = outline(client, name, *args)
    ids = {attributes["id"] for _tag, attributes in page.tags if "id" in attributes}
    targets = {link["href"][1:] for link in page.all("a") if (link.get("href") or "").startswith("#")}
    assert targets - ids == set()


@pytest.mark.parametrize(("name", "args"), [page for page in PAGES if page[0] not in ("search", "record")])
def test_a_page_names_its_json_twin(client, name, args) -> None:
    page = outline(client, name, *args)
    twins = [link["href"] for link in page.all("link") if link.get("type") == "application/json"]
    assert len(twins) == (0 if name == "home" else 1)
    for twin in twins or [reverse("api:figures")]:
        answer = client.get(twin)
        assert (answer.status_code, answer.headers["Content-Type"].partition(";")[0]) == (200, "application/json")


@pytest.mark.parametrize("name", ["programme", "mission", "call", "partner", "source"])
def test_what_does_not_exist_is_not_found(client, name) -> None:
    assert client.get(reverse(name, args=["no-such-thing"])).status_code == 404
    assert client.get(reverse(f"api:{name}", args=["no-such-thing"])).status_code == 404


@pytest.mark.parametrize(
    "path", ["missions/%00", "programmes/a%20b", "search?q=%00%01", "search?q=%27%22%25_%5C", "search?page=-7"]
)
def test_odd_questions_are_answered_and_never_fail(client, path) -> None:
    assert client.get(f"/api/v1/{path}").status_code in {200, 404}
    assert client.get("/search/?q=%00%27%22%25_%5C&page=x").status_code == 200


def test_pages_need_no_cookies_and_set_none(client) -> None:
    assert [client.get(reverse(name, args=args)).cookies for name, args in PAGES if name != "search"] == [{}] * (
        len(PAGES) - 1
    )


def test_the_list_of_missions_is_the_catalogues(client, catalogue) -> None:
    html = client.get(reverse("mission-list")).content.decode()
    listed = re.findall(r'<th scope="row"><a href="/missions/([^/]+)/"', html)
    assert sorted(listed) == sorted(mission.slug for mission in catalogue.of(Mission))
    payloads = {
        mission.slug: sum(
            each.mission == mission.slug and each.standing != Standing.LOST for each in catalogue.of(Payload)
        )
        for mission in catalogue.of(Mission)
    }
    assert {row["slug"]: row["payloads"] for row in client.get(reverse("api:missions")).json()} == payloads


def test_calls_show_the_days_that_their_dates_make(client, catalogue) -> None:
    twin = {call["slug"]: call for call in client.get(reverse("api:calls")).json()}
    for call in catalogue.of(Call):
        days = call.dates.days_open
        assert twin[call.slug]["days_open"] == ([days.least, days.most] if days else None)
    # Chang'e-7: released 2022-11-24, letters due 2023-02-01, answered 2024-04-24.
    page = outline(client, "call", "change-7-2022").text
    assert re.search(r"days open\s*69\s", page)
    assert re.search(r"days to answer\s*448\s", page)


def test_what_is_unknown_says_so(client) -> None:
    page = outline(client, "mission", "change-6").text
    row = re.search(r"Negative Ions at the Lunar Surface\s+Sweden.*?flown", page, re.DOTALL)
    assert row
    assert "unknown" in row[0]


def test_every_conflict_stands_with_both_sides(client, catalogue) -> None:
    page = outline(client, "conflicts")
    sections = [attributes["id"] for tag, attributes in page.tags if tag == "h2" and "id" in attributes]
    assert sections == [*catalogue.conflicts, "sources"]
    conflicts: list[Conflict] = list(catalogue.conflicts.values())
    sides = [attributes for tag, attributes in page.tags if tag == "div" and attributes.get("class") == "side"]
    assert len(sides) == sum(len(conflict.sides) for conflict in conflicts)


def test_sums_of_samples_are_those_of_the_catalogue(client, catalogue) -> None:
    given = [
        claim.amount.base
        for batch in catalogue.of(SampleBatch)
        for claim in batch.claims_on("given_mass")
        if claim.amount
    ]
    twin = client.get(reverse("api:samples")).json()
    assert twin["lent_at_home_ng"] == sum(given)
    assert [each["slug"] for each in twin["rounds"]] == [each.slug for each in catalogue.of(LoanRound)]


def test_the_chart_and_its_table_hold_the_same_numbers(client) -> None:
    html = client.get(reverse("home")).content.decode()
    table = html[html.index("<tbody>") : html.index("</tbody>")]
    rows = re.findall(r'<th scope="row"><a[^>]*>([^<]*)</a></th>(.*?)</tr>', table, re.DOTALL)
    counted = {
        name: [int(count) for count in re.findall(r'<td class="number">(\d+)</td>', cells)] for name, cells in rows
    }
    twin = client.get(reverse("api:figures")).json()["by_country"]
    assert [sum(counts) for counts in counted.values()] == [
        sum(v for v in each.values() if isinstance(v, int)) for each in twin
    ]
    svg = html[html.index("<svg", html.index("chart")) : html.index("</svg>", html.index("chart"))]
    assert "<title" in svg
    assert "<desc" in svg
    assert all(name in svg for name in list(counted)[:16])


@pytest.mark.parametrize("query", ["Chang'e-6", "change 6", "CHANG’E 6", "嫦娥六号"])
def test_the_search_does_not_mind_spelling(client, query) -> None:
    html = client.get(reverse("search"), {"q": query}).content.decode()
    assert '<a href="/missions/change-6/">' in html
    finds = client.get(reverse("api:search"), {"q": query}).json()["finds"]
    assert finds[0]["address"] == "mission/change-6"


def test_every_find_leads_to_a_page(client) -> None:
    html = client.get(reverse("search"), {"q": "france"}).content.decode()
    links = re.findall(r'<li><a href="([^"#]+)', html)
    assert links
    assert {client.get(link).status_code for link in links} == {200}


def test_the_sitemap_lists_pages_that_exist(client) -> None:
    collection = House().collection
    found = re.findall(
        r"<loc>[^<]*?(/[^/<][^<]*|/)</loc>", client.get("/sitemap.xml").content.decode().replace(settings.BASE_URL, "")
    )
    one_of_each = {re.sub(r"(?<=/)[^/]+/$", "", path): path for path in found if path.count("/") > 2}
    assert {client.get(path).status_code for path in one_of_each.values()} == {200}
    assert len(found) == len(set(found))
    samples = {
        "/samples/where/",
        "/samples/catalogue/",
        "/samples/missions/change-5/",
        f"/samples/collections/{collection.slug}/",
    }
    assert samples <= set(found)
    assert "Sitemap: " in client.get("/robots.txt").content.decode()


def test_the_page_of_a_failure_needs_neither_database_nor_request() -> None:
    page = get_template("500.html").render()
    assert "Something broke here" in page
    assert settings.STATIC_URL in page


def test_a_page_without_an_address_per_language_offers_no_other_language(client) -> None:
    for path in ("/no-such-page/", "/api/v1/docs"):
        page = Outline(client.get(path).content.decode())
        assert [link for link in page.all("link") if link.get("hreflang")] == []
