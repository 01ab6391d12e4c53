"""The desk of a panel: who opens it, what is counted, sorted and filtered over what they see, and how it stays fast."""

import csv
import io
from datetime import timedelta
from fractions import Fraction
from typing import Any
from uuid import uuid4

import pytest
from django.test import Client
from django.urls import reverse

import builders
from cooperation.review.crowds import Crowd
from cooperation.review.panels import Meeting
from moonbridge.accounts.models import User
from moonbridge.cooperation.opportunities.models import StageDate, StageKind
from moonbridge.cooperation.proposals.models import TeamMember, TeamRole
from moonbridge.cooperation.review import merits
from moonbridge.cooperation.review.actions import chairing
from moonbridge.cooperation.review.actions.chairing import Order
from moonbridge.cooperation.review.boards import Board
from moonbridge.cooperation.review.models import Duty, Item, PanelKind, Review, Seat, Verdict
from moonbridge.cooperation.review.queries import outlying
from moonbridge.cooperation.review.sight import Sight
from moonbridge.cooperation.review.sorting import BY, Asked, chosen, ordered, people
from moonbridge.cooperation.review.states import ItemState, ReviewState, RoundState
from moonbridge.cooperation.review.tasks import find_outlying
from moonbridge.errors import InputError, NotAllowed, Stale, WrongState
from moonbridge.record.models import Entry
from moonbridge.record.queries import database_now

pytestmark = pytest.mark.django_db

READS = ("panel-desk", "panel-items", "panel-people", "panel-people-table", "panel-remind")
MOST_QUERIES = 10


def client_of(user: User) -> Client:
    client = Client()
    client.force_login(user)
    return client


def address(name: str, panel: Any, **more: Any) -> str:
    ending = {"ending": "csv"} if name in {"panel-items", "panel-people-table"} else {}
    return reverse(name, kwargs={"key": panel.pk} | ending | more)


def status(user: User, name: str, panel: Any) -> int:
    return client_of(user).get(address(name, panel)).status_code


def people_of(made: Meeting) -> dict[str, User]:
    """Somebody of every kind; "conflicted member" and "in the team" have to do with the first item."""
    first = made.items[0]
    found = {
        duty.value: made.member(duty=duty).user for duty in (Duty.MEMBER, Duty.RESERVE, Duty.REFEREE, Duty.OBSERVER)
    }
    other = made.another_panel("Other")
    found |= {
        "office": made.office, "chair": made.chair.user, "secretary": made.secretary.user, "lead": first.proposal.members.get().user,
        "conflicted member": made.member().user, "other panel": made.seat(panel=other).user, "stranger": builders.person(),
        "other office": builders.office_of(builders.agency()),
    }  # fmt: skip
    made.conflict(found["conflicted member"], first)
    return found


SITS = {"office", "chair", "secretary", "member", "observer", "conflicted member"}
RUNS = {"office", "chair", "secretary"}


def test_who_opens_which_page_of_a_panel() -> None:
    made = Meeting(2)
    everybody = people_of(made)
    opened = {name: {who for who, user in everybody.items() if status(user, name, made.panel) == 200} for name in READS}
    assert opened == {
        "panel-desk": SITS, "panel-items": SITS, "panel-people": RUNS, "panel-people-table": RUNS, "panel-remind": RUNS,
    }  # fmt: skip


@pytest.mark.parametrize("name", READS)
def test_a_forbidden_panel_answers_like_an_absent_one(name: str) -> None:
    made = Meeting(1)
    client = client_of(builders.person())
    there, absent = made.panel, Meeting(0).panel
    key = absent.pk
    absent.delete()
    answers = [client.get(address(name, type(there)(pk=one))) for one in (there.pk, key)]
    assert [one.status_code for one in answers] == [404, 404]
    assert answers[0].content.replace(str(there.pk).encode(), b"") == answers[1].content.replace(str(key).encode(), b"")


def test_means_and_spreads_are_those_of_the_formula_of_merits() -> None:
    made = Meeting(2)
    for value in (3, 8, 10):
        made.written(made.items[0], made.member(), value)
    board = Board(made.chair.user, made.panel)
    line = {one.key: one for one in board.lines}[made.items[0].pk]
    criteria = [merits.Weighed(c.name, c.weight, c.lowest, c.highest) for c in made.panel.criteria.all()]
    scores = [merits.Given(c.name, str(n), 1000 * value) for c in criteria for n, value in enumerate((3, 8, 10))]
    told = merits.standing(criteria, scores)
    assert told is not None
    assert (round(line.mean, 4), round(line.spread, 4)) == (told.merit / 10**4, told.spread / 10**4)
    assert Fraction(told.merit, 10**6) == Fraction(7, 10)
    assert (line.given, line.wanted, line.complete) == (3, 3, True)


def test_hidden_and_missing_values_stand_last_either_way_and_fit_no_filter() -> None:
    made = Meeting(3, state=RoundState.DISCUSSING)
    made.written(made.items[0], made.member(), 2)
    made.written(made.items[1], made.member(), 9)
    lines = Board(made.office, made.panel).lines
    keys = [one.pk for one in made.items]
    assert [one.key for one in ordered(lines, "mean", BY)] == keys
    assert [one.key for one in ordered(lines, "-mean", BY)] == [keys[1], keys[0], keys[2]]
    thin = Board(made.member(duty=Duty.OBSERVER).user, made.panel).lines
    assert [(one.state, one.given, one.wanted, one.mean, one.place, one.complete) for one in thin] == [(None,) * 6] * 3
    assert all(chosen(thin, Asked(show=show)) == [] for show in ("incomplete", "complete", "waiting", "left-out"))


def test_the_table_is_filtered_by_what_is_asked_for() -> None:
    made = Meeting(3, state=RoundState.DISCUSSING)
    for _ in range(3):
        made.written(made.items[1], made.member(), 5)
    lines = Board(made.office, made.panel).lines
    key = made.items[1].pk
    assert [one.key for one in chosen(lines, Asked(show="complete"))] == [key]
    assert key not in [one.key for one in chosen(lines, Asked(show="incomplete"))]
    assert [one.key for one in chosen(lines, Asked(text=made.items[2].proposal.title.upper()))] == [made.items[2].pk]
    assert [one.key for one in chosen(lines, Asked(show="outlying"), frozenset({key}))] == [key]


def test_a_conflicted_chair_counts_averages_and_sorts_without_the_item() -> None:
    made = Meeting(3)
    reviewer, referee = made.member(*made.items), made.seat(Duty.REFEREE)
    made.declare(referee, made.items[0])
    Review.objects.create(item=made.items[0], seat=referee)
    made.written(made.items[0], reviewer, 1)
    made.written(made.items[1], reviewer, 9)
    made.conflict(made.chair.user, made.items[0])
    board, whole = Board(made.chair.user, made.panel), Board(made.office, made.panel)
    assert [line.key for line in board.lines] == [made.items[1].pk, made.items[2].pk]
    assert [line.place for line in board.lines] == [1, 2]
    loads = {load.seat.label: (load.assigned, load.submitted) for load in board.loads(over=False)}
    assert loads == {made.chair.label: (0, 0), reviewer.label: (2, 1)}
    assert referee.label in {load.seat.label for load in whole.loads(over=False)}
    text = client_of(made.chair.user).get(address("panel-items", made.panel)).content.decode()
    assert made.items[0].proposal.code not in text
    assert len(list(csv.reader(io.StringIO(text)))) == 1 + 2


def test_two_worlds_that_differ_in_a_hidden_item_look_the_same_to_its_conflicted_chair(rf) -> None:
    made = Meeting(3)
    seats = [made.member(*made.items) for _ in range(4)]
    for number, seat in enumerate(seats):
        made.written(made.items[1], seat, number + 3)
    made.conflict(made.chair.user, made.items[0])
    before = shown_to(made.chair.user, made)
    made.written(made.items[0], seats[0], 10)
    chairing.leave_out(made.items[0], "weak", by=made.secretary.user, command=uuid4())
    made.written(made.items[0], made.member(), 0)
    after = shown_to(made.chair.user, made)
    assert before["items"] == after["items"]
    assert before["judged"] == after["judged"]
    seen_by_all = {key: value for key, value in after["loads"].items() if key in before["loads"]}
    assert seen_by_all == before["loads"]


def shown_to(user: User, made: Meeting) -> dict[str, Any]:
    board = Board(user, made.panel)
    return {
        "items": board.lines,
        "judged": (outlying.digest_of(board), board.judged()),
        "loads": {load.seat.label: (load.assigned, load.untouched, load.submitted) for load in board.loads(over=False)},
    }  # fmt: skip


def test_whoever_sees_how_far_a_review_is_sees_who_writes_it() -> None:
    """The loads count on it."""
    made = Meeting(2, state=RoundState.DISCUSSING)
    everybody = people_of(made)
    made.written(made.items[0], made.member())
    made.member(*made.items, duty=Duty.REFEREE)
    for user in everybody.values():
        sight = Sight(user)
        known = Review.objects.filter(sight.authors()).values("pk")
        assert not Review.objects.filter(sight.progress()).exclude(pk__in=known).exists()
    assert Review.objects.filter(Sight(made.office).progress()).count() == 3


def test_loads_tell_who_has_not_begun_and_who_is_late() -> None:
    made = Meeting(2)
    busy, idle = made.member(*made.items), made.member(made.items[0])
    made.written(made.items[0], busy)
    board = Board(made.secretary.user, made.panel)
    late = {load.seat.pk: load for load in board.loads(over=True)}
    assert (late[busy.pk].submitted, late[busy.pk].untouched, late[busy.pk].late) == (1, 1, 1)
    assert (late[idle.pk].submitted, late[idle.pk].untouched, late[idle.pk].late) == (0, 1, 1)
    assert all(load.late == 0 for load in board.loads(over=False))
    assert next(one.seat for one in people(late.values(), Asked(sort="-submitted"))) == busy
    assert people(late.values(), Asked(text="nobody of that name")) == []


def test_technical_verdicts_reach_those_who_may_read_them() -> None:
    made = Meeting(1, state=RoundState.DISCUSSING)
    technical = made.another_panel("Engineers", kind=PanelKind.TECHNICAL)
    item = Item.objects.create(panel=technical, proposal=made.items[0].proposal)
    engineer = made.seat(panel=technical)
    made.declare(engineer)
    made.written(item, engineer, verdict=Verdict.CONDITIONAL)
    member, conflicted = made.member().user, made.member().user
    made.conflict(conflicted, made.items[0])
    for user in (made.office, made.chair.user, member):
        assert [line.verdicts for line in Board(user, made.panel).lines] == [("conditional",)]
    assert Board(conflicted, made.panel).lines == []
    assert [line.verdicts for line in Board(made.office, technical).lines] == [("conditional",)]


def test_outlying_reviews_are_looked_for_among_what_one_sees_and_forgotten_when_marks_change() -> None:
    made = Meeting(6)
    seats = [made.member(*made.items) for _ in range(5)]
    for number, item in enumerate(made.items):
        for turn, seat in enumerate(seats):
            made.written(item, seat, 0 if (number, turn) == (5, 4) else 3 + number + turn % 2)
    client = client_of(made.office)
    page = client.get(address("panel-desk", made.panel)).content.decode()
    assert "Not looked for" in page
    client.post(address("panel-outlying", made.panel))
    found = outlying.kept(Board(made.office, made.panel))
    assert found is not None
    assert [(one.item, one.seat) for one in found.outlying] == [(made.items[5].pk, seats[4].pk)]
    assert "1 review stands out" in client.get(address("panel-desk", made.panel)).content.decode()
    assert outlying.kept(Board(made.chair.user, made.panel)) is None
    Review.objects.filter(item=made.items[0], seat=seats[0]).update(state=ReviewState.DRAFT)
    assert outlying.kept(Board(made.office, made.panel)) is None


def test_the_job_that_looks_for_outlying_reviews_keeps_them_for_who_asked_alone() -> None:
    made = Meeting(3)
    for item in made.items:
        made.written(item, made.member())
    find_outlying(str(made.panel.pk), str(made.chair.user.pk))
    find_outlying(str(made.panel.pk), str(builders.person().pk))
    assert outlying.kept(Board(made.chair.user, made.panel)) is not None
    assert outlying.kept(Board(made.secretary.user, made.panel)) is None


def order_of(made: Meeting, user: User | None = None) -> list[int]:
    keys = [item.pk for item in made.items]
    return [keys.index(line.key) for line in Board(user or made.office, made.panel).lines]


@pytest.mark.parametrize(
    ("order", "expected"), [(Order.MEAN, [1, 2, 0]), (Order.SPREAD, [2, 0, 1]), (Order.CODE, [0, 1, 2])]
)
def test_the_discussion_is_ordered_and_that_is_recorded(order: Order, expected: list[int]) -> None:
    made = Meeting(3)
    for item, values in zip(made.items, [(4, 5), (9, 9), (3, 9)], strict=True):
        for value in values:
            made.written(item, made.member(), value)
    command = uuid4()
    chairing.arrange(made.panel, order, by=made.chair.user, command=command)
    chairing.arrange(made.panel, order, by=made.chair.user, command=command)
    assert order_of(made) == expected
    entry = Entry.objects.get(verb="order discussion")
    assert entry.body["facts"] == {"panel": str(made.panel.pk), "order": order.value}


def test_a_conflicted_chair_orders_around_the_item_that_stays_in_its_place() -> None:
    made = Meeting(4)
    for item, value in zip(made.items, (2, 9, 4, 7), strict=True):
        made.written(item, made.member(), value)
    made.conflict(made.chair.user, made.items[1])
    chairing.arrange(made.panel, Order.MEAN, by=made.chair.user, command=uuid4())
    assert order_of(made) == [3, 1, 2, 0]
    assert order_of(made, made.chair.user) == [3, 2, 0]
    chairing.place(made.items[0], 1, by=made.chair.user, command=uuid4())
    assert order_of(made, made.chair.user) == [0, 3, 2]
    assert order_of(made) == [0, 1, 3, 2]


def test_items_are_moved_by_hand_left_out_with_a_reason_and_brought_back() -> None:
    made = Meeting(3)
    client = client_of(made.secretary.user)

    def send(item: Item, verb: str, **fields: Any) -> int:
        path = reverse("panel-item-act", kwargs={"key": made.panel.pk, "item": item.pk, "verb": verb})
        return client.post(path, {"command": str(uuid4())} | fields).status_code

    assert send(made.items[2], "move", place=1) == 302
    assert order_of(made) == [2, 0, 1]
    assert send(made.items[2], "move", place=99) == 302
    assert order_of(made) == [0, 1, 2]
    assert send(made.items[0], "leave-out", because="") == 400
    assert send(made.items[0], "leave-out", because="Far below the others.") == 302
    assert [line.place for line in Board(made.office, made.panel).lines] == [None, 1, 2]
    assert send(made.items[0], "move", place=1) == 409
    assert send(made.items[0], "bring-back") == 302
    assert [line.place for line in Board(made.office, made.panel).lines] == [1, 2, 3]


def test_only_those_who_run_a_panel_and_see_the_item_order_it() -> None:
    made = Meeting(2)
    made.conflict(made.chair.user, made.items[0])
    everybody = people_of(made)
    for who in set(everybody) - RUNS:
        with pytest.raises(NotAllowed):
            chairing.arrange(made.panel, Order.CODE, by=everybody[who], command=uuid4())
        with pytest.raises(NotAllowed):
            chairing.place(made.items[1], 1, by=everybody[who], command=uuid4())
    with pytest.raises(NotAllowed):
        chairing.leave_out(made.items[0], "x", by=made.chair.user, command=uuid4())
    TeamMember.objects.create(proposal=made.items[1].proposal, user=made.secretary.user, role=TeamRole.READER)
    with pytest.raises(NotAllowed):
        chairing.leave_out(made.items[1], "x", by=made.secretary.user, command=uuid4())


def test_nothing_is_ordered_when_the_review_is_concluded() -> None:
    made = Meeting(1)
    type(made.round).objects.filter(pk=made.round.pk).update(state=RoundState.CONCLUDED, concluded_at=database_now())
    with pytest.raises(WrongState):
        chairing.arrange(made.panel, Order.CODE, by=made.office, command=uuid4())
    with pytest.raises(WrongState):
        chairing.leave_out(made.items[0], "x", by=made.office, command=uuid4())


def test_an_item_is_left_out_with_a_reason_only_and_only_while_it_waits() -> None:
    made = Meeting(1, state=RoundState.DISCUSSING)
    with pytest.raises(InputError):
        chairing.leave_out(made.items[0], "  ", by=made.office, command=uuid4())
    Item.objects.filter(pk=made.items[0].pk).update(state=ItemState.OPEN)
    with pytest.raises(WrongState):
        chairing.leave_out(made.items[0], "x", by=made.office, command=uuid4())


def test_a_review_is_given_back_to_its_author_in_the_version_that_was_read() -> None:
    made = Meeting(1)
    seat = made.member()
    review = made.written(made.items[0], seat)
    with pytest.raises(Stale):
        chairing.give_back(review, "x", version=review.version + 1, by=made.chair.user, command=uuid4())
    with pytest.raises(NotAllowed):
        chairing.give_back(review, "x", version=review.version, by=seat.user, command=uuid4())
    chairing.give_back(review, "Say why.", version=review.version, by=made.chair.user, command=uuid4())
    review.refresh_from_db()
    assert (review.state, review.submitted_at) == (ReviewState.DRAFT, None)
    with pytest.raises(WrongState):
        chairing.give_back(review, "x", version=review.version, by=made.chair.user, command=uuid4())


def test_a_review_of_an_item_one_does_not_see_is_not_found() -> None:
    made = Meeting(1)
    review = made.written(made.items[0], made.member())
    made.conflict(made.chair.user, made.items[0])
    path = reverse("panel-review-give-back", kwargs={"key": made.panel.pk, "review": review.pk})
    answer = client_of(made.chair.user).post(path, {"command": str(uuid4()), "version": 1, "reason": "x"})
    assert answer.status_code == 404
    review.refresh_from_db()
    assert review.state == ReviewState.SUBMITTED


@pytest.mark.parametrize(("proposals", "reviewers"), [(10, 5), (1000, 500)])
def test_the_desk_asks_few_queries_whatever_its_size(
    proposals: int, reviewers: int, django_assert_max_num_queries: Any
) -> None:
    crowd = Crowd(proposals, reviewers)
    crowd.hide_from(crowd.made.chair.user, 3)
    StageDate.objects.create(
        opportunity=crowd.made.call, stage=StageKind.REVIEWS, promised=database_now() + timedelta(days=20)
    )
    for user in (crowd.made.office, crowd.made.chair.user, crowd.seats[0].user):
        client = client_of(user)
        for name in READS if user != crowd.seats[0].user else READS[:2]:
            with django_assert_max_num_queries(MOST_QUERIES):
                assert client.get(address(name, crowd.panel) + "?sort=-mean").status_code == 200
    page = client_of(crowd.made.office).get(address("panel-desk", crowd.panel)).content.decode()
    assert page.count("<tr>") == 1 + min(100, proposals)
    assert Seat.objects.filter(panel=crowd.panel).count() == reviewers + 2
