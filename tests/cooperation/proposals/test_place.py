"""What a place means for what is asked: the arithmetic by hand, and who reads it."""

from datetime import date, timedelta
from uuid import uuid4

import pytest
from django.test import Client
from django.urls import reverse

import builders
from moonbridge.cooperation.opportunities.models import EnvelopeLine, Opportunity
from moonbridge.cooperation.programmes.models import Claim, Site
from moonbridge.cooperation.proposals import place
from moonbridge.cooperation.proposals.content import Option
from moonbridge.cooperation.sites import reports
from moonbridge.cooperation.sites.landing import Reckoned, year_for
from moonbridge.cooperation.sites.reports import Brief, ByRelay, coming_year
from moonbridge.engines.moon.relay import preset
from moonbridge.engines.moon.years import year_at
from moonbridge.formats import ephemeris, skylines
from moonbridge.formats.catalogue.dates import parse_date
from moonbridge.quantities import DATA_PER_DAY, POWER
from moonbridge.record.queries import database_now

pytestmark = pytest.mark.django_db

IN_2027 = Reckoned(2027, "Reckoned for 2027.")
HALF = Brief(2027, light=60.0, contact=50.0, night=timedelta(hours=100))


@pytest.fixture
def call() -> Opportunity:
    call = builders.opportunity()
    EnvelopeLine.objects.create(
        opportunity=call,
        element=call.elements.get(),
        resource="data-per-day",
        total=DATA_PER_DAY.parse("1 GB/day"),
        position=2,
    )
    call.site = Site.objects.create(
        slug="connecting-ridge", name="Connecting Ridge", programme=call.mission.programme, latitude_deg="-89.4388",
        longitude_deg="222.857",
    )  # fmt: skip
    call.save()
    return call


def option(call: Opportunity, power: str | None, data: str | None) -> Option:
    lines = {line.resource: line.pk for line in call.envelope.all()}
    demands = {}
    if power:
        demands[lines["power-average"]] = POWER.parse(power)
    if data:
        demands[lines["data-per-day"]] = DATA_PER_DAY.parse(data)
    return Option(id=uuid4(), element_id=call.elements.get().pk, demands=demands)


def test_power_becomes_energy_and_data_becomes_a_rate(call, monkeypatch) -> None:
    """10 W for 708.734 h are 7,087 Wh, and for 100 h 1,000 Wh; 54 MB a day in 43,200 s are 10 kbit/s."""
    monkeypatch.setattr(place, "brief_of", lambda _site, _year: HALF)
    monkeypatch.setattr(place, "relay_of", lambda _site, _year: ByRelay("Relay (somebody 2027)", share=80.0))
    assert place.sentences(option(call, "10 W", "54 MB/day"), call, IN_2027) == [
        "Reckoned for 2027.",
        "10 W without a pause are 7090 Wh in a mean lunar day of 29.5 days.",
        "Through the longest night of 2027, 4 d 4 h, the same power takes 1000 Wh from storage.",
        "Sun and Earth are in view together for 50.0 % of 2027.",
        "To send it in those hours alone takes 10.0 kbit/s in the mean.",
        (
            "By way of a relay, where the mission may use one, contact is possible for 80.0 % of 2027, "
            "at 6.25 kbit/s in the mean (Relay (somebody 2027))."
        ),
    ]


def test_only_what_is_asked_is_spoken_of(call, monkeypatch) -> None:
    monkeypatch.setattr(place, "brief_of", lambda _site, _year: Brief(2027, light=100.0, contact=0.0, night=None))
    monkeypatch.setattr(place, "relay_of", lambda _site, _year: None)
    assert len(place.sentences(option(call, "10 W", None), call, IN_2027)) == 2
    assert place.sentences(option(call, None, "54 MB/day"), call, IN_2027) == [
        "Reckoned for 2027.",
        "Sun and Earth are in view together for 0.0 % of 2027.",
    ]
    assert place.sentences(option(call, None, None), call, IN_2027) == []


def test_on_the_far_side_the_relay_is_the_way(call) -> None:
    """The mean of the relay's share by days at the skyline that is shipped, and the rate that it leaves."""
    far = skylines.shipped("change-6-landing")
    call.site = Site.objects.create(
        slug="change-6-landing", name="Chang'e-6", programme=call.mission.programme,
        latitude_deg=str(round(far.latitude_deg, 6)), longitude_deg=str(round(far.longitude_deg, 6)),
    )  # fmt: skip
    orbit = preset("queqiao2-24h").orbit
    share = year_at(far, ephemeris.default(), 2027, {"relay": orbit}).relays["relay"].mean()
    _, direct, relayed = place.sentences(option(call, None, "54 MB/day"), call, IN_2027)
    assert direct == "Sun and Earth are in view together for 0.0 % of 2027."
    assert f"contact is possible for {100 * share:.1f} % of 2027, at {5 / share:.3g} kbit/s in the mean (" in relayed


def test_the_site_is_that_of_the_call(call) -> None:
    brief = reports.brief("connecting-ridge", 2027)
    sentences = place.sentences(option(call, "10 W", None), call, IN_2027)
    assert brief.longest_night in sentences[2]
    call.site = None
    assert place.sentences(option(call, "10 W", None), call, IN_2027) == []


def test_the_team_reads_it_on_its_proposal(call) -> None:
    lead = builders.person()
    proposal = builders.proposal(call, lead)
    client = Client()
    client.force_login(lead)
    page = client.get(reverse("proposal", args=[proposal.pk])).content.decode()
    assert "At Connecting Ridge" in page
    assert "10 W without a pause are 7090 Wh" in page
    year = coming_year(database_now().date())
    assert (
        f"Reckoned for the coming year, {year}: neither landing nor launch of {call.mission} has a known date." in page
    )
    claimed(call, "launch", "~2031-08")
    claimed(call, "launch", None)
    page = client.get(reverse("proposal", args=[proposal.pk])).content.decode()
    assert "Through the longest night of 2031," in page


def claimed(call: Opportunity, field: str, text: str | None, confidence: str = "high") -> None:
    found = parse_date(text) if text else None
    Claim.objects.create(
        subject=call.mission.address, field=field, position=Claim.objects.count(), value=text, text=text or "",
        confidence=confidence if text else "", file="f.yaml", line=1,
        earliest=found and found.earliest, latest=found and found.latest,
    )  # fmt: skip


def test_the_year_is_that_of_the_landing_else_of_the_launch_else_the_coming_one(
    call, django_assert_num_queries
) -> None:
    today = date(2026, 11, 22)
    name = call.mission.name
    launched = f"Reckoned for {{}}: the catalogue gives {{}} for the launch of {name}, and no date of its landing."
    unknown = f"Reckoned for the coming year, 2027: neither landing nor launch of {name} has a known date."
    ranged = f"Reckoned for 2029: the catalogue gives 2029-01 to 2030-02 for the landing of {name}."
    steps = [
        (None, 2027, unknown),
        (("landing", None), 2027, unknown),
        (("launch", "2036", "low"), 2036, launched.format(2036, "2036")),
        (("launch", "~2028-12"), 2028, launched.format(2028, "~2028-12")),
        (("landing", "2029-01 to 2030-02", "medium"), 2029, ranged),
        (("landing", "2060"), 2029, ranged),
    ]
    for claim, year, why in steps:
        if claim:
            claimed(call, *claim)
        with django_assert_num_queries(1):
            assert year_for(call.mission, today) == Reckoned(year, why)
