"""The reviewer's desk and one review: shown to its author alone, saved under its version, submitted exactly once."""

import uuid
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from threading import Barrier
from typing import Any

import pgtrigger
import pytest
from django.core.files.base import ContentFile
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

import builders
from cooperation.review.crowds import Crowd
from cooperation.review.panels import Meeting
from moonbridge.accounts.models import User
from moonbridge.cooperation.opportunities.models import Criterion, StageDate
from moonbridge.cooperation.proposals.models import Attachment, Participant, Proposal, TeamMember, TeamRole
from moonbridge.cooperation.review.actions import drafts, reviews
from moonbridge.cooperation.review.forms.reviews import Editor
from moonbridge.cooperation.review.models import (
    Conflict,
    Declaration,
    Descriptor,
    Duty,
    Item,
    Mark,
    PanelKind,
    Review,
    Round,
    Seat,
)
from moonbridge.cooperation.review.states import ItemState, ReviewState, RoundState
from moonbridge.cooperation.review.writing import Draft, Judged, changed, missing, read
from moonbridge.errors import CommandReused, InputError, MoonbridgeError, NotAllowed, Refused, Stale, WrongState
from moonbridge.record.models import Entry

pytestmark = pytest.mark.django_db

WHOLE = {"to_team": "A good instrument.", "confidential": "The price is low.", "expertise": 2}


def client_of(user: User | None) -> Client:
    client = Client()
    if user is not None:
        client.force_login(user, backend="django.contrib.auth.backends.ModelBackend")
    return client


def owed(made: Meeting, item: Item | None = None, duty: Duty = Duty.MEMBER) -> Review:
    return Review.objects.get(seat=made.member(item or made.items[0], duty=duty))


def says(review: Review, value: int | None = 7, **fields: Any) -> Draft:
    """A review with the same mark for each criterion."""
    judged = {one.pk: Judged(value * 1000, "Because.") for one in review.item.panel.criteria.all()} if value else {}
    return Draft(judged=judged, **WHOLE | fields)


def save(review: Review, draft: Draft, version: int = 1, **more: Any) -> Review:
    drafts.save(review, draft, version=version, **{"by": review.seat.user, "command": uuid.uuid4()} | more)
    return Review.objects.get(pk=review.pk)


def submit(review: Review, version: int = 2, **more: Any) -> Review:
    return reviews.submit(review, version=version, **{"by": review.seat.user, "command": uuid.uuid4()} | more)


def step(made: Meeting, state: RoundState) -> None:
    over = builders.database_now() if state == RoundState.CONCLUDED else None
    with pgtrigger.ignore("review.Round:state_transitions"):
        Round.objects.filter(pk=made.round.pk).update(state=state, concluded_at=over)


def posted(review: Review, **fields: str) -> dict[str, str]:
    criterion = review.item.panel.criteria.first()
    names = {"mark": f"mark-{criterion.pk}", "comment": f"comment-{criterion.pk}"}
    given = {names.get(name, name): text for name, text in fields.items()}
    return {"version": str(Review.objects.get(pk=review.pk).version), "command": str(uuid.uuid4())} | given


# --- saving ---


def test_what_is_saved_is_read_back_and_raises_the_version_and_begins_the_review() -> None:
    review = owed(Meeting())
    saved = save(review, draft := says(review, 7))
    assert (read(saved), saved.version, saved.state) == (draft, 2, ReviewState.DRAFT)
    assert save(review, draft, version=2).version == 2
    assert save(review, says(review, None), version=2).version == 3
    assert read(Review.objects.get(pk=review.pk)).judged == {}


def test_sent_twice_it_is_saved_once_and_a_command_is_not_used_for_other_words() -> None:
    review, command = owed(Meeting()), uuid.uuid4()
    assert {save(review, says(review), command=command).version for _ in range(2)} == {2}
    with pytest.raises(CommandReused):
        save(review, says(review, 8), command=command)


def test_a_second_window_overwrites_nothing_unseen() -> None:
    review = owed(Meeting())
    save(review, says(review, 7))
    with pytest.raises(Stale) as refusal:
        save(review, says(review, 3))
    assert refusal.value.numbers == {"read": 1, "now": 2}
    assert Mark.objects.get(review=review).value_permille == 7000
    assert save(review, says(review, 7), version=1).version == 2  # what is saved already is not stale


def test_marks_of_other_panels_and_outside_the_scale_are_refused() -> None:
    made = Meeting()
    review = owed(made)
    with pytest.raises(InputError, match="between 0 and 10"):
        save(review, says(review, 11))
    foreign = Criterion.objects.create(opportunity=builders.opportunity(), name="Foreign")
    with pytest.raises(InputError, match="does not belong"):
        save(review, Draft(judged={foreign.pk: Judged(1000)}))
    assert Review.objects.get(pk=review.pk).state == ReviewState.ASSIGNED


@pytest.mark.parametrize("state", [s for s in RoundState if s not in {RoundState.REVIEWING, RoundState.DISCUSSING}])
def test_nothing_is_written_submitted_or_reopened_while_reviews_are_not_written(state: RoundState) -> None:
    made = Meeting()
    review, given = owed(made), made.written(made.items[1], made.member())
    step(made, state)
    for act in (
        lambda: save(review, says(review)),
        lambda: submit(review, version=1),
        lambda: reviews.reopen(given, by=given.seat.user, command=uuid.uuid4()),
    ):
        with pytest.raises(WrongState, match="Reviews are not written now"):
            act()


def test_only_its_author_writes_it_and_not_after_a_conflict() -> None:
    made = Meeting()
    review = owed(made)
    for user in (made.chair.user, made.office, made.member().user, builders.person()):
        with pytest.raises(NotAllowed):
            save(review, says(review), by=user)
    Declaration.objects.filter(seat=review.seat).delete()
    with pytest.raises(NotAllowed):
        save(review, says(review))


# --- submitting and reopening ---


def test_a_review_is_submitted_when_nothing_is_missing() -> None:
    made = Meeting()
    review = owed(made)
    criteria = list(made.panel.criteria.all())
    assert [one.field for one in missing(Draft(), made.panel, criteria)] == [
        f"mark-{criteria[0].pk}", "to_team", "expertise",
    ]  # fmt: skip
    with pytest.raises(Refused) as refusal:
        submit(review, version=1)
    assert len(refusal.value.numbers["missing"]) == 3
    save(review, says(review))
    done = submit(review)
    assert (done.state, done.submitted_at is not None) == (ReviewState.SUBMITTED, True)
    with pytest.raises(WrongState, match="submitted already"):
        submit(review)
    with pytest.raises(WrongState, match="reopen it"):
        save(review, says(review, 8), version=2)
    assert not Entry.objects.filter(verb__contains="submit").exists()


def test_a_technical_review_needs_a_verdict() -> None:
    made = Meeting()
    technical = made.another_panel("Technical", kind=PanelKind.TECHNICAL)
    item = Item.objects.create(panel=technical, proposal=made.proposals[0])
    seat = made.seat(panel=technical)
    made.declare(seat)
    review = Review.objects.create(item=item, seat=seat)
    save(review, says(review))
    with pytest.raises(Refused, match="feasible"):
        submit(review)
    save(review, says(review, verdict="conditional"), version=2)
    assert submit(review, version=3).verdict == "conditional"


def test_what_was_not_read_is_not_submitted() -> None:
    review = owed(Meeting())
    save(review, says(review))
    with pytest.raises(Stale):
        submit(review, version=1)


def test_a_submitted_review_is_reopened_until_the_panel_closes_its_item() -> None:
    made = Meeting()
    review = owed(made)
    save(review, says(review))
    submit(review)
    reopened = reviews.reopen(review, by=review.seat.user, command=uuid.uuid4())
    assert (reopened.state, reopened.submitted_at) == (ReviewState.DRAFT, None)
    submit(review)
    Item.objects.filter(pk=review.item_id).update(state=ItemState.OPEN)
    Item.objects.filter(pk=review.item_id).update(state=ItemState.CLOSED)
    with pytest.raises(WrongState, match="closed this proposal"):
        reviews.reopen(review, by=review.seat.user, command=uuid.uuid4())


def at_once(*acts):
    """Carry out each act in a thread of its own, all beginning together; return what each answered or raised."""
    start = Barrier(len(acts))

    def run(act):
        try:
            start.wait()
            return act()
        except MoonbridgeError as error:
            return error
        finally:
            connection.close()

    with ThreadPoolExecutor(len(acts)) as pool:
        return list(pool.map(run, acts))


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("same", [True, False])
def test_eight_submissions_at_once_store_one(same: bool) -> None:
    review = owed(Meeting())
    save(review, says(review))
    author, command = review.seat.user, uuid.uuid4()
    answers = at_once(*(lambda: submit(review, by=author, command=command if same else uuid.uuid4()) for _ in range(8)))
    refused = [type(one) for one in answers if isinstance(one, Exception)]
    assert refused == ([] if same else [WrongState] * 7)
    kept = Review.objects.get(pk=review.pk)
    assert {one.submitted_at for one in answers if isinstance(one, Review)} == {kept.submitted_at}
    assert kept.events.filter(state=ReviewState.SUBMITTED).count() == 1


@pytest.mark.django_db(transaction=True)
def test_eight_savings_at_once_keep_one_and_tell_the_others() -> None:
    review = owed(Meeting())
    author = review.seat.user
    answers = at_once(*(lambda value=value: save(review, says(review, value), by=author) for value in range(1, 9)))
    kept = [one for one in answers if isinstance(one, Review)]
    assert [type(one) for one in answers if not isinstance(one, Review)] == [Stale] * 7
    assert (len(kept), Review.objects.get(pk=review.pk).version, Mark.objects.filter(review=review).count()) == (
        1,
        2,
        1,
    )


@pytest.mark.django_db(transaction=True)
def test_a_saving_and_the_step_that_locks_the_marks_do_not_pass_each_other() -> None:
    made = Meeting()
    review = owed(made)
    author = review.seat.user

    def lock():
        step(made, RoundState.CHECKING)

    at_once(lambda: save(review, says(review), by=author), lock)
    with pytest.raises(WrongState):
        save(review, says(review, 3), version=Review.objects.get(pk=review.pk).version)


# --- the page ---


def test_the_page_saves_and_the_next_shows_it() -> None:
    review = owed(Meeting())
    client, address = client_of(review.seat.user), reverse("review-write", args=[review.pk])
    answer = client.post(address, posted(review, mark="7,5", comment="Well\r\nfounded", to_team="Good", expertise="3"))
    assert (answer.status_code, answer["Location"]) == (302, address)
    kept = read(Review.objects.get(pk=review.pk))
    assert list(kept.judged.values()) == [Judged(7500, "Well\nfounded")]
    assert (kept.to_team, kept.expertise) == ("Good", 3)
    page = client.get(address).content.decode()
    assert 'value="7.5" checked' in page


def test_the_page_shows_both_versions_to_the_second_window_and_keeps_what_was_typed() -> None:
    review = owed(Meeting())
    client, address = client_of(review.seat.user), reverse("review-write", args=[review.pk])
    typed = posted(review, to_team="From the second window", mark="3")
    save(review, says(review, 7, to_team="From the first window"))
    answer = client.post(address, typed)
    assert answer.status_code == 409
    assert [(one["part"], one["theirs"], one["yours"]) for one in answer.context["differences"]] == [
        ("Scientific merit", "7", "3"), ("Scientific merit: comment", "Because.", ""),
        ("Comment to the team", "From the first window", "From the second window"),
        ("Confidential comment", "The price is low.", ""), ("How well do you know the field?", "I have worked in it", ""),
    ]  # fmt: skip
    page = answer.content.decode()
    assert "From the second window</textarea>" in page
    assert 'name="version" value="2"' in page
    assert Review.objects.get(pk=review.pk).to_team == "From the first window"


def test_what_cannot_be_read_is_refused_with_its_reason_and_shown_again() -> None:
    review = owed(Meeting())
    answer = client_of(review.seat.user).post(
        reverse("review-write", args=[review.pk]), posted(review, mark="eleven", to_team="Kept")
    )
    page = answer.content.decode()
    assert answer.status_code == 400
    assert "is a number from 0 to 10" in page
    assert 'value="eleven"' in page
    assert "Kept</textarea>" in page


def test_saving_by_itself_answers_in_the_house_protocol() -> None:
    review = owed(Meeting())
    client, address = client_of(review.seat.user), reverse("review-autosave", args=[review.pk])
    assert client.post(address, posted(review, mark="7", to_team="One")).json()["version"] == 2
    stale = client.post(address, posted(review, to_team="Two") | {"version": "1"})
    assert (stale.status_code, stale.json()["code"]) == (409, "stale")
    assert [one["part"] for one in stale.json()["differences"]] == ["Scientific merit", "Comment to the team"]
    wrong = client.post(address, posted(review, mark="99"))
    assert (wrong.status_code, wrong.json()["code"]) == (400, "input")


def test_long_scales_are_typed_and_meanings_are_told() -> None:
    made = Meeting()
    criterion = made.panel.criteria.get()
    Descriptor.objects.create(panel=made.panel, criterion=criterion, value_permille=8000, text="excellent")
    review = owed(made)
    page = client_of(review.seat.user).get(reverse("review-write", args=[review.pk]))
    (line,) = page.context["lines"]
    assert [(choice.text, choice.meaning) for choice in line.choices][8] == ("8", "excellent")
    assert len(line.choices) == 11
    criterion.highest = 100
    (line,) = Editor({}, made.panel, [criterion]).lines(list(made.panel.descriptors.all()))
    assert (line.choices, line.meanings) == ([], [("8", "excellent")])


def test_submitting_asks_once_more_and_says_what_is_missing() -> None:
    review = owed(Meeting())
    client, address = client_of(review.seat.user), reverse("review-submit", args=[review.pk])
    assert [one.field for one in client.get(address).context["missing"]][1:] == ["to_team", "expertise"]
    save(review, says(review))
    assert client.get(address).context["missing"] == []
    assert client.post(address, {"version": "2", "command": str(uuid.uuid4())}).status_code == 302
    assert Review.objects.get(pk=review.pk).state == ReviewState.SUBMITTED
    page = client.get(reverse("review-write", args=[review.pk]))
    assert (page.context["may_reopen"], b"data-autosave" in page.content) == (True, False)
    client.post(reverse("review-reopen", args=[review.pk]), {"command": str(uuid.uuid4())})
    assert Review.objects.get(pk=review.pk).state == ReviewState.DRAFT


def test_nothing_of_a_review_is_kept_by_caches() -> None:
    review = owed(Meeting())
    client = client_of(review.seat.user)
    panel = review.item.panel_id
    for name, args in [
        ("review-desk", []), ("review-write", [review.pk]), ("review-submit", [review.pk]), ("review-recuse", [review.pk]),
        ("review-declare", [panel]), ("review-tables", [panel]), ("review-table", [panel, "csv"]),
    ]:  # fmt: skip
        answer = client.get(reverse(name, args=args))
        assert (answer.status_code, "no-store" in answer["Cache-Control"]) == (200, True), name
    saved = client.post(reverse("review-autosave", args=[review.pk]), posted(review))
    assert "no-store" in saved["Cache-Control"]


# --- who may open it ---


def routes(key: object) -> list[tuple[str, str]]:
    """Each address of a review, and how it is asked."""
    return [
        ("get", reverse("review-write", args=[key])), ("post", reverse("review-write", args=[key])),
        ("post", reverse("review-autosave", args=[key])), ("get", reverse("review-submit", args=[key])),
        ("post", reverse("review-submit", args=[key])), ("post", reverse("review-reopen", args=[key])),
        ("get", reverse("review-recuse", args=[key])), ("post", reverse("review-recuse", args=[key])),
        ("get", reverse("review-document", args=[key, uuid.UUID(int=7)])),
    ]  # fmt: skip


def answers(client: Client, key: object) -> list[tuple[int, bytes]]:
    """What each address of the review ``key`` answers, without the key itself."""
    found = [getattr(client, how)(address, {"command": str(uuid.UUID(int=1))}) for how, address in routes(key)]
    return [(answer.status_code, answer.content.replace(str(key).encode(), b"")) for answer in found]


@pytest.mark.parametrize(
    "who",
    [
        "chair", "secretary", "other member", "referee", "observer", "office", "lead", "other panel", "stranger", "conflicted",
        "in the team", "undeclared", "recused", "left",
    ],
)  # fmt: skip
def test_for_everybody_but_its_author_a_review_answers_as_one_that_is_not_there(who: str) -> None:
    made = Meeting(2, state=RoundState.DISCUSSING)
    review = owed(made)
    author = review.seat.user
    other = made.another_panel("Other")
    people = {
        "chair": lambda: made.chair.user, "secretary": lambda: made.secretary.user, "office": lambda: made.office,
        "other member": lambda: made.member(made.items[1]).user, "referee": lambda: made.member(made.items[1], duty=Duty.REFEREE).user,
        "observer": lambda: made.member(duty=Duty.OBSERVER).user, "lead": lambda: review.item.proposal.members.get().user,
        "other panel": lambda: made.seat(panel=other).user, "stranger": builders.person,
    }  # fmt: skip
    if who == "undeclared":
        Declaration.objects.filter(seat__user=author).delete()
    elif who in {"conflicted", "in the team", "recused"}:
        Review.objects.filter(pk=review.pk).update(state=ReviewState.RECUSED)
        if who == "conflicted":
            made.conflict(author, review.item)
        elif who == "in the team":
            TeamMember.objects.create(proposal=review.item.proposal, user=author, role=TeamRole.READER)
    elif who == "left":
        Seat.objects.filter(pk=review.seat_id).update(left_at=builders.database_now())
    client = client_of(people.get(who, lambda: author)())
    assert answers(client, review.pk) == answers(client, uuid.uuid4())
    assert {status for status, _ in answers(client, review.pk)} == {404}


def test_a_visitor_who_is_not_signed_in_is_asked_to_sign_in() -> None:
    assert {status for status, _ in answers(client_of(None), owed(Meeting()).pk)} == {302}


# --- the proposal beside it ---


def sealed_proposal(proposal: Proposal, user: User) -> tuple[Attachment, Attachment]:
    """Mark what tells who proposes, and give it a file of each part."""
    Proposal.objects.filter(pk=proposal.pk).update(
        expertise="sealed-expertise", letter="sealed-letter", export_control="sealed-licence", abstract="open-abstract"
    )
    Participant.objects.filter(proposal=proposal).update(institution="sealed-institute")
    User.objects.filter(team_memberships__proposal=proposal).update(name="sealed-name")
    files = [
        Attachment.objects.create(
            proposal=proposal, sealed=sealed, file=ContentFile(b"%PDF-1.7", "x.pdf"), name="sealed-file-name.PDF",
            media_type="application/pdf", size=8, sha256="0" * 64, added_by=user,
        )
        for sealed in (False, True)
    ]  # fmt: skip
    return files[0], files[1]


@pytest.mark.parametrize(
    ("mode", "state", "sees"),
    [
        ("dual-anonymous", RoundState.REVIEWING, False),
        ("dual-anonymous", RoundState.DISCUSSING, False),
        ("dual-anonymous", RoundState.CHECKING, True),
        ("reviewer-blind", RoundState.REVIEWING, True),
        ("open", RoundState.REVIEWING, True),
    ],
)
def test_who_proposes_and_the_sealed_part_are_shown_where_the_kernel_allows(
    mode, state, sees, settings, tmp_path
) -> None:
    settings.MEDIA_ROOT = tmp_path
    made = Meeting(1, state=state, mode=mode)
    review = owed(made)
    plain, sealed = sealed_proposal(made.proposals[0], made.office)
    client = client_of(review.seat.user)
    with CaptureQueriesContext(connection) as asked:
        page = client.get(reverse("review-write", args=[review.pk])).content.decode()
    for word in ("sealed-expertise", "sealed-letter", "sealed-licence", "sealed-institute", "sealed-name"):
        assert (word in page) == sees, word
    assert "open-abstract" in page
    assert "sealed-file-name" not in page
    assert len(asked) < 30
    code = made.proposals[0].code
    got = client.get(reverse("review-document", args=[review.pk, plain.pk]))
    assert (got.status_code, got["Content-Disposition"]) == (200, f'attachment; filename="{code}-1.pdf"')
    assert "sandbox" in got["Content-Security-Policy"]
    assert "no-store" in got["Cache-Control"]
    assert got.getvalue() == b"%PDF-1.7"
    hidden = client.get(reverse("review-document", args=[review.pk, sealed.pk]))
    assert hidden.status_code == (200 if sees else 404)
    if sees:
        assert hidden["Content-Disposition"] == f'attachment; filename="{code}-sealed-1.pdf"'
    else:
        absent = client.get(reverse("review-document", args=[review.pk, uuid.uuid4()]))
        assert len(absent.content) == len(hidden.content)


def test_a_file_of_another_proposal_is_not_handed_out_through_ones_review(settings, tmp_path) -> None:
    settings.MEDIA_ROOT = tmp_path
    made = Meeting(2)
    review = owed(made)
    foreign, _ = sealed_proposal(made.proposals[1], made.office)
    assert client_of(review.seat.user).get(reverse("review-document", args=[review.pk, foreign.pk])).status_code == 404


def test_other_reviews_stand_under_ones_own_when_the_panel_discusses_and_names_where_they_may() -> None:
    made = Meeting(1)
    item = made.items[0]
    mine = owed(made)
    colleague, referee = made.member(item), made.member(item, duty=Duty.REFEREE)
    User.objects.filter(pk=colleague.user_id).update(name="Colleague")
    User.objects.filter(pk=referee.user_id).update(name="Referee")
    made.written(item, colleague, to_team="colleague-says", confidential="colleague-hides")
    made.written(item, referee, value=4, to_team="referee-says")
    begun = owed(made)
    save(begun, says(begun, to_team="begun-says"))
    client, address = client_of(mine.seat.user), reverse("review-write", args=[mine.pk])
    assert client.get(address).context["others"] == []
    step(made, RoundState.DISCUSSING)
    page = client.get(address)
    assert [(one["author"], one["private"], one["marks"][0]["shown"]) for one in page.context["others"]] == [
        ("Colleague", "colleague-hides", "7"), (None, "", "4"),
    ]  # fmt: skip
    text = page.content.decode()
    assert ("Referee" in text, "begun-says" in text) == (False, False)


# --- the desk ---


def test_the_desk_says_what_is_due_first_and_when() -> None:
    made = Meeting(3)
    due = builders.database_now() + timedelta(days=20)
    StageDate.objects.create(opportunity=made.call, stage="reviews", promised=due)
    seat = made.seat()
    made.declare(seat, *made.items[:2])
    Review.objects.create(item=made.items[0], seat=seat)
    given = made.written(made.items[1], seat)
    (sitting,) = client_of(seat.user).get(reverse("review-desk")).context["sittings"]
    assert (sitting.to_declare, [one.code for one in sitting.due], [one.pk for one in sitting.given]) == (
        1, [made.proposals[0].code], [given.pk],
    )  # fmt: skip
    assert sitting.reviews_due == due
    assert sitting.reminders == [due - timedelta(days=7), due - timedelta(days=2)]


@pytest.mark.parametrize(("due_in", "to_come"), [(8, [7, 2]), (6, [2]), (1, []), (-1, [])])
def test_the_desk_announces_only_reminders_that_are_still_to_come(due_in: int, to_come: list[int]) -> None:
    made = Meeting(1)
    due = builders.database_now() + timedelta(days=due_in)
    StageDate.objects.create(opportunity=made.call, stage="reviews", promised=due)
    (sitting,) = client_of(made.member(*made.items).user).get(reverse("review-desk")).context["sittings"]
    assert sitting.reminders == [due - timedelta(days=days) for days in to_come]


def test_the_desk_is_empty_for_who_sits_nowhere_and_asks_them_nothing() -> None:
    page = client_of(builders.person()).get(reverse("review-desk"))
    assert (page.status_code, page.context["sittings"], b"You sit in no panel" in page.content) == (200, [], True)


def test_the_desk_lacks_what_is_in_conflict_undeclared_or_recused() -> None:
    made = Meeting(3)
    seat = made.member(*made.items)
    client = client_of(seat.user)
    Declaration.objects.filter(seat=seat, item=made.items[0]).delete()
    Review.objects.filter(seat=seat, item=made.items[1]).update(state=ReviewState.RECUSED)
    Review.objects.filter(seat=seat, item=made.items[2]).update(state=ReviewState.RECUSED)
    made.conflict(seat.user, made.items[2])
    page = client.get(reverse("review-desk"))
    (sitting,) = page.context["sittings"]
    assert (sitting.to_declare, sitting.due, sitting.given) == (1, [], [])
    for proposal in made.proposals:
        assert proposal.title not in page.content.decode()


@pytest.mark.parametrize("name", ["review-desk", "review-declare"])
def test_lists_ask_the_database_the_same_whatever_their_length(name: str) -> None:
    counts = []
    for many in (1, 3):
        made = Meeting(many * 2)
        seat = made.member(*made.items[:many])
        Declaration.objects.filter(seat=seat, item__in=made.items[many:]).delete()
        conflicted = builders.submitted_proposal(made.call)
        Item.objects.create(panel=made.panel, proposal=conflicted)
        Conflict.objects.create(
            proposal=conflicted,
            user=seat.user,
            source="reviewer",
            ground="family",
            found_by=seat.user,
            evidence="cousin",
        )
        address = reverse(name, args=[] if name == "review-desk" else [made.panel.pk])
        client = client_of(seat.user)
        client.get(address)
        with CaptureQueriesContext(connection) as asked:
            assert client.get(address).status_code == 200
        counts.append(len(asked))
    assert counts[0] == counts[1] <= 10


def test_desk_and_declarations_ask_no_more_of_a_thousand_proposals_and_five_hundred_reviewers() -> None:
    for crowd in (Crowd(10, 5), Crowd(1000, 500)):
        seat = crowd.seats[0]
        client = client_of(User.objects.get(pk=seat.user_id))
        for address in (reverse("review-desk"), reverse("review-declare", args=[seat.panel_id])):
            client.get(address)
            with CaptureQueriesContext(connection) as asked:
                assert client.get(address).status_code == 200
            assert len(asked) <= 10, (crowd.proposals, address)
    page = client.get(reverse("review-declare", args=[seat.panel_id])).context
    assert (len(page["asked"]), page["further"]) == (100, True)


def test_saving_asks_the_database_a_fixed_number_of_times() -> None:
    made = Meeting(1)
    review = owed(made)
    client, address = client_of(review.seat.user), reverse("review-autosave", args=[review.pk])
    counts = []
    for turn in range(3):
        sent = posted(review, mark=str(turn + 1), to_team=f"Turn {turn}")
        with CaptureQueriesContext(connection) as asked:
            assert client.post(address, sent).status_code == 200
        counts.append(len(asked))
    assert counts[1] == counts[2] <= 25


def test_differences_are_told_part_by_part() -> None:
    key = uuid.uuid4()
    before, after = Draft(judged={key: Judged(1000, "a")}, to_team="x"), Draft(to_team="x", expertise=2)
    assert changed(before, after) == {key: (Judged(1000, "a"), Judged()), "expertise": (None, 2)}
