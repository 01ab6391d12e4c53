"""The search for conflicts of a large round: one job that people see and can cancel, whose answer each reads as far as they may."""

import uuid
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse
from procrastinate.contrib.django.models import ProcrastinateJob

import builders
from cooperation.review.panels import Meeting
from moonbridge.accounts.models import User
from moonbridge.cooperation.proposals.models import NamedConflict, TeamMember, TeamRole
from moonbridge.cooperation.review import notices, tasks
from moonbridge.cooperation.review.actions import conflicts, searches
from moonbridge.cooperation.review.models import Conflict, Duty, LateFinding, Review, Search, Seat
from moonbridge.cooperation.review.states import ReviewState, SearchState
from moonbridge.errors import NotAllowed, Refused, Stale

pytestmark = pytest.mark.django_db
AT_ONCE = "moonbridge.cooperation.review.searches.AT_ONCE"
KINDS = ("broken", "harmless", "gone")


@pytest.fixture
def made(monkeypatch) -> Meeting:
    """Return a round that counts as large, of two panels with a proposal in common, where something of each kind is found."""
    monkeypatch.setattr(AT_ONCE, 0)
    made = Meeting(3)
    for number, proposal in enumerate(made.proposals):
        lead = proposal.members.get(role=TeamRole.LEAD).user
        User.objects.filter(pk=lead.pk).update(
            email=f"lead{number}@uni{number}.test", name=f"Lead{number} Family{'xyz'[number]}"
        )
    for seat in (made.chair, made.secretary):
        called(seat.user, f"{seat.pk.hex}@panel{seat.pk.hex}.test")
    return made


def called(user: User, email: str) -> None:
    User.objects.filter(pk=user.pk).update(email=email, name=f"Nobody{user.pk.hex}", institution="")


def reviewer(made: Meeting, number: int, **fields: Any) -> Seat:
    """Seat somebody of the university of one team."""
    seat = made.seat(**fields)
    called(seat.user, f"{seat.pk.hex}@uni{number}.test")
    made.declare(seat)
    return seat


def visitor(user: User) -> Client:
    client = Client()
    client.force_login(user)
    return client


def page(user: User, made: Meeting, name: str = "review-recheck") -> Any:
    return visitor(user).get(reverse(name, args=[made.call.slug]))


def send(user: User, made: Meeting, name: str, **given: str) -> int:
    data = {"command": str(uuid.uuid4()), "panel": str(made.panel.pk)} | given
    return visitor(user).post(reverse(name, args=[made.call.slug]), data).status_code


def work(task: str = notices.SEARCH_TASK) -> None:
    """Do what is queued under this name, as the worker would."""
    jobs = ProcrastinateJob.objects.filter(task_name=task).order_by("id")
    waiting = [job.args for job in jobs]
    jobs.delete()
    for args in waiting:
        {notices.SEARCH_TASK: tasks.search, notices.RECHECK_TASK: tasks.recheck}[task](**args)


def shown(user: User, made: Meeting) -> dict[str, Any]:
    """Return what the page of the search tells somebody, in no order."""
    told = page(user, made).context
    rows = {
        kind: {(one["code"], one["seat"].label, str(one["said"].ground), one["said"].evidence, one["said"].certain) for one in told[kind]}
        for kind in KINDS
    }  # fmt: skip
    return rows | {"counts": told["counts"]}


def test_each_reader_is_shown_what_a_search_made_for_them_would_find(made, monkeypatch) -> None:
    other = made.another_panel("Feasibility")
    made.items.append(other.items.create(proposal=made.proposals[0]))
    theirs = made.seat(Duty.SECRETARY, panel=other)
    called(theirs.user, "s@uni0.test")
    Review.objects.create(item=made.items[0], seat=reviewer(made, 0))
    reviewer(made, 0), reviewer(made, 1), reviewer(made, 2, panel=other)
    both = reviewer(made, 0, panel=other)
    made.seat(user=both.user)
    made.declare(theirs)
    gone = reviewer(made, 2)
    called(gone.user, "x@elsewhere.test")
    made.conflict(gone.user, made.items[2])
    lifted = reviewer(made, 1)
    conflicts.lift(
        conflict_of(made, lifted, made.items[1]), reason="Two campuses.", by=made.office, command=uuid.uuid4()
    )
    member = reviewer(made, 0)
    TeamMember.objects.create(proposal=made.proposals[0], user=member.user, role=TeamRole.READER)
    deputy = builders.office_of(made.call.agency)
    made.conflict(deputy, made.items[0])
    for named in (both, made.chair):
        NamedConflict.objects.create(
            proposal=made.proposals[1], named_by=made.office, email=User.objects.get(pk=named.user_id).email, tie="rival", words="A feud."
        )  # fmt: skip
    searches.ask(made.round, by=theirs.user)
    work()
    readers = (made.office, made.secretary.user, theirs.user, deputy)
    by_job = [shown(user, made) for user in readers]
    monkeypatch.setattr(AT_ONCE, 10**6)
    assert by_job == [shown(user, made) for user in readers]
    assert {kind for told in by_job for kind in KINDS if told["counts"][kind]} == set(KINDS)
    assert len({str(told) for told in by_job}) == len(readers)


def conflict_of(made: Meeting, seat: Seat, item: Any) -> Conflict:
    made_one = made.conflict(seat.user, item)
    lead = item.proposal.members.get(role=TeamRole.LEAD).user
    Conflict.objects.filter(pk=made_one.pk).update(ground="mail", evidence=f"{lead.name}: uni1.test")
    return made_one


def test_asked_twice_it_is_one_job_that_is_seen_cancelled_and_asked_for_anew(made) -> None:
    reviewer(made, 0)
    assert "counts" not in page(made.office, made).context
    first = searches.ask(made.round, by=made.office)
    assert searches.ask(made.round, by=made.secretary.user) == first
    tasks.recheck(str(made.round.pk))
    assert Search.objects.count() == ProcrastinateJob.objects.filter(task_name=notices.SEARCH_TASK).count() == 1
    for name in ("review-recheck", "review-search-progress"):
        assert b"<progress" in page(made.secretary.user, made, name).content
    for name in ("review-conflicts", "review-assignment", "review-hand-over"):
        assert b"are being searched for" in page(made.office, made, name).content, name
    for name in ("review-conflicts", "review-assignment"):
        assert b"are being searched for" not in page(made.chair.user, made, name).content, name
    assert (
        send(made.secretary.user, made, "review-search-cancel")
        == send(made.office, made, "review-search-cancel")
        == 302
    )
    work()
    first.refresh_from_db()
    assert (first.state, first.found.count()) == (SearchState.CANCELLED, 0)
    assert send(made.office, made, "review-search") == 302
    work()
    assert page(made.office, made).context["counts"] == {"broken": 0, "harmless": 1, "gone": 0}
    assert page(made.office, made, "review-search-progress").status_code == 302
    assert list(Search.objects.values_list("state", "done")) == [(SearchState.FOUND, 100)]


def test_what_a_search_found_outlives_one_that_is_cancelled_or_breaks_off(made, monkeypatch) -> None:
    reviewer(made, 0)
    searches.ask(made.round, by=made.office)
    work()
    found = shown(made.office, made)
    second = searches.ask(made.round, by=made.office)

    def broken(*_: object, told: Any, **__: object) -> None:
        told(1, 2)
        raise ZeroDivisionError

    monkeypatch.setattr(searches, "searched", broken)
    with pytest.raises(ZeroDivisionError):
        work()
    second.refresh_from_db()
    assert (second.state, second.done) == (SearchState.FAILED, 47)
    assert "The search broke off" in page(made.office, made).content.decode()
    assert shown(made.office, made) == found

    def cancelled(*_: object, told: Any, **__: object) -> None:
        searches.cancel(made.round, by=made.office)
        told(1, 2)

    monkeypatch.setattr(searches, "searched", cancelled)
    searches.ask(made.round, by=made.office)
    work()
    assert "The search was cancelled." in page(made.office, made).content.decode()
    assert shown(made.office, made) == found


def test_a_search_that_the_worker_left_in_its_midst_is_done_again(made) -> None:
    seat = reviewer(made, 0)
    left = searches.ask(made.round, by=made.office)
    left.found.create(proposal=made.proposals[1], user=seat.user, source="detected", ground="mail")
    searches.carry_out(left)
    assert page(made.office, made).context["counts"] == {"broken": 0, "harmless": 1, "gone": 0}


def test_what_is_kept_is_what_was_looked_at(made) -> None:
    seat = reviewer(made, 0)
    review = Review.objects.create(item=made.items[0], seat=seat)
    reviewer(made, 1)
    with pytest.raises(Refused):
        conflicts.detect(made.round, by=made.office, command=uuid.uuid4())
    searches.ask(made.round, by=made.office)
    work()
    looked_at = str(page(made.office, made).context["search"].pk)
    searches.ask(made.round, by=made.office)
    work()
    with pytest.raises(Stale):
        conflicts.detect(made.round, by=made.office, command=uuid.uuid4(), search=uuid.UUID(looked_at))
    assert send(made.office, made, "review-detect", search=looked_at) == 409
    newest = str(page(made.office, made).context["search"].pk)
    assert send(made.secretary.user, made, "review-detect", search=newest) == 302
    assert shown(made.office, made)["counts"] == {"broken": 1, "harmless": 0, "gone": 0}
    assert send(made.office, made, "review-detect", search=newest, breaking="yes") == 302
    review.refresh_from_db()
    assert (review.state, Conflict.objects.filter(standing=True).count()) == (ReviewState.RECUSED, 2)
    assert shown(made.office, made)["counts"] == {"broken": 0, "harmless": 0, "gone": 0}


def test_the_calendar_keeps_what_ends_no_review_and_what_is_settled_lets_other_evidence_come_up(made) -> None:
    seat = reviewer(made, 0)
    review = Review.objects.create(item=made.items[0], seat=seat)
    reviewer(made, 1)
    tasks.recheck(str(made.round.pk))
    work()
    assert (Conflict.objects.count(), LateFinding.objects.count()) == (1, 1)
    [one] = [row["said"] for row in page(made.office, made).context["broken"]]
    TeamMember.objects.create(proposal=made.proposals[0], user=mate_at("lab.uni0.test"), role=TeamRole.READER)
    code = made.proposals[0].code
    assert (
        send(made.office, made, "review-settle", code=code, found=one.digest, counts="no", reason="Two campuses.")
        == 302
    )
    assert page(made.office, made).context["broken"] == []
    work(notices.RECHECK_TASK)
    [other] = [row["said"] for row in page(made.office, made).context["broken"]]
    assert (other.key, other.evidence != one.evidence, LateFinding.objects.count()) == (one.key, True, 1)
    review.refresh_from_db()
    assert review.state == ReviewState.ASSIGNED


def mate_at(host: str) -> User:
    user = builders.person()
    called(user, f"{user.pk.hex}@{host}")
    return user


def test_those_alone_who_settle_conflicts_have_them_searched_for(made) -> None:
    for user in (made.chair.user, builders.person(), builders.office_of(builders.agency())):
        for act in (searches.ask, searches.cancel):
            with pytest.raises(NotAllowed):
                act(made.round, by=user)
        assert [send(user, made, f"review-{name}") for name in ("search", "search-cancel", "detect")] == [404] * 3
        assert page(user, made, "review-search-progress").status_code == 404
    assert Search.objects.count() == 0
