"""What teams declare: who should not judge them."""

from typing import Final
from uuid import UUID

from django.utils.translation import gettext

from moonbridge.accounts.models import User
from moonbridge.cooperation.proposals import rules
from moonbridge.cooperation.proposals.actions.holding import held, seal
from moonbridge.cooperation.proposals.models import NamedConflict, Proposal, Tie
from moonbridge.cooperation.proposals.states import State
from moonbridge.cooperation.review.models import Round
from moonbridge.cooperation.review.states import RoundState
from moonbridge.errors import InputError, Refused, WrongState
from moonbridge.record.actions import once

MOST_NAMED: Final = 10
"""People and institutions that one team may name: enough for honest ties, too few to choose its reviewers by."""
_STANDING: Final = frozenset({State.DRAFT, State.SUBMITTED})
_BEFORE_REVIEWS: Final = frozenset({RoundState.PREPARING, RoundState.DECLARING})


def may_still_name(proposal: Proposal) -> bool:
    """Return whether people can still be named: until the reviews of the call begin."""
    state = Round.objects.filter(opportunity=proposal.opportunity_id).values_list("state", flat=True).first()
    return proposal.state in _STANDING and (state is None or state in _BEFORE_REVIEWS)


def name_conflict(
    proposal: Proposal,
    *,
    name: str = "",
    email: str = "",
    institution: str = "",
    tie: Tie,
    words: str = "",
    by: User,
    command: UUID,
) -> NamedConflict:
    """Name somebody who should not judge ``proposal``, or everybody of an institution; the team and the office read it."""
    said = {
        "name": name.strip(),
        "email": email.strip().lower(),
        "institution": institution.strip(),
        "words": words.strip(),
    }

    def act() -> str:
        kept = _open(proposal, by)
        if not any(said[part] for part in ("name", "email", "institution")):
            raise InputError(gettext("Name a person, an address or an institution."), field="name")
        if kept.named_conflicts.count() >= MOST_NAMED:
            raise Refused(gettext("A team names at most %(most)s; remove one first.") % {"most": MOST_NAMED})
        made = NamedConflict.objects.create(proposal=kept, tie=tie, named_by=by, **said)
        seal(kept, "name-conflict", {"named": str(made.pk)}, by=by)
        return str(made.pk)

    asked = {"proposal": str(proposal.pk), "tie": tie.value, **said}
    return NamedConflict.objects.get(pk=once(command, "proposal.name-conflict", asked, act, by=by))


def take_back(named: NamedConflict, *, by: User, command: UUID) -> None:
    """Take back that somebody should not judge; a conflict that was found by it stays until the office lifts it."""

    def act() -> None:
        kept = _open(named.proposal, by)
        kept.named_conflicts.filter(pk=named.pk).delete()
        seal(kept, "take-back-conflict", {"named": str(named.pk)}, by=by)

    once(command, "proposal.take-back-conflict", {"named": str(named.pk)}, act, by=by)


def _open(proposal: Proposal, by: User) -> Proposal:
    kept = held(proposal, by, rules.is_writer)
    if not may_still_name(kept):
        raise WrongState(gettext("Reviews have begun; write to the office instead."), state=kept.state)
    return kept
