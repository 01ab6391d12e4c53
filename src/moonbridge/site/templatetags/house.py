"""Building blocks of pages that need a little arithmetic or the address of the present page."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any
from zoneinfo import ZoneInfo

from django import template
from django.conf import settings
from django.template.context import RequestContext
from django.urls import translate_url
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import get_language, get_language_info

from moonbridge.portal.links import tag_of

register = template.Library()

INSTANT = "%Y-%m-%d %H:%M"


@dataclass(frozen=True, slots=True)
class PageLanguage:
    """The present page in one language: its BCP 47 tag, the language's own name, the address, whether it is shown now."""

    tag: str
    name: str
    url: str
    current: bool


@dataclass(frozen=True, slots=True)
class Part:
    """One piece of a bar, in percent of its length."""

    start: float
    width: float
    label: str
    tone: str


@register.simple_tag
def language_tag() -> str:
    """Return the BCP 47 tag of the language in which the page is written."""
    return tag_of(get_language() or settings.LANGUAGE_CODE)


@register.simple_tag(takes_context=True)
def page_languages(context: RequestContext) -> list[PageLanguage]:
    """Return the present page in each language of the interface; nothing where the page has no address of its own."""
    request = context.get("request")
    if request is None:
        return []
    found = [
        PageLanguage(
            tag_of(code),
            get_language_info(code)["name_local"],
            translate_url(request.get_full_path(), code),
            code == get_language(),
        )
        for code, _ in settings.LANGUAGES
    ]
    return found if len({language.url for language in found}) == len(found) else []


@register.simple_tag(takes_context=True)
def here(context: RequestContext, name: str) -> SafeString:
    """Return ``aria-current`` for a navigation link if the page, or the list it belongs to, is the one with this route name."""
    match = getattr(context.get("request"), "resolver_match", None)
    if match is None or match.url_name is None or _family(match.url_name) != _family(name):
        return SafeString("")
    return format_html(' aria-current="{}"', "page" if match.url_name == name else "true")


def _family(route: str) -> str:
    """Return what a route is about: ``mission`` of ``mission-list``."""
    return route.partition("-")[0]


@register.simple_tag(takes_context=True)
def with_query(context: RequestContext, **changes: Any) -> str:
    """Return the query string of the present page with ``changes``."""
    query = context["request"].GET.copy()
    for key, value in changes.items():
        query[key] = str(value)
    return str(query.urlencode())


@register.inclusion_tag("components/clock.html")
def clock(instant: datetime | None, zone: str = "UTC") -> dict[str, Any]:
    """Show ``instant`` in ``zone`` and in UTC; scripts add the time left. None is shown as unknown."""
    if instant is None:
        return {"utc": None}
    local, utc = instant.astimezone(ZoneInfo(zone)).strftime(INSTANT), instant.astimezone(UTC).strftime(INSTANT)
    return {"iso": instant.astimezone(UTC).isoformat(), "local": local, "utc": utc, "zone": zone}


@register.inclusion_tag("components/bar.html")
def bar(label: str, used: int, offered: int | None, text: str) -> dict[str, Any]:
    """Show ``used`` against ``offered`` (same base unit); ``text`` says both in words. Beyond the limit the bar turns red."""
    return stacked_bar(label, [(label, used)], offered, text)


@register.inclusion_tag("components/bar.html")
def stacked_bar(label: str, pieces: Iterable[tuple[str, int]], offered: int | None, text: str) -> dict[str, Any]:
    """Show several pieces (label, amount) behind each other against ``offered``; None means no limit is known."""
    pieces = list(pieces)
    total = sum(amount for _, amount in pieces)
    scale = max(total, offered or 0) or 1
    over = offered is not None and total > offered
    return {
        "label": label,
        "text": text,
        "over": over,
        "parts": _parts(pieces, scale, over=over),
        "limit": round(100 * offered / scale, 3) if over and offered is not None else None,
    }


def _parts(pieces: list[tuple[str, int]], scale: int, *, over: bool) -> list[Part]:
    parts, start = [], 0
    for position, (label, amount) in enumerate(pieces):
        tone = "over" if over else ("used second" if position % 2 else "used")
        parts.append(Part(round(100 * start / scale, 3), round(100 * amount / scale, 3), label, tone))
        start += amount
    return parts
