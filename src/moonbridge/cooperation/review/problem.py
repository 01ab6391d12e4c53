"""The engine's problem, made of a panel's rows, and its answer as it is kept.

What somebody has begun to write is never taken from them. A bid "neutral" says nothing, as it is what nobody chose.
"""

from collections import Counter
from dataclasses import dataclass
from typing import Any, Final

from moonbridge.cooperation.review.aims import Aim, Asked
from moonbridge.cooperation.review.inputs import Inputs, judging
from moonbridge.cooperation.review.models import Bid, Panel
from moonbridge.cooperation.review.people import agencies_of, person_of, reviewer_of, submission_of
from moonbridge.cooperation.review.states import ReviewState
from moonbridge.engines.reviewing import panel as engine
from moonbridge.engines.reviewing.affinity import Fit, fit, unreadable
from moonbridge.engines.reviewing.assignment import Effort, assign
from moonbridge.engines.reviewing.matching import cross
from moonbridge.engines.reviewing.people import Reviewer, Submission
from moonbridge.engines.reviewing.quotas import quotas
from moonbridge.engines.reviewing.result import Assignment

BEGUN: Final = frozenset({ReviewState.DRAFT, ReviewState.SUBMITTED})
"""States of a review that an assignment keeps."""
ALTERNATES: Final = 3
"""How many who may step in are named for each proposal."""


@dataclass(frozen=True, eq=False)
class Problem:
    """What is asked of the engine: its panel, the parts of which its scores are made, and the pairs that there are."""

    inputs: Inputs
    asked: Asked
    panel: engine.Panel
    fit: Fit
    present: engine.Mask


def problem(inputs: Inputs, asked: Asked) -> Problem:
    """Return the problem to solve; raises :class:`~moonbridge.errors.InputError` for a pair that must be and must not."""
    forced = inputs.places([*_staying(inputs, asked), *asked.must])
    by_item, by_seat = (Counter(place[axis] for place in set(forced)) for axis in (0, 1))
    submissions, reviewers = _submissions(inputs, asked, by_item), _reviewers(inputs, asked, by_seat)
    fitting = fit(submissions, reviewers, bids=_bids(inputs))
    closed = unreadable(submissions, reviewers)
    for place in inputs.places(inputs.held):
        closed[place] = False
    for place in inputs.places([*inputs.barred, *asked.must_not]):
        closed[place] = True
    made = engine.panel(
        fitting.units(),
        demand=[one.demand for one in submissions],
        least=[one.least for one in reviewers],
        most=[one.most for one in reviewers],
        barred=closed,
        forced=forced,
        quotas=_quotas(inputs.panel, reviewers),
        proposals=[one.id for one in submissions],
        reviewers=[one.id for one in reviewers],
    )
    held = inputs.places(inputs.held)
    present = engine.pairs_mask(made, [(made.proposals[row], made.reviewers[column]) for row, column in held])
    return Problem(inputs, asked, made, fitting, present)


def _staying(inputs: Inputs, asked: Asked) -> list[tuple[Any, Any]]:
    """Return the pairs that stay as they are: what is begun; all, where one reviewer of one proposal is replaced."""
    alone = asked.aim == Aim.REPLACE and not inputs.whole
    return [pair for pair, state in inputs.held.items() if alone or state in BEGUN]


def _submissions(inputs: Inputs, asked: Asked, forced: Counter[int]) -> list[Submission]:
    """Return the proposals; where somebody is replaced, each gets what it had, and nothing more."""
    there = Counter(item for item, _ in inputs.held)
    gone = Counter(item for item, _ in inputs.recused)
    found = []
    for place, item in enumerate(inputs.items):
        demand = inputs.demand[item.pk]
        if asked.aim == Aim.REPLACE:
            demand = min(demand, there[item.pk] + gone[item.pk])
        found.append(submission_of(item.proposal, item.proposal.code, demand=max(demand, forced[place])))
    return found


def _reviewers(inputs: Inputs, asked: Asked, forced: Counter[int]) -> list[Reviewer]:
    """Return who judges, with the load that is left beside other items; nobody is made to do more where somebody is replaced."""
    counted = any(rule["by"] == "agency" for rule in inputs.panel.quotas)
    agencies = agencies_of(seat.user_id for seat in inputs.seats) if counted else {}
    owing = inputs.whole and asked.aim != Aim.REPLACE
    found = []
    for place, seat in enumerate(inputs.seats):
        least, most = inputs.bounds[seat.pk]
        there = inputs.elsewhere.get(seat.pk, 0)
        room = max(most - there, forced[place], 0)
        owed = min(max(0, least - there), room) if owing else 0
        found.append(reviewer_of(seat, seat.label, person_of(seat, {}, agencies), least=owed, most=room))
    return found


def _bids(inputs: Inputs) -> dict[tuple[str, str], str]:
    found = {}
    for pair, bid in inputs.bids.items():
        for row, column in inputs.places([pair]):
            found[inputs.items[row].proposal.code, inputs.seats[column].label] = Bid(bid).name.lower()
    return found


def quotas_cross(panel: Panel, *, reserves: bool = False) -> bool:
    """Return whether somebody who may be given reviews of ``panel`` counts for two of its quotas: no draw keeps to such quotas."""
    if not panel.quotas[1:]:
        return False
    seats = list(judging(panel, reserves=reserves).select_related("user"))
    agencies = agencies_of(seat.user_id for seat in seats)
    return cross(_quotas(panel, [reviewer_of(seat, seat.label, person_of(seat, {}, agencies)) for seat in seats]))


def _quotas(panel: Panel, reviewers: list[Reviewer]) -> list[engine.Quota]:
    """Return the panel's quotas, as the engine knows them."""
    return [
        one
        for rule in panel.quotas
        for one in quotas(
            reviewers, rule["by"], rule.get("value") or "", low=rule.get("low") or 0, high=rule.get("high")
        )
    ]


def solved(asked: Problem, effort: Effort) -> Assignment:
    """Return the assignment that the aim asks for; raises what the engine raises."""
    aim = asked.asked.aim
    if aim == Aim.FLOOR:
        from moonbridge.engines.reviewing.floor import assign_fairly

        return assign_fairly(asked.panel, effort=effort)
    if aim == Aim.DRAW:
        from moonbridge.engines.reviewing.sampling import lottery

        return lottery(asked.panel, asked.asked.cap, effort=effort).draw(asked.asked.seed)
    keep = asked.present if aim in {Aim.KEEP, Aim.REPLACE} else None
    return assign(asked.panel, keep=keep, effort=effort)


def kept(asked: Problem, found: Assignment) -> dict[str, Any]:
    """Return an assignment as it is kept: pairs as ids with their scores in millionths and what each part of it says."""
    items, seats, scores = asked.inputs.items, asked.inputs.seats, asked.panel.scores
    labels = {seat.label: str(seat.pk) for seat in seats}
    codes = {item.proposal.code: str(item.pk) for item in items}
    others = found.alternates(ALTERNATES)
    return {
        "pairs": [
            [str(items[row].pk), str(seats[column].pk), int(scores[row, column]), _rounded(asked.fit.why(row, column))]
            for row, column in found.pairs
        ],
        "alternates": {codes[code]: [labels[label] for label in named] for code, named in others.items() if named},
        "total": found.total,
        "bound": found.bound,
        "floor": found.floor,
        "floor_bound": found.floor_bound,
        "proven": found.proven,
        "drawn": found.drawn,
    }


def _rounded(parts: dict[str, float]) -> dict[str, float]:
    return {name: round(value, 3) for name, value in parts.items()}
