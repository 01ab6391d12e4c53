"""Hold a call while its decision is prepared."""

from moonbridge.accounts.models import User
from moonbridge.cooperation.opportunities.actions.writing import held_by_office
from moonbridge.cooperation.opportunities.models import Opportunity
from moonbridge.cooperation.opportunities.states import TRANSITIONS


def held_to_decide(opportunity: Opportunity, by: User) -> Opportunity:
    """Return the call, locked, as an officer of its agency, while it can still be decided on; refuse all else."""
    held = held_by_office(opportunity, by)
    TRANSITIONS.after("decide", held.state)
    return held
