"""Send the letter of intent, submit, take back, withdraw, restore."""

from collections.abc import Mapping
from datetime import datetime
from uuid import UUID

from django.db import transaction
from django.db.models import Max
from django.utils.translation import gettext

from moonbridge.accounts.models import User
from moonbridge.cooperation.proposals import anonymity, content, deadline, departures, notices, receipts, rules
from moonbridge.cooperation.proposals.actions.holding import again, held, seal
from moonbridge.cooperation.proposals.completeness import missing
from moonbridge.cooperation.proposals.models import Proposal, Submission
from moonbridge.cooperation.proposals.states import TRANSITIONS
from moonbridge.engines.ledger.seal import digest
from moonbridge.errors import InputError, Refused, Stale, WrongState
from moonbridge.formats import receipts as format_of_receipts
from moonbridge.record.actions import once
from moonbridge.record.queries import database_now, signer


def send_letter(proposal: Proposal, *, by: User, command: UUID, begun_at: datetime) -> Proposal:
    """Send the letter of intent as it stands in the draft; the office learns that one more came, and reads it after the deadline."""

    def act() -> str:
        kept = held(proposal, by, rules.is_lead)
        if kept.letter_sent_at is not None:
            raise WrongState(gettext("The letter of intent was sent before."), sent_at=kept.letter_sent_at.isoformat())
        if not kept.letter.strip():
            raise InputError(gettext("Write the letter of intent first."), field="letter")
        TRANSITIONS.after("submit", kept.state)
        now = database_now()
        deadline.require_letter_in_time(kept.opportunity, begun_at, now)
        kept.letter_sent_at = now
        kept.save(update_fields=["letter_sent_at"])
        seal(kept, "send-letter", {"digest": digest(kept.letter), "begun_at": begun_at.isoformat()}, by=by)
        return str(kept.pk)

    return again(once(command, "proposal.send-letter", {"proposal": str(proposal.pk)}, act, by=by))


def submit(proposal: Proposal, *, version: int, by: User, command: UUID, begun_at: datetime) -> Submission:
    """Submit exactly the ``version`` that the lead has read, and return the signed receipt of it.

    ``begun_at`` is the database's instant at which the request began (see :mod:`~moonbridge.cooperation.proposals.deadline`).
    Raises :class:`Refused` with all that is missing in ``numbers["missing"]``, or with all that tells who proposes in
    ``numbers["found"]`` where the call is dual-anonymous and the lead has not said why it stays, :class:`Stale` when somebody saved,
    and :class:`DeadlinePassed`. Sent twice, it is received once, and both get the same receipt.
    """

    def act() -> str:
        kept = held(proposal, by, rules.is_lead)
        state = TRANSITIONS.after("submit", kept.state)
        deadline.require_in_time(kept.opportunity, begun_at, database_now())
        if kept.version != version:
            raise Stale(
                gettext("Somebody saved this proposal since you read it; read it again and submit then."),
                read=version, now=kept.version,
            )  # fmt: skip
        _require_complete(kept)
        _require_anonymous(kept)
        now = database_now()
        deadline.require_in_time(kept.opportunity, begun_at, now)
        kept.state, kept.submitted_at = state, now
        kept.save(update_fields=["state", "submitted_at"])
        made = _receive(kept, begun_at, now, by=by)
        notices.send_receipt(made)
        return str(made.pk)

    asked = {"proposal": str(proposal.pk), "version": str(version)}
    key = once(command, "proposal.submit", asked, act, by=by)
    return Submission.objects.select_related("proposal__opportunity").get(pk=key)


def _require_complete(proposal: Proposal) -> None:
    found = missing(content.read(proposal), proposal.opportunity, letter_sent=proposal.letter_sent_at is not None)
    if found:
        sentences = [one.sentence for one in found]
        raise Refused(
            gettext("This proposal is not complete yet: %(what)s") % {"what": " ".join(sentences)}, missing=sentences
        )


def _require_anonymous(proposal: Proposal) -> None:
    """Refuse what tells who proposes, unless the lead has said why it stays; forget reasons for what is no longer there."""
    found = anonymity.findings(proposal)
    if left := anonymity.unexplained(proposal, found):
        sentences = [anonymity.sentence(one) for one in left]
        raise Refused(
            gettext("The open part tells who proposes: %(what)s") % {"what": " ".join(sentences)}, found=sentences
        )
    proposal.explanations.exclude(key__in=[one.digest for one in found]).delete()


def explain(proposal: Proposal, reasons: Mapping[str, str], *, by: User, command: UUID) -> Proposal:
    """Say why passages that could tell who proposes stay as they are; ``reasons`` by the digest of the finding.

    The office reads them, and those who judge when the sealed parts are opened. Reasons for what is not found are ignored.
    """
    given = {key: reason.strip() for key, reason in reasons.items() if reason.strip()}

    def act() -> str:
        kept = held(proposal, by, rules.is_lead)
        TRANSITIONS.after("submit", kept.state)
        for one in anonymity.findings(kept):
            if one.certain and one.digest in given:
                said = {"where": one.where[:300], "excerpt": one.excerpt[:300], "reason": given[one.digest], "by": by}
                kept.explanations.update_or_create(key=one.digest, defaults=said)
        seal(kept, "explain", {"passages": str(len(given))}, by=by)
        return str(kept.pk)

    return again(once(command, "proposal.explain", {"proposal": str(proposal.pk), "reasons": given}, act, by=by))


def _receive(proposal: Proposal, begun_at: datetime, now: datetime, *, by: User) -> Submission:
    """Store what was received with its signed receipt, and seal it; the caller holds the lock."""
    number = (proposal.submissions.aggregate(last=Max("number"))["last"] or 0) + 1
    received = receipts.content_of(proposal)
    receipt = format_of_receipts.make(
        proposal.address, number, received, signer(), begun_at=begun_at.isoformat(), received_at=now.isoformat(),
        deadline=proposal.opportunity.deadline.isoformat() if proposal.opportunity.deadline else "",
        note="synthetic demonstration" if proposal.synthetic else "",
    )  # fmt: skip
    received_digest = receipt["received"]["digest"]
    made = Submission.objects.create(
        proposal=proposal, number=number, begun_at=begun_at, received_at=now, by=by, content=received, digest=received_digest,
        receipt={"received": receipt["received"], "signature": receipt["signature"]},
    )  # fmt: skip
    seal(
        proposal, "submit", {"number": str(number), "digest": received_digest, "begun_at": begun_at.isoformat()}, by=by
    )
    return made


@transaction.atomic
def receive_synthetic(proposal: Proposal, *, at: datetime, by: User) -> Submission:
    """Receive an invented proposal as if it had come in ``at`` that instant; its receipt says synthetic, and nobody is mailed."""
    if not proposal.synthetic:
        raise WrongState("Only a proposal that is labelled synthetic can be received like this.", code=proposal.code)
    proposal.state, proposal.submitted_at = TRANSITIONS.after("submit", proposal.state), at
    proposal.save(update_fields=["state", "submitted_at"])
    return _receive(proposal, at, at, by=by)


def unsubmit(proposal: Proposal, *, by: User, command: UUID) -> Proposal:
    """Make a submitted proposal a draft again, until the deadline. It does not count unless it is submitted once more."""

    def act() -> str:
        kept = held(proposal, by, rules.is_lead)
        state = TRANSITIONS.after("unsubmit", kept.state)
        deadline.require_in_time(kept.opportunity, now := database_now(), now)
        kept.state, kept.submitted_at = state, None
        kept.save(update_fields=["state", "submitted_at"])
        seal(kept, "unsubmit", {}, by=by)
        return str(kept.pk)

    return again(once(command, "proposal.unsubmit", {"proposal": str(proposal.pk)}, act, by=by))


def withdraw(proposal: Proposal, *, reason: str = "", by: User, command: UUID) -> Proposal:
    """Withdraw a draft or a submitted proposal, at any time. Before the deadline the office never learns that it was there."""

    def act() -> str:
        kept = held(proposal, by, rules.is_lead)
        kept.state, kept.withdrawn_at = TRANSITIONS.after("withdraw", kept.state), database_now()
        kept.save(update_fields=["state", "withdrawn_at"])
        departures.tell(kept)
        seal(kept, "withdraw", {"reason": reason}, by=by)
        return str(kept.pk)

    return again(once(command, "proposal.withdraw", {"proposal": str(proposal.pk), "reason": reason}, act, by=by))


def restore(proposal: Proposal, *, by: User, command: UUID) -> Proposal:
    """Make a withdrawn proposal a draft again, until the deadline."""

    def act() -> str:
        kept = held(proposal, by, rules.is_lead)
        state = TRANSITIONS.after("restore", kept.state)
        deadline.require_in_time(kept.opportunity, now := database_now(), now)
        kept.state, kept.submitted_at, kept.withdrawn_at = state, None, None
        kept.save(update_fields=["state", "submitted_at", "withdrawn_at"])
        seal(kept, "restore", {}, by=by)
        return str(kept.pk)

    return again(once(command, "proposal.restore", {"proposal": str(proposal.pk)}, act, by=by))
