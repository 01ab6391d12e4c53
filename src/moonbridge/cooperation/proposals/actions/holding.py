"""Get hold of a proposal for a change: locked, allowed, and sealed afterwards."""

from collections.abc import Callable
from typing import Any
from uuid import UUID

from moonbridge.accounts.models import User
from moonbridge.cooperation.proposals.models import Proposal
from moonbridge.errors import NotAllowed
from moonbridge.record.actions import append

TEAMS = "/teams"
"""Ends the name of the chain in which an agency's teams are recorded. The office does not read it: before the deadline it would
tell who proposes."""
OFFICE = ""
"""The agency's own chain, for decisions of the office itself."""


def held(proposal: Proposal, by: User, rule: Callable[[User, Proposal], bool]) -> Proposal:
    """Lock the proposal and return it as it stands now, if ``rule`` lets ``by`` change it; else raise :class:`NotAllowed`."""
    locked = Proposal.objects.select_for_update(of=("self",)).select_related("opportunity__agency").get(pk=proposal.pk)
    if not rule(by, locked):
        raise NotAllowed("This is not yours to do.")
    return locked


def seal(proposal: Proposal, verb: str, facts: dict[str, Any], *, by: User | None, chain: str = TEAMS) -> None:
    """Append what a team did to the record."""
    agency = proposal.opportunity.agency.slug
    append(verb, proposal.address, facts, agency=f"{agency}{chain}", by=by)


def again(key: str | UUID) -> Proposal:
    """Return the proposal with this id as it stands now."""
    return Proposal.objects.select_related("opportunity__agency").get(pk=key)
