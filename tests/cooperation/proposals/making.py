"""Proposals in every state, made by the actions themselves."""

import uuid
from dataclasses import replace
from datetime import timedelta
from typing import Any

import builders
from moonbridge.accounts.models import User
from moonbridge.cooperation.opportunities.models import Opportunity
from moonbridge.cooperation.proposals import actions, content
from moonbridge.cooperation.proposals.models import Proposal, Submission, TeamRole
from moonbridge.record.queries import database_now


def complete(call: Opportunity | None = None, **fields: Any) -> Proposal:
    """A draft in which nothing is missing."""
    texts = {"objectives": "What it finds out.", "export_control": "None is concerned."}
    return builders.proposal(call, **texts | fields)


def lead_of(proposal: Proposal) -> User:
    return proposal.members.get(role=TeamRole.LEAD).user


def member(proposal: Proposal, role: TeamRole) -> User:
    person = builders.person()
    proposal.members.create(user=person, role=role)
    return person


def by_lead(proposal: Proposal) -> dict[str, Any]:
    """Who acts, and under which new command."""
    return {"by": lead_of(proposal), "command": uuid.uuid4()}


def submit(proposal: Proposal, **facts: Any) -> Submission:
    given = {"version": again(proposal).version, "begun_at": database_now()} | by_lead(proposal)
    return actions.submit(proposal, **given | facts)


def submitted(call: Opportunity | None = None, **fields: Any) -> Proposal:
    return submit(complete(call, **fields)).proposal


def save(proposal: Proposal, *, version: int | None = None, by: User | None = None, **parts: Any) -> Proposal:
    now = again(proposal)
    return actions.save(
        now,
        replace(content.read(now), **parts),
        version=now.version if version is None else version,
        by=by or lead_of(proposal),
        command=uuid.uuid4(),
    )


def again(proposal: Proposal) -> Proposal:
    return Proposal.objects.get(pk=proposal.pk)


def past_call(ago: timedelta = timedelta(minutes=3), **fields: Any) -> Opportunity:
    """A call whose deadline was ``ago``: late for new requests, in time for those that began before."""
    return builders.open_opportunity(deadline=database_now() - ago, **fields)
