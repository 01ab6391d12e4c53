"""Conflicts of interest: what is found, what stays lifted, whom it takes a review from, and who reads of it."""

import re
import uuid
from datetime import UTC, datetime

import pgtrigger
import pytest
from django.core import mail
from django.db import transaction
from django.test import Client
from django.urls import reverse
from procrastinate.contrib.django.models import ProcrastinateJob

import builders
from cooperation.review.panels import Meeting
from moonbridge.accounts.models import User
from moonbridge.cooperation.opportunities.models import Opportunity
from moonbridge.cooperation.proposals.models import NamedConflict, Participant, TeamMember, TeamRole
from moonbridge.cooperation.review import notices, tasks
from moonbridge.cooperation.review.actions import conflicts, hand_over, recusals, rounds
from moonbridge.cooperation.review.detecting import rechecked
from moonbridge.cooperation.review.late import late_findings
from moonbridge.cooperation.review.models import (
    Allocation,
    Conflict,
    Duty,
    Ground,
    Item,
    KnownKind,
    LateFinding,
    Panel,
    Review,
    Round,
    Source,
)
from moonbridge.cooperation.review.reach import conflicts_visible_to
from moonbridge.cooperation.review.readiness import lacks, standing
from moonbridge.cooperation.review.states import ReviewState, RoundState
from moonbridge.errors import InputError, NotAllowed, Refused, Stale, WrongState
from moonbridge.record.queries import database_now

pytestmark = pytest.mark.django_db


def fresh() -> uuid.UUID:
    return uuid.uuid4()


def grounds(user) -> set[str]:
    return set(Conflict.objects.filter(user=user, standing=True).values_list("ground", flat=True))


def lead_of(item):
    return item.proposal.members.get(role=TeamRole.LEAD).user


@pytest.fixture
def made() -> Meeting:
    made = Meeting(2)
    for number, item in enumerate(made.items):
        lead = lead_of(item)
        lead.email, lead.name = f"lead{number}@uni{number}.test", f"Lead{'ab'[number]} Family{'xy'[number]}"
        lead.save()
    for seat in (made.chair, made.secretary):
        seat.user.email = f"{seat.label}@panel{seat.pk.hex}.test"
        seat.user.name = f"Seat {seat.pk.hex}"
        seat.user.save()
    return made


def reviewer(made, name: str = "", email: str = "", institution: str = "", **fields):
    """Seat a member who has no tie with anybody but what is said here."""
    seat = made.seat(**fields)
    seat.user.name, seat.user.institution = name or f"Nobody{seat.pk.hex}", institution
    seat.user.email = email or f"{seat.pk.hex}@else{seat.pk.hex}.test"
    seat.user.save()
    made.declare(seat)
    return seat


def search(made, by=None, **more) -> int:
    return conflicts.detect(made.round, by=by or made.office, command=fresh(), **more)


def test_each_ground_is_found_by_what_people_say_of_themselves(made) -> None:
    first = made.items[0]
    Participant.objects.filter(proposal=first.proposal).update(institution="Institute of Dust")
    agency = builders.agency(name="Space Agency of Somewhere")
    Participant.objects.create(proposal=first.proposal, partner=agency)
    mate = lead_of(first)
    earlier = builders.submitted_proposal(builders.open_opportunity(), submitted_at=datetime(2021, 5, 6, tzinfo=UTC))
    TeamMember.objects.create(proposal=earlier, user=mate, role=TeamRole.READER)
    paper = b"paper,year,authors\n10.1/x,2025,0000-0002-1825-0097; 0000-0001-5109-3700\n"
    roof = b"ror,parent\n01aaa,09zzz\n02bbb,09zzz\n"
    conflicts.bring_list(made.round, KnownKind.PAPERS, paper, "papers.csv", by=made.office, command=fresh())
    conflicts.bring_list(made.round, KnownKind.PARENTS, roof, "roof.csv", by=made.office, command=fresh())
    elsewhere = Meeting(1)  # where the lead sits as a reviewer, and has said more of themselves
    elsewhere.seat(user=mate, orcid="0000-0002-1825-0097", ror="https://ror.org/01aaa", funding=["Grant 7"])
    expected = {
        "mail": reviewer(made, email="x@physics.uni0.test"),
        "institution": reviewer(made, institution="institute of dust"),
        "coauthor": reviewer(made, orcid="0000-0001-5109-3700"),
        "parent": reviewer(made, ror="https://ror.org/02bbb"),
        "funding": reviewer(made, funding=["grant 7"]),
        "name": reviewer(made, name="L. Familyx"),
        "team": reviewer(made),
        "agency": reviewer(made),
    }
    TeamMember.objects.create(proposal=earlier, user=expected["team"].user, role=TeamRole.READER)
    builders.role("curator", "agency", agency, expected["agency"].user)
    nobody = reviewer(made)
    assert search(made) == len(expected)
    for ground, seat in expected.items():
        assert grounds(seat.user) == {ground}, ground
    assert grounds(nobody.user) == set()
    found = {one.ground: one for one in Conflict.objects.all()}
    assert {one.proposal for one in found.values()} == {first.proposal}
    assert [ground for ground, one in found.items() if not one.certain] == ["name"]
    assert "2021" in found["team"].evidence
    assert earlier.code not in found["team"].evidence
    assert search(made) == 0


def test_a_lifted_conflict_is_not_found_again_but_new_evidence_is(made) -> None:
    seat = reviewer(made, email="x@uni0.test")
    search(made)
    kept = Conflict.objects.get()
    conflicts.lift(kept, reason="Another campus.", by=made.office, command=fresh())
    assert (search(made), grounds(seat.user)) == (0, set())
    seat.user.institution = "Dust House"
    seat.user.save()
    Participant.objects.filter(proposal=made.items[0].proposal).update(institution="dust house")
    assert (search(made), grounds(seat.user)) == (1, {"institution"})
    with pytest.raises(WrongState):
        conflicts.lift(kept, reason="Again.", by=made.office, command=fresh())
    with pytest.raises(InputError):
        conflicts.lift(kept, reason=" ", by=made.office, command=fresh())


def test_lifting_one_tie_hides_no_other_of_the_same_kind(made) -> None:
    proposal = made.items[0].proposal
    for orcid, name in (("0000-0001-5109-3700", "Bob"), ("0000-0002-1694-233X", "Cem")):
        mate = builders.person(name=name)
        TeamMember.objects.create(proposal=proposal, user=mate, role=TeamRole.READER)
        Meeting(1).seat(user=mate, orcid=orcid)
    papers = (
        b"paper,year,authors\np1,2025,0000-0002-1825-0097; 0000-0001-5109-3700\n"
        b"p2,2025,0000-0002-1825-0097; 0000-0002-1694-233X\n"
    )
    conflicts.bring_list(made.round, KnownKind.PAPERS, papers, "papers.csv", by=made.office, command=fresh())
    seat = reviewer(made, orcid="0000-0002-1825-0097")
    evidence = []
    for _ in range(2):
        assert search(made) == 1
        found = Conflict.objects.get(standing=True)
        evidence.append(found.evidence)
        conflicts.lift(found, reason="Another author of that name.", by=made.office, command=fresh())
    assert evidence == ["Bob: p1 (2025)", "Cem: p2 (2025)"]
    assert (search(made), grounds(seat.user)) == (0, set())


def test_members_of_a_team_need_no_conflict(made) -> None:
    seat = reviewer(made, email="x@uni0.test")
    TeamMember.objects.create(proposal=made.items[0].proposal, user=seat.user, role=TeamRole.READER)
    assert search(made) == 0


def test_what_breaks_an_active_review_waits_until_somebody_says_so(made) -> None:
    seat = reviewer(made, email="x@uni0.test")
    review = Review.objects.create(item=made.items[0], seat=seat)
    tasks.recheck(str(made.round.pk))
    assert (search(made), Conflict.objects.count()) == (0, 0)
    found = rechecked(Item.objects.filter(panel=made.panel), teams=True)
    assert [(one.user, one.ground) for one in found.broken] == [(seat.user_id, Ground.MAIL)]
    assert search(made, breaking=True) == 1
    review.refresh_from_db()
    assert review.state == ReviewState.RECUSED
    assert Allocation.objects.get().asked["aim"] == "replace"


class TestFoundOfAReviewThatGoesOn:
    """What the search finds of somebody who reviews: it ends nothing, and nobody who settles it passes it by unknowingly."""

    @pytest.fixture
    def review(self, made) -> Review:
        seat = reviewer(made, email="x@uni0.test")
        return Review.objects.create(item=made.items[0], seat=seat)

    def told(self, made) -> list[str]:
        """Search as the worker does each hour, and return to whom mails went."""
        ProcrastinateJob.objects.all().delete()
        tasks.recheck(str(made.round.pk))
        mail.outbox.clear()
        for job in ProcrastinateJob.objects.filter(task_name=notices.LATE_TASK).order_by("id"):
            tasks.tell_late(**job.args)
        return sorted(address for sent in mail.outbox for address in sent.to)

    def waiting(self, made, *users) -> list[int]:
        return [late_findings(user, made.round).count() for user in users]

    def test_those_who_settle_it_are_told_once_and_the_mail_names_nothing(self, made, review) -> None:
        assert self.told(made) == sorted([made.office.email, made.secretary.user.email])
        [said] = {sent.body.partition("\n")[2] for sent in mail.outbox}
        assert reverse("review-recheck", args=[made.call.slug]) in said
        for hidden in (
            made.proposals[0].code,
            made.proposals[0].title,
            review.seat.label,
            review.seat.user.name,
            "uni0",
        ):
            assert hidden not in said
        assert self.told(made) == []
        assert Conflict.objects.count() == 0
        other = reviewer(made, email="y@uni1.test")
        Review.objects.create(item=made.items[1], seat=other)
        assert len(self.told(made)) == 2
        assert self.waiting(made, made.office, made.secretary.user) == [2, 2]

    def test_nobody_else_learns_of_it(self, made, review) -> None:
        deputy, other = builders.office_of(made.call.agency), made.seat(Duty.SECRETARY)
        made.declare(other)
        made.conflict(deputy, made.items[0])
        made.conflict(other.user, made.items[0])
        assert self.told(made) == sorted([made.office.email, made.secretary.user.email])
        outside = (deputy, other.user, made.chair.user, review.seat.user, lead_of(made.items[0]), builders.person())
        assert self.waiting(made, *outside) == [0] * len(outside)
        assert self.waiting(made, builders.office_of(builders.agency())) == [0]

    def test_what_a_team_said_is_for_the_office_alone(self, made, review) -> None:
        User.objects.filter(pk=review.seat.user_id).update(email="x@elsewhere.test")
        NamedConflict.objects.create(
            proposal=made.proposals[0],
            named_by=lead_of(made.items[0]),
            email="x@elsewhere.test",
            tie="rival",
            words="A feud.",
        )
        assert self.told(made) == [made.office.email]
        assert self.waiting(made, made.office, made.secretary.user) == [1, 0]

    def test_nobody_settles_what_is_found_of_themselves(self, made) -> None:
        Review.objects.create(item=made.items[0], seat=made.secretary)
        builders.role("office", "agency", made.call.agency, made.chair.user)
        Review.objects.create(item=made.items[0], seat=made.chair)
        User.objects.filter(pk=made.secretary.user_id).update(email="s@uni0.test")
        NamedConflict.objects.create(
            proposal=made.proposals[0],
            named_by=lead_of(made.items[0]),
            email=made.chair.user.email,
            tie="rival",
            words="A feud.",
        )
        self.told(made)
        assert self.waiting(made, made.office, made.secretary.user, made.chair.user) == [2, 0, 1]
        for user, found in ((made.secretary.user, 0), (made.chair.user, 1)):
            items = Item.objects.filter(panel=made.panel)
            assert len(rechecked(items, teams=True, by=user).broken) == 1
            assert search(made, by=user, breaking=True) == found

    def test_the_office_reads_of_it_before_each_step(self, made, review) -> None:
        self.told(made)
        sentence = "1 conflict of somebody who reviews the proposal now is not settled."
        now = standing(made.round, by=made.office)
        for verb in ("start", "discuss", "unseal", "conclude"):
            assert [one.necessary for one in lacks(now, verb) if one.sentence == sentence] == [False], verb
        made.written(made.items[0], review.seat)
        client = Client()
        client.force_login(made.office)
        for page in ("review-round", "review-conflicts", "review-hand-over"):
            assert sentence in client.get(reverse(page, args=[made.call.slug])).content.decode(), page
        with pytest.raises(Refused, match="is not settled"):
            rounds.advance(made.round, "discuss", by=made.office, command=fresh())
        Round.objects.filter(pk=made.round.pk).update(state=RoundState.CONCLUDED, concluded_at=database_now())
        with pytest.raises(Refused, match="is not settled"):
            hand_over(made.round, calibrated=False, by=made.office, command=fresh())
        assert hand_over(made.round, calibrated=False, incomplete=True, by=made.office, command=fresh()).number == 1

    def settle(self, made, by=None, **more) -> Conflict:
        [one] = rechecked(Item.objects.filter(panel=made.panel), teams=True).broken
        code = made.proposals[0].code
        return conflicts.settle(made.round, code, one.digest, by=by or made.office, command=fresh(), **more)

    def test_what_counts_ends_the_review(self, made, review) -> None:
        self.told(made)
        kept = self.settle(made, counts=True, by=made.secretary.user)
        review.refresh_from_db()
        assert (kept.standing, kept.ground, review.state) == (True, Ground.MAIL, ReviewState.RECUSED)
        assert Allocation.objects.get().asked["aim"] == "replace"
        assert self.waiting(made, made.office) == [0]
        assert self.told(made) == []

    def test_what_does_not_count_is_not_found_again_but_other_evidence_is(self, made, review) -> None:
        self.told(made)
        with pytest.raises(InputError):
            self.settle(made, counts=False, reason=" ")
        kept = self.settle(made, counts=False, reason="Two campuses.")
        review.refresh_from_db()
        assert (kept.standing, kept.lifted_because, review.state) == (False, "Two campuses.", ReviewState.ASSIGNED)
        assert self.waiting(made, made.office) == [0]
        assert self.told(made) == []
        User.objects.filter(pk=review.seat.user_id).update(email="x@lab.uni0.test")
        assert len(self.told(made)) == 2

    def test_what_is_settled_already_is_refused(self, made, review) -> None:
        [one] = rechecked(Item.objects.filter(panel=made.panel), teams=True).broken
        given = (made.round, made.proposals[0].code, one.digest)
        made.conflict(made.secretary.user, made.items[0])
        for by in (made.secretary.user, made.chair.user, review.seat.user, builders.person()):
            with pytest.raises(Stale):
                conflicts.settle(*given, counts=True, by=by, command=fresh())
        conflicts.settle(*given, counts=True, by=made.office, command=fresh())
        with pytest.raises(Stale):
            conflicts.settle(*given, counts=True, by=made.office, command=fresh())

    def test_what_is_found_no_more_or_has_ended_does_not_wait(self, made, review) -> None:
        self.told(made)
        User.objects.filter(pk=review.seat.user_id).update(email="x@elsewhere.test")
        assert (self.told(made), LateFinding.objects.count()) == ([], 0)
        User.objects.filter(pk=review.seat.user_id).update(email="x@uni0.test")
        self.told(made)
        recusals.recuse(review, reason="No time.", by=review.seat.user, command=fresh())
        assert self.waiting(made, made.office) == [0]

    def test_it_is_settled_on_the_page(self, made, review) -> None:
        client = Client()
        client.force_login(made.secretary.user)
        slug = [made.call.slug]
        page = client.get(reverse("review-recheck", args=slug)).content.decode()
        found = re.search(r'name="found" value="([0-9a-f]{64})"', page)
        given = {
            "command": str(fresh()),
            "code": made.proposals[0].code,
            "found": found[1],
            "panel": str(made.panel.pk),
        }
        answer = client.post(reverse("review-settle", args=slug), given | {"counts": "no", "reason": "Two campuses."})
        assert (answer.status_code, Conflict.objects.get().standing) == (302, False)

    @pytest.mark.parametrize("state", [RoundState.CHECKING, RoundState.CONCLUDED])
    def test_after_the_marks_are_locked_it_is_settled_until_the_decision(self, made, review, state) -> None:
        """Else nobody could hand over but by passing it by. What counts ends the review; nobody could write a replacement any more."""
        made.written(made.items[0], review.seat)
        made.written(made.items[0], made.member())
        self.told(made)
        concluded_at = database_now() if state == RoundState.CONCLUDED else None
        Round.objects.filter(pk=made.round.pk).update(state=state, concluded_at=concluded_at)
        client, recheck = Client(), reverse("review-recheck", args=[made.call.slug])
        client.force_login(made.office)
        for page in ("review-round", "review-hand-over"):
            assert recheck in client.get(reverse(page, args=[made.call.slug])).content.decode(), page
        found = re.search(r'name="found" value="([0-9a-f]{64})"', client.get(recheck).content.decode())
        given = {"code": made.proposals[0].code, "found": found[1], "panel": str(made.panel.pk), "counts": "yes"}
        settle = reverse("review-settle", args=[made.call.slug])
        with transaction.atomic():
            with pgtrigger.ignore():
                Opportunity.objects.filter(pk=made.call.pk).update(state="decided")
            if state == RoundState.CONCLUDED:
                assert client.post(settle, given | {"command": str(fresh())}).status_code == 404
                with pytest.raises(WrongState):
                    self.settle(made, counts=True)
            transaction.set_rollback(True)
        assert client.post(settle, given | {"command": str(fresh())}).status_code == 302
        review.refresh_from_db()
        assert (review.state, Conflict.objects.get().standing) == (ReviewState.RECUSED, True)
        assert (Allocation.objects.count(), self.waiting(made, made.office)) == (0, [0])
        sent = hand_over(
            made.round, calibrated=False, incomplete=state != RoundState.CONCLUDED, by=made.office, command=fresh()
        )
        assert sent.scores.count() == 1


def test_the_office_says_how_old_a_paper_may_be(made) -> None:
    mate = lead_of(made.items[0])
    Meeting(1).seat(user=mate, orcid="0000-0001-5109-3700")
    year = database_now().year - 7
    papers = f"paper,year,authors\np1,{year},0000-0002-1825-0097; 0000-0001-5109-3700\n".encode()
    seat = reviewer(made, orcid="0000-0002-1825-0097")
    for years, found in ((4, set()), (7, {"coauthor"})):
        conflicts.bring_list(
            made.round, KnownKind.PAPERS, papers, "p.csv", by=made.office, command=fresh(), years=years
        )
        search(made)
        assert grounds(seat.user) == found


def test_what_is_gone_is_named_when_an_affiliation_changes(made) -> None:
    seat = reviewer(made, email="x@uni0.test")
    search(made)
    seat.user.email = "x@other.test"
    seat.user.save()
    found = rechecked(Item.objects.filter(panel=made.panel), teams=True)
    assert ([one.ground for one in found.gone], found.new) == (["mail"], ())


def test_a_pinned_conflict_ends_the_review_and_stands_once(made) -> None:
    seat, item = made.member(made.items[0]), made.items[0]
    for _ in range(2):
        made_once = conflicts.pin(
            item, seat, ground=Ground.FAMILY, evidence="Cousins", by=made.secretary.user, command=fresh()
        )
    assert Conflict.objects.get() == made_once
    assert (made_once.source, made_once.found_by) == (Source.OFFICE, made.secretary.user)
    assert Review.objects.get().state == ReviewState.RECUSED
    conflicts.lift(made_once, reason="A mistake.", by=made.office, command=fresh())
    again = conflicts.pin(item, seat, ground=Ground.FAMILY, evidence="Cousins", by=made.office, command=fresh())
    assert (again.pk, again.standing, again.lifted_because) == (made_once.pk, True, "")


def test_many_are_pinned_at_once_or_none(made) -> None:
    seats = [made.member(), made.member()]
    pairs = [(made.items[0], seat, Ground.OTHER, "As told") for seat in seats]
    command = fresh()
    assert [conflicts.pin_all(made.round, pairs, by=made.office, command=command) for _ in range(2)] == [2, 2]
    stranger = Meeting(1).member()
    with pytest.raises(Exception, match="does not exist"):
        conflicts.pin_all(
            made.round, [*pairs, (made.items[1], stranger, Ground.OTHER, "")], by=made.office, command=fresh()
        )
    assert Conflict.objects.count() == 2


def test_confirming_says_that_somebody_looked(made) -> None:
    reviewer(made, name="L. Familyx")
    search(made)
    assert conflicts.confirm(Conflict.objects.get(), by=made.office, command=fresh()).certain


def test_who_may_settle_conflicts(made) -> None:
    item, seat = made.items[0], made.member()
    kept = made.conflict(seat.user, item)
    for user in (made.chair.user, seat.user, builders.person(), builders.office_of(builders.agency())):
        with pytest.raises(NotAllowed):
            conflicts.pin(item, seat, ground=Ground.OTHER, evidence="", by=user, command=fresh())
        with pytest.raises(Conflict.DoesNotExist):
            conflicts.lift(kept, reason="No.", by=user, command=fresh())
    made.conflict(made.secretary.user, item)
    with pytest.raises(Item.DoesNotExist):
        conflicts.pin(item, seat, ground=Ground.OTHER, evidence="", by=made.secretary.user, command=fresh())
    with pytest.raises(Conflict.DoesNotExist):
        conflicts.lift(kept, reason="No.", by=made.secretary.user, command=fresh())
    with pytest.raises(NotAllowed):
        conflicts.bring_list(made.round, KnownKind.PAPERS, b"", "x", by=made.secretary.user, command=fresh())


def test_what_a_reviewer_declared_is_lifted_by_the_office_alone(made) -> None:
    item, seat = made.items[0], made.member()
    own = Conflict.objects.create(
        proposal=item.proposal, user=seat.user, source=Source.REVIEWER, ground=Ground.FAMILY, evidence="My cousin."
    )
    found = made.conflict(seat.user, made.items[1])
    with pytest.raises(NotAllowed):
        conflicts.lift(own, reason="They get on badly.", by=made.secretary.user, command=fresh())
    assert Conflict.objects.get(pk=own.pk).standing
    assert not conflicts.lift(found, reason="Another one.", by=made.secretary.user, command=fresh()).standing
    assert not conflicts.lift(own, reason="They told us so.", by=made.office, command=fresh()).standing


def test_a_conflicted_secretary_finds_nothing_of_the_hidden_item(made) -> None:
    reviewer(made, email="x@uni0.test")
    reviewer(made, email="x@uni1.test")
    made.conflict(made.secretary.user, made.items[0])
    assert search(made, by=made.secretary.user) == 1
    found = Conflict.objects.exclude(user=made.secretary.user).get()
    assert found.proposal == made.items[1].proposal


@pytest.mark.parametrize(
    ("mode", "state", "told"),
    [("reviewer-blind", RoundState.DECLARING, True), ("dual-anonymous", RoundState.DECLARING, False),
     ("dual-anonymous", RoundState.DISCUSSING, False)],
)  # fmt: skip
def test_a_reason_is_told_only_to_those_who_may_know_who_proposes(mode, state, told) -> None:
    made = Meeting(1, mode=mode, state=state)
    seat = made.member()
    made.conflict(seat.user, made.items[0])
    panels = Panel.objects.filter(pk=made.panel.pk)
    for user, expected in ((made.office, True), (made.secretary.user, True), (made.chair.user, told)):
        shown = conflicts_visible_to(user, panels).get()
        assert (shown.label, shown.code) == (seat.label, made.proposals[0].code)
        assert shown.told_evidence == ("both at one institute" if expected else None)
        assert conflicts_visible_to(user, panels).filter(told_ground="institution").exists() == expected
        assert (shown.told_certain is True) == expected
    for user in (seat.user, builders.person(), lead_of(made.items[0])):
        assert not conflicts_visible_to(user, panels).exists()
