"""What people write to name a publication (a DOI in any of its spellings, or an address), brought into one form."""

import re
from dataclasses import dataclass
from typing import Final
from urllib.parse import quote, unquote, urlsplit

from moonbridge.errors import InputError

LONGEST: Final = 500
_DOI: Final = re.compile(r"10\.[0-9]{4,9}(?:\.[0-9]+)*/[!-~]+")
"""Prefix and suffix (DOI Handbook, section 2.2): a suffix may hold any printable character."""
_BEFORE: Final = re.compile(r"^(?:doi:\s*|(?:https?://)?(?:dx\.|www\.)?doi\.org/)", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Reference:
    """A publication by its identifier: ``kind`` is ``DOI`` or ``URL``, as DataCite calls them."""

    kind: str
    identifier: str

    @property
    def address(self) -> str:
        """Where a browser finds it."""
        return f"https://doi.org/{quote(self.identifier, safe='/:;().-_')}" if self.kind == "DOI" else self.identifier


def reference(text: str) -> Reference:
    """Return what ``text`` names: ``10.1126/science.abl7957``, ``doi:...``, ``https://doi.org/...``, or any http address.

    A DOI is brought to lower case, since its letter case means nothing. Raises :class:`InputError` for anything else.
    """
    given = text.strip()
    if len(given) > LONGEST:
        raise InputError(f"it is longer than {LONGEST} characters", field="reference")
    bare = unquote(_BEFORE.sub("", given))
    if _DOI.fullmatch(bare):
        return Reference("DOI", bare.casefold())
    if _BEFORE.match(given):
        raise InputError("this is not a whole DOI; it looks like 10.1126/science.abl7957", field="reference")
    return Reference("URL", _address(given))


def _address(text: str) -> str:
    """Return an address that a browser may be sent to, and nothing that would run something."""
    try:
        parts = urlsplit(text)
        host = parts.hostname or ""
    except ValueError:
        parts, host = urlsplit(""), ""
    plain = text.isascii() and text.isprintable() and not set(text) & set(' <>"\\^`{|}')
    if parts.scheme not in {"http", "https"} or "." not in host or parts.username is not None or not plain:
        raise InputError(
            "write a DOI such as 10.1126/science.abl7957, or an address that begins with https://", field="reference"
        )
    return text
