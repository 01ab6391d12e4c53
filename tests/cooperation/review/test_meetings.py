"""The meeting of a panel: what each screen shows, who acts, and that a conflicted member's screen lacks the item."""

import csv
import io
import re
from typing import Any
from uuid import UUID, uuid4

import pytest
from django.db import IntegrityError, connection, transaction
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

import builders
from cooperation.review.panels import Meeting
from cooperation.selection.test_concurrency import at_once
from moonbridge.accounts.models import User
from moonbridge.cooperation.proposals.models import TeamMember, TeamRole
from moonbridge.cooperation.review.actions import chairing, meetings
from moonbridge.cooperation.review.actions.meetings import Said
from moonbridge.cooperation.review.models import Duty, Item, PanelKind, Remark, Verdict
from moonbridge.cooperation.review.queries.meetings import Discussed, Room
from moonbridge.cooperation.review.states import ItemState, RoundState
from moonbridge.errors import InputError, NotAllowed, Stale, WrongState
from moonbridge.record.queries import database_now

pytestmark = pytest.mark.django_db

RANDOM = re.compile(rb'name="(csrfmiddlewaretoken|command)" value="[^"]*"')
SECRET = "A secret word"


def client_of(user: User) -> Client:
    client = Client()
    client.force_login(user)
    return client


def address(name: str, made: Meeting, **more: Any) -> str:
    return reverse(name, kwargs={"key": made.panel.pk} | more)


def shown(user: User, made: Meeting, name: str = "panel-meeting") -> bytes:
    """Return the page without what is drawn anew each time."""
    return RANDOM.sub(b"", client_of(user).get(address(name, made)).content)


def discussing(count: int = 3) -> Meeting:
    """A panel that discusses, whose items are numbered in their order."""
    made = Meeting(count, state=RoundState.DISCUSSING)
    for number, item in enumerate(made.items):
        Item.objects.filter(pk=item.pk).update(position=number)
    return made


def opened(made: Meeting, item: Item, instead_of: UUID | None = None, by: User | None = None) -> None:
    meetings.open_item(item, instead_of=instead_of, by=by or made.chair.user, command=uuid4())


def state_of(item: Item) -> str:
    return Item.objects.get(pk=item.pk).state


def test_who_attends_and_who_does_not() -> None:
    made = discussing()
    everybody = {duty.value: made.member(duty=duty).user for duty in Duty if duty not in {Duty.PEER, Duty.CHAIR}}
    everybody |= {
        "office": made.office,
        "chair": made.chair.user,
        "lead": made.items[0].proposal.members.get().user,
        "other panel": made.seat(panel=made.another_panel("Other")).user,
        "stranger": builders.person(),
        "other office": builders.office_of(builders.agency()),
    }
    for name in ("panel-meeting", "panel-meeting-now"):
        found = {who for who, user in everybody.items() if client_of(user).get(address(name, made)).status_code == 200}
        assert found == {"office", "chair", "secretary", "member"}
    path = address("panel-item", made, item=made.items[0].pk)
    found = {who for who, user in everybody.items() if client_of(user).get(path).status_code == 200}
    assert found == {"office", "chair", "secretary", "member"}


def test_a_screen_follows_what_is_open_and_answers_nothing_while_nothing_changes() -> None:
    made = discussing()
    member = client_of(made.member().user)
    seat = made.member()
    made.written(made.items[0], seat, to_team=SECRET)
    assert b"No item is open" in member.get(address("panel-meeting", made)).content
    opened(made, made.items[0])
    page = member.get(address("panel-meeting", made)).content.decode()
    assert made.items[0].proposal.title in page
    assert SECRET in page
    seen = re.search(r"seen=([0-9a-f]+)", page)
    assert seen is not None
    now = address("panel-meeting-now", made)
    assert member.get(now, {"seen": seen[1]}).status_code == 204
    meetings.remark(made.items[0], "A new thought.", by=seat.user, command=uuid4())
    answer = member.get(now, {"seen": seen[1]})
    assert answer.status_code == 200
    assert b"A new thought." in answer.content
    assert b"<html" not in answer.content


@pytest.mark.parametrize("duty", [Duty.MEMBER, Duty.CHAIR, Duty.SECRETARY])
def test_the_screen_of_somebody_in_conflict_lacks_the_item_whatever_happens_to_it(duty: Duty) -> None:
    made = discussing()
    hidden = made.items[1]
    seat = {Duty.CHAIR: made.chair, Duty.SECRETARY: made.secretary}.get(duty) or made.member()
    made.conflict(seat.user, hidden)
    pages = ("panel-meeting", "panel-desk")
    before = [shown(seat.user, made, name) for name in pages]
    opened(made, hidden, by=made.office)
    meetings.remark(hidden, SECRET, by=made.office, command=uuid4())
    meetings.record(hidden, Said(SECRET, SECRET, SECRET), version=1, by=made.office, command=uuid4())
    made.written(hidden, made.member(), to_team=SECRET)
    during = [shown(seat.user, made, name) for name in pages]
    meetings.close(hidden, by=made.office, command=uuid4())
    chairing.place(hidden, 1, by=made.office, command=uuid4())
    after = [shown(seat.user, made, name) for name in pages]
    if duty == Duty.MEMBER:
        assert before == during == after
    else:  # a new member sits there in the second world: those who run the panel see its people counted
        assert before[0] == during[0] == after[0]
    for page in (*during, *after):
        assert SECRET.encode() not in page
        assert hidden.proposal.code.encode() not in page
    absent = client_of(seat.user).get(address("panel-item", made, item=uuid4()))
    forbidden = client_of(seat.user).get(address("panel-item", made, item=hidden.pk))
    assert absent.status_code == forbidden.status_code == 404
    assert len(absent.content) == len(forbidden.content)


def test_a_conflicted_chair_opens_the_next_item_without_learning_of_the_hidden_one() -> None:
    made = discussing()
    made.conflict(made.chair.user, made.items[0])
    opened(made, made.items[0], by=made.secretary.user)
    opened(made, made.items[1])
    assert [state_of(item) for item in made.items[:2]] == [ItemState.WAITING, ItemState.OPEN]


def test_whoever_opens_another_item_than_the_one_they_saw_is_told() -> None:
    made = discussing()
    opened(made, made.items[0])
    with pytest.raises(Stale):
        opened(made, made.items[1])
    opened(made, made.items[1], instead_of=made.items[0].pk)
    assert [state_of(item) for item in made.items] == [ItemState.WAITING, ItemState.OPEN, ItemState.WAITING]


def test_places_and_counts_are_made_of_what_one_sees() -> None:
    made = discussing(4)
    member = made.member().user
    made.conflict(member, made.items[0])
    for item in made.items[:2]:
        opened(made, item)
        meetings.close(item, by=made.chair.user, command=uuid4())
    opened(made, made.items[2])
    room, whole = Room(member, made.panel), Room(made.office, made.panel)
    assert (room.place, room.closed, len(room.agenda)) == (2, 1, 3)
    assert (whole.place, whole.closed, len(whole.agenda)) == (3, 2, 4)
    assert [one.pk for one in room.coming] == [made.items[3].pk]


def test_only_those_who_run_a_meeting_open_close_and_record() -> None:
    made = discussing()
    member, path = made.member(), {"key": made.panel.pk, "item": made.items[0].pk}
    client = client_of(member.user)
    for verb in ("open", "aside", "close", "leave-out", "bring-back", "move", "nonsense"):
        sent = {"command": str(uuid4()), "because": "x", "place": 1}
        assert client.post(reverse("panel-item-act", kwargs=path | {"verb": verb}), sent).status_code == 404
    sent = {"command": str(uuid4()), "version": 1, "consensus": "x"}
    assert client.post(reverse("panel-item-consensus", kwargs=path), sent).status_code == 404
    assert (
        client.post(
            reverse("panel-item-act", kwargs=path | {"verb": "remark"}), {"command": str(uuid4()), "text": "Well."}
        ).status_code
        == 302
    )
    assert Remark.objects.get().by == member.user
    made.items[0].refresh_from_db()
    assert (made.items[0].state, made.items[0].version) == (ItemState.WAITING, 1)


def test_a_meeting_runs_through_the_pages() -> None:
    made = discussing(2)
    client, path = client_of(made.chair.user), {"key": made.panel.pk, "item": made.items[0].pk}

    def send(name: str, **fields: Any) -> int:
        verb = {} if name == "consensus" else {"verb": name}
        route = "panel-item-consensus" if name == "consensus" else "panel-item-act"
        return client.post(
            reverse(route, kwargs=path | verb), {"command": str(uuid4()), "back": "meeting"} | fields
        ).status_code

    assert [send("open"), send("consensus", version=1, consensus="Fund it."), send("close"), send("close")] == [
        302,
        302,
        302,
        409,
    ]
    item = Item.objects.get(pk=made.items[0].pk)
    assert (item.state, item.consensus, item.recorded_by, item.version) == ("closed", "Fund it.", made.chair.user, 2)
    assert send("open") == 302
    assert send("aside") == 302
    table = client.get(address("panel-minutes", made, ending="csv")).content.decode()
    assert "Fund it." in table
    assert client.get(address("panel-minutes", made, ending="pdf")).content.startswith(b"%PDF")


def test_minutes_say_who_left_the_room_and_lack_what_their_reader_must_not_know() -> None:
    made = discussing(2)
    member = made.member()
    made.conflict(member.user, made.items[0])
    made.conflict(made.secretary.user, made.items[1])
    whole = client_of(made.office).get(address("panel-minutes", made, ending="csv")).content.decode()
    assert str(member.user) in whole.splitlines()[1]
    partly = client_of(made.secretary.user).get(address("panel-minutes", made, ending="csv")).content.decode()
    assert len(partly.splitlines()) == 1 + 1
    assert made.items[1].proposal.code not in partly
    assert client_of(member.user).get(address("panel-minutes", made, ending="csv")).status_code == 404


def absent_in_minutes(made: Meeting, user: User) -> list[str]:
    """Return who left the room, by the minutes that ``user`` gets and by the screen of the first item, which must agree."""
    first = made.items[0]
    [row] = csv.DictReader(
        io.StringIO(client_of(user).get(address("panel-minutes", made, ending="csv")).content.decode("utf-8-sig"))
    )
    on_screen = [str(seat.user) for seat in Discussed(user, made.panel, first).absent]
    told = row["left the room"].split("; ") if row["left the room"] else []
    assert sorted(told) == sorted(on_screen)
    return told


@pytest.mark.parametrize("mode", ["open", "reviewer-blind", "dual-anonymous"])
def test_who_is_in_the_team_is_absent_too_for_those_who_may_know_who_proposes(mode: str) -> None:
    made = Meeting(1, state=RoundState.DISCUSSING, mode=mode)
    item, conflicted, mate, both = made.items[0], made.member(), made.member(), made.member()
    made.member()
    for seat in (conflicted, both):
        made.conflict(seat.user, item)
    for seat in (mate, both):
        TeamMember.objects.create(proposal=item.proposal, user=seat.user, role=TeamRole.EDITOR)
    everybody = sorted(str(seat.user) for seat in (conflicted, mate, both))
    known = [name for name in everybody if name != str(mate.user)] if mode == "dual-anonymous" else everybody
    assert absent_in_minutes(made, made.office) == everybody
    assert absent_in_minutes(made, made.secretary.user) == everybody
    assert absent_in_minutes(made, made.chair.user) == known
    assert Discussed(conflicted.user, made.panel, item).absent == []
    type(made.round).objects.filter(pk=made.round.pk).update(state=RoundState.CHECKING)
    assert absent_in_minutes(made, made.chair.user) == everybody


def test_a_stale_consensus_shows_both_versions_and_overwrites_nothing() -> None:
    made = discussing(1)
    item = made.items[0]
    meetings.record(item, Said("Theirs."), version=1, by=made.secretary.user, command=uuid4())
    path = reverse("panel-item-consensus", kwargs={"key": made.panel.pk, "item": item.pk})
    answer = client_of(made.chair.user).post(path, {"command": str(uuid4()), "version": 1, "consensus": "Mine."})
    page = answer.content.decode()
    assert answer.status_code == 409
    assert "Theirs." in page
    assert ">Mine.</textarea>" in page.replace("\n", "")
    assert 'name="version" value="2"' in page
    assert Item.objects.get(pk=item.pk).consensus == "Theirs."
    meetings.record(item, Said("Theirs."), version=1, by=made.chair.user, command=uuid4())
    assert Item.objects.get(pk=item.pk).version == 2


@pytest.mark.parametrize("state", [RoundState.REVIEWING, RoundState.CONCLUDED])
def test_nothing_is_opened_said_or_recorded_outside_the_meeting(state: RoundState) -> None:
    made = Meeting(1, state=state) if state != RoundState.CONCLUDED else discussing(1)
    if state == RoundState.CONCLUDED:
        type(made.round).objects.filter(pk=made.round.pk).update(state=state, concluded_at=database_now())
    for act in (
        lambda: opened(made, made.items[0]),
        lambda: meetings.close(made.items[0], by=made.office, command=uuid4()),
        lambda: meetings.set_aside(made.items[0], by=made.office, command=uuid4()),
        lambda: meetings.record(made.items[0], Said("x"), version=1, by=made.office, command=uuid4()),
        lambda: meetings.remark(made.items[0], "x", by=made.office, command=uuid4()),
    ):
        with pytest.raises(WrongState):
            act()


def test_a_remark_that_is_refused_comes_back_as_it_was_typed() -> None:
    made = discussing(1)
    member, item = made.member(), made.items[0]
    path = reverse("panel-item-act", kwargs={"key": made.panel.pk, "item": item.pk, "verb": "remark"})
    client, typed, click = client_of(member.user), "Half an hour of <thought>.", str(uuid4())

    def say(**fields: Any) -> tuple[int, str]:
        answer = client.post(path, {"command": click, "text": typed, "back": "meeting"} | fields)
        return answer.status_code, answer.content.decode()

    status, page = say(text="x" * 4001)
    assert (status, "x" * 4001 in page) == (400, True)
    assert say(command="none")[0] == 400
    assert say()[0] == 302
    status, page = say(text=f"{typed} And more.")
    assert (status, "Half an hour of &lt;thought&gt;. And more.</textarea>" in page) == (409, True), (
        "the same click, other words"
    )
    concluded = {"state": RoundState.CONCLUDED, "concluded_at": database_now()}
    type(made.round).objects.filter(pk=made.round.pk).update(**concluded)
    status, page = say(command=str(uuid4()))
    assert status == 409
    assert "Half an hour of &lt;thought&gt;.</textarea>" in page
    assert "The panels do not meet now." in page
    assert Remark.objects.get().text == typed


def test_a_consensus_that_is_refused_comes_back_as_it_was_typed() -> None:
    made = discussing(1)
    path = reverse("panel-item-consensus", kwargs={"key": made.panel.pk, "item": made.items[0].pk})
    type(made.round).objects.filter(pk=made.round.pk).update(state=RoundState.REVIEWING)
    sent = {"command": str(uuid4()), "version": 1, "consensus": "Fund it.", "confidential": "By one vote."}
    answer = client_of(made.chair.user).post(path, sent)
    page = answer.content.decode()
    assert answer.status_code == 409
    for words in ("Fund it.</textarea>", "By one vote.</textarea>", "The panels do not meet now."):
        assert words in page
    assert Item.objects.get().version == 1


def test_what_is_being_written_about_an_item_stays_on_the_screen_when_it_is_closed() -> None:
    made = discussing(3)
    first, second, third = made.items
    member, now = client_of(made.member().user), address("panel-meeting-now", made)
    opened(made, first)
    meetings.close(first, by=made.chair.user, command=uuid4())
    page = member.get(now, {"seen": "", "on": first.pk}).content.decode()
    assert f'id="say-{first.pk}" hx-preserve' in page
    assert f"on=&amp;left={first.pk}" in page
    opened(made, second)
    page = member.get(now, {"seen": "", "on": "", "left": first.pk}).content.decode()
    assert [f'id="say-{one.pk}" hx-preserve' in page for one in made.items] == [True, True, False]
    assert f'id="record-{first.pk}"' not in page
    ids = re.findall(r' id="([^"]+)"', page)
    assert len(ids) == len(set(ids))
    chair = client_of(made.chair.user).get(now, {"seen": "", "on": second.pk, "left": first.pk}).content.decode()
    assert f'id="say-{first.pk}"' in chair
    opened(made, third, instead_of=second.pk)
    chair = client_of(made.chair.user).get(now, {"seen": "", "on": second.pk, "left": first.pk}).content.decode()
    assert [f'id="record-{one.pk}" hx-preserve' in chair for one in made.items] == [False, True, True]


def test_an_item_that_must_not_be_known_is_not_kept_on_a_screen() -> None:
    made = discussing(2)
    conflicted = made.member().user
    made.conflict(conflicted, made.items[0])
    now = address("panel-meeting-now", made)
    screens = [
        RANDOM.sub(b"", client_of(conflicted).get(now, {"seen": "", "on": key}).content)
        for key in ("", uuid4(), made.items[0].pk, "nonsense")
    ]
    assert len(set(screens)) == 1


def test_an_item_that_is_left_out_is_not_opened() -> None:
    made = discussing(1)
    chairing.leave_out(made.items[0], "weak", by=made.office, command=uuid4())
    with pytest.raises(WrongState):
        opened(made, made.items[0])


@pytest.mark.parametrize("text", ["", "  ", "x" * 4001])
def test_a_remark_says_something_and_is_no_novel(text: str) -> None:
    made = discussing(1)
    with pytest.raises(InputError):
        meetings.remark(made.items[0], text, by=made.office, command=uuid4())


def test_those_who_must_not_discuss_an_item_make_no_remark() -> None:
    made = discussing(1)
    conflicted, observer = made.member().user, made.member(duty=Duty.OBSERVER).user
    made.conflict(conflicted, made.items[0])
    referee = made.member(made.items[0], duty=Duty.REFEREE).user
    for user in (conflicted, observer, referee, builders.person()):
        with pytest.raises(NotAllowed):
            meetings.remark(made.items[0], "x", by=user, command=uuid4())


def test_members_read_reviews_but_not_who_wrote_those_of_referees_or_of_the_other_panel() -> None:
    made = discussing(1)
    item, reader = made.items[0], made.member().user
    colleague, referee = made.member(), made.member(duty=Duty.REFEREE)
    made.written(item, colleague, 7, confidential="among us")
    made.written(item, referee, 6, confidential="from outside")
    technical = made.another_panel("Engineers", kind=PanelKind.TECHNICAL)
    engineer = made.seat(panel=technical)
    before = Item.objects.create(panel=technical, proposal=item.proposal)
    made.declare(engineer)
    made.written(before, engineer, verdict=Verdict.FEASIBLE, confidential="among engineers")
    told = {
        (one.kind, one.author, one.label, one.aside, one.finding) for one in Discussed(reader, made.panel, item).reviews
    }
    assert told == {
        ("science", colleague.user.name, colleague.label, "among us", ""),
        ("science", None, referee.label, "from outside", ""),
        ("technical", None, None, None, "feasible"),
    }
    by_office = {one.author for one in Discussed(made.office, made.panel, item).reviews}
    assert by_office == {seat.user.name for seat in (colleague, referee, engineer)}


def test_who_proposes_is_not_shown_before_the_sealed_parts_are_open() -> None:
    made = Meeting(1, state=RoundState.DISCUSSING, mode="dual-anonymous")
    item, member = made.items[0], made.member().user
    assert Discussed(member, made.panel, item).participants == []
    assert Discussed(made.chair.user, made.panel, item).participants == []
    assert [one.institution for one in Discussed(made.office, made.panel, item).participants] == ["An institute"]
    type(made.round).objects.filter(pk=made.round.pk).update(state=RoundState.CHECKING)
    assert len(Discussed(member, made.panel, item).participants) == 1


def test_the_screen_asks_as_many_queries_for_one_remark_as_for_three() -> None:
    made = discussing()
    seats = [made.member() for _ in range(4)]
    opened(made, made.items[0])
    client = client_of(made.chair.user)
    counts = []
    for seat in seats[:3]:
        made.written(made.items[0], seat)
        meetings.remark(made.items[0], "Well.", by=seat.user, command=uuid4())
        with CaptureQueriesContext(connection) as asked:
            assert client.get(address("panel-meeting", made)).status_code == 200
        counts.append(len(asked))
    assert counts[0] == counts[2]


class TestTwoAtOnce:
    """What two people do in the same moment."""

    pytestmark = pytest.mark.django_db(transaction=True)

    def test_of_two_who_open_an_item_each_one_is_told(self) -> None:
        made = discussing(2)
        answers = at_once(
            lambda: opened(made, made.items[0]), lambda: opened(made, made.items[1], by=made.secretary.user)
        )
        assert sorted(type(one).__name__ for one in answers) == ["NoneType", "Stale"]
        assert Item.objects.filter(state=ItemState.OPEN).count() == 1

    def test_the_database_itself_keeps_one_item_open(self) -> None:
        made = discussing(2)
        opened(made, made.items[0])
        with pytest.raises(IntegrityError), transaction.atomic():
            Item.objects.filter(pk=made.items[1].pk).update(state=ItemState.OPEN)

    def test_a_double_click_closes_once_and_two_closings_tell_the_second(self) -> None:
        made = discussing(2)
        opened(made, made.items[0])
        click = uuid4()
        assert at_once(*[lambda: meetings.close(made.items[0], by=made.chair.user, command=click)] * 2) == [None, None]
        opened(made, made.items[1])
        both = at_once(
            *(
                lambda by=by: meetings.close(made.items[1], by=by, command=uuid4())
                for by in (made.chair.user, made.secretary.user)
            )
        )
        assert sorted(type(one).__name__ for one in both) == ["NoneType", "WrongState"]

    def test_of_two_who_record_from_the_same_version_one_is_told(self) -> None:
        made = discussing(1)
        answers = at_once(
            *(
                lambda by=by, words=words: meetings.record(
                    made.items[0], Said(words), version=1, by=by, command=uuid4()
                )
                for by, words in ((made.chair.user, "One."), (made.secretary.user, "Other."))
            )
        )
        assert sorted(type(one).__name__ for one in answers) == ["NoneType", "Stale"]
        assert Item.objects.get().version == 2

    def test_a_review_given_back_twice_at_once_is_given_back_once(self) -> None:
        made = discussing(1)
        review = made.written(made.items[0], made.member())
        answers = at_once(
            *(
                lambda by=by: chairing.give_back(review, "x", version=1, by=by, command=uuid4())
                for by in (made.chair.user, made.secretary.user)
            )
        )
        assert sorted(type(one).__name__ for one in answers) == ["NoneType", "WrongState"]
