"""How a proposal lives."""

from django.db import models
from django.utils.translation import gettext_lazy as _

from moonbridge.cooperation.transitions import Transitions


class State(models.TextChoices):
    """Where a proposal stands. Outcomes (selected, declined ...) belong to the selection, not here."""

    DRAFT = "draft", _("draft")
    SUBMITTED = "submitted", _("submitted")
    WITHDRAWN = "withdrawn", _("withdrawn")
    MERGED = "merged", _("merged into another proposal")


TRANSITIONS = Transitions(
    {
        "submit": (frozenset({State.DRAFT}), State.SUBMITTED),
        "unsubmit": (frozenset({State.SUBMITTED}), State.DRAFT),
        "withdraw": (frozenset({State.DRAFT, State.SUBMITTED}), State.WITHDRAWN),
        "restore": (frozenset({State.WITHDRAWN}), State.DRAFT),
        "merge": (frozenset({State.SUBMITTED}), State.MERGED),
    }
)
