"""Loading the catalogue: whole or not at all, twice is once, what is gone goes."""

import dataclasses
import shutil
from pathlib import Path

import pytest
from django.core.management import call_command
from django.forms.models import model_to_dict

import builders
from moonbridge.cooperation.programmes import models
from moonbridge.cooperation.programmes.actions import load_catalogue
from moonbridge.formats.catalogue import Catalogue, CatalogueError, Mission, Payload, load, plain, shipped

pytestmark = pytest.mark.django_db


@pytest.fixture(scope="module")
def catalogue() -> Catalogue:
    return load()


def ids() -> dict[str, object]:
    tables = (models.Partner, models.Programme, models.Mission, models.Site, models.Element, models.CatalogueEntry)
    return {f"{table.__name__} {row}": row.pk for table in tables for row in table.objects.all()}


def without(catalogue: Catalogue, *prefixes: str) -> Catalogue:
    """The catalogue as if the entries at addresses with these prefixes had been deleted from its files."""
    entries = {address: entry for address, entry in catalogue.entries.items() if not address.startswith(prefixes)}
    for address, entry in entries.items():
        if isinstance(entry, Mission):
            kept = tuple(element for element in entry.elements if element.address in entries)
            entries[address] = dataclasses.replace(entry, elements=kept)
    return dataclasses.replace(catalogue, entries=entries)


def test_everything_in_the_files_is_in_the_database(catalogue: Catalogue) -> None:
    load_catalogue(catalogue)
    own_tables = {"programme": models.Programme, "mission": models.Mission, "site": models.Site}
    stored = {row.address for table in own_tables.values() for row in table.objects.all()}
    stored |= {row.address for row in models.Element.objects.select_related("mission")}
    stored |= {row.address for row in models.CatalogueEntry.objects.all()}
    assert stored == set(catalogue.entries)
    assert set(models.Partner.objects.values_list("slug", flat=True)) == set(catalogue.partners)
    assert list(models.Source.objects.values_list("slug", flat=True)) == list(catalogue.sources)
    assert list(models.Conflict.objects.values_list("slug", flat=True)) == list(catalogue.conflicts)


def test_claims_are_stored_as_they_are_written(catalogue: Catalogue) -> None:
    load_catalogue(catalogue)
    written = list(catalogue.claims)
    stored = list(models.Claim.objects.prefetch_related("sources").select_related("conflict"))
    assert len(stored) == len(written)
    for row, claim in zip(stored, written, strict=True):
        assert (row.subject, row.field) == (claim.subject, claim.field)
        assert row.value == (None if claim.value is None else plain(claim.value))
        assert {source.slug for source in row.sources.all()} == set(claim.sources)
        assert (row.confidence or None, row.note or None) == (claim.confidence, claim.note)
        assert (row.conflict.slug if row.conflict else None) == claim.conflict
        assert row.amount == (claim.amount.base if claim.amount else None)
    assert sum(row.date is not None for row in stored) > 100


def test_a_payload_knows_its_mission_and_host(catalogue: Catalogue) -> None:
    load_catalogue(catalogue)
    dorn = models.CatalogueEntry.objects.select_related("mission", "element").get(kind="payload", slug="dorn")
    assert dorn.mission is not None
    assert dorn.element is not None
    assert (dorn.mission.slug, dorn.element.slug, dorn.standing) == ("change-6", "lander", "flown")


def test_loading_twice_writes_once_and_keeps_every_id(catalogue: Catalogue) -> None:
    first = load_catalogue(catalogue)
    before = ids()
    second = load_catalogue(catalogue)
    assert (first.changed, second.changed) == (True, False)
    assert load_catalogue(catalogue, again=True).changed
    assert ids() == before
    assert models.Claim.objects.count() == len(list(catalogue.claims))


def test_a_change_in_the_files_changes_the_row_and_not_its_id(catalogue: Catalogue) -> None:
    load_catalogue(catalogue)
    before = models.Mission.objects.get(slug="change-6").pk
    renamed = dataclasses.replace(catalogue.get(Mission, "change-6"), name="Chang'e 6")
    load_catalogue(dataclasses.replace(catalogue, entries=catalogue.entries | {"mission/change-6": renamed}))
    changed = models.Mission.objects.get(slug="change-6")
    assert (changed.pk, changed.name) == (before, "Chang'e 6")


def test_what_is_gone_from_the_files_is_removed(catalogue: Catalogue) -> None:
    load_catalogue(catalogue)
    smaller = without(catalogue, "payload/dorn", "element/change-4-longjiang-2", "payload/saudi-camera")
    load_catalogue(smaller)
    assert not models.CatalogueEntry.objects.filter(slug__in=["dorn", "saudi-camera"]).exists()
    assert not models.Element.objects.filter(slug="longjiang-2").exists()
    assert not models.Claim.objects.filter(subject="payload/dorn").exists()
    assert not models.SearchDocument.objects.filter(address="payload/dorn").exists()


def test_what_others_refer_to_stays_when_it_is_gone_from_the_files(catalogue: Catalogue) -> None:
    load_catalogue(catalogue)
    mission = models.Mission.objects.get(slug="laosat-1")
    opportunity = builders.opportunity()
    opportunity.mission = mission
    opportunity.save(update_fields=["mission"])
    load_catalogue(without(catalogue, "mission/laosat-1", "mission/svom", "element/svom"))
    mission.refresh_from_db()
    assert mission.catalogued is False
    assert not models.Mission.objects.filter(slug="svom").exists()


def test_an_element_that_an_opportunity_offers_is_not_taken_out_of_it(catalogue: Catalogue) -> None:
    load_catalogue(catalogue)
    element = models.Element.objects.get(slug="longjiang-2")
    opportunity = builders.opportunity()
    opportunity.elements.add(element)
    load_catalogue(without(catalogue, "element/change-4-longjiang-2", "payload/saudi-camera"))
    assert element in opportunity.elements.all()


def test_what_an_agency_added_itself_is_left_alone(catalogue: Catalogue) -> None:
    own = builders.mission()
    load_catalogue(catalogue)
    before = model_to_dict(own)
    own.refresh_from_db()
    assert model_to_dict(own) == before


def test_the_command_loads_a_folder_and_says_so(capsys: pytest.CaptureFixture[str]) -> None:
    call_command("load_catalogue")
    assert capsys.readouterr().out.startswith("loaded: 14 missions, ")
    call_command("load_catalogue")
    assert capsys.readouterr().out.startswith("already loaded: 14 missions, ")


def test_a_folder_with_mistakes_changes_nothing(tmp_path: Path) -> None:
    call_command("load_catalogue", verbosity=0)
    before = ids()
    folder = shutil.copytree(shipped(), tmp_path / "catalogue")
    file = folder / "clep.yaml"
    file.write_text(file.read_text().replace("4.5 kg", "4.5 parsec"))
    with pytest.raises(CatalogueError):
        call_command("load_catalogue", folder)
    assert ids() == before
    assert models.Claim.objects.get(subject="payload/dorn", field="mass").text == "4.5 kg"


def test_amounts_in_the_database_are_base_units(catalogue: Catalogue) -> None:
    load_catalogue(catalogue)
    claim = models.Claim.objects.get(subject="payload/dorn", field="mass")
    own = catalogue.get(Payload, "dorn").claim("mass")
    assert own is not None
    assert own.amount is not None
    assert (claim.amount, claim.amount_kind) == (own.amount.base, "mass") == (4_500_000, "mass")
