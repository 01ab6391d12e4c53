"""What becomes of an incident: a piece that is missing is looked for, and found or written off."""

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
