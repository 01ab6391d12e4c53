"""Who sees what of a review, and what the database refuses, each compared with the table written down beside the kernel."""

import pytest
from django.db import connection, transaction
from django.db.models import Avg
from django.db.utils import DatabaseError

import builders
from cooperation.review.panels import Meeting
from moonbridge.accounts.models import User
from moonbridge.cooperation.proposals.models import TeamMember, TeamRole
from moonbridge.cooperation.review.models import Declaration, Duty, Item, Mark, PanelKind, Review
from moonbridge.cooperation.review.sight import Sight, masked
from moonbridge.cooperation.review.states import ReviewState, RoundState

pytestmark = pytest.mark.django_db

SEATED = ("chair", "secretary", "member", "assigned", "referee", "observer", "reserve")


class Seen:
    """A panel with two items; the first has a submitted review of a member and a begun one of a referee."""

    def __init__(self, state: RoundState, mode: str = "reviewer-blind") -> None:
        self.made = made = Meeting(2, state=state, mode=mode)
        first = made.items[0]
        self.item = first
        seats = {name: made.seat(duty) for name, duty in [
            ("member", Duty.MEMBER), ("assigned", Duty.MEMBER), ("referee", Duty.REFEREE), ("observer", Duty.OBSERVER),
            ("reserve", Duty.RESERVE),
        ]}  # fmt: skip
        for seat in seats.values():
            made.declare(seat)
        self.review = made.written(first, seats["assigned"])
        self.begun = Review.objects.create(item=first, seat=seats["referee"])
        technical = made.another_panel("Technical", kind=PanelKind.TECHNICAL)
        self.technical_item = Item.objects.create(panel=technical, proposal=first.proposal)
        engineer = made.seat(Duty.MEMBER, panel=technical)
        made.declare(engineer)
        self.feasibility = made.written(self.technical_item, engineer)
        self.people: dict[str, User] = {name: seat.user for name, seat in seats.items()} | {
            "chair": made.chair.user, "secretary": made.secretary.user, "office": made.office, "engineer": engineer.user,
            "lead": first.proposal.members.get().user, "stranger": builders.person(),
            "other office": builders.office_of(builders.agency()),
        }  # fmt: skip

    def who(self, model, condition: str, thing) -> set[str]:
        """Return who keeps ``thing`` under a condition of their sight."""
        return {
            name for name, user in self.people.items()
            if model.objects.filter(getattr(Sight(user), condition)(), pk=thing.pk).exists()
        }  # fmt: skip


RUN = {"office", "chair", "secretary"}


@pytest.mark.parametrize(
    ("state", "mode", "condition", "expected"),
    [
        (RoundState.REVIEWING, "reviewer-blind", "items", RUN | {"assigned", "referee", "observer"}),
        (RoundState.REVIEWING, "reviewer-blind", "contents", RUN | {"assigned", "referee"}),
        (RoundState.DISCUSSING, "reviewer-blind", "contents", RUN | {"assigned", "referee", "member"}),
        (RoundState.REVIEWING, "reviewer-blind", "proposers", RUN | {"assigned", "referee"}),
        (RoundState.DISCUSSING, "dual-anonymous", "proposers", {"office", "secretary"}),
        (RoundState.CHECKING, "dual-anonymous", "proposers", RUN | {"assigned", "referee", "member"}),
        (RoundState.REVIEWING, "reviewer-blind", "thread", RUN),
        (RoundState.DISCUSSING, "reviewer-blind", "thread", RUN | {"assigned", "member"}),
    ],
)
def test_what_of_an_item(state: RoundState, mode: str, condition: str, expected: set[str]) -> None:
    seen = Seen(state, mode)
    assert seen.who(Item, condition, seen.item) == expected


@pytest.mark.parametrize(
    ("state", "condition", "expected"),
    [
        (RoundState.REVIEWING, "marks", RUN | {"assigned"}),
        (RoundState.DISCUSSING, "marks", RUN | {"assigned", "member"}),
        (RoundState.DISCUSSING, "confidential", RUN | {"assigned", "member"}),
        (RoundState.DISCUSSING, "authors", RUN | {"assigned", "member"}),
        (RoundState.DISCUSSING, "progress", RUN | {"assigned"}),
    ],
)
def test_what_of_a_submitted_review(state: RoundState, condition: str, expected: set[str]) -> None:
    seen = Seen(state)
    assert seen.who(Review, condition, seen.review) == expected


def test_a_review_that_is_begun_is_its_authors_and_its_state_the_managers() -> None:
    seen = Seen(RoundState.DISCUSSING)
    assert seen.who(Review, "marks", seen.begun) == {"referee"}
    assert seen.who(Review, "reviews", seen.begun) == RUN | {"referee"}
    assert seen.who(Review, "authors", seen.begun) == RUN | {"referee"}


def test_the_science_panel_reads_technical_marks_when_it_discusses_but_not_who_gave_them() -> None:
    before, later = Seen(RoundState.REVIEWING), Seen(RoundState.DISCUSSING)
    assert before.who(Review, "marks", before.feasibility) == {"office", "engineer"}
    assert later.who(Review, "marks", later.feasibility) == RUN | {"assigned", "member", "engineer"}
    assert later.who(Review, "authors", later.feasibility) == {"office", "engineer"}
    assert later.who(Review, "confidential", later.feasibility) == {"office", "engineer"}


@pytest.mark.parametrize("name", SEATED)
@pytest.mark.parametrize("how", ["conflict", "team", "undeclared"])
def test_a_conflict_a_place_in_the_team_or_no_declaration_hides_everything(name: str, how: str) -> None:
    seen = Seen(RoundState.DISCUSSING)
    user = seen.people[name]
    if how == "undeclared":
        Declaration.objects.filter(seat__user=user).delete()
    else:
        Review.objects.filter(seat__user=user).update(state=ReviewState.RECUSED)
        if how == "conflict":
            seen.made.conflict(user, seen.item)
        else:
            TeamMember.objects.create(proposal=seen.item.proposal, user=user, role=TeamRole.READER)
    sight = Sight(user)
    for condition in ("items", "contents", "proposers", "thread"):
        assert not Item.objects.filter(getattr(sight, condition)(), pk=seen.item.pk).exists()
    for condition in ("reviews", "marks", "confidential", "authors", "progress", "own"):
        assert not Review.objects.filter(getattr(sight, condition)(), item__proposal=seen.item.proposal).exists()


def test_an_office_in_conflict_sees_nothing_of_it_either() -> None:
    seen = Seen(RoundState.DISCUSSING)
    seen.made.conflict(seen.made.office, seen.item)
    sight = Sight(seen.made.office)
    assert list(Item.objects.filter(sight.items(), panel=seen.made.panel)) == [seen.made.items[1]]


def test_only_the_undeclared_is_to_be_declared_and_a_conflict_is_never_asked() -> None:
    made = Meeting(3, state=RoundState.DECLARING)
    seat = made.seat()
    made.declare(seat, made.items[0])
    made.conflict(seat.user, made.items[1])
    assert list(Item.objects.filter(Sight(seat.user).to_declare())) == [made.items[2]]


def test_a_masked_column_is_null_in_every_use() -> None:
    seen = Seen(RoundState.DISCUSSING)
    hidden, plain = Sight(seen.people["referee"]), Sight(seen.people["member"])
    for sight, expected in ((hidden, None), (plain, 7000.0)):
        marks = Mark.objects.annotate(value=masked("value_permille", sight.marks("review__")))
        ours = marks.filter(review=seen.review)
        assert ours.aggregate(mean=Avg("value"))["mean"] == expected
        assert ours.filter(value__gte=5000).exists() == (expected is not None)
        assert not ours.filter(value__lt=5000).exists()


def test_the_database_refuses_a_review_in_conflict_either_way_round() -> None:
    made = Meeting()
    seat, item = made.member(made.items[0]), made.items[1]
    made.conflict(seat.user, item)
    with pytest.raises(DatabaseError, match="Nobody reviews"), transaction.atomic():
        Review.objects.create(item=item, seat=seat)
    with transaction.atomic():
        made.conflict(seat.user, made.items[0])
        with pytest.raises(DatabaseError, match="stands only when"), transaction.atomic():
            _at_the_end()
        transaction.set_rollback(True)


def _at_the_end() -> None:
    """Let the database check now what it checks when a transaction ends."""
    with connection.cursor() as cursor:
        cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")


def test_the_database_keeps_submitted_marks_and_their_scale() -> None:
    made = Meeting()
    review = made.written(made.items[0], made.member(made.items[0]))
    with pytest.raises(DatabaseError, match="while their review is being written"), transaction.atomic():
        review.marks.update(value_permille=0)
    with pytest.raises(DatabaseError, match="Cannot update"), transaction.atomic():
        Review.objects.filter(pk=review.pk).update(to_team="other")
    Review.objects.filter(pk=review.pk).update(state=ReviewState.DRAFT)
    with pytest.raises(DatabaseError, match="within the scale"), transaction.atomic():
        review.marks.update(value_permille=10**6)
