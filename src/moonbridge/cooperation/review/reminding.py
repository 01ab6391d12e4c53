"""Who owes what, when they are reminded of it, and what the reminder may say."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Final

from django.db.models import Exists, OuterRef, Q, QuerySet

from moonbridge.accounts.models import User
from moonbridge.cooperation.opportunities.models import StageKind
from moonbridge.cooperation.proposals.models import TeamMember
from moonbridge.cooperation.review.models import (
    SITTING,
    Conflict,
    Declaration,
    Duty,
    Item,
    Panel,
    Reminder,
    Review,
    Round,
    Seat,
)
from moonbridge.cooperation.review.sight import Sight
from moonbridge.cooperation.review.states import ACTIVE, DUE, WRITING, RoundState

ALL_DECLARE: Final = (*SITTING, Duty.RESERVE, Duty.OBSERVER)
"""They declare on every item of their panel, the others on what they are given."""


class What(StrEnum):
    """What somebody is reminded of."""

    DECLARATIONS = "declarations"
    REVIEWS = "reviews"


STAGES: Final[Mapping[What, StageKind]] = {What.DECLARATIONS: StageKind.DECLARATIONS, What.REVIEWS: StageKind.REVIEWS}
ASKED: Final[Mapping[What, frozenset[RoundState]]] = {
    What.DECLARATIONS: frozenset({RoundState.DECLARING, *WRITING}),
    What.REVIEWS: WRITING,
}
"""The states of a round in which it can be done."""


WINDOW: Final = timedelta(days=1)
"""How long after its instant a reminder may still go out. A later one would surprise: the desk did not announce it any more."""


@dataclass(frozen=True, slots=True)
class Announced:
    """A reminder by the calendar: of what, which (first or second), when it goes out, and until when it is due."""

    what: What
    nth: str
    at: datetime
    due: datetime

    def goes_out(self, now: datetime) -> bool:
        """Return whether it is sent at this instant."""
        return self.at <= now < min(self.at + WINDOW, self.due)


def announced(round_: Round) -> list[Announced]:
    """Return the reminders that the calendar of a round holds, in order; none for a date that is not set."""
    due = {date.stage: date.promised for date in round_.opportunity.stage_dates.all() if date.promised is not None}
    days = {"first": round_.first_reminder_days, "second": round_.second_reminder_days}
    found = [
        Announced(what, nth, due[stage] - timedelta(days=before), due[stage])
        for what, stage in STAGES.items() if stage in due
        for nth, before in days.items()
    ]  # fmt: skip
    return sorted(found, key=lambda one: one.at)


def still_to_come(announced_: list[Announced], state: str, now: datetime) -> list[Announced]:
    """Return those reminders that have not gone out and of which something can be owed in this state of the round or later."""
    over = {RoundState.CONCLUDED, RoundState.CHECKING}
    return [one for one in announced_ if one.at > now and state not in over]


def announced_to(user: User, now: datetime) -> list[tuple[Panel, Announced]]:
    """Return by which reminders ``user`` will be reminded, panel by panel: what a reviewer's desk says beforehand."""
    seats = Sight(user).seats().select_related("panel__round__opportunity")
    seats = seats.prefetch_related("panel__round__opportunity__stage_dates")
    return [
        (seat.panel, one)
        for seat in seats
        for one in still_to_come(announced(seat.panel.round), seat.panel.round.state, now)
        if one.what == What.REVIEWS or seat.duty in ALL_DECLARE
    ]


def owing(panel: Panel, what: What, seen: Q | None = None) -> QuerySet[Seat]:
    """Return the seats that owe something of the kind ``what`` now. ``seen``, rooted at Item, narrows what is looked at.

    It agrees, person by person, with :func:`owed_declarations` and :func:`owed_reviews`, which their own desks are made of.
    """
    seats = Seat.objects.filter(panel=panel, left_at=None, user__is_active=True).select_related("user")
    if panel.round.state not in ASKED[what]:
        return seats.none()
    looked_at = Item.objects.filter(seen if seen is not None else Q(), panel=panel)
    given = Review.objects.filter(seat=OuterRef("pk"), item__in=looked_at)
    if what == What.REVIEWS:
        return seats.filter(Exists(given.filter(_free("item__proposal_id", "seat__user_id"), state__in=sorted(DUE))))
    undeclared = ~Exists(_declarations(OuterRef("item_id"), OuterRef("seat__user_id")))
    assigned = given.filter(_free("item__proposal_id", "seat__user_id"), undeclared, state__in=sorted(ACTIVE))
    of_seat = ~Exists(_declarations(OuterRef("pk"), OuterRef(OuterRef("user_id"))))
    everything = looked_at.filter(of_seat, _free("proposal_id", OuterRef("user_id")))
    return seats.filter(Q(duty__in=ALL_DECLARE) & Exists(everything) | Exists(assigned))


def _declarations(item: OuterRef, user: OuterRef) -> QuerySet[Declaration]:
    return Declaration.objects.filter(seat__user_id=user, seat__left_at=None, item_id=item)


def _free(proposal: str, user: str | OuterRef) -> Q:
    """Rooted where the ways lead from: neither a standing conflict of this person with this proposal nor a place in its team."""
    person = OuterRef(user)
    conflicts = Conflict.objects.filter(proposal_id=OuterRef(proposal), user_id=person, standing=True)
    team = TeamMember.objects.filter(proposal_id=OuterRef(proposal), user_id=person)
    return Q(~Exists(conflicts) & ~Exists(team))


def owed_declarations(user: User, panel: Panel) -> QuerySet[Item]:
    """Return the items of a panel on which ``user`` has still to declare."""
    if panel.round.state not in ASKED[What.DECLARATIONS]:
        return Item.objects.none()
    return Item.objects.filter(Sight(user).to_declare(), panel=panel)


def owed_reviews(user: User, panel: Panel) -> QuerySet[Item]:
    """Return the items of a panel of which ``user`` owes a review, those included on which they have to declare first."""
    if panel.round.state not in ASKED[What.REVIEWS]:
        return Item.objects.none()
    sight = Sight(user)
    due = Review.objects.filter(seat__in=sight.seats(), state__in=sorted(DUE)).values("item_id")
    return Item.objects.filter(sight.contents() | sight.to_declare(), panel=panel, pk__in=due)


def owed(user: User, panel: Panel, what: What) -> QuerySet[Item]:
    """Return what ``user`` owes of this kind, by what their own desk may show."""
    return {What.DECLARATIONS: owed_declarations, What.REVIEWS: owed_reviews}[what](user, panel)


def owed_of(reminder: Reminder) -> QuerySet[Item]:
    """Return what the person still owes of that which a reminder speaks of; nothing where the seat was left."""
    seat = reminder.seat
    if seat.left_at is not None or not seat.user.is_active:
        return Item.objects.none()
    found = owed(seat.user, seat.panel, What(reminder.what.split()[0]))
    return found.select_related("proposal").order_by("proposal__code")


def sent_by_hand(panel: Panel, what: What, day: datetime) -> set[object]:
    """Return the seats to which a reminder of this kind was sent by hand on that day."""
    found = Reminder.objects.filter(seat__panel=panel, what=by_hand(what, day))
    return set(found.values_list("seat_id", flat=True))


def by_hand(what: What, day: datetime) -> str:
    """Return what a reminder by hand is called: one of a name goes to a seat once."""
    return f"{what} {day:%Y-%m-%d}"


def by_calendar(one: Announced) -> str:
    """Return what a reminder by the calendar is called."""
    return f"{one.what} {one.nth}"


def due_rounds() -> Iterator[tuple[Round, list[Announced]]]:
    """Yield the rounds in which something may be owed, with their calendar."""
    asked = {state for states in ASKED.values() for state in states}
    rounds = Round.objects.filter(state__in=sorted(asked)).select_related("opportunity")
    for round_ in rounds.prefetch_related("opportunity__stage_dates", "panels"):
        yield round_, announced(round_)
