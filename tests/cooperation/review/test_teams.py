"""Whom a team names as people who should not judge it: who may, until when, who reads it, and who is meant."""

import uuid
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

import builders
from cooperation.proposals import making
from cooperation.review.panels import Meeting
from moonbridge.accounts.models import User
from moonbridge.cooperation.proposals.models import NamedConflict, Proposal, TeamRole, Tie
from moonbridge.cooperation.review.actions import teams as actions
from moonbridge.cooperation.review.models import Ground
from moonbridge.cooperation.review.queries.teams import is_meant, named_for, named_visible_to
from moonbridge.cooperation.review.states import RoundState
from moonbridge.errors import InputError, NotAllowed, Refused, WrongState

pytestmark = pytest.mark.django_db


def name(proposal: Proposal, by: User | None = None, **said: Any) -> NamedConflict:
    given = {"name": "Rival Researcher", "tie": Tie.RIVAL, "command": uuid.uuid4()} | said
    return actions.name_conflict(proposal, by=by or making.lead_of(proposal), **given)


def status(user: User | None, proposal: Proposal, **said: str) -> int:
    client = Client()
    if user:
        client.force_login(user)
    address = reverse("proposal-conflicts", args=[proposal.pk])
    if said:
        return client.post(address, {"command": str(uuid.uuid4()), **said}).status_code
    return client.get(address).status_code


def test_the_team_and_the_office_after_the_deadline_read_it_and_nobody_else() -> None:
    call = builders.open_opportunity()
    proposal = builders.submitted_proposal(call)
    named = name(proposal, words="hidden-tie")
    office, stranger = builders.office_of(call.agency), builders.person()
    team = [
        making.lead_of(proposal),
        making.member(proposal, TeamRole.EDITOR),
        making.member(proposal, TeamRole.READER),
    ]
    assert [status(one, proposal) for one in (*team, office, stranger, None)] == [200, 200, 200, 404, 404, 302]
    other = making.lead_of(builders.submitted_proposal(call))
    late = Meeting(1)
    (judged,) = late.proposals
    theirs = name_late(late, judged)
    member, chair = late.member(late.items[0]).user, late.chair.user
    assert [status(one, judged) for one in (late.office, member, chair, late.secretary.user, other)] == [
        200,
        404,
        404,
        404,
        404,
    ]
    assert set(named_visible_to(late.office)) == {theirs}
    assert set(named_visible_to(team[2])) == {named}
    late.conflict(late.office, late.items[0])
    assert status(late.office, judged) == 404
    assert not named_visible_to(late.office).exists()


def name_late(meeting: Meeting, proposal: Proposal) -> NamedConflict:
    return NamedConflict.objects.create(proposal=proposal, name="A", tie=Tie.OTHER, named_by=making.lead_of(proposal))


def test_writers_name_and_take_back_until_reviews_begin() -> None:
    meeting = Meeting(1, state=RoundState.DECLARING)
    (proposal,) = meeting.proposals
    editor, reader = making.member(proposal, TeamRole.EDITOR), making.member(proposal, TeamRole.READER)
    made = name(proposal, editor, name=" Ada ", email="ADA@example.org", institution="X")
    assert (made.name, made.email, made.tie) == ("Ada", "ada@example.org", "rival")
    assert status(reader, proposal, name="B", tie="other") == 404
    assert status(meeting.office, proposal, name="B", tie="other") == 404
    assert status(editor, proposal, name="B", tie="other") == 302
    assert list(named_for(meeting.call)) == list(proposal.named_conflicts.all())
    with pytest.raises(NotAllowed):
        name(proposal, reader)
    actions.take_back(made, by=editor, command=uuid.uuid4())
    assert [one.name for one in proposal.named_conflicts.all()] == ["B"]
    meeting.round.state = RoundState.REVIEWING
    meeting.round.save(update_fields=["state"])
    with pytest.raises(WrongState):
        name(proposal, editor)


def test_somebody_must_be_named_and_not_too_many() -> None:
    proposal = builders.proposal()
    with pytest.raises(InputError):
        name(proposal, name=" ")
    command = uuid.uuid4()
    assert name(proposal, command=command) == name(proposal, command=command)
    for number in range(actions.MOST_NAMED - 1):
        name(proposal, name="", institution=f"Institute {number}")
    with pytest.raises(Refused):
        name(proposal)


@pytest.mark.parametrize(
    ("named", "meant"),
    [
        ({"email": "xm@example.org", "name": "Somebody Else"}, True),
        ({"email": "other@example.org", "name": "Zhang Xiaoming"}, False),
        ({"name": "X. Zhang"}, True),
        ({"name": "Zhang, Xiao-Ming"}, True),
        ({"name": "Zhang Wei"}, False),
        ({"institution": "institut für  Physik"}, True),
        ({"institution": "Institut"}, False),
    ],
)
def test_who_is_meant(named: dict[str, str], meant: bool) -> None:
    user = User(email="XM@example.org", name="Xiaoming Zhang", institution="Institut fur Physik")
    assert is_meant(NamedConflict(**named), user) is meant


def test_every_tie_is_a_ground_of_a_conflict() -> None:
    assert set(Tie.values) <= set(Ground.values)
