"""Loading: every mistake is told with its file, line and field, all of them together."""

import shutil
import time
from pathlib import Path

import pytest

from moonbridge.errors import InputError
from moonbridge.formats.catalogue import Call, CatalogueError, Membership, Payload, load, shipped

PARTNERS = (
    "agencies:\n  cnsa: {name: CNSA, country: CN}\ninstitutions:\n  irap: {name: IRAP, country: FR, parent: cnsa}\n"
)
SOURCES = "nssdc: {title: NSSDC page, url: https://example.org/}\npaper: {title: A paper}\n"
PROGRAMME = """\
programme: {slug: moon, name: Moon, agency: cnsa, summary: Going there.}
missions:
  one:
    name: One
    agency: cnsa
    elements:
      lander: {type: lander, name: Lander}
    payloads:
      sniffer:
        name: Sniffer
        host: lander
        countries: [FR]
        partners: {irap: lead}
        facts:
          mass: {value: 4.5 kg, sources: nssdc, confidence: high}
          power: {value: null, note: not found}
"""


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / "sources.yaml").write_text(SOURCES)
    (tmp_path / "partners.yaml").write_text(PARTNERS)
    (tmp_path / "moon.yaml").write_text(PROGRAMME)
    return tmp_path


def mistakes(folder: Path) -> list[InputError]:
    with pytest.raises(CatalogueError) as caught:
        load(folder)
    return list(caught.value.errors)


def only_mistake(folder: Path, old: str, new: str, file: str = "moon.yaml") -> InputError:
    """Replace ``old`` by ``new`` in a good catalogue and return the one mistake that this makes."""
    text = (folder / file).read_text()
    assert text.count(old) == 1
    (folder / file).write_text(text.replace(old, new))
    found = mistakes(folder)
    assert len(found) == 1, [str(error) for error in found]
    return found[0]


def test_a_small_catalogue_is_read_whole(folder: Path) -> None:
    catalogue = load(folder)
    assert list(catalogue.entries) == ["programme/moon", "mission/one", "element/one-lander", "payload/sniffer"]
    payload = catalogue.get(Payload, "sniffer")
    mass, power = payload.claims
    assert mass.amount is not None
    assert (mass.amount.base, mass.amount.kind, mass.sources, mass.confidence) == (
        4_500_000,
        "mass",
        ("nssdc",),
        "high",
    )
    assert (mass.subject, mass.written.file, mass.written.line) == ("payload/sniffer", "moon.yaml", 15)
    assert (power.value, power.note) == (None, "not found")
    assert [(p.partner, p.role) for p in payload.participations] == [("fr", "country"), ("irap", "lead")]
    assert set(catalogue.partners) == {"cnsa", "irap", "cn", "fr"}
    assert catalogue.partners["fr"].name_zh == "法国"


SNIFFER = "missions.one.payloads.sniffer"
BACKING = "missing: say who says so and how far it can be trusted"


@pytest.mark.parametrize(
    ("old", "new", "place", "sentence"),
    [
        (
            "sources: nssdc",
            "sources: nsdc",
            f"15 {SNIFFER}.facts.mass.sources",
            "unknown source 'nsdc'; did you mean 'nssdc'?",
        ),
        ("{irap: lead}", "{irab: lead}", f"13 {SNIFFER}.partners.irab", "unknown partner 'irab'; did you mean 'irap'?"),
        (
            "{irap: lead}",
            "{irap: laed}",
            f"13 {SNIFFER}.partners.irap",
            "unknown word 'laed'; did you mean 'lead'?; use one of",
        ),
        ("[FR]", "[XX]", f"12 {SNIFFER}.countries", "unknown partner 'xx'"),
        ("  mass: {", "  maas: {", f"15 {SNIFFER}.facts.maas", "unknown field 'maas'; did you mean 'mass'?"),
        (
            "4.5 kg",
            "4.5 km",
            f"15 {SNIFFER}.facts.mass.value",
            "“4.5 km”: “km” is not a unit of mass; use one of kg, g",
        ),
        (
            "high}",
            "hihg}",
            f"15 {SNIFFER}.facts.mass.confidence",
            "unknown word 'hihg'; did you mean 'high'?; use one of high",
        ),
        (", confidence: high", "", f"15 {SNIFFER}.facts.mass", f"confidence {BACKING}"),
        (", sources: nssdc, confidence: high", "", f"15 {SNIFFER}.facts.mass", f"sources and confidence {BACKING}"),
        (
            "value: 4.5 kg, ",
            "",
            f"15 {SNIFFER}.facts.mass",
            "a fact needs a value; write null if it was looked for and not",
        ),
        ("host: lander", "host: landr", f"11 {SNIFFER}.host", "unknown element 'landr'; did you mean 'lander'?"),
        (
            "{type: lander",
            "{type: landed",
            "7 missions.one.elements.lander.type",
            "unknown word 'landed'; did you mean 'lander'?",
        ),
        ("slug: moon", "slug: mond", "1 programme", "the slug 'mond' and the file name 'moon' must be the same"),
        ("        name: Sniffer\n", "", f"10 {SNIFFER}", "name is missing"),
        ("missions:", "mission:", "3 mission", "unknown field 'mission'; did you mean 'missions'?"),
    ],
)
def test_a_mistake_is_told_with_its_place(folder: Path, old: str, new: str, place: str, sentence: str) -> None:
    error = only_mistake(folder, old, new)
    assert error.file == "moon.yaml"
    assert f"{error.line} {error.field}" == place
    assert error.bare.startswith(sentence)


def test_an_unreadable_file_is_told_with_its_line(folder: Path) -> None:
    error = only_mistake(folder, "{type: lander,", "{type: lander: x,")
    assert (error.file, error.line) == ("moon.yaml", 7)
    assert error.bare.startswith("not readable as YAML")


def test_a_double_key_is_refused(folder: Path) -> None:
    error = only_mistake(folder, "        host: lander\n", "        host: lander\n        host: null\n")
    assert (error.line, error.bare) == (12, "'host' is written twice")


def test_a_double_address_names_the_first_place(folder: Path) -> None:
    (folder / "sun.yaml").write_text(PROGRAMME.replace("slug: moon", "slug: sun").replace("  one:", "  two:"))
    (error,) = mistakes(folder)
    assert (error.file, error.line, error.bare) == (
        "sun.yaml",
        10,
        "payload/sniffer is already written in moon.yaml, line 10",
    )


def test_a_source_needs_a_title_and_a_web_address(folder: Path) -> None:
    error = only_mistake(folder, "https://example.org/", "example.org", "sources.yaml")
    assert (error.file, error.line, error.field) == ("sources.yaml", 1, "nssdc.url")


def test_a_partner_belongs_to_a_known_partner_and_country(folder: Path) -> None:
    error = only_mistake(folder, "parent: cnsa", "parent: cnes", "partners.yaml")
    assert (error.file, error.line, error.bare) == ("partners.yaml", 4, "unknown partner 'cnes'; did you mean 'cnsa'?")
    (folder / "partners.yaml").write_text(PARTNERS.replace("country: FR", "country: fr"))
    (error,) = mistakes(folder)
    assert (error.line, error.field) == (4, "institutions.irap.country")


def test_a_reference_to_nothing_is_refused(folder: Path) -> None:
    agreement = "agreements:\n  a: {name: A, instrument: memorandum, about: payload/snifer, facts: {signed: null}}\n"
    (folder / "moon.yaml").write_text(PROGRAMME + agreement)
    (error,) = mistakes(folder)
    assert (error.line, error.field, error.bare) == (
        18,
        "about",
        "unknown address 'payload/snifer'; did you mean 'payload/sniffer'?",
    )


def test_a_conflict_needs_two_sides_and_a_name(folder: Path) -> None:
    error = only_mistake(
        folder,
        "mass: {value: 4.5 kg, sources: nssdc, confidence: high}",
        "mass: {conflict: {id: m, topic: M, known: K}, claims: [{value: 4 kg, sources: nssdc, confidence: low}]}",
    )
    assert error.bare == "a conflict needs at least two claims"


def test_all_mistakes_are_told_at_once_in_file_order(folder: Path) -> None:
    (folder / "moon.yaml").write_text(PROGRAMME.replace("4.5 kg", "4.5 km").replace("host: lander", "host: landr"))
    (folder / "partners.yaml").write_text(PARTNERS.replace("country: FR", "country: F"))
    found = mistakes(folder)
    assert [(error.file, error.line) for error in found] == [("moon.yaml", 11), ("moon.yaml", 15), ("partners.yaml", 4)]


def test_a_folder_without_sources_is_no_catalogue(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="is not a catalogue"):
        load(tmp_path)


def test_a_scalar_fact_inherits_the_backing_of_its_entry(folder: Path) -> None:
    backing = "        sources: [nssdc, paper]\n        confidence: low\n        facts:\n          goal: sniffing\n"
    (folder / "moon.yaml").write_text(PROGRAMME.replace("        facts:\n", backing))
    goal = load(folder).get(Payload, "sniffer").claims_on("goal")[0]
    assert (goal.sources, goal.confidence) == (("nssdc", "paper"), "low")


def test_membership_claims_stand_side_by_side() -> None:
    members = {member.slug: member for member in load().of(Membership)}
    assert [claim.value for claim in members["ilrs-kz"].claims_on("member")] == [True, False]
    assert [slug for slug, member in members.items() if member.disputed] == ["ilrs-kz"]


def test_the_shipped_catalogue_loads_from_any_folder_and_quickly(tmp_path: Path) -> None:
    copy = shutil.copytree(shipped(), tmp_path / "copy")
    start = time.perf_counter()
    catalogue = load(copy)
    assert time.perf_counter() - start < 1.5
    assert catalogue.entries == load().entries


def test_what_was_promised_stands_beside_what_was_kept() -> None:
    promises = load().get(Call, "change-7-2022").dates.promises
    assert [(promise.stage, str(promise.promised), str(promise.kept)) for promise in promises] == [
        ("first selection", "2023-04-01", "None"),
        ("confirmation", "early 2023-07", "2024-04-24"),
    ]
    late = promises[1].days_late
    assert late is not None
    assert (late.least, late.most) == (289, 298)
    assert promises[0].days_late is None


def test_the_most_trusted_claim_counts_then_the_first() -> None:
    released = load().get(Call, "change-8-2023").claim("released")
    rover = load().get(Payload, "pk-rover").claim("mass")
    assert released is not None
    assert str(released.value) == "2023-10-02"
    assert rover is not None
    assert rover.amount is not None
    assert rover.amount.text == "35 kg"
