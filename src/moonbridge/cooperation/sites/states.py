"""How a study lives."""

from django.db import models
from django.utils.translation import gettext_lazy as _

from moonbridge.cooperation.transitions import Transitions


class State(models.TextChoices):
    """Where a study stands."""

    RUNNING = "running", _("running")
    DONE = "done", _("done")
    CANCELLED = "cancelled", _("cancelled")
    FAILED = "failed", _("failed")


TRANSITIONS = Transitions(
    {
        "finish": (frozenset({State.RUNNING}), State.DONE),
        "cancel": (frozenset({State.RUNNING}), State.CANCELLED),
        "fail": (frozenset({State.RUNNING}), State.FAILED),
    }
)
