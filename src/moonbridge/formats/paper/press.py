"""The press: from plain data and a template of this package to a PDF, by typst.

Data never becomes source code: it travels as one JSON text beside the template, whose folder is all that typst may read. Only
two families of fonts are known to it (those inside typst, and the Chinese ones of the package mplfonts, whose code is never
imported), so that the same data give the same bytes on every machine.
"""

import ast
import json
import re
from collections.abc import Mapping
from functools import lru_cache
from importlib.util import find_spec
from pathlib import Path
from typing import Any, Final

import typst

from moonbridge.errors import InputError

TEMPLATES: Final = Path(__file__).parent / "templates"
STANDARD: Final = "ua-1"
"""PDF/UA-1, ISO 14289-1: a paper that every reader can read, whatever they see or hear. It also refuses letters without a glyph."""
_UNDRAWN: Final = re.compile(r'the text `("(?:[^"\\]|\\.)*")` could not be displayed')
_RUST_ESCAPE: Final = re.compile(r"\\u\{([0-9a-f]+)\}")


def printed(template: str, data: Mapping[str, Any]) -> bytes:
    """Return the PDF/UA-1 of ``template`` (a file of this package, without its ending) with ``data`` (anything that is JSON).

    Letters that no font here can draw are replaced by their code points, as ``[U+0E01]``. Raises InputError with
    the compiler's words where the data cannot be set, such as a drawing that is no SVG.
    """
    document: bytes = _set(template, data, format="pdf", pdf_standards=[STANDARD])
    return document


def pictures(template: str, data: Mapping[str, Any], *, ppi: float) -> list[bytes]:
    """Return the pages as PNG pictures, to be looked at; letters that no font can draw are boxes."""
    pages: bytes | list[bytes] = _set(template, data, format="png", ppi=ppi)
    return [pages] if isinstance(pages, bytes) else pages


def _set(template: str, data: Mapping[str, Any], **how: Any) -> Any:
    text = json.dumps(data, ensure_ascii=False)
    try:
        return _compiled(template, text, how)
    except typst.TypstError as error:
        undrawn = _undrawn(error.diagnostic)
        if not undrawn:
            raise InputError(f"this paper cannot be set: {error.message}", field="paper") from error
    return _compiled(template, json.dumps(_spelled_out(json.loads(text), undrawn), ensure_ascii=False), how)


def _compiled(template: str, data: str, how: Mapping[str, Any]) -> Any:
    compiler = typst.Compiler(
        TEMPLATES / f"{template}.typ",
        root=TEMPLATES,
        font_paths=_fonts(),
        ignore_system_fonts=True,
        sys_inputs={"data": data},
    )
    # Dates are those that the data state; a clock that stands still keeps every other one out.
    return compiler.compile(timestamp=0, **how)


@lru_cache(maxsize=1)
def _fonts() -> typst.Fonts:
    found = find_spec("mplfonts")
    if found is None or not found.submodule_search_locations:
        raise InputError("the package mplfonts, which holds the Chinese fonts, is not installed")
    return typst.Fonts(include_system_fonts=False, font_paths=[Path(found.submodule_search_locations[0]) / "fonts"])


def _undrawn(diagnostic: str) -> list[str]:
    """Return the texts that the compiler could not draw, the longest first."""
    told = {_unquoted(quoted) for quoted in _UNDRAWN.findall(diagnostic)}
    return sorted(told, key=lambda text: (-len(text), text))


def _unquoted(quoted: str) -> str:
    """Return what a Rust string literal says."""
    plain = _RUST_ESCAPE.sub(lambda found: f"\\U{int(found[1], 16):08x}", quoted)
    return str(ast.literal_eval(plain))


def _spelled_out(value: Any, undrawn: list[str]) -> Any:
    """Return ``value`` with these texts, wherever they stand, as code points."""
    match value:
        case str():
            for text in undrawn:
                value = value.replace(text, "[" + " ".join(f"U+{ord(letter):04X}" for letter in text) + "]")
            return value
        case list():
            return [_spelled_out(part, undrawn) for part in value]
        case dict():
            return {key: _spelled_out(part, undrawn) for key, part in value.items()}
    return value
