"""The report's page: sections in the order in which a panel reads them, each chart with its table."""

import os
import tempfile
from collections.abc import Iterable, Sequence
from dataclasses import replace
from html import escape
from pathlib import Path
from typing import Any, Final

from moonbridge.engines.ledger.seal import digest
from moonbridge.engines.selection.overviews import Finding
from moonbridge.engines.selection.problem import Problem
from moonbridge.engines.selection.result import Explanation, Result
from moonbridge.engines.selection.sentences import rule_sentence, sentences, source_sentence, weighting_sentences
from moonbridge.engines.selection.tables import Table, headline, percent, portfolio_table, usage_table
from moonbridge.engines.selection.words import say
from moonbridge.errors import InputError
from moonbridge.formats.calls.write import call_data
from moonbridge.formats.report import charts
from moonbridge.formats.report.words import word

_STYLE: Final = """
:root{color-scheme:light;--ink:#1b2430;--soft:#556070;--line:#c9d1da}
body{font:16px/1.55 system-ui,"Noto Sans","Noto Sans CJK SC",sans-serif;color:var(--ink);background:#fff;
max-width:60rem;margin:0 auto;padding:1.5rem}
h1{font-size:1.7rem;line-height:1.25}h2{margin-top:2.5rem;border-bottom:1px solid var(--line)}h3{margin:1.4rem 0 .2rem}
figure{margin:1rem 0;overflow-x:auto}svg{width:100%;height:auto;display:block}
.table{overflow-x:auto}table{border-collapse:collapse;margin:.8rem 0;width:100%}caption{position:absolute;clip-path:inset(50%);width:1px;
height:1px;overflow:hidden;white-space:nowrap}
th,td{text-align:start;vertical-align:top;padding:.3rem .7rem .3rem 0;border-bottom:1px solid var(--line)}
dt{font-weight:600;margin-top:.6rem}dd{margin:0;overflow-wrap:anywhere}ul{padding-inline-start:1.2rem}
.notice{border-inline-start:.35rem solid #c98a2b;padding-inline-start:.8rem}
@media print{body{max-width:none;padding:0;font-size:10.5pt}h2,h3{break-after:avoid}figure,tr{break-inside:avoid}}
"""
_LANG: Final = {"en": "en", "zh": "zh-Hans"}


def report_html(
    result: Result, explanations: Sequence[Explanation] = (), findings: Sequence[Finding] = (), *, language: str = "en"
) -> str:
    """Return the report of a selection as one HTML page in ``language`` (``en`` or ``zh``), without scripts or links.

    ``explanations`` become the list of reasons; each of ``findings`` becomes a section with its table and, where it has
    numbers to draw, a chart. Raises InputError for another language.
    """
    if language not in _LANG:
        raise InputError(f"reports are written in en or zh, not in {language!r}", field="language")
    title = result.problem.title or word(language, "report")
    parts = [
        _heading(result, title, language),
        _section(word(language, "portfolio"), _table(portfolio_table(result, language), word(language, "portfolio"))),
        _section(word(language, "envelope"), _envelope(result, language)),
        _section(word(language, "reasons"), "".join(_reason(each, language) for each in explanations)),
        *(_finding(number, finding, language) for number, finding in enumerate(findings)),
        _section(word(language, "rules"), _rules(result.problem, language)),
        _section(word(language, "proof"), _proof(result, language)),
    ]
    return (
        f'<!doctype html>\n<html lang="{_LANG[language]}"><head><meta charset="utf-8">'
        "<meta http-equiv=\"Content-Security-Policy\" content=\"default-src 'none'; style-src 'unsafe-inline'\">"
        '<meta name="viewport" content="width=device-width, initial-scale=1">'
        f"<title>{escape(title)}</title><style>{_STYLE}</style></head><body><main>{''.join(parts)}</main></body></html>\n"
    )


def write_report(html: str, file: Path) -> None:
    """Write a report; an older one at the same place is replaced only when the new one is complete."""
    try:
        with tempfile.NamedTemporaryFile("w", encoding="utf-8", dir=file.parent, suffix=".html", delete=False) as part:
            part.write(html)
        Path(part.name).chmod(0o666 & ~_umask())
        Path(part.name).replace(file)
    except OSError as error:
        raise InputError(f"cannot be written: {error.strerror}", file=str(file)) from None


def _umask() -> int:
    """Return the process's file mode mask, which can only be read by setting it."""
    mask = os.umask(0o022)
    os.umask(mask)
    return mask


def _heading(result: Result, title: str, language: str) -> str:
    notice = f'<p class="notice">{escape(say(language, "synthetic"))}</p>' if result.problem.synthetic else ""
    weights = (_paragraph(said + say(language, "stop")) for said in weighting_sentences(result.problem, language))
    summary = _paragraph(headline(result, language) + say(language, "stop"))
    return f"<h1>{escape(title)}</h1>{notice}{summary}{''.join(weights)}"


def _envelope(result: Result, language: str) -> str:
    rows = [
        (" ".join(usage.limit.place), proposal, 100 * amount / usage.limit.usable)
        for usage in result.usage
        for proposal, amount in usage.by_proposal.items()
        if usage.limit.usable
    ]
    table = _table(_usage(result, language), word(language, "bars"))
    if not rows:
        return table
    chart = charts.stacked_bars(rows, word(language, "used"))
    return _figure(chart, "envelope", word(language, "bars"), word(language, "bars-description")) + table


def _usage(result: Result, language: str) -> Table:
    """Return the use of each limit with a percentage where a terminal has a bar of blocks."""
    table = usage_table(result, language)
    rows = ((*row[:-1], f"{percent(usage)} %") for row, usage in zip(table.rows, result.usage, strict=True))
    return replace(table, columns=(*table.columns[:-1], "part"), rows=tuple(rows))


def _reason(explanation: Explanation, language: str) -> str:
    proposal = explanation.problem.by_id[explanation.proposal]
    name = f"{proposal.id} {proposal.title}".strip()
    said = "".join(f"<li>{escape(part.text)}</li>" for part in sentences(explanation, language))
    return f"<h3>{escape(name)}</h3><ul>{said}</ul>"


def _finding(number: int, finding: Finding, language: str) -> str:
    table, name = finding.table, f"finding-{number}"
    chart = _chart(finding, language)
    picture = "" if chart is None else _figure(chart, name, table.title, word(language, "chart-description"))
    said = _paragraph(finding.said) if finding.said else ""
    rows = _table(table, table.title) if table.rows else ""
    return f"<section><h2>{escape(table.title)}</h2>{said}{picture}{rows}</section>"


def _chart(finding: Finding, language: str) -> Any:
    """Return the chart that suits a finding, or None where the table says it all."""
    numbers: Any = finding.numbers
    if not numbers:
        return None
    match finding.table.key:
        case "frontier":
            return charts.points(numbers, finding.table.heading[0], word(language, "merit"))
        case "robust":
            return charts.bars(numbers, word(language, "part"))
        case "fairness":
            return charts.shares(numbers, word(language, "asked"), word(language, "got"))
    return None


def _rules(problem: Problem, language: str) -> str:
    limits = (source_sentence(problem, limit, language) for limit in problem.limits)
    rules = [rule_sentence(problem, rule, language) for rule in problem.rules]
    said = [*limits, *weighting_sentences(problem, language), *(rules or [word(language, "no-rules")])]
    return _list(said)


def _proof(result: Result, language: str) -> str:
    facts = {
        "proven": word(language, "is-proven" if result.proven else "not-proven"),
        "call": digest(call_data(result.problem)),
        "seed": result.problem.seed or word(language, "no-seed"),
        "solver": result.solver,
    }
    told = "".join(f"<dt>{escape(word(language, key))}</dt><dd>{escape(fact)}</dd>" for key, fact in facts.items())
    return f"<dl>{told}</dl>{_paragraph(word(language, 'check'))}"


def _section(title: str, body: str) -> str:
    return f"<section><h2>{escape(title)}</h2>{body}</section>" if body else ""


def _figure(chart: Any, name: str, title: str, description: str) -> str:
    picture = charts.drawn(chart, name, title, description)
    return f"<figure>{picture}</figure>"


def _table(table: Table, name: str) -> str:
    """Return a table under a name; a wide one scrolls by itself, by keyboard too."""
    html = replace(table, title=name).as_html()
    return f'<div class="table" role="region" tabindex="0" aria-label="{escape(name)}">{html}</div>'


def _list(items: Iterable[str]) -> str:
    return f"<ul>{''.join(f'<li>{escape(item)}</li>' for item in items)}</ul>"


def _paragraph(text: str) -> str:
    return f"<p>{escape(text)}</p>"
