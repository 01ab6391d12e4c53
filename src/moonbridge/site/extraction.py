"""Find every message of the interface and bring the catalogues that people translate up to date.

Babel reads Python by itself. Django's templates are first turned into calls of gettext by Django's own ``templatize`` (the
step that ``makemessages`` takes as well), so that no outside program is needed.
"""

import io
from collections.abc import Iterator
from pathlib import Path
from typing import Any, BinaryIO, Final

from babel.messages.catalog import Catalog
from babel.messages.extract import extract_from_dir, extract_python
from babel.messages.pofile import read_po, write_po
from django.utils.translation.template import templatize

from moonbridge.site.messages import LOCALE

SOURCES: Final = Path(__file__).parents[1]
"""The package whose messages are collected."""

METHODS: Final = [
    ("**/migrations/**", "ignore"),
    ("**/templates/**.html", "moonbridge.site.extraction:extract_template"),
    ("**/templates/**.txt", "moonbridge.site.extraction:extract_template"),
    ("**.py", "python"),
]
KEYWORDS: Final[dict[str, Any]] = {
    "_": None, "gettext": None, "gettext_lazy": None, "gettext_noop": None, "noop": None, "ngettext": (1, 2), "ngettext_lazy": (1, 2),
    "pgettext": ((1, "c"), 2), "pgettext_lazy": ((1, "c"), 2), "npgettext": ((1, "c"), 2, 3), "npgettext_lazy": ((1, "c"), 2, 3),
}  # fmt: skip


def extract_template(file: BinaryIO, keywords: Any, comment_tags: Any, options: Any) -> Iterator[Any]:
    """Extract the messages of a Django template, as Babel's extractors do."""
    calls = templatize(file.read().decode(), origin=getattr(file, "name", ""))
    # What surrounds the calls is indented like HTML, at which a reader of Python stumbles.
    plain = "\n".join(line.strip() for line in calls.splitlines())
    yield from extract_python(io.BytesIO(plain.encode()), keywords, comment_tags, options)


def extracted(folder: Path = SOURCES) -> Catalog:
    """Return all messages of the interface, each with the files that use it."""
    found = Catalog(project="Moonbridge", charset="utf-8")
    for name, _line, message, comments, context in extract_from_dir(folder, METHODS, keywords=KEYWORDS):
        found.add(message, locations=[(name, 0)], auto_comments=comments, context=context)
    return found


def update(path: Path, template: Catalog) -> Catalog:
    """Bring the catalogue at ``path`` up to date with ``template``: new messages are empty, those that nobody uses leave."""
    catalogue = read(path)
    made_on = catalogue.creation_date
    catalogue.update(template, no_fuzzy_matching=True)
    catalogue.obsolete.clear()
    catalogue.creation_date = made_on  # the day of the extraction would change the file each time
    with path.open("wb") as file:
        write_po(file, catalogue, width=120, sort_output=True, include_lineno=False, omit_header=False)
    return catalogue


def read(path: Path) -> Catalog:
    """Return the catalogue at ``path``; the folder names its language."""
    with path.open("rb") as file:
        return read_po(file, locale=path.parts[-3], abort_invalid=True)


def catalogues(folder: Path = LOCALE) -> list[Path]:
    """Return the catalogues that people edit, one per language."""
    return sorted(folder.glob("*/LC_MESSAGES/django.po"))


def lacking(catalogue: Catalog, template: Catalog) -> list[str]:
    """Return the messages of ``template`` that ``catalogue`` does not translate, or only doubtfully."""
    known = {(message.context, message.id): message for message in catalogue if message.id}
    return sorted(
        str(message.id)
        for message in template
        if message.id and not _is_translated(known.get((message.context, message.id)))
    )


def _is_translated(message: Any) -> bool:
    if message is None or message.fuzzy:
        return False
    forms = message.string if isinstance(message.string, tuple | list) else [message.string]
    return bool(forms) and all(forms)
