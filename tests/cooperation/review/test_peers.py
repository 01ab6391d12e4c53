"""Teams review each other: one peer for each, work that comes out even, and no penalty by surprise."""

import uuid
from datetime import timedelta

import pytest
from django.core import mail
from django.test import Client
from django.urls import reverse
from procrastinate.contrib.django.models import ProcrastinateJob

import builders
from cooperation.review.panels import Meeting
from moonbridge.cooperation.opportunities.models import StageDate, StageKind
from moonbridge.cooperation.proposals.models import TeamMember, TeamRole
from moonbridge.cooperation.review import notices, tasks
from moonbridge.cooperation.review.actions import peers
from moonbridge.cooperation.review.models import Duty, Review, Seat, SetAside
from moonbridge.errors import NotAllowed, Refused, WrongState
from moonbridge.record.models import Entry
from moonbridge.record.queries import database_now

pytestmark = pytest.mark.django_db


class Teams(Meeting):
    """A call whose teams review each other, ``per_team`` each, with the penalty announced."""

    def __init__(self, count: int = 4, *, per_team: int = 2, **fields) -> None:
        super().__init__(count, **fields)
        type(self.panel).objects.filter(pk=self.panel.pk).update(distributed=True, penalty=True, per_team=per_team)
        self.panel.refresh_from_db()

    def lead(self, number: int):
        return self.proposals[number].members.get(role=TeamRole.LEAD).user

    def seated(self) -> int:
        return peers.seat_peers(self.panel, by=self.office, command=uuid.uuid4())

    def peer(self, number: int) -> Seat:
        return self.panel.seats.get(for_team=self.proposals[number], left_at=None)

    def over(self) -> None:
        StageDate.objects.create(
            opportunity=self.call, stage=StageKind.REVIEWS, promised=database_now() - timedelta(hours=1)
        )


def client_of(user) -> Client:
    client = Client()
    client.force_login(user)
    return client


def command() -> dict[str, str]:
    return {"command": str(uuid.uuid4())}


@pytest.mark.parametrize(("count", "per_team", "load"), [(4, 2, 2), (4, 10, 3), (1, 10, 0), (12, 10, 10)])
def test_each_team_sends_its_lead_and_supply_meets_demand(count: int, per_team: int, load: int) -> None:
    made = Teams(count, per_team=per_team)
    assert made.seated() == count
    assert made.seated() == count, "once more changes nothing"
    assert {seat.user for seat in made.panel.seats.filter(duty=Duty.PEER)} == {made.lead(n) for n in range(count)}
    assert set(made.panel.seats.filter(duty=Duty.PEER).values_list("least", "most")) == {(load, load)}
    assert sum(made.panel.items.values_list("demand", flat=True)) == count * load


def test_who_leads_two_teams_reviews_for_one_and_a_colleague_for_the_other() -> None:
    made = Teams(2)
    lead, colleague = made.lead(0), builders.person()
    TeamMember.objects.filter(proposal=made.proposals[1]).update(user=lead)
    assert made.seated() == 1
    assert set(made.panel.items.order_by("proposal__code").values_list("demand", flat=True)) == {0, 1}
    TeamMember.objects.create(proposal=made.proposals[1], user=colleague, role=TeamRole.READER)
    assert made.seated() == 2
    assert made.peer(1).user == colleague


def test_only_the_office_seats_peers_and_only_in_a_distributed_panel() -> None:
    made, plain = Teams(), Meeting()
    for user in (made.chair.user, made.secretary.user, made.lead(0)):
        with pytest.raises(NotAllowed):
            peers.seat_peers(made.panel, by=user, command=uuid.uuid4())
    with pytest.raises(WrongState):
        peers.seat_peers(plain.panel, by=plain.office, command=uuid.uuid4())


def test_the_lead_names_another_member_until_reviews_are_assigned() -> None:
    made = Teams()
    made.seated()
    editor = TeamMember.objects.create(proposal=made.proposals[0], user=builders.person(), role=TeamRole.EDITOR)
    with pytest.raises(NotAllowed):
        peers.name_peer(made.peer(0), editor, by=editor.user, command=uuid.uuid4())
    named = peers.name_peer(made.peer(0), editor, by=made.lead(0), command=uuid.uuid4())
    assert (named.user, named.most, made.peer(0)) == (editor.user, 2, named)
    Review.objects.create(item=made.items[1], seat=named)
    back = made.proposals[0].members.get(role=TeamRole.LEAD)
    with pytest.raises(WrongState):
        peers.name_peer(named, back, by=made.lead(0), command=uuid.uuid4())


def test_nothing_is_set_aside_before_the_date_or_when_all_is_given() -> None:
    made = Teams()
    made.seated()
    Review.objects.create(item=made.items[1], seat=made.peer(0))
    made.written(made.items[0], made.peer(1))

    def set_aside(number: int, because: str = "no review came"):
        return peers.set_aside(
            made.panel, made.proposals[number], because=because, by=made.office, command=uuid.uuid4()
        )

    with pytest.raises(WrongState, match="not over"):
        set_aside(0)
    made.over()
    with pytest.raises(Refused, match="given all"):
        set_aside(1)
    kept = set_aside(0)
    with pytest.raises(WrongState):
        set_aside(0)
    assert Entry.objects.get(verb="set aside").body["facts"] == {"panel": str(made.panel.pk), "id": str(kept.pk)}
    peers.lift(kept, by=made.office, command=uuid.uuid4())
    assert set_aside(0).pk != kept.pk


def test_a_panel_that_announced_no_penalty_has_none() -> None:
    made = Teams()
    type(made.panel).objects.update(penalty=False)
    made.seated()
    made.over()
    Review.objects.create(item=made.items[1], seat=made.peer(0))
    with pytest.raises(WrongState):
        peers.set_aside(made.panel, made.proposals[0], because="x", by=made.office, command=uuid.uuid4())


def test_the_pages_of_office_and_team() -> None:
    made = Teams(2)
    client, slug = client_of(made.office), made.call.slug
    page = reverse("review-peers", args=[slug, made.panel.pk])
    assert b"2 teams send nobody yet" in client.get(page).content
    given = command()
    assert [client.post(reverse("review-peers-seat", args=[slug, made.panel.pk]), given).status_code for _ in range(2)] == [
        302, 302,
    ]  # fmt: skip
    Review.objects.create(item=made.items[1], seat=made.peer(0))
    made.over()
    assert b"1 team still owes reviews" in client.get(page).content
    wanted = {"proposal": str(made.proposals[0].pk), "because": "no review came"}
    aside = reverse("review-set-aside", args=[slug, made.panel.pk])
    assert client.post(aside, command() | wanted).status_code == 302
    team = reverse("proposal-peer", args=[made.proposals[0].pk])
    assert b"Your proposal is set aside: no review came" in client_of(made.lead(0)).get(team).content
    assert client_of(made.lead(1)).get(team).status_code == 404
    assert client_of(made.office).get(team).status_code == 404
    lift = reverse("review-lift", args=[slug, SetAside.objects.get().pk])
    assert client_of(made.chair.user).post(lift, command()).status_code == 404
    assert client.post(lift, command()).status_code == 302
    assert b"set aside" not in client_of(made.lead(0)).get(team).content.replace(b"may set your proposal aside", b"")


def test_an_officer_in_conflict_sees_neither_the_team_nor_its_work() -> None:
    made = Teams(3)
    made.seated()
    made.conflict(made.office, made.items[0])
    seen = []
    page = reverse("review-peers", args=[made.call.slug, made.panel.pk])
    for _ in range(2):
        seen.append(client_of(made.office).get(page).context["work"])
        Review.objects.get_or_create(item=made.items[0], seat=made.peer(1))
    assert seen[0] == seen[1]
    assert made.proposals[0] not in [one.proposal for one in seen[0]]


@pytest.mark.parametrize("count", [1, 3])
def test_the_page_costs_the_same_at_every_size(count: int, django_assert_max_num_queries) -> None:
    made = Teams(count)
    made.seated()
    client, page = client_of(made.office), reverse("review-peers", args=[made.call.slug, made.panel.pk])
    client.get(page)
    with django_assert_max_num_queries(10):
        assert client.get(page).status_code == 200


def mailed() -> list[tuple[str, str]]:
    """Carry out the mails to peers that are queued, and return to whom they went and what they say."""
    mail.outbox.clear()
    for job in ProcrastinateJob.objects.filter(task_name=notices.PEER_TASK).order_by("id"):
        tasks.tell_peer(**job.args)
    return [(sent.to[0], sent.body) for sent in mail.outbox]


def test_each_peer_is_told_once_by_mail_and_who_was_named_instead_too() -> None:
    made = Teams(3)
    made.seated()
    made.seated()
    told = dict(mailed())
    assert (len(mail.outbox), set(told)) == (3, {made.lead(n).email for n in range(3)})
    body = told[made.lead(0).email]
    assert "asked for 2 reviews" in body
    assert made.proposals[0].code in body
    assert not any(proposal.title in body for proposal in made.proposals)
    editor = TeamMember.objects.create(proposal=made.proposals[0], user=builders.person(), role=TeamRole.EDITOR)
    peers.name_peer(made.peer(0), editor, by=made.lead(0), command=uuid.uuid4())
    assert {address for address, _ in mailed()} == {editor.user.email, made.lead(1).email, made.lead(2).email}


def test_the_team_finds_the_way_from_its_proposal_and_the_peer_from_the_desk() -> None:
    made = Teams(2)
    lead, proposal = made.lead(0), made.proposals[0]
    address = reverse("proposal-peer", args=[proposal.pk]).encode()
    page = reverse("proposal", args=[proposal.pk])
    assert address not in client_of(lead).get(page).content
    made.seated()
    assert address in client_of(lead).get(page).content
    assert address not in client_of(made.office).get(page).content
    assert address in client_of(lead).get(reverse("review-desk")).content
