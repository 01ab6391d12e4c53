"""Assignments: what the engine is asked, compared with brute force; adopted once, refused when stale; seen whole or not at all."""

import itertools
import time
import uuid

import pytest

import builders
from cooperation.review.panels import Meeting
from moonbridge.cooperation.proposals.models import TeamMember, TeamRole
from moonbridge.cooperation.proposals.states import State
from moonbridge.cooperation.review.actions import allocations
from moonbridge.cooperation.review.aims import Aim, Asked
from moonbridge.cooperation.review.inputs import gathered
from moonbridge.cooperation.review.models import Allocation, Declaration, Duty, Item, Review, Seat
from moonbridge.cooperation.review.problem import problem
from moonbridge.cooperation.review.queries.allocations import inputs_seen
from moonbridge.cooperation.review.queries.bids import declared, seats_of
from moonbridge.cooperation.review.reach import allocations_visible_to
from moonbridge.cooperation.review.states import AllocationState, ReviewState
from moonbridge.errors import CommandReused, InputError, NotAllowed, Refused, Stale, WrongState
from moonbridge.record.models import Entry

pytestmark = pytest.mark.django_db


def fresh() -> uuid.UUID:
    return uuid.uuid4()


@pytest.fixture
def made() -> Meeting:
    """Three proposals with two reviews each, four members with at most three each, who have bid; the chair judges nothing."""
    made = Meeting(3)
    made.panel.demand, made.panel.most = 2, 3
    made.panel.save()
    Seat.objects.filter(pk=made.chair.pk).update(most=0)
    for number in range(4):
        seat = made.member()
        for place, item in enumerate(made.items):
            bid = (-2, -1, 1, 2)[(number * 3 + place * 5) % 4]
            Declaration.objects.filter(seat=seat, item=item).update(bid=bid)
    return made


def ask(made, aim: Aim = Aim.TOTAL, by=None, **more) -> Allocation:
    return allocations.ask(made.panel, Asked(aim, **more), by=by or made.office, command=fresh())


def adopt(made, found, by=None) -> Allocation:
    return allocations.adopt(found, by=by or made.office, command=fresh())


def active() -> set:
    return set(Review.objects.filter(state__in=["assigned", "draft", "submitted"]).values_list("item", "seat"))


def pairs(found) -> set:
    return {(uuid.UUID(item), uuid.UUID(seat)) for item, seat, *_ in found.answer["pairs"]}


def test_the_total_is_what_trying_everything_gives(made) -> None:
    member = made.panel.seats.filter(duty=Duty.MEMBER).order_by("label").first()
    made.conflict(member.user, made.items[0])
    found = ask(made)
    asked = problem(gathered(made.panel, made.items), Asked(Aim.TOTAL)).panel
    best = max(
        sum(int(asked.scores[row, column]) for row, chosen in enumerate(each) for column in chosen)
        for each in itertools.product(*(
            [two for two in itertools.combinations(range(len(asked.reviewers)), 2) if not asked.barred[row, list(two)].any()]
            for row in range(3)
        ))
        if all(sum(column in chosen for chosen in each) <= asked.most[column] for column in range(len(asked.reviewers)))
    )  # fmt: skip
    assert (found.state, found.answer["total"], found.answer["proven"]) == (AllocationState.PROPOSED, best, True)
    assert all("bids" in parts for *_, parts in found.answer["pairs"])
    assert (made.items[0].pk, member.pk) not in pairs(found)


@pytest.mark.parametrize("aim", [Aim.FLOOR, Aim.KEEP, Aim.DRAW])
def test_each_aim_gives_an_assignment_that_can_be_adopted(made, aim) -> None:
    found = ask(made, aim, cap="0.9" if aim == Aim.DRAW else "", seed=3)
    assert found.state == AllocationState.PROPOSED, found.answer
    adopt(made, found)
    assert active() == pairs(found)
    assert Entry.objects.filter(verb="adopt assignment").exists()


def test_the_same_seed_draws_the_same(made) -> None:
    first, second = (ask(made, Aim.DRAW, cap="0.7", seed=11) for _ in range(2))
    assert pairs(first) == pairs(second)


def test_a_new_assignment_takes_back_what_is_not_begun_and_keeps_what_is(made) -> None:
    members = list(made.panel.seats.filter(duty=Duty.MEMBER).order_by("label"))
    kept = Review.objects.create(item=made.items[0], seat=members[0], state=ReviewState.ASSIGNED)
    Review.objects.filter(pk=kept.pk).update(state=ReviewState.DRAFT)
    given = Review.objects.create(item=made.items[0], seat=members[1])
    found = ask(made, must_not=((made.items[0].pk, members[1].pk),))
    adopt(made, found)
    given.refresh_from_db()
    assert (made.items[0].pk, members[0].pk) in active()
    assert (given.state, given.ended_because) == (ReviewState.RELEASED, "the assignment was made anew")
    again = ask(made, must=((made.items[0].pk, members[1].pk),))
    adopt(made, again)
    given.refresh_from_db()
    assert (given.state, given.ended_because, Review.objects.filter(pk=given.pk).count()) == (
        ReviewState.ASSIGNED,
        "",
        1,
    )


def test_adopting_is_once_and_never_on_what_has_changed(made) -> None:
    found, other, command = ask(made), ask(made), fresh()
    for _ in range(2):
        allocations.adopt(found, by=made.office, command=command)
    with pytest.raises(CommandReused):
        allocations.adopt(other, by=made.office, command=command)
    with pytest.raises(WrongState):
        adopt(made, found)
    with pytest.raises(Stale):
        adopt(made, other)
    other.refresh_from_db()
    assert other.state == AllocationState.PROPOSED
    assert allocations.drop(other, by=made.office, command=fresh()).state == AllocationState.DROPPED


@pytest.mark.parametrize("change", ["conflict", "bid", "load", "leave", "text"])
def test_each_change_makes_an_assignment_stale(made, change) -> None:
    found = ask(made)
    seat = made.panel.seats.filter(duty=Duty.MEMBER).first()
    if change == "conflict":
        made.conflict(seat.user, made.items[0])
    elif change == "bid":
        row = Declaration.objects.filter(seat=seat).first()
        Declaration.objects.filter(pk=row.pk).update(bid=-row.bid)
    elif change == "load":
        Seat.objects.filter(pk=seat.pk).update(most=1)
    elif change == "leave":
        Seat.objects.filter(pk=seat.pk).update(left_at=made.round.begun_at)
    else:
        Seat.objects.filter(pk=seat.pk).update(texts=["Ice at the pole"])
    with pytest.raises(Stale):
        adopt(made, found)
    assert not Review.objects.exists()


def test_who_may_ask_and_adopt(made) -> None:
    found = ask(made)
    for user in (made.chair.user, made.panel.seats.filter(duty="member").first().user, builders.person(),
                 builders.office_of(builders.agency())):  # fmt: skip
        with pytest.raises(NotAllowed):
            ask(made, by=user)
        with pytest.raises(NotAllowed):
            adopt(made, found, by=user)
    assert adopt(made, ask(made, by=made.secretary.user), by=made.secretary.user).decided_by == made.secretary.user


def test_a_conflicted_secretary_sees_and_assigns_the_other_items_only(made) -> None:
    made.conflict(made.secretary.user, made.items[0])
    whole = ask(made)
    seen = allocations_visible_to(made.secretary.user)
    assert not seen.exists()
    assert set(allocations_visible_to(made.chair.user)) == {whole}
    with pytest.raises(Allocation.DoesNotExist):
        adopt(made, whole, by=made.secretary.user)
    part = ask(made, by=made.secretary.user)
    assert set(seen) == {part}
    assert {item for item, _ in pairs(part)} == {item.pk for item in made.items[1:]}
    assert str(made.items[0].pk) not in str(part.answer)
    adopt(made, part, by=made.secretary.user)
    assert inputs_seen(made.secretary.user, made.panel).items == 2
    rest = ask(made, Aim.KEEP)
    adopt(made, rest)
    assert pairs(part) <= active()


def test_what_is_impossible_is_said_with_names(made) -> None:
    for seat in made.panel.seats.filter(duty=Duty.MEMBER):
        made.conflict(seat.user, made.items[1])
    found = ask(made)
    code = made.items[1].proposal.code
    assert found.state == AllocationState.IMPOSSIBLE
    assert code in found.answer["refusal"]["sentence"]
    assert code in found.answer["refusal"]["numbers"]["sentence_zh"]
    assert found.answer["items"] == [str(made.items[1].pk)]


def test_a_pair_that_must_be_and_must_not_is_refused(made) -> None:
    seat = made.panel.seats.filter(duty=Duty.MEMBER).first()
    made.conflict(seat.user, made.items[0])
    found = ask(made, must=((made.items[0].pk, seat.pk),))
    assert (found.state, found.answer["refusal"]["code"]) == (AllocationState.IMPOSSIBLE, "input")
    with pytest.raises(InputError):
        ask(made, Aim.HAND)


def test_quotas_hold_by_kind_and_by_country(made) -> None:
    members = list(made.panel.seats.filter(duty=Duty.MEMBER).order_by("label"))
    for number, seat in enumerate(members):
        seat.user.country = "FR" if number < 2 else f"D{number}"
        seat.user.save()
    Seat.objects.filter(pk=members[0].pk).update(kinds=["engineer"])
    made.panel.quotas = [
        {"by": "kind", "value": "engineer", "low": 1, "high": None},
        {"by": "country", "value": "", "low": 0, "high": 1},
    ]
    made.panel.save()
    found = ask(made)
    for item in made.items:
        chosen = {seat for key, seat in pairs(found) if key == item.pk}
        assert members[0].pk in chosen
        assert members[1].pk not in chosen


def test_a_withdrawn_proposal_gets_no_reviewers(made) -> None:
    type(made.proposals[0]).objects.filter(pk=made.proposals[0].pk).update(
        state=State.WITHDRAWN, withdrawn_at=made.proposals[0].submitted_at
    )
    assert {item for item, _ in pairs(ask(made))} == {item.pk for item in made.items[1:]}


def test_teams_review_each_other_and_never_their_own() -> None:
    made = Meeting(5)
    made.panel.distributed, made.panel.per_team = True, 3
    made.panel.save()
    peers = [
        made.seat(Duty.PEER, user=proposal.members.get().user, for_team=proposal) for proposal in made.proposals
    ]  # fmt: skip
    TeamMember.objects.create(proposal=made.proposals[1], user=peers[0].user, role=TeamRole.READER)
    made.conflict(peers[2].user, made.items[3])
    found = ask(made)
    assert found.state == AllocationState.PROPOSED, found.answer
    given = pairs(found)
    for place, peer in enumerate(peers):
        theirs = {item for item, seat in given if seat == peer.pk}
        assert len(theirs) == 3
        assert made.items[place].pk not in theirs
    assert {sum(item == one.pk for item, _ in given) for one in made.items} == {3}
    assert not {(made.items[1].pk, peers[0].pk), (made.items[3].pk, peers[2].pk)} & given


def test_by_hand_within_what_the_database_allows(made) -> None:
    item, seat = made.items[0], made.panel.seats.filter(duty=Duty.MEMBER).first()
    done = allocations.assign_by_hand(item, seat, reason="An expert.", by=made.secretary.user, command=fresh())
    assert (done.state, done.asked["reason"], active()) == (AllocationState.ADOPTED, "An expert.", {(item.pk, seat.pk)})
    with pytest.raises(WrongState):
        allocations.assign_by_hand(item, seat, reason="Again.", by=made.office, command=fresh())
    review = Review.objects.get()
    allocations.release(review, reason="Too many.", by=made.office, command=fresh())
    review.refresh_from_db()
    assert (review.state, review.ended_because) == (ReviewState.RELEASED, "Too many.")
    made.conflict(seat.user, item)
    for wrong in (seat, made.secretary, Meeting(1).chair):
        with pytest.raises(Refused):
            allocations.assign_by_hand(item, wrong, reason="No.", by=made.office, command=fresh())
    with pytest.raises(NotAllowed):
        allocations.assign_by_hand(item, made.chair, reason="No.", by=made.chair.user, command=fresh())
    made.conflict(made.secretary.user, item)
    with pytest.raises(Item.DoesNotExist):
        allocations.assign_by_hand(item, made.chair, reason="No.", by=made.secretary.user, command=fresh())


def test_a_submitted_review_is_not_taken_back(made) -> None:
    seat = made.panel.seats.filter(duty=Duty.MEMBER).first()
    review = made.written(made.items[0], seat)
    with pytest.raises(WrongState):
        allocations.release(review, reason="No.", by=made.office, command=fresh())


def test_a_large_one_is_a_job_that_can_be_cancelled(made, monkeypatch) -> None:
    monkeypatch.setattr(allocations, "AT_ONCE", 0)
    found = ask(made)
    assert found.state == AllocationState.RUNNING
    with pytest.raises(Refused):
        ask(made)
    for _ in range(2):
        allocations.cancel(found, by=made.office)
    allocations.carry_out(found)
    found.refresh_from_db()
    assert (found.state, found.answer) == (AllocationState.CANCELLED, None)
    later = ask(made)
    monkeypatch.setattr(allocations, "_ASKING", 0)
    monkeypatch.setattr(allocations, "_answer", lambda inputs, one, effort: cancelled_meanwhile(made, one, effort))
    allocations.carry_out(later)
    later.refresh_from_db()
    assert later.state == AllocationState.CANCELLED


def cancelled_meanwhile(made, found, effort):
    """Cancel as somebody else would while the engine is at work, and let the engine look."""
    allocations.cancel(found, by=made.office)
    effort.told(1, 2, "steps")
    raise AssertionError("the engine stops when it is told")


def test_who_has_not_declared_is_counted_over_what_one_manages(made) -> None:
    late = made.seat(Duty.MEMBER)
    made.declare(late, made.items[0])
    made.conflict(late.user, made.items[1])
    referee = made.seat(Duty.REFEREE)
    Review.objects.create(item=made.items[2], seat=referee)
    lines = {one.seat.pk: one for one in declared(made.office, made.panel, seats_of(made.panel))}
    assert (lines[late.pk].declared, lines[late.pk].conflicts, lines[late.pk].open) == (1, 1, 1)
    assert (lines[referee.pk].open, lines[made.chair.pk].open) == (1, 0)
    made.conflict(made.secretary.user, made.items[0])
    theirs = {one.seat.pk: one for one in declared(made.secretary.user, made.panel, seats_of(made.panel))}
    assert (theirs[late.pk].declared, theirs[late.pk].conflicts, theirs[late.pk].open) == (0, 1, 1)


def test_five_hundred_reviewers_of_a_thousand_proposals() -> None:
    """The whole way, from rows to a kept answer, in a few seconds of this machine's time."""
    made = Meeting(1)
    first = made.proposals[0]
    words = [
        "regolith",
        "ice",
        "crater",
        "dust",
        "seismic",
        "magnetic",
        "plasma",
        "neutron",
        "spectrum",
        "camera",
        "drill",
        "volatile",
    ]
    proposals = type(first).objects.bulk_create(
        type(first)(
            opportunity=made.call, code=f"Q-{number:04}", title=f"Proposal {number}", state=State.SUBMITTED,
            submitted_at=first.submitted_at, theme=words[number % 12],
            abstract=" ".join(words[(number * step) % 12] for step in (1, 3, 5, 7, 11)),
        ) for number in range(999)
    )  # fmt: skip
    Item.objects.bulk_create(Item(panel=made.panel, proposal=proposal) for proposal in proposals)
    users = type(made.office).objects.bulk_create(
        type(made.office)(email=f"r{number}@big{number}.test", name=f"Reviewer {number}") for number in range(500)
    )
    Seat.objects.bulk_create(
        Seat(
            panel=made.panel, user=user, label=f"B-{number:03}", keywords=[words[number % 12], words[number % 7]],
            texts=[" ".join(words[(number * step + k) % 12] for step in (1, 2, 5)) for k in range(3)],
        ) for number, user in enumerate(users)
    )  # fmt: skip
    found = Allocation.objects.create(panel=made.panel, asked=Asked(Aim.TOTAL).kept())
    found.items.set(made.panel.items.all())
    began = time.process_time()
    allocations.carry_out(found)
    took = time.process_time() - began
    found.refresh_from_db()
    assert (found.state, len(found.answer["pairs"]), found.answer["proven"]) == (AllocationState.PROPOSED, 3000, True)
    assert took < 10
