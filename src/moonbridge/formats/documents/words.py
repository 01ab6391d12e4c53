"""What a document says, as plain text: enough to look for words in it, not to read it."""

import html
import io
import re
import zipfile
from pathlib import PurePosixPath
from typing import Final

import pypdf

from moonbridge.formats.documents.portable_cleaning import BROKEN

LONGEST: Final = 300_000
"""Characters that are returned at most."""
_MOST_PAGES: Final = 300
_SAYING: Final = re.compile(
    r"word/(?:document|comments|footnotes|endnotes|header\d*|footer\d*)\.xml|xl/(?:sharedStrings|(?:comments/)?comments?\d*)\.xml"
    r"|xl/worksheets/[^/]+\.xml|xl/workbook\.xml"
)
_PARAGRAPH: Final = re.compile(r"</(?:w:p|si|row|text|author)>|<w:(?:br|tab)\b[^>]*>")
_SHEET: Final = re.compile(r'<sheet\b[^>]*\bname="([^"]*)"')
_MARKUP: Final = re.compile(r"<[^>]*>")


def words_of(content: bytes, name: str) -> str:
    """Return the text of the document called ``name``, at most :data:`LONGEST` characters; empty for pictures and what cannot be read."""
    match PurePosixPath(name).suffix.casefold():
        case ".pdf":
            text = _of_portable(content)
        case ".docx" | ".xlsx":
            text = _of_office(content)
        case ".txt" | ".csv":
            text = content.decode("utf-8-sig", "replace")
        case _:
            text = ""
    return text[:LONGEST].replace("\0", "")


def _of_portable(content: bytes) -> str:
    try:
        pages = pypdf.PdfReader(io.BytesIO(content)).pages
        said: list[str] = []
        for page in pages[:_MOST_PAGES]:
            said.append(page.extract_text())
            if sum(map(len, said)) > LONGEST:
                break
    except BROKEN:
        return ""
    return "\n".join(said)


def _of_office(content: bytes) -> str:
    with zipfile.ZipFile(io.BytesIO(content)) as archive:
        saying = [path for path in archive.namelist() if _SAYING.fullmatch(path)]
        return "\n".join(_plain(archive.read(path).decode("utf-8", "replace")) for path in saying)


def _plain(markup: str) -> str:
    sheets = " ".join(_SHEET.findall(markup))
    return html.unescape(f"{sheets}\n{_MARKUP.sub('', _PARAGRAPH.sub(chr(10), markup))}")
