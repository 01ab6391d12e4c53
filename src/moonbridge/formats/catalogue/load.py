"""Loading a catalogue folder: sources, partners, then one file per programme; everything that refers to something is checked."""

import re
from collections.abc import Iterable
from importlib import resources
from pathlib import Path
from typing import Final

from babel import Locale

from moonbridge.errors import InputError
from moonbridge.formats.catalogue.claims import Known
from moonbridge.formats.catalogue.document import Cursor, open_document
from moonbridge.formats.catalogue.entries import ProgrammeReader
from moonbridge.formats.catalogue.model import (
    Agreement,
    Catalogue,
    Entry,
    Experiment,
    LoanRound,
    Membership,
    NamedSite,
    SampleBatch,
)
from moonbridge.formats.catalogue.problems import Problems, unknown
from moonbridge.formats.catalogue.told import Conflict, Partner, PartnerKind, Source

SOURCES_FILE: Final = "sources.yaml"
PARTNERS_FILE: Final = "partners.yaml"

_SLUG: Final = re.compile(r"[a-z0-9]+([_-][a-z0-9]+)*")
_NOT_COUNTRIES: Final = {"AC", "CP", "CQ", "DG", "EA", "EU", "EZ", "IC", "QO", "TA", "UN", "XA", "XB", "XK", "ZZ"}
"""Two-letter territories of CLDR that are not in ISO 3166."""

_SECTION_KINDS: Final = {
    "agencies": PartnerKind.AGENCY,
    "institutions": PartnerKind.INSTITUTION,
    "organisations": PartnerKind.ORGANISATION,
}


def shipped() -> Path:
    """Return the folder of the catalogue that comes with Moonbridge."""
    return Path(str(resources.files("moonbridge") / "catalogue"))


def load(folder: Path | None = None) -> Catalogue:
    """Read the catalogue in ``folder`` (default: the one that comes with Moonbridge).

    Raises :class:`~moonbridge.formats.catalogue.problems.CatalogueError`, which carries every mistake of the whole folder with its file,
    line and field, if there is any; :class:`~moonbridge.errors.InputError` if the folder is no catalogue at all.
    """
    root = folder or shipped()
    if not (root / SOURCES_FILE).is_file() or not (root / PARTNERS_FILE).is_file():
        raise InputError(f"{root} is not a catalogue: it needs {SOURCES_FILE} and {PARTNERS_FILE}", file=str(root))
    problems = Problems()
    sources = _sources(open_document(root / SOURCES_FILE, SOURCES_FILE, problems))
    partners = _partners(open_document(root / PARTNERS_FILE, PARTNERS_FILE, problems))
    reader = ProgrammeReader(Known(sources, partners), partners)
    for path in sorted(root.rglob("*.yaml")):
        name = path.relative_to(root).as_posix()
        if name not in (SOURCES_FILE, PARTNERS_FILE) and (document := open_document(path, name, problems)):
            reader.read(document, path.stem)
    catalogue = Catalogue(
        sources,
        _taking_part(partners, reader.entries),
        _by_address(reader.entries, problems),
        _by_slug(reader.conflicts, problems),
    )
    _check_references(catalogue, problems)
    problems.raise_if_any()
    return catalogue


def _sources(cursor: Cursor | None) -> dict[str, Source]:
    return {slug: _source(slug, entry) for slug, entry in (cursor.table() if cursor else {}).items()}


def _source(slug: str, cursor: Cursor) -> Source:
    keys = cursor.table(("title", "url"))
    _check_slug(slug, cursor)
    if "title" not in keys:
        cursor.problem("a source needs a title")
    url = keys["url"].text() if "url" in keys else None
    if url is not None and not url.startswith(("https://", "http://")):
        keys["url"].problem(f"{url!r} is not a web address")
    return Source(slug, keys["title"].text() if "title" in keys else "", url, cursor.written)


def _partners(cursor: Cursor | None) -> dict[str, Partner]:
    sections = cursor.table(("countries", *_SECTION_KINDS)) if cursor else {}
    partners = _countries(sections.pop("countries", None))
    countries = {slug.upper() for slug in partners}
    for section, entries in sections.items():
        for slug, entry in entries.table().items():
            if slug in partners:
                entry.problem(f"there is already a partner {slug!r}")
            partners[slug] = _partner(slug, _SECTION_KINDS[section], entry, countries)
    for section_cursor in sections.values():
        _check_parents(section_cursor, partners)
    return partners


def _countries(cursor: Cursor | None) -> dict[str, Partner]:
    english, chinese = _territories(Locale("en")), _territories(Locale("zh", script="Hans"))
    codes = [code for code in english if re.fullmatch("[A-Z]{2}", code) and code not in _NOT_COUNTRIES]
    aliases: dict[str, tuple[str, ...]] = {}
    for code, entry in (cursor.table(codes) if cursor else {}).items():
        keys = entry.table(("aliases",))
        aliases[code] = keys["aliases"].texts() if "aliases" in keys else ()
    return {
        code.lower(): Partner(
            code.lower(),
            PartnerKind.COUNTRY,
            english[code],
            chinese.get(code),
            None,
            aliases.get(code, ()),
            country=code,
        )
        for code in sorted(codes)
    }


def _territories(locale: Locale) -> dict[str, str]:
    return {str(code): str(name) for code, name in locale.territories.items()}


def _partner(slug: str, kind: PartnerKind, cursor: Cursor, countries: set[str]) -> Partner:
    keys = cursor.table(("name", "name_zh", "short", "aliases", "country", "parent"))
    _check_slug(slug, cursor)
    texts = {key: keys[key].text() for key in ("name", "name_zh", "short", "country", "parent") if key in keys}
    if "name" not in texts:
        cursor.problem("a partner needs a name")
    if "country" in texts and texts["country"] not in countries:
        keys["country"].problem(f"{texts['country']!r} is not an ISO 3166 country code in capitals")
    aliases = keys["aliases"].texts() if "aliases" in keys else ()
    return Partner(
        slug,
        kind,
        texts.get("name", ""),
        texts.get("name_zh"),
        texts.get("short"),
        aliases,
        texts.get("country"),
        texts.get("parent"),
        cursor.written,
    )


def _check_parents(cursor: Cursor, partners: dict[str, Partner]) -> None:
    for slug, entry in cursor.table().items():
        parent = partners[slug].parent
        if parent is not None and parent not in partners:
            entry.problem(unknown("partner", parent, partners))


def _taking_part(partners: dict[str, Partner], entries: Iterable[Entry]) -> dict[str, Partner]:
    """Return ``partners`` without the countries that neither take part in anything nor are home to a partner."""
    homes = {partner.country.lower() for partner in partners.values() if partner.country and partner.written}
    active = {participation.partner for entry in entries for participation in entry.participations}
    members = {entry.partner for entry in entries if isinstance(entry, Membership)}
    used = homes | active | members
    return {slug: partner for slug, partner in partners.items() if partner.written or slug in used}


def _check_slug(slug: str, cursor: Cursor) -> None:
    if not _SLUG.fullmatch(slug):
        cursor.problem(f"{slug!r} is no slug: use lower-case letters, digits, '-' and '_'")


def _by_address(entries: Iterable[Entry], problems: Problems) -> dict[str, Entry]:
    found: dict[str, Entry] = {}
    for entry in entries:
        if not _SLUG.fullmatch(entry.slug):
            problems.add(f"{entry.slug!r} is no slug: use lower-case letters, digits, '-' and '_'", at=entry.written)
        if entry.address in found:
            first = found[entry.address].written
            problems.add(f"{entry.address} is already written in {first.file}, line {first.line}", at=entry.written)
        found.setdefault(entry.address, entry)
    return found


def _by_slug(conflicts: Iterable[Conflict], problems: Problems) -> dict[str, Conflict]:
    found: dict[str, Conflict] = {}
    for conflict in conflicts:
        if conflict.slug in found:
            problems.add(
                f"there is already a conflict {conflict.slug!r}", at=conflict.sides[0].written, field=conflict.field
            )
        found.setdefault(conflict.slug, conflict)
    return found


def _check_references(catalogue: Catalogue, problems: Problems) -> None:
    for entry in catalogue.entries.values():
        for field, address in _references(entry):
            if address not in catalogue.entries:
                problems.add(unknown("address", address, catalogue.entries), at=entry.written, field=field)


def _references(entry: Entry) -> list[tuple[str, str]]:
    match entry:
        case Agreement(about=str(about)):
            return [("about", about)]
        case NamedSite(mission=str(mission)):
            return [("mission", f"mission/{mission}")]
        case Experiment(call=str(call)):
            return [("call", f"call/{call}")]
        case SampleBatch(missions=missions) | LoanRound(missions=missions):
            return [("missions", f"mission/{mission}") for mission in missions]
        case _:
            return []
