"""What a claim may state: text, a number, a date, an exact amount, a box, a measured range, a place, an orbit.

Each type knows its ``text`` for a reader and its plain data for JSON. Amounts go through :mod:`moonbridge.quantities`, so that what a
page adds up is an exact integer; what has no kind there (degrees, years, electronvolts) is a :class:`Measure`.
"""

import re
from collections.abc import Callable
from dataclasses import asdict, dataclass
from decimal import Decimal, InvalidOperation
from typing import Any, Final

from moonbridge import quantities
from moonbridge.errors import QuantityError
from moonbridge.formats.catalogue.dates import PartialDate, parse_date


@dataclass(frozen=True, slots=True)
class Amount:
    """An exact amount: ``base`` whole base units of the quantity ``kind`` (see :data:`moonbridge.quantities.KINDS`)."""

    text: str
    kind: str
    base: int


@dataclass(frozen=True, slots=True)
class Box:
    """The outer box of a payload: three sides in whole micrometres, in the order in which the source gives them."""

    text: str
    sides: tuple[int, int, int]


@dataclass(frozen=True, slots=True)
class Measure:
    """A measured or stated number or range with a unit that is not an exact quantity here: ``low`` and ``high`` bound it.

    One bound is None where the source says only "at least" or "at most"; both are equal for a single number.
    """

    text: str
    low: Decimal | None
    high: Decimal | None
    unit: str


@dataclass(frozen=True, slots=True)
class Site:
    """A place on a body: degrees north and east (planetocentric), metres above the reference sphere; None where unknown."""

    name: str
    latitude: Decimal | None = None
    longitude: Decimal | None = None
    elevation_m: Decimal | None = None
    accuracy_m: Decimal | None = None

    @property
    def text(self) -> str:
        """The name, followed by the coordinates that are known."""
        numbers = {
            "latitude {}°": self.latitude,
            "longitude {}°": self.longitude,
            "elevation {} m": self.elevation_m,
            "accurate to {} m": self.accuracy_m,
        }
        return ", ".join([self.name, *_said(numbers)])


@dataclass(frozen=True, slots=True)
class Orbit:
    """An orbit by its shape: kilometres above the surface, degrees, hours; None where the source does not say."""

    shape: str | None = None
    perilune_km: Decimal | None = None
    apolune_km: Decimal | None = None
    inclination_deg: Decimal | None = None
    period_h: Decimal | None = None
    contact_h: Decimal | None = None

    @property
    def text(self) -> str:
        """The shape, followed by the numbers that are known."""
        numbers = {
            "perilune {} km": self.perilune_km,
            "apolune {} km": self.apolune_km,
            "inclination {}°": self.inclination_deg,
            "period {} h": self.period_h,
            "contact {} h per revolution": self.contact_h,
        }
        return ", ".join([*([self.shape] if self.shape else []), *_said(numbers)])


def _said(numbers: dict[str, Decimal | None]) -> list[str]:
    return [form.format(number) for form, number in numbers.items() if number is not None]


def parse_composite(kind: str, parts: dict[str, str | None]) -> Site | Orbit:
    """Return the site or the orbit whose ``parts`` are given as texts; ValueError for a part that is not a number."""
    words = {name: text for name, text in parts.items() if name in ("name", "shape")}
    numbers = {name: _decimal(name, text) for name, text in parts.items() if name not in words and text is not None}
    if kind == "orbit":
        return Orbit(shape=words.get("shape"), **numbers)
    if not words.get("name"):
        raise ValueError("a place needs a name")
    return Site(name=words["name"] or "", **numbers)


def _decimal(name: str, text: str) -> Decimal:
    try:
        return Decimal(text)
    except InvalidOperation:
        raise ValueError(f"{name} {text!r} is not a number") from None


type Value = str | int | bool | tuple[str, ...] | PartialDate | Amount | Box | Measure | Site | Orbit


def text_of(value: Value) -> str:
    """Return what ``value`` says as one line for a reader or a search, in the words of its file."""
    match value:
        case bool():
            return "yes" if value else "no"
        case str() | int():
            return str(value)
        case tuple():
            return "; ".join(value)
        case _:
            return value.text


def plain(value: Value) -> Any:
    """Return ``value`` as data for JSON: objects become mappings, decimals and dates become text."""
    if isinstance(value, str | int):
        return value
    if isinstance(value, tuple):
        return list(value)
    fields = {key: _plain_part(part) for key, part in asdict(value).items() if part is not None}
    return fields | {"text": value.text}


def _plain_part(part: object) -> object:
    return part if isinstance(part, bool | int) else [*part] if isinstance(part, tuple) else str(part)


_MEASURE = re.compile(
    r"(?P<sign>>=|<=|>|<)?\s*(?P<first>-?\d+(\.\d+)?)(\s*(?P<joint>to|±)\s*(?P<second>-?\d+(\.\d+)?))?\s+(?P<unit>\S.*)"
)


def parse_measure(text: str) -> Measure:
    """Return the measure in texts like ``62.4 deg``, ``-180 to 80 °C``, ``2030 ± 4 Ma``, ``>= 3 years``."""
    match = _MEASURE.fullmatch(text.strip())
    if not match:
        raise ValueError(
            f"{text!r} is not a measure; write for example '8 years', '-180 to 80 °C', '2030 ± 4 Ma' or '>= 3 years'"
        )
    first = Decimal(match["first"])
    low, high = _bounds(first, Decimal(match["second"]) if match["second"] else None, match["joint"])
    if match["sign"] in (">=", ">"):
        high = None
    elif match["sign"] in ("<=", "<"):
        low = None
    return Measure(text.strip(), low, high, match["unit"])


def _bounds(first: Decimal, second: Decimal | None, joint: str | None) -> tuple[Decimal | None, Decimal | None]:
    if second is None:
        return first, first
    if joint == "±":
        return first - second, first + second
    if second < first:
        raise ValueError(f"a range from {first} to {second} runs backwards")
    return first, second


def parse_box(text: str) -> Box:
    """Return the box in a text like ``250 x 270 x 420 mm``; the unit stands once, at the end."""
    parts = re.split(r"\s*[x×]\s*", text.strip())
    if len(parts) != 3 or " " not in parts[2]:  # noqa: PLR2004 - a box has three sides
        raise ValueError(f"{text!r} is not a box; write for example '250 x 270 x 420 mm'")
    unit = parts[2].split(" ", 1)[1]
    first, second, third = (_length(f"{part.split(' ')[0]} {unit}").base for part in parts)
    return Box(text.strip(), (first, second, third))


def parse_count(text: str) -> int | Measure:
    """Return the whole number in ``text``, or the half-open range that ``more than 20`` and ``fewer than 20`` state."""
    match = re.fullmatch(r"(?P<words>more than |fewer than )?(?P<number>[0-9]+)", text.strip())
    if not match:
        raise ValueError(f"{text!r} is not a whole number; write 18, or 'more than 20'")
    number = int(match["number"])
    if not match["words"]:
        return number
    more = match["words"].startswith("more")
    return Measure(text.strip(), Decimal(number) if more else None, None if more else Decimal(number), "")


def parse_flag(text: str) -> bool:
    """Return the truth value in ``text``: true or false."""
    if text not in ("true", "false"):
        raise ValueError(f"{text!r} is neither true nor false")
    return text == "true"


def amount_parser(kind: quantities.Kind) -> Callable[[str], Amount]:
    """Return the parser of exact amounts of ``kind``."""

    def parse(text: str) -> Amount:
        try:
            return Amount(text.strip(), kind.name, kind.parse(text))
        except QuantityError as error:
            raise ValueError(error.bare) from error

    return parse


_length = amount_parser(quantities.LENGTH)

SCALAR_PARSERS: Final[dict[str, Callable[[str], Value]]] = {
    "text": str.strip,
    "date": parse_date,
    "count": parse_count,
    "flag": parse_flag,
    "measure": parse_measure,
    "box": parse_box,
    "mass": amount_parser(quantities.MASS),
    "sample mass": amount_parser(quantities.SAMPLE_MASS),
    "power": amount_parser(quantities.POWER),
    "length": _length,
}
"""How the text of a scalar becomes a value, by the type of its field."""

COMPOSITES: Final[dict[str, type[Site] | type[Orbit]]] = {"site": Site, "orbit": Orbit}
"""The field types that are written as a mapping."""
