"""Let somebody step back from a review, at any time, and have a replacement proposed."""

from collections.abc import Collection
from dataclasses import dataclass
from uuid import UUID

from django.utils.translation import gettext as _

from moonbridge.accounts.models import User
from moonbridge.cooperation.review import notices
from moonbridge.cooperation.review.actions.holding import (
    ASSIGNING,
    held_assigning,
    held_panel,
    held_review,
    require_seen,
)
from moonbridge.cooperation.review.aims import Aim, Asked
from moonbridge.cooperation.review.models import Allocation, Conflict, Ground, Item, Panel, Review, Source
from moonbridge.cooperation.review.sight import Sight
from moonbridge.cooperation.review.states import ACTIVE, ALLOCATION, REVIEW, AllocationState, ReviewState
from moonbridge.errors import InputError, NotAllowed
from moonbridge.record.actions import once


@dataclass(frozen=True, slots=True)
class Tie:
    """The conflict that somebody names: its kind and, in a few words, what it rests on."""

    ground: Ground
    evidence: str = ""


def recuse(review: Review, *, reason: str, by: User, command: UUID, tie: Tie | None = None) -> Review:
    """End a review that its author steps back from, or that the office or the secretary takes from them.

    With ``tie`` a conflict is kept, which hides the proposal from the reviewer. A replacement is proposed as the least change, with
    reserves allowed; the office or the secretary adopts it. What was written stays, for the office alone, and no longer counts.
    """
    said = _reason(reason)

    def act() -> str:
        return _recused(review, said, tie, by)

    return Review.objects.get(pk=once(command, "review.recuse", _asked(review.pk, said, tie), act, by=by))


def recuse_named(key: UUID, *, reason: str, by: User, command: UUID, tie: Tie | None = None) -> UUID:
    """Do what :func:`recuse` does with the review of this id, if it is one of those that ``by`` may know of, and return the id.

    The command is known again although its own conflict hides the review: sent twice, it is answered twice.
    """
    said = _reason(reason)

    def act() -> str:
        known = Review.objects.filter(Sight(by).own() | Sight(by).managed("item__"), pk=key)
        found = known.select_related("item__panel").first()
        if found is None:
            raise NotAllowed("There is no such review.")
        return _recused(found, said, tie, by)

    return UUID(once(command, "review.recuse", _asked(key, said, tie), act, by=by))


def _reason(text: str) -> str:
    if not (said := " ".join(text.split())):
        raise InputError(_("Write down why, in a few words."), field="reason")
    return said


def _asked(key: UUID, reason: str, tie: Tie | None) -> dict[str, str | None]:
    return {
        "review": str(key), "reason": reason, "ground": tie.ground.value if tie else None, "evidence": tie.evidence if tie else None,
    }  # fmt: skip


def _recused(review: Review, reason: str, tie: Tie | None, by: User) -> str:
    held_assigning(review.item.panel.round_id)
    held = _theirs(review, by)
    end(held, because=reason)
    if tie is not None:
        _keep(held, tie, by)
    propose_replacement(held.item)
    return str(held.pk)


def _theirs(review: Review, by: User) -> Review:
    """Return the locked review, if it is the person's own or one that they may know of in a panel that they steer."""
    held = held_review(review)
    if held.seat.user_id != by.pk:
        held_panel(held.item.panel, by)
        require_seen(held.item, by)
    return held


def end(review: Review, *, because: str) -> None:
    """Write down that a locked review ended by recusal; the caller holds the lock."""
    review.state = ReviewState(REVIEW.after("recuse", review.state))
    review.ended_because, review.version = because[:500], review.version + 1
    review.save(update_fields=["state", "ended_because", "version"])


def _keep(review: Review, tie: Tie, by: User) -> None:
    source = Source.REVIEWER if review.seat.user_id == by.pk else Source.OFFICE
    stand(Conflict(
        proposal_id=review.item.proposal_id, user_id=review.seat.user_id, source=source, ground=tie.ground,
        evidence=" ".join(tie.evidence.split())[:500], found_by=by,
    ))  # fmt: skip


def stand(conflict: Conflict) -> Conflict:
    """Let a conflict stand, one for each reason: a lifted one with the same reason stands again.

    Every active review of the person on the proposal ends at once, in all panels, and a replacement is proposed for each. The caller
    holds the lock on the round.
    """
    key = {name: getattr(conflict, name) for name in ("proposal_id", "user_id", "source", "ground", "evidence")}
    fresh = {"found_by": conflict.found_by, "certain": conflict.certain}
    settled = {"standing": True, "lifted_by": None, "lifted_at": None, "lifted_because": ""}
    active = Review.objects.filter(item__proposal=conflict.proposal_id, seat__user=conflict.user_id)
    for review in active.filter(state__in=sorted(ACTIVE)).order_by("pk"):
        held = held_review(review)
        end(held, because=str(_("a conflict of interest")))
        propose_replacement(held.item)
    kept, _made = Conflict.objects.update_or_create(**key, defaults=settled, create_defaults=fresh | settled)
    return kept


def propose_replacement(*items: Item) -> Allocation | None:
    """Have replacements worked out for items of one panel that lack a reviewer now, all of them together.

    An earlier proposal of that kind for any of them is dropped, and what it was for is taken in. Once the marks are locked nobody could
    write any more: nothing is proposed then.
    """
    if not Panel.objects.filter(pk=items[0].panel_id, round__state__in=sorted(ASSIGNING)).exists():
        return None
    wanted = {item.pk: item for item in items} | _dropped(items)
    lacking = [item for item in wanted.values() if _lacks_reviewer(item)]
    if not lacking:
        return None
    made = Allocation.objects.create(panel_id=items[0].panel_id, asked=Asked(Aim.REPLACE, reserves=True).kept())
    made.items.set(lacking)
    notices.begin(made)
    return made


def _dropped(items: Collection[Item]) -> dict[UUID, Item]:
    """Drop the replacements that are proposed for any of these items, and return all items for which they were."""
    open_ones = Allocation.objects.filter(
        items__in=items, asked__aim=Aim.REPLACE, state__in=[AllocationState.RUNNING, AllocationState.PROPOSED]
    )
    found: dict[UUID, Item] = {}
    for one in Allocation.objects.select_for_update().filter(pk__in=open_ones.values("pk")).order_by("pk"):
        verb = "cancel" if one.state == AllocationState.RUNNING else "drop"
        one.state = AllocationState(ALLOCATION.after(verb, one.state))
        one.save(update_fields=["state"])
        found |= {item.pk: item for item in one.items.select_related("panel")}
    return found


def _lacks_reviewer(item: Item) -> bool:
    active = item.reviews.filter(state__in=sorted(ACTIVE)).count()
    return item.panel.distributed or active < (item.panel.demand if item.demand is None else item.demand)
