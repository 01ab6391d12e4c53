"""Whom a team names as people who should not judge it: who may, until when, who reads it, and who is meant."""

import uuid
from typing import Any

import pytest
from allauth.account.models import EmailAddress
from django.test import Client
from django.urls import reverse

import builders
from cooperation.proposals import making
from cooperation.review.panels import Meeting
from moonbridge.accounts.models import User
from moonbridge.cooperation.proposals.models import NamedConflict, Proposal, TeamRole, Tie
from moonbridge.cooperation.review.actions import conflicts, referees, seats
from moonbridge.cooperation.review.actions import teams as actions
from moonbridge.cooperation.review.models import Conflict, Duty, Ground, Panel, Source
from moonbridge.cooperation.review.naming import is_meant, meant
from moonbridge.cooperation.review.queries.teams import named_visible_to
from moonbridge.cooperation.review.reach import conflicts_visible_to
from moonbridge.cooperation.review.states import ReviewState, RoundState
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


def test_all_who_are_meant_are_found_as_by_comparing_everybody() -> None:
    people = [User(email=f"p{n}@example.org", name=name, institution=at) for n, (name, at) in enumerate(
        [("Xiaoming Zhang", "Institut für Physik"), ("X. Zhang", ""), ("Ada Byron", "institut fur  physik"), ("张伟", "")]
    )]  # fmt: skip
    said = [
        NamedConflict(name=name, email=email, institution=at)
        for name, email, at in [("Zhang, Xiao-Ming", "", ""), ("", "P2@example.org", ""), ("", "", "Institut fur Physik"),
                                ("张伟", "", ""), ("Nobody Here", "", ""), ("Ada Byron", "other@example.org", "")]
    ]  # fmt: skip
    expected = [(one.pk, user.email) for user in people for one in said if is_meant(one, user)]
    assert sorted((one.pk, user.email) for one, user in meant(said, people)) == sorted(expected)
    assert len(expected) == 6


class TestStatements:
    """What a team said becomes a conflict: when somebody is seated and when conflicts are searched, once, for the office's eyes."""

    @pytest.fixture
    def made(self) -> Meeting:
        """A call of people without any tie but what a team states; a member is assigned nothing yet."""
        made = Meeting(1, state=RoundState.DECLARING, mode="open")
        made.declare(made.seat())
        for number, user in enumerate(User.objects.all()):
            word = "abcdefghijklmnopqrstuvwxyz"[number] * 3
            user.name, user.email, user.institution = f"{word} {word * 2}", f"{word}@{word}.test", ""
            user.save()
        return made

    def stated(self, user: User) -> list[tuple[str, str, str, bool]]:
        rows = Conflict.objects.filter(user=user, source=Source.TEAM, standing=True)
        return list(rows.values_list("proposal__code", "ground", "evidence", "certain"))

    def test_whoever_is_seated_is_in_conflict_from_then_on(self) -> None:
        made, person = Meeting(2, state=RoundState.DECLARING), builders.person()
        proposal = made.proposals[0]
        name(proposal, name="", email=person.email, words="a feud")
        seats.seat(made.panel, person, Duty.MEMBER, by=made.office, command=uuid.uuid4())
        assert self.stated(person) == [(proposal.code, "rival", f"{person.email}: a feud", True)]
        assert not self.stated(made.chair.user)

    def test_an_invited_person_too(self) -> None:
        made, person = Meeting(1, state=RoundState.DECLARING), builders.person()
        EmailAddress.objects.create(user=person, email=person.email, verified=True, primary=True)
        name(made.proposals[0], name="", email=person.email)
        invited = referees.Asked(person.email, proposals=(made.proposals[0].pk,))
        asked = referees.invite(made.panel, invited, by=made.office, command=uuid.uuid4())
        seat = referees.accept(referees.secret_of(asked.pk), by=person, command=uuid.uuid4())
        assert len(self.stated(person)) == 1
        assert not seat.reviews.exists()

    def test_the_search_finds_it_once_and_never_again_what_is_lifted(self, made: Meeting) -> None:
        seat = made.panel.seats.get(duty=Duty.MEMBER)
        name(made.proposals[0], name=seat.user.name)
        search = {"by": made.office}
        assert conflicts.detect(made.round, command=uuid.uuid4(), **search) == 1
        assert conflicts.detect(made.round, command=uuid.uuid4(), **search) == 0
        kept = Conflict.objects.get(user=seat.user, source=Source.TEAM)
        assert not kept.certain, "a name only comes close"
        conflicts.lift(kept, reason="somebody else of that name", by=made.office, command=uuid.uuid4())
        assert conflicts.detect_quietly(made.round.pk) == 0
        assert not self.stated(seat.user)

    def test_a_review_that_goes_on_waits_for_the_office(self, made: Meeting) -> None:
        seat = made.panel.seats.get(duty=Duty.MEMBER)
        made.items[0].reviews.create(seat=seat)
        name(made.proposals[0], name="", email=seat.user.email)
        assert conflicts.detect_quietly(made.round.pk) == 0
        assert not self.stated(seat.user)
        assert conflicts.detect(made.round, by=made.office, command=uuid.uuid4(), breaking=True) == 1
        assert len(self.stated(seat.user)) == 1
        assert seat.reviews.get().state == ReviewState.RECUSED

    def test_who_judges_learns_nothing_of_it(self, made: Meeting) -> None:
        seat = made.panel.seats.get(duty=Duty.MEMBER)
        name(made.proposals[0], name="", email=seat.user.email, words="a feud")
        assert conflicts.detect(made.round, by=made.secretary.user, command=uuid.uuid4()) == 0
        conflicts.detect_quietly(made.round.pk)
        panels = Panel.objects.filter(pk=made.panel.pk)
        for user in (made.chair.user, made.secretary.user, seat.user):
            assert not conflicts_visible_to(user, panels).exists()
        assert conflicts_visible_to(made.office, panels).get().told_evidence == f"{seat.user.email}: a feud"
        kept = Conflict.objects.get(source=Source.TEAM)
        with pytest.raises(Conflict.DoesNotExist):
            conflicts.lift(kept, reason="x", by=made.secretary.user, command=uuid.uuid4())
