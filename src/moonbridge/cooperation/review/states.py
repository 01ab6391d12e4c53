"""How a review lives: the round of an opportunity, each review in it, and each item of a panel's meeting."""

from django.db import models
from django.utils.translation import gettext_lazy as _

from moonbridge.cooperation.transitions import Transitions


class RoundState(models.TextChoices):
    """Where the review of an opportunity stands."""

    PREPARING = "preparing", _("being prepared")
    DECLARING = "declaring", _("conflicts and bids")
    REVIEWING = "reviewing", _("reviews are written")
    DISCUSSING = "discussing", _("panels discuss")
    CHECKING = "checking", _("sealed parts are open")
    CONCLUDED = "concluded", _("concluded")


WRITING = frozenset({RoundState.REVIEWING, RoundState.DISCUSSING})
"""States in which reviews are written and changed. In CHECKING the marks are locked, since the sealed parts are open."""
TALKING = frozenset({RoundState.DISCUSSING, RoundState.CHECKING, RoundState.CONCLUDED})
"""States in which the members of a panel see each other's submitted reviews."""
MEETING = frozenset({RoundState.DISCUSSING, RoundState.CHECKING})
"""States in which panels meet: items are opened and closed, remarks made, and consensus recorded."""
UNSEALED = frozenset({RoundState.CHECKING, RoundState.CONCLUDED})
"""States in which those who judge see who proposed and the sealed part, where the call is dual-anonymous."""

ROUND = Transitions(
    {
        "ask": (frozenset({RoundState.PREPARING}), RoundState.DECLARING),
        "start": (frozenset({RoundState.PREPARING, RoundState.DECLARING}), RoundState.REVIEWING),
        "discuss": (frozenset({RoundState.REVIEWING}), RoundState.DISCUSSING),
        "resume": (frozenset({RoundState.DISCUSSING}), RoundState.REVIEWING),
        "unseal": (frozenset({RoundState.REVIEWING, RoundState.DISCUSSING}), RoundState.CHECKING),
        "conclude": (
            frozenset({RoundState.REVIEWING, RoundState.DISCUSSING, RoundState.CHECKING}),
            RoundState.CONCLUDED,
        ),
    }
)


class ReviewState(models.TextChoices):
    """Where one review stands."""

    ASSIGNED = "assigned", _("assigned")
    DRAFT = "draft", _("begun")
    SUBMITTED = "submitted", _("submitted")
    RECUSED = "recused", _("recused")
    RELEASED = "released", _("taken back")


ACTIVE = frozenset({ReviewState.ASSIGNED, ReviewState.DRAFT, ReviewState.SUBMITTED})
"""States of a review that somebody owes or has given. The database lets nobody with a standing conflict hold one."""
DUE = frozenset({ReviewState.ASSIGNED, ReviewState.DRAFT})
OVER = frozenset({ReviewState.RECUSED, ReviewState.RELEASED})

REVIEW = Transitions(
    {
        "write": (frozenset({ReviewState.ASSIGNED, ReviewState.DRAFT}), ReviewState.DRAFT),
        "submit": (frozenset({ReviewState.ASSIGNED, ReviewState.DRAFT}), ReviewState.SUBMITTED),
        "reopen": (frozenset({ReviewState.SUBMITTED}), ReviewState.DRAFT),
        "recuse": (ACTIVE, ReviewState.RECUSED),
        "release": (DUE, ReviewState.RELEASED),
        "assign again": (OVER, ReviewState.ASSIGNED),
    }
)


class ItemState(models.TextChoices):
    """Where an item of a panel's meeting stands."""

    WAITING = "waiting", _("waiting")
    OPEN = "open", _("being discussed")
    CLOSED = "closed", _("discussed")


ITEM = Transitions(
    {
        "open": (frozenset({ItemState.WAITING, ItemState.CLOSED}), ItemState.OPEN),
        "set aside": (frozenset({ItemState.OPEN}), ItemState.WAITING),
        "close": (frozenset({ItemState.OPEN}), ItemState.CLOSED),
    }
)


class AllocationState(models.TextChoices):
    """Where a proposed assignment stands."""

    RUNNING = "running", _("being computed")
    PROPOSED = "proposed", _("proposed")
    IMPOSSIBLE = "impossible", _("impossible")
    CANCELLED = "cancelled", _("cancelled")
    ADOPTED = "adopted", _("adopted")
    DROPPED = "dropped", _("dropped")


ALLOCATION = Transitions(
    {
        "propose": (frozenset({AllocationState.RUNNING}), AllocationState.PROPOSED),
        "fail": (frozenset({AllocationState.RUNNING}), AllocationState.IMPOSSIBLE),
        "cancel": (frozenset({AllocationState.RUNNING}), AllocationState.CANCELLED),
        "adopt": (frozenset({AllocationState.PROPOSED}), AllocationState.ADOPTED),
        "drop": (frozenset({AllocationState.PROPOSED}), AllocationState.DROPPED),
    }
)


class SearchState(models.TextChoices):
    """Where a search for conflicts stands."""

    RUNNING = "running", _("being searched")
    FOUND = "found", _("searched")
    FAILED = "failed", _("broken off")
    CANCELLED = "cancelled", _("cancelled")


SEARCH = Transitions(
    {
        "finish": (frozenset({SearchState.RUNNING}), SearchState.FOUND),
        "fail": (frozenset({SearchState.RUNNING}), SearchState.FAILED),
        "cancel": (frozenset({SearchState.RUNNING}), SearchState.CANCELLED),
    }
)
