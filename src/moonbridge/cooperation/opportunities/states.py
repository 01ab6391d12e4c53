"""How an opportunity lives."""

from django.db import models
from django.utils.translation import gettext_lazy as _

from moonbridge.cooperation.transitions import Transitions


class State(models.TextChoices):
    """Where an opportunity stands."""

    DRAFT = "draft", _("draft")
    OPEN = "open", _("open")
    CLOSED = "closed", _("closed, under review")
    DECIDED = "decided", _("decided")
    CANCELLED = "cancelled", _("cancelled")


PUBLIC = frozenset({State.OPEN, State.CLOSED, State.DECIDED, State.CANCELLED})
"""States in which everybody may see the opportunity."""

TRANSITIONS = Transitions(
    {
        "publish": (frozenset({State.DRAFT}), State.OPEN),
        "close": (frozenset({State.OPEN}), State.CLOSED),
        "reopen": (frozenset({State.CLOSED}), State.OPEN),
        "decide": (frozenset({State.CLOSED}), State.DECIDED),
        "cancel": (frozenset({State.OPEN, State.CLOSED}), State.CANCELLED),
    }
)
