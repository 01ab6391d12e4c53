"""Words and numbers of decisions in templates."""

from django import template
from django.utils.translation import gettext as _

from moonbridge.cooperation.opportunities.models import Resource
from moonbridge.cooperation.review.merits import shown
from moonbridge.cooperation.selection.facts import LineUse
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
def resource_label(name: str) -> str:
    """Return what a resource is called: the known ones in the reader's language, any other by the name the office gave it."""
    return str(Resource(name).label) if name in Resource.values else name


@register.simple_tag
def use_text(use: LineUse) -> str:
    """Return how much of a line is used, in words."""
    used = use.used_text or _("unknown")
    if not use.complete and use.used_text:
        used = _("at least %(amount)s") % {"amount": used}
    return _("%(used)s of %(offered)s") % {"used": used, "offered": use.offered_text} if use.offered_text else used


@register.filter
def tone(outcome: Outcome) -> str:
    """Return the tone of an outcome's badge."""
    return _TONES.get(OutcomeKind(outcome.kind), "")


@register.filter
def kind_label(kind: str) -> str:
    """Return what an outcome is called."""
    return str(OutcomeKind(kind).label)
