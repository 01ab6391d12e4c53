"""What each rule of the call costs in merit: the best portfolio with it against the best without it.

The relative loss of all rules on groups together is the *price of fairness* (Bertsimas, Farias and Trichakis 2011,
Operations Research 59, 17-31): the merit given up for them, as a part of the merit without them.
"""

from dataclasses import dataclass
from fractions import Fraction

from moonbridge.engines.selection.comparing import difference
from moonbridge.engines.selection.optimum import optimum
from moonbridge.engines.selection.result import Result
from moonbridge.engines.selection.rules import Breadth, GroupAmount, GroupCount, GroupPart, GroupShares, Rule
from moonbridge.engines.selection.solver import Effort
from moonbridge.errors import NotProven


@dataclass(frozen=True, slots=True)
class RulePrice:
    """Without ``rules`` the best portfolio would have ``price`` more merit in tier ``tier``, ``part`` of all there.

    With tiers that is the first in which the rule matters; what later ones would gain or lose does not count.

    ``comes`` and ``goes`` say who would be selected then and is not now, and the other way round.
    """

    rules: tuple[Rule, ...]
    price: Fraction
    tier: int
    part: Fraction
    comes: tuple[str, ...]
    goes: tuple[str, ...]


def is_about_groups(rule: Rule) -> bool:
    """Return whether a rule says what groups get, and not which proposals fit together."""
    return isinstance(rule, GroupCount | GroupShares | GroupAmount | GroupPart | Breadth)


def rule_prices(result: Result, *, effort: Effort = Effort()) -> tuple[RulePrice, ...]:  # noqa: B008 - frozen
    """Return the price of each rule of the call, in its order, and last that of all rules on groups together.

    The last one is left out where fewer than two rules speak of groups. ``result`` must be proven, and so must the best
    portfolio without each rule within ``effort`` (else NotProven): a price is never a guess.
    """
    if not result.proven:
        raise NotProven("only a proven portfolio tells what a rule costs; allow more time", value=str(result.value))
    rules = tuple(dict.fromkeys(result.problem.rules))
    about_groups = tuple(rule for rule in rules if is_about_groups(rule))
    together = [about_groups] if len(about_groups) > 1 else []
    return tuple(_price(result, taken, effort) for taken in (*((rule,) for rule in rules), *together))


def _price(result: Result, rules: tuple[Rule, ...], effort: Effort) -> RulePrice:
    without = optimum(result.problem.without_rules(*rules), effort=effort)
    if not without.proven:
        raise NotProven(
            "time ran out before it was proven what a rule costs; allow more time", value=str(without.value)
        )
    price, tier = difference(without, result)
    most = without.bounds[result.problem.tiers.index(tier)]
    comes = tuple(p for p in without.choices if p not in result.choices)
    goes = tuple(p for p in result.choices if p not in without.choices)
    return RulePrice(rules, price, tier, price / most if most else Fraction(0), comes, goes)
