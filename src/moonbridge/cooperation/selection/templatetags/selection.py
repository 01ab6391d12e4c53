"""Words and numbers of decisions in templates."""

from django import template

from moonbridge.cooperation.review.merits import shown
from moonbridge.cooperation.selection.models import Outcome
from moonbridge.cooperation.selection.states import OutcomeKind
from moonbridge.cooperation.selection.wording import country_name

register = template.Library()

_TONES = {
    OutcomeKind.SELECTED: "good",
    OutcomeKind.CONDITIONAL: "warn",
    OutcomeKind.RESERVE: "info",
    OutcomeKind.LOST: "bad",
}


@register.filter
def country(code: str) -> str:
    """Return the name of a country in the reader's language."""
    return country_name(code)


@register.filter
def merit(millionths: int) -> str:
    """Return a merit as a number from 0 to 100."""
    return shown(millionths)


@register.filter
def tone(outcome: Outcome) -> str:
    """Return the tone of an outcome's badge."""
    return _TONES.get(OutcomeKind(outcome.kind), "")


@register.filter
def kind_label(kind: str) -> str:
    """Return what an outcome is called."""
    return str(OutcomeKind(kind).label)
