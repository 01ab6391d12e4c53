"""Lock what an action changes, in one order for all: round, allocation, review."""

from uuid import UUID

from django.utils.translation import gettext as _

from moonbridge.accounts.models import User
from moonbridge.cooperation.opportunities.states import State
from moonbridge.cooperation.review.models import STEERING, Item, Panel, Review, Round
from moonbridge.cooperation.review.reach import panels_run
from moonbridge.cooperation.review.sight import Sight
from moonbridge.cooperation.review.states import RoundState
from moonbridge.errors import NotAllowed, WrongState

ASSIGNING = frozenset({RoundState.PREPARING, RoundState.DECLARING, RoundState.REVIEWING, RoundState.DISCUSSING})
"""States of a round in which reviews are given out and taken back."""


def may_settle(round_: Round) -> bool:
    """Return whether conflicts of a round still change: until it is concluded, and after that until the decision.

    A conflict is settled although the marks are locked, since the hand-over waits for it; then it only takes reviews away.
    """
    return round_.state != RoundState.CONCLUDED or round_.opportunity.state == State.CLOSED


def held_round(key: UUID) -> Round:
    """Lock a round whose conflicts still change and return it as it stands now."""
    found = Round.objects.select_for_update(of=("self",), no_key=True).select_related("opportunity__agency").get(pk=key)
    if not may_settle(found):
        raise WrongState(_("Conflicts are settled until the decision."), state=found.state)
    return found


def held_assigning(key: UUID) -> Round:
    """Lock a round in which reviews are given out and return it as it stands now."""
    found = held_round(key)
    if found.state not in ASSIGNING:
        raise WrongState(_("Reviews are given out and taken back until the marks are locked."), state=found.state)
    return found


def held_panel(panel: Panel, by: User) -> Panel:
    """Lock the round of a panel in which reviews are given out and return the panel, for its office or its secretary alone."""
    held_assigning(panel.round_id)
    found = panels_run(by, STEERING).filter(pk=panel.pk).select_related("round__opportunity__agency").first()
    if found is None:
        raise NotAllowed("Only the office and the panel's secretary assign reviews and settle conflicts.")
    return found


def require_seen(item: Item, by: User) -> None:
    """Refuse an item that ``by`` must not know, exactly as one that is not there."""
    if not Item.objects.filter(Sight(by).managed(), pk=item.pk).exists():
        raise Item.DoesNotExist("Item matching query does not exist.")


def held_review(review: Review) -> Review:
    """Lock a review and return it as it stands now; its round is locked before."""
    return Review.objects.select_for_update(of=("self",)).select_related("seat__user", "item__panel").get(pk=review.pk)
