"""Drafts: begun, typed, saved; forgiving on entry, exact inside; nothing typed is lost and nobody is overwritten."""

import uuid
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace

import pytest
from django.db import connection
from django.urls import reverse
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.django import TestCase

import builders
from cooperation.proposals import making
from moonbridge.cooperation.proposals import actions, content
from moonbridge.cooperation.proposals.forms import Editor, another_option, compared, shown
from moonbridge.cooperation.proposals.models import Proposal
from moonbridge.cooperation.proposals.states import State
from moonbridge.errors import DeadlinePassed, InputError, NotAllowed, Stale, WrongState
from moonbridge.record.queries import database_now

pytestmark = pytest.mark.django_db


def typed(proposal: Proposal, **texts: str) -> Editor:
    """The form as it is sent with some fields changed; ``__`` in names stands for ``-``."""
    data = shown(content.read(proposal), proposal.opportunity)
    return Editor(data | {name.replace("__", "-"): text for name, text in texts.items()}, proposal.opportunity)


def mass_line(proposal: Proposal):
    return proposal.opportunity.envelope.get(resource="mass").pk


# --- beginning ---


def test_a_beginner_leads_a_draft_with_one_full_version_on_the_only_element() -> None:
    call, person = builders.open_opportunity(), builders.person(institution="Institute", country="KE")
    made = actions.begin(call, title=" A camera ", by=person, command=uuid.uuid4())
    draft = content.read(made)
    assert (made.title, made.state, making.lead_of(made)) == ("A camera", State.DRAFT, person)
    assert [(option.kind, option.element_id) for option in draft.options] == [("full", call.elements.get().pk)]
    assert draft.participants == (content.Participant("Institute", None, "KE", "", 1000, True),)


def test_a_draft_cannot_be_begun_unless_the_call_is_open() -> None:
    person = builders.person()
    with pytest.raises(NotAllowed):
        actions.begin(builders.opportunity(), by=person, command=uuid.uuid4())
    with pytest.raises(DeadlinePassed):
        actions.begin(making.past_call(), by=person, command=uuid.uuid4())
    with pytest.raises(WrongState):
        actions.begin(builders.open_opportunity(state="closed"), by=person, command=uuid.uuid4())
    assert Proposal.objects.count() == 0


def test_the_prompts_of_the_example_must_go_before_it_can_be_submitted() -> None:
    made = actions.begin(
        builders.open_opportunity(), by=builders.person(), command=uuid.uuid4(), title="x", example=True
    )
    with pytest.raises(Exception, match="A prompt of the example is still there") as refusal:
        making.submit(made)
    prompts = [one for one in refusal.value.numbers["missing"] if "prompt" in one]
    assert len(prompts) == 5


@pytest.mark.django_db(transaction=True)
def test_twelve_who_begin_at_once_get_twelve_codes_and_a_doubled_beginning_is_one() -> None:
    call, people = builders.open_opportunity(), [builders.person() for _ in range(12)]
    commands = [uuid.uuid4() for _ in people]

    def begin(number: int) -> str:
        try:
            return actions.begin(call, by=people[number % 12], command=commands[number % 12]).code
        finally:
            connection.close()

    with ThreadPoolExecutor(8) as pool:
        codes = list(pool.map(begin, range(24)))
    assert codes[:12] == codes[12:]
    assert len(set(codes)) == 12 == Proposal.objects.count()


# --- the form ---


@pytest.mark.parametrize(
    ("text", "milligrams"),
    [
        ("12.5 kg", 12_500_000),
        ("12500 g", 12_500_000),
        ("12,5", 12_500_000),
        (" 1 t ", 1_000_000_000),
        ("７ kg", 7_000_000),
    ],
)
def test_masses_are_read_in_any_unit(text: str, milligrams: int) -> None:
    proposal = making.complete()
    draft = typed(proposal, **{f"options__0__demand__{mass_line(proposal)}".replace("__", "-"): text}).draft
    assert draft.options[0].demands[mass_line(proposal)] == milligrams


def test_powers_data_lengths_and_shares_are_read_in_any_unit() -> None:
    proposal = making.complete()
    draft = typed(
        proposal, options__0__length="30 cm", options__0__width="0.2 m", options__0__height="150", options__0__coldest="−20 °C",
        options__0__modes__0__power="3200 mW", options__0__modes__0__downlink="1 Gbit/day", options__0__modes__0__duty="12.5 %",
        participants__1__institution="Museum", participants__1__country="kenya", participants__1__share="33,3",
    ).draft  # fmt: skip
    option = draft.options[0]
    assert (option.length_um, option.width_um, option.height_um, option.coldest_centidegree) == (
        300_000,
        200_000,
        150_000,
        -2000,
    )
    assert option.modes == (content.Mode("", 3200, 125_000_000, 125),)
    assert draft.participants[1] == content.Participant("Museum", None, "KE", "", 333)


def test_a_name_of_the_catalogue_is_linked_to_its_partner() -> None:
    known = builders.agency(name="Institut de recherche")
    proposal = making.complete()
    draft = typed(proposal, participants__0__institution="institut DE recherche").draft
    assert draft.participants[0].partner_id == known.pk


def test_what_cannot_be_read_is_kept_as_typed_and_shown_again_with_its_mistake() -> None:
    proposal = making.complete()
    name = f"options-0-demand-{mass_line(proposal)}"
    editor = typed(
        proposal, **{name: "12 kgg", "participants-1-share": "a third", "participants-1-institution": "Museum"}
    )
    assert dict(editor.draft.unread) == {name: "12 kgg", "participants-1-share": "a third"}
    saved = actions.save(proposal, editor.draft, version=1, **making.by_lead(proposal))
    page = Editor(shown(content.read(saved), saved.opportunity), saved.opportunity)
    field = page.options[0].form[f"demand-{mass_line(proposal)}"]
    assert (field.value(), len(field.errors)) == ("12 kgg", 1)
    with pytest.raises(Exception, match="“12 kgg” cannot be read"):
        making.submit(saved)


def test_rows_that_are_empty_or_removed_are_left_out_and_the_others_keep_their_mistakes() -> None:
    proposal = making.complete()
    editor = typed(
        proposal, participants__0__remove="on", participants__3__institution="Museum", participants__3__share="lots",
        relations__0__kind="needs",
    )  # fmt: skip
    assert editor.draft.participants == (content.Participant("Museum"),)
    assert editor.draft.relations == ()
    assert dict(editor.draft.unread) == {"participants-0-share": "lots"}


def test_a_version_without_its_id_and_more_rows_than_anybody_needs_are_refused() -> None:
    proposal = making.complete()
    with pytest.raises(InputError, match="does not belong"):
        _ = typed(proposal, options__0__id="").draft
    with pytest.raises(InputError, match="too many rows"):
        typed(proposal, **{f"participants-{number}-institution": "x" for number in range(61)})


WORDS = st.text(st.characters(exclude_categories=("C", "Z")), max_size=30)
NAMES = WORDS.filter(bool)
SIDES = st.none() | st.integers(0, 10**7)
DEGREES = st.none() | st.integers(-27_315, 200_000)
PERMILLE = st.integers(0, 1000)
MODES = st.builds(content.Mode, NAMES, st.integers(0, 10**6), st.integers(0, 10**12), PERMILLE)
PARTICIPANTS = st.builds(
    content.Participant, NAMES, st.none(), st.sampled_from(["", "TH", "CN"]), WORDS, PERMILLE, st.booleans()
)
RELATIONS = st.builds(content.Relation, st.sampled_from(["needs", "interferes"]), NAMES)


def tuples(parts: st.SearchStrategy) -> st.SearchStrategy:
    return st.lists(parts, max_size=3).map(tuple)


class FormAndRowsAgree(TestCase):
    """Whatever a draft says, the form shows it so that reading it back says the same, and so do its rows."""

    def setUp(self) -> None:
        self.proposal = making.complete()

    def options(self) -> st.SearchStrategy[content.Option]:
        return st.builds(
            content.Option, st.uuids(version=4), st.sampled_from(["full", "descoped"]), NAMES,
            st.just(self.proposal.opportunity.elements.get().pk), WORDS, PERMILLE, SIDES, SIDES, SIDES, DEGREES, DEGREES,
            st.dictionaries(st.just(mass_line(self.proposal)), st.integers(0, 2**53)), tuples(MODES),
        )  # fmt: skip

    @settings(max_examples=40)
    @given(st.data())
    def test_a_draft_survives_form_and_database(self, data: st.DataObject) -> None:
        draft = content.Draft(
            title=data.draw(WORDS), abstract=data.draw(WORDS), first_time=data.draw(st.booleans()),
            options=(data.draw(self.options()),), participants=data.draw(tuples(PARTICIPANTS)), relations=data.draw(tuples(RELATIONS)),
        )  # fmt: skip
        assert Editor(shown(draft, self.proposal.opportunity), self.proposal.opportunity).draft == draft
        now = making.again(self.proposal)
        saved = actions.save(now, draft, version=now.version, **making.by_lead(now))
        assert content.read(saved) == draft


# --- saving ---


def test_the_second_writer_overwrites_nothing_and_is_shown_both_versions() -> None:
    proposal = making.complete(title="Old")
    making.save(proposal, title="First writer", version=1)
    with pytest.raises(Stale) as refusal:
        making.save(proposal, title="Second writer", version=1)
    assert refusal.value.numbers == {"read": 1, "now": 2, "differences": {"title": ["First writer", "Second writer"]}}
    assert making.again(proposal).title == "First writer"


def test_saving_what_is_saved_already_changes_nothing_whatever_version_was_read() -> None:
    proposal = making.complete()
    making.save(proposal, title="Same")
    assert making.save(proposal, title="Same", version=1).version == 2


def test_a_retried_save_is_done_once_even_if_others_saved_meanwhile() -> None:
    proposal, command = making.complete(), uuid.uuid4()
    draft = replace(content.read(proposal), title="Sent once")
    who = {"by": making.lead_of(proposal), "command": command}
    actions.save(proposal, draft, version=1, **who)
    making.save(proposal, title="Somebody else's", version=2)
    assert actions.save(proposal, draft, version=1, **who).version == 3
    assert making.again(proposal).title == "Somebody else's"


@pytest.mark.django_db(transaction=True)
def test_of_two_tabs_that_save_at_once_one_is_told() -> None:
    proposal = making.complete()

    def save(title: str) -> str:
        try:
            return making.save(proposal, title=title, version=1).title
        except Stale as refusal:
            return refusal.code
        finally:
            connection.close()

    with ThreadPoolExecutor(2) as pool:
        answers = set(pool.map(save, ["One", "Two"]))
    assert answers == {"stale", making.again(proposal).title}


def test_nothing_of_another_proposal_or_call_can_be_slipped_in() -> None:
    proposal, other = making.complete(), making.complete()
    mine, theirs = content.read(proposal).options[0], content.read(other).options[0]
    for option in (
        replace(mine, id=theirs.id),
        replace(mine, element_id=theirs.element_id),
        replace(mine, demands=dict(theirs.demands)),
    ):
        with pytest.raises(InputError, match="does not belong"):
            making.save(proposal, options=(option,))
    with pytest.raises(InputError, match="does not belong"):
        making.save(proposal, options=(mine, mine))
    assert content.read(making.again(other)).options == (theirs,)


def test_readers_and_strangers_save_nothing_and_a_submitted_proposal_stays_as_it_is() -> None:
    proposal = making.complete()
    for person in (
        making.member(proposal, "reader"),
        builders.person(),
        builders.office_of(proposal.opportunity.agency),
    ):
        with pytest.raises(NotAllowed):
            making.save(proposal, title="x", by=person)
    assert making.save(proposal, title="By an editor", by=making.member(proposal, "editor")).title == "By an editor"
    making.submit(proposal)
    with pytest.raises(WrongState):
        making.save(proposal, title="x")


def test_another_version_is_added_by_the_button(client) -> None:
    proposal = making.complete()
    client.force_login(making.lead_of(proposal))
    data = shown(content.read(proposal), proposal.opportunity) | {
        "version": "1",
        "command": str(uuid.uuid4()),
        "another": "1",
    }
    page = client.post(reverse("proposal-edit", args=[proposal.pk]), data)
    assert [row.form["kind"].value() for row in page.context["editor"].options] == ["full", "descoped"]
    grown = another_option(shown(content.read(proposal), proposal.opportunity), uuid.uuid4())
    assert len(Editor(grown, proposal.opportunity).draft.options) == 1


def test_a_conflict_on_the_page_shows_both_and_keeps_what_was_typed(client) -> None:
    proposal = making.complete()
    client.force_login(making.lead_of(proposal))
    data = shown(content.read(proposal), proposal.opportunity)
    making.save(proposal, title="Theirs")
    sent = data | {"title": "Mine", "version": "1", "command": str(uuid.uuid4())}
    page = client.post(reverse("proposal-edit", args=[proposal.pk]), sent)
    assert page.status_code == 409
    assert page.context["differences"] == [{"part": "Title", "theirs": "Theirs", "yours": "Mine"}]
    assert page.context["editor"].texts["title"].value() == "Mine"
    sent |= {"version": str(page.context["proposal"].version), "command": str(uuid.uuid4())}
    assert client.post(reverse("proposal-edit", args=[proposal.pk]), sent).status_code == 302
    assert making.again(proposal).title == "Mine"


def test_autosave_answers_in_json(client) -> None:
    proposal = making.complete()
    client.force_login(making.lead_of(proposal))
    url, command = reverse("proposal-autosave", args=[proposal.pk]), str(uuid.uuid4())
    sent = shown(content.read(proposal), proposal.opportunity) | {"title": "Auto", "version": "1", "command": command}
    answers = [client.post(url, sent).json() for _ in range(2)]
    assert answers[0] == answers[1]
    assert answers[0]["version"] == 2
    late = client.post(url, sent | {"title": "Late", "command": str(uuid.uuid4())})
    assert (late.status_code, late.json()["code"]) == (409, "stale")
    assert late.json()["differences"] == [{"part": "Title", "theirs": "Auto", "yours": "Late"}]
    assert client.post(url, sent | {"title": "Other"}).json()["code"] == "command-reused"
    assert client.post(url, sent | {"command": "none"}).status_code == 400


def test_two_versions_are_compared_field_by_field_in_the_words_of_the_form() -> None:
    proposal = making.complete()
    theirs = content.read(proposal)
    editor = typed(
        proposal, first_time="on", participants__1__institution="Museum", options__0__modes__0__power="2 W",
        **{f"options-0-demand-{mass_line(proposal)}": "6 kg"},
    )  # fmt: skip
    found = compared(theirs, editor.draft, proposal.opportunity)
    assert sorted(found, key=lambda one: one["part"]) == [
        {"part": "A first participation in deep space", "theirs": "", "yours": "yes"},
        {"part": "Full, mode 1: Power", "theirs": "", "yours": "2 W"},
        {"part": "Full: mass (Lander)", "theirs": "5 kg", "yours": "6 kg"},
        {"part": "Participant 2: Institution or body", "theirs": "", "yours": "Museum"},
    ]


def test_a_letter_that_was_sent_stays_as_it_was_sent() -> None:
    proposal = making.complete(letter="We intend.")
    actions.send_letter(proposal, begun_at=database_now(), **making.by_lead(proposal))
    saved = making.save(proposal, letter="We do not.", title="Other")
    assert (saved.letter, saved.title) == ("We intend.", "Other")


@pytest.mark.parametrize(
    "text",
    [
        "\0",
        "-1",
        "9" * 59,
        "1e99",
        "NaN",
        "∞",
        "١٢",
        "9223372036854775807",
        "🚀" * 3000,
        "<script>",
        "%s %(x)s",
        "00000000-0000-0000-0000-000000000000",
    ],
)
def test_whatever_is_typed_into_every_field_saving_answers_and_loses_nothing(text: str, client) -> None:
    proposal = making.complete()
    client.force_login(making.lead_of(proposal))
    editor = typed(proposal, participants__1__institution="x", relations__0__named="x", options__0__modes__0__name="x")
    names = [name for name in editor.labels() if not name.endswith(("remove", "leads"))]
    sent = dict(editor.data) | dict.fromkeys(names, text) | {"version": "1", "command": str(uuid.uuid4())}
    answer = client.post(reverse("proposal-autosave", args=[proposal.pk]), sent)
    assert answer.status_code == 200
    kept = shown(content.read(making.again(proposal)), proposal.opportunity)
    assert kept["options-0-element"] in {text, ""}
    plain = text.replace("\0", "")
    assert kept["title"] == plain or kept["title"] == plain[:20_000]
    assert client.get(reverse("proposal-edit", args=[proposal.pk])).status_code == 200
    assert client.get(reverse("proposal", args=[proposal.pk])).status_code == 200
    assert client.post(reverse("proposal-fit", args=[proposal.pk]), sent).status_code == 200
