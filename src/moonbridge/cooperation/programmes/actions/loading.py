"""Loading the catalogue's files into the database: idempotent, whole or not at all.

What other stages refer to (partners, programmes, missions, elements) keeps its id for ever and is only changed; what is gone from the
files is removed unless somebody still refers to it. Entries keep their ids too. Claims, milestones, participations, conflicts and
sources are written anew, since nothing refers to them.
"""

# ruff: noqa: SLF001 - _meta and _default_manager are public names of Django
import hashlib
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any, Final
from uuid import UUID

from django.db import connection, transaction
from django.db.models import Model, ProtectedError, QuerySet
from django.db.models.functions import Now

from moonbridge.cooperation.programmes import models
from moonbridge.cooperation.programmes.actions.documents import ORIGIN, documents
from moonbridge.cooperation.programmes.actions.facts import put_facts
from moonbridge.cooperation.programmes.actions.searching import put_documents, remove_documents
from moonbridge.formats import catalogue as files
from moonbridge.formats.catalogue import Catalogue

LAYOUT: Final = 1
"""Raise it when the same files shall be stored in another way: then they are loaded once more."""

_LOCK: Final = 0x6D6F6F6E
"""Key of the advisory lock that lets one load run at a time ("moon" in ASCII)."""


@dataclass(frozen=True, slots=True)
class Loaded:
    """What a load did: the digest of the files' content, whether anything was written, and how much is there now."""

    digest: str
    changed: bool
    missions: int
    claims: int


@transaction.atomic
def load_catalogue(catalogue: Catalogue, *, again: bool = False) -> Loaded:
    """Make the database say what ``catalogue`` says; nothing is written if it already does, unless ``again``."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(%s)", [_LOCK])
    digest = hashlib.sha256(f"{LAYOUT} {catalogue!r}".encode()).hexdigest()
    current = models.LoadedCatalogue.objects.filter(digest=digest).exists()
    if again or not current:
        _write(catalogue)
        models.LoadedCatalogue.objects.update_or_create(id=1, defaults={"digest": digest, "loaded_at": Now()})
    return Loaded(digest, again or not current, len(catalogue.of(files.Mission)), models.Claim.objects.count())


def _write(catalogue: Catalogue) -> None:
    partners = _put_partners(catalogue)
    programmes = _put_programmes(catalogue, partners)
    missions = _put_missions(catalogue, programmes, partners)
    elements = _put_elements(catalogue, missions)
    sites = _put_sites(catalogue, programmes, missions)
    entries = _put_entries(catalogue, programmes, missions, elements, partners)
    put_facts(catalogue, partners)
    _remove_gone(
        entries=entries, sites=sites, elements=elements, missions=missions, programmes=programmes, partners=partners
    )
    found = documents(catalogue)
    put_documents(found, origin=ORIGIN)
    remove_documents(origin=ORIGIN, keep=[document.address for document in found])


def _put_partners(catalogue: Catalogue) -> dict[str, UUID]:
    rows = [
        models.Partner(
            slug=partner.slug,
            kind=partner.kind,
            name=partner.name,
            name_zh=partner.name_zh or "",
            short=partner.short or "",
            country=partner.country or "",
            aliases=list(partner.aliases),
            catalogued=True,
        )
        for partner in catalogue.partners.values()
    ]
    ids = _upsert(models.Partner, rows, ["slug"])
    children = list(models.Partner.objects.filter(slug__in=ids))
    for child in children:
        parent = catalogue.partners[child.slug].parent
        child.parent_id = ids[parent] if parent else None
    models.Partner.objects.bulk_update(children, ["parent"])
    return ids


def _put_programmes(catalogue: Catalogue, partners: dict[str, UUID]) -> dict[str, UUID]:
    rows = [
        models.Programme(
            slug=programme.slug,
            name=programme.name,
            name_zh=programme.name_zh or "",
            agency_id=partners[programme.agency] if programme.agency else None,
            summary=programme.summary,
            position=position,
            catalogued=True,
        )
        for position, programme in enumerate(catalogue.of(files.Programme))
    ]
    return _upsert(models.Programme, rows, ["slug"])


def _put_missions(catalogue: Catalogue, programmes: dict[str, UUID], partners: dict[str, UUID]) -> dict[str, UUID]:
    rows = [
        models.Mission(
            slug=mission.slug,
            programme_id=programmes[mission.programme],
            agency_id=partners[mission.agency],
            name=mission.name,
            name_zh=mission.name_zh or "",
            position=position,
            catalogued=True,
        )
        for position, mission in enumerate(catalogue.of(files.Mission))
    ]
    return _upsert(models.Mission, rows, ["slug"])


def _put_elements(catalogue: Catalogue, missions: dict[str, UUID]) -> dict[tuple[str, str], UUID]:
    """Write the elements and return their ids by mission and key."""
    slugs = {key: slug for slug, key in missions.items()}
    rows = [
        models.Element(
            mission_id=missions[element.mission],
            slug=element.key,
            kind=element.type,
            name=element.name,
            name_zh=element.name_zh or "",
            position=position,
            catalogued=True,
        )
        for position, element in enumerate(catalogue.of(files.Element))
    ]
    _bulk_upsert(models.Element, rows, ["mission", "slug"])
    kept = {(slugs[row.mission_id], row.slug) for row in rows}
    stored = models.Element.objects.filter(mission__in=slugs).values_list("mission", "slug", "id")
    return {(slugs[mission], slug): key for mission, slug, key in stored if (slugs[mission], slug) in kept}


def _put_sites(catalogue: Catalogue, programmes: dict[str, UUID], missions: dict[str, UUID]) -> dict[str, UUID]:
    rows = [
        models.Site(
            slug=site.slug,
            programme_id=programmes[site.programme],
            mission_id=missions[site.mission] if site.mission else None,
            name=site.name,
            name_zh=site.name_zh or "",
            latitude_deg=site.latitude_deg,
            longitude_deg=site.longitude_deg,
            position=position,
            catalogued=True,
        )
        for position, site in enumerate(catalogue.of(files.NamedSite))
    ]
    return _upsert(models.Site, rows, ["slug"])


def _put_entries(
    catalogue: Catalogue,
    programmes: dict[str, UUID],
    missions: dict[str, UUID],
    elements: dict[tuple[str, str], UUID],
    partners: dict[str, UUID],
) -> dict[str, UUID]:
    """Write payloads, calls and all the rest, and return their ids by address."""
    kinds = set(models.EntryKind.values)
    entries = [entry for entry in catalogue.entries.values() if entry.kind in kinds]
    rows = [
        models.CatalogueEntry(
            kind=entry.kind,
            slug=entry.slug,
            programme_id=programmes[entry.programme],
            name=entry.name,
            name_zh=entry.name_zh or "",
            position=position,
            **_own_fields(entry, missions, elements, partners),
        )
        for position, entry in enumerate(entries)
    ]
    _bulk_upsert(models.CatalogueEntry, rows, ["kind", "slug"])
    stored = {entry.address: entry for entry in models.CatalogueEntry.objects.all()}
    _link_entries(entries, stored, missions)
    return {entry.address: stored[entry.address].pk for entry in entries}


def _own_fields(
    entry: files.Entry,
    missions: dict[str, UUID],
    elements: dict[tuple[str, str], UUID],
    partners: dict[str, UUID],
) -> dict[str, Any]:
    """Return what only entries of this kind have; the fields of the others are empty."""
    empty = {
        "mission_id": None,
        "element_id": None,
        "partner_id": None,
        "type": "",
        "standing": "",
        "audience": "",
        "about": "",
    }
    match entry:
        case files.Payload():
            own = {
                "mission_id": missions[entry.mission],
                "element_id": elements[entry.mission, entry.host] if entry.host else None,
                "type": entry.type,
                "standing": entry.standing,
            }
        case files.Call():
            own = {"mission_id": missions[entry.mission], "audience": entry.audience}
        case files.Experiment():
            own = {"standing": entry.standing}
        case files.SampleBatch():
            own = {"audience": entry.audience}
        case files.Membership():
            own = {"partner_id": partners[entry.partner]}
        case files.Agreement():
            own = {"type": entry.instrument, "about": entry.about or ""}
        case _:
            own = {}
    return empty | own


def _link_entries(
    entries: Iterable[files.Entry], stored: dict[str, models.CatalogueEntry], missions: dict[str, UUID]
) -> None:
    """Write what entries say of each other: loans of their round, experiments of their call, batches of their missions."""
    through = models.CatalogueEntry.sampled.through
    through.objects.all().delete()
    offers = []
    for entry in entries:
        row = stored[entry.address]
        row.parent = stored[f"round/{entry.round}"] if isinstance(entry, files.Loan) else None
        if isinstance(entry, files.Experiment) and entry.call:
            row.parent = stored[f"call/{entry.call}"]
        if isinstance(entry, files.SampleBatch | files.LoanRound):
            offers += [through(catalogueentry_id=row.pk, mission_id=missions[slug]) for slug in entry.missions]
    models.CatalogueEntry.objects.bulk_update(stored.values(), ["parent"])
    through.objects.bulk_create(offers)


def _remove_gone(
    *,
    entries: dict[str, UUID],
    sites: dict[str, UUID],
    elements: dict[tuple[str, str], UUID],
    missions: dict[str, UUID],
    programmes: dict[str, UUID],
    partners: dict[str, UUID],
) -> None:
    models.CatalogueEntry.objects.exclude(pk__in=entries.values()).delete()
    for table, kept in (
        (models.Site, sites.values()),
        (models.Element, elements.values()),
        (models.Mission, missions.values()),
        (models.Programme, programmes.values()),
        (models.Partner, partners.values()),
    ):
        _remove_or_release(table.objects.filter(catalogued=True).exclude(pk__in=kept))


def _remove_or_release(gone: QuerySet[Any]) -> None:
    """Remove each row, or leave it to those who still refer to it: it is then no longer the catalogue's."""
    for row in gone:
        try:
            if not _is_chosen(row):
                row.delete()
                continue
        except ProtectedError:
            pass
        row.catalogued = False
        row.save(update_fields=["catalogued"])


def _is_chosen(row: Model) -> bool:
    """Return whether a many-to-many relation of a later stage names ``row``: the database would silently drop it from there."""
    relations = [relation for relation in row._meta.related_objects if relation.many_to_many]
    return any(getattr(row, str(relation.get_accessor_name())).exists() for relation in relations)


def _upsert(table: type[Model], rows: list[Any], unique: list[str]) -> dict[str, UUID]:
    """Write ``rows`` by their slug and return the ids by slug; rows that exist keep their id."""
    _bulk_upsert(table, rows, unique)
    stored = table._default_manager.filter(slug__in=[row.slug for row in rows])
    return dict(stored.values_list("slug", "pk"))


def _bulk_upsert(table: type[Model], rows: list[Any], unique: list[str]) -> None:
    linked_later = {"id", "parent"}
    changing = [field.name for field in table._meta.concrete_fields if field.name not in linked_later | set(unique)]
    table._default_manager.bulk_create(rows, update_conflicts=True, unique_fields=unique, update_fields=changing)
