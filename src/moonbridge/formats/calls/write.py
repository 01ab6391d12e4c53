"""Writing a selection problem as TOML, JSON or CSV; reading it again gives the same problem."""

import json
from typing import Any

import tomlkit

from moonbridge.engines.selection.problem import RESOURCE_KINDS, Limit, Option, Problem, Proposal
from moonbridge.errors import InputError
from moonbridge.formats.calls.rules import fraction_text, rule_table
from moonbridge.formats.calls.table import table_text
from moonbridge.quantities import KINDS


def call_text(problem: Problem, form: str) -> str:
    """Return the problem as text in ``form``: ``toml``, ``json`` or ``csv``."""
    match form:
        case "toml":
            return tomlkit.dumps(call_data(problem))
        case "json":
            return json.dumps(call_data(problem), ensure_ascii=False, indent=2) + "\n"
        case "csv":
            return table_text(problem)
    raise InputError("a call is written as toml, json or csv")


def call_data(problem: Problem) -> dict[str, Any]:
    """Return the problem as plain data, the same for TOML and JSON; what is absent or empty is left out."""
    data = {
        "title": problem.title,
        "seed": problem.seed,
        "lottery_within": fraction_text(problem.lottery_within) if problem.lottery_within else "",
        "weighting": weighting_data(problem),
        "priorities": {str(tier): fraction_text(weight) for tier, weight in problem.priorities.items()},
        "resources": _resources(problem),
        "limits": [_limit(problem, limit) for limit in problem.limits],
        "proposals": [_proposal(problem, proposal) for proposal in problem.proposals],
        "rules": [rule_table(rule, problem.resources) for rule in problem.rules],
        "synergies": [{"pair": [s.first, s.second], "value": fraction_text(s.value)} for s in problem.synergies],
    }
    return {key: value for key, value in data.items() if value or key in {"limits", "proposals"}}


def weighting_data(problem: Problem) -> dict[str, Any]:
    """Return how merit counts by size; empty where it counts as it stands."""
    weighting = problem.weighting
    if weighting is None:
        return {}
    references = {resource: problem.resources[resource].text(amount) for resource, amount in weighting.references}
    return {"exponent": fraction_text(weighting.exponent), "reference": references}


def _resources(problem: Problem) -> dict[str, str]:
    """Name what each resource of this call is measured in where the reader would not know or assume otherwise."""
    return {
        name: kind.name if kind.name in KINDS else kind.default
        for name, kind in problem.resources.items()
        if RESOURCE_KINDS.get(name) != kind
    }


def _limit(problem: Problem, limit: Limit) -> dict[str, Any]:
    amounts = {"total": limit.capacity, "per_item": limit.per_item, "reserved": limit.reserved or None}
    texts = {key: problem.amount_text(limit.place, n) for key, n in amounts.items() if n is not None}
    label = {"synthetic": True} if limit.synthetic else {}
    return {"element": limit.element, "resource": limit.resource, **texts, **label}


def _proposal(problem: Problem, proposal: Proposal) -> dict[str, Any]:
    data = {
        "title": proposal.title,
        "synthetic": proposal.synthetic,
        "tier": 0 if proposal.tier == 1 else proposal.tier,
        "merges": list(proposal.merges),
        "groups": {group: fraction_text(share) for group, share in proposal.groups.items()},
    }
    options = [_option(problem, option) for option in proposal.options]
    return {"id": proposal.id, **{key: value for key, value in data.items() if value}, "options": options}


def _option(problem: Problem, option: Option) -> dict[str, Any]:
    asks: dict[str, dict[str, str]] = {}
    for place, amount in option.demands.items():
        asks.setdefault(place[0], {})[place[1]] = problem.amount_text(place, amount)
    data: dict[str, Any] = {"id": option.id, "merit": fraction_text(option.merit)}
    if option.doubt is not None:
        data["doubt"] = fraction_text(option.doubt)
    return {**data, "asks": asks} if asks else data
