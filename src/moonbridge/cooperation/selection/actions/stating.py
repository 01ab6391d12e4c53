"""What the panel states about proposals, with a written reason: made and withdrawn until the decision is published."""

import re
from collections.abc import Collection, Sequence
from typing import Any, Final
from uuid import UUID

from django.utils.translation import gettext as _

from moonbridge.accounts.models import User
from moonbridge.cooperation.opportunities.models import Opportunity
from moonbridge.cooperation.proposals.models import Proposal
from moonbridge.cooperation.proposals.states import State
from moonbridge.cooperation.review.merits import FULL
from moonbridge.cooperation.selection.actions.holding import held_to_decide
from moonbridge.cooperation.selection.models import Statement, StatementKind, StatementMember
from moonbridge.cooperation.selection.statements import concerned, standing
from moonbridge.errors import InputError, Refused, WrongState
from moonbridge.record.actions import append, once
from moonbridge.record.queries import database_now

LONGEST: Final = 2000
"""Characters of a reason."""
_TWO: Final = 2


def state_at_most(proposals: Sequence[Proposal], number: int, *, reason: str, by: User, command: UUID) -> Statement:
    """State that of ``proposals`` at most ``number`` fly."""
    if len(set(proposals)) < _TWO:
        raise InputError(_("Name at least two proposals."), field="proposals")
    if not 1 <= number < len(set(proposals)):
        raise InputError(_("Of %(n)s proposals, 1 to %(most)s can be allowed.") % _allowed(proposals), field="number")
    said = {"kind": StatementKind.AT_MOST, "number": number}
    return _state(proposals, said, reason=reason, by=by, command=command)


def _allowed(proposals: Sequence[Proposal]) -> dict[str, int]:
    return {"n": len(set(proposals)), "most": len(set(proposals)) - 1}


def state_together(first: Proposal, second: Proposal, worth: int, *, reason: str, by: User, command: UUID) -> Statement:
    """State that when both fly they are worth so much more (less, where negative), in millionths of the full mark."""
    if first == second:
        raise InputError(_("Name two different proposals."), field="second")
    if not 0 < abs(worth) <= FULL:
        raise InputError(_("Say how much more (or, with a minus, less) both are worth: up to 100."), field="worth")
    said = {"kind": StatementKind.TOGETHER, "worth": worth}
    return _state([first, second], said, reason=reason, by=by, command=command)


def state_need(
    proposal: Proposal, others: Sequence[Proposal], number: int, *, reason: str, by: User, command: UUID
) -> Statement:
    """State that ``proposal`` flies only if at least ``number`` of ``others`` fly."""
    if not others or proposal in others:
        raise InputError(_("Name the others that it needs, and not itself."), field="others")
    if not 1 <= number <= len(set(others)):
        raise InputError(_("It needs at least one and at most all of them."), field="number")
    said = {"kind": StatementKind.NEEDS, "proposal": proposal, "number": number}
    return _state(others, said, reason=reason, by=by, command=command)


def _state(members: Sequence[Proposal], said: dict[str, Any], *, reason: str, by: User, command: UUID) -> Statement:
    named = sorted({member.code for member in members})
    needing: Proposal | None = said.get("proposal")
    numbers = {name: str(said[name]) for name in ("number", "worth") if name in said}
    facts: dict[str, Any] = {
        "kind": str(said["kind"]), "proposal": needing.code if needing else None, "proposals": named, "reason": reason.strip(),
    } | numbers  # fmt: skip
    opportunity = members[0].opportunity

    def act() -> str:
        held = held_to_decide(opportunity, by)
        _check_proposals(held, [*members, needing] if needing else members)
        _check_reason(held, reason.strip())
        _check_new(held, said, {*named})
        made = Statement.objects.create(opportunity=held, reason=reason.strip(), by=by, **said)
        StatementMember.objects.bulk_create(StatementMember(statement=made, proposal=one) for one in set(members))
        append("state", held.address, facts, agency=held.agency.slug, by=by)
        return str(made.pk)

    asked = {"opportunity": str(opportunity.pk), **facts}
    return Statement.objects.get(pk=once(command, "selection.state", asked, act, by=by))


def _check_proposals(held: Opportunity, proposals: Collection[Proposal]) -> None:
    for proposal in proposals:
        if proposal.opportunity_id != held.pk:
            raise InputError(_("A statement is about proposals of one call."), field="proposals")
        if proposal.state != State.SUBMITTED:
            raise WrongState(_("Only submitted proposals can be spoken of."), state=proposal.state)


def _check_reason(held: Opportunity, reason: str) -> None:
    """Refuse a reason that names a proposal: everybody reads it, also where the proposal is refused and stays unnamed."""
    if not reason:
        raise InputError(_("Write down why; the reason is shown to everybody with the decision."), field="reason")
    if len(reason) > LONGEST:
        raise InputError(_("A reason has at most %(most)s characters.") % {"most": LONGEST}, field="reason")
    for names in held.proposals.values_list("code", "acronym", "title"):
        for name in filter(None, names):
            if re.search(rf"(?<!\w){re.escape(name)}(?!\w)", reason):
                raise InputError(
                    _("The reason names “%(name)s”. Everybody will read it, and who is refused stays unnamed.")
                    % {"name": name},
                    field="reason",
                )


def _check_new(held: Opportunity, said: dict[str, Any], named: set[str]) -> None:
    for other in standing(held).filter(kind=said["kind"]):
        members = {member.proposal.code for member in other.members.all()}
        if other.proposal == said.get("proposal") and members == named:
            raise Refused(_("This is stated already; withdraw that statement to state it otherwise."))


def withdraw_statement(statement: Statement, *, by: User, command: UUID) -> None:
    """Take a statement back; withdrawn twice, it is withdrawn once."""

    def act() -> None:
        held = held_to_decide(statement.opportunity, by)
        standing_one = Statement.objects.filter(pk=statement.pk, withdrawn_at=None)
        if standing_one.update(withdrawn_at=database_now(), withdrawn_by=by):
            codes = [proposal.code for proposal in concerned(statement)]
            facts = {"statement": str(statement.pk), "kind": statement.kind, "proposals": codes}
            append("withdraw statement", held.address, facts, agency=held.agency.slug, by=by)

    once(command, "selection.withdraw_statement", {"statement": str(statement.pk)}, act, by=by)
