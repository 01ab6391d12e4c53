"""The synthetic call under review: its proposals are before two panels, and everybody who has a part in that may come and see it."""

from datetime import datetime
from typing import Any

from moonbridge.accounts.models import User
from moonbridge.cooperation.opportunities import actions as offering
from moonbridge.cooperation.opportunities.models import Opportunity
from moonbridge.cooperation.programmes.models import Mission
from moonbridge.site.demonstration import content, past_call, people
from moonbridge.site.demonstration.calls import command
from moonbridge.site.demonstration.panels import Story


def load(mission: Mission, now: datetime, *, by: User) -> Opportunity:
    """Carry the call from its draft to the meeting of its science panel; everything after that is left to the visitor."""
    opportunity = past_call.publish("review", mission, now, by=by)
    told = [row | {"lead": _lead(row)} for row in content.read("review/proposals")]
    proposals = past_call.receive(opportunity, told, now)
    opportunity = offering.close(opportunity, by=by, command=command("review", "close"))
    Story(opportunity, proposals, by=by).tell()
    return opportunity


def _lead(row: dict[str, Any]) -> str:
    """Return the address of a team's lead, made now. Each team has a domain of its own: sharing one with a reviewer is a conflict."""
    institution, country = row["team"][0]["institution"], row["team"][0]["country"]
    address = f"lead@{row['key'].lower()}.example"
    return people.person(address, name=f"Team lead, {row['key']}", institution=institution, country=country).email
