"""Lists need as many queries for three rows as for one."""

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

import builders
from moonbridge.cooperation.programmes.models import CatalogueEntry, Claim, Conflict, Source

pytestmark = pytest.mark.django_db


def entry(kind: str, mission, number: int) -> CatalogueEntry:
    made = CatalogueEntry.objects.create(
        kind=kind,
        slug=f"{kind}-{number}",
        programme=mission.programme,
        mission=mission,
        name=f"{kind} {number}",
        partner=mission.agency,
    )
    source = Source.objects.create(slug=f"source-{kind}-{number}", title="A source")
    conflict = Conflict.objects.create(
        slug=f"{kind}-{number}", subject=made.address, field="mass", topic="mass", known=""
    )
    claim = Claim.objects.create(
        subject=made.address,
        field="mass",
        position=1,
        value="5 kg",
        text="5 kg",
        confidence="high",
        conflict=conflict,
        file="x",
        line=1,
    )
    claim.sources.add(source)
    return made


def one_more(number: int) -> None:
    opportunity = builders.open_opportunity()
    for kind in ("payload", "call", "membership", "batch", "round", "gift"):
        entry(kind, opportunity.mission, number)
    builders.site(opportunity.mission)


@pytest.mark.parametrize(
    "name",
    [
        "home",
        "programme-list",
        "mission-list",
        "site-list",
        "opportunity-list",
        "partner-list",
        "samples-shared",
        "sources",
        "conflicts",
        "sitemap",
    ],
)
def test_a_page_asks_no_more_for_three_than_for_one(client, name) -> None:
    assert counted(client, reverse(name), 1) == counted(client, reverse(name), 3)


@pytest.mark.parametrize(
    "name", ["programmes", "missions", "sites", "partners", "calls", "samples", "sources", "conflicts", "figures"]
)
def test_a_list_of_the_api_asks_no_more_for_three_than_for_one(client, name) -> None:
    assert counted(client, reverse(f"api:{name}"), 1) == counted(client, reverse(f"api:{name}"), 3)


def counted(client, path: str, rows: int) -> int:
    while CatalogueEntry.objects.filter(kind="payload").count() < rows:
        one_more(CatalogueEntry.objects.count())
    with CaptureQueriesContext(connection) as queries:
        assert client.get(path).status_code == 200
    return len(queries)
