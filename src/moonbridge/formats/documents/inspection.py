"""Decide what an uploaded file is, and refuse what it should not be."""

import hashlib
import re
import unicodedata
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import PurePosixPath
from typing import BinaryIO, Final

import puremagic

from moonbridge.errors import InputError
from moonbridge.formats.documents import office, pictures, portable, text

LARGEST: Final = 20 * 2**20
"""The size limit in bytes where the caller names none."""
LONGEST_NAME: Final = 150

type Check = Callable[[bytes, str], None]
"""Raises :class:`InputError` unless the content is wholly of one kind; the second argument is the file's name."""


@dataclass(frozen=True, slots=True)
class Inspected:
    """A file that may be kept: its cleaned ``name``, what it is, its ``size`` in bytes and its SHA-256 (hex)."""

    name: str
    media_type: str
    size: int
    sha256: str


_OFFICE = "application/vnd.openxmlformats-officedocument."
_KINDS: Final[dict[str, tuple[str, Check]]] = {
    ".pdf": ("application/pdf", portable.check),
    ".png": ("image/png", pictures.check_png),
    ".jpg": ("image/jpeg", pictures.check_jpeg),
    ".jpeg": ("image/jpeg", pictures.check_jpeg),
    ".txt": ("text/plain", text.check_plain),
    ".csv": ("text/csv", text.check_table),
    ".docx": (_OFFICE + "wordprocessingml.document", office.check_document),
    ".xlsx": (_OFFICE + "spreadsheetml.sheet", office.check_workbook),
}
ALLOWED: Final = tuple(_KINDS)
"""The endings of file names that are accepted, for the ``accept`` attribute of a form."""
_PLAIN: Final = frozenset({".txt", ".csv"})


def inspect(stream: BinaryIO, name: str, *, limit: int = LARGEST) -> Inspected:
    """Read ``stream`` from its present position and return what it holds, if it may be kept under ``name``.

    Raises :class:`InputError` for a file that is empty, larger than ``limit`` bytes, of a kind that is not accepted, not what its
    name says, or carries something active or hidden: markup, scripts, macros, a second format, a decompression bomb. The checks
    keep honest mistakes and known attacks out; they are no virus scanner, so files are served as downloads only.
    """
    cleaned = clean_name(name)
    ending = PurePosixPath(cleaned).suffix.casefold()
    if ending not in _KINDS:
        raise InputError(f"{cleaned}: files of this kind are not accepted; use {', '.join(ALLOWED)}", file=cleaned)
    content = _content(stream, cleaned, limit)
    media_type, check = _KINDS[ending]
    if ending not in _PLAIN:
        _agree(content, cleaned, media_type)
        text.refuse_markup(content[: text.SNIFFED], cleaned)
    check(content, cleaned)
    return Inspected(cleaned, media_type, len(content), hashlib.sha256(content).hexdigest())


def clean_name(name: str) -> str:
    """Return ``name`` without folders, control characters and direction marks, shortened in the middle of nothing but its stem."""
    last = re.split(r"[\\/]", unicodedata.normalize("NFC", name))[-1]
    visible = "".join(letter for letter in last if unicodedata.category(letter)[0] != "C").strip(" .")
    path = PurePosixPath(visible or "file")
    return path.stem[: LONGEST_NAME - len(path.suffix)] + path.suffix[:LONGEST_NAME]


def _content(stream: BinaryIO, name: str, limit: int) -> bytes:
    content = stream.read(limit + 1)
    if not content:
        raise InputError("the file is empty", file=name, size=0)
    if len(content) > limit:
        raise InputError(f"the file is larger than {limit // 2**20} MiB", file=name, limit=limit)
    return content


def _agree(content: bytes, name: str, media_type: str) -> None:
    """Refuse content whose signature is not that of ``media_type``; say what it looks like instead, if that is known."""
    found = puremagic.magic_string(content[:4096])
    if media_type in {match.mime_type for match in found}:
        return
    seems = f"; it looks like: {found[0].name}" if found else ""
    raise InputError(f"the content is not what the name says ({media_type}){seems}", file=name)
