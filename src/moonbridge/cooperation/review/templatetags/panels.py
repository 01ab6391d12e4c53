"""Words and links of a panel's pages."""

from typing import Final

from django import template
from django.template.context import RequestContext
from django.utils.functional import Promise
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import gettext_lazy as _

from moonbridge.cooperation.review import tables
from moonbridge.cooperation.review.boards import Line
from moonbridge.cooperation.review.models import Item, Verdict
from moonbridge.cooperation.review.sorting import LEFT_OUT
from moonbridge.cooperation.review.states import ItemState
from moonbridge.formats.tables.scores import score_text

register = template.Library()

SHOWN: Final[dict[str, str | Promise]] = {
    "incomplete": _("reviews missing"),
    "complete": _("all reviews there"),
    "outlying": _("with an outlying review"),
    **{str(state): state.label for state in ItemState},
    LEFT_OUT: _("not discussed"),
}
WHAT: Final[dict[str, str | Promise]] = {"declarations": _("declarations"), "reviews": _("reviews")}
NTH: Final[dict[str, str | Promise]] = {"first": _("first reminder"), "second": _("second reminder")}
TONES: Final[dict[str, str]] = {
    ItemState.OPEN: "open",
    ItemState.CLOSED: "good",
    ItemState.WAITING: "",
    Verdict.FEASIBLE: "good",
    Verdict.CONDITIONAL: "warn",
    Verdict.INFEASIBLE: "bad",
}


@register.filter
def mean_points(value: float | None) -> str:
    """Return points from 0 to 100 as the page and the file show them; a dash where there are none."""
    return tables.points(value) or "–"


@register.filter
def mark_text(thousandths: int) -> str:
    """Return a mark as people read it."""
    return score_text(thousandths)


@register.filter
def shown_name(key: str) -> str | Promise:
    """Return what can be shown alone, in words."""
    return SHOWN[key]


@register.filter
def reminded_of(key: str) -> str | Promise:
    """Return of what somebody is reminded, in words."""
    return WHAT[key]


@register.filter
def nth_reminder(key: str) -> str | Promise:
    """Return which reminder by the calendar it is, in words."""
    return NTH[key]


@register.filter
def verdict_name(verdict: str) -> str | Promise:
    """Return what a technical review finds, in words."""
    return Verdict(verdict).label


@register.filter
def tone_of(state: str) -> str:
    """Return how a state of an item or a verdict looks."""
    return TONES.get(state, "")


@register.filter
def discussion(line: Line | Item) -> str | Promise:
    """Return where an item stands in the meeting, in words."""
    if line.left_out_because:
        return SHOWN[LEFT_OUT]
    return ItemState(line.state).label if line.state else ""


@register.simple_tag(takes_context=True)
def sorted_by(context: RequestContext, key: str, name: str) -> SafeString:
    """Return the head of a column that sorts its table: once up, once more down; without scripts, and by keyboard."""
    query = context["request"].GET.copy()
    now = query.get("sort", "")
    query.pop("page", None)
    query["sort"] = f"-{key}" if now == key else key
    mark = {key: " ▲", f"-{key}": " ▼"}.get(now, "")
    return format_html('<a href="?{}">{}</a>{}', query.urlencode(), name, mark)


@register.simple_tag(takes_context=True)
def aria_sort(context: RequestContext, key: str) -> SafeString:
    """Return how a column is sorted, for those who hear the table."""
    now = context["request"].GET.get("sort", "")
    found = {key: "ascending", f"-{key}": "descending"}.get(now)
    return format_html(' aria-sort="{}"', found) if found else SafeString("")
