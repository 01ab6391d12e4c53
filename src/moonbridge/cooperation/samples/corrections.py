"""Which movements can be taken back at the bench, and what they moved: read by the page as well as by the action."""

from typing import Final

from django.utils.translation import gettext as _

from moonbridge.cooperation.samples.models import Booking, Collection, Parentage, Split
from moonbridge.cooperation.samples.states.ledger import STANDING
from moonbridge.engines.ledger.accounts import AccountKind, AccountName
from moonbridge.engines.ledger.genealogy import Descent
from moonbridge.engines.ledger.movements import MovementKind
from moonbridge.ledger.models import Entry, Movement

AMOUNTS: Final = frozenset({MovementKind.INTAKE, MovementKind.CEDE, MovementKind.CONSUME})
"""Movements from one account to another: a correction can say what they should have moved."""
CORRECTABLE: Final = AMOUNTS | {MovementKind.SPLIT, MovementKind.RECOMBINE}
AT_THE_BENCH: Final = frozenset(
    {AccountKind.ORIGIN, AccountKind.STORE, AccountKind.PREP_LOSS, AccountKind.CEDED, AccountKind.CONSUMED}
)


def legs_of(movement: Movement) -> dict[AccountName, int]:
    """Return what each account gained by a movement, in base units."""
    rows = Entry.objects.filter(movement=movement).values_list("account__kind", "account__label", "amount")
    return {AccountName(AccountKind(kind), label): amount for kind, label, amount in rows}


def piece_of(collection: Collection, movement: Movement) -> Split | None:
    """Return the piece that a movement is about: of those in store the one with the largest share in it."""
    stored = {name.label: abs(amount) for name, amount in legs_of(movement).items() if name.kind is AccountKind.STORE}
    name = max(stored, key=lambda label: stored[label], default="")
    found = Split.objects.filter(collection=collection, name=name)
    return found.select_related("collection__book", "collection__agency").first()


def in_the_way(movement: Movement, split: Split, instead: int | None) -> str:
    """Return in words why a movement cannot be taken back at the bench; nothing where it can."""
    kinds = {name.kind for name in legs_of(movement)}
    lent = (
        "loan" in movement.facts or Parentage.objects.filter(movement=movement, child__lent_as__isnull=False).exists()
    )
    if lent or movement.kind not in CORRECTABLE or not kinds <= AT_THE_BENCH:
        return _("Only what was booked at the bench can be taken back here; a loan is mended by its own steps.")
    if Movement.objects.filter(corrects=movement).exists():
        return _("It was taken back already.")
    if Booking.objects.filter(corrects=movement, state__in=sorted(STANDING)).exists():
        return _("A correction of it waits for a second signature already.")
    renumbered = split.descent.filter(kind=Descent.RENUMBERING).exists()
    if Parentage.objects.filter(movement=movement, kind=Descent.RENUMBERING).exists() or renumbered:
        return _("The piece got another number by it or since; correct the piece under its new number.")
    if instead and movement.kind not in AMOUNTS:
        return _("A division or a mixture is taken back altogether and then made anew.")
    return ""
