"""What a team is told of its proposal: the outcome, the reason in words, and what to do next."""

from collections.abc import Mapping
from typing import Final

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from moonbridge.cooperation.selection.models import Outcome
from moonbridge.cooperation.selection.queries import open_codes
from moonbridge.cooperation.selection.states import OutcomeKind
from moonbridge.cooperation.selection.wording import Wording
from moonbridge.engines.selection.sentences import Said

NEXT: Final[Mapping[str, Promise | str]] = {
    OutcomeKind.SELECTED: _("Your place is held. The programme office will send you the draft of the agreement."),
    OutcomeKind.CONDITIONAL: _("Your place is held under the condition stated here. Tell the programme office once it is fulfilled."),
    OutcomeKind.MERGED: _("Your proposal goes on as part of the joint one; its lead speaks for it."),
    OutcomeKind.RESERVE: _("You need not do anything. If a place becomes free, the programme office will write to you."),
    OutcomeKind.DECLINED: _("The reasons and your scores stay on this page. The programme office will answer questions about them."),
    OutcomeKind.WITHDRAWN: _("Your proposal was withdrawn and was not considered."),
    OutcomeKind.LOST: _("Your place was lost after the selection; its resources went back to the pool."),
}  # fmt: skip
"""What the team does next."""


def reason(outcome: Outcome) -> str:
    """Return the reason for an outcome in words, in the current language; of other proposals only public ones are named.

    A reason is that of the decision: it explains why the proposal was selected or not at that time.
    """
    return _wording(outcome).explanation(outcome.explanation)


def reasons(outcome: Outcome) -> list[Said]:
    """Return the same reason sentence by sentence."""
    return _wording(outcome).sentences(outcome.explanation)


def _wording(outcome: Outcome) -> Wording:
    decision = outcome.decision
    return Wording(decision.opportunity, open_codes(decision, outcome.proposal.code))


def next_step(outcome: Outcome) -> str:
    """Return what the team does next, in the current language."""
    return str(NEXT[outcome.kind])
