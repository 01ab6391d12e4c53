"""The pages of places on the Moon: every number is the engine's, every file says the same, nonsense is refused."""

import csv
import json
import re
from datetime import date

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from icalendar import Calendar

import builders
from moonbridge.cooperation.programmes.models import Site
from moonbridge.cooperation.sites import reports
from moonbridge.engines.moon.relay import PRESETS
from moonbridge.engines.moon.years import year_at
from moonbridge.formats import ephemeris, skylines
from moonbridge.formats.windows import window_records

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("catalogue")]

RIDGE = "connecting-ridge"


def text_of(answer) -> str:
    return re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", answer.content.decode()))


@pytest.fixture(scope="module")
def year():
    orbits = {preset.name: preset.orbit for preset in PRESETS.values()}
    return year_at(skylines.shipped(RIDGE), ephemeris.default(), 2027, orbits)


def test_the_page_tells_the_year_that_the_engine_computes(client, year) -> None:
    said = text_of(client.get(reverse("site-year", args=[RIDGE, 2027])))
    assert f"Mean light 2027 {100 * year.sunlight.mean:.1f} %" in said
    assert "Longest night 4 d 10 h" in said
    assert f"Earth in view {100 * year.earthlight.any_share:.1f} %" in said
    assert f"Sun and Earth together {100 * year.contact_by_day.mean():.1f} %" in said
    for preset in PRESETS.values():
        share = year.relays[preset.name].mean()
        assert f"{preset.title.replace("'", '&#x27;')} {100 * share:.0f} %" in said
    months = re.findall(r"January ((?:[\d.]+ % ){6})", said)
    january = [year.light_by_day[:31], year.earth_by_day[:31], year.contact_by_day[:31]]
    january += [shares[:31] for shares in year.relays.values()]
    assert months == ["".join(f"{100 * shares.mean():.1f} % " for shares in january)]


def test_the_page_tells_what_its_numbers_rest_on(client) -> None:
    page = client.get(reverse("site", args=[RIDGE])).content.decode()
    provenance = skylines.shipped(RIDGE).provenance
    for one in provenance.terrain:
        assert one.name in page
        assert one.sha256 in page
    assert provenance.command in page
    assert "The finest terrain here has pixels of 10 m." in page
    assert "pixels of 7.6 km" in client.get(reverse("site", args=["change-4-landing"])).content.decode()


def test_what_is_published_stands_beside_what_is_computed(client) -> None:
    said = text_of(client.get(reverse("site-year", args=[RIDGE, 2027])))
    assert "92.27 % of 19 years at the best place of the ridge" in said
    assert re.search(
        r"88\.\d % in 2027 and 87\.\d % from 2017 to 2035, at exactly this point, 2 m above the ground", said
    )
    assert "Against what is published" not in text_of(client.get(reverse("site", args=["malapert"])))


def test_the_files_hold_the_same_year(client, year) -> None:
    days = client.get(reverse("site-days", args=[RIDGE, 2027])).content.decode("utf-8-sig")
    rows = list(csv.DictReader(days.splitlines()))
    assert [float(row["light"]) for row in rows] == pytest.approx(year.light_by_day.tolist(), abs=1e-4)
    windows = client.get(reverse("site-windows", args=[RIDGE, 2027])).content.decode("utf-8-sig")
    expected = [record["start"] for record in window_records(year.contacts)]
    assert [row["start"] for row in csv.DictReader(windows.splitlines())] == expected
    calendar = Calendar.from_ical(client.get(reverse("site-calendar", args=[RIDGE, 2027])).content)
    assert [f"{event['DTSTART'].dt:%Y-%m-%dT%H:%M:%SZ}" for event in calendar.walk("VEVENT")] == expected
    told = json.loads(client.get(reverse("api:site-year", args=[RIDGE, 2027])).content)
    assert [row["start"] for row in told["contacts"]] == expected
    skyline = json.loads(client.get(reverse("api:site-skyline", args=[RIDGE])).content)
    assert skyline == skylines.as_dict(skylines.shipped(RIDGE)) == told["skyline"]


@pytest.mark.parametrize("name", ["site-year", "site-days", "site-windows", "site-calendar", "api:site-year"])
def test_years_that_nobody_can_answer_for_are_refused_in_a_sentence(client, name) -> None:
    for year in (1999, 2051, 99999999):
        answer = client.get(reverse(name, args=[RIDGE, year]))
        assert answer.status_code == 400
        assert f"Years from 2000 to 2050 can be shown, not {year}." in answer.content.decode()
    assert client.get(reverse(name, args=["no-such-site", 2027])).status_code == 404


def test_a_place_whose_skyline_is_not_shipped_has_its_facts_and_no_numbers(client) -> None:
    place = builders.site()
    assert "No skyline is shipped for this place." in text_of(client.get(reverse("site", args=[place.slug])))
    assert client.get(reverse("site-days", args=[place.slug, 2027])).status_code == 404
    assert client.get(reverse("api:site-skyline", args=[place.slug])).status_code == 404


def test_a_site_that_was_moved_keeps_no_numbers_of_its_old_place(client) -> None:
    Site.objects.filter(slug=RIDGE).update(latitude_deg="-89.4500")
    assert "No skyline is shipped for this place." in text_of(client.get(reverse("site", args=[RIDGE])))
    assert client.get(reverse("api:site-year", args=[RIDGE, 2027])).status_code == 404


def test_the_list_tells_light_and_longest_night_of_each_site(client, year) -> None:
    answer = client.get(reverse("site-list"))
    briefs = {site.slug: brief for site, brief in answer.context["rows"]}
    assert len(briefs) == 10
    assert all(briefs.values())
    assert briefs[RIDGE].light > briefs["change-7-nominal"].light
    assert [dot.label for dot in answer.context["map"].dots] == ["4, 5", "", "6", "7", "8, 10", "9", ""]


def test_a_list_and_a_page_cost_as_many_queries_with_more_sites(client) -> None:
    def queries(address: str) -> int:
        with CaptureQueriesContext(connection) as ran:
            client.get(address)
        return len(ran)

    addresses = [reverse("site-list"), reverse("site", args=[RIDGE])]
    before = [queries(f"{address}?again") for address in addresses]
    builders.site()
    builders.site()
    assert [queries(f"{address}?again") for address in addresses] == before


@pytest.mark.parametrize(
    ("today", "shown"),
    [(date(2026, 6, 30), 2026), (date(2026, 7, 1), 2027), (date(2026, 11, 21), 2027), (date(2060, 1, 1), 2050)],
)
def test_from_july_on_the_coming_year_is_shown(today, shown) -> None:
    assert reports.coming_year(today) == shown
