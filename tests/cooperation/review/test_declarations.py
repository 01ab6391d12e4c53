"""Declarations: before anything is shown, all at once or none, and a conflict hides the proposal at once."""

import uuid

import pytest
from django.test import Client
from django.urls import reverse

import builders
from cooperation.review.panels import Meeting
from moonbridge.accounts.models import User
from moonbridge.cooperation.proposals.models import TeamMember, TeamRole
from moonbridge.cooperation.review.actions.declarations import Answer, declare
from moonbridge.cooperation.review.models import Bid, Conflict, Declaration, Duty, Ground, Item, Review, Seat, Source
from moonbridge.cooperation.review.sight import Sight
from moonbridge.cooperation.review.states import ReviewState, RoundState
from moonbridge.errors import InputError, MoonbridgeError, NotAllowed, WrongState
from moonbridge.record.queries import database_now

pytestmark = pytest.mark.django_db


def declared(seat: Seat, *answers: Answer, **more) -> int:
    return declare(seat.panel, answers, **{"by": seat.user, "command": uuid.uuid4()} | more)


def client_of(user: User | None) -> Client:
    client = Client()
    if user is not None:
        client.force_login(user, backend="django.contrib.auth.backends.ModelBackend")
    return client


def page_of(seat: Seat) -> str:
    return reverse("review-declare", args=[seat.panel_id])


def send(seat: Seat, **fields: str):
    return client_of(seat.user).post(page_of(seat), {"command": str(uuid.uuid4())} | fields)


def test_a_declaration_keeps_its_bid_and_takes_a_new_one() -> None:
    made = Meeting(2, state=RoundState.DECLARING)
    seat = made.seat()
    declared(seat, Answer(made.items[0].pk, bid=Bid.EAGER), Answer(made.items[1].pk))
    assert sorted(Declaration.objects.filter(seat=seat).values_list("bid", flat=True)) == [0, 2]
    at = Declaration.objects.get(seat=seat, item=made.items[0]).declared_at
    declared(seat, Answer(made.items[0].pk, bid=Bid.UNWILLING))
    kept = Declaration.objects.get(seat=seat, item=made.items[0])
    assert (kept.bid, kept.declared_at) == (Bid.UNWILLING, at)


def test_a_conflict_hides_the_proposal_ends_its_reviews_and_is_kept_with_its_words() -> None:
    made = Meeting(2)
    seat = made.member(*made.items)
    assert declared(seat, Answer(made.items[0].pk, Ground.COAUTHOR, " A paper\nin 2025 ")) == 1
    kept = Conflict.objects.get(user=seat.user)
    assert (kept.source, kept.ground, kept.evidence, kept.found_by, kept.standing) == (
        Source.REVIEWER, Ground.COAUTHOR, "A paper in 2025", seat.user, True,
    )  # fmt: skip
    states = {review.item_id: review.state for review in Review.objects.filter(seat=seat)}
    assert states == {made.items[0].pk: ReviewState.RECUSED, made.items[1].pk: ReviewState.ASSIGNED}
    assert not Item.objects.filter(Sight(seat.user).contents(), pk=made.items[0].pk).exists()
    assert not Declaration.objects.filter(seat=seat, item=made.items[0]).exists()


def test_a_conflict_that_the_office_lifted_stands_again_when_it_is_declared_again() -> None:
    made = Meeting(1, state=RoundState.DECLARING)
    seat = made.seat()
    declared(seat, Answer(made.items[0].pk, Ground.FAMILY, "a cousin"))
    Conflict.objects.update(standing=False, lifted_at=database_now(), lifted_because="an error")
    declared(seat, Answer(made.items[0].pk, Ground.FAMILY, "a cousin"))
    assert Conflict.objects.get().standing


@pytest.mark.parametrize("which", ["other panel", "conflict", "own team", "absent"])
def test_what_is_not_asked_is_refused_like_what_is_not_there_and_nothing_is_kept(which: str) -> None:
    made = Meeting(2, state=RoundState.DECLARING)
    seat, item = made.seat(), made.items[0]
    other = Item.objects.create(panel=made.another_panel("Other"), proposal=made.proposals[0])
    if which == "conflict":
        made.conflict(seat.user, item)
    elif which == "own team":
        TeamMember.objects.create(proposal=item.proposal, user=seat.user, role=TeamRole.READER)
    key = {"other panel": other.pk, "absent": uuid.uuid4()}.get(which, item.pk)
    with pytest.raises(InputError, match="This list has changed"):
        declared(seat, Answer(made.items[1].pk), Answer(key))
    assert not Declaration.objects.filter(seat=seat).exists()


def test_only_who_sits_there_declares_and_not_after_the_end() -> None:
    made = Meeting(1, state=RoundState.DECLARING)
    seat = made.seat()
    for user in (made.office, builders.person(), made.seat(panel=made.another_panel("Other")).user):
        with pytest.raises(NotAllowed):
            declared(seat, Answer(made.items[0].pk), by=user)
    Seat.objects.filter(pk=seat.pk).update(left_at=database_now())
    with pytest.raises(NotAllowed):
        declared(seat, Answer(made.items[0].pk))
    late = Meeting(1, state=RoundState.REVIEWING)
    seat = late.seat()
    type(late.round).objects.filter(pk=late.round.pk).update(state=RoundState.CONCLUDED, concluded_at=database_now())
    with pytest.raises(WrongState):
        declared(seat, Answer(late.items[0].pk))


def test_sent_twice_it_is_declared_once() -> None:
    made = Meeting(1, state=RoundState.DECLARING)
    seat, command = made.seat(), uuid.uuid4()
    assert {declared(seat, Answer(made.items[0].pk, Ground.MONEY, "shares"), command=command) for _ in range(2)} == {1}
    assert Conflict.objects.count() == 1


# --- the page ---


@pytest.mark.parametrize(("mode", "tells"), [("open", True), ("reviewer-blind", True), ("dual-anonymous", False)])
def test_before_a_declaration_only_code_title_and_who_proposes_are_shown(mode: str, tells: bool) -> None:
    made = Meeting(1, state=RoundState.DECLARING, mode=mode)
    seat, proposal = made.seat(), made.proposals[0]
    type(proposal).objects.filter(pk=proposal.pk).update(abstract="hidden-abstract", expertise="hidden-expertise")
    User.objects.filter(team_memberships__proposal=proposal).update(name="the-lead")
    for declared_already in (False, True):
        if declared_already:
            made.declare(seat)
        page = client_of(seat.user).get(page_of(seat)).content.decode()
        assert proposal.code in page
        assert proposal.title in page
        assert "hidden-" not in page
        assert ("An institute" in page, "the-lead" in page) == (tells, tells)


def test_what_is_chosen_is_declared_and_the_rest_stays_open() -> None:
    made = Meeting(3, state=RoundState.DECLARING)
    seat = made.seat()
    first, second, _ = (item.pk for item in made.items)
    answer = send(
        seat, **{f"choice-{first}": "bid:2", f"choice-{second}": "conflict:adviser", f"words-{second}": "my student"}
    )
    assert answer.status_code == 302
    page = client_of(seat.user).get(page_of(seat))
    assert [one.item for one in page.context["asked"]] == [made.items[2].pk]
    assert [(one.item, one.bid) for one in page.context["declared"]] == [(first, 2)]
    assert [(one["code"], one["reasons"][0].evidence) for one in page.context["conflicts"]] == [
        (made.proposals[1].code, "my student")
    ]
    assert "my student" in page.content.decode()


@pytest.mark.parametrize(
    "fields",
    [{}, {"choice-x": "bid:1"}, {"choice-{}": "bid:9"}, {"choice-{}": "conflict:self"}, {"choice-{}": "else"}],
)
def test_what_no_page_sends_is_refused(fields: dict[str, str]) -> None:
    made = Meeting(1, state=RoundState.DECLARING)
    seat = made.seat()
    sent = {name.format(made.items[0].pk): text for name, text in fields.items()}
    assert send(seat, **sent).status_code == 400
    assert not Declaration.objects.filter(seat=seat).exists()


def test_no_conflict_with_all_of_these_shows_the_list_once_more_and_asks() -> None:
    made = Meeting(3, state=RoundState.DECLARING)
    seat = made.seat()
    client, address = client_of(seat.user), reverse("review-declare-none", args=[made.panel.pk])
    items = [str(item.pk) for item in made.items[:2]]
    asked = client.post(address, {"item": items, "command": str(uuid.uuid4())})
    assert [str(one.item) for one in asked.context["asked"]] == sorted(
        items, key=lambda key: next(item.proposal.code for item in made.items if str(item.pk) == key)
    )
    assert not Declaration.objects.filter(seat=seat).exists()
    client.post(address, {"item": items, "command": str(uuid.uuid4()), "confirmed": "1"})
    # What came before the panel after the list was shown is not declared on.
    assert {str(key) for key in Declaration.objects.filter(seat=seat).values_list("item_id", flat=True)} == set(items)


def test_a_list_that_changed_is_not_confirmed() -> None:
    made = Meeting(2, state=RoundState.DECLARING)
    seat = made.seat()
    made.conflict(seat.user, made.items[0])
    client, address = client_of(seat.user), reverse("review-declare-none", args=[made.panel.pk])
    for more in ({}, {"confirmed": "1"}):
        sent = {"item": [str(item.pk) for item in made.items], "command": str(uuid.uuid4())} | more
        assert client.post(address, sent).status_code == 400
    assert client.post(address, {"command": str(uuid.uuid4())}).status_code == 400
    assert not Declaration.objects.filter(seat=seat).exists()


def test_a_panel_answers_strangers_offices_and_other_panels_as_one_that_is_not_there() -> None:
    made = Meeting(1, state=RoundState.DECLARING)
    others = (
        made.office,
        builders.person(),
        made.seat(panel=made.another_panel("Other")).user,
        made.proposals[0].members.get().user,
    )
    for user in others:
        client = client_of(user)
        for name, rest in [
            ("review-declare", []),
            ("review-declare-none", []),
            ("review-tables", []),
            ("review-table", ["csv"]),
        ]:
            found = [
                getattr(client, how)(reverse(name, args=[key, *rest])).content.replace(str(key).encode(), b"")
                for key in (made.panel.pk, uuid.uuid4())
                for how in ("get", "post")
            ]
            assert found[:2] == found[2:]
    assert client_of(None).get(reverse("review-declare", args=[made.panel.pk])).status_code == 302


def test_nothing_is_asked_before_the_office_asks_and_of_a_referee_only_what_was_given() -> None:
    early = Meeting(1, state=RoundState.PREPARING)
    page = client_of((seat := early.seat()).user).get(page_of(seat))
    assert (page.context["asked"], b"Nothing to declare" in page.content) == ([], True)
    made = Meeting(2)
    referee = made.seat(Duty.REFEREE)
    Review.objects.create(item=made.items[1], seat=referee)
    assert [one.item for one in client_of(referee.user).get(page_of(referee)).context["asked"]] == [made.items[1].pk]


def test_a_reviewer_gives_a_review_back_with_or_without_a_conflict() -> None:
    made = Meeting(2)
    seat = made.member(*made.items)
    client = client_of(seat.user)
    plain, tied = (Review.objects.get(seat=seat, item=item) for item in made.items)
    for review, ground in ((plain, ""), (tied, "family")):
        address = reverse("review-recuse", args=[review.pk])
        assert client.post(address, {"ground": ground, "command": str(uuid.uuid4())}).status_code == 400
        sent = {"ground": ground, "words": "no time", "command": str(uuid.uuid4())}
        assert client.post(address, sent).status_code == 302
        review.refresh_from_db()
        assert (review.state, review.ended_because) == (ReviewState.RECUSED, "no time")
    assert [(one.ground, one.source) for one in Conflict.objects.filter(user=seat.user)] == [
        ("family", Source.REVIEWER)
    ]


def test_errors_of_declarations_never_name_a_proposal() -> None:
    made = Meeting(1, state=RoundState.DECLARING)
    seat = made.seat()
    made.conflict(seat.user, made.items[0])
    with pytest.raises(MoonbridgeError) as refusal:
        declared(seat, Answer(made.items[0].pk))
    told = str(refusal.value) + str(refusal.value.numbers)
    assert made.proposals[0].code not in told
    assert made.proposals[0].title not in told
