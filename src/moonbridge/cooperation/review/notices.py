"""Put work into the queue, in the transaction of what it follows from."""

from collections.abc import Iterable
from uuid import UUID

from procrastinate.contrib.django import app
from procrastinate.types import JSONValue

from moonbridge.accounts.models import User
from moonbridge.cooperation.review.models import (
    Allocation,
    Debrief,
    LateFinding,
    Panel,
    RefereeInvitation,
    Reminder,
    Review,
    Round,
    Search,
    Seat,
)

ALLOCATE_TASK = "review.allocate"
RECHECK_TASK = "review.recheck"
SEARCH_TASK = "review.search"
REMIND_TASK = "review.remind"
GIVEN_BACK_TASK = "review.tell_given_back"
OUTLYING_TASK = "review.find_outlying"
CALIBRATE_TASK = "review.calibrate"
INVITE_TASK = "review.mail_invitation"
DEBRIEF_TASK = "review.tell_debriefed"
ASSIGNED_TASK = "review.tell_assigned"
PEER_TASK = "review.tell_peer"
LATE_TASK = "review.tell_late"


def begin(allocation: Allocation, *, after: int = 0) -> None:
    """Queue an assignment to be worked out, ``after`` so many seconds if it is not finished by then."""
    app.configure_task(ALLOCATE_TASK, schedule_in={"seconds": after}).defer(allocation=str(allocation.pk))


def recheck(round_: UUID) -> None:
    """Queue the search for conflicts that came up since."""
    app.configure_task(RECHECK_TASK).defer(round_=str(round_))


def look_at(proposal: UUID, round_: UUID) -> None:
    """Queue the search for conflicts of one proposal, of which one was settled."""
    app.configure_task(RECHECK_TASK).defer(round_=str(round_), proposal=str(proposal))


def search(asked: Search) -> None:
    """Queue the search of a large round for conflicts."""
    app.configure_task(SEARCH_TASK).defer(search=str(asked.pk))


def tell_late(round_: Round, findings: Iterable[LateFinding], people: Iterable[User]) -> None:
    """Queue the mails that tell each of ``people`` what waits to be settled, as far as they may know it."""
    found: list[JSONValue] = [str(finding.pk) for finding in findings]
    jobs: list[dict[str, JSONValue]] = [
        {"round_": str(round_.pk), "user": str(one.pk), "findings": found} for one in people
    ]
    if jobs:
        app.configure_task(LATE_TASK).batch_defer(*jobs)


def remind(reminder: Reminder) -> None:
    """Queue a reminder's mail."""
    app.configure_task(REMIND_TASK).defer(reminder=reminder.pk)


def given_back(review: Review, reason: str) -> None:
    """Queue the mail that tells an author that a review is theirs to change again, and why."""
    app.configure_task(GIVEN_BACK_TASK).defer(review=str(review.pk), reason=reason)


def invite(invitation: RefereeInvitation) -> None:
    """Queue an invitation's mail; the link's secret is made anew from its id when the mail is written, and kept nowhere."""
    app.configure_task(INVITE_TASK).defer(invitation=str(invitation.pk))


def find_outlying(panel: Panel, user: User) -> None:
    """Queue the search for outlying reviews among those that ``user`` sees."""
    app.configure_task(OUTLYING_TASK).defer(panel=str(panel.pk), user=str(user.pk))


def calibrate(round_: Round) -> None:
    """Queue the calibration of what a round would hand over; of one round one job works at a time."""
    app.configure_task(CALIBRATE_TASK, lock=f"{CALIBRATE_TASK}/{round_.pk}").defer(round_=str(round_.pk))


def tell_debriefed(debriefs: Iterable[Debrief]) -> None:
    """Queue the mails that tell the teams that their debriefs can be read."""
    jobs: list[dict[str, JSONValue]] = [{"debrief": str(debrief.pk)} for debrief in debriefs]
    app.configure_task(DEBRIEF_TASK).batch_defer(*jobs)


def tell_assigned(seats: Iterable[UUID]) -> None:
    """Queue the mail that tells each of these seats how many reviews it owes now, and by when."""
    jobs: list[dict[str, JSONValue]] = [{"seat": str(key)} for key in sorted(seats)]
    if jobs:
        app.configure_task(ASSIGNED_TASK).batch_defer(*jobs)


def tell_peer(seat: Seat) -> None:
    """Queue the mail that tells somebody that they review for their team."""
    app.configure_task(PEER_TASK).defer(seat=str(seat.pk))
