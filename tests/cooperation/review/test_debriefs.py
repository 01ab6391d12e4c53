"""Debriefs: what every team is told and never told, who previews them, how they are withheld and released."""

import json
import uuid

import pytest
from django.core import mail
from django.db import DatabaseError, connection, transaction
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import translation
from procrastinate.contrib.django.models import ProcrastinateJob

import builders
from cooperation.review.panels import Meeting
from moonbridge.accounts.models import User
from moonbridge.cooperation.opportunities.models import Opportunity
from moonbridge.cooperation.opportunities.states import State
from moonbridge.cooperation.proposals.models import TeamMember, TeamRole
from moonbridge.cooperation.review import tasks
from moonbridge.cooperation.review.actions.debriefs import give_back, release_debriefs, withhold
from moonbridge.cooperation.review.debrief_paper import debrief_paper
from moonbridge.cooperation.review.debriefing import everything
from moonbridge.cooperation.review.models import (
    Debrief,
    Descriptor,
    Item,
    Mark,
    PanelKind,
    Review,
    Seat,
    Verdict,
    Withholding,
)
from moonbridge.cooperation.review.states import ReviewState, RoundState
from moonbridge.errors import InputError, NotAllowed, WrongState
from moonbridge.formats.paper import pdf
from moonbridge.record.models import Entry

pytestmark = pytest.mark.django_db


class Judged(Meeting):
    """Two proposals; the first has three science reviews with comments and one of an engineer, who finds it conditional."""

    def __init__(self, mode: str = "reviewer-blind") -> None:
        super().__init__(2, state=RoundState.DISCUSSING, mode=mode)
        self.criterion = self.call.criteria.get()
        steps = ((0, "none"), (5, "fair"), (8, "excellent"))
        for value, text in steps:
            Descriptor.objects.create(
                panel=self.panel,
                criterion=self.criterion,
                value_permille=value * 1000,
                text=text,
                text_zh=f"级别{value}",
            )
        self.seats = [self.member() for _ in range(3)]
        self.reviews = [
            self.written(self.items[0], seat, value, to_team=f"comment-{value}", confidential=f"secret-{value}")
            for seat, value in zip(self.seats, (4, 6, 7), strict=True)
        ]
        Item.objects.filter(pk=self.items[0].pk).update(to_team="panel-words", confidential="panel-secret")
        self.technical = self.another_panel("Technical", kind=PanelKind.TECHNICAL)
        self.technical.criteria.clear()
        feasible = Item.objects.create(panel=self.technical, proposal=self.proposals[0])
        engineer = self.seat(panel=self.technical)
        self.declare(engineer)
        self.written(feasible, engineer, verdict=Verdict.CONDITIONAL, to_team="cool it", confidential="secret-T")

    def decide(self) -> "Judged":
        Opportunity.objects.filter(pk=self.call.pk).update(state=State.DECIDED)
        return self

    def release(self) -> "Judged":
        release_debriefs(self.decide().round, by=self.office, command=uuid.uuid4())
        return self

    @property
    def lead(self) -> User:
        return self.proposals[0].members.get(role=TeamRole.LEAD).user

    def told(self) -> dict:
        return everything(self.round)[self.proposals[0].pk]

    def address(self, name: str, *more: object) -> str:
        of_team = name.startswith("proposal-")
        return reverse(name, args=[self.proposals[0].pk] if of_team else [self.call.slug, *more])


def client(user: User | None) -> Client:
    found = Client()
    if user:
        found.force_login(user)
    return found


def test_a_team_is_told_the_means_where_they_are_and_what_the_next_step_asks() -> None:
    told = Judged().told()
    [science, technical] = told["panels"]
    [criterion] = science["criteria"]
    assert (criterion["mean"], criterion["near"]) == ("5.667", "5")  # (4 + 6 + 7) / 3
    assert [step["value"] for step in criterion["descriptors"]] == ["8", "5", "0"]
    assert science["to_team"] == "panel-words"
    assert (technical["criteria"], technical["verdicts"]) == ([], {"conditional": 1})
    [step] = told["strengthen"]
    assert (step["mean"], step["next"]) == ("5.667", {"value": "8", "text": "excellent", "text_zh": "级别8"})


def test_nothing_confidential_no_name_no_mark_and_no_other_proposal_is_in_it() -> None:
    made = Judged()
    everything = json.dumps(made.told())
    names = [seat.label for seat in Seat.objects.all()] + [seat.user.email for seat in Seat.objects.all()]
    for hidden in ["secret", made.proposals[1].code, made.proposals[1].title, *names]:
        assert hidden not in everything
    assert {"comment-4", "comment-6", "comment-7", "cool it"} == {
        comment["text"] for panel in made.told()["panels"] for comment in panel["comments"]
    }


def test_letters_follow_neither_marks_nor_seats_and_differ_between_proposals() -> None:
    orders, positions = set(), set()
    for _ in range(6):
        made = Meeting(2, state=RoundState.DISCUSSING)
        seats = [made.member() for _ in range(5)]
        for item in made.items:
            for value, seat in enumerate(seats):
                made.written(item, seat, value, to_team=f"by {seat.label}")
        told = everything(made.round)
        order = [[c["text"] for c in told[p.pk]["panels"][0]["comments"]] for p in made.proposals]
        orders.add(order[0] == order[1])
        positions.add(tuple(order[0].index(f"by {seat.label}") for seat in seats))
        assert [c["reviewer"] for c in told[made.proposals[0].pk]["panels"][0]["comments"]] == list("ABCDE")
    assert False in orders
    assert len(positions) > 1


def test_an_open_call_names_its_reviewers() -> None:
    made = Judged(mode="open")
    names = {comment["reviewer"] for comment in made.told()["panels"][0]["comments"]}
    assert names == {seat.user.name or seat.user.email for seat in made.seats}


def test_a_review_that_does_not_count_is_not_told() -> None:
    made = Judged()
    Review.objects.filter(pk=made.reviews[0].pk).update(state=ReviewState.RECUSED)
    TeamMember.objects.create(proposal=made.proposals[0], user=made.seats[1].user, role=TeamRole.READER)
    [science, _] = made.told()["panels"]
    assert (science["reviews"], [c["text"] for c in science["comments"]]) == (1, ["comment-7"])


def test_a_mean_that_would_be_a_single_mark_is_not_told_and_the_team_reads_why() -> None:
    made = Judged()
    for left, mean in ((2, "6.5"), (1, None)):  # 6 and 7, then 7 alone
        Review.objects.filter(pk=made.reviews[2 - left].pk).update(state=ReviewState.RECUSED)
        told = made.told()
        [criterion] = told["panels"][0]["criteria"]
        assert (criterion["mean"], criterion["single"]) == (mean, mean is None)
        assert [step["mean"] for step in told["strengthen"]] == ([mean] if mean else [])
    assert criterion["near"] is None


def test_page_and_paper_say_why_there_is_no_mean_and_neither_marks_a_step_of_the_scale() -> None:
    made = Judged()
    Review.objects.filter(pk__in=[one.pk for one in made.reviews[:2]]).update(state=ReviewState.RECUSED)
    made.release()
    page = client(made.lead).get(made.address("proposal-debrief")).content.decode()
    assert ("a single mark: no mean is told" in page, "<strong>5: fair</strong>" in page) == (True, False)
    blocks = repr(debrief_paper(Debrief.objects.get(proposal=made.proposals[0])).blocks)
    assert ("a single mark: no mean is told" in blocks, "fair" in blocks) == (True, False)


def test_what_is_withheld_is_counted_and_not_told_and_can_be_given_back() -> None:
    made = Judged()
    held = withhold(made.reviews[0], reason="It names somebody.", by=made.office, command=uuid.uuid4())
    withhold(made.items[0], reason="Not meant for teams.", by=made.office, command=uuid.uuid4())
    told = made.told()
    assert (told["withheld"], told["panels"][0]["to_team"]) == (2, "")
    assert "comment-4" not in json.dumps(told)
    assert told["panels"][0]["criteria"][0]["mean"] == "5.667"
    give_back(held, by=made.office, command=uuid.uuid4())
    assert (made.told()["withheld"], "comment-4" in json.dumps(made.told())) == (1, True)
    assert [e.verb for e in Entry.objects.order_by("number")] == [
        "withhold comment", "withhold comment", "stop withholding",
    ]  # fmt: skip
    assert "names somebody" not in json.dumps([e.body for e in Entry.objects.all()])


def test_a_comment_on_one_criterion_can_be_withheld() -> None:
    made = Judged()
    Review.objects.filter(pk=made.reviews[0].pk).update(state=ReviewState.DRAFT)
    mark = made.reviews[0].marks.get()
    Mark.objects.filter(pk=mark.pk).update(comment="on-the-mark")
    Review.objects.filter(pk=made.reviews[0].pk).update(state=ReviewState.SUBMITTED)
    parts = [part for c in made.told()["panels"][0]["comments"] for part in c["parts"]]
    assert [(part["criterion"], part["text"]) for part in parts] == [(made.criterion.name, "on-the-mark")]
    withhold(mark, reason="Rude.", by=made.office, command=uuid.uuid4())
    assert "on-the-mark" not in json.dumps(made.told())


def test_withholding_needs_a_reason_the_office_and_comes_before_the_release() -> None:
    made = Judged()
    with pytest.raises(InputError):
        withhold(made.reviews[0], reason=" ", by=made.office, command=uuid.uuid4())
    for user in (made.chair.user, made.lead):
        with pytest.raises(NotAllowed):
            withhold(made.reviews[0], reason="x", by=user, command=uuid.uuid4())
    made.release()
    with pytest.raises(WrongState):
        withhold(made.reviews[0], reason="x", by=made.office, command=uuid.uuid4())
    assert not Withholding.objects.exists()


def test_all_teams_are_told_at_once_and_once_after_the_decision() -> None:
    made = Judged()
    with pytest.raises(WrongState):
        release_debriefs(made.round, by=made.office, command=uuid.uuid4())
    made.decide()
    for user in (made.chair.user, made.secretary.user, made.lead):
        with pytest.raises(NotAllowed):
            release_debriefs(made.round, by=user, command=uuid.uuid4())
    command = uuid.uuid4()
    assert [release_debriefs(made.round, by=made.office, command=command) for _ in range(2)] == [2, 2]
    with pytest.raises(WrongState):
        release_debriefs(made.round, by=made.office, command=uuid.uuid4())
    assert set(Debrief.objects.values_list("proposal_id", flat=True)) == {p.pk for p in made.proposals}
    assert Entry.objects.get().body["facts"] == {"debriefs": "2", "withheld": "0"}
    with pytest.raises(DatabaseError, match="Cannot"), transaction.atomic():
        Debrief.objects.update(content={})


def test_each_member_gets_a_mail_that_says_where_and_nothing_else() -> None:
    made = Judged()
    reader = builders.person()
    User.objects.filter(pk=reader.pk).update(language="zh-hans")
    TeamMember.objects.create(proposal=made.proposals[0], user=reader, role=TeamRole.READER)
    made.release()
    jobs = ProcrastinateJob.objects.filter(task_name="review.tell_debriefed")
    assert {job.args["debrief"] for job in jobs} == {str(d.pk) for d in Debrief.objects.all()}
    tasks.tell_debriefed(str(made.proposals[0].debrief.pk))
    assert {message.to[0] for message in mail.outbox} == {made.lead.email, reader.email}
    for message in mail.outbox:
        assert made.address("proposal-debrief") in message.body
        for hidden in ("comment-", "secret", "panel-words", "5.667", made.proposals[1].code):
            assert hidden not in message.body + message.subject


def test_the_page_is_empty_before_the_release_and_full_after_it() -> None:
    made = Judged()
    before = client(made.lead).get(made.address("proposal-debrief"))
    assert (before.status_code, "No debrief yet" in before.content.decode()) == (200, True)
    assert "comment-4" not in before.content.decode()
    assert client(made.lead).get(made.address("proposal-debrief-paper")).status_code == 404
    made.release()
    after = client(made.lead).get(made.address("proposal-debrief")).content.decode()
    for word in ("comment-4", "cool it", "panel-words", "5.667", "fair", "excellent"):
        assert word in after
    for hidden in ("secret", *[seat.label for seat in Seat.objects.all()]):
        assert hidden not in after
    assert client(made.lead).get(made.address("proposal-debrief-paper")).content.startswith(b"%PDF")


@pytest.mark.parametrize("language", ["en", "zh-hans"])
def test_the_paper_is_set_in_both_languages(language: str) -> None:
    made = Judged().release()
    with translation.override(language):
        paper = debrief_paper(Debrief.objects.get(proposal=made.proposals[0]))
    assert paper.language == language
    assert ("级别5" in repr(paper.blocks)) == (language != "en")
    assert pdf(paper).startswith(b"%PDF")


OF_TEAM = ("proposal-debrief", "proposal-debrief-paper")


def test_who_reads_a_debrief() -> None:
    made = Judged().release()
    second = builders.office_of(made.call.agency)
    made.conflict(second, made.items[0])
    readers = {
        made.lead: 200, made.office: 200, made.proposals[1].members.get().user: 404, second: 404,
        made.chair.user: 404, made.seats[0].user: 404, builders.office_of(builders.agency()): 404, None: 302,
    }  # fmt: skip
    for user, status in readers.items():
        assert [client(user).get(made.address(name)).status_code for name in OF_TEAM] == [status, status]


def test_who_previews_and_what_a_conflict_takes_away() -> None:
    made = Judged()
    second = builders.office_of(made.call.agency)
    made.conflict(second, made.items[0])
    first = made.proposals[0].pk
    expected = {
        made.office: (200, 200), made.chair.user: (200, 200), made.secretary.user: (200, 200), second: (200, 404),
        made.seats[0].user: (404, 404), made.lead: (404, 404), builders.office_of(builders.agency()): (404, 404),
        None: (302, 302),
    }  # fmt: skip
    for user, statuses in expected.items():
        answers = [
            client(user).get(made.address("review-debriefs")), client(user).get(made.address("review-debrief", first)),
        ]  # fmt: skip
        assert tuple(answer.status_code for answer in answers) == statuses
    assert [row.proposal for row in client(second).get(made.address("review-debriefs")).context["rows"]] == [
        made.proposals[1]
    ]


def test_a_chair_previews_the_own_panel_and_the_office_both() -> None:
    made = Judged()
    for user, texts in ((made.chair.user, {"comment-4", "comment-6", "comment-7"}), (made.office, None)):
        answer = client(user).get(made.address("review-debrief", made.proposals[0].pk))
        found = {c["text"] for panel in answer.context["content"]["panels"] for c in panel["comments"]}
        assert found == (texts or {"comment-4", "comment-6", "comment-7", "cool it"})
        assert bool(answer.context["comments"]) == (user == made.office)
        assert "secret" not in answer.content.decode()


def test_the_office_withholds_and_releases_on_the_pages() -> None:
    made = Judged()
    office, first = client(made.office), made.proposals[0].pk
    sent = {"kind": "review", "key": str(made.reviews[0].pk), "verb": "withhold", "reason": "Rude."}
    address = made.address("review-debrief-comment", first)
    outsiders = (made.chair.user, made.lead, builders.office_of(builders.agency()))
    for user in outsiders:
        assert client(user).post(address, sent | {"command": str(uuid.uuid4())}).status_code == 404
    assert office.post(address, sent | {"command": str(uuid.uuid4())}).status_code == 302
    assert Withholding.objects.get().reason == "Rude."
    other = made.address("review-debrief-comment", made.proposals[1].pk)
    assert office.post(other, sent | {"command": str(uuid.uuid4())}).status_code == 404
    back = sent | {"verb": "give-back", "command": str(uuid.uuid4())}
    assert [office.post(address, back).status_code for _ in range(2)] == [302, 302]
    assert not Withholding.objects.exists()
    release = made.address("review-debriefs-release")
    made.decide()
    for user in outsiders:
        assert client(user).post(release, {"command": str(uuid.uuid4())}).status_code == 404
    assert office.post(release, {"command": str(uuid.uuid4())}).status_code == 302
    assert Debrief.objects.count() == 2


@pytest.mark.parametrize("name", ["review-debriefs", "review-debrief"])
def test_pages_ask_the_database_as_often_for_few_as_for_many(name: str) -> None:
    counts = []
    for size in (1, 3):
        made = Meeting(size, state=RoundState.DISCUSSING)
        for item in made.items:
            for _ in range(size):
                made.written(item, made.member(), 6, to_team="words")
        arguments = [made.call.slug, *([made.proposals[0].pk] if name == "review-debrief" else [])]
        with CaptureQueriesContext(connection) as counted:
            assert client(made.office).get(reverse(name, args=arguments)).status_code == 200
        counts.append(len(counted))
    assert counts[0] == counts[1]
