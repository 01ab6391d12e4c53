"""The closed synthetic call: the panel's scores are in, and whoever comes as the programme office may decide it."""

from datetime import datetime

from moonbridge.accounts.models import User
from moonbridge.cooperation.opportunities import actions as offering
from moonbridge.cooperation.opportunities.models import Opportunity
from moonbridge.cooperation.programmes.models import Mission
from moonbridge.site.demonstration import content, past_call
from moonbridge.site.demonstration.calls import command


def load(mission: Mission, now: datetime, *, by: User) -> Opportunity:
    """Carry the call from its draft to the panel's scores; the recommendation is left to the visitor."""
    opportunity = past_call.publish("closed", mission, now, by=by)
    proposals = past_call.receive(opportunity, content.read("closed/proposals"), now)
    opportunity = offering.close(opportunity, by=by, command=command("closed", "close"))
    past_call.score("closed", opportunity, proposals, by=by)
    return opportunity
