"""Reminders: twice by the calendar and never by surprise, by hand once a day, to those alone who owe something, of nothing hidden."""

from datetime import datetime, timedelta
from uuid import uuid4

import pgtrigger
import pytest
from django.core import mail
from django.db import IntegrityError, transaction
from django.test import Client
from django.urls import reverse
from procrastinate.contrib.django.models import ProcrastinateJob

import builders
from cooperation.review.panels import Meeting
from cooperation.selection.test_concurrency import at_once
from moonbridge.accounts.models import User
from moonbridge.cooperation.opportunities.models import StageDate, StageKind
from moonbridge.cooperation.proposals.models import TeamMember, TeamRole
from moonbridge.cooperation.review import mails, notices, reminding, tasks
from moonbridge.cooperation.review.actions.chairing import give_back
from moonbridge.cooperation.review.actions.reminders import remind, remind_due
from moonbridge.cooperation.review.models import Declaration, Duty, Reminder, Review, Seat
from moonbridge.cooperation.review.reminding import What
from moonbridge.cooperation.review.sight import Sight
from moonbridge.cooperation.review.states import ReviewState, RoundState
from moonbridge.errors import NotAllowed
from moonbridge.record.queries import database_now

pytestmark = pytest.mark.django_db


def due_in(made: Meeting, what: What, **when: float) -> datetime:
    """Promise the end of a stage."""
    at = database_now() + timedelta(**when)
    with pgtrigger.ignore():  # an extension, without the amendment by which it would be told
        StageDate.objects.update_or_create(
            opportunity=made.call, stage=StageKind(reminding.STAGES[what]), defaults={"promised": at}
        )
    return at


def client_of(user: User) -> Client:
    client = Client()
    client.force_login(user)
    return client


def deliver() -> list[str]:
    """Carry out what is queued, and return to whom mails went."""
    mail.outbox.clear()
    for job in ProcrastinateJob.objects.filter(task_name=notices.REMIND_TASK).order_by("id"):
        tasks.remind(**job.args)
    return sorted(address for sent in mail.outbox for address in sent.to)


def crowd(state: RoundState, mode: str = "reviewer-blind") -> tuple[Meeting, list[Seat]]:
    """People of every kind: with and without reviews, declared or not, in conflict, in the team, gone, not active."""
    made = Meeting(3, state=state, mode=mode)
    first, second, third = made.items
    seats = [
        made.member(first, second),
        made.member(),
        made.member(first, duty=Duty.REFEREE),
        made.member(duty=Duty.OBSERVER),
    ]
    partly = made.seat()
    made.declare(partly, first)
    Review.objects.create(item=first, seat=partly)
    Review.objects.create(item=second, seat=partly)
    undeclared, reserve, referee = made.seat(), made.seat(Duty.RESERVE), made.seat(Duty.REFEREE)
    Review.objects.create(item=third, seat=referee)
    done = made.member(third)
    made.written(third, done)
    conflicted = made.seat()
    made.declare(conflicted, second, third)
    made.conflict(conflicted.user, first)
    teammate = made.member(second)
    TeamMember.objects.create(proposal=second.proposal, user=teammate.user, role=TeamRole.READER)
    gone = made.member(first)
    Seat.objects.filter(pk=gone.pk).update(left_at=database_now())
    recused = made.member(first)
    Review.objects.filter(seat=recused).update(state=ReviewState.RECUSED)
    asleep = made.member(first)
    User.objects.filter(pk=asleep.user_id).update(is_active=False)
    return made, [*seats, partly, undeclared, reserve, referee, done, conflicted, teammate, gone, recused, asleep]


@pytest.mark.parametrize("state", sorted(set(RoundState) - {RoundState.CONCLUDED}))
def test_who_owes_something_is_the_same_by_one_query_as_by_each_ones_own_desk(state: RoundState) -> None:
    made, _seats = crowd(state)
    seats = list(Seat.objects.filter(panel=made.panel, left_at=None, user__is_active=True).select_related("user"))
    for what in What:
        one_by_one = {seat.pk for seat in seats if reminding.owed(seat.user, made.panel, what).exists()}
        assert {seat.pk for seat in reminding.owing(made.panel, what)} == one_by_one
        assert bool(one_by_one) == (state in reminding.ASKED[what])


def test_who_owes_what_by_hand() -> None:
    made, (both, free, referee, observer, partly, undeclared, reserve, outside, *_rest) = crowd(RoundState.REVIEWING)
    assert set(reminding.owing(made.panel, What.REVIEWS)) == {both, referee, partly, outside}
    owing = set(reminding.owing(made.panel, What.DECLARATIONS))
    assert {partly, undeclared, reserve, outside} <= owing
    assert not {both, free, referee, observer} & owing


def test_the_calendar_reminds_twice_and_each_time_once() -> None:
    made = Meeting(2)
    owes, _free = made.member(made.items[0]), made.member()
    due_in(made, What.REVIEWS, days=7, hours=-1)
    assert (remind_due(), remind_due()) == (1, 0)
    due_in(made, What.REVIEWS, days=2, hours=-1)
    assert (remind_due(), remind_due()) == (1, 0)
    assert sorted(Reminder.objects.values_list("what", flat=True)) == ["reviews first", "reviews second"]
    assert deliver() == [owes.user.email] * 2


@pytest.mark.parametrize("when", [{"days": 7, "hours": 1}, {"days": 5}, {"hours": 20}, {"hours": -1}])
def test_nobody_is_reminded_before_the_day_long_after_it_or_when_the_date_is_over(when: dict[str, float]) -> None:
    made = Meeting(1)
    made.member(*made.items)
    due_in(made, What.REVIEWS, **when)
    assert remind_due() == 0


@pytest.mark.parametrize("state", [RoundState.PREPARING, RoundState.CHECKING])
def test_nobody_is_reminded_of_what_cannot_be_done_now(state: RoundState) -> None:
    made = Meeting(1, state=state)
    made.member(*made.items)
    for what in What:
        due_in(made, what, days=7, hours=-1)
    assert remind_due() == 0


def test_reminders_are_announced_until_they_go_out() -> None:
    made = Meeting(1)
    seat = made.member(*made.items)
    now = database_now()
    due = due_in(made, What.REVIEWS, days=5)
    page = client_of(made.chair.user).get(reverse("panel-desk", kwargs={"key": made.panel.pk})).content.decode()
    assert "Second reminder, reviews" in page
    assert "First reminder" not in page
    announced = reminding.announced_to(seat.user, now)
    assert [(panel, one.nth, one.at) for panel, one in announced] == [(made.panel, "second", due - timedelta(days=2))]
    assert reminding.announced_to(builders.person(), now) == []


def test_somebody_who_finished_meanwhile_gets_no_mail() -> None:
    made = Meeting(1)
    seat = made.member(*made.items)
    assert remind(made.panel, What.REVIEWS, by=made.chair.user, command=uuid4()) == 1
    made.written(made.items[0], seat)
    assert deliver() == []


def test_a_reminder_by_hand_goes_out_once_a_day_however_often_one_presses() -> None:
    made = Meeting(2)
    made.member(*made.items)
    command = uuid4()
    assert [remind(made.panel, What.REVIEWS, by=made.chair.user, command=command) for _ in range(2)] == [1, 1]
    assert remind(made.panel, What.REVIEWS, by=made.office, command=uuid4()) == 0
    late = made.member(made.items[0])
    page = client_of(made.office).get(reverse("panel-remind", kwargs={"key": made.panel.pk})).content.decode()
    assert (page.count("reminded already"), page.count("will be reminded")) == (1, 1)
    assert remind(made.panel, What.REVIEWS, by=made.office, command=uuid4()) == 1
    assert Reminder.objects.filter(seat=late, sent_by=made.office).exists()
    with pytest.raises(IntegrityError), transaction.atomic():
        Reminder.objects.create(seat=late, what=Reminder.objects.filter(seat=late).values_list("what", flat=True)[0])


def test_a_conflicted_chair_reminds_nobody_of_the_hidden_item_and_does_not_see_who_owes_it() -> None:
    made = Meeting(2)
    hidden, seen = made.member(made.items[0]), made.member(made.items[1])
    made.conflict(made.chair.user, made.items[0])
    page = client_of(made.chair.user).get(reverse("panel-remind", kwargs={"key": made.panel.pk})).content.decode()
    assert seen.user.name in page
    assert hidden.user.name not in page
    assert remind(made.panel, What.REVIEWS, by=made.chair.user, command=uuid4()) == 1
    assert list(Reminder.objects.values_list("seat", flat=True)) == [seen.pk]


def test_only_those_who_run_a_panel_remind() -> None:
    made = Meeting(1)
    member = made.member(*made.items)
    for user in (
        member.user,
        made.seat(Duty.OBSERVER).user,
        builders.person(),
        made.items[0].proposal.members.get().user,
    ):
        with pytest.raises(NotAllowed):
            remind(made.panel, What.REVIEWS, by=user, command=uuid4())
    answer = client_of(made.secretary.user).post(
        reverse("panel-remind", kwargs={"key": made.panel.pk}), {"command": str(uuid4()), "what": "nonsense"}
    )
    assert answer.status_code == 400


@pytest.mark.parametrize(("mode", "titled"), [("open", True), ("reviewer-blind", False), ("dual-anonymous", False)])
def test_a_mail_lists_what_is_owed_in_the_readers_language_and_titles_in_open_calls_alone(
    mode: str, titled: bool
) -> None:
    made = Meeting(3, mode=mode)
    seat = made.member(made.items[0], made.items[1])
    made.conflict(made.seat().user, made.items[2])
    due = due_in(made, What.REVIEWS, days=9)
    User.objects.filter(pk=seat.user_id).update(language="zh-hans")
    remind(made.panel, What.REVIEWS, by=made.chair.user, command=uuid4())
    assert deliver() == [seat.user.email]
    body = mail.outbox[0].body
    shown = [item.proposal.code in body for item in made.items]
    assert shown == [True, True, False]
    assert (made.items[0].proposal.title in body) == titled
    assert f"{due:%Y-%m-%d %H:%M}" in body
    assert made.items[0].proposal.members.get().user.name not in body


def test_a_mail_never_names_an_item_that_its_reader_must_not_know() -> None:
    made = Meeting(2, state=RoundState.DECLARING)
    seat = made.seat()
    remind(made.panel, What.DECLARATIONS, by=made.secretary.user, command=uuid4())
    made.conflict(seat.user, made.items[0])
    assert deliver() == [seat.user.email]
    assert [item.proposal.code in mail.outbox[0].body for item in made.items] == [False, True]


def test_an_author_is_told_why_a_review_comes_back_unless_a_conflict_came_up_meanwhile() -> None:
    made = Meeting(1)
    seat = made.member()
    review = made.written(made.items[0], seat)
    give_back(review, "Say why.", version=1, by=made.chair.user, command=uuid4())
    job = ProcrastinateJob.objects.get(task_name=notices.GIVEN_BACK_TASK)
    mail.outbox.clear()
    tasks.tell_given_back(**job.args)
    assert [sent.to for sent in mail.outbox] == [[seat.user.email]]
    assert "Say why." in mail.outbox[0].body
    Review.objects.filter(pk=review.pk).update(state=ReviewState.RECUSED)
    made.conflict(seat.user, made.items[0])
    review.refresh_from_db()
    assert mails.given_back(review, "x") is None
    assert not Review.objects.filter(Sight(seat.user).own()).exists()


def test_those_who_declared_all_are_not_asked_again() -> None:
    made = Meeting(2, state=RoundState.DECLARING)
    seat = made.seat()
    assert set(reminding.owing(made.panel, What.DECLARATIONS)) == {seat}
    made.declare(seat)
    assert set(reminding.owing(made.panel, What.DECLARATIONS)) == set()
    assert Declaration.objects.filter(seat=seat).count() == 2


@pytest.mark.django_db(transaction=True)
def test_two_who_remind_at_once_remind_each_person_once() -> None:
    made = Meeting(1)
    made.member(*made.items)
    answers = at_once(
        *(
            lambda by=by: remind(made.panel, What.REVIEWS, by=by, command=uuid4())
            for by in (made.chair.user, made.secretary.user)
        )
    )
    assert sorted(answers) == [0, 1]
    assert Reminder.objects.count() == 1
