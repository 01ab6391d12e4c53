"""What the search shall know of the catalogue."""

from typing import Final

from moonbridge.cooperation.programmes.actions.searching import Document
from moonbridge.formats import catalogue as files
from moonbridge.formats.catalogue import Catalogue, Entry, Partner, text_of

ORIGIN: Final = "catalogue"

_WEIGHTS: Final = {
    "mission": 9,
    "programme": 8,
    "partner": 7,
    "call": 6,
    "payload": 6,
    "experiment": 5,
    "site": 5,
    "membership": 2,
    "source": 1,
}
_UNLISTED: Final = {"element", "lesson", "question"}
"""Kinds that have no page of their own; their words are found with the mission or programme that they belong to."""


def documents(catalogue: Catalogue) -> list[Document]:
    """Return one document for each partner, each source, and each entry that has a page."""
    entries = [_entry(entry, catalogue) for entry in catalogue.entries.values() if entry.kind not in _UNLISTED]
    partners = [_partner(partner, catalogue) for partner in catalogue.partners.values()]
    sources = [
        Document(f"source/{source.slug}", source.title, weight=_WEIGHTS["source"])
        for source in catalogue.sources.values()
    ]
    return entries + partners + sources


def _entry(entry: Entry, catalogue: Catalogue) -> Document:
    taking_part = [catalogue.partners[participation.partner] for participation in entry.participations]
    programme = catalogue.get(files.Programme, entry.programme)
    return Document(
        entry.address,
        entry.name,
        entry.name_zh or "",
        names=entry.aliases,
        texts=(
            *_names(programme),
            *_mission_names(entry, catalogue),
            *(name for partner in taking_part for name in _partner_names(partner)),
            *_said(entry),
            *(words for part in _parts(entry, catalogue) for words in (part.name, *_said(part))),
        ),
        weight=_WEIGHTS.get(entry.kind, 4),
    )


def _mission_names(entry: Entry, catalogue: Catalogue) -> tuple[str, ...]:
    match entry:
        case files.Payload(mission=slug) | files.Call(mission=slug) | files.NamedSite(mission=str(slug)):
            slugs: tuple[str, ...] = (slug,)
        case files.SampleBatch(missions=slugs) | files.LoanRound(missions=slugs):
            pass
        case _:
            return ()
    return tuple(name for slug in slugs for name in _names(catalogue.get(files.Mission, slug)))


def _parts(entry: Entry, catalogue: Catalogue) -> tuple[Entry, ...]:
    """Return the entries without a page of their own that are found with ``entry``."""
    if isinstance(entry, files.Mission):
        return entry.elements
    if isinstance(entry, files.Programme):
        unlisted = (*catalogue.of(files.Lesson), *catalogue.of(files.OpenQuestion))
        return tuple(part for part in unlisted if part.programme == entry.slug)
    return ()


def _said(entry: Entry) -> tuple[str, ...]:
    claims = tuple(text_of(claim.value) for claim in entry.claims if claim.value is not None)
    notes = tuple(claim.note for claim in entry.claims if claim.note)
    summary = (entry.summary,) if isinstance(entry, files.Programme) else ()
    return (*summary, *claims, *notes, *(milestone.what for milestone in entry.milestones))


def _names(entry: Entry) -> tuple[str, ...]:
    return (entry.name, entry.name_zh or "", *entry.aliases)


def _partner(partner: Partner, catalogue: Catalogue) -> Document:
    home = catalogue.partners[partner.country.lower()] if partner.country else None
    parent = catalogue.partners[partner.parent] if partner.parent else None
    return Document(
        partner.address,
        partner.name,
        partner.name_zh or "",
        names=(partner.short or "", *partner.aliases),
        texts=tuple(name for other in (home, parent) if other for name in _partner_names(other)),
        weight=_WEIGHTS["partner"] + (partner.kind == files.PartnerKind.COUNTRY),
    )


def _partner_names(partner: Partner) -> tuple[str, ...]:
    return (partner.name, partner.name_zh or "", partner.short or "", *partner.aliases)
