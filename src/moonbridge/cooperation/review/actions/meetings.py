"""A panel's meeting: items are opened, set aside and closed, remarks are made, and what the panel agrees on is recorded."""

from dataclasses import asdict, dataclass
from typing import Final
from uuid import UUID

from django.utils.translation import gettext

from moonbridge.accounts.models import User
from moonbridge.cooperation.review.actions.chairing import held_item
from moonbridge.cooperation.review.models import Item, Panel, Remark
from moonbridge.cooperation.review.sight import Sight
from moonbridge.cooperation.review.states import ITEM, MEETING, ItemState
from moonbridge.errors import InputError, NotAllowed, Stale, WrongState
from moonbridge.record.actions import once
from moonbridge.record.queries import database_now

LONGEST_REMARK: Final = 4000


@dataclass(frozen=True, slots=True)
class Said:
    """What the panel says of an item: its consensus, its comment to the team, and what stays confidential."""

    consensus: str = ""
    to_team: str = ""
    confidential: str = ""


def said_of(item: Item) -> Said:
    """Return what the panel has said of an item so far."""
    return Said(item.consensus, item.to_team, item.confidential)


def open_item(item: Item, *, instead_of: UUID | None, by: User, command: UUID) -> None:
    """Let the panel discuss an item; the one that was open is set aside.

    ``instead_of`` is the item that ``by`` saw open, or None. Raises :class:`Stale` if ``by`` would see another one by now. One that
    ``by`` may not see is set aside without a word: a refusal would tell that it is being discussed.
    """

    def act() -> None:
        held = held_item(item, by)
        _require_meeting(held.panel)
        if held.left_out_because:
            raise WrongState(gettext("This item was left out of the discussion; bring it back first."))
        state = ITEM.after("open", held.state)
        opened = Item.objects.select_for_update(of=("self",), no_key=True).filter(
            panel=held.panel, state=ItemState.OPEN
        )
        seen = opened.filter(Sight(by).managed()).select_related("proposal").first()
        if seen is not None and seen.pk != instead_of:
            raise Stale(gettext("%(code)s was opened meanwhile.") % {"code": seen.proposal.code})
        opened.update(state=ITEM.after("set aside", ItemState.OPEN))
        held.state, held.opened_at, held.closed_at = ItemState(state), database_now(), None
        held.save(update_fields=["state", "opened_at", "closed_at"])

    asked = {"item": str(item.pk), "instead of": str(instead_of) if instead_of else None}
    once(command, "review.open-item", asked, act, by=by)


def set_aside(item: Item, *, by: User, command: UUID) -> None:
    """Interrupt the discussion of an item; it waits again."""

    def act() -> None:
        held = held_item(item, by)
        _require_meeting(held.panel)
        held.state = ItemState(ITEM.after("set aside", held.state))
        held.save(update_fields=["state"])

    once(command, "review.set-aside", {"item": str(item.pk)}, act, by=by)


def close(item: Item, *, by: User, command: UUID) -> None:
    """End the discussion of an item; its reviews do not change any more unless it is opened again."""

    def act() -> None:
        held = held_item(item, by)
        _require_meeting(held.panel)
        held.state, held.closed_at = ItemState(ITEM.after("close", held.state)), database_now()
        held.save(update_fields=["state", "closed_at"])

    once(command, "review.close-item", {"item": str(item.pk)}, act, by=by)


def record(item: Item, said: Said, *, version: int, by: User, command: UUID) -> None:
    """Record what the panel agreed on, if it is still in the ``version`` that the writer has read; else raise :class:`Stale`."""

    def act() -> None:
        held = held_item(item, by)
        _require_meeting(held.panel)
        if said == said_of(held):
            return
        if held.version != version:
            raise Stale(
                gettext("Somebody else wrote here since you read it; nothing was overwritten."),
                read=version,
                now=held.version,
            )
        held.consensus, held.to_team, held.confidential = said.consensus, said.to_team, said.confidential
        held.recorded_by, held.version = by, held.version + 1
        held.save(update_fields=["consensus", "to_team", "confidential", "recorded_by", "version"])

    once(command, "review.record", {"item": str(item.pk), "said": asdict(said), "version": version}, act, by=by)


def remark(item: Item, text: str, *, by: User, command: UUID) -> None:
    """Say something about an item in the panel's own thread; it stays as it is said."""
    words = text.strip()

    def act() -> None:
        found = Item.objects.filter(Sight(by).thread(), pk=item.pk).select_related("panel__round").first()
        if found is None:
            raise NotAllowed("There is no such item.")
        _require_meeting(found.panel)
        if not 0 < len(words) <= LONGEST_REMARK:
            raise InputError(gettext("Write a remark of at most 4,000 characters."), field="text")
        Remark.objects.create(item=found, by=by, text=words)

    once(command, "review.remark", {"item": str(item.pk), "text": words}, act, by=by)


def _require_meeting(panel: Panel) -> None:
    if panel.round.state not in MEETING:
        raise WrongState(gettext("The panels do not meet now."), state=panel.round.state)
