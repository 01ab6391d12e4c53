"""Merits, places and shares of scores in templates."""

from django import template

from moonbridge.cooperation.review.merits import shown

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
