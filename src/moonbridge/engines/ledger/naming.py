"""How pieces are named: ``GGGGG,SSS`` as at Houston, ``X0000-abc`` as for asteroid samples, or any scheme of that kind.

A scheme is a text: what stands before the separator is the parent's generic name, the run of one letter behind it is
a counter. A run of S, N or digits counts in numbers (written without leading zeros after a comma, as Houston does), a run of small
letters in letters (aaa, aab, ...).
"""

import re
from collections.abc import Iterable
from dataclasses import dataclass
from itertools import count
from typing import Final

from moonbridge.errors import InputError

_SCHEME: Final = re.compile(r"^(?P<generic>[^,\-]+)(?P<separator>[,\-])(?P<counter>[SN0-9]+|[a-z]+)$")
_LETTERS: Final = 26


@dataclass(frozen=True, slots=True)
class Scheme:
    """A way to name the pieces of a sample: ``separator`` between its generic name and a counter of ``width`` places."""

    separator: str
    width: int
    letters: bool

    def generic(self, name: str) -> str:
        """Return the part of ``name`` that all pieces of a sample share."""
        return name.split(self.separator, 1)[0]

    def next(self, parent: str, taken: Iterable[str], many: int = 1) -> list[str]:
        """Return ``many`` names for pieces of ``parent`` that are not ``taken``, in order and without a gap to fill."""
        generic, used = self.generic(parent), set(taken)
        names = (f"{generic}{self.separator}{self._written(number)}" for number in count(0 if self.letters else 1))
        free = (name for name in names if name not in used)
        return [name for name, _ in zip(free, range(many), strict=False)]

    def _written(self, number: int) -> str:
        if not self.letters:
            return str(number) if self.separator == "," else f"{number:0{self.width}}"
        places = []
        for _ in range(self.width):
            number, place = divmod(number, _LETTERS)
            places.append(chr(ord("a") + place))
        if number:
            raise InputError(f"all names of {self.width} letters are taken", field="name")
        return "".join(reversed(places))


def scheme(text: str) -> Scheme:
    """Return the scheme that ``text`` shows, such as ``GGGGG,SSS`` or ``X0000-abc``; raises :class:`InputError` for another form."""
    if not (found := _SCHEME.match(text)):
        raise InputError(
            f"“{text}” is not a way to name pieces; write for example GGGGG,SSS or X0000-abc", field="naming"
        )
    counter = found["counter"]
    return Scheme(found["separator"], len(counter), counter.islower())
