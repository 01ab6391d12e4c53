"""Whether two names could be one person's: case, diacritics, order, hyphens and initials set aside.

"Zhang, Xiao-Ming", "Xiaoming Zhang" and "X. Zhang" come close. Chinese characters compare only with Chinese characters: turning
them into pinyin takes a dictionary and does not tell which of several readings a person uses, so a reviewer who writes
their name in both scripts should give both.
"""

import re
import unicodedata
from itertools import permutations
from typing import Final

_PARTS: Final = re.compile(r"[^\W\d_]+")
_MOST_PARTS: Final = 5


def plain(text: str) -> str:
    """Return ``text`` in lower case without diacritics; "Ł" and "ø" lose their strokes, "ß" becomes "ss"."""
    decomposed = unicodedata.normalize("NFKD", text.translate(_STROKES))
    return "".join(letter for letter in decomposed if not unicodedata.combining(letter)).casefold()


_STROKES: Final = str.maketrans({"ø": "o", "Ø": "O", "ł": "l", "Ł": "L", "đ": "d", "Đ": "D", "ı": "i"})


def name_keys(name: str) -> frozenset[str]:
    """Return the keys of a name: two names are close if they share one.

    A key is the family name and the given name in full, or the family name and its initial. Which part is the family name
    is not known for certain, so each end is tried.
    """
    parts = _parts(name)
    if not parts:
        return frozenset()
    if len(parts) == 1:
        return frozenset(parts) if len(parts[0]) > 1 else frozenset()
    keys: set[str] = set()
    for family, given in ((parts[0], parts[1:]), (parts[-1], parts[:-1])):
        if len(family) > 1:
            keys |= _with_given(family, given)
    return frozenset(keys)


def _with_given(family: str, given: list[str]) -> set[str]:
    """Return the keys of one reading: an initial meets anything with that initial, full names meet in full."""
    if all(len(part) == 1 for part in given):
        return {f"{family} {given[0]}", f"{family} {given[0]}."}
    joined = {"".join(order) for order in permutations(given)} if len(given) <= _MOST_PARTS else {"".join(given)}
    return {f"{family} {full}" for full in joined} | {f"{family} {given[0][0]}."}


def close(one: str, other: str) -> bool:
    """Return whether two names could be one person's."""
    shared = name_keys(one) & name_keys(other)
    return any(not key.endswith(".") for key in shared) or (bool(shared) and (_abbreviated(one) or _abbreviated(other)))


def _abbreviated(name: str) -> bool:
    parts = _parts(name)
    return len(parts) > 1 and any(len(part) == 1 for part in parts)


def _parts(name: str) -> list[str]:
    """Return the parts of a name, family name first where a comma says so; hyphens and apostrophes join."""
    joined = re.sub(r"[-‐‑'’·]", "", plain(name))
    return _PARTS.findall(joined)
