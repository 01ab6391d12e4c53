"""Physical amounts as exact integers of a base unit; text only at the border.

Inside Moonbridge a mass is an ``int`` of milligrams, a power an ``int`` of milliwatts, a data rate an ``int`` of bytes per
day. This module turns what people type ("12.5 kg", "3,2 W", "1 Gbit/day") into those integers and back. A text that is not
a whole number of the base unit is refused, never rounded.

A general unit library is deliberately not used: the unit registry of the best-known one takes longer to build than the whole command
line may take to start, and its conversions go through floats or 28-digit decimals; here every factor is an exact integer or
fraction.
"""

import re
import unicodedata
from dataclasses import dataclass
from decimal import Decimal, InvalidOperation, localcontext
from fractions import Fraction
from typing import Final

from moonbridge.errors import QuantityError

BITS_PER_BYTE: Final = 8
MAX_BASE_UNITS: Final = 2**63 - 1
"""The largest amount that a database ``bigint`` holds."""
MAX_DIGITS: Final = 80
"""More decimal digits than any amount or merit has."""


def gettext_noop(message: str) -> str:
    """Mark ``message`` for the catalogue of translations; the pages translate it when they show it."""
    return message


TOO_FINE: Final = gettext_noop("“%(given)s” is finer than one %(base)s; give at most that precision")
TOO_LARGE: Final = gettext_noop("“%(given)s” is larger than anything that can be stored")
UNKNOWN_UNIT: Final = gettext_noop("“%(given)s”: “%(unit)s” is not a unit of %(kind)s; use one of %(units)s")
NOT_AN_AMOUNT: Final = gettext_noop("“%(given)s” is not an amount; write a number and a unit, for example “12.5 kg”")
AMBIGUOUS: Final = gettext_noop("“%(given)s” can be read in two ways; write 1200 or 1.2")
NOT_A_NUMBER: Final = gettext_noop("“%(given)s” is not a number; write for example “12.5 kg”")
NEGATIVE: Final = gettext_noop("“%(given)s” is negative; an amount asked for or offered is zero or more")


@dataclass(frozen=True, slots=True)
class Kind:
    """A kind of quantity: its name, its base unit, and the exact size of each accepted unit in base units.

    ``shown`` lists the units used for display, largest first; ``default`` is the unit of a bare number.
    """

    name: str
    base: str
    units: dict[str, Fraction]
    shown: tuple[str, ...]
    default: str

    def parse(self, text: str, *, field: str | None = None) -> int:
        """Return the amount in base units that ``text`` states, e.g. ``MASS.parse("1.2 kg") == 1_200_000``.

        Accepts a decimal comma, thousands separators (thin space, apostrophe, underscore), full-width digits and any letter case
        that is not ambiguous (``mW`` and ``MW`` stay different). Raises :class:`QuantityError` for anything else, for
        negative amounts, and for amounts that are not whole base units.
        """
        number, unit = _split(text, field)
        factor = self._factor(unit or self.default, text, field)
        amount = number * factor
        if amount.denominator != 1:
            raise QuantityError(TOO_FINE, field=field, given=text.strip(), base=self.base)
        if amount.numerator > MAX_BASE_UNITS:
            raise QuantityError(TOO_LARGE, field=field, given=text.strip())
        return amount.numerator

    def text(self, amount: int, unit: str | None = None) -> str:
        """Return ``amount`` base units as exact decimal text, e.g. ``MASS.text(1_200_000) == "1.2 kg"``.

        Without ``unit`` the largest display unit that keeps the number at 1 or above is chosen.
        """
        chosen = unit or self._fitting(amount)
        return f"{self.number(amount, chosen)} {chosen}".rstrip()

    def number(self, amount: int, unit: str | None = None) -> str:
        """Return ``amount`` base units as exact decimal digits of ``unit`` (default: the kind's default unit)."""
        return decimal_text(Fraction(amount) / self._factor(unit or self.default, unit or "", None))

    def _fitting(self, amount: int) -> str:
        """Return the largest display unit that shows ``amount`` as 1 or more, in finitely many decimals."""
        if not amount:
            return self.default
        fitting = (unit for unit in self.shown if abs(amount) >= self.units[unit] and _ends(amount / self.units[unit]))
        return next(fitting, self.shown[-1])

    def _factor(self, unit: str, text: str, field: str | None) -> Fraction:
        if unit in self.units:
            return self.units[unit]
        folded = [value for name, value in self.units.items() if _fold(name) == _fold(unit)]
        if len(set(folded)) == 1:
            return folded[0]
        known = ", ".join(self.units)
        raise QuantityError(UNKNOWN_UNIT, field=field, given=text.strip(), unit=unit, kind=self.name, units=known)


def _fold(unit: str) -> str:
    """Fold the letter case of ``unit`` where it carries no meaning: m and M, b and B do (milli, mega; bit, byte)."""
    return "".join(letter if letter in "mMbB" else letter.casefold() for letter in unit)


_NUMBER = re.compile(r"^\s*(?P<number>[+-]?[0-9][0-9.,'_ ]*(?:[eE][+-]?[0-9]{1,2})?|[+-]?\.[0-9]+)\s*(?P<unit>.*?)\s*$")


def _split(text: str, field: str | None) -> tuple[Fraction, str]:
    """Split ``text`` into an exact non-negative number and the unit behind it."""
    plain = (
        unicodedata.normalize("NFKC", text)
        .replace("\u2009", " ")
        .replace("\u202f", " ")
        .replace("µ", "u")
        .replace("μ", "u")
    )
    if len(plain) > 60 or not (match := _NUMBER.match(plain)):  # noqa: PLR2004 - nobody types a longer amount
        raise QuantityError(NOT_AN_AMOUNT, field=field, given=text.strip()[:60])
    digits = re.sub(r"['_ ]", "", match["number"])
    if "," in digits:
        # "1,200.5" groups thousands; "1,2" is a decimal comma; "1,200" could be either, so it is refused rather than guessed.
        if "." in digits and digits.rindex(",") < digits.index("."):
            digits = digits.replace(",", "")
        elif digits.count(",") == 1 and not re.search(r"^[+-]?[1-9][0-9]{0,2},[0-9]{3}$", digits):
            digits = digits.replace(",", ".")
        else:
            raise QuantityError(AMBIGUOUS, field=field, given=text.strip())
    try:
        number = Fraction(Decimal(digits))
    except InvalidOperation:
        raise QuantityError(NOT_A_NUMBER, field=field, given=text.strip()) from None
    if number < 0:
        raise QuantityError(NEGATIVE, field=field, given=text.strip())
    return number, match["unit"].replace("²", "2")


def decimal_text(value: Fraction) -> str:
    """Return ``value`` as exact decimal digits if it has finitely many of them, else rounded to twelve significant ones."""
    with localcontext(prec=MAX_DIGITS):
        exact = Decimal(value.numerator) / Decimal(value.denominator)
    digits = exact if _ends(value) else Decimal(f"{exact:.12g}")
    return f"{digits:f}".rstrip("0").rstrip(".") if "." in f"{digits:f}" else f"{digits:f}"


def _ends(value: Fraction) -> bool:
    """Return whether ``value`` has finitely many decimals."""
    denominator = value.denominator
    for prime in (2, 5):
        while denominator % prime == 0:
            denominator //= prime
    return denominator == 1


def _whole(**units: int) -> dict[str, Fraction]:
    return {name: Fraction(size) for name, size in units.items()}


def _data(per: str = "") -> dict[str, Fraction]:
    """Return bytes per unit for bits and bytes with decimal (SI) and binary (IEC) prefixes."""
    prefixes = {
        "": 1,
        "k": 10**3,
        "M": 10**6,
        "G": 10**9,
        "T": 10**12,
        "Ki": 2**10,
        "Mi": 2**20,
        "Gi": 2**30,
        "Ti": 2**40,
    }
    return {
        prefix + name + per: Fraction(size, over)
        for prefix, size in prefixes.items()
        for name, over in (("B", 1), ("bit", BITS_PER_BYTE), ("byte", 1), ("bytes", 1))
    }


MASS: Final = Kind("mass", "mg", _whole(kg=10**6, g=10**3, mg=1, t=10**9), ("kg", "g", "mg"), "kg")
"""Payload mass; base unit milligram."""
SAMPLE_MASS: Final = Kind(
    "sample mass", "ng", _whole(kg=10**12, g=10**9, mg=10**6, ug=10**3, ng=1), ("g", "mg", "ug", "ng"), "g"
)
"""Mass in a sample ledger; base unit nanogram."""
POWER: Final = Kind("power", "mW", _whole(kW=10**6, W=10**3, mW=1), ("W", "mW"), "W")
"""Electric power; base unit milliwatt."""
ENERGY: Final = Kind("energy", "mWh", _whole(kWh=10**6, Wh=10**3, mWh=1), ("Wh", "mWh"), "Wh")
"""Electric energy; base unit milliwatt hour."""
DATA: Final = Kind("data", "byte", _data(), ("TB", "GB", "MB", "kB", "B"), "MB")
"""Data volume; base unit byte."""
DATA_PER_DAY: Final = Kind(
    "data per day", "byte/day", _data("/day") | _data("/d"), ("TB/day", "GB/day", "MB/day", "kB/day", "B/day"), "MB/day"
)
"""Data returned per Earth day; base unit byte per day."""
LENGTH: Final = Kind("length", "um", _whole(m=10**6, cm=10**4, mm=10**3, um=1), ("mm", "um"), "mm")
"""Lengths of a payload's box; base unit micrometre."""
DURATION: Final = Kind("time", "s", _whole(d=86_400, day=86_400, h=3_600, min=60, s=1), ("h", "min", "s"), "h")
"""Time granted (station hours, say); base unit second."""
COUNT: Final = Kind("number", "1", {"": Fraction(1), "pieces": Fraction(1), "slots": Fraction(1)}, ("",), "")
"""Things that are counted: mounting slots, places in a course."""

KINDS: Final[dict[str, Kind]] = {
    kind.name: kind for kind in (MASS, SAMPLE_MASS, POWER, ENERGY, DATA, DATA_PER_DAY, LENGTH, DURATION, COUNT)
}
"""All kinds by name."""


def custom(unit: str) -> Kind:
    """Return the kind of a resource that an office names itself, counted in thousandths of ``unit``."""
    return Kind(f"amount in {unit}", f"0.001 {unit}", {unit: Fraction(1000)}, (unit,), unit)
