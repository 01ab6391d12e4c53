"""Office documents (ECMA-376): archives whose every part is looked at before they are kept."""

import io
import re
import zipfile
import zlib
from pathlib import PurePosixPath
from typing import Final

from moonbridge.errors import InputError

MOST_PARTS: Final = 2_000
LARGEST_UNPACKED: Final = 200 * 2**20
"""Unpacked, all parts together may have this many bytes."""
HIGHEST_RATIO: Final = 200
"""How many times larger than the file its parts may be; text in real documents packs to a tenth, bombs to a thousandth."""
_SMALL: Final = 5 * 2**20
"""Below this many unpacked bytes the ratio means nothing: an empty sheet packs very well."""
_BLOCK: Final = 2**20
_PARTS: Final = (
    ".xml",
    ".rels",
    ".vml",
    ".png",
    ".jpg",
    ".jpeg",
    ".gif",
    ".bmp",
    ".tif",
    ".tiff",
    ".emf",
    ".wmf",
    ".wdp",
    ".svg",
    ".odttf",
)
_ENCRYPTED: Final = 0x1
_METHODS: Final = frozenset({zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED})
_HIDDEN: Final = re.compile(r"vbaproject|macrosheets|activex|embeddings|externallinks|attachedtoolbars", re.IGNORECASE)
_MACRO_TYPE: Final = re.compile(rb"macroenabled|vbaproject|activex|oleobject", re.IGNORECASE)
_DECLARATION: Final = re.compile(rb"<!(?:DOCTYPE|ENTITY)", re.IGNORECASE)
_RELATION: Final = re.compile(rb"<(?:\w+:)?Relationship\s[^>]*>", re.IGNORECASE)
_EXTERNAL: Final = re.compile(rb"TargetMode\s*=\s*[\"']External", re.IGNORECASE)
_LINK: Final = re.compile(rb"Type\s*=\s*[\"'][^\"']*/hyperlink[\"']", re.IGNORECASE)
_TYPES: Final = "[Content_Types].xml"
_MAIN: Final = b"application/vnd.openxmlformats-officedocument.%s.main+xml"


def check_document(content: bytes, name: str) -> None:
    """Refuse what is not a Word document, or holds macros, embedded objects, outside templates or a bomb."""
    _check(content, name, _MAIN % b"wordprocessingml.document", "Word document (.docx)")


def check_workbook(content: bytes, name: str) -> None:
    """Refuse what is not an Excel workbook, or holds macros, embedded objects, outside links or a bomb."""
    _check(content, name, _MAIN % b"spreadsheetml.sheet", "Excel workbook (.xlsx)")


def _check(content: bytes, name: str, main: bytes, what: str) -> None:
    try:
        with zipfile.ZipFile(io.BytesIO(content)) as archive:
            _check_frame(archive, content, name)
            parts = archive.infolist()
            _check_amounts(parts, len(content), name)
            _check_kind(archive, main, what, name)
            for part in parts:
                _check_entry(part, name)
            unpacked = 0
            for part in parts:
                unpacked += _check_part(archive, part, LARGEST_UNPACKED - unpacked, name)
    except (zipfile.BadZipFile, zlib.error, EOFError, NotImplementedError) as error:
        raise InputError(f"the {what} is damaged: {error}", file=name) from None


def _check_frame(archive: zipfile.ZipFile, content: bytes, name: str) -> None:
    """Refuse bytes before the first and behind the last part: they would be a second file in this one."""
    first = min((part.header_offset for part in archive.infolist()), default=-1)
    end = content.rfind(b"PK\x05\x06") + 22
    if first != 0 or not content.startswith(b"PK\x03\x04") or archive.comment or end != len(content):
        raise InputError("there is something else before or behind the document; save it again", file=name)


def _check_amounts(parts: list[zipfile.ZipInfo], size: int, name: str) -> None:
    names = [part.filename.casefold() for part in parts]
    unpacked = sum(part.file_size for part in parts)
    if len(parts) > MOST_PARTS or len(set(names)) != len(names):
        raise InputError("the document has too many parts, or two of the same name", file=name, parts=len(parts))
    if unpacked > LARGEST_UNPACKED or unpacked > max(_SMALL, size * HIGHEST_RATIO):
        raise InputError(f"unpacked, the document would have {unpacked:,} bytes", file=name, unpacked=unpacked)


def _check_entry(part: zipfile.ZipInfo, name: str) -> None:
    path = PurePosixPath(part.filename)
    if path.is_absolute() or ".." in path.parts or "\\" in part.filename:
        raise InputError(f"its part {part.filename!r} points outside of the document", file=name)
    if part.flag_bits & _ENCRYPTED or part.compress_type not in _METHODS:
        raise InputError(
            "the document is encrypted, or packed in an unusual way; save it without a password", file=name
        )
    if _HIDDEN.search(part.filename):
        raise InputError(f"it holds macros or embedded objects ({part.filename}); save it without", file=name)
    printer = part.filename.endswith(".bin") and "printerSettings" in part.filename
    if not part.is_dir() and not part.filename.casefold().endswith(_PARTS) and not printer:
        raise InputError(f"its part {part.filename!r} does not belong into such a document", file=name)


def _check_kind(archive: zipfile.ZipFile, main: bytes, what: str, name: str) -> None:
    if _TYPES not in archive.namelist():
        raise InputError(f"this is an archive, not a {what}", file=name)
    types = archive.read(_TYPES)
    if _MACRO_TYPE.search(types):
        raise InputError("it holds macros or embedded objects; save it without", file=name)
    if main not in types:
        raise InputError(f"this is not a {what}", file=name)


def _check_part(archive: zipfile.ZipFile, part: zipfile.ZipInfo, left: int, name: str) -> int:
    """Unpack ``part`` block by block, whatever its header says of its size; return its size in bytes."""
    blocks: list[bytes] = []
    size, is_markup = 0, part.filename.casefold().endswith((".xml", ".rels", ".vml", ".svg"))
    with archive.open(part) as unpacking:
        while block := unpacking.read(_BLOCK):
            size += len(block)
            if size > left:
                raise InputError("unpacked, the document is far too large", file=name, limit=LARGEST_UNPACKED)
            if is_markup:
                blocks.append(block)
    if is_markup:
        _check_markup(b"".join(blocks), part.filename, name)
    return size


def _check_markup(content: bytes, part: str, name: str) -> None:
    """Refuse entity declarations (they expand without end) and relations that fetch something from outside."""
    if b"\0" in content or (_DECLARATION.search(content) and not part.endswith(".svg")):
        raise InputError(f"its part {part} declares entities or is not UTF-8", file=name)
    if not part.endswith(".rels"):
        return
    for relation in _RELATION.findall(content):
        if _EXTERNAL.search(relation) and not _LINK.search(relation):
            raise InputError(
                "it fetches something from outside (a template, a picture, data); save it without", file=name
            )
