"""What a person asks for in words, ``sun and (earth or relay)``, as a condition."""

import re
from collections.abc import Callable, Mapping
from typing import Final

from moonbridge.engines.moon.windows import Condition
from moonbridge.errors import InputError

type Named = Mapping[str, Callable[[], Condition]]
"""How each name becomes a condition; called only for the names that are used."""

_TOKEN: Final = re.compile(r"\s*([()]|[^\s()]+)")


def condition(text: str, named: Named) -> Condition:
    """Return the condition that ``text`` states with the names, ``and``, ``or``, ``not`` and parentheses; ``and`` binds closer than ``or``.

    Raises :class:`InputError` for an unknown name (it lists the known ones) and for words that make no sense together.
    """
    return _Reader(text, named).whole()


class _Reader:
    """Reads an expression from left to right: or, and, not, one rule each."""

    def __init__(self, text: str, named: Named) -> None:
        self._text = text
        self._named = named
        self._tokens = [token.casefold() for token in _TOKEN.findall(text)]

    def whole(self) -> Condition:
        found = self._either()
        if self._tokens:
            raise self._senseless(f"{self._tokens[0]!r} is one too many")
        return found

    def _either(self) -> Condition:
        found = self._both()
        while self._next_is("or"):
            found |= self._both()
        return found

    def _both(self) -> Condition:
        found = self._single()
        while self._next_is("and"):
            found &= self._single()
        return found

    def _single(self) -> Condition:
        if self._next_is("not"):
            return ~self._single()
        if self._next_is("("):
            found = self._either()
            if not self._next_is(")"):
                raise self._senseless("a parenthesis is not closed")
            return found
        return self._name()

    def _name(self) -> Condition:
        if not self._tokens:
            raise self._senseless("a name is missing at its end")
        name = self._tokens.pop(0)
        if name not in self._named:
            raise self._senseless(f"{name!r} is not known")
        return self._named[name]()

    def _next_is(self, word: str) -> bool:
        """Take the next word if it is this one."""
        if self._tokens[:1] != [word]:
            return False
        self._tokens.pop(0)
        return True

    def _senseless(self, why: str) -> InputError:
        return InputError(
            f"in {self._text!r} {why}; write for example 'sun and earth', with {', '.join(self._named)}, and, or, not, ( )",
            field="when",
        )
