"""Word documents and workbooks (ECMA-376) without authors: properties emptied, names of commenters and editors taken out."""

import io
import re
import zipfile
from collections.abc import Callable, Mapping
from pathlib import PurePosixPath
from typing import Final

from moonbridge.errors import InputError

type Pictures = Mapping[str, Callable[[bytes, str], bytes]]
"""How pictures inside are cleaned, by the ending of their names."""

_HEAD: Final = b'<?xml version="1.0" encoding="UTF-8" standalone="yes"?>\n'
_SCHEMAS: Final = b"http://schemas.openxmlformats.org/"
_EMPTY: Final = {
    "docProps/core.xml": _HEAD
    + b'<cp:coreProperties xmlns:cp="'
    + _SCHEMAS
    + b'package/2006/metadata/core-properties"></cp:coreProperties>',
    "docProps/app.xml": _HEAD
    + b'<Properties xmlns="'
    + _SCHEMAS
    + b'officeDocument/2006/extended-properties"></Properties>',
    "docProps/custom.xml": _HEAD
    + b'<Properties xmlns="'
    + _SCHEMAS
    + b'officeDocument/2006/custom-properties"></Properties>',
}
"""What the parts with properties of the document are replaced by."""
_THUMBNAIL: Final = re.compile(r"docProps/thumbnail\.\w+", re.IGNORECASE)
_THUMBNAIL_LINK: Final = re.compile(rb"<Relationship\b[^>]*thumbnail[^>]*?/>", re.IGNORECASE)
_WHO: Final = re.compile(
    rb"""(\s(?:\w+:)?(?:author|initials|userId|providerId|userName|lastModifiedBy|displayName)=)(?:"[^"]*"|'[^']*')"""
)
"""Attributes that name who commented, changed or shared; ``displayName`` is of a person in a list of commenters, and of tables."""
_AUTHOR: Final = re.compile(rb"<((?:\w+:)?author)>[^<]*</")
_PATH: Final = re.compile(rb"<(?:\w+:)?absPath\b[^>]*?(?:/>|></(?:\w+:)?absPath>)")
"""The folder on somebody's machine where a workbook was saved."""
_TABLES: Final = re.compile(r"xl/tables/", re.IGNORECASE)
_LONG_AGO: Final = (1980, 1, 1, 0, 0, 0)


def clean(content: bytes, name: str, *, pictures: Pictures) -> bytes:
    """Return the document without names of people in its properties, comments and changes; pictures inside are cleaned too."""
    made = io.BytesIO()
    try:
        with zipfile.ZipFile(io.BytesIO(content)) as old, zipfile.ZipFile(made, "w", zipfile.ZIP_DEFLATED) as new:
            for part in old.infolist():
                if not part.is_dir() and not _THUMBNAIL.fullmatch(part.filename):
                    new.writestr(zipfile.ZipInfo(part.filename, _LONG_AGO), _part(part.filename, old.read(part), pictures),
                                 zipfile.ZIP_DEFLATED)  # fmt: skip
    except (zipfile.BadZipFile, NotImplementedError, RuntimeError) as error:
        raise InputError(
            "hidden data cannot be taken out: the document cannot be unpacked; save it again", file=name
        ) from error
    return made.getvalue()


def _part(path: str, content: bytes, pictures: Pictures) -> bytes:
    if path in _EMPTY:
        return _EMPTY[path]
    ending = PurePosixPath(path).suffix.casefold()
    if ending in pictures:
        return pictures[ending](content, path)
    if path.endswith(".rels"):
        return _THUMBNAIL_LINK.sub(b"", content)
    if ending != ".xml" or _TABLES.match(path):
        return content
    return _PATH.sub(b"", _AUTHOR.sub(rb"<\1>Anonymous</", _WHO.sub(rb'\1""', content)))
