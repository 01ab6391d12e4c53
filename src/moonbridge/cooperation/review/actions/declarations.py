"""Declare that there is no conflict, with a bid, or which conflict there is."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Final
from uuid import UUID

from django.utils.translation import gettext

from moonbridge.accounts.models import User
from moonbridge.cooperation.review.actions.recusals import stand
from moonbridge.cooperation.review.models import Bid, Conflict, Declaration, Ground, Item, Panel, Round, Seat, Source
from moonbridge.cooperation.review.sight import Sight
from moonbridge.cooperation.review.states import RoundState
from moonbridge.errors import InputError, NotAllowed, WrongState
from moonbridge.record.actions import once

GROUNDS: Final = (
    Ground.INSTITUTION, Ground.COAUTHOR, Ground.ADVISER, Ground.FAMILY, Ground.TEAM, Ground.RIVAL, Ground.MONEY, Ground.FUNDING,
    Ground.AGENCY, Ground.OTHER,
)  # fmt: skip
"""The ties that a person can declare; others are found by comparing."""
LONGEST_WORDS: Final = 500


@dataclass(frozen=True, slots=True)
class Answer:
    """What is declared on one item: a ``ground`` of conflict with some words on it, or none and a bid."""

    item: UUID
    ground: Ground | None = None
    words: str = ""
    bid: Bid = Bid.NEUTRAL


def declare(panel: Panel, answers: Sequence[Answer], *, by: User, command: UUID) -> int:
    """Declare on proposals before ``panel``, from one's own seat; all answers or none. Return how many conflicts were declared.

    A declared conflict hides the proposal from the person at once, and ends the reviews of it that they owe or gave; the office alone
    can lift it. Raises :class:`InputError` for an item on which the person is not asked to declare.
    """

    def act() -> int:
        seat = _held_seat(panel, by)
        _require_asked(panel, answers, by)
        ties = [(answer, answer.ground) for answer in answers if answer.ground is not None]
        _promise(seat, [answer for answer in answers if answer.ground is None])
        for answer, ground in ties:
            _tell(answer, ground, by=by)
        return len(ties)

    asked = {"panel": str(panel.pk), "answers": [_as_json(answer) for answer in answers]}
    return once(command, "review.declare", asked, act, by=by)


def _as_json(answer: Answer) -> dict[str, object]:
    return {"item": str(answer.item), "ground": answer.ground, "words": answer.words, "bid": int(answer.bid)}


def _held_seat(panel: Panel, by: User) -> Seat:
    """Lock the round, then the person's seat, and return it; nothing is declared once the review is concluded."""
    round_ = Round.objects.select_for_update(no_key=True).get(pk=panel.round_id)
    seat = Sight(by).seats().filter(panel=panel).select_for_update(no_key=True).first()
    if seat is None:
        raise NotAllowed("This is not yours to do.")
    if round_.state == RoundState.CONCLUDED:
        raise WrongState(gettext("This review is concluded."), state=round_.state)
    return seat


def _require_asked(panel: Panel, answers: Sequence[Answer], by: User) -> None:
    sight, keys = Sight(by), {answer.item for answer in answers}
    known = Item.objects.filter(sight.to_declare() | sight.declared(), panel=panel, pk__in=keys)
    if len(keys) != len(answers) or known.count() != len(keys):
        raise InputError(gettext("This list has changed since you loaded it; load the page again."), field="item")


def _promise(seat: Seat, answers: Iterable[Answer]) -> None:
    """Write that there is no conflict; a declaration that stands keeps its instant and takes the new bid."""
    Declaration.objects.bulk_create(
        [Declaration(seat=seat, item_id=answer.item, bid=answer.bid) for answer in answers],
        update_conflicts=True,
        unique_fields=["seat", "item"],
        update_fields=["bid"],
    )


def _tell(answer: Answer, ground: Ground, *, by: User) -> None:
    """Write a conflict and end what the person had to do with the proposal, in every panel."""
    item = Item.objects.get(pk=answer.item)
    Declaration.objects.filter(item__proposal=item.proposal_id, seat__user=by).delete()
    stand(Conflict(
        proposal_id=item.proposal_id, user=by, source=Source.REVIEWER, ground=ground,
        evidence=" ".join(answer.words.split())[:LONGEST_WORDS], found_by=by,
    ))  # fmt: skip
