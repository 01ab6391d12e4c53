"""Have an assignment worked out, adopt or drop it, and change single pairs by hand."""

import time
from collections.abc import Callable
from typing import Any, Final
from uuid import UUID

from django.db import transaction
from django.db.models import F
from django.db.models.functions import Now
from django.utils.translation import gettext as _

from moonbridge.accounts.models import User
from moonbridge.cooperation.review import notices
from moonbridge.cooperation.review.actions.holding import held_panel, held_review, held_round, require_seen
from moonbridge.cooperation.review.aims import CHOSEN, Aim, Asked, Pair
from moonbridge.cooperation.review.inputs import Inputs, gathered
from moonbridge.cooperation.review.models import JUDGING, Allocation, Conflict, Item, Panel, Review, Seat
from moonbridge.cooperation.review.people import members_among
from moonbridge.cooperation.review.problem import kept, problem, solved
from moonbridge.cooperation.review.reach import allocations_visible_to, items_managed
from moonbridge.cooperation.review.states import ACTIVE, ALLOCATION, REVIEW, AllocationState, ReviewState
from moonbridge.engines.reviewing.assignment import Effort
from moonbridge.errors import Cancelled, Infeasible, InputError, MoonbridgeError, Refused, Stale, WrongState
from moonbridge.record.actions import append, once
from moonbridge.record.queries import database_now

AT_ONCE: Final = 20_000
"""Pairs of a proposal and a reviewer that are assigned while a page waits; what is larger is a job from the start."""
LATER: Final = 20
"""Seconds after which a job looks whether what was tried at once is finished."""
_ASKING: Final = 0.5
"""Seconds between two looks whether somebody cancelled."""


def ask(panel: Panel, asked: Asked, *, by: User, command: UUID) -> Allocation:
    """Ask for an assignment of all items of ``panel`` that ``by`` may know; a small one is there at once, a large one is a job.

    Raises :class:`InputError` for an aim or a cap that is none and for a pair that must be and must not.
    """
    fresh: list[Allocation] = []

    def act() -> str:
        held = held_panel(panel, by)
        if asked.aim not in CHOSEN:
            raise InputError(_("Choose what the assignment is to make as great as possible."), field="aim")
        if held.allocations.filter(made_by=by, state=AllocationState.RUNNING).exists():
            raise Refused(_("An assignment is being worked out already; wait for it or cancel it."))
        items = list(items_managed(by, held))
        if not items:
            raise Refused(_("There is nothing to assign here."))
        made = Allocation.objects.create(panel=held, asked=asked.kept(), made_by=by)
        made.items.set(items)
        small = len(items) * held.seats.count() <= AT_ONCE
        notices.begin(made, after=LATER if small else 0)
        if small:
            fresh.append(made)
        return str(made.pk)

    content = {"panel": str(panel.pk)} | asked.kept()
    key = once(command, "review.assign", content, act, by=by)
    for made in fresh:
        carry_out(made)
    return Allocation.objects.get(pk=key)


def carry_out(allocation: Allocation) -> None:
    """Work an assignment out; one that is finished or cancelled is left alone, and one that is cancelled meanwhile stops."""
    if _is_over(allocation):
        return
    effort = Effort(progress=_telling(allocation), cancelled=_asking(allocation))
    inputs = _inputs(allocation)
    try:
        try:
            answer = _answer(inputs, allocation, effort)
        except Infeasible:
            if Asked.read(allocation.asked).aim != Aim.REPLACE or inputs.whole:
                raise
            inputs = _widened(allocation)
            answer = _answer(inputs, allocation, effort)
    except Cancelled:
        return
    except MoonbridgeError as error:
        _end(allocation, "fail", {"refusal": error.as_dict()} | _named(inputs, error), inputs)
    else:
        _end(allocation, "propose", answer, inputs)


def _inputs(allocation: Allocation) -> Inputs:
    return gathered(allocation.panel, allocation.items.all(), reserves=Asked.read(allocation.asked).reserves)


def _widened(allocation: Allocation) -> Inputs:
    """Let other items change reviewers too, since nobody who is free may step in."""
    allocation.items.set(allocation.panel.items.all())
    return _inputs(allocation)


def _answer(inputs: Inputs, allocation: Allocation, effort: Effort) -> dict[str, Any]:
    asked = problem(inputs, Asked.read(allocation.asked))
    return kept(asked, solved(asked, effort))


def _named(inputs: Inputs, error: MoonbridgeError) -> dict[str, list[str]]:
    """Return the items and seats of which an explanation speaks, so that a page can lead to them."""
    asked = error.numbers.get("requirements", [])
    codes = {one["proposal"] for one in asked if "proposal" in one}
    labels = {one["reviewer"] for one in asked if "reviewer" in one}
    return {
        "items": [str(item.pk) for item in inputs.items if item.proposal.code in codes],
        "seats": [str(seat.pk) for seat in inputs.seats if seat.label in labels],
    }


def _is_over(allocation: Allocation) -> bool:
    return not Allocation.objects.filter(pk=allocation.pk, state=AllocationState.RUNNING).exists()


def _asking(allocation: Allocation) -> Callable[[], bool]:
    """Return whether the work is over, asked of the database twice a second at most."""
    asked_at = time.monotonic()

    def over() -> bool:
        nonlocal asked_at
        if time.monotonic() - asked_at < _ASKING:
            return False
        asked_at = time.monotonic()
        return _is_over(allocation)

    return over


def _telling(allocation: Allocation) -> Callable[[int, int, str], None]:
    """Return what writes down how far the work is, in percent; a count whose end is not known says nothing."""

    def tell(done: int, total: int, _what: str) -> None:
        running = Allocation.objects.filter(pk=allocation.pk, state=AllocationState.RUNNING)
        running.update(done=min(99, 100 * done // total) if total else 0)

    return tell


@transaction.atomic
def _end(allocation: Allocation, verb: str, answer: dict[str, Any], inputs: Inputs) -> None:
    current = Allocation.objects.select_for_update().get(pk=allocation.pk)
    if current.state != AllocationState.RUNNING:
        return
    current.state = AllocationState(ALLOCATION.after(verb, current.state))
    current.answer, current.digest, current.done = answer, inputs.digest(), 100
    current.save(update_fields=["state", "answer", "digest", "done"])


@transaction.atomic
def cancel(allocation: Allocation, *, by: User) -> None:
    """Stop a running assignment; cancelled twice, it is cancelled once."""
    current = _held(allocation, by)
    if current.state != AllocationState.CANCELLED:
        _decide(current, "cancel", by)


def drop(allocation: Allocation, *, by: User, command: UUID) -> Allocation:
    """Put a proposed assignment aside."""

    def act() -> str:
        return _decide(_held(allocation, by), "drop", by)

    return Allocation.objects.get(pk=once(command, "review.drop", {"allocation": str(allocation.pk)}, act, by=by))


def _held(allocation: Allocation, by: User) -> Allocation:
    """Lock the round and an assignment that ``by`` may see and decide on."""
    held_panel(allocation.panel, by)
    allocations_visible_to(by).get(pk=allocation.pk)
    return Allocation.objects.select_for_update(of=("self",)).select_related("panel").get(pk=allocation.pk)


def _decide(allocation: Allocation, verb: str, by: User) -> str:
    allocation.state = AllocationState(ALLOCATION.after(verb, allocation.state))
    allocation.decided_by, allocation.decided_at = by, database_now()
    allocation.save(update_fields=["state", "decided_by", "decided_at"])
    return str(allocation.pk)


def adopt(allocation: Allocation, *, by: User, command: UUID) -> Allocation:
    """Give the reviews out as proposed: new pairs are assigned, those that are no longer wanted and not begun are taken back.

    Raises :class:`Stale` if anything that the assignment rests on has changed since it was worked out.
    """

    def act() -> str:
        held = _held(allocation, by)
        key = _decide(held, "adopt", by)
        inputs = _inputs(held)
        if inputs.digest() != held.digest:
            raise Stale(
                _("Conflicts, loads, bids or reviews have changed since this was worked out; ask for a new assignment.")
            )
        assert held.answer is not None  # noqa: S101 - the database keeps no proposed assignment without
        given = give_out(inputs, {(UUID(item), UUID(seat)) for item, seat, *_ in held.answer["pairs"]}, by)
        notices.tell_assigned({seat for item, seat in given})
        seal(held.panel, "adopt assignment", {"assignment": key}, by=by)
        return key

    return Allocation.objects.get(pk=once(command, "review.adopt", {"allocation": str(allocation.pk)}, act, by=by))


def give_out(inputs: Inputs, wanted: set[Pair], by: User) -> list[Pair]:
    """Make the active reviews of the items of ``inputs`` be the ``wanted`` pairs, and return the new ones.

    The caller holds the lock on the round.
    """
    dropped = [pair for pair, state in inputs.held.items() if pair not in wanted and state == ReviewState.ASSIGNED]
    reviews = Review.objects.filter(item__in=inputs.rows)
    rows = {(one.item_id, one.seat_id): one for one in reviews.select_for_update(of=("self",)).order_by("pk")}
    for pair in dropped:
        _take_back(rows[pair], _("the assignment was made anew"))
    fresh = sorted(wanted - inputs.held.keys())
    for pair in fresh:
        if pair in rows:
            _again(rows[pair], by)
    Review.objects.bulk_create(
        Review(item_id=item, seat_id=seat, assigned_by=by) for item, seat in fresh if (item, seat) not in rows
    )
    return fresh


def _take_back(review: Review, because: str) -> None:
    review.state = ReviewState(REVIEW.after("release", review.state))
    review.ended_because, review.version = because[:500], review.version + 1
    review.save(update_fields=["state", "ended_because", "version"])


def _again(review: Review, by: User) -> None:
    state = REVIEW.after("assign again", review.state)
    Review.objects.filter(pk=review.pk).update(
        state=state, ended_because="", version=F("version") + 1, assigned_by=by, assigned_at=Now()
    )


def assign_by_hand(item: Item, seat: Seat, *, reason: str, by: User, command: UUID) -> Allocation:
    """Give one review to somebody, with a reason that stays; beyond their load too, but never in conflict."""
    said = _reason(reason)

    def act() -> str:
        panel = held_panel(item.panel, by)
        require_seen(item, by)
        theirs = panel.seats.filter(pk=seat.pk, left_at=None, duty__in=JUDGING).first()
        if theirs is None or _in_conflict(item, theirs):
            raise Refused(_("They cannot review this proposal."))
        _assign(item, theirs, by)
        notices.tell_assigned([theirs.pk])
        return _noted(panel, item, [[str(item.pk), str(theirs.pk)]], said, by)

    asked = {"item": str(item.pk), "seat": str(seat.pk), "reason": said}
    return Allocation.objects.get(pk=once(command, "review.assign-one", asked, act, by=by))


def _reason(text: str) -> str:
    if not (said := " ".join(text.split())):
        raise InputError(_("Write down why, in a few words."), field="reason")
    return said[:300]


def _in_conflict(item: Item, seat: Seat) -> bool:
    standing = Conflict.objects.filter(proposal=item.proposal_id, user=seat.user_id, standing=True)
    own = seat.for_team_id == item.proposal_id or bool(members_among([item.proposal_id], [seat.user_id]))
    return own or standing.exists()


def _assign(item: Item, seat: Seat, by: User) -> None:
    there = Review.objects.select_for_update().filter(item=item, seat=seat).first()
    if there is None:
        Review.objects.create(item=item, seat=seat, assigned_by=by)
    elif there.state in ACTIVE:
        raise WrongState(_("They have this review already."), state=there.state)
    else:
        _again(there, by)


def _noted(panel: Panel, item: Item, pairs: list[list[str]], reason: str, by: User) -> str:
    """Keep what was done by hand among the assignments, adopted from the start."""
    made = Allocation.objects.create(
        panel=panel, asked=Asked(Aim.HAND, reason=reason).kept(), state=AllocationState.ADOPTED, done=100,
        answer={"pairs": pairs}, made_by=by, decided_by=by, decided_at=database_now(),
    )  # fmt: skip
    made.items.set([item])
    return str(made.pk)


def release(review: Review, *, reason: str, by: User, command: UUID) -> Review:
    """Take a review back that is not submitted yet, with a reason that stays."""
    said = _reason(reason)

    def act() -> str:
        panel = held_panel(review.item.panel, by)
        require_seen(review.item, by)
        held = held_review(review)
        _take_back(held, said)
        _noted(panel, held.item, [], said, by)
        return str(held.pk)

    return Review.objects.get(
        pk=once(command, "review.release", {"review": str(review.pk), "reason": said}, act, by=by)
    )


def seal(panel: Panel, verb: str, facts: dict[str, str], *, by: User) -> None:
    """Append a decision on a panel to the chain of its agency; ``facts`` hold ids only."""
    call = held_round(panel.round_id).opportunity
    append(verb, call.address, {"panel": str(panel.pk)} | facts, agency=call.agency.slug, by=by)
