"""Change a published opportunity, never silently."""

import dataclasses
from datetime import datetime
from uuid import UUID

from django.db.models import Max
from django.utils.translation import gettext as _

from moonbridge.accounts.models import User
from moonbridge.cooperation.opportunities import notices
from moonbridge.cooperation.opportunities.actions.writing import held_by_office, seal, write
from moonbridge.cooperation.opportunities.completeness import missing
from moonbridge.cooperation.opportunities.models import Amendment, Opportunity, Origin, StageKind
from moonbridge.cooperation.opportunities.shifting import moved, moves
from moonbridge.cooperation.opportunities.states import TRANSITIONS, State
from moonbridge.cooperation.opportunities.terms import Change, Terms, compare, read, said
from moonbridge.errors import InputError, Refused, WrongState
from moonbridge.record.actions import once
from moonbridge.record.queries import database_now


def amend(
    opportunity: Opportunity, terms: Terms, *, reason: str, by: User, command: UUID, version: int | None = None
) -> Amendment:
    """Change a published opportunity to ``terms``: numbered, with what changed and why, recorded, and told to all who follow.

    Moving the deadline of a closed opportunity into the future opens it again. Raises :class:`InputError` without a reason
    or a change, and :class:`Refused` for what would be unfair to those who rely on what was published: a deadline that comes
    sooner, a promise that vanishes, criteria that change after the deadline, terms that change after the decision.
    """

    def act() -> str:
        return _change(held_by_office(opportunity, by, version), terms, reason=reason, by=by)

    asked = {"opportunity": str(opportunity.pk), "terms": said(terms), "reason": reason, "version": version}
    return Amendment.objects.get(pk=once(command, "opportunity.amend", asked, act, by=by))


def extend_deadline(
    opportunity: Opportunity,
    deadline: datetime,
    *,
    reason: str,
    by: User,
    command: UUID,
    version: int | None = None,
) -> Amendment:
    """Amend nothing but the deadline for proposals, to a later one. All other promised dates stay as they are."""
    return amend(
        opportunity,
        dataclasses.replace(read(opportunity), deadline=deadline),
        reason=reason,
        by=by,
        command=command,
        version=version,
    )


def extend(
    opportunity: Opportunity,
    stage: StageKind,
    *,
    days: int | None = None,
    until: datetime | None = None,
    reason: str,
    by: User,
    command: UUID,
    version: int | None = None,
) -> Amendment:
    """Move the promised date of ``stage`` later, by ``days`` or to ``until``, and every later date with it, in one amendment.

    Dates of stages that happened stay (see :func:`~moonbridge.cooperation.opportunities.shifting.moves`, which says what is refused).
    """

    def act() -> str:
        held = held_by_office(opportunity, by, version)
        terms = moved(read(held), moves(held, stage, days=days, until=until))
        return _change(held, terms, reason=reason, by=by)

    asked = {
        "opportunity": str(opportunity.pk), "stage": stage.value, "days": None if days is None else str(days),
        "until": until.isoformat() if until else None, "reason": reason, "version": version,
    }  # fmt: skip
    return Amendment.objects.get(pk=once(command, "opportunity.extend", asked, act, by=by))


def _change(held: Opportunity, terms: Terms, *, reason: str, by: User) -> str:
    """Announce what ``terms`` change, then change it; return the amendment's id. The caller holds the lock."""
    before, now = read(held), database_now()
    _check(held, before, terms, now)
    made = announce(held, compare(before, terms), reason=reason, by=by)
    write(held, terms)
    if held.state == State.CLOSED and terms.deadline is not None and terms.deadline > now:
        _reopen(held)
    return str(made.pk)


def announce(held: Opportunity, changes: list[Change], *, reason: str, by: User) -> Amendment:
    """Write the numbered amendment that announces ``changes``: sealed, and told to all who follow.

    It comes before the changes themselves: the database lets terms of a published opportunity change only in a transaction that
    has announced it. The caller holds the lock.
    """
    if held.state in {State.DRAFT, State.CANCELLED}:
        raise WrongState(_("Only a published opportunity is amended."), state=held.state)
    if not reason.strip():
        raise InputError(_("Say why; everybody who follows reads it."), field="reason")
    if not changes:
        raise InputError(_("Nothing was changed."))
    last = held.amendments.aggregate(last=Max("number"))["last"] or 0
    made = Amendment.objects.create(
        opportunity=held,
        number=last + 1,
        by=by,
        reason=reason.strip(),
        changes=[change.as_dict() for change in changes],
    )
    seal(held, "amend", {"number": made.number, "reason": made.reason, "changes": made.changes}, by=by)
    notices.tell(held, notices.AMENDED, str(made.pk))
    return made


def _check(held: Opportunity, before: Terms, after: Terms, now: datetime) -> None:
    real = held.origin == Origin.REAL
    moved = (before.deadline, before.letter_deadline) != (after.deadline, after.letter_deadline)
    if real and before.deadline and (after.deadline is None or after.deadline < before.deadline):
        raise Refused(
            _("A published deadline only moves later; people rely on it."), published=before.deadline.isoformat()
        )
    if before.review_mode != after.review_mode:
        raise Refused(
            _("Who learns whose name stands once an opportunity is published: teams write their proposals by it.")
        )
    if before.lottery_within != after.lottery_within:
        raise Refused(
            _("How close is equal stands once an opportunity is published: it must favour nobody who proposes.")
        )
    if vanished := _promised(before) - _promised(after):
        names = ", ".join(str(StageKind(stage).label) for stage in sorted(vanished))
        raise Refused(_("A published promise may move, but not vanish: %(stages)s.") % {"stages": names})
    if held.state != State.OPEN and _told(before, "criteria") != _told(after, "criteria"):
        raise Refused(_("Criteria no longer change once the deadline is over."))
    if held.state == State.DECIDED and compare(before, dataclasses.replace(after, stage_dates=before.stage_dates)):
        raise Refused(_("After the decision only promised dates can still be amended."))
    if sentences := missing(
        after, now=now if real and moved and held.state == State.OPEN else None, replay=held.origin == Origin.REPLAY
    ):
        raise Refused(_("With these changes the opportunity would no longer be complete."), missing=sentences)


def _promised(terms: Terms) -> set[str]:
    by_hand = {date.stage for date in terms.stage_dates if date.promised}
    return by_hand | ({StageKind.LETTERS} if terms.letter_required else set())


def _told(terms: Terms, part: str) -> dict[str, dict[str, str]]:
    only = Terms(title="", **{part: getattr(terms, part)})
    return said(only)


def _reopen(held: Opportunity) -> None:
    held.state = TRANSITIONS.after("reopen", held.state)
    held.save(update_fields=["state"])
    held.stage_dates.filter(stage=StageKind.PROPOSALS).update(kept=None)
