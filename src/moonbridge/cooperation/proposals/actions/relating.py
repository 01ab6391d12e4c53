"""Say which proposal a team's words about another instrument mean; only the office knows them all."""

from uuid import UUID

from django.utils.translation import gettext

from moonbridge.accounts.models import User
from moonbridge.cooperation.proposals import deadline, rules
from moonbridge.cooperation.proposals.actions.holding import OFFICE, held, seal
from moonbridge.cooperation.proposals.models import Proposal, Relation
from moonbridge.cooperation.proposals.states import State
from moonbridge.errors import InputError, NotAllowed, WrongState
from moonbridge.record.actions import once
from moonbridge.record.queries import database_now


def resolve(relation: Relation, other: Proposal | None, *, by: User, command: UUID) -> None:
    """Link a statement (cannot fly with, needs) to the proposal that it means, or to none; the selection obeys it.

    Raises :class:`InputError` unless ``other`` is another submitted or merged proposal of the same call.
    """

    def act() -> None:
        kept = held(relation.proposal, by, rules.is_office)
        if not deadline.opened(kept.opportunity, database_now()):
            raise NotAllowed("The office opens proposals after the deadline.")
        if kept.state != State.SUBMITTED:
            raise WrongState(gettext("Only a submitted proposal's statements are linked."), state=kept.state)
        if other is not None and not _could_be_meant(other, kept):
            raise InputError(gettext("Choose another proposal of this call."), field="other")
        row = kept.relations.get(pk=relation.pk)
        row.other = other
        row.save(update_fields=["other"])
        facts = {"kind": row.kind, "named": row.named, "other": other.code if other else ""}
        seal(kept, "resolve-relation", facts, by=by, chain=OFFICE)

    asked = {"relation": str(relation.pk), "other": str(other.pk) if other else ""}
    once(command, "proposal.resolve-relation", asked, act, by=by)


def _could_be_meant(other: Proposal, proposal: Proposal) -> bool:
    same_call = other.opportunity_id == proposal.opportunity_id and other.pk != proposal.pk
    return same_call and other.state in {State.SUBMITTED, State.MERGED}
