"""Numbers of the studio in templates."""

from urllib.parse import parse_qsl

from django import template

from moonbridge.cooperation.selection.levers import Dial
from moonbridge.cooperation.selection.whatifs import gap_words
from moonbridge.engines.selection.problem import merit_text
from moonbridge.engines.selection.result import Result

register = template.Library()


@register.filter
def low(dial: Dial) -> str:
    """Return the least amount of a dial as digits in its unit."""
    return dial.number(dial.low)


@register.filter
def high(dial: Dial) -> str:
    """Return the largest amount of a dial as digits in its unit."""
    return dial.number(dial.high)


@register.filter
def digits(dial: Dial, amount: int) -> str:
    """Return an amount as digits in the unit of a dial."""
    return dial.number(amount)


@register.filter
def amount(dial: Dial, base_units: int) -> str:
    """Return an amount of a dial with its unit."""
    return dial.text(base_units)


@register.filter
def gap(result: Result) -> str:
    """Return how far a portfolio may be from the best, in words; empty where nothing better exists."""
    return gap_words(result)


@register.filter
def total(result: Result) -> str:
    """Return the total merit of a portfolio."""
    return merit_text(result.value)


@register.filter
def pairs(query: str) -> list[tuple[str, str]]:
    """Return the names and values of a query, for the hidden fields of a form."""
    return parse_qsl(query)
