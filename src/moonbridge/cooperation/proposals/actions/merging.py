"""Two proposals become one: both leads agree, the office approves."""

from uuid import UUID

from django.utils.translation import gettext

from moonbridge.accounts.models import User
from moonbridge.cooperation.proposals import departures, rules
from moonbridge.cooperation.proposals.actions.holding import OFFICE, TEAMS, held, seal
from moonbridge.cooperation.proposals.models import Merge, Proposal, TeamMember, TeamRole
from moonbridge.cooperation.proposals.states import TRANSITIONS
from moonbridge.errors import InputError, NotAllowed, WrongState
from moonbridge.record.actions import once
from moonbridge.record.queries import database_now


def ask_merge(source: Proposal, target_code: str, *, reason: str, by: User, command: UUID) -> Merge:
    """Ask the lead of the proposal called ``target_code`` to take this one in; says nothing about whether it exists."""

    def act() -> str:
        kept = held(source, by, rules.is_lead)
        TRANSITIONS.after("merge", kept.state)
        if (code := target_code.strip().upper()) == kept.code:
            raise InputError(gettext("A proposal cannot be merged into itself."), field="target_code")
        if not reason.strip():
            raise InputError(gettext("Say why; the other team and the office read it."), field="reason")
        if kept.merges_out.filter(decided_at=None).exists():
            raise WrongState(gettext("There is an open request already; take it back first."))
        made = Merge.objects.create(source=kept, target_code=code[:20], reason=reason.strip(), source_agreed_by=by)
        seal(kept, "ask-merge", {"into": code, "reason": reason}, by=by)
        return str(made.pk)

    asked = {"source": str(source.pk), "target": target_code, "reason": reason}
    return Merge.objects.get(pk=once(command, "proposal.ask-merge", asked, act, by=by))


def agree(merge: Merge, target: Proposal, *, by: User, command: UUID) -> None:
    """Agree, as the lead of ``target``, to take the other proposal in."""

    def act() -> None:
        kept = held(target, by, rules.is_lead)
        row = _open(merge)
        if row.target_code != kept.code or row.source.opportunity_id != kept.opportunity_id:
            raise NotAllowed("This request is not addressed to this proposal.")
        TRANSITIONS.after("merge", kept.state)
        row.target, row.target_agreed_by = kept, by
        row.save(update_fields=["target", "target_agreed_by"])
        seal(kept, "agree-merge", {"from": row.source.code}, by=by)

    once(command, "proposal.agree-merge", {"merge": str(merge.pk), "target": str(target.pk)}, act, by=by)


def decline(merge: Merge, proposal: Proposal, *, by: User, command: UUID) -> None:
    """End the request, as either lead: the one who asked takes it back, the other one declines."""

    def act() -> None:
        kept = held(proposal, by, rules.is_lead)
        row = _open(merge)
        addressed = row.target_code == kept.code and row.source.opportunity_id == kept.opportunity_id
        if kept.pk != row.source_id and not addressed:
            raise NotAllowed("This request does not concern this proposal.")
        _decide(row, approved=False, by=by)
        seal(kept, "decline-merge", {"from": row.source.code, "into": row.target_code}, by=by)

    once(command, "proposal.decline-merge", {"merge": str(merge.pk), "proposal": str(proposal.pk)}, act, by=by)


def approve_merge(merge: Merge, *, by: User, command: UUID) -> Proposal:
    """Approve, as the office: the source becomes merged, and its team may read the target from now on. Return the target."""

    def act() -> str:
        source, target, row = _both(merge, by)
        TRANSITIONS.after("merge", target.state)
        source.state, source.merged_into = TRANSITIONS.after("merge", source.state), target
        source.save(update_fields=["state", "merged_into"])
        departures.tell(source)
        _decide(row, approved=True, by=by)
        already = target.members.values("user")
        TeamMember.objects.bulk_create(
            TeamMember(proposal=target, user_id=member.user_id, role=TeamRole.READER)
            for member in source.members.exclude(user__in=already)
        )
        _seal_both(source, target, "merge", {"from": source.code, "into": target.code, "reason": row.reason}, by=by)
        return str(target.pk)

    key = once(command, "proposal.approve-merge", {"merge": str(merge.pk)}, act, by=by)
    return Proposal.objects.select_related("opportunity__agency").get(pk=key)


def refuse_merge(merge: Merge, *, by: User, command: UUID) -> None:
    """Do not approve, as the office; both proposals stand as they are."""

    def act() -> None:
        source, target, row = _both(merge, by)
        _decide(row, approved=False, by=by)
        _seal_both(source, target, "refuse-merge", {"from": source.code, "into": target.code}, by=by)

    once(command, "proposal.refuse-merge", {"merge": str(merge.pk)}, act, by=by)


def _open(merge: Merge) -> Merge:
    """Lock the request and return it as it stands now; it must not be decided yet."""
    row = Merge.objects.select_for_update(of=("self",)).select_related("source").get(pk=merge.pk)
    if row.decided_at is not None:
        raise WrongState(gettext("This request was decided before."), decided_at=row.decided_at.isoformat())
    return row


def _both(merge: Merge, by: User) -> tuple[Proposal, Proposal, Merge]:
    """Lock both proposals, always in the same order, and the request; only the office, and only what both leads agreed to."""
    if merge.target_id is None:
        raise NotAllowed("Both leads must agree first.")
    keys = sorted([merge.source_id, merge.target_id])
    locked = {key: held(Proposal(pk=key), by, rules.is_office) for key in keys}
    return locked[merge.source_id], locked[merge.target_id], _open(merge)


def _decide(row: Merge, *, approved: bool, by: User) -> None:
    row.approved, row.decided_by, row.decided_at = approved, by, database_now()
    row.save(update_fields=["approved", "decided_by", "decided_at"])


def _seal_both(source: Proposal, target: Proposal, verb: str, facts: dict[str, str], *, by: User) -> None:
    """Seal a decision of the office in its own chain, and in the teams' one for both proposals."""
    seal(source, verb, facts, by=by, chain=OFFICE)
    for proposal in (source, target):
        seal(proposal, verb, facts, by=by, chain=TEAMS)
