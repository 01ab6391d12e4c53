"""Codes of a receipt's content in the reader's words."""

from django import template

from moonbridge.cooperation.proposals.forms.fields import country_name
from moonbridge.cooperation.proposals.models import OptionKind, RelationKind, TeamRole

register = template.Library()
_WORDS = {choice.value: choice.label for kind in (OptionKind, RelationKind, TeamRole) for choice in kind}


@register.filter
def country(code: str) -> str:
    """Return a country's name in the reader's language; nothing for no code."""
    return country_name(code) if code else ""


@register.filter
def word(code: str) -> str:
    """Return the kind of a version, a relation or a role in the reader's language."""
    return str(_WORDS.get(code, code))
