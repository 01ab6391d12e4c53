"""A result as tables: plain text for a terminal or a notebook's text, HTML for a notebook, rows for whoever draws it."""

from collections.abc import Sequence
from fractions import Fraction
from html import escape
from typing import Final

from moonbridge.engines.selection.problem import merit_text
from moonbridge.engines.selection.result import Result, Usage

SYNTHETIC: Final = "synthetic"
"""The label of what is not real."""
_BAR: Final = 20
_PORTFOLIO: Final = ("proposal", "option", "merit", "")
_ENVELOPE: Final = ("limit", "used", "of", "")

type Cells = tuple[str, ...]
"""One row of a table."""


def headline(result: Result) -> str:
    """Return one line: how many are selected, what they are worth, and whether that is proven."""
    count = f"{len(result.choices)} of {len(result.problem.proposals)} proposals selected"
    if result.proven:
        return f"{count}, merit {merit_text(result.value)}, proven: no portfolio is worth more"
    most = merit_text(sum(result.bounds, Fraction(0)))
    return f"{count}, merit {merit_text(result.value)}, the best found in the time given; no portfolio exceeds {most}"


def portfolio_rows(result: Result) -> list[Cells]:
    """Return proposal, option, merit and title of each selected proposal; what is synthetic says so."""
    rows: list[Cells] = []
    for proposal_id, option_id in result.choices.items():
        proposal = result.problem.by_id[proposal_id]
        title = " · ".join(filter(None, (proposal.title, SYNTHETIC if proposal.synthetic else "")))
        rows.append((proposal_id, option_id, merit_text(proposal.option(option_id).merit), title))
    return rows


def usage_rows(result: Result) -> list[Cells]:
    """Return limit, amount used, amount usable and a bar for each limit."""
    return [_usage_row(result, usage) for usage in result.usage]


def percent(usage: Usage) -> int:
    """Return how much of what may be given away is used, in whole percent, rounded down; 100 where nothing is offered."""
    return 100 * usage.used // usage.limit.usable if usage.limit.usable else 100


def bar(usage: Usage) -> str:
    """Return the use of a limit as a bar of blocks and its percentage."""
    full = percent(usage) * _BAR // 100
    return f"{'█' * full}{'░' * (_BAR - full)} {percent(usage)} %"


def as_text(result: Result) -> str:
    """Return the whole result as text in fixed columns."""
    tables = (_text_table(_PORTFOLIO, portfolio_rows(result)), _text_table(_ENVELOPE, usage_rows(result)))
    return "\n\n".join(filter(None, (_title(result), headline(result), *tables)))


def as_html(result: Result) -> str:
    """Return the whole result as HTML without any script or style."""
    title = f"<h4>{escape(_title(result))}</h4>" if _title(result) else ""
    tables = _html_table(_PORTFOLIO, portfolio_rows(result)) + _html_table(_ENVELOPE, usage_rows(result))
    return f"{title}<p>{escape(headline(result))}</p>{tables}"


def _title(result: Result) -> str:
    label = "contains synthetic entries, which are not real" if result.problem.synthetic else ""
    return " · ".join(filter(None, (result.problem.title, label)))


def _usage_row(result: Result, usage: Usage) -> Cells:
    place = usage.limit.place
    used, usable = (result.problem.amount_text(place, amount) for amount in (usage.used, usage.limit.usable))
    name = f"{' '.join(place)} ({SYNTHETIC})" if usage.limit.synthetic else " ".join(place)
    return (name, used, usable, bar(usage))


def _text_table(heading: Cells, rows: Sequence[Cells]) -> str:
    widths = [max(len(cell) for cell in column) for column in zip(heading, *rows, strict=True)]
    lines = ("  ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)) for row in (heading, *rows))
    return "\n".join(line.rstrip() for line in lines)


def _html_table(heading: Cells, rows: Sequence[Cells]) -> str:
    def line(cells: Cells, tag: str) -> str:
        return "<tr>" + "".join(f"<{tag}>{escape(cell)}</{tag}>" for cell in cells) + "</tr>"

    return f"<table>{line(heading, 'th')}{''.join(line(row, 'td') for row in rows)}</table>"
