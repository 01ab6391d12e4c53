"""What may be a slip of the pen in a call: nothing forbids it, but whoever wrote it should look again."""

from moonbridge.engines.selection.problem import Problem
from moonbridge.engines.selection.rules import Breadth, Conflict, Fixed, Needs, Rule
from moonbridge.engines.selection.sentences import rule_sentence
from moonbridge.engines.selection.words import say


def unmatched(problem: Problem) -> tuple[Rule, ...]:
    """Return the rules on groups or kinds of groups to which no proposal belongs: an upper bound there never binds."""
    return tuple(rule for rule in problem.rules if not _matched(problem, rule))


def remarks(problem: Problem, language: str = "en") -> tuple[str, ...]:
    """Return a sentence on each rule that speaks of nobody."""
    return tuple(say(language, "unmatched", rule=rule_sentence(problem, r, language)) for r in unmatched(problem))


def _matched(problem: Problem, rule: Rule) -> bool:
    match rule:
        case Conflict() | Needs() | Fixed():
            return True
        case Breadth():
            return bool(problem.groups_of_kind(rule.kind))
        case _:
            return bool(problem.members(rule.group))
