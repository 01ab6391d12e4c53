"""The record of a sample as DataCite knows physical objects, ready to register an IGSN (International Generic Sample Number).

The fields are those of DataCite's metadata schema 4.6 in its JSON form; the resource type general is ``PhysicalObject``, as IGSN asks. No
identifier is made up: ``alternateIdentifiers`` holds the collection's own names, and DataCite adds the IGSN when it is registered.
"""

from dataclasses import dataclass
from typing import Any, Final

from moonbridge.formats.igsn.references import Reference

SCHEMA: Final = "http://datacite.org/schema/kernel-4"


@dataclass(frozen=True, slots=True)
class Piece:
    """What is known of a piece; empty where it is not."""

    name: str
    kind: str
    form: str
    collection: str
    agency: str
    year: int
    address: str
    material: str = ""
    description: str = ""
    mission: str = ""
    aliases: tuple[str, ...] = ()
    parents: tuple[str, ...] = ()
    synthetic: bool = False
    publications: tuple[Reference, ...] = ()
    pictures: tuple[str, ...] = ()


def record(piece: Piece) -> dict[str, Any]:
    """Return the DataCite record of ``piece``; what is unknown is left out."""
    title = f"{piece.name} ({piece.collection})"
    return {
        "schemaVersion": SCHEMA,
        "types": {"resourceTypeGeneral": "PhysicalObject", "resourceType": piece.kind},
        "titles": [{"title": f"synthetic: {title}" if piece.synthetic else title}],
        "creators": [{"name": piece.agency, "nameType": "Organizational"}],
        "publisher": {"name": piece.agency},
        "publicationYear": piece.year,
        "url": piece.address,
        "alternateIdentifiers": [_identifier(name) for name in (piece.name, *piece.aliases)],
        "subjects": [{"subject": word} for word in (piece.form, piece.material, piece.mission) if word],
        "relatedItems": [_parent(name) for name in piece.parents],
        "relatedIdentifiers": [
            *(_related(one.identifier, one.kind, "IsReferencedBy") for one in piece.publications),
            *(_related(one, "URL", "IsDocumentedBy") | {"resourceTypeGeneral": "Image"} for one in piece.pictures),
        ],
        "descriptions": [
            {"description": text, "descriptionType": kind}
            for text, kind in ((piece.description, "Abstract"), (_note(piece), "Other"))
            if text
        ],
    }


def _identifier(name: str) -> dict[str, str]:
    return {"alternateIdentifier": name, "alternateIdentifierType": "Local accession number"}


def _related(identifier: str, kind: str, relation: str) -> dict[str, str]:
    return {"relatedIdentifier": identifier, "relatedIdentifierType": kind, "relationType": relation}


def _parent(name: str) -> dict[str, Any]:
    return {"relationType": "IsPartOf", "relatedItemType": "PhysicalObject", "titles": [{"title": name}]}


def _note(piece: Piece) -> str:
    return "A synthetic demonstration; there is no such sample." if piece.synthetic else ""
