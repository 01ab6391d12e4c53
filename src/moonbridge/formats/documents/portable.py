"""PDF documents without scripts, programs and files inside."""

import re
from typing import Final

from moonbridge.errors import InputError

_ACTIVE: Final = {
    b"/JavaScript": "a script",
    b"/Launch": "an action that starts programs",
    b"/EmbeddedFile": "another file",
}
_ESCAPE: Final = re.compile(rb"#([0-9A-Fa-f]{2})")
_TAIL: Final = 1024
"""Readers look for the end marker in the last 1,024 bytes (ISO 32000-1, implementation notes, annex H)."""
_ARCHIVE_TAIL: Final = 66_000
"""An archive's directory ends within this many last bytes: 22 of the end record, 65,535 of a comment."""


def check(content: bytes, name: str) -> None:
    """Refuse what is not wholly a PDF, or visibly holds something active.

    Names may be written with ``#xx`` escapes, which are undone first. What sits in compressed object streams is not looked into:
    a reader opens the file in its own sandbox, and this site never shows it.
    """
    if not content.startswith(b"%PDF-"):
        raise InputError("this is not a PDF document; it must begin with %PDF-", file=name)
    if b"%%EOF" not in content[-_TAIL:]:
        raise InputError("the document is cut off, or there is something else behind it", file=name)
    if b"PK\x05\x06" in content[-_ARCHIVE_TAIL:]:
        raise InputError("an archive hides behind the document; export it again as PDF", file=name)
    plain = _ESCAPE.sub(lambda found: bytes([int(found[1], 16)]), content)
    for mark, what in _ACTIVE.items():
        if mark in plain:
            raise InputError(f"the document holds {what}; export it again without", file=name)
