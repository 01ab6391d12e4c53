"""What followers are told: mails, the feed, the calendar; and the clock of promises."""

import uuid
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from xml.etree import ElementTree as ET

import pytest
from django.core import mail
from django.db import connection
from django.test import Client
from django.urls import reverse
from icalendar import Calendar
from procrastinate.contrib.django import app
from procrastinate.contrib.django.models import ProcrastinateJob

from builders import complete_draft, office_of, open_opportunity, person
from moonbridge.cooperation.opportunities import actions, queries
from moonbridge.cooperation.opportunities.models import Follow, Opportunity, Origin, StageDate, StageKind
from moonbridge.cooperation.opportunities.states import State
from moonbridge.record.queries import database_now

pytestmark = pytest.mark.django_db
ATOM = "{http://www.w3.org/2005/Atom}"


@pytest.fixture
def call() -> Opportunity:
    made = complete_draft(title="Places on the lander", title_zh="着陆器上的位置", origin=Origin.SYNTHETIC)
    return actions.publish(made, by=office_of(made.agency), command=uuid.uuid4())


def follower(call: Opportunity, email: str, language: str = "en") -> Follow:
    return Follow.objects.create(opportunity=call, email=email, language=language, confirmed_at=database_now())


def run_jobs() -> None:
    """Carry out what is queued, as the worker would."""
    for job in ProcrastinateJob.objects.order_by("id"):
        app.tasks[job.task_name].func(**job.args)


def everything(call: Opportunity) -> None:
    office = office_of(call.agency)
    asked = actions.ask(call, "How cold?", by=person(), command=uuid.uuid4())
    actions.answer(asked, "Very.", by=office, command=uuid.uuid4())
    actions.extend_deadline(
        call, call.deadline + timedelta(days=3), reason="A holiday.", by=office, command=uuid.uuid4()
    )
    actions.close(call, by=office, command=uuid.uuid4())
    actions.decided(call, by=office)


def test_each_follower_gets_one_mail_for_each_event_with_a_way_out(call: Opportunity) -> None:
    follows = [follower(call, f"f{number}@example.org") for number in range(2)]
    Follow.objects.create(opportunity=call, email="never.confirmed@example.org")
    everything(call)
    run_jobs()
    subjects = [f"{word}: Places on the lander" for word in ("A question was answered", "Amended", "Closed", "Decided")]
    for follow in follows:
        own = [message for message in mail.outbox if message.to == [follow.email]]
        assert [message.subject for message in own] == subjects
        for message in own:
            assert f"/opportunities/following/{follow.token}/" in message.body
            (line,) = (
                line for line in message.message().as_bytes().splitlines() if line.startswith(b"List-Unsubscribe:")
            )
            assert line.startswith(b"List-Unsubscribe: <http")
            assert line.endswith(f"/opportunities/following/{follow.token}/stop/>".encode())
            assert "[synthetic]" in message.body
    assert len(mail.outbox) == 8
    assert "A holiday." in mail.outbox[2].body
    assert "deadline for proposals" in mail.outbox[2].body


def test_a_mail_speaks_the_followers_language_and_leads_to_its_page(call: Opportunity) -> None:
    follower(call, "zh@example.org", "zh-hans")
    actions.cancel(call, reason="No rocket.", by=office_of(call.agency), command=uuid.uuid4())
    run_jobs()
    (message,) = mail.outbox
    assert "着陆器上的位置" in message.subject
    assert f"/zh-hans/opportunities/{call.slug}/" in message.body


def test_who_left_meanwhile_is_not_told(call: Opportunity) -> None:
    left = follower(call, "left@example.org")
    actions.cancel(call, reason="No rocket.", by=office_of(call.agency), command=uuid.uuid4())
    actions.unfollow(left.token)
    run_jobs()
    assert mail.outbox == []


def test_the_mail_to_a_stranger_asks_and_a_line_break_in_a_title_cannot_add_headers(call: Opportunity) -> None:
    Opportunity.objects.filter(pk=complete_draft().pk).update(title="Evil\r\nBcc: all@example.org")
    evil = Opportunity.objects.get(title__startswith="Evil")
    evil = actions.publish(evil, by=office_of(evil.agency), command=uuid.uuid4())
    actions.follow(evil, "new@example.org", language="en", by=person())
    run_jobs()
    (message,) = mail.outbox
    assert message.subject == "Follow “Evil Bcc: all@example.org”?"
    assert list(message.message().keys()).count("Bcc") == 0


def test_the_feed_is_atom_and_tells_everything_newest_first(call: Opportunity) -> None:
    everything(call)
    answer = Client().get(reverse("opportunity-feed", args=[call.slug]))
    assert answer["Content-Type"].startswith("application/atom+xml")
    feed = ET.fromstring(answer.content)  # noqa: S314 - our own document
    entries = feed.findall(f"{ATOM}entry")
    titles = [entry.findtext(f"{ATOM}title").removeprefix("[synthetic] Places on the lander: ") for entry in entries]
    assert titles == ["decision announced", "proposals due", "Amendment 1", "A question was answered", "Published"]
    for part in (feed, *entries):
        for name in ("id", "title", "updated"):
            assert part.findtext(f"{ATOM}{name}")
    assert len({entry.findtext(f"{ATOM}id") for entry in entries}) == 5
    stamps = [datetime.fromisoformat(entry.findtext(f"{ATOM}updated")) for entry in entries]
    assert stamps == sorted(stamps, reverse=True)


def test_the_calendar_holds_the_promised_dates(call: Opportunity) -> None:
    made = Calendar.from_ical(Client().get(reverse("opportunity-dates", args=[call.slug])).content)
    dates = {event["uid"].removeprefix(f"{call.pk}-"): event.decoded("dtstart") for event in made.walk("VEVENT")}
    assert dates == {
        "open@moonbridge": call.published_at.replace(microsecond=0),
        "proposals@moonbridge": call.deadline.replace(microsecond=0),
        "decision@moonbridge": (call.deadline + timedelta(days=60)).replace(microsecond=0),
    }


def test_the_clock_shows_promised_against_actual() -> None:
    call = open_opportunity(origin=Origin.REPLAY)
    day, now = timedelta(days=1), datetime(2026, 11, 21, tzinfo=UTC)
    rows = {
        StageKind.OPEN: (now - 90 * day, now - 90 * day, now - 90 * day),
        StageKind.SHORTLIST: (now - 60 * day, now - 60 * day, now - 50 * day),
        StageKind.DECISION: (now - 20 * day, now - 5 * day, None),
        StageKind.CONFIRMATION: (now + day, now + day, None),
    }
    for stage, (first, promised, kept) in rows.items():
        StageDate.objects.create(opportunity=call, stage=stage, first_promised=first, promised=promised, kept=kept)
    told = [(one.stage, one.days_late, one.overdue, one.moved) for one in queries.stage_clock(call, now)]
    assert told == [
        (StageKind.OPEN, 0, False, False),
        (StageKind.SHORTLIST, 10, False, False),
        (StageKind.DECISION, 20, True, True),
        (StageKind.CONFIRMATION, None, False, False),
    ]
    assert [date.stage for date in queries.overdue(now)] == ["decision"]


def test_an_amendment_that_moves_a_promise_does_not_take_it_off_the_clock() -> None:
    call = open_opportunity(origin=Origin.REPLAY)
    now = database_now()
    StageDate.objects.create(
        opportunity=call, stage="decision", first_promised=now - timedelta(days=9), promised=now + timedelta(days=9)
    )
    (clock,) = queries.stage_clock(call, now)
    assert (clock.overdue, clock.moved, clock.days_late) == (True, True, 9)
    assert queries.overdue(now).count() == 1


def test_open_and_past_go_by_the_databases_clock() -> None:
    running = open_opportunity(closes_in=timedelta(minutes=1))
    over = open_opportunity(closes_in=timedelta(seconds=-1))
    closed = open_opportunity(state=State.CLOSED)
    complete_draft()
    assert list(queries.open_now(person())) == [running]
    assert set(queries.past(person())) == {over, closed}


@pytest.fixture
def ended_sessions() -> Iterator[None]:
    """End the sessions that the worker's threads leave open, so that the database of the run can go."""
    yield
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = current_database() AND pid <> pg_backend_pid()"
        )


@pytest.mark.django_db(transaction=True)
@pytest.mark.usefixtures("ended_sessions")
def test_the_worker_sends_the_mails_and_closes_what_is_due() -> None:
    made = complete_draft()
    call = actions.publish(made, by=office_of(made.agency), command=uuid.uuid4())
    follower(call, "f@example.org")
    actions.cancel(call, reason="No rocket.", by=office_of(call.agency), command=uuid.uuid4())
    due = open_opportunity(closes_in=timedelta(hours=-1))
    app.configure_task("opportunities.close_due").defer(timestamp=0)
    worker = app.with_connector(app.connector.get_worker_connector())
    worker.run_worker(wait=False, listen_notify=False, install_signal_handlers=False, delete_jobs="successful")
    assert [message.to for message in mail.outbox] == [["f@example.org"]]
    due.refresh_from_db()
    assert due.state == State.CLOSED
    assert not ProcrastinateJob.objects.exists()
