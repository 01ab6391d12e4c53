"""Submit a review, and reopen it."""

from typing import Final
from uuid import UUID

from django.db import connection
from django.db.models import Prefetch
from django.utils.translation import gettext

from moonbridge.accounts.models import User
from moonbridge.cooperation.review.models import Mark, Review
from moonbridge.cooperation.review.sight import Sight
from moonbridge.cooperation.review.states import REVIEW, ReviewState
from moonbridge.cooperation.review.writing import locked, missing, read
from moonbridge.errors import NotAllowed, Refused, Stale, WrongState
from moonbridge.record.actions import once
from moonbridge.record.queries import database_now

_LOCK: Final = """
SELECT 1 FROM review_round AS o JOIN review_panel AS p ON p.round_id = o.id JOIN review_item AS i ON i.panel_id = p.id
JOIN review_review AS r ON r.item_id = i.id
WHERE r.id = %s FOR SHARE OF o, i FOR NO KEY UPDATE OF r
"""
"""Reviewers share the locks of round and item, so that they never wait for each other, but no step is taken beneath them."""


def submit(review: Review, *, version: int, by: User, command: UUID) -> Review:
    """Submit exactly the ``version`` that its author has read.

    Raises :class:`Refused` with all that is missing in ``numbers["missing"]``, and :class:`Stale` when it was saved meanwhile. Of many
    submissions at once one is kept; the others are told that it is submitted already, or, sent under the same ``command``, get its answer.
    """

    def act() -> str:
        kept = held(review, by)
        if kept.state == ReviewState.SUBMITTED:
            raise WrongState(gettext("This review is submitted already."), state=kept.state)
        require_open(kept)
        state = REVIEW.after("submit", kept.state)
        require_read(kept, version)
        _require_complete(kept)
        kept.state, kept.submitted_at = ReviewState(state), database_now()
        kept.save(update_fields=["state", "submitted_at"])
        return str(kept.pk)

    return again(once(command, "review.submit", {"review": str(review.pk), "version": version}, act, by=by))


def _require_complete(review: Review) -> None:
    panel = review.item.panel
    found = missing(read(review), panel, panel.criteria.all())
    if found:
        sentences = [one.sentence for one in found]
        raise Refused(
            gettext("This review is not complete yet: %(what)s") % {"what": " ".join(sentences)}, missing=sentences
        )


def reopen(review: Review, *, by: User, command: UUID) -> Review:
    """Make one's own submitted review a draft again, while reviews are written and the panel has not closed its item."""

    def act() -> str:
        kept = held(review, by)
        require_open(kept)
        kept.state, kept.submitted_at = ReviewState(REVIEW.after("reopen", kept.state)), None
        kept.save(update_fields=["state", "submitted_at"])
        return str(kept.pk)

    return again(once(command, "review.reopen", {"review": str(review.pk)}, act, by=by))


def held(review: Review, by: User) -> Review:
    """Lock the review, and its round and item against steps; return it with its marks, if it is still ``by``'s to write."""
    with connection.cursor() as cursor:
        cursor.execute(_LOCK, [review.pk])
    own = Review.objects.filter(Sight(by).own(), pk=review.pk)
    marks = Prefetch("marks", Mark.objects.order_by())
    for kept in own.select_related("item__panel__round").prefetch_related(marks):
        return kept
    raise NotAllowed("This is not yours to do.")


def require_open(review: Review) -> None:
    """Raise :class:`WrongState` with the reason where reviews of this item cannot be changed now."""
    if why := locked(review):
        raise WrongState(why, state=review.item.panel.round.state)


def require_read(review: Review, version: int) -> None:
    """Raise :class:`Stale` when it was saved since its author has read ``version``."""
    if review.version != version:
        raise Stale(
            gettext("This review was saved in another window since you read it; nothing was overwritten."),
            read=version,
            now=review.version,
        )


def again(key: str | UUID) -> Review:
    """Return the review with this id as it stands now."""
    return Review.objects.get(pk=key)
