"""Who may do what with scores, and which proposals are scored."""

from moonbridge.accounts.queries import Visitor
from moonbridge.accounts.rules import predicate
from moonbridge.cooperation.opportunities.models import Opportunity
from moonbridge.cooperation.opportunities.rules import is_office
from moonbridge.cooperation.opportunities.states import State
from moonbridge.cooperation.proposals.states import State as ProposalState
from moonbridge.formats.tables.scores import Scale, Scheme


def _is_under_review(_: Visitor, opportunity: Opportunity | None) -> bool:
    return opportunity is not None and opportunity.state == State.CLOSED


may_upload = is_office & predicate(_is_under_review)
"""The office, between the deadline and the decision."""


def scheme(opportunity: Opportunity) -> Scheme:
    """Return what may appear in a score table: the submitted proposals and the criteria with their scales."""
    submitted = opportunity.proposals.filter(state=ProposalState.SUBMITTED).order_by("code")
    return Scheme(
        tuple(submitted.values_list("code", flat=True)),
        tuple(
            Scale(
                criterion.name, criterion.lowest, criterion.highest, (criterion.name_zh,) if criterion.name_zh else ()
            )
            for criterion in opportunity.criteria.all()
        ),
    )
