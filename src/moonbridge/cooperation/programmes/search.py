"""The normal form in which words are compared: without case, diacritics, apostrophes, and with Chinese numerals as digits."""

import re
import unicodedata
from collections.abc import Iterable
from typing import Final

_SILENT: Final = re.compile("['’‘ʼʻ`´′]")
"""Apostrophes are dropped: Chang'e is written with five of them, or with none."""
_SEPARATORS: Final = re.compile(r"[\W_]+")
_PLAIN: Final = str.maketrans(
    {"ø": "o", "ł": "l", "đ": "d", "ð": "d", "þ": "th", "æ": "ae", "œ": "oe", "ı": "i"}
    | dict(zip("一二三四五六七八九", "123456789", strict=True))
)
_WIDE: Final = re.compile("[\u3400-\u9fff]")


def normal_form(text: str) -> str:
    """Return ``text`` as words of the normal form with one space between them, e.g. ``Chang’e-6`` -> ``change 6``."""
    decomposed = unicodedata.normalize("NFKD", _SILENT.sub("", text).casefold())
    bare = "".join(letter for letter in decomposed if not unicodedata.combining(letter))
    return _SEPARATORS.sub(" ", _SILENT.sub("", bare).translate(_PLAIN)).strip()


def names_form(names: Iterable[str]) -> str:
    """Return the normal forms of ``names`` as one text, each also written together (``change 6`` and ``change6``).

    Words stand between single spaces and names between bars, so that the search can ask for the beginning of a word, for a
    whole name, and never across two names.
    """
    forms = dict.fromkeys(normal_form(name) for name in names if name)
    forms |= dict.fromkeys(form.replace(" ", "") for form in list(forms))
    return "".join(f"| {form} " for form in forms if form) + "|"


def is_chinese(word: str) -> bool:
    """Return whether ``word`` is written without spaces between its words, so that it may be found inside another."""
    return bool(_WIDE.search(word))
