"""The DataCite record of a piece: the fields that registering an IGSN asks for, nothing made up."""

from dataclasses import replace

from moonbridge.formats import igsn

PIECE = igsn.Piece(
    name="15555,62", kind="split", form="clast", collection="Apollo 15", agency="An agency", year=2026,
    address="https://example.org/s/1", material="mare basalt", mission="Apollo 15", aliases=("B-7",), parents=("15555",),
)  # fmt: skip
MANDATORY = {"types", "titles", "creators", "publisher", "publicationYear", "url", "schemaVersion"}
"""What DataCite's schema 4 demands beside the identifier, which it gives itself."""


def test_the_record_has_what_registering_asks_for() -> None:
    record = igsn.record(PIECE)
    assert record.keys() >= MANDATORY
    assert record["types"]["resourceTypeGeneral"] == "PhysicalObject"
    assert [one["alternateIdentifier"] for one in record["alternateIdentifiers"]] == ["15555,62", "B-7"]
    assert record["relatedItems"][0]["titles"] == [{"title": "15555"}]
    assert "identifiers" not in record
    assert "doi" not in record


def test_what_is_unknown_is_left_out_and_a_synthetic_piece_says_so() -> None:
    bare = igsn.record(replace(PIECE, material="", mission="", aliases=(), parents=(), synthetic=True))
    assert bare["subjects"] == [{"subject": "clast"}]
    assert bare["relatedItems"] == []
    assert bare["titles"][0]["title"].startswith("synthetic:")
    assert [one["descriptionType"] for one in bare["descriptions"]] == ["Other"]
