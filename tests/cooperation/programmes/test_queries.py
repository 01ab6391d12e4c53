"""What the public pages are told, against hand-counted truth; and always with the same number of SQL queries."""

import pytest

from moonbridge.cooperation.programmes import models, queries
from moonbridge.cooperation.programmes.models import PartnerKind
from moonbridge.formats.catalogue import Call, Catalogue

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("loaded_catalogue")]


def test_a_mission_with_everything_on_its_page() -> None:
    page = queries.mission_page("change-6")
    assert page.mission.agency.slug == "cnsa"
    assert [element.slug for element, _known in page.elements] == ["orbiter", "lander", "ascender", "returner"]
    assert [item.entry.slug for item in page.payloads] == ["dorn", "nils", "inrri", "icube-q"]
    assert [item.entry.slug for item in page.calls] == ["change-6-2019"]
    assert [item.entry.slug for item in page.samples] == ["change-6-batch-1"]
    launch = page.known.claim("launch")
    assert launch is not None
    assert (launch.text, [source.slug for source in launch.sources.all()]) == ("2024-05-03T09:27Z", ["ce6_ats"])


def test_the_manifest_stands_against_the_offer() -> None:
    orbiter, lander = queries.mission_page("change-6").manifests
    assert orbiter.element is not None
    assert lander.element is not None
    assert (orbiter.element.slug, orbiter.offered, orbiter.known_mass, orbiter.unknown) == (
        "orbiter",
        10_000_000,
        7_000_000,
        0,
    )
    assert (lander.element.slug, lander.offered, lander.known_mass, lander.unknown) == (
        "lander",
        10_000_000,
        4_550_000,
        1,
    )
    assert [line.mass for line in lander.lines] == [4_500_000, None, 50_000]


def test_a_payload_that_lost_its_place_is_shown_and_not_counted() -> None:
    page = queries.mission_page("change-7")
    (homeless,) = [manifest for manifest in page.manifests if manifest.element is None]
    assert [(line.payload.entry.slug, line.mass, line.lost) for line in homeless.lines] == [
        ("rashid-2", 10_000_000, True)
    ]
    assert (homeless.known_mass, homeless.unknown) == (0, 0)
    assert {mission.slug: mission.payloads for mission in queries.missions()}["change-7"] == 6


def test_lists_count_what_they_name() -> None:
    missions = {mission.slug: (mission.payloads, mission.calls) for mission in queries.missions()}
    assert len(missions) == 14
    assert [slug for slug, (payloads, _calls) in missions.items() if payloads] == [
        "change-4",
        "change-6",
        "change-7",
        "change-8",
    ]
    assert missions["change-8"] == (10, 1)
    assert missions["change-7"] == (6, 2)
    programmes = {programme.slug: programme.shared for programme in queries.programmes()}
    assert len(programmes) == 13
    assert programmes["ilrs"] == 40


def test_calls_come_with_their_days(loaded_catalogue: Catalogue) -> None:
    calls = {call.entry.slug: call.known.dates for call in queries.calls()}
    assert next(iter(calls)) == "tianwen-3-2025"
    for call in loaded_catalogue.of(Call):
        assert calls[call.slug].days_open == call.dates.days_open
        assert calls[call.slug].days_to_answer == call.dates.days_to_answer
        assert calls[call.slug].promises == call.dates.promises
    answer = calls["change-6-2019"].days_to_answer
    assert answer is not None
    assert answer.exact == 1181


def test_a_country_takes_part_itself_and_through_its_institutions() -> None:
    page = queries.partner_page("fr")
    assert [(part.thing.slug, part.roles) for part in page.by_kind["payload"]] == [
        ("dorn", ["country", "lead", "funder"])
    ]
    assert [partner.slug for partner in page.by_kind["payload"][0].through] == ["irap", "cnes"]
    assert {part.thing.slug for part in page.by_kind["loan"]} == {"international-1-ipgp"}
    assert {part.thing.slug for part in page.by_kind["gift"]} == {"france-2023"}
    assert "svom" in {part.thing.slug for part in page.by_kind["mission"]}
    assert {partner.slug for partner in page.belonging} == {"cnes", "ipgp", "irap", "isu", "mnhn"}


def test_a_member_is_found_on_its_countrys_page() -> None:
    assert [member.slug for member in queries.partner_page("pk").members] == ["ilrs-pk", "ilrs-nust"]
    assert [member.slug for member in queries.partner_page("nust").members] == ["ilrs-nust"]


def test_an_academy_takes_part_through_its_institutes() -> None:
    page = queries.partner_page("cas")
    assert {partner.slug for partner in page.belonging} == {"ciomp", "igg-cas", "ihep", "imp", "naoc", "nssc"}
    assert "dorn" in {part.thing.slug for part in page.by_kind["payload"]}


def test_memberships_say_who_says_what() -> None:
    members = queries.memberships("ilrs")
    assert {kind: len(found) for kind, found in members.items()} == {
        "country": 18,
        "institution": 17,
        "organisation": 3,
    }
    disputed = [member for found in members.values() for member in found if member.disputed]
    assert [member.entry.slug for member in disputed] == ["ilrs-kz"]
    said = [(claim.value, [source.slug for source in claim.sources.all()]) for claim in disputed[0].said]
    assert said == [(True, ["ilrs_50"]), (False, ["ilrs_13"])]


def test_samples_add_up_exactly() -> None:
    samples = queries.samples()
    assert samples.given_at_home == 17_476_400_000 + 8_768_000_000 + 30_881_800_000
    assert (samples.lent_abroad, samples.unknown_abroad) == (60_000_000, 6)
    assert [(found.entry.slug, len(loans)) for found, loans in samples.rounds] == [
        ("international-1", 7),
        ("international-2", 0),
    ]
    first = samples.batches[0].known
    parts = [first.amount(f"given_{part}_mass") for part in ("sections", "clasts", "powder")]
    assert sum(part for part in parts if part is not None) == first.amount("given_mass")


def test_home_figures_are_counted() -> None:
    figures = queries.home_figures()
    assert (figures.missions, figures.payloads, figures.experiments) == (4, 24, 9)
    assert (figures.calls, figures.loans) == (8, 7)
    assert {call.slug: days for call, days in figures.answer_days} == {
        "change-6-2019": 1181,
        "change-7-2022": 448,
        "change-8-2023": 480,
        "space-station-2018": 255,
    }
    assert figures.slowest_answer == 1181
    shares = {share.mission.slug: (share.payloads, share.countries) for share in queries.shares_by_mission()}
    # Chang'e-8: HK, PK, TR, ZA+PE, IT, RU, RU, TH, BH+EG, IR are the 11 of the announcement. Chang'e-7: IT, RU, (ILOA), EG+BH, CH, TH.
    assert shares == {"change-4": (4, 4), "change-6": (4, 4), "change-7": (6, 6), "change-8": (10, 11)}


def test_the_hosts_own_country_is_no_guest() -> None:
    guests = {
        participation.partner.country
        for participation in models.Participation.objects.select_related("partner").exclude(
            role__in=["host", "counterpart"]
        )
        if participation.subject.split("/")[0] in ("payload", "experiment", "loan", "gift", "mission")
    } - {"", "CN"}
    lost = {"AE"}
    assert queries.home_figures().countries == len(guests - lost)


def test_sources_count_their_claims(loaded_catalogue: Catalogue) -> None:
    counted = {source.slug: source.claim_count for source in queries.sources()}
    for slug in ("ce7_sel", "background", "derived", "press1"):
        assert counted[slug] == sum(slug in claim.sources for claim in loaded_catalogue.claims)


def test_conflicts_have_both_sides(loaded_catalogue: Catalogue) -> None:
    conflicts = queries.conflicts()
    assert [(conflict.slug, thing.address) for conflict, thing in conflicts] == [
        (conflict.slug, conflict.subject) for conflict in loaded_catalogue.conflicts.values()
    ]
    assert all(len(conflict.sides.all()) == 2 for conflict, _thing in conflicts)


def test_a_source_tells_all_its_claims(loaded_catalogue: Catalogue) -> None:
    told = queries.told_by(models.Source.objects.get(slug="ce8_sel"))
    named = [claim for claim in loaded_catalogue.claims if "ce8_sel" in claim.sources]
    assert {(thing.address, claim.field) for thing, claims in told for claim in claims} == {
        (c.subject, c.field) for c in named
    }


def test_what_is_not_there_is_said_so() -> None:
    with pytest.raises(models.Mission.DoesNotExist):
        queries.mission_page("apollo-11")
    with pytest.raises(models.Partner.DoesNotExist):
        queries.partner_page("nobody")
    with pytest.raises(models.CatalogueEntry.DoesNotExist):
        queries.item("payload", "nothing")


@pytest.mark.parametrize("slug", ["laosat-1", "change-4", "change-8"])
def test_a_mission_page_costs_the_same_however_full(
    django_assert_max_num_queries, loaded_catalogue: Catalogue, slug: str
) -> None:
    known = set(loaded_catalogue.sources)
    with django_assert_max_num_queries(8):
        page = queries.mission_page(slug)
        for item in [*page.payloads, *page.calls]:
            assert {source.slug for claim in item.known.claims for source in claim.sources.all()} <= known
            assert item.entry.programme.name


def test_lists_cost_the_same_however_long(django_assert_max_num_queries) -> None:
    with django_assert_max_num_queries(8):
        assert [call.entry.mission.name for call in queries.calls() if call.entry.mission]
    with django_assert_max_num_queries(7):
        elements = [
            element
            for programme in queries.programmes()
            for mission in programme.missions.all()
            for element in mission.elements.all()
        ]
    assert len(elements) == models.Element.objects.count()
    with django_assert_max_num_queries(1):
        assert {partner.slug: partner.part_count for partner in queries.partners(PartnerKind.COUNTRY)}["fr"] > 0
    with django_assert_max_num_queries(7):
        queries.partner_page("cn")
    with django_assert_max_num_queries(7):
        queries.memberships("ilrs")
