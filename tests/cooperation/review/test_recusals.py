"""Stepping back from a review: what ends, what is kept of it, and the replacement that is proposed."""

import uuid

import pytest
from django.core import mail
from procrastinate.contrib.django.models import ProcrastinateJob

import builders
from cooperation.review.panels import Meeting
from moonbridge.cooperation.proposals.models import TeamMember, TeamRole
from moonbridge.cooperation.review import notices, tasks
from moonbridge.cooperation.review.actions import allocations, seats
from moonbridge.cooperation.review.actions.recusals import Tie, recuse
from moonbridge.cooperation.review.models import Allocation, Conflict, Duty, Ground, Item, Review
from moonbridge.cooperation.review.states import AllocationState, ReviewState, RoundState
from moonbridge.errors import CommandReused, InputError, NotAllowed, WrongState

pytestmark = pytest.mark.django_db


def work() -> Allocation:
    """Carry out the newest job of an assignment."""
    job = ProcrastinateJob.objects.filter(task_name=notices.ALLOCATE_TASK).latest("id")
    tasks.allocate(**job.args)
    return Allocation.objects.get(pk=job.args["allocation"])


@pytest.fixture
def made() -> Meeting:
    """Two proposals; each is to have two reviews, and A has them from two members; a third member has nothing to do."""
    made = Meeting(2)
    made.panel.demand = 2
    made.panel.save()
    return made


def theirs(seat, item) -> Review:
    return Review.objects.get(seat=seat, item=item)


def test_a_reviewer_steps_back_and_the_free_member_is_proposed(made) -> None:
    item = made.items[0]
    leaving, staying, free = made.member(item), made.member(item), made.member()
    review = recuse(theirs(leaving, item), reason=" No  time. ", by=leaving.user, command=uuid.uuid4())
    assert (review.state, review.ended_because, review.version) == (ReviewState.RECUSED, "No time.", 2)
    assert not Conflict.objects.exists()
    found = work()
    assert found.state == AllocationState.PROPOSED
    assert {seat for _, seat, *_ in found.answer["pairs"]} & {str(free.pk), str(leaving.pk), str(staying.pk)} >= {
        str(staying.pk)
    }
    allocations.adopt(found, by=made.office, command=uuid.uuid4())
    active = Review.objects.filter(item=item, state=ReviewState.ASSIGNED)
    assert set(active.values_list("seat", flat=True)) in ({staying.pk, free.pk}, {staying.pk, made.chair.pk})
    assert not Review.objects.filter(item=made.items[1]).exists()


def test_a_conflict_that_is_named_is_kept_and_ends_the_reviews_in_every_panel(made) -> None:
    item = made.items[0]
    seat = made.member(item)
    technical = made.another_panel("Technical", kind="technical", demand=1)
    other = technical.items.create(proposal=item.proposal)
    engineer = made.seat(Duty.MEMBER, user=seat.user, panel=technical)
    made.declare(engineer)
    Review.objects.create(item=other, seat=engineer)
    tie = Tie(Ground.FAMILY, "My brother leads it.")
    recuse(theirs(seat, item), reason="Family", by=seat.user, command=uuid.uuid4(), tie=tie)
    kept = Conflict.objects.get()
    assert (kept.ground, kept.source, kept.evidence, kept.standing) == ("family", "reviewer", tie.evidence, True)
    assert set(Review.objects.values_list("state", flat=True)) == {ReviewState.RECUSED}
    assert {one.panel for one in Allocation.objects.all()} == {made.panel, technical}


def test_a_submitted_review_may_be_recused_and_what_it_said_stays(made) -> None:
    item = made.items[0]
    review = made.written(item, made.member(item), to_team="Well thought.")
    recuse(review, reason="I see now that I know them.", by=review.seat.user, command=uuid.uuid4())
    review.refresh_from_db()
    assert (review.state, review.to_team) == (ReviewState.RECUSED, "Well thought.")


def test_the_same_command_recuses_once(made) -> None:
    seat, command = made.member(made.items[0]), uuid.uuid4()
    review = theirs(seat, made.items[0])
    for _ in range(2):
        recuse(review, reason="No time.", by=seat.user, command=command)
    assert Allocation.objects.count() == 1
    with pytest.raises(CommandReused):
        recuse(review, reason="Another.", by=seat.user, command=command)
    with pytest.raises(WrongState):
        recuse(review, reason="Again.", by=seat.user, command=uuid.uuid4())


def test_who_may_recuse(made) -> None:
    item = made.items[0]
    review = theirs(made.member(item), item)
    for other in (made.member().user, made.chair.user, builders.person(), item.proposal.members.get().user):
        with pytest.raises(NotAllowed):
            recuse(review, reason="Out.", by=other, command=uuid.uuid4())
    with pytest.raises(InputError):
        recuse(review, reason="  ", by=review.seat.user, command=uuid.uuid4())
    made.conflict(made.secretary.user, item)
    with pytest.raises(Item.DoesNotExist):
        recuse(review, reason="Out.", by=made.secretary.user, command=uuid.uuid4())
    assert recuse(review, reason="Out.", by=made.office, command=uuid.uuid4()).state == ReviewState.RECUSED


def test_after_the_marks_are_locked_nobody_steps_back() -> None:
    made = Meeting(1, state=RoundState.CHECKING)
    review = theirs(made.member(made.items[0]), made.items[0])
    with pytest.raises(WrongState):
        recuse(review, reason="Late.", by=review.seat.user, command=uuid.uuid4())


def test_a_second_recusal_drops_the_first_proposal_and_replaces_both(made) -> None:
    item = made.items[0]
    seats = [made.member(item) for _ in range(2)]
    free = [made.member() for _ in range(2)]
    made.panel.seats.filter(pk=made.chair.pk).update(most=0)
    recuse(theirs(seats[0], item), reason="1", by=seats[0].user, command=uuid.uuid4())
    first = work()
    recuse(theirs(seats[1], item), reason="2", by=seats[1].user, command=uuid.uuid4())
    first.refresh_from_db()
    assert first.state == AllocationState.DROPPED
    assert {seat for _, seat, *_ in work().answer["pairs"]} == {str(seat.pk) for seat in free}


def test_a_reserve_steps_in_where_nobody_else_can(made) -> None:
    item = made.items[0]
    seats, reserve = [made.member(item) for _ in range(2)], made.seat(Duty.RESERVE)
    made.panel.seats.filter(pk=made.chair.pk).update(most=0)
    recuse(theirs(seats[0], item), reason="No time.", by=seats[0].user, command=uuid.uuid4())
    assert {seat for _, seat, *_ in work().answer["pairs"]} == {str(seats[1].pk), str(reserve.pk)}


def test_where_nobody_is_free_others_change_places_as_little_as_can_be(made) -> None:
    """A's reviewer leaves; only B's could take A, and only a third, in conflict with A, could take B."""
    panel, (a, b) = made.panel, made.items
    panel.demand, panel.most = 1, 1
    panel.save()
    made.panel.seats.filter(pk=made.chair.pk).update(most=0)
    leaving, able, third = made.member(a), made.member(b), made.member()
    made.conflict(third.user, a)
    recuse(theirs(leaving, a), reason="No time.", by=leaving.user, command=uuid.uuid4())
    found = work()
    assert {(i, s) for i, s, *_ in found.answer["pairs"]} == {(str(a.pk), str(able.pk)), (str(b.pk), str(third.pk))}
    assert set(found.items.all()) == {a, b}
    allocations.adopt(found, by=made.office, command=uuid.uuid4())
    assert set(Review.objects.filter(state="assigned").values_list("item", "seat")) == {
        (a.pk, able.pk), (b.pk, third.pk)
    }  # fmt: skip
    assert theirs(able, b).state == ReviewState.RELEASED


def test_where_nobody_can_it_is_said_who_is_missing(made) -> None:
    panel, item = made.panel, made.items[0]
    panel.demand = 1
    panel.save()
    made.panel.seats.filter(pk=made.chair.pk).update(most=0)
    seat = made.member(item)
    recuse(theirs(seat, item), reason="No time.", by=seat.user, command=uuid.uuid4())
    found = work()
    assert found.state == AllocationState.IMPOSSIBLE
    assert item.proposal.code in found.answer["refusal"]["sentence"]
    assert found.answer["items"] == [str(item.pk)]


def test_who_leaves_the_panel_is_replaced_on_all_that_they_owed_in_one_proposal(made) -> None:
    made.panel.seats.filter(pk=made.chair.pk).update(most=0)
    leaving, staying = made.member(*made.items), made.member(*made.items)
    free = made.member()
    seats.leave(leaving, because="moves away", by=made.office, command=uuid.uuid4())
    found = work()
    assert (found.state, Allocation.objects.count()) == (AllocationState.PROPOSED, 1)
    assert {(item, seat) for item, seat, *_ in found.answer["pairs"]} == {
        (str(item.pk), str(seat.pk)) for item in made.items for seat in (staying, free)
    }
    allocations.adopt(found, by=made.office, command=uuid.uuid4())
    assert Review.objects.filter(seat=free, state=ReviewState.ASSIGNED).count() == 2


def test_who_leaves_and_owes_nothing_is_not_replaced(made) -> None:
    seat = made.member()
    made.written(made.items[0], seat)
    seats.leave(seat, because="moves away", by=made.office, command=uuid.uuid4())
    assert not Allocation.objects.exists()


def test_a_later_recusal_takes_in_what_an_earlier_one_was_for(made) -> None:
    made.panel.seats.filter(pk=made.chair.pk).update(most=0)
    a, b = made.items
    leaving, other, _free = made.member(a, b), made.member(a), made.member()
    seats.leave(leaving, because="moves away", by=made.office, command=uuid.uuid4())
    first = work()
    recuse(theirs(other, a), reason="No time.", by=other.user, command=uuid.uuid4())
    first.refresh_from_db()
    last = Allocation.objects.latest("made_at")
    assert (first.state, set(last.items.all())) == (AllocationState.DROPPED, {a, b})


def mailed() -> list[list[str]]:
    """Carry out the mails of assignments that are queued, and return to whom they went."""
    mail.outbox.clear()
    for job in ProcrastinateJob.objects.filter(task_name=notices.ASSIGNED_TASK):
        tasks.tell_assigned(**job.args)
    return sorted(sent.to for sent in mail.outbox)


def test_an_adopted_assignment_is_mailed_once_to_those_who_have_something_new(made) -> None:
    made.panel.seats.filter(pk=made.chair.pk).update(most=0)
    leaving, staying, free = made.member(*made.items), made.member(*made.items), made.member()
    seats.leave(leaving, because="moves away", by=made.office, command=uuid.uuid4())
    found, key = work(), uuid.uuid4()
    for _ in range(2):
        allocations.adopt(found, by=made.office, command=key)
    assert mailed() == [[free.user.email]], "who keeps what they had is not told again"
    assert staying.user.email not in str(mailed())
    body = mail.outbox[0].body
    assert "2 reviews are yours to write" in body
    for proposal in made.proposals:
        assert proposal.title not in body
        assert proposal.code not in body
    seats.leave(free, because="moves away too", by=made.office, command=uuid.uuid4())
    assert mailed() == [], "who owes nothing any more is not told"


def test_what_is_given_by_hand_is_mailed_without_what_is_hidden(made) -> None:
    a, b = made.items
    seat = made.member()
    for item in (a, b):
        allocations.assign_by_hand(item, seat, reason="knows it", by=made.office, command=uuid.uuid4())
    TeamMember.objects.create(proposal=b.proposal, user=seat.user, role=TeamRole.READER)
    mailed()
    assert all("1 review is yours to write" in sent.body for sent in mail.outbox)
    assert len(mail.outbox) == 2
