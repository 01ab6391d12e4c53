"""A result and its explanations as plain data, the same for the command line, the API and a report."""

from typing import Any

from moonbridge.engines.selection.problem import merit_text
from moonbridge.engines.selection.remarks import remarks
from moonbridge.engines.selection.result import Amount, Change, Explanation, OtherOption, Result, Shortage, Usage
from moonbridge.engines.selection.sentences import sentence, source_sentence, weighting_sentences


def result_data(result: Result) -> dict[str, Any]:
    """Return the portfolio, its worth and the use of every limit."""
    tiers = zip(result.problem.tiers, result.values, result.bounds, strict=True)
    return {
        "title": result.problem.title,
        "synthetic": result.problem.synthetic,
        "proven": result.proven,
        "solver": result.solver,
        "weighting": list(weighting_sentences(result.problem)),
        "remarks": list(remarks(result.problem)),
        "value": merit_text(result.value),
        "tiers": [{"tier": t, "value": merit_text(v), "bound": merit_text(b)} for t, v, b in tiers],
        "choices": dict(result.choices),
        "synthetic_proposals": [p.id for p in result.problem.proposals if p.synthetic],
        "weights": _weights(result),
        "usage": [_usage(result, usage) for usage in result.usage],
    }


def explanation_data(explanation: Explanation) -> dict[str, Any]:
    """Return an explanation with its code, its numbers and its sentences; what does not apply is left out."""
    merits = {
        "merit": explanation.merit,
        "merit_may_fall": explanation.merit_may_fall,
        "loss": explanation.loss,
        "merit_must_rise": explanation.merit_must_rise,
    }
    data = {
        "proposal": explanation.proposal,
        "reason": explanation.reason.value,
        "option": explanation.option,
        "tier": explanation.tier,
        **{name: None if merit is None else merit_text(merit) for name, merit in merits.items()},
        "weight": None if explanation.weight == 1 else merit_text(explanation.weight),
        "displaces": list(explanation.displaces),
        "brings": list(explanation.brings),
        "shortages": [_shortage(shortage) for shortage in explanation.shortages],
        "broken": [source_sentence(explanation.problem, rule) for rule in explanation.broken],
        "changes": [_change(change) for change in explanation.changes],
        "own_change_helps": explanation.own_change_helps,
        "because": [source_sentence(explanation.problem, cause) for cause in explanation.because],
        "less_may_harm": explanation.less_may_harm or None,
        "merged_into": explanation.merged_into,
        "merges": list(explanation.merges),
        "other_options": [_other_option(explanation, other) for other in explanation.other_options],
        "depends_on": [source_sentence(explanation.problem, rule) for rule in explanation.depends_on],
        "carries": list(explanation.carries),
        "written_reason": explanation.written_reason,
        "sentences": {language: sentence(explanation, language) for language in ("en", "zh")},
    }
    return {key: value for key, value in data.items() if value not in (None, [], "")}


def _weights(result: Result) -> dict[str, str]:
    """Return how often the merit of each selected option counts; empty where merits count as they stand."""
    problem = result.problem
    if not problem.weighed:
        return {}
    flying = ((problem.by_id[p], problem.by_id[p].option(o)) for p, o in result.choices.items())
    return {proposal.id: merit_text(problem.weight(proposal, option)) for proposal, option in flying}


def _other_option(explanation: Explanation, other: OtherOption) -> dict[str, Any]:
    data = {
        "option": other.option,
        "merit": merit_text(other.merit),
        "loss": None if other.loss is None else merit_text(other.loss),
        "displaces": list(other.displaces),
        "brings": list(other.brings),
        "merit_must_rise": None if other.merit_must_rise is None else merit_text(other.merit_must_rise),
        "shortages": [_shortage(shortage) for shortage in other.shortages],
        "broken": [source_sentence(explanation.problem, rule) for rule in other.broken],
        "changes": [_change(change) for change in other.changes],
        "because": [source_sentence(explanation.problem, cause) for cause in other.because],
    }
    return {key: value for key, value in data.items() if value not in (None, [])}


def _usage(result: Result, usage: Usage) -> dict[str, Any]:
    limit, kind = usage.limit, result.problem.resources[usage.limit.resource]
    return {
        "element": limit.element,
        "resource": limit.resource,
        "base_unit": kind.base,
        "used": usage.used,
        "usable": limit.usable,
        "capacity": limit.capacity,
        "reserved": limit.reserved,
        "synthetic": limit.synthetic,
        "used_text": result.problem.amount_text(limit.place, usage.used),
        "usable_text": result.problem.amount_text(limit.place, limit.usable),
        "by_proposal": dict(usage.by_proposal),
    }


def _amount(amount: Amount) -> dict[str, Any]:
    return {"element": amount.element, "resource": amount.resource, "amount": amount.amount, "text": amount.text}


def _shortage(shortage: Shortage) -> dict[str, Any]:
    return {"asked": _amount(shortage.asked), "free": _amount(shortage.free), "per_item": shortage.per_item}


def _change(change: Change) -> dict[str, Any]:
    if change.asked is None or change.at_most is None:
        return {"option": change.option, "percent": change.percent}
    return {"option": change.option, "asked": _amount(change.asked), "at_most": _amount(change.at_most)}
