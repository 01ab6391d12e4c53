"""Dates that move together, dates of the review, and who learns whose name: promised in public, changed by amendment or not at all."""

import dataclasses
import uuid
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from django.db import Error, transaction
from django.test import Client
from django.urls import reverse

import builders
from moonbridge.cooperation.opportunities import actions
from moonbridge.cooperation.opportunities.completeness import missing
from moonbridge.cooperation.opportunities.models import Opportunity, Origin, ReviewMode, StageDate, StageKind
from moonbridge.cooperation.opportunities.shifting import moves
from moonbridge.cooperation.opportunities.terms import read
from moonbridge.errors import InputError, Refused, WrongState

pytestmark = pytest.mark.django_db

AFTER = {"declarations": 5, "reviews": 30, "discussion": 40, "decision": 60, "confirmation": 90}
"""Days after the deadline for which each stage is promised."""


def published(**fields: Any) -> Opportunity:
    """A published call with every date of its review promised."""
    draft = builders.complete_draft(**fields)
    for stage, days in AFTER.items():
        promised = draft.deadline + timedelta(days=days)
        StageDate.objects.update_or_create(opportunity=draft, stage=stage, defaults={"promised": promised})
    return actions.publish(draft, by=builders.office_of(draft.agency), command=uuid.uuid4())


def extend(call: Opportunity, stage: StageKind, **given: Any) -> Any:
    facts = {"reason": "Reviewers asked.", "by": builders.office_of(call.agency), "command": uuid.uuid4()}
    return actions.extend(call, stage, **facts | given)


def days_after(call: Opportunity, start: datetime) -> dict[str, int]:
    return {date.stage: (date.promised - start).days for date in call.stage_dates.exclude(stage="open")}


def test_an_extension_moves_what_follows_in_one_amendment_and_the_first_promise_stays_in_sight() -> None:
    call = published()
    made = extend(call, StageKind.REVIEWS, days=7)
    start = Opportunity.objects.get(pk=call.pk).deadline
    assert start == call.deadline
    assert days_after(call, start) == {
        "proposals": 0, "declarations": 5, "reviews": 37, "discussion": 47, "decision": 67, "confirmation": 97,
    }  # fmt: skip
    assert (call.amendments.get(), made.reason) == (made, "Reviewers asked.")
    assert [change["subject"] for change in made.changes] == [
        ["reviews due"], ["panels meet"], ["decision announced"], ["places confirmed"],
    ]  # fmt: skip
    first = call.stage_dates.get(stage="reviews")
    assert first.promised - first.first_promised == timedelta(days=7)


def test_extending_the_proposals_until_an_instant_moves_everything_by_the_same_amount() -> None:
    call = published()
    extend(call, StageKind.PROPOSALS, until=call.deadline + timedelta(days=3, hours=2))
    assert Opportunity.objects.get(pk=call.pk).deadline == call.deadline + timedelta(days=3, hours=2)
    assert days_after(call, call.deadline + timedelta(hours=2)) == {"proposals": 3} | {
        stage: days + 3 for stage, days in AFTER.items()
    }


def test_what_has_happened_stays_and_nothing_comes_sooner() -> None:
    call = published(origin=Origin.SYNTHETIC)
    office = builders.office_of(call.agency)
    actions.note_kept(call, StageKind.DISCUSSION, by=office, command=uuid.uuid4())
    with pytest.raises(WrongState):
        extend(call, StageKind.DISCUSSION, days=1)
    for given in ({"days": 0}, {"days": -1}, {"until": call.deadline}):
        with pytest.raises(Refused):
            extend(call, StageKind.REVIEWS, **given)
    for given in ({}, {"days": 1, "until": call.deadline + timedelta(days=99)}):
        with pytest.raises(InputError):
            extend(call, StageKind.REVIEWS, **given)
    with pytest.raises(InputError):
        extend(call, StageKind.SHORTLIST, days=1)
    with pytest.raises(InputError):
        extend(call, StageKind.REVIEWS, days=1, reason=" ")
    assert not call.amendments.exists()
    extend(call, StageKind.DECLARATIONS, days=1)
    moved = {**{stage: days + 1 for stage, days in AFTER.items()}, "proposals": 0, "discussion": AFTER["discussion"]}
    assert days_after(call, call.deadline) == moved


def test_sent_twice_it_moves_once() -> None:
    call, command = published(), uuid.uuid4()
    office = builders.office_of(call.agency)
    one, other = (extend(call, StageKind.REVIEWS, days=7, by=office, command=command) for _ in range(2))
    assert one == other
    assert call.amendments.count() == 1


def test_a_day_is_a_day_on_the_clocks_of_the_zone() -> None:
    ends = datetime(2027, 3, 26, 22, 59, tzinfo=UTC)  # 23:59 in Paris, two days before clocks are put forward
    call = builders.opportunity(deadline=ends, deadline_zone="Europe/Paris")
    call.stage_dates.create(stage="proposals", promised=ends)
    (move,) = moves(call, StageKind.PROPOSALS, days=7)
    assert move.after == datetime(2027, 4, 2, 21, 59, tzinfo=UTC)


def test_the_page_shows_all_dates_first_and_moves_them_when_it_is_told_to() -> None:
    call = published()
    client, address = Client(), reverse("opportunity-shift", args=[call.slug])
    client.force_login(builders.office_of(call.agency))
    assert client.get(address).status_code == 200
    given = {"stage": "reviews", "days": "7", "reason": "Why", "version": call.version, "command": str(uuid.uuid4())}
    looked = client.post(address, given | {"look": "1"})
    assert [(one.stage.value, one.moves) for one in looked.context["preview"]] == [
        ("proposals", False), ("declarations", False), ("reviews", True), ("discussion", True), ("decision", True), ("confirmation", True),
    ]  # fmt: skip
    assert not call.amendments.exists()
    assert client.post(address, given | {"days": "", "move": "1"}).status_code == 409
    assert client.post(address, given | {"move": "1"}).status_code == 302
    assert call.amendments.get().reason == "Why"


@pytest.mark.parametrize(
    ("stage", "days", "wrong"),
    [
        ("declarations", 0, False),
        ("declarations", -1, True),
        ("reviews", 5, False),
        ("reviews", 4, True),
        ("discussion", 61, True),
    ],
)
def test_the_dates_of_the_review_stand_in_order(stage: str, days: int, wrong: bool) -> None:
    call = published()
    date = next(one for one in read(call).stage_dates if one.stage == stage)
    date.promised = call.deadline + timedelta(days=days)
    terms = read(call)
    dates = tuple(date if one.stage == stage else one for one in terms.stage_dates)
    found = missing(dataclasses.replace(terms, stage_dates=dates), now=None)
    assert bool(found) is wrong, found


def test_who_learns_whose_name_is_decided_in_the_draft_and_stands_from_then_on() -> None:
    draft = builders.complete_draft()
    office = builders.office_of(draft.agency)
    chosen = dataclasses.replace(read(draft), review_mode=ReviewMode.DUAL)
    actions.save_draft(draft, chosen, version=draft.version, by=office, command=uuid.uuid4())
    call = actions.publish(draft, by=office, command=uuid.uuid4())
    assert call.review_mode == ReviewMode.DUAL
    for mode in (ReviewMode.OPEN, ReviewMode.REVIEWER_BLIND):
        other = dataclasses.replace(read(call), review_mode=mode)
        with pytest.raises(Refused, match="stands once"):
            actions.amend(call, other, reason="x", by=office, command=uuid.uuid4())
    with transaction.atomic(), pytest.raises(Error):
        Opportunity.objects.filter(pk=call.pk).update(review_mode=ReviewMode.OPEN)
    assert actions.duplicate(call, by=office, command=uuid.uuid4()).review_mode == ReviewMode.DUAL


def test_how_close_is_equal_is_decided_in_the_draft_said_in_public_and_stands() -> None:
    draft = builders.complete_draft(lottery_within=5_000)
    office = builders.office_of(draft.agency)
    client = Client()
    client.force_login(office)
    fields = client.get(reverse("opportunity-edit", args=[draft.slug])).context["editor"].plain
    assert (fields["lottery_within"].value(), fields.fields["lottery_within"].clean("2.25")) == ("0.5", 22_500)
    call = actions.publish(draft, by=office, command=uuid.uuid4())
    amending = client.get(reverse("opportunity-amend", args=[call.slug])).context["editor"].plain
    assert amending.fields["lottery_within"].disabled
    assert amending.fields["lottery_within"].clean(amending["lottery_within"].value()) == 5_000
    with pytest.raises(Refused, match="How close is equal"):
        actions.amend(
            call, dataclasses.replace(read(call), lottery_within=0), reason="x", by=office, command=uuid.uuid4()
        )
    with transaction.atomic(), pytest.raises(Error):
        Opportunity.objects.filter(pk=call.pk).update(lottery_within=0)
    with transaction.atomic(), pytest.raises(Error):
        builders.opportunity(lottery_within=1_000_001)
    said = (
        f"at most 0.5 below the best count as equal (a proposal has at most 100): a draw with the public seed {call.pk}"
    )
    assert said in Client().get(reverse("opportunity", args=[call.slug])).content.decode()
    assert said in Client().get(reverse("api:opportunity", args=[call.slug])).json()["lottery"]
    assert Client().get(reverse("api:opportunity", args=[published().slug])).json()["lottery"] == ""
    assert actions.duplicate(call, by=office, command=uuid.uuid4()).lottery_within == 5_000


def test_the_public_page_and_the_api_say_it_and_say_nothing_of_a_replay() -> None:
    page = Client().get(reverse("opportunity", args=[published(review_mode=ReviewMode.DUAL).slug])).content.decode()
    assert "Reviewers do not know who proposes until their marks are given" in page
    assert "Reviews due" in page
    for fields, said in (({"review_mode": ReviewMode.OPEN}, "open"), ({"origin": Origin.REPLAY}, None)):
        call = published(**fields)
        assert Client().get(reverse("api:opportunity", args=[call.slug])).json()["review_mode"] == said
    assert 'id="mode"' not in Client().get(reverse("opportunity", args=[call.slug])).content.decode()


def test_the_editor_reads_the_dates_and_the_mode_back() -> None:
    draft = builders.complete_draft()
    office = builders.office_of(draft.agency)
    client = Client()
    client.force_login(office)
    address = reverse("opportunity-edit", args=[draft.slug])
    form = client.get(address).context["editor"]
    typed: dict[str, Any] = {f"{prefix}-{name}": 0 for prefix in form.rows for name in ("TOTAL_FORMS", "INITIAL_FORMS")}
    typed |= {
        "title": "T", "deadline_zone": "UTC", "deadline": "2027-06-01T12:00", "review_mode": "dual-anonymous", "version": draft.version,
        "promised_reviews": "2027-07-01T12:00", "note_reviews": "by then", "command": str(uuid.uuid4()),
    }  # fmt: skip
    assert client.post(address, typed).status_code == 302
    terms = read(Opportunity.objects.get(pk=draft.pk))
    assert terms.review_mode == ReviewMode.DUAL
    assert [(one.stage, one.promised, one.note) for one in terms.stage_dates] == [
        ("reviews", datetime(2027, 7, 1, 12, tzinfo=UTC), "by then")
    ]
