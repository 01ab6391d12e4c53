"""PDF documents without authors, programs, dates and camera data (ISO 32000-1, sections 14.3 to 14.5)."""

import io
import struct
import zlib
from collections.abc import Callable
from typing import Any, Final

import pypdf
from pypdf.errors import PyPdfError
from pypdf.generic import ArrayObject, DictionaryObject, NameObject, StreamObject

from moonbridge.errors import InputError
from moonbridge.formats.documents import portable

_TELLING: Final = ("/Metadata", "/PieceInfo", "/LastModified")
_OF_NOTES: Final = ("/T", "/M", "/CreationDate", "/Popup")
"""Who wrote a note on a page, and when."""
BROKEN: Final = (
    PyPdfError, AttributeError, IndexError, KeyError, RecursionError, TypeError, ValueError, OverflowError, zlib.error, struct.error,
)  # fmt: skip
"""What reading a damaged document may end in: the library trusts what stands in it."""


def clean(content: bytes, name: str, *, jpeg: Callable[[bytes, str], bytes]) -> bytes:
    """Return the document as its last revision shows it, without properties; ``jpeg`` cleans the photographs inside.

    What earlier revisions held goes too. Raises :class:`InputError` for documents that are signed or encrypted.
    """
    try:
        reader = pypdf.PdfReader(io.BytesIO(content))
        if reader.is_encrypted:
            raise _cannot(name, "the document is encrypted")
        if _is_signed(reader):
            raise _cannot(name, "the document is signed, and a signature says who signed")
        made = _written(reader, name, jpeg)
        left = pypdf.PdfReader(io.BytesIO(made))
        if left.metadata or "/Metadata" in left.root_object or len(left.pages) != len(reader.pages):
            raise _cannot(name, "something of it stays")
    except BROKEN as error:
        raise _cannot(name, "the document is damaged") from error
    portable.check(made, name)  # what was hidden in compressed parts is now plain to see
    return made


def _is_signed(reader: pypdf.PdfReader) -> bool:
    form = reader.root_object.get("/AcroForm")
    fields = (form.get_object() if form is not None else DictionaryObject()).get("/Fields", ArrayObject())
    return any(field.get_object().get("/FT") == "/Sig" for field in fields.get_object())


def _written(reader: pypdf.PdfReader, name: str, jpeg: Callable[[bytes, str], bytes]) -> bytes:
    writer = pypdf.PdfWriter(clone_from=reader)
    writer.metadata = None
    for thing in writer._objects:  # noqa: SLF001 - the library has no public way to all objects
        if isinstance(thing, DictionaryObject):
            _strip(thing)
        if isinstance(thing, StreamObject) and thing.get("/Filter") in {"/DCTDecode", NameObject("/DCTDecode")}:
            thing._data = jpeg(thing._data, name)  # noqa: SLF001 - the coded picture as it stands
    writer.compress_identical_objects(remove_duplicates=False, remove_unreferenced=True)
    made = io.BytesIO()
    writer.write(made)
    return made.getvalue()


def _strip(thing: Any) -> None:
    for key in _TELLING:
        thing.pop(key, None)
    if thing.get("/Type") == "/Annot" and thing.get("/Subtype") != "/Widget":
        for key in _OF_NOTES:
            thing.pop(key, None)


def _cannot(name: str, why: str) -> InputError:
    return InputError(f"hidden data cannot be taken out: {why}; export it again as a plain PDF", file=name)
