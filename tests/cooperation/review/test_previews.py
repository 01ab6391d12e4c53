"""Many reviews are calibrated by a job before they are handed over: once, seen while it runs, and never for other marks than these."""

import uuid
from typing import Any

import numpy as np
import pgtrigger
import pytest
from django.test import Client
from django.urls import reverse
from procrastinate.contrib.django.models import ProcrastinateJob

import builders
from cooperation.review.crowds import Crowd
from cooperation.review.panels import Meeting
from cooperation.review.test_handover import handed, judged
from cooperation.selection.test_concurrency import at_once
from moonbridge.accounts.models import User
from moonbridge.cooperation.opportunities.models import Criterion
from moonbridge.cooperation.review import handovers, notices, tasks
from moonbridge.cooperation.review.actions import previews
from moonbridge.cooperation.review.calibrating import AT_ONCE, calibrated, reviews_in
from moonbridge.cooperation.review.handovers import handover, weighed
from moonbridge.cooperation.review.models import Calibration, Preview, ScoreTable
from moonbridge.cooperation.review.states import RoundState
from moonbridge.errors import NotAllowed, Refused, Stale

pytestmark = pytest.mark.django_db

MOST_QUERIES = 17


@pytest.fixture
def large(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let ten reviews be many."""
    monkeypatch.setattr(handovers, "AT_ONCE", 3)


def client_of(user: User) -> Client:
    client = Client()
    client.force_login(user)
    return client


def page(made: Meeting, name: str = "review-hand-over") -> str:
    return reverse(name, args=[made.call.slug])


def jobs() -> int:
    return ProcrastinateJob.objects.filter(task_name=notices.CALIBRATE_TASK).count()


def worked(made: Meeting) -> None:
    """Ask, and let the job do its work."""
    previews.ask(made.round, by=made.office)
    tasks.calibrate(str(made.round.pk))


def sent(made: Meeting, **more: object) -> dict[str, object]:
    return {
        "command": str(uuid.uuid4()),
        "seen": handover(made.round).digest,
        "counts": "calibrated",
        "incomplete": "on",
    } | more


def test_few_reviews_are_calibrated_at_once_and_no_job_is_made() -> None:
    made = judged()
    previews.ask(made.round, by=made.office)
    found = handover(made.round)
    assert (found.is_large, found.waits, jobs(), Preview.objects.count()) == (False, False, 0, 0)
    assert found.calibrated is not None


def test_the_size_of_a_panel_decides() -> None:
    found = handover(Crowd(120, 20, each=3).made.round)
    assert reviews_in(found.marks) > AT_ONCE
    assert (found.is_large, found.waits, found.calibrated) == (True, True, None)


@pytest.mark.usefixtures("large")
def test_the_page_shows_raw_means_and_hands_nothing_over_until_the_job_is_done() -> None:
    made = judged()
    client = client_of(made.office)
    shown = client.get(page(made))
    assert [row.raw.merit for row in shown.context["found"].rows] == [800_000, 700_000, 500_000, 450_000]
    assert "Hand these scores over" not in shown.content.decode()
    refused = client.post(page(made), sent(made))
    assert (refused.status_code, "not calibrated yet" in refused.context["wrong"]) == (409, True)
    with pytest.raises(Refused):
        handed(made, calibrated=False)
    assert not ScoreTable.objects.exists()
    for _ in range(2):
        assert client.post(page(made, "review-calibrate")).status_code == 302
    assert b"<progress" in client.get(page(made)).content
    tasks.calibrate(str(made.round.pk))
    assert "Hand these scores over" in client.get(page(made)).content.decode()
    assert client.post(page(made), sent(made)).status_code == 302
    assert Calibration.objects.get().counts


def test_what_the_job_finds_and_what_is_handed_over_is_what_small_calls_get_at_once(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    made = judged()
    handed(made)
    monkeypatch.setattr(handovers, "AT_ONCE", 3)
    worked(made)
    found = handover(made.round)
    straight = calibrated(weighed(made.call), found.marks)
    told = found.calibrated
    assert told is not None
    assert (told.codes, told.merits, told.doubts) == (straight.codes, straight.merits, straight.doubts)
    assert told.facts == straight.facts
    assert np.array_equal(told.covariance, straight.covariance)
    handed(made)
    small, large = (
        Calibration.objects.filter(table__number=number)
        .values("counts", "codes", "merits", "means", "covariance", "facts")
        .get()
        for number in (1, 2)
    )
    assert small == large


@pytest.mark.usefixtures("large")
def test_nothing_is_calibrated_twice_whoever_asks(monkeypatch: pytest.MonkeyPatch) -> None:
    made = judged()
    other = builders.office_of(made.call.agency)
    for by in (made.office, other, made.office):
        previews.ask(made.round, by=by)
    assert jobs() == 1
    tasks.calibrate(str(made.round.pk))

    def never(*_: object, **__: object) -> None:
        raise AssertionError("calibrated again")

    for module in (handovers, previews):
        monkeypatch.setattr(module, "calibrated", never)
    previews.ask(made.round, by=other)
    tasks.calibrate(str(made.round.pk))
    assert jobs() == 1
    assert client_of(other).get(page(made)).status_code == 200
    assert client_of(other).post(page(made), sent(made)).status_code == 302


@pytest.mark.usefixtures("large")
def test_when_reviews_change_nothing_old_is_handed_over_and_the_new_preview_is_offered() -> None:
    made = judged(RoundState.REVIEWING)
    worked(made)
    client, old = client_of(made.office), sent(made)
    made.written(made.items[3], made.member(), 9)
    refused = client.post(page(made), old)
    assert (refused.status_code, "changed since this preview" in refused.context["wrong"]) == (409, True)
    assert page(made, "review-calibrate") in refused.content.decode()
    assert "Reviews have changed since they were calibrated." in refused.content.decode()
    with pytest.raises(Stale):
        handed(made, seen=old["seen"])
    assert not ScoreTable.objects.exists()
    worked(made)
    assert client.post(page(made), sent(made)).status_code == 302
    assert ScoreTable.objects.get().rows == 11


def test_a_weight_that_changes_makes_a_preview_stale() -> None:
    made = judged()
    seen = handover(made.round).digest
    with pgtrigger.ignore():
        Criterion.objects.filter(opportunity=made.call).update(highest=20)
    made.round.refresh_from_db()
    with pytest.raises(Stale):
        handed(made, seen=seen)


@pytest.mark.usefixtures("large")
def test_what_the_job_found_for_other_marks_is_dropped(monkeypatch: pytest.MonkeyPatch) -> None:
    made = judged(RoundState.REVIEWING)
    previews.ask(made.round, by=made.office)

    def changed_meanwhile(*given: Any, **more: Any) -> object:
        made.written(made.items[3], made.member(), 9)
        previews.ask(made.round, by=made.office)
        monkeypatch.setattr(previews, "calibrated", calibrated)
        return calibrated(*given, **more)

    monkeypatch.setattr(previews, "calibrated", changed_meanwhile)
    tasks.calibrate(str(made.round.pk))
    kept = Preview.objects.get()
    assert (kept.answer, kept.digest, jobs()) == (None, handover(made.round).basis, 2)
    tasks.calibrate(str(made.round.pk))
    assert handover(made.round).calibrated is not None


@pytest.mark.usefixtures("large")
def test_reviews_that_change_before_the_job_begins_are_taken_in() -> None:
    made = judged(RoundState.REVIEWING)
    previews.ask(made.round, by=made.office)
    made.written(made.items[3], made.member(), 9)
    tasks.calibrate(str(made.round.pk))
    assert not handover(made.round).waits
    previews.ask(made.round, by=made.office)
    assert jobs() == 1


@pytest.mark.usefixtures("large")
def test_too_few_reviews_of_one_block_are_told_by_the_job_too() -> None:
    made = judged(RoundState.REVIEWING)
    with pgtrigger.ignore():
        second = Criterion.objects.create(opportunity=made.call, name="Second", weight=1, position=5)
    other = made.another_panel("Other")
    other.criteria.set([second])
    item = other.items.create(proposal=made.proposals[0])
    seat = made.seat(panel=other)
    made.declare(seat, item)
    made.written(item, seat, 5)
    worked(made)
    found = handover(made.round)
    assert (found.waits, found.calibrated) == (False, None)
    assert "too few reviews to calibrate" in client_of(made.office).get(page(made)).content.decode()
    handed(made, calibrated=False, incomplete=True)
    assert Calibration.objects.get().merits == {}


@pytest.mark.usefixtures("large")
def test_the_job_is_watched_and_cancelled() -> None:
    made = judged()
    client, bar = client_of(made.office), page(made, "review-calibrate-progress")
    assert client.get(bar).status_code == 302, "nothing runs"
    client.post(page(made, "review-calibrate"))
    Preview.objects.update(done=50)
    shown = client.get(bar)
    assert (shown.status_code, b'value="50"' in shown.content, b"<html" in shown.content) == (200, True, False)
    assert client.post(page(made, "review-calibrate-cancel")).status_code == 302
    assert client.get(bar, headers={"HX-Request": "true"}).headers["HX-Refresh"] == "true"
    tasks.calibrate(str(made.round.pk))
    assert not Preview.objects.exists()
    worked(made)
    client.post(page(made, "review-calibrate-cancel"))
    assert handover(made.round).calibrated is not None, "what is found stays"


@pytest.mark.usefixtures("large")
def test_a_job_that_is_cancelled_between_two_blocks_stops(monkeypatch: pytest.MonkeyPatch) -> None:
    made = judged()
    previews.ask(made.round, by=made.office)
    told = []

    def stopped(criteria: Any, marks: Any, *, told: Any) -> object:
        previews.cancel(made.round, by=made.office)
        return calibrated(criteria, marks, told=told)

    monkeypatch.setattr(previews, "calibrated", stopped)
    tasks.calibrate(str(made.round.pk))
    assert (Preview.objects.count(), told) == (0, [])


@pytest.mark.usefixtures("large")
def test_a_job_that_breaks_is_not_waited_for(monkeypatch: pytest.MonkeyPatch) -> None:
    made = judged()

    def broken(*_: object, **__: object) -> None:
        raise ZeroDivisionError

    monkeypatch.setattr(previews, "calibrated", broken)
    with pytest.raises(ZeroDivisionError):
        worked(made)
    assert not Preview.objects.exists()
    assert not handover(made.round).runs
    previews.ask(made.round, by=made.office)
    assert Preview.objects.get().round == made.round


def test_how_far_it_is_is_told_block_by_block() -> None:
    made, told = judged(), []
    calibrated(weighed(made.call), handover(made.round).marks, told=lambda done, of: told.append((done, of)))
    assert told == [(1, 1)]


@pytest.mark.usefixtures("large")
def test_only_an_office_without_conflict_asks_watches_and_cancels() -> None:
    made = judged()
    worked(made)
    Preview.objects.update(answer=None, covariance=None)
    tied = builders.office_of(made.call.agency)
    made.conflict(tied, made.items[0])
    for user in (made.chair.user, made.secretary.user, builders.office_of(builders.agency()), builders.person()):
        client = client_of(user)
        assert client.get(page(made, "review-calibrate-progress")).status_code == 404
        for name in ("review-calibrate", "review-calibrate-cancel"):
            assert client.post(page(made, name)).status_code == 404
        with pytest.raises(NotAllowed):
            previews.ask(made.round, by=user)
    for name in ("review-calibrate", "review-calibrate-cancel"):
        assert client_of(tied).post(page(made, name)).status_code == 404
    assert b"<progress" not in client_of(tied).get(page(made, "review-calibrate-progress"), follow=True).content
    assert Preview.objects.exists()


@pytest.mark.parametrize("proposals", [10, 1000])
def test_the_page_asks_few_queries_whatever_its_size(proposals: int, django_assert_max_num_queries: Any) -> None:
    made = Crowd(proposals, 50).made
    client = client_of(made.office)
    with django_assert_max_num_queries(MOST_QUERIES):
        answer = client.get(page(made))
    found = answer.context["found"]
    assert (len(answer.context["page"]), len(answer.context["missing"])) == (
        min(100, len(found.rows)), min(100, len(found.missing)),
    )  # fmt: skip


class TestTwoAtOnce:
    """What happens in the same moment."""

    pytestmark = pytest.mark.django_db(transaction=True)

    @pytest.mark.usefixtures("large")
    def test_two_who_ask_at_once_have_one_job(self) -> None:
        made = judged()
        other = builders.office_of(made.call.agency)
        at_once(*(lambda by=by: previews.ask(made.round, by=by) for by in (made.office, other)))
        assert (jobs(), Preview.objects.count()) == (1, 1)

    @pytest.mark.usefixtures("large")
    def test_the_same_click_sent_twice_hands_over_once(self) -> None:
        made = judged()
        worked(made)
        click = sent(made)
        answers = at_once(*[lambda: client_of(made.office).post(page(made), click).status_code] * 2)
        assert answers == [302, 302]
        assert ScoreTable.objects.count() == 1
