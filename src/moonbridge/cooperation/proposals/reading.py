"""Proposals in words: the parts of a draft by their names, and two versions side by side."""

from fractions import Fraction
from typing import Any, Final

from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from moonbridge.cooperation.programmes.models import Partner, PartnerKind
from moonbridge.quantities import decimal_text

PARTS: Final[dict[str, Any]] = {
    "title": _("Title"),
    "acronym": _("Short name"),
    "theme": _("Science theme"),
    "first_time": _("A first participation in deep space"),
    "abstract": _("Abstract"),
    "objectives": _("Objectives"),
    "letter": _("Letter of intent"),
    "accommodation": _("Accommodation"),
    "export_control": _("Export control and components"),
    "export_control_clear": _("No licence of another country is needed, or all are granted"),
    "participants": _("Team and shares"),
    "options": _("Versions and their resources"),
    "relations": _("Cannot fly with, needs"),
    "unread": _("What cannot be read yet"),
}
"""The parts of a draft as people call them."""


def compared(differences: dict[str, list[Any]]) -> list[dict[str, str]]:
    """Return what stands and what was typed, part by part, as lines of text."""
    return [
        {"part": str(PARTS[name]), "theirs": spelled(theirs), "yours": spelled(yours)}
        for name, (theirs, yours) in differences.items()
    ]


def spelled(value: Any) -> str:
    """Return a part of a draft (plain JSON) as text, one line per entry."""
    if isinstance(value, bool):
        return gettext("yes") if value else gettext("no")
    if isinstance(value, list):
        return "\n".join(spelled(part) for part in value) or "—"
    if isinstance(value, dict):
        return (
            ", ".join(f"{name}: {spelled(part)}" for name, part in value.items() if part not in (None, "", [], {}))
            or "—"
        )
    return str(value) if value else "—"


def percent(permille: int) -> str:
    """Return thousandths as exact percent digits, ``33.3``."""
    return decimal_text(Fraction(permille, 10))


def partner_names() -> list[str]:
    """Return the bodies that the catalogue knows, to choose from."""
    known = Partner.objects.exclude(kind=PartnerKind.COUNTRY)
    return list(known.order_by("name").values_list("name", flat=True))
