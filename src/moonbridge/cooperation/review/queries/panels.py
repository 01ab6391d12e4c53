"""What is before a panel, and what could be."""

from django.db.models import Count, Exists, OuterRef, Q, QuerySet, Subquery
from django.db.models.functions import Coalesce

from moonbridge.accounts.models import User
from moonbridge.cooperation.proposals.models import Proposal
from moonbridge.cooperation.proposals.states import State as ProposalState
from moonbridge.cooperation.review.models import Item, Panel, Review
from moonbridge.cooperation.review.queries.referees import invitations_of_office
from moonbridge.cooperation.review.queries.rounds import rounds_of_office
from moonbridge.cooperation.review.sight import Sight
from moonbridge.cooperation.review.states import ACTIVE, ReviewState


def panels_of_office(user: User) -> QuerySet[Panel]:
    """Return the panels of the agencies whose office ``user`` is."""
    return Panel.objects.filter(round__in=rounds_of_office(user)).select_related("round__opportunity__agency")


def with_invitations(user: User, panels: QuerySet[Panel]) -> QuerySet[Panel]:
    """Return ``panels`` with how many ``invitations_sent`` there were into each, as far as ``user`` may know of them."""
    known = invitations_of_office(user).select_related(None).filter(panel=OuterRef("pk"))
    sent = known.order_by().values("panel").annotate(n=Count("pk"))
    return panels.annotate(invitations_sent=Coalesce(Subquery(sent.values("n")), 0))


def items_of(user: User, panel: Panel) -> QuerySet[Item]:
    """Return what is before ``panel`` and ``user`` runs there, with its reviews counted and whether it may still be taken away."""
    ever = Review.objects.filter(item=OuterRef("pk"))
    return (
        Item.objects.filter(Sight(user).managed(), panel=panel)
        .select_related("proposal")
        .annotate(
            given=Count("reviews", filter=Q(reviews__state__in=sorted(ACTIVE))),
            submitted=Count("reviews", filter=Q(reviews__state=ReviewState.SUBMITTED)),
            judged=Exists(ever),
        )
        .order_by("proposal__code")
    )


def free_proposals(user: User, panel: Panel) -> QuerySet[Proposal]:
    """Return the submitted proposals that are not before ``panel``, as far as ``user`` has nothing to do with them."""
    submitted = Proposal.objects.filter(opportunity=panel.round.opportunity_id, state=ProposalState.SUBMITTED)
    return submitted.filter(Sight(user).uninvolved()).exclude(items__panel=panel).order_by("code")
