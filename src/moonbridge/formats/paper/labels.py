"""Sheets of labels with QR codes, to be printed on adhesive paper or a label printer."""

from dataclasses import dataclass, replace
from datetime import date
from typing import Final

from moonbridge.errors import InputError
from moonbridge.formats.paper import press
from moonbridge.formats.paper.blocks import language_of
from moonbridge.formats.paper.codes import qr_svg
from moonbridge.formats.paper.document import plain


@dataclass(frozen=True, slots=True)
class Form:
    """A sheet as it is sold, in millimetres: the page, how many labels, their size, the margins and the gap between columns."""

    columns: int
    rows: int
    width_mm: float
    height_mm: float
    left_mm: float
    top_mm: float
    gap_mm: float
    page_mm: tuple[float, float] = (210, 297)


A4_21: Final = Form(3, 7, 63.5, 38.1, 7.2, 15.1, 2.5)
"""21 labels of 63.5 x 38.1 mm on A4."""
SINGLE: Final = Form(1, 1, 62, 29, 0, 0, 0, (62, 29))
"""One label of 62 x 29 mm on each page, for label printers."""


@dataclass(frozen=True, slots=True)
class Label:
    """A label: its ``name`` in large letters, a few short ``lines``, what its ``code`` carries, and a ``mark`` such as *synthetic*."""

    name: str
    code: str
    lines: tuple[str, ...] = ()
    mark: str = ""
    alt: str = ""


def labels_pdf(
    labels: tuple[Label, ...],
    *,
    title: str,
    issuer: str,
    day: date,
    form: Form = A4_21,
    language: str = "en",
    skip: int = 0,
) -> bytes:
    """Return sheets of labels as PDF/UA-1; ``skip`` leaves that many places free on a sheet that was begun."""
    if not labels or not 0 <= skip < form.columns * form.rows:
        raise InputError("labels need at least one, and a sheet that still has a place", field="labels")
    data = {
        "title": title, "issuer": issuer, "date": plain(day), "form": plain(form), "language": language_of(language),
        "labels": [None] * skip + [_drawn(label) for label in labels],
    }  # fmt: skip
    return press.printed("labels", data)


def _drawn(label: Label) -> dict[str, object]:
    told: dict[str, object] = plain(replace(label, alt=label.alt or f"QR: {label.code}"))
    return told | {"svg": qr_svg(label.code)}
