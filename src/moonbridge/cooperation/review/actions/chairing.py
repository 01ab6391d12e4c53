"""Order a panel's discussion, leave items out of it, give a review back to its author. For chair, secretary and office."""

from collections.abc import Iterable
from enum import StrEnum
from typing import Final
from uuid import UUID

from django.db import connection
from django.utils.translation import gettext

from moonbridge.accounts.models import User
from moonbridge.cooperation.review import notices
from moonbridge.cooperation.review.boards import Board, Line, panels_managed_by
from moonbridge.cooperation.review.models import Item, Panel, Review
from moonbridge.cooperation.review.sight import Sight
from moonbridge.cooperation.review.sorting import BY, ordered
from moonbridge.cooperation.review.states import REVIEW, ItemState, ReviewState, RoundState
from moonbridge.cooperation.review.writing import locked
from moonbridge.errors import InputError, NotAllowed, Stale, WrongState
from moonbridge.record.actions import append, once

_LOCK: Final = """
SELECT 1 FROM review_round AS o JOIN review_panel AS p ON p.round_id = o.id WHERE p.id = %s FOR SHARE OF o FOR NO KEY UPDATE OF p
"""
"""Those who run a panel wait for each other; the round takes no step meanwhile, and its other panels go on."""


class Order(StrEnum):
    """In which order a panel discusses: the best first, the most disputed first, or by code."""

    MEAN = "-mean"
    SPREAD = "-spread"
    CODE = "code"


def arrange(panel: Panel, order: Order, *, by: User, command: UUID) -> None:
    """Put the items that ``by`` sees into this order; those that ``by`` does not see keep their places between them."""

    def act() -> None:
        held = held_panel(panel, by)
        _number(held, [line.key for line in ordered(_discussed(held, by), order, BY)])
        facts = {"panel": str(held.pk), "order": order.value}
        call = held.round.opportunity
        append("order discussion", call.address, facts, agency=call.agency.slug, by=by)

    once(command, "review.arrange", {"panel": str(panel.pk), "order": order.value}, act, by=by)


def place(item: Item, number: int, *, by: User, command: UUID) -> None:
    """Move an item to this place, counted from 1 over the items that ``by`` sees; beyond the last is the last."""

    def act() -> None:
        held = held_item(item, by)
        keys = [line.key for line in _discussed(held.panel, by)]
        if held.pk not in keys:
            raise WrongState(gettext("An item that is not discussed has no place in the order."))
        keys.remove(held.pk)
        keys.insert(max(0, number - 1), held.pk)
        _number(held.panel, keys)

    once(command, "review.place", {"item": str(item.pk), "place": number}, act, by=by)


def _discussed(panel: Panel, by: User) -> list[Line]:
    return [line for line in Board(by, panel).lines if line.place is not None]


def _number(panel: Panel, keys: Iterable[UUID]) -> None:
    """Give the items ``keys``, in their order, the places that they had together; all others of the panel stay where they are."""
    wanted = list(keys)
    moving, rest = set(wanted), iter(wanted)
    rows = Item.objects.select_for_update(of=("self",), no_key=True).filter(panel=panel)
    items = {item.pk: item for item in rows.order_by("position", "proposal__code")}
    changed = []
    for number, key in enumerate([next(rest) if key in moving else key for key in items], start=1):
        if items[key].position != number:
            items[key].position = number
            changed.append(items[key])
    Item.objects.bulk_update(changed, ["position"])


def leave_out(item: Item, because: str, *, by: User, command: UUID) -> None:
    """Say that the panel does not discuss an item, and why; its reviews count as they are."""
    reason = because.strip()

    def act() -> None:
        held = held_item(item, by)
        if not reason:
            raise InputError(gettext("Say why the panel does not discuss it."), field="because")
        if held.state != ItemState.WAITING:
            raise WrongState(gettext("Only an item that waits can be left out of the discussion."), state=held.state)
        held.left_out_because = reason
        held.save(update_fields=["left_out_because"])

    once(command, "review.leave-out", {"item": str(item.pk), "because": reason}, act, by=by)


def bring_back(item: Item, *, by: User, command: UUID) -> None:
    """Let the panel discuss an item after all."""

    def act() -> None:
        held = held_item(item, by)
        held.left_out_because = ""
        held.save(update_fields=["left_out_because"])

    once(command, "review.bring-back", {"item": str(item.pk)}, act, by=by)


def give_back(review: Review, reason: str, *, version: int, by: User, command: UUID) -> None:
    """Reopen a submitted review, so that its author changes it and submits again; the author is told why by mail.

    ``version`` is that of the review that ``by`` has read.
    """

    def act() -> None:
        held_item(review.item, by)
        kept = Review.objects.select_for_update(of=("self",)).select_related("item__panel__round").get(pk=review.pk)
        if why := locked(kept):
            raise WrongState(why, state=kept.item.panel.round.state)
        state = REVIEW.after("reopen", kept.state)
        if kept.version != version:
            raise Stale(gettext("This review was changed since you read it."), read=version, now=kept.version)
        kept.state, kept.submitted_at = ReviewState(state), None
        kept.save(update_fields=["state", "submitted_at"])
        notices.given_back(kept, reason)

    asked = {"review": str(review.pk), "reason": reason, "version": version}
    once(command, "review.give-back", asked, act, by=by)


def held_panel(panel: Panel, by: User) -> Panel:
    """Lock a panel that ``by`` runs and return it as it stands now; nothing of it changes once the review is concluded."""
    with connection.cursor() as cursor:
        cursor.execute(_LOCK, [panel.pk])
    found = panels_managed_by(by).filter(pk=panel.pk).first()
    if found is None:
        raise NotAllowed("Only those who run a panel do this.")
    if found.round.state == RoundState.CONCLUDED:
        raise WrongState(gettext("This review is concluded."), state=found.round.state)
    return found


def held_item(item: Item, by: User) -> Item:
    """Lock an item, its panel first, and return it as it stands now; one that ``by`` does not see answers as if there were none."""
    panel = held_panel(item.panel, by)
    rows = Item.objects.select_for_update(of=("self",), no_key=True).select_related("proposal")
    found = rows.filter(Sight(by).managed(), pk=item.pk, panel=panel).first()
    if found is None:
        raise NotAllowed("There is no such item.")
    found.panel = panel
    return found
