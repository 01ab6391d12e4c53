"""The review of a call begins, goes from step to step with what it lacks said first, and is led by its office alone."""

import threading
import uuid

import pytest
from django.db import connections
from django.test import Client
from django.urls import reverse

import builders
from cooperation.review.crowds import Crowd
from cooperation.review.panels import Meeting
from moonbridge.cooperation.opportunities.states import State
from moonbridge.cooperation.proposals.models import NamedConflict, Tie
from moonbridge.cooperation.review.actions import rounds
from moonbridge.cooperation.review.models import (
    Allocation,
    Duty,
    Item,
    PanelKind,
    Review,
    Round,
)
from moonbridge.cooperation.review.readiness import lacks, standing
from moonbridge.cooperation.review.states import AllocationState, RoundState
from moonbridge.errors import CommandReused, NotAllowed, Refused, Stale, WrongState
from moonbridge.record.models import Entry

pytestmark = pytest.mark.django_db


def closed_call(count: int = 2, **fields):
    call = builders.open_opportunity(state=State.CLOSED, **fields)
    return call, builders.office_of(call.agency), [builders.submitted_proposal(call) for _ in range(count)]


def client_of(user) -> Client:
    client = Client()
    client.force_login(user)
    return client


def test_a_review_begins_in_the_announced_mode_with_everything_before_one_panel() -> None:
    call, office, proposals = closed_call(review_mode="dual-anonymous")
    builders.proposal(call)
    made = rounds.begin(call, by=office, command=uuid.uuid4())
    panel = made.panels.get()
    assert (made.mode, made.state, panel.kind) == ("dual-anonymous", "preparing", "science")
    assert set(panel.criteria.all()) == set(call.criteria.all())
    assert set(Item.objects.values_list("panel", "proposal")) == {(panel.pk, one.pk) for one in proposals}
    sealed = Entry.objects.get(verb="begin review")
    assert sealed.body["facts"] == {"mode": "dual-anonymous", "proposals": "2"}


def test_the_same_command_begins_once_and_another_one_is_refused() -> None:
    call, office, _ = closed_call()
    command = uuid.uuid4()
    assert rounds.begin(call, by=office, command=command) == rounds.begin(call, by=office, command=command)
    with pytest.raises(WrongState):
        rounds.begin(call, by=office, command=uuid.uuid4())
    assert Round.objects.count() == 1


@pytest.mark.parametrize("state", [State.OPEN, State.DECIDED])
def test_only_a_closed_call_is_reviewed(state: State) -> None:
    call = builders.open_opportunity(state=state)
    with pytest.raises(WrongState):
        rounds.begin(call, by=builders.office_of(call.agency), command=uuid.uuid4())


def test_nobody_but_the_office_begins_or_advances() -> None:
    made = Meeting()
    other, _office, _ = closed_call()
    for user in (made.chair.user, made.secretary.user, builders.office_of(builders.agency()), builders.person()):
        with pytest.raises(NotAllowed):
            rounds.begin(other, by=user, command=uuid.uuid4())
        with pytest.raises(NotAllowed):
            rounds.advance(made.round, "discuss", by=user, command=uuid.uuid4())


def test_a_panel_without_people_cannot_be_asked_and_a_missing_chair_must_be_confirmed() -> None:
    call, office, _ = closed_call()
    made = rounds.begin(call, by=office, command=uuid.uuid4())
    with pytest.raises(Refused) as refusal:
        rounds.advance(made, "ask", by=office, command=uuid.uuid4(), confirmed=True)
    assert refusal.value.numbers["missing"] == [
        "Nobody who can review sits in the panel “Science panel”.", "The panel “Science panel” has no chair.",
    ]  # fmt: skip
    made.panels.get().seats.create(user=builders.person(), duty=Duty.MEMBER, label="R-1")
    with pytest.raises(Refused):
        rounds.advance(made, "ask", by=office, command=uuid.uuid4())
    assert rounds.advance(made, "ask", by=office, command=uuid.uuid4(), confirmed=True).state == "declaring"


def test_reviews_start_with_an_adopted_assignment_or_when_somebody_confirms() -> None:
    made = Meeting(1, state=RoundState.DECLARING)
    made.panel.demand = 1
    made.panel.save()
    with pytest.raises(Refused) as refusal:
        rounds.advance(made.round, "start", by=made.office, command=uuid.uuid4())
    assert refusal.value.numbers["missing"] == [
        "No assignment is adopted for the panel “Science”.",
        "1 proposal has fewer reviewers than its panel demands.",
    ]
    made.member(made.items[0])
    Allocation.objects.create(panel=made.panel, asked={}, answer={}, state=AllocationState.ADOPTED)
    assert rounds.advance(made.round, "start", by=made.office, command=uuid.uuid4()).state == "reviewing"


def test_the_end_says_what_is_missing() -> None:
    made = Meeting(3, state=RoundState.DISCUSSING)
    made.written(made.items[0], made.member(made.items[0]))
    made.member(made.items[1])
    found = lacks(standing(made.round, by=made.office), "conclude")
    assert [lack.sentence for lack in found] == [
        "1 review is not submitted yet.", "2 proposals have no review at all.", "3 proposals were not discussed.",
    ]  # fmt: skip
    ended = rounds.advance(made.round, "conclude", by=made.office, command=uuid.uuid4(), confirmed=True)
    assert (ended.state, ended.concluded_at is None) == ("concluded", False)


def test_only_dual_anonymous_calls_have_something_to_unseal() -> None:
    plain, dual = Meeting(state=RoundState.DISCUSSING), Meeting(state=RoundState.DISCUSSING, mode="dual-anonymous")
    with pytest.raises(Refused):
        rounds.advance(plain.round, "unseal", by=plain.office, command=uuid.uuid4(), confirmed=True)
    assert rounds.advance(dual.round, "unseal", by=dual.office, command=uuid.uuid4()).state == "checking"


def test_a_page_read_before_somebody_else_went_on_changes_nothing() -> None:
    made = Meeting()
    rounds.advance(made.round, "discuss", by=made.office, command=uuid.uuid4(), version=1)
    with pytest.raises(Stale):
        rounds.advance(made.round, "resume", by=made.office, command=uuid.uuid4(), version=1)
    command = uuid.uuid4()
    rounds.advance(made.round, "resume", by=made.office, command=command)
    with pytest.raises(CommandReused):
        rounds.advance(made.round, "discuss", by=made.office, command=command)


def test_an_officer_in_conflict_learns_nothing_of_that_review() -> None:
    """What a step lacks, and every count, is the same whether the hidden proposal has a review that is owed or none."""
    made = Meeting(2)
    made.conflict(made.office, made.items[0])
    seat = made.member()
    seen = []
    for _ in range(2):
        now = standing(made.round, by=made.office)
        one = now.panels[0]
        seen.append(
            (one.proposals, one.reviews, one.submitted, one.bare, lacks(now, "discuss"), lacks(now, "conclude"))
        )
        Review.objects.get_or_create(item=made.items[0], seat=seat)
    assert seen[0] == seen[1]
    assert seen[0][0] == 1


def test_withdrawn_proposals_do_not_count() -> None:
    made = Meeting(2)
    proposal = made.proposals[0]
    proposal.state, proposal.withdrawn_at = "withdrawn", proposal.submitted_at
    proposal.save()
    assert standing(made.round, by=made.office).total("proposals") == 1


def test_panels_stand_in_their_order_by_name_where_it_ties() -> None:
    made = Meeting(0)
    wanted = sorted(["Science", *"ZQAMXB"])
    for name in "ZQAMXB":
        made.another_panel(name)
    assert [one.panel.name for one in standing(made.round, by=made.office).panels] == wanted


@pytest.mark.django_db(transaction=True)
def test_of_two_beginnings_at_once_one_happens() -> None:
    call, office, _ = closed_call()
    found: list[str] = []

    def begin() -> None:
        try:
            rounds.begin(call, by=office, command=uuid.uuid4())
            found.append("begun")
        except WrongState:
            found.append("refused")
        finally:
            connections.close_all()

    threads = [threading.Thread(target=begin) for _ in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(found) == ["begun", "refused"]
    assert Round.objects.count() == 1


class TestPages:
    """The hub page and the page of a step, as people meet them."""

    def test_from_an_empty_page_to_a_review(self) -> None:
        call, office, _ = closed_call(review_mode="open")
        client, address = client_of(office), reverse("review-round", args=[call.slug])
        assert b"The review has not begun" in client.get(address).content
        command = {"command": str(uuid.uuid4())}
        for _ in range(2):  # a double click
            assert client.post(reverse("review-begin", args=[call.slug]), command).status_code == 302
        text = client.get(address).content.decode()
        assert "Next: Ask for declarations" in text
        assert "Nobody who can review sits in the panel" in text
        assert "teams are told who reviewed them" in text

    def test_a_call_that_is_open_has_no_review(self) -> None:
        call = builders.open_opportunity()
        page = client_of(builders.office_of(call.agency)).get(reverse("review-round", args=[call.slug]))
        assert b"There is no review" in page.content

    def test_a_step_is_confirmed_on_its_page(self) -> None:
        made = Meeting()
        made.member(made.items[0])
        client = client_of(made.office)
        address = reverse("review-step", args=[made.call.slug, "discuss"])
        assert b"1 review is not submitted yet." in client.get(address).content
        given = {"command": str(uuid.uuid4()), "version": "1"}
        assert client.post(address, given).status_code == 409
        assert client.post(address, given | {"confirmed": "on"}).status_code == 302
        made.round.refresh_from_db()
        assert made.round.state == "discussing"
        assert client.get(reverse("review-step", args=[made.call.slug, "nonsense"])).status_code == 404

    @pytest.mark.parametrize("name", ["review-round", "review-panel-new"])
    def test_nobody_else_finds_the_page(self, name: str) -> None:
        made = Meeting()
        address = reverse(name, args=[made.call.slug])
        others = [
            made.chair.user,
            made.secretary.user,
            made.member(made.items[0]).user,
            made.proposals[0].members.get().user,
        ]
        others += [builders.office_of(builders.agency()), builders.person()]
        assert [client_of(user).get(address).status_code for user in others] == [404] * len(others)
        assert Client().get(address).status_code == 302

    @pytest.mark.parametrize(("panels", "proposals"), [(1, 1), (3, 12)])
    def test_it_costs_the_same_at_every_size(self, panels: int, proposals: int, django_assert_max_num_queries) -> None:
        made = Meeting(proposals)
        for number in range(panels - 1):
            made.another_panel(f"Panel {number}", kind=PanelKind.TECHNICAL)
        for item in made.items:
            made.member(item)
        client = client_of(made.office)
        client.get(reverse("review-round", args=[made.call.slug]))
        with django_assert_max_num_queries(10):
            assert client.get(reverse("review-round", args=[made.call.slug])).status_code == 200


@pytest.mark.parametrize("proposals", [10, 1_000])
def test_the_hub_costs_ten_queries_at_every_size(proposals: int, django_assert_max_num_queries) -> None:
    crowd = Crowd(proposals, proposals // 2)
    client, address = client_of(crowd.made.office), reverse("review-round", args=[crowd.made.call.slug])
    client.get(address)
    with django_assert_max_num_queries(10):
        page = client.get(address)
    assert page.context["standing"].total("reviews") == 3 * proposals


def test_the_hub_leads_to_everything_else_and_to_what_teams_state() -> None:
    made = Meeting(2)
    proposal = made.proposals[0]
    lead = proposal.members.get().user
    NamedConflict.objects.create(proposal=proposal, name="A", tie=Tie.OTHER, named_by=lead)
    hub = reverse("review-round", args=[made.call.slug])
    text = client_of(made.office).get(hub).content.decode()
    names = ("conflicts", "bids", "assignment", "hand-over", "debriefs")
    for address in [reverse(f"review-{name}", args=[made.call.slug]) for name in names]:
        assert f'href="{address}"' in text
    assert reverse("opportunity-shift", args=[made.call.slug]) in text
    stated = [reverse("proposal-conflicts", args=[one.pk]) for one in made.proposals]
    assert [address in text for address in stated] == [True, False]
    made.conflict(made.office, made.items[0])
    assert stated[0] not in client_of(made.office).get(hub).content.decode()
