"""Two at once: an assignment is adopted by one of two, and a recusal beside an adoption leaves nobody in conflict with a review."""

import uuid

import pytest

import builders
from cooperation.review.panels import Meeting
from cooperation.selection.test_concurrency import at_once
from moonbridge.cooperation.review.actions import allocations, conflicts
from moonbridge.cooperation.review.aims import Aim, Asked
from moonbridge.cooperation.review.models import Allocation, Conflict, Ground, Review
from moonbridge.cooperation.review.states import AllocationState
from moonbridge.errors import Stale, WrongState

pytestmark = pytest.mark.django_db(transaction=True)


def prepared() -> tuple[Meeting, Allocation]:
    made = Meeting(2)
    made.panel.demand = 2
    made.panel.save()
    for _ in range(3):
        made.member()
    found = allocations.ask(made.panel, Asked(Aim.TOTAL), by=made.office, command=uuid.uuid4())
    assert found.state == AllocationState.PROPOSED
    return made, found


def test_two_who_adopt_at_once_adopt_once() -> None:
    made, found = prepared()
    other = builders.office_of(made.call.agency)
    answers = at_once(
        *(lambda by=by: allocations.adopt(found, by=by, command=uuid.uuid4()) for by in (made.office, other))
    )
    assert sorted(type(one) for one in answers if not isinstance(one, Allocation)) == [WrongState]
    assert Review.objects.count() == 4


def test_a_double_click_adopts_once() -> None:
    made, found = prepared()
    same = uuid.uuid4()
    answers = at_once(*[lambda: allocations.adopt(found, by=made.office, command=same)] * 2)
    assert answers == [found, found]
    assert Review.objects.count() == 4


def test_a_conflict_beside_an_adoption_never_leaves_a_review_in_conflict() -> None:
    made, found = prepared()
    item, seat, *_ = found.answer["pairs"][0]
    item, seat = made.panel.items.get(pk=item), made.panel.seats.get(pk=seat)
    answers = at_once(
        lambda: allocations.adopt(found, by=made.office, command=uuid.uuid4()),
        lambda: conflicts.pin(item, seat, ground=Ground.RIVAL, evidence="", by=made.office, command=uuid.uuid4()),
    )
    assert isinstance(answers[0], Allocation | Stale)
    assert isinstance(answers[1], Conflict)
    assert not Review.objects.filter(item=item, seat=seat, state="assigned").exists()
