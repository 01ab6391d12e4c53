"""What is left after a decision: those who fly keep their places, those on the reserve list may get what is free, and are offered it."""

from collections.abc import Collection, Iterator
from dataclasses import dataclass, replace

from django.utils.translation import gettext_noop

from moonbridge.cooperation.proposals.models import Proposal
from moonbridge.cooperation.selection.candidates import build, digest_of, with_parts
from moonbridge.cooperation.selection.models import Decision, Purpose, Recommendation, Solve
from moonbridge.cooperation.selection.states import FLYING, OutcomeKind
from moonbridge.engines.selection.problem import Problem
from moonbridge.engines.selection.rules import (
    Breadth,
    Fixed,
    GroupAmount,
    GroupCount,
    GroupPart,
    GroupShares,
    Needs,
    Rule,
    include,
)

HOLDS_A_PLACE = gettext_noop("it holds a place by the published decision")


def choices_now(decision: Decision) -> dict[str, str]:
    """Return who flies now with which option, by their names."""
    flying = decision.outcomes.filter(kind__in=FLYING).values_list("proposal__code", "option__name")
    return dict(flying.order_by("proposal__code"))


def problem_now(decision: Decision) -> Problem | None:
    """Return the problem of filling what is free now from the reserve list; None where merits are not known (replays)."""
    concerned = decision.outcomes.filter(kind__in=[*FLYING, OutcomeKind.RESERVE])
    merits = {key: merit for key, merit in concerned.values_list("proposal_id", "merit") if merit is not None}
    proposals = list(with_parts(Proposal.objects.filter(pk__in=concerned.values("proposal_id"))))
    if not proposals or any(proposal.pk not in merits for proposal in proposals):
        return None
    held = (include(code, option=option, reason=HOLDS_A_PLACE) for code, option in choices_now(decision).items())
    return build(decision.opportunity, proposals, merits, *held)


@dataclass(frozen=True, slots=True)
class Offer:
    """What is offered to the reserve list: a recommendation for the places as they are now, and the newest search for one.

    ``possible``: somebody waits, and all merits are known.
    """

    recommendation: Recommendation | None = None
    solve: Solve | None = None
    possible: bool = False


def offer_now(decision: Decision) -> Offer:
    """Return what is offered now; a recommendation of other places, or of an envelope that was amended since, is none."""
    opportunity = decision.opportunity
    waiting = decision.outcomes.filter(kind=OutcomeKind.RESERVE).exists()
    problem = problem_now(decision) if waiting else None
    if problem is None:
        return Offer()
    made = opportunity.recommendations.filter(
        purpose=Purpose.RESERVE, problem_digest__in={digest_of(problem), digest_of(eased(problem))}
    )
    searched = opportunity.solves.filter(purpose=Purpose.RESERVE)
    return Offer(made.order_by("number").last(), searched.order_by("begun_at").last(), possible=True)


def eased(problem: Problem) -> Problem:
    """Return a problem of free places without what wants something at least or a part, and without what would push out who holds a place.

    A loss can break what the call wanted at least (so many countries, say); the best without such wishes is offered then.
    """
    flying = {rule.proposal for rule in problem.rules if isinstance(rule, Fixed) and rule.reason == HOLDS_A_PLACE}
    return replace(problem, rules=tuple(_eased(problem.rules, flying)))


def _eased(rules: Collection[Rule], flying: Collection[str]) -> Iterator[Rule]:
    for rule in rules:
        match rule:
            case GroupCount() | GroupAmount() | GroupShares() | Breadth():
                if rule.at_most is not None:
                    yield replace(rule, at_least=None)
            case GroupPart():
                continue  # a loss makes the parts of all who stay larger
            case Needs(proposal=proposal) | Fixed(proposal=proposal, included=False) if proposal in flying:
                continue
            case _:
                yield rule
