"""Whatever was found about a call, as tables: what if, frontier, robustness, reserve, fairness, prices, doubts.

One function for each answer; the command line, the notebook and the report show the same tables.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction
from typing import Final

from moonbridge.engines.selection.alternatives import Alternatives
from moonbridge.engines.selection.doubt import Information
from moonbridge.engines.selection.envy import Envy
from moonbridge.engines.selection.fairness import OTHERS, Fairness
from moonbridge.engines.selection.frontier import Measure, Point, Step, Unused
from moonbridge.engines.selection.headings import heading, merit_columns
from moonbridge.engines.selection.prices import RulePrice
from moonbridge.engines.selection.problem import Choices, Place, Problem, merit_text
from moonbridge.engines.selection.reserve import ReserveList
from moonbridge.engines.selection.result import Result
from moonbridge.engines.selection.robustness import Robustness
from moonbridge.engines.selection.sentences import rule_sentence
from moonbridge.engines.selection.tables import Cells, Table, by_tier, in_tier
from moonbridge.engines.selection.words import say

_PERMILLE: Final = 1000


type Numbers = tuple[tuple[str | float, ...], ...]
"""What a chart draws: points of a frontier ``(measure, merit)``, bars ``(label, length)`` or ``(what, group, asked, got)``."""


@dataclass(frozen=True, slots=True)
class Finding:
    """An answer: its table, perhaps a sentence on it, and the numbers that a chart of it draws."""

    table: Table
    said: str = ""
    numbers: Numbers = ()


def what_if_table(result: Result, others: Mapping[str, Result | None], language: str = "en") -> Table:
    """Return what each change of the call would make of the portfolio.

    ``others`` by the text of the change; None where no portfolio keeps all rules then.
    """
    columns = ("change", *merit_columns(result.problem.tiers), "more", "in", "out")
    rows = (
        (change, *("" for _ in columns[1:]))
        if other is None
        else (
            change,
            *map(merit_text, other.values),
            _more(result.problem, result.bounds, other.bounds, language) if other.proven and result.proven else "",
            portfolio_text(_beyond(other.choices, result.choices), language),
            portfolio_text(_beyond(result.choices, other.choices), language),
        )
        for change, other in others.items()
    )
    return _table("what_if", columns, rows, language)


def what_if_sentence(result: Result, others: Mapping[str, Result | None], language: str = "en") -> str:
    """Return what the table of changes cannot say: what is impossible, and between what it compares."""
    impossible = [change for change, other in others.items() if other is None]
    solved = [other for other in others.values() if other is not None]
    said = [say(language, "what-if-impossible", changes=_listed(impossible, language))] if impossible else []
    if not all(other.proven for other in (result, *solved)):
        said.append(say(language, "compared-open"))
    if result.problem.lottery_within and solved:
        said.append(say(language, "compared-best"))
    return say(language, "sentence").join(said)


def steps_table(problem: Problem, place: Place, steps: Sequence[Step], language: str = "en") -> Table:
    """Return what more of one limit would buy, as a step function: the capacities at which the best merit rises."""
    rows = (
        (
            problem.amount_text(place, step.capacity),
            problem.amount_text(place, step.capacity - steps[0].capacity),
            *map(merit_text, step.values),
            _more(problem, steps[0].values, step.values, language),
        )
        for step in steps
    )
    columns = ("capacity", "added", *merit_columns(problem.tiers), "more")
    return _table("steps", columns, rows, language, place=" ".join(place))


def steps_sentence(problem: Problem, language: str = "en") -> str:
    """Return what the table of steps cannot say: between what it compares, and in which order."""
    drawn = [say(language, "compared-best")] if problem.lottery_within else []
    return say(language, "sentence").join(filter(None, [*drawn, order_sentence(problem, language)]))


def order_sentence(problem: Problem, language: str = "en") -> str:
    """Return in which order merits are compared; nothing where there is but one tier."""
    return say(language, "compared-tiers") if len(problem.tiers) > 1 else ""


def frontier_table(
    problem: Problem, measure: Measure, points: Sequence[Point], against: str, language: str = "en"
) -> Table:
    """Return every point of merit against ``measure``, which the reader knows as ``against``."""

    def shown(amount: int) -> str:
        if isinstance(measure, Unused):
            return problem.amount_text((measure.element, measure.resource), amount)
        return str(amount)

    rows = ((shown(p.measure), *map(merit_text, p.values), portfolio_text(p.choices, language)) for p in points)
    columns = (against, *merit_columns(problem.tiers), "portfolio")
    return _table("frontier", columns, rows, language, against=heading(language, against))


def frontier_numbers(points: Sequence[Point]) -> Numbers:
    """Return what a chart of a frontier draws: of several tiers the first in which the points differ."""
    merits = list(zip(*(point.values for point in points), strict=True))
    drawn = next((tier for tier in merits if len(set(tier)) > 1), merits[0])
    return tuple((float(point.measure), float(merit)) for point, merit in zip(points, drawn, strict=True))


def near_table(problem: Problem, found: Alternatives, within: str, language: str = "en") -> Table:
    """Return the portfolios within a margin of the best."""
    rows = (
        (*map(merit_text, values), portfolio_text(choices, language))
        for values, choices in zip(found.values, found.portfolios, strict=True)
    )
    count = f"{len(found.portfolios)}" if found.complete else say(language, "or-more", number=len(found.portfolios))
    always, columns = _listed(sorted(found.always), language), (*merit_columns(problem.tiers), "portfolio")
    title = say(
        language, f"title-near{'-tiers' if len(problem.tiers) > 1 else ''}", count=count, within=within, always=always
    )
    return Table("near", title, columns, tuple(rows), language)


def robust_table(result: Result, found: Robustness, seed: int, language: str = "en") -> Table:
    """Return in what part of the draws each proposal is selected, the surest first."""
    surest = sorted(found.probability.items(), key=lambda item: -item[1])
    rows = (
        (p, f"{float(part):.3f}", heading(language, "selected") if p in result.choices else "") for p, part in surest
    )
    return _table("robust", ("proposal", "part", "now"), rows, language, draws=found.draws, seed=seed)


def robust_sentence(problem: Problem, found: Robustness, language: str = "en") -> str:
    """Return what knowing all merits would gain, in a sentence."""
    gains = zip(problem.tiers, found.information_values, strict=True)
    texts = (in_tier(problem, tier, f"{float(gain):.3f}", language) for tier, gain in gains)
    return say(language, "perfect-information", value=_listed(texts, language))


def hedge_table(result: Result, found: Robustness, language: str = "en") -> Table:
    """Return the best portfolio at the quantile and the one of least regret, against the recommended one."""
    quantile = say(language, "hedge-quantile", percent=percent_text(found.quantile))
    hedges = (
        (quantile, found.quantile_values, found.quantile_bounds, found.best_at_quantile),
        (say(language, "hedge-regret"), found.largest_regrets, found.regret_bounds, found.least_regret),
    )
    rows = (
        (
            what,
            by_tier(result.problem, reached, language),
            by_tier(result.problem, bound, language),
            portfolio_text(_beyond(choices, result.choices), language),
            portfolio_text(_beyond(result.choices, choices), language),
        )
        for what, reached, bound, choices in hedges
    )
    return _table("hedges", ("against doubt", "reaches", "bound", "in", "out"), rows, language)


def hedge_sentence(found: Robustness, language: str = "en") -> str:
    """Return whether the two portfolios are proven, and whether all tiers count in them."""
    proven = (found.quantile_values, found.largest_regrets) == (found.quantile_bounds, found.regret_bounds)
    said = [say(language, "hedges-proven" if proven else "hedges-open")]
    if len(found.quantile_values) < len(found.information_values):
        said.append(say(language, "hedges-first"))
    return say(language, "sentence").join(said)


def doubt_table(problem: Problem, found: Sequence[Information], language: str = "en") -> Table:
    """Return the value of knowing each uncertain merit, the most valuable first."""
    rows = (
        (
            each.proposal,
            f"{each.doubt:g}",
            "" if each.distance is None else in_tier(problem, each.tier, merit_text(each.distance), language),
            in_tier(problem, each.tier, f"{each.value:.3f}", language),
        )
        for each in found
    )
    return _table("doubts", ("proposal", "doubt", "distance", "value"), rows, language)


def doubt_sentence(problem: Problem, found: Sequence[Information], language: str = "en") -> str:
    """Return which review would be worth most, in a sentence."""
    first = next((each for each in found if round(each.value, 3)), None)
    if first is None:
        return say(language, "review-none")
    value = in_tier(problem, first.tier, f"{first.value:.3f}", language)
    return say(language, "review-worth", proposal=first.proposal, value=value, doubt=f"{first.doubt:g}")


def reserve_table(found: ReserveList, language: str = "en") -> Table:
    """Return who would come in for each possible loss."""
    rows = (
        (lost, say(language, "no-repair") if lost in found.irreparable else _listed(coming, language))
        for lost, coming in found.replacements.items()
    )
    order = _listed(found.order, language) or say(language, "nobody")
    return _table("reserve", ("if lost", "comes in"), rows, language, order=order)


def fairness_tables(found: Fairness, language: str = "en") -> tuple[Table, Table]:
    """Return the shares of all groups in all that is divided, and how far each division is from proportional."""
    shares = (
        (
            heading(language, division.what),
            heading(language, OTHERS) if share.group == OTHERS else share.group,
            percent_text(share.asked),
            percent_text(share.got),
            "" if share.ratio is None else _two_digits(share.ratio),
        )
        for division in found.divisions
        for share in division.shares
    )
    indices = (
        (
            heading(language, division.what),
            percent_text(division.loosemore_hanby),
            percent_text(Fraction(division.gallagher)),
            _two_digits(division.sainte_lague),
        )
        for division in found.divisions
    )
    return (
        _table("fairness", ("what", "group", "asked", "got", "ratio"), shares, language, kind=found.kind),
        _table("indices", ("what", "loosemore-hanby", "gallagher", "sainte-lague"), indices, language, kind=found.kind),
    )


def share_numbers(found: Fairness, language: str = "en") -> Numbers:
    """Return what was divided, the group, and the percentages that it asked and got, for a chart."""
    return tuple(
        (
            heading(language, division.what),
            heading(language, OTHERS) if share.group == OTHERS else share.group,
            float(100 * share.asked),
            float(100 * share.got),
        )
        for division in found.divisions
        for share in division.shares
    )


def envy_table(found: Sequence[Envy], kind: str, language: str = "en") -> Table:
    """Return every envy between groups; the title says so where there is none."""
    rows = (
        (
            envy.group,
            envy.of,
            f"{float(envy.now):.2f}",
            f"{float(envy.then):.2f}",
            heading(language, "yes" if envy.up_to_one else "no"),
            heading(language, "yes" if envy.in_proportion else "no"),
        )
        for envy in found
    )
    columns = ("group", "envies", "now", "then", "up to one", "in proportion")
    title = say(language, "title-envy" if found else "title-no-envy", kind=kind)
    return Table("envy", title, columns, tuple(rows), language)


def price_table(problem: Problem, found: Sequence[RulePrice], language: str = "en") -> Table:
    """Return what each rule costs, and all rules on groups together."""
    rows = (
        (
            rule_sentence(problem, price.rules[0], language)
            if len(price.rules) == 1
            else say(language, "all-group-rules"),
            in_tier(problem, price.tier, merit_text(price.price), language),
            percent_text(price.part),
            _listed(price.comes, language),
            _listed(price.goes, language),
        )
        for price in found
    )
    return _table("prices", ("rule", "price", "price part", "in", "out"), rows, language)


def portfolio_text(choices: Choices, language: str = "en") -> str:
    """Return a portfolio in one line: ``A (full), B (descoped)``."""
    return _listed((f"{p} ({o})" for p, o in choices.items()), language)


def percent_text(part: Fraction) -> str:
    """Return a part as a percentage with one decimal."""
    return f"{round(part * _PERMILLE) / 10:.1f} %"


def _more(problem: Problem, before: Sequence[Fraction], after: Sequence[Fraction], language: str) -> str:
    """Return how much more merit there is in each tier in which it differs."""
    differences = [then - now for now, then in zip(before, after, strict=True)]
    if len(differences) == 1 or not any(differences):
        return merit_text(differences[0])
    tiers = ((t, d) for t, d in zip(problem.tiers, differences, strict=True) if d)
    return _listed((in_tier(problem, tier, merit_text(more), language) for tier, more in tiers), language)


def _beyond(choices: Choices, other: Choices) -> Choices:
    """Return what flies in ``choices`` and does not, or with another option, in ``other``."""
    return {p: o for p, o in choices.items() if other.get(p) != o}


def _table(key: str, columns: Cells, rows: Iterable[Cells], language: str, **numbers: object) -> Table:
    return Table(key, say(language, f"title-{key}", **numbers), columns, tuple(rows), language)


def _two_digits(value: Fraction) -> str:
    return f"{round(value * 100) / 100:.2f}"


def _listed(names: Iterable[str], language: str) -> str:
    return say(language, "list").join(names)
