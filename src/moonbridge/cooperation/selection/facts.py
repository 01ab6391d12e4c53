"""What everybody may know of a decision: who flies, what of the envelope is used, what was forced. Never a score, never a reviewer."""

from collections import Counter
from collections.abc import Collection, Iterable
from dataclasses import dataclass
from typing import Any

from moonbridge.cooperation.opportunities.models import EnvelopeLine, Opportunity, Origin
from moonbridge.cooperation.proposals.models import Demand
from moonbridge.cooperation.selection.conditions import countries_of
from moonbridge.cooperation.selection.limits import element_of
from moonbridge.cooperation.selection.models import Decision, Outcome
from moonbridge.cooperation.selection.statements import concerned, standing
from moonbridge.cooperation.selection.states import FLYING, OutcomeKind

NAMED = FLYING | {OutcomeKind.LOST}
"""Outcomes whose proposals are named in public."""


@dataclass(frozen=True, slots=True)
class LineUse:
    """How much of one line of the envelope is promised, and to whom: (code, amount) in base units.

    ``complete`` is false in a replay where it is not known how much somebody was given; ``used`` is then the least it can be.
    """

    line: EnvelopeLine
    pieces: tuple[tuple[str, int], ...]
    complete: bool = True

    @property
    def used(self) -> int:
        """What is promised in all, in base units."""
        return sum(amount for _, amount in self.pieces)

    @property
    def free(self) -> int | None:
        """What is left, in base units; None where no total is stated."""
        return None if self.line.available is None else self.line.available - self.used

    def text_of(self, code: str) -> str | None:
        """Return what one proposal is promised here, with its unit; None when nothing."""
        amount = sum(amount for owner, amount in self.pieces if owner == code)
        return self.line.kind.text(amount).rstrip() if amount else None

    @property
    def used_text(self) -> str | None:
        """What is promised (at least, where not all is known), with its unit; None when nothing is known."""
        return self.line.kind.text(self.used).rstrip() if self.complete or self.used else None

    @property
    def offered_text(self) -> str | None:
        """What is offered, with its unit; None where no total is stated."""
        return None if self.line.available is None else self.line.kind.text(self.line.available).rstrip()


def usage(opportunity: Opportunity, flying: Collection[Outcome]) -> list[LineUse]:
    """Return what each line of the envelope is used for by the outcomes that fly."""
    codes = {outcome.option_id: outcome.proposal.code for outcome in flying if outcome.option_id}
    demands = Demand.objects.filter(option_id__in=codes, line__opportunity=opportunity).order_by(
        "option__proposal__code"
    )
    lines = list(opportunity.envelope.select_related("element"))
    pieces: dict[Any, list[tuple[str, int]]] = {line.pk: [] for line in lines}
    for option, line, amount in demands.values_list("option_id", "line_id", "amount"):
        pieces[line].append((codes[option], amount))
    return [
        LineUse(line, tuple(pieces[line.pk]), _all_known(opportunity, line, pieces[line.pk], flying)) for line in lines
    ]


def _all_known(
    opportunity: Opportunity, line: EnvelopeLine, pieces: Collection[tuple[str, int]], flying: Collection[Outcome]
) -> bool:
    """Return whether what is promised of ``line`` is known of everybody.

    Whoever proposed here asks nothing where they state nothing; of a real call that is replayed, what is not stated is not known.
    """
    if opportunity.origin != Origin.REPLAY:
        return True
    there = {o.proposal.code for o in flying if o.option and line.element_id in {None, o.option.element_id}}
    return there <= {code for code, _ in pieces}


def lottery(opportunity: Opportunity) -> dict[str, str] | None:
    """Return within how many points of merit below the best, and from which seed, the portfolio was drawn; None without a lottery."""
    if not opportunity.lottery_within:
        return None
    return {"within": opportunity.lottery_points, "seed": opportunity.draw_seed}


def place(outcome: Outcome) -> dict[str, Any]:
    """Return what everybody may know of one outcome."""
    return {
        "proposal": outcome.proposal.code,
        "title": outcome.proposal.title,
        "outcome": outcome.kind,
        "countries": countries_of(outcome.proposal),
        "option": outcome.option.name if outcome.option else None,
        "element": element_of(outcome.option) if outcome.option else None,
    }


def envelope(uses: Iterable[LineUse]) -> list[dict[str, str | bool | None]]:
    """Return the envelope's use as text; ``used`` is null where nothing is known of it, and the least it can be where not all is."""
    return [
        {
            "element": use.line.element.slug if use.line.element else None,
            "resource": use.line.name or use.line.resource,
            "used": use.used_text,
            "complete": use.complete,
            "offered": use.offered_text,
        }
        for use in uses
    ]


def of_decision(decision: Decision, outcomes: Collection[Outcome]) -> dict[str, Any]:
    """Return what the public record keeps of a decision."""
    flying = [outcome for outcome in outcomes if outcome.kind in FLYING]
    named = {outcome.proposal_id for outcome in outcomes if outcome.kind in NAMED}
    counts = Counter(outcome.kind for outcome in outcomes)
    return {
        "outcomes": [place(outcome) for outcome in outcomes if outcome.kind in NAMED],
        "counts": {str(kind): str(n) for kind, n in sorted(counts.items())},
        "envelope": envelope(usage(decision.opportunity, flying)),
        "forced": [
            {
                "proposal": override.proposal.code if override.proposal_id in named else None,
                "inside": override.inside,
                "reason": override.reason,
            }
            for override in decision.opportunity.overrides.select_related("proposal").order_by("proposal__code")
        ],
        "lottery": lottery(decision.opportunity),
        "stated": [
            {
                "kind": statement.kind,
                "proposals": [p.code for p in about] if {p.pk for p in about} <= named else None,
                "reason": statement.reason,
            }
            for statement in standing(decision.opportunity)
            for about in [concerned(statement)]
        ],
        "problem": decision.recommendation.problem_digest if decision.recommendation else None,
        "certificate": decision.recommendation.certificate_digest if decision.recommendation else None,
        "origin": decision.opportunity.origin,
    }
