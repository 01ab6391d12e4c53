"""Words and amounts of opportunities in templates."""

from typing import Any

from django import template
from django.utils.translation import get_language

from moonbridge.cooperation.opportunities import reading, terms
from moonbridge.cooperation.opportunities.models import Accommodation, Amendment, EnvelopeLine, PortfolioRule

register = template.Library()


@register.filter
def named(thing: Any) -> str:
    """Return the name of a partner, mission, element or criterion in the reader's language where it has one."""
    chinese = (get_language() or "").startswith("zh")
    name: str = (chinese and thing.name_zh) or thing.name
    return name


@register.filter
def amount(line: EnvelopeLine, column: str) -> str | None:
    """Return ``total``, ``per_item`` or ``margin`` of an envelope line as text with its unit; None where no limit is stated."""
    value = getattr(line, column)
    return None if value is None else line.kind.text(value)


@register.filter
def box(room: Accommodation) -> str:
    """Return the sides of the box that is offered."""
    return terms.box_text(room)


@register.filter
def temperatures(room: Accommodation) -> str:
    """Return the temperatures that an item must bear."""
    return terms.temperature_text(room)


@register.filter
def sentences(rule: PortfolioRule) -> list[str]:
    """Return what a portfolio rule demands."""
    return list(reading.rule_sentences(rule))


@register.filter
def lines(amendment: Amendment) -> list[str]:
    """Return what an amendment changed."""
    return reading.change_lines(amendment)
