"""Withhold a comment, and release the debriefs to all teams at once."""

from typing import Final
from uuid import UUID

from django.utils.translation import gettext as _

from moonbridge.accounts.models import User
from moonbridge.cooperation.opportunities.actions.writing import held_by_office
from moonbridge.cooperation.opportunities.models import Opportunity
from moonbridge.cooperation.opportunities.states import State
from moonbridge.cooperation.review import notices
from moonbridge.cooperation.review.debriefing import everything
from moonbridge.cooperation.review.models import Debrief, Item, Mark, Review, Round, Withholding
from moonbridge.errors import InputError, Refused, WrongState
from moonbridge.record.actions import append, once

_KINDS: Final = {Review: "review", Mark: "mark", Item: "item"}


def withhold(comment: Review | Mark | Item, *, reason: str, by: User, command: UUID) -> Withholding:
    """Keep a comment from the team, for a reason. The agency's record keeps that it was, not what it says nor why."""
    kind = _KINDS[type(comment)]

    def act() -> int:
        opportunity = _unreleased(_round_of(comment), by)
        if not reason.strip():
            raise InputError(_("Say why this comment is withheld."), field="reason")
        if Withholding.objects.filter(**{kind: comment}).exists():
            raise WrongState(_("This comment is withheld already."))
        made = Withholding.objects.create(**{kind: comment}, reason=reason.strip(), by=by)
        _append("withhold comment", opportunity, comment, by=by)
        return made.pk

    asked = {"kind": kind, "comment": str(comment.pk), "reason": reason}
    return Withholding.objects.get(pk=once(command, "review.withhold", asked, act, by=by))


def give_back(held: Withholding, *, by: User, command: UUID) -> None:
    """Let the team read a comment after all; taken back twice, it is taken back once."""

    def act() -> None:
        comment = next(thing for thing in (held.review, held.mark, held.item) if thing is not None)
        opportunity = _unreleased(_round_of(comment), by)
        if Withholding.objects.filter(pk=held.pk).delete()[0]:
            _append("stop withholding", opportunity, comment, by=by)

    once(command, "review.give-back", {"withholding": held.pk}, act, by=by)


def release_debriefs(round_: Round, *, by: User, command: UUID) -> int:
    """Tell every team what the panels said of its proposal, whatever the outcome, once the decision is published.

    All at once, and once. Returns how many teams are told.
    """

    def act() -> int:
        opportunity = _unreleased(round_, by)
        if opportunity.state != State.DECIDED:
            raise WrongState(_("Debriefs are released after the decision is published."), state=opportunity.state)
        told = everything(round_)
        if not told:
            raise Refused(_("No proposal was before a panel."))
        made = Debrief.objects.bulk_create(
            Debrief(proposal_id=key, content=content, released_by=by) for key, content in told.items()
        )
        facts = {"debriefs": str(len(made)), "withheld": str(sum(content["withheld"] for content in told.values()))}
        append("release debriefs", opportunity.address, facts, agency=opportunity.agency.slug, by=by)
        notices.tell_debriefed(made)
        return len(made)

    return once(command, "review.release-debriefs", {"round": str(round_.pk)}, act, by=by)


def _round_of(comment: Review | Mark | Item) -> Round:
    item = (
        comment if isinstance(comment, Item) else (comment.item if isinstance(comment, Review) else comment.review.item)
    )
    return item.panel.round


def _unreleased(round_: Round, by: User) -> Opportunity:
    """Lock the opportunity for its office, as long as no debrief is released."""
    opportunity = held_by_office(round_.opportunity, by)
    Round.objects.select_for_update(of=("self",)).get(pk=round_.pk)
    if Debrief.objects.filter(proposal__opportunity=opportunity).exists():
        raise WrongState(_("The debriefs are released already."))
    return opportunity


def _append(verb: str, opportunity: Opportunity, comment: Review | Mark | Item, *, by: User) -> None:
    facts = {"kind": _KINDS[type(comment)], "comment": str(comment.pk)}
    append(verb, opportunity.address, facts, agency=opportunity.agency.slug, by=by)
