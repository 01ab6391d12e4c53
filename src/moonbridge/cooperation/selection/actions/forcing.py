"""Force a proposal in or out, with a written reason that everybody concerned reads."""

from uuid import UUID

from django.utils.translation import gettext as _

from moonbridge.accounts.models import User
from moonbridge.cooperation.proposals.models import Proposal
from moonbridge.cooperation.proposals.states import State
from moonbridge.cooperation.selection.actions.holding import held_to_decide
from moonbridge.cooperation.selection.models import Override
from moonbridge.errors import InputError, WrongState
from moonbridge.record.actions import append, once


def force(proposal: Proposal, *, inside: bool, reason: str, by: User, command: UUID) -> Override:
    """Force ``proposal`` in or out of the next recommendation; a second word on the same proposal replaces the first."""

    def act() -> str:
        held = held_to_decide(proposal.opportunity, by)
        if proposal.state != State.SUBMITTED:
            raise WrongState(_("Only a submitted proposal can be forced in or out."), state=proposal.state)
        if not reason.strip():
            raise InputError(_("Write down why; the reason is shown to everybody concerned."), field="reason")
        override, _new = Override.objects.update_or_create(
            opportunity=held, proposal=proposal, defaults={"inside": inside, "reason": reason.strip(), "by": by}
        )
        facts = {"inside": inside, "reason": reason.strip()}
        append("force", proposal.address, facts, agency=held.agency.slug, by=by)
        return str(override.pk)

    asked = {"proposal": str(proposal.pk), "inside": inside, "reason": reason}
    return Override.objects.get(pk=once(command, "selection.force", asked, act, by=by))


def unforce(proposal: Proposal, *, by: User, command: UUID) -> None:
    """Take the word of :func:`force` back: merit decides about ``proposal`` again."""

    def act() -> None:
        held = held_to_decide(proposal.opportunity, by)
        Override.objects.filter(opportunity=held, proposal=proposal).delete()
        append("unforce", proposal.address, {}, agency=held.agency.slug, by=by)

    once(command, "selection.unforce", {"proposal": str(proposal.pk)}, act, by=by)
