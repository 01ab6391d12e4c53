"""The report as a reader, a screen reader and a mail program meet it."""

import re
from html.parser import HTMLParser
from pathlib import Path

import pytest

from engines.selection.random_calls import MASS
from moonbridge.engines.selection.alternatives import near_optimal
from moonbridge.engines.selection.doubt import information
from moonbridge.engines.selection.explain import explain_all
from moonbridge.engines.selection.fairness import fairness
from moonbridge.engines.selection.frontier import Partners, frontier
from moonbridge.engines.selection.optimum import optimum
from moonbridge.engines.selection.overviews import (
    Finding,
    doubt_table,
    fairness_tables,
    frontier_table,
    near_table,
    robust_table,
    share_numbers,
)
from moonbridge.engines.selection.problem import Limit, Option, Problem, Proposal
from moonbridge.engines.selection.robustness import robustness
from moonbridge.engines.selection.rules import partners_at_least
from moonbridge.engines.selection.weighting import by_size
from moonbridge.errors import InputError
from moonbridge.formats.report import report_html, write_report

VOID = {"meta", "br", "link", "img"}


class Outline(HTMLParser):
    """Checks that every element is closed in order, and collects what a test asks for."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.open: list[str] = []
        self.tags: list[tuple[str, dict[str, str | None]]] = []
        self.feed(html)
        self.close()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append((tag, dict(attrs)))
        if tag not in VOID:
            self.open.append(tag)

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append((tag, dict(attrs)))

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop() == tag


def call(**weights: object) -> Problem:
    proposals = tuple(
        Proposal(
            name,
            (Option("full", merit, {MASS: kg * 10**6}, doubt=3),),  # type: ignore[arg-type]
            title=f"<{name}> & co",
            groups={f"country:{name}": 1},  # type: ignore[dict-item]
            synthetic=True,
        )
        for name, merit, kg in (("A", 60, 5), ("B", 50, 4), ("C", 48, 3))
    )
    limits = (Limit(*MASS, capacity=10 * 10**6), Limit("rover", "data", capacity=0))
    return Problem(limits, proposals, (partners_at_least(1),), title='A "call" <1>', seed="2026", **weights)  # type: ignore[arg-type]


def whole_report(language: str) -> str:
    result = optimum(call())
    measure = Partners()
    points = frontier(result.problem, measure)
    robust = robustness(result.problem, draws=20)
    shares = fairness(result)
    findings = [
        Finding(
            frontier_table(result.problem, measure, points, "partners", language),
            numbers=tuple((float(p.measure), float(p.merit)) for p in points),
        ),
        Finding(
            robust_table(result, robust, 0, language),
            numbers=tuple((p, float(part)) for p, part in robust.probability.items()),
        ),
        Finding(doubt_table(result.problem, information(result), language), said="which one"),
        Finding(fairness_tables(shares, language)[0], numbers=share_numbers(shares, language)),
        Finding(near_table(result.problem, near_optimal(result.problem, 5), "5", language)),
    ]
    return report_html(result, list(explain_all(result).values()), findings, language=language)


@pytest.mark.parametrize("language", ["en", "zh"])
def test_the_page_is_well_formed_needs_nothing_else_and_each_chart_has_a_text_and_a_table(language: str) -> None:
    html = whole_report(language)
    page = Outline(html)
    assert page.open == []
    names = [tag for tag, _ in page.tags]
    assert not {"script", "link", "img", "a", "iframe"} & set(names)
    assert not re.search(r"(?:src|href|xlink:href)=|url\(|@import", html)
    assert page.tags[0] == ("html", {"lang": "en" if language == "en" else "zh-Hans"})
    pictures = [attributes for tag, attributes in page.tags if tag == "svg"]
    ids = {attributes["id"] for _, attributes in page.tags if attributes.get("id")}
    assert len(pictures) == 4
    for picture in pictures:
        assert picture["role"] == "img"
        assert set(str(picture["aria-labelledby"]).split()) <= ids
    assert len(ids) == sum(1 for _, attributes in page.tags if attributes.get("id"))  # each id once
    assert names.count("table") == names.count("caption") == 7
    assert names.count("h1") == 1


def test_what_people_wrote_is_escaped_and_what_is_made_up_says_so() -> None:
    html = whole_report("en")
    assert "<h1>A &quot;call&quot; &lt;1&gt;</h1>" in html
    assert "&lt;A&gt; &amp; co · synthetic" in html
    assert "<A>" not in html
    assert "Contains synthetic entries: they are not real." in html


def test_it_says_the_portfolio_the_reasons_the_rules_and_how_to_check() -> None:
    html = whole_report("en")
    for said in (
        "2 of 3 proposals selected, merit 110, proven: no portfolio is worth more.",
        "<li>C is not selected: the best portfolio with it (option full) is worth 2 less.</li>",
        "<li>number of different country partners: at least 1</li>",
        "<li>lander mass offers 10 kg in all</li>",
        "<dd>2026</dd>",
    ):
        assert said in html
    assert re.search(r"<dd>[0-9a-f]{64}</dd>", html)
    chinese = whole_report("zh")
    assert "<li>C 未入选：包含它（方案 full）的最佳组合总得分会减少 2。</li>" in chinese
    assert "The portfolio" not in chinese


def test_a_weighing_call_says_how_it_weighs() -> None:
    html = report_html(optimum(call(weighting=by_size("3/4", {"mass": 4 * 10**6}))))
    assert "merit counts by size: it is multiplied by (size / reference)^3/4, rounded to hundredths" in html
    assert '<th scope="col">counts</th>' in html


def test_an_older_report_is_replaced_and_a_folder_that_is_not_there_is_refused(tmp_path: Path) -> None:
    file = tmp_path / "report.html"
    for text in ("first", "second"):
        write_report(text, file)
        assert [path.read_text() for path in tmp_path.iterdir()] == [text]
    with pytest.raises(InputError, match="cannot be written: No such file or directory"):
        write_report("third", tmp_path / "nowhere" / "report.html")


def test_another_language_is_refused() -> None:
    with pytest.raises(InputError, match="reports are written in en or zh, not in 'xx'"):
        report_html(optimum(call()), language="xx")
