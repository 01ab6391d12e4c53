"""A panel's meeting by JSON: whoever must not know of an item finds what they would find if it were not there."""

import uuid

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

import builders
from api.programs import Program
from api.review_people import absent_alike
from cooperation.review.panels import Meeting
from moonbridge.cooperation.review.models import Duty, Item, PanelKind, Remark
from moonbridge.cooperation.review.states import RoundState

pytestmark = pytest.mark.django_db
VERBS = {
    "discussion": {"step": "open"}, "remarks": {"text": "Let us look closer."}, "consensus": {"version": 1, "consensus": "Yes."},
}  # fmt: skip


@pytest.fixture
def made() -> Meeting:
    """Two proposals, the first of which has a review and is discussed first."""
    made = Meeting(2, state=RoundState.DISCUSSING)
    for place, item in enumerate(made.items):
        Item.objects.filter(pk=item.pk).update(position=place)
    made.written(made.items[0], made.member(), 6, to_team="Good.", confidential="Between us.")
    return made


def meeting_of(made: Meeting) -> str:
    return f"/panels/{made.panel.pk}/meeting"


def item_of(made: Meeting, place: int = 0) -> str:
    return f"/panels/{made.panel.pk}/items/{made.items[place].pk}"


def test_a_meeting_from_the_first_item_to_its_consensus(made: Meeting) -> None:
    chair, member, path = Program(made.chair.user), Program(made.member().user), item_of(made)
    before = member.read(meeting_of(made))
    assert (before["open"], before["place"], before["count"], before["runs"], before["meets"]) == (
        None,
        None,
        2,
        False,
        True,
    )
    assert [one["proposal"] for one in before["agenda"]] == [one.code for one in made.proposals]
    assert member.get(f"{meeting_of(made)}?seen={before['seen']}").status_code == 204
    chair.post(f"{path}/discussion", {"step": "open"})
    now = member.read(f"{meeting_of(made)}?seen={before['seen']}")
    assert (now["open"]["proposal"], now["place"], now["open"]["may_record"]) == (made.proposals[0].code, 1, False)
    [review] = now["open"]["reviews"]
    assert (review["points"], review["confidential"], review["marks"][0]["mark"]) == ("60.00", "Between us.", "6")
    assert len(member.post(f"{path}/remarks", {"text": "Sound."})["remarks"]) == 1
    stale = {"version": now["open"]["version"] + 1, "consensus": "We agree."}
    assert chair.post(f"{path}/consensus", stale, status=409)["code"] == "stale"
    kept = chair.post(f"{path}/consensus", {"version": now["open"]["version"], "consensus": " We agree. "})
    assert (kept["consensus"], kept["recorded_by"]) == ("We agree.", made.chair.user.name)
    chair.post(f"{path}/discussion", {"step": "close"})
    after = member.read(meeting_of(made))
    assert (after["open"], after["discussed"], after["agenda"][0]["state"]) == (None, 1, "closed")


def test_opening_another_item_names_the_one_that_is_seen_open(made: Meeting) -> None:
    chair = Program(made.chair.user)
    chair.post(f"{item_of(made)}/discussion", {"step": "open"})
    assert chair.post(f"{item_of(made, 1)}/discussion", {"step": "open"}, status=409)["code"] == "stale"
    chair.post(f"{item_of(made, 1)}/discussion", {"step": "open", "instead_of": str(made.items[0].pk)})
    assert chair.read(meeting_of(made))["open"]["id"] == str(made.items[1].pk)
    chair.post(f"{item_of(made, 1)}/discussion", {"step": "set-aside"})
    chair.post(f"{item_of(made)}/discussion", {"step": "leave-out"}, status=400)
    chair.post(f"{item_of(made)}/discussion", {"step": "leave-out", "because": "Agreed already."})
    assert [one["id"] for one in chair.read(meeting_of(made))["agenda"]] == [str(made.items[1].pk)]
    assert chair.post(f"{item_of(made)}/discussion", {"step": "bring-back"})["left_out_because"] is None


def test_in_conflict_a_member_meets_no_trace_of_what_is_open(made: Meeting) -> None:
    member, item = made.member().user, made.items[0]
    made.conflict(member, item)
    program = Program(member)
    before = program.get(meeting_of(made)).content
    office = Program(made.office)
    office.post(f"{item_of(made)}/discussion", {"step": "open"})
    office.post(f"{item_of(made)}/remarks", VERBS["remarks"])
    assert program.get(meeting_of(made)).content == before
    told = program.read(meeting_of(made))
    assert (told["open"], told["count"], [one["id"] for one in told["agenda"]]) == (None, 1, [str(made.items[1].pk)])
    assert program.get(f"{meeting_of(made)}?seen={told['seen']}").status_code == 204
    lost = f"/panels/{made.panel.pk}/items/{uuid.uuid4()}"
    absent_alike(member, item_of(made), lost)
    for verb, given in VERBS.items():
        absent_alike(member, f"{item_of(made)}/{verb}", f"{lost}/{verb}", given)


def test_a_conflicted_chair_opens_another_item_without_a_word_of_the_hidden_one(made: Meeting) -> None:
    made.conflict(made.chair.user, made.items[0])
    Program(made.office).post(f"{item_of(made)}/discussion", {"step": "open"})
    told = Program(made.chair.user).post(f"{item_of(made, 1)}/discussion", {"step": "open"})
    assert told["state"] == "open"
    assert Item.objects.get(pk=made.items[0].pk).state == "waiting"


def test_the_meeting_is_for_those_who_sit_and_its_steps_for_those_who_run_it(made: Meeting) -> None:
    technical = made.another_panel("Engineers", kind=PanelKind.TECHNICAL)
    lead = made.proposals[0].members.get().user
    outsiders = [
        lead, made.member(duty=Duty.OBSERVER).user, made.member(made.items[0], duty=Duty.REFEREE).user,
        made.seat(panel=technical).user, builders.office_of(builders.agency()), builders.person(),
    ]  # fmt: skip
    lost = f"/panels/{uuid.uuid4()}"
    lost_item = f"{lost}/items/{made.items[0].pk}"
    for user in outsiders:
        absent_alike(user, meeting_of(made), f"{lost}/meeting")
        absent_alike(user, item_of(made), lost_item)
        for verb, given in VERBS.items():
            absent_alike(user, f"{item_of(made)}/{verb}", f"{lost_item}/{verb}", given)
    member = made.member().user
    for verb in ("discussion", "consensus"):
        absent_alike(member, f"{item_of(made)}/{verb}", f"{lost_item}/{verb}", VERBS[verb])
    stranger = Program(None)
    assert [stranger.get(where).status_code for where in (meeting_of(made), item_of(made))] == [401, 401]
    for verb, given in VERBS.items():
        stranger.post(f"{item_of(made)}/{verb}", given, status=401)
    assert (Remark.objects.count(), Item.objects.get(pk=made.items[0].pk).state) == (0, "waiting")
    for user in (made.office, made.chair.user, made.secretary.user):
        assert Program(user).read(meeting_of(made))["runs"]


def test_before_the_panel_discusses_its_members_see_nothing_and_nobody_steps() -> None:
    made = Meeting(1, state=RoundState.REVIEWING)
    member = Program(made.member().user)
    assert (member.read(meeting_of(made))["count"], member.get(item_of(made)).status_code) == (0, 404)
    refused = Program(made.chair.user).post(f"{item_of(made)}/discussion", {"step": "open"}, status=409)
    assert (refused["sentence"], refused["numbers"]) == ("The panels do not meet now.", {"state": "reviewing"})


def test_a_meeting_asks_the_database_as_often_for_three_as_for_one() -> None:
    counts = []
    for size in (1, 3):
        made = Meeting(size, state=RoundState.DISCUSSING)
        for item in made.items:
            for seat in [made.member() for _ in range(size)]:
                made.written(item, seat, 6)
        program = Program(made.chair.user)
        program.post(f"{item_of(made)}/discussion", {"step": "open"})
        for where in (meeting_of(made), item_of(made)):
            with CaptureQueriesContext(connection) as counted:
                program.read(where)
            counts.append(len(counted))
    assert counts[:2] == counts[2:]
