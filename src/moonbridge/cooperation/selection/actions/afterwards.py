"""What happens to places after the decision: one is lost, a condition is fulfilled, somebody is called up from the reserve."""

from typing import Any
from uuid import UUID

from django.utils.translation import gettext as _

from moonbridge.accounts.models import User
from moonbridge.cooperation.opportunities.actions.writing import held_by_office
from moonbridge.cooperation.opportunities.models import Opportunity
from moonbridge.cooperation.proposals.models import Demand, Option
from moonbridge.cooperation.selection import facts, grants, notices
from moonbridge.cooperation.selection.actions.guarding import ask_the_guards
from moonbridge.cooperation.selection.afterwards import choices_now, problem_now
from moonbridge.cooperation.selection.models import Decision, Loss, Outcome, Purpose, Solve
from moonbridge.cooperation.selection.results import steps
from moonbridge.cooperation.selection.states import FLYING, OUTCOMES, SOLVES, OutcomeKind, SolveState, State
from moonbridge.engines.selection.check import check_choices
from moonbridge.engines.selection.sentences import source_sentence
from moonbridge.errors import DoesNotFit, InputError, Refused, WrongState
from moonbridge.formats.calls.write import call_data
from moonbridge.record.actions import append, once


def lose(outcome: Outcome, *, reason: str, by: User, command: UUID) -> Loss:
    """Take note that a selected proposal lost its place: its resources go back to the pool.

    What is free then is offered to the reserve list; a job works out to whom.
    """

    def act() -> str:
        held, current = _held(outcome, by)
        if not reason.strip():
            raise InputError(_("Write down why the place is lost; the reason is public."), field="reason")
        released = _demands(current)
        _move(current, "lose", by)
        loss = Loss.objects.create(outcome=current, reason=reason.strip(), released=released, by=by)
        _seal("lose", current, {"reason": loss.reason, "released": released}, by=by)
        notices.tell_team(current, notices.LOST)
        _offer(held, by=by)
        return str(loss.pk)

    asked = {"outcome": str(outcome.pk), "reason": reason}
    return Loss.objects.get(pk=once(command, "selection.lose", asked, act, by=by))


def call_up(outcome: Outcome, *, by: User, command: UUID, option: Option | None = None) -> Outcome:
    """Give a proposal on the reserve list a place, in ``option`` or else in the one it waits with; what is left is offered anew.

    Raises :class:`DoesNotFit` when that would break the envelope or a rule that holds now.
    """

    def act() -> str:
        held, current = _held(outcome, by)
        OUTCOMES.after("call up", current.kind)
        current.option = option or current.option
        _check_fits(current)
        _move(current, "call up", by)
        _seal("call up", current, {}, by=by)
        notices.tell_team(current, notices.CALLED_UP)
        _offer(held, by=by)
        return str(current.pk)

    asked = {"outcome": str(outcome.pk), "option": str(option.pk) if option else None}
    return Outcome.objects.get(pk=once(command, "selection.call-up", asked, act, by=by))


def fulfil(outcome: Outcome, *, by: User, command: UUID) -> Outcome:
    """Take note that the condition of a place is fulfilled: from now on it is selected."""

    def act() -> str:
        _opportunity, current = _held(outcome, by)
        _move(current, "fulfil", by)
        _seal("fulfil", current, {}, by=by)
        notices.tell_team(current, notices.FULFILLED)
        return str(current.pk)

    return Outcome.objects.get(pk=once(command, "selection.fulfil", {"outcome": str(outcome.pk)}, act, by=by))


def _held(outcome: Outcome, by: User) -> tuple[Opportunity, Outcome]:
    """Lock the opportunity and the outcome of a published decision."""
    held = held_by_office(outcome.decision.opportunity, by)
    parts = ("decision__opportunity__agency", "proposal", "option__element")
    current = Outcome.objects.select_for_update(of=("self",)).select_related(*parts).get(pk=outcome.pk)
    if current.decision.state != State.PUBLISHED:
        raise WrongState(_("The decision is not published yet; change its draft."), state=current.decision.state)
    return held, current


def _move(outcome: Outcome, verb: str, by: User) -> None:
    outcome.kind = OUTCOMES.after(verb, outcome.kind)
    outcome.save(update_fields=["kind", "option"])
    ask_the_guards()
    grants.settle(outcome.decision, by=by)


def _demands(outcome: Outcome) -> list[dict[str, Any]]:
    lines = (
        Demand.objects.filter(option=outcome.option, amount__gt=0)
        .select_related("line__element")
        .order_by("line__position")
    )
    return [
        {
            "element": demand.line.element.slug if demand.line.element else None,
            "resource": demand.line.name or demand.line.resource,
            "amount": demand.line.kind.text(demand.amount).rstrip(),
        }
        for demand in lines
    ]


def _seal(verb: str, outcome: Outcome, more: dict[str, Any], *, by: User) -> None:
    opportunity = outcome.decision.opportunity
    flying = list(outcome.decision.outcomes.filter(kind__in=FLYING).select_related("proposal"))
    told = facts.place(outcome) | more | {"envelope": facts.envelope(facts.usage(opportunity, flying))}
    append(verb, opportunity.address, told, agency=opportunity.agency.slug, by=by, public=True)


def _check_fits(outcome: Outcome) -> None:
    problem, before = problem_now(outcome.decision), choices_now(outcome.decision)
    if problem is None or outcome.option is None:
        return
    after = before | {outcome.proposal.code: outcome.option.name}
    already = check_choices(problem, before).broken
    broken = [source for source in check_choices(problem, after).broken if source not in already]
    if broken:
        sentences = [source_sentence(problem, source) for source in broken]
        raise DoesNotFit(_("Beside the places already given this does not fit."), broken=sentences)


def offer_reserve(opportunity: Opportunity, *, by: User, command: UUID) -> Solve:
    """Have it worked out who of the reserve list should have what is free now; for a search that broke off or was cancelled."""

    def act() -> str:
        held = held_by_office(opportunity, by)
        if not Decision.objects.filter(opportunity=held, state=State.PUBLISHED).exists():
            raise WrongState(_("The decision is not published yet; change its draft."), state=held.state)
        begun = held.solves.filter(purpose=Purpose.RESERVE, state=SolveState.RUNNING).first() or _offer(held, by=by)
        if begun is None:
            raise Refused(_("Nobody waits on the reserve list, or the merits are not known."))
        return str(begun.pk)

    return Solve.objects.get(pk=once(command, "selection.offer", {"opportunity": str(opportunity.pk)}, act, by=by))


def _offer(opportunity: Opportunity, *, by: User) -> Solve | None:
    """Queue the question who of the reserve list should have what is free now, in place of any such question before.

    None where nobody waits or merits are not known.
    """
    for before in opportunity.solves.select_for_update().filter(purpose=Purpose.RESERVE, state=SolveState.RUNNING):
        before.state = SOLVES.after("cancel", before.state)
        before.save(update_fields=["state"])
    decision = Decision.objects.get(opportunity=opportunity)
    waiting = decision.outcomes.filter(kind=OutcomeKind.RESERVE).exists()
    problem = problem_now(decision) if waiting else None
    if problem is None:
        return None
    asked = {"problem": call_data(problem), "total": steps(problem), "by": by}
    begun = Solve.objects.create(opportunity=opportunity, purpose=Purpose.RESERVE, **asked)
    notices.carry_on(begun)
    return begun
