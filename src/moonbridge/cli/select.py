"""``moonbridge select``: choose the best portfolio of a call, and say why."""

import json
from dataclasses import dataclass, fields
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from moonbridge.errors import InputError, NotProven

if TYPE_CHECKING:
    from moonbridge.engines.selection.overviews import Finding
    from moonbridge.engines.selection.problem import Problem
    from moonbridge.engines.selection.result import Explanation, Result
    from moonbridge.engines.selection.tables import Table

_PIPE_WIDTH = 160
"""Columns of a table that nobody looks at in a window: enough not to cut what the next program reads."""

_NUMBERS = frozenset(
    ("weight", "counts", "used", "of", "more", "part", "doubt", "distance", "value", "asked", "got", "ratio")
) | frozenset(
    (
        "reaches",
        "bound",
        "capacity",
        "added",
        "loosemore-hanby",
        "gallagher",
        "sainte-lague",
        "now",
        "then",
        "price",
        "price part",
    )
)
"""Columns whose cells stand to the right."""


def select(
    call: Annotated[Path, typer.Argument(help="The call: a .toml, .json or .csv file.")],
    *,
    scores: Annotated[
        Path | None, typer.Option(help="A CSV file with the columns proposal, merit, perhaps option.")
    ] = None,
    explain: Annotated[
        list[str] | None, typer.Option(help="Say why this proposal is in or out; repeatable; 'all'.")
    ] = None,
    language: Annotated[str, typer.Option(help="The language of explanations: en or zh.")] = "en",
    time_limit: Annotated[
        float | None, typer.Option(min=0.1, help="Stop after so many seconds with the best found.")
    ] = None,
    what_if: Annotated[
        list[str] | None, typer.Option(help="Solve with another capacity, as in 'lander mass+5kg'; repeatable.")
    ] = None,
    steps: Annotated[
        str | None,
        typer.Option(help="Say what more of one limit would buy, bit by bit up to, say, 'lander mass+20kg'."),
    ] = None,
    against: Annotated[
        str | None,
        typer.Option("--frontier", help="Weigh merit against partners, a kind, a group, or 'unused lander mass'."),
    ] = None,
    near: Annotated[
        str | None, typer.Option(help="Also show the portfolios at most so much merit below the best.")
    ] = None,
    reserve: Annotated[bool, typer.Option("--reserve", help="Say who comes in for each possible loss.")] = False,
    robust: Annotated[
        bool,
        typer.Option("--robust", help="Draw the merits within their doubt, and say which doubt is worth a review."),
    ] = False,
    draws: Annotated[int, typer.Option(min=1, help="How many draws for --robust.")] = 1000,
    seed: Annotated[int, typer.Option(help="The seed of the draws for --robust.")] = 0,
    covariance: Annotated[
        Path | None, typer.Option(help="A CSV file with the covariance of the merits, for --robust.")
    ] = None,
    fairness: Annotated[
        str | None,
        typer.Option(help="Measure who asked and got how much, and who envies whom: by country, theme, or one group."),
    ] = None,
    prices: Annotated[bool, typer.Option("--prices", help="Say what each rule costs in merit.")] = False,
    html: Annotated[
        Path | None,
        typer.Option(help="Write a report of everything asked for as one HTML file; replaces an older one."),
    ] = None,
    certificate: Annotated[Path | None, typer.Option(help="Write a signed certificate here; needs --key.")] = None,
    key: Annotated[Path | None, typer.Option(help="A file with the 32-byte Ed25519 seed in base64.")] = None,
    as_json: Annotated[bool, typer.Option("--json", help="Print JSON for programs.")] = False,
) -> None:
    """Choose the portfolio with the greatest merit within every limit and rule of CALL, and prove that none is better."""
    problem = _problem(call, scores)
    wanted = _wanted(explain or [], problem)
    if language not in {"en", "zh"}:
        raise InputError(f"explanations are written in en or zh, not in {language!r}", field="--language")
    if html is not None and html.suffix.lower() not in {".html", ".htm"}:
        raise InputError("a report is an .html file", file=str(html), field="--html")
    # The solver's library takes half a second to load: only once the files are known to be good.
    from moonbridge.engines.selection.optimum import optimum
    from moonbridge.engines.selection.solver import Effort

    result = optimum(problem, effort=Effort(time_limit=time_limit))
    if certificate is not None:
        _write_certificate(result, certificate, key)
    explanations = _explanations(result, wanted) if result.proven else []
    asked = _Asked(
        what_if or [],
        steps,
        against,
        near,
        fairness,
        (draws, seed, covariance) if robust else None,
        reserve=reserve,
        prices=prices,
    )
    findings = asked.findings(result, language)
    if html is not None:
        _write_report(result, findings, html, language)
    if as_json:
        _print_json(result, explanations, findings)
    else:
        _print_tables(result, explanations, findings, language)
    if wanted and not result.proven:
        raise NotProven("only a proven portfolio can be explained; allow more time", value=str(result.value))


@dataclass(frozen=True, slots=True)
class _Asked:
    """What was asked for beyond the portfolio."""

    what_if: list[str]
    steps: str | None
    against: str | None
    near: str | None
    fairness: str | None
    draws: tuple[int, int, Path | None] | None
    reserve: bool
    prices: bool

    def findings(self, result: "Result", language: str) -> "list[Finding]":
        """Return what answers it, as tables and sentences; scenarios load much, so only if anything was asked."""
        if not any(getattr(self, field.name) for field in fields(self)):
            return []
        from moonbridge.cli import scenarios

        found = [scenarios.what_if(result, self.what_if, language)] if self.what_if else []
        found += [scenarios.steps(result, self.steps, language)] if self.steps else []
        found += [scenarios.frontier_of(result.problem, self.against, language)] if self.against else []
        found += [scenarios.alternatives(result.problem, self.near, language)] if self.near else []
        found += scenarios.robust(result, *self.draws, language) if self.draws else []
        found += scenarios.fairness_of(result, self.fairness, language) if self.fairness else []
        found += [scenarios.prices(result, language)] if self.prices else []
        return found + ([scenarios.reserve(result, language)] if self.reserve else [])


def _problem(call: Path, scores: Path | None) -> "Problem":
    from moonbridge.formats.calls.read import read_call
    from moonbridge.formats.calls.scores import read_scores

    problem = read_call(call)
    return problem if scores is None else read_scores(scores, problem)


def _wanted(ids: list[str], problem: "Problem") -> list[str]:
    if ids == ["all"]:
        return list(problem.by_id)
    for unknown in (name for name in ids if name not in problem.by_id):
        raise InputError(f"the call has no proposal {unknown!r}", field="--explain")
    return ids


def _explanations(result: "Result", wanted: list[str]) -> "list[Explanation]":
    from moonbridge.engines.selection.explain import explain

    return [explain(result, proposal_id) for proposal_id in wanted]


def _write_certificate(result: "Result", file: Path, key: Path | None) -> None:
    import binascii

    from moonbridge.engines.ledger.seal import Signer
    from moonbridge.formats.calls.certificate import certificate
    from moonbridge.formats.calls.read import text_of

    if key is None:
        raise InputError("a certificate is signed: name the file with the key", field="--key")
    try:
        signer = Signer(text_of(key).strip())
    except (binascii.Error, ValueError):
        raise InputError("is not a 32-byte Ed25519 seed in base64", file=str(key)) from None
    file.write_text(json.dumps(certificate(result, signer), ensure_ascii=False, indent=2) + "\n", encoding="utf-8")


def _write_report(result: "Result", findings: "list[Finding]", file: Path, language: str) -> None:
    """Write the report; it has the reasons of all proposals, where they can be given."""
    from moonbridge.formats.report import report_html, write_report

    reasons = _explanations(result, list(result.problem.by_id)) if result.proven else []
    write_report(report_html(result, reasons, findings, language=language), file)


def _print_json(result: "Result", explanations: "list[Explanation]", findings: "list[Finding]") -> None:
    from moonbridge.formats.calls.outcome import explanation_data, result_data

    data = result_data(result)
    if explanations:
        data["explanations"] = {e.proposal: explanation_data(e) for e in explanations}
    for finding in findings:
        data[finding.table.key] = finding.table.records()
    print(json.dumps(data, ensure_ascii=False, indent=2))


def _print_tables(
    result: "Result", explanations: "list[Explanation]", findings: "list[Finding]", language: str
) -> None:
    from rich.console import Console

    from moonbridge.engines.selection.remarks import remarks
    from moonbridge.engines.selection.sentences import sentence, weighting_sentences
    from moonbridge.engines.selection.tables import headline, portfolio_table, usage_table
    from moonbridge.engines.selection.words import say

    console = Console(highlight=False)
    if not console.is_terminal:
        console = Console(highlight=False, width=_PIPE_WIDTH)
    if result.problem.title:
        console.print(result.problem.title, style="bold", markup=False, soft_wrap=True)
    if result.problem.synthetic:
        console.print(say(language, "synthetic"), style="yellow", soft_wrap=True)
    for said in (*remarks(result.problem, language), *weighting_sentences(result.problem, language)):
        console.print(said, markup=False, soft_wrap=True)
    console.print(_table(portfolio_table(result, language)))
    console.print(_table(usage_table(result, language)))
    console.print(headline(result, language) + say(language, "stop"), markup=False, soft_wrap=True)
    for finding in findings:
        console.print(f"\n{finding.table.title}", style="bold", markup=False, soft_wrap=True)
        if finding.table.rows:
            console.print(_table(finding.table))
        if finding.said:
            console.print(finding.said, markup=False, soft_wrap=True)
    for explanation in explanations:
        console.print(f"\n{sentence(explanation, language)}", markup=False, soft_wrap=True)


def _table(table: "Table") -> Any:
    from rich.markup import escape
    from rich.table import Table as Printed

    printed = Printed(box=None, header_style="bold", pad_edge=False)
    for column, name in zip(table.columns, table.heading, strict=True):
        printed.add_column(name, justify="right" if column in _NUMBERS or column.startswith("merit") else "left")
    for row in table.rows:
        printed.add_row(*(escape(cell) for cell in row))
    return printed
