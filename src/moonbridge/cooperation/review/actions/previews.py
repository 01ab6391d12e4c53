"""Have the reviews of a round calibrated by a job before they are handed over, and stop it."""

from typing import Any, Final
from uuid import UUID

import numpy as np
from django.db import transaction
from django.db.models import QuerySet

from moonbridge.accounts.models import User
from moonbridge.cooperation.opportunities.actions.writing import held_by_office
from moonbridge.cooperation.review import notices
from moonbridge.cooperation.review.actions.handover import require_unconflicted
from moonbridge.cooperation.review.calibrating import Calibrated, Told, calibrated
from moonbridge.cooperation.review.handovers import handover, running
from moonbridge.cooperation.review.models import Preview, Round
from moonbridge.errors import Cancelled, InputError
from moonbridge.record.queries import database_now

_ALMOST: Final = 99
"""Percent that a job shows at most: it is done when its answer is there."""


@transaction.atomic
def ask(round_: Round, *, by: User) -> None:
    """Let a job calibrate what would be handed over now, as the office without a conflict; once for the same marks, whoever asks.

    Nothing happens where few reviews are calibrated while one waits, and where they are calibrated already.
    """
    held = _held(round_, by)
    found = handover(held)
    if not found.waits or found.runs:
        return
    fresh = {
        "digest": found.basis,
        "done": 0,
        "answer": None,
        "covariance": None,
        "asked_by": by,
        "asked_at": database_now(),
    }
    Preview.objects.update_or_create(round=held, defaults=fresh)
    notices.calibrate(held)


@transaction.atomic
def cancel(round_: Round, *, by: User) -> None:
    """Stop the job; what it has found so far is dropped, and what is found already stays."""
    running(_held(round_, by).pk).delete()


def _held(round_: Round, by: User) -> Round:
    """Lock the call, not the round: reviews are saved meanwhile."""
    held_by_office(round_.opportunity, by)
    held = Round.objects.select_related("opportunity").get(pk=round_.pk)
    require_unconflicted(by, held)
    return held


def carry_out(round_: UUID) -> None:
    """Calibrate the marks as they are now, and keep what it gives unless somebody cancelled it or asked for other marks meanwhile."""
    asked = running(round_).first()
    if asked is None:
        return
    found = handover(Round.objects.select_related("opportunity").get(pk=round_))
    # Reviews may have changed before the job began. Where somebody asked again because of that, another job is on its way.
    mine = running(round_).filter(pk=asked.pk)
    if not mine.filter(digest=asked.digest).update(digest=found.basis):
        return
    wanted = mine.filter(digest=found.basis)
    try:
        made: Calibrated | None = calibrated(found.criteria, found.marks, told=_telling(wanted))
    except Cancelled:
        return
    except InputError:
        made = None
    except BaseException:
        wanted.delete()  # the page must not wait for what broke: it offers to calibrate again
        raise
    wanted.update(done=100, **_kept(made))


def _telling(wanted: QuerySet[Preview]) -> Told:
    """Return what writes down how far the job is, in percent, and stops it where nobody waits for it any more."""

    def tell(done: int, of: int) -> None:
        if not wanted.update(done=_ALMOST * done // of):
            raise Cancelled("nobody waits for this calibration any more")

    return tell


def _kept(made: Calibrated | None) -> dict[str, Any]:
    if made is None:
        return {"answer": {}, "covariance": b""}
    answer = {"codes": list(made.codes), "merits": made.merits, "doubts": made.doubts, "facts": made.facts}
    return {"answer": answer, "covariance": np.ascontiguousarray(made.covariance, dtype="<f8").tobytes()}
