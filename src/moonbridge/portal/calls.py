"""Past calls of the catalogue: what was offered on which element."""

from dataclasses import dataclass

from django.utils.functional import Promise
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from moonbridge.cooperation.programmes.models import Mission
from moonbridge.cooperation.programmes.queries import Known
from moonbridge.formats.catalogue import Stage
from moonbridge.portal import labels, links
from moonbridge.portal.facts import Fact, envelope_of

STAGES: dict[str, Promise] = {
    Stage.FIRST_SELECTION: _("first selection"),
    Stage.CONFIRMATION: _("confirmation"),
}
WHOLE_MISSION = "all"


@dataclass(frozen=True, slots=True)
class Offer:
    """One line of an envelope: which element offers how much of what, in total or per item."""

    element: str
    fact: Fact

    @property
    def resource(self) -> str:
        """What is offered, as a heading."""
        return labels.label(self.fact.field)


def offers(known: Known, mission: Mission | None) -> list[Offer]:
    """Return the lines of a call's envelope with the names of the mission's elements."""
    elements = {element.slug: links.name_of(element) for element in mission.elements.all()} if mission else {}
    elements[WHOLE_MISSION] = gettext("the whole mission")
    return [Offer(elements.get(key, key), fact) for fact in envelope_of(known) for key in [fact.field.split("/")[1]]]
