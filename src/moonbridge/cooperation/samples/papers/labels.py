"""Labels with QR codes for the pieces of a collection or a loan."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date

from django.utils.translation import gettext as _

from moonbridge.cooperation.opportunities.templatetags.opportunities import named
from moonbridge.cooperation.programmes.models import Partner
from moonbridge.cooperation.samples.models import Split
from moonbridge.cooperation.samples.papers import heads
from moonbridge.formats.paper import A4_21, Form, Label, labels_pdf
from moonbridge.quantities import SAMPLE_MASS


@dataclass(frozen=True, slots=True)
class Sheet:
    """The sheet to print on, and how many of its places were used before."""

    form: Form = A4_21
    skip: int = 0


def labels(pieces: Iterable[tuple[Split, int]], *, agency: Partner, on: date, sheet: Sheet) -> bytes:
    """Return sheets with one label for each piece (with its collection) and its nanograms."""
    return labels_pdf(
        tuple(label(split, mass) for split, mass in pieces),
        title=_("Labels"),
        issuer=named(agency),
        day=on,
        form=sheet.form,
        language=heads.first_language(),
        skip=sheet.skip,
    )


def label(split: Split, mass: int) -> Label:
    """Return the label of a piece of so many nanograms; its code leads to the page of the piece."""
    collection = split.collection
    lines = (
        collection.name,
        f"{split.kind} · {SAMPLE_MASS.text(mass)}",
        _("class %(class)s") % {"class": split.contamination},
    )
    mark = _("synthetic") if collection.book.synthetic else ""
    address = heads.absolute("sample-history", split.pk)
    return Label(split.name, address, lines, mark, alt=_("The page of %(name)s") % {"name": split.name})
