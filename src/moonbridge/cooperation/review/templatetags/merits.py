"""Merits, places and debriefs in templates."""

from collections.abc import Mapping

from django import template

from moonbridge.cooperation.review.debriefing import in_words
from moonbridge.cooperation.review.merits import shown
from moonbridge.cooperation.review.models import PanelKind, Verdict

register = template.Library()


@register.filter
def points(millionths: int | None) -> str:
    """Return a merit or a doubt as a number from 0 to 100; a dash where there is none."""
    return "–" if millionths is None else shown(millionths)


@register.filter
def places(change: int | None) -> str:
    """Return how many places a proposal rises (+) or falls (−); a dash where it stays or nothing is known."""
    if not change:
        return "–"
    return f"+{change}" if change > 0 else f"−{-change}"


@register.filter
def words(told: Mapping[str, str], key: str) -> str:
    """Return what a debrief says under ``key``, in the reader's language where it has it."""
    return in_words(told, key)


@register.filter
def panel_kind(kind: str) -> str:
    """Return what a panel judges, in words."""
    return str(PanelKind(kind).label)


@register.filter
def verdict(value: str) -> str:
    """Return a technical verdict in words."""
    return str(Verdict(value).label)
