"""Documents without what programs write into them about people: authors, companies, devices, places, paths.

What a page shows stays as it is; only hidden data go. A file that cannot be cleaned is refused with the reason and never passed on
as it was. The input has passed :func:`~moonbridge.formats.documents.inspect`.
"""

import io
import struct
from collections.abc import Callable, Iterator
from pathlib import PurePosixPath
from typing import Final

from PIL import Image, UnidentifiedImageError

from moonbridge.errors import InputError
from moonbridge.formats.documents import office_cleaning, portable_cleaning

_PNG_START: Final = 8
_PNG_TELLING: Final = frozenset({b"tEXt", b"zTXt", b"iTXt", b"eXIf", b"tIME"})
"""Chunks with texts, camera data and times (PNG specification, section 11.3)."""
_JPEG_KEPT: Final = frozenset({0xE0, 0xE2, 0xEE})
"""Application segments that say how to show the picture: JFIF, colour profile, Adobe's colour transform."""
_APPLICATION: Final = range(0xE0, 0xF0)
_COMMENT, _SCAN, _END, _EXIF = 0xFE, 0xDA, 0xD9, 0xE1
_RESTARTS: Final = range(0xD0, 0xD8)
_ORIENTATION: Final = 0x0112


def clean(content: bytes, name: str) -> bytes:
    """Return the file called ``name`` without hidden data about people; plain text has none and comes back as it is.

    Raises :class:`InputError` where it cannot be cleaned, for instance because it is signed or encrypted.
    """
    return _CLEANERS.get(PurePosixPath(name).suffix.casefold(), _as_it_is)(content, name)


def _as_it_is(content: bytes, name: str) -> bytes:  # noqa: ARG001 - the signature of all cleaners
    return content


def clean_png(content: bytes, name: str) -> bytes:
    """Return a PNG picture without texts, camera data and times; its pixels are not touched."""
    kept = [content[:_PNG_START]]
    at = _PNG_START
    while at < len(content):
        length, kind = struct.unpack(">I4s", content[at : at + 8])
        end = at + 12 + length
        if end > len(content):
            raise _cannot(name, "the picture is cut off")
        if kind not in _PNG_TELLING:
            kept.append(content[at:end])
        at = end
    return b"".join(kept)


def clean_jpeg(content: bytes, name: str) -> bytes:
    """Return a JPEG picture without camera data, captions, comments and appended pictures; how it is turned stays."""
    kept = [content[:2], _turned(content, name)]
    for kind, piece in _pieces(content, name):
        if kind == _COMMENT or (kind in _APPLICATION and kind not in _JPEG_KEPT):
            continue
        kept.append(piece)
    return b"".join(kept)


def _pieces(content: bytes, name: str) -> Iterator[tuple[int, bytes]]:
    """Yield the segments of a JPEG up to its end marker, each scan with its coded data (ITU-T T.81, annex B)."""
    at = 2
    while True:
        head = content[at : at + 4]
        if len(head) < 2 or head[0] != 0xFF:  # noqa: PLR2004 - a marker is two bytes, the first of them FF
            raise _cannot(name, "its segments cannot be read")
        kind = head[1]
        if kind == _END:
            yield kind, head[:2]
            return
        if len(head) < 4:  # noqa: PLR2004 - marker and length
            raise _cannot(name, "the picture is cut off")
        end = at + 2 + int.from_bytes(head[2:4])
        if kind == _SCAN:
            end = _end_of_scan(content, end, name)
        yield kind, content[at:end]
        at = end


def _end_of_scan(content: bytes, at: int, name: str) -> int:
    """Return where the coded data that begin at ``at`` end: at the first marker that is no restart."""
    while (at := content.find(b"\xff", at)) >= 0 and at + 1 < len(content):
        if content[at + 1] not in {0x00, 0xFF, *_RESTARTS}:
            return at
        at += 1 if content[at + 1] == 0xFF else 2  # noqa: PLR2004 - FF fills, so the next may be the marker
    raise _cannot(name, "the picture is cut off")


def _turned(content: bytes, name: str) -> bytes:
    """Return a camera segment that says nothing but how the picture is turned; empty where it stands upright."""
    try:
        with Image.open(io.BytesIO(content)) as picture:
            turned = picture.getexif().get(_ORIENTATION, 1)
    except (UnidentifiedImageError, OSError, ValueError, SyntaxError, struct.error) as error:
        raise _cannot(name, "its camera data cannot be read") from error
    if turned not in range(2, 9):
        return b""
    only = Image.Exif()
    only[_ORIENTATION] = turned
    body = only.tobytes()
    body = body if body.startswith(b"Exif\0\0") else b"Exif\0\0" + body
    return bytes([0xFF, _EXIF]) + (len(body) + 2).to_bytes(2) + body


def _cannot(name: str, why: str) -> InputError:
    return InputError(f"hidden data cannot be taken out: {why}; save it again in another program", file=name)


def _clean_office(content: bytes, name: str) -> bytes:
    return office_cleaning.clean(content, name, pictures=_PICTURES)


def _clean_portable(content: bytes, name: str) -> bytes:
    return portable_cleaning.clean(content, name, jpeg=clean_jpeg)


_PICTURES: Final[dict[str, Callable[[bytes, str], bytes]]] = {
    ".png": clean_png,
    ".jpg": clean_jpeg,
    ".jpeg": clean_jpeg,
}
_CLEANERS: Final[dict[str, Callable[[bytes, str], bytes]]] = _PICTURES | {
    ".docx": _clean_office,
    ".xlsx": _clean_office,
    ".pdf": _clean_portable,
}
