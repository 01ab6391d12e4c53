"""Codes of a receipt's content in the reader's words."""

from typing import Any

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


@register.filter
def of_part(files: list[dict[str, Any]], part: str) -> list[dict[str, Any]]:
    """Return the files of a receipt's content that belong to its ``open`` or its ``sealed`` part."""
    return [file for file in files if file.get("sealed", False) is (part == "sealed")]
