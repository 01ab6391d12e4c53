"""Who may do what with a decision."""

from moonbridge.accounts.queries import Visitor
from moonbridge.accounts.rules import predicate
from moonbridge.cooperation.opportunities.models import Opportunity
from moonbridge.cooperation.opportunities.rules import is_office
from moonbridge.cooperation.opportunities.states import State as CallState
from moonbridge.cooperation.selection.models import Decision
from moonbridge.cooperation.selection.states import State


def _is_closed(_: Visitor, opportunity: Opportunity | None) -> bool:
    return opportunity is not None and opportunity.state == CallState.CLOSED


def _is_published(_: Visitor, opportunity: Opportunity | None) -> bool:
    return opportunity is not None and Decision.objects.filter(opportunity=opportunity, state=State.PUBLISHED).exists()


may_choose = is_office & predicate(_is_closed)
"""Recommend, force, draw up, publish: the office, between the deadline and the decision."""
may_follow_up = is_office & predicate(_is_published)
"""Losses, conditions, the reserve list: the office, after the decision."""
