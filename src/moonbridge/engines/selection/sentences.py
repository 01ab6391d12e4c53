"""Rules, limits and explanations in words, in English (``en``) and Chinese (``zh``), from the same objects and numbers.

A page that speaks another language takes the clauses of :func:`clauses`, which are stable codes with their numbers,
and says them itself.
"""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from fractions import Fraction
from typing import Final

from moonbridge.engines.selection.problem import Limit, Problem, merit_text
from moonbridge.engines.selection.result import Amount, Change, Explanation, OtherOption, Reason, Shortage
from moonbridge.engines.selection.rules import (
    EVERYBODY,
    Breadth,
    Conflict,
    Fixed,
    GroupAmount,
    GroupCount,
    GroupPart,
    GroupShares,
    Needs,
    Rule,
)
from moonbridge.engines.selection.words import say

type Spoken = str | int | Fraction | Amount | tuple[str, ...] | tuple[Limit | Rule, ...]
"""What a sentence can speak of."""
type Clause = tuple[str, dict[str, Spoken]]
"""A sentence before it has a language: its code and what it speaks of."""


WAYS_IN: Final = frozenset({"change", "change-all", "rise", "other-change", "other-change-all", "other-rise"})
"""The sentences that say what would bring a proposal, or a fuller option of it, in."""


@dataclass(frozen=True, slots=True)
class Said:
    """One sentence of an explanation, with its code."""

    code: str
    text: str

    @property
    def is_way_in(self) -> bool:
        """Whether it says what would bring the proposal, or a fuller option of it, in."""
        return self.code in WAYS_IN


def sentence(explanation: Explanation, language: str = "en") -> str:
    """Return the whole explanation in words."""
    return say(language, "sentence").join(said.text for said in sentences(explanation, language))


def sentences(explanation: Explanation, language: str = "en") -> Iterator[Said]:
    """Yield the explanation sentence by sentence."""
    for code, spoken in clauses(explanation):
        numbers = {name: _worded(explanation.problem, part, language) for name, part in spoken.items()}
        yield Said(code, say(language, code, **numbers))


def clauses(explanation: Explanation) -> Iterator[Clause]:
    """Yield what the explanation says, sentence by sentence, in no language."""
    match explanation.reason:
        case Reason.SELECTED:
            yield from _selected(explanation)
        case Reason.SELECTED_FIXED | Reason.FIXED_OUT:
            yield from _fixed(explanation)
        case Reason.MERGED:
            yield from _merged(explanation)
        case Reason.TIED | Reason.OUTWEIGHED | Reason.IMPOSSIBLE:
            yield from _rejected(explanation)


def source_sentence(problem: Problem, source: Limit | Rule | str, language: str = "en") -> str:
    """Return a limit or a rule in words; a text stays as it is."""
    if isinstance(source, str):
        return source
    return (
        _limit_words(problem, source, language)
        if isinstance(source, Limit)
        else rule_sentence(problem, source, language)
    )


def rule_sentence(problem: Problem, rule: Rule, language: str = "en") -> str:  # noqa: PLR0911 - one return for each kind of rule
    """Return a rule in words."""
    match rule:
        case GroupCount():
            code = "all-count" if rule.group == EVERYBODY else "group-count"
            return say(language, code, group=rule.group, bounds=_bounds(rule, language))
        case GroupShares():
            return say(language, "group-shares", group=rule.group, bounds=_bounds(rule, language))
        case GroupAmount():
            bounds = _bounds(rule, language, kind=problem.resources[rule.resource].text)
            code = "all-amount" if rule.group == EVERYBODY else "group-amount"
            return say(language, code, group=rule.group, resource=rule.resource, bounds=bounds)
        case GroupPart():
            code = "group-part" if rule.resource is None else "group-part-resource"
            return say(language, code, group=rule.group, resource=rule.resource, bounds=_bounds(rule, language))
        case Breadth():
            return say(language, "breadth", kind=rule.kind, bounds=_bounds(rule, language))
        case Conflict():
            code = "conflict-why" if rule.why else "conflict"
            names = _listed(rule.proposals, language)
            return say(language, code, proposals=names, high=rule.at_most, why=rule.why)
        case Needs():
            names = _listed(rule.others, language)
            return say(language, "needs", proposal=rule.proposal, low=rule.how_many, others=names)
        case Fixed():
            code = "fixed-in" if rule.included else "fixed-out"
            return say(language, code, proposal=rule.proposal, reason=rule.reason)


def weighting_sentences(problem: Problem, language: str = "en") -> tuple[str, ...]:
    """Return how the call weighs merits, in words; empty where a merit counts as it stands."""
    said: list[str] = []
    if problem.weighting is not None:
        amounts = (
            f"{resource} {problem.resources[resource].text(amount)}".rstrip()
            for resource, amount in problem.weighting.references
        )
        references = say(language, "list").join(amounts)
        said.append(say(language, "by-size", references=references, exponent=problem.weighting.exponent))
    if problem.priorities:
        weights = (say(language, "priority", tier=t, weight=merit_text(w)) for t, w in problem.priorities.items())
        said.append(say(language, "by-priority", weights=say(language, "list").join(weights)))
    return tuple(said)


def _selected(explanation: Explanation) -> Iterator[Clause]:
    yield "selected", _named(explanation)
    yield from _weight(explanation)
    if explanation.drawn:
        yield "keeps-drawn", {"within": explanation.problem.lottery_within}
    else:
        yield _safety(explanation.merit_may_fall)
    if explanation.merges:
        yield "joins", {"proposals": explanation.merges}
    if explanation.depends_on:
        yield "depends", {"rules": explanation.depends_on}
    if explanation.carries:
        yield "carries", {"proposals": explanation.carries}
    for other in explanation.other_options:
        yield from _other_option(other)


def _safety(fall: Fraction | None) -> Clause:
    if fall is None:
        return "keeps-always", {}
    return ("keeps", {"fall": fall}) if fall else ("keeps-barely", {})


def _weight(explanation: Explanation) -> Iterator[Clause]:
    if explanation.weight != 1:
        yield "weighed", {"weight": explanation.weight}


def _other_option(other: OtherOption) -> Iterator[Clause]:
    """Say why an option of greater merit does not fly; its own ways in are those of the option, not of the proposal."""
    if other.loss is None:
        yield "other-impossible", {"option": other.option}
        if other.because:
            yield "because", {"causes": other.because}
    else:
        code = "other-outweighed" if other.loss else "other-tied"
        yield code, {"option": other.option, "merit": other.merit, "loss": other.loss}
    if other.displaces:
        yield "displaces", {"proposals": other.displaces}
    if other.brings:
        yield "brings", {"proposals": other.brings}
    for shortage in other.shortages:
        code, numbers = _shortage(shortage)
        yield f"other-{code}", numbers
    for change in other.changes:
        code, numbers = _change(change)
        yield f"other-{code}", {**numbers, "option": other.option}
    if other.merit_must_rise is not None:
        yield "other-rise", {"option": other.option, "rise": other.merit_must_rise}


def _merged(explanation: Explanation) -> Iterator[Clause]:
    yield "merged", {"name": explanation.proposal, "joint": explanation.merged_into or ""}
    if explanation.merges:
        yield "joins", {"proposals": explanation.merges}
    if explanation.loss is not None:
        yield ("alone" if explanation.loss else "alone-tied"), {"loss": explanation.loss}


def _fixed(explanation: Explanation) -> Iterator[Clause]:
    code = "selected-fixed" if explanation.selected else "left-out-fixed"
    yield code, {**_named(explanation), "reason": explanation.written_reason}
    if explanation.loss:
        yield "fixed-costs", {"loss": explanation.loss}
    elif explanation.loss is not None:
        yield "fixed-free", {}
    for other in explanation.other_options:
        yield from _other_option(other)


def _rejected(explanation: Explanation) -> Iterator[Clause]:
    if explanation.drawn:
        yield "drawn-out", {**_named(explanation), "within": explanation.problem.lottery_within}
    else:
        yield explanation.reason.value, {**_named(explanation), "loss": explanation.loss or 0}
    yield from _weight(explanation)
    if explanation.merges:
        yield "joins", {"proposals": explanation.merges}
    if explanation.displaces:
        yield "displaces", {"proposals": explanation.displaces}
    if explanation.brings:
        yield "brings", {"proposals": explanation.brings}
    for shortage in explanation.shortages:
        yield _shortage(shortage)
    for rule in explanation.broken:
        yield "breaks", {"rule": (rule,)}
    if explanation.because:
        yield "because", {"causes": explanation.because}
    yield from _ways_in(explanation)


def _ways_in(explanation: Explanation) -> Iterator[Clause]:
    for change in explanation.changes:
        yield _change(change)
    if explanation.own_change_helps is False:
        yield "change-none", {}
    elif explanation.less_may_harm:
        yield "change-open", {}
    if explanation.merit_must_rise is not None:
        yield "rise", {"rise": explanation.merit_must_rise}
    elif explanation.reason is Reason.OUTWEIGHED:
        yield "rise-none", {}


def _named(explanation: Explanation) -> dict[str, Spoken]:
    return {
        "name": explanation.proposal,
        "option": explanation.option or "",
        "merit": explanation.merit if explanation.merit is not None else "",
    }


def _shortage(shortage: Shortage) -> Clause:
    asked = shortage.asked
    code = "shortage-item" if shortage.per_item else "shortage"
    return code, {"asked": asked, "place": f"{asked.element} {asked.resource}", "free": shortage.free}


def _change(change: Change) -> Clause:
    if change.at_most is None:
        return "change-all", {"percent": change.percent or 0}
    place = f"{change.at_most.element} {change.at_most.resource}"
    return "change", {"at_most": change.at_most, "place": place}


def _worded(problem: Problem, spoken: Spoken, language: str) -> str:
    match spoken:
        case Amount():
            return spoken.text
        case Fraction():
            return merit_text(spoken)
        case tuple():
            separator = say(language, "list" if all(isinstance(part, str) for part in spoken) else "causes")
            return separator.join(source_sentence(problem, part, language) for part in spoken)
        case _:
            return str(spoken)


def _limit_words(problem: Problem, limit: Limit, language: str) -> str:
    def text(amount: int) -> str:
        return problem.amount_text(limit.place, amount)

    code = "limit-reserved" if limit.reserved else "limit"
    place = f"{limit.element} {limit.resource}"
    words = say(language, code, place=place, capacity=text(limit.capacity), reserved=text(limit.reserved))
    return words if limit.per_item is None else words + say(language, "limit-item", per_item=text(limit.per_item))


def _bounds(
    rule: GroupCount | GroupShares | GroupAmount | GroupPart | Breadth,
    language: str,
    *,
    kind: Callable[[int], str] | None = None,
) -> str:
    low, high = (
        None if n is None else kind(int(n)) if kind else merit_text(Fraction(n)) for n in (rule.at_least, rule.at_most)
    )
    code = "between" if low and high else "at-least" if low else "at-most"
    return say(language, code, low=low, high=high)


def _listed(names: Sequence[str], language: str) -> str:
    return say(language, "list").join(names)
