"""Words and colours of the desks."""

from typing import Final

from django import template
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from moonbridge.accounts.models import User
from moonbridge.cooperation.samples.models import Loan
from moonbridge.cooperation.samples.papers import offered
from moonbridge.cooperation.samples.queries.desk import What
from moonbridge.cooperation.samples.rules.lending import is_curator
from moonbridge.cooperation.samples.sankey import Sankey

register = template.Library()

COLOURS: Final = ("#3f78c4", "#c98a2b", "#3f9472", "#a05fa8", "#c2604f")
"""Each differs from light and from dark paper by more than 3 to 1."""
PAPERS: Final[dict[str, str | Promise]] = {
    "agreement": _("Loan agreement"),
    "certificate": _("Sample certificate"),
    "return": _("Return form"),
    "inventory": _("Inventory list"),
}
MATTERS: Final[dict[What, tuple[str | Promise, str]]] = {
    What.OVERDUE: (_("overdue"), "bad"),
    What.DUE: (_("due"), ""),
    What.REQUEST: (_("request waits"), "info"),
    What.QUESTION: (_("waits for you"), "info"),
    What.LAPSING: (_("to be signed"), "warn"),
    What.UNDERWAY: (_("on its way"), ""),
    What.RETURNED: (_("back, not closed"), "warn"),
    What.DIFFERENCE: (_("weighs otherwise"), "warn"),
    What.SIGNATURE: (_("waits for a second signature"), "warn"),
    What.INCIDENT: (_("missing"), "bad"),
    What.LOW: (_("low"), "warn"),
}


@register.simple_tag
def papers_of(loan: Loan) -> list[tuple[str, str | Promise]]:
    """Return the papers that there are of a loan now: the last part of the address of each, and what it is called."""
    return [(name, PAPERS[name]) for name in offered(loan)]


@register.filter
def labels_for(loan: Loan, user: User) -> bool:
    """Return whether ``user`` prints labels for the pieces of a loan."""
    return bool(is_curator(user, loan))


@register.inclusion_tag("samples/_sankey.html")
def picture(chart: Sankey, title: str) -> dict[str, object]:
    """Draw a diagram of real facts under a title, with its table."""
    return {"chart": chart, "said": {"title": title, "synthetic": False, "key": "flow"}}


@register.filter
def band_colour(number: int) -> str:
    """Return the colour of a band of a diagram."""
    return COLOURS[number % len(COLOURS)]


@register.filter
def matter_name(what: str) -> str | Promise:
    """Return why something lies on the desk, in words."""
    return MATTERS[What(what)][0]


@register.filter
def matter_tone(what: str) -> str:
    """Return how pressing it looks."""
    return MATTERS[What(what)][1]
