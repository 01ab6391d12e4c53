"""Save what a reviewer writes; nobody's words are overwritten unseen."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from django.utils.translation import gettext

from moonbridge.accounts.models import User
from moonbridge.cooperation.review.actions.reviews import held, require_open, require_read
from moonbridge.cooperation.review.models import Mark, Review
from moonbridge.cooperation.review.states import REVIEW, ReviewState
from moonbridge.cooperation.review.writing import NOTHING, PLAIN, Draft, Judged, as_json, changed, read
from moonbridge.errors import InputError, WrongState
from moonbridge.record.actions import once
from moonbridge.record.queries import database_now

_PERMILLE = 1000


@dataclass(frozen=True, slots=True)
class Saved:
    """As which version a review was saved, and when."""

    version: int
    saved_at: datetime


def save(review: Review, draft: Draft, *, version: int, by: User, command: UUID) -> Saved:
    """Make the review say what ``draft`` says, if it is still in the ``version`` that its author has read.

    Raises :class:`Stale` otherwise. What is saved already is not saved again, and its version stays.
    """

    def act() -> list[str | int]:
        kept = held(review, by)
        _write(kept, draft, version)
        return [kept.version, kept.saved_at.isoformat()]

    asked = {"review": str(review.pk), "draft": as_json(draft), "version": version}
    now, at = once(command, "review.save", asked, act, by=by)
    return Saved(int(now), datetime.fromisoformat(str(at)))


def bring_in(drafts: Sequence[tuple[Review, int, Draft]], *, by: User, command: UUID) -> int:
    """Save several reviews that were written elsewhere, each in the version that was read, all or none; return how many changed.

    The database keeps the order of their ids, so that two who bring in the same at once wait for each other and never in a ring.
    """

    def act() -> int:
        return sum(
            _write(held(review, by), draft, version)
            for review, version, draft in sorted(drafts, key=lambda one: one[0].pk)
        )

    asked = {str(review.pk): {"version": version, "draft": as_json(draft)} for review, version, draft in drafts}
    return once(command, "review.bring-in", asked, act, by=by)


def _write(review: Review, draft: Draft, version: int) -> bool:
    """Write what differs to the locked review, and return whether anything does."""
    before = read(review)
    differing = changed(before, draft)
    if not differing:
        return False
    require_open(review)
    if review.state == ReviewState.SUBMITTED:
        raise WrongState(gettext("This review is submitted; reopen it to change it."), state=review.state)
    state = REVIEW.after("write", review.state)
    require_read(review, version)
    judged = {key: draft.judged.get(key, NOTHING) for key in differing if isinstance(key, UUID)}
    _require_on_scale(review, judged)
    for name in PLAIN:
        setattr(review, name, getattr(draft, name))
    review.state, review.version, review.saved_at = ReviewState(state), review.version + 1, database_now()
    review.save(update_fields=[*PLAIN, "state", "version", "saved_at"])
    _write_marks(review, judged)
    return True


def _write_marks(review: Review, judged: dict[UUID, Judged]) -> None:
    Mark.objects.bulk_create(
        [
            Mark(review=review, criterion_id=key, value_permille=one.value_permille, comment=one.comment)
            for key, one in judged.items()
        ],
        update_conflicts=True,
        unique_fields=["review", "criterion"],
        update_fields=["value_permille", "comment"],
    )


def _require_on_scale(review: Review, judged: dict[UUID, Judged]) -> None:
    """Refuse marks by criteria of another panel or outside their scale: ids and numbers come from the browser."""
    if not judged:
        return
    known = review.item.panel.criteria.order_by().values_list("pk", "lowest", "highest")
    scales = {key: (lowest, highest) for key, lowest, highest in known}
    for key, one in judged.items():
        if key not in scales:
            raise InputError(gettext("This form does not belong to this review; load the page again."))
        lowest, highest = scales[key]
        if one.value_permille is not None and not lowest * _PERMILLE <= one.value_permille <= highest * _PERMILLE:
            raise InputError(
                gettext("A mark lies between %(lowest)s and %(highest)s.") % {"lowest": lowest, "highest": highest},
                field=f"mark-{key}",
            )
