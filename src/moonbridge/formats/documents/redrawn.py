"""Pictures drawn anew: decoded to their pixels and written again, so that nothing but the pixels comes through.

What a camera or a program writes beside them (place, time, owner, thumbnails, comments, colour profiles) is left behind, and so is
whatever somebody hid there. Of a damaged JPEG picture comes through what its decoder made of it, of a damaged PNG picture nothing.
"""

import hashlib
import io
import struct
import zlib
from dataclasses import dataclass
from typing import BinaryIO, Final

from PIL import Image, ImageOps

from moonbridge.errors import InputError
from moonbridge.formats.documents.inspection import LARGEST, inspect

FORMATS: Final = {"image/png": "PNG", "image/jpeg": "JPEG"}
"""What is accepted, and written again as what it was."""
ENDINGS: Final = (".png", ".jpg", ".jpeg")
MOST_PIXELS: Final = 50_000_000
"""A photograph of a good camera; decoded it takes 150 MB."""
PREVIEW: Final = 320
"""Pixels along the longer side of the small picture for lists."""
_QUALITY: Final = 90
_BROKEN: Final = (
    OSError,
    SyntaxError,
    ValueError,
    IndexError,
    KeyError,
    EOFError,
    struct.error,
    zlib.error,
    OverflowError,
)
"""What the decoders raise for files that are not what they should be."""


@dataclass(frozen=True, slots=True)
class Redrawn:
    """A picture and its small form (JPEG), as they may be kept; ``given_sha256`` (hex) is of the file as it came."""

    content: bytes
    preview: bytes
    media_type: str
    width: int
    height: int
    given_sha256: str

    @property
    def sha256(self) -> str:
        """The SHA-256 (hex) of what is kept."""
        return hashlib.sha256(self.content).hexdigest()


def redraw(stream: BinaryIO, name: str, *, limit: int = LARGEST) -> Redrawn:
    """Read a PNG or JPEG picture of at most ``limit`` bytes and draw it anew, upright as its camera held it.

    Raises :class:`InputError` for everything that :func:`~moonbridge.formats.documents.inspect` refuses, for a picture of more than
    :data:`MOST_PIXELS`, and for one that cannot be decoded whole.
    """
    found = inspect(stream, name, limit=limit)
    if found.media_type not in FORMATS:
        raise InputError(f"this is no picture; use {', '.join(ENDINGS)}", file=found.name)
    stream.seek(0)
    kind = FORMATS[found.media_type]
    try:
        with Image.open(stream, formats=(kind,)) as opened:
            if opened.width * opened.height > MOST_PIXELS:
                raise _too_large(found.name)
            pixels = _plain(ImageOps.exif_transpose(opened), kind)
    except Image.DecompressionBombError:
        raise _too_large(found.name) from None
    except _BROKEN as fault:
        raise InputError(f"the picture cannot be read: {fault}", file=found.name) from None
    small = _on_white(pixels)
    small.thumbnail((PREVIEW, PREVIEW))
    return Redrawn(_written(pixels, kind), _written(small, "JPEG"), found.media_type, *pixels.size, found.sha256)


def _too_large(name: str) -> InputError:
    most = MOST_PIXELS // 1_000_000
    return InputError(f"the picture has more than {most} million pixels", file=name, most=MOST_PIXELS)


def _plain(picture: Image.Image, kind: str) -> Image.Image:
    """Return the pixels alone, in grey or colours, with transparency where PNG had it; an animation's first picture."""
    if picture.mode.startswith("I"):  # 16 bits of grey, which conversion would cut off instead of scaling
        picture = picture.convert("I").point(lambda value: value / 256).convert("L")
    if kind == "JPEG":
        mode = "L" if picture.mode == "L" else "RGB"
    else:
        mode = "RGBA" if picture.has_transparency_data else "L" if picture.mode in {"1", "L"} else "RGB"
    converted = picture.convert(mode)
    bare = Image.new(mode, converted.size)
    bare.paste(converted)
    return bare


def _on_white(picture: Image.Image) -> Image.Image:
    """Return a copy without transparency, which JPEG does not know."""
    if picture.mode != "RGBA":
        return picture.copy()
    paper = Image.new("RGB", picture.size, "white")
    paper.paste(picture, mask=picture.getchannel("A"))
    return paper


def _written(picture: Image.Image, kind: str) -> bytes:
    target = io.BytesIO()
    options = {"quality": _QUALITY, "progressive": True} if kind == "JPEG" else {"optimize": False}
    picture.save(target, kind, **options)
    return target.getvalue()
