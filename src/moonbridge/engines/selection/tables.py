"""A result as tables: plain text for a terminal or a notebook's text, HTML for a notebook, rows for whoever draws it."""

import unicodedata
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from fractions import Fraction
from html import escape
from typing import Final

from moonbridge.engines.selection.headings import heading
from moonbridge.engines.selection.problem import Problem, merit_text
from moonbridge.engines.selection.result import Result, Usage
from moonbridge.engines.selection.sentences import weighting_sentences
from moonbridge.engines.selection.words import say

SYNTHETIC: Final = "synthetic"
"""The label of what is not real."""
_BAR: Final = 20

type Cells = tuple[str, ...]
"""One row of a table."""


@dataclass(frozen=True, slots=True)
class Table:
    """A table with a stable key, a title, stable column codes and rows of text; ``language`` is that of its headings.

    It prints as text, and as HTML in a notebook.
    """

    key: str
    title: str
    columns: Cells
    rows: tuple[Cells, ...]
    language: str = "en"

    @property
    def heading(self) -> Cells:
        """What the columns are called in the table's language."""
        return tuple(heading(self.language, column) for column in self.columns)

    def records(self) -> list[dict[str, str]]:
        """Return the rows as plain data by column code."""
        return [dict(zip(self.columns, row, strict=True)) for row in self.rows]

    def as_html(self) -> str:
        """Return the table as HTML without any script or style."""
        caption = f"<caption>{escape(self.title)}</caption>" if self.title else ""
        head = "".join(f'<th scope="col">{escape(name)}</th>' for name in self.heading)
        body = "".join("<tr>" + "".join(f"<td>{escape(cell)}</td>" for cell in row) + "</tr>" for row in self.rows)
        return f"<table>{caption}<thead><tr>{head}</tr></thead><tbody>{body}</tbody></table>"

    def __str__(self) -> str:
        return "\n".join(filter(None, (self.title, _text_table(self.heading, self.rows))))

    def _repr_html_(self) -> str:
        return self.as_html()


def in_tier(problem: Problem, tier: int, text: str, language: str = "en") -> str:
    """Return an amount of merit with the tier to which it belongs, which goes without saying where there is but one."""
    return text if len(problem.tiers) == 1 else say(language, "in-tier", merit=text, tier=tier)


def by_tier(problem: Problem, values: Iterable[Fraction], language: str = "en") -> str:
    """Return the merit in each tier in one line, for example ``"84.5"`` or ``"60 (tier 1), 24.5 (tier 2)"``."""
    pairs = zip(problem.tiers, values, strict=False)
    return say(language, "list").join(in_tier(problem, tier, merit_text(value), language) for tier, value in pairs)


def headline(result: Result, language: str = "en") -> str:
    """Return one line: how many are selected, what they are worth, and whether that is proven."""
    problem = result.problem
    numbers: dict[str, object] = {"selected": len(result.choices), "proposals": len(problem.proposals)}
    numbers |= {"merit": by_tier(problem, result.values, language), "most": by_tier(problem, result.bounds, language)}
    drawn = result.problem.lottery_within
    code = f"headline-{'drawn-' if drawn else ''}{'proven' if result.proven else 'open'}"
    return say(language, code, **numbers, within=merit_text(drawn))


def portfolio_table(result: Result, language: str = "en") -> Table:
    """Return proposal, option, merit and title of each selected proposal, and what it counts where merits are weighed."""
    weighed = result.problem.weighed
    columns = ("proposal", "option", "merit", *(("weight", "counts") if weighed else ()), "title")
    rows = tuple(_portfolio_row(result, *choice, language) for choice in result.choices.items())
    return Table("portfolio", "", columns, rows, language)


def usage_table(result: Result, language: str = "en") -> Table:
    """Return limit, amount used, amount usable and a bar for each limit."""
    rows = tuple(_usage_row(result, usage, language) for usage in result.usage)
    return Table("usage", "", ("limit", "used", "of", ""), rows, language)


def percent(usage: Usage) -> int:
    """Return how much of what may be given away is used, in whole percent, rounded down; 100 where nothing is offered."""
    return 100 * usage.used // usage.limit.usable if usage.limit.usable else 100


def bar(usage: Usage) -> str:
    """Return the use of a limit as a bar of blocks and its percentage."""
    full = percent(usage) * _BAR // 100
    return f"{'█' * full}{'░' * (_BAR - full)} {percent(usage)} %"


def as_text(result: Result) -> str:
    """Return the whole result as text in fixed columns."""
    tables = (str(portfolio_table(result)), str(usage_table(result)))
    weights = "; ".join(weighting_sentences(result.problem))
    return "\n\n".join(filter(None, (_title(result), headline(result), weights, *tables)))


def as_html(result: Result) -> str:
    """Return the whole result as HTML without any script or style."""
    title = f"<h4>{escape(_title(result))}</h4>" if _title(result) else ""
    said = "".join(f"<p>{escape(text)}</p>" for text in (headline(result), *weighting_sentences(result.problem)))
    return f"{title}{said}{portfolio_table(result).as_html()}{usage_table(result).as_html()}"


def _title(result: Result) -> str:
    label = "contains synthetic entries, which are not real" if result.problem.synthetic else ""
    return " · ".join(filter(None, (result.problem.title, label)))


def _portfolio_row(result: Result, proposal_id: str, option_id: str, language: str) -> Cells:
    problem, proposal = result.problem, result.problem.by_id[proposal_id]
    option = proposal.option(option_id)
    counted = (merit_text(problem.weight(proposal, option)), merit_text(problem.worth(proposal, option)))
    title = " · ".join(filter(None, (proposal.title, heading(language, SYNTHETIC) if proposal.synthetic else "")))
    return (proposal_id, option_id, merit_text(option.merit), *(counted if problem.weighed else ()), title)


def _usage_row(result: Result, usage: Usage, language: str) -> Cells:
    place = usage.limit.place
    used, usable = (result.problem.amount_text(place, amount) for amount in (usage.used, usage.limit.usable))
    name = f"{' '.join(place)} ({heading(language, SYNTHETIC)})" if usage.limit.synthetic else " ".join(place)
    return (name, used, usable, bar(usage))


def _text_table(heading: Cells, rows: Sequence[Cells]) -> str:
    widths = [max(map(_width, column)) for column in zip(heading, *rows, strict=True)]
    lines = (
        "  ".join(_padded(cell, width) for cell, width in zip(row, widths, strict=True)) for row in (heading, *rows)
    )
    return "\n".join(line.rstrip() for line in lines)


def _padded(cell: str, width: int) -> str:
    return cell + " " * (width - _width(cell))


def _width(text: str) -> int:
    """Return how many columns a text takes in a terminal: a Chinese character takes two."""
    return sum(2 if unicodedata.east_asian_width(letter) in "WF" else 1 for letter in text)
