"""Translations: the catalogues that people edit (``.po``) become the ones that gettext reads (``.mo``).

The compiled ones are not committed, so whoever serves or tests the site compiles first; nothing happens where
they are newer than their sources.
"""

from pathlib import Path

from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po

LOCALE = Path(__file__).parent / "locale"


def compile_messages(folder: Path = LOCALE) -> list[Path]:
    """Compile each ``django.po`` under ``folder`` whose ``django.mo`` is missing or older; return what was written."""
    return [_compiled(source) for source in sorted(folder.glob("*/LC_MESSAGES/django.po")) if _is_stale(source)]


def _is_stale(source: Path) -> bool:
    compiled = source.with_suffix(".mo")
    return not compiled.exists() or compiled.stat().st_mtime < source.stat().st_mtime


def _compiled(source: Path) -> Path:
    with source.open("rb") as file:
        catalogue = read_po(file, abort_invalid=True)
    partial = source.with_suffix(".mo.partial")
    with partial.open("wb") as file:
        write_mo(file, catalogue)
    return partial.replace(source.with_suffix(".mo"))
