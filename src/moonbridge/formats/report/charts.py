"""The report's charts as SVG with a title and a description, drawn by Vega-Lite without a browser.

Each stands beside a table with the same numbers, so nobody needs the picture.
"""

import re
from collections.abc import Sequence
from html import escape
from typing import Any, Final

import altair as alt
import vl_convert

BLUE: Final = "#3f78c4"
AMBER: Final = "#c98a2b"
"""Both differ from white paper, and from each other, by more than 3 to 1 in luminance or clearly in hue."""
_WIDTH: Final = 640
_ROW: Final = 24


def stacked_bars(rows: Sequence[tuple[str, str, float]], axis: str) -> Any:
    """Return horizontal bars on a scale to 100: ``rows`` are (bar, piece, percent), in the order to be shown."""
    data = [
        {"bar": bar, "piece": piece, "percent": percent, "order": number}
        for number, (bar, piece, percent) in enumerate(rows)
    ]
    bars = list(dict.fromkeys(bar for bar, _, _ in rows))
    return (
        alt.Chart(alt.InlineData(values=data), width=_WIDTH, height=alt.Step(_ROW))
        .mark_bar(color=BLUE, stroke="white", strokeWidth=1.5)
        .encode(
            y=alt.Y("bar:N", sort=bars, title=None, axis=_names()),
            x=alt.X("percent:Q", title=axis, scale=alt.Scale(domain=[0, 100])),
            order=alt.Order("order:Q"),
        )
    )


def bars(rows: Sequence[tuple[str, float]], axis: str) -> Any:
    """Return horizontal bars: ``rows`` are (name, length between 0 and 1)."""
    data = [{"name": name, "length": length} for name, length in rows]
    return (
        alt.Chart(alt.InlineData(values=data), width=_WIDTH, height=alt.Step(_ROW))
        .mark_bar(color=BLUE)
        .encode(
            y=alt.Y("name:N", sort=[name for name, _ in rows], title=None, axis=_names()),
            x=alt.X("length:Q", title=axis, scale=alt.Scale(domain=[0, 1])),
        )
    )


def points(rows: Sequence[tuple[float, float]], across: str, up: str) -> Any:
    """Return points joined by steps: ``rows`` are (measure, merit)."""
    chart = alt.Chart(alt.InlineData(values=[{"measure": x, "merit": y} for x, y in rows]), width=_WIDTH, height=260)
    x = alt.X("measure:Q", title=across, scale=alt.Scale(zero=False, nice=True))
    y = alt.Y("merit:Q", title=up, scale=alt.Scale(zero=False, nice=True))
    line = chart.mark_line(color=BLUE, interpolate="step-before").encode(x=x, y=y)
    return line + chart.mark_point(color=BLUE, filled=True, size=70).encode(x=x, y=y)


def shares(rows: Sequence[tuple[str, str, float, float]], asked: str, got: str) -> Any:
    """Return two bars for each group, faceted by what was divided: ``rows`` are (what, group, asked, got) in percent."""
    data = [
        {"what": what, "group": group, "which": name, "percent": percent}
        for what, group, first, second in rows
        for name, percent in ((asked, first), (got, second))
    ]
    whats, groups = list(dict.fromkeys(row[0] for row in rows)), list(dict.fromkeys(row[1] for row in rows))
    base = alt.Chart(width=_WIDTH // 2 - 80, height=alt.Step(_ROW / 2)).mark_bar()
    drawn = base.encode(
        y=alt.Y("group:N", sort=groups, title=None, axis=_names()),
        yOffset=alt.YOffset("which:N", sort=[asked, got]),
        x=alt.X("percent:Q", title=None),
        color=alt.Color(
            "which:N",
            title=None,
            scale=alt.Scale(domain=[asked, got], range=[AMBER, BLUE]),
            legend=alt.Legend(orient="top", labelLimit=300),
        ),
    )
    return drawn.facet(facet=alt.Facet("what:N", sort=whats, title=None), columns=2, data=alt.InlineData(values=data))


def drawn(chart: Any, name: str, title: str, description: str) -> str:
    """Return a chart as SVG that a screen reader announces by title and description; ``name`` is unique on the page."""
    plain = chart.configure(background="transparent", font="sans-serif").configure_view(stroke=None)
    plain = plain.configure_axis(labelFontSize=13, titleFontSize=13).configure_legend(labelFontSize=13)
    picture: str = vl_convert.vegalite_to_svg(plain.to_dict())
    # The pieces' own labels would be read out one by one.
    picture = re.sub(r' (?:aria-[a-z]+|role)="[^"]*"', "", picture[picture.index("<svg") :])
    head, _, rest = picture.partition(">")
    said = f'<svg role="img" aria-labelledby="{name}-title {name}-description"'
    sizeless = re.sub(r' (?:width|height)="[^"]*"', "", head).replace("<svg", said, 1)
    width = re.search(r' width="([0-9.]+)"', head)
    limit = f' style="max-width:{width[1]}px"' if width else ""
    texts = (
        f'<title id="{name}-title">{escape(title)}</title><desc id="{name}-description">{escape(description)}</desc>'
    )
    return f"{sizeless}{limit}>{texts}{rest}"


def _names() -> alt.Axis:
    return alt.Axis(labelLimit=220, ticks=False, domain=False)
