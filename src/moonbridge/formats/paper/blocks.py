"""The building blocks of papers. Their texts are plain: a line break stays one, and nothing in them is ever markup."""

from dataclasses import dataclass
from typing import Final

from moonbridge.errors import InputError

LANGUAGES: Final = ("en", "zh")
"""The languages in which papers are set."""


def language_of(tag: str) -> str:
    """Return the language of papers for a language tag such as ``zh-hans``; InputError where there is none."""
    language = tag.partition("-")[0].casefold()
    if language not in LANGUAGES:
        raise InputError(f"papers are written in {' or '.join(LANGUAGES)}, not in {tag!r}", field="language")
    return language


@dataclass(frozen=True, slots=True)
class Heading:
    """A heading; ``level`` 1 is the highest below the title of the paper, and no level may be left out."""

    text: str
    level: int = 1


@dataclass(frozen=True, slots=True)
class Paragraph:
    """Running text; an empty line begins a new paragraph. ``language``: if not that of the paper (``en``, ``zh``)."""

    text: str
    muted: bool = False
    strong: bool = False
    language: str | None = None


@dataclass(frozen=True, slots=True)
class Notice:
    """Text in a frame, for what must not be overlooked."""

    text: str


@dataclass(frozen=True, slots=True)
class Code:
    """A command, a digest, an identifier: set with letters of one width."""

    text: str


@dataclass(frozen=True, slots=True)
class Facts:
    """Names and values below each other."""

    rows: tuple[tuple[str, str], ...]


@dataclass(frozen=True, slots=True)
class Column:
    """A column: its title, its part of the free width (None: as wide as its content), and whether it holds numbers."""

    title: str
    width: float | None = 1
    numbers: bool = False


@dataclass(frozen=True, slots=True)
class Table:
    """A table whose head is repeated on each page. ``rows`` and ``total`` (may be empty) have one text for each column."""

    columns: tuple[Column, ...]
    rows: tuple[tuple[str, ...], ...]
    total: tuple[str, ...] = ()
    note: str = ""

    def __post_init__(self) -> None:
        for number, row in enumerate((*self.rows, *([self.total] if self.total else [])), start=1):
            if len(row) != len(self.columns):
                raise InputError(f"row {number} has {len(row)} cells for {len(self.columns)} columns", field="rows")


@dataclass(frozen=True, slots=True)
class Listing:
    """A list with bullets, or with numbers."""

    items: tuple[str, ...]
    numbered: bool = False


@dataclass(frozen=True, slots=True)
class Clause:
    """A clause of an agreement: perhaps a title, its text, and perhaps parts that are numbered 1.1, 1.2 ..."""

    text: str
    title: str = ""
    parts: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Clauses:
    """Numbered clauses. With ``translated`` (one for each clause) every clause stands beside its translation into ``language``."""

    clauses: tuple[Clause, ...]
    start: int = 1
    translated: tuple[Clause, ...] = ()
    language: str = "zh"

    def __post_init__(self) -> None:
        if self.translated and len(self.translated) != len(self.clauses):
            raise InputError(f"{len(self.translated)} translations for {len(self.clauses)} clauses", field="translated")


@dataclass(frozen=True, slots=True)
class Piece:
    """A part of a bar: its name, and a whole amount in the base unit of the bar."""

    name: str
    amount: int


@dataclass(frozen=True, slots=True)
class Bar:
    """An amount against what is offered. The drawing is for the eye only: ``text`` and ``told`` say the same in words.

    ``total`` in the same unit as the pieces; None or 0 where nothing is stated, then the pieces fill the bar.
    """

    name: str
    text: str
    pieces: tuple[Piece, ...]
    total: int | None = None
    told: str = ""


@dataclass(frozen=True, slots=True)
class Bars:
    """Bars below each other."""

    bars: tuple[Bar, ...]


@dataclass(frozen=True, slots=True)
class Party:
    """Who signs: for whom, and what is known before; what is empty is left to be written by hand."""

    role: str
    name: str = ""
    function: str = ""
    signed: str = ""


@dataclass(frozen=True, slots=True)
class Signatures:
    """Lines to sign on, up to three parties in a row, never broken over two pages."""

    parties: tuple[Party, ...]


@dataclass(frozen=True, slots=True)
class Picture:
    """A drawing that this house made (SVG text; never an uploaded one), with ``alt`` for those who cannot see it."""

    svg: str
    alt: str
    width_mm: float = 40
    caption: str = ""

    def __post_init__(self) -> None:
        if not self.alt.strip():
            raise InputError("a picture needs words for those who cannot see it", field="alt")


@dataclass(frozen=True, slots=True)
class Beside:
    """Two texts side by side, such as the same in two languages; the first is read first."""

    first: "tuple[Block, ...]"
    second: "tuple[Block, ...]"
    languages: tuple[str, str] = ("en", "zh")


@dataclass(frozen=True, slots=True)
class PageBreak:
    """What follows begins on a new page."""


type Block = (
    Heading
    | Paragraph
    | Notice
    | Code
    | Facts
    | Table
    | Listing
    | Clauses
    | Bars
    | Signatures
    | Picture
    | Beside
    | PageBreak
)
"""Anything that a paper consists of."""
