"""Take in a table of people for a panel, whole or not at all."""

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass
from uuid import UUID

from django.utils.translation import gettext

from moonbridge.accounts.models import User
from moonbridge.cooperation.review.actions import referees
from moonbridge.cooperation.review.actions.seats import About, held_panel, place, rewrite
from moonbridge.cooperation.review.models import Duty, Panel, Seat
from moonbridge.cooperation.review.rules import GIVEN, known_to_office
from moonbridge.errors import InputError
from moonbridge.formats import tables
from moonbridge.formats.reviewing.roster import Listed, read_roster
from moonbridge.record.actions import once


@dataclass(frozen=True, slots=True)
class Roster:
    """What a table would bring: people who sit there and whose row is written anew, who are seated, and who are invited."""

    changed: tuple[Listed, ...]
    seated: tuple[Listed, ...]
    invited: tuple[Listed, ...]
    waiting: tuple[Listed, ...]
    """Invited before and not answered; nothing happens to them."""


def read_for(panel: Panel, data: bytes) -> Roster:
    """Return what ``data`` (CSV or XLSX) would bring into ``panel``, and write nothing.

    Whoever the agency does not know is invited, whether or not the address has an account, so that nobody learns here who has one.
    """
    rows, seated = read_roster(tables.read(data)), _sitting(panel)
    for row in rows:
        now = seated[row.email].duty if row.email in seated else ""
        if row.duty not in {"", now, *GIVEN}:
            sentence = gettext("“%(duty)s” is no duty that an office gives.") % {"duty": row.duty}
            raise InputError(sentence, line=row.line, field="duty")
    known = {email.lower() for email in known_to_office(panel.round.opportunity).values_list("email", flat=True)}
    waiting = set(referees.open_ones(panel).values_list("email", flat=True))
    return Roster(
        tuple(row for row in rows if row.email in seated),
        tuple(row for row in rows if row.email not in seated and row.email in known),
        tuple(row for row in rows if row.email not in known | waiting | seated.keys()),
        tuple(row for row in rows if row.email in waiting - known - seated.keys()),
    )


def take_in(panel: Panel, data: bytes, *, by: User, command: UUID) -> int:
    """Seat, change and invite everybody in a table, as the office, and return how many people that were."""

    def act() -> int:
        held = held_panel(panel, by)
        roster = read_for(held, data)
        sitting = _sitting(held)
        for row in roster.changed:
            rewrite(held, sitting[row.email], Duty(row.duty or sitting[row.email].duty), About.of(row.about))
        for row in roster.seated:
            person = known_to_office(held.round.opportunity).get(email__iexact=row.email)
            place(held, person, Duty(row.duty or Duty.MEMBER), by=by, about=About.of(row.about))
        for row in roster.invited:
            asked = referees.Asked(row.email, Duty(row.duty or Duty.MEMBER), about=About.of(row.about))
            referees.invite_into(held, asked, by=by)
        return len(roster.changed) + len(roster.seated) + len(roster.invited)

    asked = {"panel": str(panel.pk), "sha256": hashlib.sha256(data).hexdigest()}
    return once(command, "review.take-in-people", asked, act, by=by)


def _sitting(panel: Panel) -> Mapping[str, Seat]:
    return {seat.user.email.lower(): seat for seat in panel.seats.filter(left_at=None).select_related("user")}
