"""What the office can do with an opportunity, and what nobody can."""

import dataclasses
import uuid
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta

import pytest
from django.db import DatabaseError, connection, transaction
from procrastinate.contrib.django.models import ProcrastinateJob

from builders import agency, complete_draft, mission, office_of, open_opportunity, opportunity, person, proposal
from moonbridge.cooperation.opportunities import actions, terms
from moonbridge.cooperation.opportunities.models import (
    Amendment,
    Criterion,
    EnvelopeLine,
    Follow,
    Opportunity,
    Origin,
    StageDate,
    StageKind,
)
from moonbridge.cooperation.opportunities.states import State
from moonbridge.errors import InputError, MoonbridgeError, NotAllowed, Refused, Stale, WrongState
from moonbridge.quantities import MASS
from moonbridge.record.models import PUBLIC, Entry
from moonbridge.record.queries import database_now

pytestmark = pytest.mark.django_db


def verbs(call: Opportunity) -> list[str]:
    return list(
        Entry.objects.filter(chain=PUBLIC, subject=call.address).order_by("number").values_list("verb", flat=True)
    )


def published(**fields) -> tuple[Opportunity, object]:
    call = complete_draft(**fields)
    office = office_of(call.agency)
    return actions.publish(call, by=office, command=uuid.uuid4()), office


def with_mass(call: Opportunity, total: str) -> terms.Terms:
    now = terms.read(call)
    for line in now.envelope:
        if line.resource == "mass":
            line.total = MASS.parse(total)
    return now


def test_a_draft_belongs_to_the_office_of_the_agency_whose_mission_it_is() -> None:
    host = agency()
    flown, office = mission(host), office_of(host)
    made = actions.draft(agency=host, mission=flown, title="New", by=office, command=uuid.uuid4())
    assert (made.slug, made.state) == ("new-" + made.slug[4:], State.DRAFT)
    assert list(made.elements.all()) == list(flown.elements.all())
    with pytest.raises(NotAllowed):
        actions.draft(agency=host, mission=flown, title="B", by=office_of(agency()), command=uuid.uuid4())
    with pytest.raises(InputError, match="own missions"):
        actions.draft(agency=host, mission=mission(), title="B", by=office, command=uuid.uuid4())


def test_a_title_without_latin_letters_still_gets_an_address() -> None:
    host = agency()
    flown = mission(host)
    made = actions.draft(agency=host, mission=flown, title="嫦娥八号", by=office_of(host), command=uuid.uuid4())
    assert made.slug == f"{flown.slug}-call"


def test_saving_a_draft_writes_what_is_read_again() -> None:
    call = complete_draft()
    office = office_of(call.agency)
    wanted = dataclasses.replace(
        with_mass(call, "30.5 kg"),
        title_zh="标题",
        letter_required=True,
        letter_deadline=call.deadline - timedelta(days=9),
    )
    saved = actions.save_draft(call, wanted, by=office, command=uuid.uuid4(), version=1)
    assert terms.said(terms.read(saved)) == terms.said(wanted)
    assert saved.version == 2
    assert {date.stage: date.promised for date in saved.stage_dates.all()}[StageKind.LETTERS] == wanted.letter_deadline


def test_a_second_writer_is_told_and_overwrites_nothing() -> None:
    call = complete_draft()
    office = office_of(call.agency)
    actions.save_draft(call, with_mass(call, "30 kg"), by=office, command=uuid.uuid4(), version=1)
    with pytest.raises(Stale) as refusal:
        actions.save_draft(call, with_mass(call, "40 kg"), by=office, command=uuid.uuid4(), version=1)
    assert refusal.value.numbers == {"read": 1, "now": 2}
    assert call.envelope.get(resource="mass").total == MASS.parse("30 kg")


def test_a_row_given_twice_is_refused() -> None:
    call = complete_draft()
    now = terms.read(call)
    doubled = dataclasses.replace(now, criteria=(*now.criteria, Criterion(name="Scientific merit")))
    with pytest.raises(InputError, match=r"criterion: Scientific merit.* given twice"):
        actions.save_draft(call, doubled, by=office_of(call.agency), command=uuid.uuid4())


def test_publishing_an_empty_draft_says_everything_that_is_missing_at_once() -> None:
    host = agency()
    office = office_of(host)
    made = actions.draft(agency=host, mission=mission(host), title="Bare", by=office, command=uuid.uuid4())
    with pytest.raises(Refused) as refusal:
        actions.publish(made, by=office, command=uuid.uuid4())
    assert refusal.value.numbers["missing"] == [
        "The summary is missing.",
        "Nothing says who may take part (eligibility).",
        "The envelope offers nothing yet.",
        "There is no criterion to judge by.",
        "The deadline for proposals is missing.",
        "No date is promised for the decision.",
    ]
    assert Opportunity.objects.get().state == State.DRAFT


def test_publishing_promises_the_dates_and_seals_the_terms() -> None:
    call, _ = published()
    dates = {date.stage: (date.first_promised, date.promised, date.kept) for date in call.stage_dates.all()}
    decision = call.deadline + timedelta(days=60)
    assert dates == {
        StageKind.OPEN: (call.published_at, call.published_at, call.published_at),
        StageKind.PROPOSALS: (call.deadline, call.deadline, None),
        StageKind.DECISION: (decision, decision, None),
    }
    sealed = Entry.objects.get(chain=PUBLIC, subject=call.address)
    assert sealed.body["facts"]["terms"]["Lander: mass"] == {
        "in total": "20 kg", "at most per item": "10 kg", "held back": "0 kg",
    }  # fmt: skip


def test_a_real_call_cannot_be_published_after_its_deadline_but_a_replay_can() -> None:
    for origin, allowed in ((Origin.REAL, False), (Origin.REPLAY, True)):
        call = complete_draft(closes_in=timedelta(days=-1), origin=origin)
        office = office_of(call.agency)
        if allowed:
            long_ago = call.deadline - timedelta(days=40)
            assert actions.publish(call, by=office, command=uuid.uuid4(), at=long_ago).published_at == long_ago
        else:
            with pytest.raises(Refused) as refusal:
                actions.publish(call, by=office, command=uuid.uuid4())
            assert refusal.value.numbers["missing"] == ["The deadline for proposals is over already."]


def test_a_replay_leaves_unknown_what_the_real_call_left_unknown() -> None:
    host = agency()
    office = office_of(host)
    made = actions.draft(
        agency=host, mission=mission(host), title="Replay", by=office, command=uuid.uuid4(), origin=Origin.REPLAY
    )
    assert actions.publish(made, by=office, command=uuid.uuid4()).state == State.OPEN


def test_a_command_sent_twice_publishes_once_and_answers_alike() -> None:
    call = complete_draft()
    office, command = office_of(call.agency), uuid.uuid4()
    first, second = (actions.publish(call, by=office, command=command) for _ in range(2))
    assert (first.version, first.published_at) == (second.version, second.published_at)
    assert verbs(call) == ["publish"]


def test_an_amendment_says_what_changed_as_people_read_it() -> None:
    call, office = published()
    made = actions.amend(
        call,
        with_mass(call, "18 kg"),
        reason=" The rover grew. ",
        by=office,
        command=uuid.uuid4(),
        version=call.version,
    )
    assert (made.number, made.reason) == (1, "The rover grew.")
    assert made.changes == [{"subject": ["Lander", "mass"], "field": "in total", "before": "20 kg", "after": "18 kg"}]
    assert call.envelope.get(resource="mass").total == MASS.parse("18 kg")
    assert verbs(call) == ["publish", "amend"]


def test_an_amendment_needs_a_reason_and_a_change() -> None:
    call, office = published()
    with pytest.raises(InputError, match="Say why"):
        actions.amend(call, with_mass(call, "18 kg"), reason=" ", by=office, command=uuid.uuid4())
    with pytest.raises(InputError, match="Nothing was changed"):
        actions.amend(call, terms.read(call), reason="Because", by=office, command=uuid.uuid4())
    assert not Amendment.objects.exists()


def test_what_would_be_unfair_is_refused() -> None:
    call, office = published()
    now = terms.read(call)
    sooner = dataclasses.replace(now, deadline=now.deadline - timedelta(minutes=1))
    silent = dataclasses.replace(now, stage_dates=())
    empty = dataclasses.replace(now, envelope=())
    for changed, sentence in ((sooner, "only moves later"), (silent, "not vanish"), (empty, "no longer be complete")):
        with pytest.raises(Refused, match=sentence):
            actions.amend(call, changed, reason="Because", by=office, command=uuid.uuid4())
    assert terms.said(terms.read(call)) == terms.said(now)


def test_a_line_that_a_proposal_asks_for_cannot_go() -> None:
    call, office = published()
    proposal(call)
    now = terms.read(call)
    fewer = dataclasses.replace(now, envelope=tuple(line for line in now.envelope if line.resource != "mass"))
    with pytest.raises(Refused, match=r"Lander: mass.* cannot go"):
        actions.amend(call, fewer, reason="Because", by=office, command=uuid.uuid4())
    assert call.envelope.count() == 2
    assert not Amendment.objects.exists()


def test_extending_a_closed_opportunity_opens_it_again_and_keeps_the_first_promise_in_sight() -> None:
    call, office = published(origin=Origin.SYNTHETIC)
    first = call.deadline
    actions.close(call, by=office, command=uuid.uuid4())
    assert call.stage_dates.get(stage="proposals").kept is not None
    later = database_now() + timedelta(days=40)
    made = actions.extend_deadline(call, later, reason="A holiday.", by=office, command=uuid.uuid4())
    assert [change["field"] for change in made.changes] == ["deadline for proposals"]
    call.refresh_from_db()
    date = call.stage_dates.get(stage="proposals")
    assert (call.state, call.deadline, date.first_promised, date.promised, date.kept) == (
        State.OPEN,
        later,
        first,
        later,
        None,
    )


def test_criteria_stand_once_the_deadline_is_over_and_all_but_dates_once_it_is_decided() -> None:
    call, office = published(origin=Origin.SYNTHETIC)
    actions.close(call, by=office, command=uuid.uuid4())
    now = terms.read(call)
    now.criteria[0].weight = 7
    with pytest.raises(Refused, match="Criteria no longer change"):
        actions.amend(call, now, reason="Because", by=office, command=uuid.uuid4())
    actions.decided(call, by=office)
    with pytest.raises(Refused, match="only promised dates"):
        actions.amend(call, with_mass(call, "18 kg"), reason="Because", by=office, command=uuid.uuid4())
    confirmation = StageDate(stage=StageKind.CONFIRMATION, promised=call.deadline + timedelta(days=90))
    dated = dataclasses.replace(terms.read(call), stage_dates=(*terms.read(call).stage_dates, confirmation))
    made = actions.amend(call, dated, reason="Because", by=office, command=uuid.uuid4())
    assert made.changes[0]["subject"] == ["places confirmed"]


def test_a_real_opportunity_closes_at_its_deadline_and_not_before() -> None:
    call, office = published()
    with pytest.raises(Refused, match="not over yet"):
        actions.close(call, by=office, command=uuid.uuid4())
    assert actions.close_due(grace=timedelta(0)) == 0
    due = open_opportunity(closes_in=timedelta(seconds=-1))
    assert actions.close_due() == 0
    assert actions.close_due(grace=timedelta(0)) == 1
    assert actions.close_due(grace=timedelta(0)) == 0
    due.refresh_from_db()
    assert due.state == State.CLOSED
    assert verbs(due) == ["close"]


def test_letters_are_noted_as_due_when_their_deadline_passes() -> None:
    call, _ = published(letter_required=True, letter_deadline=database_now() + timedelta(days=1))
    with transaction.atomic():
        promised = database_now() - timedelta(minutes=1)
        actions.amending.announce(call, [terms.Change(["x"], "x", "", "y")], reason="test", by=office_of(call.agency))
        StageDate.objects.filter(opportunity=call, stage=StageKind.LETTERS).update(promised=promised)
    actions.close_due()
    assert call.stage_dates.get(stage=StageKind.LETTERS).kept == promised


def test_cancelling_needs_a_reason_and_is_final() -> None:
    call, office = published()
    with pytest.raises(InputError, match="Say why"):
        actions.cancel(call, reason="", by=office, command=uuid.uuid4())
    cancelled = actions.cancel(call, reason="No rocket.", by=office, command=uuid.uuid4())
    assert (cancelled.state, cancelled.cancelled_because) == (State.CANCELLED, "No rocket.")
    with pytest.raises(WrongState):
        actions.amend(call, with_mass(call, "18 kg"), reason="Because", by=office, command=uuid.uuid4())
    assert verbs(call) == ["publish", "cancel"]


def test_a_kept_promise_is_noted_once_and_stays() -> None:
    call, office = published()
    actions.note_kept(call, StageKind.SHORTLIST, by=office, command=uuid.uuid4())
    assert verbs(call) == ["publish", "keep"]
    with pytest.raises(WrongState, match="noted before"):
        actions.note_kept(call, StageKind.SHORTLIST, by=office, command=uuid.uuid4())
    with pytest.raises(InputError, match="between publication and now"):
        actions.note_kept(
            call, StageKind.DECISION, by=office, command=uuid.uuid4(), at=database_now() + timedelta(days=1)
        )


def test_a_copy_has_the_terms_without_the_dates() -> None:
    call, office = published()
    copy = actions.duplicate(call, by=office, command=uuid.uuid4())
    assert (copy.state, copy.title, copy.deadline) == (State.DRAFT, f"{call.title} (copy)", None)
    told, of_copy = terms.said(terms.read(call)), terms.said(terms.read(copy))
    assert {key: of_copy[key] for key in of_copy if key != "opportunity"} == {
        key: told[key] for key in told if key not in {"opportunity", "decision announced"}
    }


OFFICE_ONLY = {
    "save": lambda call, by: actions.save_draft(call, terms.read(call), by=by, command=uuid.uuid4()),
    "publish": lambda call, by: actions.publish(call, by=by, command=uuid.uuid4()),
    "amend": lambda call, by: actions.amend(call, terms.read(call), reason="x", by=by, command=uuid.uuid4()),
    "extend": lambda call, by: actions.extend_deadline(call, call.deadline, reason="x", by=by, command=uuid.uuid4()),
    "close": lambda call, by: actions.close(call, by=by, command=uuid.uuid4()),
    "cancel": lambda call, by: actions.cancel(call, reason="x", by=by, command=uuid.uuid4()),
    "keep": lambda call, by: actions.note_kept(call, StageKind.DECISION, by=by, command=uuid.uuid4()),
    "decided": lambda call, by: actions.decided(call, by=by),
    "duplicate": lambda call, by: actions.duplicate(call, by=by, command=uuid.uuid4()),
}


@pytest.mark.parametrize("verb", OFFICE_ONLY)
def test_only_the_office_of_the_agency_may(verb: str) -> None:
    for call in (complete_draft(), open_opportunity()):
        for other in (person(), office_of(agency())):
            with pytest.raises(NotAllowed):
                OFFICE_ONLY[verb](call, other)


@pytest.mark.parametrize(
    "bypass",
    [
        lambda call: call.envelope.update(total=1),
        lambda call: call.envelope.all().delete(),
        lambda call: EnvelopeLine.objects.create(opportunity=call, resource="slots", total=1),
        lambda call: call.criteria.update(weight=9),
        lambda call: Opportunity.objects.filter(pk=call.pk).update(title="Another"),
        lambda call: Opportunity.objects.filter(pk=call.pk).update(deadline=database_now() + timedelta(days=99)),
        lambda call: call.stage_dates.filter(stage="decision").update(promised=database_now() + timedelta(days=200)),
        lambda call: call.stage_dates.filter(stage="decision").delete(),
        lambda call: Opportunity.objects.filter(pk=call.pk).update(published_at=database_now()),
    ],
)
@pytest.mark.django_db(transaction=True)
def test_the_database_refuses_terms_that_change_without_an_amendment(bypass) -> None:
    call, office = published()
    actions.amend(call, with_mass(call, "18 kg"), reason="Another transaction.", by=office, command=uuid.uuid4())
    with pytest.raises(DatabaseError, match=r"by amendment only|but not vanish|Cannot update"), transaction.atomic():
        bypass(call)


@pytest.mark.django_db(transaction=True)
def test_two_office_users_publishing_at_once_publish_once() -> None:
    call = complete_draft()
    offices = [office_of(call.agency) for _ in range(8)]

    def work(office) -> str:
        try:
            actions.publish(call, by=office, command=uuid.uuid4())
        except MoonbridgeError as error:
            return error.code
        else:
            return "published"
        finally:
            connection.close()

    with ThreadPoolExecutor(8) as pool:
        answers = sorted(pool.map(work, offices))
    assert answers == ["published"] + ["wrong-state"] * 7
    assert verbs(call) == ["publish"]


@pytest.mark.django_db(transaction=True)
def test_amendments_made_at_once_are_numbered_without_gap() -> None:
    call, office = published()

    def work(kilograms: int) -> int:
        try:
            return actions.amend(
                call, with_mass(call, f"{kilograms} kg"), reason="x", by=office, command=uuid.uuid4()
            ).number
        finally:
            connection.close()

    with ThreadPoolExecutor(6) as pool:
        numbers = sorted(pool.map(work, range(11, 17)))
    assert numbers == [1, 2, 3, 4, 5, 6]


def test_an_amendment_queues_one_mail_for_each_confirmed_follower_in_its_own_transaction() -> None:
    call, office = published()
    for number in range(3):
        Follow.objects.create(opportunity=call, email=f"f{number}@example.org", confirmed_at=database_now())
    Follow.objects.create(opportunity=call, email="unconfirmed@example.org")
    with transaction.atomic():
        actions.amend(call, with_mass(call, "18 kg"), reason="x", by=office, command=uuid.uuid4())
        transaction.set_rollback(True)
    assert not ProcrastinateJob.objects.exists()
    actions.amend(call, with_mass(call, "18 kg"), reason="x", by=office, command=uuid.uuid4())
    told = [job.args["follow"] for job in ProcrastinateJob.objects.all()]
    assert sorted(told) == sorted(str(follow.pk) for follow in Follow.objects.exclude(confirmed_at=None))


def test_an_incomplete_draft_keeps_nothing_of_a_failed_publishing() -> None:
    call = opportunity()
    with pytest.raises(Refused):
        actions.publish(call, by=office_of(call.agency), command=uuid.uuid4())
    assert not call.stage_dates.exists()
    assert verbs(call) == []
