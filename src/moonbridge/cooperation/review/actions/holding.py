"""Lock what an action changes, in one order for all: round, allocation, review."""

from uuid import UUID

from moonbridge.accounts.models import User
from moonbridge.cooperation.review.models import STEERING, Item, Panel, Review, Round
from moonbridge.cooperation.review.reach import panels_run
from moonbridge.cooperation.review.sight import Sight
from moonbridge.cooperation.review.states import RoundState
from moonbridge.errors import NotAllowed, WrongState

ASSIGNING = frozenset({RoundState.PREPARING, RoundState.DECLARING, RoundState.REVIEWING, RoundState.DISCUSSING})
"""States of a round in which reviews are given out and taken back."""


def held_round(key: UUID) -> Round:
    """Lock a round that is not over yet and return it as it stands now."""
    found = Round.objects.select_for_update(of=("self",), no_key=True).select_related("opportunity__agency").get(pk=key)
    if found.state not in ASSIGNING:
        raise WrongState("Conflicts and assignments change until the marks are locked.", state=found.state)
    return found


def held_panel(panel: Panel, by: User) -> Panel:
    """Lock the round of a panel and return the panel, for its office or its secretary alone."""
    held_round(panel.round_id)
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
