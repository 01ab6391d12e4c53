"""What a piece was made of, how much of each, and under which number it goes now."""

from dataclasses import dataclass
from uuid import UUID

from django.db.models import Exists, OuterRef

from moonbridge.cooperation.samples.models import Parentage, Split
from moonbridge.engines.ledger.accounts import AccountKind
from moonbridge.engines.ledger.genealogy import Descent
from moonbridge.ledger.models import Entry

RENUMBERED = Exists(Parentage.objects.filter(parent=OuterRef("pk"), kind=Descent.RENUMBERING))
"""Whether a piece goes under another number by now."""


@dataclass(frozen=True, slots=True)
class Origin:
    """A piece of which another was made, how, and for a mixture how much of it went in (nanograms)."""

    parent: Split
    kind: Descent
    mass: int | None = None


def made_of(split: Split) -> list[Origin]:
    """Return what a piece was made of, by name; the shares of a mixture are those that the books moved."""
    rows = list(split.parentage.select_related("parent").order_by("parent__name"))
    mixed = [row for row in rows if row.kind == Descent.MIXTURE]
    given = _given(mixed) if mixed else {}
    return [Origin(row.parent, Descent(row.kind), given.get((row.movement_id, row.parent.name))) for row in rows]


def _given(mixed: list[Parentage]) -> dict[tuple[UUID | None, str], int]:
    """Return what each parent gave, by movement and name."""
    entries = Entry.objects.filter(
        movement__in=[row.movement_id for row in mixed], account__kind=AccountKind.STORE, amount__lt=0
    )
    rows = entries.values_list("movement_id", "account__label", "amount")
    return {(movement, name): -amount for movement, name, amount in rows}


def called_now(split: Split) -> Split | None:
    """Return the piece that this one became when it got another number; None where it kept its own."""
    row = split.descent.filter(kind=Descent.RENUMBERING).select_related("child").order_by("-pk").first()
    return row.child if row else None


def selves(split: Split) -> list[Split]:
    """Return a piece and what it was under its former numbers, the newest first: pictures and publications belong to all of them."""
    found = [split]
    while row := found[-1].parentage.filter(kind=Descent.RENUMBERING).select_related("parent").first():
        found.append(row.parent)
    return found
