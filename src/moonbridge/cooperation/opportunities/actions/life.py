"""Publish, close, cancel; and note which promises were kept."""

from datetime import datetime, timedelta
from uuid import UUID

from django.db import transaction
from django.db.models import F
from django.db.models.functions import Now
from django.utils.translation import gettext as _

from moonbridge.accounts.models import User
from moonbridge.cooperation.opportunities import notices
from moonbridge.cooperation.opportunities.actions.writing import again, held_by_office, promise_deadlines, seal
from moonbridge.cooperation.opportunities.completeness import missing
from moonbridge.cooperation.opportunities.models import Opportunity, Origin, StageDate, StageKind
from moonbridge.cooperation.opportunities.states import PUBLIC, TRANSITIONS, State
from moonbridge.cooperation.opportunities.terms import PROMISED_BY_HAND, read, said
from moonbridge.errors import InputError, Refused, WrongState
from moonbridge.record.actions import once
from moonbridge.record.queries import database_now

GRACE = timedelta(minutes=10)
"""How long after a deadline the job waits before it closes: requests that began in time may still be on their way."""


def publish(
    opportunity: Opportunity, *, by: User, command: UUID, version: int | None = None, at: datetime | None = None
) -> Opportunity:
    """Show a complete draft to the world. From now on its terms change by amendment only.

    Raises :class:`Refused` with every missing thing at once in ``numbers["missing"]``. ``at`` is the instant at which a replayed
    call was really published; a real opportunity is published now.
    """

    def act() -> str:
        held = held_by_office(opportunity, by, version)
        state = TRANSITIONS.after("publish", held.state)
        now, terms = database_now(), read(held)
        real = held.origin == Origin.REAL
        if sentences := missing(terms, now=now if real else None, replay=held.origin == Origin.REPLAY):
            raise Refused(_("This draft is not complete yet."), missing=sentences)
        published = now if real or at is None else at
        _promise(held, published)
        held.state, held.published_at, held.version = state, published, held.version + 1
        held.save(update_fields=["state", "published_at", "version"])
        seal(held, "publish", {"terms": said(terms), "origin": held.origin}, by=by)
        return str(held.pk)

    asked = {"opportunity": str(opportunity.pk), "version": version, "at": at.isoformat() if at else None}
    return again(once(command, "opportunity.publish", asked, act, by=by))


def _promise(opportunity: Opportunity, at: datetime) -> None:
    """Fix what is promised first; the guard of promises lets this happen only while it is still a draft."""
    promise_deadlines(opportunity)
    StageDate.objects.update_or_create(
        opportunity=opportunity, stage=StageKind.OPEN, defaults={"promised": at, "kept": at}
    )
    opportunity.stage_dates.update(first_promised=F("promised"))


def close(opportunity: Opportunity, *, by: User, command: UUID) -> Opportunity:
    """Close by hand once the deadline is over; a replay or demonstration may be closed at any time."""

    def act() -> str:
        held = held_by_office(opportunity, by)
        TRANSITIONS.after("close", held.state)
        now = database_now()
        if held.origin == Origin.REAL and held.deadline is not None and held.deadline > now:
            raise Refused(
                _("The deadline is not over yet; until then proposals may come in."), deadline=held.deadline.isoformat()
            )
        _close(held, now, by=by)
        return str(held.pk)

    return again(once(command, "opportunity.close", {"opportunity": str(opportunity.pk)}, act, by=by))


def close_due(*, grace: timedelta = GRACE) -> int:
    """Close every opportunity whose deadline is over by the database's clock; return how many were closed now."""
    StageDate.objects.filter(
        stage=StageKind.LETTERS, kept=None, promised__lte=Now(), opportunity__state__in=PUBLIC
    ).update(kept=F("promised"))
    due = Opportunity.objects.filter(state=State.OPEN, deadline__lte=Now() - grace)
    return sum(_close_if_due(key, grace) for key in due.values_list("pk", flat=True))


@transaction.atomic
def _close_if_due(key: UUID, grace: timedelta) -> bool:
    """Close one opportunity if nobody extended or closed it meanwhile."""
    still = Opportunity.objects.filter(pk=key, state=State.OPEN, deadline__lte=Now() - grace)
    held = still.select_for_update(of=("self",)).select_related("agency").first()
    if held is not None:
        _close(held, database_now(), by=None)
    return held is not None


def _close(held: Opportunity, now: datetime, *, by: User | None) -> None:
    held.state = TRANSITIONS.after("close", held.state)
    held.version += 1
    held.save(update_fields=["state", "version"])
    ended = min(held.deadline or now, now)
    held.stage_dates.filter(stage=StageKind.PROPOSALS, kept=None).update(kept=ended)
    seal(held, "close", {"ended": ended.isoformat()}, by=by)
    notices.tell(held, notices.CLOSED)


def cancel(opportunity: Opportunity, *, reason: str, by: User, command: UUID) -> Opportunity:
    """Call the whole opportunity off, with a reason that everybody can read."""

    def act() -> str:
        held = held_by_office(opportunity, by)
        state = TRANSITIONS.after("cancel", held.state)
        if not reason.strip():
            raise InputError(_("Say why; everybody who follows reads it."), field="reason")
        held.state, held.cancelled_because, held.version = state, reason.strip(), held.version + 1
        held.save(update_fields=["state", "cancelled_because", "version"])
        seal(held, "cancel", {"reason": reason.strip()}, by=by)
        notices.tell(held, notices.CANCELLED)
        return str(held.pk)

    asked = {"opportunity": str(opportunity.pk), "reason": reason}
    return again(once(command, "opportunity.cancel", asked, act, by=by))


def note_kept(
    opportunity: Opportunity, stage: StageKind, *, by: User, command: UUID, at: datetime | None = None
) -> Opportunity:
    """Note that a promised stage happened, now or at the instant ``at``; once noted it stays."""

    def act() -> str:
        held = held_by_office(opportunity, by)
        now = database_now()
        if held.state not in PUBLIC or stage not in PROMISED_BY_HAND:
            raise WrongState(_("Only a promised stage of a published opportunity can be noted."), stage=str(stage))
        if at is not None and not (held.published_at or now) <= at <= now:
            raise InputError(_("A stage happened between publication and now."), field="at")
        _keep(held, stage, at or now, by=by)
        return str(held.pk)

    asked = {"opportunity": str(opportunity.pk), "stage": str(stage), "at": at.isoformat() if at else None}
    return again(once(command, "opportunity.note-kept", asked, act, by=by))


def _keep(held: Opportunity, stage: StageKind, at: datetime, *, by: User | None) -> None:
    date, _made = StageDate.objects.get_or_create(opportunity=held, stage=stage)
    if date.kept is not None:
        raise WrongState(_("This stage was noted before."), stage=str(stage), kept=date.kept.isoformat())
    date.kept = at
    date.save(update_fields=["kept"])
    promised = date.first_promised.isoformat() if date.first_promised else None
    seal(held, "keep", {"stage": str(stage), "kept": at.isoformat(), "first promised": promised}, by=by)


@transaction.atomic
def decided(opportunity: Opportunity, *, by: User, at: datetime | None = None) -> Opportunity:
    """Mark a closed opportunity as decided, as part of publishing its selection; tells everybody who follows.

    The caller's transaction carries the command id. ``at`` is the real instant of a replayed decision.
    """
    held = held_by_office(opportunity, by)
    held.state = TRANSITIONS.after("decide", held.state)
    held.version += 1
    held.save(update_fields=["state", "version"])
    if not held.stage_dates.filter(stage=StageKind.DECISION, kept__isnull=False).exists():
        _keep(held, StageKind.DECISION, at or database_now(), by=by)
    notices.tell(held, notices.DECIDED)
    return held
