"""A paper as data: its head, its blocks, where it comes from and how it can be checked."""

from dataclasses import dataclass, field, fields, is_dataclass
from datetime import date
from typing import Any

from moonbridge.errors import InputError
from moonbridge.formats.paper import press
from moonbridge.formats.paper.blocks import Block, language_of


@dataclass(frozen=True, slots=True)
class Proof:
    """What seals a paper: a digest (hex), and in words how the reader checks it. Stands at the end, its beginning on every page."""

    digest: str
    how: str


@dataclass(frozen=True, slots=True)
class Paper:
    """A document of the house.

    ``language`` is a tag such as ``en`` or ``zh-hans``; ``issuer`` is the agency; ``date`` is what the document itself states, the
    only date in the file (None: it is not known, and none is stated). ``label`` stands on every page (synthetic, draft, replay);
    ``source`` says where the content comes from. With ``second_language`` the words that the house prints (page, date, signature)
    stand there in both languages.
    """

    title: str
    issuer: str
    date: date | None
    blocks: tuple[Block, ...]
    language: str = "en"
    second_language: str | None = None
    subtitle: str = ""
    reference: str = ""
    label: str = ""
    source: str = ""
    proof: Proof | None = field(default=None)

    def __post_init__(self) -> None:
        if not self.title.strip():
            raise InputError("a paper has a title", field="title")


def pdf(paper: Paper) -> bytes:
    """Return the paper as PDF/UA-1; the same paper gives the same bytes."""
    return press.printed("document", _data(paper))


def png(paper: Paper, *, ppi: float = 80) -> list[bytes]:
    """Return the pages of the paper as PNG pictures."""
    return press.pictures("document", _data(paper), ppi=ppi)


def _data(paper: Paper) -> dict[str, Any]:
    second = language_of(paper.second_language) if paper.second_language else None
    told: dict[str, Any] = plain(paper)
    return told | {"language": language_of(paper.language), "second_language": second}


def plain(value: Any) -> Any:
    """Return dataclasses as JSON data that say what they are, dates as ISO text."""
    if is_dataclass(value) and not isinstance(value, type):
        return {"is": type(value).__name__} | {part.name: plain(getattr(value, part.name)) for part in fields(value)}
    match value:
        case tuple() | list():
            return [plain(part) for part in value]
        case date():
            return value.strftime("%Y-%m-%d")
    return value
