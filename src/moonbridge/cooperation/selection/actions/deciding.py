"""Draw up the decision from a recommendation, and publish it once."""

from collections.abc import Iterable, Mapping
from datetime import datetime
from types import MappingProxyType
from typing import Any, Final
from uuid import UUID

from django.db import transaction
from django.db.models import F, Q, QuerySet
from django.utils.translation import gettext as _

from moonbridge.accounts.models import User
from moonbridge.cooperation.opportunities.actions import decided
from moonbridge.cooperation.opportunities.actions.writing import held_by_office
from moonbridge.cooperation.opportunities.models import Opportunity, Origin
from moonbridge.cooperation.opportunities.states import TRANSITIONS as CALL_TRANSITIONS
from moonbridge.cooperation.proposals.models import Option, Proposal
from moonbridge.cooperation.proposals.states import State as ProposalState
from moonbridge.cooperation.review.handovers import set_aside
from moonbridge.cooperation.review.queries import standings
from moonbridge.cooperation.selection import facts, grants, notices
from moonbridge.cooperation.selection.actions.guarding import ask_the_guards
from moonbridge.cooperation.selection.candidates import candidates, digest_of
from moonbridge.cooperation.selection.models import Decision, Outcome, Purpose, Recommendation
from moonbridge.cooperation.selection.ranking import reserve_ranks
from moonbridge.cooperation.selection.results import left_aside
from moonbridge.cooperation.selection.states import TRANSITIONS, OutcomeKind, State
from moonbridge.errors import InputError, NotAllowed, Stale, WrongState
from moonbridge.record.actions import append, once
from moonbridge.record.queries import database_now

_NONE: Final[Mapping[str, str]] = MappingProxyType({})


def draft_decision(
    opportunity: Opportunity,
    *,
    recommendation: Recommendation,
    by: User,
    command: UUID,
    reserve: int = 0,
    conditions: Mapping[str, str] = _NONE,
    notes: Mapping[str, str] = _NONE,
    note: str = "",
) -> Decision:
    """Draw up (or draw up anew) the decision that ``recommendation`` leads to; only the office sees it until it is published.

    ``reserve`` is how many places the reserve list has; ``conditions`` and ``notes`` are by proposal code: on what a place depends, and
    the office's words to a team. Raises :class:`Stale` when scores, rules or proposals have changed since the recommendation.
    """

    def act() -> str:
        held = held_by_office(opportunity, by)
        CALL_TRANSITIONS.after("decide", held.state)
        _check_fresh(held, recommendation)
        decision = _cleared(held, recommendation, note=note, by=by)
        outcomes = _outcomes(decision, reserve, conditions, notes)
        Outcome.objects.bulk_create(outcomes)
        return str(decision.pk)

    asked = {
        "opportunity": str(opportunity.pk), "recommendation": str(recommendation.pk), "reserve": reserve,
        "conditions": dict(conditions), "notes": dict(notes), "note": note,
    }  # fmt: skip
    return Decision.objects.get(pk=once(command, "selection.draft", asked, act, by=by))


def _check_fresh(opportunity: Opportunity, recommendation: Recommendation) -> None:
    if recommendation.opportunity_id != opportunity.pk or recommendation.purpose != Purpose.DECISION:
        raise InputError(_("This recommendation is not for this decision."), field="recommendation")
    if digest_of(candidates(opportunity)) != recommendation.problem_digest:
        raise Stale(
            _("Scores, rules or proposals have changed since this recommendation; ask for a new one."),
            recommendation=recommendation.number,
        )


def _cleared(opportunity: Opportunity, recommendation: Recommendation, *, note: str, by: User) -> Decision:
    decision, _new = Decision.objects.select_for_update().get_or_create(opportunity=opportunity)
    if decision.state != State.DRAFT:
        raise WrongState(_("The decision is published already."), state=decision.state)
    decision.outcomes.all().delete()
    decision.recommendation, decision.note, decision.drafted_by = recommendation, note.strip(), by
    decision.save(update_fields=["recommendation", "note", "drafted_by"])
    return decision


def _outcomes(
    decision: Decision, reserve: int, conditions: Mapping[str, str], notes: Mapping[str, str]
) -> list[Outcome]:
    """Return one outcome for each proposal that was received; those without a place or a rank are declined."""
    aside = {one.proposal_id: one.because for one in set_aside(decision.opportunity)}
    drawn = [_outcome(decision, proposal, aside.get(proposal.pk)) for proposal in _received(decision.opportunity)]
    by_code = {outcome.proposal.code: outcome for outcome in drawn}
    _put_on_reserve(decision, by_code, reserve)
    for code, condition in conditions.items():
        if code not in by_code or by_code[code].kind != OutcomeKind.SELECTED:
            raise InputError(_("%(code)s is not selected, so its place cannot depend on a condition.") % {"code": code})
        by_code[code].kind, by_code[code].condition = OutcomeKind.CONDITIONAL, condition.strip()
    for code, words in notes.items():
        if code not in by_code:
            raise InputError(_("%(code)s is not among the proposals received.") % {"code": code})
        by_code[code].note = words.strip()
    _add_merits(decision, drawn)
    return drawn


def _received(opportunity: Opportunity) -> QuerySet[Proposal]:
    """Return the proposals that get an outcome: submitted, merged, and those withdrawn after the deadline.

    Whoever withdrew before it took back what the office had not opened yet; no letter mentions it.
    """
    after_deadline = Q(opportunity__deadline__isnull=True) | Q(withdrawn_at__gt=F("opportunity__deadline"))
    withdrawn = Q(state=ProposalState.WITHDRAWN, submitted_at__isnull=False) & after_deadline
    stood = Q(state__in=[ProposalState.SUBMITTED, ProposalState.MERGED])
    return opportunity.proposals.filter(stood | withdrawn).prefetch_related("options").order_by("code")


def _outcome(decision: Decision, proposal: Proposal, set_aside_because: str | None) -> Outcome:
    """Return the outcome of a proposal by the recommendation alone, before the reserve list and conditions."""
    outcome = Outcome(decision=decision, proposal=proposal, kind=OutcomeKind.DECLINED)
    if proposal.state == ProposalState.MERGED:
        outcome.kind, outcome.merged_into_id = OutcomeKind.MERGED, proposal.merged_into_id
    elif proposal.state == ProposalState.WITHDRAWN:
        outcome.kind = OutcomeKind.WITHDRAWN
    elif set_aside_because is not None:
        outcome.explanation = left_aside(proposal.code, set_aside_because)
    else:
        result = _result(decision)
        outcome.explanation = result["explanations"][proposal.code]
        if chosen := result["choices"].get(proposal.code):
            outcome.kind, outcome.option = OutcomeKind.SELECTED, _option(proposal, chosen)
    return outcome


def _result(decision: Decision) -> dict[str, Any]:
    if decision.recommendation is None:
        raise WrongState(_("This decision has no recommendation."))
    result: dict[str, Any] = decision.recommendation.result
    return result


def _option(proposal: Proposal, name: str) -> Option:
    return next(option for option in proposal.options.all() if option.name == name)


def _put_on_reserve(decision: Decision, by_code: Mapping[str, Outcome], places: int) -> None:
    result = _result(decision)
    for rank, code in enumerate(reserve_ranks(result)[:places], start=1):
        outcome = by_code[code]
        outcome.kind, outcome.reserve_rank = OutcomeKind.RESERVE, rank
        outcome.option = _option(outcome.proposal, result["explanations"][code]["option"])


def _add_merits(decision: Decision, outcomes: Iterable[Outcome]) -> None:
    found = standings(decision.opportunity)
    for outcome in outcomes:
        if standing := found.get(outcome.proposal_id):
            outcome.merit = standing.merit


def publish_decision(opportunity: Opportunity, *, by: User, command: UUID) -> Decision:
    """Publish the drawn-up decision: the public page, the public record, and a letter to every team.

    Of two at once the second is told that it is published. The database refuses what promises more than the envelope holds.
    """

    def act() -> str:
        held = held_by_office(opportunity, by)
        decision = Decision.objects.select_for_update().filter(opportunity=held).first()
        if decision is None:
            raise WrongState(_("There is no decision to publish yet; draw one up from a recommendation."))
        TRANSITIONS.after("publish", decision.state)
        if decision.recommendation is not None:
            _check_fresh(held, decision.recommendation)
        _publish(decision, at=database_now(), by=by)
        decided(held, by=by)
        outcomes = list(decision.outcomes.all())
        notices.tell_teams(outcomes, notices.DECIDED)
        return str(decision.pk)

    return Decision.objects.get(pk=once(command, "selection.publish", {"opportunity": str(opportunity.pk)}, act, by=by))


def _publish(decision: Decision, *, at: datetime | None, by: User) -> None:
    decision.state, decision.published_at = TRANSITIONS.after("publish", decision.state), at
    decision.save(update_fields=["state", "published_at"])
    ask_the_guards()
    grants.settle(decision, by=by)
    held = decision.opportunity
    outcomes = decision.outcomes.select_related("proposal", "option__element").prefetch_related(
        "proposal__participants__partner"
    )
    sealed = facts.of_decision(decision, list(outcomes)) | {"published": at.isoformat() if at else None}
    append("decide", held.address, sealed, agency=held.agency.slug, by=by, public=True)


@transaction.atomic
def replay_decision(
    opportunity: Opportunity,
    *,
    outcomes: Iterable[Mapping[str, Any]],
    published_at: datetime | None,
    note: str,
    by: User,
) -> Decision:
    """Write the decision of a real call that is replayed: known outcomes, no scores, no letters.

    Each outcome names ``proposal``, ``kind``, ``option``, ``condition`` and ``merged_into``. ``published_at`` None: the day is not known.
    """
    held = held_by_office(opportunity, by)
    if held.origin != Origin.REPLAY:
        raise NotAllowed("Only a replay is written down without a recommendation.")
    decision = Decision.objects.create(opportunity=held, note=note, drafted_by=by)
    Outcome.objects.bulk_create(Outcome(decision=decision, **told) for told in outcomes)
    _publish(decision, at=published_at, by=by)
    if published_at is None:
        held.state = CALL_TRANSITIONS.after("decide", held.state)
        held.save(update_fields=["state"])
    else:
        decided(held, by=by, at=published_at)
    return decision
