"""Teams, invitations, files, merges: who may do what, and what is left when it is done."""

import hashlib
import io
import re
import uuid
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta

import pytest
from django.core import mail
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import IntegrityError, connection, transaction
from django.test import Client
from django.urls import reverse
from procrastinate.contrib.django.models import ProcrastinateJob

import builders
from cooperation.proposals import making
from moonbridge.cooperation.proposals import actions, queries, tasks
from moonbridge.cooperation.proposals.models import Attachment, Invitation, Merge, Proposal, TeamRole
from moonbridge.cooperation.proposals.states import State
from moonbridge.errors import InputError, NotAllowed, Refused, WrongState
from moonbridge.record.models import Command, Entry

pytestmark = pytest.mark.django_db


def invited(proposal: Proposal, role: TeamRole = TeamRole.EDITOR, email: str = "") -> Invitation:
    return actions.invite(proposal, role=role, email=email, **making.by_lead(proposal))


def join(invitation: Invitation, person=None) -> Proposal:
    return actions.join(actions.secret_of(invitation.pk), by=person or builders.person(), command=uuid.uuid4())


def roles(proposal: Proposal) -> dict:
    return {member.user: member.role for member in proposal.members.all()}


# --- invitations ---


def test_a_link_lets_one_person_in_once() -> None:
    proposal, newcomer = making.complete(), builders.person()
    invitation = invited(proposal)
    join(invitation, newcomer)
    assert roles(proposal)[newcomer] == TeamRole.EDITOR
    with pytest.raises(NotAllowed):
        join(invitation)


@pytest.mark.django_db(transaction=True)
def test_of_five_who_use_a_link_at_once_one_comes_in() -> None:
    proposal, people = making.complete(), [builders.person() for _ in range(5)]
    invitation = invited(proposal)

    def use(person) -> bool:
        try:
            return bool(join(invitation, person))
        except NotAllowed:
            return False
        finally:
            connection.close()

    with ThreadPoolExecutor(5) as pool:
        assert sum(pool.map(use, people)) == 1
    assert proposal.members.count() == 2


@pytest.mark.parametrize(
    "spoil",
    [
        lambda one: actions.revoke(one, **making.by_lead(one.proposal)),
        lambda one: Invitation.objects.update(expires_at=one.created_at - timedelta(seconds=1)),
    ],
    ids=["revoked", "expired"],
)
def test_a_revoked_or_expired_link_is_answered_like_an_unknown_one(spoil, client) -> None:
    invitation = invited(making.complete())
    spoil(invitation)
    client.force_login(builders.person())
    known, unknown = (reverse("invitation", args=[secret]) for secret in (actions.secret_of(invitation.pk), "x" * 43))
    assert {client.get(url).status_code for url in (known, unknown)} == {404}
    assert {client.post(url, {"command": uuid.uuid4()}).status_code for url in (known, unknown)} == {404}


def test_opening_the_link_changes_nothing_and_joining_asks_for_an_account(client) -> None:
    invitation = invited(making.complete())
    url = reverse("invitation", args=[actions.secret_of(invitation.pk)])
    assert client.post(url, {"command": uuid.uuid4()})["Location"].startswith(reverse("account_login"))
    client.force_login(builders.person())
    opened = client.get(url)
    # The secret in the address stays here, and yet the form says whence it comes: without that it would be refused.
    assert (opened.status_code, opened["Referrer-Policy"]) == (200, "same-origin")
    assert 'name="referrer"' not in opened.content.decode()
    assert queries.open_invitation(actions.secret_of(invitation.pk)).exists()
    assert client.post(url, {"command": uuid.uuid4()}).status_code == 302
    assert not queries.open_invitation(actions.secret_of(invitation.pk)).exists()


def test_the_secret_is_kept_nowhere_and_the_mail_carries_it() -> None:
    invitation = invited(making.complete(), email="Friend@Example.org")
    secret = actions.secret_of(invitation.pk)
    assert invitation.secret_sha256 == hashlib.sha256(secret.encode()).hexdigest()
    kept = [*Command.objects.values_list("result", flat=True), *Entry.objects.values_list("body", flat=True)]
    job = ProcrastinateJob.objects.get(task_name="proposals.mail_invitation")
    assert secret not in f"{kept} {job.args}"
    tasks.mail_invitation(**job.args)
    assert [one.to for one in mail.outbox] == [["friend@example.org"]]
    assert reverse("invitation", args=[secret]) in mail.outbox[0].body
    actions.revoke(invitation, **making.by_lead(invitation.proposal))
    tasks.mail_invitation(**job.args)
    assert len(mail.outbox) == 1


def test_a_doubled_invitation_is_one() -> None:
    proposal = making.complete()
    who = making.by_lead(proposal)
    first, second = (actions.invite(proposal, role=TeamRole.READER, **who) for _ in range(2))
    assert first == second


def test_a_reader_who_is_invited_as_editor_becomes_one_and_never_less() -> None:
    proposal, person = making.complete(), builders.person()
    for role, kept in (
        (TeamRole.READER, TeamRole.READER),
        (TeamRole.EDITOR, TeamRole.EDITOR),
        (TeamRole.READER, TeamRole.EDITOR),
    ):
        join(invited(proposal, role), person)
        assert roles(proposal)[person] == kept


# --- roles ---


def test_the_lead_is_handed_over_and_there_is_always_exactly_one() -> None:
    proposal = making.complete()
    old, new = making.lead_of(proposal), making.member(proposal, TeamRole.READER)
    actions.hand_over(proposal.members.get(user=new), **making.by_lead(proposal))
    assert roles(proposal) == {old: TeamRole.EDITOR, new: TeamRole.LEAD}
    with pytest.raises(NotAllowed):
        actions.hand_over(proposal.members.get(user=old), by=old, command=uuid.uuid4())
    with pytest.raises(IntegrityError), transaction.atomic():
        proposal.members.filter(user=old).update(role=TeamRole.LEAD)


def test_the_lead_cannot_leave_but_others_can_and_only_the_lead_removes_others() -> None:
    proposal = making.complete()
    lead, editor, reader = (
        making.lead_of(proposal),
        making.member(proposal, TeamRole.EDITOR),
        making.member(proposal, TeamRole.READER),
    )
    of = {person: proposal.members.get(user=person) for person in (lead, editor, reader)}
    with pytest.raises(Refused, match="hand the lead over"):
        actions.remove(of[lead], by=lead, command=uuid.uuid4())
    with pytest.raises(NotAllowed):
        actions.remove(of[reader], by=editor, command=uuid.uuid4())
    actions.remove(of[editor], by=editor, command=uuid.uuid4())
    actions.remove(of[reader], by=lead, command=uuid.uuid4())
    assert roles(proposal) == {lead: TeamRole.LEAD}


def test_roles_change_between_editor_and_reader_by_the_lead_only() -> None:
    proposal = making.complete()
    editor = making.member(proposal, TeamRole.EDITOR)
    row = proposal.members.get(user=editor)
    with pytest.raises(NotAllowed):
        actions.change_role(row, TeamRole.READER, by=editor, command=uuid.uuid4())
    actions.change_role(row, TeamRole.READER, **making.by_lead(proposal))
    assert roles(proposal)[editor] == TeamRole.READER
    with pytest.raises(InputError):
        actions.change_role(row, TeamRole.LEAD, **making.by_lead(proposal))


@pytest.mark.parametrize("name", ["proposal-role", "proposal-remove", "proposal-hand-over"])
def test_nobody_reaches_another_teams_members_through_their_own_page(name: str, client) -> None:
    mine, theirs = making.complete(), making.complete()
    client.force_login(making.lead_of(mine))
    url = reverse(name, args=[mine.pk, theirs.members.get().pk])
    assert client.post(url, {"role": "reader", "command": uuid.uuid4()}).status_code == 404


# --- files ---


def upload(content: bytes = b"a plan", name: str = "plan.txt") -> SimpleUploadedFile:
    return SimpleUploadedFile(name, content)


@pytest.fixture
def media(settings, tmp_path) -> None:
    settings.STORAGES = settings.STORAGES | {
        "default": {
            "BACKEND": "django.core.files.storage.FileSystemStorage",
            "OPTIONS": {"location": str(tmp_path), "base_url": None},
        }
    }


def test_a_file_sent_twice_is_kept_once_and_removed_with_its_bytes(
    media, tmp_path, django_capture_on_commit_callbacks
) -> None:
    proposal = making.complete()
    who = making.by_lead(proposal)
    first, second = (actions.attach(proposal, upload(), title="Plan", **who) for _ in range(2))
    assert first == second
    assert len([path for path in tmp_path.rglob("*") if path.is_file()]) == 1
    with django_capture_on_commit_callbacks(execute=True):
        actions.detach(first, **making.by_lead(proposal))
    assert [path for path in tmp_path.rglob("*") if path.is_file()] == []
    assert not Attachment.objects.exists()


def test_a_page_under_a_pictures_name_leaves_nothing_behind(media, tmp_path, client) -> None:
    proposal = making.complete()
    client.force_login(making.lead_of(proposal))
    page = io.BytesIO(b"<html><script>alert(1)</script>")
    page.name = "picture.png"
    answer = client.post(reverse("proposal-attach", args=[proposal.pk]), {"file": page, "command": uuid.uuid4()})
    assert answer.status_code == 400
    assert (Attachment.objects.count(), list(tmp_path.iterdir())) == (0, [])


def test_files_are_added_by_writers_to_drafts_and_only_so_many(media, monkeypatch) -> None:
    proposal = making.complete()
    with pytest.raises(NotAllowed):
        actions.attach(proposal, upload(), by=making.member(proposal, TeamRole.READER), command=uuid.uuid4())
    monkeypatch.setattr("moonbridge.cooperation.proposals.actions.attachments.MOST_FILES", 1)
    actions.attach(proposal, upload(), **making.by_lead(proposal))
    with pytest.raises(Refused, match="at most 1 files"):
        actions.attach(proposal, upload(b"another"), **making.by_lead(proposal))
    submission = making.submit(proposal)
    assert submission.content["attachments"][0]["sha256"] == hashlib.sha256(b"a plan").hexdigest()
    with pytest.raises(WrongState):
        actions.detach(proposal.attachments.get(), **making.by_lead(proposal))


# --- merges ---


@pytest.fixture
def pair() -> tuple[Proposal, Proposal]:
    call = making.past_call()
    return tuple(making.submit(making.complete(call), begun_at=call.deadline).proposal for _ in range(2))


def asked(source: Proposal, code: str) -> Merge:
    return actions.ask_merge(source, code, reason="The same spectrometer twice.", **making.by_lead(source))


def test_both_leads_agree_the_office_approves_and_the_source_ends_in_the_target(pair) -> None:
    source, target = pair
    office = builders.office_of(source.opportunity.agency)
    reader = making.member(source, TeamRole.READER)
    merge = asked(source, target.code.lower())
    with pytest.raises(NotAllowed):
        actions.approve_merge(merge, by=office, command=uuid.uuid4())
    assert not queries.merges_visible_to(office).exists()
    actions.agree(merge, target, **making.by_lead(target))
    merge.refresh_from_db()
    assert queries.merges_visible_to(office).get() == merge
    with pytest.raises(NotAllowed):
        actions.approve_merge(merge, by=making.lead_of(source), command=uuid.uuid4())
    command = uuid.uuid4()
    for _ in range(2):
        assert actions.approve_merge(merge, by=office, command=command) == target
    source.refresh_from_db()
    assert (source.state, source.merged_into) == (State.MERGED, target)
    assert roles(target)[reader] == roles(target)[making.lead_of(source)] == TeamRole.READER
    assert queries.visible_to(reader).filter(pk=target.pk).exists()
    assert Entry.objects.filter(chain=f"agency:{source.opportunity.agency.slug}", verb="merge").count() == 1


def test_asking_tells_nobody_whether_a_proposal_exists(pair) -> None:
    source, target = pair
    draft = making.complete(source.opportunity)
    client = Client()
    client.force_login(making.lead_of(source))
    url = reverse("proposal-merge", args=[source.pk])
    pages = []
    for code in (target.code, draft.code, "P-9999"):
        client.post(url, {"target_code": code, "reason": "why", "command": uuid.uuid4()})
        merge = Merge.objects.get()
        page = client.get(url).content.decode().replace(code, "CODE").replace(str(merge.pk), "KEY")
        pages.append(re.sub(r'name="(csrfmiddlewaretoken|command)" value="[^"]*"', "", page))
        merge.delete()
    assert pages[0] == pages[1] == pages[2]


def test_a_request_is_answered_by_those_whom_it_concerns_only(pair) -> None:
    source, target = pair
    stranger = making.submit(making.complete(source.opportunity), begun_at=source.opportunity.deadline).proposal
    merge = asked(source, target.code)
    for act in (actions.agree, actions.decline):
        with pytest.raises(NotAllowed):
            act(merge, stranger, **making.by_lead(stranger))
    assert not queries.merges_visible_to(making.lead_of(stranger)).exists()
    with pytest.raises(WrongState, match="open request"):
        asked(source, stranger.code)
    actions.decline(merge, target, **making.by_lead(target))
    with pytest.raises(WrongState, match="decided before"):
        actions.agree(merge, target, **making.by_lead(target))


def test_what_the_office_refuses_stands_as_it_was(pair) -> None:
    source, target = pair
    merge = asked(source, target.code)
    actions.agree(merge, target, **making.by_lead(target))
    merge.refresh_from_db()
    actions.refuse_merge(merge, by=builders.office_of(source.opportunity.agency), command=uuid.uuid4())
    assert set(Proposal.objects.values_list("state", flat=True)) == {State.SUBMITTED}
    merge.refresh_from_db()
    assert merge.approved is False


def test_the_office_decides_on_its_page(pair, client) -> None:
    source, target = pair
    merge = asked(source, target.code)
    actions.agree(merge, target, **making.by_lead(target))
    url = reverse("merge-decide", args=[source.opportunity.slug, merge.pk])
    client.force_login(making.lead_of(source))
    assert client.post(url, {"decision": "approve", "command": uuid.uuid4()}).status_code == 404
    client.force_login(builders.office_of(source.opportunity.agency))
    assert client.post(url, {"decision": "approve", "command": uuid.uuid4()}).status_code == 302
    assert making.again(source).state == State.MERGED


# --- mails and the record ---


def test_a_receipt_is_mailed_to_the_team_in_the_transaction_that_received_it() -> None:
    proposal = making.complete()
    making.member(proposal, TeamRole.READER)
    submission = making.submit(proposal)
    job = ProcrastinateJob.objects.get(task_name="proposals.mail_receipt")
    tasks.mail_receipt(**job.args)
    assert sorted(one.to[0] for one in mail.outbox) == sorted(member.user.email for member in proposal.members.all())
    assert all(submission.digest in one.body for one in mail.outbox)


def test_what_teams_do_is_recorded_where_the_office_does_not_read_it() -> None:
    proposal = making.complete()
    making.submit(proposal)
    actions.withdraw(proposal, **making.by_lead(proposal))
    slug = proposal.opportunity.agency.slug
    assert list(Entry.objects.filter(chain=f"agency:{slug}/teams").values_list("verb", flat=True)) == [
        "submit",
        "withdraw",
    ]
    assert not Entry.objects.filter(chain__in=["public", f"agency:{slug}"]).exists()


def test_a_submission_without_its_token_is_refused() -> None:
    proposal = making.complete()
    client = Client(enforce_csrf_checks=True)
    client.force_login(making.lead_of(proposal))
    sent = {"version": "1", "command": uuid.uuid4()}
    assert client.post(reverse("proposal-submit", args=[proposal.pk]), sent).status_code == 403
    assert making.again(proposal).state == State.DRAFT


# --- which proposals are meant ---


def test_the_office_links_a_statement_to_a_proposal_after_the_deadline_and_nobody_else_does(client) -> None:
    call = making.past_call()
    first, second = (making.complete(call) for _ in range(2))
    statement = first.relations.create(kind="interferes", named="any magnetometer")
    for proposal in (first, second):
        making.submit(proposal, begun_at=call.deadline)
    office = builders.office_of(call.agency)
    url = reverse("proposal-relation", args=[first.pk, statement.pk])
    sent = {"other": second.code, "command": uuid.uuid4()}
    for user in (making.lead_of(first), making.lead_of(second), builders.office_of(builders.agency())):
        client.force_login(user)
        assert client.post(url, sent | {"command": uuid.uuid4()}).status_code == 404
    client.force_login(office)
    assert client.post(url, sent | {"other": "P-none", "command": uuid.uuid4()}).status_code == 404
    assert client.post(url, sent).status_code == 302
    assert first.relations.get().other == second
    page = client.get(reverse("proposal", args=[first.pk])).content.decode()
    assert f'value="{second.code}" selected' in page
    client.force_login(making.lead_of(first))
    assert second.code not in client.get(reverse("proposal", args=[first.pk])).content.decode()
    actions.resolve(statement, None, by=office, command=uuid.uuid4())
    assert first.relations.get().other is None


def test_no_statement_means_its_own_proposal_or_one_of_another_call_and_none_is_linked_too_early() -> None:
    call = making.past_call()
    proposal = making.complete(call)
    statement = proposal.relations.create(kind="needs", named="a drill")
    making.submit(proposal, begun_at=call.deadline)
    office = builders.office_of(call.agency)
    for other in (making.again(proposal), making.submitted()):
        with pytest.raises(InputError, match="another proposal of this call"):
            actions.resolve(statement, other, by=office, command=uuid.uuid4())
    early = making.complete()
    statement = early.relations.create(kind="needs", named="a drill")
    making.submit(early)
    with pytest.raises(NotAllowed):
        actions.resolve(statement, None, by=builders.office_of(early.opportunity.agency), command=uuid.uuid4())
