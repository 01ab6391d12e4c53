"""What becomes of a piece that is missing, of a weighing that the books do not agree with, and of what waits for a second signature."""

from typing import Final

from django.db.models import TextChoices
from django.utils.translation import gettext_lazy as _

from moonbridge.cooperation.transitions import Transitions


class IncidentState(TextChoices):
    """How far the search for a missing piece is."""

    OPEN = "open", _("open")
    INVESTIGATED = "investigated", _("under investigation")
    FOUND = "found", _("found")
    WRITTEN_OFF = "written-off", _("written off")


INCIDENTS: Final = Transitions(
    {
        "investigate": (frozenset({IncidentState.OPEN}), IncidentState.INVESTIGATED),
        "find": (
            frozenset({IncidentState.OPEN, IncidentState.INVESTIGATED, IncidentState.WRITTEN_OFF}),
            IncidentState.FOUND,
        ),
        "write off": (frozenset({IncidentState.INVESTIGATED}), IncidentState.WRITTEN_OFF),
    }
)
"""Even what was written off may turn up again."""


class ReweighingState(TextChoices):
    """How far the books and a new weighing are brought together."""

    OPEN = "open", _("nobody has signed yet")
    SIGNED = "signed", _("a second officer has to sign")
    SETTLED = "settled", _("the books say what was weighed")
    SUPERSEDED = "superseded", _("weighed again since")


UNSETTLED: Final = frozenset({ReweighingState.OPEN, ReweighingState.SIGNED})
"""States of a new weighing for which somebody has to sign yet."""
REWEIGHINGS: Final = Transitions(
    {
        "sign": (frozenset({ReweighingState.OPEN}), ReweighingState.SIGNED),
        "settle": (UNSETTLED, ReweighingState.SETTLED),
        "supersede": (UNSETTLED, ReweighingState.SUPERSEDED),
    }
)
"""Who weighs again starts anew: what was signed for the weighing before counts no more."""


class BookingKind(TextChoices):
    """What officers book by their signatures."""

    CEDE = "cede", _("given away for good")
    CONSUME = "consume", _("used up in house")
    CORRECT = "correct", _("correction")


class BookingState(TextChoices):
    """How far it is."""

    SIGNED = "signed", _("a second officer has to sign")
    BOOKED = "booked", _("booked")
    DROPPED = "dropped", _("given up")


STANDING: Final = frozenset({BookingState.SIGNED, BookingState.BOOKED})
BOOKINGS: Final = Transitions(
    {
        "book": (frozenset({BookingState.SIGNED}), BookingState.BOOKED),
        "drop": (frozenset({BookingState.SIGNED}), BookingState.DROPPED),
    }
)
"""What was booked is never given up; it is taken back by a correction."""
