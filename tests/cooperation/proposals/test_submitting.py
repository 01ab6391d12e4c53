"""Submissions: received exactly, once, in time; taken back and restored until the deadline."""

import json
import uuid
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from io import BytesIO
from threading import Barrier

import pytest
from django.db import connection
from django.urls import resolve, reverse

import builders
from cooperation.proposals.making import again, complete, lead_of, past_call, save, submit
from moonbridge.cooperation.proposals import actions, deadline
from moonbridge.cooperation.proposals.models import Proposal, Submission
from moonbridge.cooperation.proposals.states import State
from moonbridge.engines.ledger import seal
from moonbridge.errors import CommandReused, DeadlinePassed, NotAllowed, Refused, Stale, TamperedError, WrongState
from moonbridge.formats import receipts
from moonbridge.record.models import Entry
from moonbridge.record.queries import database_now, sealed, signer


def receipt_of(submission: Submission) -> dict:
    return submission.receipt | {"content": submission.content}


@pytest.mark.django_db
def test_a_receipt_carries_exactly_what_was_received_and_verifies_offline() -> None:
    proposal = complete(title="A seismometer", acronym="SEIS")
    submission = submit(proposal)
    receipt = json.loads(json.dumps(receipt_of(submission)))
    proven = receipts.verify(receipt, public_key=signer().public_key)
    assert (proven.subject, proven.number, proven.digest) == (proposal.address, 1, submission.digest)
    said = receipt["content"]
    assert (said["title"], said["acronym"], said["code"]) == ("A seismometer", "SEIS", proposal.code)
    assert said["participants"] == [
        {
            "institution": "An institute",
            "partner": None,
            "country": "TH",
            "contribution": "",
            "share": "100 %",
            "leads": True,
        }
    ]
    asks = said["options"][0]["asks"]
    assert [(ask["resource"], ask["amount"]) for ask in asks] == [("mass", "5 kg"), ("average power", "10 W")]


@pytest.mark.django_db
@pytest.mark.parametrize(
    "alter",
    [
        lambda receipt: receipt["content"].update(title="Another"),
        lambda receipt: receipt["received"].update(received_at="2020-01-01T00:00:00+00:00"),
        lambda receipt: receipt.update(signature=signer().sign(b"something else")),
    ],
)
def test_an_altered_receipt_does_not_verify(alter) -> None:
    receipt = json.loads(json.dumps(receipt_of(submit(complete()))))
    alter(receipt)
    with pytest.raises(TamperedError):
        receipts.verify(receipt)


@pytest.mark.django_db
def test_a_receipt_of_another_signer_is_not_taken_for_ours() -> None:
    forger = seal.Signer("A" * 43 + "=")
    forged = receipts.make("opportunity/x/proposal/P-1", 1, {"title": "x"}, forger)
    assert receipts.verify(forged).public_key == forger.public_key
    with pytest.raises(TamperedError, match="another key"):
        receipts.verify(forged, public_key=signer().public_key)


@pytest.mark.django_db
def test_sent_twice_it_is_received_once_and_another_content_is_refused() -> None:
    proposal, command = complete(), uuid.uuid4()
    first, second = (submit(proposal, command=command) for _ in range(2))
    assert first.pk == second.pk
    assert Submission.objects.count() == 1
    with pytest.raises(CommandReused):
        submit(proposal, command=command, version=7)


@pytest.mark.django_db
def test_all_that_is_missing_is_said_at_once_and_nothing_changes() -> None:
    proposal = complete(title="", abstract=" ", export_control="")
    proposal.participants.update(share_permille=333)
    with pytest.raises(Refused) as refusal:
        submit(proposal)
    assert refusal.value.numbers["missing"] == [
        "The title is empty.",
        "The abstract is empty.",
        "Say how the components stand to export control, even if none is concerned.",
        "The shares add up to 33.3 %, not to 100 %.",
    ]
    proposal.refresh_from_db()
    assert (proposal.state, proposal.submitted_at) == (State.DRAFT, None)


@pytest.mark.django_db
def test_what_fits_in_no_version_is_not_submitted() -> None:
    with pytest.raises(Refused, match="No version fits"):
        submit(complete(mass="10.000001 kg"))
    assert submit(complete(mass="10 kg")).number == 1


@pytest.mark.django_db
def test_who_reads_an_older_version_does_not_submit_a_newer_one_unseen() -> None:
    proposal = complete()
    with pytest.raises(Stale):
        submit(proposal, version=proposal.version - 1)


@pytest.mark.django_db
def test_taken_back_and_submitted_again_each_has_its_receipt() -> None:
    proposal = complete()
    first = submit(proposal)
    actions.unsubmit(proposal, by=lead_of(proposal), command=uuid.uuid4())
    second = submit(save(proposal, title="Better"))
    assert [first.number, second.number] == [1, 2]
    assert [first.content["title"], second.content["title"]] == [proposal.title, "Better"]
    for submission in (first, second):
        receipts.verify(receipt_of(submission))


# --- the deadline ---


@pytest.mark.django_db
def test_a_request_that_began_in_time_and_ended_a_little_late_counts() -> None:
    call = past_call()
    submission = submit(complete(call), begun_at=call.deadline)
    assert submission.received_at > call.deadline == submission.begun_at


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("ago", "begun_after"),
    [(timedelta(minutes=3), timedelta(microseconds=1)), (timedelta(minutes=11), timedelta(minutes=-1))],
    ids=["began late", "ended too late"],
)
def test_a_late_request_is_refused_with_both_instants_and_the_draft_stays(ago, begun_after) -> None:
    call = past_call(ago)
    proposal = complete(call)
    with pytest.raises(DeadlinePassed) as refusal:
        submit(proposal, begun_at=call.deadline + begun_after)
    assert refusal.value.numbers["deadline"] == call.deadline.isoformat()
    assert refusal.value.numbers["begun_at"] == (call.deadline + begun_after).isoformat()
    saved = save(proposal, title="Later")
    assert (saved.state, saved.title) == (State.DRAFT, "Later")


@pytest.mark.django_db
def test_after_the_deadline_nothing_is_taken_back_or_restored_but_it_can_be_withdrawn() -> None:
    call = past_call()
    proposal = complete(call)
    submit(proposal, begun_at=call.deadline)
    who = {"by": lead_of(proposal), "command": uuid.uuid4()}
    with pytest.raises(DeadlinePassed):
        actions.unsubmit(proposal, **who)
    assert actions.withdraw(proposal, **who).state == State.WITHDRAWN
    with pytest.raises(DeadlinePassed):
        actions.restore(proposal, by=who["by"], command=uuid.uuid4())


@pytest.mark.django_db
def test_the_instant_that_counts_is_taken_before_the_body_is_read(rf) -> None:
    read_at = []

    class Body(BytesIO):
        def read(self, *size: int) -> bytes:
            read_at.append(database_now())
            return super().read(*size)

    kind = {"CONTENT_TYPE": "application/x-www-form-urlencoded", "REQUEST_METHOD": "POST"}
    request = rf.request(**kind, **{"wsgi.input": Body(b"version=1"), "CONTENT_LENGTH": "9"})
    request._dont_enforce_csrf_checks = True
    begun_at, version = deadline.begun(lambda sent, at: (at, sent.POST["version"]))(request)
    assert version == "1"
    assert begun_at < read_at[0]


@pytest.mark.parametrize("name", ["proposal-submit", "proposal-letter"])
def test_no_middleware_reads_a_submissions_body_before(name: str) -> None:
    assert resolve(reverse(name, args=[uuid.uuid4()])).func.csrf_exempt is True


@pytest.mark.django_db
def test_a_letter_of_intent_comes_first_where_the_call_wants_one() -> None:
    call = builders.open_opportunity(letter_required=True, letter_deadline=database_now() + timedelta(days=1))
    proposal = complete(call, letter="We intend to propose.")
    with pytest.raises(Refused, match="letter of intent comes first"):
        submit(proposal)
    who = {"by": lead_of(proposal), "begun_at": database_now()}
    actions.send_letter(proposal, command=uuid.uuid4(), **who)
    with pytest.raises(WrongState, match="sent before"):
        actions.send_letter(proposal, command=uuid.uuid4(), **who)
    assert submit(again(proposal)).number == 1


@pytest.mark.django_db
def test_only_the_lead_submits() -> None:
    proposal = complete()
    editor = builders.person()
    proposal.members.create(user=editor, role="editor")
    for somebody in (editor, builders.person(), builders.office_of(proposal.opportunity.agency)):
        with pytest.raises(NotAllowed):
            submit(proposal, by=somebody)


@pytest.mark.django_db(transaction=True)
def test_fifty_at_the_deadline_each_sent_twice_are_received_once_or_refused_and_none_is_lost() -> None:
    """25 began in time and 25 a moment late; the answers of both sendings agree, and every answer is true."""
    call = past_call(timedelta(seconds=1))
    proposals = [complete(call) for _ in range(50)]
    commands = {proposal.pk: uuid.uuid4() for proposal in proposals}
    leads = {proposal.pk: lead_of(proposal) for proposal in proposals}
    together = Barrier(20)

    def send(number: int) -> tuple[uuid.UUID, uuid.UUID | str]:
        index = number % 50
        proposal, late = proposals[index], index % 2
        if number < together.parties:
            together.wait(timeout=60)
        begun_at = call.deadline + timedelta(microseconds=late)
        try:
            return proposal.pk, actions.submit(
                proposal, version=1, by=leads[proposal.pk], command=commands[proposal.pk], begun_at=begun_at
            ).pk
        except DeadlinePassed as refusal:
            return proposal.pk, refusal.code
        finally:
            connection.close()

    with ThreadPoolExecutor(together.parties) as pool:
        answers = list(pool.map(send, range(100)))
    by_proposal: dict[uuid.UUID, set] = {}
    for key, answer in answers:
        by_proposal.setdefault(key, set()).add(answer)
    in_time = {proposal.pk for proposal in proposals[::2]}
    kept = {submission.proposal_id: submission for submission in Submission.objects.all()}
    assert Submission.objects.count() == 25
    assert set(kept) == in_time
    assert by_proposal == {
        proposal.pk: {kept[proposal.pk].pk if proposal.pk in in_time else "deadline-passed"} for proposal in proposals
    }
    for submission in kept.values():
        assert receipts.verify(receipt_of(submission)).subject == submission.proposal.address
    assert set(Proposal.objects.filter(state=State.SUBMITTED).values_list("pk", flat=True)) == in_time
    chain = f"agency:{call.agency.slug}/teams"
    assert seal.verify_chain(sealed(chain), signer().public_key) == 25
    digests = {entry.body["facts"]["digest"] for entry in Entry.objects.filter(chain=chain, verb="submit")}
    assert digests == {submission.digest for submission in kept.values()}
