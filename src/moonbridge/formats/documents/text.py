"""Plain text and tables: readable characters only, nothing that a browser or a spreadsheet would run."""

import re
from typing import Final

from moonbridge.errors import InputError

SNIFFED: Final = 1445
"""How many first bytes a browser looks at to guess a type (MIME Sniffing Standard, section 5)."""
_MARKUP: Final = re.compile(
    rb"<\s*(?:!doctype\s+html|html|head|body|script|iframe|svg|object|embed|\?php|meta|style|link|img|form)\b|javascript:",
    re.IGNORECASE,
)
_BEGINS_AS_PROGRAM: Final = re.compile(r"\s*(?:<[a-z!?/]|#!|%!PS|%PDF-|\{\\rtf)", re.IGNORECASE)
_CONTROL: Final = re.compile(r"[\x00-\x08\x0b\x0e-\x1f\x7f]")
_FORMULA: Final = re.compile(r"(?:^|[,;\t])[ ]*\"?[ ]*(?:[=@]|[+\-][^,;\t\r\n]*\|)", re.MULTILINE)
"""Cells that spreadsheet programs run: formulas, and the ``+cmd|...`` form of dynamic data exchange."""


def check_plain(content: bytes, name: str) -> None:
    """Refuse what is not readable UTF-8 text, or would be taken for a program or a page."""
    readable(content, name)


def check_table(content: bytes, name: str) -> None:
    """Refuse what :func:`check_plain` refuses, and tables with formulas."""
    if found := _FORMULA.search(readable(content, name)):
        line = readable(content, name).count("\n", 0, found.end()) + 1
        raise InputError("a cell holds a formula; save the values only", file=name, line=line)


def readable(content: bytes, name: str) -> str:
    """Return ``content`` as text; UTF-8 with or without byte-order mark."""
    try:
        plain = content.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = content.count(b"\n", 0, error.start) + 1
        raise InputError("this is not UTF-8 text; save it with the encoding UTF-8", file=name, line=line) from None
    if found := _CONTROL.search(plain):
        line = plain.count("\n", 0, found.start()) + 1
        raise InputError("the text holds control characters, so it is something else than text", file=name, line=line)
    if _BEGINS_AS_PROGRAM.match(plain):
        raise InputError("this begins like a page or a program, not like text", file=name)
    refuse_markup(content, name)
    return plain


def refuse_markup(content: bytes, name: str) -> None:
    """Refuse bytes in which a browser could find a page or a script."""
    if found := _MARKUP.search(content):
        shown = found.group().decode("ascii", "replace")
        raise InputError(f"it contains markup or a script ({shown!r}), which files here may not", file=name)
