"""Why an assignment is impossible, as a sentence in English or Chinese."""

from types import MappingProxyType
from typing import Any, Final

import numpy as np

from moonbridge.engines.reviewing.infeasible import Clash, Requirement
from moonbridge.engines.reviewing.panel import Integers, Mask, Panel

_SHOWN: Final = 8
"""More names than this are counted, not listed."""

_ENGLISH: Final = {
    "and": " and ",
    "comma": ", ",
    "stop": ".",
    "also": "; ",
    "one-proposal": "proposal {names}",
    "proposals": "proposals {names}",
    "many": "{count} proposals ({names}, ...)",
    "need": "{proposals} need {asked} reviews in all",
    "needs": "{proposals} needs {asked} reviews",
    "nobody": "but every reviewer has a conflict, is forbidden, or does not read the language",
    "one": "but have one non-conflicted reviewer between them ({reviewers})",
    "some": "but have {count} non-conflicted reviewers between them ({reviewers})",
    "one-alone": "but has one non-conflicted reviewer ({reviewers})",
    "some-alone": "but has {count} non-conflicted reviewers ({reviewers})",
    "give": ", who can give at most {can}",
    "least": "reviewer {reviewer} gives at least {low}",
    "forced": "reviewer {reviewer} must review {proposal}",
    "at-least": "{proposal} gets at least {low} from {group}",
    "at-most": "{proposal} gets at most {high} from {group}",
    "between": "{proposal} gets {low} to {high} from {group}",
    "demand": "{proposal} gets {asked} reviews",
    "together": "These cannot be kept together: ",
    "alone": "This cannot be kept: ",
    "remove": "Without any one of these requirements the others can be kept.",
}
_CHINESE: Final = {
    "and": "和",
    "comma": "、",
    "stop": "。",
    "also": "；",
    "one-proposal": "申请 {names} ",
    "proposals": "申请 {names} ",
    "many": "{count} 份申请（{names} 等）",
    "need": "{proposals}共需 {asked} 份评审",
    "needs": "{proposals}需要 {asked} 份评审",
    "nobody": "，但所有评审人都须回避、被排除或不通晓其语言",
    "one": "，但它们合起来只有 1 位无须回避的评审人（{reviewers}）",
    "some": "，但它们合起来只有 {count} 位无须回避的评审人（{reviewers}）",
    "one-alone": "，但只有 1 位无须回避的评审人（{reviewers}）",
    "some-alone": "，但只有 {count} 位无须回避的评审人（{reviewers}）",
    "give": "，最多能评 {can} 份",
    "least": "评审人 {reviewer} 至少评 {low} 份",
    "forced": "评审人 {reviewer} 必须评 {proposal}",
    "at-least": "{proposal} 至少有 {low} 份来自 {group}",
    "at-most": "{proposal} 至多有 {high} 份来自 {group}",
    "between": "{proposal} 有 {low} 至 {high} 份来自 {group}",
    "demand": "{proposal} 有 {asked} 份评审",
    "together": "以下要求不能同时满足：",
    "alone": "以下要求不能满足：",
    "remove": "去掉其中任何一项，其余即可满足。",
}
LANGUAGES: Final = MappingProxyType({"en": _ENGLISH, "zh": _CHINESE})
"""The words by language."""


def clash_sentence(panel: Panel, clash: Clash, language: str = "en") -> str:
    """Return what cannot be kept together, e.g. "proposals 17 and 23 have one non-conflicted reviewer between them"."""
    words = LANGUAGES[language]
    if all(one.kind == "demand" for one in clash.requirements):
        said = _demands(panel, [one.proposal for one in clash.requirements if one.proposal is not None], words)
    else:
        listed = words["also"].join(_said(panel, one, words) for one in clash.requirements[: 2 * _SHOWN])
        more = "" if len(clash.requirements) <= 2 * _SHOWN else words["also"] + "..."
        said = words["together" if len(clash.requirements) > 1 else "alone"] + listed + more
    said = said[:1].upper() + said[1:] + words["stop"]
    several = clash.irreducible and len(clash.requirements) > 1
    return said + (("" if language == "zh" else " ") + words["remove"] if several else "")


def clash_data(panel: Panel, clash: Clash) -> dict[str, Any]:
    """Return the clash as plain data: names of proposals and reviewers, and each requirement with its numbers."""
    listed = [_data(panel, one) for one in clash.requirements]
    return {
        "requirements": listed,
        "proposals": list(dict.fromkeys(one["proposal"] for one in listed if "proposal" in one)),
        "reviewers": list(dict.fromkeys(one["reviewer"] for one in listed if "reviewer" in one)),
        "irreducible": clash.irreducible,
        "smallest": clash.smallest,
        "sentence_zh": clash_sentence(panel, clash, "zh"),
    }


def _data(panel: Panel, one: Requirement) -> dict[str, Any]:
    data: dict[str, Any] = {"kind": one.kind}
    if one.proposal is not None:
        data["proposal"] = panel.proposals[one.proposal]
    if one.reviewer is not None:
        data["reviewer"] = panel.reviewers[one.reviewer]
    if one.kind == "demand" and one.proposal is not None:
        data["asked"] = int(panel.demand[one.proposal])
    if one.kind == "least" and one.reviewer is not None:
        data["low"] = int(panel.least[one.reviewer])
    if one.quota is not None:
        data |= {"group": one.quota.name, "low": one.quota.low, "high": one.quota.high}
    return data


def _demands(panel: Panel, proposals: list[int], words: dict[str, str]) -> str:
    """Say what some proposals need, who could review any of them, and what those can give."""
    free = panel.allowed[proposals] & (panel.most > 0)
    between = np.flatnonzero(free.any(axis=0))
    asked = int(panel.demand[proposals].sum())
    alone = len(proposals) == 1
    said = words["needs" if alone else "need"].format(proposals=_proposals(panel, proposals, words), asked=asked)
    if not len(between):
        return f"{said}{_gap(words)}{words['nobody']}"
    key = ("one" if len(between) == 1 else "some") + ("-alone" if alone else "")
    named = [panel.reviewers[r] for r in between[:_SHOWN].tolist()] + (["..."] if len(between) > _SHOWN else [])
    said += _gap(words) + words[key].format(count=len(between), reviewers=words["comma"].join(named))
    return said + words["give"].format(can=int(_can_give(panel, free).sum()))


def _can_give(panel: Panel, free: Mask) -> Integers:
    """Return how many reviews each reviewer could give to some proposals, one to each at most."""
    return np.asarray(np.minimum(panel.most, free.sum(axis=0)))


def _gap(words: dict[str, str]) -> str:
    return ", " if words is _ENGLISH else ""


def _proposals(panel: Panel, proposals: list[int], words: dict[str, str]) -> str:
    names = [panel.proposals[p] for p in proposals]
    if len(names) == 1:
        return words["one-proposal"].format(names=names[0])
    if len(names) > _SHOWN:
        return words["many"].format(count=len(names), names=words["comma"].join(names[:3]))
    return words["proposals"].format(names=words["comma"].join(names[:-1]) + words["and"] + names[-1])


def _said(panel: Panel, one: Requirement, words: dict[str, str]) -> str:
    numbers = _data(panel, one)
    if one.quota is None:
        return words[one.kind].format(**numbers)
    bounds = "at-least" if one.quota.high is None else "between" if one.quota.low else "at-most"
    return words[bounds].format(**numbers)
