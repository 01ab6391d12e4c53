"""Charts as SVG that a page carries within itself: coloured by the house's style sheet, titled, described."""

import json
import re
from functools import lru_cache
from typing import Any, Final

from django.utils.html import format_html
from django.utils.safestring import SafeString, mark_safe

COLOURS: Final = ("#3f78c4", "#c98a2b", "#3f9472", "#a05fa8", "#c2604f")
"""One for each series; each differs from light and from dark paper by more than 3 to 1."""

_BAR: Final = 17
_WIDTH: Final = 720


def stacked_bars(rows: list[tuple[str, str, int]], *, title: str, description: str) -> SafeString:
    """Return horizontal bars as SVG: ``rows`` are (label of the bar, name of the piece, amount), in the order to be shown."""
    spec = json.dumps(_stacked(rows), sort_keys=True)
    return _titled(_svg(spec), title, description)


def _stacked(rows: list[tuple[str, str, int]]) -> dict[str, Any]:
    import altair as alt

    labels = list(dict.fromkeys(label for label, _piece, _amount in rows))
    pieces = list(dict.fromkeys(piece for _label, piece, _amount in rows))
    data = [
        {"label": label, "piece": piece, "amount": amount, "order": pieces.index(piece)}
        for label, piece, amount in rows
    ]
    chart = (
        alt.Chart(alt.InlineData(values=data), width=_WIDTH, height=alt.Step(_BAR + 7))
        .mark_bar(size=_BAR)
        .encode(
            y=alt.Y("label:N", sort=labels, title=None, axis=alt.Axis(labelLimit=220, ticks=False, domain=False)),
            x=alt.X("amount:Q", title=None, axis=alt.Axis(tickMinStep=1, domain=False)),
            color=alt.Color(
                "piece:N",
                sort=pieces,
                title=None,
                scale=alt.Scale(domain=pieces, range=list(COLOURS[: len(pieces)])),
                legend=alt.Legend(orient="top", direction="horizontal", labelLimit=260),
            ),
            order=alt.Order("order:Q"),
        )
        .configure(background="transparent", font="sans-serif")
        .configure_view(stroke=None)
        .configure_axis(labelFontSize=13)
        .configure_legend(labelFontSize=13)
    )
    spec: dict[str, Any] = chart.to_dict()
    return spec


@lru_cache(maxsize=16)
def _svg(spec: str) -> str:
    """Render a Vega-Lite specification; the same one is rendered once."""
    import vl_convert

    picture: str = vl_convert.vegalite_to_svg(spec)
    # Inline styles and the pieces' own hover texts would be refused by the content security policy or read out one by one.
    return re.sub(r' (?:style|aria-[a-z]+|role)="[^"]*"', "", picture[picture.index("<svg") :])


def _titled(picture: str, title: str, description: str) -> SafeString:
    said = format_html(
        '<svg role="img" aria-labelledby="chart-title chart-description"><title id="chart-title">{}</title>'
        '<desc id="chart-description">{}</desc>',
        title,
        description,
    )
    head, _, rest = picture.partition(">")
    return mark_safe(said.replace("<svg", _sizeless(head), 1) + rest)  # noqa: S308 - made here from numbers and escaped names


def _sizeless(head: str) -> str:
    """Return the opening ``<svg ...`` without its fixed size, so that the picture takes the width it is given."""
    return re.sub(r' (?:width|height)="[^"]*"', "", head)
