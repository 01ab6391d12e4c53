"""Jobs of the review: reminders by the calendar, and mails."""

from uuid import UUID

from django.db.models import QuerySet
from procrastinate import RetryStrategy
from procrastinate.contrib.django import app

from moonbridge.accounts.models import User
from moonbridge.cooperation.review import mails, notices
from moonbridge.cooperation.review.actions import allocations, previews, searches
from moonbridge.cooperation.review.actions.reminders import remind_due
from moonbridge.cooperation.review.boards import Board, panels_managed_by
from moonbridge.cooperation.review.models import (
    Allocation,
    Debrief,
    RefereeInvitation,
    Reminder,
    Review,
    Round,
    Search,
    Seat,
)
from moonbridge.cooperation.review.queries import outlying
from moonbridge.cooperation.review.states import RoundState

_AGAIN = RetryStrategy(max_attempts=8, exponential_wait=4)


@app.periodic(cron="23 * * * *")
@app.task(name="review.remind_due", queueing_lock="review.remind_due", pass_context=False)
def remind_all(timestamp: int) -> None:  # noqa: ARG001 - the scheduler's argument
    """Queue the reminders that the calendars hold; each hour, by the database's clock."""
    remind_due()


@app.task(name=notices.REMIND_TASK, retry=_AGAIN)
def remind(reminder: int) -> None:
    """Mail a reminder, unless nothing is owed any more."""
    seats = Reminder.objects.select_related("seat__user", "seat__panel__round__opportunity", "sent_by")
    mail = mails.reminder(seats.get(pk=reminder))
    if mail is not None:
        mail.send()


@app.task(name=notices.GIVEN_BACK_TASK, retry=_AGAIN)
def tell_given_back(review: str, reason: str) -> None:
    """Mail an author that a review was given back, unless it is not theirs any more."""
    reviews = Review.objects.select_related("seat__user", "item__proposal", "item__panel__round__opportunity")
    mail = mails.given_back(reviews.get(pk=review), reason)
    if mail is not None:
        mail.send()


@app.periodic(cron="41 * * * *")
@app.task(name="review.recheck_all", queueing_lock="review.recheck_all", pass_context=False)
def recheck_all(timestamp: int) -> None:  # noqa: ARG001 - the scheduler's argument
    """Queue the search for conflicts that changed teams and affiliations bring; each hour, for the rounds that are not over."""
    for key in Round.objects.exclude(state=RoundState.CONCLUDED).values_list("pk", flat=True):
        notices.recheck(key)


@app.task(name=notices.RECHECK_TASK)
def recheck(round_: str, proposal: str = "") -> None:
    """Keep the conflicts that came up since and touch no review; those that do wait, and the office and the secretary are told."""
    if proposal:
        searches.look_at(UUID(round_), UUID(proposal))
    else:
        searches.look_again(UUID(round_))


@app.task(name=notices.SEARCH_TASK)
def search(search: str) -> None:
    """Search a large round for conflicts; a search that is over, or was cancelled, is left alone."""
    held = Search.objects.filter(pk=search).first()
    if held is not None:
        searches.carry_out(held)


@app.task(name=notices.LATE_TASK, retry=_AGAIN)
def tell_late(round_: str, user: str, findings: list[str]) -> None:
    """Mail somebody that conflicts wait to be settled, unless none of these does any more that they may know."""
    rounds = Round.objects.select_related("opportunity")
    mail = mails.late(rounds.get(pk=round_), User.objects.get(pk=user), findings)
    if mail is not None:
        mail.send()


@app.task(name=notices.ALLOCATE_TASK)
def allocate(allocation: str) -> None:
    """Work out an assignment; one that is finished or cancelled is left alone."""
    held = Allocation.objects.select_related("panel").filter(pk=allocation).first()
    if held is not None:
        allocations.carry_out(held)


@app.task(name=notices.INVITE_TASK, retry=_AGAIN)
def mail_invitation(invitation: str) -> None:
    """Mail an invitation, unless it was answered or revoked meanwhile."""
    invitations = RefereeInvitation.objects.select_related("panel__round__opportunity__agency", "invited_by")
    found = invitations.get(pk=invitation)
    if not (found.seat_id or found.declined_at or found.revoked_at):
        mails.invitation(found).send()


@app.task(name=notices.OUTLYING_TASK)
def find_outlying(panel: str, user: str) -> None:
    """Find the outlying reviews of a panel for somebody who runs it, and keep the answer for them."""
    person = User.objects.get(pk=user)
    found = panels_managed_by(person).filter(pk=panel).first()
    if found is not None:
        outlying.find(Board(person, found))


@app.task(name=notices.CALIBRATE_TASK)
def calibrate(round_: str) -> None:
    """Calibrate what a round would hand over, unless that is done already or nobody waits for it any more."""
    previews.carry_out(UUID(round_))


@app.task(name=notices.DEBRIEF_TASK, retry=_AGAIN)
def tell_debriefed(debrief: str) -> None:
    """Mail each member of a team that its debrief can be read."""
    held = Debrief.objects.select_related("proposal__opportunity").get(pk=debrief)
    for mail in mails.debriefed(held):
        mail.send()


@app.task(name=notices.ASSIGNED_TASK, retry=_AGAIN)
def tell_assigned(seat: str) -> None:
    """Mail a reviewer how many reviews they owe, unless they owe none any more."""
    mail = mails.assigned(_seated().get(pk=seat))
    if mail is not None:
        mail.send()


@app.task(name=notices.PEER_TASK, retry=_AGAIN)
def tell_peer(seat: str) -> None:
    """Mail a peer that they review for their team, unless somebody else does by now."""
    mail = mails.peer(_seated().get(pk=seat))
    if mail is not None:
        mail.send()


def _seated() -> QuerySet[Seat]:
    return Seat.objects.select_related("user", "for_team", "panel__round__opportunity")
