"""Walking through the plain data of a file: each value knows its path, and each refusal says file, line and field."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from decimal import Decimal
from fractions import Fraction
from typing import Any, NoReturn

from moonbridge.engines.selection.rules import exact
from moonbridge.errors import InputError
from moonbridge.formats.calls.positions import Lines, Path, line_of
from moonbridge.quantities import Kind


@dataclass(frozen=True, slots=True)
class Field:
    """A value in a file, with its path and the file's lines."""

    value: Any
    path: Path
    file: str
    lines: Lines

    def refuse(self, sentence: str) -> NoReturn:
        """Raise an InputError that points here."""
        raise InputError(sentence, file=self.file, line=line_of(self.lines, self.path), field=self.name or None)

    @property
    def name(self) -> str:
        """The path as text, counted from one: ``proposals[3].merit``."""
        parts = (f"[{part + 1}]" if isinstance(part, int) else f".{part}" for part in self.path)
        return "".join(parts).removeprefix(".")

    def read[T](self, meaning: Callable[[], T]) -> T:
        """Return what ``meaning`` makes of this value; an InputError without a place gets this one."""
        try:
            return meaning()
        except InputError as error:
            if error.file is not None:
                raise
            self.refuse(error.bare)

    def only(self, *known: str) -> None:
        """Refuse keys that nobody would read: a misspelt key must not pass silently."""
        for key in self.table():
            if key not in known:
                self.at(key).refuse(f"unknown key {key!r}; known here: {', '.join(known)}")

    def table(self) -> dict[str, Any]:
        """Return the value as a table."""
        if not isinstance(self.value, dict):
            self.refuse("a table of keys and values belongs here")
        return self.value

    def at(self, key: str) -> "Field":
        """Return the value under ``key``; it must be there."""
        if key not in self.table():
            self.refuse(f"{key!r} is missing")
        return Field(self.value[key], (*self.path, key), self.file, self.lines)

    def maybe(self, key: str) -> "Field | None":
        """Return the value under ``key``, or None."""
        return self.at(key) if key in self.table() else None

    def items(self) -> Iterator[tuple[str, "Field"]]:
        """Yield the keys of a table with their values."""
        for key in self.table():
            yield key, self.at(key)

    def each(self) -> Iterator["Field"]:
        """Yield the members of a list."""
        if not isinstance(self.value, list):
            self.refuse("a list belongs here")
        for position, member in enumerate(self.value):
            yield Field(member, (*self.path, position), self.file, self.lines)

    def text(self) -> str:
        """Return the value as text that is not empty."""
        if not isinstance(self.value, str) or not self.value.strip():
            self.refuse("a text belongs here")
        return self.value.strip()

    def texts(self) -> tuple[str, ...]:
        """Return the value as a list of texts."""
        return tuple(member.text() for member in self.each())

    def flag(self) -> bool:
        """Return the value as true or false."""
        if not isinstance(self.value, bool):
            self.refuse("true or false belongs here")
        return self.value

    def count(self) -> int:
        """Return the value as a whole number, zero or more."""
        if isinstance(self.value, bool) or not isinstance(self.value, int) or self.value < 0:
            self.refuse("a whole number, zero or more, belongs here")
        return self.value

    def number(self) -> Fraction:
        """Return the value as an exact number: ``84.5``, ``"84.5"``, ``"1/3"`` or ``"30 %"``."""
        if isinstance(self.value, str) and self.value.rstrip().endswith("%"):
            return self.read(lambda: exact(self.value.rstrip()[:-1].strip()) / 100)
        if isinstance(self.value, Decimal) and not self.value.is_finite():
            self.refuse(f"{self.value} is not a number; write for example 8.45")
        return self.read(lambda: exact(self.value))

    def amount(self, kind: Kind) -> int:
        """Return the value as base units of ``kind``; a bare number is in the kind's default unit."""
        if isinstance(self.value, bool) or not isinstance(self.value, int | Decimal | str):
            self.refuse("an amount belongs here, for example '12.5 kg'")
        return self.read(lambda: kind.parse(str(self.value)))
