"""What an extension moves: a promised date, and with it every later one that was not kept yet, by the same amount."""

import dataclasses
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from django.utils.translation import gettext as _

from moonbridge.cooperation.opportunities import instants
from moonbridge.cooperation.opportunities.models import Opportunity, StageDate, StageKind
from moonbridge.cooperation.opportunities.terms import FOLLOWS_A_DEADLINE, Terms
from moonbridge.errors import InputError, Refused, WrongState

_ORDER = list(StageKind)


@dataclass(frozen=True, slots=True)
class Move:
    """A promised date before and after an extension; both are equal where it stays."""

    stage: StageKind
    before: datetime
    after: datetime

    @property
    def moves(self) -> bool:
        """Whether this date moves."""
        return self.before != self.after


def moves(
    opportunity: Opportunity, stage: StageKind, *, days: int | None = None, until: datetime | None = None
) -> list[Move]:
    """Return all promised dates of ``opportunity`` in their order, as they are and as they would be.

    The date of ``stage`` moves by ``days``, or to ``until``; later ones that were not kept move by the same amount on the clocks of
    the opportunity's zone, so that what ended a day still ends one after clocks change. Raises :class:`InputError` unless exactly
    one of ``days`` and ``until`` is given and the stage is promised, :class:`WrongState` when the stage happened already, and
    :class:`Refused` for what is no extension.
    """
    dates = sorted(_promised(opportunity), key=lambda date: (_at(date), _ORDER.index(StageKind(date.stage))))
    chosen = next((date for date in dates if date.stage == stage), None)
    if chosen is None:
        raise InputError(_("No date is promised for this stage."), field="stage")
    if chosen.kept is not None:
        raise WrongState(_("This stage has happened; its date stays."), stage=str(stage), kept=chosen.kept.isoformat())
    amount = _amount(chosen, opportunity.deadline_zone, days, until)
    first = dates.index(chosen)
    return [
        _move(date, opportunity.deadline_zone, amount if place >= first and date.kept is None else timedelta())
        for place, date in enumerate(dates)
    ]


def moved(terms: Terms, moving: list[Move]) -> Terms:
    """Return ``terms`` with the dates as they are after ``moving``."""
    after = {move.stage: move.after for move in moving}
    deadlines: dict[str, Any] = {name: after[stage] for stage, name in FOLLOWS_A_DEADLINE.items() if stage in after}
    stages = tuple(
        StageDate(stage=date.stage, promised=after.get(StageKind(date.stage), date.promised), note=date.note)
        for date in terms.stage_dates
    )
    return dataclasses.replace(terms, stage_dates=stages, **deadlines)


def _promised(opportunity: Opportunity) -> Iterator[StageDate]:
    return (
        date for date in opportunity.stage_dates.all() if date.promised is not None and date.stage != StageKind.OPEN
    )


def _amount(chosen: StageDate, zone: str, days: int | None, until: datetime | None) -> timedelta:
    if (days is None) == (until is None):
        raise InputError(_("Say either by how many days or until when."), field="days")
    amount = timedelta(days=days or 0) if until is None else _wall(until, zone) - _wall(_at(chosen), zone)
    if amount <= timedelta():
        raise Refused(_("An extension gives more time; a promised date does not come sooner by one."))
    return amount


def _move(date: StageDate, zone: str, amount: timedelta) -> Move:
    before = _at(date)
    after = instants.localised(_wall(before, zone) + amount, zone, field="days") if amount else before
    return Move(StageKind(date.stage), before, after)


def _at(date: StageDate) -> datetime:
    """Return the instant promised; the caller has left out dates without one."""
    assert date.promised is not None  # noqa: S101 - for the reader of types
    return date.promised


def _wall(at: datetime, zone: str) -> datetime:
    return instants.wall_clock(at, zone)
