"""Places on the Moon as people write them: ``88.8S,123.4E``, ``89.4388S 222.857E``, ``-88.8 123.4``."""

import re
from typing import Final, NamedTuple

from moonbridge.errors import InputError

_NUMBER: Final = r"([+-]?(?:\d+(?:\.\d*)?|\.\d+))\s*°?"
_BETWEEN: Final = r"(?:\s*[,;，；]\s*|\s+|(?<=[NSEW°]))"
_LETTERS_AFTER: Final = re.compile(rf"{_NUMBER}\s*([NSEW])?{_BETWEEN}{_NUMBER}\s*([NSEW])?", re.IGNORECASE)
_LETTERS_BEFORE: Final = re.compile(rf"([NSEW])\s*{_NUMBER}{_BETWEEN}([NSEW])\s*{_NUMBER}", re.IGNORECASE)
_EXAMPLES: Final = "write for example 88.8S,123.4E or -88.8 123.4, latitude and east longitude in decimal degrees"
_NEGATIVE: Final = frozenset("SW")


class Coordinates(NamedTuple):
    """A place: latitude, north positive, and east longitude from -180 to 360 as it was written."""

    latitude_deg: float
    longitude_deg: float

    def __str__(self) -> str:
        """Return the place as :func:`parse` reads it, the longitude from 0 to 360 degrees east."""
        hemisphere = "N" if self.latitude_deg >= 0 else "S"
        return f"{_plain(abs(self.latitude_deg))}{hemisphere},{_plain(self.longitude_deg % 360)}E"


def parse(text: str) -> Coordinates:
    """Return the place that ``text`` names; with letters in either order, without letters latitude first.

    Raises :class:`InputError` for anything else, with the reason: no pair, a latitude beyond a pole, a sign and a letter at once.
    """
    (first, first_letter), (second, second_letter) = _numbers_and_letters(text)
    letters = first_letter + second_letter
    if len(letters) == 1:
        raise _unreadable(text, "has a letter on one number only")
    if letters and len({letter in "NS" for letter in letters}) == 1:
        raise _unreadable(text, "gives the same coordinate twice")
    turned = bool(letters) and letters[0] in "EW"
    return _checked(text, second, first) if turned else _checked(text, first, second)


def _numbers_and_letters(text: str) -> list[tuple[float, str]]:
    """Return both numbers with their signs, each with its letter or an empty text."""
    plain = text.strip().replace("−", "-")
    if found := _LETTERS_AFTER.fullmatch(plain):
        pairs = [(found[1], found[2]), (found[3], found[4])]
    elif found := _LETTERS_BEFORE.fullmatch(plain):
        pairs = [(found[2], found[1]), (found[4], found[3])]
    else:
        raise _unreadable(text, "is no pair of coordinates")
    if any(letter and number[0] in "+-" for number, letter in pairs):
        raise _unreadable(text, "has both a sign and a letter")
    named = [(float(number), (letter or "").upper()) for number, letter in pairs]
    return [(-value if letter in _NEGATIVE else value, letter) for value, letter in named]


def _plain(degrees: float) -> str:
    """Return a number without an exponent and without zeros at its end; nine places are two micrometres on the ground."""
    return f"{degrees:.9f}".rstrip("0").rstrip(".")


def _checked(text: str, latitude_deg: float, longitude_deg: float) -> Coordinates:
    if abs(latitude_deg) > 90:  # noqa: PLR2004 - a pole
        raise _unreadable(text, f"has a latitude of {latitude_deg:g}, beyond a pole")
    if not -180 <= longitude_deg <= 360:  # noqa: PLR2004 - both ways to count around
        raise _unreadable(text, f"has a longitude of {longitude_deg:g}, not within -180 to 360")
    return Coordinates(latitude_deg + 0.0, longitude_deg + 0.0)


def _unreadable(text: str, why: str) -> InputError:
    return InputError(f"{text!r} {why}; {_EXAMPLES}", field="coordinates")
