"""The shipped catalogue against the collected facts from which it was written: no fact lost, none altered."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from ruamel.yaml import YAML

from moonbridge.formats.catalogue import (
    Call,
    Catalogue,
    Experiment,
    Gift,
    Lesson,
    Loan,
    LoanRound,
    Measure,
    Membership,
    Mission,
    OpenQuestion,
    Payload,
    SampleBatch,
    Site,
    load,
    text_of,
)

FACTS = Path(__file__).parents[4] / "shared" / "catalogue" / "facts.yaml"

pytestmark = pytest.mark.skipif(
    not FACTS.is_file(), reason="the collected facts (../shared/catalogue/facts.yaml) are not here"
)

PLACES: list[tuple[str, str, str]] = [
    # path of the fact -> address of the entry, its field ("milestone" for milestones, "name" for the entry's own name)
    (r"missions/([^/]+)/kind", r"mission/\1", "profile"),
    (r"missions/[^/]+/payloads_international/([^/]+)/milestones/.*", r"payload/\1", "milestone"),
    (r"missions/change-7/dropped/Rashid-2 rover/reason", "payload/rashid-2", "loss_reason"),
    (r"missions/change-7/dropped/Rashid-2 rover/(\w+?)(_kg)?", "payload/rashid-2", r"\1"),
    (r"missions/tianwen-3/orbits_\w+/ero", "element/tianwen-3-earth-return-orbiter", "orbit|lifetime"),
    (r"missions/tianwen-3/orbits_\w+/(mo|service_module)", "element/tianwen-3-service-module", "orbit|lifetime"),
    (r"missions/tianwen-2/payloads_international", "mission/tianwen-2", "international_payloads"),
    (r"missions/[^/]+/payloads_international/([^/]+)/source_note", r"payload/\1", "naming"),
    (r"missions/[^/]+/payloads_international/([^/]+)/data_bps_max", r"payload/\1", "data_rate"),
    (r"missions/[^/]+/payloads_international/([^/]+)/envelope_mm", r"payload/\1", "box"),
    (r"missions/[^/]+/payloads_international/([^/]+)/fov_deg", r"payload/\1", "field_of_view"),
    (r"missions/[^/]+/payloads_international/([^/]+)/(\w+?)(_kg|_w|_ev|_hz)?(/\d+)?", r"payload/\1", r"\2"),
    (r"missions/([^/]+)/landing_site/(\w+)", r"mission/\1", "landing_site"),
    (r"missions/([^/]+)/orbit_(ce6|measured)/(\w+)", r"mission/\1", "relay_orbit"),
    (r"missions/([^/]+)/orbit_design_south_pole/(\w+)", r"mission/\1", "south_pole_orbit"),
    (r"missions/([^/]+)/links/bands", r"mission/\1", "link_bands"),
    (r"missions/([^/]+)/links/([a-z_]+)_[km]?bps", r"mission/\1", r"link_\2"),
    (r"missions/([^/]+)/(lunar_orbit|lunar_orbit_insertion_utc)", r"mission/\1", "lunar_orbit_insertion"),
    (r"missions/([^/]+)/mission_orbit_entered", r"mission/\1", "mission_orbit_entered"),
    (r"missions/([^/]+)/call_domestic_public", r"mission/\1", "domestic_public_call"),
    (r"missions/([^/]+)/basalt_age_ma(/pm)?", r"mission/\1", "basalt_age"),
    (r"missions/([^/]+)/elements", r"mission/\1", "composition"),
    (r"missions/([^/]+)/orbiter_orbit", r"mission/\1", "orbit"),
    (r"missions/([^/]+)/mass_budget_check", r"mission/\1", "mass_budget"),
    (r"missions/([^/]+)/arrival_(\w+)", r"mission/\1", r"\2_arrival"),
    (r"missions/tianwen-2/instruments", "mission/tianwen-2", "instrument_count"),
    (r"missions/([^/]+)/asteroid_size_m", r"mission/\1", "target_size"),
    (r"missions/([^/]+)/lifetime_years", r"mission/\1", "lifetime"),
    (r"missions/([^/]+)/cost_musd", r"mission/\1", "cost"),
    (r"missions/([^/]+)/(\w+?)(_utc|_kg|_g|_w|_m)?", r"mission/\1", r"\2"),
    (r"announcements/ao-ce4-intl/note", "call/change-4-international", "summary"),
    (r"announcements/([^/]+)/pre_announced", r"\1", "announced"),
    (r"announcements/([^/]+)/principles", r"\1", "criteria"),
    (r"announcements/([^/]+)/preliminary", r"\1", "first_selection_result"),
    (r"announcements/([^/]+)/final", r"\1", "result"),
    (r"announcements/([^/]+)/(preliminary_planned|initial_selection)", r"\1", "first_selection_promised"),
    (r"announcements/([^/]+)/(confirmation_planned|final_planned)", r"\1", "confirmation_promised"),
    (r"announcements/([^/]+)/(confirmation_public|final_public)", r"\1", "answered"),
    (r"announcements/([^/]+)/loi_deadline", r"\1", "intent_deadline"),
    (r"announcements/([^/]+)/deadline/original", r"\1", "original_deadline"),
    (r"announcements/ao-ce8/offer/lander_kg", "call/change-8-2023", "envelope/lander/mass"),
    (
        r"announcements/ao-ce8/offer/per_independent_module_kg_max",
        "call/change-8-2023",
        "envelope/lander/mass_per_item",
    ),
    (r"announcements/ao-ce7/offer/(\w+)_kg", "call/change-7-2022", r"envelope/\1/mass"),
    (r"announcements/ao-ce7/lander_requirements/mass_kg_max", "call/change-7-2022", "envelope/lander/mass_per_item"),
    (r"announcements/ao-ce7/lander_requirements/power_w_max", "call/change-7-2022", "envelope/lander/power"),
    (r"announcements/ao-ce7/lander_requirements/envelope_mm_max", "call/change-7-2022", "envelope/lander/box"),
    (r"announcements/ao-ce7/lander_requirements/temp_c", "call/change-7-2022", "envelope/lander/temperature"),
    (r"announcements/ao-ce7/orbiter_requirements", "call/change-7-2022", "envelope/orbiter/power"),
    (r"announcements/ao-tianwen-3/offer/orbiter_kg", "call/tianwen-3-2025", "envelope/earth-return-orbiter/mass"),
    (r"announcements/ao-tianwen-3/offer/service_module_kg", "call/tianwen-3-2025", "envelope/service-module/mass"),
    (r"announcements/ao-tianwen-3/offer/total_kg", "call/tianwen-3-2025", "envelope/all/mass"),
    (r"announcements/ao-tianwen-3/requirements/envelope_mm_max", "call/tianwen-3-2025", "envelope/all/box"),
    (r"announcements/ao-tianwen-3/requirements/(power_w_total_max|note)", "call/tianwen-3-2025", "envelope/all/power"),
    (r"announcements/ao-tianwen-3/requirements/cabin_temp_c", "call/tianwen-3-2025", "envelope/all/temperature"),
    (r"announcements/ao-ce7/proposals/from_countries_and_orgs", "call/change-7-2022", "proposing_partners"),
    (r"announcements/([^/]+)/(passed_preliminary|shortlisted)(/date)?", r"\1", "passed_first_selection"),
    (r"announcements/ao-css-1/proposals/(\w+)", "call/space-station-2018", r"proposing_\1"),
    (r"announcements/ao-css-1/selected/date", "call/space-station-2018", "answered"),
    (r"announcements/ao-css-1/selected/(\w+)", "call/space-station-2018", r"selected_\1"),
    (r"announcements/ao-css-1/second_ao", "call/space-station-2018", "second_call"),
    (r"announcements/([^/]+)/(\w+)", r"\1", r"\2"),
    (r"samples/governance/roles/(\w+)", "programme/lunar-samples", "roles"),
    (r"samples/governance/destructive", "programme/lunar-samples", "destructive_use"),
    (r"samples/governance/(\w+)", "programme/lunar-samples", r"\1"),
    (r"samples/batches_domestic/([^/]+)/(offered|given|given_\w+)_g", r"batch \1", r"\2_mass"),
    (r"samples/batches_domestic/([^/]+)/released", r"batch \1", "opened"),
    (r"samples/batches_domestic/([^/]+)/institutions_applying", r"batch \1", "applying_institutions"),
    (r"samples/batches_domestic/1/note", "batch 1", "given_mass"),
    (r"samples/batches_domestic/7/note", "batch 7", "deadline"),
    (r"samples/batches_domestic/([^/]+)/(\w+)", r"batch \1", r"\2"),
    (r"samples/batches_international/(\d)/countries_and_orgs", r"round/international-\1", "applying_partners"),
    (r"samples/batches_international/(\d)/samples_requested", r"round/international-\1", "requested_samples"),
    (r"samples/batches_international/(\d)/countries", r"round/international-\1", "approved_countries"),
    (r"samples/batches_international/(\d)/(announced|note)", r"round/international-\1", "answered"),
    (r"samples/batches_international/(\d)/agreements_signed_same_day", r"round/international-\1", "agreements_signed"),
    (r"samples/batches_international/(\d)/(\w+)", r"round/international-\1", r"\2"),
    (r"samples/international_loans/([^/]+)/mass_mg", r"loan \1", "mass"),
    (r"samples/international_loans/University of Cologne/note", "loan University of Cologne", "mass"),
    (r"samples/international_loans/([^/]+)/note", r"loan \1", "funding"),
    (r"samples/international_loans/([^/]+)/pi", r"loan \1", "responsible_user"),
    (r"samples/international_loans/([^/]+)/(\w+)", r"loan \1", r"\2"),
    (r"samples/gifts_and_exchanges/([^/]+)/mass_g", r"gift \1", "mass"),
    (r"samples/gifts_and_exchanges/([^/]+)/when", r"gift \1", "given"),
    (r"samples/gifts_and_exchanges/([^/]+)/(\w+)", r"gift \1", r"\2"),
    (r"samples/publications", "programme/lunar-samples", "publications"),
    (r"ilrs/totals/\d+(/date)?", "programme/ilrs", "totals"),
    (r"ilrs/members/Thailand/note", "member Thailand", "joined"),
    (r"ilrs/members/(Serbia|APSCO)/note", r"member \1", "joined"),
    (r"ilrs/members/([^/]+)/note", r"member \1", "member"),
    (r"ilrs/members/([^/]+)/(\w+)", r"member \1", r"\2"),
    (r"ilrs/(\w+)", "programme/ilrs", r"\1"),
    (r"data_release/(\w+)", "programme/lunar-data", r"\1"),
    (r"comparators/nasa_samples/(\w+)", "practice/nasa-samples", r"\1"),
    (r"comparators/nasa_payload", "practice/nasa-payloads", "what"),
    (r"comparators/jaxa_samples", "practice/jaxa-samples", "what"),
    (r"comparators/isro_payload", "practice/isro-payloads", "what"),
    (r"comparators/esa", "practice/esa-calls", "what"),
    (r"china_space_station_un_experiments/(.+)/partners", r"experiment \1", "institution"),
]

CALLS = {
    "ao-ce4-intl": "change-4-international",
    "ao-ce6": "change-6-2019",
    "ao-tianwen-2": "tianwen-2-2019",
    "ao-ce7-domestic": "change-7-domestic-2020",
    "ao-ce7": "change-7-2022",
    "ao-ce8": "change-8-2023",
    "ao-tianwen-3": "tianwen-3-2025",
    "ao-css-1": "space-station-2018",
}
BATCHES = {
    "1": "change-5-batch-1",
    "4": "change-5-batch-4",
    "7": "change-5-batch-7",
    "CE-6 first + CE-5 eighth": "change-6-batch-1",
    "9": "change-5-batch-9",
}
COUNTRIES = {
    "China": "cn", "Russia": "ru", "Venezuela": "ve", "South Africa": "za", "Azerbaijan": "az", "Pakistan": "pk", "Belarus": "by",
    "Egypt": "eg", "Thailand": "th", "Nicaragua": "ni", "Serbia": "rs", "Kazakhstan": "kz", "Senegal": "sn", "Bolivia": "bo",
    "Ethiopia": "et", "Djibouti": "dj", "Turkiye": "tr", "United Arab Emirates": "ae", "France": "fr",
}  # fmt: skip

MEMBERS = {
    "APSCO": "apsco",
    "Arab Union for Astronomy and Space Sciences": "auass",
    "International Lunar Observatory Association (US, Hawaii)": "iloa",
    "nanoSPACE (CH)": "nanospace",
    "University of Sharjah (AE)": "sharjah",
    "UniSat (ID)": "unisat",
    "Arabaev Kyrgyz State University (KG)": "arabaev",
    "ASASAC astronomy association (CO)": "asasac",
    "SSGI (ET)": "ssgi",
    "Kenya AIST (KE)": "kenya-aist",
    "Belgrade Observatory (RS)": "belgrade-observatory",
    "Spacetalk (CH)": "spacetalk",
    "Orbital Space (AE)": "orbital-space",
    "Panama space science innovation centre (PA)": "panama-space-centre",
    "University of Bandar Lampung (ID)": "bandar-lampung",
    "NUST (PK)": "nust",
    "Belt and Road science and technology association": "belt-and-road-association",
    "SARAO (ZA)": "sarao",
    "African space development foundation": "african-space-foundation",
    "Africa Business Alliance": "africa-business-alliance",
}

STRUCTURE = re.compile(
    r"missions/[^/]+/(id|name|agency)|missions/.*/(payloads_international|dropped)/[^/]+/(id|name|host|country|kind)"
    r"|announcements/[^/]+/(id|mission)|china_space_station_un_experiments/.+/(name|status)"
    r"|samples/batches_\w+/[^/]+/(batch|mission|round)|samples/international_loans/[^/]+/(institution|country)"
    r"|samples/gifts_and_exchanges/[^/]+/to|ilrs/members/[^/]+/(name|kind)"
)
"""Facts that say what a thing is or where it belongs; the tests of structure below compare them."""

COMPUTED = {
    "missions/change-5/surface_time_h",
    "missions/change-6/surface_time_h",
    "announcements/ao-ce6/open_days",
    "announcements/ao-ce6/days_deadline_to_final",
    "announcements/ao-ce7/open_days",
    "announcements/ao-ce7/days_deadline_to_final",
    "announcements/ao-ce8/open_days",
    "announcements/ao-ce8/days_deadline_to_final",
    "announcements/ao-tianwen-3/open_days",
    "announcements/ao-css-1/open_days",
    "samples/batches_domestic/CE-6 first + CE-5 eighth/open_days",
    "samples/batches_international/1/days_deadline_to_result",
}
"""Facts that the catalogue computes from its dates instead of repeating them."""

WRITTEN_OTHERWISE = {
    "missions/change-4/payloads_international/ncle/band_hz",
    "missions/change-8/landing_site/lon_e",
}
"""Facts whose value stands there in another form; compared one by one below."""

REWORDED_NOTES = {
    "missions/change-8/payloads_international/pk-rover/mass_kg": "stands as the second side of a conflict",
    "announcements/ao-ce8/proposals": "stands as a second claim",
    "samples/batches_domestic/1/note": "the remark about testing is left out",
    "data_release/proprietary_period": "the advice to the builder is left out",
    "missions/change-7/payloads_international/match/mass_kg": "stands as the second side of a conflict",
    "ilrs/members/Kazakhstan/note": "stands as a claim of its own, that the country is no member",
}

MONTHS = ["jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec"]
UNSPOKEN = {"bps", "life", "around", "at", "the", "on", "to", "page", "dated"}
"""Words of the facts that the catalogue says by a field, a unit or a sign instead."""


@dataclass(frozen=True)
class Fact:
    path: str
    value: object
    sources: frozenset[str]
    confidence: str | None
    is_note: bool = False


def name_of(item: dict[str, Any], index: int) -> str:
    return next(
        (str(item[key]) for key in ("id", "batch", "round", "name", "institution", "to") if key in item), str(index)
    )


def flatten(
    node: Any, path: str, sources: frozenset[str] = frozenset(), confidence: str | None = None
) -> Iterator[Fact]:
    if isinstance(node, list) and node and isinstance(node[0], dict):
        for index, item in enumerate(node):
            yield from flatten(item, f"{path}/{name_of(item, index)}", sources, confidence)
    elif isinstance(node, dict):
        sources, confidence = frozenset(node.get("src", sources)), node.get("conf", confidence)
        for key, value in node.items():
            if key == "v":
                yield Fact(path, value, sources, confidence)
            elif key == "note" and "v" in node:
                yield Fact(path, value, sources, confidence, is_note=True)
            elif key not in ("src", "conf"):
                yield from flatten(value, f"{path}/{key}", sources, confidence)
    elif not (isinstance(node, list) and not node):
        yield Fact(path, node, sources, confidence)


def words(text: str) -> set[str]:
    """The words and numbers of a text, months as numbers, numbers without leading zeros and grouping."""
    plain = re.sub(r"(?<=\d),(?=\d{3})", "", text.lower())
    found = re.findall(r"\d+(?:\.\d+)?|[a-z\u00c0-\u024f]+", plain)
    months = {name: str(number) for number, name in enumerate(MONTHS, 1)}
    return {
        format(Decimal(word).normalize(), "f")
        if word[0].isdigit()
        else months.get(word[:3], word)
        if word[:3] in months
        else word
        for word in found
    }


def said(value: object) -> str:
    return " ".join(str(item) for item in value) if isinstance(value, list) else str(value)


@pytest.fixture(scope="module")
def facts() -> dict[str, Any]:
    loaded: dict[str, Any] = YAML(typ="safe").load(FACTS.read_text(encoding="utf-8"))
    return loaded


@pytest.fixture(scope="module")
def catalogue() -> Catalogue:
    return load()


def address_of(alias: str, catalogue: Catalogue) -> str:
    """Turn the aliases of the table above into addresses."""
    kind, _, name = alias.partition(" ")
    if alias in CALLS:
        return f"call/{CALLS[alias]}"
    if kind == "batch":
        return f"batch/{BATCHES[name]}"
    if kind == "gift":
        return f"gift/{name.lower()}-2023"
    if kind == "member":
        partner = COUNTRIES.get(name) or MEMBERS[name]
        return f"membership/ilrs-{partner}"
    if kind in ("loan", "experiment"):
        of_kind: type[Loan | Experiment] = Loan if kind == "loan" else Experiment
        return next(entry.address for entry in catalogue.of(of_kind) if entry.name == name)
    return alias


def claims_at(address: str, field: str, catalogue: Catalogue) -> list[tuple[str, frozenset[str], str | None, bool]]:
    """What the catalogue says there: its words, sources, confidence, and whether the value is unknown."""
    entry = catalogue.entries[address]
    if field == "milestone":
        return [
            (f"{m.date.text} {m.what} {m.note or ''}", frozenset(m.sources), m.confidence, False)
            for m in entry.milestones
        ]
    envelope = [line.claim for line in entry.envelope] if isinstance(entry, Call) else []
    return [
        (
            f"{'' if claim.value is None else text_of(claim.value)} {claim.note or ''} {claim.date or ''}",
            frozenset(claim.sources),
            claim.confidence,
            claim.value is None,
        )
        for claim in (*entry.claims, *envelope)
        if claim.field in field.split("|")
    ]


def agrees(fact: Fact, claims: list[tuple[str, frozenset[str], str | None, bool]]) -> bool:
    """Whether one claim says what the fact says, or several claims of the same backing say it together."""
    if fact.value is None:
        return any(unknown for *_, unknown in claims)
    backed = [
        words(text)
        for text, sources, confidence, unknown in claims
        if unknown or (fact.sources <= sources and (fact.confidence is None or fact.confidence == confidence))
    ]
    wanted = words(said(fact.value)) - UNSPOKEN
    return any(wanted <= found for found in [*backed, set().union(*backed) if len(backed) > 1 else set()])


def place_of(path: str) -> tuple[str, str]:
    for pattern, address, field in PLACES:
        if match := re.fullmatch(pattern, path):
            return match.expand(address), match.expand(field)
    raise LookupError(f"no place in the catalogue for {path}")


def test_every_fact_stands_in_the_catalogue_unaltered(facts: dict[str, Any], catalogue: Catalogue) -> None:
    sections = (
        "missions",
        "announcements",
        "china_space_station_un_experiments",
        "samples",
        "ilrs",
        "data_release",
        "comparators",
    )
    lost, compared = [], 0
    for section in sections:
        for fact in flatten(facts[section], section):
            if STRUCTURE.fullmatch(fact.path) or fact.path in COMPUTED | WRITTEN_OTHERWISE:
                continue
            if (fact.is_note or fact.path.endswith("/note")) and fact.path in REWORDED_NOTES:
                continue
            alias, field = place_of(fact.path)
            compared += 1
            if not agrees(fact, claims_at(address_of(alias, catalogue), field, catalogue)):
                lost.append(f"{fact.path}: {fact.value!r} {sorted(fact.sources)} {fact.confidence}")
    assert not lost, "\n".join(lost)
    assert compared > 500


def test_values_written_in_another_form(catalogue: Catalogue) -> None:
    band = catalogue.get(Payload, "ncle").value("band")
    assert band == Measure("80 to 80000 kHz", Decimal(80), Decimal(80000), "kHz")
    site = catalogue.get(Mission, "change-8").value("landing_site")
    assert site == Site("Leibnitz-Beta Plateau (Mons Mouton)", latitude=Decimal(-85), longitude=None)


@pytest.mark.parametrize(
    ("suffix", "base_units"), [("kg", 10**6), ("w", 10**3)], ids=["masses in milligrams", "powers in milliwatts"]
)
def test_amounts_are_exact(facts: dict[str, Any], catalogue: Catalogue, suffix: str, base_units: int) -> None:
    field = {"kg": "mass", "w": "power"}[suffix]
    compared = 0
    for mission in facts["missions"]:
        things = [(f"mission/{mission['id']}", mission)]
        things += [
            (f"payload/{payload['id']}", payload)
            for payload in mission.get("payloads_international") or []
            if "id" in payload
        ]
        for address, thing in things:
            stated = thing.get(f"{field}_{suffix}")
            value = stated.get("v") if isinstance(stated, dict) else None
            claim = catalogue.entries[address].claim(field)
            assert (claim.amount.base if claim and claim.amount else None) == (
                None if value is None else Decimal(str(value)) * base_units
            )
            compared += value is not None
    assert compared == {"kg": 11, "w": 3}[suffix]


def test_sources_are_the_collected_ones_with_their_titles_and_addresses(
    facts: dict[str, Any], catalogue: Catalogue
) -> None:
    for slug, source in facts["sources"].items():
        assert catalogue.sources[slug].title == source["title"]
        assert catalogue.sources[slug].url == source.get("url")


def test_missions_payloads_and_their_places(facts: dict[str, Any], catalogue: Catalogue) -> None:
    missions = {mission.slug: mission for mission in catalogue.of(Mission)}
    assert set(missions) == {mission["id"] for mission in facts["missions"]} | {"china-space-station"}
    hosts = {"lander": "lander", "orbiter": "orbiter", "rover Yutu-2": "yutu-2", "Queqiao relay": "queqiao"}
    hosts |= {"Longjiang-2 microsatellite": "longjiang-2"}
    for mission in facts["missions"]:
        given = mission.get("payloads_international")
        payloads = {p["id"]: p for p in given} if isinstance(given, list) else {}
        ours = {p.slug: p for p in catalogue.of(Payload) if p.mission == mission["id"] and p.standing != "lost"}
        assert set(ours) == set(payloads)
        for slug, payload in payloads.items():
            assert ours[slug].name == payload["name"]
            assert ours[slug].host == hosts.get(payload.get("host", ""))
            countries = {code.lower() for code in re.findall(r"\b[A-Z]{2}\b", payload["country"])}
            assert {p.partner for p in ours[slug].participations if p.role == "country"} == countries


def test_calls_batches_rounds_loans_members_and_experiments_are_all_there(
    facts: dict[str, Any], catalogue: Catalogue
) -> None:
    samples = facts["samples"]
    assert {call.slug for call in catalogue.of(Call)} == {CALLS[call["id"]] for call in facts["announcements"]}
    assert {batch.slug for batch in catalogue.of(SampleBatch)} == {
        BATCHES[str(b["batch"])] for b in samples["batches_domestic"]
    }
    assert len(catalogue.of(LoanRound)) == len(samples["batches_international"])
    assert [loan.name for loan in catalogue.of(Loan)] == [
        loan["institution"] for loan in samples["international_loans"]
    ]
    assert len(catalogue.of(Gift)) == len(samples["gifts_and_exchanges"])
    kinds = {member["name"]: member["kind"] for member in facts["ilrs"]["members"]}
    partners = {name: catalogue.partners[COUNTRIES.get(name) or MEMBERS[name]] for name in kinds}
    assert {member.partner for member in catalogue.of(Membership)} == {partner.slug for partner in partners.values()}
    assert {name for name, kind in kinds.items() if kind == "country"} == {
        n for n, p in partners.items() if p.kind == "country"
    }
    experiments = {e["name"]: e["status"] == "accepted" for e in facts["china_space_station_un_experiments"]}
    assert {e.name: e.standing == "selected" for e in catalogue.of(Experiment)} == experiments


def test_days_are_computed_as_they_were_collected(facts: dict[str, Any], catalogue: Catalogue) -> None:
    for call in facts["announcements"]:
        ours = catalogue.get(Call, CALLS[call["id"]])
        for field, days in (("open_days", ours.dates.days_open), ("days_deadline_to_final", ours.dates.days_to_answer)):
            if field in call:
                assert days is not None
                assert days.exact == call[field]["v"]
    opened = catalogue.get(SampleBatch, "change-6-batch-1").dates.days_open
    assert opened is not None
    assert opened.exact == 17
    loans = catalogue.get(LoanRound, "international-1").dates.days_to_answer
    assert loans is not None
    assert loans.exact == facts["samples"]["batches_international"][0]["days_deadline_to_result"] == 489
    for mission in ("change-5", "change-6"):
        stated = next(m for m in facts["missions"] if m["id"] == mission)["surface_time_h"]["v"]
        assert catalogue.get(Mission, mission).surface_hours == pytest.approx(stated, abs=0.05)


def test_conflicts_name_the_same_topics_and_both_sides(facts: dict[str, Any], catalogue: Catalogue) -> None:
    ours = {conflict.topic: conflict for conflict in catalogue.conflicts.values()}
    assert set(ours) == {conflict["topic"] for conflict in facts["conflicts"]}
    assert len(ours) == 10
    for conflict in facts["conflicts"]:
        sides = ours[conflict["topic"]].sides
        assert len(sides) == 2
        assert all(side.sources and side.confidence for side in sides)
    stated = {
        topic: [text_of(side.value) for side in conflict.sides if side.value is not None]
        for topic, conflict in ours.items()
    }
    assert stated["MATCH mass"] == ["3 kg", "69 kg"]
    assert stated["Pakistan rover mass"] == ["35 kg", "30 kg"]
    assert stated["first CE-5 batch"] == ["31", "21"]
    assert stated["Tianwen-3 orbiter life"] == [">= 5 years", ">= 3 years"]


def test_lessons_and_open_questions_are_kept_word_for_word(facts: dict[str, Any], catalogue: Catalogue) -> None:
    told = {
        (str(lesson.value("what")), frozenset(lesson.claims_on("what")[0].sources)) for lesson in catalogue.of(Lesson)
    }
    assert told == {(complaint["what"], frozenset(complaint["src"])) for complaint in facts["complaints"]}
    assert {question.name for question in catalogue.of(OpenQuestion)} == set(facts["not_found"])
