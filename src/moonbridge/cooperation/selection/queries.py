"""Read recommendations, decisions and outcomes: the office its own, everybody what is published, each team its own letter."""

import json
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from fractions import Fraction
from itertools import groupby
from statistics import mean

from django.db.models import Prefetch, Q, QuerySet

from moonbridge.accounts.models import RoleKind, Scope
from moonbridge.accounts.queries import Visitor, scope_ids
from moonbridge.cooperation.opportunities.models import Criterion, EnvelopeLine, Opportunity
from moonbridge.cooperation.proposals.models import Participant, Proposal
from moonbridge.cooperation.review.merits import Given, standing
from moonbridge.cooperation.review.models import Calibration, Score
from moonbridge.cooperation.review.queries import current_table, scores_visible_to, weighed
from moonbridge.cooperation.selection import facts
from moonbridge.cooperation.selection.candidates import candidates, digest_of
from moonbridge.cooperation.selection.conditions import countries_of
from moonbridge.cooperation.selection.models import (
    Decision,
    Loss,
    Outcome,
    Purpose,
    Recommendation,
    Scenario,
    Solve,
    Study,
)
from moonbridge.cooperation.selection.states import FLYING, OutcomeKind, State
from moonbridge.engines.ledger import seal
from moonbridge.engines.selection.problem import Problem, merit_text
from moonbridge.errors import Refused
from moonbridge.formats.calls.read import call_from_text
from moonbridge.formats.tables.scores import score_text
from moonbridge.quantities import decimal_text

__all__ = ["candidates"]


def recommendations_visible_to(user: Visitor) -> QuerySet[Recommendation]:
    """Return the recommendations of the agencies whose office ``user`` is; nobody else sees any."""
    return Recommendation.objects.filter(opportunity__agency_id__in=scope_ids(user, RoleKind.OFFICE, Scope.AGENCY))


def solves_visible_to(user: Visitor) -> QuerySet[Solve]:
    """Return the solves of the agencies whose office ``user`` is."""
    return Solve.objects.filter(opportunity__agency_id__in=scope_ids(user, RoleKind.OFFICE, Scope.AGENCY))


def studies_visible_to(user: Visitor) -> QuerySet[Study]:
    """Return the studies of the agencies whose office ``user`` is."""
    return Study.objects.filter(
        recommendation__opportunity__agency_id__in=scope_ids(user, RoleKind.OFFICE, Scope.AGENCY)
    )


def scenarios_visible_to(user: Visitor) -> QuerySet[Scenario]:
    """Return the scenarios of the agencies whose office ``user`` is, withdrawn ones included."""
    found = Scenario.objects.filter(
        recommendation__opportunity__agency_id__in=scope_ids(user, RoleKind.OFFICE, Scope.AGENCY)
    )
    return found.select_related("recommendation__opportunity__mission", "by")


def visible_to(user: Visitor) -> QuerySet[Decision]:
    """Return the published decisions, and the drafts of the agencies whose office ``user`` is."""
    office = Q(opportunity__agency_id__in=scope_ids(user, RoleKind.OFFICE, Scope.AGENCY))
    return Decision.objects.filter(Q(state=State.PUBLISHED) | office)


def published() -> QuerySet[Decision]:
    """Return the published decisions, the same for every visitor."""
    return Decision.objects.filter(state=State.PUBLISHED)


def outcomes_visible_to(user: Visitor) -> QuerySet[Outcome]:
    """Return the outcomes that ``user`` may read in full: the office all of its own, a member of a team its published one."""
    readable = Q(decision__opportunity__agency_id__in=scope_ids(user, RoleKind.OFFICE, Scope.AGENCY))
    if user.is_authenticated:
        readable |= Q(decision__state=State.PUBLISHED, proposal__members__user=user)
    return Outcome.objects.filter(readable).distinct()


def with_parts(outcomes: QuerySet[Outcome]) -> QuerySet[Outcome]:
    """Return the outcomes with what a page says of them, in a fixed number of queries."""
    participants = Participant.objects.select_related("partner")
    return outcomes.select_related("proposal", "option__element", "merged_into", "loss").prefetch_related(
        Prefetch("proposal__participants", participants)
    )


def latest(opportunity: Opportunity, purpose: Purpose = Purpose.DECISION) -> list[Recommendation]:
    """Return the newest recommendation and the one before it."""
    return list(opportunity.recommendations.filter(purpose=purpose).order_by("-number")[:2])


def studied(opportunity: Opportunity) -> QuerySet[Recommendation]:
    """Return the recommendations with which the studio can begin."""
    found = Recommendation.objects.filter(opportunity=opportunity, purpose=Purpose.DECISION)
    return found.select_related("opportunity__mission", "opportunity__agency")


def studied_first(opportunity: Opportunity) -> Recommendation | None:
    """Return the recommendation with which the studio begins: that of the published decision, else the newest."""
    decided = studied(opportunity).filter(decisions__state=State.PUBLISHED).first()
    return decided or studied(opportunity).order_by("-number").first()


def last_solve(opportunity: Opportunity) -> Solve | None:
    """Return the newest run of the solver for the decision, for its progress or its refusal."""
    return opportunity.solves.filter(purpose=Purpose.DECISION).order_by("-begun_at").first()


def problem_of(recommendation: Recommendation) -> Problem:
    """Return exactly the problem that a recommendation solves."""
    return call_from_text(json.dumps(recommendation.problem), "json")


def present_digest(opportunity: Opportunity) -> tuple[str | None, Refused | None]:
    """Return the digest of the problem as it stands now, or what hinders one: no scores, no proposals."""
    try:
        return digest_of(candidates(opportunity)), None
    except Refused as hindrance:
        return None, hindrance


@dataclass(frozen=True, slots=True)
class Comparison:
    """How a recommendation differs from the one before: who came in and went out, and by how much its total merit is higher."""

    number: int
    came_in: tuple[str, ...]
    went_out: tuple[str, ...]
    gain: Fraction

    @property
    def gain_text(self) -> str:
        """The gain as decimal text with its sign."""
        return f"{'+' if self.gain > 0 else ''}{merit_text(self.gain)}"


def compared(recommendations: list[Recommendation]) -> Comparison | None:
    """Compare the first with the second; None when there is only one."""
    if len(recommendations) < 2:  # noqa: PLR2004 - a comparison needs two
        return None
    now, before = (recommendation.result for recommendation in recommendations)
    return Comparison(
        recommendations[1].number,
        tuple(code for code in now["choices"] if code not in before["choices"]),
        tuple(code for code in before["choices"] if code not in now["choices"]),
        Fraction(now["value"]) - Fraction(before["value"]),
    )


@dataclass(frozen=True, slots=True)
class Place:
    """A place in the public list: its outcome, its countries, and what it is promised as (line, amount with unit)."""

    outcome: Outcome
    countries: list[str]
    amounts: list[tuple[EnvelopeLine, str]]


@dataclass(frozen=True)
class PublicDecision:
    """What everybody may see of a published decision."""

    decision: Decision
    flying: list[Place]
    lost: list[Outcome]
    counts: Mapping[str, int]
    usage: list[facts.LineUse]
    countries: list[str]


def for_public(decision: Decision) -> PublicDecision:
    """Return what everybody may see of ``decision``, in a fixed number of queries; declined proposals are only counted."""
    named = list(with_parts(decision.outcomes.filter(kind__in=facts.NAMED)))
    flying = [outcome for outcome in named if outcome.kind in FLYING]
    counts = Counter(decision.outcomes.values_list("kind", flat=True))
    uses = facts.usage(decision.opportunity, flying)
    return PublicDecision(
        decision,
        [_place(outcome, uses) for outcome in flying],
        [outcome for outcome in named if outcome.kind == OutcomeKind.LOST],
        {kind.value: counts[kind] for kind in OutcomeKind if counts[kind]},
        uses,
        sorted({code for outcome in flying for code in countries_of(outcome.proposal)}),
    )


def _place(outcome: Outcome, uses: list[facts.LineUse]) -> Place:
    amounts = ((use.line, use.text_of(outcome.proposal.code)) for use in uses)
    return Place(outcome, countries_of(outcome.proposal), [(line, text) for line, text in amounts if text])


def open_codes(decision: Decision, own: str) -> frozenset[str]:
    """Return the codes that a team may read in its letter: its own and those that are public."""
    named = decision.outcomes.filter(kind__in=facts.NAMED).values_list("proposal__code", flat=True)
    return frozenset({own, *named})


def raw_merit(user: Visitor, outcome: Outcome) -> str | None:
    """Return the merit by raw means, from 0 to 100, where calibrated merits counted and ``user`` may see the scores; else None."""
    opportunity = outcome.decision.opportunity
    table = current_table(opportunity)
    if not Calibration.objects.filter(table=table, counts=True).exists():
        return None
    rows = scores_visible_to(user).filter(proposal=outcome.proposal, table=table).select_related("criterion")
    where = standing(weighed(opportunity), (Given(s.criterion.name, s.reviewer, s.value_permille) for s in rows))
    return where.raw_text if where else None


@dataclass(frozen=True, slots=True)
class OwnScore:
    """One score as its team reads it: the reviewer is a letter."""

    criterion: str
    reviewer: str
    score: Score

    @property
    def text(self) -> str:
        """The score as exact digits."""
        return score_text(self.score.value_permille)


def own_scores(user: Visitor, outcome: Outcome) -> list[OwnScore]:
    """Return the scores of the outcome's proposal that ``user`` may see, reviewers called A, B, C in an order of their own.

    Where panels handed the table over, the order is drawn anew for each proposal, so that teams who compare letters learn nothing.
    """
    table = current_table(outcome.decision.opportunity)
    scores = scores_visible_to(user).filter(proposal=outcome.proposal, table=table)
    rows = list(scores.select_related("criterion").order_by("criterion__position", "criterion__name", "reviewer"))
    reviewers = sorted({row.reviewer for row in rows})
    if Calibration.objects.filter(table=table).exists():
        reviewers.sort(key=lambda name: seal.digest([str(outcome.pk), name]))
    labels = {name: _letter(number) for number, name in enumerate(reviewers)}
    return [OwnScore(row.criterion.name, labels[row.reviewer], row) for row in rows]


@dataclass(frozen=True, slots=True)
class Scorecard:
    """Own scores in a table: for each criterion the mean and what each of ``reviewers`` gave (None: no score)."""

    reviewers: list[str]
    rows: list[tuple[Criterion, str, list[str | None]]]
    comments: list[OwnScore]


def scorecard(scores: list[OwnScore]) -> Scorecard:
    """Return own scores, which come in the order of the criteria, as a table; means to three decimals."""
    reviewers = sorted({own.reviewer for own in scores}, key=lambda letter: (len(letter), letter))
    rows = []
    for criterion, group in groupby(scores, key=lambda own: own.score.criterion):
        given = {own.reviewer: own for own in group}
        average = mean(Fraction(own.score.value_permille, 1000) for own in given.values())
        cells = [given[name].text if name in given else None for name in reviewers]
        rows.append((criterion, decimal_text(round(average, 3)), cells))
    return Scorecard(reviewers, rows, [own for own in scores if own.score.comment])


def _letter(number: int) -> str:
    """Return A, B, ... Z, AA, AB, ..."""
    return (_letter(number // 26 - 1) if number >= 26 else "") + chr(ord("A") + number % 26)  # noqa: PLR2004 - letters


@dataclass(frozen=True, slots=True)
class Forced:
    """What the office forced, as everybody may read it: ``proposal`` is None where a declined one is not named."""

    proposal: Proposal | None
    inside: bool
    reason: str


def forced(decision: Decision) -> list[Forced]:
    """Return what the office forced in and out for ``decision``, with its written reasons."""
    named = set(decision.outcomes.filter(kind__in=facts.NAMED).values_list("proposal_id", flat=True))
    overrides = decision.opportunity.overrides.select_related("proposal").order_by("-inside", "proposal__code")
    return [Forced(o.proposal if o.proposal_id in named else None, o.inside, o.reason) for o in overrides]


def losses(decision: Decision) -> QuerySet[Loss]:
    """Return the places lost after the decision, the newest first."""
    return Loss.objects.filter(outcome__decision=decision).select_related("outcome__proposal").order_by("-at")
