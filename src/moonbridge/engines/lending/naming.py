"""Names of daughters, as collections give them.

``GGGGG,SSS``: a generic number of five digits and a specific one, as lunar samples of the Apollo collection are named (15555,62); all
descendants share the generic number. ``X0000-abc``: a letter for the place of collection, four digits, and letters for the daughter.
``name-001``: the parent's whole name with a running number, for collections whose own scheme is not publicly known.
"""

import re
from collections.abc import Iterable

from moonbridge.engines.lending.policy import Scheme

_LETTERS = "abcdefghijklmnopqrstuvwxyz"


def daughter(scheme: Scheme, parent: str, taken: Iterable[str]) -> str:
    """Return the next free name of a daughter of ``parent``: one after the highest in use, so that a name never comes back."""
    stem, separator = _stem(scheme, parent), _SEPARATORS[scheme]
    tails = (name.removeprefix(stem + separator) for name in taken if name.startswith(stem + separator))
    if scheme == Scheme.DASH_LETTERS:
        highest = max((_count(tail) for tail in tails if re.fullmatch("[a-z]+", tail)), default=0)
        return f"{stem}{separator}{_spelled(highest + 1)}"
    highest = max((int(tail) for tail in tails if re.fullmatch("[0-9]+", tail)), default=0)
    return f"{stem}{separator}{highest + 1:0{_DIGITS[scheme]}}"


_SEPARATORS = {Scheme.COMMA_NUMBER: ",", Scheme.DASH_LETTERS: "-", Scheme.DASH_NUMBER: "-"}
_DIGITS = {Scheme.COMMA_NUMBER: 1, Scheme.DASH_NUMBER: 3}


def _stem(scheme: Scheme, parent: str) -> str:
    return parent if scheme == Scheme.DASH_NUMBER else parent.partition(_SEPARATORS[scheme])[0]


def _count(letters: str) -> int:
    """Return 1 for a, 26 for z, 27 for aa."""
    number = 0
    for letter in letters:
        number = number * len(_LETTERS) + _LETTERS.index(letter) + 1
    return number


def _spelled(number: int) -> str:
    letters = ""
    while number:
        number, rest = divmod(number - 1, len(_LETTERS))
        letters = _LETTERS[rest] + letters
    return letters
