"""How a decision lives, and what can come of a proposal."""

from django.db import models
from django.utils.translation import gettext_lazy as _

from moonbridge.cooperation.transitions import Transitions


class State(models.TextChoices):
    """Where a decision stands."""

    DRAFT = "draft", _("draft")
    PUBLISHED = "published", _("published")


TRANSITIONS = Transitions({"publish": (frozenset({State.DRAFT}), State.PUBLISHED)})


class OutcomeKind(models.TextChoices):
    """What came of a proposal."""

    SELECTED = "selected", _("selected")
    CONDITIONAL = "conditional", _("selected with a condition")
    MERGED = "merged", _("merged into another proposal")
    RESERVE = "reserve", _("on the reserve list")
    DECLINED = "declined", _("declined")
    WITHDRAWN = "withdrawn", _("withdrawn")
    LOST = "lost", _("lost after selection")


FLYING = frozenset({OutcomeKind.SELECTED, OutcomeKind.CONDITIONAL})
"""Outcomes that hold a place and use the envelope."""


class SolveState(models.TextChoices):
    """Where a run of the solver stands."""

    RUNNING = "running", _("running")
    DONE = "done", _("done")
    CANCELLED = "cancelled", _("cancelled")
    FAILED = "failed", _("failed")


SOLVES = Transitions(
    {
        "finish": (frozenset({SolveState.RUNNING}), SolveState.DONE),
        "cancel": (frozenset({SolveState.RUNNING}), SolveState.CANCELLED),
        "fail": (frozenset({SolveState.RUNNING}), SolveState.FAILED),
    }
)

OUTCOMES = Transitions(
    {
        "lose": (FLYING, OutcomeKind.LOST),
        "fulfil": (frozenset({OutcomeKind.CONDITIONAL}), OutcomeKind.SELECTED),
        "call up": (frozenset({OutcomeKind.RESERVE}), OutcomeKind.SELECTED),
    }
)
