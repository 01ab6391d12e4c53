"""PNG and JPEG pictures that end where they end: nothing may hide behind them."""

import struct
import zlib
from typing import Final

from moonbridge.errors import InputError

_PNG_START: Final = b"\x89PNG\r\n\x1a\n"
_JPEG_START: Final = b"\xff\xd8\xff"
_JPEG_END: Final = b"\xff\xd9"


def check_png(content: bytes, name: str) -> None:
    """Walk through the chunks (PNG specification, section 5.3) and refuse a broken one, or bytes behind the last."""
    at = len(_PNG_START)
    if not content.startswith(_PNG_START):
        raise InputError("this is not a PNG picture", file=name)
    while True:
        kind, at = _chunk(content, at, name)
        if kind == b"IEND":
            break
    if at != len(content):
        raise InputError("there is something else behind the picture; save it again as plain PNG", file=name)


def _chunk(content: bytes, at: int, name: str) -> tuple[bytes, int]:
    """Return the type of the chunk at ``at`` and where the next one begins."""
    head = content[at : at + 8]
    length, kind = struct.unpack(">I4s", head) if len(head) == 8 else (0, b"")  # noqa: PLR2004 - length and type, 4 bytes each
    end = at + 12 + length
    if end > len(content) or not kind:
        raise InputError("the picture is cut off", file=name)
    if zlib.crc32(content[at + 4 : end - 4]) != int.from_bytes(content[end - 4 : end]):
        raise InputError("the picture is damaged; a checksum does not match", file=name)
    return kind, end


def check_jpeg(content: bytes, name: str) -> None:
    """Refuse a picture that does not end with its end marker; zero bytes of padding are tolerated."""
    if not content.startswith(_JPEG_START):
        raise InputError("this is not a JPEG picture", file=name)
    if not content.rstrip(b"\0").endswith(_JPEG_END):
        raise InputError(
            "the picture is cut off, or there is something else behind it; save it again as plain JPEG", file=name
        )
    if b"PK\x05\x06" in content[-66_000:]:
        raise InputError("an archive hides behind the picture; save it again as plain JPEG", file=name)
