"""Who may do what with a decision."""

import rules

from moonbridge.accounts.queries import Visitor
from moonbridge.cooperation.opportunities.models import Opportunity
from moonbridge.cooperation.opportunities.rules import is_office
from moonbridge.cooperation.opportunities.states import State as CallState
from moonbridge.cooperation.selection.models import Decision
from moonbridge.cooperation.selection.states import State


@rules.predicate
def is_closed(_: Visitor, opportunity: Opportunity | None) -> bool:
    """Return whether the opportunity waits for its decision."""
    return opportunity is not None and opportunity.state == CallState.CLOSED


@rules.predicate
def is_published(_: Visitor, opportunity: Opportunity | None) -> bool:
    """Return whether the decision on the opportunity is published."""
    return opportunity is not None and Decision.objects.filter(opportunity=opportunity, state=State.PUBLISHED).exists()


may_choose = is_office & is_closed
may_follow_up = is_office & is_published
